"""The Report room: whether a headline is allowed, and the files to hand on."""

from __future__ import annotations

import pytest

from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.pages.visiting import stored, visit, words


@pytest.fixture(autouse=True)
def own_store(home):
    return home


def test_a_headline_is_allowed_when_every_check_passed():
    assert "Headline allowed: 5 of 5 checks passed." in words(
        visit("report", stored(made_by_hand.analysis()))
    )


@pytest.mark.parametrize(
    ("trouble", "check"), [({"stated": False}, "Order in time"), ({"sufficient": False}, "Compar")]
)
def test_a_refused_headline_names_the_checks_that_did_not_pass(trouble, check):
    said = words(visit("report", stored(made_by_hand.analysis(**trouble))))
    assert "Headline refused" in said
    assert check in said.split("Headline refused")[1].splitlines()[0]
    assert "No answer" in said


def test_two_files_are_offered_and_drawing_them_is_no_error():
    page = visit("report", stored(made_by_hand.analysis()))
    labels = [one.proto.label for one in page.get("download_button")]
    assert labels == ["Download the report", "Download everything (zip)"]


def test_without_an_answer_the_room_leads_to_the_effects():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("report", project.id)
    assert "The report needs an answer first." in words(page)
    assert [link.proto.label for link in page.main.get("page_link")] == ["Go to Effects"]
