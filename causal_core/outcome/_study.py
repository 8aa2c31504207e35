"""The door of the outcome step. Takes a table and an estimand, gives checked arrays or an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.errors import (
    BadSettingError,
    ConstantColumnError,
    MissingValuesError,
    OneClassOutcomeError,
    TooFewUnitsError,
    TreatmentValuesError,
    ValueMissingError,
    WrongKindError,
)
from causal_core.features import FeatureEncoder, arm_codes, group_codes
from causal_core.language import listing, t
from causal_core.question import Contrast, Estimand, plain_value
from causal_core.schema import NUMERIC_KINDS, Kind
from causal_core.table import BehaviorTable

Array = np.ndarray

LEAST_UNITS = 40
LEAST_UNITS_OF_AN_ARM = 10
_TREATMENT_KINDS = (*NUMERIC_KINDS, Kind.CATEGORY)
_MOST_VALUES_SHOWN = 8
# Words that say which of two texts means “treated”; any other pair must be named.
_YES_NO = (
    ("yes", "no"),
    ("y", "n"),
    ("true", "false"),
    ("t", "f"),
    ("on", "off"),
    ("1", "0"),
    ("treated", "control"),
    ("treatment", "control"),
    ("shown", "not shown"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """The units of one question as arrays, checked.

    Shapes: features ``(n, d)``; arm ``(n,)``, 0 control, 1 treated, −1 neither; outcomes
    ``(n, n_outcomes)``; clusters ``(n,)`` with codes from 0.
    """

    table: BehaviorTable
    estimand: Estimand
    arms: tuple[float | str, float | str]
    arm: Array
    outcomes: Array
    binary: tuple[bool, ...]
    clusters: Array
    n_clusters: int
    encoder: FeatureEncoder
    features: Array
    warnings: tuple[str, ...] = ()

    @property
    def compared(self) -> Array:
        """Which units have one of the two compared values, ``(n,)``."""
        return self.arm >= 0

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """The outcomes, in the question's order."""
        return self.estimand.question.outcomes


def open_study(table: BehaviorTable, estimand: Estimand) -> Study:
    """Check everything that training and estimation need, and return it as arrays.

    Raises
    ------
    AnalysisError
        Of the kind that names what is wrong with treatment, outcome, covariate or size.
    """
    question = estimand.question
    table.require(question.treatment, *question.outcomes, *estimand.adjustment_set)
    chosen = table.select(question.population)
    arms = _arms(chosen, question.treatment, question.contrast)
    arm = arm_codes(chosen.frame[question.treatment], arms)
    clusters, n_clusters = group_codes(chosen.clusters())
    _check_sizes(arm, clusters, question.treatment, arms)
    outcomes = np.column_stack([_outcome(chosen, name, arm, arms) for name in question.outcomes])
    encoder = FeatureEncoder.fit(chosen, estimand.adjustment_set)
    return Study(
        table=chosen,
        estimand=estimand,
        arms=arms,
        arm=arm,
        outcomes=outcomes,
        binary=tuple(chosen.schema[name].kind is Kind.BINARY for name in question.outcomes),
        clusters=clusters,
        n_clusters=n_clusters,
        encoder=encoder,
        features=encoder.transform(chosen.frame),
        warnings=_left_out(arm, question.treatment, arms),
    )


def assign_folds(study: Study, folds: int, rng: np.random.Generator) -> Array:
    """Return the fold of each unit, ``(n,)``: whole clusters, each arm spread evenly.

    The order of the rows decides which units fall together; the sizes of arms in a fold do not
    depend on it by more than one cluster.
    """
    members = np.zeros((study.n_clusters, 3))
    np.add.at(members, (study.clusters, study.arm), 1)  # −1, neither arm, is the last column
    stratum = members.argmax(axis=1)
    order = rng.permutation(study.n_clusters)
    order = order[np.argsort(stratum[order], kind="stable")]
    of_cluster = np.empty(study.n_clusters, dtype=np.int64)
    of_cluster[order] = np.arange(study.n_clusters) % folds
    return np.asarray(of_cluster[study.clusters])


# ---------------------------------------------------------------- treatment


def _arms(
    table: BehaviorTable, treatment: str, contrast: Contrast
) -> tuple[float | str, float | str]:
    """Return control and treated value as they stand in the column."""
    kind = table.schema[treatment].kind
    if kind not in _TREATMENT_KINDS:
        raise WrongKindError(
            column=treatment,
            kind=kind.value,
            part=t("treatment"),
            allowed=", ".join(each.value for each in _TREATMENT_KINDS),
        )
    if contrast.shift is not None:
        raise BadSettingError(
            setting="shift", value=contrast.shift, allowed=t("two values to compare")
        )
    column = table.frame[treatment]
    _require_complete(column, t("treatment"))
    values = sorted(column.unique().tolist())
    if len(values) == 1:
        raise ConstantColumnError(
            column=treatment, value=plain_value(values[0]), rows=len(column), part=t("treatment")
        )
    return _matched(treatment, values, contrast)


def _matched(
    treatment: str, values: list[float | str], contrast: Contrast
) -> tuple[float | str, float | str]:
    wanted = (contrast.control_value, contrast.treated_value)
    if wanted[0] == wanted[1]:
        raise BadSettingError(
            setting="--treated-value",
            value=plain_value(wanted[1]),
            allowed=t("another than the control"),
        )
    listed = pd.Series(values)
    codes = arm_codes(listed, wanted)
    found = [np.flatnonzero(codes == position) for position in (0, 1)]
    if all(len(places) for places in found):
        return values[found[0][0]], values[found[1][0]]
    if wanted == (0.0, 1.0):  # nothing was named
        obvious = _obvious(values)
        if obvious:
            return obvious
        raise TreatmentValuesError(column=treatment, count=len(values), values=_some(values))
    missing = next(value for value, places in zip(wanted, found, strict=True) if not len(places))
    raise ValueMissingError(column=treatment, value=plain_value(missing), values=_some(values))


def _obvious(values: list[float | str]) -> tuple[float | str, float | str] | None:
    """Return control and treated value where two texts leave no doubt, such as yes and no."""
    plain = {str(value).strip().casefold(): value for value in values}
    if len(values) != 2:  # noqa: PLR2004
        return None
    pairs = (pair for pair in _YES_NO if set(pair) == set(plain))
    return next(((plain[no], plain[yes]) for yes, no in pairs), None)


def _some(values: list[float | str]) -> str:
    texts = [plain_value(value) for value in values]
    return listing(texts, most=_MOST_VALUES_SHOWN)


def _left_out(arm: Array, treatment: str, arms: tuple[float | str, float | str]) -> tuple[str, ...]:
    outside = int(np.sum(arm < 0))
    if not outside:
        return ()
    text = t(
        "{n} of {total} units have another “{treatment}” than {control} and {treated}; they are "
        "left out, and the answer is about the others.",
        n=outside,
        total=len(arm),
        treatment=treatment,
        control=plain_value(arms[0]),
        treated=plain_value(arms[1]),
    )
    return (text,)


def _check_sizes(
    arm: Array, clusters: Array, treatment: str, arms: tuple[float | str, float | str]
) -> None:
    total = int(np.sum(arm >= 0))
    if total < LEAST_UNITS:
        raise TooFewUnitsError(count=total, where=t("can be compared"), least=LEAST_UNITS)
    for position, value in enumerate(arms):
        group = arm == position
        where = t("have “{column}” {value}", column=treatment, value=plain_value(value))
        _require_enough(int(group.sum()), where)
        where = t(
            "(independent ones) have “{column}” {value}", column=treatment, value=plain_value(value)
        )
        _require_enough(len(np.unique(clusters[group])), where)


def _require_enough(count: int, where: str) -> None:
    if count < LEAST_UNITS_OF_AN_ARM:
        raise TooFewUnitsError(count=count, where=where, least=LEAST_UNITS_OF_AN_ARM)


# ---------------------------------------------------------------- outcomes


def _outcome(
    table: BehaviorTable, name: str, arm: Array, arms: tuple[float | str, float | str]
) -> Array:
    kind = table.schema[name].kind
    if kind not in NUMERIC_KINDS:
        raise WrongKindError(
            column=name,
            kind=kind.value,
            part=t("outcome"),
            allowed=", ".join(each.value for each in NUMERIC_KINDS),
        )
    _require_complete(table.frame[name], t("outcome"))
    values = table.column(name)
    _require_variation(name, values[arm >= 0], t("that are compared"))
    for position, value in enumerate(arms):
        where = t("whose treatment is {value}", value=plain_value(value))
        _require_variation(name, values[arm == position], where)
    return values


def _require_variation(name: str, values: Array, where: str) -> None:
    if values.min() == values.max():
        raise OneClassOutcomeError(
            column=name, value=plain_value(float(values[0])), rows=len(values), where=where
        )


def _require_complete(column: pd.Series, part: str) -> None:
    gaps = column.isna().to_numpy()
    if not pd.api.types.is_numeric_dtype(column):
        finite = ~gaps
    else:
        finite = np.isfinite(column.to_numpy(dtype=np.float64))
    if not finite.all():
        first = int(np.flatnonzero(~finite)[0])
        raise MissingValuesError(
            column=str(column.name),
            count=int(np.sum(~finite)),
            rows=len(column),
            row=first + 1,
            part=part,
        )
