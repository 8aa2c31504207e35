"""Facts about edits of a graph: what they keep, what they refuse, what they cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal_core import datasets, identification, pipeline
from causal_core.analysis import Analysis
from causal_core.errors import (
    ColumnMissingError,
    CycleError,
    DuplicateEdgeError,
    NotIdentifiedError,
    NotInGraphError,
)
from causal_core.graph import (
    CausalGraph,
    Change,
    Edge,
    EdgeKind,
    GraphPattern,
    Knowledge,
    Provenance,
    changes,
    edited,
    from_roles,
    redrawn,
)
from causal_core.jobs import StepContext
from causal_core.pipeline.steps import STEPS
from causal_core.progress import silent
from causal_core.question import Status
from causal_core.results import Method, basis_of
from causal_core.schema import Role

NODES = ("age", "visits", "banner", "click")


def found(source: str, target: str, kind: EdgeKind = EdgeKind.DIRECTED) -> Edge:
    return Edge(
        source=source, target=target, kind=kind, provenance=Provenance.DATA,
        p_value=0.001, stability=0.8, note="direction as stated",
    )  # fmt: skip


GRAPH = CausalGraph(
    nodes=NODES,
    edges=(found("age", "visits"), found("visits", "banner"), found("banner", "click")),
)


# ---------------------------------------------------------------- one edge


def test_a_flipped_edge_is_the_analysts_and_keeps_the_numbers_of_the_pair():
    edge = edited(GRAPH, 0, Change.FLIP).edges[0]
    assert edge.pair == ("visits", "age")
    assert edge.provenance is Provenance.ANALYST
    assert (edge.p_value, edge.stability) == (0.001, 0.8)
    assert edge.note == ""  # it was about the other direction


def test_the_edges_that_an_edit_leaves_alone_stay_as_they_were():
    assert edited(GRAPH, 0, Change.FLIP).edges[1:] == GRAPH.edges[1:]
    assert edited(GRAPH, 2, Change.DELETE).edges == GRAPH.edges[:2]


def test_leaving_one_edge_open_makes_a_pattern_and_deciding_it_makes_a_graph_again():
    pattern = edited(GRAPH, 1, Change.OPEN)
    assert isinstance(pattern, GraphPattern)
    assert [edge.pair for edge in pattern.undirected] == [("visits", "banner")]
    forward, backward = edited(pattern, 1, Change.FORWARD), edited(pattern, 1, Change.BACKWARD)
    assert isinstance(forward, CausalGraph)
    assert forward.edges[1].pair == ("visits", "banner")
    assert backward.edges[1].pair == ("banner", "visits")
    assert forward.edges[1].provenance is Provenance.ANALYST


def test_every_change_that_is_offered_can_be_made():
    for kind in EdgeKind:
        graph = redrawn(GRAPH, [replace(GRAPH.edges[0], kind=kind), *GRAPH.edges[1:]])
        for change in changes(graph.edges[0]):
            after = edited(graph, 0, change)
            assert after.edges != graph.edges
            assert len(after.edges) == 3 - (change is Change.DELETE)


def test_a_circle_is_refused_with_its_path():
    with pytest.raises(CycleError) as refused:
        redrawn(GRAPH, (*GRAPH.edges, Edge(source="click", target="age")))
    path = refused.value.params["path"]
    assert set(str(path).split(" → ")) == set(NODES)


def test_two_edges_between_the_same_columns_are_refused_but_a_hidden_cause_may_stand_beside():
    again = Edge(source="age", target="visits", kind=EdgeKind.UNDIRECTED)
    with pytest.raises(DuplicateEdgeError):
        redrawn(GRAPH, (*GRAPH.edges, again))
    hidden = Edge(source="visits", target="age", kind=EdgeKind.BIDIRECTED)
    assert len(redrawn(GRAPH, (*GRAPH.edges, hidden)).edges) == 4
    with pytest.raises(DuplicateEdgeError):
        redrawn(GRAPH, (*GRAPH.edges, hidden, hidden))


def test_a_column_that_is_no_node_is_refused():
    with pytest.raises(ColumnMissingError):
        redrawn(GRAPH, (*GRAPH.edges, Edge(source="shoe_size", target="click")))


def test_what_she_claims_about_provenance_and_numbers_is_not_believed():
    claim = replace(found("age", "click"), stability=1.0)
    edge = redrawn(GRAPH, (*GRAPH.edges, claim)).edges[-1]
    assert (edge.provenance, edge.p_value, edge.stability) == (Provenance.ANALYST, None, None)
    noted = redrawn(GRAPH, (replace(GRAPH.edges[0], note="seen it"), *GRAPH.edges[1:])).edges[0]
    assert (noted.note, noted.provenance, noted.stability) == ("seen it", Provenance.DATA, 0.8)


def test_the_draft_from_roles_adjusts_for_all_that_was_known_before():
    simulation = datasets.simulate("coupon", 200, seed=7)
    question, schema = simulation.question, simulation.table.schema
    draft = from_roles(schema, question.treatment, question.outcomes)
    said = identification.diagnose(draft, question)
    assert said.status is Status.YES
    assert set(said.adjustment_set) == set(schema.covariates())
    assert "age_group" in draft.nodes
    assert "position" not in draft.nodes
    left_out = schema.restated({"age_group": Role.AFTER})
    assert "age_group" not in from_roles(left_out, question.treatment, question.outcomes).nodes


# ---------------------------------------------------------------- what an edit costs


@pytest.fixture(scope="module")
def answered() -> Analysis:
    """A small answered question over a drawn graph: z and the treatment, as “linear” has them."""
    simulation = datasets.simulate("linear", 400, seed=7)
    question, table = simulation.question, simulation.table
    graph = from_roles(table.schema, question.treatment, question.outcomes)
    request = pipeline.Request(
        treatment=question.treatment, outcomes=question.outcomes, graph=graph,
        model="linear", refute=False,
    )  # fmt: skip
    return pipeline.run(table, request)


def at(analysis: Analysis, source: str, target: str) -> int:
    return [edge.pair for edge in analysis.graph.edges].index((source, target))


def test_an_edit_that_leaves_the_adjustment_set_alone_drops_no_estimate(answered):
    first, second = answered.table.schema.covariates()[:2]
    drawn = redrawn(answered.graph, (*answered.graph.edges, Edge(source=first, target=second)))
    redone = identification.redraw(answered, drawn)
    assert redone.joins == redone.leaves == ()
    assert not {"estimand", "model", "effects"} & set(redone.stale)
    assert redone.analysis.effects is answered.effects
    assert redone.analysis.graph.basis is None


def test_an_edit_that_changes_the_adjustment_set_names_what_becomes_stale(answered):
    treatment, name = answered.question.treatment, answered.table.schema.covariates()[0]
    drawn = edited(answered.graph, at(answered, name, treatment), Change.FLIP)
    redone = identification.redraw(answered, drawn)
    assert redone.leaves == (name,)
    assert {"model", "effects"} <= set(redone.stale)
    assert redone.analysis.effects is None
    assert redone.analysis.estimand.adjustment_set == redone.identification.adjustment_set


def test_a_hidden_common_cause_of_treatment_and_outcome_leaves_the_graph_without_an_estimand(
    answered,
):
    treatment, outcome = answered.question.treatment, answered.question.outcomes[0]
    hidden = Edge(source=treatment, target=outcome, kind=EdgeKind.BIDIRECTED)
    redone = identification.redraw(
        answered, redrawn(answered.graph, (*answered.graph.edges, hidden))
    )
    assert isinstance(redone.refusal, NotIdentifiedError)
    assert redone.identification.status is Status.NO
    assert redone.analysis.estimand is None
    assert redone.analysis.graph is not None
    assert "effects" in redone.stale


def test_an_open_edge_puts_the_drawing_into_the_pattern_and_empties_the_graph(answered):
    name = answered.table.schema.covariates()[0]
    outcome = answered.question.outcomes[0]
    old = GraphPattern(
        nodes=answered.graph.nodes, edges=answered.graph.edges, test="fisherz", alpha=0.05,
        notes=("why",), basis=basis_of(table=answered.table, question=answered.question),
    )  # fmt: skip
    analysis = answered.updated(pattern=old)
    drawn = edited(analysis.graph, at(analysis, name, outcome), Change.OPEN)
    redone = identification.redraw(analysis, drawn)
    pattern = redone.analysis.pattern
    assert redone.analysis.graph is None
    assert (pattern.test, pattern.alpha, pattern.notes) == ("fisherz", 0.05, ("why",))
    assert pattern.basis == basis_of(table=answered.table)
    assert len(pattern.undirected) == 1
    back = identification.redraw(
        redone.analysis, edited(pattern, pattern.edges.index(pattern.undirected[0]), Change.FORWARD)
    )
    assert back.analysis.graph.fingerprint == answered.graph.fingerprint


def test_an_edge_against_the_stated_order_is_counted_as_a_violation(answered):
    name, treatment = answered.table.schema.covariates()[0], answered.question.treatment
    knowledge = Knowledge(tiers=((name,), (treatment,)))
    pattern = GraphPattern(nodes=answered.graph.nodes, edges=answered.graph.edges)
    analysis = answered.updated(knowledge=knowledge, pattern=pattern)
    drawn = edited(analysis.graph, at(analysis, name, treatment), Change.FLIP)
    assert identification.redraw(analysis, drawn).analysis.pattern.violations == (
        f"{treatment} → {name}",
    )


# ---------------------------------------------------------------- the chain uses what she drew


def context(seed: int = 7) -> StepContext:
    return StepContext(store=None, project_id="p", actor="local", seed=seed, job_id="j")


def asked(scenario: str = "funnel", n: int = 600) -> Analysis:
    simulation = datasets.simulate(scenario, n, seed=7)
    question = replace(simulation.question, outcomes=simulation.question.outcomes[:1])
    return Analysis(table=simulation.table).asking(question)


def drawn_by_hand(analysis: Analysis) -> CausalGraph:
    schema, question = analysis.table.schema, analysis.question
    draft = from_roles(schema, question.treatment, question.outcomes)
    unwanted = schema.covariates()[0]
    return redrawn(draft, [edge for edge in draft.edges if edge.source != unwanted])


@pytest.fixture
def no_search(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it searched the data again")

    monkeypatch.setattr("causal_core.discovery.discover", refuse)


QUICK = {"model": "linear"}


def test_answering_uses_the_graph_that_the_analyst_drew(no_search):
    analysis = asked()
    drawn = identification.redraw(analysis, drawn_by_hand(analysis)).analysis
    answer = STEPS["answer"](drawn, QUICK, silent, context())
    assert answer.graph.fingerprint == drawn.graph.fingerprint
    assert analysis.table.schema.covariates()[0] not in answer.estimand.adjustment_set
    assert answer.effects.estimand.adjustment_set == drawn.estimand.adjustment_set


def test_answering_uses_the_pattern_with_open_edges_and_finds_nothing_anew(no_search):
    analysis = asked()
    graph = drawn_by_hand(analysis)
    first, second = graph.nodes[1:3]
    open_edge = Edge(source=first, target=second, kind=EdgeKind.UNDIRECTED)
    drawn = identification.redraw(analysis, redrawn(graph, (*graph.edges, open_edge))).analysis
    answer = STEPS["answer"](drawn, QUICK, silent, context())
    assert answer.graph is None
    assert answer.pattern.fingerprint == drawn.pattern.fingerprint
    assert np.isfinite(answer.effects.of(analysis.question.outcomes[0], Method.AIPW).value)


def test_answering_about_a_column_that_the_drawn_graph_lacks_says_so():
    analysis = asked()
    small = redrawn(CausalGraph(nodes=("age_group", "visits_28d"), edges=()), ())
    with pytest.raises(NotInGraphError):
        STEPS["answer"](analysis.updated(graph=small), QUICK, silent, context())


@pytest.mark.slow
def test_discovering_replaces_what_stands_and_says_how_stable_each_edge_is():
    analysis = asked(n=1_500)
    drawn = identification.redraw(analysis, drawn_by_hand(analysis)).analysis
    settings = {"alpha": 0.01, "bootstrap": 4}
    searched = STEPS["discover"](drawn, settings, silent, context())
    assert searched.pattern.violations == ()
    assert searched.knowledge.tier_of(analysis.question.treatment) > 0
    assert all(edge.stability is not None for edge in searched.pattern.edges)
    assert (searched.graph is None) == bool(searched.pattern.undirected)
    assert set(searched.estimand.adjustment_set) == set(analysis.table.schema.covariates())
    again = STEPS["answer"](searched, QUICK, silent, context())
    assert again.pattern.fingerprint == searched.pattern.fingerprint
