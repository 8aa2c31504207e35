"""The Strategy room without a browser: what it says, what it refuses, what Compare starts."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from causal_core.analysis import Analysis
from causal_core.question import Payoff
from causal_core.results import PolicyName, basis_of
from causal_core.store import LOCAL, Store
from pages.shared import job_panel
from tests import made_by_hand, strategy_by_hand
from tests.pages.visiting import button, now, stored, visit, words


@pytest.fixture(autouse=True)
def own_store(home):
    return home


@pytest.fixture
def started(monkeypatch):
    """What the room asks to be run, instead of running it."""
    orders = []
    monkeypatch.setattr(job_panel, "start", lambda *order: orders.append(order[:3]))
    return orders


def compared(*, moved: dict[PolicyName, dict[str, float]] | None = None, **how: bool) -> Analysis:
    """Return an analysis with policies; `moved` changes numbers of some of them."""
    analysis, payoff = made_by_hand.analysis(**how), strategy_by_hand.payoff()
    policies = strategy_by_hand.policies()
    items = tuple(replace(each, **(moved or {}).get(each.name, {})) for each in policies.items)
    basis = basis_of(
        table=analysis.table, estimand=analysis.estimand, model=analysis.model, payoff=payoff
    )
    return analysis.updated(payoff=payoff, policies=replace(policies, items=items, basis=basis))


def starting(page, label: str):
    """Return the button whose words begin so: the expected time stands behind them."""
    return next(one for one in page.button if one.label.startswith(label))


def test_a_ratio_is_told_where_everyones_gain_is_clearly_above_zero():
    sure = {PolicyName.EVERYONE: {"gain_low": 0.002}}
    said = unescape(words(visit("strategy", stored(compared(moved=sure)))))
    assert "Giving it to 20 % brings 59 % of everyone's gain at 20 % of its cost" in said
    assert "effective sample size 290." in said


def test_plain_gains_with_intervals_are_told_where_a_ratio_would_mean_nothing():
    unsure = {PolicyName.EVERYONE: {"gain_low": -0.001}}
    said = words(visit("strategy", stored(compared(moved=unsure))))
    assert "gain at" not in said
    assert "+7 (4 to 10) when given to 20 %, +12 (−1 to 20) when given to everyone" in said
    assert "effective sample size 290." in said


def test_nobody_to_gain_from_is_said_and_no_ratio_is_made_of_it():
    none = {PolicyName.BEST: {"share_treated": 0.0, "gain": 0.0}}
    said = words(visit("strategy", stored(compared(moved=none))))
    assert "the rule treats nobody" in said


def test_the_recommendation_stands_beside_with_what_it_is_worth():
    said = words(visit("strategy", stored(compared())))
    assert "Recommendation: Some" in said
    assert "+244 EUR, 116 to 372 per 1,000 units, against nobody" in said
    assert "The 20 % of units with the largest predicted effect." in said
    assert "52 of 400 units would newly get it, 112 no longer." in said


def test_failed_checks_leave_the_policies_grey_and_nothing_is_recommended():
    page = visit("strategy", stored(compared(unbroken=False)))
    said = words(page)
    first = next(one.value for one in page.main.get("html") if 'class="say"' in one.value)
    assert "Not a recommendation: these checks did not pass: “Attempts to break it”." in first
    assert "EUR" not in first
    assert "Recommendation: " not in said
    assert "These numbers are not an answer." in said


def test_without_overlap_nothing_is_ranked():
    page = visit("strategy", stored(compared(sufficient=False)))
    said = words(page)
    assert "Refused" in said
    assert "Only 29 % of units have a comparable counterpart." in said
    assert "What each budget buys" not in said
    assert not [one for one in page.button if one.label.startswith("Compare")]


def test_comparing_saves_what_was_typed_and_starts_on_what_was_saved(started):
    project = stored(made_by_hand.analysis())
    page = visit("strategy", project)
    page.number_input[0].set_value(40.0)
    page.number_input[1].set_value(0.5)
    page.select_slider[0].set_value(30)
    page.run()
    starting(page, "Compare policies").click().run()
    assert not page.exception
    saved = now(project)
    assert saved.get("payoff") == Payoff(value_per={"purchase": 40.0}, cost=0.5, currency="EUR")
    assert started == [(project, "policy", {"outcome": "purchase", "budget": 0.3})]


def test_comparing_without_a_word_of_money_saves_none(started):
    project = stored(made_by_hand.analysis())
    page = visit("strategy", project)
    before = now(project).revision
    starting(page, "Compare policies").click().run()
    assert started == [(project, "policy", {"outcome": "purchase", "budget": 0.2})]
    assert now(project).revision == before
    assert now(project).get("payoff") is None


def test_the_value_of_another_outcome_is_kept(started):
    project = stored(compared())
    page = visit("strategy", project)
    page.selectbox[0].set_value("cart").run()
    assert page.number_input[0].value == 0.0
    page.number_input[0].set_value(3.0).run()
    starting(page, "Compare policies").click().run()
    assert now(project).get("payoff").value_per == {"purchase": 40.0, "cart": 3.0}
    assert started[0][2]["outcome"] == "cart"


def test_a_changed_cost_greys_the_policies_with_what_they_rest_on():
    project = stored(compared())
    store = Store.open()
    shown = store.load(project, actor=LOCAL)
    changed = shown.analysis.updated(payoff=Payoff(value_per={"purchase": 30.0}, cost=1.0))
    store.save(project, changed, revision=shown.revision, actor=LOCAL)
    page = visit("strategy", project)
    said = words(page).replace("\\", "")
    assert "stale" in said
    assert "value and cost" in said
    assert "Recommendation: " not in said
    assert starting(page, "Compare policies")


def test_settings_that_the_pictures_do_not_show_are_told_apart():
    page = visit("strategy", stored(compared()))
    assert "The pictures show these settings." in words(page)
    page.select_slider[0].set_value(50).run()
    assert "still show the settings before" in words(page)


def test_before_training_the_room_offers_the_answer_and_keeps_the_money():
    whole = made_by_hand.analysis()
    untrained = replace(whole, model=None, effects=None, refutations=None, scenarios=None)
    project = stored(untrained)
    page = visit("strategy", project)
    assert "First it must be known who gains." in words(page)
    assert starting(page, "Answer my question")
    assert button(page, "Save value and cost").disabled
    page.number_input[0].set_value(25.0).run()
    button(page, "Save value and cost").click().run()
    assert now(project).get("payoff").value_per == {"purchase": 25.0}


def test_without_a_question_a_door_leads_to_data():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("strategy", project.id)
    assert "Who should get it, within a budget?" in words(page)
    assert button(page, "Ask a question")


def test_hostile_names_are_shown_letter_by_letter():
    name = "<img src=x onerror=alert(1)> **bold** [a](http://example.org)"
    analysis = made_by_hand.analysis(rename={"purchase": name})
    page = visit("strategy", stored(analysis))
    labels = [one.label for one in page.number_input]
    assert all("**bold**" not in label and "](http" not in label for label in labels)
    assert not any("<img" in one.proto.body for one in page.main.get("html"))
