"""How well held-out predictions fit. Takes outcomes and predictions, gives the fit's record."""

from __future__ import annotations

import numpy as np

from causal_core.results import OutcomeQuality

Array = np.ndarray

_CALIBRATION_BINS = 10


def quality_of(name: str, y: Array, predicted: Array, *, binary: bool) -> OutcomeQuality:
    """Return how well one outcome is predicted; both arrays ``(n,)``, predictions held out."""
    spread = float(np.mean((y - y.mean()) ** 2))
    r_squared = 1 - float(np.mean((y - predicted) ** 2)) / spread if spread > 0 else None
    return OutcomeQuality(
        outcome=name,
        log_loss=log_loss(y, predicted) if binary else None,
        auc=auc(y, predicted) if binary else None,
        r_squared=r_squared,
        calibration=calibration(y, predicted),
        calibration_errors=calibration_errors(y, predicted),
    )


def log_loss(y: Array, chance: Array) -> float:
    """Return the mean of minus the log of the chance given to what happened."""
    kept = np.clip(chance, 1e-9, 1 - 1e-9)
    return float(-np.mean(y * np.log(kept) + (1 - y) * np.log1p(-kept)))


def calibration(y: Array, predicted: Array) -> tuple[tuple[float, float, int], ...]:
    """Return mean predicted, mean observed and units in tenths of the prediction."""
    return tuple(
        (float(predicted[part].mean()), float(y[part].mean()), len(part))
        for part in _tenths(predicted)
    )


def calibration_errors(y: Array, predicted: Array) -> tuple[float, ...]:
    """Return the standard error of the mean gap in each of these tenths, units independent."""
    gaps = y - predicted
    return tuple(
        float(gaps[part].std(ddof=min(1, len(part) - 1)) / np.sqrt(len(part)))
        for part in _tenths(predicted)
    )


def _tenths(predicted: Array) -> list[Array]:
    parts = np.array_split(np.argsort(predicted, kind="stable"), _CALIBRATION_BINS)
    return [part for part in parts if len(part)]


def auc(y: Array, score: Array) -> float | None:
    """Return the chance that a random 1 ranks above a random 0 (ties count half); None without."""
    positive = int(np.sum(y == 1))
    negative = len(y) - positive
    if not positive or not negative:
        return None
    _, codes, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    total = float(ranks[codes.reshape(-1)][y == 1].sum())
    return (total - positive * (positive + 1) / 2) / (positive * negative)
