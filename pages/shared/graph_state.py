"""The graph that the Graph room shows: what stands, what it says, and how an edit is saved."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from causal_core import identification
from causal_core.graph import CausalGraph, Drawing, GraphPattern, Knowledge, Provenance, from_roles
from causal_core.identification import Redrawn
from causal_core.question import CausalQuestion, Identification
from causal_core.schema import Schema
from causal_core.store import GraphVersion, Snapshot
from pages.shared import frame, session

_SEEN = "graph-job"


@dataclass(frozen=True)
class Standing:
    """One graph seen from the question. `missing` are ends of the question that it lacks."""

    snapshot: Snapshot
    graph: Drawing
    schema: Schema
    question: CausalQuestion
    knowledge: Knowledge
    pattern: GraphPattern | None
    drafted: bool
    missing: tuple[str, ...]
    said: Identification

    @property
    def key(self) -> str:
        """What widgets that show this graph are called by: another one for each version."""
        held = [self.snapshot.project.id, self.graph.fingerprint]
        held += [self.snapshot.current[slot].hash[:10] for slot in _slots(self.snapshot)]
        return "-".join(held)

    @property
    def violations(self) -> tuple[str, ...]:
        """What in the graph contradicts the stated knowledge."""
        return self.knowledge.violations(self.graph.edges)

    @property
    def overruled(self) -> tuple[str, ...]:
        """What the data said and knowledge did not allow."""
        return self.pattern.overruled if self.pattern and not self.drafted else ()

    @property
    def hers(self) -> int:
        """How many edges the analyst drew or turned."""
        edges = () if self.drafted else self.graph.edges
        return sum(edge.provenance is Provenance.ANALYST for edge in edges)

    @property
    def open(self) -> int:
        """How many edges have no direction yet."""
        return len(self.graph.undirected) if isinstance(self.graph, GraphPattern) else 0


def _slots(snapshot: Snapshot) -> list[str]:
    return [slot for slot in ("pattern", "graph") if slot in snapshot.current]


def form(room: frame.Room) -> Snapshot:
    """Return what the forms are drawn from: a job moves it, what another tab saves does not."""
    seen = (room.job.id, room.job.state) if room.job else None
    if st.session_state.get(_SEEN) != seen:
        st.session_state[_SEEN] = seen
        session.current().form = None
    return session.form(room.snapshot)


def standing(snapshot: Snapshot) -> Standing:
    """Return the graph of a project with table and question; a draft from roles if it has none."""
    slots = snapshot.part("table", "question", "knowledge", "pattern", "graph")
    table, question = slots.need("table"), slots.need("question")
    ends = (question.treatment, *question.outcomes)
    found = slots.graph or slots.pattern
    missing = tuple(name for name in ends if found is not None and name not in found.nodes)
    drafted = found is None or bool(missing)
    graph: Drawing = found or CausalGraph(nodes=(), edges=())
    if drafted:
        graph = from_roles(table.schema, question.treatment, question.outcomes)
    covariates = identification.known_before(graph, table)
    stated = Knowledge.from_tiers(table.schema.tiers(graph.nodes))
    return Standing(
        snapshot=snapshot,
        graph=graph,
        schema=table.schema,
        question=question,
        knowledge=slots.knowledge or stated,
        pattern=slots.pattern,
        drafted=drafted,
        missing=missing,
        said=identification.diagnose(graph, question, covariates=covariates),
    )


def save(shown: Standing, redone: Redrawn) -> None:
    """Save an edit with the estimand that follows from it, and draw the room anew."""
    saved = session.save(shown.snapshot, redone.analysis)
    if redone.refusal is not None and saved.analysis.estimand is not None:
        place = session.store()  # it rested on the roles alone, and the graph refuses it now
        place.clear(saved.project_id, "estimand", actor=session.ACTOR)
    st.rerun()


def previous(shown: Standing) -> GraphVersion | None:
    """Return the graph that stood here before this one, if any."""
    place = session.store()
    versions = place.graph_versions(shown.snapshot.project.id, actor=session.ACTOR)
    now = shown.snapshot.fingerprints.get("graph")
    return next((one for one in versions if one.fingerprint != now), None)


def restored(shown: Standing, version: GraphVersion) -> Redrawn | None:
    """Return the analysis with an earlier graph; None if that says nothing about the question."""
    graph = session.store().get(version.ref)
    ends = {shown.question.treatment, *shown.question.outcomes}
    if not isinstance(graph, CausalGraph) or not ends <= set(graph.nodes):
        return None
    return identification.redraw(shown.snapshot.analysis, graph)
