"""Intervals of a mean per arm and of their difference, clustered. Takes influence, gives limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmMeans:
    """The estimated mean of an outcome under control and treated.

    `values` are (control, treated); `influence` ``(n, 2)`` holds how far each unit moves each of
    them, in the outcome's unit, with mean zero; `events` is the effective number of events that
    each mean rests on, where events can be counted.
    """

    values: tuple[float, float]
    influence: Array
    events: tuple[float, float] | None = None

    @property
    def difference(self) -> float:
        """Treated minus control."""
        return self.values[1] - self.values[0]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """An interval of the difference and its standard error."""

    low: float
    high: float
    standard_error: float


def cluster_sums(values: Array, clusters: Array, n_clusters: int) -> Array:
    """Return the sum of each column within each cluster: ``(n, k)`` → ``(n_clusters, k)``."""
    columns = [np.bincount(clusters, weights=column, minlength=n_clusters) for column in values.T]
    return np.column_stack(columns)


def covariance(influence: Array, clusters: Array, n_clusters: int) -> Array:
    """Return the covariance of means from the influence of units in clusters, ``(k, k)``.

    The sums of a cluster are independent of those of the others; the factor ``g / (g - 1)`` is
    for few clusters.
    """
    sums = cluster_sums(influence, clusters, n_clusters)
    few = n_clusters / max(n_clusters - 1, 1)
    return np.asarray(few * (sums.T @ sums) / len(influence) ** 2)


def difference_limits(
    arms: ArmMeans, clusters: Array, n_clusters: int, *, level: float, chances: bool
) -> Limits:
    """Return the interval of treated minus control, resampling whole clusters.

    Where the means are chances of something that may be rare, each arm gets an interval on the
    log-odds scale, and both are combined with their covariance (MOVER: Zou and Donner, 2008);
    its limits stay within −1 and 1 and lean as a rare outcome's must. Otherwise it is the
    difference plus or minus a quantile of Student's t times the standard error.
    """
    quantile = _quantile(level, n_clusters)
    matrix = covariance(arms.influence, clusters, n_clusters)
    contrast = np.array([-1.0, 1.0])
    error = float(np.sqrt(max(contrast @ matrix @ contrast, 0.0)))
    control, treated = arms.values
    if not (chances and 0 < control < 1 and 0 < treated < 1):
        reach = quantile * error
        return Limits(
            low=arms.difference - reach, high=arms.difference + reach, standard_error=error
        )
    errors = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    product = float(errors[0] * errors[1])
    correlation = float(matrix[0, 1]) / product if product > 0 else 0.0
    low, high = mover(
        (control, *_logit_limits(control, float(errors[0]), quantile)),
        (treated, *_logit_limits(treated, float(errors[1]), quantile)),
        min(max(correlation, -1.0), 1.0),
    )
    return Limits(low=low, high=high, standard_error=error)


def mover(
    control: tuple[float, float, float], treated: tuple[float, float, float], correlation: float
) -> tuple[float, float]:
    """Return the limits of a difference from the (value, low, high) of its parts.

    Source: Zou and Donner (2008), Statistics in Medicine 27; Zou (2008) for dependent parts.

    Examples
    --------
    >>> low, high = mover((1.0, 0.0, 2.0), (5.0, 4.0, 6.0), 0.0)
    >>> round(low, 3), round(high, 3)
    (2.586, 5.414)
    """
    value0, low0, high0 = control
    value1, low1, high1 = treated
    down = _joined(value1 - low1, high0 - value0, correlation)
    up = _joined(high1 - value1, value0 - low0, correlation)
    return value1 - value0 - down, value1 - value0 + up


def _joined(first: float, second: float, correlation: float) -> float:
    return float(np.sqrt(max(first**2 - 2 * correlation * first * second + second**2, 0.0)))


def _logit_limits(chance: float, error: float, quantile: float) -> tuple[float, float]:
    centre = np.log(chance / (1 - chance))
    reach = quantile * error / (chance * (1 - chance))
    low, high = 1 / (1 + np.exp(-(centre - reach))), 1 / (1 + np.exp(-(centre + reach)))
    return float(low), float(high)


def _quantile(level: float, n_clusters: int) -> float:
    """Return how many standard errors an interval reaches to either side (Student's t)."""
    from scipy.special import stdtrit

    quantile: Callable[[float, float], float] = stdtrit
    return float(quantile(max(n_clusters - 1, 1), (1 + level) / 2))
