"""The Truth lab without a browser: the stored run, one's own, and what Run starts."""

from __future__ import annotations

import pytest

from causal_core import datasets
from causal_core.results import LabRuns
from causal_core.store import LOCAL, Store
from pages.shared import example, job_panel
from tests import made_by_hand, strategy_by_hand
from tests.pages.visiting import button, stored, visit, words


@pytest.fixture(autouse=True)
def own_store(home):
    return home


@pytest.fixture
def started(monkeypatch):
    """What the room asks to be run, instead of running it."""
    orders = []
    monkeypatch.setattr(job_panel, "start", lambda *order: orders.append(order[:3]))
    return orders


def starting(page, label: str):
    """Return the button whose words begin so: the expected time stands behind them."""
    return next(one for one in page.button if one.label.startswith(label))


def test_without_a_project_the_run_of_the_demo_is_shown_under_its_name():
    page = visit("lab")
    said = words(page)
    assert isinstance(example.part("lab").lab, LabRuns)
    assert "intervals held the truth" in said
    assert "the raw difference: " in said
    assert "Stored run, simulated" in said.replace("\\", "")
    assert button(page, "Go to Projects")


def test_a_project_without_runs_shows_the_stored_one_too():
    project = Store.open().create_project("Empty", actor=LOCAL)
    said = words(visit("lab", project.id))
    assert "Stored run, simulated" in said.replace("\\", "")


def test_ones_own_runs_are_counted_and_called_simulated():
    said = words(visit("lab", stored(made_by_hand.analysis().updated(lab=strategy_by_hand.lab()))))
    assert "19 of 20 intervals held the truth" in said
    assert "the raw difference: 0." in said
    assert "Refused, so without an estimate: 1 of 21 data sets." in said
    assert "Stored run" not in said
    assert "Simulated: Curved funnel; 2,000 units each; linear model." in said.replace("\\", "")


def test_every_method_is_told_by_how_often_it_held_the_truth():
    page = visit("lab", stored(made_by_hand.analysis().updated(lab=strategy_by_hand.lab())))
    told = [one for one in page.dataframe if "held it (usual)" in one.value.columns]
    assert len(told) == 1
    table = told[0].value
    assert list(table["held it (usual)"])[0].startswith("19 of 20")
    assert list(table["method"]) == ["best estimate", "linear model", "raw difference"]
    assert list(table["held it (usual)"])[-1].startswith("0 of 20")


def test_run_starts_what_the_control_says(started):
    project = stored(made_by_hand.analysis())
    page = visit("lab", project)
    page.selectbox[0].set_value("hidden")
    page.radio[0].set_value("mlp")
    page.select_slider[1].set_value(50)
    page.run()
    starting(page, "Run").click().run()
    expected = {"scenario": "hidden", "n": 2_000, "model": "mlp", "runs": 50}
    assert started == [(project, "lab", expected)]


def test_like_my_data_takes_the_size_and_the_rates_and_nothing_else(started):
    whole = made_by_hand.analysis()
    page = visit("lab", stored(whole))
    page.toggle[0].set_value(True).run()
    starting(page, "Run").click().run()
    like = datasets.settings_like(whole.table)
    settings = started[0][2]
    assert settings["n"] == like["n"]
    assert settings["base_rates"] == like["base_rates"]
    assert set(settings) == {"scenario", "n", "model", "runs", "base_rates"}


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_every_scenario_has_words_and_a_lesson(scenario):
    from pages.shared import lab_view

    assert lab_view.scenario_words(scenario) != scenario
    assert lab_view.scenario_lesson(scenario)


def test_a_project_without_a_table_offers_no_likeness():
    project = Store.open().create_project("Empty", actor=LOCAL)
    assert not visit("lab", project.id).toggle
