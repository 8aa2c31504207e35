"""The frame of every room: heading, rail, question line, job panel, and the one error door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from causal_core import jobs
from causal_core.errors import AnalysisError, ProjectMissingError
from causal_core.fingerprint import short
from causal_core.jobs import Job
from causal_core.language import t
from causal_core.question import Status
from causal_core.store import Snapshot
from pages.shared import job_panel, session
from pages.shared.wording import label, literal, question_html

MARKS = {"missing": "○", "running": "◐", "done": "●", "stale": "△", "failed": "■"}
_STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 2.2rem; max-width: 1320px;}
[data-testid="stSidebarHeader"] {height: 2.2rem;}
.question {font-size: 1.05rem; line-height: 1.9; margin: 0 0 .3rem 0;}
.question .slot {border-bottom: 2px solid var(--slot, #C64905); padding: 0 .15rem; font-weight: 600;
  overflow-wrap: anywhere;}
.say {font-size: 1.1rem; line-height: 1.55; margin: 0 0 .6rem 0; overflow-wrap: anywhere;}
.verdict {font-size: 2.4rem; font-weight: 700; line-height: 1.15; margin: .2rem 0 .4rem 0;
  overflow-wrap: anywhere;}
.check {padding: .55rem .8rem; border: 1px solid rgba(128,128,128,.3); border-radius: .5rem;
  margin-bottom: .5rem; font-size: .93rem; overflow-wrap: anywhere;}
.check .why {opacity: .75;}
.brand {font-weight: 700; font-size: 1.05rem; overflow-wrap: anywhere;}
.st-key-greyed {opacity: .5;}
</style>"""


@dataclass(frozen=True)
class Room:
    """What a room gets: the project as it was when the page was drawn, and its newest job."""

    snapshot: Snapshot
    job: Job | None

    @property
    def busy(self) -> bool:
        """Whether a job of this project waits or runs."""
        return self.job is not None and self.job.active


def _rooms() -> list[tuple[str, str, str]]:
    return [
        ("app.py", "projects", t("Projects")),
        ("pages/data.py", "data", t("Data")),
        ("pages/graph.py", "graph", t("Graph")),
        ("pages/model.py", "model", t("Model")),
        ("pages/effects.py", "effects", t("Effects")),
        ("pages/whatif.py", "whatif", t("What-if")),
        ("pages/report.py", "report", t("Report")),
    ]


@contextmanager
def hall(title: str) -> Iterator[None]:
    """Open a page that needs no project."""
    _configure(title)
    session.enter(title)
    with _errors():
        project_id = session.current().project_id
        known = {project.id for project in session.store().projects(actor=session.ACTOR)}
        _rail(_open(project_id) if project_id in known else None)
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
            _rail(None)
            st.info(t("Open or start a project first."))
            st.page_link("app.py", label=t("Go to Projects"))
            st.stop()
        opened = _open(project_id)
        _rail(opened)
        if notice := session.notice(title):
            st.warning(label(notice))
        question = opened.snapshot.part("question").question
        st.html(f'<p class="question">{question_html(question)}</p>')
        yield opened


def _open(project_id: str) -> Room:
    place = session.store()
    try:
        snapshot = place.load(project_id, actor=session.ACTOR)
    except ProjectMissingError:
        session.current().project_id = None
        _rail(None)
        raise
    return Room(snapshot=snapshot, job=job_panel.latest(project_id))


def _configure(title: str) -> None:
    st.set_page_config(
        page_title=f"{title} · {t('Causal workbench')}",
        layout="wide",
        initial_sidebar_state="expanded",
    )
    st.html(_STYLE)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
        st.stop()


def _rail(opened: Room | None) -> None:
    states = _states(opened)
    with st.sidebar:
        name = opened.snapshot.project.name if opened else t("Causal workbench")
        st.html(f'<div class="brand">{literal(name)}</div>')
        for path, key, title in _rooms():
            state = states.get(key, "missing")
            mark = "" if key == "projects" else f"{MARKS[state]}  "
            st.page_link(
                path,
                label=f"{mark}{title}",
                help=None if key == "projects" else state_words(state),
                query_params=session.link() if opened else None,
                width="stretch",
            )
        if opened:
            st.divider()
            job_panel.show(opened.job, opened.snapshot)
            with st.expander(t("Details")):
                _details(opened)


def _details(opened: Room) -> None:
    project = opened.snapshot.project
    digest = opened.snapshot.fingerprints.get("table")
    st.caption(t("Seed {seed}, revision {revision}", seed=project.seed, revision=project.revision))
    if digest:
        st.caption(t("Table {digest}", digest=short(digest)))
    waiting = jobs.running(session.store(), project.id, actor=session.ACTOR)
    st.caption(t("{n} jobs waiting or running", n=len(waiting)))


def state_words(state: str) -> str:
    """Return what a mark of the rail means."""
    return {
        "missing": t("missing"),
        "running": t("running"),
        "done": t("done"),
        "stale": t("stale"),
        "failed": t("check failed"),
    }[state]


def _states(opened: Room | None) -> dict[str, str]:
    if opened is None:
        return {}
    current, stale = opened.snapshot.fingerprints, opened.snapshot.stale
    running = opened.job.step if opened.job and opened.job.active else None
    data = "done" if "question" in current else "missing"
    if running == "ingest":
        data = "running"
    effects = "missing"
    if running == "answer":
        effects = "running"
    elif "effects" in current:
        checked = opened.snapshot.part("estimand", "effects", "refutations")
        effects = "done" if checked.headline else "failed"
    elif "effects" in stale:
        effects = "stale"
    graph = "running" if running == "discover" else _graph_state(opened.snapshot)
    model, whatif = (
        _slot_state(opened, "model", "answer"),
        _slot_state(opened, "scenarios", "whatif"),
    )
    found = opened.snapshot.part("effects").effects
    if model == "done" and found is not None and not found.overlap.sufficient:
        model = "failed"
    known = {"data": data, "graph": graph, "model": model, "effects": effects, "whatif": whatif}
    return {**known, "report": effects}


def _graph_state(snapshot: Snapshot) -> str:
    slots = {"pattern", "graph"}
    if slots & snapshot.fingerprints.keys():
        estimand = snapshot.part("estimand").estimand
        return "done" if estimand and estimand.status is Status.YES else "failed"
    return "stale" if slots & snapshot.stale.keys() else "missing"


def _slot_state(opened: Room, slot: str, step: str) -> str:
    """Return the mark of a room that shows one slot, which one step fills."""
    if opened.job is not None and opened.job.active and opened.job.step == step:
        return "running"
    if slot in opened.snapshot.fingerprints:
        return "done"
    return "stale" if slot in opened.snapshot.stale else "missing"


def say(text: str) -> None:
    """Show one sentence of the room, literally."""
    st.html(f'<p class="say">{literal(text)}</p>')


def drawing() -> bool:
    """Tell whether a page is being drawn, or `app.py` only imported by the server."""
    return get_script_run_ctx(suppress_warning=True) is not None
