"""The Effects room: a verdict with its interval, or why there is none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from causal_core import jobs
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.pages.visiting import button, end_all_jobs, now, stored, visit, words

A_NUMBER = re.compile(r"[+−]\d")


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def verdict_and_sentence(page) -> tuple[str, str]:
    body = [element.value for element in page.main.get("html")]
    at = next(i for i, text in enumerate(body) if 'class="verdict"' in text)
    return tuple(re.sub(r"<[^>]+>", "", text) for text in body[at : at + 2])


def test_a_full_answer_says_verdict_effect_with_interval_and_raw_difference():
    page = visit("effects", stored(made_by_hand.analysis()))
    verdict, sentence = verdict_and_sentence(page)
    assert verdict == "Raises"
    assert "+12, 4 to 20" in sentence
    assert "+31, 23 to 39" in sentence


def test_an_effect_whose_interval_holds_zero_cannot_be_told():
    page = visit("effects", stored(made_by_hand.analysis(shift=-0.012)))
    assert verdict_and_sentence(page)[0] == "Cannot tell"


@pytest.mark.parametrize(
    ("trouble", "check"),
    [
        ({"stated": False}, "Order in time"),
        ({"sufficient": False}, "Comparable"),
        ({"unbroken": False}, "Attempts to break it"),
        ({"events": (61.0, 12.0)}, "Enough events"),
    ],
)
def test_one_failed_check_takes_the_verdict_and_every_number_from_the_sentence(trouble, check):
    page = visit("effects", stored(made_by_hand.analysis(**trouble)))
    verdict, sentence = verdict_and_sentence(page)
    assert verdict == "No answer"
    assert check in sentence
    assert not A_NUMBER.search(sentence)
    assert "What the data show, not an answer" in words(page)
    assert "From the raw difference to the effect" not in words(page)


def test_the_rail_marks_a_failed_check():
    page = visit("effects", stored(made_by_hand.analysis(unbroken=False)))
    labels = [link.proto.label for link in page.sidebar.get("page_link")]
    assert {"Projects", "●  Data", "■  Effects", "■  Report"} <= set(labels)


def test_another_outcome_is_chosen_by_name():
    page = visit("effects", stored(made_by_hand.analysis()))
    page.get("button_group")[0].set_value("click").run()
    assert "+107, 88 to 126" in verdict_and_sentence(page)[1]


def test_the_truth_is_shown_only_where_there_is_one():
    assert not visit("effects", stored(made_by_hand.analysis())).toggle
    simulated = made_by_hand.simulated(made_by_hand.analysis())
    page = visit("effects", stored(simulated))
    assert page.toggle[0].label == "Lift the curtain: show the truth"
    assert not page.toggle[0].set_value(True).run().exception


def test_a_changed_question_leaves_the_old_answer_stale_and_offers_a_new_one():
    project, whole = stored(made_by_hand.analysis()), made_by_hand.analysis()
    asked = whole.asking(replace(whole.question, population="visits > 2"))
    Store.open().save(project, asked, revision=now(project).project.revision, actor=LOCAL)
    page = visit("effects", project)
    assert "The question stands; nobody has answered it yet." in words(page)
    assert "△ It rests on what has changed since" in words(page)
    assert "The earlier answer, no longer current" in words(page)
    button(page, "Answer my question").click().run()
    (job,) = jobs.listing(Store.open(), project, actor=LOCAL)
    assert job.step == "answer"


def test_a_project_without_a_question_leads_to_the_data_room():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("effects", project.id)
    assert "Ask a question first" in words(page)
    assert [link.proto.label for link in page.main.get("page_link")] == ["Go to Data"]
