"""Data room. Takes an upload, column times and the question; gives table and question."""

import streamlit as st

from causal_core.language import t
from causal_core.question import Assignment
from pages.shared import charts, frame, job_panel, question_form, session, tables
from pages.shared.wording import label, table_sentence


def upload(room: frame.Room) -> None:
    """Ask for a file where there is none yet."""
    failed = room.job.failure if room.job and room.job.step == "ingest" else None
    if failed is not None:
        st.error(f"{label(failed.found)}  \n{label(failed.remedy)}")
    frame.say(t("This project has no table yet. Bring one with one row per unit."))
    file = st.file_uploader(t("Table"), type=session.FILE_TYPES, key=session.fresh_upload_key())
    if file is not None:
        project_id, upload_id = session.add_table(file.name, file, room.snapshot.project.id)
        job_panel.start(project_id, "ingest", {"upload": upload_id})
        st.rerun()


def ask(room: frame.Room) -> None:
    """Let her say what was known when, ask the question, and have it answered."""
    snapshot = session.form(room.snapshot)
    shown = snapshot.part("table", "question")
    st.subheader(t("The question"))
    key = f"{snapshot.project.id}-{snapshot.revision}"
    asked = question_form.ask(shown.table, shown.question, key)
    if not asked.before and asked.question.assignment is not Assignment.CHANCE:
        st.caption(
            t(
                "△ Nothing is said to be known before: the answer will be associational, "
                "without a headline number."
            )
        )
    waits = room.busy and snapshot.revision == room.snapshot.revision  # else: another tab's work
    if st.button(t("Answer my question"), type="primary", disabled=waits):
        put = snapshot.analysis.asking(asked.question, before=asked.before)
        saved = session.save(snapshot, put)
        job_panel.start(saved.project_id, "answer", {}, saved.snapshot)
        session.go("pages/effects.py", saved.project_id)


with frame.room(t("Data")) as room:
    table = room.snapshot.get("table")
    if table is None and room.busy:
        frame.say(t("The file is being read. You may leave this page; the work goes on."))
    elif table is None:
        upload(room)
    else:
        frame.say(table_sentence(table))
        charts.columns_by_time(table)
        ask(room)
        with st.expander(t("More: what was dropped, columns, first rows")):
            tables.cleaning(table)
            tables.columns(table)
            tables.first_rows(table)
