"""How far each outcome moves: four methods side by side, with intervals that resample clusters.

Takes a table, an estimand and its cross-fitted model, gives `Effects`. The primary method is the
doubly robust one (AIPW); the others stand beside it to be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from causal_core.effects._methods import (
    Sample,
    correction,
    doubly_robust,
    linear,
    naive,
    plug_in,
)
from causal_core.effects._within import segment_effects
from causal_core.errors import BadSettingError, MissingValuesError
from causal_core.features import (
    ArmMeans,
    FeatureEncoder,
    arm_codes,
    difference_limits,
    group_codes,
    measure_overlap,
    segments_of,
)
from causal_core.language import number, t
from causal_core.progress import Progress, silent
from causal_core.question import EffectKind, Estimand
from causal_core.results import (
    EffectEstimate,
    Effects,
    Method,
    OutcomeModel,
    Overlap,
    SegmentEffect,
    basis_of,
)
from causal_core.schema import Kind
from causal_core.table import BehaviorTable

Array = np.ndarray

FEW_EVENTS = 50.0
_LARGE_CORRECTION = 2.0
_COUNTABLE = (Kind.BINARY, Kind.COUNT, Kind.AMOUNT)
_METHODS: tuple[tuple[Method, Callable[[Sample], ArmMeans]], ...] = (
    (Method.NAIVE, naive),
    (Method.LINEAR, linear),
    (Method.PLUGIN, plug_in),
    (Method.AIPW, doubly_robust),
)


def estimate(
    table: BehaviorTable,
    estimand: Estimand,
    model: OutcomeModel,
    *,
    level: float = 0.95,
    seed: int = 7,
    progress: Progress = silent,
    segments: bool = True,
) -> Effects:
    """Estimate the effect on every outcome by four methods, in the outcomes' own units.

    Parameters
    ----------
    table, estimand
        Those that the model was fitted to. The kind of the question says for whom the effect is
        averaged: all units, the treated, the untreated, or all units against today.
    model
        Cross-fitted predictions and propensities for both arms.
    level
        Coverage of the intervals, between 0 and 1.
    seed
        Seeds the simultaneous intervals of the segments; nothing else here is random.
    segments
        Whether to estimate within segments, too; repeated estimates have no use for them.

    Returns
    -------
    Effects
        For every outcome naive, linear, plug-in and AIPW, and AIPW within segments. Warnings say
        where a number should be read with care.

    Raises
    ------
    BadSettingError
        If the level is not between 0 and 1, or the model belongs to another table or question.

    Notes
    -----
    AIPW is consistent if the outcome model or the propensity is right, and its interval holds
    the effect at the stated rate if both are nearly so, there is no unmeasured confounder
    beyond the adjustment set and no interference between clusters. Chances get limits on the
    log-odds scale per arm, combined by MOVER. The plug-in's interval is the doubly robust one moved
    to its value: it does not cover what the model gets wrong.

    References
    ----------
    Robins, Rotnitzky and Zhao (1994), JASA 89; Chernozhukov et al. (2018), Econometrics Journal
    21; Zou and Donner (2008), Statistics in Medicine 27.

    Examples
    --------
    >>> from causal_core import datasets, effects, outcome
    >>> from causal_core.question import CausalQuestion
    >>> simulation = datasets.simulate("linear", 400, seed=7)
    >>> question = CausalQuestion(treatment="banner", outcomes=("click",))
    >>> estimand = Estimand(question=question, adjustment_set=simulation.truth.adjustment)
    >>> model = outcome.fit(simulation.table, estimand, model="linear")
    >>> click = effects.estimate(simulation.table, estimand, model).of("click")
    >>> click.low < simulation.truth.effect("click") < click.high
    True
    """
    if not 0 < level < 1:
        raise BadSettingError(setting="level", value=level, allowed=t("a number between 0 and 1"))
    chosen = table.select(estimand.question.population)
    _check_model(chosen, estimand, model)
    rows = np.flatnonzero(model.in_contrast)
    features, encoder = _features(chosen, model, rows)
    arm = arm_codes(chosen.frame[estimand.question.treatment], model.arms)[rows]
    clusters, n_clusters = group_codes(chosen.clusters()[rows])
    warnings = list(model.record.warnings)
    groups = segments_of(chosen, estimand, rows, clusters) if segments else ()
    within: list[SegmentEffect] = []
    estimates: list[EffectEstimate] = []
    for place, name in enumerate(model.outcomes):
        sample = Sample(
            y=chosen.column(name)[rows],
            arm=arm,
            predictions=model.predictions[rows, :, place],
            propensities=model.propensities[rows],
            features=features,
            clusters=clusters,
            n_clusters=n_clusters,
            kind=estimand.question.kind,
            countable=_countable(chosen, name),
        )
        own = _estimates(sample, chosen, name, estimand, level)
        estimates += own
        warnings += _cautions(sample, own[-1])
        chances = chosen.schema[name].kind is Kind.BINARY
        within += segment_effects(
            sample, groups, outcome=name, level=level, chances=chances, seed=seed
        )
        progress((place + 1) / len(model.outcomes))
    overlap = _overlap(features, encoder, arm, model.propensities[rows], estimand.question.kind)
    if not overlap.sufficient:
        warnings.append(overlap.sentence)
    return Effects(
        estimand=estimand,
        estimates=tuple(estimates),
        overlap=overlap,
        level=level,
        seed=seed,
        warnings=tuple(warnings),
        segments=tuple(within),
        basis=basis_of(table=table, estimand=estimand, model=model),
    )


def _check_model(table: BehaviorTable, estimand: Estimand, model: OutcomeModel) -> None:
    """Refuse a model of another table or question, and gaps that appeared since."""
    question = estimand.question
    if len(model.predictions) != len(table) or model.outcomes != question.outcomes:
        raise BadSettingError(
            setting="model",
            value=t("fitted to another table or question"),
            allowed=t("one that was fitted to these"),
        )
    for name in question.outcomes:
        gaps = np.flatnonzero(~np.isfinite(table.column(name)))
        if len(gaps):
            raise MissingValuesError(
                column=name,
                count=len(gaps),
                rows=len(table),
                row=int(gaps[0]) + 1,
                part=t("outcome"),
            )


def _features(
    table: BehaviorTable, model: OutcomeModel, rows: Array
) -> tuple[Array, FeatureEncoder]:
    encoder = FeatureEncoder.from_record(model.encoder)
    return encoder.transform(table.frame.iloc[rows]), encoder


def _overlap(
    features: Array, encoder: FeatureEncoder, arm: Array, propensities: Array, kind: EffectKind
) -> Overlap:
    return measure_overlap(features, encoder.sources, arm, propensities, kind=kind)


def _countable(table: BehaviorTable, name: str) -> bool:
    return table.schema[name].kind in _COUNTABLE and float(table.column(name).min()) >= 0


def _estimates(
    sample: Sample, table: BehaviorTable, name: str, estimand: Estimand, level: float
) -> list[EffectEstimate]:
    """Return one outcome's estimates, the primary one last."""
    column = table.schema[name]
    binary = column.kind is Kind.BINARY
    found = []
    for method, means_of in _METHODS:
        arms = means_of(sample)
        limits = difference_limits(
            arms, sample.clusters, sample.n_clusters, level=level, chances=binary
        )
        found.append(
            EffectEstimate(
                outcome=name,
                contrast=str(estimand.question.contrast),
                method=method,
                value=arms.difference,
                low=limits.low,
                high=limits.high,
                level=level,
                standard_error=limits.standard_error,
                outcome_unit=column.unit
                or (t("share of units") if binary else t("{column} per unit", column=name)),
                n_units=len(sample.y),
                n_clusters=sample.n_clusters,
                stage=column.stage,
                control_mean=arms.values[0],
                treated_mean=arms.values[1],
                effective_events=arms.events,
            )
        )
    return found


def _cautions(sample: Sample, primary: EffectEstimate) -> list[str]:
    """Return what the reader of one outcome's primary estimate should know."""
    texts = []
    size, error = correction(sample)
    if error > 0 and abs(size) > _LARGE_CORRECTION * error and math.isfinite(size):
        texts.append(
            t(
                "The outcome model for “{outcome}” was off: the doubly robust correction is "
                "{ratio} of its standard errors.",
                outcome=primary.outcome,
                ratio=number(abs(size) / error, digits=1),
            )
        )
    events = primary.effective_events
    if events is not None and min(events) < FEW_EVENTS:
        texts.append(
            t(
                "The estimate for “{outcome}” rests on only {n} effective events in an arm; below "
                "{least} its interval may be too short.",
                outcome=primary.outcome,
                n=number(min(events)),
                least=number(FEW_EVENTS),
            )
        )
    return texts


__all__ = ["FEW_EVENTS", "estimate"]
