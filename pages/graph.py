"""Graph room. Takes the columns' roles or the data, gives graph and adjustment set."""

import streamlit as st

from causal_core.language import t
from pages.shared import (
    edge_form,
    edge_table,
    example,
    frame,
    graph_state,
    graph_view,
    job_panel,
    waiting,
)
from pages.shared.graph_wording import room_sentence

ALPHAS = (0.001, 0.005, 0.01, 0.05, 0.1)
HALVES = 20


def first(words: str, door: str) -> None:
    """Say which room comes first, and show what will stand here."""
    frame.say(words)
    frame.door("pages/data.py", door, primary=True)
    shown = example.part("table", "graph")
    with example.pale("graph"):
        graph_view.example(shown.need("graph"), shown.need("table").schema)


def discover(room: frame.Room, shown: graph_state.Standing) -> None:
    """Offer to search the graph in the data, and to go back to the graph before."""
    place, key = st.container(), shown.snapshot.project.id
    with st.expander(t("More: how it is searched")):
        alpha = st.select_slider(
            t("Significance level of the tests"),
            ALPHAS,
            value=0.01,
            key=f"alpha-{key}",
            help=t("Smaller gives fewer edges."),
        )
        halves = st.number_input(
            t("Half-samples for the stability"),
            min_value=0,
            max_value=200,
            value=HALVES,
            step=10,
            key=f"halves-{key}",
            help=t("How often each edge comes back on halves of the data; 0 skips it."),
        )
    settings: dict[str, object] = {"alpha": alpha, "bootstrap": int(halves)}
    with place:
        words = t("Discover") if shown.drafted else t("Discover again")
        if st.button(
            waiting.timed(words, shown.snapshot, shown.question, "discover", settings),
            type="primary" if shown.drafted else "secondary",
            disabled=room.busy,
            width="content",
            key=f"find-{key}",
            help=waiting.cost(shown.snapshot, shown.question, "discover", settings),
        ):
            job_panel.start(key, "discover", settings, room.snapshot)
            st.rerun()
        if shown.hers:
            st.caption(t("This replaces {n} edges that you drew or turned.", n=shown.hers))
        undo(room, shown)


def undo(room: frame.Room, shown: graph_state.Standing) -> None:
    """Offer the graph that stood here before."""
    version = graph_state.previous(shown)
    if version is None:
        return
    words = t("Undo: back to graph {n}", n=version.number)
    if st.button(words, disabled=room.busy, key=f"undo-{shown.key}"):
        redone = graph_state.restored(shown, version)
        if redone is not None:
            graph_state.save(shown, redone)
        st.warning(t("That graph says nothing about the treatment or an outcome asked about now."))


def full(room: frame.Room) -> None:
    """Show the graph, what it says, and the ways to change it."""
    shown = graph_state.standing(graph_state.form(room))
    if room.busy and room.job is not None and room.job.step == "discover":
        frame.say(t("The graph is being searched. You may leave this page; the work goes on."))
        with st.container(key="greyed"):
            graph_view.picture(shown)
        return
    frame.say(room_sentence(shown))
    with graph_view.room():
        with graph_view.left():
            graph_view.picture(shown)
        with graph_view.right():
            graph_view.beside(shown)
            discover(room, shown)
    st.subheader(t("Edit the graph"), anchor=False)
    one, table = st.columns([1.25, 2.6], gap="large")
    with one:
        edge_form.ask(shown, busy=room.busy)
    with table:
        edge_table.ask(shown, busy=room.busy)
    if shown.drafted:
        graph_view.earlier(room)


with frame.room(t("Graph")) as room:
    if "table" not in room.snapshot.fingerprints:
        words = t("The graph needs a table first: its columns are what causes and is caused.")
        first(words, t("Bring a table"))
    elif "question" not in room.snapshot.fingerprints:
        words = t("Ask a question first: the graph is read from its treatment to its outcomes.")
        first(words, t("Ask a question"))
    else:
        full(room)
