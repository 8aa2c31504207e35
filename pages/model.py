"""Model room. Takes the question, shows the training's quality; starts it by another model."""

import streamlit as st

from causal_core.agreement import calibration
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.question import CausalQuestion
from causal_core.results import Comparable, FitRecord
from pages.shared import example, frame, job_panel, training, waiting

RUNNING = ("answer", "overlap")


def control(
    room: frame.Room, question: CausalQuestion, record: FitRecord | None, *, closed: bool = False
) -> None:
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
        settings: dict[str, object] = {"model": chosen}
        words = waiting.timed(t("Train"), snapshot, question, "answer", settings)
        busy = room.busy or closed
        if st.button(words, type="primary", disabled=busy, key=f"train-{key}"):
            job_panel.start(snapshot.project.id, "answer", settings, snapshot)
            st.rerun()
    if closed:
        st.caption(t("Train stays closed: nobody learns an effect where nobody is comparable."))
        frame.door("pages/data.py", t("Choose other units"))
    else:
        st.caption(training.what_follows(record))


def look(room: frame.Room, question: CausalQuestion) -> None:
    """Show who is comparable before any training, or offer to find out."""
    snapshot = room.snapshot
    found = snapshot.get("comparable")
    if isinstance(found, Comparable):
        frame.say(training.comparable_sentence(found.overlap))
        if not found.overlap.sufficient:
            st.text(f"△ {found.overlap.sentence}")
        training.overlap(found.overlap, question)
        control(room, question, None, closed=not found.overlap.sufficient)
        return
    frame.say(t("Nobody has trained a model for this question yet."))
    control(room, question, None)
    words = waiting.timed(t("See first who is comparable"), snapshot, question, "overlap", {})
    if st.button(words, disabled=room.busy, key=f"look-{snapshot.project.id}"):
        job_panel.start(snapshot.project.id, "overlap", {}, snapshot)
        st.rerun()


def old(room: frame.Room) -> None:
    """Show the model that stood here before, greyed, or the example."""
    if frame.rests(room, "model"):
        record = room.snapshot.stale["model"].value.record
        with st.container(key="greyed"):
            training.calibrations(record)
            training.quality(record, [calibration(item) for item in record.quality])
        return
    shown = example.part("effects", "model")
    with example.pale("model"):
        if room.snapshot.get("comparable") is None:
            training.comparable(shown)
        else:  # her own histogram stands above
            training.predictions(shown)


def full(room: frame.Room, shown: Analysis) -> None:
    """Show who is comparable and how well each outcome is met."""
    record = shown.model.record
    judged = [calibration(item) for item in record.quality]
    overlap = shown.effects.overlap if shown.effects is not None else None
    if overlap is not None:
        frame.say(training.sentence(overlap, judged))
    training.misses(judged)
    for warning in record.warnings:
        st.text(f"△ {warning}")
    if overlap is not None and not overlap.sufficient:
        st.text(f"△ {overlap.sentence}")
    training.comparable(shown)
    control(room, shown.question, record, closed=overlap is not None and not overlap.sufficient)
    training.predictions(shown)
    with st.expander(t("More: quality of each outcome, loss curve")):
        training.quality(record, judged)
        training.losses(record)


with frame.room(t("Model")) as room:
    shown = room.snapshot.part("question", "estimand", "effects", "model")
    step = room.job.step if room.busy and room.job is not None else None
    if shown.question is None:
        frame.say(t("A model needs a question first: what is the treatment, what may it change?"))
        frame.door("pages/data.py", t("Ask a question"), primary=True)
        old(room)
    elif step in RUNNING:
        words = t("The model is being trained. You may leave this page; the work goes on.")
        if step == "overlap":
            words = t("Who is comparable is being looked up; it takes seconds.")
        frame.say(words)
        if shown.model is None:
            old(room)
        else:
            with st.container(key="greyed"):
                training.results(shown)
    elif shown.model is not None:
        full(room, shown)
    else:
        look(room, shown.question)
        old(room)
