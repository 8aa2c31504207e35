"""Picture of a funnel under a scenario, beside as today. Takes a small frame, gives a figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.style import (
    Ink,
    Mode,
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
    units_words,
    whisker,
)
from causal_core.language import number, t

if TYPE_CHECKING:
    from plotly import graph_objects as go

_ROW = 54
_NAME = 22


def funnel_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Today outlined, scenario filled, whiskers on the difference; per unit at time zero.

    Parameters
    ----------
    frame
        One row per outcome, in funnel order: `label`, `today`, `scenario`, `low` and `high` of
        the difference, `unit` (the axis title, one for all), `n_units`, optionally `today_name`
        and `scenario_name` for the key. `frames.scenario_frame` makes it.
    mode
        Light or dark.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    names = [shortened(plain(name), _NAME) for name in frame["label"]]
    figure = blank_figure(look, height=_ROW * len(frame) + 90, left=room_for(names), right=128)
    places = list(range(len(frame)))
    filled = {"color": look.of("outcome"), "line": {"width": 0}}
    outlined = {"color": "rgba(0,0,0,0)", "line": {"color": look.ink, "width": 1.5}}
    today, scenario = list(frame["today"]), list(frame["scenario"])
    bars = {"orientation": "h", "y": places, "hoverinfo": "skip"}
    ink = Ink()
    ink.add_trace(go.Bar(x=scenario, width=0.34, marker=filled, opacity=0.85, **bars))
    ink.add_trace(go.Bar(x=today, width=0.58, marker=outlined, **bars))
    figure.update_layout(barmode="overlay")
    digits = digits_for([*frame["low"], *frame["high"]])
    for y, row in zip(places, frame.to_dict("records"), strict=True):
        gain = row["scenario"] - row["today"]
        text = beside(
            in_words(gain, row["low"], row["high"], digits=digits),
            units_words(row["n_units"]),
            look,
        )
        margin_note(ink, text, y=y, yref="y")
        if math.isfinite(row["low"]) and math.isfinite(row["high"]):
            ends = {"low": row["today"] + row["low"], "high": row["today"] + row["high"]}
            whisker(ink, **ends, y=y, colour=look.ink)
    key = t("outlined: {today} · filled: {scenario}", **_funnel_names(frame))
    key_line(ink, key, look)
    ink.onto(figure)
    figure.update_xaxes(
        axis(look, title=safe(frame["unit"].iloc[0]), grid=True) | {"rangemode": "tozero"}
    )
    labels = [safe(name, most=_NAME) for name in frame["label"]]
    rows = {"range": [len(frame) - 0.5, -0.5], "tickvals": places, "ticktext": labels}
    figure.update_yaxes(axis(look) | rows)
    return figure


def _funnel_names(frame: pd.DataFrame) -> dict[str, str]:
    today = frame["today_name"].iloc[0] if "today_name" in frame else t("as today")
    scenario = frame["scenario_name"].iloc[0] if "scenario_name" in frame else t("scenario")
    return {"today": safe(today, most=40), "scenario": safe(scenario, most=40)}


def funnel_words(frame: pd.DataFrame) -> str:
    """Say what `funnel_figure` shows."""
    digits = digits_for([*frame["low"], *frame["high"]])
    steps = "; ".join(
        t(
            "{outcome} from {today} to {scenario} ({difference})",
            outcome=clipped(row["label"]),
            today=number(row["today"], digits=digits),
            scenario=number(row["scenario"], digits=digits),
            difference=in_words(
                row["scenario"] - row["today"], row["low"], row["high"], digits=digits
            ),
        )
        for row in frame.to_dict("records")
    )
    return f"{steps} ({clipped(frame['unit'].iloc[0])})."
