"""Model room. Takes the question, shows the training's quality; starts it by another model."""

import streamlit as st

from causal_core.agreement import calibration
from causal_core.analysis import Analysis
from causal_core.language import number, t
from causal_core.results import FitRecord
from pages.shared import frame, job_panel, session, training


def control(room: frame.Room, record: FitRecord | None, *, closed: bool = False) -> None:
    """Let her choose the model and train it; the whole chain is answered with it."""
    snapshot = room.snapshot
    key = f"{snapshot.project.id}-{snapshot.revision}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            t("Model of the outcomes"),
            training.MODELS,
            default=record.model if record and record.model in training.MODELS else "mlp",
            required=True,
            format_func=training.model_words,
            key=f"model-{key}",
        )
        busy = room.busy or closed
        if st.button(t("Train"), type="primary", disabled=busy, key=f"train-{key}"):
            job_panel.start(snapshot.project.id, "answer", {"model": chosen}, snapshot)
            st.rerun()
    if closed:
        st.caption(t("Train stays closed: nobody learns an effect where nobody is comparable."))
        st.page_link("pages/data.py", label=t("Choose other units"), query_params=session.link())
    elif record is None:
        st.caption(t("Training answers the whole question: estimates and attempts to break them."))
    else:
        seconds = number(max(record.seconds, 1.0))
        st.caption(t("The last training took {n} s; estimates and attempts follow.", n=seconds))


def empty(room: frame.Room) -> None:
    """Say what comes first, or offer to train."""
    snapshot = room.snapshot
    if room.busy:
        frame.say(t("The model is being trained. You may leave this page; the work goes on."))
    elif "question" not in snapshot.fingerprints:
        frame.say(t("A model needs a question first: what is the treatment, what may it change?"))
        st.page_link("pages/data.py", label=t("Go to Data"), query_params=session.link())
        return
    else:
        frame.say(t("Nobody has trained a model for this question yet."))
        control(room, None)
    if "model" in snapshot.stale:
        st.caption(f"△ {snapshot.stale['model'].reason}")
        record = snapshot.stale["model"].value.record
        with st.container(key="greyed"):
            training.quality(record, [calibration(item) for item in record.quality])


def full(room: frame.Room, shown: Analysis) -> None:
    """Show who is comparable and how well each outcome is met."""
    record = shown.model.record
    judged = [calibration(item) for item in record.quality]
    enough = True
    if shown.effects is not None:
        enough = shown.effects.overlap.sufficient
        frame.say(training.sentence(shown.effects.overlap, judged))
    training.misses(judged)
    for warning in record.warnings:
        st.text(f"△ {warning}")
    control(room, record, closed=not enough)
    training.overlap(shown)
    st.subheader(t("Are predictions right? Predicted and observed, on units held out"))
    training.calibrations(record)
    with st.expander(t("More: quality of each outcome, loss curve")):
        training.quality(record, judged)
        training.losses(record)


with frame.room(t("Model")) as room:
    shown = room.snapshot.part("question", "estimand", "effects", "model")
    if shown.model is None:
        empty(room)
    else:
        full(room, shown)
