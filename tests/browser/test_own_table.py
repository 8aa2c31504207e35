"""A table of one's own, from the file to the report, in every room; and the clicks counted."""

from __future__ import annotations

import re
from pathlib import Path

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


def exported(folder: Path) -> Path:
    """Write a plain CSV, as from a shop: columns with names, and nothing about what they are."""
    frame = datasets.simulate("funnel", UNITS, seed=7).table.frame.drop(columns=LEFT_OUT)
    path = folder / "users.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_table_of_hers_goes_through_all_rooms_and_is_answered_in_twelve_clicks(
    bench, one_server, tmp_path
):
    data = Data(bench)
    bench.visit()
    Projects(bench).stands()
    bench.bring(exported(tmp_path))
    bench.wait_for_room("data")
    data.wait_for_table()
    data.ask("banner", ["purchase"])
    data.fill_in_what_was_known_before()
    assert "help_contact" not in bench.chosen(data.before)  # whether one asked is known afterwards
    bench.answer()
    bench.wait_for_room("effects")
    verdict = bench.wait_for_answer()
    assert bench.clicks <= MOST_CLICKS, bench.clicks
    assert verdict in ("Raises", "Cannot tell")
    expect(bench.checks.first).to_be_visible(timeout=SOON)
    assert all("passed" in card for card in bench.checks.all_inner_texts())

    store, project = Store.open(one_server.home), bench.project
    data.enter()
    data.stands()

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
    bench.choose("Scenario", "Straight lines")
    lab.least()
    lab.run()
    lab.stands()
    runs = store.load(project, actor=LOCAL).get("lab")
    assert (runs.n, runs.scenario) == (500, "linear")
    seeds = len({run.seed for run in runs.runs})
    expect(bench.sentence).to_contain_text(f"of {seeds} intervals held the truth", timeout=SOON)
