"""How a text is divided into fields, and where its rows begin. Takes its head, gives a dialect."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from causal_core.errors import NotCsvError
from causal_core.ingest.header import Header, find_header
from causal_core.ingest.names import name_key
from causal_core.ingest.refusal import refuse_empty
from causal_core.ingest.source import Text
from causal_core.ingest.vocabulary import is_known_name
from causal_core.language import t

if TYPE_CHECKING:
    from _csv import Reader

SPACES = " "  # runs of blanks between fields
_CANDIDATES = (",", ";", "\t", "|")
_SAMPLE = 400
LONGEST_RECORD = 4 << 20
_COMMENTS = ("#", "//")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the rows are written, and what stands above them."""

    delimiter: str
    quote: str = '"'
    escape: str = ""  # a backslash, or nothing where quotes are doubled
    trims: bool = False  # a blank after the delimiter does not belong to the field
    comment: str = ""
    wrapped: bool = False  # whole lines in one more pair of quotes
    header: tuple[str, ...] | None = None
    lines_above: int = 0  # physical lines before the first row
    spread: bool = False  # a quoted line end stands above the first row
    first_row: tuple[str, ...] = ()
    fields: int = 0
    flags: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether an ordinary CSV reader can read it without help."""
        special = self.escape or self.comment or self.wrapped or self.trims or self.spread
        return not special and self.quote == '"' and self.delimiter != SPACES


@dataclass(frozen=True)
class Record:
    """One record of the head: its fields and the line after it (0-based, physical)."""

    fields: list[str]
    next_line: int


def decide(
    text: Text, *, name: str, delimiter: str | None = None, names: Sequence[str] = ()
) -> Dialect:
    """Return the dialect of a text.

    Parameters
    ----------
    text
        A UTF-8 snapshot; only its head is looked at.
    name
        Name for error sentences.
    delimiter
        Stated delimiter, if any.
    names
        Column names that a sidecar promises: a first record that equals them is the header.

    Raises
    ------
    EmptyFileError, NotCsvError
        If there is nothing but blank lines, or no delimiter divides the lines alike.
    """
    if not text.head.strip():
        refuse_empty(name)
    lines = list(io.StringIO(text.head, newline=""))
    if not text.whole and len(lines) > 1:
        lines.pop()
    stated, start = _sep_line(lines)
    comment = _comment_mark(lines[start:])
    base = Dialect(delimiter=delimiter or stated or "", comment=comment)
    found = _best(lines, start, base, name)
    records = list(islice(_records(lines, start, found), _SAMPLE))
    if not any(record.fields for record in records):
        refuse_empty(name)  # nothing but comments, or Excel's first line
    fitted = find_header([record.fields for record in records], found.fields, names)
    if fitted.header is None and comment:
        fitted = _commented_header(
            lines[start : records[fitted.rows_from].next_line], found, fitted
        )
    above = records[fitted.rows_from - 1].next_line if fitted.rows_from else start
    rows = [record.fields for record in records[fitted.rows_from :] if record.fields]
    return replace(
        found,
        header=fitted.header,
        fields=fitted.fields,
        lines_above=above,
        spread=above != start + fitted.rows_from,
        first_row=tuple(rows[0]) if rows else (),
        flags=(*found.flags, *fitted.flags, *(("comments",) if comment else ())),
    )


def _commented_header(lines: Sequence[str], dialect: Dialect, without: Header) -> Header:
    """Take the last comment above the rows as header if it names the columns."""
    marked = [line for line in lines if line.startswith(dialect.comment)]
    cells = next(csv_reader([marked[-1].strip().lstrip(dialect.comment)], dialect), [])
    known = any(is_known_name(name_key(cell)) for cell in cells)
    if len(cells) != dialect.fields or not known:
        return without
    flags = tuple(one for one in without.flags if one != "no_header")
    return replace(without, header=tuple(cells), flags=flags)


def _sep_line(lines: Sequence[str]) -> tuple[str, int]:
    """Excel's first line ``sep=;`` states the delimiter."""
    first = lines[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) <= 5:
        return first[4:] or "\t", 1
    return "", 0


def _comment_mark(lines: Sequence[str]) -> str:
    """Return the mark that begins the first lines and not all of them: that of comments."""
    filled = [line for line in lines[:200] if line.strip()]
    for mark in _COMMENTS:
        marked = [line.startswith(mark) for line in filled]
        if marked and marked[0] and not all(marked) and sum(marked) < 0.5 * len(marked) + 1:
            return mark
    return ""


def _best(lines: Sequence[str], start: int, base: Dialect, name: str) -> Dialect:
    if base.delimiter:
        best = max(_variants(lines, start, base), key=lambda scored: scored[0])[1]
        return replace(best, fields=max(best.fields, 1))
    scored = [
        one
        for delimiter in _CANDIDATES
        for one in _variants(lines, start, replace(base, delimiter=delimiter))
    ]
    score, best = max(scored, key=lambda one: one[0])
    if score[0] < 0.5:
        score, best = _by_blanks(lines, start, base)
    if score[0] >= 0.5:
        return best
    filled = [line for line in lines[start:] if line.strip()]
    if all(len(line) < 200 and line.count(" ") < 4 for line in filled[:50]):
        return replace(base, delimiter=",", fields=1)  # one column, as a list of ids has
    reason = t("no comma, semicolon, tab or bar divides its lines into the same number of fields.")
    remedy = t("Export it as CSV with one line per row, or state the delimiter.")
    raise NotCsvError(name=name, reason=reason, help=remedy)


Score = tuple[float, float, int]


def _variants(lines: Sequence[str], start: int, base: Dialect) -> list[tuple[Score, Dialect]]:
    """Score a delimiter with doubled quotes, backslashes, blanks after it, and wrapped lines."""
    sample = "".join(lines[start : start + _SAMPLE])
    tried = [base]
    if '\\"' in sample:
        tried.append(replace(base, escape="\\"))
    if f'{base.delimiter} "' in sample:
        tried.append(replace(base, trims=True))
    if sample.startswith("'") and '"' not in sample:
        tried.append(replace(base, quote="'"))
    if sample.startswith('"'):
        tried.append(replace(base, wrapped=True, flags=("double_wrapped",)))
    return [_scored(lines, start, dialect) for dialect in tried]


def _scored(lines: Sequence[str], start: int, dialect: Dialect) -> tuple[Score, Dialect]:
    """Return how alike the records are, how tidy their fields, and how many fields they have."""
    filled = (record.fields for record in _records(lines, start, dialect) if record.fields)
    shown = list(islice(filled, _SAMPLE))
    counts = Counter(len(fields) for fields in shown)
    wide = {number: times for number, times in counts.items() if number > 1}
    if not wide:
        return (0.0, 0.0, 1), replace(dialect, fields=1)
    fields, times = max(wide.items(), key=lambda item: (item[1], item[0]))
    alike = times / len(shown)
    cells = [cell for row in shown if len(row) == fields for cell in row]
    untidy = sum(_untidy(cell, dialect) for cell in cells) / len(cells)
    return (round(alike - 0.3 * untidy, 2), -untidy, fields), replace(dialect, fields=fields)


def _untidy(cell: str, dialect: Dialect) -> bool:
    """Tell a field with stray quotes or a blank in front: it was divided at the wrong mark."""
    if len(cell) > 1 and cell[0] == cell[-1] == "'":
        return True
    return cell.startswith((" ", dialect.quote)) or cell.endswith(dialect.quote) or '\\"' in cell


def _by_blanks(lines: Sequence[str], start: int, base: Dialect) -> tuple[Score, Dialect]:
    """Columns apart by runs of blanks: only when numbers are among them, so that prose is not."""
    score, dialect = _scored(lines, start, replace(base, delimiter=SPACES))
    seen = islice(_records(lines, start, dialect), _SAMPLE)
    cells = [cell for record in seen for cell in record.fields]
    digits = sum(cell[:1].isdigit() for cell in cells[: _SAMPLE * 4])
    enough = score[0] >= 0.9 and digits >= 0.3 * min(len(cells), _SAMPLE * 4)
    return (score if enough else (0.0, 0.0, 1)), dialect


def _records(lines: Sequence[str], start: int, dialect: Dialect) -> Iterator[Record]:
    """Divide the head's lines into records; comments and blank lines have no fields."""
    if dialect.delimiter == SPACES:
        for place, line in enumerate(lines[start:], start=start):
            marked = dialect.comment and line.startswith(dialect.comment)
            yield Record([] if marked else line.split(), place + 1)
        return
    reader = csv_reader(_without_comments(lines[start:], dialect), dialect)
    try:
        for fields in reader:
            yield Record(unwrapped(fields, dialect), start + reader.line_num)
    except csv.Error:
        return


def _without_comments(lines: Sequence[str], dialect: Dialect) -> Iterator[str]:
    for line in lines:
        yield "\n" if dialect.comment and line.startswith(dialect.comment) else line


def csv_reader(lines: Iterable[str], dialect: Dialect, *, strict: bool = False) -> Reader:
    """Return Python's csv reader for the dialect, for fields as long as a record may be."""
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_RECORD))
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        doublequote=not dialect.escape,
        escapechar=dialect.escape or None,
        skipinitialspace=dialect.trims,
        strict=strict,
    )


def unwrapped(fields: list[str], dialect: Dialect) -> list[str]:
    """Divide a line once more that was wrapped as a whole."""
    if not dialect.wrapped or len(fields) != 1 or dialect.delimiter not in fields[0]:
        return fields
    return next(csv_reader([fields[0]], dialect), [])
