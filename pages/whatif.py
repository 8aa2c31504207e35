"""What-if room. Takes a decided graph, gives a board of scenarios beside as today."""

import streamlit as st

from causal_core.agreement import everyone_and_nobody
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.question import CausalQuestion
from causal_core.results import Scenarios
from pages.shared import board, example, frame, job_panel, levers, waiting

SLOTS = (
    "table", "question", "payoff", "pattern", "graph", "estimand", "effects", "refutations",
    "scenarios", "policies",
)  # fmt: skip


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
    if shown.question is not None and shown.graph is not None:
        return False
    if shown.question is None:
        frame.say(t("Scenarios need a question first: what is the treatment, what may it change?"))
        frame.door("pages/data.py", t("Ask a question"), primary=True)
    elif room.busy:
        frame.say(t("The graph is being worked out. You may leave this page; the work goes on."))
    elif shown.pattern is not None and shown.pattern.undirected:
        frame.say(board.open_sentence(shown.pattern))
        board.open_edges(shown.pattern)
        frame.door("pages/graph.py", t("Decide the open edges"), primary=True)
    else:
        frame.say(t("Scenarios need a graph: which column causes which?"))
        frame.door("pages/graph.py", t("Draw or discover the graph"), primary=True)
    earlier(room, shown)
    return True


def earlier(room: frame.Room, shown: Analysis) -> None:
    """Show the board that stood here before, greyed, or the example."""
    if not frame.rests(room, "scenarios"):
        with example.pale("board"):
            board.looked_at(example.part("scenarios").scenarios)
        return
    stale = room.snapshot.stale["scenarios"].value
    again = t("Play the earlier board again")
    if shown.graph is not None and st.button(again, disabled=room.busy):
        play(room, [levers.record_of(item) for item in stale.items])
    with st.container(key="greyed"):
        board.looked_at(stale)


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
            board_now = {"scenarios": [*records, new]}
            words = waiting.timed(t("Play"), room.snapshot, shown.question, "whatif", board_now)
            if st.button(words, type="primary", disabled=closed, key="play"):
                play(room, [*records, new])
            if known:
                st.caption(t("This scenario is on the board."))
    return desk


def full(room: frame.Room, shown: Analysis) -> None:
    """Show sentence, levers, agreement and cards."""
    played = shown.scenarios
    if room.busy and room.job.step == "whatif":
        frame.say(t("The scenarios are being played. You may leave this page; the work goes on."))
        if played is None:
            earlier(room, shown)
        else:
            with st.container(key="greyed"):
                board.looked_at(played)
        return
    if played is None:
        frame.say(t("“Everyone” is filled in, and drawn beside as today: press Play."))
    else:
        frame.say(board.sentence(shown, played))
    on_desk = form(room, shown, played)
    if played is None:
        earlier(room, shown)
    else:
        board.cards(room, shown, on_desk)
        board.agreement(shown)
    st.caption(board.mechanism_words())


with frame.room(t("What-if")) as room:
    shown = room.snapshot.part(*SLOTS)
    if not stopped(room, shown):
        full(room, shown)
