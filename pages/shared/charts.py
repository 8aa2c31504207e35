"""Draws the core's figures: each with its text alternative and “Show as table”."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from causal_core import figures, report
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.results import Effects, Report, Truth
from causal_core.table import BehaviorTable
from pages.shared.picture import draw as _draw
from pages.shared.picture import mode as _mode


def columns_by_time(table: BehaviorTable) -> None:
    """Show the columns under before, at, after, don't know."""
    frame = figures.columns_frame(table)
    figure = figures.column_figure(frame, mode=_mode())
    _draw("columns", t("What was known when"), frame, figure, figures.column_words(frame))


def bridge(analysis: Analysis, outcome: str) -> None:
    """Show the way from the raw difference to the effect."""
    effects = analysis.effects
    if effects is None:
        return
    causal = effects.estimand.causal
    frame = figures.bridge_frame(effects, outcome)
    figure = figures.bridge_figure(frame, mode=_mode(), causal=causal)
    words = figures.bridge_words(frame, causal=causal)
    _draw("bridge", t("From the raw difference to the effect"), frame, figure, words)


def outcomes(analysis: Analysis, truth: Truth | None) -> None:
    """Show the primary estimate of each outcome."""
    if analysis.effects is not None:
        frame = figures.effects_frame(analysis.effects, allowed=analysis.headline, truth=truth)
        title = t("All outcomes") if analysis.headline else t("What the data show, not an answer")
        _intervals("outcomes", title, frame)


def methods(analysis: Analysis, outcome: str, truth: Truth | None) -> None:
    """Show one outcome by every method."""
    if analysis.effects is not None:
        frame = figures.effects_frame(
            analysis.effects, allowed=analysis.headline, truth=truth, outcome=outcome
        )
        _intervals("methods", t("The same outcome by every method"), frame)


def stale(effects: Effects) -> None:
    """Show what stood here before something under it changed, greyed."""
    frame = figures.effects_frame(effects, allowed=False)
    _intervals("stale", t("The earlier answer, no longer current"), frame)


def _intervals(key: str, title: str, frame: pd.DataFrame) -> None:
    figure = figures.interval_figure(frame, mode=_mode())
    _draw(key, title, frame, figure, figures.interval_words(frame))


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


Key = tuple[tuple[str, str], ...]


@st.cache_data(max_entries=8, show_spinner=False)
def report_files(_analysis: Analysis, key: Key, title: str) -> Report:  # noqa: ARG001 - the key
    """Return the report of an analysis; `key` holds the digests of all that stands in it."""
    return report.compose(_analysis, title=title)


@st.cache_data(max_entries=8, show_spinner=False)
def report_archive(_made: Report, key: Key, title: str) -> bytes:  # noqa: ARG001 - the key
    """Return all files of a report as one zip."""
    return report.archive(_made)
