"""The question on top of every room: each slot opens, says what it costs, and saves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.question import Assignment, CausalQuestion, EffectKind
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.pages.visiting import button, end_all_jobs, now, stored, troubles, visit, words

FILTER = "Only these units (optional)"


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def field(page, kind: str, label: str):
    (found,) = [one for one in page.get(kind) if one.label == label]
    return found


def opened(project: str, slot: str, room: str = "effects"):
    """Open a room, and in it the slot that shows these words."""
    page = visit(room, project)
    button(page, slot).click().run()
    assert not page.exception
    return page


def asked(project: str) -> CausalQuestion:
    return now(project).part("question").need("question")


def ordered(project: str) -> list[str]:
    return [job.step for job in jobs.listing(Store.open(), project, actor=LOCAL)]


def by_country() -> Analysis:
    """A question whose treatment has three values."""
    compared = replace(made_by_hand.question().contrast, treated_value="de", control_value="fr")
    question = replace(made_by_hand.question(), treatment="country", contrast=compared)
    return Analysis(table=made_by_hand.table()).asking(question)


@pytest.mark.parametrize("room", ["data", "graph", "model", "effects", "whatif", "report"])
def test_the_question_is_a_sentence_with_its_slots_in_every_room(room):
    page = visit(room, stored(made_by_hand.analysis()))
    slots = [one.label for one in page.main.button if one.key and one.key.startswith("slot-")]
    assert slots == [
        "all units", "banner", "click, browse, cart, purchase", "Does it work?", "unknown",
    ]  # fmt: skip
    said = words(page).replace("\n", "")
    assert "Among , does  (1 rather than 0) change ?" in said


def test_a_slot_opens_only_what_it_asks_and_says_that_nothing_is_stale_yet():
    page = opened(stored(made_by_hand.analysis()), "all units")
    assert [one.label for one in page.text_input] == [FILTER]
    assert "Nothing becomes stale." in words(page)


def test_a_changed_population_says_what_becomes_stale_and_how_long_a_run_takes():
    page = opened(stored(made_by_hand.analysis()), "all units")
    field(page, "text_input", FILTER).input("visits > 2").run()
    said = words(page).replace("\\", "")
    lost = "the adjustment set, the model, the effects, the refutations."
    assert f"Becomes stale: {lost}" in said
    assert "A new answer takes about " in said


def test_saving_a_slot_changes_the_question_and_makes_just_that_stale():
    project = stored(made_by_hand.analysis())
    page = opened(project, "all units")
    field(page, "text_input", FILTER).input("visits > 2")
    button(page.run(), "Save").click().run()
    assert not page.exception
    assert asked(project).population == "visits > 2"
    assert set(now(project).stale) == {"estimand", "model", "effects", "refutations"}
    assert ordered(project) == []
    assert "Save" not in [one.label for one in page.button], "the slot is closed again"


def test_a_question_asked_earlier_brings_its_answer_back():
    project = stored(made_by_hand.analysis())
    page = opened(project, "all units")
    field(page, "text_input", FILTER).input("visits > 2")
    button(page.run(), "Save").click().run()
    button(page, "visits > 2".replace(">", "\\>")).click().run()
    field(page, "text_input", FILTER).input("").run()
    assert "Becomes current again: the adjustment set" in words(page).replace("\\", "")
    button(page, "Save").click().run()
    assert "effects" in now(project).fingerprints


def test_save_and_answer_starts_the_chain_on_the_new_question():
    project = stored(made_by_hand.analysis())
    page = opened(project, "all units", "graph")
    field(page, "text_input", FILTER).input("visits > 2")
    button(page.run(), "Save and answer").click().run()
    assert asked(project).population == "visits > 2"
    assert ordered(project) == ["answer"]


@pytest.mark.parametrize(
    ("population", "found"),
    [("vists > 3", "“vists”"), ("visits > 99", "Only 0 units"), ("visits >", "cannot be used")],
)
@pytest.mark.parametrize("press", ["Save", "Save and answer"])
def test_a_filter_that_cannot_be_used_says_so_in_place_and_changes_nothing(
    population, found, press
):
    project = stored(made_by_hand.analysis())
    before = dict(now(project).fingerprints)
    page = opened(project, "all units")
    field(page, "text_input", FILTER).input(population)
    button(page.run(), press).click().run()
    (trouble,) = troubles(page)
    assert found in trouble
    assert "  \n" in trouble, "what was found, and on its own line the remedy"
    assert field(page, "text_input", FILTER).value == population
    assert dict(now(project).fingerprints) == before
    assert ordered(project) == []


def test_another_treatment_with_more_than_two_values_is_asked_for_both_of_them():
    project = stored(made_by_hand.analysis())
    page = opened(project, "banner")
    field(page, "selectbox", "Does this column…").select("country").run()
    field(page, "selectbox", "…at this value").select("fr").run()
    field(page, "selectbox", "…rather than this one").select("de").run()
    button(page, "Save").click().run()
    contrast = asked(project).contrast
    assert (asked(project).treatment, contrast.treated_value, contrast.control_value) == (
        "country", "fr", "de",
    )  # fmt: skip


def test_a_treatment_with_more_than_two_values_has_a_slot_of_its_own_for_them():
    project = stored(by_country())
    page = opened(project, "\\(de rather than fr\\)", "graph")
    field(page, "selectbox", "…rather than this one").select("cn").run()
    button(page, "Save").click().run()
    assert asked(project).contrast.control_value == "cn"
    assert asked(project).treatment == "country"


def test_outcomes_can_be_taken_away_but_not_all_of_them():
    project = stored(made_by_hand.analysis())
    page = opened(project, "click, browse, cart, purchase")
    field(page, "multiselect", "…change these outcomes?").set_value([]).run()
    assert "outcome" in troubles(page)[0]
    field(page, "multiselect", "…change these outcomes?").set_value(["cart"]).run()
    assert not troubles(page)
    button(page, "Save").click().run()
    assert asked(project).outcomes == ("cart",)


def test_who_decided_is_a_slot():
    project = stored(made_by_hand.analysis())
    page = opened(project, "unknown")
    field(page, "selectbox", "Who decided who got it?").select(Assignment.CHANCE).run()
    button(page, "Save").click().run()
    assert asked(project).assignment is Assignment.CHANCE


def test_an_aim_of_another_kind_changes_the_question_and_one_of_the_same_kind_does_not():
    project = stored(made_by_hand.analysis())
    page = opened(project, "Does it work?")
    field(page, "selectbox", "What do you want to know?").select("whom").run()
    assert "Nothing becomes stale." in words(page)
    button(page, "Save").click().run()
    assert asked(project).kind is EffectKind.ATE
    assert "effects" in now(project).fingerprints
    button(page, "For whom?").click().run()
    field(page, "selectbox", "What do you want to know?").select("worth").run()
    assert "Becomes stale" in words(page)
    button(page, "Save").click().run()
    assert asked(project).kind is EffectKind.ATT
    assert "effects" in now(project).stale


def test_two_tabs_that_save_a_slot_keep_both_questions():
    project = stored(made_by_hand.analysis())
    mine, other = opened(project, "all units"), opened(project, "all units")
    for page, typed in ((other, "visits > 2"), (mine, "visits > 1")):
        field(page, "text_input", FILTER).input(typed)
        button(page.run(), "Save").click().run()
    kept = {one.id: asked(one.id).population for one in Store.open().projects(actor=LOCAL)}
    assert sorted(kept.values()) == ["visits > 1", "visits > 2"]
    assert kept[project] == "visits > 2"
    assert "Both versions are kept" in troubles(mine)[0]


def test_hostile_names_stand_in_the_sentence_as_they_are():
    bad = {"banner": "**b** ![x](http://a.b/c.png)", "click": "<b>$x$</b>"}
    page = visit("effects", stored(made_by_hand.analysis(rename=bad)))
    slots = [one.label for one in page.main.button if one.key and one.key.startswith("slot-")]
    assert not any("![x](" in one or "**b**" in one or "<b>" in one for one in slots)
    assert any("b\\*\\* \\!\\[x\\]" in one for one in slots)


def test_a_project_without_a_question_says_so_and_has_no_slots():
    page = visit("effects", stored(Analysis(table=made_by_hand.table())))
    assert "No question yet." in words(page)
    assert not [one for one in page.button if one.key and one.key.startswith("slot-")]
