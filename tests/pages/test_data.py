"""The Data room: what was read, what was known when, and the question."""

from __future__ import annotations

import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.question import EffectKind
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.pages.visiting import button, end_all_jobs, now, stored, troubles, visit, words

FILTER = "Only these units (optional)"
BEFORE = "Known before it was decided who gets it"


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def field(page, kind: str, label: str):
    (found,) = [one for one in page.get(kind) if one.label == label]
    return found


def test_a_project_without_a_table_asks_for_one():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("data", project.id)
    assert "This project has no table yet." in words(page)
    assert page.get("file_uploader")


def test_the_first_sentence_counts_what_was_read_and_dropped():
    page = visit("data", stored(made_by_hand.analysis()))
    assert "412 rows read, 12 dropped (2.9 %); 400 units, 10 columns." in words(page)


def test_columns_of_which_nobody_said_when_they_were_known_are_not_preselected():
    guessed = visit("data", stored(Analysis(table=made_by_hand.table(stated=False))))
    assert field(guessed, "multiselect", BEFORE).value == []
    said = visit("data", stored(Analysis(table=made_by_hand.table(stated=True))))
    assert field(said, "multiselect", BEFORE).value == ["country", "visits", "spent"]


def test_the_question_is_saved_with_what_she_vouches_for_and_its_answer_is_started():
    project = stored(Analysis(table=made_by_hand.table(stated=False)))
    page = visit("data", project)
    field(page, "multiselect", BEFORE).set_value(["visits"])
    field(page, "selectbox", "What do you want to know?").select("worth")
    field(page, "text_input", FILTER).input("visits > 2")
    button(page.run(), "Answer my question").click().run()
    assert not page.exception
    assert not troubles(page)
    question, table = now(project).get("question"), now(project).get("table")
    assert (question.treatment, question.kind) == ("banner", EffectKind.ATT)
    assert question.outcomes == ("click", "browse", "cart", "purchase")
    assert question.population == "visits > 2"
    assert list(table.schema.covariates()) == ["visits"]
    assert (table.schema["visits"].stated, table.schema["spent"].stated) == (True, False)
    (job,) = jobs.listing(Store.open(), project, actor=LOCAL)
    assert job.step == "answer"


@pytest.mark.parametrize(
    ("population", "found"),
    [
        ("vists > 3", "“vists”"),
        ("visits > 99", "Only 0 units"),
        ("visits >", "cannot be used"),
        ("().__class__", "cannot be used"),
    ],
)
def test_a_filter_that_cannot_be_used_leaves_the_project_and_her_words_as_they_were(
    population, found
):
    project = stored(made_by_hand.analysis())
    before = dict(now(project).fingerprints)
    page = visit("data", project)
    field(page, "text_input", FILTER).input(population)
    button(page.run(), "Answer my question").click().run()
    (trouble,) = troubles(page)
    assert found in trouble
    assert "  \n" in trouble, "what was found, and on its own line the remedy"
    assert dict(now(project).fingerprints) == before
    assert field(page, "text_input", FILTER).value == population
    assert jobs.listing(Store.open(), project, actor=LOCAL) == ()


def test_a_question_without_an_outcome_is_refused_and_saved_nowhere():
    project = stored(made_by_hand.analysis())
    before = dict(now(project).fingerprints)
    page = visit("data", project)
    field(page, "multiselect", "…change these outcomes?").set_value([])
    button(page.run(), "Answer my question").click().run()
    assert "outcome" in troubles(page)[0]
    assert dict(now(project).fingerprints) == before


def test_what_she_typed_survives_a_save_in_another_tab_and_both_versions_are_kept():
    project = stored(made_by_hand.analysis())
    mine, other = visit("data", project), visit("data", project)
    field(mine, "text_input", FILTER).input("visits > 1")
    button(other, "Answer my question")
    field(other, "text_input", FILTER).input("visits > 2")
    button(other.run(), "Answer my question").click().run()
    button(mine.run(), "Answer my question").click().run()
    kept = {one.id: now(one.id).get("question") for one in Store.open().projects(actor=LOCAL)}
    assert len(kept) == 2
    assert kept.pop(project).population == "visits > 2"
    assert [question.population for question in kept.values()] == ["visits > 1"]
    assert "Both versions are kept" in troubles(mine)[0]
