"""What one browser tab remembers: the project's id. Everything that matters is in the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import streamlit as st

from causal_core.analysis import Analysis
from causal_core.errors import AnalysisError
from causal_core.language import t
from causal_core.store import LOCAL, Saved, Snapshot, Store, demo_archive

ACTOR = LOCAL
FILE_TYPES = ("csv", "tsv", "txt", "parquet", "gz")
_KEY = "session"


@dataclass(frozen=True)
class Line:
    """The open slot of the question line, and the project as it was when she opened it."""

    slot: str
    snapshot: Snapshot


@dataclass
class Session:
    """The open project and the store of this tab; `notice` stands in the room `noticed_in`.

    `form` is what the form of the open `room` was drawn from, as long as she stays there; `typed`
    is what stands unsaved in the form of the question: project → field → value. `settled` is
    whether the room was drawn to its end once since she came in. `asked` is what the menu of a
    project asks her just now: what, and of which project.
    """

    project_id: str | None = None
    notice: str = ""
    noticed_in: str = ""
    saved_in: str = ""
    room: str = ""
    form: Snapshot | None = None
    settled: bool = False
    uploads: int = 0
    asked: tuple[str, str] | None = None
    typed: dict[str, dict[str, object]] = field(default_factory=dict)
    line: Line | None = None
    counted: dict[tuple[str, str | None], int] = field(default_factory=dict)
    store: Store = field(default_factory=Store.open)


def current() -> Session:
    """Return this tab's session; the address decides which project is open."""
    session: Session = st.session_state.setdefault(_KEY, Session())
    named = st.query_params.get("project")
    if named:
        session.project_id = named
    return session


def store() -> Store:
    """Return this tab's handle on the store; it remembers the values that were read lately."""
    return current().store


def link() -> dict[str, str]:
    """Return the query that every page link carries."""
    project_id = current().project_id
    return {"project": project_id} if project_id else {}


def go(page: str, project_id: str) -> None:
    """Open a project in a room."""
    current().project_id = project_id
    st.switch_page(page, query_params={"project": project_id})


def leave() -> None:
    """Forget a project that is not there."""
    current().project_id = None
    st.query_params.clear()


def enter(room: str) -> None:
    """Note which room is open; a form that was left is drawn anew."""
    session = current()
    if session.room != room:
        session.room, session.form, session.line = room, None, None
        session.settled = False
        session.asked = None


def notice(room: str) -> str:
    """Return what is to be told in the room that opened next, as long as she stays there."""
    session = current()
    started_in = session.noticed_in in ("", room, session.saved_in)  # a last run of the old room
    if not started_in:
        session.notice = ""
    session.noticed_in = room if session.notice else ""
    return session.notice


def form(snapshot: Snapshot) -> Snapshot:
    """Return what this form was drawn from first: what others save later does not move it."""
    session = current()
    if session.form is None or session.form.project.id != snapshot.project.id:
        session.form = snapshot
    return session.form


def typed(project_id: str) -> dict[str, object]:
    """Return what stands unsaved in the project's form of the question: field → value."""
    return current().typed.setdefault(project_id, {})


def save(snapshot: Snapshot, analysis: Analysis) -> Saved:
    """Save against the revision that this page was drawn from; never overwrite another tab."""
    saved = store().save(snapshot.project.id, analysis, revision=snapshot.revision, actor=ACTOR)
    session = current()
    session.form = None
    if saved.kept_both:
        session.saved_in, session.noticed_in = session.room, ""
        session.project_id = saved.project_id
        session.notice = t(
            "Another tab had changed this project meanwhile. Both versions are kept: "
            "yours is now a project of its own, and this is it."
        )
        st.query_params["project"] = saved.project_id
    return saved


def units(snapshot: Snapshot, population: str | None) -> int:
    """Return how many units of the project's table belong to a population."""
    key = (snapshot.fingerprints.get("table", ""), population)
    known = current().counted
    if key not in known:
        table = snapshot.part("table").need("table")
        try:
            found = len(table.select(population)) if population else len(table)
        except AnalysisError:  # still being typed: the form says what is wrong with it
            found = len(table)
        known.clear()
        known[key] = found
    return known[key]


def add_demo(name: str) -> str:
    """Put the finished demo into the store as a project of its own; return its id."""
    return store().import_project(demo_archive(), actor=ACTOR, name=name, kind="demo").id


def fresh_upload_key() -> str:
    """Return the uploader's key; it changes after use, so that its memory is given back."""
    return f"upload-{current().uploads}"


def add_table(name: str, source: BinaryIO, project_id: str | None) -> tuple[str, str]:
    """Store an uploaded file in a project (a new one if None); return both ids."""
    place, began = store(), project_id is None
    if project_id is None:
        project_id = place.create_project(name, actor=ACTOR).id
    try:
        upload = place.add_upload(source, project_id=project_id, original_name=name, actor=ACTOR)
    except AnalysisError:
        if began:
            place.delete_project(project_id, actor=ACTOR)  # an empty one would be left behind
        raise
    current().uploads += 1
    if not began:
        _name_after(name, project_id)
    return project_id, upload.id


def _name_after(name: str, project_id: str) -> None:
    """Name a project after its new file, if it is empty and still called like a refused one."""
    place = store()
    held = place.load(project_id, actor=ACTOR)
    files = {upload.original_name for upload in place.uploads(project_id, actor=ACTOR)}
    if not held.current and not held.stale and held.project.name in files:
        place.rename_project(project_id, name, actor=ACTOR)
