"""Where the header stands, if there is one. Takes the first records, gives names and a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from causal_core.ingest.names import cleaned, name_key
from causal_core.ingest.vocabulary import is_known_name

_ABOVE = 40  # a header stands within so many records
_VALUE = re.compile(
    r"[-+(]?[\d０-９][\d０-９.,:/ ×eE+\-TZ]*%?\)?|true|false|na|nan|null|none|-|\?|", re.IGNORECASE
)
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, kw_only=True)
class Header:
    """The names (None without a header), the number of fields, and the first record of data."""

    header: tuple[str, ...] | None
    fields: int
    rows_from: int
    flags: tuple[str, ...] = ()


def find_header(records: Sequence[list[str]], fields: int, names: Sequence[str]) -> Header:
    """Return the header among the first records, or that there is none.

    Parameters
    ----------
    records
        Fields of the first records; blank lines and comments have none.
    fields
        How many fields most records have.
    names
        Promised column names; a record that equals them is the header.

    Examples
    --------
    >>> rows = [["Report", "", ""], [], ["user_id", "age", "y"], ["u1", "31", "0"]]
    >>> find_header(rows, 3, ()).header, find_header(rows, 3, ()).rows_from
    (('user_id', 'age', 'y'), 3)
    >>> find_header([["1", "0.5"], ["2", "0.7"]], 2, ()).header is None
    True
    """
    at = _first_full(records, fields)
    flags = ("preamble",) if any(records[:at]) else ()
    first = records[at] if at < len(records) else []
    width = max(fields, len(first))
    rows = [record for record in records[at + 1 :] if len(record) >= width][:200]
    if names and [cleaned(cell) for cell in first] == [cleaned(name) for name in names]:
        return Header(header=tuple(first), fields=len(first), rows_from=at + 1, flags=flags)
    shorter = _shorter_header(records, at, fields)
    if shorter is not None:
        return shorter
    if _is_header(first, rows):
        return Header(header=tuple(first), fields=len(first), rows_from=at + 1, flags=flags)
    return Header(header=None, fields=fields, rows_from=at, flags=(*flags, "no_header"))


def _first_full(records: Sequence[list[str]], fields: int) -> int:
    """Return the first record of the right width that is mostly filled, or has a usual name."""
    for place, record in enumerate(records[:_ABOVE]):
        filled = [cell for cell in record if cell.strip()]
        enough = len(filled) >= max(min(2, fields), 0.5 * fields)
        if len(record) == fields and (enough or any(is_known_name(name_key(c)) for c in filled)):
            return place
    return next((place for place, record in enumerate(records) if record), 0)


def _shorter_header(records: Sequence[list[str]], at: int, fields: int) -> Header | None:
    """Return a header with one field less: rows end with a delimiter, or begin with a name."""
    above = next((place for place in range(at - 1, -1, -1) if records[place]), None)
    if above is None or len(records[above]) != fields - 1:
        return None
    names, rows = records[above], [row for row in records[at:] if len(row) == fields]
    if any(_VALUE.fullmatch(cell.strip()) for cell in names):
        return None
    if all(not row[-1].strip() for row in rows):
        return Header(header=(*names, ""), fields=fields, rows_from=above + 1)
    if len({row[0] for row in rows}) == len(rows):
        header = ("", *names)
        return Header(header=header, fields=fields, rows_from=above + 1, flags=("row_names",))
    return None


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Known names decide; then names differ from the values below them; then a majority."""
    known = sum(is_known_name(name_key(cell)) for cell in first)
    if known >= 2 or (known and len(first) <= 3):
        return True
    if not rows:
        return all(not _VALUE.fullmatch(cell.strip()) for cell in first)
    votes = [_vote(cell.strip(), [row[at] for row in rows]) for at, cell in enumerate(first)]
    if sum(votes) != 0:
        return sum(votes) > 0
    named = [cell.strip() for cell in first]
    named = [cell for cell in named if not _YEAR.fullmatch(cell)]
    return len(set(named)) == len(named) and not any(_VALUE.fullmatch(cell) for cell in named)


def _vote(cell: str, below: Sequence[str]) -> int:
    """+1 if `cell` names the column below it, −1 if it is one of its values, 0 if unclear."""
    values = [value.strip() for value in below if value.strip()]
    if not values or not cell:
        return 0
    numeric = sum(bool(_VALUE.fullmatch(value)) for value in values) > 0.8 * len(values)
    if numeric:
        if _YEAR.fullmatch(cell) and not all(_YEAR.fullmatch(value) for value in values):
            return 0
        return -1 if _VALUE.fullmatch(cell) else 1
    often = Counter(values)
    if cell in often:
        return -1
    return 1 if len(often) < 0.5 * len(values) else 0
