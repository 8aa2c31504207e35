"""Whether somebody stated that the adjustment set came before the treatment, outcomes after."""

from __future__ import annotations

from collections.abc import Collection

from causal_core.graph import Knowledge
from causal_core.question import Assignment, CausalQuestion
from causal_core.schema import Known
from causal_core.table import BehaviorTable


def is_ordered(
    question: CausalQuestion,
    chosen: Collection[str],
    table: BehaviorTable | None,
    knowledge: Knowledge | None,
) -> bool:
    """Return whether the schema or the tiers state the order in time, and no tier denies it."""
    said = _tiers_say(question, chosen, knowledge)
    return _schema_orders(question, chosen, table) if said is None else said


def _schema_orders(
    question: CausalQuestion, chosen: Collection[str], table: BehaviorTable | None
) -> bool:
    names = (*chosen, question.treatment, *question.outcomes)
    if table is None or any(name not in table.schema.names for name in names):
        return False
    after = any(table.schema[name].known is Known.AFTER for name in chosen)
    return table.schema.time_is_stated(names) and not after and _is_stated(question, chosen, table)


def _is_stated(question: CausalQuestion, chosen: Collection[str], table: BehaviorTable) -> bool:
    """Return whether the order was stated at all: of no columns every order holds."""
    chance = question.assignment is Assignment.CHANCE
    return bool(chosen) or chance or any(column.known is Known.BEFORE for column in table.schema)


def _tiers_say(
    question: CausalQuestion, chosen: Collection[str], knowledge: Knowledge | None
) -> bool | None:
    """Return whether the tiers state the order (True), deny it, or leave something open (None)."""
    treated = knowledge.tier_of(question.treatment) if knowledge else None
    if knowledge is None or treated is None:
        return None
    pairs: list[tuple[int | None, int | None]] = [
        *((knowledge.tier_of(name), treated) for name in chosen),
        *((treated, knowledge.tier_of(name)) for name in question.outcomes),
    ]
    steps = [later - early for early, later in pairs if early is not None and later is not None]
    if any(step < 0 for step in steps):
        return False
    return True if len(steps) == len(pairs) and 0 not in steps else None
