"""Who should get the treatment within a budget, and what that would be worth.

Takes a table, an estimand and its cross-fitted model, gives `Policies`: the units with the
largest predicted effect beside five simple rules, all judged on units held out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from causal_core.errors import BadSettingError, MissingValuesError, OverlapError
from causal_core.features import (
    FeatureEncoder,
    arm_codes,
    group_codes,
    measure_overlap,
    segments_of,
)
from causal_core.language import listing, number, percent, t
from causal_core.policy._judge import Bench, Worth, frontier_point, values_of
from causal_core.policy._ranking import as_many, places, top
from causal_core.policy._segments import treated_segments
from causal_core.progress import Progress, silent
from causal_core.question import Estimand, Payoff, plain_value
from causal_core.results import (
    FrontierPoint,
    OutcomeModel,
    Overlap,
    Policies,
    basis_of,
)
from causal_core.schema import Kind
from causal_core.table import BehaviorTable

Array = np.ndarray

BUDGET = 0.2
FEW_EVENTS = 50.0
LEAST_EVENTS = 15.0  # effective ones below which no gain over random is claimed
_STEPS = 20  # of the frontier, from nobody to everyone
_LEAST_COMPARABLE = 0.5  # of the units, below which nothing is ranked
_LEAST_ESS = 30.0


def learn(  # noqa: PLR0913 - the public door names all that the numbers depend on
    table: BehaviorTable,
    estimand: Estimand,
    model: OutcomeModel,
    *,
    outcome: str,
    budget: float = BUDGET,
    payoff: Payoff | None = None,
    level: float = 0.95,
    seed: int = 7,
    progress: Progress = silent,
) -> Policies:
    """Choose the units with the largest predicted gain, and judge that choice on held-out units.

    Parameters
    ----------
    table, estimand, model
        A table, its identified question and the cross-fitted model of both.
    outcome
        The outcome that is to be raised: one of the model's.
    budget
        The largest share of units that may be treated, from 0 to 1.
    payoff
        What an outcome is worth and what treating a unit costs. Where it names a value for
        `outcome`, units are ranked by value times effect less cost, and `net` is money.
    level
        Coverage of the intervals.
    seed
        Draws lots between units with the same prediction.

    Returns
    -------
    Policies
        A unit is treated if it is among the first of its own fold by predicted gain, within the
        budget, and its predicted gain is above 0. Units with a third treatment value are left
        as they are, and are not judged.

    Raises
    ------
    BadSettingError
        If a setting is out of bounds, or the model belongs to another table or question.
    MissingValuesError
        If the outcome has gaps.
    OverlapError
        If fewer than half the units are comparable, or an arm counts for fewer than 30 units
        once weighted: then there is nothing to rank by.

    Notes
    -----
    No outcome of a unit decides its own treatment: its effect is predicted by models of the
    other folds, and it competes only with its own fold. A policy's value is the mean of
    ``policy(x) (score_1 - score_0)`` with doubly robust scores; today's is the mean outcome less
    that of the control scores. Intervals resample clusters; the share treated counts as known.
    The best policy is judged on units that its model never saw, so picking the winner adds no
    optimism.

    References
    ----------
    Athey and Wager (2021), Econometrica 89; Chernozhukov et al. (2018), Econometrics Journal 21.

    Examples
    --------
    >>> from causal_core import datasets, outcome, policy
    >>> from causal_core.question import CausalQuestion
    >>> from causal_core.results import PolicyName
    >>> simulation = datasets.simulate("coupon", 600, seed=7)
    >>> question = CausalQuestion(treatment="coupon_banner", outcomes=("click",))
    >>> estimand = Estimand(question=question, adjustment_set=simulation.truth.adjustment)
    >>> model = outcome.fit(simulation.table, estimand, model="linear")
    >>> found = policy.learn(simulation.table, estimand, model, outcome="click", budget=0.3)
    >>> found.of(PolicyName.BEST).share_treated <= 0.3
    True
    """
    _check_settings(budget, level)
    chosen = table.select(estimand.question.population)
    _check_model(chosen, model, outcome)
    worth, cautions = _worth(payoff or Payoff(), outcome)
    rows = np.flatnonzero(model.in_contrast)
    bench = _bench(chosen, estimand, model, outcome, rows, level, worth)
    overlap = _overlap(chosen, estimand, model, bench, rows)
    progress(0.2, t("Ranking the units"))
    predicted = _effects(model, outcome)
    folds = model.folds[rows]
    ranking = _rank(worth, predicted[rows], bench, folds, budget, seed)
    progress(0.4, t("Judging each policy"))
    items = values_of(bench, ranking.best, ranking.likeliest)
    progress(0.6, t("Judging each budget"))
    treated = np.zeros(len(chosen), dtype=bool)
    treated[rows] = ranking.best
    today = bench.arm == 1
    cautions += _cautions(estimand, model, overlap, bench, ranking.best)
    found = Policies(
        outcome=outcome,
        budget=budget,
        payoff=payoff or Payoff(),
        items=items,
        frontier=_frontier(bench, ranking.places, folds),
        rule=_rule(outcome, budget, float(ranking.best.mean()), in_money=worth != Worth()),
        segments=treated_segments(
            segments_of(chosen, estimand, rows, bench.clusters), ranking.best, today
        ),
        n_units=len(rows),
        n_clusters=bench.n_clusters,
        newly_treated=int(np.sum(ranking.best & ~today)),
        no_longer_treated=int(np.sum(~ranking.best & today)),
        level=level,
        seed=seed,
        warnings=tuple(cautions),
        effects=predicted,
        treated=treated,
        basis=basis_of(table=table, estimand=estimand, model=model, payoff=payoff),
    )
    progress(1.0, t("Done"))
    return found


# ---------------------------------------------------------------- what is given


def _check_settings(budget: float, level: float) -> None:
    if not 0 <= budget <= 1:
        allowed = t("a share of the units, from 0 to 1")
        raise BadSettingError(setting="budget", value=budget, allowed=allowed)
    if not 0 < level < 1:
        raise BadSettingError(setting="level", value=level, allowed=t("a number between 0 and 1"))


def _check_model(table: BehaviorTable, model: OutcomeModel, outcome: str) -> None:
    if outcome not in model.outcomes:
        allowed = listing(model.outcomes)
        raise BadSettingError(setting="outcome", value=outcome, allowed=allowed)
    if len(model.predictions) != len(table):
        value, allowed = t("fitted to another table"), t("one that was fitted to this table")
        raise BadSettingError(setting="model", value=value, allowed=allowed)
    gaps = np.flatnonzero(~np.isfinite(table.column(outcome)))
    if len(gaps):
        raise MissingValuesError(
            column=outcome,
            count=len(gaps),
            rows=len(table),
            row=int(gaps[0]) + 1,
            part=t("outcome"),
        )


def _worth(payoff: Payoff, outcome: str) -> tuple[Worth, list[str]]:
    """Return how gains are weighed; without a value for the outcome a cost cannot be."""
    value = payoff.value_per.get(outcome, 0.0)
    if value:
        return Worth(value=value, cost=payoff.cost), []
    if not payoff.cost:
        return Worth(), []
    text = t(
        "No value of one “{outcome}” is stated, so the cost is not set against the gain.",
        outcome=outcome,
    )
    return Worth(), [text]


def _bench(
    table: BehaviorTable,
    estimand: Estimand,
    model: OutcomeModel,
    outcome: str,
    rows: Array,
    level: float,
    worth: Worth,
) -> Bench:
    clusters, n_clusters = group_codes(table.clusters()[rows])
    place = model.outcomes.index(outcome)
    return Bench(
        y=table.column(outcome)[rows],
        arm=arm_codes(table.frame[estimand.question.treatment], model.arms)[rows],
        predictions=model.predictions[rows, :, place],
        propensities=model.propensities[rows],
        clusters=clusters,
        n_clusters=n_clusters,
        chances=table.schema[outcome].kind is Kind.BINARY,
        level=level,
        worth=worth,
    )


def _overlap(
    table: BehaviorTable, estimand: Estimand, model: OutcomeModel, bench: Bench, rows: Array
) -> Overlap:
    """Return how comparable the units are; refuse where most of them are not."""
    encoder = FeatureEncoder.from_record(model.encoder)
    features = encoder.transform(table.frame.iloc[rows])
    found = measure_overlap(features, encoder.sources, bench.arm, bench.propensities)
    least = min(found.ess_treated, found.ess_control)
    if found.share_comparable < _LEAST_COMPARABLE or least < _LEAST_ESS:
        raise OverlapError(
            treatment=estimand.question.treatment,
            treated=plain_value(model.arms[1]),
            control=plain_value(model.arms[0]),
            reason=found.sentence,
        )
    return found


# ---------------------------------------------------------------- ranking and judging


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ranking:
    """Each unit's place in its fold by predicted gain, and who the two rules treat."""

    places: Array
    best: Array
    likeliest: Array


def _effects(model: OutcomeModel, outcome: str) -> Array:
    place = model.outcomes.index(outcome)
    return np.asarray(model.predictions[:, 1, place] - model.predictions[:, 0, place])


def _rank(
    worth: Worth, predicted: Array, bench: Bench, folds: Array, budget: float, seed: int
) -> _Ranking:
    rng = np.random.default_rng([seed, 11])
    net = worth.value * predicted - worth.cost
    found = places(net, folds, rng)
    best = top(found, folds, budget) & (net > 0)
    likely = places(bench.predictions[:, 0], folds, rng)
    return _Ranking(places=found, best=best, likeliest=as_many(likely, folds, best))


def _frontier(bench: Bench, ranked: Array, folds: Array) -> tuple[FrontierPoint, ...]:
    shares = [step / _STEPS for step in range(_STEPS + 1)]
    return tuple(frontier_point(bench, share, top(ranked, folds, share)) for share in shares)


# ---------------------------------------------------------------- words


def _rule(outcome: str, budget: float, share: float, *, in_money: bool) -> str:
    """Return who is treated, in words; whatever the budget, never a unit without a gain."""
    words = {"share": _share(budget), "outcome": outcome}
    if in_money:
        rule = t(
            "Treat the {share} of units with the largest predicted net gain (value of “{outcome}” "
            "less cost); none whose predicted net gain is 0 or less.",
            **words,
        )
    else:
        rule = t(
            "Treat the {share} of units with the largest predicted effect on “{outcome}”; none "
            "whose predicted effect is 0 or less.",
            **words,
        )
    pieces = [rule]
    if share < budget - 0.005:  # noqa: PLR2004 - what rounding within folds leaves is no news
        pieces.append(t("Only {share} are predicted to gain.", share=_share(share)))
    pieces.append(t("Each unit is ranked by a model that never saw it."))
    return " ".join(pieces)


def _share(value: float) -> str:
    rounded = math.isclose(100 * value, round(100 * value), abs_tol=1e-6)
    return percent(value, digits=0 if rounded else 1)


def _cautions(
    estimand: Estimand, model: OutcomeModel, overlap: Overlap, bench: Bench, best: Array
) -> list[str]:
    """Return what the reader of the policies should know."""
    texts = list(model.record.warnings)
    if not estimand.causal:
        texts.append(
            t(
                "Nobody stated what was known before the treatment: these are differences "
                "between groups, not effects."
            )
        )
    if not overlap.sufficient:
        texts.append(overlap.sentence)
    if not best.any():
        texts.append(t("No unit is predicted to gain within this budget: nobody is treated."))
        return texts
    if not picking_pays(bench, best):
        texts.append(t("We cannot tell whether picking units beats random choice."))
    events = bench.events(best)
    if bench.chances and events < FEW_EVENTS:
        texts.append(
            t(
                "The value of the best policy rests on only {n} effective events; below {least} "
                "its interval may be too short.",
                n=number(events),
                least=number(FEW_EVENTS),
            )
        )
    return texts


def picking_pays(bench: Bench, best: Array) -> bool:
    """Return whether the best policy is surely better than treating as many at random.

    An interval that rests on a handful of events leans too far to claim anything by it.
    """
    if best.all() or (bench.chances and bench.events(best) < LEAST_EVENTS):
        return False
    lead = bench.lead(best * bench.gains, best.mean() * bench.gains)
    low, _ = sorted(bench.worth.value * each for each in lead[1:])
    return low > 0


__all__ = ["BUDGET", "FEW_EVENTS", "learn"]
