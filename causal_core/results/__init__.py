"""What the steps give: frozen, dressed numbers without data, engine or computation."""

from causal_core.results.estimates import (
    Array,
    Balance,
    Basis,
    Comparable,
    EffectEstimate,
    Effects,
    FitRecord,
    Method,
    OutcomeModel,
    OutcomeQuality,
    Overlap,
    Refit,
    Refutation,
    Refutations,
    SegmentEffect,
    basis_of,
)
from causal_core.results.lab import (
    LabRun,
    LabRuns,
)
from causal_core.results.policies import (
    FrontierPoint,
    Policies,
    PolicyName,
    PolicyValue,
    TreatedSegment,
)
from causal_core.results.reports import (
    Check,
    Report,
    TrueEffect,
    Truth,
)
from causal_core.results.scenarios import (
    Intervention,
    Scenario,
    ScenarioOutcome,
    Scenarios,
)

__all__ = [
    "Array",
    "Balance",
    "Basis",
    "Check",
    "Comparable",
    "EffectEstimate",
    "Effects",
    "FitRecord",
    "FrontierPoint",
    "Intervention",
    "LabRun",
    "LabRuns",
    "Method",
    "OutcomeModel",
    "OutcomeQuality",
    "Overlap",
    "Policies",
    "PolicyName",
    "PolicyValue",
    "Refit",
    "Refutation",
    "Refutations",
    "Report",
    "Scenario",
    "ScenarioOutcome",
    "Scenarios",
    "SegmentEffect",
    "TreatedSegment",
    "TrueEffect",
    "Truth",
    "basis_of",
]
