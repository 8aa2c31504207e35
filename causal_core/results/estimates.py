"""What training, estimation and refutation give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np

from causal_core.fingerprint import fingerprint
from causal_core.question import Estimand
from causal_core.schema import Stage
from causal_core.table import BehaviorTable

Array = np.ndarray
Basis = Mapping[str, str]


class Method(StrEnum):
    """How a number was estimated; `aipw` is the primary one."""

    NAIVE = "naive"
    LINEAR = "linear"
    PLUGIN = "plugin"
    AIPW = "aipw"


# ---------------------------------------------------------------- overlap and model


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How far a covariate's means lie apart, in standard deviations, before and after weighting."""

    covariate: str
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Whether every kind of unit could have had either treatment value.

    The histogram counts units by propensity: `edges` has one entry more than the counts.
    `trimmed` is the share of units outside the comparable range.
    """

    ess_treated: float
    ess_control: float
    trimmed: float
    share_comparable: float
    sufficient: bool
    sentence: str
    edges: tuple[float, ...] = ()
    treated_counts: tuple[int, ...] = ()
    control_counts: tuple[int, ...] = ()
    balance: tuple[Balance, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparable:
    """Who is comparable, told before any training. Kept beside the analysis, as ``comparable``."""

    overlap: Overlap
    adjustment_set: tuple[str, ...]
    basis: Basis | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeQuality:
    """How well one outcome is predicted on units that the model did not see."""

    outcome: str
    log_loss: float | None
    auc: float | None
    r_squared: float | None
    calibration: tuple[tuple[float, float, int], ...] = ()  # predicted, observed, units
    calibration_errors: tuple[float, ...] = ()  # standard error of each observed mean


@dataclass(frozen=True, kw_only=True)
class FitRecord:
    """The record of a training: it outlives the fit."""

    model: str
    epochs: int
    train_loss: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    quality: tuple[OutcomeQuality, ...] = ()
    propensity_model: str = ""
    propensity_auc: float | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()  # for the reader of the effects


@dataclass(frozen=True, kw_only=True, eq=False)
class OutcomeModel:
    """Cross-fitted outcome and propensity predictions with the weights that gave them.

    Rows are those of the table after the question's population filter, in order.

    Shapes
    ------
    predictions ``(n, n_arms, n_outcomes)``: out-of-fold expected outcomes; arm 0 is the control
    value, arm 1 the treated value. propensities ``(n, n_arms)``: out-of-fold chance of each arm.
    folds ``(n,)``: the fold that a unit was held out in. in_contrast ``(n,)``: whether its
    treatment is one of the two compared values (all True for a binary treatment).
    """

    outcomes: tuple[str, ...]
    arms: tuple[float | str, ...]
    predictions: Array
    propensities: Array
    folds: Array
    in_contrast: Array
    record: FitRecord
    seed: int
    settings: Mapping[str, object] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    encoder: Mapping[str, object] = field(default_factory=dict)
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of basis, settings, seed and predictions."""
        return fingerprint(
            "model",
            basis=self.basis,
            settings=self.settings,
            seed=self.seed,
            predictions=self.predictions,
            propensities=self.propensities,
        )


# ---------------------------------------------------------------- effects


@dataclass(frozen=True, kw_only=True)
class EffectEstimate:
    """How far one outcome moves, in `outcome_unit`, when treatment replaces control."""

    outcome: str
    contrast: str
    method: Method
    value: float
    low: float
    high: float
    level: float
    standard_error: float
    outcome_unit: str
    n_units: int
    n_clusters: int
    stage: Stage | None = None
    control_mean: float | None = None
    treated_mean: float | None = None
    effective_events: tuple[float, float] | None = None  # control, treated


@dataclass(frozen=True, kw_only=True)
class SegmentEffect:
    """The primary effect within one segment; its interval holds for all segments together.

    `column` is a covariate, `segment` one of its values or ranges in words, `where` the same as
    a filter expression.
    """

    column: str
    segment: str
    where: str
    outcome: str
    value: float
    low: float
    high: float
    level: float
    standard_error: float
    n_units: int
    n_clusters: int


@dataclass(frozen=True, kw_only=True)
class Effects:
    """All estimates for one estimand: every outcome by every method, with overlap and warnings."""

    estimand: Estimand
    estimates: tuple[EffectEstimate, ...]
    overlap: Overlap
    primary: Method = Method.AIPW
    level: float = 0.95
    seed: int = 7
    warnings: tuple[str, ...] = ()
    segments: tuple[SegmentEffect, ...] = ()
    pilot_of: int | None = None  # units of the whole table, where these are a sample of it
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of basis, level and all numbers."""
        return fingerprint("effects", basis=self.basis, level=self.level, estimates=self.estimates)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes, in the question's order."""
        return tuple(dict.fromkeys(estimate.outcome for estimate in self.estimates))

    def of(self, outcome: str, method: Method | None = None) -> EffectEstimate:
        """Return the estimate of one outcome by one method (the primary one if None)."""
        wanted = method or self.primary
        return next(
            estimate
            for estimate in self.estimates
            if estimate.outcome == outcome and estimate.method is wanted
        )

    def primaries(self) -> tuple[EffectEstimate, ...]:
        """Return the primary estimate of each outcome."""
        return tuple(self.of(outcome) for outcome in self.outcomes)


class Refit(Protocol):
    """Estimate again on other data: value and standard error per outcome. Wired by `pipeline`."""

    def __call__(
        self, table: BehaviorTable, estimand: Estimand, /
    ) -> Mapping[str, tuple[float, float]]:
        """Return ``{outcome: (value, standard_error)}``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Refutation:
    """One attempt to break an estimate; `passed` is None when it only informs."""

    name: str
    outcome: str
    passed: bool | None
    value: float
    reference: float
    standard_error: float
    p_value: float | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Refutations:
    """All attempts, judged together (Holm at 5 % over all of them)."""

    attempts: tuple[Refutation, ...]
    seed: int = 7
    basis: Basis | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of basis, seed and results."""
        return fingerprint("refutations", basis=self.basis, seed=self.seed, attempts=self.attempts)

    @property
    def passed(self) -> bool:
        """Whether no attempt succeeded in breaking the estimate."""
        return all(attempt.passed is not False for attempt in self.attempts)


def basis_of(**parts: object) -> dict[str, str]:
    """Return the basis of a result: slot name → fingerprint of what it used."""
    return {name: part.fingerprint for name, part in parts.items() if hasattr(part, "fingerprint")}
