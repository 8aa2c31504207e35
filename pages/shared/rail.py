"""The rail: nine links that carry the project, each with the mark and word of its state."""

from __future__ import annotations

import streamlit as st

from causal_core import jobs
from causal_core.fingerprint import short
from causal_core.language import t
from causal_core.question import Status
from causal_core.store import Snapshot
from pages.shared import answering, job_panel, session
from pages.shared.opened import Room
from pages.shared.wording import literal

MARKS = {"missing": "○", "running": "◐", "done": "●", "stale": "△", "failed": "■"}


def rooms() -> list[tuple[str, str, str]]:
    """Return path, key and title of every room, in the order of the rail."""
    return [
        ("app.py", "projects", t("Projects")),
        ("pages/data.py", "data", t("Data")),
        ("pages/graph.py", "graph", t("Graph")),
        ("pages/model.py", "model", t("Model")),
        ("pages/effects.py", "effects", t("Effects")),
        ("pages/whatif.py", "whatif", t("What-if")),
        ("pages/strategy.py", "strategy", t("Strategy")),
        ("pages/report.py", "report", t("Report")),
        ("pages/lab.py", "lab", t("Truth lab")),
    ]


def state_words(state: str) -> str:
    """Return what a mark of the rail means."""
    return {
        "missing": t("missing"),
        "running": t("running"),
        "done": t("done"),
        "stale": t("stale"),
        "failed": t("check failed"),
    }[state]


def draw(opened: Room | None) -> None:
    """Draw the rail, and below it the newest job and the details."""
    marks = states(opened) if opened else {}
    with st.sidebar:
        name = opened.snapshot.project.name if opened else t("Causal workbench")
        st.html(f'<div class="brand">{literal(name)}</div>')
        with st.container(key="rail", gap=None):
            for path, key, title in rooms():
                _link(path, key, title, marks.get(key) if opened else None)
        if opened:
            job_panel.show(opened.job, opened.snapshot)
            with st.expander(t("Details")):
                _details(opened)


def _link(path: str, key: str, title: str, state: str | None) -> None:
    words = title
    if state is not None:
        words = t(
            "{mark} {room} :small[{state}]",
            mark=MARKS[state],
            room=title,
            state=state_words(state),
        )
    with st.container(key=f"rail-{key}"):
        query = session.link() if state is not None or key == "projects" else None
        st.page_link(path, label=words, query_params=query, width="stretch")


def _details(opened: Room) -> None:
    project = opened.snapshot.project
    digest = opened.snapshot.fingerprints.get("table")
    st.caption(t("Seed {seed}, revision {revision}", seed=project.seed, revision=project.revision))
    if digest:
        st.caption(t("Table {digest}", digest=short(digest)))
    waiting = jobs.running(session.store(), project.id, actor=session.ACTOR)
    st.caption(t("{n} jobs waiting or running", n=len(waiting)))


# ---------------------------------------------------------------- where each room stands


def states(opened: Room) -> dict[str, str]:
    """Return the state of each room of the project."""
    effects = _effects(opened)
    return {
        "data": _data(opened),
        "graph": _graph(opened),
        "model": _model(opened),
        "effects": effects,
        "whatif": _slot(opened, "scenarios", "whatif"),
        "strategy": _slot(opened, "policies", "policy"),
        "report": effects,
        "lab": _slot(opened, "lab", "lab"),
    }


def _running(opened: Room) -> str | None:
    return opened.job.step if opened.job is not None and opened.job.active else None


def _data(opened: Room) -> str:
    current = opened.snapshot.fingerprints
    if _running(opened) == "ingest":
        return "running"
    if "question" in current:
        return "done"
    refused = opened.job is not None and opened.job.step == "ingest" and opened.job.failure
    return "failed" if refused and "table" not in current else "missing"


def _graph(opened: Room) -> str:
    snapshot, slots = opened.snapshot, {"pattern", "graph"}
    if _running(opened) == "discover":
        return "running"
    if slots & snapshot.fingerprints.keys():
        estimand = snapshot.part("estimand").estimand
        if estimand is None and "estimand" in snapshot.stale and not answering.blocked(snapshot):
            return "stale"  # the question has changed; nobody has read the graph for it yet
        return "done" if estimand and estimand.status is Status.YES else "failed"
    return "stale" if slots & snapshot.stale.keys() else "missing"


def _model(opened: Room) -> str:
    state = _slot(opened, "model", "answer")
    found = opened.snapshot.part("effects").effects
    enough = found is None or found.overlap.sufficient
    return state if state != "done" or enough else "failed"


def _effects(opened: Room) -> str:
    state = _slot(opened, "effects", "answer")
    if state != "done":
        return state
    checked = opened.snapshot.part("estimand", "effects", "refutations")
    return "done" if checked.headline else "failed"


def _slot(opened: Room, slot: str, step: str) -> str:
    """Return the state of a room that shows one slot, which one step fills."""
    if _running(opened) == step:
        return "running"
    return _held(opened.snapshot, slot)


def _held(snapshot: Snapshot, slot: str) -> str:
    if slot in snapshot.fingerprints:
        return "done"
    return "stale" if slot in snapshot.stale else "missing"
