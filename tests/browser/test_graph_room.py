"""The Graph room in a browser: search, decide an open edge, edit the table, undo, reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.graph import EdgeKind, Provenance
from causal_core.store import LOCAL, Store
from tests.browser.rooms import SOON, Graph, Workbench

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(server):
    """A server, and in its store a project with table and question."""
    one = server()
    store = Store.open(one.home)
    project = store.create_project("Coupons", actor=LOCAL)
    simulation = datasets.simulate("funnel", 1_500, seed=7)
    asked = Analysis(table=simulation.table).asking(simulation.question)
    store.save(project.id, asked, revision=project.revision, actor=LOCAL)
    return one, store, project.id


def test_a_graph_is_searched_edited_undone_and_found_again_after_a_reload(page: Page, served):
    server, store, project = served
    bench = Workbench(page, server)
    room = Graph(bench)
    bench.visit("graph", project)
    expect(room.sentence).to_contain_text("No graph yet", timeout=SOON)
    expect(room.picture).to_be_visible(timeout=SOON)

    room.discover()
    found = store.load(project, actor=LOCAL).analysis
    assert found.pattern.violations == ()
    assert all(edge.stability is not None for edge in found.pattern.edges)

    standing = found.graph or found.pattern
    number = len(standing.edges)
    for edge in found.pattern.undirected:
        there = f"{edge.source} → {edge.target}"
        room.change(f"{edge.source} — {edge.target}", f"Decide: {there}")
    decided = store.load(project, actor=LOCAL).analysis
    assert decided.graph is not None
    assert {edge.kind for edge in decided.graph.edges} == {EdgeKind.DIRECTED}
    hers = [edge for edge in decided.graph.edges if edge.provenance is Provenance.ANALYST]
    assert len(hers) == len(found.pattern.undirected)

    room.delete_first_row()
    room.save("Save the table")
    edited = store.load(project, actor=LOCAL).analysis
    assert edited.graph.edges == decided.graph.edges[1:]

    room.undo()
    undone = store.load(project, actor=LOCAL).analysis
    assert undone.graph.fingerprint == decided.graph.fingerprint
    assert len(undone.graph.edges) == number

    page.reload()
    expect(room.sentence).to_contain_text("Identified", timeout=SOON)
    expect(room.picture).to_be_visible(timeout=SOON)
