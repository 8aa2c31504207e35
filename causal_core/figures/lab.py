"""Pictures of the truth lab: every run's interval across the truth, and how often they held it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causal_core.figures.frames import PER_THOUSAND, method_words
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
    units_words,
)
from causal_core.language import number, t
from causal_core.results import LabRuns, Method

if TYPE_CHECKING:
    from plotly import graph_objects as go

_HEIGHT = 340
_MOST_TICKS = 10
_MOST_NAMED = 6  # seeds in a sentence
_MANY = 40  # runs from which dots and lines grow thinner
_USUAL = 0.95  # how often the number of hits lies in the range that is called usual
_COLUMNS = (
    "seed", "value", "low", "high", "truth", "holds", "level", "unit", "n_units", "scenario",
    "outcome", "method",
)  # fmt: skip
_SUMMARY = (
    "outcome", "method", "label", "runs", "held", "usual_low", "usual_high", "truth", "bias",
    "rmse", "width", "unit",
)  # fmt: skip


def lab_frame(lab: LabRuns, outcome: str, method: Method) -> pd.DataFrame:
    """Return the rows of `lab_figure`: one outcome by one method in every run, by seed.

    Simulated outcomes are 0 or 1 per unit, so all numbers are per 1,000 units.
    """
    rows = [
        {
            "seed": run.seed,
            "value": PER_THOUSAND * run.value,
            "low": PER_THOUSAND * run.low,
            "high": PER_THOUSAND * run.high,
            "truth": PER_THOUSAND * run.truth,
            "holds": run.holds,
            "level": lab.level,
            "unit": t("per 1,000 units"),
            "n_units": lab.n,
            "scenario": lab.scenario,
            "outcome": outcome,
            "method": method_words(method),
        }
        for run in lab.of(outcome, method)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def lab_figure(frame: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw the interval of every run across the truth; what misses it is hollow.

    Parameters
    ----------
    frame
        One row per run, by seed: `seed`, `value`, `low`, `high`, `truth`, `holds`, `unit`,
        `n_units`. `lab_frame` makes it; without rows the figure says that there is none.
    mode
        Light or dark.
    """
    look = palette(mode)
    figure = blank_figure(look, height=_HEIGHT, left=64, right=112)
    ink = Ink()
    key = t("simulated · ● holds the truth · ○ misses it · dotted: the truth")
    key_line(ink, key, look)
    title = t("Estimate, per 1,000 units, simulated")
    if frame.empty:
        _say_nothing(ink, look)
        ink.onto(figure)
        return figure
    _draw_runs(ink, frame[frame["holds"].astype(bool)], len(frame), look, hollow=False)
    _draw_runs(ink, frame[~frame["holds"].astype(bool)], len(frame), look, hollow=True)
    _draw_truth(ink, frame, look)
    ink.onto(figure)
    seeds = [int(seed) for seed in frame["seed"]]
    step = math.ceil(len(seeds) / _MOST_TICKS)
    ticks = {"tickvals": seeds[::step], "ticktext": [number(seed) for seed in seeds[::step]]}
    sides = {"range": [min(seeds) - 1, max(seeds) + 1]}
    bottom = axis(look, title=t("Simulated data set, by seed")) | ticks | sides
    figure.update_xaxes(bottom | {"tickfont": {"size": 12, "color": look.quiet}})
    figure.update_yaxes(axis(look, title=title, grid=True) | {"range": _reach(frame)})
    return figure


def _draw_runs(ink: Ink, rows: pd.DataFrame, total: int, look: Palette, *, hollow: bool) -> None:
    """Draw all hits, or all misses, as one trace of lines and one of dots."""
    from plotly import graph_objects as go

    if rows.empty:
        return
    colour = look.of("outcome")
    many = total > _MANY
    seeds, gap = rows["seed"].tolist(), [None] * len(rows)
    ink.add_trace(
        go.Scatter(
            x=[at for seed in seeds for at in (seed, seed, None)],
            y=_woven(rows["low"].tolist(), rows["high"].tolist(), gap),
            mode="lines",
            line={"color": colour, "width": 1.5 if many or hollow else 2.5},
            hoverinfo="skip",
        )
    )
    size = 5 if many else 8
    ink.add_trace(
        go.Scatter(
            x=seeds,
            y=rows["value"].tolist(),
            mode="markers",
            marker={
                "size": size + 2 if hollow else size,
                "color": look.paper if hollow else colour,
                "line": {"color": colour, "width": 2 if hollow else 0},
            },
            hovertext=_hover(rows, hollow=hollow),
            hoverinfo="text",
        )
    )


def _woven(*columns: Sequence[object]) -> list[object]:
    return [value for row in zip(*columns, strict=True) for value in row]


def _hover(rows: pd.DataFrame, *, hollow: bool) -> list[str]:
    digits = digits_for([*rows["low"], *rows["high"]])
    verdict = t("misses the truth") if hollow else t("holds the truth")
    return [
        t(
            "seed {seed}: {numbers}, {verdict}, simulated",
            seed=number(row["seed"]),
            numbers=in_words(row["value"], row["low"], row["high"], digits=digits),
            verdict=verdict,
        )
        for row in rows.to_dict("records")
    ]


def _draw_truth(ink: Ink, frame: pd.DataFrame, look: Palette) -> None:
    truth = float(frame["truth"].iloc[0])
    line = {"color": look.ink, "width": 1.5, "dash": "dot"}
    ink.add_shape(type="line", xref="paper", x0=0, x1=1, yref="y", y0=truth, y1=truth, line=line)
    digits = digits_for([*frame["low"], *frame["high"]])
    words = t("truth {value}", value=number(truth, digits=digits, signed=True))
    margin_note(ink, beside(words, units_words(float(frame["n_units"].iloc[0])), look), y=truth,
                yref="y")  # fmt: skip


def _reach(frame: pd.DataFrame) -> list[float]:
    low = float(np.nanmin([frame["low"].min(), frame["truth"].min()]))
    high = float(np.nanmax([frame["high"].max(), frame["truth"].max()]))
    pad = 0.06 * (high - low) or 1.0
    return [low - pad, high + pad]


def _say_nothing(ink: Ink, look: Palette) -> None:
    ink.add_annotation(
        text=t("No estimate to show: every simulated data set was refused."),
        xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False,
        font={"size": 13, "color": look.ink},
    )  # fmt: skip


def lab_words(frame: pd.DataFrame) -> str:
    """Say what `lab_figure` shows."""
    if frame.empty:
        return t("No estimate to show: every simulated data set was refused.")
    holds = frame["holds"].astype(bool)
    digits = digits_for([*frame["low"], *frame["high"]])
    unit = str(frame["unit"].iloc[0])
    truth = number(float(frame["truth"].iloc[0]), digits=digits, signed=True)
    missed = [number(seed) for seed in frame.loc[~holds, "seed"]]
    said = t(
        "Simulated ({scenario}, {n} units each), {method} for “{outcome}”: {hits}. "
        "The truth is {truth} {unit}.",
        scenario=clipped(frame["scenario"].iloc[0]),
        n=number(float(frame["n_units"].iloc[0])),
        hits=hits_words(int(holds.sum()), len(frame), float(frame["level"].iloc[0])),
        method=str(frame["method"].iloc[0]),
        outcome=clipped(frame["outcome"].iloc[0]),
        truth=truth,
        unit=unit,
    )
    if not missed:
        return said
    shown = ", ".join(missed[:_MOST_NAMED])
    left = len(missed) - _MOST_NAMED
    if left > 0:
        shown = t("{names} and {left} more", names=shown, left=number(left))
    return said + t(" Missed by the data sets with seed {seeds}.", seeds=shown)


# ---------------------------------------------------------------- the summary


def lab_summary_frame(lab: LabRuns) -> pd.DataFrame:
    """Return, per outcome and method, how often the truth was held, bias, error and width.

    Columns: `held` of `runs` intervals hold the truth, `usual_low` to `usual_high` is usual at
    the level of the intervals; `truth`, `bias` (mean error), `rmse` (root of the mean squared
    error) and `width` (mean) are per 1,000 units.
    """
    rows = [
        _summary_row(lab, outcome, method)
        for outcome in lab.outcomes
        for method in (Method.AIPW, Method.PLUGIN, Method.LINEAR, Method.NAIVE)
        if lab.of(outcome, method)
    ]
    return pd.DataFrame(rows, columns=list(_SUMMARY))


def _summary_row(lab: LabRuns, outcome: str, method: Method) -> dict[str, object]:
    runs = lab.of(outcome, method)
    errors = PER_THOUSAND * np.array([run.value - run.truth for run in runs])
    widths = PER_THOUSAND * np.array([run.high - run.low for run in runs])
    low, high = usual_hits(len(runs), lab.level)
    return {
        "outcome": outcome,
        "method": method.value,
        "label": method_words(method),
        "runs": len(runs),
        "held": sum(run.holds for run in runs),
        "usual_low": low,
        "usual_high": high,
        "truth": PER_THOUSAND * runs[0].truth,
        "bias": float(errors.mean()),
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "width": float(widths.mean()),
        "unit": t("per 1,000 units"),
    }


def lab_sentence(lab: LabRuns, outcome: str) -> str:
    """Return how often intervals held the truth, beside the raw difference, and what was refused.

    Examples
    --------
    >>> from causal_core.results import LabRun, LabRuns, Method
    >>> runs = [
    ...     LabRun(seed=seed, outcome="click", method=method, value=value, low=value - 0.02,
    ...            high=value + 0.02, truth=0.1)
    ...     for seed in range(1, 21)
    ...     for method, value in ((Method.AIPW, 0.11), (Method.NAIVE, 0.2))
    ... ]
    >>> lab_sentence(LabRuns(scenario="funnel", n=2000, model="linear", runs=tuple(runs)), "click")
    '20 of 20 intervals held the truth (17 to 20 is usual); the raw difference: 0.'
    """
    best, naive = (lab.of(outcome, method) for method in (Method.AIPW, Method.NAIVE))
    if not best:
        return t(
            "All {n} simulated data sets were refused, so there is no estimate. That is right "
            "where nobody is comparable.",
            n=number(lab.refused),
        )
    said = t(
        "{hits}; the raw difference: {raw}.",
        hits=hits_words(sum(run.holds for run in best), len(best), lab.level),
        raw=number(sum(run.holds for run in naive)),
    )
    if not lab.refused:
        return said
    return said + t(
        " Refused, so without an estimate: {refused} of {n} data sets.",
        refused=number(lab.refused),
        n=number(lab.refused + len(best)),
    )


def hits_words(held: int, runs: int, level: float) -> str:
    """Return “95 of 100 intervals held the truth (90 to 99 is usual)”."""
    low, high = usual_hits(runs, level)
    return t(
        "{held} of {runs} intervals held the truth ({low} to {high} is usual)",
        held=number(held), runs=number(runs), low=number(low), high=number(high),
    )  # fmt: skip


def usual_hits(runs: int, level: float) -> tuple[int, int]:
    """Return between which counts the hits of right intervals lie in 95 of 100 such labs.

    These are the 2.5 % and the 97.5 % quantile of the binomial distribution.

    Examples
    --------
    >>> usual_hits(100, 0.95), usual_hits(20, 0.95)
    ((90, 99), (17, 20))
    """
    tail = (1 - _USUAL) / 2
    below, low, high = 0.0, runs, runs
    for hits in range(runs + 1):
        before = below
        below += math.comb(runs, hits) * level**hits * (1 - level) ** (runs - hits)
        low = hits if before < tail <= below else low
        if below >= 1 - tail:
            high = hits
            break
    return low, high
