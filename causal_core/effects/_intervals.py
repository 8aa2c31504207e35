"""Passed on from `features`, where other steps find it too."""

from causal_core.features import ArmMeans, covariance, difference_limits, mover
from causal_core.features._intervals import cluster_sums

__all__ = ["ArmMeans", "cluster_sums", "covariance", "difference_limits", "mover"]
