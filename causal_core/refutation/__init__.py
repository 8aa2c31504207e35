"""Tries to break an estimate: placebo treatment, made-up cause, random halves, tipping point.

Runs through DoWhy on the analysis' own estimator. Takes a table, its effects and a `Refit`;
gives `Refutations`; changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from causal_core.errors import AnalysisError, CancelledError
from causal_core.language import number, t
from causal_core.progress import Progress, silent
from causal_core.refutation import _dowhy, _judge
from causal_core.refutation._dowhy import Run
from causal_core.refutation._judge import PLACEBO_RUNS
from causal_core.results import (
    EffectEstimate,
    Effects,
    OutcomeModel,
    Refit,
    Refutation,
    Refutations,
    basis_of,
)
from causal_core.schema import Kind
from causal_core.table import BehaviorTable

__all__ = ["e_value", "refute"]

CAUSE_RUNS = 5
SUBSET_RUNS = 10
SUBSET_SHARE = 0.5
_REFITS = 1 + PLACEBO_RUNS + CAUSE_RUNS + SUBSET_RUNS


def refute(
    table: BehaviorTable,
    effects: Effects,
    refit: Refit,
    *,
    model: OutcomeModel | None = None,
    seed: int = 7,
    progress: Progress = silent,
) -> Refutations:
    """Try to break the effects in three ways and say for each outcome what came of it.

    Parameters
    ----------
    table
        The table that `effects` rests on; the question's population is selected here.
    effects
        What is to be refuted.
    refit
        Estimates again on other data, all outcomes at once: ``{outcome: (value, standard
        error)}``. It is called 36 times: once as it is, 20 times with the treatment permuted,
        5 times with a column of noise added to the adjustment set, 10 times on half the units.
    model
        The outcome model behind `effects`; only checked to be that.
    seed
        Seeds permutations, noise and halves.
    progress
        Called after every refit; may raise `CancelledError`.

    Returns
    -------
    Refutations
        Three attempts for each outcome, judged together by Holm at 5 %, so that a sound estimate
        is refused at most once in twenty; `p_value` is the adjusted one. Where a refit cannot be
        made, the estimate counts as broken, but on half the units that only informs (`passed`
        is None). For binary outcomes also the E-value, which only informs.

    Raises
    ------
    ValueError
        If `table` or `model` is not what `effects` rests on.
    CancelledError
        If `progress` raises it.

    Notes
    -----
    DoWhy's own p-values are not used: with few simulations they raise false alarms. Its random
    halves are of units, not of clusters, which makes that attempt milder where users repeat.

    References
    ----------
    Sharma and Kiciman (2020), DoWhy; Holm (1979), Scand. J. Statist. 6; VanderWeele and Ding
    (2017), Ann. Intern. Med. 167.
    """
    _check_basis(effects, table=table, model=model)
    selected = table.select(effects.estimand.question.population)
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        progress(done / _REFITS, t("Attempt {n} of {total}", n=done, total=_REFITS))

    ledger = _dowhy.Ledger(table=selected, estimand=effects.estimand, refit=refit, told=told)
    trials = _dowhy.start(ledger)
    attempts = _attempts(trials, effects.estimand.question.outcomes, seed)
    binary = frozenset(name for name in effects.outcomes if table.schema[name].kind is Kind.BINARY)
    tipping = [e_value(estimate) for estimate in effects.primaries() if estimate.outcome in binary]
    judged = _judge.holm(attempts, per_thousand=binary)
    informing = tuple(attempt for attempt in tipping if attempt is not None)
    return Refutations(attempts=(*judged, *informing), seed=seed, basis=basis_of(effects=effects))


def _check_basis(effects: Effects, **used: object) -> None:
    basis = effects.basis or {}
    for slot, digest in basis_of(**used).items():
        if slot in basis and basis[slot] != digest:
            raise ValueError(f"the effects do not rest on this {slot}")


def _attempts(trials: _dowhy.Trials, outcomes: Sequence[str], seed: int) -> list[Refutation]:
    seeds = [int(part) for part in np.random.SeedSequence(seed).generate_state(3)]
    original = trials.original
    return [
        *_try(
            "placebo_treatment",
            outcomes,
            lambda: trials.placebo(PLACEBO_RUNS, seeds[0]),
            _judge.placebo,
        ),
        *_try(
            "random_common_cause",
            outcomes,
            lambda: trials.random_common_cause(CAUSE_RUNS, seeds[1]),
            lambda outcome, runs: _judge.random_common_cause(outcome, original, runs),
        ),
        *_try(
            "data_subset",
            outcomes,
            lambda: trials.subset(SUBSET_RUNS, seeds[2], fraction=SUBSET_SHARE),
            lambda outcome, runs: _judge.subset(outcome, original, runs, fraction=SUBSET_SHARE),
        ),
    ]


def _try(
    name: str,
    outcomes: Sequence[str],
    repeat: Callable[[], list[Run]],
    judge: Callable[[str, list[Run]], Refutation],
) -> list[Refutation]:
    """Return one attempt per outcome, also where the refit cannot be made."""
    try:
        runs = repeat()
    except CancelledError:
        raise
    except AnalysisError as error:
        return [_judge.unable(name, outcome, error.found) for outcome in outcomes]
    return [judge(outcome, runs) for outcome in outcomes]


def e_value(estimate: EffectEstimate) -> Refutation | None:
    """Return how strong a hidden common cause must be to explain an effect on a binary outcome.

    Parameters
    ----------
    estimate
        An estimate with the means of both groups, shares in (0, 1).

    Returns
    -------
    Refutation or None
        `value` is the E-value of the estimate: the risk ratio that the hidden cause would need
        with the treatment and with the outcome. `reference` is the E-value of the interval's end
        nearest to zero, 1 where the interval holds zero. It only informs: `passed` is None.
        None without both means.

    Notes
    -----
    The interval's ends are turned into risk ratios over the control mean as if that were known.

    References
    ----------
    VanderWeele and Ding (2017), Ann. Intern. Med. 167, 268–274.

    Examples
    --------
    >>> from causal_core.results import Method
    >>> estimate = EffectEstimate(outcome="buy", contrast="1 against 0", method=Method.AIPW,
    ...     value=0.1, low=0.05, high=0.15, level=0.95, standard_error=0.025, outcome_unit="",
    ...     n_units=900, n_clusters=900, control_mean=0.1, treated_mean=0.2)
    >>> attempt = e_value(estimate)
    >>> round(attempt.value, 2), round(attempt.reference, 2)
    (3.41, 2.37)
    """
    control, treated = estimate.control_mean, estimate.treated_mean
    if control is None or treated is None or not 0 < control < 1 or not 0 < treated < 1:
        return None
    nearest = (
        0.0 if estimate.low <= 0 <= estimate.high else min(estimate.low, estimate.high, key=abs)
    )
    value = _e_value(treated / control)
    bound = min(value, _e_value(max(control + nearest, 0.0) / control))
    return Refutation(
        name="e_value",
        outcome=estimate.outcome,
        passed=None,
        value=value,
        reference=bound,
        standard_error=estimate.standard_error,
        p_value=None,
        sentence=_tipping_words(estimate.outcome, value, bound),
    )


def _e_value(risk_ratio: float) -> float:
    """Return RR + √(RR (RR − 1)) for a risk ratio, turned to be at least 1."""
    if risk_ratio <= 0:
        return math.inf
    ratio = max(risk_ratio, 1 / risk_ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def _tipping_words(outcome: str, value: float, bound: float) -> str:
    if bound <= 1:
        return t(
            "The interval of “{outcome}” holds zero already, so no hidden cause is needed to "
            "explain the effect away.",
            outcome=outcome,
        )
    return t(
        "To explain the effect on “{outcome}” away, a hidden cause would have to make both the "
        "treatment and the outcome {value} times as likely; {bound} times for the interval to "
        "reach zero.",
        outcome=outcome,
        value=number(value, digits=1),
        bound=number(bound, digits=1),
    )
