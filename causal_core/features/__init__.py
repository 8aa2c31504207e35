"""Columns as numbers: what the models see, and how alike two groups are in it.

Takes a table's columns, gives float arrays, codes of treatment arms, the overlap of two arms,
intervals of means that resample clusters, and segments of a few covariates.
"""

from causal_core.features._arms import arm_codes, group_codes
from causal_core.features._basis import FeatureBasis
from causal_core.features._encoder import FeatureEncoder
from causal_core.features._intervals import (
    ArmMeans,
    Limits,
    cluster_sums,
    covariance,
    difference_limits,
    mover,
)
from causal_core.features._overlap import effective_sample_size, measure_overlap, target_weights
from causal_core.features._segments import Segment, segments_of

__all__ = [
    "ArmMeans",
    "FeatureBasis",
    "FeatureEncoder",
    "Limits",
    "Segment",
    "arm_codes",
    "cluster_sums",
    "covariance",
    "difference_limits",
    "effective_sample_size",
    "group_codes",
    "measure_overlap",
    "mover",
    "segments_of",
    "target_weights",
]
