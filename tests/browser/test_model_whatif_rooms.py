"""The Model and What-if rooms in a browser: train, play, copy; a reload keeps everything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge, EdgeKind
from causal_core.question import CausalQuestion
from causal_core.results import basis_of
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import LONG, SOON, Workbench

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def one_server(server):
    return server()


def stored(home: Path, analysis: Analysis) -> str:
    store = Store.open(home)
    project = store.create_project("By hand", actor=LOCAL)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    return project.id


def asked(units: int) -> Analysis:
    """A question on linear data, with the true graph drawn and nothing answered."""
    simulation = datasets.simulate("linear", units, seed=7)
    edges = tuple(Edge(source=a, target=b) for a, b in simulation.truth.edges)
    nodes = tuple(dict.fromkeys(name for edge in edges for name in edge.pair))
    question = CausalQuestion(treatment="banner", outcomes=("click",))
    drawn = Analysis(table=simulation.table).asking(question)
    return drawn.updated(graph=CausalGraph(nodes=nodes, edges=edges))


def answered() -> Analysis:
    """The analysis by hand, all answered, with an empty board and without its hidden cause."""
    whole = made_by_hand.analysis()
    seen = tuple(edge for edge in whole.graph.edges if edge.kind is EdgeKind.DIRECTED)
    return replace(
        whole,
        graph=CausalGraph(nodes=whole.graph.nodes, edges=seen),
        estimand=replace(whole.estimand, basis=basis_of(question=whole.question)),
        scenarios=None,
    )


def test_a_model_is_trained_in_its_room_and_shows_its_calibration(page: Page, one_server):
    bench = Workbench(page, one_server)
    project = stored(one_server.home, asked(1_000))
    bench.visit("model", project)
    expect(bench.main).to_contain_text("Nobody has trained a model", timeout=SOON)
    page.get_by_text("Linear", exact=True).click(timeout=SOON)
    page.get_by_role("button", name="Train").click(timeout=SOON)
    expect(bench.cancel).to_be_visible(timeout=SOON)
    expect(page.locator(".st-key-chart-calibration-0 .js-plotly-plot")).to_be_visible(timeout=LONG)
    expect(page.locator(".st-key-chart-overlap .js-plotly-plot")).to_be_visible(timeout=SOON)
    expect(bench.main).to_contain_text("have a comparable counterpart", timeout=SOON)
    page.reload()
    expect(page.locator(".st-key-chart-calibration-0 .js-plotly-plot")).to_be_visible(timeout=SOON)
    linear = page.get_by_role("radio", name="Linear")
    expect(linear).to_be_checked(timeout=SOON)


def test_scenarios_are_played_copied_and_still_there_after_a_reload(page: Page, one_server):
    bench = Workbench(page, one_server)
    project = stored(one_server.home, answered())
    bench.visit("whatif", project)
    play = page.get_by_role("button", name="Play", exact=True)
    cards = page.locator("[class*=st-key-scenario-]")
    play.click(timeout=SOON)
    expect(cards).to_have_count(1, timeout=LONG)
    expect(page.get_by_text("This scenario is on the board.")).to_be_visible(timeout=SOON)

    page.get_by_role("button", name="Copy").click(timeout=SOON)
    copied = page.locator('input[aria-label="Name (optional)"][value="Everyone, changed"]')
    expect(copied).to_be_visible(timeout=SOON)  # the form before may still fade out beside it
    name = page.get_by_label("Name (optional)")
    expect(name).to_have_count(1, timeout=SOON)
    bench.choose("Value", "0")
    with bench.redrawn():
        name.fill("Nobody")
        name.press("Tab")
    play.click(timeout=SOON)
    expect(cards).to_have_count(2, timeout=LONG)
    expect(page.locator(".st-key-scenario-1 .js-plotly-plot")).to_be_visible(timeout=SOON)
    expect(bench.main).to_contain_text("Do Effects and What-if agree?", timeout=SOON)

    page.reload()
    expect(cards).to_have_count(2, timeout=SOON)
    page.locator(".st-key-scenario-0").get_by_role("button", name="Delete").click(timeout=SOON)
    expect(cards).to_have_count(1, timeout=SOON)
    expect(cards).to_contain_text("Nobody", timeout=SOON)
    expect(bench.alerts).to_have_count(0)
