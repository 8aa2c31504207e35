"""Start the answer: with the expected time, a pilot first, and stopping where she must choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from causal_core import identification, jobs
from causal_core.jobs import Expectation
from causal_core.language import count, t
from causal_core.question import CausalQuestion, Status
from causal_core.store import Saved, Snapshot
from pages.shared import aims, job_panel, session
from pages.shared.doors import door
from pages.shared.opened import Room
from pages.shared.wording import duration_words, expectation_words, label

PILOT_UNITS = 100_000
Settings = Mapping[str, object]
_PILOT: Settings = {"pilot": PILOT_UNITS}
Saving = Callable[[], Saved]


def answer_button(
    room: Room,
    words: str | None = None,
    *,
    saving: Saving | None = None,
    form: Snapshot | None = None,
    question: CausalQuestion | None = None,
) -> None:
    """Offer to run the whole chain; a click on what another tab has changed since is void.

    Parameters
    ----------
    words
        What stands on the button, “Answer my question” if None; the time follows.
    saving
        What saves a form first, e.g. ``lambda: session.save(form, analysis)``.
    form
        What that form was drawn from; the room's own snapshot if None.
    question
        What is asked in that form; the project's question if None.
    """
    shown = form or room.snapshot
    if "table" not in shown.fingerprints:
        door("pages/data.py", t("Bring a table first"), primary=True)
    elif question is None and "question" not in shown.fingerprints:
        door("pages/data.py", t("Ask a question first"), primary=True)
    elif saving is None and blocked(shown):
        door("pages/graph.py", t("Decide the graph first"), primary=True)
    else:
        asked = question or shown.part("question").question
        if asked is not None:
            _offer(room, shown, asked, words or t("Answer my question"), saving)


def _offer(
    room: Room, shown: Snapshot, asked: CausalQuestion, words: str, saving: Saving | None
) -> None:
    """Show the button, or pilot and full run where the population is large."""
    waits = room.busy and shown.revision == room.snapshot.revision  # else: another tab's work
    units = session.units(shown, asked.population)
    full: Settings = {}
    with st.container(horizontal=True, vertical_alignment="center"):
        if units <= PILOT_UNITS:
            _button(shown, asked, words, full, saving, first=True, waits=waits)
            return
        piloted = "pilot" in shown.fingerprints and saving is None
        pilot = t("Pilot on {n} units", n=count(PILOT_UNITS))
        _button(shown, asked, pilot, _PILOT, saving, first=not piloted, waits=waits)
        _button(shown, asked, t("Full run"), full, saving, first=piloted, waits=waits)


def _button(
    shown: Snapshot,
    asked: CausalQuestion,
    words: str,
    settings: Settings,
    saving: Saving | None,
    *,
    first: bool,
    waits: bool,
) -> None:
    takes = _expected(shown, asked, settings)
    if st.button(
        t("{action} · about {time}", action=words, time=duration_words(takes.seconds)),
        type="primary" if first else "secondary",
        disabled=waits,
        key=f"answer-{'pilot' if settings else 'full'}-{shown.project.id}-{shown.revision}",
        help=t("A job of its own: {expected}. You may leave the page.", expected=_words(takes)),
    ):
        _start(saving().snapshot if saving else shown, settings)


def _words(takes: Expectation) -> str:
    return label(expectation_words(takes))


def _expected(snapshot: Snapshot, asked: CausalQuestion, settings: Settings) -> Expectation:
    """Return what a run takes: a pilot, if the settings say so, takes its sample's time."""
    units = session.units(snapshot, asked.population)
    return jobs.expected(
        session.store(),
        "answer",
        units=min(units, PILOT_UNITS) if settings else units,
        outcomes=len(asked.outcomes),
        settings=settings,
    )


def first_run(snapshot: Snapshot, asked: CausalQuestion) -> Settings:
    """Return the settings of what comes first: a pilot in a large population, else all of it."""
    large = session.units(snapshot, asked.population) > PILOT_UNITS
    return _PILOT if large else {}


def seconds(snapshot: Snapshot, asked: CausalQuestion) -> float:
    """Return how long what comes first takes."""
    return _expected(snapshot, asked, first_run(snapshot, asked)).seconds


def run(snapshot: Snapshot) -> None:
    """Start what comes first, or go where she must choose before."""
    if blocked(snapshot):
        session.go("pages/graph.py", snapshot.project.id)
    _start(snapshot, first_run(snapshot, snapshot.part("question").need("question")))


def _start(snapshot: Snapshot, settings: Settings) -> None:
    """Start the chain and go where its answer will stand."""
    project_id = snapshot.project.id
    job_panel.start(project_id, "answer", dict(settings), snapshot)
    aim = aims.current(project_id, snapshot.part("question").question)
    session.go("pages/effects.py" if settings else aim.page, project_id)


def blocked(snapshot: Snapshot) -> bool:
    """Whether the graph that stands lets nothing answer the question."""
    slots = snapshot.part("table", "question", "pattern", "graph", "estimand")
    if slots.estimand is not None:
        return slots.estimand.status is Status.NO
    graph = slots.graph or slots.pattern
    ends = (slots.question.treatment, *slots.question.outcomes) if slots.question else ()
    if graph is None or slots.question is None or not set(ends) <= set(graph.nodes):
        return False
    covariates = identification.known_before(graph, slots.need("table"))
    said = identification.diagnose(graph, slots.question, covariates=covariates)
    return said.status is Status.NO
