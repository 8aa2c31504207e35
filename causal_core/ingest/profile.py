"""What a column's texts are like: counts from few passes over DuckDB's table of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from causal_core.ingest import values
from causal_core.ingest.engine import Engine

_AT_ONCE = 25  # columns asked about in one query
MOST_LEVELS = 1_000
_FEW = 40
_LONG = 1_000  # bytes: longer texts are no levels
_GLANCE = 300


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Counts of one column; `levels` (text → count) only where there are few."""

    column: str  # the inner name
    rows: int
    present: int  # not NULL and not an empty text
    filled: int  # present, and not a spelling of “missing”
    numbers: int
    broken: int  # numbers that are not whole
    low: float
    high: float
    distinct: int  # about
    longest: int  # bytes
    levels: dict[str, int] | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number."""
        return 0 < self.filled == self.numbers

    @property
    def is_whole(self) -> bool:
        """Whether every value is a whole number."""
        return self.is_numeric and self.broken == 0


def profiles(engine: Engine) -> list[Profile]:
    """Return the profile of every column, in order."""
    names = [f"c{place}" for place in range(engine.columns)]
    return [
        found
        for some in _batches(names)
        for found in _with_levels(engine, list(_profiled(engine, some)))
    ]


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]


def _profiled(engine: Engine, names: Sequence[str]) -> Iterator[Profile]:
    filled = [f"CASE WHEN {values.filled(name)} THEN {name} END AS f_{name}" for name in names]
    numbers = [f"TRY_CAST(f_{name} AS DOUBLE) AS n_{name}" for name in names]
    asked = [
        f"count(nullif({name}, '')), count(f_{name}), count(n_{name}), "
        f"count(*) FILTER (n_{name} <> trunc(n_{name})), min(n_{name}), max(n_{name}), "
        f"approx_count_distinct({name}), max(strlen({name}))"
        for name in names
    ]
    (answer,) = engine.rows(
        f"SELECT count(*), {', '.join(asked)} FROM (SELECT *, {', '.join(numbers)} FROM "
        f"(SELECT {', '.join(names)}, {', '.join(filled)} FROM raw))"
    )
    rows = int(str(answer[0]))
    for place, name in enumerate(names):
        cells = answer[1 + 8 * place : 9 + 8 * place]
        counts = [int(str(cell or 0)) for cell in (*cells[:4], *cells[6:])]
        found = Profile(
            column=name,
            rows=rows,
            present=counts[0],
            filled=counts[1],
            numbers=counts[2],
            broken=counts[3],
            low=float(str(cells[4])) if cells[4] is not None else 0.0,
            high=float(str(cells[5])) if cells[5] is not None else 0.0,
            distinct=counts[4],
            longest=counts[5],
        )
        yield found


def _with_levels(engine: Engine, found: Sequence[Profile]) -> list[Profile]:
    """Look at the values themselves where they are few."""
    asked = [one for one in found if one.distinct <= 1.2 * _limit(one) and one.longest <= _LONG]
    if not asked:
        return list(found)
    histograms = ", ".join(f"histogram({one.column})" for one in asked)
    (answer,) = engine.rows(f"SELECT {histograms} FROM raw")
    levels: dict[str, dict[str, int]] = {}
    for one, cell in zip(asked, answer, strict=True):
        counted = cell if isinstance(cell, dict) else {}
        if len(counted) <= _limit(one):
            levels[one.column] = {str(text): int(times) for text, times in counted.items()}
    return [
        replace(one, levels=levels[one.column], distinct=len(levels[one.column]))
        if one.column in levels
        else one
        for one in found
    ]


def _limit(found: Profile) -> int:
    return _FEW if found.is_numeric else MOST_LEVELS


def glance(engine: Engine, expression: str, *, filled: str) -> float:
    """Return in which share of the first filled rows an expression has a value."""
    (answer,) = engine.rows(
        f"SELECT count({expression}), count(*) FROM (SELECT {filled} FROM raw "
        f"WHERE {values.filled(filled)} LIMIT {_GLANCE})"
    )
    return int(str(answer[0])) / max(int(str(answer[1])), 1)


def count_of(engine: Engine, *expressions: str, filled: str) -> tuple[int, ...]:
    """Return for each expression in how many rows it has a value, where `filled` has one."""
    asked = ", ".join(f"count({said})" for said in expressions)
    (answer,) = engine.rows(f"SELECT {asked} FROM raw WHERE {values.filled(filled)}")
    return tuple(int(str(cell)) for cell in answer)


def largest(engine: Engine, *expressions: str) -> tuple[int, ...]:
    """Return the largest value of each expression (0 where it has none)."""
    asked = ", ".join(f"coalesce(max({said}), 0)" for said in expressions)
    (answer,) = engine.rows(f"SELECT {asked} FROM raw")
    return tuple(int(str(cell)) for cell in answer)


def leading_zeros(engine: Engine, column: str) -> int:
    """Return in how many rows a whole number is written with zeros in front."""
    return engine.value(
        f"SELECT count(*) FROM raw WHERE regexp_matches({column}, '^[-+]?0[0-9]')"
        f" AND {values.number(column)} IS NOT NULL"
    )
