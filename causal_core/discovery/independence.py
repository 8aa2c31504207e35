"""Tests of conditional independence from statistics that are computed once.

Takes complete columns, gives p-values for `x` and `y` given a set of columns. Column numbers
are places in `Columns.names`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy.special import chdtrc, chndtr, erfc

from causal_core.discovery.columns import Columns
from causal_core.errors import BadSettingError
from causal_core.language import listing, t

Array = np.ndarray

FISHER_Z, G_SQUARE, CHI_SQUARE, MIXED = "fisherz", "gsq", "chisq", "mixed"
AUTO = "auto"
TESTS = (FISHER_Z, G_SQUARE, CHI_SQUARE, MIXED)
LEAST_EFFECT = 5e-4  # share of variance below which the mixed test calls a dependence none
BLOCKS = 200  # groups of clusters that a half-sample takes or leaves whole

_FEW = 6  # a number with so many values is conditioned on level by level
_MOST_TABLE_LEVELS = 20
_DEGREE = 3
_SKEWED = 1.0
_PEAKED = 8.0
_CHUNK = 65_536
_SAMPLE = 100_000
_RIDGE = 1e-9
_DETERMINED = 1e-7


class Statistics(Protocol):
    """What answers questions of independence; can be made again from half of the blocks."""

    def p_value(self, x: int, y: int, given: tuple[int, ...]) -> float:
        """Return the p-value of “`x` and `y` are independent given `given`”."""
        ...

    def of_blocks(self, taken: Array) -> Statistics:
        """Return the statistics of the blocks that the boolean array `taken` marks."""
        ...


# ---------------------------------------------------------------- choice


def choose(test: str, columns: Columns, max_depth: int | None) -> tuple[str, str]:
    """Return the test to use and, in a sentence, why.

    Raises
    ------
    BadSettingError
        If the test is unknown or cannot serve these columns.
    """
    levels = [len(np.unique(values)) for values in columns.values]
    if test == AUTO:
        return _chosen(columns, levels, max_depth)
    if test not in TESTS:
        raise BadSettingError(setting="test", value=test, allowed=", ".join((AUTO, *TESTS)))
    if test == FISHER_Z:
        _refuse(test, _categories(columns))
    if test in (G_SQUARE, CHI_SQUARE):
        found = zip(columns.names, levels, strict=True)
        _refuse(test, [name for name, many in found if many > _MOST_TABLE_LEVELS])
    return test, t("The test “{test}” was asked for.", test=test)


def _categories(columns: Columns) -> list[str]:
    triples = zip(columns.names, columns.values, columns.discrete, strict=True)
    return [name for name, values, discrete in triples if discrete and values.max() > 1]


def _refuse(test: str, guilty: Sequence[str]) -> None:
    if guilty:
        value = t("{test}, which does not fit {names}", test=test, names=listing(list(guilty)))
        raise BadSettingError(setting="test", value=value, allowed=MIXED)


def _chosen(columns: Columns, levels: Sequence[int], max_depth: int | None) -> tuple[str, str]:
    pairs = list(zip(columns.values, columns.discrete, levels, strict=True))
    if all(many > _MOST_TABLE_LEVELS and _is_bell(values) for values, _, many in pairs):
        return FISHER_Z, t("Fisher's z: every column is continuous without heavy tails.")
    depth = 3 if max_depth is None else max_depth
    cells = float(np.prod(sorted(levels)[-(depth + 2) :], dtype=float))
    if max(levels) <= _MOST_TABLE_LEVELS and cells <= columns.rows / 5:
        return G_SQUARE, t("G²: every column has few levels and there are rows enough for tables.")
    return MIXED, t(
        "Basis test for mixed columns; a dependence that explains less than {share} of the"
        " variance counts as none.",
        share="0.05 %",
    )


def _is_bell(values: Array) -> bool:
    scaled = (values - values.mean()) / values.std()
    return bool(abs((scaled**3).mean()) < _SKEWED and (scaled**4).mean() < _PEAKED)


def statistics(test: str, columns: Columns, blocks: Array | None = None) -> Statistics:
    """Return the statistics that a test needs; with `blocks` (``(n,)``) also for half-samples."""
    if test in (G_SQUARE, CHI_SQUARE):
        return CountTest.of(columns, chi_square=test == CHI_SQUARE, blocks=blocks)
    linear = test == FISHER_Z
    plans = [
        _Plan.of(values, discrete=discrete and not linear, linear=linear)
        for values, discrete in zip(columns.values, columns.discrete, strict=True)
    ]
    layout = _Layout.of(plans)
    grams = _grams(columns.values, plans, layout.width, blocks)
    return CorrelationTest(grams=grams, layout=layout, linear=linear)


# ---------------------------------------------------------------- basis functions


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plan:
    """How one column becomes numbers: flags of its levels, or powers of its scaled value."""

    width: int
    tested: tuple[int, ...]
    given: tuple[int, ...]
    expand: Callable[[Array], Array]

    @classmethod
    def of(cls, values: Array, *, discrete: bool, linear: bool) -> _Plan:
        if discrete:
            return cls._flags(np.unique(values)[1:])
        scale = _scaling(values, linear=linear)
        if linear:
            return cls(width=1, tested=(0,), given=(0,), expand=lambda v: scale(v)[:, None])
        levels = np.unique(values)
        if len(levels) <= _FEW:
            flags = cls._flags(levels[1:])
            return cls(
                width=1 + flags.width,
                tested=(0,),
                given=tuple(range(1, 1 + flags.width)),
                expand=lambda v: np.column_stack([scale(v), flags.expand(v)]),
            )
        powers = _powers(scale(values[:: max(1, len(values) // _SAMPLE)]))
        every = tuple(range(_DEGREE))
        return cls(width=_DEGREE, tested=(0,), given=every, expand=lambda v: powers(scale(v)))

    @classmethod
    def _flags(cls, levels: Array) -> _Plan:
        every = tuple(range(len(levels)))
        return cls(
            width=len(levels),
            tested=every,
            given=every,
            expand=lambda v: (v[:, None] == levels).astype(np.float64),
        )


def _scaling(values: Array, *, linear: bool) -> Callable[[Array], Array]:
    """Return the map to zero mean and unit variance, through a logarithm where tails are heavy.

    The logarithm is of the value over its typical size, so that the unit of measurement (cents
    or euros) cannot change the graph.
    """
    bend = _identity if linear or _is_bell(values) else _bend(values)
    bent = bend(values)
    mean, deviation = float(bent.mean()), float(bent.std()) or 1.0
    return lambda v: (bend(v) - mean) / deviation


def _identity(values: Array) -> Array:
    return values


def _bend(values: Array) -> Callable[[Array], Array]:
    sizes = np.abs(values)
    typical = float(np.median(sizes[sizes > 0]))
    return lambda v: np.sign(v) * np.log1p(np.abs(v) / typical)


def _powers(sample: Array) -> Callable[[Array], Array]:
    """Return the map to orthogonal powers 1 … 3, extremes clipped before they are raised.

    A power that the lower ones explain (a column with few values) becomes zero.
    """
    low, high = np.quantile(sample, [0.0005, 0.9995])
    centred = sample - sample.mean()
    steps: list[Array] = []  # weights of the constant and the lower powers in each power
    design = [np.ones(len(sample)), centred]
    for degree in range(2, _DEGREE + 1):
        raised = np.clip(centred, low, high) ** degree
        below = np.column_stack(design)
        steps.append(np.linalg.lstsq(below, raised, rcond=None)[0])
        left = raised - below @ steps[-1]
        size = float(left.std())
        steps[-1] = np.append(steps[-1], 1.0 / size if size > 1e-4 * raised.std() else 0.0)
        design.append(left * steps[-1][-1])
    centre = float(sample.mean())

    def apply(values: Array) -> Array:
        built = [np.ones(len(values)), values - centre]
        for degree, step in enumerate(steps, start=2):
            raised = np.clip(built[1], low, high) ** degree
            built.append((raised - np.column_stack(built) @ step[:-1]) * step[-1])
        return np.column_stack(built[1:])

    return apply


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layout:
    """Where each column's numbers stand in the Gram matrix."""

    tested: tuple[Array, ...]
    given: tuple[Array, ...]
    width: int

    @classmethod
    def of(cls, plans: Sequence[_Plan]) -> _Layout:
        starts = np.concatenate([[0], np.cumsum([plan.width for plan in plans])]).astype(int)
        places = list(zip(plans, starts, strict=False))
        return cls(
            tested=tuple(at + np.array(plan.tested) for plan, at in places),
            given=tuple(at + np.array(plan.given) for plan, at in places),
            width=int(starts[-1]),
        )


def _grams(
    values: Sequence[Array], plans: Sequence[_Plan], width: int, blocks: Array | None
) -> Array:
    """Return one Gram matrix per block (``(n_blocks, width + 1, width + 1)``), ones last."""
    rows = len(values[0])
    order = np.arange(rows) if blocks is None else np.argsort(blocks, kind="stable")
    sizes = np.array([rows]) if blocks is None else np.bincount(blocks)
    grams = np.zeros((len(sizes), width + 1, width + 1))
    ends = np.concatenate([[0], np.cumsum(sizes)])
    for at, (start, end) in enumerate(pairwise(ends)):
        for first in range(start, end, _CHUNK):
            taken = order[first : min(first + _CHUNK, end)]
            parts = [plan.expand(v[taken]) for plan, v in zip(plans, values, strict=True)]
            chunk = np.column_stack([*parts, np.ones(len(taken))])
            grams[at] += chunk.T @ chunk
    return grams


# ---------------------------------------------------------------- tests


class CorrelationTest:
    """Fisher's z, or the likelihood ratio of basis functions ("BF13"), from one Gram matrix.

    The basis test regresses the tested pair (flags of a category's levels, the value of a
    number) on flags and cubic powers of the conditioning set and takes Wilks' likelihood ratio
    of the residuals with Bartlett's factor. Sound for additive, smooth dependence on the
    conditioning set; interactions in it are not seen. An effect below `LEAST_EFFECT` gets the
    p-value of “the effect is at most that”, from the non-central distribution.

    References
    ----------
    Bartlett (1947), JRSS B 9; Shah and Peters (2020), Annals of Statistics 48.
    """

    def __init__(self, *, grams: Array, layout: _Layout, linear: bool) -> None:
        self._grams, self._layout, self._linear = grams, layout, linear
        gram = grams.sum(axis=0)
        self._rows = float(gram[-1, -1])
        mean = gram[-1, :-1] / self._rows
        covariance = gram[:-1, :-1] / self._rows - np.outer(mean, mean)
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        deviation[deviation < _RIDGE] = 1.0
        self._correlation = covariance / np.outer(deviation, deviation)

    def of_blocks(self, taken: Array) -> CorrelationTest:
        """Return the statistics of the marked blocks."""
        return CorrelationTest(grams=self._grams[taken], layout=self._layout, linear=self._linear)

    def p_value(self, x: int, y: int, given: tuple[int, ...]) -> float:
        """Return the p-value of “`x` and `y` are independent given `given`”."""
        left, right = self._layout.tested[x], self._layout.tested[y]
        inner = [self._layout.given[at] for at in given]
        held = np.concatenate(inner) if inner else np.empty(0, dtype=int)
        rest = self._residual(np.concatenate([left, right]), held)
        squares = _canonical(rest, len(left))
        if self._linear:
            return _fisher_z(squares, self._rows - len(held) - 3.0)
        factor = self._rows - 1.0 - len(held) - 0.5 * (len(left) + len(right) + 1.0)
        ratio = -max(factor, 1.0) * float(np.log1p(-squares).sum())
        return self._floored(ratio, len(left) * len(right))

    def _residual(self, tested: Array, held: Array) -> Array:
        """Return the covariance of `tested` after regression on `held`."""
        matrix = self._correlation
        whole = matrix[np.ix_(tested, tested)]
        if not len(held):
            return np.asarray(whole)
        inside = matrix[np.ix_(held, held)].copy()
        inside.flat[:: len(held) + 1] += _RIDGE
        across = matrix[np.ix_(held, tested)]
        return np.asarray(whole - across.T @ np.linalg.solve(inside, across))

    def _floored(self, ratio: float, freedom: int) -> float:
        p = float(chdtrc(freedom, max(ratio, 0.0)))
        if (ratio - freedom) / self._rows >= LEAST_EFFECT:
            return p
        return max(p, 1.0 - float(chndtr(ratio, freedom, self._rows * LEAST_EFFECT)))


def _canonical(rest: Array, split: int) -> Array:
    """Return the squared canonical correlations of the first `split` columns with the others.

    A side that the conditioning set determines has nothing left to depend with: all zero.
    """
    if len(rest) == 2:  # noqa: PLR2004 - one number on each side, the usual case
        inner = rest[0, 0] * rest[1, 1]
        free = min(rest[0, 0], rest[1, 1]) > _DETERMINED
        return np.array([min(rest[0, 1] ** 2 / inner, 1.0 - 1e-15) if free else 0.0])
    left, right = _whitening(rest[:split, :split]), _whitening(rest[split:, split:])
    singular = np.linalg.svd(left.T @ rest[:split, split:] @ right, compute_uv=False)
    return np.asarray(np.minimum(singular**2, 1.0 - 1e-15))


def _whitening(covariance: Array) -> Array:
    roots, axes = np.linalg.eigh(covariance)
    free = roots > _DETERMINED
    return np.asarray(axes[:, free] / np.sqrt(roots[free]))


def _fisher_z(squares: Array, freedom: float) -> float:
    z = np.arctanh(np.sqrt(squares[0])) * np.sqrt(max(freedom, 1.0))
    return float(erfc(z / np.sqrt(2.0)))


class CountTest:
    """G² or Pearson's χ² of contingency tables, one table per state of the conditioning set.

    Rows and columns of a table that are empty in a state take no degrees of freedom there.
    """

    def __init__(
        self, *, codes: Array, levels: Array, chi_square: bool, blocks: Array | None
    ) -> None:
        self._codes, self._levels, self._chi_square = codes, levels, chi_square
        self._blocks = blocks

    @classmethod
    def of(cls, columns: Columns, *, chi_square: bool, blocks: Array | None) -> CountTest:
        """Return the test for columns, whose values become numbers of levels."""
        pairs = [np.unique(values, return_inverse=True) for values in columns.values]
        codes = np.stack([codes for _, codes in pairs]).astype(np.int64)
        levels = np.array([len(found) for found, _ in pairs])
        return cls(codes=codes, levels=levels, chi_square=chi_square, blocks=blocks)

    def of_blocks(self, taken: Array) -> CountTest:
        """Return the counts of the marked blocks."""
        rows = np.ones(self._codes.shape[1], bool) if self._blocks is None else taken[self._blocks]
        return CountTest(
            codes=self._codes[:, rows],
            levels=self._levels,
            chi_square=self._chi_square,
            blocks=None if self._blocks is None else self._blocks[rows],
        )

    def p_value(self, x: int, y: int, given: tuple[int, ...]) -> float:
        """Return the p-value of “`x` and `y` are independent given `given`”."""
        counts = self._counts(x, y, given)
        rows, columns = counts.sum(axis=2), counts.sum(axis=1)
        total = rows.sum(axis=1)
        expected = rows[:, :, None] * columns[:, None, :] / np.maximum(total, 1.0)[:, None, None]
        freedom = ((rows > 0).sum(axis=1) - 1) * ((columns > 0).sum(axis=1) - 1)
        freedom_sum = int(freedom[total > 0].sum())
        if freedom_sum == 0:
            return 1.0
        return float(chdtrc(freedom_sum, self._statistic(counts, expected)))

    def _counts(self, x: int, y: int, given: tuple[int, ...]) -> Array:
        rows = self._codes.shape[1]
        state, states = np.zeros(rows, dtype=np.int64), 1
        for at in given:
            state = state * self._levels[at] + self._codes[at]
            states *= int(self._levels[at])
            if states > 4 * rows:  # mostly empty: number only the states that occur
                found, state = np.unique(state, return_inverse=True)
                states = len(found)
        shape = (states, int(self._levels[x]), int(self._levels[y]))
        cell = (state * shape[1] + self._codes[x]) * shape[2] + self._codes[y]
        return np.bincount(cell, minlength=int(np.prod(shape))).astype(np.float64).reshape(shape)

    def _statistic(self, counts: Array, expected: Array) -> float:
        possible = expected > 0
        found, awaited = counts[possible], expected[possible]
        if self._chi_square:
            return float(((found - awaited) ** 2 / awaited).sum())
        some = found > 0
        return max(float(2.0 * (found[some] * np.log(found[some] / awaited[some])).sum()), 0.0)
