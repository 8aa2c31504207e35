"""Which part each column plays: as stated, or guessed from its name. Takes names and kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from causal_core.ingest.columns import STANDARD_NAMES, ColumnMap
from causal_core.ingest.names import name_key
from causal_core.ingest.vocabulary import (
    POSITION,
    PROPENSITY,
    SESSION,
    UNIT,
    USER,
    WEIGHT,
    among,
    looks_like_history,
    outcome_stage,
    treatment_rank,
)
from causal_core.schema import NUMERIC_KINDS, Column, Kind, Role, Stage

_DECIDES = (*NUMERIC_KINDS, Kind.CATEGORY)  # what a treatment can be


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A typed column before its part is known."""

    name: str
    kind: Kind
    unit: str = ""
    share_distinct: float = 0.0  # distinct values by rows, about
    nameless: bool = False  # the file gave it no name


def columns_with_roles(
    candidates: Sequence[Candidate], stated: ColumnMap | None, *, events: bool
) -> tuple[Column, ...]:
    """Return the schema's columns: stated parts first, guesses for the rest (`stated` False)."""
    said = stated.columns if stated else {}
    guessed = [_guess(candidate) for candidate in candidates]
    taken = {name_key(text) for text in said.values()}
    guessed = _one_treatment(guessed, candidates, already="treatment" in taken)
    guessed = _one_unit(guessed, candidates, said, events=events)
    guessed = _one_stage_each(guessed, said)
    return tuple(_state(column, said) for column in guessed)


def _guess(candidate: Candidate) -> Column:
    key = name_key(candidate.name)
    column = Column(
        name=candidate.name, kind=candidate.kind, role=Role.ATTRIBUTE, unit=candidate.unit
    )
    if candidate.kind in (Kind.ID, Kind.TEXT) or candidate.nameless:
        return replace(column, role=Role.IGNORE)
    if candidate.kind is Kind.TIME:
        return replace(column, role=Role.TIME)
    if looks_like_history(key):
        return replace(column, role=Role.HISTORY)
    if candidate.kind in NUMERIC_KINDS:
        return _guess_number(column, key)
    return column


def _guess_number(column: Column, key: str) -> Column:
    for names, role in (
        (PROPENSITY, Role.PROPENSITY),
        (POSITION, Role.POSITION),
        (WEIGHT, Role.WEIGHT),
    ):
        if among(key, names):
            return replace(column, role=role)
    stage = outcome_stage(key)
    if stage is not None:
        return replace(column, role=Role.OUTCOME, stage=Stage(stage) if stage else None)
    return column


def _one_treatment(
    columns: Sequence[Column], candidates: Sequence[Candidate], *, already: bool
) -> list[Column]:
    """Give the part of the treatment to the surest name, unless one was stated."""
    ranks = [
        (rank, place)
        for place, column in enumerate(columns)
        if column.role is Role.ATTRIBUTE
        and candidates[place].kind in _DECIDES
        and (rank := treatment_rank(name_key(column.name))) is not None
    ]
    changed = list(columns)
    if ranks and not already:
        _, place = min(ranks)
        changed[place] = replace(changed[place], role=Role.TREATMENT)
    return changed


def _one_unit(
    columns: Sequence[Column],
    candidates: Sequence[Candidate],
    said: Mapping[str, str],
    *,
    events: bool,
) -> list[Column]:
    """Choose the unit among the ids: the finest of session and user; the other is the cluster."""
    if any(name_key(text) in ("unit_id", "user_id", "session_id") for text in said.values()):
        return list(columns)
    places = [
        place
        for place, column in enumerate(columns)
        if column.kind is Kind.ID and column.name not in said and _names_a_unit(column.name)
    ]
    changed = list(columns)
    if not places:
        return changed
    finest = max(places, key=lambda place: candidates[place].share_distinct)
    users = [place for place in places if among(name_key(columns[place].name), USER)]
    if events and users:
        finest = users[0]
    changed[finest] = replace(changed[finest], role=Role.UNIT_ID)
    for place in users:
        if place != finest and not events:
            changed[place] = replace(changed[place], role=Role.CLUSTER_ID)
            break
    return changed


def _names_a_unit(name: str) -> bool:
    key = name_key(name)
    return any(among(key, names) for names in (USER, SESSION, UNIT))


def _one_stage_each(columns: Sequence[Column], said: Mapping[str, str]) -> list[Column]:
    """Let each funnel stage stand for one outcome: the first, or the stated one."""
    used = {Stage(key) for text in said.values() if (key := name_key(text)) in set(Stage)}
    changed = []
    for column in columns:
        free = column.stage is None or column.stage not in used
        changed.append(column if free or column.name in said else replace(column, stage=None))
        if column.stage is not None:
            used.add(column.stage)
    return changed


def _state(column: Column, said: Mapping[str, str]) -> Column:
    if column.name not in said:
        return column
    key = name_key(said[column.name])
    role, stage = STANDARD_NAMES[key]
    both = {name_key(text) for text in said.values()} >= {"user_id", "session_id"}
    if both and key == "user_id":
        role = Role.CLUSTER_ID
    return replace(column, role=role, stage=stage, stated=True)
