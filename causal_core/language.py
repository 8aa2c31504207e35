"""Every text that a person reads passes here. Takes an English sentence, gives it in the tongue."""

from __future__ import annotations

import gettext
import math
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

_LOCALES = Path(__file__).parent / "locales"
_language: ContextVar[str] = ContextVar("language", default="en")

MISSING = "–"


@lru_cache(maxsize=8)
def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", _LOCALES, languages=[language], fallback=True)


def use(language: str) -> None:
    """Choose the language of this context (one script run, one worker, one command)."""
    _language.set(language)


def current() -> str:
    """Return the code of the language in use, ``"en"`` unless chosen."""
    return _language.get()


def mark(message: str) -> str:
    """Mark a template for the catalogue without translating it yet."""
    return message


def t(message: str, **params: object) -> str:
    """Return `message` in the language in use, with its ``{placeholders}`` filled.

    Examples
    --------
    >>> t("{n} of {total} rows kept.", n=3, total=5)
    '3 of 5 rows kept.'
    """
    translated = _translations(_language.get()).gettext(message)
    return translated.format(**params) if params else translated


def number(value: float, *, digits: int = 0, signed: bool = False) -> str:
    """Write a number for a reader: thousands apart, a true minus, never NaN.

    Examples
    --------
    >>> number(-1234.56, digits=1)
    '−1,234.6'
    >>> number(12, signed=True)
    '+12'
    >>> number(float("nan"))
    'cannot be estimated'
    """
    if not math.isfinite(value):
        return t("cannot be estimated")
    rounded = round(value, digits) + 0.0
    text = f"{abs(rounded):,.{digits}f}"
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{text}"


def count(value: float) -> str:
    """Write a count, shortened from a million on.

    Examples
    --------
    >>> count(12330), count(30_000_000)
    ('12,330', '30.0 M')
    """
    return f"{value / 1e6:,.1f} M" if abs(value) >= 1e6 else number(value)


def percent(share: float, *, digits: int = 1) -> str:
    """Write a share in [0, 1] as a percentage.

    Examples
    --------
    >>> percent(0.314)
    '31.4 %'
    """
    return f"{number(100 * share, digits=digits)} %" if math.isfinite(share) else number(share)


def interval(low: float, high: float, *, digits: int = 0) -> str:
    """Write an interval as “4 to 20”, as ROOMS wants it.

    Examples
    --------
    >>> interval(-4.2, 20, digits=1)
    '−4.2 to 20.0'
    """
    return t("{low} to {high}", low=number(low, digits=digits), high=number(high, digits=digits))


def listing(names: list[str] | tuple[str, ...], *, most: int = 6) -> str:
    """Join names for a sentence, naming at most `most` of them.

    Examples
    --------
    >>> listing(["a", "b", "c"], most=2)
    '“a”, “b” and 1 more'
    """
    shown = ", ".join(f"“{name}”" for name in names[:most])
    left = len(names) - most
    return t("{names} and {left} more", names=shown, left=left) if left > 0 else shown
