"""Where one analysis stands, the checks before its headline, and the verdict."""

from causal_core.analysis.checks import FEW_EVENTS, LEAST_EVENTS, attempt_sentence, attempt_title
from causal_core.analysis.state import SLOTS, Analysis
from causal_core.analysis.verdicts import (
    Verdict,
    per_thousand,
    raw_difference,
    verdict,
    verdict_words,
)

__all__ = [
    "FEW_EVENTS",
    "LEAST_EVENTS",
    "SLOTS",
    "Analysis",
    "Verdict",
    "attempt_sentence",
    "attempt_title",
    "per_thousand",
    "raw_difference",
    "verdict",
    "verdict_words",
]
