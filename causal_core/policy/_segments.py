"""Whom a rule treats, in words: takes a table and a choice, gives shares by category."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from causal_core.language import number, t
from causal_core.question import plain_value
from causal_core.results import TreatedSegment
from causal_core.schema import Column, Kind
from causal_core.table import BehaviorTable

Array = np.ndarray

MOST_COLUMNS = 3
_MOST_LEVELS = 8
_FEW_VALUES = 4  # up to which each number is a category of its own
_PARTS = 3
_NAMED = (Kind.BINARY, Kind.CATEGORY)
_COUNTED = (Kind.COUNT, Kind.AMOUNT, Kind.CONTINUOUS)


def treated_segments(
    table: BehaviorTable, columns: Iterable[str], chosen: Array, today: Array
) -> tuple[TreatedSegment, ...]:
    """Return whom the rule treats by the columns that tell most, those first.

    Parameters
    ----------
    table
        The compared units.
    columns
        Covariates; times, ids and texts are passed over.
    chosen, today
        Who would be treated and who is, ``(n,)`` of bool.

    Notes
    -----
    A column tells much if the treated share differs between its categories: the variance of
    the share over the units.
    """
    found: list[tuple[float, str, tuple[TreatedSegment, ...]]] = []
    for name in columns:
        column = table.schema[name]
        if column.kind not in (*_NAMED, *_COUNTED):
            continue
        parts = _shares(name, _categories(table.frame[name], column), chosen, today)
        told = sum(part.n_units * (part.share_treated - chosen.mean()) ** 2 for part in parts)
        if len(parts) > 1 and told > 0:
            found.append((-float(told), name, parts))
    found.sort(key=lambda item: item[:2])
    return tuple(part for _, _, parts in found[:MOST_COLUMNS] for part in parts)


def _shares(
    name: str, categories: Iterable[tuple[str, Array]], chosen: Array, today: Array
) -> tuple[TreatedSegment, ...]:
    return tuple(
        TreatedSegment(
            column=name,
            segment=words,
            n_units=int(mask.sum()),
            share_treated=float(chosen[mask].mean()),
            share_today=float(today[mask].mean()),
        )
        for words, mask in categories
        if mask.any()
    )


def _categories(values: pd.Series, column: Column) -> list[tuple[str, Array]]:
    """Return the column's categories in words, with the units of each."""
    missing = values.isna().to_numpy()
    known = values[~missing]
    if column.kind in _NAMED or known.nunique() <= _FEW_VALUES:
        found = _levels(values, known)
    else:
        found = _ranges(values.to_numpy(dtype=np.float64), known.to_numpy(dtype=np.float64))
    return [*found, (t("missing"), missing)]


def _levels(values: pd.Series, known: pd.Series) -> list[tuple[str, Array]]:
    counts = known.value_counts()
    frequent = sorted(counts.index[:_MOST_LEVELS].tolist())
    found = [(plain_value(level), (values == level).to_numpy(dtype=bool)) for level in frequent]
    rest = values.notna() & ~values.isin(frequent)
    return [*found, (t("other"), rest.to_numpy(dtype=bool))]


def _ranges(values: Array, known: Array) -> list[tuple[str, Array]]:
    """Return about equally large ranges of a number."""
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, _PARTS + 1)[1:-1]))
    cuts = cuts[cuts > known.min()]
    shown = [_short(float(cut)) for cut in cuts]
    names = [t("below {high}", high=shown[0])] if shown else []
    names += [
        t("{low} to below {high}", low=low, high=high)
        for low, high in zip(shown, shown[1:], strict=False)
    ]
    names += [t("{low} or more", low=shown[-1])] if shown else []
    part = np.searchsorted(cuts, values, side="right")
    return [(words, (part == place) & np.isfinite(values)) for place, words in enumerate(names)]


def _short(value: float) -> str:
    """Return a bound with about three figures."""
    digits = 0 if value == round(value) or abs(value) >= 100 else 2  # noqa: PLR2004
    return number(value, digits=digits)
