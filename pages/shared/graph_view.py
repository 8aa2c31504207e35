"""The graph as a picture, and beside it what it says about the question."""

from __future__ import annotations

import streamlit as st

from causal_core import figures
from causal_core.language import t
from pages.shared.graph_state import Standing
from pages.shared.picture import draw, mode
from pages.shared.wording import literal

STABLE = 0.5
_MOST_SETS = 3


def picture(shown: Standing) -> None:
    """Draw the graph; what is weak, or follows from the layers anyway, hides behind a count."""
    nodes = figures.nodes_frame(shown.graph, shown.schema)
    edges = figures.edges_frame(shown.graph)
    if shown.drafted:
        ends = [shown.question.treatment, *shown.question.outcomes]
        quiet, title = ~edges["source"].isin(ends), t("Layers from the roles")
        words = t("Show {n} edges that follow from the layers", n=int(quiet.sum()))
    else:
        quiet, title = edges["stability"] < STABLE, t("What causes what")
        words = t("Show {n} edges below 50 % stability", n=int(quiet.sum()))
    place = st.container()
    if quiet.any() and not st.toggle(words, key=f"quiet-{shown.key}"):
        edges = edges[~quiet]
    with place:
        figure = figures.graph_figure(nodes, edges, mode=mode())
        draw("graph", title, edges, figure, figures.graph_words(nodes, edges))


def beside(shown: Standing) -> None:
    """Say what is adjusted for, what would do, what must not be, and what is open."""
    said = shown.said
    _names(t("Adjusted for"), list(said.adjustment_set), t("nothing"))
    if said.minimal_sets and said.minimal_sets != (said.adjustment_set,):
        sets = [", ".join(names) or t("nothing") for names in said.minimal_sets]
        _names(t("Smallest sets that would do"), sets[:_MOST_SETS], "", mark="·")
    if said.bad_controls:
        _names(t("Never: consequences of the treatment"), list(said.bad_controls), "")
    if said.open_paths:
        _names(t("Open paths"), list(said.open_paths), "", mark="·")
    _names(t("Edges without a direction"), [str(shown.open)], "")
    if shown.violations:
        _names(t("Against your knowledge"), list(shown.violations), "", mark="·")


def _names(title: str, names: list[str], nothing: str, *, mark: str = "") -> None:
    joined = "<br>".join(f"{mark} {literal(name)}" for name in names)
    body = joined if mark else literal(", ".join(names) or nothing)
    st.html(f'<div class="check"><strong>{literal(title)}</strong><br>{body}</div>')
