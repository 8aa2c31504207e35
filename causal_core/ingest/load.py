"""From a UTF-8 text to DuckDB's table of texts, exact in every cell. Takes text and dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from causal_core.errors import NoRowsError, TooManyColumnsError
from causal_core.ingest.dialect import Dialect
from causal_core.ingest.engine import Engine
from causal_core.ingest.records import EXAMPLES, example, rewrite
from causal_core.ingest.source import BLOCK, Text
from causal_core.language import number, t
from causal_core.remarks import flag
from causal_core.table import Drop

MOST_COLUMNS = 4_000
_COMPARED = 40  # so many cells tell a repeated header
_TOTAL = re.compile(r"(grand\s+)?totals?|sum(me)?|gesamt|合计|总计", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What came into the engine, and what did not."""

    rows_read: int
    drops: tuple[Drop, ...]
    flags: tuple[str, ...]


def load(
    engine: Engine,
    text: Text,
    dialect: Dialect,
    folder: Path,
    *,
    name: str,
    pad_short: bool = False,
    exact: bool = False,
) -> Loaded:
    """Bring the rows of a text into the engine.

    `exact` keeps rows that a person's file would have by accident (empty, totals, repeated
    header): a file that we wrote ourselves has them on purpose.

    DuckDB reads the text itself where the dialect is plain; where it is not, or where DuckDB
    rejected a line or disagrees with the count of lines, Python's csv rewrites the text first.

    Raises
    ------
    NoRowsError, TooManyColumnsError, UnclosedQuoteError
        If there is no row, if there are too many columns, if a quote is never closed.
    """
    if dialect.fields > MOST_COLUMNS:
        reason = t("it has {columns} columns.", columns=number(dialect.fields))
        remedy = t("Leave columns out: at most {most} are read.", most=number(MOST_COLUMNS))
        raise TooManyColumnsError(name=name, reason=reason, help=remedy)
    if _directly(engine, text, dialect):
        loaded = Loaded(rows_read=engine.count(), drops=(), flags=())
    else:
        loaded = _carefully(engine, text, dialect, folder, name=name, pad_short=pad_short)
    return loaded if exact else _without_strays(engine, loaded, dialect, name)


def _directly(engine: Engine, text: Text, dialect: Dialect) -> bool:
    """Let DuckDB read the text; return whether it surely read every record."""
    windows = text.carriage_returns > 0
    alike = not windows or text.carriage_returns == text.windows_ends == text.newlines
    if not dialect.plain or not alike:
        return False
    expected = _records_in(text) if text.quotes else text.newlines + text.ends_open
    if expected < 0:
        return False
    whole = engine.load_csv(
        text.path,
        columns=dialect.fields,
        delimiter=dialect.delimiter,
        windows=windows,
        lines_above=dialect.lines_above,
    )
    if not whole or engine.count() != expected - dialect.lines_above:
        return False
    first = engine.rows("SELECT * FROM raw LIMIT 1")
    return not first or [cell or "" for cell in first[0]] == list(dialect.first_row)


def _records_in(text: Text) -> int:
    """Count the line ends outside quotes (−1 if a quote stays open)."""
    import numpy as np

    inside = 0
    ends = 0
    with text.path.open("rb") as stream:
        while block := stream.read(BLOCK):
            marks = np.frombuffer(block, dtype=np.uint8)
            marks = marks[(marks == ord('"')) | (marks == ord("\n"))]
            quotes = marks == ord('"')
            open_at = (np.cumsum(quotes) + inside) % 2
            ends += int(((open_at == 0) & ~quotes).sum())
            inside = (inside + int(quotes.sum())) % 2
    return -1 if inside else ends + text.ends_open


def _carefully(
    engine: Engine, text: Text, dialect: Dialect, folder: Path, *, name: str, pad_short: bool
) -> Loaded:
    plain = folder / "plain.csv"
    found = rewrite(text.path, plain, dialect, name=name, pad_short=pad_short)
    left_out = sum(found.counts.values())
    engine.load_csv(plain, columns=dialect.fields, delimiter=",", windows=False, lines_above=0)
    if engine.count() != found.records - left_out:
        raise RuntimeError("the engine lost rows of a plain CSV")  # a bug of ours, never the file's
    plain.unlink()
    return Loaded(rows_read=found.records, drops=found.drops(), flags=found.flags())


def _without_strays(engine: Engine, loaded: Loaded, dialect: Dialect, name: str) -> Loaded:
    """Take out repeated headers, a line of totals at the end, and rows without any value."""
    flags = list(loaded.flags)
    rows_read = loaded.rows_read
    if repeated := _repeated_headers(engine, dialect):
        flags.append(flag("repeated_header", repeated))
        rows_read -= repeated
    if _total_below(engine):
        flags.append("footer")
        rows_read -= 1
    empty = _empty_rows(engine, name)
    if engine.count() == 0:
        _refuse_rowless(loaded.rows_read, dialect, name)
    return replace(loaded, rows_read=rows_read, flags=tuple(flags), drops=(*loaded.drops, *empty))


def _refuse_rowless(left_out: int, dialect: Dialect, name: str) -> NoReturn:
    reason = t("it has a header and no rows.") if dialect.header else t("it has no rows.")
    remedy = t("Choose a file that has rows.")
    if left_out:
        reason = t("none of its {rows} rows fits its columns.", rows=number(left_out))
        remedy = t("Put fields that hold the delimiter in quotes, or state the delimiter.")
    raise NoRowsError(name=name, reason=reason, help=remedy)


def _repeated_headers(engine: Engine, dialect: Dialect) -> int:
    if dialect.header is None:
        return 0
    compared = dialect.header[:_COMPARED]
    same = " AND ".join(f"coalesce(c{place}, '') = ?" for place in range(len(compared)))
    return engine.delete(same, *compared)


def _total_below(engine: Engine) -> bool:
    """Remove the last row if it is a line of totals: it says so, and has gaps."""
    last = engine.value("SELECT max(rowid) FROM raw")
    found = engine.rows("SELECT * FROM raw WHERE rowid = ?", last)
    cells = [str(cell or "").strip() for cell in found[0]] if found else []
    filled = [cell for cell in cells if cell]
    says_so = bool(filled) and bool(_TOTAL.fullmatch(filled[0].rstrip(":")))
    if not says_so or len(cells) < 2 or len(filled) > 0.7 * len(cells):
        return False
    return bool(engine.delete("rowid = ?", last))


def _empty_rows(engine: Engine, name: str) -> tuple[Drop, ...]:
    cells = ", ".join(f"c{place}" for place in range(engine.columns))
    empty = f"coalesce({cells}) IS NULL"
    places = engine.rows(f"SELECT rowid FROM raw WHERE {empty} LIMIT {EXAMPLES}")
    if not places:
        return ()
    shown = tuple(example(name, t("row {row}", row=int(str(place[0])) + 1), "") for place in places)
    return (Drop(reason="empty_row", count=engine.delete(empty), examples=shown),)
