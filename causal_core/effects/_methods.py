"""Four ways to a difference. Takes one outcome's arrays, gives arm means with their influence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal_core.features import ArmMeans, cluster_sums, effective_sample_size, target_weights
from causal_core.question import EffectKind

Array = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """The compared units of one outcome.

    Shapes: y ``(n,)``; arm ``(n,)`` in {0, 1}; predictions and propensities ``(n, 2)``, held out;
    features ``(n, d)``; clusters ``(n,)`` with codes from 0. `countable` tells whether y is an
    event or an amount of them.
    """

    y: Array
    arm: Array
    predictions: Array
    propensities: Array
    features: Array
    clusters: Array
    n_clusters: int
    kind: EffectKind
    countable: bool

    def events(self, weights: Array) -> float:
        """Return ``(sum w y)^2 / sum (w y)^2`` over clusters: the events that a mean rests on."""
        sums = cluster_sums((weights * self.y)[:, None], self.clusters, self.n_clusters)
        return effective_sample_size(sums.ravel())

    @property
    def members(self) -> Array:
        """Which units the effect is averaged over, ``(n,)`` of 0 and 1."""
        if self.kind is EffectKind.ATT:
            return np.asarray(self.arm == 1, dtype=np.float64)
        if self.kind is EffectKind.ATU:
            return np.asarray(self.arm == 0, dtype=np.float64)
        return np.ones(len(self.arm))


def doubly_robust(sample: Sample) -> ArmMeans:
    """Return the cross-fitted augmented inverse-propensity means (Robins, Rotnitzky, Zhao, 1994).

    For arm a and target group g with ``h = P(g | x)``, unit i contributes
    ``g mu_a + 1(arm = a) h / e_a (y - mu_a)``, divided by the share of g. Against today, the
    control mean is that of the outcome as it was.
    """
    scores = scores_of(sample)
    events = [sample.events(weights) for weights in scores.weights]
    return _means(scores.contributions.T, sample, (events[0], events[1]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """Each unit's part in the doubly robust arm means, control first: both have shape ``(2, n)``.

    `weights` is how much its outcome counts, 0 in the other arm; the sum of `contributions`
    over units, divided by the number of members, is an arm's mean.
    """

    weights: Array
    contributions: Array


def scores_of(sample: Sample) -> Scores:
    """Return each unit's part in the doubly robust means; see `doubly_robust`."""
    target = target_weights(sample.kind, sample.propensities)
    weights, contributions = np.empty((2, len(sample.y))), np.empty((2, len(sample.y)))
    for a in (0, 1):
        if a == 0 and sample.kind is EffectKind.EVERYONE:
            weights[a], contributions[a] = 1.0, sample.y
            continue
        mu = sample.predictions[:, a]
        weights[a] = (sample.arm == a) * target / sample.propensities[:, a]
        contributions[a] = sample.members * mu + weights[a] * (sample.y - mu)
    return Scores(weights=weights, contributions=contributions)


def plug_in(sample: Sample) -> ArmMeans:
    """Return the means of the model's predictions, uncorrected.

    The influence is that of a correct model. What the model gets wrong is not in the interval.
    """
    corrected = doubly_robust(sample)
    control = sample.y if sample.kind is EffectKind.EVERYONE else sample.predictions[:, 0]
    pair = np.column_stack([control, sample.predictions[:, 1]])
    values = sample.members @ pair / sample.members.sum()
    return ArmMeans(values=(float(values[0]), float(values[1])), influence=corrected.influence)


def naive(sample: Sample) -> ArmMeans:
    """Return the raw means of both arms (against today: of the treated and of all)."""
    columns, events = [], []
    for a in (0, 1):
        today = a == 0 and sample.kind is EffectKind.EVERYONE
        group = np.ones(len(sample.y)) if today else (sample.arm == a).astype(np.float64)
        mean = float(group @ sample.y / group.sum())
        columns.append((mean, group * (sample.y - mean) / group.mean()))
        events.append(sample.events(group))
    return ArmMeans(
        values=(columns[0][0], columns[1][0]),
        influence=np.column_stack([columns[0][1], columns[1][1]]),
        events=(events[0], events[1]) if sample.countable else None,
    )


def linear(sample: Sample) -> ArmMeans:
    """Return least squares of the outcome on treatment and features, one effect for all.

    The control mean is what the average unit would have without treatment; its interval and
    that of the effect are clustered (sandwich). Against today, the effect counts for those
    who are not treated today.
    """
    n = len(sample.y)
    design = np.column_stack([sample.arm, np.ones(n), sample.features])
    inverse = np.linalg.pinv(design.T @ design / n, hermitian=True)
    beta = inverse @ (design.T @ sample.y) / n
    scores = design * (sample.y - design @ beta)[:, None]
    effect, slope_influence = float(beta[0]), scores @ inverse[0]
    mean, share = float(sample.y.mean()), float(sample.arm.mean())
    today = sample.y - mean
    if sample.kind is EffectKind.EVERYONE:
        gain = effect * (1 - share)
        gained = (1 - share) * slope_influence - effect * (sample.arm - share)
        return ArmMeans(
            values=(mean, mean + gain), influence=np.column_stack([today, today + gained])
        )
    control = mean - effect * share
    influence = today - share * slope_influence - effect * (sample.arm - share)
    return ArmMeans(
        values=(control, control + effect),
        influence=np.column_stack([influence, influence + slope_influence]),
    )


def correction(sample: Sample) -> tuple[float, float]:
    """Return how far doubly robust moves the plug-in effect, and that correction's error."""
    both, plain = doubly_robust(sample), plug_in(sample)
    size = both.difference - plain.difference
    g = sample.members
    target = target_weights(sample.kind, sample.propensities)
    terms = [
        (sample.arm == a)
        * target
        / sample.propensities[:, a]
        * (sample.y - sample.predictions[:, a])
        for a in (0, 1)
    ]
    moved = terms[1] if sample.kind is EffectKind.EVERYONE else terms[1] - terms[0]
    sums = cluster_sums(
        ((moved - moved.mean()) / g.mean())[:, None], sample.clusters, sample.n_clusters
    )
    return size, float(np.sqrt(np.sum(sums**2))) / len(sample.y)


def _means(contributions: Array, sample: Sample, events: tuple[float, float]) -> ArmMeans:
    """Return the means over the target group, whose share is itself estimated."""
    g = sample.members
    values = contributions.sum(axis=0) / g.sum()
    influence = (contributions - np.outer(g, values)) / g.mean()
    return ArmMeans(
        values=(float(values[0]), float(values[1])),
        influence=influence,
        events=events if sample.countable else None,
    )
