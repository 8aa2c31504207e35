"""Data room. Takes an upload, column times and the question; gives table and question."""

import streamlit as st

from causal_core.language import t
from causal_core.question import Assignment
from causal_core.store import Saved
from causal_core.table import BehaviorTable
from pages.shared import charts, example, frame, question_form, session, tables, upload
from pages.shared.wording import table_sentence


def empty(room: frame.Room) -> None:
    """Ask for a table, and say what it must hold."""
    trouble = upload.refusal(room)
    if trouble is None:
        frame.say(t("This project has no table yet. Bring one with one row per unit."))
        upload.bring(room, t("Your table"))
    else:
        frame.say(t("This file could not be read as a table. Nothing was changed."))
        upload.refused(room, trouble)
    upload.needed()
    pale()


def pale() -> None:
    """Show what stands here once a table was read."""
    with example.pale("columns"):
        charts.columns_by_time(example.part("table").need("table"))


def ask(room: frame.Room) -> None:
    """Let her say what was known when, ask the question, and have it answered."""
    snapshot = session.form(room.snapshot)
    shown = snapshot.part("table", "question")
    picture = st.container()
    st.subheader(t("The question"), anchor=False)
    key = f"{snapshot.project.id}-{snapshot.revision}"
    asked = question_form.ask(shown.table, shown.question, key)
    with picture:
        charts.columns_by_time(said(shown.table, asked))
    if not asked.before and asked.question.assignment is not Assignment.CHANCE:
        st.caption(
            t(
                "△ Nothing is said to be known before: the answer will be associational, "
                "without a headline number."
            )
        )

    def saving() -> Saved:
        return question_form.save(snapshot, asked)

    frame.answer_button(room, saving=saving, form=snapshot, question=asked.question)


def said(table: BehaviorTable, asked: question_form.Asked) -> BehaviorTable:
    """Return the table as the form speaks of it: what is known when, before it is saved."""
    question = asked.question
    named = (question.treatment, *question.outcomes)
    schema = table.schema.known_before([name for name in asked.before if name not in named])
    return table.with_schema(schema.asking(question.treatment, question.outcomes))


def full(room: frame.Room, table: BehaviorTable) -> None:
    """Show what was read and known when; ask the question; keep the rest under More."""
    frame.say(table_sentence(table))
    trouble = upload.refusal(room)
    if trouble is not None:
        upload.refused(room, trouble)
    ask(room)
    with st.expander(t("More: what was dropped, columns, first rows")):
        tables.cleaning(table)
        tables.columns(table)
        tables.first_rows(table)
    if trouble is None:
        upload.another(room)


with frame.room(t("Data")) as room:
    table = room.snapshot.get("table")
    if upload.reading(room):
        frame.say(t("The file is being read. You may leave this page; the work goes on."))
        pale()
    elif table is None:
        empty(room)
    else:
        full(room, table)
