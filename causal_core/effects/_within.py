"""The effect within segments. Takes one outcome's sample and the segments, gives intervals.

The intervals of one outcome hold for all its segments together, so that looking at many of them
finds nothing by chance more often than the level allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal_core.effects._methods import Sample, scores_of
from causal_core.features import ArmMeans, Segment, cluster_sums, difference_limits
from causal_core.results import SegmentEffect

Array = np.ndarray

LEAST_EFFECTIVE = 20.0  # units of an arm, by their weights
LEAST_EVENTS = 15.0  # effective events of an arm, and effective units without one
_DRAWS = 4_000
_MOST_CLUSTERS = 50_000  # of which the correlation between segments is taken


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """One segment's arm means for one outcome."""

    segment: Segment
    arms: ArmMeans


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pulls:
    """What each unit adds to sums over a segment, units along the last axis.

    `contributions` ``(2, n)`` and `members` ``(n,)`` give the arm means; the effective number of
    each row of `counted` ``(k, n)`` must reach `least` ``(k,)``.
    """

    members: Array
    contributions: Array
    counted: Array
    least: Array


def segment_effects(
    sample: Sample,
    segments: tuple[Segment, ...],
    *,
    outcome: str,
    level: float,
    chances: bool,
    seed: int,
) -> tuple[SegmentEffect, ...]:
    """Return the primary effect of one outcome within each segment, with intervals for all at once.

    Parameters
    ----------
    sample
        All compared units of the outcome; predictions and propensities are held out.
    segments
        Rows of it; those with too few effective units or events in an arm are left out.
    outcome, level, chances
        Its name, how often *all* intervals are to hold, and whether it is 0 or 1.
    seed
        Seeds the multiplier bootstrap.

    Notes
    -----
    Intervals reach as many standard errors as the largest of all errors does at the level. Its
    distribution is that of a Gaussian multiplier bootstrap over clusters, which given the data
    is Gaussian with the correlation of the clusters' sums, and is drawn as such.

    References
    ----------
    Chernozhukov, Chetverikov and Kato (2013), Annals of Statistics 41.
    """
    pulls = _pulls(sample, chances=chances)
    parts = [part for one in segments if (part := _part(pulls, one))]
    if not parts:
        return ()
    pointwise = _pointwise_level(_correlation(sample, parts), level, seed)
    return tuple(
        _effect(part, outcome, level=level, pointwise=pointwise, chances=chances) for part in parts
    )


def _effect(
    part: _Part, outcome: str, *, level: float, pointwise: float, chances: bool
) -> SegmentEffect:
    limits = difference_limits(
        part.arms,
        part.segment.clusters,
        part.segment.n_clusters,
        level=pointwise,
        chances=chances,
    )
    return SegmentEffect(
        column=part.segment.column,
        segment=part.segment.words,
        where=part.segment.where,
        outcome=outcome,
        value=part.arms.difference,
        low=limits.low,
        high=limits.high,
        level=level,
        standard_error=limits.standard_error,
        n_units=len(part.segment.rows),
        n_clusters=part.segment.n_clusters,
    )


def _pulls(sample: Sample, *, chances: bool) -> _Pulls:
    scores = scores_of(sample)
    counted = [scores.weights]
    least = [LEAST_EFFECTIVE]
    if sample.countable:
        counted.append(scores.weights * sample.y)
        least.append(LEAST_EVENTS)
    if chances:
        counted.append(scores.weights * (1 - sample.y))
        least.append(LEAST_EVENTS)
    return _Pulls(
        members=sample.members,
        contributions=scores.contributions,
        counted=np.vstack(counted),
        least=np.repeat(least, 2),
    )


def _part(pulls: _Pulls, segment: Segment) -> _Part | None:
    """Return one segment's arm means, None where it holds too little for an interval."""
    rows, alone = segment.rows, segment.n_clusters == len(segment.rows)
    counted = pulls.counted[:, rows]
    if not alone:
        counted = cluster_sums(counted.T, segment.clusters, segment.n_clusters).T
    sums, squares = counted.sum(axis=1), np.square(counted).sum(axis=1)
    if np.any(sums**2 < pulls.least * squares) or np.any(squares <= 0):
        return None
    members, own = pulls.members[rows], pulls.contributions[:, rows]
    values = own.sum(axis=1) / members.sum()
    influence = ((own - values[:, None] * members) / members.mean()).T
    arms = ArmMeans(values=(float(values[0]), float(values[1])), influence=influence)
    moves = np.any(influence[:, 1] != influence[:, 0])
    return _Part(segment=segment, arms=arms) if moves else None


def _correlation(sample: Sample, parts: list[_Part]) -> Array:
    """Return the correlation of the estimates of overlapping segments, ``(k, k)``."""
    step = -(-sample.n_clusters // _MOST_CLUSTERS)
    size = -(-sample.n_clusters // step)
    sums = np.empty((len(parts), size))
    for place, part in enumerate(parts):
        codes = sample.clusters[part.segment.rows]
        pull = part.arms.influence[:, 1] - part.arms.influence[:, 0]
        if step > 1:
            taken = codes % step == 0
            codes, pull = codes[taken] // step, pull[taken]
        sums[place] = np.bincount(codes, weights=pull, minlength=size)
    matrix = sums @ sums.T
    scale = np.sqrt(np.maximum(np.diag(matrix), np.finfo(float).tiny))
    matrix = matrix / np.outer(scale, scale)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix)


def _pointwise_level(correlation: Array, level: float, seed: int) -> float:
    """Return the level of each interval at which all of them hold at `level`."""
    from scipy.special import ndtr

    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = np.random.default_rng(seed).standard_normal((len(correlation), _DRAWS))
    largest = np.abs(root @ draws).max(axis=0)
    reach = float(np.quantile(largest, level))
    return max(float(2 * ndtr(reach) - 1), level)
