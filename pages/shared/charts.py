"""Draws the core's figures: each with its text alternative and “Show as table”."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from causal_core import figures
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.results import Effects, Truth
from causal_core.table import BehaviorTable
from pages.shared.picture import draw as _draw
from pages.shared.picture import mode as _mode
from pages.shared.wording import literal


def columns_by_time(table: BehaviorTable) -> None:
    """Show the columns under before, at, after, don't know."""
    frame = figures.columns_frame(table)
    figure = figures.column_figure(frame, mode=_mode())
    _draw("columns", t("What was known when"), frame, figure, figures.column_words(frame))


def marks(
    analysis: Analysis, truth: Truth | None = None, guess: Mapping[str, float] | None = None
) -> figures.Marks:
    """Return what is drawn beside the estimates: break-even, truth, her guess."""
    return figures.Marks(payoff=analysis.payoff, truth=truth, guess=guess or {})


def bridge(analysis: Analysis, outcome: str, beside: figures.Marks | None = None) -> None:
    """Show the way from the raw difference to the effect."""
    effects = analysis.effects
    if effects is None:
        return
    causal = effects.estimand.causal
    frame = figures.bridge_frame(effects, outcome, marks=beside or marks(analysis))
    figure = figures.bridge_figure(frame, mode=_mode(), causal=causal)
    words = figures.bridge_words(frame, causal=causal)
    numbers = figures.bridge_table(frame, causal=causal)
    _draw("bridge", t("From the raw difference to the effect"), numbers, figure, words)


def outcomes(analysis: Analysis, truth: Truth | None, beside: figures.Marks | None = None) -> None:
    """Show the primary estimate of each outcome."""
    if analysis.effects is not None:
        drawn = beside or marks(analysis, truth)
        frame = figures.effects_frame(analysis.effects, allowed=analysis.headline, marks=drawn)
        title = t("All outcomes") if analysis.headline else t("What the data show, not an answer")
        _intervals("outcomes", title, frame)


def methods(analysis: Analysis, outcome: str, beside: figures.Marks) -> None:
    """Show one outcome by every method."""
    if analysis.effects is not None:
        frame = figures.effects_frame(
            analysis.effects, allowed=analysis.headline, marks=beside, outcome=outcome
        )
        _intervals("methods", t("The same outcome by every method"), frame)


def segments(analysis: Analysis, outcome: str, column: str | None) -> None:
    """Show one outcome's effect within each segment, of one covariate or of all."""
    if analysis.effects is not None:
        frame = figures.segment_frame(
            analysis.effects,
            outcome,
            allowed=analysis.headline,
            break_even=analysis.break_even(outcome),
        )
        rows = frame if column is None else frame[frame["column"] == column].reset_index(drop=True)
        figure, words = figures.segment_figure(rows, mode=_mode()), figures.segment_words(rows)
        names = [f"{row.column}: {row.segment}" for row in rows.itertuples()]
        numbers = figures.interval_table(rows.assign(label=names))
        _draw("segments", t("For whom"), numbers, figure, words)
        st.html(f'<p class="said">{literal(words)}</p>')


def pilot(effects: Effects, beside: figures.Marks) -> None:
    """Show the intervals of a sample, hollow, since a pilot gives no verdict."""
    frame = figures.effects_frame(effects, allowed=True, marks=beside)
    _intervals("pilot", t("What the pilot shows"), frame.assign(state="pilot"))


def stale(effects: Effects) -> None:
    """Show what stood here before something under it changed, greyed."""
    frame = figures.effects_frame(effects, allowed=False)
    _intervals("stale", t("The earlier answer, no longer current"), frame)


def _intervals(key: str, title: str, frame: pd.DataFrame) -> None:
    figure = figures.interval_figure(frame, mode=_mode())
    _draw(key, title, figures.interval_table(frame), figure, figures.interval_words(frame))


def overlap(effects: Effects) -> None:
    """Show who is comparable, and the balance before and after weighting."""
    mode = _mode()
    frame = figures.overlap_frame(effects.overlap)
    if len(frame):
        figure = figures.overlap_figure(frame, mode=mode)
        words = figures.overlap_words(frame)
        _draw("overlap", t("Chance of getting the treatment"), frame, figure, words)
    frame = figures.balance_frame(effects.overlap)
    if len(frame):
        figure = figures.balance_figure(frame, mode=mode)
        words = figures.balance_words(frame)
        _draw("balance", t("How alike the groups are"), frame, figure, words)
