"""Takes covariates of every kind, gives standardised features; learned once, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from causal_core.errors import WrongKindError
from causal_core.language import t
from causal_core.schema import Kind
from causal_core.table import BehaviorTable

Array = np.ndarray

_LIMIT = 10.0  # standard deviations at which a feature is cut, so that one row cannot rule
_HEAVY = 1.0  # skewness beyond which a logarithm is tried
_MOST_LEVELS = 50
_LEAST_UNITS = 10
_LEAST_SHARE = 0.005
_NANOSECONDS_A_DAY = 86_400e9
_REFUSED = (Kind.ID, Kind.TEXT)


@dataclass(frozen=True, kw_only=True)
class NumberRule:
    """How one numeric column becomes a feature, and a second one where values are missing.

    A heavy tail is tamed by ``sign(x) * log1p(|x| / unit)``; `unit` is None for other columns.
    """

    column: str
    unit: float | None
    mean: float
    scale: float
    missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features."""
        own = (self.column,) if self.scale > 0 else ()
        return (*own, f"{self.column}: missing") if self.missing else own

    def transform(self, values: pd.Series) -> Array:
        """Return its features, shape ``(n, 1 or 2)``; a missing number becomes the mean."""
        raw = _numbers(values)
        known = np.isfinite(raw)
        features = []
        if self.scale > 0:
            scaled = (_tame(raw, self.unit) - self.mean) / self.scale
            features.append(np.where(known, np.clip(scaled, -_LIMIT, _LIMIT), 0.0))
        if self.missing:
            features.append((~known).astype(np.float64))
        return np.column_stack(features) if features else np.empty((len(raw), 0))


@dataclass(frozen=True, kw_only=True)
class LevelRule:
    """How one categorical column becomes one feature per level.

    Rare levels share the feature “other” (if `pooled`), and so do levels that were never seen;
    without it those have no feature at all.
    """

    column: str
    levels: tuple[str, ...]
    pooled: bool
    missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features."""
        last = [f"{self.column}: other"] * self.pooled + [f"{self.column}: missing"] * self.missing
        return (*(f"{self.column} = {level}" for level in self.levels), *last)

    def transform(self, values: pd.Series) -> Array:
        """Return its 0/1 features, shape ``(n, n_levels + pooled + missing)``."""
        known = values.notna().to_numpy()
        codes = pd.Index(self.levels).get_indexer(_texts(values))
        features = np.zeros((len(values), len(self.names)))
        named = (codes >= 0) & known
        features[np.flatnonzero(named), codes[named]] = 1.0
        if self.pooled:
            features[known & ~named, len(self.levels)] = 1.0
        if self.missing:
            features[~known, -1] = 1.0
        return features


Rule = NumberRule | LevelRule


@dataclass(frozen=True, kw_only=True)
class FeatureEncoder:
    """How covariates become features; it sees neither treatment nor outcomes.

    Examples
    --------
    >>> import pandas as pd
    >>> from causal_core.schema import Column, Kind, Role, Schema
    >>> schema = Schema(columns=(Column(name="age", kind=Kind.COUNT, role=Role.ATTRIBUTE),))
    >>> table = BehaviorTable(frame=pd.DataFrame({"age": [20.0, 30.0, 40.0]}), schema=schema)
    >>> encoder = FeatureEncoder.fit(table, ["age"])
    >>> encoder.transform(table.frame).round(2).ravel().tolist()
    [-1.22, 0.0, 1.22]
    >>> FeatureEncoder.from_record(encoder.record()) == encoder
    True
    """

    rules: tuple[Rule, ...]

    @classmethod
    def fit(
        cls, table: BehaviorTable, columns: Sequence[str], *, rows: Array | None = None
    ) -> FeatureEncoder:
        """Learn from the training rows (all if None) how `columns` become features.

        Raises
        ------
        ColumnMissingError
            If the table lacks one of them.
        WrongKindError
            If one is an id or free text.
        """
        table.require(*columns)
        frame = table.frame if rows is None else table.frame.iloc[rows]
        return cls(rules=tuple(_rule(frame[name], table.schema[name].kind) for name in columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """The covariates that are encoded."""
        return tuple(rule.column for rule in self.rules)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(name for rule in self.rules for name in rule.names)

    @property
    def sources(self) -> tuple[str, ...]:
        """For each feature the covariate that it comes from."""
        return tuple(rule.column for rule in self.rules for _ in rule.names)

    def transform(self, frame: pd.DataFrame) -> Array:
        """Return the features of `frame` as float64 of shape ``(n, n_features)``.

        Numbers are in standard deviations from the training mean, cut at 10; levels are 0/1.
        """
        parts = [rule.transform(frame[rule.column]) for rule in self.rules]
        return np.hstack([np.empty((len(frame), 0)), *parts])

    def record(self) -> dict[str, object]:
        """Return the encoder as JSON."""
        return {"rules": [asdict(rule) for rule in self.rules]}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> FeatureEncoder:
        """Return the encoder that `record` described."""
        return cls(rules=tuple(_rule_from(item) for item in record["rules"]))


def _rule(values: pd.Series, kind: Kind) -> Rule:
    if kind in _REFUSED:
        allowed = ", ".join(each.value for each in Kind if each not in _REFUSED)
        raise WrongKindError(
            column=str(values.name), kind=kind.value, part=t("covariate"), allowed=allowed
        )
    if kind is Kind.CATEGORY:
        return _level_rule(values)
    return _number_rule(values, may_be_heavy=kind not in (Kind.BINARY, Kind.TIME))


def _number_rule(values: pd.Series, *, may_be_heavy: bool) -> NumberRule:
    raw = _numbers(values)
    known = raw[np.isfinite(raw)]
    unit = _log_unit(known) if may_be_heavy else None
    tamed = _tame(known, unit)
    mean = float(tamed.mean()) if len(tamed) else 0.0
    scale = float(tamed.std()) if len(tamed) else 0.0
    constant = scale <= 1e-12 * max(1.0, abs(mean))
    return NumberRule(
        column=str(values.name),
        unit=unit,
        mean=mean,
        scale=0.0 if constant else scale,
        missing=0 < len(known) < len(raw),
    )


def _level_rule(values: pd.Series) -> LevelRule:
    counts = values.dropna().astype(str).value_counts()
    least = max(_LEAST_UNITS, _LEAST_SHARE * len(values))
    frequent = counts.index[(counts >= least).to_numpy()][:_MOST_LEVELS]
    levels = tuple(sorted(str(level) for level in frequent))
    return LevelRule(
        column=str(values.name),
        levels=levels,
        pooled=len(levels) < len(counts),
        missing=bool(values.isna().any()),
    )


def _rule_from(item: Mapping[str, Any]) -> Rule:
    if "levels" in item:
        return LevelRule(**{**item, "levels": tuple(item["levels"])})
    return NumberRule(**item)


def _numbers(values: pd.Series) -> Array:
    if pd.api.types.is_datetime64_any_dtype(values):
        stamps = values.dt.tz_localize(None) if values.dt.tz is not None else values
        nanoseconds = stamps.astype("datetime64[ns]").astype("int64").to_numpy(dtype=np.float64)
        return np.where(values.isna().to_numpy(), np.nan, nanoseconds / _NANOSECONDS_A_DAY)
    return np.asarray(values.to_numpy(dtype=np.float64))


def _texts(values: pd.Series) -> pd.Series:
    return values.where(values.notna(), "").astype(str)


def _tame(values: Array, unit: float | None) -> Array:
    return values if unit is None else np.sign(values) * np.log1p(np.abs(values) / unit)


def _log_unit(values: Array) -> float | None:
    """Return the scale below which a heavy-tailed column stays linear; None if it has none."""
    sizes = np.abs(values[values != 0])
    if not len(sizes) or abs(_skewness(values)) <= _HEAVY:
        return None
    unit = float(np.median(sizes))
    tamed = _skewness(_tame(values, unit))
    return unit if abs(tamed) < abs(_skewness(values)) else None


def _skewness(values: Array) -> float:
    centred = values - values.mean()
    spread = centred.std()
    return float(np.mean((centred / spread) ** 3)) if spread > 0 else 0.0
