"""The Data room: what was read, what was known when, and the question."""

from __future__ import annotations

import io
import time

import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.question import EffectKind
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.store import LOCAL, Store
from pages.shared import guesses
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


def test_one_click_fills_in_what_looks_known_before_and_the_rest_is_left_to_her():
    project = stored(Analysis(table=made_by_hand.table(stated=False)))
    page = visit("data", project)
    assert "Nothing is said to be known before" in words(page)
    button(page, "Fill in what looks known before (3 columns)").click().run()
    assert field(page, "multiselect", BEFORE).value == ["country", "visits", "spent"]
    assert not [one for one in page.button if one.label.startswith("Fill in")]
    assert "Nothing is said to be known before" not in words(page)
    assert now(project).get("question") is None, "a click on the list saves nothing"
    field(page, "multiselect", BEFORE).set_value(["visits"]).run()
    assert button(page, "Fill in what looks known before (2 columns)")


def test_the_picture_follows_the_form_before_anything_is_saved():
    page = visit("data", stored(Analysis(table=made_by_hand.table(stated=False))))

    def known() -> dict[str, str]:
        shown = next(one.value for one in page.dataframe if "known" in one.value.columns)
        return dict(zip(shown["name"], shown["known"], strict=True))

    assert known()["visits"] == "unknown"
    button(page, "Fill in what looks known before (3 columns)").click().run()
    assert (known()["visits"], known()["banner"], known()["click"]) == ("before", "at", "after")


def schema(*columns: tuple[str, Kind, Role]) -> Schema:
    made = [Column(name=name, kind=kind, role=role) for name, kind, role in columns]
    return Schema(columns=tuple(made))


def test_treatment_and_outcomes_are_guessed_from_names_where_no_part_says_so():
    seen = schema(
        ("user", Kind.ID, Role.IGNORE),
        ("is_member", Kind.BINARY, Role.ATTRIBUTE),
        ("promo_group", Kind.CATEGORY, Role.ATTRIBUTE),
        ("clicked_it", Kind.BINARY, Role.ATTRIBUTE),
        ("clicks_28d", Kind.COUNT, Role.HISTORY),
    )
    assert guesses.treatment(seen) == "promo_group"
    assert guesses.outcomes(seen, "promo_group") == ("clicked_it",)
    assert guesses.treatment(schema(("a", Kind.AMOUNT, Role.ATTRIBUTE))) is None


@pytest.mark.parametrize("name", ["refunds", "visits_after", "next_order", "help_contact"])
def test_what_sounds_like_later_is_never_filled_in(name):
    seen = schema((name, Kind.COUNT, Role.ATTRIBUTE), ("visits", Kind.COUNT, Role.HISTORY))
    assert guesses.known_before(seen, ()) == ("visits",)
    assert guesses.known_before(schema(("days_since_visit", Kind.COUNT, Role.HISTORY)), ())


def refused_file(store: Store, project: str) -> None:
    upload = store.add_upload(
        io.BytesIO(b"\0\1\2" * 40), project_id=project, original_name="holiday.csv", actor=LOCAL
    )
    job = jobs.submit(store, project, "ingest", {"upload": upload.id}, actor=LOCAL)
    deadline = time.monotonic() + 60
    while jobs.get(store, job.id, actor=LOCAL).active and time.monotonic() < deadline:
        jobs.refresh(store)
        time.sleep(0.2)


def test_a_refused_file_is_explained_in_the_room_and_another_can_be_chosen():
    store = Store.open()
    empty = store.create_project("Refused", actor=LOCAL).id
    refused_file(store, empty)
    page = visit("data", empty)
    assert "This file could not be read as a table." in words(page)
    (trouble,) = troubles(page)
    assert "“holiday.csv” cannot be read" in trouble
    assert "  \n" in trouble, "what was found, and on its own line the remedy"
    assert field(page, "file_uploader", "Choose another file")
    assert not [one for one in page.button if one.label == "Start again"]


def test_another_file_can_be_brought_and_what_it_puts_out_of_date_is_named():
    page = visit("data", stored(made_by_hand.analysis()))
    assert field(page, "file_uploader", "Another table")
    said = words(page).replace("\\", "")
    assert "It takes the place of this table. Out of date then, but kept: the question" in said
    assert "the effects" in said
