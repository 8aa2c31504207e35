"""The doorkeeper of DoWhy: its refuters run on our estimator. Loads DoWhy only when asked.

DoWhy sees one small frame under neutral names, since its refuters add columns (``placebo``,
``w_random``) that a column of the analyst's could be called too. It is handed the adjustment
set, so it never searches for one. Each refit gives all outcomes at once; DoWhy loops over the
first, and the ledger keeps the others, which saves three quarters of the refits. Its p-values
are not used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from causal_core.question import Estimand
from causal_core.results import Refit
from causal_core.schema import Column, Kind, Role
from causal_core.table import BehaviorTable

Run = Mapping[str, tuple[float, float]]
ESTIMATOR = "RefitEstimator"
METHOD = f"backdoor.causal_core.refutation._dowhy.{ESTIMATOR}"
_TREATMENT, _OUTCOME, _COVARIATE = "treatment", "outcome", "covariate_{at}"


@dataclass(kw_only=True, eq=False)
class Ledger:
    """What is refitted, and what each refit gave for every outcome; shared by all copies.

    DoWhy copies its estimator deeply for every run; the table must not be copied with it.
    """

    table: BehaviorTable
    estimand: Estimand
    refit: Refit
    told: Callable[[], None]
    runs: list[Run] = field(default_factory=list)

    def __deepcopy__(self, memo: object) -> Ledger:
        return self

    @property
    def outcome(self) -> str:
        """The outcome that DoWhy is shown."""
        return self.estimand.question.outcomes[0]

    def covariates(self) -> list[str]:
        """Return the neutral names of the adjustment set, in its order."""
        return [_COVARIATE.format(at=at) for at in range(len(self.estimand.adjustment_set))]

    def frame(self) -> pd.DataFrame:
        """Return what DoWhy is shown: treatment (words as codes), one outcome, adjustment set."""
        frame = self.table.frame
        columns = {_TREATMENT: self._codes()[0], _OUTCOME: frame[self.outcome].to_numpy()}
        adjusted = zip(self.covariates(), self.estimand.adjustment_set, strict=True)
        columns |= {neutral: frame[name].to_numpy() for neutral, name in adjusted}
        return pd.DataFrame(columns)

    def _codes(self) -> tuple[np.ndarray, pd.Index]:
        """Return the treatment as numbers and what they stand for; DoWhy cannot permute words."""
        values = self.table.frame[self.estimand.question.treatment]
        codes, levels = pd.factorize(values, use_na_sentinel=False)
        return codes, pd.Index(levels)

    def run(self, data: pd.DataFrame, treatment: str, adjustment: list[str]) -> tuple[float, float]:
        """Refit on the rows, treatment and adjustment set that a DoWhy refuter chose."""
        table, estimand = self._changed(data, treatment), self.estimand
        for name in adjustment:
            if name not in self.covariates():
                extra = _free_name(table)
                column = Column(name=extra, kind=Kind.CONTINUOUS, role=Role.ATTRIBUTE, stated=True)
                table = table.with_column(column, data[name].to_numpy(dtype=np.float64))
                estimand = replace(estimand, adjustment_set=(*estimand.adjustment_set, extra))
        result = self.refit(table, estimand)
        self.runs.append(result)
        self.told()
        return result[self.outcome]

    def _changed(self, data: pd.DataFrame, treatment: str) -> BehaviorTable:
        frame, name = self.table.frame, self.estimand.question.treatment
        if len(data) != len(frame):
            frame = frame.iloc[data.index.to_numpy()].reset_index(drop=True)
        if treatment != _TREATMENT:
            values = self._codes()[1].take(data[treatment].to_numpy(dtype=np.int64))
            frame = frame.copy(deep=False)  # `assign` would not take a column called “self”
            frame[name] = values.astype(frame[name].dtype).array
        return replace(self.table, frame=frame)


def _free_name(table: BehaviorTable) -> str:
    name = "made-up cause"
    while name in table.schema.names:
        name += "'"
    return name


@dataclass(frozen=True, kw_only=True)
class Trials:
    """An estimate that DoWhy knows as its own, and the refuters that try to break it."""

    ledger: Ledger
    data: pd.DataFrame
    estimand: Any
    estimate: Any
    original: Run

    def placebo(self, runs: int, seed: int) -> list[Run]:
        """Return the estimates under treatments dealt out at random (permuted)."""
        from dowhy.causal_refuters import refute_placebo_treatment

        return self._runs(
            refute_placebo_treatment,
            treatment_names=[_TREATMENT],
            placebo_type=_permuted(),
            num_simulations=runs,
            random_state=seed,
        )

    def random_common_cause(self, runs: int, seed: int) -> list[Run]:
        """Return the estimates with a column of noise added to the adjustment set."""
        from dowhy.causal_refuters import refute_random_common_cause

        return self._runs(refute_random_common_cause, num_simulations=runs, random_state=seed)

    def subset(self, runs: int, seed: int, *, fraction: float) -> list[Run]:
        """Return the estimates on random parts of the units."""
        from dowhy.causal_refuters import refute_data_subset

        rng = np.random.RandomState(seed)  # noqa: NPY002 - DoWhy takes no Generator; an int would draw the same part each time
        return self._runs(
            refute_data_subset, num_simulations=runs, random_state=rng, subset_fraction=fraction
        )

    def _runs(self, refuter: Callable[..., object], **settings: object) -> list[Run]:
        self.ledger.runs.clear()
        with np.errstate(all="ignore"):  # DoWhy divides by the spread, which may be zero
            refuter(
                data=self.data, target_estimand=self.estimand, estimate=self.estimate, **settings
            )
        return list(self.ledger.runs)


def _permuted() -> Any:
    from dowhy.causal_refuters.placebo_treatment_refuter import PlaceboType

    return PlaceboType.PERMUTE


def start(ledger: Ledger) -> Trials:
    """Estimate once through DoWhy and return what its refuters need."""
    from dowhy.causal_estimator import estimate_effect
    from dowhy.causal_estimators import get_class_object

    # Its advice on its own p-values, which we do not use, would fill the job's log.
    logging.getLogger("dowhy.causal_refuter").setLevel(logging.ERROR)
    package, _, path = METHOD.removeprefix("backdoor.").partition(".")
    estimand = _identified(ledger)
    estimator = get_class_object(package, f"{package}.{path}")(estimand, ledger=ledger)
    data = ledger.frame()
    estimate = estimate_effect(data, _TREATMENT, _OUTCOME, "backdoor", estimator, method_params={})
    return Trials(
        ledger=ledger, data=data, estimand=estimand, estimate=estimate, original=ledger.runs[-1]
    )


def _identified(ledger: Ledger) -> Any:
    """Return DoWhy's form of our estimand; the adjustment set is ours, so nothing is searched."""
    from dowhy import EstimandType
    from dowhy.causal_identifier.identified_estimand import IdentifiedEstimand

    return IdentifiedEstimand(
        None,
        treatment_variable=[_TREATMENT],
        outcome_variable=[_OUTCOME],
        estimand_type=EstimandType.NONPARAMETRIC_ATE,
        estimands={"backdoor": {}},
        backdoor_variables={"backdoor": ledger.covariates()},
        instrumental_variables=[],
        default_backdoor_id="backdoor",
        identifier_method="backdoor",
    )


@cache
def estimator_class() -> type:
    """Return our estimator as a DoWhy estimator; made on the first call, for DoWhy loads slowly."""
    from dowhy.causal_estimator import CausalEstimate, CausalEstimator

    class RefitEstimator(CausalEstimator):  # type: ignore[misc]  # DoWhy ships no types
        """Calls the analysis' own `Refit` on whatever data a refuter makes up."""

        def __init__(self, identified_estimand: Any, *, ledger: Ledger, **settings: Any) -> None:
            super().__init__(identified_estimand, **settings)
            self.ledger = ledger
            self.value, self.standard_error = float("nan"), float("nan")
            self._fit_params: dict[str, object] = {}
            self._effect_modifier_names: list[str] = []

        def fit(self, data: pd.DataFrame, effect_modifier_names: object = None) -> Any:
            """Estimate on `data` under the estimand that the refuter set."""
            del effect_modifier_names  # DoWhy names it; an average effect has none
            target = self._target_estimand
            self.value, self.standard_error = self.ledger.run(
                data, target.treatment_variable[0], target.get_adjustment_set()
            )
            return self

        def estimate_effect(
            self,
            data: pd.DataFrame,
            treatment_value: object = 1,
            control_value: object = 0,
            target_units: object = None,
            **_: object,
        ) -> Any:
            """Return the last fit as DoWhy's kind of estimate."""
            self.update_input(treatment_value, control_value, target_units)
            target = self._target_estimand
            estimate = CausalEstimate(
                data=data,
                treatment_name=target.treatment_variable,
                outcome_name=target.outcome_variable,
                estimate=self.value,
                target_estimand=target,
                realized_estimand_expr=METHOD,
                control_value=control_value,
                treatment_value=treatment_value,
            )
            estimate.add_estimator(self)
            return estimate

        def _estimate_std_error(self, *_: object, **__: object) -> float:
            return self.standard_error

    return RefitEstimator


def __getattr__(name: str) -> type:
    """Give DoWhy our estimator by its dotted name, which is how it registers foreign ones."""
    if name == ESTIMATOR:
        return estimator_class()
    raise AttributeError(name)
