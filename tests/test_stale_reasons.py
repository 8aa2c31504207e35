"""A stale result says what was changed at the root, not only what it lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from causal_core import identification
from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Change, Edge, EdgeKind, GraphPattern, edited
from causal_core.results import basis_of
from causal_core.store import LOCAL, Project, Snapshot, Store
from tests import made_by_hand

ESTIMATES = ("estimand", "model", "effects", "refutations")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "home")


@pytest.fixture
def project(store: Store) -> Project:
    made = store.create_project("Coupons", actor=LOCAL)
    store.save(made.id, whole_analysis(), revision=0, actor=LOCAL)
    return made


def whole_analysis() -> Analysis:
    """An analysis in which each result rests on what the chain gives it."""
    made = made_by_hand.analysis()
    table, estimand = made.need("table"), made.need("estimand")
    model = replace(made.need("model"), basis=basis_of(table=table, estimand=estimand))
    basis = basis_of(table=table, estimand=estimand, model=model)
    effects = replace(made.need("effects"), basis=basis)
    refutations = replace(made.need("refutations"), basis=basis_of(effects=effects))
    return made.updated(model=model, effects=effects, refutations=refutations)


def save(store: Store, project: Project, analysis: Analysis) -> Snapshot:
    revision = store.project(project.id, actor=LOCAL).revision
    store.save(project.id, analysis, revision=revision, actor=LOCAL)
    return Store.open(store.home).load(project.id, actor=LOCAL)


def now(store: Store, project: Project) -> Analysis:
    return store.load(project.id, actor=LOCAL).analysis


def reasons(snapshot: Snapshot) -> dict[str, str]:
    return {slot: snapshot.stale[slot].reason for slot in ESTIMATES if slot in snapshot.stale}


def with_edges(analysis: Analysis, edges: tuple[Edge, ...]) -> Analysis:
    return analysis.updated(graph=replace(analysis.need("graph"), edges=edges))


def test_every_result_above_an_edited_graph_names_both_versions_of_it(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    snapshot = save(store, project, with_edges(whole, whole.need("graph").edges[:3]))
    assert reasons(snapshot) == dict.fromkeys(ESTIMATES, "It rests on graph 1, now 2.")
    assert snapshot.stale["effects"].changed == ("estimand", "model")
    assert snapshot.stale["effects"].roots == ("graph",)


def test_a_second_edit_counts_on_and_the_number_of_the_first_graph_stays(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    edges = whole.need("graph").edges
    save(store, project, with_edges(whole, edges[:3]))
    snapshot = save(store, project, with_edges(now(store, project), edges[:2]))
    assert reasons(snapshot) == dict.fromkeys(ESTIMATES, "It rests on graph 1, now 3.")


def test_a_graph_that_has_open_edges_now_is_called_undecided(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    graph = whole.need("graph")
    open_edge = replace(graph.edges[0], kind=EdgeKind.UNDIRECTED)
    pattern = GraphPattern(nodes=graph.nodes, edges=(open_edge, *graph.edges[1:]))
    snapshot = save(store, project, whole.updated(graph=None, pattern=pattern))
    assert snapshot.stale["effects"].reason == "It rests on graph 1, and none is decided now."


def test_another_question_is_named_and_not_the_adjustment_set_that_it_took_along(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    narrower = replace(whole.need("question"), outcomes=("click",))
    snapshot = save(store, project, whole.updated(question=narrower))
    sentence = "It rests on what has changed since: the question."
    assert reasons(snapshot) == dict.fromkeys(ESTIMATES, sentence)


def test_another_table_is_named_in_all_that_rests_on_it(store: Store, project: Project) -> None:
    whole = now(store, project)
    table = whole.need("table")
    fewer = replace(table, frame=table.frame.iloc[:300].reset_index(drop=True))
    snapshot = save(store, project, whole.updated(table=fewer))
    for slot in ("model", "effects", "refutations"):
        assert snapshot.stale[slot].reason == "It rests on what has changed since: the table."


def test_two_things_that_changed_are_both_named_in_the_order_of_the_chain(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    graph = whole.need("graph")
    narrower = replace(whole.need("question"), outcomes=("click",))
    both = with_edges(whole, graph.edges[:3]).updated(question=narrower)
    snapshot = save(store, project, both)
    assert snapshot.stale["effects"].reason == (
        "It rests on what has changed since: the question, and on graph 1, now 2."
    )


def test_a_set_that_was_chosen_anew_is_itself_the_root(store: Store, project: Project) -> None:
    whole = now(store, project)
    smaller = replace(whole.need("estimand"), adjustment_set=())
    snapshot = save(store, project, whole.updated(estimand=smaller))
    assert "estimand" not in snapshot.stale
    sentence = "It rests on what has changed since: the adjustment set."
    assert snapshot.stale["effects"].reason == snapshot.stale["model"].reason == sentence


def test_a_graph_that_was_searched_anew_is_named_by_its_versions_and_not_as_a_pattern(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    graph, table = whole.need("graph"), whole.need("table")

    def found(edges: tuple[Edge, ...]) -> Analysis:
        pattern = GraphPattern(nodes=graph.nodes, edges=edges, basis=basis_of(table=table))
        drawn = CausalGraph(nodes=graph.nodes, edges=edges, basis=basis_of(pattern=pattern))
        base = Analysis(table=table, question=whole.question, pattern=pattern, graph=drawn)
        basis = basis_of(question=whole.question, graph=drawn)
        return base.updated(estimand=replace(whole.need("estimand"), basis=basis))

    first = found(graph.edges)
    save(store, project, first)
    assert whole.model is not None
    save(store, project, first.updated(model=whole.model))
    again = found(graph.edges[:3]).updated(estimand=None)
    snapshot = save(store, project, again)
    versions = store.graph_versions(project.id, actor=LOCAL)
    reason = f"It rests on graph {versions[1].number}, now {versions[0].number}."
    assert snapshot.stale["estimand"].reason == snapshot.stale["model"].reason == reason


def test_a_result_that_only_made_way_for_another_was_replaced(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    snapshot = save(store, project, whole.updated(graph=None))
    assert snapshot.stale["graph"].reason == "It was replaced."
    assert snapshot.stale["graph"].roots == ()


def test_what_the_graph_room_does_to_an_edge_is_told_with_the_graph(
    store: Store, project: Project
) -> None:
    whole = now(store, project)
    drawn = edited(whole.need("graph"), 4, Change.FLIP)
    redone = identification.redraw(whole, drawn)
    snapshot = save(store, project, redone.analysis)
    assert redone.stale, "this edit costs estimates"
    for slot in redone.stale:
        assert "graph 1, now 2" in snapshot.stale[slot].reason
