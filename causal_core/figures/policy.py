"""Pictures of a strategy: what each policy is worth, side by side. Takes policies, gives frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.marks import (
    hover_words,
    mark_colour,
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
    beside,
    blank_figure,
    clipped,
    digits_for,
    key_line,
    margin_note,
    palette,
    plain,
    room_for,
    safe,
    shortened,
    span,
)
from causal_core.language import number, t
from causal_core.results import Policies, PolicyName, PolicyValue

if TYPE_CHECKING:
    from plotly import graph_objects as go

PER_THOUSAND = 1_000.0
_ROW = 50
_NAME = 22
_COLUMNS = (
    "kind", "name", "label", "share", "cost", "value", "low", "high", "unit", "n_units", "ess",
    "state",
)  # fmt: skip


def policy_name_words(name: PolicyName) -> str:
    """Return a policy's name on the screen."""
    return {
        PolicyName.NOBODY: t("Nobody"),
        PolicyName.RANDOM: t("As many at random"),
        PolicyName.TODAY: t("As today"),
        PolicyName.EVERYONE: t("Everyone"),
        PolicyName.LIKELIEST: t("Likeliest anyway"),
        PolicyName.BEST: t("Ours"),
    }[name]


def value_words(policies: Policies) -> str:
    """Return what the values of a strategy's pictures are counted in."""
    if policies.outcome not in policies.payoff.value_per:
        return t("“{outcome}” per 1,000 units", outcome=policies.outcome)
    if policies.payoff.currency:
        return t("net, {currency} per 1,000 units", currency=policies.payoff.currency)
    return t("net, in money per 1,000 units")


# ---------------------------------------------------------------- small frames


def frontier_frame(policies: Policies, *, allowed: bool = True) -> pd.DataFrame:
    """Return the rows of `frontier_figure`: a point per budget, then the six policies.

    Parameters
    ----------
    policies
        What the strategy gave.
    allowed
        Whether every check passed; otherwise all rows are marked as failed.
    """
    points: list[dict[str, object]] = [
        {
            "kind": "frontier",
            "name": "",
            "label": t("The first {share} by predicted gain", share=share_words(point.share)),
            "share": point.share,
            "value": PER_THOUSAND * point.net,
            "low": PER_THOUSAND * point.net_low,
            "high": PER_THOUSAND * point.net_high,
            "ess": math.nan,
            "state": "primary" if allowed else "failed",
        }
        for point in policies.frontier
    ]
    rows: list[dict[str, object]] = [
        *points,
        *(_item(item, allowed=allowed) for item in policies.items),
    ]
    return _framed(rows, policies)


def policy_frame(
    policies: Policies, *, against_today: bool = False, allowed: bool = True
) -> pd.DataFrame:
    """Return the rows of `policy_figure`: the six policies, ours first.

    Parameters
    ----------
    policies
        What the strategy gave.
    against_today
        Whether values are told from what is done today instead of from treating nobody.
    allowed
        Whether every check passed; otherwise all rows are marked as failed.
    """
    ours_first = sorted(policies.items, key=lambda item: item.name is not PolicyName.BEST)
    rows = [_item(item, allowed=allowed, against_today=against_today) for item in ours_first]
    return _framed(rows, policies).assign(against_today=against_today)


def _framed(rows: list[dict[str, object]], policies: Policies) -> pd.DataFrame:
    frame = pd.DataFrame(rows).assign(unit=value_words(policies), n_units=policies.n_units)
    priced = policies.payoff.cost > 0
    frame["cost"] = PER_THOUSAND * policies.payoff.cost * frame["share"] if priced else math.nan
    return frame[list(_COLUMNS)]


def _item(item: PolicyValue, *, allowed: bool, against_today: bool = False) -> dict[str, object]:
    value, low, high = item.net, item.net_low, item.net_high
    if against_today:
        value, low, high = item.against_today, item.against_today_low, item.against_today_high
    ours = item.name is PolicyName.BEST
    return {
        "kind": "policy",
        "name": item.name.value,
        "label": policy_name_words(item.name),
        "share": item.share_treated,
        "value": PER_THOUSAND * value,
        "low": PER_THOUSAND * low,
        "high": PER_THOUSAND * high,
        "ess": item.ess,
        "state": ("primary" if ours else "comparison") if allowed else "failed",
    }


# ---------------------------------------------------------------- policies side by side


def policy_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """One row per policy: a horizontal interval of what it is worth.

    Parameters
    ----------
    frame
        Rows from the top down: `label`, `value`, `low`, `high`, `unit`, `share`, `ess`, `cost`,
        `state` and `against_today` (else values are beyond treating nobody). `policy_frame`
        makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    names = [shortened(plain(name), _NAME) for name in frame["label"]]
    height = _ROW * len(frame) + 90
    figure = blank_figure(look, height=height, left=room_for(names), right=184)
    ink = Ink()
    ink.add_shape(
        type="line",
        x0=0,
        x1=0,
        y0=-0.5,
        y1=len(frame) - 0.5,
        line={"color": look.ink, "width": 1},
    )
    digits = digits_for([*frame["low"], *frame["high"]])
    for y, (_, row) in enumerate(frame.iterrows()):
        _policy_row(ink, row, y=float(y), digits=digits, look=look)
    key_line(ink, _row_key(frame), look)
    ink.onto(figure)
    figure.update_xaxes(axis(look, title=safe(_title(frame)), grid=True) | {"range": reach(frame)})
    figure.update_yaxes(
        axis(look)
        | {
            "range": [len(frame) - 0.5, -0.5],
            "tickvals": list(range(len(frame))),
            "ticktext": [safe(name, most=_NAME) for name in frame["label"]],
        }
    )
    return figure


def _policy_row(ink: Ink, row: pd.Series[object], *, y: float, digits: int, look: Palette) -> None:
    from plotly import graph_objects as go

    ours, colour, told = row["state"] == "primary", mark_colour(row, look), hover_words(row)
    numbers = numbers_of(row, digits)
    shown = span(numbers, look.quiet, size=13) if row["state"] == "failed" else numbers
    second = t(
        "treats {share}, effective n {n}",
        share=share_words(real(row["share"])),
        n=number(real(row["ess"])),
    )
    margin_note(ink, beside(shown, second, look), y=y, yref="y")
    ink.add_trace(
        go.Scatter(
            x=[row["low"], row["high"]],
            y=[y, y],
            mode="lines",
            line={"color": colour, "width": 3 if ours else 1.5},
            hovertext=told,
            hoverinfo="text",
        )
    )
    ink.add_trace(
        go.Scatter(
            x=[row["value"]],
            y=[y],
            mode="markers",
            marker={
                "size": 12,
                "color": colour if ours else look.paper,
                "line": {"color": colour, "width": 2},
            },
            hovertext=told,
            hoverinfo="text",
        )
    )


def _row_key(frame: pd.DataFrame) -> str:
    if "failed" in set(frame["state"]):
        return t("grey: not an answer")
    return " · ".join([t("● ours"), t("○ comparison"), t("all on units held out")])


def _title(frame: pd.DataFrame) -> str:
    unit = str(frame["unit"].iloc[0])
    if bool(frame["against_today"].iloc[0]):
        return t("Against today, {unit}", unit=unit)
    return t("Beyond treating nobody, {unit}", unit=unit)


def policy_words(frame: pd.DataFrame) -> str:
    """Say what `policy_figure` shows, one policy after another."""
    digits = digits_for([*frame["low"], *frame["high"]])
    said = [f"{clipped(row['label'])} {numbers_of(row, digits)}" for _, row in frame.iterrows()]
    return f"{clipped(_title(frame))}: {'; '.join(said)}." + no_answer_words(frame)
