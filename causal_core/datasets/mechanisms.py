"""A law with its intercepts. Takes a scenario and base rates, gives the chances of every unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from causal_core.datasets.laws import OUTCOMES, Law, expit, slot_chances
from causal_core.datasets.people import SLOTS, TRAITS, People, people_from
from causal_core.datasets.scenarios import law_of
from causal_core.errors import BadSettingError
from causal_core.language import t
from causal_core.results import Array

DEFAULT_RATES: Mapping[str, float] = {
    "click": 0.35,
    "browse": 0.22,
    "cart": 0.11,
    "purchase": 0.05,
}
HELP_RATE = 0.10
REPLICATES = 8
_LOG2_POINTS = 14
_POPULATION_SEED = 20_210_307
_MOST_LINEAR_RATE = 0.45
LOWEST_RATE, HIGHEST_RATE = 0.001, 0.9
_WIDEST_INTERCEPT = 40.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Mechanisms:
    """A law whose intercepts give the asked marginal rates under the logging policy.

    In a linear law all stages share one intercept, and the rates multiply the scores.
    """

    law: Law
    rates: Array
    intercepts: Array
    help_intercept: float

    def means(self, people: People, slot: Array | None = None) -> Array:
        """Return P(outcome) under each arm, ``(n, 2, 4)``: in `slot`, or averaged over slots."""
        scores = self.law.stages(people)
        if self.law.linear:
            place = slot_chances(people) @ np.array(SLOTS) if slot is None else slot
            moved = scores - self.law.slot_slope * (place - 3.0)[:, None, None]
            return np.asarray(self.rates * (self.intercepts + moved))
        click = self._click(scores[:, :, 0] + self.intercepts[0], people, slot)
        steps = expit(scores[:, :, 1:] + self.intercepts[1:])
        return np.cumprod(np.concatenate([click[:, :, None], steps], axis=2), axis=2)

    def _click(self, score: Array, people: People, slot: Array | None) -> Array:
        if slot is not None:
            return expit(score - self.law.slot_slope * np.log(slot)[:, None])
        return _over_slots(self.law, score, slot_chances(people))

    def help_chance(self, people: People) -> Array:
        """Return the chance of the negative-control outcome, ``(n,)``: the same in both arms."""
        score = self.law.help_score(people) + self.help_intercept
        return HELP_RATE * score if self.law.linear else expit(score)


def _over_slots(law: Law, score: Array, chances: Array) -> Array:
    """Return the click chances of both arms, ``(n, 2)``, averaged over the slots given."""
    if law.slot_slope == 0:
        return expit(score)
    total = np.zeros_like(score)
    for at, slot in enumerate(SLOTS):
        total += chances[:, at, None] * expit(score - law.slot_slope * np.log(slot))
    return total


# ---------------------------------------------------------------- calibration


def population(law: Law) -> People:
    """Return a fixed quasi-random population: `REPLICATES` scrambled Sobol sets, one after another.

    Scrambled Sobol points (Owen, 1995) integrate smooth functions with a far smaller error than
    random ones; the spread between the replicates measures what error is left.
    """
    from scipy.stats import qmc

    rngs = np.random.default_rng(_POPULATION_SEED).spawn(REPLICATES)
    sets = [qmc.Sobol(len(TRAITS), rng=rng).random_base2(_LOG2_POINTS) for rng in rngs]
    return people_from(np.concatenate(sets), bounded=law.linear)


@lru_cache(maxsize=32)
def calibrated(scenario: str, rates: tuple[float, ...], strength: float) -> Mechanisms:
    """Return a scenario's mechanisms with marginal outcome rates `rates` under its policy."""
    law = law_of(scenario, strength)
    people = population(law)
    treated = law.policy(people)
    arms = np.stack([1 - treated, treated], axis=1)
    scores = law.stages(people)
    asked = np.array(rates)
    if law.linear:
        place = slot_chances(people) @ np.array(SLOTS) - 3.0
        level = float(np.mean(np.sum(arms * scores[:, :, 0], axis=1) - law.slot_slope * place))
        help_level = float(np.mean(law.help_score(people)))
        return Mechanisms(
            law=law, rates=asked, intercepts=np.full(4, 1 - level), help_intercept=1 - help_level
        )
    return Mechanisms(
        law=law,
        rates=asked,
        intercepts=_intercepts(law, scores, arms, slot_chances(people), asked),
        help_intercept=_solve(
            lambda at: float(expit(law.help_score(people) + at).mean()), HELP_RATE
        ),
    )


def _intercepts(law: Law, scores: Array, arms: Array, chances: Array, asked: Array) -> Array:
    """Return the four intercepts that hit the rates, one stage after another."""
    intercepts = []
    reach = arms / len(arms)
    for stage, rate in enumerate(asked):
        score = scores[:, :, stage]

        def step(at: float, score: Array = score, stage: int = stage) -> Array:
            return _over_slots(law, score + at, chances) if stage == 0 else expit(score + at)

        def level(at: float, reach: Array = reach, step: Callable[[float], Array] = step) -> float:
            return float(np.sum(reach * step(at)))

        intercepts.append(_solve(level, float(rate)))
        reach = reach * step(intercepts[-1])
    return np.array(intercepts)


def _solve(level: Callable[[float], float], rate: float) -> float:
    from scipy.optimize import brentq

    root = brentq(lambda at: level(at) - rate, -_WIDEST_INTERCEPT, _WIDEST_INTERCEPT, xtol=1e-11)
    return float(root)


# ---------------------------------------------------------------- base rates


def funnel_rates(scenario: str, asked: Mapping[str, float] | None) -> tuple[float, ...]:
    """Return the four marginal rates, filling those not asked for.

    A rate that is not given keeps its default share of the stage before it when that stage was
    given, and its default value otherwise.

    Raises
    ------
    BadSettingError
        If a name is no outcome, a rate lies out of bounds, or the rates do not fall.
    """
    wanted = dict(asked or {})
    for name in wanted:
        if name not in OUTCOMES:
            raise BadSettingError(setting="base_rates", value=name, allowed=", ".join(OUTCOMES))
    rates: list[float] = []
    for at, name in enumerate(OUTCOMES):
        before = OUTCOMES[at - 1] if at else None
        moved = before is not None and rates[-1] != DEFAULT_RATES[before]
        share = DEFAULT_RATES[name] / DEFAULT_RATES[before] if before else 1.0
        filled = rates[-1] * share if moved else DEFAULT_RATES[name]
        rates.append(float(wanted.get(name, filled)))
    highest = _MOST_LINEAR_RATE if scenario == "linear" else HIGHEST_RATE
    falling = all(early > late for early, late in zip(rates, rates[1:], strict=False))
    if not (falling and rates[-1] >= LOWEST_RATE and rates[0] <= highest):
        raise BadSettingError(
            setting="base_rates",
            value=", ".join(f"{name} {rate:g}" for name, rate in zip(OUTCOMES, rates, strict=True)),
            allowed=t(
                "rates from {low} to {high} that fall from click to purchase",
                low=LOWEST_RATE,
                high=highest,
            ),
        )
    return tuple(rates)
