"""What a scenario is made of: the policy, the funnel's formulas, and the pieces they share.

A law gives the policy's chance of treatment and, per stage and arm, a score without its
intercept; `mechanisms` finds the intercepts that give the rates that were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from causal_core.datasets.people import MOST_LINEAR_VISITS, People
from causal_core.results import Array

OUTCOMES = ("click", "browse", "cart", "purchase")
CONTROL_OUTCOME = "help_contact"
SLOT_PARENTS = ("interest_sports", "interest_tech")
_HABIT_CLICKS = 4
_SETTLED_DAYS = 180

Parents = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A group of users of special interest: in words of a filter, and as a 0/1 function."""

    name: str
    where: str
    among: Callable[[People], Array]


@dataclass(frozen=True, kw_only=True)
class Law:
    """One scenario.

    `policy` gives P(treated | what the policy saw), ``(n,)``; `stages` the scores of the four
    stages for control and treated, ``(n, 2, 4)``; `slot_slope` how much a lower slot costs the
    click; `help_score` the score of the negative control, ``(n,)``. `parents` names, per target,
    the observed columns that enter its formula, `hidden_parents` the unobserved variables. With
    `linear` the scores are multiples of the base rate instead of logits.
    """

    name: str
    treatment: str
    policy: Callable[[People], Array]
    stages: Callable[[People], Array]
    help_score: Callable[[People], Array]
    parents: Parents
    hidden_parents: Parents
    segments: tuple[Segment, ...] = ()
    slot_slope: float = 0.5
    linear: bool = False
    strength: float = 0.0


def expit(score: Array) -> Array:
    """Return 1 / (1 + exp(-score))."""
    from scipy import special

    return np.asarray(special.expit(score), dtype=np.float64)


def within(least: float, score: Array) -> Array:
    """Return a chance between `least` and 1 - `least`."""
    return np.asarray(least + (1 - 2 * least) * expit(score))


def join(*parents: Parents) -> dict[str, tuple[str, ...]]:
    """Return the parents that several formulas have together."""
    targets = dict.fromkeys(target for part in parents for target in part)
    return {
        target: tuple(dict.fromkeys(name for part in parents for name in part.get(target, ())))
        for target in targets
    }


def lifted(treatment: str, sources: tuple[str, ...]) -> Parents:
    """Return what a lift adds to the stages' parents; the slot acts on the click alone."""
    whole = (*sources, treatment)
    return {**dict.fromkeys(OUTCOMES, whole), "click": (*whole, "position")}


def stack(without: tuple[Array, ...], lift: tuple[Array | float, ...]) -> Array:
    """Return scores ``(n, 2, 4)`` from the four stages without treatment and their lifts."""
    control = np.stack(without, axis=1)
    gains = np.stack([np.broadcast_to(gain, without[0].shape) for gain in lift], axis=1)
    return np.stack([control, control + gains], axis=1)


# ---------------------------------------------------------------- the policy


def slot_chances(people: People) -> Array:
    """Return the chance of each of the five slots, ``(n, 5)``: some interests are served higher."""
    tilt = 0.6 * people.interest_tech + 0.4 * people.interest_sports - 0.4
    return np.asarray(0.2 + tilt[:, None] * np.array([0.10, 0.05, 0.0, -0.05, -0.10]))


def activity(people: People) -> Array:
    """Return the log of the visits, around zero."""
    return np.asarray(np.log1p(people.visits_28d) - 1.4)


def staleness(people: People) -> Array:
    """Return the log of the days since the last visit, around zero."""
    return np.asarray(np.log1p(people.days_since_last_visit) - 2.0)


def visits_line(people: People, most: float) -> Array:
    """Return a straight line in the visits that reaches `most` at their cap."""
    return np.asarray(most * people.visits_28d / MOST_LINEAR_VISITS)


def targeting(people: People) -> Array:
    """Return the score by which the policy picks users: bent, with steps and interactions."""
    return np.asarray(
        0.5 * activity(people)
        - 0.25 * staleness(people) ** 2
        + 0.6 * (people.clicks_28d >= _HABIT_CLICKS)
        + 0.5 * (people.purchases_28d > 0)
        + 0.5 * people.interest_fashion * people.phone
        + 0.3 * people.young
        - 0.4
    )


_INTEREST_PARENTS = (
    *("visits_28d", "days_since_last_visit", "clicks_28d", "purchases_28d"),
    *("interest_fashion", "device"),
)
TARGETING_PARENTS = (*_INTEREST_PARENTS, "age_group")


# ---------------------------------------------------------------- the funnel


def _interest(people: People) -> Array:
    """Return how inclined a user is to act anyway: close to what the policy looks for."""
    return np.asarray(
        0.6 * activity(people)
        - 0.25 * staleness(people) ** 2
        + 0.5 * (people.clicks_28d >= _HABIT_CLICKS)
        + 0.5 * (people.purchases_28d > 0)
        + 0.5 * people.interest_fashion * people.phone
        + 0.15 * people.drive
    )


def _wallet(people: People) -> Array:
    """Return how ready a user is to spend."""
    spent = np.log1p(people.spend_28d) - 1.2
    return np.asarray(0.25 * spent + 0.3 * (people.tenure_days > _SETTLED_DAYS))


def inclinations(people: People) -> tuple[Array, Array, Array, Array]:
    """Return the scores of the four stages without treatment, each ``(n,)``."""
    interest, wallet = _interest(people), _wallet(people)
    return (
        interest,
        0.5 * interest + 0.2 * people.taste * people.interest_sports,
        0.35 * interest + 0.5 * wallet,
        0.3 * interest + wallet,
    )


INCLINATION_PARENTS: Parents = {
    "click": _INTEREST_PARENTS,
    "browse": (*_INTEREST_PARENTS, "interest_sports"),
    "cart": (*_INTEREST_PARENTS, "spend_28d", "tenure_days"),
    "purchase": (*_INTEREST_PARENTS, "spend_28d", "tenure_days"),
}
INCLINATION_HIDDEN: Parents = {
    "click": ("drive",),
    "browse": ("drive", "taste"),
    "cart": ("drive",),
    "purchase": ("drive",),
}


def help_score(people: People) -> Array:
    """Return the score of asking the help desk, which no banner touches."""
    return np.asarray(0.4 * activity(people) - 0.3 * people.young + 0.2 * people.drive)


HELP_PARENTS: Parents = {CONTROL_OUTCOME: ("visits_28d", "age_group")}
HELP_HIDDEN: Parents = {CONTROL_OUTCOME: ("drive",)}
