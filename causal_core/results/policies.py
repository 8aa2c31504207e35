"""What the strategy gives: policies, and what each would be worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from causal_core.fingerprint import fingerprint
from causal_core.question import Payoff
from causal_core.results.estimates import Array, Basis


class PolicyName(StrEnum):
    """Who would get the treatment; `best` is ours: top by effect within the budget."""

    NOBODY = "nobody"
    RANDOM = "random"
    TODAY = "today"
    EVERYONE = "everyone"
    LIKELIEST = "likeliest"
    BEST = "best"


@dataclass(frozen=True, kw_only=True)
class PolicyValue:
    """What one policy is worth per unit, beyond treating nobody, judged on held-out units.

    `gain` counts the outcome, `net` is in money where a payoff is stated (else in the outcome).
    `against_today` is the net difference from what is done today. `ess` is the effective sample
    size of the units that were in fact treated as the policy says.
    """

    name: PolicyName
    share_treated: float
    gain: float
    gain_low: float
    gain_high: float
    net: float
    net_low: float
    net_high: float
    against_today: float
    against_today_low: float
    against_today_high: float
    ess: float


@dataclass(frozen=True, kw_only=True)
class FrontierPoint:
    """One budget: the top `share` of units by effect, and what treating them is worth."""

    share: float
    gain: float
    low: float
    high: float
    net: float
    net_low: float
    net_high: float


@dataclass(frozen=True, kw_only=True)
class TreatedSegment:
    """How many of a segment would be treated, and how many are today: the rule in words."""

    column: str
    segment: str
    n_units: int
    share_treated: float
    share_today: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Policies:
    """Who would get the treatment within a budget, beside simple rules; all on held-out units.

    Shapes
    ------
    effects ``(n,)``: each unit's predicted effect by a model that never saw it. treated ``(n,)``:
    whether the best policy treats it. Rows are those of the model.
    """

    outcome: str
    budget: float
    payoff: Payoff
    items: tuple[PolicyValue, ...]
    frontier: tuple[FrontierPoint, ...]
    rule: str
    segments: tuple[TreatedSegment, ...] = ()
    n_units: int = 0
    n_clusters: int = 0
    newly_treated: int = 0
    no_longer_treated: int = 0
    level: float = 0.95
    seed: int = 7
    warnings: tuple[str, ...] = ()
    effects: Array = field(default_factory=lambda: np.zeros(0))
    treated: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of basis, budget and all numbers."""
        return fingerprint(
            "policies",
            basis=self.basis,
            outcome=self.outcome,
            budget=self.budget,
            items=self.items,
            frontier=self.frontier,
            effects=self.effects,
            treated=self.treated,
        )

    def of(self, name: PolicyName) -> PolicyValue:
        """Return what one policy is worth."""
        return next(item for item in self.items if item.name is name)
