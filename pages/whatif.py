"""What-if room. Takes a decided graph, gives a board of scenarios beside as today."""

import streamlit as st

from causal_core.agreement import everyone_and_nobody
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.question import CausalQuestion
from causal_core.results import Scenarios
from pages.shared import board, frame, job_panel, levers, session


def play(room: frame.Room, records: list[dict[str, object]]) -> None:
    """Play a whole board; it replaces the one before."""
    job_panel.start(room.snapshot.project.id, "whatif", {"scenarios": records}, room.snapshot)
    st.rerun()


def first(question: CausalQuestion, played: Scenarios | None) -> levers.Draft:
    """Return what the levers are filled with: everyone, or nobody once that was played."""
    everyone, nobody = everyone_and_nobody(question, played)
    if everyone is not None and nobody is None:
        return levers.all_at(question, question.contrast.control_value, t("Nobody"))
    return levers.all_at(question, question.contrast.treated_value, t("Everyone"))


def stopped(room: frame.Room, shown: Analysis) -> bool:
    """Say which room comes first, if one does."""
    if shown.question is None:
        frame.say(t("Scenarios need a question first: what is the treatment, what may it change?"))
        st.page_link("pages/data.py", label=t("Go to Data"), query_params=session.link())
    elif shown.graph is None and room.busy:
        frame.say(t("The graph is being worked out. You may leave this page; the work goes on."))
    elif shown.graph is None and shown.pattern is not None and shown.pattern.undirected:
        n = len(shown.pattern.undirected)
        words = t(
            "Edges without a direction: {n}. Decide the open edges in the Graph room first.", n=n
        )
        frame.say(words)
        st.page_link("pages/graph.py", label=t("Go to Graph"), query_params=session.link())
    elif shown.graph is None:
        frame.say(t("Scenarios need a graph: which column causes which?"))
        st.page_link("pages/graph.py", label=t("Go to Graph"), query_params=session.link())
    return shown.question is None or shown.graph is None


def form(room: frame.Room, shown: Analysis, played: Scenarios | None) -> levers.Desk | None:
    """Show the lever rows and play what stands in them."""
    offered = levers.columns(shown.table, shown.graph)
    if not offered:
        st.caption(t("No column of the graph can be moved: none is known before the outcome."))
        return None
    desk = levers.desk(room.snapshot.project.id, first(shown.question, played))
    records = [levers.record_of(item) for item in (played.items if played else ())]
    with st.container(border=True, key="levers"):
        st.subheader(t("Pull the levers"), anchor=False)
        ready = levers.form(desk, shown.table, offered)
        new = desk.now.record
        known = any((new["do"], new["where"]) == (old["do"], old["where"]) for old in records)
        with st.container(horizontal=True, vertical_alignment="center"):
            levers.add_button(desk, shown.table, offered)
            closed = room.busy or known or not ready
            if st.button(t("Play"), type="primary", disabled=closed):
                play(room, [*records, new])
            if known:
                st.caption(t("This scenario is on the board."))
    return desk


def desk(room: frame.Room, shown: Analysis) -> None:
    """Show sentence, levers, agreement and cards."""
    played, stale = shown.scenarios, room.snapshot.stale.get("scenarios")
    if room.busy and room.job.step == "whatif":
        frame.say(t("The scenarios are being played. You may leave this page; the work goes on."))
    elif played is None:
        frame.say(t("“Everyone” is filled in, and drawn beside as today: press Play."))
    else:
        frame.say(board.sentence(shown, played))
    on_desk = form(room, shown, played)
    if played is not None:
        board.cards(room.snapshot, played, on_desk, busy=room.busy)
        board.agreement(shown)
    elif stale is not None:
        st.caption(f"△ {stale.reason}")
        if st.button(t("Play the earlier board again"), disabled=room.busy):
            play(room, [levers.record_of(item) for item in stale.value.items])
        with st.container(key="greyed"):
            board.cards(room.snapshot, stale.value, None, busy=room.busy)
    st.caption(
        t(
            "Linear mechanisms today: each column is a straight line of its causes in the graph, "
            "and each unit keeps what the line does not explain."
        )
    )


SLOTS = ("table", "question", "pattern", "graph", "estimand", "effects", "refutations", "scenarios")
with frame.room(t("What-if")) as room:
    shown = room.snapshot.part(*SLOTS)
    if not stopped(room, shown):
        desk(room, shown)
