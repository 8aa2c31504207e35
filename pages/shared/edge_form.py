"""One edit at a time: choose an edge or draw one, see what it would change, save it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from causal_core import identification
from causal_core.errors import AnalysisError
from causal_core.graph import Drawing, Edge, EdgeKind, changes, edited, redrawn
from causal_core.language import t
from pages.shared import graph_state
from pages.shared.graph_state import Standing
from pages.shared.graph_wording import change_words, cost_words, edge_line, kind_words
from pages.shared.wording import label, literal


def ask(shown: Standing, *, busy: bool) -> None:
    """Offer to change one edge, or to draw one."""
    graph, key = shown.graph, shown.key
    edges = {edge_line(edge): at for at, edge in enumerate(graph.edges)}
    chosen = st.selectbox(
        t("Change this edge"),
        list(edges),
        index=None,
        placeholder=t("Choose an edge"),
        key=f"edge-{key}",
    )
    if chosen is not None:
        at = edges[chosen]
        edge = graph.edges[at]
        change = st.selectbox(
            t("What to do with it"),
            changes(edge),
            format_func=lambda one: change_words(one, edge),
            key=f"change-{key}-{at}",
        )
        offer(shown, lambda: edited(graph, at, change), t("Save this edit"), busy=busy)
    _draw(shown, busy=busy)


def _draw(shown: Standing, *, busy: bool) -> None:
    key, nodes = shown.key, shown.graph.nodes
    ask_for = t("Choose a column")
    source = st.selectbox(
        t("Draw an edge from"), nodes, index=None, placeholder=ask_for, key=f"from-{key}"
    )
    target = st.selectbox(t("…to"), nodes, index=None, placeholder=ask_for, key=f"to-{key}")
    if source is None or target is None:
        return
    kind = st.selectbox(
        t("Kind of the new edge"), list(EdgeKind), format_func=kind_words, key=f"kind-{key}"
    )
    new = Edge(source=source, target=target, kind=kind or EdgeKind.DIRECTED)
    offer(
        shown,
        lambda: redrawn(shown.graph, (*shown.graph.edges, new)),
        t("Add this edge"),
        busy=busy,
    )


def offer(shown: Standing, draw: Callable[[], Drawing], words: str, *, busy: bool) -> None:
    """Say what an edit would change, or why it cannot be; a click saves it."""
    try:
        redone = identification.redraw(shown.snapshot.analysis, draw())
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
        return
    estimated = "effects" in shown.snapshot.fingerprints
    title = t("What this edit would change")
    sentences = "<br>".join(map(literal, cost_words(redone, estimated=estimated)))
    st.html(f'<div class="check"><strong>{literal(title)}</strong><br>{sentences}</div>')
    if st.button(words, type="primary", disabled=busy, key=f"save-{words}-{shown.key}"):
        graph_state.save(shown, redone)
