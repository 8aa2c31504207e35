"""What a report is made of: sections of plain blocks, which the template lays out."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.analysis import Analysis
from causal_core.figures import clipped


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The analysis as this report tells it: under which title, with which outcome in front."""

    analysis: Analysis
    title: str
    outcome: str | None
    break_even: float | None = None

    @property
    def allowed(self) -> bool:
        """Whether a headline number may be printed."""
        return self.analysis.headline

    @property
    def associational(self) -> bool:
        """Whether the words “effect” and “causes” are out of place."""
        return self.analysis.estimand is not None and not self.analysis.estimand.causal


@dataclass(frozen=True, kw_only=True)
class Words:
    """A paragraph; `tone` is plain, quiet or warning."""

    text: str
    tone: str = "plain"
    block: str = "words"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Names with what belongs to them."""

    items: tuple[tuple[str, str], ...]
    block: str = "facts"


@dataclass(frozen=True, kw_only=True)
class Points:
    """A list of sentences under an optional heading."""

    items: tuple[str, ...]
    heading: str = ""
    block: str = "points"


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table; columns whose place is in `numeric` stand flush right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    greyed: bool = False
    caption: str = ""
    block: str = "grid"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure as JSON, what it says in words, and its numbers as a table."""

    name: str
    title: str
    json: str
    height: int
    words: str
    grid: Grid
    block: str = "picture"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One check: its mark and word, what was found and, if it failed, the remedy."""

    mark: str
    state: str
    title: str
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Gates:
    """All checks before the headline."""

    items: tuple[Gate, ...]
    block: str = "gates"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Something that is not there yet, with the room that makes it.

    `needed` is whether a headline has to wait for it.
    """

    text: str
    room: str = ""
    needed: bool = True
    block: str = "slot"


Block = Words | Facts | Points | Grid | Picture | Gates | Slot


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with its blocks; a greyed one is no answer."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    greyed: bool = False


def quoted(name: object) -> str:
    """Return a column's name for a sentence, in quotation marks.

    Examples
    --------
    >>> quoted("purchase")
    '“purchase”'
    """
    return f"“{clipped(name)}”"
