"""The careful way for odd dialects: Python's csv, record by record, into a plain CSV of ours."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from causal_core.errors import UnclosedQuoteError
from causal_core.ingest.dialect import SPACES, Dialect, csv_reader, unwrapped
from causal_core.language import number, t
from causal_core.remarks import flag
from causal_core.table import Drop

EXAMPLES = 5
_LONGEST_EXAMPLE = 200
_SEARCH = 2_000  # so many lines after a bad quote are given a second chance


@dataclass
class Rewriting:
    """What the careful pass found: records seen, and those left out by reason."""

    records: int = 0
    short: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, reason: str, *, name: str, line: int, text: str) -> None:
        """Count a record that is left out, and keep the first few as examples."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < EXAMPLES:
            shown.append(example(name, t("line {line}", line=line), text))

    def drops(self) -> tuple[Drop, ...]:
        """Return what was left out, by reason."""
        return tuple(
            Drop(reason=reason, count=count, examples=tuple(self.examples[reason]))
            for reason, count in self.counts.items()
        )

    def flags(self) -> tuple[str, ...]:
        """Return what is to be said about the file."""
        return (flag("short_row", self.short),) if self.short else ()


def example(name: str, place: str, text: str) -> str:
    """Return how a row that was left out is shown: file, place and its text, cut."""
    shown = text.rstrip("\r\n")
    cut = shown if len(shown) <= _LONGEST_EXAMPLE else shown[:_LONGEST_EXAMPLE] + "…"
    return f"{name}, {place}: {cut}"


def rewrite(
    source: Path, target: Path, dialect: Dialect, *, name: str, pad_short: bool
) -> Rewriting:
    """Write a text's rows as plain CSV (commas, doubled quotes, line feeds, no header).

    Short rows are filled up where `pad_short` says so (an event may lack its last fields), and
    left out otherwise; long rows, bad quotes and huge records are left out. All are counted.

    Raises
    ------
    UnclosedQuoteError
        If a quote is opened and not closed until the end of the file.
    """
    found = Rewriting()
    with (
        source.open(encoding="utf-8", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        for line, fields, text in _records(lines, dialect, name, found):
            kept = _fitted(line, fields, text, dialect, found, name=name, pad_short=pad_short)
            if kept is not None:
                writer.writerow(kept)
    return found


def _fitted(
    line: int, fields: list[str], text: str, dialect: Dialect, found: Rewriting, *, name: str,
    pad_short: bool,
) -> list[str] | None:  # fmt: skip
    """Return a record with the right number of fields, or None if it is left out."""
    found.records += 1
    missing = dialect.fields - len(fields)
    if missing < 0 and not any(cell.strip() for cell in fields[missing:]):
        return fields[:missing]
    if missing < 0:
        found.leave_out("long_row", name=name, line=line, text=text)
        return None
    if missing > 0:
        found.short += 1
        if not pad_short:
            found.leave_out("short_row", name=name, line=line, text=text)
            return None
    return fields + [""] * missing


def _records(
    stream: IO[str], dialect: Dialect, name: str, found: Rewriting
) -> Iterator[tuple[int, list[str], str]]:
    """Yield line number, fields and text of every record below the header."""
    source = _Lines(stream, dialect)
    source.skip(dialect.lines_above)
    while True:
        line = source.number + 1
        try:
            fields = source.next_record()
        except StopIteration:
            return
        except csv.Error as error:
            _after_fault(error, source, line, name, found)
            continue
        if fields:
            yield line, fields, source.text()


def _after_fault(error: csv.Error, source: _Lines, line: int, name: str, found: Rewriting) -> None:
    """Leave out the faulty record's first line alone, and go on with the next line."""
    if "unexpected end" in str(error) or len(source.taken) > _SEARCH:
        reason = t("a quote opened in line {line} is never closed.", line=number(line))
        remedy = t("Close or remove the quote in that line.")
        raise UnclosedQuoteError(name=name, reason=reason, help=remedy, line=line)
    reason = "too_long" if "field larger" in str(error) else "bad_quoting"
    found.records += 1
    found.leave_out(reason, name=name, line=line, text=source.taken[0])
    source.rewind_to_second_line()


class _Lines:
    """Physical lines, numbered, with the lines of the present record kept to step back to."""

    def __init__(self, stream: IO[str], dialect: Dialect) -> None:
        self._stream = stream
        self._dialect = dialect
        self._waiting: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []
        self._reader = self._new_reader()

    def _new_reader(self) -> Iterator[list[str]]:
        return csv_reader(self._plain_lines(), self._dialect, strict=True)

    def _plain_lines(self) -> Iterator[str]:
        comment = self._dialect.comment
        while (line := self._next_line()) is not None:
            first = len(self.taken) == 1
            yield "\n" if first and comment and line.startswith(comment) else line

    def _next_line(self) -> str | None:
        line = self._waiting.popleft() if self._waiting else next(self._stream, None)
        if line is not None:
            self.number += 1
            self.taken.append(line)
        return line

    def skip(self, lines: int) -> None:
        """Pass over the lines above the first row."""
        for _ in range(lines):
            self._next_line()

    def next_record(self) -> list[str]:
        """Return the next record's fields; none for a blank line or a comment."""
        self.taken = []
        if self._dialect.delimiter == SPACES:
            line = self._next_line()
            if line is None:
                raise StopIteration
            marked = self._dialect.comment and line.startswith(self._dialect.comment)
            return [] if marked else line.split()
        return unwrapped(next(self._reader), self._dialect)

    def rewind_to_second_line(self) -> None:
        """Step back so that the next record begins with the second line of this one."""
        again = self.taken[1:]
        self._waiting.extendleft(reversed(again))
        self.number -= len(again)
        self.taken = []
        self._reader = self._new_reader()

    def text(self) -> str:
        """Return the present record as it stands in the file."""
        return "".join(self.taken)
