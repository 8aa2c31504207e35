"""The recent projects: where each stands, and its menu; files that were refused are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from causal_core import jobs, report
from causal_core.analysis import Verdict, verdict, verdict_words
from causal_core.errors import AnalysisError, ProjectMissingError
from causal_core.jobs import Job, JobState
from causal_core.language import count, t
from causal_core.results import Effects
from causal_core.store import Project, Snapshot
from pages.shared import session
from pages.shared.wording import label, literal, step_words

_SHOWN = 20
_RENAME, _DUPLICATE, _DELETE = "rename", "duplicate", "delete"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A project with its results, unread, and its newest job."""

    project: Project
    snapshot: Snapshot
    job: Job | None

    @property
    def refused(self) -> bool:
        """Whether all that ever came to it is a file that could not be read."""
        empty = not self.snapshot.current and not self.snapshot.stale
        failed = self.job is not None and self.job.state is JobState.FAILED
        return empty and failed and self.job is not None and self.job.step == "ingest"


def show() -> None:
    """List the projects, the one changed last first."""
    projects = session.store().projects(actor=session.ACTOR)
    told, head = st.container(), st.container(horizontal=True, vertical_alignment="center")
    head.subheader(t("Recent projects"), anchor=False, width="content")
    every = len(projects) <= _SHOWN or head.toggle(
        t("Show all {n}", n=count(len(projects))), key="all-projects"
    )
    rows = list(_rows(projects if every else projects[:_SHOWN]))
    kept = [row for row in rows if not row.refused]
    with told:
        for row in rows:
            if row.refused:
                _refusal(row)
    if not kept:
        st.caption(t("None yet: open the demo, or bring a table."))
    with st.container(key="recent", gap=None):
        for row in kept:
            _line(row)
    ask()


def missing() -> None:
    """Say so if the address names a project that is not there (any more)."""
    named = st.query_params.get("project")
    if named and named not in {one.id for one in session.store().projects(actor=session.ACTOR)}:
        st.warning(
            t(
                "The project in this address is no longer here: it was deleted, perhaps in "
                "another tab. Open another one below."
            )
        )


def _rows(projects: Iterable[Project]) -> Iterator[Row]:
    """Give each project with what it holds; one that goes meanwhile is passed over."""
    place = session.store()
    for project in projects:
        with suppress(ProjectMissingError):
            yield Row(
                project=project,
                snapshot=place.load(project.id, actor=session.ACTOR),
                job=jobs.latest(place, project.id, actor=session.ACTOR),
            )


# ---------------------------------------------------------------- one line


def _line(row: Row) -> None:
    project = row.project
    name, state, when, menu = st.columns([4, 3, 3, 1], vertical_alignment="center")
    name.page_link(
        "pages/effects.py" if "question" in row.snapshot.current else "pages/data.py",
        label=label(project.name),
        query_params={"project": project.id},
        width="stretch",
    )
    state.html(f'<span class="stands">{literal(standing(row))}</span>')
    kind = t("demo") if project.kind == "demo" else t("own data")
    told = t("{kind}, changed {when}", kind=kind, when=when_words(project.changed))
    when.caption(told)
    with menu:
        wanted = st.menu_button(
            t("Menu"),
            [_RENAME, _DUPLICATE, _DELETE],
            format_func=_menu_words,
            type="tertiary",
            key=f"menu-{project.id}",
            help=t("Rename, duplicate or delete this project"),
        )
    if wanted == _DUPLICATE:
        session.store().duplicate_project(project.id, actor=session.ACTOR)
        st.rerun()
    elif wanted:
        session.current().asked = (wanted, project.id)


def _menu_words(name: str) -> str:
    return {
        _RENAME: t("Rename"),
        _DUPLICATE: t("Duplicate"),
        _DELETE: t("Delete for good"),
    }[name]


def standing(row: Row) -> str:
    """Return where a project stands: a mark and a word, the verdict if there is one."""
    current, stale = row.snapshot.current, row.snapshot.stale
    if row.job is not None and row.job.active:
        return f"◐ {step_words(row.job.step)}"
    if "effects" in current:
        return _verdict(row.snapshot)
    if row.job is not None and row.job.state in (JobState.FAILED, JobState.LOST):
        return t("■ {step}: stopped", step=step_words(row.job.step))
    if "effects" in stale:
        return t("△ stale answer")
    if "pilot" in current:
        return t("○ pilot only, no verdict yet")
    if "question" in current:
        return t("○ asked, not answered yet")
    return t("○ no question yet") if "table" in current else t("○ no table yet")


def _verdict(snapshot: Snapshot) -> str:
    """Return the verdict on the outcome in front, from the small results alone."""
    analysis = snapshot.part("question", "payoff", "estimand", "effects", "refutations")
    if not isinstance(analysis.effects, Effects):
        return ""
    outcome = report.main_outcome(analysis.effects)
    answer = verdict(
        analysis.effects.of(outcome),
        allowed=analysis.headline,
        break_even=analysis.break_even(outcome),
    )
    words = {"verdict": verdict_words(answer), "outcome": outcome}
    if answer is Verdict.NO_ANSWER:
        return t("■ {verdict}", **words)
    return t("● {verdict}: “{outcome}”", **words)


def when_words(moment: datetime, now: datetime | None = None) -> str:
    """Return a moment as one would say it, with its zone.

    Examples
    --------
    >>> from datetime import timedelta
    >>> noon = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    >>> when_words(noon, noon), when_words(noon - timedelta(days=1), noon)
    ('today 12:00 UTC', 'yesterday 12:00 UTC')
    >>> when_words(noon - timedelta(days=40), noon)
    '2026-10-15 12:00 UTC'
    """
    there = moment.astimezone(UTC)
    days = ((now or datetime.now(UTC)).astimezone(UTC).date() - there.date()).days
    clock = f"{there:%H:%M} UTC"
    if days == 0:
        return t("today {time}", time=clock)
    if days == 1:
        return t("yesterday {time}", time=clock)
    return f"{there:%Y-%m-%d} {clock}"


# ---------------------------------------------------------------- the menu


@contextmanager
def _told() -> Iterator[None]:
    """Tell an error inside a dialog, which runs by itself, outside the frame's door."""
    try:
        yield
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
        st.stop()


def ask() -> None:
    """Open the dialog that the menu asked for; it stays until she decides, whatever else runs."""
    asked = session.current().asked
    if asked is None:
        return
    wanted, project_id = asked
    title = t("Rename the project") if wanted == _RENAME else t("Delete for good?")
    draw = _rename if wanted == _RENAME else _delete
    st.dialog(title, on_dismiss=_settled)(draw)(project_id)


def _settled() -> None:
    session.current().asked = None


def _rename(project_id: str) -> None:
    with _told(), st.form("rename", border=False):
        project = session.store().project(project_id, actor=session.ACTOR)
        name = st.text_input(t("Name"), value=project.name, max_chars=120)
        if st.form_submit_button(t("Save the name"), type="primary") and name.strip():
            session.store().rename_project(project_id, name.strip(), actor=session.ACTOR)
            _settled()
            st.rerun()


def _delete(project_id: str) -> None:
    with _told():
        project = session.store().project(project_id, actor=session.ACTOR)
        files = session.store().uploads(project_id, actor=session.ACTOR)
        st.markdown(f"**{label(project.name)}**")
        told = t("Deleted are its question, its graph, its results and its reports.")
        if files:
            told = t(
                "Deleted are its {n} uploaded files, its question, its graph, its results and "
                "its reports.",
                n=len(files),
            )
        st.markdown(label(told))
        st.markdown(t("Nobody can bring them back. Files on your own machine stay."))
        with st.container(horizontal=True):
            sure = st.button(t("Delete for good"), type="primary", key="delete-for-good")
            kept = st.button(t("Keep it"), key="keep-it")
        if sure:
            remove(project_id)
        if sure or kept:
            _settled()
            st.rerun()


def remove(project_id: str) -> None:
    """Delete a project for good, and leave it if it is the open one."""
    jobs.delete_project(session.store(), project_id, actor=session.ACTOR)
    opened = session.current()
    if opened.project_id == project_id:
        opened.project_id = None
        st.query_params.clear()


# ---------------------------------------------------------------- refused files


def _refusal(row: Row) -> None:
    """Tell that a file was refused, and why; no project stands for it in the list."""
    failure = row.job.failure if row.job else None
    found = failure.found if failure else t("The file could not be read.")
    remedy = failure.remedy if failure else ""
    with st.container(border=True, key=f"refused-{row.project.id}"):
        title = t("Not read: {name}", name=row.project.name)
        st.markdown(f"**■ {label(title)}**")
        st.markdown(f"{label(found)}  \n{label(remedy)}")
        with st.container(horizontal=True):
            if st.button(t("Choose another file"), key=f"another-{row.project.id}"):
                session.go("pages/data.py", row.project.id)
            if st.button(
                t("Dismiss"),
                key=f"dismiss-{row.project.id}",
                help=t("Forgets the refused file; the file on your machine stays"),
            ):
                remove(row.project.id)
                st.rerun()


def forget_refused(*, but: str) -> None:
    """Delete what refused files left behind, once she has chosen another file."""
    for row in _rows(session.store().projects(actor=session.ACTOR)):
        if row.refused and row.project.id != but:
            remove(row.project.id)
