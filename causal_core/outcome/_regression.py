"""Ridge regressions by Newton's method. Takes features and outcomes, gives coefficients."""

from __future__ import annotations

import numpy as np

Array = np.ndarray

_STEPS = 25
_CLOSE_ENOUGH = 1e-6
_LARGEST_LOGIT = 30.0


def sigmoid(logits: Array) -> Array:
    """Return the chances that belong to log-odds; never exactly 0 or 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))))


def linear_predictor(features: Array, coefficients: Array) -> Array:
    """Return intercept plus features times slopes, ``(n,)``; the intercept comes first."""
    return np.asarray(coefficients[0] + features @ coefficients[1:])


def fit_ridge(features: Array, y: Array, penalty: float = 1.0) -> Array:
    """Return intercept and slopes that minimise squared error plus `penalty` times slopes squared.

    features ``(n, d)``, y ``(n,)`` → ``(d + 1,)``; the penalty is in units of y's variance.
    """
    middle, level = features.mean(axis=0), y.mean()
    centred = features - middle
    gram = centred.T @ centred + max(penalty, 1e-8) * np.eye(features.shape[1])
    slopes = np.linalg.solve(gram, centred.T @ (y - level))
    return np.concatenate([[level - middle @ slopes], slopes])


def fit_logistic(
    features: Array, y: Array, penalty: float = 1.0, *, start: Array | None = None
) -> Array:
    """Return intercept and slopes of a ridge-penalised logistic regression.

    features ``(n, d)``, y ``(n,)`` in {0, 1} → ``(d + 1,)``. The penalty is half the squared
    slopes; the intercept is free. Newton steps are halved until the objective falls, so that
    separated classes end at finite slopes.
    """
    n, d = features.shape
    design = np.column_stack([np.ones(n), features])
    ridge = np.full(d + 1, max(penalty, 1e-8))
    ridge[0] = 1e-8
    rate = float(np.clip(y.mean(), 0.5 / n, 1 - 0.5 / n))
    beta = np.zeros(d + 1) if start is None else start.copy()
    if start is None:
        beta[0] = np.log(rate / (1 - rate))
    objective = _objective(design, y, beta, ridge)
    for _ in range(_STEPS):
        chance = sigmoid(design @ beta)
        gradient = design.T @ (chance - y) + ridge * beta
        spread = np.maximum(chance * (1 - chance), 1e-9)
        hessian = (design * spread[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        size, value = 1.0, _objective(design, y, beta - step, ridge)
        while value > objective and size > 1e-4:  # noqa: PLR2004
            size /= 2
            value = _objective(design, y, beta - size * step, ridge)
        beta = beta - size * step
        if objective - value < _CLOSE_ENOUGH * n * 1e-2:
            break
        objective = value
    return beta


def _objective(design: Array, y: Array, beta: Array, ridge: Array) -> float:
    logits = np.clip(design @ beta, -_LARGEST_LOGIT, _LARGEST_LOGIT)
    return float(np.sum(np.logaddexp(0, logits) - y * logits) + 0.5 * np.sum(ridge * beta**2))
