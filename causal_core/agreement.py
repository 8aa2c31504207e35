"""Whether numbers that should be alike are: predicted and observed, Effects and What-if.

Takes results, gives judgements by rules that are written down here. Computes no estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from causal_core.question import CausalQuestion, EffectKind
from causal_core.results import Effects, OutcomeQuality, Scenario, Scenarios

MOST_ERRORS = 3.29  # beyond this lies 0.1 %, so 1 % over ten tenths
LEAST_SHARE = 0.1  # of the mean outcome: a smaller gap does not matter, however certain it is
_LEAST_EVENTS = 10.0  # expected in a group, of both values, for its standard error to hold


# ---------------------------------------------------------------- predicted and observed


@dataclass(frozen=True, kw_only=True)
class Tenth:
    """Units with like predictions: their mean prediction, mean outcome and its standard error."""

    predicted: float
    observed: float
    units: int
    standard_error: float | None

    @property
    def errors_off(self) -> float:
        """How many standard errors the outcome lies off the prediction."""
        gap = abs(self.observed - self.predicted)
        if not gap:
            return 0.0
        return gap / self.standard_error if self.standard_error else math.inf


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How one outcome's predictions agree with what was observed; `worst` lies furthest off.

    `matches` is None where no standard error is known.
    """

    outcome: str
    matches: bool | None
    worst: Tenth | None
    tenths: tuple[Tenth, ...]


def calibration(quality: OutcomeQuality) -> Calibration:
    """Judge whether held-out predictions of one outcome match what was observed.

    They do not match if in some tenth of the predictions the gap between mean prediction and
    mean outcome is more than 3.29 standard errors (0.1 % if the predictions are right, 1 % over
    all tenths) *and* more than a tenth of the mean outcome: with a million units every gap is
    certain, and most do not matter.

    The standard error of a rate is that of the predicted rate, √(p(1−p)/n); neighbouring tenths
    are put together until each holds ten expected events. That of another outcome is the one
    that the training recorded. Both take units as independent.

    References
    ----------
    Hosmer and Lemeshow (1980), Communications in Statistics A 9.

    Examples
    --------
    >>> right = ((0.1, 0.11, 1000), (0.3, 0.29, 1000))
    >>> off = ((0.1, 0.11, 1000), (0.3, 0.40, 1000))
    >>> kind = {"outcome": "click", "log_loss": 0.5, "auc": 0.6, "r_squared": None}
    >>> [calibration(OutcomeQuality(calibration=c, **kind)).matches for c in (right, off)]
    [True, False]
    """
    tenths = _rates(quality) if quality.log_loss is not None else _means(quality)
    if not tenths or any(tenth.standard_error is None for tenth in tenths):
        return Calibration(outcome=quality.outcome, matches=None, worst=None, tenths=tenths)
    units = sum(tenth.units for tenth in tenths)
    mean = abs(sum(tenth.units * tenth.observed for tenth in tenths)) / units
    missed = [tenth for tenth in tenths if _misses(tenth, mean)]
    return Calibration(
        outcome=quality.outcome,
        matches=not missed,
        worst=max(missed or tenths, key=lambda tenth: tenth.errors_off),
        tenths=tenths,
    )


def _misses(tenth: Tenth, mean: float) -> bool:
    gap = abs(tenth.observed - tenth.predicted)
    return tenth.errors_off > MOST_ERRORS and gap > LEAST_SHARE * mean


def _rates(quality: OutcomeQuality) -> tuple[Tenth, ...]:
    groups: list[list[tuple[float, float, int]]] = [[]]
    for tenth in sorted(quality.calibration):
        if _is_full(groups[-1]):
            groups.append([])
        groups[-1].append(tenth)
    if len(groups) > 1 and not _is_full(groups[-1]):
        groups[-2:] = [groups[-2] + groups[-1]]
    return tuple(_rate(group) for group in groups if group)


def _is_full(group: list[tuple[float, float, int]]) -> bool:
    units = sum(n for _, _, n in group)
    events = sum(n * predicted for predicted, _, n in group)
    return min(events, units - events) >= _LEAST_EVENTS


def _rate(group: list[tuple[float, float, int]]) -> Tenth:
    units = sum(n for _, _, n in group)
    predicted = sum(n * p for p, _, n in group) / units
    observed = sum(n * seen for _, seen, n in group) / units
    spread = max(predicted * (1 - predicted), 0.0)
    return Tenth(
        predicted=predicted,
        observed=observed,
        units=units,
        standard_error=math.sqrt(spread / units),
    )


def _means(quality: OutcomeQuality) -> tuple[Tenth, ...]:
    errors: tuple[float | None, ...] = quality.calibration_errors
    if len(errors) != len(quality.calibration):
        errors = (None,) * len(quality.calibration)
    return tuple(
        Tenth(predicted=predicted, observed=observed, units=units, standard_error=error)
        for (predicted, observed, units), error in zip(quality.calibration, errors, strict=True)
    )


# ---------------------------------------------------------------- Effects and What-if


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The same contrast from Effects and from What-if, each as (value, low, high)."""

    outcome: str
    effects: tuple[float, float, float]
    whatif: tuple[float, float, float]

    @property
    def agrees(self) -> bool:
        """Whether the two intervals overlap."""
        return self.effects[1] <= self.whatif[2] and self.whatif[1] <= self.effects[2]

    @property
    def close(self) -> bool:
        """Whether each interval also holds the other's value; overlap alone is a weak sign."""
        return _holds(self.effects, self.whatif[0]) and _holds(self.whatif, self.effects[0])


def _holds(estimate: tuple[float, float, float], value: float) -> bool:
    return estimate[1] <= value <= estimate[2]


def everyone_and_nobody(
    question: CausalQuestion, board: Scenarios | None
) -> tuple[Scenario | None, Scenario | None]:
    """Return the scenarios that set only the treatment, for the whole population, to each value.

    The first is the treated value, the second the control value; None where the board lacks it.
    """
    contrast = question.contrast
    first, second = (
        next((item for item in board.items if _sets(item, question, value)), None)
        if board
        else None
        for value in (contrast.treated_value, contrast.control_value)
    )
    return first, second


def _sets(scenario: Scenario, question: CausalQuestion, value: float | str) -> bool:
    if (scenario.where or None) != (question.population or None):
        return False
    levers = [(lever.column, lever.operation, lever.value) for lever in scenario.interventions]
    return levers == [(question.treatment, "set", value)]


def compare(
    effects: Effects, board: Scenarios | None, *, n_population: int
) -> tuple[Agreement, ...]:
    """Put the average effect beside the difference between everyone and nobody treated.

    The two agree if their intervals overlap. Empty unless both scenarios are on the board, the
    effect is the average over all, and it was estimated on the whole population of
    `n_population` units: other averages need not be alike.

    Notes
    -----
    What-if gives each scenario beside as today, over all units; the contrast is the difference
    of the two, divided by the population's share of all units. Its interval adds the margins of
    both. For linear mechanisms that is the interval of the contrast, since one slope moves both;
    otherwise it is too wide rather than too narrow.
    """
    everyone, nobody = everyone_and_nobody(effects.estimand.question, board)
    if everyone is None or nobody is None:
        return ()
    if effects.estimand.question.kind is not EffectKind.ATE:
        return ()
    share = n_population / everyone.n_units
    treated = {item.outcome: item for item in everyone.outcomes}
    control = {item.outcome: item for item in nobody.outcomes}
    found = []
    for estimate in effects.primaries():
        name = estimate.outcome
        if estimate.n_units != n_population or name not in treated or name not in control:
            continue
        up, down = treated[name], control[name]
        contrast = (
            (up.difference - down.difference) / share,
            (up.low - down.high) / share,
            (up.high - down.low) / share,
        )
        own = (estimate.value, estimate.low, estimate.high)
        found.append(Agreement(outcome=name, effects=own, whatif=contrast))
    return tuple(found)
