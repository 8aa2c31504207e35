"""Start, show and cancel work. The store knows the state; a page only reads it."""

from __future__ import annotations

import streamlit as st

from causal_core import jobs
from causal_core.errors import BugError, ChangedMeanwhileError, JobLostError, StorageError
from causal_core.jobs import Job, JobState
from causal_core.language import t
from causal_core.store import Snapshot
from pages.shared import session
from pages.shared.doors import door
from pages.shared.wording import duration_words, label, memory_words, step_words

_POLL_SECONDS = 1.0
_OF_THE_MACHINE = (BugError, ChangedMeanwhileError, JobLostError, StorageError)
_SURE_FROM = 0.15  # of the work; before that, a remaining time is a guess


def start(
    project_id: str, step: str, settings: dict[str, object], snapshot: Snapshot | None = None
) -> Job:
    """Queue a step; `snapshot` is what the page showed, so that it is not run on something else."""
    inputs = snapshot.fingerprints if snapshot else None
    return jobs.submit(
        session.store(), project_id, step, settings, actor=session.ACTOR, inputs=inputs
    )


def latest(project_id: str) -> Job | None:
    """Return the newest job of the project, with its state brought up to date."""
    place = session.store()
    jobs.refresh(place)
    return jobs.latest(place, project_id, actor=session.ACTOR)


def show(job: Job | None, snapshot: Snapshot) -> None:
    """Show a running job with its progress, or what became of the last one."""
    if job is None:
        return
    with st.container(key="job-place"):
        if job.active:
            _running(job.id, _needs(job, snapshot))
        elif job.state is not JobState.DONE:
            _ended(job, snapshot)
        elif job.note:
            st.caption(label(job.note))


def _needs(job: Job, snapshot: Snapshot) -> str:
    """Say how much memory a job takes, where that is known."""
    if "table" not in snapshot.fingerprints:
        return ""
    question = snapshot.part("question").question
    units = session.units(snapshot, question.population if question else None)
    expected = jobs.expected(
        session.store(),
        job.step,
        units=units,
        outcomes=len(question.outcomes) if question else 1,
        settings=job.settings,
    )
    return t("Takes about {memory} of memory.", memory=memory_words(expected.megabytes))


@st.fragment(run_every=_POLL_SECONDS)
def _running(job_id: str, needs: str) -> None:
    place = session.store()
    jobs.refresh(place)
    job = jobs.get(place, job_id, actor=session.ACTOR)
    if not job.active:
        st.rerun()
    with st.container(border=True, key="job"):
        st.markdown(f"**◐ {label(step_words(job.step))}**")
        st.progress(min(max(job.fraction, 0.0), 1.0), text=label(job.message or t("Waiting")))
        st.caption(_remaining(job))
        if needs:
            st.caption(needs)
        if st.button(t("Cancel"), key=f"cancel-{job_id}", width="stretch"):
            jobs.cancel(place, job_id, actor=session.ACTOR)
            st.rerun()


def _remaining(job: Job) -> str:
    if job.state is JobState.QUEUED:
        return t("Queued: another job is running.")
    if job.remaining_seconds is None or job.fraction < _SURE_FROM:
        return t("Estimating the time…")
    return t("About {time} left. You may leave.", time=duration_words(job.remaining_seconds))


def _ended(job: Job, snapshot: Snapshot) -> None:
    """Say what happened to the last job, and offer what may help."""
    with st.container(border=True, key="job"):
        name = label(step_words(job.step))
        refused = job.state is JobState.FAILED and job.step == "ingest"
        if refused:
            st.markdown(f"**■ {name}**")
            st.caption(t("The file was refused. The Data room says why."))
            door("pages/data.py", t("Choose another file"))
        elif job.state is JobState.FAILED and job.failure is not None:
            st.markdown(f"**■ {name}**")
            st.error(f"{label(job.failure.found)}  \n{label(job.failure.remedy)}")
        elif job.state is JobState.LOST:
            st.markdown(f"**■ {name}**")
            st.warning(t("The work stopped unexpectedly. Nothing is lost; start it again."))
        else:
            st.markdown(f"**○ {name}**")
            st.caption(t("Stopped on request. Nothing was changed."))
        key = f"again-{job.id}-{snapshot.revision}"
        worth = not refused and may_succeed(job, snapshot)
        if worth and st.button(t("Start again"), key=key, width="stretch"):
            start(job.project_id, job.step, dict(job.settings), snapshot)
            st.rerun()


def may_succeed(job: Job, snapshot: Snapshot) -> bool:
    """Whether the same job may end otherwise: not where the same data were refused already."""
    if job.failure is None or isinstance(job.failure, _OF_THE_MACHINE):
        return True
    return job.ended is not None and snapshot.project.changed > job.ended
