"""Which columns a search may use. Takes table and knowledge, gives complete, varying columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.errors import (
    BadSettingError,
    DependentColumnsError,
    KnowledgeError,
    TooFewUnitsError,
    WrongKindError,
)
from causal_core.graph import Knowledge
from causal_core.language import count, listing, percent, t
from causal_core.schema import Kind, Role
from causal_core.table import BehaviorTable

Array = np.ndarray

ROLES = (
    Role.ATTRIBUTE,
    Role.HISTORY,
    Role.TREATMENT,
    Role.POSITION,
    Role.MEDIATOR,
    Role.OUTCOME,
)
KINDS = (Kind.BINARY, Kind.CATEGORY, Kind.COUNT, Kind.AMOUNT, Kind.CONTINUOUS)
LEAST_ROWS = 50
MOST_LEVELS = 20  # further levels of a category are pooled
LEAST_PER_LEVEL = 20
COPY = 1.0 - 1e-9  # |correlation| from which two columns are one
UNEXPLAINED = 1e-6  # share of variance below which a column is a sum of others


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Complete columns of equal length, sorted by name so that the table's order cannot matter.

    A numeric column holds float64 values; a category holds the numbers of its levels as int64,
    where 0 is the reference level (rare levels are pooled into it).
    """

    names: tuple[str, ...]
    values: tuple[Array, ...]
    discrete: tuple[bool, ...]
    clusters: Array
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many complete rows there are."""
        return len(self.clusters)


def prepare(
    table: BehaviorTable, knowledge: Knowledge, columns: Sequence[str] | None = None
) -> Columns:
    """Return the columns that take part, after every check that a search needs.

    Raises
    ------
    ColumnMissingError, WrongKindError, BadSettingError
        If `columns` names what is not there or cannot be searched.
    TooFewUnitsError
        If too few rows have a value in every column.
    DependentColumnsError
        If a column is a sum of others: which one to leave out is the analyst's to say, since
        a total and its parts answer different questions.
    KnowledgeError
        If a required edge names a column that had to be left out.
    """
    chosen = _chosen(table, columns)
    needed = {name for pair in knowledge.required for name in pair}
    precious = needed | {c.name for c in table.schema if c.role in (Role.TREATMENT, Role.OUTCOME)}
    frame = table.frame[list(chosen)]
    constant = [name for name in chosen if not _varies(frame[name])]
    complete = frame.drop(columns=constant).dropna()
    _require_rows(complete, frame.drop(columns=constant))
    constant += [name for name in complete if not _varies(complete[name])]
    varying = complete.drop(columns=constant, errors="ignore")
    copies = _copies(varying, precious)
    kept = varying.drop(columns=list(copies))
    _require_two(kept)
    dropped = (*constant, *copies)
    _require_present(needed, kept.columns, chosen)
    _require_independent(kept)
    names = tuple(sorted(kept.columns))
    coded = [_coded(kept[name], table.schema[name].kind) for name in names]
    return Columns(
        names=names,
        values=tuple(values for values, _ in coded),
        discrete=tuple(discrete for _, discrete in coded),
        clusters=table.clusters()[complete.index.to_numpy()],
        dropped=dropped,
        notes=_notes(constant, copies, lost=len(frame) - len(complete), rows=len(frame)),
    )


def _chosen(table: BehaviorTable, columns: Sequence[str] | None) -> tuple[str, ...]:
    if columns is None:
        taking_part = [c for c in table.schema if c.role in ROLES and c.kind in KINDS]
        return tuple(column.name for column in taking_part)
    table.require(*columns)
    for name in columns:
        kind = table.schema[name].kind
        if kind not in KINDS:
            allowed = ", ".join(KINDS)
            raise WrongKindError(column=name, kind=kind.value, part=t("node"), allowed=allowed)
    return tuple(name for name in table.schema.names if name in columns)


def _varies(column: pd.Series) -> bool:
    return len(column.dropna().unique()) > 1


def _require_rows(complete: pd.DataFrame, frame: pd.DataFrame) -> None:
    least = max(LEAST_ROWS, 5 * frame.shape[1])
    if len(complete) >= least:
        return
    gaps = frame.isna().mean()
    where = t("have a value in every column")
    if len(gaps) and gaps.max() > 0:
        where = t(
            "have a value in every column (“{name}” has none in {share} of rows)",
            name=gaps.idxmax(),
            share=percent(float(gaps.max())),
        )
    raise TooFewUnitsError(count=len(complete), where=where, least=least)


def _require_two(kept: pd.DataFrame) -> None:
    if kept.shape[1] < 2:  # noqa: PLR2004 - an edge has two ends
        raise BadSettingError(
            setting=t("columns"),
            value=listing(list(kept.columns)) or t("empty"),
            allowed=t("at least two different columns that vary"),
        )


def _require_present(needed: set[str], kept: Collection[str], chosen: Sequence[str]) -> None:
    for name in sorted(needed):
        if name not in chosen:
            raise KnowledgeError(
                reason=t(
                    "“{name}” is in a required edge, but takes no part in the search.", name=name
                )
            )
        if name not in kept:
            raise KnowledgeError(
                reason=t("“{name}” is in a required edge, but does not vary.", name=name)
            )


def _copies(frame: pd.DataFrame, precious: Collection[str]) -> dict[str, str]:
    """Return copy → original for columns that say the same; the later one is the copy."""
    copies: dict[str, str] = {}
    seen: list[tuple[str, Array, Array | None]] = []
    for name in sorted(frame.columns, key=lambda name: name not in precious):
        groups, scaled = _groups(frame[name]), _scaled(frame[name])
        twin = next((old for old, g, s in seen if _same(groups, g) or _same_line(scaled, s)), None)
        if twin is None:
            seen.append((name, groups, scaled))
        elif name in precious:
            raise DependentColumnsError(columns=listing([twin, name]))
        else:
            copies[name] = twin
    return copies


def _groups(column: pd.Series) -> Array:
    """Return numbers by first appearance; none where most values differ (all would agree)."""
    codes, levels = pd.factorize(column)
    return np.asarray(codes) if len(levels) <= len(codes) / 2 else np.empty(0)


def _scaled(column: pd.Series) -> Array | None:
    if not pd.api.types.is_numeric_dtype(column):
        return None
    values = column.to_numpy(dtype=np.float64)
    centred = values - values.mean()
    return np.asarray(centred / np.sqrt((centred**2).sum()))


def _same(left: Array, right: Array) -> bool:
    return len(left) > 0 and np.array_equal(left, right)


def _same_line(left: Array | None, right: Array | None) -> bool:
    return left is not None and right is not None and abs(float(left @ right)) > COPY


def _require_independent(frame: pd.DataFrame) -> None:
    """Raise with the names of the columns that determine each other linearly.

    Goes through the columns in order and keeps the inverse of the correlation matrix of those
    before; a column that they explain but for `UNEXPLAINED` of its variance is a sum of them.
    """
    owners, dimensions = _linear_dimensions(frame)
    correlation = dimensions.T @ dimensions
    kept: list[int] = []
    for at in range(len(owners)):
        if kept:
            before = correlation[np.ix_(kept, kept)]
            weights = np.linalg.solve(before, correlation[kept, at])
            if 1.0 - float(weights @ correlation[kept, at]) < UNEXPLAINED:
                large = (owners[k] for k, w in zip(kept, weights, strict=True) if abs(w) > 1e-4)
                raise DependentColumnsError(
                    columns=listing(list(dict.fromkeys((*large, owners[at]))))
                )
        kept.append(at)


def _linear_dimensions(frame: pd.DataFrame) -> tuple[list[str], Array]:
    owners: list[str] = []
    dimensions: list[Array] = []
    for name in frame.columns:
        scaled = _scaled(frame[name])
        if scaled is not None:
            parts = [scaled]
        else:
            codes = _pooled(frame[name])
            flags = [
                pd.Series((codes == level).astype(float)) for level in range(1, codes.max() + 1)
            ]
            parts = [part for flag in flags if (part := _scaled(flag)) is not None]
        owners += [name] * len(parts)
        dimensions += parts
    return owners, np.column_stack(dimensions)


def _coded(column: pd.Series, kind: Kind) -> tuple[Array, bool]:
    if kind is Kind.CATEGORY:
        return _pooled(column), True
    return column.to_numpy(dtype=np.float64), kind is Kind.BINARY or column.nunique() == 2


def _pooled(column: pd.Series) -> Array:
    """Return level numbers from the most frequent level (0) on; rare levels become 0."""
    counts = column.value_counts()
    order = sorted(counts.index, key=lambda level: (-counts[level], str(level)))
    named = [level for level in order[1:MOST_LEVELS] if counts[level] >= LEAST_PER_LEVEL]
    named = named or order[1:2]
    numbers = {level: at for at, level in enumerate(named, start=1)}
    return np.asarray(column.map(lambda level: numbers.get(level, 0)), dtype=np.int64)


def _notes(
    constant: Sequence[str], copies: dict[str, str], *, lost: int, rows: int
) -> tuple[str, ...]:
    notes = [t("“{name}” has one value only and was left out.", name=name) for name in constant]
    notes += [
        t("“{name}” says the same as “{twin}” and was left out.", name=name, twin=twin)
        for name, twin in copies.items()
    ]
    if lost:
        notes.append(
            t(
                "{lost} of {rows} rows have a gap and were left out.",
                lost=count(lost),
                rows=count(rows),
            )
        )
    return tuple(notes)
