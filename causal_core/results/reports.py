"""What is known about simulated data, one line of the gate, and a finished report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from causal_core.fingerprint import fingerprint
from causal_core.results.estimates import Basis


@dataclass(frozen=True, kw_only=True)
class TrueEffect:
    """A known effect of the simulator."""

    treatment: str
    outcome: str
    treated_value: float | str
    control_value: float | str
    value: float


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the simulator knows about its own data."""

    scenario: str
    effects: tuple[TrueEffect, ...]
    edges: tuple[tuple[str, str], ...]
    adjustment: tuple[str, ...]
    notes: Mapping[str, object] = field(default_factory=dict)

    def effect(self, outcome: str, treatment: str | None = None) -> float:
        """Return the true average effect on `outcome` (of the first treatment if None)."""
        return next(
            item.value
            for item in self.effects
            if item.outcome == outcome and treatment in (None, item.treatment)
        )


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the gate before the headline; `passed` is None where it was not done yet."""

    name: str
    title: str
    passed: bool | None
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A finished report: its files by name, and whether it prints a headline."""

    files: Mapping[str, bytes]
    headline: bool
    failed_checks: tuple[str, ...]
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of all bytes."""
        content = {name: data.hex() for name, data in self.files.items()}
        return fingerprint("report", files=content)
