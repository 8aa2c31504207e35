"""Pictures of effects: the bridge and intervals. Takes small frames, gives figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.style import (
    Ink,
    Mode,
    Palette,
    axis,
    beside,
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
    whisker,
)
from causal_core.language import number, t

if TYPE_CHECKING:
    from plotly import graph_objects as go

_ROW = 54
_BAR = 0.5
_NAME = 22
_GAP = 76  # pixels between two units, for the upper one's axis title


# ---------------------------------------------------------------- the bridge


def bridge_figure(frame: pd.DataFrame, *, mode: Mode = "light", causal: bool = True) -> go.Figure:
    """From the raw difference, over who was shown, to the effect: three bars from the top down.

    Parameters
    ----------
    frame
        Three rows, `part` in raw, selection, effect; `value`, and for raw and effect `low` and
        `high` (NaN for selection), in `unit`; `n_units`. Optional, for the effect: `break_even`,
        `truth`, `guess`, as in `interval_figure`. `frames.bridge_frame` makes it.
    mode
        Light or dark.
    causal
        Whether the last bar may be called an effect.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    parts = frame.set_index("part")
    raw, effect = float(parts.loc["raw", "value"]), float(parts.loc["effect", "value"])
    labels = _bridge_labels(causal)
    starts = {"raw": 0.0, "selection": raw, "effect": 0.0}
    lengths = {"raw": raw, "selection": effect - raw, "effect": effect}
    fills = {
        "raw": "rgba(0,0,0,0)",
        "selection": look.of("history"),
        "effect": look.of("outcome") if causal else look.failed,
    }
    edges = {"raw": look.ink, "selection": look.of("history"), "effect": fills["effect"]}
    figure = blank_figure(look, height=3 * _ROW + 90, left=room_for(labels.values()))
    ink = Ink()
    ink.add_trace(
        go.Bar(
            orientation="h",
            y=list(labels.values()),
            base=[starts[part] for part in labels],
            x=[lengths[part] for part in labels],
            width=_BAR,
            marker={
                "color": [fills[part] for part in labels],
                "line": {"color": [edges[part] for part in labels], "width": 1.5},
            },
            hoverinfo="skip",
        )
    )
    _bridge_whiskers(ink, parts, labels, look)
    for level, upper, lower in ((raw, 0, 1), (effect, 1, 2)):
        _segment(ink, x=level, y0=upper, y1=lower, look=look, dash="solid", axes=("x", "y"))
    _marks(ink, parts.loc["effect"], y=2.0, axes=("x", "y"), look=look)
    key_line(ink, " · ".join(_mark_key(frame)), look)
    ink.onto(figure)
    title = _axis_title(str(frame["unit"].iloc[0]))
    figure.update_xaxes(axis(look, title=title, grid=True))
    figure.update_yaxes(axis(look) | {"autorange": "reversed"})
    figure.add_vline(x=0, line={"color": look.ink, "width": 1})
    return figure


def _bridge_labels(causal: bool) -> dict[str, str]:
    last = t("Effect") if causal else t("Adjusted difference")
    return {"raw": t("Raw difference"), "selection": t("Who was shown"), "effect": last}


def _bridge_whiskers(ink: Ink, parts: pd.DataFrame, labels: dict[str, str], look: Palette) -> None:
    digits = digits_for(parts["value"])
    for place, part in enumerate(labels):
        row = parts.loc[part]
        value, low, high = float(row["value"]), float(row["low"]), float(row["high"])
        shown = in_words(value, low, high, digits=digits)
        text = beside(shown, units_words(float(row["n_units"])), look)
        margin_note(ink, text, y=place, yref="y")
        if math.isfinite(low) and math.isfinite(high):
            whisker(ink, low=low, high=high, y=labels[part], colour=look.ink)


def bridge_words(frame: pd.DataFrame, *, causal: bool = True) -> str:
    """Say what `bridge_figure` shows."""
    parts = frame.set_index("part")
    digits = digits_for(parts["value"])
    said = {
        part: in_words(row["value"], row["low"], row["high"], digits=digits)
        for part, row in parts.iterrows()
    }
    said["effect"] += _mark_words(parts.loc["effect"], digits=digits)
    unit = str(frame["unit"].iloc[0])
    words = {**said, "unit": unit}
    if causal:
        return t(
            "The raw difference is {raw} ({unit}); who was shown accounts for {selection}; "
            "what remains is the effect: {effect}.",
            **words,
        )
    return t(
        "The raw difference is {raw} ({unit}); who was shown accounts for {selection}; "
        "the difference after adjustment is {effect}.",
        **words,
    )


# ---------------------------------------------------------------- intervals


def interval_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """One row per estimate: a horizontal interval. Rows of the same unit share one range.

    Parameters
    ----------
    frame
        One row per estimate, from the top down: `label`, `value`, `low`, `high`, `unit` (the
        axis title), `n_units`, `state` (primary: filled, comparison and pilot: hollow, failed:
        grey).
        Optional: `break_even` (dashed), `truth` and `guess` (dotted), in the same unit; NaN where
        there is none. `frames.effects_frame` makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    groups = [rows.reset_index(drop=True) for _, rows in frame.groupby("unit", sort=False)]
    body = _ROW * len(frame) + _GAP * (len(groups) - 1)
    names = [shortened(plain(name), _NAME) for name in frame["label"]]
    figure = blank_figure(look, height=body + 90, left=room_for(names))
    top, ink = 1.0, Ink()
    for place, rows in enumerate(groups, start=1):
        bottom = max(top - _ROW * len(rows) / body, 0.0)
        _interval_panel(figure, ink, rows, place, look, domain=(bottom, top))
        top = bottom - _GAP / body
    key_line(ink, _interval_key(frame), look)
    ink.onto(figure)
    return figure


def _interval_panel(
    figure: go.Figure,
    ink: Ink,
    rows: pd.DataFrame,
    place: int,
    look: Palette,
    *,
    domain: tuple[float, float],
) -> None:
    suffix = "" if place == 1 else str(place)
    axes = (f"x{suffix}", f"y{suffix}")
    title = _axis_title(str(rows["unit"].iloc[0]))
    low, high = _reach(rows)
    figure.update_layout(
        {
            f"xaxis{suffix}": axis(look, title=title, grid=True)
            | {"range": [low, high], "anchor": axes[1]},
            f"yaxis{suffix}": axis(look)
            | {
                "range": [len(rows) - 0.5, -0.5],
                "domain": list(domain),
                "anchor": axes[0],
                "tickvals": list(range(len(rows))),
                "ticktext": [safe(name, most=_NAME) for name in rows["label"]],
            },
        }
    )
    bottom, top = len(rows) - 0.5, -0.5
    _segment(ink, x=0.0, y0=top, y1=bottom, look=look, axes=axes)
    digits = digits_for([*rows["low"], *rows["high"]])
    for y, row in rows.iterrows():
        _interval_row(ink, row, y=float(y), digits=digits, axes=axes, look=look)


def _interval_row(
    ink: Ink,
    row: pd.Series[object],
    *,
    y: float,
    digits: int,
    axes: tuple[str, str],
    look: Palette,
) -> None:
    from plotly import graph_objects as go

    state = str(row["state"])
    value, low, high = float(row["value"]), float(row["low"]), float(row["high"])
    colour = look.failed if state == "failed" else look.of("outcome")
    shown = in_words(value, low, high, digits=digits)
    told = span(shown, look.quiet, size=13) if state == "failed" else shown
    margin_note(ink, beside(told, units_words(float(row["n_units"])), look), y=y, yref=axes[1])
    _marks(ink, row, y=y, axes=axes, look=look)
    if not math.isfinite(value):
        return
    common = {"xaxis": axes[0], "yaxis": axes[1], "hoverinfo": "text"}
    text = f"{safe(row['label'])}<br>{shown} {safe(row['unit'])}"
    line = {"color": colour, "width": 3 if state == "primary" else 1.5}
    ink.add_trace(
        go.Scatter(x=[low, high], y=[y, y], mode="lines", line=line, hovertext=text, **common)
    )
    marker = {
        "size": 12,
        "color": look.paper if state in ("comparison", "pilot") else colour,
        "line": {"color": colour, "width": 2},
    }
    ink.add_trace(
        go.Scatter(x=[value], y=[y], mode="markers", marker=marker, hovertext=text, **common)
    )


def _interval_key(frame: pd.DataFrame) -> str:
    states = set(frame["state"])
    pieces = [
        *([t("● best estimate")] if "primary" in states else []),
        *([t("○ comparison")] if "comparison" in states else []),
        *([t("○ from the pilot")] if "pilot" in states else []),
        *([t("grey: not an answer")] if "failed" in states else []),
        *_mark_key(frame),
    ]
    return " · ".join(pieces)


def interval_words(frame: pd.DataFrame) -> str:
    """Say what `interval_figure` shows, one estimate after another."""
    said = []
    for unit, rows in frame.groupby("unit", sort=False):
        digits = digits_for([*rows["low"], *rows["high"]])
        numbers = "; ".join(
            f"{clipped(row['label'])} "
            + in_words(float(row["value"]), float(row["low"]), float(row["high"]), digits=digits)
            + _mark_words(row, digits=digits)
            for _, row in rows.iterrows()
        )
        said.append(f"{numbers} ({clipped(unit)}).")
    grey = t(" These numbers are not an answer.") if "failed" in set(frame["state"]) else ""
    return " ".join(said) + grey


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    columns = [
        name for name in ("low", "high", "value", "break_even", "truth", "guess") if name in rows
    ]
    seen = [float(v) for name in columns for v in rows[name] if math.isfinite(_number(v))]
    low, high = min([0.0, *seen]), max([0.0, *seen])
    pad = 0.08 * (high - low) or 1.0
    return low - pad, high + pad


def _has(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and bool(frame[column].notna().any())


def _optional(row: pd.Series[object], column: str) -> float:
    return _number(row[column]) if column in row.index else math.nan


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else math.nan


# ---------------------------------------------------------------- break-even, truth, guess

_MARKS = {"break_even": ("dash", ""), "truth": ("dot", "◇"), "guess": ("dot", "?")}


def _marks(
    ink: Ink, row: pd.Series[object], *, y: float, axes: tuple[str, str], look: Palette
) -> None:
    """Draw what stands beside an estimate: dashed break-even, dotted truth ◇ and guess ?."""
    for column, (dash, sign) in _MARKS.items():
        level = _optional(row, column)
        if not math.isfinite(level):
            continue
        reach = 0.36 if sign else 0.5
        _segment(ink, x=level, y0=y - reach, y1=y + reach, look=look, dash=dash, axes=axes)
        if sign:
            ink.add_annotation(
                text=sign,
                xref=axes[0],
                yref=axes[1],
                x=level,
                y=y - reach,
                yanchor="bottom",
                yshift=-5,
                showarrow=False,
                font={"size": 12, "color": look.ink},
            )


def _mark_key(frame: pd.DataFrame) -> list[str]:
    words = {
        "break_even": t("dashed: break-even"),
        "truth": t("◇ dotted: truth"),
        "guess": t("? dotted: your guess"),
    }
    return [told for column, told in words.items() if _has(frame, column)]


def _mark_words(row: pd.Series[object], *, digits: int) -> str:
    """Return the marks of a row for its text alternative, e.g. “ (break-even +5)”."""
    names = {"break_even": t("break-even"), "truth": t("truth"), "guess": t("your guess")}
    told = [
        f"{name} {number(_optional(row, column), digits=digits, signed=True)}"
        for column, name in names.items()
        if math.isfinite(_optional(row, column))
    ]
    return f" ({'; '.join(told)})" if told else ""


# ---------------------------------------------------------------- small parts


def _axis_title(unit: str) -> str:
    return safe(t("Difference, {unit}", unit=unit))


def _segment(
    ink: Ink,
    *,
    x: float,
    y0: float,
    y1: float,
    look: Palette,
    axes: tuple[str, str],
    dash: str = "solid",
) -> None:
    ink.add_shape(
        type="line",
        xref=axes[0],
        yref=axes[1],
        x0=x,
        x1=x,
        y0=y0,
        y1=y1,
        line={"color": look.ink, "width": 1 if dash == "solid" else 1.5, "dash": dash},
    )
