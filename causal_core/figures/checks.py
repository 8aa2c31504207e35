"""Pictures of who is comparable: overlap and balance. Takes small frames, gives figures."""

from __future__ import annotations

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
    plain,
    room_for,
    safe,
    shortened,
)
from causal_core.language import number, percent, t

if TYPE_CHECKING:
    from plotly import graph_objects as go

TOLERATED_DIFFERENCE = 0.1
MOST_COVARIATES = 25


def overlap_figure(
    frame: pd.DataFrame,
    *,
    mode: Mode = "light",
    treated_name: str | None = None,
    control_name: str | None = None,
) -> go.Figure:
    """Mirrored histogram of the chance of being shown: treated units up, the others down.

    Parameters
    ----------
    frame
        One row per bin of propensity: `low`, `high` (in [0, 1]), `treated`, `control` (units).
        `frames.overlap_frame` makes it.
    mode
        Light or dark.
    treated_name, control_name
        What the two groups are called.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    figure = blank_figure(look, height=280, left=70)
    middle = ((frame["low"] + frame["high"]) / 2).tolist()
    width = (frame["high"] - frame["low"]).tolist()
    groups = (
        ("treated", 1, look.of("treatment"), treated_name or t("treated")),
        ("control", -1, look.of("attribute"), control_name or t("not treated")),
    )
    ink = Ink()
    for column, sign, colour, name in groups:
        total = t("n {count}", count=number(float(frame[column].sum())))
        ink.add_trace(
            go.Bar(
                x=middle,
                y=(sign * frame[column]).tolist(),
                width=width,
                marker={"color": colour, "opacity": 0.85, "line": {"width": 0}},
                hovertext=[
                    f"{percent(low, digits=0)}–{percent(high, digits=0)}: {number(float(units))}"
                    for low, high, units in zip(
                        frame["low"], frame["high"], frame[column], strict=True
                    )
                ],
                hoverinfo="text",
            )
        )
        ink.add_annotation(
            text=f"{safe(name, most=20)}<br>{total}",
            xref="paper", yref="paper", x=1, y=0.5 + 0.3 * sign, xanchor="left", xshift=14,
            showarrow=False, align="left", font={"size": 12},
        )  # fmt: skip
    ink.onto(figure)
    figure.update_layout(barmode="overlay", bargap=0)
    figure.update_xaxes(axis(look, title=t("Chance of being shown"), grid=True))
    shares = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    names = [percent(share, digits=0) for share in shares]
    figure.update_xaxes(range=[0, 1], tickvals=shares, ticktext=names)
    ticks = _mirrored_ticks(frame)
    figure.update_yaxes(axis(look, title=t("Units"), grid=True))
    figure.update_yaxes(tickvals=ticks, ticktext=[number(abs(tick)) for tick in ticks])
    figure.add_hline(y=0, line={"color": look.ink, "width": 1})
    return figure


def _mirrored_ticks(frame: pd.DataFrame) -> list[float]:
    largest = float(max(frame["treated"].max(), frame["control"].max(), 1))
    step = _round_step(largest / 2)
    return [step * place for place in range(-2, 3)]


def _round_step(value: float) -> float:
    scale = 10.0 ** (len(str(int(max(value, 1)))) - 1)
    return float(next(lot * scale for lot in (5, 2, 1) if lot * scale <= max(value, 1)))


def overlap_words(
    frame: pd.DataFrame, *, treated_name: str | None = None, control_name: str | None = None
) -> str:
    """Say what `overlap_figure` shows: where the two groups lie, and where both are."""
    shared = frame[(frame["treated"] > 0) & (frame["control"] > 0)]
    names = {
        "treated": clipped(treated_name or t("treated")),
        "control": clipped(control_name or t("not treated")),
        "n_treated": number(float(frame["treated"].sum())),
        "n_control": number(float(frame["control"].sum())),
    }
    if shared.empty:
        return t(
            "{n_treated} units ({treated}) and {n_control} ({control}) share no chance of being "
            "shown: nobody is comparable.",
            **names,
        )
    return t(
        "{n_treated} units ({treated}) and {n_control} ({control}); both groups are found "
        "where the chance of being shown lies between {low} and {high}.",
        low=percent(float(shared["low"].min()), digits=0),
        high=percent(float(shared["high"].max()), digits=0),
        **names,
    )


def balance_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Love plot: how far each covariate's means lie apart, before (hollow) and after (filled).

    Parameters
    ----------
    frame
        One row per covariate: `covariate`, `before`, `after`, in standard deviations. At most
        25 are drawn, those furthest apart. `frames.balance_frame` makes it.
    mode
        Light or dark.
    """
    from plotly import graph_objects as go

    look = palette(mode)
    rows = _furthest(frame)
    labels = [shortened(plain(name), 26) for name in rows["covariate"]]
    figure = blank_figure(look, height=24 * len(rows) + 110, left=room_for(labels), right=60)
    places = list(range(len(rows)))
    band = {"fillcolor": look.grid, "opacity": 0.7, "line_width": 0, "layer": "below"}
    colour = look.of("history")
    ink = Ink()
    for column, fill in (("before", look.paper), ("after", colour)):
        ink.add_trace(
            go.Scatter(
                x=rows[column].tolist(),
                y=places,
                mode="markers",
                marker={"size": 9, "color": fill, "line": {"color": colour, "width": 1.5}},
                hovertext=[
                    f"{safe(name)}: {number(value, digits=2, signed=True)}"
                    for name, value in zip(rows["covariate"], rows[column], strict=True)
                ],
                hoverinfo="text",
            )
        )
    left = len(frame) - len(rows)
    more = t(" · {n} more lie closer to zero", n=left) if left else ""
    key_line(ink, t("○ before · ● after adjustment · grey band: within 0.1") + more, look)
    ink.onto(figure)
    figure.add_vrect(x0=-TOLERATED_DIFFERENCE, x1=TOLERATED_DIFFERENCE, **band)
    figure.add_vline(x=0, line={"color": look.ink, "width": 1})
    title = t("Difference between the groups, standard deviations")
    figure.update_xaxes(axis(look, title=title, grid=True))
    figure.update_yaxes(axis(look, grid=False))
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.6],
        tickvals=places,
        ticktext=[safe(name, most=26) for name in rows["covariate"]],
    )
    return figure


def _furthest(frame: pd.DataFrame) -> pd.DataFrame:
    reach = frame[["before", "after"]].abs().max(axis=1).fillna(0.0)
    order = reach.sort_values(ascending=False, kind="stable").index
    return frame.loc[order].head(MOST_COVARIATES).reset_index(drop=True)


def balance_words(frame: pd.DataFrame) -> str:
    """Say what `balance_figure` shows."""
    outside = frame[frame["after"].abs() > TOLERATED_DIFFERENCE]
    counts = {
        "n": len(frame),
        "before": int((frame["before"].abs() > TOLERATED_DIFFERENCE).sum()),
        "after": len(outside),
    }
    words = t(
        "Of {n} covariates, {before} differ by more than 0.1 standard deviations before "
        "adjustment and {after} after it.",
        **counts,
    )
    if outside.empty:
        return words
    worst = outside.loc[outside["after"].abs().idxmax()]
    furthest = t(
        "Furthest apart is “{name}” ({value}).",
        name=clipped(worst["covariate"]),
        value=number(float(worst["after"]), digits=2, signed=True),
    )
    return f"{words} {furthest}"
