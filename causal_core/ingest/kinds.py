"""Of which kind a column is, and the SQL that types it. Takes its profile, gives a plan."""

from __future__ import annotations

import math
from collections.abc import Mapping

from causal_core.ingest import numbers, times, values
from causal_core.ingest.engine import Engine
from causal_core.ingest.names import name_key
from causal_core.ingest.plans import Hints, Plan
from causal_core.ingest.profile import MOST_LEVELS, Profile, leading_zeros
from causal_core.ingest.vocabulary import MONEY, looks_like_id, looks_like_time
from causal_core.remarks import flag
from causal_core.schema import Kind

_FEW_LEVELS = 20
_LONG_DIGITS = 2**53  # above it a float no longer tells two whole numbers apart
_LONG_LEVEL = 200
_MISSING_WORDS = frozenset(word.strip().lower() for word in values.MISSING)
_NULL_LIKE = frozenset(("na", "none", "-", "--", "?", ".", "nil", "n.a."))


def plan(engine: Engine, profile: Profile, hints: Hints) -> Plan:
    """Return how a column is typed.

    A stated kind or part decides; then an id-like name, words for yes and no, plain numbers,
    times, written numbers (money, percent, thousands), and last few levels or free text.
    """
    if hints.kind is not None:
        return _stated(engine, profile, hints, hints.kind)
    if profile.filled == 0 and not profile.levels:
        return Plan(
            kind=Kind.TEXT,
            sql=values.text(profile.column),
            flags=(flag("empty_column", hints.name),),
        )
    key = name_key(hints.name)
    if hints.is_id or (looks_like_id(key) and _may_be_id(profile)):
        return _identifier(engine, profile, hints)
    if hints.is_number:
        return _truth(profile) or numbers_plan(engine, profile, hints)
    return (
        _truth(profile)
        or _times(engine, profile, hints)
        or _plain_numbers(engine, profile, hints)
        or _written_numbers(engine, profile, hints)
        or _words(profile, hints)
    )


def _identifier(engine: Engine, profile: Profile, hints: Hints) -> Plan:
    column = profile.column
    padded = engine.value(f"SELECT count(*) FROM raw WHERE {column} <> trim({column})")
    flags = (flag("padded", hints.name),) if padded else ()
    return Plan(kind=Kind.ID, sql=values.identifier(column), flags=flags)


def _may_be_id(profile: Profile) -> bool:
    """Ids are not measured with decimals, and one or two of them tell nothing apart."""
    measured = profile.is_numeric and profile.broken > 0
    return not measured and (profile.distinct > 2 or 4 * profile.distinct >= profile.rows)


def _stated(engine: Engine, profile: Profile, hints: Hints, kind: Kind) -> Plan:
    column = profile.column
    if kind in (Kind.ID, Kind.TEXT, Kind.CATEGORY):
        return Plan(kind=kind, sql=column if hints.exact else values.text(column))
    if kind is Kind.TIME:
        return times.times_plan(engine, profile, hints, force=True) or _words(profile, hints)
    if kind is Kind.BINARY and not profile.is_numeric:
        return Plan(kind=kind, sql=values.truth(column))
    found = numbers_plan(engine, profile, hints)
    return Plan(kind=kind, sql=found.sql, flags=found.flags, unit=found.unit)


def _truth(profile: Profile) -> Plan | None:
    """Words for yes and no, in any mixture of languages; one letter alone proves nothing."""
    if profile.levels is None:
        return None
    said = {level.strip().lower() for level in profile.levels} - {""}
    said -= _MISSING_WORDS
    known = set(values.TRUE_WORDS) | set(values.FALSE_WORDS)
    letters = all(len(word) == 1 and word.isalpha() and word.isascii() for word in said)
    if not said or not said <= known or (letters and len(said) < 2):
        return None
    if profile.is_numeric:
        return Plan(kind=Kind.BINARY, sql=values.number(profile.column))
    return Plan(kind=Kind.BINARY, sql=values.truth(profile.column))


def _times(engine: Engine, profile: Profile, hints: Hints) -> Plan | None:
    force = hints.is_time
    if profile.is_numeric and not (force or looks_like_time(name_key(hints.name))):
        return None
    return times.times_plan(engine, profile, hints, force=force)


def _plain_numbers(engine: Engine, profile: Profile, hints: Hints) -> Plan | None:
    if not profile.is_numeric or (hints.decimal_comma and profile.broken):
        return None
    if profile.is_whole and _are_digits_of_a_name(engine, profile):
        kind = Kind.ID if profile.distinct > 0.5 * profile.rows else Kind.CATEGORY
        return Plan(kind=kind, sql=values.identifier(profile.column))
    return numbers.plain_plan(profile, hints)


def _are_digits_of_a_name(engine: Engine, profile: Profile) -> bool:
    """Zeros in front, or more digits than a number can keep: a code, not a count."""
    largest = max(abs(profile.low), abs(profile.high))
    too_long = _LONG_DIGITS <= largest < math.inf
    return too_long or leading_zeros(engine, profile.column) > 0


def _written_numbers(engine: Engine, profile: Profile, hints: Hints) -> Plan | None:
    money = bool(MONEY.search(name_key(hints.name)))
    return numbers.written_plan(engine, profile, hints, tolerant=money)


def numbers_plan(engine: Engine, profile: Profile, hints: Hints) -> Plan:
    """Return how a column that must be a number is typed; what is none counts as missing."""
    if profile.is_numeric and not (hints.decimal_comma and profile.broken):
        return numbers.plain_plan(profile, hints)
    found = numbers.written_plan(engine, profile, hints, tolerant=True, force=True)
    return found or numbers.plain_plan(profile, hints)


def _words(profile: Profile, hints: Hints) -> Plan:
    """Few levels make a category, others are text; numbers among them are told."""
    flags: list[str] = []
    if 0.5 * profile.filled < profile.numbers < profile.filled:
        flags.append(flag("mixed_types", hints.name))
    if not _is_category(profile):
        return Plan(kind=Kind.TEXT, sql=values.text(profile.column), flags=tuple(flags))
    if _has_null_like_levels(profile.levels or {}):
        flags.append(flag("na_is_a_value", hints.name))
    if any(level != level.strip(" ") for level in profile.levels or {}):
        flags.append(flag("padded", hints.name))
    return Plan(kind=Kind.CATEGORY, sql=values.category(profile.column), flags=tuple(flags))


def _is_category(profile: Profile) -> bool:
    if profile.levels is None or profile.longest > _LONG_LEVEL:
        return False
    few = min(MOST_LEVELS, max(_FEW_LEVELS, profile.rows // 20))
    distinct = len({level.strip(" ") for level in profile.levels})
    return distinct <= few and distinct <= max(2, profile.rows // 2)


def _has_null_like_levels(levels: Mapping[str, int]) -> bool:
    return any(level.strip().lower() in _NULL_LIKE for level in levels)
