"""The report's CSV files. Takes an analysis, gives bytes; a spreadsheet computes none of it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence

from causal_core.analysis import Analysis
from causal_core.results import Effects, Policies
from causal_core.table import BehaviorTable

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Cell = str | float | int | bool | None


def guarded(cell: Cell) -> str:
    """Return a cell as text; a text that a spreadsheet would compute gets an apostrophe.

    Examples
    --------
    >>> guarded("=1+1"), guarded(-1.5), guarded(float("nan"))
    ("'=1+1", '-1.5', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else ""
    if isinstance(cell, int):
        return str(cell)
    text = cell.replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as UTF-8 CSV with guarded texts and headers."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([guarded(name) for name in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8")


_EFFECT_HEADER = (
    "outcome", "method", "primary", "contrast", "value", "low", "high", "level", "standard_error",
    "outcome_unit", "n_units", "n_clusters", "stage", "control_mean", "treated_mean",
    "effective_events_control", "effective_events_treated",
)  # fmt: skip


def effects_csv(effects: Effects | None) -> bytes:
    """Return every estimate at full precision, one row each."""
    rows = []
    for estimate in effects.estimates if effects else ():
        events: tuple[float | None, float | None] = estimate.effective_events or (None, None)
        rows.append(
            (
                estimate.outcome,
                estimate.method.value,
                effects is not None and estimate.method is effects.primary,
                estimate.contrast,
                estimate.value,
                estimate.low,
                estimate.high,
                estimate.level,
                estimate.standard_error,
                estimate.outcome_unit,
                estimate.n_units,
                estimate.n_clusters,
                estimate.stage.value if estimate.stage else None,
                estimate.control_mean,
                estimate.treated_mean,
                *events,
            )
        )
    return csv_bytes(_EFFECT_HEADER, rows)


_SEGMENT_HEADER = (
    "column", "segment", "where", "outcome", "value", "low", "high", "level", "standard_error",
    "n_units", "n_clusters",
)  # fmt: skip


def segments_csv(effects: Effects) -> bytes:
    """Return the effect within every segment at full precision."""
    rows = ([getattr(item, name) for name in _SEGMENT_HEADER] for item in effects.segments)
    return csv_bytes(_SEGMENT_HEADER, rows)


_POLICY_HEADER = (
    "share_treated", "gain", "gain_low", "gain_high", "net", "net_low", "net_high",
    "against_today", "against_today_low", "against_today_high", "ess",
)  # fmt: skip
_FRONTIER_HEADER = ("gain", "low", "high", "net", "net_low", "net_high")


def policies_csv(policies: Policies) -> bytes:
    """Return what each policy and each budget is worth, at full precision, per unit."""
    header = ("policy", "outcome", *_POLICY_HEADER)
    rows: list[Sequence[Cell]] = [
        (item.name.value, policies.outcome, *(getattr(item, name) for name in _POLICY_HEADER))
        for item in policies.items
    ]
    blank = (None,) * (len(_POLICY_HEADER) - 1 - len(_FRONTIER_HEADER))
    rows += [
        (
            "frontier",
            policies.outcome,
            point.share,
            *(getattr(point, name) for name in _FRONTIER_HEADER),
            *blank,
        )
        for point in policies.frontier
    ]
    return csv_bytes(header, rows)


def columns_csv(analysis: Analysis) -> bytes:
    """Return every column of the table with its part, and whether it is adjusted for."""
    header = ("name", "kind", "role", "stated", "known", "stage", "unit", "missing", "adjusted_for")
    table, estimand = analysis.table, analysis.estimand
    if table is None:
        return csv_bytes(header, ())
    missing = table.frame.isna().sum()
    adjusted = estimand.adjustment_set if estimand else ()
    rows = (
        (
            column.name,
            column.kind.value,
            column.role.value,
            column.stated,
            column.known.value,
            column.stage.value if column.stage else None,
            column.unit,
            int(missing[column.name]),
            column.name in adjusted,
        )
        for column in table.schema
    )
    return csv_bytes(header, rows)


def cleaning_csv(table: BehaviorTable | None) -> bytes:
    """Return what cleaning did: rows read and kept, drops with examples, flags."""
    header = ("what", "detail", "count", "example")
    if table is None:
        return csv_bytes(header, ())
    cleaning = table.cleaning
    rows: list[Sequence[Cell]] = [
        ("rows", "read", cleaning.rows_read, None),
        ("rows", "kept", cleaning.rows_kept, None),
        ("rows", "after removing duplicates", cleaning.rows_after_dedup, None),
        ("format", "encoding", None, cleaning.encoding),
        ("format", "delimiter", None, cleaning.delimiter),
    ]
    for drop in cleaning.dropped:
        rows.append(("dropped", drop.words, drop.count, None))
        rows += [("example", drop.words, None, example) for example in drop.examples]
    rows += [("flag", sentence, None, None) for sentence in cleaning.noticed]
    return csv_bytes(header, rows)
