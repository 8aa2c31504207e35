"""The Model and What-if rooms in a browser: train, play, copy; a reload keeps everything."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge, EdgeKind
from causal_core.question import CausalQuestion
from causal_core.results import basis_of
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import LONG, SOON, Model, WhatIf

pytestmark = pytest.mark.slow


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


def test_a_model_is_trained_in_its_room_and_shows_its_calibration(bench, one_server):
    room, page = Model(bench), bench.page
    room.visit(stored(one_server.home, asked(1_000)))
    expect(room.sentence).to_contain_text("Nobody has trained a model", timeout=SOON)
    room.train("Linear")
    predicted = bench.main.get_by_role("figure", name=re.compile("predicted"))
    expect(predicted.first).to_be_visible(timeout=LONG)
    expect(room.sentence).to_contain_text("have a comparable counterpart", timeout=SOON)
    page.reload()
    expect(predicted.first).to_be_visible(timeout=SOON)
    linear = page.get_by_role("radio", name="Linear")
    expect(linear).to_be_checked(timeout=SOON)


def test_scenarios_are_played_copied_and_still_there_after_a_reload(bench, one_server):
    room, page = WhatIf(bench), bench.page
    room.visit(stored(one_server.home, answered()))
    room.play()
    expect(bench.main.get_by_text("This scenario is on the board.")).to_be_visible(timeout=SOON)

    bench.click(room.scenarios.first)
    copied = bench.main.locator('input[value="Everyone, changed"]')
    expect(copied).to_have_count(1, timeout=SOON)
    expect(page.get_by_label(room.name)).to_have_count(1, timeout=SOON)  # the old one fades out
    bench.choose("Value", "0")
    bench.write(room.name, "Nobody")
    room.play()
    expect(bench.main).to_contain_text("Do the rooms agree?", timeout=SOON)

    page.reload()
    expect(room.scenarios).to_have_count(2, timeout=SOON)
    expect(bench.pictures).to_have_count(2, timeout=SOON)
    bench.click(bench.button("Delete").first)
    expect(room.scenarios).to_have_count(1, timeout=SOON)
    card = bench.main.get_by_role("heading", name="Nobody", exact=True)
    expect(card).to_be_visible(timeout=SOON)
    expect(bench.alerts).to_have_count(0)
