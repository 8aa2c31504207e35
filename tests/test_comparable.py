"""Who is comparable before any training: the same as after it, kept until the question changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge
from causal_core.jobs import StepContext
from causal_core.pipeline import STEPS, request_of
from causal_core.pipeline.comparable import SLOT, comparable
from causal_core.question import Assignment
from causal_core.results import Comparable
from causal_core.store import LOCAL, Store


@pytest.fixture(scope="module")
def asked() -> Analysis:
    simulation = datasets.simulate("funnel", 1_500, seed=7)
    return Analysis(table=simulation.table).asking(simulation.question)


def run(asked: Analysis) -> tuple[Store, str]:
    store = Store.open()
    project = store.create_project("Looked", actor=LOCAL)
    store.save(project.id, asked, revision=project.revision, actor=LOCAL)
    context = StepContext(store=store, project_id=project.id, actor=LOCAL, seed=7, job_id="j")
    done = STEPS["overlap"](asked, {}, lambda *_: None, context)
    assert done is asked, "nothing of the analysis is changed"
    return store, project.id


def test_every_unit_is_counted_under_the_set_that_would_be_adjusted_for(asked):
    found = comparable(asked, request_of(asked, {}, 7))
    counted = sum(found.overlap.treated_counts) + sum(found.overlap.control_counts)
    assert counted == len(asked.table)
    assert set(found.adjustment_set) == set(asked.table.schema.covariates())


def test_a_graph_that_stands_decides_the_set(asked):
    question = asked.question
    causes = [Edge(source="visits_28d", target=end) for end in (question.treatment, "click")]
    graph = CausalGraph(
        nodes=("visits_28d", "device", question.treatment, *question.outcomes),
        edges=(*causes, Edge(source=question.treatment, target="click")),
    )
    unknown = asked.asking(replace(question, assignment=Assignment.UNKNOWN))
    drawn = unknown.updated(graph=graph)
    found = comparable(drawn, request_of(drawn, {}, 7))
    assert found.adjustment_set == ("visits_28d",)
    assert set(found.basis) == {"table", "question", "graph"}


def test_it_is_kept_beside_the_analysis_until_the_question_changes(home, asked):
    store, project = run(asked)
    kept = store.load(project, actor=LOCAL)
    assert isinstance(kept.get(SLOT), Comparable)
    assert SLOT not in kept.stale
    narrower = asked.asking(replace(asked.question, population="visits_28d > 1"))
    store.save(project, narrower, revision=kept.revision, actor=LOCAL)
    later = store.load(project, actor=LOCAL)
    assert later.get(SLOT) is None
    assert isinstance(later.stale[SLOT].value, Comparable)
