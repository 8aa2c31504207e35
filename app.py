"""Projects room, and the server. Takes a choice, gives an open project, touches nothing else."""

import streamlit as st

from causal_core.language import t
from pages.shared import frame, project_list, projects_view
from pages.shared.server import MIDDLEWARE, ROUTES

app = st.App(__file__, middleware=MIDDLEWARE, routes=ROUTES)  # streamlit looks for this call


def draw() -> None:
    """Draw the Projects room."""
    st.html(projects_view.STYLE)
    st.header(t("Ask a question of your logs, or see one answered."), anchor=False)
    project_list.missing()
    demo, own = st.columns([3, 2], gap="medium")
    with demo, st.container(border=True, height="stretch"):
        projects_view.demo()
    with own, st.container(border=True, height="stretch"):
        projects_view.own_table()
    project_list.show()


if frame.drawing():
    with frame.hall(t("Projects")):
        draw()
