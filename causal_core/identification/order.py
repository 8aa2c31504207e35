"""Whether somebody stated that the adjustment set came before the treatment, outcomes after."""

from __future__ import annotations

from collections.abc import Collection

from causal_core.graph import Knowledge
from causal_core.question import CausalQuestion
from causal_core.schema import Known
from causal_core.table import BehaviorTable


def is_ordered(
    question: CausalQuestion,
    chosen: Collection[str],
    table: BehaviorTable | None,
    knowledge: Knowledge | None,
) -> bool:
    """Return whether the schema or the tiers state the order in time."""
    return _schema_orders(question, chosen, table) or _tiers_order(question, chosen, knowledge)


def _schema_orders(
    question: CausalQuestion, chosen: Collection[str], table: BehaviorTable | None
) -> bool:
    names = (*chosen, question.treatment, *question.outcomes)
    if table is None or any(name not in table.schema.names for name in names):
        return False
    after = any(table.schema[name].known is Known.AFTER for name in chosen)
    return table.schema.time_is_stated(names) and not after


def _tiers_order(
    question: CausalQuestion, chosen: Collection[str], knowledge: Knowledge | None
) -> bool:
    treated = knowledge.tier_of(question.treatment) if knowledge else None
    if knowledge is None or treated is None:
        return False
    before = [knowledge.tier_of(name) for name in chosen]
    after = [knowledge.tier_of(name) for name in question.outcomes]
    return all(at is not None and at < treated for at in before) and all(
        at is not None and at > treated for at in after
    )
