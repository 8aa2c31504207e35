"""Identification by back-door adjustment. Takes graph and question, gives an `Estimand`."""

from causal_core.identification.orientations import adjustment_sets_by_orientation
from causal_core.identification.redraw import Redrawn, redraw
from causal_core.identification.steps import adjust, diagnose, identify, known_before

__all__ = [
    "Redrawn",
    "adjust",
    "adjustment_sets_by_orientation",
    "diagnose",
    "identify",
    "known_before",
    "redraw",
]
