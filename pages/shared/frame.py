"""The frame of every room: heading, rail, question line, job panel, and the one error door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from causal_core.errors import AnalysisError, ProjectMissingError
from causal_core.language import t
from pages.shared import job_panel, question_line, rail, session
from pages.shared.answering import answer_button
from pages.shared.doors import door
from pages.shared.look import STYLE
from pages.shared.opened import Room
from pages.shared.wording import label, literal

__all__ = ["Room", "answer_button", "door", "drawing", "hall", "rests", "room", "say"]


@contextmanager
def hall(title: str) -> Iterator[None]:
    """Open a page that needs no project."""
    _configure(title)
    session.enter(title)
    with _errors():
        project_id = session.current().project_id
        known = {project.id for project in session.store().projects(actor=session.ACTOR)}
        rail.draw(_open(project_id) if project_id in known else None)
        yield


@contextmanager
def room(title: str) -> Iterator[Room]:
    """Open a room of the project in the address; say which room comes first if there is none.

    Shows what was found and the remedy instead of a traceback, for errors that the analyst can
    mend; anything else is a bug and stays one.
    """
    _configure(title)
    session.enter(title)
    with _errors():
        project_id = session.current().project_id
        if project_id is None:
            rail.draw(None)
            st.info(t("Open or start a project first."))
            door("app.py", t("Go to Projects"))
            st.stop()
        opened = _open(project_id)
        if st.query_params.get("project") != project_id:  # else each run would write history
            st.query_params["project"] = project_id
        rail.draw(opened)
        if notice := session.notice(title):
            st.warning(label(notice))
        question_line.draw(opened)
        yield opened
        session.current().settled = True


def _open(project_id: str) -> Room:
    place = session.store()
    try:
        snapshot = place.load(project_id, actor=session.ACTOR)
    except ProjectMissingError:
        session.leave()
        rail.draw(None)
        raise
    return Room(snapshot=snapshot, job=job_panel.latest(project_id))


def _configure(title: str) -> None:
    st.set_page_config(
        page_title=f"{title} · {t('Causal workbench')}",
        layout="wide",
        initial_sidebar_state="auto",
    )
    st.html(STYLE)
    st.html(f'<h1 class="unseen">{literal(title)}</h1>')


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
        if isinstance(error, ProjectMissingError):
            door("app.py", t("Go to Projects"))
        st.stop()


def say(text: str) -> None:
    """Show one sentence of the room, literally."""
    st.html(f'<p class="say" role="status">{literal(text)}</p>')


def rests(room: Room, slot: str) -> bool:
    """Say what a stale result rests on; return whether it is stale."""
    stale = room.snapshot.stale.get(slot)
    if stale is None or slot in room.snapshot.fingerprints:
        return False
    st.caption(label(t("△ stale. {reason}", reason=stale.reason)))
    return True


def drawing() -> bool:
    """Tell whether a page is being drawn, or `app.py` only imported by the server."""
    return get_script_run_ctx(suppress_warning=True) is not None
