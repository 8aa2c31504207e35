"""Column names: cleaned for a reader, made unique, and folded to a key for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST_NAME = 200
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")


def cleaned(text: str) -> str:
    r"""Return a name without byte order mark, control and zero-width characters, trimmed.

    Examples
    --------
    >>> cleaned("\ufeff User\u00a0ID\u200b ")
    'User ID'
    """
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())


def name_key(text: str) -> str:
    """Return a name folded for comparison: ``UserID``, ``User-ID`` and ``user id`` are one.

    Examples
    --------
    >>> name_key("UserID"), name_key(" Event Type"), name_key("PRICE ($)")
    ('user_id', 'event_type', 'price')
    """
    spaced = _CAMEL.sub("_", cleaned(unicodedata.normalize("NFKC", text)))
    return _BETWEEN.sub("_", spaced.casefold()).strip("_")


def unique_names(header: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return clean, unique names for a header, and whether two columns had the same name.

    Examples
    --------
    >>> unique_names([" price ", "", "price"])
    (('price', 'column_2', 'price_2'), True)
    """
    shown = [cleaned(text)[:LONGEST_NAME].strip() for text in header]
    given = set(shown)
    taken: set[str] = set()
    names = []
    repeated = False
    for place, name in enumerate(shown, start=1):
        repeated |= bool(name) and name in taken
        wanted = name or f"column_{place}"
        if wanted in taken or (not name and wanted in given):
            wanted = _next_free(wanted, taken | given)
        taken.add(wanted)
        names.append(wanted)
    return tuple(names), repeated


def _next_free(name: str, taken: set[str]) -> str:
    number = 2
    while (candidate := f"{name[: LONGEST_NAME - 6]}_{number}") in taken:
        number += 1
    return candidate
