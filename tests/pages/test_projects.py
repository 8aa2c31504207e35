"""The Projects room: the demo, a table, and what was done before."""

from __future__ import annotations

import pytest

from causal_core import jobs
from causal_core.store import LOCAL, Store
from pages.shared import session
from tests import made_by_hand
from tests.pages.visiting import button, end_all_jobs, now, stored, visit, words


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def test_an_empty_store_offers_the_demo_and_a_table_in_one_sentence():
    page = visit("projects")
    assert page.header[0].value == "Ask a question of your logs, or see one answered."
    assert "None yet: open the demo, or bring a table." in words(page)
    assert [one.label for one in page.button] == ["Open the demo"]


def test_the_demo_is_a_project_with_a_question_whose_answer_is_being_worked_out(monkeypatch):
    monkeypatch.setattr(session, "DEMO_UNITS", 300)
    page = button(visit("projects"), "Open the demo").click().run()
    assert not page.exception
    store = Store.open()
    (project,) = store.projects(actor=LOCAL)
    assert project.kind == "demo"
    assert set(now(project.id).fingerprints) == {"table", "truth", "question"}
    assert [job.step for job in jobs.listing(store, project.id, actor=LOCAL)] == ["answer"]


def test_a_double_click_on_the_demo_opens_a_second_project_and_never_the_same_twice(monkeypatch):
    monkeypatch.setattr(session, "DEMO_UNITS", 300)
    for _ in range(2):
        button(visit("projects"), "Open the demo").click().run()
    assert len({project.id for project in Store.open().projects(actor=LOCAL)}) == 2


def test_earlier_projects_are_listed_with_literal_names():
    stored(made_by_hand.analysis(), name="**loud** :smile: [link](http://203.0.113.7)")
    page = visit("projects")
    labels = [link.proto.label for link in page.main.get("page_link")]
    assert labels == [
        r"\*\*loud\*\* \:smile\: \[link\]\(http" + "\u2060" + r"\:\/\/203\.0\.113\.7\)"
    ]


def test_a_room_without_a_project_leads_to_the_projects():
    for room in ("data", "effects", "report"):
        assert "Open or start a project first." in words(visit(room))


def test_the_project_of_another_person_is_not_there():
    place = Store.open()
    foreign = place.create_project("Theirs", actor="somebody else")
    page = visit("effects", foreign.id)
    assert "There is no project" in page.error[0].value
    assert "Theirs" not in words(page)
