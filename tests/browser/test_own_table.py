"""A table of one's own, from the file to the report, in every room; and the clicks counted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from causal_core import datasets
from causal_core.store import LOCAL, Store
from tests.browser.rooms import (
    SOON,
    Data,
    Effects,
    Graph,
    Model,
    Projects,
    Report,
    Strategy,
    TruthLab,
    WhatIf,
)

pytestmark = pytest.mark.slow

MOST_CLICKS = 12
UNITS = 2_000
# What a shop's export would hold: no column of the simulator's own about how it was decided.
LEFT_OUT = ["propensity", "position"]


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    """A plain CSV, as from a shop: columns with names, and nothing about what they are."""
    frame = datasets.simulate("funnel", UNITS, seed=7).table.frame.drop(columns=LEFT_OUT)
    path = tmp_path_factory.mktemp("files") / "users.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def table_of_hers():
    """The project that the first walk made, for the walks after it."""
    found: dict[str, str] = {}
    return found


def test_an_own_table_is_answered_in_twelve_clicks(bench, csv, table_of_hers):
    data = Data(bench)
    bench.visit()
    Projects(bench).stands()
    bench.bring(csv)
    bench.wait_for_room("data")
    data.wait_for_table()
    data.ask("banner", ["purchase"])
    data.fill_in_what_was_known_before()
    bench.answer()
    bench.wait_for_room("effects")
    verdict = bench.wait_for_answer()
    assert bench.clicks <= MOST_CLICKS, bench.clicks
    assert verdict in ("Raises", "Cannot tell")
    expect(bench.checks.first).to_be_visible(timeout=SOON)
    assert all("passed" in card for card in bench.checks.all_inner_texts())
    table_of_hers["project"] = bench.project


def test_her_table_goes_through_all_rooms(bench, one_server, table_of_hers, tmp_path):
    project = table_of_hers["project"]
    store = Store.open(one_server.home)

    Data(bench).visit(project)
    Data(bench).stands()

    graph = Graph(bench)
    graph.enter()
    graph.stands()
    graph.discover()
    found = store.load(project, actor=LOCAL).analysis
    for edge in found.pattern.undirected:
        there = f"{edge.source} → {edge.target}"
        graph.change(f"{edge.source} — {edge.target}", f"Decide: {there}")
    assert store.load(project, actor=LOCAL).get("graph") is not None

    model = Model(bench)
    model.enter()
    model.train("Linear")
    expect(bench.main.get_by_role("figure")).not_to_have_count(0, timeout=SOON)
    model.stands()

    effects = Effects(bench)
    effects.enter()
    bench.wait_for_answer()

    whatif = WhatIf(bench)
    whatif.enter()
    whatif.stands()
    whatif.play()
    expect(bench.sentence).to_contain_text(re.compile(r"\d"), timeout=SOON)

    strategy = Strategy(bench)
    strategy.enter()
    strategy.compare()
    strategy.stands()

    report = Report(bench)
    report.enter()
    report.stands()
    assert report.download(tmp_path).stat().st_size > 10_000

    lab = TruthLab(bench)
    lab.enter()
    bench.choose("Scenario", "Straight lines: every cause adds up")
    lab.least()
    lab.run()
    lab.stands()
    runs = store.load(project, actor=LOCAL).get("lab")
    assert (runs.n, runs.scenario) == (500, "linear")
    expect(bench.sentence).to_contain_text(f"of {runs.n_runs}", timeout=SOON)
