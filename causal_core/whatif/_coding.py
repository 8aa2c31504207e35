"""Columns as numbers for the linear mechanisms: one-hot categories, filled gaps, natural limits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.errors import WrongKindError
from causal_core.language import listing, t
from causal_core.results import Array
from causal_core.schema import NUMERIC_KINDS, Kind
from causal_core.table import BehaviorTable

MOST_LEVELS = 50
_REST = "(other)"
_NONE = "(none)"


@dataclass(frozen=True, kw_only=True, eq=False)
class Coding:
    """One column as numbers.

    Shapes
    ------
    values ``(n, k)``: a number with its gaps filled by the mean (k = 1), or one column of 0 and
    1 per level of a category, a missing one being a level of its own. observed ``(n,)``. design
    ``(n, m)``: the standardised columns by which this one enters the mechanism of another: its
    values and, where there are gaps, an indicator of them. scale ``(k,)``: what one unit of
    `values` is in `design`.

    `lower` and `upper` bound each value by its kind; `levels` are a category's.
    """

    name: str
    values: Array
    observed: Array
    design: Array
    scale: Array
    lower: float | None = None
    upper: float | None = None
    levels: tuple[str, ...] | None = None


def code(table: BehaviorTable, name: str, *, keep: Collection[str] = ()) -> Coding:
    """Return a column as numbers; `keep` names levels that must not go into “other”.

    Raises
    ------
    ColumnMissingError
        If the graph names a column that the table lacks.
    WrongKindError
        If it is a time, an id or free text.
    """
    table.require(name)
    kind = table.schema[name].kind
    if kind is Kind.CATEGORY:
        return _category(name, table.frame[name], keep)
    if kind not in NUMERIC_KINDS:
        raise WrongKindError(
            column=name,
            kind=kind.value,
            part=t("part of a linear mechanism"),
            allowed=listing([allowed.value for allowed in (*NUMERIC_KINDS, Kind.CATEGORY)]),
        )
    return _numeric(name, kind, table.column(name))


def _numeric(name: str, kind: Kind, values: Array) -> Coding:
    observed = ~np.isnan(values)
    center = float(values[observed].mean()) if observed.any() else 0.0
    filled = np.where(observed, values, center)
    spread = float(filled.std())
    scale = spread if spread > 1e-12 * max(1.0, abs(center)) else 1.0
    columns = [(filled - center) / scale]
    if not observed.all():
        columns.append(observed - observed.mean())
    bounded = kind in (Kind.COUNT, Kind.AMOUNT) and filled.min() >= 0
    return Coding(
        name=name,
        values=filled[:, None],
        observed=observed,
        design=np.column_stack(columns),
        scale=np.array([scale]),
        lower=0.0 if bounded or kind is Kind.BINARY else None,
        upper=1.0 if kind is Kind.BINARY else None,
    )


def _category(name: str, column: pd.Series, keep: Collection[str]) -> Coding:
    words = column.astype(object).where(column.notna(), _NONE)
    counts = words.value_counts()
    ranked = sorted(counts.index, key=lambda level: (-int(counts[level]), str(level)))
    kept = {*ranked[:MOST_LEVELS], *keep}
    words = words.where(words.isin(kept), _REST)
    levels = sorted({str(level) for level in words})
    values = np.column_stack([(words == level).to_numpy(dtype=np.float64) for level in levels])
    return Coding(
        name=name,
        values=values,
        observed=np.ones(len(column), dtype=bool),
        design=values - values.mean(axis=0),
        scale=np.ones(len(levels)),
        lower=0.0,
        upper=1.0,
        levels=tuple(levels),
    )
