"""The chance of each arm, apart from the outcomes. Takes a study, gives held-out propensities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from causal_core.features import FeatureBasis
from causal_core.language import number, percent, t
from causal_core.outcome._regression import (
    fit_logistic,
    linear_predictor,
    sigmoid,
)
from causal_core.outcome._study import Study
from causal_core.question import Assignment
from causal_core.schema import Role

Array = np.ndarray

_SMALL = 2_000  # units below which smooth candidates lead
_TINY = 400  # units below which only straight lines are fitted
# Candidates run from smooth to rough: the choice leans towards the rough end (see `_choose`).
_STRAIGHT_PENALTIES = (30.0, 3.0, 0.3)
_SMALL_PENALTIES = (100.0, 25.0, 5.0)
_PENALTIES = (25.0, 5.0, 1.0)
_ROUNDS = (60, 100, 150, 200, 300)
_TREES = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 5,
    "min_data_in_leaf": 30,
    "lambda_l2": 1.0,
    "feature_fraction": 0.8,
    "max_bin": 127,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_MOST_LOGISTIC_UNITS = 100_000
_ROUGHER = 2.0  # standard errors of held-out loss that a rougher candidate may cost
_LEAST_SLOPE = 0.8
_LEAST_P = 1e-3
_LEAST_MISS = 0.01  # a mean calibration error that matters, however many units there are


@dataclass(frozen=True, kw_only=True, eq=False)
class Propensity:
    """Chance of each arm, ``(n, 2)``, learned without the unit it is for; and how it was found."""

    chances: Array
    model: str
    warnings: tuple[str, ...] = ()


def propensity_of(study: Study, folds: Array, *, learner: str, seed: int) -> Propensity:
    """Return held-out propensities: known by design where that can be, learned otherwise.

    `learner` is ``"stack"`` (boosted trees and logistic regression), ``"logistic"``, or
    ``"auto"``, which takes the logistic regression alone below 2,000 units. The logistic
    regression is one on straight lines below 400 units, and on a bent basis from there on.
    """
    assignment = study.estimand.question.assignment
    if assignment is Assignment.CHANCE:
        return _by_chance(study)
    warnings: tuple[str, ...] = ()
    if assignment is Assignment.RULE:
        logged, warnings = _logged(study)
        if logged is not None:
            return _clipped(logged, study, "logged", warnings)
    small = bool(np.sum(study.compared) < _SMALL)
    name = learner if learner != "auto" else "logistic" if small else "stack"
    treated = _cross_fit(study, folds, seed, trees=name == "stack", small=small)
    return _clipped(treated, study, name, warnings)


def _clipped(treated: Array, study: Study, model: str, warnings: tuple[str, ...]) -> Propensity:
    """Keep both chances above a bound that falls with the number of units (Gruber et al., 2022)."""
    arm = study.arm[study.compared]
    n = len(arm)
    bound = 5 / (np.sqrt(n) * np.log(n))
    low, high = (min(bound, float(np.mean(arm == a)) / 5) for a in (1, 0))
    kept = np.clip(treated, low, 1 - high)
    share = float(np.mean((kept != treated)[study.compared]))
    if share > 0:
        text = t(
            "For {share} of units one treatment value is so unlikely that their propensity was "
            "cut at {low} or {high}.",
            share=percent(share),
            low=number(low, digits=4),
            high=number(1 - high, digits=4),
        )
        warnings = (*warnings, text)
    return Propensity(chances=np.column_stack([1 - kept, kept]), model=model, warnings=warnings)


# ---------------------------------------------------------------- known by design


def _by_chance(study: Study) -> Propensity:
    """Return the arms' shares, and warn where covariates tell the arms apart all the same."""
    arm = study.arm[study.compared]
    share = float(arm.mean())
    chances = np.tile([1 - share, share], (len(study.arm), 1))
    warnings = [t("The propensities are the shares of the arms, because chance decided.")]
    p_value = _tells_apart(study)
    if p_value < _LEAST_P:
        warnings.append(
            t(
                "Covariates differ between the arms more than chance allows (p = {p:.1g}): "
                "check that chance decided.",
                p=p_value,
            )
        )
    return Propensity(chances=chances, model="shares", warnings=tuple(warnings))


def _tells_apart(study: Study) -> float:
    """Return the p-value of the score test that no feature predicts the arm (units independent)."""
    from scipy.stats import chi2

    rows = np.flatnonzero(study.compared)
    _, firsts = np.unique(study.clusters[rows], return_index=True)  # one unit per cluster
    rows = rows[firsts]
    features, arm = study.features[rows], study.arm[rows].astype(float)
    features, arm = features - features.mean(axis=0), arm - arm.mean()
    gram = features.T @ features
    rank = int(np.linalg.matrix_rank(gram)) if gram.size else 0
    if not rank or not arm.any():
        return 1.0
    score = features.T @ arm
    statistic = float(score @ np.linalg.pinv(gram, hermitian=True) @ score / arm.var())
    return float(chi2.sf(statistic, rank))


def _logged(study: Study) -> tuple[Array | None, tuple[str, ...]]:
    """Return the logged chance of treatment if it fits what happened; otherwise say why not.

    A log holds either the chance of treatment or the chance of what happened; whichever is
    calibrated is taken.
    """
    name = study.table.schema.first(Role.PROPENSITY)
    if name is None:
        return None, (t("No propensity was logged, so it is learned from the covariates."),)
    logged = study.table.column(name)
    if not (np.isfinite(logged).all() and (logged > 0).all() and (logged <= 1).all()):
        text = t(
            "“{column}” is no chance between 0 and 1, so the propensity is learned.", column=name
        )
        return None, (text,)
    readings = (logged, np.where(study.arm == 1, logged, 1 - logged))
    for treated in readings:
        if _calibrated(treated[study.compared], study.arm[study.compared]):
            return treated, ()
    text = t(
        "The logged propensity “{column}” does not fit who was treated, so it is learned from the "
        "covariates.",
        column=name,
    )
    return None, (text,)


def _calibrated(treated: Array, arm: Array) -> bool:
    """Tell whether treatments are as frequent as promised in tenths of the logged chance."""
    from scipy.stats import chi2

    order = np.argsort(treated, kind="stable")
    parts = np.array_split(order, 10)
    expected = np.array([treated[part].sum() for part in parts])
    observed = np.array([arm[part].sum() for part in parts])
    spread = np.array([np.sum(treated[part] * (1 - treated[part])) for part in parts])
    misses = np.abs(observed - expected)
    statistic = float(np.sum(misses**2 / np.maximum(spread, 1e-9)))
    matters = float(misses.sum()) / len(arm) > _LEAST_MISS
    return not (matters and chi2.sf(statistic, len(parts)) < _LEAST_P)


# ---------------------------------------------------------------- learned


class Learner(Protocol):
    """Learns who was treated; offers several candidates, of which held-out data choose one."""

    def __call__(self, training: Array, wanted: Array) -> Array:
        """Return log-odds of treatment for the rows `wanted`, ``(len(wanted), n_candidates)``."""
        ...


def _cross_fit(study: Study, folds: Array, seed: int, *, trees: bool, small: bool) -> Array:
    """Return for each unit the chance of treatment from models that did not see its fold.

    Within each fold's training units, candidates are chosen, stacked and calibrated on
    predictions for one block at a time that was left out too; the fits without a pair of blocks
    serve both, so that five folds cost ten of them, and five more on all training units.
    """
    blocks = _blocks(study, folds)
    learners: list[Learner] = [_Logistic(study, seed, small=small)]
    if trees:
        learners.append(_Trees(study, seed))
    pairs: dict[frozenset[int], list[Array]] = {}
    treated = np.empty(len(folds))
    for fold in range(int(folds.max()) + 1):
        held_out = folds == fold
        own = frozenset(np.unique(blocks[held_out]).tolist())
        others = [block for block in range(int(blocks.max()) + 1) if block not in own]
        for block in others:
            key = own | {block}
            if key not in pairs:
                pairs[key] = _fit_without(study, blocks, key, learners)
        inner = {block: pairs[own | {block}] for block in others}
        weights = _inner_weights(study, blocks, inner, rougher=not small)
        treated[held_out] = _outer(study, held_out, learners, weights)
    return treated


def _blocks(study: Study, folds: Array) -> Array:
    """Return the parts that inner cross-fitting leaves out: the folds, or halves of few folds."""
    few = int(folds.max()) + 1 < 4  # noqa: PLR2004
    return folds * 2 + study.clusters % 2 if few else folds


def _fit_without(
    study: Study, blocks: Array, left_out: frozenset[int], learners: Sequence[Learner]
) -> list[Array]:
    """Return each learner's log-odds, NaN but for the blocks that it did not see."""
    unseen = np.isin(blocks, list(left_out))
    training = np.flatnonzero(~unseen & study.compared)
    wanted = np.flatnonzero(unseen)
    results = []
    for learner in learners:
        found = learner(training, wanted)
        whole = np.full((len(blocks), found.shape[1]), np.nan)
        whole[wanted] = found
        results.append(whole)
    return results


@dataclass(frozen=True, kw_only=True, eq=False)
class _Mixture:
    """Which candidate of each learner is used, and intercept and weights of their log-odds."""

    candidates: tuple[int, ...]
    weights: Array


def _inner_weights(
    study: Study, blocks: Array, inner: Mapping[int, list[Array]], *, rougher: bool
) -> _Mixture:
    """Choose candidates and weigh learners by their loss on the inner blocks."""
    rows = np.flatnonzero(np.isin(blocks, list(inner)) & study.compared)
    arm = study.arm[rows].astype(np.float64)
    chosen, columns = [], []
    for learner in range(len(next(iter(inner.values())))):
        logits = np.empty((len(rows), next(iter(inner.values()))[learner].shape[1]))
        for block, by_learner in inner.items():
            here = blocks[rows] == block
            logits[here] = by_learner[learner][rows[here]]
        chosen.append(_choose(arm, logits, rougher=rougher))
        columns.append(logits[:, chosen[-1]])
    return _Mixture(candidates=tuple(chosen), weights=_stack_weights(np.column_stack(columns), arm))


def _choose(arm: Array, logits: Array, *, rougher: bool) -> int:
    """Return the candidate of least held-out loss, or the roughest that is not clearly worse.

    A propensity that is smoothed too much biases the effect in the direction of the raw
    difference; one that is a little too rough only adds noise. Hence the lean (undersmoothing;
    van der Laan, Benkeser and Cai, 2023).
    """
    losses = np.logaddexp(0, logits) - arm[:, None] * logits
    best = int(np.argmin(losses.mean(axis=0)))
    if not rougher:
        return best
    for candidate in range(logits.shape[1] - 1, best, -1):
        worse = losses[:, candidate] - losses[:, best]
        if worse.mean() < _ROUGHER * worse.std() / np.sqrt(len(arm)):
            return candidate
    return best


def _stack_weights(logits: Array, arm: Array) -> Array:
    """Return intercept and weights, none negative, of a logistic regression on log-odds.

    A sum below 1 says that the inner fits are too bold. They saw fewer units than the fit whose
    predictions are used, so that down to 0.8 it is not held against that one.
    """
    used = list(range(logits.shape[1]))
    while True:
        found = fit_logistic(logits[:, used], arm, penalty=1e-3)
        negative = [place for place, w in zip(used, found[1:], strict=True) if w < 0]
        if not negative or len(used) == 1:
            break
        used = [place for place in used if place not in negative] or used[:1]
    slopes = np.maximum(found[1:], 0.0)
    total = float(slopes.sum())
    wanted = max(total, min(1.0, total / _LEAST_SLOPE))
    slopes = slopes * (wanted / total) if total > 0 else slopes
    weights = np.zeros(logits.shape[1] + 1)
    weights[1 + np.array(used, dtype=int)] = slopes
    weights[0] = _intercept(logits @ weights[1:], arm)
    return weights


def _intercept(logits: Array, arm: Array) -> float:
    """Return the shift of log-odds that makes their mean chance the share of the treated."""
    low, high = -10.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        if float(sigmoid(logits + middle).mean()) < float(arm.mean()):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _outer(study: Study, held_out: Array, learners: Sequence[Learner], mixture: _Mixture) -> Array:
    """Return chances for the held-out units from fits on all others."""
    training = np.flatnonzero(~held_out & study.compared)
    wanted = np.flatnonzero(held_out)
    columns = [
        learner(training, wanted)[:, candidate]
        for learner, candidate in zip(learners, mixture.candidates, strict=True)
    ]
    return sigmoid(linear_predictor(np.column_stack(columns), mixture.weights))


class _Logistic:
    """Ridge logistic regressions of several penalties; on a bent basis unless units are few."""

    def __init__(self, study: Study, seed: int, *, small: bool) -> None:
        self.features, self.arm, self.seed = study.features, study.arm, seed
        self.penalties = _SMALL_PENALTIES if small else _PENALTIES
        if np.sum(study.compared) < _TINY:
            self.penalties = _STRAIGHT_PENALTIES
        else:
            basis = FeatureBasis.fit(study.features, study.encoder.sources, products=True)
            self.features = basis.transform(study.features)

    def __call__(self, training: Array, wanted: Array) -> Array:
        if len(training) > _MOST_LOGISTIC_UNITS:
            rng = np.random.default_rng([self.seed, 4])
            training = rng.choice(training, _MOST_LOGISTIC_UNITS, replace=False)
        x, y = self.features[training], self.arm[training].astype(np.float64)
        found: list[Array] = []
        for penalty in self.penalties:
            start = found[-1] if found else None
            found.append(fit_logistic(x, y, penalty, start=start))
        return np.column_stack([linear_predictor(self.features[wanted], beta) for beta in found])


class _Trees:
    """Boosted trees at several lengths."""

    def __init__(self, study: Study, seed: int) -> None:
        import lightgbm

        self.features, self.arm = study.features.astype(np.float32), study.arm
        self.settings = {**_TREES, "seed": seed}
        label = np.clip(study.arm, 0, 1)
        self.data = lightgbm.Dataset(
            self.features, label=label, params=self.settings, free_raw_data=False
        ).construct()

    def __call__(self, training: Array, wanted: Array) -> Array:
        import lightgbm

        part = self.data.subset(np.sort(training).tolist())
        trees = lightgbm.train(self.settings, part, num_boost_round=_ROUNDS[-1])
        x = self.features[wanted]
        raw = [trees.predict(x, num_iteration=rounds, raw_score=True) for rounds in _ROUNDS]
        return np.column_stack(raw)
