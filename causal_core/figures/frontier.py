"""Picture of the cost-value frontier: what each budget buys. Takes a small frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.labelling import place_names
from causal_core.figures.marks import (
    faint,
    hover_words,
    mark_colour,
    money_words,
    no_answer_words,
    numbers_of,
    reach,
    real,
    share_words,
)
from causal_core.figures.style import (
    Ink,
    Mode,
    Palette,
    axis,
    blank_figure,
    clipped,
    digits_for,
    key_line,
    palette,
    safe,
    span,
    units_words,
)
from causal_core.language import t
from causal_core.results import PolicyName

if TYPE_CHECKING:
    from plotly import graph_objects as go

_APART = 0.016  # of the axis, between marks of the same share
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def frontier_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw what each budget buys: value over the share treated, with six policies as marks.

    Parameters
    ----------
    frame
        One row per budget (`kind` frontier) and per policy (`kind` policy): `name`, `label`,
        `share`, `cost` (per 1,000 units, NaN where none is stated), `value`, `low`, `high`,
        `unit`, `n_units`, `ess`, `state` (primary: filled, comparison: hollow, failed: grey).
        `frontier_frame` makes it.
    mode
        Light or dark.

    Notes
    -----
    Marks of the same share stand a little apart so that their intervals can be told apart.
    """
    look = palette(mode)
    curve, marks = _parts(frame)
    low, high = reach(frame)
    figure = blank_figure(look, height=440, left=76, right=34)
    figure.update_layout(margin={"t": 52, "b": 66})
    ink = Ink()
    _curve(ink, curve, look)
    _random_line(ink, marks, look)
    _level_line(ink, look)
    placed = _spread(marks)
    for row, x in placed:
        _mark(ink, row, x, look)
    place_names(ink, placed, look, low=low, high=high)
    key_line(ink, _key(frame), look)
    _corner(ink, units_words(float(frame["n_units"].iloc[0])), look)
    ink.onto(figure)
    unit = str(frame["unit"].iloc[0])
    figure.update_yaxes(
        axis(look, title=safe(t("Beyond treating nobody, {unit}", unit=unit)), grid=True)
        | {"range": [low, high]}
    )
    figure.update_xaxes(_share_axis(marks, look))
    return figure


def _parts(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    curve = frame[frame["kind"] == "frontier"]
    return curve.reset_index(drop=True), frame[frame["kind"] == "policy"].reset_index(drop=True)


def _curve(ink: Ink, curve: pd.DataFrame, look: Palette) -> None:
    from plotly import graph_objects as go

    if curve.empty:
        return
    failed = "failed" in set(curve["state"])
    colour = look.failed if failed else look.of("outcome")
    around = [*curve["share"], *reversed(curve["share"].tolist())]
    edge = [*curve["high"], *reversed(curve["low"].tolist())]
    ink.add_trace(
        go.Scatter(
            x=around,
            y=edge,
            fill="toself",
            fillcolor=faint(colour, 0.16),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
        )
    )
    ink.add_trace(
        go.Scatter(
            x=curve["share"].tolist(),
            y=curve["value"].tolist(),
            mode="lines",
            line={"color": colour, "width": 2},
            hovertext=[hover_words(row) for _, row in curve.iterrows()],
            hoverinfo="text",
        )
    )


def _random_line(ink: Ink, marks: pd.DataFrame, look: Palette) -> None:
    """Draw what as many units at random would bring: straight from nobody to everyone."""
    everyone = marks[marks["name"] == PolicyName.EVERYONE.value]
    if everyone.empty:
        return
    ink.add_shape(
        type="line",
        x0=0,
        y0=0,
        x1=1,
        y1=float(everyone["value"].iloc[0]),
        line={"color": look.quiet, "width": 1.2, "dash": "dash"},
    )


def _level_line(ink: Ink, look: Palette) -> None:
    ink.add_shape(
        type="line", xref="paper", x0=0, x1=1, y0=0, y1=0, line={"color": look.ink, "width": 1}
    )


def _spread(marks: pd.DataFrame) -> list[tuple[pd.Series[object], float]]:
    """Return the policies with the place that each is drawn at, ours exactly where it is."""
    rows = [row for _, row in marks.iterrows()]
    rows.sort(key=lambda row: row["name"] != PolicyName.BEST.value)
    placed: list[tuple[pd.Series[object], float]] = []
    for row in rows:
        share = real(row["share"])
        steps = [0, -1, 1, -2, 2, -3, 3]
        places = [share + _APART * step for step in steps if -0.04 <= share + _APART * step <= 1.04]
        free = (x for x in places if all(abs(x - taken) > 0.9 * _APART for _, taken in placed))
        placed.append((row, next(free, share)))
    return placed


def _mark(ink: Ink, row: pd.Series[object], x: float, look: Palette) -> None:
    from plotly import graph_objects as go

    colour, ours = mark_colour(row, look), row["state"] == "primary"
    told = hover_words(row)
    ink.add_trace(
        go.Scatter(
            x=[x, x],
            y=[row["low"], row["high"]],
            mode="lines",
            line={"color": colour, "width": 3 if ours else 1.5},
            hovertext=told,
            hoverinfo="text",
        )
    )
    ink.add_trace(
        go.Scatter(
            x=[x],
            y=[row["value"]],
            mode="markers",
            marker={
                "size": 13 if ours else 10,
                "color": colour if ours else look.paper,
                "line": {"color": colour, "width": 2},
            },
            hovertext=told,
            hoverinfo="text",
        )
    )


def _share_axis(marks: pd.DataFrame, look: Palette) -> dict[str, object]:
    """Return the axis of the share treated; where a cost is stated, with the cost below."""
    priced = marks[(marks["share"] > 0) & marks["cost"].notna()]
    names, title = [share_words(tick) for tick in _TICKS], t("Share of units treated")
    if len(priced):
        whole = float(priced["cost"].iloc[0]) / float(priced["share"].iloc[0])
        names = [
            f"{name}<br>{span(money_words(whole * tick), look.quiet)}"
            for name, tick in zip(names, _TICKS, strict=True)
        ]
        title = t("Share of units treated, and its cost per 1,000 units")
    settings = axis(look, title=title, grid=True)
    return settings | {"range": [-0.05, 1.06], "tickvals": list(_TICKS), "ticktext": names}


def _key(frame: pd.DataFrame) -> str:
    if "failed" in set(frame["state"]):
        return t("grey: not an answer")
    pieces = [
        t("● ours"),
        t("○ comparison"),
        t("curve: the first units by predicted gain, held out"),
        t("dashed: as many at random"),
    ]
    return " · ".join(pieces)


def _corner(ink: Ink, text: str, look: Palette) -> None:
    ink.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=1,
        y=1,
        xanchor="right",
        yanchor="bottom",
        yshift=27,  # above the key, which may be as wide as the picture
        showarrow=False,
        font={"size": 11, "color": look.quiet},
    )


def frontier_words(frame: pd.DataFrame) -> str:
    """Say what `frontier_figure` shows: each policy, then what the first fifths bring."""
    curve, marks = _parts(frame)
    digits = digits_for([*frame["low"], *frame["high"]])
    said = [
        t(
            "{policy} (treats {share}): {numbers}",
            policy=clipped(row["label"]),
            share=share_words(real(row["share"])),
            numbers=numbers_of(row, digits),
        )
        for _, row in marks.iterrows()
    ]
    fifths = [
        f"{share_words(real(row['share']))} {numbers_of(row, digits)}"
        for _, row in curve.iterrows()
        if row["share"] > 0 and math.isclose(5 * real(row["share"]) % 1, 0, abs_tol=1e-9)
    ]
    budgets = t(
        "The first units by predicted gain bring, by budget: {list}.", list="; ".join(fifths)
    )
    unit = t("Beyond treating nobody, {unit}", unit=clipped(frame["unit"].iloc[0]))
    return (
        f"{unit}: {'; '.join(said)}." + (f" {budgets}" if fifths else "") + no_answer_words(frame)
    )
