"""Cross-fitted outcome predictions. Takes a study and folds, gives expected outcomes per arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from causal_core.features import FeatureBasis
from causal_core.networks import NetworkSettings, TrainingData, predict, train
from causal_core.outcome._regression import fit_logistic, fit_ridge, linear_predictor, sigmoid
from causal_core.outcome._study import Study
from causal_core.progress import Progress

Array = np.ndarray

_MOST_VALIDATION_UNITS = 20_000
_ENOUGH_TO_BEND = 2_000
_KNOTS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossFit:
    """Held-out predictions ``(n, 2, n_outcomes)``, the weights behind them, and the losses."""

    predictions: Array
    weights: Mapping[str, Array]
    train_loss: tuple[float, ...] = field(default=())
    validation_loss: tuple[float, ...] = field(default=())
    basis: Mapping[str, object] | None = None


def fit_networks(
    study: Study,
    folds: Array,
    settings: NetworkSettings,
    *,
    validation_share: float,
    seed: int,
    progress: Progress,
) -> CrossFit:
    """Train one network per fold, all at once, each on the units outside its fold."""
    knots = _KNOTS if len(folds) >= _ENOUGH_TO_BEND else 0
    basis = FeatureBasis.fit(study.features, study.encoder.sources, knots=knots)
    features = basis.transform(study.features)
    if not features.shape[1]:
        features = np.zeros((len(folds), 1))
    rng = np.random.default_rng([seed, 2])
    n_folds = int(folds.max()) + 1
    share = min(validation_share, _MOST_VALIDATION_UNITS / len(folds))
    training, validation = [], []
    for fold in range(n_folds):
        watched = rng.random(study.n_clusters)[study.clusters] < share
        outside = (folds != fold) & study.compared
        if not (watched & outside).any():
            watched[np.flatnonzero(outside)[:: max(round(1 / share), 2)]] = True
        training.append(np.flatnonzero(outside & ~watched))
        validation.append(np.flatnonzero(outside & watched))
    trained = train(
        TrainingData(
            features=features,
            arm=np.clip(study.arm, 0, None),
            outcomes=study.outcomes,
            binary=study.binary,
            training=tuple(training),
            validation=tuple(validation),
            feature_names=_column_names(study, features.shape[1]),
            outcome_names=study.outcome_names,
        ),
        settings,
        seed=seed,
        progress=progress,
    )
    predictions = np.empty((len(folds), 2, len(study.binary)))
    for fold in range(n_folds):
        held_out = folds == fold
        predictions[held_out] = predict(trained.weights, features[held_out], member=fold)
    return CrossFit(
        predictions=predictions,
        weights=trained.weights,
        train_loss=trained.train_loss,
        validation_loss=trained.validation_loss,
        basis=basis.record(),
    )


def _column_names(study: Study, n_features: int) -> tuple[str, ...]:
    """Return names for the network's features: those of the encoder, then “bent” ones."""
    names = study.encoder.names
    return (*names, *("—" for _ in range(n_features - len(names))))


def fit_linear(study: Study, folds: Array, *, progress: Progress) -> CrossFit:
    """Fit a ridge or logistic regression per fold, arm and outcome."""
    n_folds, d = int(folds.max()) + 1, study.features.shape[1]
    n_outcomes = len(study.binary)
    predictions = np.empty((len(folds), 2, n_outcomes))
    weights = np.zeros((n_folds, 2, n_outcomes, d + 1))
    for fold in range(n_folds):
        held_out = folds == fold
        for arm in (0, 1):
            rows = ~held_out & (study.arm == arm)
            for place, binary in enumerate(study.binary):
                fit = fit_logistic if binary else fit_ridge
                beta = fit(study.features[rows], study.outcomes[rows, place])
                raw = linear_predictor(study.features[held_out], beta)
                predictions[held_out, arm, place] = sigmoid(raw) if binary else raw
                weights[fold, arm, place] = beta
        progress((fold + 1) / n_folds)
    return CrossFit(predictions=predictions, weights={"linear": weights})
