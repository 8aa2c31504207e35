"""Discovery of the causal pattern by PC. Takes table and knowledge, gives a `GraphPattern`."""

from causal_core.discovery.columns import ROLES
from causal_core.discovery.independence import LEAST_EFFECT, TESTS
from causal_core.discovery.steps import discover

__all__ = ["LEAST_EFFECT", "ROLES", "TESTS", "discover"]
