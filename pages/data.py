"""Data room. Takes an upload, column times and the question; gives table and question."""

import streamlit as st

from causal_core.language import t
from causal_core.question import Assignment, CausalQuestion, Contrast, EffectKind
from causal_core.schema import Role
from pages.shared import charts, frame, job_panel, session, tables
from pages.shared.wording import aim_words, assignment_words, table_sentence

_AIMS = (EffectKind.ATE, EffectKind.ATT, EffectKind.ATU)


def upload(room: frame.Room) -> None:
    """Ask for a file where there is none yet."""
    frame.say(t("This project has no table yet. Bring one with one row per unit."))
    file = st.file_uploader(
        t("Table"), type=["csv", "tsv", "txt", "parquet", "gz"], key=session.fresh_upload_key()
    )
    if file is not None:
        project_id, upload_id = session.add_table(file.name, file, room.snapshot.project.id)
        job_panel.start(project_id, "ingest", {"upload": upload_id})
        st.rerun()


def ask(room: frame.Room) -> None:
    """Let her say what was known when, and ask the question."""
    analysis = room.snapshot.part("table", "question")
    table, old = analysis.table, analysis.question
    names, schema = list(table.schema.names), table.schema
    key = f"{room.snapshot.project.id}-{room.snapshot.revision}"
    st.subheader(t("The question"))
    left, right = st.columns(2, gap="large")
    treatment = left.selectbox(
        t("Does this column…"),
        names,
        index=names.index(old.treatment if old else schema.first(Role.TREATMENT) or names[0]),
        key=f"treatment-{key}",
    )
    outcomes = right.multiselect(
        t("…change these outcomes?"),
        [name for name in names if name != treatment],
        default=[
            n for n in (old.outcomes if old else schema.with_role(Role.OUTCOME)) if n != treatment
        ],
        key=f"outcomes-{key}",
    )
    treated, control = tables.contrast_choice(table, treatment, old, (left, right), key)
    before = st.multiselect(
        t("Known before it was decided who gets it"),
        [name for name in names if name not in (treatment, *outcomes)],
        default=[
            c.name
            for c in schema
            if c.is_covariate and c.stated and c.name not in (treatment, *outcomes)
        ],
        key=f"before-{key}",
        help=t(
            "Only these columns are adjusted for. Leave out what was measured afterwards, and "
            "what you are not sure about: adjusting for a consequence of the treatment is the "
            "commonest mistake."
        ),
    )
    left, right = st.columns(2, gap="large")
    kind = left.selectbox(
        t("What do you want to know?"),
        _AIMS,
        index=_AIMS.index(old.kind) if old and old.kind in _AIMS else 0,
        format_func=aim_words,
        key=f"kind-{key}",
    )
    who = right.selectbox(
        t("Who decided who got it?"),
        list(Assignment),
        index=list(Assignment).index(old.assignment if old else Assignment.UNKNOWN),
        format_func=assignment_words,
        key=f"who-{key}",
    )
    population = st.text_input(
        t("Only these units (optional)"),
        value=(old.population or "") if old else "",
        placeholder="visits_28d > 3 and device == 'app'",
        key=f"population-{key}",
    )
    if st.button(t("Answer my question"), type="primary", disabled=room.busy):
        question = CausalQuestion(
            treatment=treatment,
            outcomes=tuple(outcomes),
            contrast=Contrast(treated_value=treated, control_value=control),
            kind=kind,
            population=population.strip() or None,
            assignment=who,
        )
        saved = session.save(room.snapshot, analysis.asking(question, before=before))
        job_panel.start(saved.project_id, "answer", {})
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
