"""The Model room without a browser: what it says of a training, and what Train starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from causal_core.analysis import Analysis
from causal_core.results import Comparable, basis_of
from causal_core.store import LOCAL, Store
from pages.shared import job_panel
from tests import made_by_hand
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _own_store(home):
    return home


@pytest.fixture
def started(monkeypatch):
    """What the room asks to be run, instead of running it."""
    orders = []
    monkeypatch.setattr(job_panel, "start", lambda *order: orders.append(order[:3]))
    return orders


def project(analysis: Analysis | None = None) -> str:
    store = Store.open()
    made = store.create_project("By hand", actor=LOCAL)
    if analysis is not None:
        store.save(made.id, analysis, revision=made.revision, actor=LOCAL)
    return made.id


def room(project_id: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/model.py")
    page.query_params["project"] = project_id
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    texts = [*page.get("html"), *page.text, *page.caption, *page.subheader]
    return "\n".join(one.proto.body if one.type == "html" else one.value for one in texts)


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label.partition(" · ")[0] == label)


def with_calibration(analysis: Analysis, *tenths: tuple[float, float, int]) -> Analysis:
    """Return the analysis with other calibrations of every outcome."""
    record = analysis.model.record
    quality = tuple(replace(one, calibration=tenths) for one in record.quality)
    model = replace(analysis.model, record=replace(record, quality=quality))
    return replace(analysis, model=model)


def test_who_is_comparable_and_that_predictions_match_is_said_first():
    words = said(room(project(made_by_hand.analysis())))
    assert "94 % of units have a comparable counterpart" in words
    assert "match observed ones. Good prediction proves no cause." in words
    assert "from units held out of the training" in words


def test_a_prediction_that_misses_is_named_with_its_worst_tenth():
    page = room(
        project(with_calibration(made_by_hand.analysis(), (0.1, 0.1, 900), (0.3, 0.5, 900)))
    )
    words = said(page)
    assert "do not match" in words
    assert "where 0.300 is predicted, 0.500 was observed" in words
    assert "Good prediction" not in words


def test_each_outcome_has_a_calibration_and_a_row_of_quality():
    page = room(project(made_by_hand.analysis()))
    headings = [one.value for one in page.subheader]
    assert all(name in headings for name in made_by_hand.STAGES)
    table = next(one.value for one in page.dataframe if "AUC" in one.value.columns)
    assert list(table["outcome"]) == list(made_by_hand.STAGES)
    assert set(table["AUC"]) == {0.71}


def test_train_answers_the_question_with_the_chosen_model(started):
    where = project(made_by_hand.analysis())
    page = room(where)
    page.segmented_control[0].set_value("linear").run()
    button(page, "Train").click().run()
    assert started == [(where, "answer", {"model": "linear"})]


def test_without_overlap_train_stays_closed():
    page = room(project(made_by_hand.analysis(sufficient=False)))
    assert "29 % of units have a comparable counterpart" in said(page)
    assert button(page, "Train").disabled
    assert "Train stays closed" in said(page)


def test_without_a_question_the_room_says_what_comes_first():
    page = room(project(Analysis(table=made_by_hand.table())))
    assert "A model needs a question first" in said(page)
    assert not page.segmented_control


def test_a_question_that_nobody_has_answered_can_be_trained(started):
    asked = Analysis(table=made_by_hand.table(), question=made_by_hand.question())
    where = project(asked)
    page = room(where)
    assert "Nobody has trained a model for this question yet." in said(page)
    button(page, "Train").click().run()
    assert started == [(where, "answer", {"model": "mlp"})]


def test_a_stale_model_stays_with_what_changed():
    whole = made_by_hand.analysis()
    whole = replace(
        whole,
        model=replace(whole.model, basis=basis_of(table=whole.table, question=whole.question)),
    )
    store, where = Store.open(), project(whole)
    narrowed = whole.updated(question=replace(whole.question, population="visits > 3"))
    snapshot = store.load(where, actor=LOCAL)
    store.save(where, narrowed, revision=snapshot.revision, actor=LOCAL)
    page = room(where)
    assert any(one.value.startswith("△") for one in page.caption)
    assert any("AUC" in one.value.columns for one in page.dataframe)


def test_hostile_names_stay_text():
    names = {"purchase": "<img src=x onerror=alert(1)>", "click": "[a](http://b.c) $x$ :red[y]"}
    page = room(project(made_by_hand.analysis(rename=names)))
    assert all("<img" not in one.proto.body for one in page.get("html"))
    assert "\\[a\\]" in "".join(one.value for one in page.subheader)


def kept(where: str, *, sufficient: bool) -> None:
    """Keep what a look before any training would have found."""
    made = made_by_hand.analysis(sufficient=sufficient)
    found = Comparable(
        overlap=made.effects.overlap,
        adjustment_set=("visits",),
        basis=basis_of(table=made.table, question=made.question),
    )
    Store.open().keep(where, "comparable", found, actor=LOCAL)


def test_who_is_comparable_can_be_seen_before_any_training(started):
    where = project(Analysis(table=made_by_hand.table(), question=made_by_hand.question()))
    button(room(where), "See first who is comparable").click().run()
    assert started == [(where, "overlap", {})]
    kept(where, sufficient=True)
    page = room(where)
    assert "94 % of units have a comparable counterpart. Nobody has trained a model" in said(page)
    assert not button(page, "Train").disabled


def test_without_overlap_nothing_is_trained_in_the_first_place():
    where = project(Analysis(table=made_by_hand.table(), question=made_by_hand.question()))
    kept(where, sufficient=False)
    page = room(where)
    assert button(page, "Train").disabled
    assert button(page, "Choose other units")


def test_an_empty_room_shows_the_example_as_one():
    page = room(project(Analysis(table=made_by_hand.table(), question=made_by_hand.question())))
    assert "Example: the demo, simulated" in said(page)
    assert "Example: the demo, simulated" not in said(room(project(made_by_hand.analysis())))
