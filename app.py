"""Projects room, and the server. Takes a choice, gives an open project, touches nothing else."""

import streamlit as st

from causal_core.language import t
from pages.shared import frame, job_panel, session
from pages.shared.server import MIDDLEWARE, ROUTES
from pages.shared.wording import label, project_line

app = st.App(__file__, middleware=MIDDLEWARE, routes=ROUTES)  # streamlit looks for this call


def draw() -> None:
    """Draw the Projects room."""
    st.header(t("Ask a question of your logs, or see one answered."))
    demo, own = st.columns(2, gap="large")
    with demo, st.container(border=True, height="stretch"):
        st.subheader(t("Coupon banner: the demo"))
        st.markdown(
            t(
                "A shop showed a coupon banner to some of its users. Those who saw it bought more. "
                "Because of the banner, or because busy users see more of everything? The data are "
                "simulated, so the truth is known."
            )
        )
        if st.button(t("Open the demo"), type="primary"):
            project_id = session.add_demo(t("Coupon banner"))
            job_panel.start(project_id, "answer", {})
            session.go("pages/effects.py", project_id)
    with own, st.container(border=True, height="stretch"):
        st.subheader(t("I have one table"))
        st.markdown(t("One row per user, session or decision: CSV or Parquet, up to 500 MB."))
        file = st.file_uploader(
            t("Table"),
            type=session.FILE_TYPES,
            key=session.fresh_upload_key(),
            label_visibility="collapsed",
        )
        if file is not None:
            project_id, upload_id = session.add_table(file.name, file, None)
            job_panel.start(project_id, "ingest", {"upload": upload_id})
            session.go("pages/data.py", project_id)
    projects = session.store().projects(actor=session.ACTOR)
    st.subheader(t("Recent projects"))
    if not projects:
        st.caption(t("None yet: open the demo, or bring a table."))
    for project in projects:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "pages/effects.py",
                label=label(project.name),
                query_params={"project": project.id},
                width=320,
            )
            st.text(project_line(project))


if frame.drawing():
    with frame.hall(t("Projects")):
        draw()
