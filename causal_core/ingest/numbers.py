"""Numbers, plain and written (money, percent, thousands, decimal comma). Takes a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from causal_core.ingest import values
from causal_core.ingest.engine import Engine
from causal_core.ingest.plans import Hints, Plan
from causal_core.ingest.profile import Profile, count_of, glance
from causal_core.remarks import flag
from causal_core.schema import Kind

_COMMA_NUMBER = "[-+]?(\\d+|\\d{1,3}(\\.\\d{3})+),(\\d|\\d\\d|\\d{4,})"
_POINT_NUMBER = "[-+]?(\\d+|\\d{1,3}(,\\d{3})+)\\.(\\d|\\d\\d|\\d{4,})"
_LOOKED_AT = 10_000
_UNITS = ("¥", "$", "€", "£", "%")


def plain_plan(profile: Profile, hints: Hints) -> Plan:
    """Return the plan for numbers as they stand; whole ones from 0 on are counts."""
    kind = _kind(profile.low, whole=profile.broken == 0)
    found = Plan(kind=kind, sql=values.number(profile.column))
    flags = []
    if profile.high == float("inf") or profile.low == float("-inf"):
        flags.append(flag("infinite", hints.name))
    if profile.numbers < profile.filled:
        flags.append(flag("unparsed", hints.name))
    return replace(found, flags=tuple(flags), lost=profile.filled - profile.numbers)


def _kind(low: float, *, whole: bool) -> Kind:
    if low < 0:
        return Kind.CONTINUOUS
    return Kind.COUNT if whole else Kind.AMOUNT


def written_plan(
    engine: Engine, profile: Profile, hints: Hints, *, tolerant: bool, force: bool = False
) -> Plan | None:
    """Return the plan for written numbers, or None where the values are none.

    All values must be numbers; `tolerant` (a price, a stated number) asks for half of them, and
    the others are told and count as missing. `force` takes the best way in any case.
    """
    column = profile.column
    ways = [
        (decimal, percent, values.written_number(column, decimal=decimal, percent=percent))
        for percent in (False, True)
        for decimal in (("comma", "point") if hints.decimal_comma else ("point", "comma"))
    ]
    if not tolerant and not any(glance(engine, sql, filled=column) == 1.0 for _, _, sql in ways):
        return None
    read = count_of(engine, *(sql for _, _, sql in ways), filled=column)
    best = max(range(len(ways)), key=lambda place: (read[place], -place))
    if tolerant and not force:
        best = max((0, 1), key=lambda place: (read[place], -place))  # a price is no percentage
        best = best if read[best] else 2
    share = read[best] / profile.filled if profile.filled else 0.0
    if share < 1.0 and not (tolerant and share >= 0.5) and not force:
        return None
    decimal, _, sql = ways[best]
    low, broken, grouped = _range(engine, column, sql)
    flags = [flag("unparsed", hints.name)] if share < 1.0 else []
    if decimal == "point" and grouped and not broken and read[best ^ 1] == read[best]:
        flags.append(flag("ambiguous_number", hints.name))
    return Plan(
        kind=_kind(low, whole=not broken),
        sql=sql,
        flags=tuple(flags),
        unit=_unit(engine, column),
        lost=profile.filled - read[best],
    )


def _range(engine: Engine, column: str, sql: str) -> tuple[float, bool, bool]:
    """Return the smallest number, whether one is not whole, and whether one has a comma."""
    (answer,) = engine.rows(
        f"SELECT min(v), count(*) FILTER (v <> trunc(v)), count(*) FILTER (contains(c, ',')) "
        f"FROM (SELECT {sql} AS v, {column} AS c FROM raw WHERE {values.filled(column)})"
    )
    low = float(str(answer[0])) if answer[0] is not None else 0.0
    return low, bool(answer[1]), bool(answer[2])


def _unit(engine: Engine, column: str) -> str:
    """Return the one currency or percent sign of a column, if there is just one."""
    asked = ", ".join(f"count(*) FILTER (contains({column}, '{sign}'))" for sign in _UNITS)
    (answer,) = engine.rows(f"SELECT {asked} FROM raw")
    used = [sign for sign, times in zip(_UNITS, answer, strict=True) if times]
    return used[0] if len(used) == 1 else ""


def writes_decimal_comma(engine: Engine, seen: Sequence[Profile]) -> bool:
    """Return whether some column of a file has numbers such as 12,50 or 1.234,5, and none 12.50.

    In such a file 1.234 is a thousand and more.
    """
    asked = ", ".join(
        f"count(*) FILTER (regexp_full_match({one.column}, '{_COMMA_NUMBER}')), "
        f"count(*) FILTER (regexp_full_match({one.column}, '{_POINT_NUMBER}'))"
        for one in seen
        if one.filled > 0
    )
    if not asked:
        return False
    (answer,) = engine.rows(f"SELECT {asked} FROM (SELECT * FROM raw LIMIT {_LOOKED_AT})")
    counts = [int(str(cell)) for cell in answer]
    return sum(counts[::2]) > 0 and sum(counts[1::2]) == 0
