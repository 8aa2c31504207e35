"""What the ``policy`` verb reads and prints: budget and payoff, policies, one row per unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from causal_core.errors import BadSettingError
from causal_core.language import interval, number, percent, t
from causal_core.question import Payoff, plain_value
from causal_core.report.tables import Cell, csv_bytes
from causal_core.results import OutcomeModel, Policies, PolicyName, PolicyValue
from causal_core.table import BehaviorTable

_HEADER = ("unit_id", "treatment", "expected_gain", "reason")
_PER_THOUSAND = 1_000.0
_SMALL = 10.0


def one_outcome(outcomes: Sequence[str]) -> str:
    """Return the outcome that is to be raised: exactly one."""
    if len(set(outcomes)) != 1:
        allowed = t("once: the outcome that is to be raised")
        raise BadSettingError(setting="--outcome", value=t("given repeatedly"), allowed=allowed)
    return outcomes[0]


def payoff_of(outcome: str, value: float | None, cost: float | None) -> Payoff | None:
    """Return what ``--value`` and ``--cost`` state, None where both are left out."""
    if value is None and cost is None:
        return None
    for setting, amount in (("--value", value), ("--cost", cost)):
        if amount is not None and not math.isfinite(amount):
            raise BadSettingError(setting=setting, value=amount, allowed=t("a number"))
    if cost is not None and cost < 0:
        raise BadSettingError(setting="--cost", value=cost, allowed=t("a number from 0 on"))
    return Payoff(value_per={} if value is None else {outcome: value}, cost=cost or 0.0)


def budget_share(budget: float, cost: float | None, n_units: int) -> float:
    """Return a budget as the share of units that it pays for.

    Up to 1 it is that share; above 1 it is money, and needs the cost of treating one unit.

    Examples
    --------
    >>> budget_share(0.2, None, 5_000), budget_share(200.0, 0.5, 5_000)
    (0.2, 0.08)
    """
    if 0 <= budget <= 1:
        return budget
    if not cost or not 1 < budget < math.inf:
        allowed = t("a share from 0 to 1, or money beside a --cost above 0")
        raise BadSettingError(setting="--budget", value=budget, allowed=allowed)
    return min(budget / (cost * n_units), 1.0)


# ---------------------------------------------------------------- what is printed


def policy_record(found: Policies) -> dict[str, object]:
    """Return what the ``policy`` verb prints: values are net, per unit, beyond treating nobody."""
    return {
        "policies": [_item(item) for item in found.items],
        "rule": found.rule,
        "outcome": found.outcome,
        "budget": found.budget,
        "in_money": found.outcome in found.payoff.value_per,
        "level": found.level,
        "n_units": found.n_units,
        "n_clusters": found.n_clusters,
        "newly_treated": found.newly_treated,
        "no_longer_treated": found.no_longer_treated,
        "frontier": [
            {"share": p.share, "value": p.net, "low": p.net_low, "high": p.net_high}
            for p in found.frontier
        ],
        "segments": [
            {
                "column": part.column,
                "segment": part.segment,
                "n_units": part.n_units,
                "share_treated": part.share_treated,
                "share_today": part.share_today,
            }
            for part in found.segments
        ],
        "warnings": list(found.warnings),
    }


def _item(item: PolicyValue) -> dict[str, object]:
    return {
        "name": item.name.value,
        "value": item.net,
        "low": item.net_low,
        "high": item.net_high,
        "share_treated": item.share_treated,
        "ess": item.ess,
        "gain": item.gain,
        "gain_low": item.gain_low,
        "gain_high": item.gain_high,
        "against_today": item.against_today,
        "against_today_low": item.against_today_low,
        "against_today_high": item.against_today_high,
    }


def policy_words(found: Policies) -> str:
    """Return the policies for the terminal, ours first, then the rule and what to beware of."""
    ours_first = sorted(found.items, key=lambda item: item.name is not PolicyName.BEST)
    lines = [_line(item) for item in ours_first]
    unit = (
        t("net, in money, per 1,000 units beyond treating nobody")
        if found.outcome in found.payoff.value_per
        else t("“{outcome}” per 1,000 units beyond treating nobody", outcome=found.outcome)
    )
    changes = t(
        "{new} units would newly be treated, {old} no longer.",
        new=number(found.newly_treated),
        old=number(found.no_longer_treated),
    )
    return "\n".join([unit, *lines, found.rule, changes, *found.warnings])


def _line(item: PolicyValue) -> str:
    value, low, high = (_PER_THOUSAND * each for each in (item.net, item.net_low, item.net_high))
    digits = 0 if max(abs(low), abs(high)) >= _SMALL else 1
    words = t(
        "{value}, {range}; treats {share}; effective sample size {ess}",
        value=number(value, digits=digits, signed=True),
        range=interval(low, high, digits=digits),
        share=percent(item.share_treated, digits=0),
        ess=number(item.ess),
    )
    return f"{item.name.value:<10} {words}"


# ---------------------------------------------------------------- one row per unit


def assignments_csv(
    found: Policies, table: BehaviorTable, model: OutcomeModel, treatment: str
) -> str:
    """Return ``assignments.csv``: whom the best policy treats and why, no cell a formula.

    `table` holds the units of the question's population, in the order of the model's rows.
    """
    return csv_bytes(_HEADER, _rows(found, table, model, treatment)).decode("utf-8")


def _rows(
    found: Policies, table: BehaviorTable, model: OutcomeModel, treatment: str
) -> Iterator[tuple[Cell, ...]]:
    name = table.schema.unit_id
    ids = table.frame[name].tolist() if name else list(range(1, len(table) + 1))
    today = table.frame[treatment].tolist()
    value = found.payoff.value_per.get(found.outcome)
    gains = found.effects if value is None else value * found.effects - found.payoff.cost
    reasons = _reasons(found)
    control, treated = (plain_value(arm) for arm in model.arms)
    for place, unit in enumerate(ids):
        unit_id = unit if isinstance(unit, str | int) else str(unit)
        gain = float(gains[place])
        if not model.in_contrast[place]:
            yield unit_id, plain_value(today[place]), gain, reasons["left"]
        elif found.treated[place]:
            yield unit_id, treated, gain, reasons["treated"]
        else:
            yield unit_id, control, gain, reasons["beyond" if gain > 0 else "none"]


def _reasons(found: Policies) -> dict[str, str]:
    share = percent(found.budget, digits=1)
    return {
        "treated": t("among the {share} with the largest predicted gain", share=share),
        "beyond": t("a gain is predicted, but not among the largest {share}", share=share),
        "none": t("no gain is predicted"),
        "left": t("another treatment value: left as it is"),
    }
