"""Picture of a table's columns by the time they were known, and the words for roles and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.style import (
    Ink,
    Mode,
    Palette,
    blank_figure,
    clipped,
    key_line,
    palette,
    safe,
)
from causal_core.language import percent, t
from causal_core.schema import Known

if TYPE_CHECKING:
    from plotly import graph_objects as go

_PLACES = (Known.BEFORE, Known.AT, Known.AFTER, Known.UNKNOWN)
_MOST_ROWS = 16


def column_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw a table's columns under before, at, after and don't know, with their missing shares.

    Parameters
    ----------
    frame
        One row per column of the table: `name`, `role`, `known` (before, at, after, unknown),
        `missing` (share in [0, 1]). `frames.columns_frame` makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    groups = {known: frame[frame["known"] == known.value] for known in _PLACES}
    rows = min(max(len(group) for group in groups.values()), _MOST_ROWS) + 1
    figure = blank_figure(look, height=26 * rows + 70, left=8, right=8)
    figure.update_layout(margin={"t": 34, "b": 8})
    figure.update_xaxes(range=[0, len(_PLACES)], visible=False, fixedrange=True)
    figure.update_yaxes(range=[rows + 0.2, -0.7], visible=False, fixedrange=True)
    ink = Ink()
    for at, (known, group) in enumerate(groups.items()):
        heading = f"<b>{known_words(known)}</b> {len(group)}"
        _words_at(ink, heading, x=at + 0.04, y=-0.3, colour=look.ink)
        for place, row in enumerate(group.head(_MOST_ROWS).to_dict("records"), start=1):
            _column_row(ink, row, at, place, look)
        left = len(group) - _MOST_ROWS
        if left > 0:
            more = t("and {n} more", n=left)
            _words_at(ink, more, x=at + 0.04, y=_MOST_ROWS + 0.9, colour=look.quiet)
    key_line(ink, t("bar: share of rows without a value"), look)
    ink.onto(figure)
    return figure


def _column_row(ink: Ink, row: dict[str, object], at: int, place: int, look: Palette) -> None:
    colour = look.of(str(row["role"]))
    missing = float(row["missing"])  # type: ignore[arg-type]
    ends = {"x0": at + 0.04, "x1": at + 0.07, "y0": place - 0.28, "y1": place + 0.28}
    ink.add_shape(type="rect", fillcolor=colour, line_width=0, **ends)
    _words_at(ink, safe(row["name"], most=20), x=at + 0.1, y=place, colour=look.ink)
    if missing > 0:
        ends = {"x0": at + 0.1, "y0": place + 0.36, "y1": place + 0.44}
        reach = {"x1": at + 0.1 + 0.8 * missing}
        ink.add_shape(type="rect", fillcolor=look.failed, line_width=0, **ends, **reach)


def _words_at(ink: Ink, text: str, *, x: float, y: float, colour: str) -> None:
    font = {"size": 12, "color": colour}
    ink.add_annotation(text=text, x=x, y=y, xanchor="left", showarrow=False, font=font)


def known_words(known: Known) -> str:
    """Return when a column was known, as it stands on the screen."""
    return {
        Known.BEFORE: t("before"),
        Known.AT: t("at"),
        Known.AFTER: t("after"),
        Known.UNKNOWN: t("don't know"),
    }[known]


def column_words(frame: pd.DataFrame) -> str:
    """Say what `column_figure` shows."""
    counts = {known.value: int((frame["known"] == known.value).sum()) for known in _PLACES}
    said = t(
        "{total} columns: {before} known before the treatment, {at} at it, {after} after it; "
        "for {unknown} nobody said when.",
        total=len(frame),
        **counts,
    )
    gaps = frame[frame["missing"] > 0].sort_values("missing", ascending=False, kind="stable")
    if gaps.empty:
        return said + " " + t("No value is missing.")
    worst = gaps.iloc[0]
    missing = t(
        "Values are missing in {n} of them, most in “{name}” ({share}).",
        n=len(gaps),
        name=clipped(worst["name"]),
        share=percent(float(worst["missing"])),
    )
    return f"{said} {missing}"


def role_words(role: str) -> str:
    """Return a role as it stands on the screen."""
    words = {
        "attribute": t("attribute"),
        "history": t("history"),
        "treatment": t("treatment"),
        "mediator": t("mediator"),
        "outcome": t("outcome"),
        "hidden": t("hidden"),
        "after": t("after"),
        "ignore": t("left out"),
        "unit_id": t("unit"),
        "cluster_id": t("cluster"),
        "time": t("time"),
        "propensity": t("propensity"),
        "position": t("position"),
        "weight": t("weight"),
    }
    return words.get(role, t("unknown"))
