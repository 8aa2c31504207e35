"""The six scenarios. Takes a name, gives its law; every number of the truth lab stands here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from causal_core.datasets.laws import (
    CONTROL_OUTCOME,
    HELP_HIDDEN,
    HELP_PARENTS,
    INCLINATION_HIDDEN,
    INCLINATION_PARENTS,
    OUTCOMES,
    TARGETING_PARENTS,
    Law,
    Segment,
    activity,
    help_score,
    inclinations,
    join,
    lifted,
    stack,
    staleness,
    targeting,
    visits_line,
    within,
)
from causal_core.datasets.people import People
from causal_core.errors import BadSettingError
from causal_core.language import t
from causal_core.results import Array

SCENARIOS = ("linear", "funnel", "null", "no-overlap", "hidden", "coupon")
"""The scenarios by name."""

DEFAULT_STRENGTH = 1.0
COUPON_EUR = 5.0
_MOST_STRENGTH = 3
_LEAST_CHANCE = 0.04
_LOYAL = 2
_NEW_DAYS = 90


def law_of(scenario: str, strength: float) -> Law:
    """Return the law of a scenario.

    Raises
    ------
    BadSettingError
        If there is no such scenario, or `strength` is not a number from 0 to 3.
    """
    if scenario not in SCENARIOS:
        names = ", ".join(SCENARIOS)
        raise BadSettingError(setting="scenario", value=scenario, allowed=names)
    if not 0 <= strength <= _MOST_STRENGTH:
        allowed = t("a number from {low} to {high}", low=0, high=_MOST_STRENGTH)
        raise BadSettingError(setting="strength", value=strength, allowed=allowed)
    return _hidden(strength) if scenario == "hidden" else _LAWS[scenario]()


# ---------------------------------------------------------------- funnel and its relatives


def _senior_phone(people: People) -> Array:
    return np.asarray(people.oldest * people.phone)


_HARMED = Segment(
    name="harmed", where="age_group == '55+' and device == 'phone'", among=_senior_phone
)


def _funnel_policy(people: People) -> Array:
    return within(_LEAST_CHANCE, targeting(people))


def _funnel_stages(people: People) -> Array:
    """Return scores in which the banner helps most of all the lapsed, and harms one segment."""
    gain = 0.38 + 0.45 * people.interest_sports - 0.25 * people.interest_tech * people.young
    gain = gain + 0.25 * np.abs(staleness(people))
    lift = np.where(_senior_phone(people) > 0, -0.9, gain)
    return stack(inclinations(people), (lift, 0.35 * lift, 0.25 * lift, 0.15 * lift))


_LIFT_PARENTS = ("age_group", "device", "interest_sports", "interest_tech", "days_since_last_visit")


def _funnel() -> Law:
    """Return the law with bends, thresholds, interactions and one harmed segment."""
    return Law(
        name="funnel",
        treatment="banner",
        policy=_funnel_policy,
        stages=_funnel_stages,
        help_score=help_score,
        parents=join(
            {"banner": TARGETING_PARENTS},
            INCLINATION_PARENTS,
            lifted("banner", _LIFT_PARENTS),
            HELP_PARENTS,
        ),
        hidden_parents=join(INCLINATION_HIDDEN, HELP_HIDDEN),
        segments=(_HARMED,),
    )


def _no_overlap() -> Law:
    """Return the funnel under a policy that decides almost every case by rule."""

    def policy(people: People) -> Array:
        return within(0.0005, 14 * (targeting(people) - 0.1))

    return replace(_funnel(), name="no-overlap", policy=policy)


def _hidden(strength: float) -> Law:
    """Return the funnel with a cause of treatment, funnel and help that no column shows."""

    def policy(people: People) -> Array:
        return within(_LEAST_CHANCE, targeting(people) + strength * people.hidden)

    def stages(people: People) -> Array:
        pull = strength * np.array([1.0, 0.5, 0.5, 0.5])
        return np.asarray(_funnel_stages(people) + people.hidden[:, None, None] * pull)

    def help_wanted(people: People) -> Array:
        return np.asarray(help_score(people) + strength * people.hidden)

    funnel = _funnel()
    touched = (funnel.treatment, *OUTCOMES, CONTROL_OUTCOME) if strength else ()
    return replace(
        funnel,
        name="hidden",
        policy=policy,
        stages=stages,
        help_score=help_wanted,
        hidden_parents=join(funnel.hidden_parents, dict.fromkeys(touched, ("hidden",))),
        strength=strength,
    )


_EARLY = Segment(
    name="early_buyers",
    where="bought_last_7d == 1",
    among=lambda people: people.bought_last_7d,
)


def _null() -> Law:
    """Return the law without any effect; the policy chases early buyers, who buy again anyway."""

    def policy(people: People) -> Array:
        return within(_LEAST_CHANCE, targeting(people) + 1.2 * people.bought_last_7d - 0.1)

    def stages(people: People) -> Array:
        early = np.outer(people.bought_last_7d, (0.3, 0.0, 0.3, 0.8))
        return stack(inclinations(people), (0.0,) * 4) + early[:, None, :]

    early = dict.fromkeys(("banner", "click", "cart", "purchase"), ("bought_last_7d",))
    return replace(
        _funnel(),
        name="null",
        policy=policy,
        stages=stages,
        parents=join({"banner": TARGETING_PARENTS}, INCLINATION_PARENTS, early, HELP_PARENTS),
        segments=(_EARLY,),
        slot_slope=0.0,
    )


# ---------------------------------------------------------------- linear


def _linear() -> Law:
    """Return straight lines: chances are sums of columns, and the effect is one number.

    All stages rise and fall together, so each later one depends on the one before it alone.
    """

    def policy(people: People) -> Array:
        interest = 0.15 + 0.18 * people.interest_sports + 0.12 * people.phone
        return np.asarray(interest + visits_line(people, 0.35))

    def stages(people: People) -> Array:
        score = 0.20 * people.interest_sports + 0.15 * people.interest_fashion
        score = score + 0.10 * people.phone - 0.10 * people.oldest + visits_line(people, 0.60)
        return stack((score,) * 4, (0.3,) * 4)

    def help_wanted(people: People) -> Array:
        return np.asarray(visits_line(people, 0.5) - 0.2 * people.young)

    shared = ("interest_sports", "device", "visits_28d")
    click = (*shared, "interest_fashion", "age_group", "banner", "position")
    return Law(
        name="linear",
        treatment="banner",
        policy=policy,
        stages=stages,
        help_score=help_wanted,
        parents={"banner": shared, "click": click, **HELP_PARENTS},
        hidden_parents={},
        slot_slope=0.05,
        linear=True,
    )


# ---------------------------------------------------------------- the demo


def _loyal(people: People) -> Array:
    return np.asarray(people.purchases_28d >= _LOYAL, dtype=np.float64)


def _harmed(people: People) -> Array:
    return np.asarray(_senior_phone(people) * (1 - _loyal(people)))


def _newcomer(people: People) -> Array:
    new = (people.tenure_days < _NEW_DAYS) * (1 - _senior_phone(people))
    return np.asarray(new * (1 - _loyal(people)))


_COUPON_SEGMENTS = (
    Segment(
        name="newcomers",
        where="tenure_days < 90 and purchases_28d < 2"
        " and (age_group != '55+' or device != 'phone')",
        among=_newcomer,
    ),
    Segment(name="loyal_buyers", where="purchases_28d >= 2", among=_loyal),
    Segment(
        name="harmed",
        where="age_group == '55+' and device == 'phone' and purchases_28d < 2",
        among=_harmed,
    ),
)


def _coupon() -> Law:
    """Return the demo: newcomers gain, loyal buyers buy anyway, the oldest on phones are harmed."""

    def policy(people: People) -> Array:
        targeted = within(0.05, targeting(people) + 0.5 * activity(people) - 0.2)
        return np.where(people.random_traffic > 0, 0.5, targeted)

    def stages(people: People) -> Array:
        lift = 0.35 + 0.9 * _newcomer(people)
        lift = np.where(_loyal(people) > 0, 0.0, np.where(_harmed(people) > 0, -0.8, lift))
        return stack(inclinations(people), (lift, 0.3 * lift, 0.3 * lift, 0.3 * lift))

    lift = ("age_group", "device", "tenure_days", "purchases_28d")
    return replace(
        _funnel(),
        name="coupon",
        treatment="coupon_banner",
        policy=policy,
        stages=stages,
        parents=join(
            {"coupon_banner": (*TARGETING_PARENTS, "random_traffic")},
            INCLINATION_PARENTS,
            lifted("coupon_banner", lift),
            HELP_PARENTS,
        ),
        segments=_COUPON_SEGMENTS,
    )


def redeem_chance(people: People) -> Array:
    """Return who uses the coupon when buying with one at hand, ``(n,)``: the loyal know how."""
    return np.where(_loyal(people) > 0, 0.85, 0.5)


_LAWS: Mapping[str, Callable[[], Law]] = {
    "linear": _linear,
    "funnel": _funnel,
    "null": _null,
    "no-overlap": _no_overlap,
    "coupon": _coupon,
}
