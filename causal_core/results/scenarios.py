"""What the what-if gives: scenarios beside as today."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from causal_core.fingerprint import fingerprint
from causal_core.results.estimates import Basis


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """One lever: set a column to a value, shift it by, or scale it by."""

    column: str
    operation: str  # "set", "shift" or "scale"
    value: float | str

    def __str__(self) -> str:
        sign = {"set": "=", "shift": "+=", "scale": "*="}[self.operation]
        return f"{self.column}{sign}{self.value}"


@dataclass(frozen=True, kw_only=True)
class ScenarioOutcome:
    """One outcome under a scenario, beside as today; `support` is the share of units in range."""

    outcome: str
    baseline: float
    value: float
    difference: float
    low: float
    high: float
    support: float


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Several levers pulled at once for a segment, and what follows for each outcome."""

    name: str
    interventions: tuple[Intervention, ...]
    where: str | None
    outcomes: tuple[ScenarioOutcome, ...]
    level: float
    n_units: int
    seed: int = 7
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenarios:
    """A board of scenarios that rest on one table and one graph."""

    items: tuple[Scenario, ...]
    mechanisms: str = ""
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of basis and all numbers."""
        return fingerprint("scenarios", basis=self.basis, items=self.items)
