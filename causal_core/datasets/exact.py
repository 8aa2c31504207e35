"""What is true of a scenario. Takes its name and rates, gives effects by quasi-random integration.

Nothing here depends on the seed of a table: the same scenario has the same truth for every seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache

import numpy as np

from causal_core.datasets.laws import CONTROL_OUTCOME, OUTCOMES, SLOT_PARENTS, Law
from causal_core.datasets.mechanisms import (
    HELP_RATE,
    REPLICATES,
    Mechanisms,
    calibrated,
    population,
)
from causal_core.datasets.people import (
    COVARIATE_EDGES,
    HIDDEN_CHILDREN,
    OBSERVED,
    RANDOM_SHARE,
    SLOTS,
    People,
)
from causal_core.datasets.scenarios import COUPON_EUR, redeem_chance
from causal_core.results import Array, TrueEffect, Truth

SLOT_CONTRAST = (1, 3)
_COMPARABLE = (0.05, 0.95)
_NODES = 15


@dataclass(frozen=True, kw_only=True, eq=False)
class _Integrand:
    """The population with all that is averaged over it."""

    mechanisms: Mechanisms
    people: People
    propensity: Array
    means: Array

    @property
    def effects(self) -> Array:
        return np.asarray(self.means[:, 1] - self.means[:, 0])

    def in_slot(self, slot: int) -> Array:
        """Return P(outcome) with everybody in `slot` and treated as today: ``(n, 4)``."""
        means = self.mechanisms.means(self.people, np.full(len(self.people), float(slot)))
        return _as_treated(means, self.propensity)


def _as_treated(means: Array, propensity: Array) -> Array:
    share = propensity[:, None]
    return np.asarray(share * means[:, 1] + (1 - share) * means[:, 0])


@lru_cache(maxsize=32)
def truth_of(scenario: str, rates: tuple[float, ...], strength: float) -> Truth:
    """Return the truth of a scenario.

    Parameters
    ----------
    scenario, rates, strength
        As `mechanisms.calibrated` takes them.

    Returns
    -------
    Truth
        Effects of treatment (1 against 0) and position (1 against 3) on every outcome and on the
        negative control. Its notes hold segments, means under each intervention, the raw
        difference, ATT, ATU and the numerical error: the standard error over independent sets
        of quasi-random points.
    """
    mechanisms = calibrated(scenario, rates, strength)
    law = mechanisms.law
    people = population(law)
    whole = _Integrand(
        mechanisms=mechanisms,
        people=people,
        propensity=law.policy(people),
        means=mechanisms.means(people),
    )
    slots = {slot: whole.in_slot(slot) for slot in SLOTS}
    first, third = (slots[slot] for slot in SLOT_CONTRAST)
    levers = {(law.treatment, 1.0, 0.0): whole.effects, ("position", 1.0, 3.0): first - third}
    edges = _edges(law)
    return Truth(
        scenario=scenario,
        effects=tuple(
            effect for lever, gains in levers.items() for effect in _effects(lever, gains)
        ),
        edges=edges,
        adjustment=_adjustment(law, edges),
        notes=_notes(whole, slots, levers),
    )


def _effects(lever: tuple[str, float, float], gains: Array) -> list[TrueEffect]:
    treatment, treated_value, control_value = lever
    values = [*map(_tidy, gains.mean(axis=0)), 0.0]
    return [
        TrueEffect(
            treatment=treatment,
            outcome=outcome,
            treated_value=treated_value,
            control_value=control_value,
            value=value,
        )
        for outcome, value in zip((*OUTCOMES, CONTROL_OUTCOME), values, strict=True)
    ]


def _tidy(value: float) -> float:
    """Return a float whose last digits, which depend on the order of sums, are cut."""
    return round(float(value), 10) + 0.0


# ---------------------------------------------------------------- graph


def _edges(law: Law) -> tuple[tuple[str, str], ...]:
    """Return which observed column acts on which, in a fixed order."""
    edges = list(COVARIATE_EDGES)
    edges += [(source, target) for target, sources in law.parents.items() for source in sources]
    edges += [(source, "position") for source in SLOT_PARENTS]
    edges += [(early, late) for early, late in zip(OUTCOMES, OUTCOMES[1:], strict=False)]
    if law.name == "coupon":
        edges += [(source, "redeemed") for source in (law.treatment, "purchase", "purchases_28d")]
        edges += [("redeemed", "coupon_cost"), ("purchase", "order_value")]
    return tuple(dict.fromkeys(edges))


def _adjustment(law: Law, edges: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the observed causes of treatment or an outcome that are no effect of the treatment."""
    targets = {law.treatment, *OUTCOMES, CONTROL_OUTCOME}
    causes = {source for source, target in edges if target in targets}
    return tuple(name for name in OBSERVED if name in causes)


def hidden_causes(law: Law) -> dict[str, list[str]]:
    """Return, for each hidden variable, the observed columns that it acts on."""
    children = {name: list(columns) for name, columns in HIDDEN_CHILDREN.items()}
    for column, sources in law.hidden_parents.items():
        for source in sources:
            children.setdefault(source, []).append(column)
    return children


# ---------------------------------------------------------------- notes


def _notes(
    whole: _Integrand,
    slots: Mapping[int, Array],
    levers: Mapping[tuple[str, float, float], Array],
) -> dict[str, object]:
    law, share = whole.mechanisms.law, whole.propensity
    today = _as_treated(whole.means, share)
    do_means = {"today": today.mean(axis=0)}
    do_means |= {f"{law.treatment}={arm}": whole.means[:, arm].mean(axis=0) for arm in (0, 1)}
    do_means |= {f"position={slot}": means.mean(axis=0) for slot, means in slots.items()}
    treated = _weighted(whole.means[:, 1], share) - _weighted(whole.means[:, 0], 1 - share)
    low, high = _COMPARABLE
    notes: dict[str, object] = {
        "identified": not law.strength,
        "levers": [law.treatment, "position"],
        "share_treated": _tidy(share.mean()),
        "share_comparable": _tidy(((share >= low) & (share <= high)).mean()),
        "propensity_range": [_tidy(share.min()), _tidy(share.max())],
        "raw_difference": _named(treated),
        "att": _named(_weighted(whole.effects, share)),
        "atu": _named(_weighted(whole.effects, 1 - share)),
        "do_means": {name: _named(means) for name, means in do_means.items()},
        "segments": [_segment(whole, place) for place in range(len(law.segments))],
        "hidden_common_causes": hidden_causes(law),
        "negative_control": CONTROL_OUTCOME,
        "negative_control_rate": HELP_RATE,
        "numerical_error": {name: _named(_error(gains)) for (name, _, _), gains in levers.items()},
        "points": len(whole.people),
    }
    if law.name == "hidden":
        notes |= {"strength": law.strength, "bias_after_adjustment": _named(_leftover(whole))}
    if law.name == "coupon":
        notes |= _coupon_notes(whole)
    return notes


def _leftover(whole: _Integrand) -> Array:
    """Return the bias, ``(4,)``, that perfect adjustment for all observed columns leaves.

    Averages the hidden cause given treatment and the rest, by Gauss-Hermite quadrature.
    """
    people = _first(whole.people, len(whole.people) // REPLICATES)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    among = np.zeros((len(people), 2))
    reached = np.zeros((len(people), 2, len(OUTCOMES)))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        there = replace(people, hidden=np.full(len(people), node))
        treated = whole.mechanisms.law.policy(there)
        share = weight * np.stack([1 - treated, treated], axis=1)
        among += share
        reached += share[:, :, None] * whole.mechanisms.means(there)
    observed = reached / among[:, :, None]
    actual = whole.effects[: len(people)].mean(axis=0)
    return np.asarray((observed[:, 1] - observed[:, 0]).mean(axis=0) - actual)


def _first(people: People, n: int) -> People:
    return People(**{field.name: getattr(people, field.name)[:n] for field in fields(people)})


def _coupon_notes(whole: _Integrand) -> dict[str, object]:
    bought = whole.means[:, 1, -1] * redeem_chance(whole.people)
    return {
        "random_traffic_share": RANDOM_SHARE,
        "coupon_eur": COUPON_EUR,
        "cost_per_user_shown_eur": _tidy(COUPON_EUR * bought.mean()),
    }


def _segment(whole: _Integrand, place: int) -> dict[str, object]:
    segment = whole.mechanisms.law.segments[place]
    among = segment.among(whole.people)
    return {
        "name": segment.name,
        "where": segment.where,
        "share": _tidy(among.mean()),
        "effects": _named(_weighted(whole.effects, among)),
    }


def _named(values: Array) -> dict[str, float]:
    return {name: _tidy(value) for name, value in zip(OUTCOMES, values, strict=True)}


def _weighted(values: Array, weights: Array) -> Array:
    return np.asarray(weights @ values / weights.sum())


def _error(gains: Array) -> Array:
    """Return the standard error of the mean over the independent point sets: ``(4,)``."""
    means = gains.reshape(REPLICATES, -1, gains.shape[1]).mean(axis=1)
    return np.asarray(means.std(axis=0, ddof=1) / np.sqrt(REPLICATES))
