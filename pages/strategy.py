"""Strategy room. Takes question, model and payoff, gives policies within a budget."""

import streamlit as st

from causal_core.analysis import Analysis
from causal_core.language import t
from pages.shared import frame
from pages.shared import strategy_view as view


def unasked() -> None:
    """Say that a question comes first."""
    frame.say(t("Who should get it, within a budget? Ask first what “it” may change."))
    frame.door("pages/data.py", t("Ask a question"), primary=True)
    view.example_picture()


def untrained(room: frame.Room, shown: Analysis) -> None:
    """Offer to answer the question first; the money may be stated already."""
    page, side = st.columns([3, 1.25], gap="large")
    with page:
        if room.busy:
            words = t("Who gains is being worked out. You may leave this page; the work goes on.")
            frame.say(words)
        else:
            frame.say(t("Who should get it, within a budget? First it must be known who gains."))
            frame.answer_button(room)
        earlier(room)
    with side:
        view.control(room, shown, comparing=False)


def earlier(room: frame.Room) -> None:
    """Show the policies that no longer rest on what stands, greyed; else the example."""
    if frame.rests(room, "policies"):
        with st.container(key="greyed"):
            view.pictures(room.snapshot.stale["policies"].value, allowed=True)
    else:
        view.example_picture()


def desk(room: frame.Room, shown: Analysis) -> None:
    """Show sentence, pictures, control and what stands beside."""
    policies, window = shown.policies, shown.question.window
    comparing = room.busy and room.job.step == "policy"
    page, side = st.columns([3, 1.25], gap="large")
    with side:
        view.control(room, shown, comparing=True)
        if policies is not None:
            view.beside(policies, window)
    with page:
        if comparing:
            frame.say(t("The policies are being compared. You may leave this page meanwhile."))
        elif policies is None:
            frame.say(t("Who should get it, within a budget? Say what it may cost, then compare."))
        if policies is None:
            earlier(room)
            return
        if not comparing:
            frame.say(view.sentence(shown, policies))
            view.advice(shown, policies)
        view.pictures(policies, allowed=shown.headline)
        view.side_by_side(policies, allowed=shown.headline)
        view.changes(policies)


with frame.room(t("Strategy")) as room:
    shown = room.snapshot.part(*view.SHOWN)
    if shown.question is None:
        unasked()
    elif shown.effects is not None and not shown.effects.overlap.sufficient:
        view.refused(shown.effects)
    elif "model" not in room.snapshot.fingerprints:
        untrained(room, shown)
    else:
        desk(room, shown)
