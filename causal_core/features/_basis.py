"""Takes standardised features, gives a wider set in which a straight line can bend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

Array = np.ndarray

_LIMIT = 8.0  # standard deviations
_ZERO_SHARE = 0.05  # of units at the lowest value, from which on that value is a state of its own
_LEAST_TOGETHER = 20
_MOST_PRODUCTS = 100


@dataclass(frozen=True, kw_only=True)
class FeatureBasis:
    """A piecewise linear basis: hinges at quantiles, steps above a frequent minimum, products.

    `hinges` are (feature, knot): how far a feature lies above the knot. `steps` are (feature,
    value): whether it lies above. `products` are pairs of two-valued features of different
    covariates. Everything is standardised with `mean` and `scale` of the training units.

    Examples
    --------
    >>> x = np.linspace(-1.5, 1.5, 41)[:, None]
    >>> basis = FeatureBasis.fit(x, ["age"], knots=1)
    >>> basis.hinges, basis.transform(x).shape
    (((0, 0.0),), (41, 2))
    """

    hinges: tuple[tuple[int, float], ...] = ()
    steps: tuple[tuple[int, float], ...] = ()
    products: tuple[tuple[int, int], ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @classmethod
    def fit(
        cls, features: Array, sources: Sequence[str], *, knots: int = 3, products: bool = False
    ) -> FeatureBasis:
        """Place knots at quantiles of features ``(n, d)``; `sources` name their covariates."""
        varied = [j for j in range(features.shape[1]) if _is_varied(features[:, j])]
        hinges, steps = _bends(features, varied if knots else [], knots)
        flat = [j for j in range(features.shape[1]) if j not in varied]
        pairs = _products(features, flat, sources) if products else ()
        bare = cls(hinges=hinges, steps=steps, products=pairs)
        raw = bare._raw(features)
        scale = raw.std(axis=0)
        mean = tuple(float(value) for value in raw.mean(axis=0))
        return cls(
            hinges=hinges,
            steps=steps,
            products=pairs,
            mean=mean,
            scale=tuple(float(value) if value > 0 else 1.0 for value in scale),
        )

    def transform(self, features: Array) -> Array:
        """Return the wider features, ``(n, d + n_hinges + n_steps + n_products)``."""
        raw = self._raw(features)
        scaled = (raw - np.array(self.mean)) / np.array(self.scale)
        return np.asarray(np.clip(scaled, -_LIMIT, _LIMIT))

    def _raw(self, features: Array) -> Array:
        bent = [np.maximum(features[:, j] - knot, 0.0) for j, knot in self.hinges]
        above = [(features[:, j] > value).astype(np.float64) for j, value in self.steps]
        both = [features[:, i] * features[:, j] for i, j in self.products]
        wider = [*bent, *above, *both]
        return np.column_stack([features, *wider]) if wider else features

    def record(self) -> dict[str, object]:
        """Return the basis as JSON."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> FeatureBasis:
        """Return the basis that `record` described."""
        return cls(
            hinges=tuple((int(j), float(knot)) for j, knot in record["hinges"]),
            steps=tuple((int(j), float(value)) for j, value in record["steps"]),
            products=tuple((int(i), int(j)) for i, j in record["products"]),
            mean=tuple(record["mean"]),
            scale=tuple(record["scale"]),
        )


def _is_varied(feature: Array) -> bool:
    """Tell whether a feature has more than two values."""
    return bool(np.any((feature != feature.min()) & (feature != feature.max())))


def _bends(
    features: Array, varied: Sequence[int], knots: int
) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]:
    hinges: list[tuple[int, float]] = []
    steps: list[tuple[int, float]] = []
    for j in varied:
        lowest = float(features[:, j].min())
        places = np.unique(np.quantile(features[:, j], np.linspace(0, 1, knots + 2)[1:-1]))
        hinges += [(j, float(place)) for place in places if place > lowest]
        if np.mean(features[:, j] == lowest) > _ZERO_SHARE:
            steps.append((j, lowest))
    return tuple(hinges), tuple(steps)


def _products(
    features: Array, flat: Sequence[int], sources: Sequence[str]
) -> tuple[tuple[int, int], ...]:
    """Return pairs of two-valued features that occur together often, the most even ones first."""
    found: list[tuple[float, int, int]] = []
    high = {j: features[:, j] == features[:, j].max() for j in flat}
    for i, j in combinations(flat, 2):
        together = int(np.sum(high[i] & high[j]))
        apart = min(int(high[i].sum()), int(high[j].sum())) - together
        if sources[i] != sources[j] and min(together, apart) >= _LEAST_TOGETHER:
            found.append((-float(np.var(features[:, i] * features[:, j])), i, j))
    return tuple((i, j) for _, i, j in sorted(found)[:_MOST_PRODUCTS])
