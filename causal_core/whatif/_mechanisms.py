"""Linear mechanisms: each node a least-squares line of its causes, with all bootstrap refits.

Units are put by cluster into at most 1,000 blocks; cross products are summed once per block, so
that a refit on resampled clusters is a weighted sum of small matrices and costs nothing in rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal_core.errors import DependentColumnsError, TooFewUnitsError
from causal_core.language import listing, t
from causal_core.results import Array
from causal_core.whatif._coding import Coding

MOST_BLOCKS = 1_000
_BUDGET = 2**25  # numbers held at once for the blocks of one mechanism
_SMALL = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """Clusters dealt into blocks, and how often each block counts in each draw.

    Shapes: order ``(n,)`` sorts rows by block; starts ``(b,)``; weights ``(1 + draws, b)``, of
    which row 0 counts every block once: the data as they are.
    """

    order: Array
    starts: Array
    weights: Array

    def sums(self, columns: Array) -> Array:
        """Return column sums in every draw: ``(n, m)`` → ``(1 + draws, m)``."""
        total: Array = self.weights @ np.add.reduceat(columns[self.order], self.starts, axis=0)
        return total

    def products(self, left: Array, right: Array) -> Array:
        """Return left'right in every draw: ``(n, p)``, ``(n, q)`` → ``(1 + draws, p, q)``."""
        left, right = left[self.order], right[self.order]
        size = left.shape[1] * right.shape[1]
        total = np.zeros((len(self.weights), size))
        ends = np.append(self.starts[1:], len(left))
        step = max(1, _BUDGET // size)
        for first in range(0, len(self.starts), step):
            chosen = slice(first, first + step)
            pairs = zip(self.starts[chosen], ends[chosen], strict=True)
            small = [left[a:b].T @ right[a:b] for a, b in pairs]
            total += self.weights[:, chosen] @ np.stack(small).reshape(len(small), size)
        return total.reshape(len(self.weights), left.shape[1], right.shape[1])


def block(clusters: Array, *, draws: int, rng: np.random.Generator) -> Blocks:
    """Deal clusters into blocks and draw blocks with replacement.

    Raises
    ------
    TooFewUnitsError
        If there is only one cluster, so that nothing can be resampled.
    """
    _, codes = np.unique(clusters, return_inverse=True)
    n_clusters = int(codes.max(initial=-1)) + 1
    if n_clusters < 2:  # noqa: PLR2004 - a spread needs two
        raise TooFewUnitsError(count=n_clusters, where=t("can be resampled"), least=2)
    n_blocks = min(MOST_BLOCKS, n_clusters)
    home = rng.permutation(n_clusters)[codes] % n_blocks
    order = np.argsort(home, kind="stable")
    starts = np.searchsorted(home[order], np.arange(n_blocks))
    drawn = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=draws)
    weights = np.vstack([np.ones(n_blocks), drawn])
    return Blocks(order=order, starts=starts, weights=weights)


@dataclass(frozen=True, kw_only=True, eq=False)
class Mechanism:
    """How one node follows from its causes, in the data (draw 0) and in every bootstrap draw.

    `slopes`: cause → ``(1 + draws, k_cause, k_node)``, in the columns' own units.
    """

    node: str
    slopes: Mapping[str, Array]
    left_out: int = 0


def learn(
    node: Coding, causes: Sequence[Coding], blocks: Blocks, *, moving: Sequence[str]
) -> Mechanism:
    """Fit a node on its causes by least squares, on the rows where the node has a value.

    Parameters
    ----------
    moving
        The causes that a scenario moves: their slopes must be estimable.

    Raises
    ------
    TooFewUnitsError
        If there are not more rows than coefficients.
    DependentColumnsError
        If the slope of a moving cause cannot be told from those of the others.
    """
    seen = node.observed.astype(np.float64)[:, None]
    rows = int(seen.sum())
    design = np.hstack([np.ones_like(seen), *(cause.design for cause in causes)]) * seen
    if rows <= design.shape[1]:
        where = t("with a value of “{column}”", column=node.name)
        raise TooFewUnitsError(count=rows, where=where, least=design.shape[1] + 1)
    center = (node.values * seen).sum(axis=0) / rows
    products = blocks.products(design, np.hstack([design, (node.values - center) * seen]))
    squares, cross = np.split(products, [design.shape[1]], axis=2)
    inverse = np.linalg.pinv(squares, rcond=_SMALL, hermitian=True)
    slopes = inverse @ cross
    places = _places(causes)
    _require_estimable(inverse[0] @ squares[0], causes, places, moving)
    return Mechanism(
        node=node.name,
        slopes={
            cause.name: slopes[:, places[cause.name]] / cause.scale[:, None] for cause in causes
        },
        left_out=len(seen) - rows,
    )


def _places(causes: Sequence[Coding]) -> dict[str, slice]:
    places, at = {}, 1
    for cause in causes:
        places[cause.name] = slice(at, at + cause.values.shape[1])
        at += cause.design.shape[1]
    return places


def _require_estimable(
    shown: Array, causes: Sequence[Coding], places: Mapping[str, slice], moving: Sequence[str]
) -> None:
    """Raise unless the data tell the slopes of all moving causes apart from the others.

    `shown` projects on what the data show; a slope is estimable where it is left alone. Of a
    category only the differences between its levels are asked for.
    """
    for cause in causes:
        if cause.name not in moving or np.ptp(cause.values, axis=0).max() == 0:
            continue
        wanted = np.eye(len(shown))[places[cause.name]]
        if cause.levels is not None:
            wanted = wanted - wanted[0]
        if np.abs(wanted @ shown - wanted).max() > 1e-6:  # noqa: PLR2004 - far above rounding
            names = [other.name for other in causes]
            raise DependentColumnsError(columns=listing(names))
