"""Effects room. Takes the analysis, gives verdict, pictures and checks; starts the chain."""

import streamlit as st

from causal_core import report
from causal_core.analysis import Verdict, verdict, verdict_words
from causal_core.language import t
from causal_core.results import Effects
from pages.shared import charts, frame, job_panel, session, tables
from pages.shared.wording import check_html, label, literal, verdict_sentence


def answer_button(room: frame.Room, words: str) -> None:
    """Offer to run the whole chain; a click on what another tab has changed since is void."""
    key = f"answer-{room.snapshot.project.id}-{room.snapshot.revision}"
    if st.button(words, type="primary", disabled=room.busy, key=key):
        job_panel.start(room.snapshot.project.id, "answer", {}, room.snapshot)
        st.rerun()


def empty(room: frame.Room) -> None:
    """Say what is missing, and show what will stand here."""
    current, stale = room.snapshot.fingerprints, room.snapshot.stale
    if room.busy:
        frame.say(t("The answer is being worked out. You may leave this page; the work goes on."))
    elif "question" not in current:
        frame.say(t("Ask a question first: what is the treatment, what may it change?"))
        st.page_link("pages/data.py", label=t("Go to Data"), query_params=session.link())
        return
    else:
        frame.say(t("The question stands; nobody has answered it yet."))
        answer_button(room, t("Answer my question"))
    if "effects" in stale:
        st.caption(f"△ {stale['effects'].reason}")
        charts.stale(stale["effects"].value)


def full(room: frame.Room, effects: Effects) -> None:
    """Show verdict, bridge, intervals, checks."""
    analysis = room.snapshot.part("truth", "question", "estimand", "effects", "refutations")
    outcome = report.main_outcome(effects)
    if len(effects.outcomes) > 1:
        outcome = st.segmented_control(
            t("Outcome"), effects.outcomes, default=outcome, required=True, format_func=label
        )
    answer = verdict(effects.of(outcome), allowed=analysis.headline)
    st.html(f'<div class="verdict">{literal(verdict_words(answer))}</div>')
    frame.say(verdict_sentence(analysis, outcome, answer))
    pictures, checks = st.columns([3, 1.25], gap="large")
    with checks:
        st.subheader(t("Checks"))
        for check in analysis.checks():
            st.html(check_html(check))
        lift = analysis.truth is not None and st.toggle(t("Lift the curtain: show the truth"))
    with pictures:
        truth = analysis.truth if lift else None
        if answer is not Verdict.NO_ANSWER:
            charts.bridge(analysis, outcome)
        charts.outcomes(analysis, truth)
    for warning in effects.warnings:
        st.text(f"△ {warning}")
    with st.expander(t("More: methods, overlap, balance, attempts to break it")):
        charts.methods(analysis, outcome, truth)
        charts.overlap(effects)
        tables.refutations(analysis)


with frame.room(t("Effects")) as room:
    found = room.snapshot.get("effects")
    if found is None or room.busy:
        empty(room)
    else:
        full(room, found)
