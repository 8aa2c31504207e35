"""The graph as a picture, and beside it what it says about the question."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from causal_core import figures
from causal_core.graph import CausalGraph, Drawing, EdgeKind, GraphPattern
from causal_core.language import t
from causal_core.schema import Schema
from pages.shared import frame
from pages.shared.graph_state import Standing
from pages.shared.graph_wording import edge_line
from pages.shared.opened import Room
from pages.shared.picture import draw, mode
from pages.shared.wording import literal

STABLE = 0.5
_MOST_SETS = 3
_MOST_OPEN = 6
_STYLE = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-graph-picture) {flex: 999 1 760px; min-width: 0;}
[data-testid="stLayoutWrapper"]:has(> .st-key-graph-beside) {flex: 1 1 250px; min-width: 0;}
.said {display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: .5rem;
  align-items: start;}
.said .check {margin-bottom: 0;}
</style>"""


def room() -> DeltaGenerator:
    """Return the place for picture and words: side by side, or below each other where narrow."""
    st.html(_STYLE)
    return st.container(key="graph-room", horizontal=True, gap="medium")


def left() -> DeltaGenerator:
    """Return the place of the picture."""
    return st.container(key="graph-picture")


def right() -> DeltaGenerator:
    """Return the place beside the picture."""
    return st.container(key="graph-beside")


def picture(shown: Standing) -> None:
    """Draw the graph; what is weak, or follows from the layers anyway, hides behind a count."""
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
        _draw("graph", title, shown.graph, edges, shown.schema)


def example(graph: CausalGraph, schema: Schema) -> None:
    """Draw a graph that is only looked at."""
    _draw("graph-example", t("What causes what"), graph, figures.edges_frame(graph), schema)


def earlier(room: Room) -> None:
    """Show the graph that stood here before its ground changed, greyed."""
    slot = "graph" if "graph" in room.snapshot.stale else "pattern"
    if not frame.rests(room, slot):
        return
    graph = room.snapshot.stale[slot].value
    if not isinstance(graph, CausalGraph | GraphPattern):
        return
    schema = room.snapshot.part("table").need("table").schema
    with st.container(key="greyed"):
        title = t("The earlier graph, no longer current")
        _draw("graph-stale", title, graph, figures.edges_frame(graph), schema)


def _draw(key: str, title: str, graph: Drawing, edges: pd.DataFrame, schema: Schema) -> None:
    nodes = figures.nodes_frame(graph, schema)
    figure = figures.graph_figure(nodes, edges, mode=mode())
    draw(key, title, edges, figure, figures.graph_words(nodes, edges))


def beside(shown: Standing) -> None:
    """Say what is adjusted for, what would do, what must not be, and what is open."""
    said = shown.said
    cards = [_card(t("Adjusted for"), list(said.adjustment_set), t("nothing"))]
    if said.minimal_sets and said.minimal_sets != (said.adjustment_set,):
        sets = [", ".join(names) or t("nothing") for names in said.minimal_sets]
        cards.append(_card(t("Smallest sets that would do"), sets[:_MOST_SETS], "", mark="·"))
    if said.bad_controls:
        title = t("Never: consequences of the treatment")
        cards.append(_card(title, list(said.bad_controls), ""))
    if said.open_paths:
        cards.append(_card(t("Open paths"), list(said.open_paths), "", mark="·"))
    if shown.open:
        cards.append(_card(t("Edges without a direction"), _open(shown), "", mark="·"))
    if shown.violations:
        cards.append(_card(t("Against your knowledge"), list(shown.violations), "", mark="·"))
    st.html(f'<div class="said">{"".join(cards)}</div>')


def _open(shown: Standing) -> list[str]:
    """Return the edges that have no direction yet; many are counted."""
    lines = [edge_line(edge) for edge in shown.graph.edges if edge.kind is EdgeKind.UNDIRECTED]
    if len(lines) <= _MOST_OPEN:
        return lines
    return [*lines[:_MOST_OPEN], t("and {n} more", n=len(lines) - _MOST_OPEN)]


def _card(title: str, names: list[str], nothing: str, *, mark: str = "") -> str:
    joined = "<br>".join(f"{mark} {literal(name)}" for name in names)
    body = joined if mark else literal(", ".join(names) or nothing)
    return f'<div class="check"><strong>{literal(title)}</strong><br>{body}</div>'
