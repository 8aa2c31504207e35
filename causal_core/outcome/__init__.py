"""What each unit's outcomes would be under either treatment value, predicted by others' data.

Takes a table and an estimand, gives an `OutcomeModel`: cross-fitted outcome predictions for both
arms, and propensities learned apart from them. `overlap` answers first, in seconds, whether there
is anything to compare.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from causal_core.errors import BadSettingError
from causal_core.features import measure_overlap
from causal_core.language import t
from causal_core.networks import NetworkSettings
from causal_core.outcome._models import CrossFit, fit_linear, fit_networks
from causal_core.outcome._propensity import Propensity, propensity_of
from causal_core.outcome._quality import auc, quality_of
from causal_core.outcome._study import Study, assign_folds, open_study
from causal_core.progress import Progress, part, silent
from causal_core.question import Estimand
from causal_core.results import FitRecord, OutcomeModel, Overlap, basis_of
from causal_core.table import BehaviorTable

MODELS = ("mlp", "linear")
LEARNERS = ("auto", "stack", "logistic")
_MOST_FOLDS = 20
_OVERLAP_UNITS = 50_000
_NETWORK_SHARE = 0.6  # of the time that a fit takes


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """What an analyst may change about a fit; the defaults suit most tables.

    `propensity` is ``"stack"``, ``"logistic"`` or ``"auto"``: the stack, but logistic regression
    alone below 2,000 units and with the linear model.
    """

    network: NetworkSettings = NetworkSettings()
    propensity: str = "auto"
    validation_share: float = 0.15

    def __post_init__(self) -> None:
        if self.propensity not in LEARNERS:
            raise BadSettingError(
                setting="propensity", value=self.propensity, allowed=", ".join(LEARNERS)
            )
        if not 0 < self.validation_share < 0.5:  # noqa: PLR2004
            raise BadSettingError(
                setting="validation_share",
                value=self.validation_share,
                allowed=t("a share above 0 and below 0.5"),
            )


def fit(
    table: BehaviorTable,
    estimand: Estimand,
    *,
    model: str = "mlp",
    folds: int = 5,
    seed: int = 7,
    settings: FitSettings | None = None,
    progress: Progress = silent,
) -> OutcomeModel:
    """Predict every outcome under both treatment values, each unit by models that never saw it.

    Parameters
    ----------
    table
        One row per unit. Folds hold whole clusters (``table.clusters()``) and spread the arms
        evenly; which units fall together depends on the order of the rows.
    estimand
        Its adjustment set decides which columns are used, its question the rest.
    model
        ``"mlp"``: a network with shared trunk and a head per arm. ``"linear"``: ridge and
        logistic regressions per arm.
    folds
        How many parts are held out in turn, 2 to 20.
    settings
        See `FitSettings`.
    progress
        Called after every epoch, so that a stop is heeded soon.

    Returns
    -------
    OutcomeModel
        Rows are those of the question's population, in order. The propensity is the arms' share
        where chance decided, the logged one where a rule decided and it is calibrated, and a
        calibrated stack of boosted trees and logistic regression otherwise.

    Raises
    ------
    ColumnMissingError, WrongKindError, MissingValuesError
        If a column is absent, of the wrong kind or has gaps (covariates may have gaps).
    ConstantColumnError, TreatmentValuesError, ValueMissingError
        If the treatment does not vary, or its two values are not named or do not occur.
    OneClassOutcomeError, TooFewUnitsError
        If an outcome does not vary in an arm, or fewer than 40 units (10 in an arm) are left.
    TrainingError
        If the network's loss becomes infinite.
    BadSettingError
        If `model`, `folds` or a setting is none of those above.

    Notes
    -----
    The encoder that turns covariates into features sees all units, but neither treatment nor
    outcomes; everything else about a unit is learned from other folds.

    References
    ----------
    Chernozhukov et al. (2018), Econometrics Journal 21; Shalit, Johansson and Sontag (2017).

    Examples
    --------
    >>> from causal_core import datasets, outcome
    >>> from causal_core.question import CausalQuestion
    >>> simulation = datasets.simulate("linear", 400, seed=7)
    >>> question = CausalQuestion(treatment="banner", outcomes=("click",))
    >>> estimand = Estimand(question=question, adjustment_set=simulation.truth.adjustment)
    >>> model = outcome.fit(simulation.table, estimand, model="linear")
    >>> model.predictions.shape, model.arms, model.record.propensity_model
    ((400, 2, 1), (0.0, 1.0), 'logistic')
    """
    _check_choice(model, folds)
    started = time.perf_counter()
    chosen = settings or FitSettings()
    progress(0.0, t("Checking the columns"))
    study = open_study(table, estimand)
    of_unit = assign_folds(study, folds, np.random.default_rng([seed, 1]))
    progress(0.02, t("Learning who was treated"))
    quick = model == "linear" and chosen.propensity == "auto"
    learner = "logistic" if quick else chosen.propensity
    propensity = propensity_of(study, of_unit, learner=learner, seed=seed)
    progress(1 - _NETWORK_SHARE, t("Learning the outcomes"))
    listener = part(progress, 1 - _NETWORK_SHARE, 0.98)
    crossfit = _outcomes_by(model, study, of_unit, chosen, seed, listener)
    record = _record(study, crossfit, propensity, model)
    progress(1.0, t("Done"))
    return OutcomeModel(
        outcomes=study.outcome_names,
        arms=study.arms,
        predictions=crossfit.predictions,
        propensities=propensity.chances,
        folds=of_unit,
        in_contrast=study.compared,
        record=replace(record, seconds=time.perf_counter() - started),
        seed=seed,
        settings={"model": model, "folds": folds, **asdict(chosen)},
        weights=crossfit.weights,
        encoder={**study.encoder.record(), "basis": crossfit.basis},
        basis=basis_of(table=table, estimand=estimand),
    )


def overlap(table: BehaviorTable, estimand: Estimand, *, seed: int = 7) -> Overlap:
    """Tell before any training whether both arms hold comparable units.

    Only the propensity is learned, from at most 50,000 units, so that the answer takes seconds.
    Errors are those of `fit`.
    """
    study = _sampled(open_study(table, estimand), np.random.default_rng([seed, 3]))
    of_unit = assign_folds(study, 5, np.random.default_rng([seed, 1]))
    found = propensity_of(study, of_unit, learner="auto", seed=seed)
    rows = study.compared
    return measure_overlap(
        study.features[rows],
        study.encoder.sources,
        study.arm[rows],
        found.chances[rows],
        kind=estimand.question.kind,
    )


def _sampled(study: Study, rng: np.random.Generator) -> Study:
    """Return a study of some whole clusters, with about as many units as `overlap` looks at."""
    n = len(study.arm)
    if n <= _OVERLAP_UNITS:
        return study
    kept = (rng.random(study.n_clusters) < _OVERLAP_UNITS / n)[study.clusters]
    codes = np.unique(study.clusters[kept], return_inverse=True)[1].reshape(-1)
    return replace(
        study,
        table=replace(study.table, frame=study.table.frame.loc[kept].reset_index(drop=True)),
        arm=study.arm[kept],
        outcomes=study.outcomes[kept],
        clusters=codes,
        n_clusters=int(codes.max()) + 1,
        features=study.features[kept],
    )


def _check_choice(model: str, folds: int) -> None:
    if model not in MODELS:
        raise BadSettingError(setting="model", value=model, allowed=", ".join(MODELS))
    if not 2 <= folds <= _MOST_FOLDS:  # noqa: PLR2004
        raise BadSettingError(setting="folds", value=folds, allowed=t("2 to 20"))


def _outcomes_by(
    model: str,
    study: Study,
    folds: np.ndarray,
    settings: FitSettings,
    seed: int,
    progress: Progress,
) -> CrossFit:
    by_name: dict[str, Callable[[], CrossFit]] = {
        "mlp": lambda: fit_networks(
            study,
            folds,
            settings.network,
            validation_share=settings.validation_share,
            seed=seed,
            progress=progress,
        ),
        "linear": lambda: fit_linear(study, folds, progress=progress),
    }
    return by_name[model]()


def _record(study: Study, crossfit: CrossFit, propensity: Propensity, model: str) -> FitRecord:
    rows = np.flatnonzero(study.compared)
    own = crossfit.predictions[rows, study.arm[rows]]
    quality = tuple(
        quality_of(name, study.outcomes[rows, place], own[:, place], binary=study.binary[place])
        for place, name in enumerate(study.outcome_names)
    )
    return FitRecord(
        model=model,
        epochs=len(crossfit.train_loss),
        train_loss=crossfit.train_loss,
        validation_loss=crossfit.validation_loss,
        quality=quality,
        propensity_model=propensity.model,
        propensity_auc=auc(study.arm[rows].astype(float), propensity.chances[rows, 1]),
        warnings=(*study.warnings, *propensity.warnings),
    )


__all__ = ["LEARNERS", "MODELS", "FitSettings", "NetworkSettings", "fit", "overlap"]
