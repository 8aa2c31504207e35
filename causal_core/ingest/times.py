"""Times: ISO, words, day/month, digits, epochs; zones to UTC. Takes a profile, gives a plan."""

from __future__ import annotations

from causal_core.ingest import values
from causal_core.ingest.engine import Engine
from causal_core.ingest.names import name_key
from causal_core.ingest.plans import Hints, Plan
from causal_core.ingest.profile import Profile, count_of, glance, largest
from causal_core.ingest.vocabulary import looks_like_time
from causal_core.remarks import flag
from causal_core.schema import Kind

_EPOCHS = (  # smallest and largest plausible count, and counts per second
    (1e8, 1e10, 1),
    (1e11, 1e13, 1_000),
    (1e14, 1e16, 1_000_000),
    (1e17, 9e18, 1_000_000_000),
)
_DAYS = (18_000_101, 22_001_231)  # 19970101 as a whole number
_LONGEST_TIME = 60  # bytes


def times_plan(engine: Engine, profile: Profile, hints: Hints, *, force: bool) -> Plan | None:
    """Return the plan for times, or None where the values are none.

    All values must be times; in a column that is called a time half of them will do, and with
    `force` any. What cannot be read is told and counts as missing. Dates that fit day/month and
    month/day alike stay text, and are flagged, until the order is stated.
    """
    if profile.is_numeric and not _is_day_number(profile):
        return _epoch(profile)
    if profile.longest > _LONGEST_TIME and not force:
        return None
    named = force or looks_like_time(name_key(hints.name))
    simple = values.plain_moment(profile.column)
    if _reads_all(engine, profile, simple):
        return _plan(profile, simple, (), 0)
    orders = (values.moment(profile.column, dayfirst=day, digits=named) for day in (True, False))
    glanced = f"coalesce({', '.join(orders)})"
    least = 0.5 if named else 1.0
    if not force and glance(engine, glanced, filled=profile.column) < 0.4 * least:
        return None
    dayfirst, ambiguous = hints.dayfirst, False
    if dayfirst is None:
        dayfirst, ambiguous = _day_order(engine, profile)
    if ambiguous:
        return _as_text(profile, hints)
    sql = values.moment(profile.column, dayfirst=dayfirst, digits=named)
    return _tolerant(engine, profile, sql, least=0.0 if force else least)


def _reads_all(engine: Engine, profile: Profile, sql: str) -> bool:
    if glance(engine, sql, filled=profile.column) < 1.0:
        return False
    return count_of(engine, sql, filled=profile.column) == (profile.filled,)


def _tolerant(engine: Engine, profile: Profile, sql: str, *, least: float) -> Plan | None:
    """Return the plan if enough values are times; the others are told."""
    (read,) = count_of(engine, sql, filled=profile.column)
    if not read or read < least * profile.filled:
        return None
    lost = profile.filled - read
    return _plan(profile, sql, (flag("bad_timestamp", lost),) if lost else (), lost)


def _plan(profile: Profile, sql: str, flags: tuple[str, ...], lost: int) -> Plan:
    zone = values.has_zone(profile.column)
    return Plan(kind=Kind.TIME, sql=sql, flags=flags, zone_sql=zone, lost=lost)


def _as_text(profile: Profile, hints: Hints) -> Plan:
    flags = (flag("ambiguous_date_order", hints.name),)
    return Plan(kind=Kind.TEXT, sql=values.text(profile.column), flags=flags)


def _is_day_number(profile: Profile) -> bool:
    days = _DAYS[0] <= profile.low and profile.high <= _DAYS[1]
    seconds = profile.low >= 18_000_101_000_000 and profile.high <= 22_001_231_235_959
    return profile.is_whole and (days or seconds)


def _epoch(profile: Profile) -> Plan | None:
    for least, most, per_second in _EPOCHS:
        if least <= profile.low and profile.high < most and (profile.is_whole or per_second == 1):
            sql = values.epoch(profile.column, per_second=per_second)
            return Plan(kind=Kind.TIME, sql=sql, zone_sql="true")
    return None


def _day_order(engine: Engine, profile: Profile) -> tuple[bool | None, bool]:
    """Return whether days come first (None where no date asks), and whether none tells."""
    first, second = values.day_month_parts(profile.column)
    highest_first, highest_second, dates = largest(
        engine, first, second, f"CASE WHEN {first} IS NOT NULL THEN 1 END"
    )
    if not dates:
        return None, False
    if highest_first > 12:
        return True, False
    if highest_second > 12:
        return False, False
    differ = engine.value(f"SELECT count(*) FROM raw WHERE {first} <> {second}")
    return True, bool(differ)
