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
    plain,
    safe,
    shortened,
)
from causal_core.language import percent, t
from causal_core.schema import Known

if TYPE_CHECKING:
    from plotly import graph_objects as go

_PLACES = (Known.BEFORE, Known.AT, Known.AFTER, Known.UNKNOWN)
_APART = ("unit_id", "cluster_id", "time", "weight", "ignore")  # they describe no behaviour
_MOST_ROWS = 16
_LETTERS = 25  # of a name, beside its mark on a small screen


def column_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw a table's columns under before, at, after and don't know, with their missing shares.

    Ids, times, weights and what is left out stand apart, in a line of their own below.

    Parameters
    ----------
    frame
        One row per column of the table: `name`, `role`, `kind`, `known` (before, at, after,
        unknown), `missing` (share in [0, 1]). `frames.columns_frame` makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    apart = frame["role"].isin(_APART)
    placed = frame[~apart]
    groups = {known: placed[placed["known"] == known.value] for known in _PLACES}
    longest = max(len(group) for group in groups.values())
    rows = max(min(longest, _MOST_ROWS), 1) + (1 if longest > _MOST_ROWS else 0)
    bottom = rows + (2.0 if apart.any() else 0.9)
    figure = blank_figure(look, height=int(26 * (bottom + 0.7)) + 42, left=8, right=8)
    figure.update_layout(margin={"t": 34, "b": 8})
    figure.update_xaxes(range=[0, len(_PLACES)], visible=False, fixedrange=True)
    figure.update_yaxes(range=[bottom, -0.7], visible=False, fixedrange=True)
    ink = Ink()
    for at, (known, group) in enumerate(groups.items()):
        heading = f"<b>{known_words(known)}</b> {len(group)}"
        _words_at(ink, heading, x=at + 0.02, y=-0.2, colour=look.ink)
        line = {"color": look.grid, "width": 1}
        ink.add_shape(type="line", x0=at + 0.02, x1=at + 0.94, y0=0.35, y1=0.35, line=line)
        for place, row in enumerate(group.head(_MOST_ROWS).to_dict("records"), start=1):
            _column_row(ink, row, at, place, look)
        left = len(group) - _MOST_ROWS
        if left > 0:
            more = t("and {n} more", n=left)
            _words_at(ink, more, x=at + 0.08, y=_MOST_ROWS + 1, colour=look.quiet)
    if apart.any():
        words = _apart_words(frame[apart], most=_LETTERS * len(_PLACES))
        _words_at(ink, words, x=0.02, y=rows + 1.4, colour=look.quiet)
    key_line(ink, _key(placed, look), look)
    ink.onto(figure)
    _hover(figure, groups)
    return figure


def _key(placed: pd.DataFrame, look: Palette) -> str:
    roles = [role for role in look.role if role in set(placed["role"])]
    pieces = [f'<span style="color:{look.of(role)}">▌</span> {role_words(role)}' for role in roles]
    if (placed["missing"] > 0).any():
        pieces.append(t("grey bar: share of rows without a value"))
    return " · ".join(pieces)


def _apart_words(apart: pd.DataFrame, *, most: int) -> str:
    """Return one line for the columns that stand apart; those that find no room are counted."""
    names: list[str] = []
    left = len(apart)
    for row in apart.to_dict("records"):
        name = f"{shortened(plain(row['name']), _LETTERS)} ({role_words(str(row['role']))})"
        if len(", ".join(names)) + len(name) > most:
            break
        names.append(safe(name))
        left -= 1
    said = t("Set apart: {names}", names=", ".join(names))
    return said + (" " + t("and {n} more", n=left) if left else "")


def _hover(figure: go.Figure, groups: dict[Known, pd.DataFrame]) -> None:
    """Let the full name, the part, the kind and the missing share be read under the pointer."""
    from plotly import graph_objects as go

    x, y, texts = [], [], []
    for at, group in enumerate(groups.values()):
        for place, row in enumerate(group.head(_MOST_ROWS).to_dict("records"), start=1):
            x.append(at + 0.16)
            y.append(place)
            gaps = t("{share} missing", share=percent(float(row["missing"])))
            texts.append(f"{safe(row['name'])}<br>{role_words(str(row['role']))}, {gaps}")
    hidden = {"size": 22, "opacity": 0}
    figure.add_trace(
        go.Scatter(x=x, y=y, mode="markers", marker=hidden, hovertext=texts, hoverinfo="text")
    )


def _column_row(ink: Ink, row: dict[str, object], at: int, place: int, look: Palette) -> None:
    colour = look.of(str(row["role"]))
    missing = float(row["missing"])  # type: ignore[arg-type]
    ends = {"x0": at + 0.02, "x1": at + 0.05, "y0": place - 0.3, "y1": place + 0.3}
    ink.add_shape(type="rect", fillcolor=colour, line_width=0, **ends)
    name = shortened(plain(row["name"]), _fitting(plain(row["name"])))
    _words_at(ink, safe(name), x=at + 0.08, y=place, colour=look.ink)
    if missing > 0:
        ends = {"x0": at + 0.08, "y0": place + 0.36, "y1": place + 0.44}
        reach = {"x1": at + 0.08 + 0.84 * missing}
        ink.add_shape(type="rect", fillcolor=look.failed, line_width=0, **ends, **reach)


def _fitting(text: str) -> int:
    """Return how many letters of a name find room; wide ones count twice."""
    return _LETTERS // 2 if max(text, default="") >= "\u2e80" else _LETTERS


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
    placed = frame[~frame["role"].isin(_APART)]
    counts = {known.value: int((placed["known"] == known.value).sum()) for known in _PLACES}
    said = t(
        "{total} columns: {before} known before the treatment, {at} at it, {after} after it; "
        "for {unknown} nobody said when; {apart} stand apart (ids, times and the like).",
        total=len(frame),
        apart=len(frame) - len(placed),
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
