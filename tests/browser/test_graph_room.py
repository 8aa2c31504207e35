"""The Graph room in a browser: search, decide an open edge, edit the table, undo, reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.graph import EdgeKind, Provenance
from causal_core.store import LOCAL, Store
from tests.browser.rooms import LONG, SOON, Workbench

pytestmark = pytest.mark.slow


class GraphRoom:
    """The Graph room as a person meets it."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.page = bench, bench.page

    @property
    def sentence(self) -> Locator:
        return self.page.locator(".say")

    @property
    def picture(self) -> Locator:
        return self.page.locator(".st-key-chart-graph .js-plotly-plot")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def discover(self) -> None:
        self.button("Discover").click(timeout=SOON)
        expect(self.bench.cancel).to_be_visible(timeout=SOON)
        expect(self.button("Discover again")).to_be_enabled(timeout=LONG)
        expect(self.sentence).to_contain_text("violations of your knowledge", timeout=SOON)
        self.wait()

    def change(self, edge: str, what: str) -> None:
        self.bench.choose("Change this edge", edge)
        self.bench.choose("What to do with it", what)
        self.save("Save this edit")

    def save(self, words: str) -> None:
        """Read what an edit would change, save it, and wait for the graph after it."""
        preview = self.page.get_by_text("What this edit would change")
        expect(preview).to_be_visible(timeout=SOON)
        self.button(words).click(timeout=SOON)
        expect(preview).to_have_count(0, timeout=SOON)
        self.wait()

    def wait(self) -> None:
        """Wait until the script has run to its end."""
        idle = self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(idle).to_be_attached(timeout=SOON)

    def delete_first_row(self) -> None:
        """Mark the first row of the edge table, and delete it."""
        table = self.page.get_by_test_id("stDataFrame").last
        table.scroll_into_view_if_needed(timeout=SOON)
        box = table.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 15, box["y"] + 55)
        with self.bench.redrawn():
            self.page.keyboard.press("Delete")


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
    room = GraphRoom(bench)
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

    with bench.redrawn():
        page.get_by_role("button", name="Undo").click(timeout=SOON)
    undone = store.load(project, actor=LOCAL).analysis
    assert undone.graph.fingerprint == decided.graph.fingerprint
    assert len(undone.graph.edges) == number

    page.reload()
    expect(room.sentence).to_contain_text("Identified", timeout=SOON)
    expect(room.picture).to_be_visible(timeout=SOON)
