"""Columns as numbers: what the models see, and how alike two groups are in it.

Takes a table's columns, gives float arrays, codes of treatment arms, and the overlap of two arms.
"""

from causal_core.features._arms import arm_codes, group_codes
from causal_core.features._basis import FeatureBasis
from causal_core.features._encoder import FeatureEncoder
from causal_core.features._overlap import effective_sample_size, measure_overlap, target_weights

__all__ = [
    "FeatureBasis",
    "FeatureEncoder",
    "arm_codes",
    "effective_sample_size",
    "group_codes",
    "measure_overlap",
    "target_weights",
]
