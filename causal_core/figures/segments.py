"""Picture of segments: the effect within each, grouped by column. Takes small frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.frames import scale_of, unit_words
from causal_core.figures.style import (
    Ink,
    Mode,
    Palette,
    axis,
    blank_figure,
    clipped,
    digits_for,
    in_words,
    key_line,
    margin_note,
    palette,
    plain,
    room_for,
    safe,
    shortened,
    span,
    units_words,
)
from causal_core.language import number, t
from causal_core.results import Effects, SegmentEffect

if TYPE_CHECKING:
    from plotly import graph_objects as go

_ROW = 30
_NAME = 24
_MOST_NAMED = 4
_COLUMNS = (
    "column", "segment", "where", "value", "low", "high", "unit", "n_units", "state",
    "break_even", "outcome", "level", "causal",
)  # fmt: skip
RAISES, LOWERS, CANNOT_TELL = "raises", "lowers", "cannot_tell"


def segment_frame(
    effects: Effects, outcome: str, *, allowed: bool = True, break_even: float | None = None
) -> pd.DataFrame:
    """Return the rows of `segment_figure`: one outcome's effect within each segment.

    Parameters
    ----------
    effects
        With segments; without any the frame is empty.
    outcome
        One of its outcomes.
    allowed
        Whether every check passed; otherwise all rows are marked as failed.
    break_even
        The effect per unit at which the treatment pays for itself, None if unknown.
    """
    primary = effects.of(outcome)
    scale = scale_of(primary)
    rows = [
        {
            "column": item.column,
            "segment": item.segment,
            "where": item.where,
            "value": scale * item.value,
            "low": scale * item.low,
            "high": scale * item.high,
            "unit": unit_words(primary),
            "n_units": item.n_units,
            "state": "primary" if allowed else "failed",
            "break_even": math.nan if break_even is None else scale * break_even,
            "outcome": outcome,
            "level": item.level,
            "causal": effects.estimand.causal,
        }
        for item in _grouped(effects.segments)
        if item.outcome == outcome
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _grouped(segments: Iterable[SegmentEffect]) -> list[SegmentEffect]:
    """Return segments with those of one column together, in the order of their first one."""
    groups: dict[str, list[SegmentEffect]] = {}
    for item in segments:
        groups.setdefault(item.column, []).append(item)
    return [item for group in groups.values() for item in group]


def segment_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw one interval per segment, under the name of its column, all on one range.

    Parameters
    ----------
    frame
        One row per segment, those of a column together: `column`, `segment`, `value`, `low`,
        `high`, `unit`, `n_units`, `state` (primary: filled, failed: grey); optionally
        `break_even` (dashed). `segment_frame` makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    places, heads = _places(frame)
    last = max([*places, *heads.values()], default=0)
    names = [shortened(plain(name), _NAME) for name in [*frame["segment"], *heads]]
    figure = blank_figure(look, height=_ROW * (last + 1) + 90, left=room_for(names), right=206)
    ink = Ink()
    if frame.empty:
        _say_nothing(ink, look)
        ink.onto(figure)
        return figure
    _draw_levels(ink, frame, (-0.5, last + 0.5), look)
    digits = digits_for([*frame["low"], *frame["high"]])
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        _draw_row(ink, row, place, digits, look)
    key_line(ink, _key(frame), look)
    ink.onto(figure)
    title = safe(t("Difference, {unit}", unit=frame["unit"].iloc[0]))
    figure.update_xaxes(axis(look, title=title, grid=True) | {"range": _reach(frame)})
    segments = [safe(name, most=_NAME) for name in frame["segment"]]
    columns = [f"<b>{safe(name, most=_NAME)}</b>" for name in heads]
    ticks = {"tickvals": [*places, *heads.values()], "ticktext": [*segments, *columns]}
    figure.update_yaxes(axis(look) | {"range": [last + 0.5, -0.5]} | ticks)
    return figure


def _places(frame: pd.DataFrame) -> tuple[list[int], dict[str, int]]:
    """Return the place of each row from the top down, and that of each column's name above it."""
    places: list[int] = []
    heads: dict[str, int] = {}
    at = 0
    for name in frame["column"]:
        if name not in heads:
            heads[name] = at
            at += 1
        places.append(at)
        at += 1
    return places, heads


def _draw_levels(ink: Ink, frame: pd.DataFrame, ends: tuple[float, float], look: Palette) -> None:
    lines = [(0.0, "solid", 1.0)]
    break_even = _break_even(frame)
    if math.isfinite(break_even):
        lines.append((break_even, "dash", 1.5))
    for level, dash, width in lines:
        line = {"color": look.ink, "width": width, "dash": dash}
        ink.add_shape(type="line", x0=level, x1=level, y0=ends[0], y1=ends[1], line=line)


def _draw_row(ink: Ink, row: dict[str, object], place: int, digits: int, look: Palette) -> None:
    from plotly import graph_objects as go

    failed = row["state"] == "failed"
    value, low, high = (float(row[key]) for key in ("value", "low", "high"))  # type: ignore[arg-type]
    shown = in_words(value, low, high, digits=digits)
    count = span(units_words(float(row["n_units"])), look.quiet)  # type: ignore[arg-type]
    told = span(shown, look.quiet, size=13) if failed else shown
    margin_note(ink, f"{told}  {count}", y=place, yref="y")
    if not math.isfinite(value):
        return
    colour = look.failed if failed else look.of("outcome")
    text = f"{safe(row['column'])}: {safe(row['segment'])}<br>{shown} {safe(row['unit'])}"
    common = {"hovertext": text, "hoverinfo": "text"}
    line = {"color": colour, "width": 2}
    dot = {"size": 9, "color": colour, "line": {"color": colour, "width": 1}}
    ink.add_trace(go.Scatter(x=[low, high], y=[place, place], mode="lines", line=line, **common))
    ink.add_trace(go.Scatter(x=[value], y=[place], mode="markers", marker=dot, **common))


def _key(frame: pd.DataFrame) -> str:
    level = number(100 * float(frame["level"].iloc[0]))
    pieces = [
        t("● best estimate within each segment; all intervals hold together at {level} %",
          level=level),
        *([t("grey: not an answer")] if "failed" in set(frame["state"]) else []),
        *([t("┆ break-even, dashed")] if math.isfinite(_break_even(frame)) else []),
    ]  # fmt: skip
    return " · ".join(pieces)


def _break_even(frame: pd.DataFrame) -> float:
    return float(frame["break_even"].iloc[0]) if "break_even" in frame and len(frame) else math.nan


def _reach(frame: pd.DataFrame) -> list[float]:
    numbers = [*frame["low"], *frame["high"], *frame["value"], _break_even(frame)]
    seen = [0.0, *(float(value) for value in numbers if math.isfinite(value))]
    pad = 0.08 * (max(seen) - min(seen)) or 1.0
    return [min(seen) - pad, max(seen) + pad]


def _say_nothing(ink: Ink, look: Palette) -> None:
    ink.add_annotation(
        text=t("No segment is large enough for an estimate of its own."),
        xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False,
        font={"size": 13, "color": look.ink},
    )  # fmt: skip


# ---------------------------------------------------------------- in words


def segment_verdict(low: float, high: float) -> str:
    """Return ``raises``, ``lowers`` or ``cannot_tell``, from an interval and zero.

    Examples
    --------
    >>> segment_verdict(4.0, 20.0), segment_verdict(-9.0, -2.0), segment_verdict(-1.0, 3.0)
    ('raises', 'lowers', 'cannot_tell')
    """
    if low > 0:
        return RAISES
    return LOWERS if high < 0 else CANNOT_TELL


def segment_words(frame: pd.DataFrame) -> str:
    """Say where the outcome is estimated to rise, where to fall, and where nobody can tell."""
    if frame.empty:
        return t("No segment is large enough for an estimate of its own.")
    outcome = clipped(frame["outcome"].iloc[0])
    told: dict[str, list[str]] = {RAISES: [], LOWERS: [], CANNOT_TELL: []}
    digits = digits_for([*frame["low"], *frame["high"]])
    for row in frame.to_dict("records"):
        shown = in_words(row["value"], row["low"], row["high"], digits=digits)
        name = f"{clipped(row['column'])}: {clipped(row['segment'])}"
        told[segment_verdict(row["low"], row["high"])].append(f"{name} ({shown})")
    causal = bool(frame["causal"].iloc[0])
    said = [
        _sentence(verdict, told[verdict], outcome, causal=causal)
        for verdict in (RAISES, LOWERS)
        if told[verdict]
    ]
    if told[CANNOT_TELL]:
        said.append(
            t("Cannot tell in {n} of {total} segments.",
              n=number(len(told[CANNOT_TELL])), total=number(len(frame)))
        )  # fmt: skip
    unit = str(frame["unit"].iloc[0])
    said.append(t("Numbers are {unit}; all intervals hold together.", unit=clipped(unit)))
    if "failed" in set(frame["state"]):
        said.append(t("These numbers are not an answer."))
    return " ".join(said)


def _sentence(verdict: str, names: list[str], outcome: str, *, causal: bool) -> str:
    shown = "; ".join(names[:_MOST_NAMED])
    left = len(names) - _MOST_NAMED
    if left > 0:
        shown = t("{names} and {left} more", names=shown, left=number(left))
    words = {"outcome": outcome, "segments": shown}
    return {
        (RAISES, True): t("Estimated to raise “{outcome}” in {segments}.", **words),
        (LOWERS, True): t("Estimated to lower “{outcome}” in {segments}.", **words),
        (RAISES, False): t("“{outcome}” is higher after adjustment in {segments}.", **words),
        (LOWERS, False): t("“{outcome}” is lower after adjustment in {segments}.", **words),
    }[verdict, causal]
