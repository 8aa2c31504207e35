"""Report room. Takes the analysis, gives page one and downloads, computes nothing."""

import streamlit as st

from causal_core.language import t
from pages.shared import frame
from pages.shared import report_view as view


def say(room: frame.Room, *, answered: bool) -> None:
    """Say whether a headline is allowed, or what page one still waits for."""
    if answered:
        frame.say(view.sentence(room.snapshot.part("estimand", "effects", "refutations")))
    elif room.busy:
        frame.say(t("The answer is being worked out. Page one fills itself when it is there."))
    else:
        frame.say(t("Nothing to hand on yet: page one waits for an answer."))


with frame.room(t("Report")) as room:
    answered = "effects" in room.snapshot.fingerprints
    key = view.key_of(room.snapshot)
    page, side = st.columns([3, 1.25], gap="large")
    with page:
        say(room, answered=answered)
        if not answered and not room.busy:
            frame.answer_button(room)
        view.stale(room)
        shown = room.snapshot.part(*view.PAGE)
        view.sheet(room, view.first_page(room.snapshot, key), shown)
    with side:
        if answered:
            view.downloads(room.snapshot, key)
            view.checks(shown)
