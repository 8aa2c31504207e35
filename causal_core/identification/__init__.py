"""Identification by back-door adjustment. Takes graph and question, gives an `Estimand`."""

from causal_core.identification.orientations import adjustment_sets_by_orientation
from causal_core.identification.steps import adjust, diagnose, identify

__all__ = ["adjust", "adjustment_sets_by_orientation", "diagnose", "identify"]
