"""Takes features and propensities, tells whether both arms hold comparable units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal_core.language import percent, t
from causal_core.question import EffectKind
from causal_core.results import Balance, Overlap

Array = np.ndarray

_RARER = 10.0  # a unit is comparable if no arm is this much rarer for it than on the whole
_BINS = 20
_NEVER = 1e-9  # what a chance of 0 is taken for
_LEAST_SHARE = 0.8  # of the target's units that must be comparable
_LEAST_ESS = 30.0
_LEAST_ESS_SHARE = 0.05  # effective sample size over units of an arm
_WORST_BALANCE = 0.25  # standard deviations that weighting may leave (Stuart, 2010)


def target_weights(kind: EffectKind, propensities: Array) -> Array:
    """Return how much each unit counts in the population of an effect, ``(n,)``.

    It is the chance of belonging to the target, given the covariates: 1 for everybody, the
    propensity of the treated (control) arm for the effect on the treated (untreated).
    `propensities` has shape ``(n, 2)``.
    """
    if kind is EffectKind.ATT:
        return propensities[:, 1]
    if kind is EffectKind.ATU:
        return propensities[:, 0]
    return np.ones(len(propensities))


def effective_sample_size(weights: Array) -> float:
    """Return ``(sum w)^2 / sum w^2`` (Kish, 1965).

    Examples
    --------
    >>> effective_sample_size(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    squares = float(np.sum(weights**2))
    return float(np.sum(weights)) ** 2 / squares if squares > 0 else 0.0


def measure_overlap(
    features: Array,
    sources: Sequence[str],
    arm: Array,
    propensities: Array,
    *,
    kind: EffectKind = EffectKind.ATE,
) -> Overlap:
    """Tell whether every kind of unit in the target population could have had either arm.

    Parameters
    ----------
    features
        Encoded covariates, ``(n, n_features)``; `sources` names each one's covariate.
    arm
        0 or 1 for each unit, ``(n,)``.
    propensities
        Chance of each arm, held out, ``(n, 2)``.

    Notes
    -----
    A unit is comparable while no needed arm is more than ten times rarer for it than on the
    whole. There is enough overlap when at least 80 % of the target population is comparable,
    each needed arm keeps an effective sample of 30 units and 5 % of its size, and weighting
    leaves no covariate more than 0.25 standard deviations apart.
    """
    target = target_weights(kind, propensities)
    possible = np.maximum(propensities, _NEVER)
    weights = [(arm == a) * target / possible[:, a] for a in (0, 1)]
    sizes = [effective_sample_size(weight) for weight in weights]
    shares = np.array([float(np.mean(arm == a)) for a in (0, 1)])
    common: Array = np.asarray(propensities >= shares / _RARER, dtype=bool)
    needed = _needed(kind)
    in_target = _members(kind, arm)
    comparable = float(np.mean(common[in_target][:, needed].all(axis=1)))
    balance = _balance(features, sources, arm, weights)
    reason = _shortage(comparable, sizes, arm, needed, balance)
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    counts = [np.histogram(propensities[arm == a, 1], edges)[0] for a in (0, 1)]
    return Overlap(
        ess_treated=sizes[1],
        ess_control=sizes[0],
        trimmed=float(1 - common.all(axis=1).mean()),
        share_comparable=comparable,
        sufficient=not reason,
        sentence=reason or _all_is_well(comparable),
        edges=tuple(float(edge) for edge in edges),
        treated_counts=tuple(int(n) for n in counts[1]),
        control_counts=tuple(int(n) for n in counts[0]),
        balance=balance,
    )


def _needed(kind: EffectKind) -> list[int]:
    """Return the arms that must be possible for the units of the target population."""
    only = {EffectKind.ATT: [0], EffectKind.ATU: [1], EffectKind.EVERYONE: [1]}
    return only.get(kind, [0, 1])


def _members(kind: EffectKind, arm: Array) -> Array:
    if kind is EffectKind.ATT:
        return np.asarray(arm == 1)
    return np.asarray(arm == 0) if kind is EffectKind.ATU else np.ones(len(arm), dtype=bool)


def _all_is_well(comparable: float) -> str:
    return t("{share} of units have a comparable counterpart.", share=percent(comparable, digits=0))


def _shortage(
    comparable: float,
    sizes: Sequence[float],
    arm: Array,
    needed: Sequence[int],
    balance: Sequence[Balance],
) -> str:
    """Return what is missing for a comparison, or an empty text."""
    if comparable < _LEAST_SHARE:
        return t(
            "Only {share} of units have a comparable counterpart; {least} are needed.",
            share=percent(comparable, digits=0),
            least=percent(_LEAST_SHARE, digits=0),
        )
    for a in needed:
        least = max(_LEAST_ESS, _LEAST_ESS_SHARE * float(np.sum(arm == a)))
        if sizes[a] < least:
            group = t("treated") if a else t("control")
            return t(
                "The {group} units count for only {n} once they are weighted; {least} are needed.",
                group=group,
                n=round(sizes[a]),
                least=round(least),
            )
    worst = max(balance, key=lambda item: item.after, default=None)
    if worst is not None and worst.after > _WORST_BALANCE:
        return t(
            "Even after weighting the groups differ in “{column}” by {distance:.2f} standard "
            "deviations; {most} are allowed.",
            column=worst.covariate,
            distance=worst.after,
            most=_WORST_BALANCE,
        )
    return ""


def _balance(
    features: Array, sources: Sequence[str], arm: Array, weights: Sequence[Array]
) -> tuple[Balance, ...]:
    """Return for each covariate its worst feature: distance of means in pooled deviations."""
    groups = [arm == a for a in (0, 1)]
    spread = np.sqrt(np.mean([features[group].var(axis=0) for group in groups], axis=0))
    spread = np.where(spread > 0, spread, 1.0)
    raw = [features[group].mean(axis=0) for group in groups]
    weighted = [weight @ features / max(float(weight.sum()), 1e-12) for weight in weights]
    before = np.abs(raw[1] - raw[0]) / spread
    after = np.abs(weighted[1] - weighted[0]) / spread
    worst: dict[str, list[float]] = {}
    for name, first, second in zip(sources, before, after, strict=True):
        known = worst.setdefault(name, [0.0, 0.0])
        worst[name] = [max(known[0], float(first)), max(known[1], float(second))]
    return tuple(Balance(covariate=name, before=b, after=a) for name, (b, a) in worst.items())
