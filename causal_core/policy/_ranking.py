"""Who comes first: takes predicted gains and folds, gives each unit's place among its own fold."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def places(gains: Array, folds: Array, rng: np.random.Generator) -> Array:
    """Return each unit's place within its fold by falling gain, ``(n,)`` from 0; ties by lot.

    A unit's fold was predicted by models that saw none of it, so no outcome of the fold, and
    none of the unit itself, moves a place in it.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> places(np.array([0.1, 0.4, 0.3, 0.2]), np.array([0, 0, 1, 1]), rng).tolist()
    [1, 0, 0, 1]
    """
    lot = rng.random(len(gains))  # the order of the rows may hold the outcome
    order = np.lexsort((lot, -gains, folds))
    sorted_folds = folds[order]
    starts = np.searchsorted(sorted_folds, sorted_folds, side="left")
    found = np.empty(len(gains), dtype=np.int64)
    found[order] = np.arange(len(gains)) - starts
    return found


def top(found: Array, folds: Array, share: float) -> Array:
    """Return which units are among the first `share` of their own fold, ``(n,)`` of bool.

    No fold has more than its share: what is left of a unit is not given out.

    Examples
    --------
    >>> top(np.array([1, 0, 0, 1]), np.array([0, 0, 1, 1]), 0.5).tolist()
    [False, True, True, False]
    """
    sizes = np.bincount(folds)
    return np.asarray(found < np.floor(share * sizes + 1e-9)[folds])


def as_many(found: Array, folds: Array, chosen: Array) -> Array:
    """Return the first of each fold, as many in it as `chosen` holds there, ``(n,)`` of bool."""
    counts = np.bincount(folds, weights=chosen.astype(np.float64))
    return np.asarray(found < counts[folds])
