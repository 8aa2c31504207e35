"""Pictures of a training: are predictions right, did learning settle. Takes small frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.style import (
    Ink,
    Mode,
    axis,
    blank_figure,
    clipped,
    key_line,
    palette,
)
from causal_core.language import number, percent, t

if TYPE_CHECKING:
    from plotly import graph_objects as go

_SMALLEST, _LARGEST = 7.0, 10.0  # of a dot, in pixels
_REACH = 1.96  # standard errors on each side


def calibration_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Observed against predicted in tenths of the prediction, with the line where both agree.

    Parameters
    ----------
    frame
        One row per tenth: `predicted`, `observed`, `units`, `error` (standard error of the
        observed mean, NaN where not known; drawn at 95 %) and `rate` (whether these are shares).
        `frames.calibration_frame` makes it.
    mode
        Light or dark.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    figure = blank_figure(look, height=300, left=70, right=24)
    rate = bool(frame["rate"].all())
    low, high = _reach(frame)
    ticks = _ticks(low, high)
    names = [_value(tick, rate=rate, step=ticks[1] - ticks[0]) for tick in ticks]
    sides = {"range": [low, high], "tickvals": ticks, "ticktext": names}
    ink = Ink()
    ink.add_shape(
        type="line", x0=low, y0=low, x1=high, y1=high, line={"color": look.quiet, "width": 1}
    )
    ink.add_trace(
        go.Scatter(
            x=frame["predicted"].tolist(),
            y=frame["observed"].tolist(),
            mode="markers",
            marker={
                "size": _sizes(frame["units"]),
                "color": look.of("outcome"),
                "opacity": 0.9,
                "line": {"width": 0},
            },
            error_y={
                "type": "data",
                "array": (_REACH * frame["error"]).fillna(0.0).tolist(),
                "color": look.ink,
                "thickness": 1.2,
                "width": 3,
            },
            hovertext=[
                t(
                    "predicted {predicted}, observed {observed}, n {units}",
                    predicted=_value(row["predicted"], rate=rate, step=(high - low) / 100),
                    observed=_value(row["observed"], rate=rate, step=(high - low) / 100),
                    units=number(row["units"]),
                )
                for row in frame.to_dict("records")
            ],
            hoverinfo="text",
        )
    )
    key_line(ink, t("dots: tenths of the units · bars: 95 % · line: prediction is right"), look)
    ink.onto(figure)
    figure.update_xaxes(axis(look, title=t("Predicted"), grid=True) | sides)
    figure.update_yaxes(axis(look, title=t("Observed"), grid=True) | sides)
    return figure


def _reach(frame: pd.DataFrame) -> tuple[float, float]:
    error = (_REACH * frame["error"]).fillna(0.0)
    low = float(min(frame["predicted"].min(), (frame["observed"] - error).min()))
    high = float(max(frame["predicted"].max(), (frame["observed"] + error).max()))
    room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
    floor = 0.0 if low >= 0 or bool(frame["rate"].all()) else low - room
    return (-0.02 * (high + room) if floor == 0 else floor), high + room


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round numbers from `low` to `high`."""
    rough = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(lot * scale for lot in (1, 2, 2.5, 5, 10) if lot * scale >= rough * 0.999)
    first = math.ceil(low / step)
    return [step * place for place in range(first, math.floor(high / step) + 1)]


def _value(value: float, *, rate: bool, step: float) -> str:
    shown = 100 * step if rate else step
    digits = max(0, math.ceil(-math.log10(shown) - 1e-9)) if shown > 0 else 0
    digits += round(shown * 10**digits, 6) % 1 > 0  # 2.5 needs a digit more than 2
    return percent(value, digits=digits) if rate else number(value, digits=digits)


def _sizes(units: pd.Series) -> list[float]:
    """Return how large each dot is: its area grows with the units."""
    share = (units / max(float(units.max()), 1.0)) ** 0.5
    return [max(_SMALLEST, _LARGEST * value) for value in share]


def calibration_words(frame: pd.DataFrame, *, outcome: str) -> str:
    """Say what `calibration_figure` shows: the range of predictions, and the largest gap."""
    rate = bool(frame["rate"].all())
    gaps = (frame["observed"] - frame["predicted"]).abs()
    worst = frame.loc[gaps.idxmax()]
    span = float(frame["predicted"].max() - frame["predicted"].min())
    step = (span or abs(float(worst["observed"])) or 1.0) / 20
    words = {
        key: _value(float(value), rate=rate, step=step)
        for key, value in {
            "low": frame["predicted"].min(),
            "high": frame["predicted"].max(),
            "predicted": worst["predicted"],
            "observed": worst["observed"],
        }.items()
    }
    return t(
        "“{outcome}” is predicted between {low} and {high}. Predicted and observed lie furthest "
        "apart where {predicted} is predicted and {observed} observed.",
        outcome=clipped(outcome),
        **words,
    )


def loss_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw the loss after each epoch: on units it learns from, and on units it does not see.

    Parameters
    ----------
    frame
        One row per epoch: `epoch`, `training`, `validation`. `frames.losses_frame` makes it.
    mode
        Light or dark.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    figure = blank_figure(look, height=260, left=70, right=24)
    ink = Ink()
    for column, dash in (("training", "dot"), ("validation", "solid")):
        ink.add_trace(
            go.Scatter(
                x=frame["epoch"].tolist(),
                y=frame[column].tolist(),
                mode="lines",
                line={"color": look.ink, "width": 2, "dash": dash},
                hovertext=[
                    f"{number(epoch)}: {number(value, digits=4)}"
                    for epoch, value in zip(frame["epoch"], frame[column], strict=True)
                ],
                hoverinfo="text",
            )
        )
    key_line(ink, t("solid: units held out · dotted: units it learns from"), look)
    ink.onto(figure)
    figure.update_xaxes(axis(look, title=t("Epoch"), grid=True))
    figure.update_yaxes(axis(look, title=t("Loss"), grid=True))
    return figure


def loss_words(frame: pd.DataFrame) -> str:
    """Say what `loss_figure` shows."""
    best = frame.loc[frame["validation"].idxmin()]
    return t(
        "The loss on units held out falls from {first} to its lowest, {lowest}, in epoch {epoch} "
        "of {n}.",
        first=number(float(frame["validation"].iloc[0]), digits=4),
        lowest=number(float(best["validation"]), digits=4),
        epoch=number(float(best["epoch"])),
        n=number(len(frame)),
    )
