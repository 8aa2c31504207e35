"""Truth lab. Takes a scenario, gives estimates of simulated data beside the known truth."""

import streamlit as st

from causal_core.language import t
from pages.shared import frame, session
from pages.shared import lab_view as view


def outside() -> None:
    """Show the run that comes with the demo; one's own needs a project."""
    with frame.hall(t("Truth lab")):
        page, side = st.columns([3, 1.25], gap="large")
        with page:
            view.show(view.stored(), kept=True)
        with side, st.container(border=True, key="control"):
            st.subheader(t("Your own runs"), anchor=False)
            st.text(t("A project keeps them: open one, or start one, and come back."))
            frame.door("app.py", t("Go to Projects"), primary=True)


def inside() -> None:
    """Show the project's runs, else the demo's, and run others."""
    with frame.room(t("Truth lab")) as room:
        page, side = st.columns([3, 1.25], gap="large")
        with side:
            view.control(room)
        with page:
            own = room.snapshot.part("lab").lab
            if room.busy and room.job.step == "lab":
                frame.say(t("The lab is running. You may leave this page; the work goes on."))
            view.show(own or view.stored(), kept=own is None)


if session.current().project_id is None:
    outside()
else:
    inside()
