"""Segments of a few covariates. Takes a table, gives sets of units in words, filters and rows."""

from __future__ import annotations

import keyword
from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.features._arms import group_codes
from causal_core.language import number, t
from causal_core.question import Estimand
from causal_core.schema import Column, Kind, Known, Role
from causal_core.table import BehaviorTable

Array = np.ndarray

LEAST_UNITS = 50
MOST_COLUMNS = 8
MOST_VALUES = 6
MOST_CROSSED = 12  # segments of two categories together
_MOST_LETTERS = 2_000  # of a filter expression
_FINE = 0.1  # how far a bound may be rounded, in distances between the two


@dataclass(frozen=True, kw_only=True, eq=False)
class Segment:
    """A set of units: in words, as a filter expression, and as positions in the sample.

    `clusters` are codes from 0 of the clusters that its units belong to.
    """

    column: str
    words: str
    where: str
    rows: Array
    clusters: Array
    n_clusters: int


# ---------------------------------------------------------------- the segments

_Piece = tuple[str, str, Array]  # in words, as a filter, and for each row whether it is in


def segments_of(
    table: BehaviorTable, estimand: Estimand, rows: Array, clusters: Array
) -> tuple[Segment, ...]:
    """Return segments of the compared units by columns known before the treatment.

    Parameters
    ----------
    table
        Of the question's population.
    estimand
        Its adjustment set is cut, and so are other attributes; attributes come first.
    rows
        The compared rows of `table`; a segment counts its units within these.
    clusters
        Of each compared row, shape ``(n,)``.

    Notes
    -----
    Categories of more than six values keep the five most frequent; numbers are cut at rounded
    terciles; missing values are a segment of their own. The first two categories among the
    attributes are crossed, too, if that gives at most twelve segments: harm may hide in a
    combination. Segments of fewer than 50 units are left out, and so is a column of one value.
    """
    frame = table.frame.iloc[rows]
    columns = _columns(table, estimand)
    cuts = {column.name: _cut(frame[column.name], column) for column in columns}
    cuts = {name: cut for name, cut in cuts.items() if len(cut) > 1}
    categories = [
        column.name
        for column in columns
        if column.kind is Kind.CATEGORY and column.role is Role.ATTRIBUTE and column.name in cuts
    ]
    if len(categories) > 1:
        first, second = categories[:2]
        cuts[f"{first} × {second}"] = _crossed(cuts[first], cuts[second])
    return tuple(
        _segment(name, piece, clusters)
        for name, cut in cuts.items()
        if all(len(where) <= _MOST_LETTERS for _, where, _ in cut)
        for piece in cut
        if _is_large(piece)
    )


def _crossed(first: list[_Piece], second: list[_Piece]) -> list[_Piece]:
    """Return the pieces of two columns together, none if there are too many to look at."""
    if len(first) * len(second) > MOST_CROSSED:
        return []
    return [
        (f"{words}, {others}", f"{where} and {also}", mask & besides)
        for words, where, mask in first
        for others, also, besides in second
    ]


def _is_large(piece: _Piece) -> bool:
    return int(np.count_nonzero(piece[2])) >= LEAST_UNITS


def _segment(name: str, piece: _Piece, clusters: Array) -> Segment:
    words, where, mask = piece
    rows = np.flatnonzero(mask)
    codes, n_clusters = group_codes(clusters[rows])
    return Segment(
        column=name, words=words, where=where, rows=rows, clusters=codes, n_clusters=n_clusters
    )


def _columns(table: BehaviorTable, estimand: Estimand) -> list[Column]:
    question = estimand.question
    ends = {question.treatment, *question.outcomes}
    possible = [
        column
        for column in table.schema
        if column.is_covariate
        and column.name not in ends
        and "`" not in column.name
        and column.kind in (Kind.BINARY, Kind.CATEGORY, Kind.COUNT, Kind.AMOUNT, Kind.CONTINUOUS)
        and _known_before(column, estimand)
    ]
    possible.sort(key=lambda column: column.role is not Role.ATTRIBUTE)
    return possible[:MOST_COLUMNS]


def _known_before(column: Column, estimand: Estimand) -> bool:
    """Tell whether a column was known before: stated, or adjusted for in a stated order."""
    adjusted = column.name in estimand.adjustment_set
    if column.known is Known.BEFORE:
        return adjusted or column.role is Role.ATTRIBUTE
    return adjusted and estimand.time_ordered and column.known is Known.UNKNOWN


def _cut(values: pd.Series, column: Column) -> list[_Piece]:
    """Return the pieces of a column that hold any unit."""
    name = _name_in_filter(column.name)
    missing = values.isna().to_numpy()
    if column.kind is Kind.CATEGORY:
        pieces = _levels(values, missing, name)
    elif column.kind is Kind.BINARY:
        numbers = values.to_numpy(dtype=np.float64)
        pieces = [
            (t("no"), f"{name} == 0", numbers == 0),
            (t("yes"), f"{name} == 1", numbers == 1),
        ]
    else:
        whole = column.kind is Kind.COUNT
        pieces = _thirds(values.to_numpy(dtype=np.float64), name, whole=whole)
    pieces.append((t("missing"), f"not {name} == {name}", missing))
    return [piece for piece in pieces if piece[2].any()]


def _levels(values: pd.Series, missing: Array, name: str) -> list[_Piece]:
    """Return a piece per value, in the order of their letters; of many values the rest is one."""
    codes, levels = pd.factorize(values, use_na_sentinel=True)
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-counts, kind="stable")
    many = len(order) > MOST_VALUES
    own = order[: MOST_VALUES - 1] if many else order
    own = np.array(sorted(own, key=lambda at: str(levels[at])), dtype=np.int64)
    pieces = [(str(levels[at]), f"{name} == {str(levels[at])!r}", codes == at) for at in own]
    if many:
        listed = ", ".join(repr(str(levels[at])) for at in own)
        where = f"{name} == {name} and {name} not in [{listed}]"
        pieces.append((t("other values"), where, ~np.isin(codes, own) & ~missing))
    return pieces


def _thirds(values: Array, name: str, *, whole: bool) -> list[_Piece]:
    """Return the pieces up to, between and above two rounded bounds."""
    known = values[np.isfinite(values)]
    if not len(known):
        return []
    low, high, digits = _bounds(known, whole=whole)
    said = [number(bound, digits=max(digits, 0)) for bound in (low, high)]
    wrote = [_number_in_filter(bound) for bound in (low, high)]
    above = (t("more than {bound}", bound=said[1]), f"{name} > {wrote[1]}", values > high)
    first = (t("up to {bound}", bound=said[0]), f"{name} <= {wrote[0]}", values <= low)
    if low == high:
        return [first, above]
    next_one = low + 1 if whole else low
    between = t("{low} to {high}", low=number(next_one, digits=max(digits, 0)), high=said[1])
    middle = (
        said[1] if next_one == high else between,
        f"{name} > {wrote[0]} and {name} <= {wrote[1]}",
        (values > low) & (values <= high),
    )
    return [first, middle, above]


def _bounds(known: Array, *, whole: bool) -> tuple[float, float, int]:
    """Return the terciles, rounded to as few digits as tell the thirds apart."""
    low, high = (float(q) for q in np.quantile(known, [1 / 3, 2 / 3], method="inverted_cdf"))
    gap = (high - low) or float(known.std())
    for digits in range(-12, 0 if whole else 12):
        rounded = round(low, digits), round(high, digits)
        if max(abs(rounded[0] - low), abs(rounded[1] - high)) <= _FINE * gap:
            return rounded[0] + 0.0, rounded[1] + 0.0, digits
    digits = 0 if whole else 12
    return round(low, digits) + 0.0, round(high, digits) + 0.0, digits


def _name_in_filter(name: str) -> str:
    """Return a column's name as the filter language reads it."""
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
    return name if plain and not name.startswith("column_") else f"`{name}`"


def _number_in_filter(value: float) -> str:
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
