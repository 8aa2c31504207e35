"""What the truth lab gives: estimates from repeated simulations, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from causal_core.fingerprint import fingerprint
from causal_core.results.estimates import Method


@dataclass(frozen=True, kw_only=True)
class LabRun:
    """One estimate of one outcome from one simulated data set."""

    seed: int
    outcome: str
    method: Method
    value: float
    low: float
    high: float
    truth: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


@dataclass(frozen=True, kw_only=True)
class LabRuns:
    """The same scenario simulated again and again, and estimated each time."""

    scenario: str
    n: int
    model: str
    runs: tuple[LabRun, ...]
    refused: int = 0  # simulations that ended in a refusal instead of estimates
    level: float = 0.95
    settings: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of scenario, size, model and all numbers."""
        return fingerprint(
            "lab", scenario=self.scenario, n=self.n, model=self.model, runs=self.runs
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that were estimated, in order."""
        return tuple(dict.fromkeys(run.outcome for run in self.runs))

    def of(self, outcome: str, method: Method) -> tuple[LabRun, ...]:
        """Return the runs of one outcome by one method, by seed."""
        found = [run for run in self.runs if run.outcome == outcome and run.method is method]
        return tuple(sorted(found, key=lambda run: run.seed))
