"""The error that carries a code, parameters and two sentences, and how it is stored."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

from causal_core.language import listing, mark, t


class AnalysisError(Exception):
    """Something that the analyst can mend; carries a code, parameters and two sentences.

    The sentences are rendered when they are read, in the reader's language, so that an error
    made by a worker can be stored as its `record` and shown later.
    """

    code: ClassVar[str] = "analysis"
    _found: ClassVar[str] = mark("The analysis cannot go on.")
    _remedy: ClassVar[str] = mark("See the details.")

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.code)

    @property
    def found(self) -> str:
        """What was found, and where."""
        return t(self._found, **self.params)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return t(self._remedy, **self.params)

    def __str__(self) -> str:
        return f"{self.found} {self.remedy}"

    def record(self) -> dict[str, object]:
        """Return what is stored and sent: code, parameters and both sentences."""
        return {
            "code": self.code,
            "params": {key: _plain(value) for key, value in self.params.items()},
            "found": self.found,
            "remedy": self.remedy,
        }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def from_record(record: Mapping[str, object]) -> AnalysisError:
    """Return the error that `AnalysisError.record` described.

    One that this program does not know, or knows with other parameters, keeps its sentences.

    Examples
    --------
    >>> from causal_core.errors import NoTableError
    >>> from_record(NoTableError().record()).code
    'no_table'
    >>> from_record({"code": "of_tomorrow", "found": "New.", "remedy": "Wait."}).found
    'New.'
    """
    stored = record.get("params")
    params = dict(stored) if isinstance(stored, Mapping) else {}
    known = {kind.code: kind for kind in _family(AnalysisError)}
    kind = known.get(str(record.get("code")))
    with suppress(KeyError):
        if kind is not None:
            _ = kind._found.format(**params), kind._remedy.format(**params)
            error = kind.__new__(kind)
            AnalysisError.__init__(error, **params)
            return error
    return _ForeignError(**{name: str(record.get(name) or "") for name in ("found", "remedy")})


class _ForeignError(AnalysisError):
    """An error of another version of this program, with the sentences that it was stored with."""

    _found = mark("{found}")
    _remedy = mark("{remedy}")


def _family(kind: type[AnalysisError]) -> list[type[AnalysisError]]:
    return [kind, *(member for child in kind.__subclasses__() for member in _family(child))]


def nearest(name: str, available: Sequence[str]) -> str:
    """Return the sentence that helps with a mistyped name."""
    close = difflib.get_close_matches(name, available, n=1)
    if close:
        return t("Did you mean “{near}”?", near=close[0])
    return t("Choose one of: {names}.", names=listing(list(available), most=12))
