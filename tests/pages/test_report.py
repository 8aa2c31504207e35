"""The Report room: whether a headline is allowed, page one as it will be, the files to hand on."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from causal_core import report
from causal_core.analysis import Analysis
from causal_core.question import Payoff
from causal_core.results import basis_of
from causal_core.store import LOCAL, Store
from tests import made_by_hand, strategy_by_hand
from tests.pages.visiting import button, stored, visit, words


@pytest.fixture(autouse=True)
def own_store(home):
    return home


def compared(**how: bool) -> Analysis:
    """Return an analysis with payoff and policies."""
    analysis, payoff = made_by_hand.analysis(**how), strategy_by_hand.payoff()
    basis = basis_of(
        table=analysis.table, estimand=analysis.estimand, model=analysis.model, payoff=payoff
    )
    policies = replace(strategy_by_hand.policies(), basis=basis)
    return analysis.updated(payoff=payoff, policies=policies)


def test_a_headline_is_allowed_when_every_check_passed():
    assert "Headline allowed: 5 of 5 checks passed." in words(
        visit("report", stored(made_by_hand.analysis()))
    )


@pytest.mark.parametrize(
    ("trouble", "check"),
    [({"stated": False}, "Order in time"), ({"sufficient": False}, "Compar")],
)
def test_a_refused_headline_names_the_checks_and_what_would_mend_it(trouble, check):
    said = words(visit("report", stored(made_by_hand.analysis(**trouble))))
    first = said.split("Refused: ")[1].splitlines()[0]
    assert check in first
    assert "To mend it: " in first
    assert "No answer" in said


def test_page_one_of_the_room_is_page_one_of_the_report():
    analysis = compared()
    said = unescape(words(visit("report", stored(analysis, "By hand"))))
    front = report.first_page(analysis, title="By hand")
    assert front.answered
    told = [front.title, front.question, front.verdict, front.sentence, front.span]
    told += [text for one in front.figures for text in (one.label, one.value, one.unit, one.reach)]
    told += [text for line in front.lines for text in (line.label, line.text)]
    told += [item for points in front.points for item in points.items]
    for text in told:
        assert text in said, text


def test_money_stands_on_page_one_only_with_a_payoff():
    assert "EUR per 1,000 units treated" in words(visit("report", stored(compared())))
    assert "EUR" not in words(visit("report", stored(made_by_hand.analysis())))


@pytest.mark.parametrize("trouble", [{"sufficient": False}, {"unbroken": False}])
def test_a_refused_page_one_holds_neither_money_nor_recommendation(trouble):
    said = words(visit("report", stored(compared(**trouble))))
    assert "EUR" not in said
    assert "Recommendation" not in said
    assert "What is missing, and what would mend it" in said


def test_two_files_are_offered_and_drawing_them_is_no_error():
    page = visit("report", stored(made_by_hand.analysis()))
    labels = [one.proto.label for one in page.get("download_button")]
    assert labels == ["Download the report", "Download everything (zip)"]


def test_what_is_not_stated_yet_has_a_door_to_its_room():
    page = visit("report", stored(made_by_hand.analysis()))
    said = words(page)
    assert "Break-even: value and cost not stated." in said
    assert "Policies: not compared yet." in said
    assert button(page, "Go to Strategy")
    assert "not compared yet" not in words(visit("report", stored(compared())))


def test_an_empty_page_one_has_a_slot_for_everything_and_a_door_to_every_room():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("report", project.id)
    said = words(page)
    assert "page one waits for an answer" in said
    assert "No answer yet" in said
    doors = [one.label for one in page.button if one.label.startswith("Go to")]
    rooms = ("Data", "Graph", "Model", "Effects", "Strategy")
    assert doors == [f"Go to {room}" for room in rooms]
    assert not page.get("download_button")


def test_an_answer_that_lost_its_basis_stays_greyed_with_what_it_rests_on():
    project = stored(made_by_hand.analysis())
    store = Store.open()
    shown = store.load(project, actor=LOCAL)
    question = replace(shown.analysis.question, outcomes=("click",))
    changed = shown.analysis.updated(question=question)
    store.save(project, changed, revision=shown.revision, actor=LOCAL)
    said = words(visit("report", project)).replace("\\", "")
    assert "stale" in said
    assert "The earlier answer, no longer current" in said
    assert "No answer yet" in said


def test_a_stated_value_turns_the_verdict_of_page_one():
    analysis = made_by_hand.analysis()
    assert "Raises" in words(visit("report", stored(analysis)))
    dear = analysis.updated(payoff=Payoff(value_per={"purchase": 10.0}, cost=1.0, currency="EUR"))
    assert "Works, does not pay" in words(visit("report", stored(dear)))
