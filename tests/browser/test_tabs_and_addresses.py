"""Addresses, the back button and a second tab behave as a person expects of the web."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from causal_core import jobs
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import LONG, SOON, Workbench

pytestmark = pytest.mark.slow

ROOMS = {
    "": "Ask a question of your logs, or see one answered.",
    "data": "The question",
    "effects": "Checks",
    "report": "Download the report",
}


def stored(home) -> str:
    """Store a finished project and return its id."""
    store = Store.open(home)
    project = store.create_project("By hand", actor=LOCAL)
    store.save(project.id, made_by_hand.analysis(), revision=project.revision, actor=LOCAL)
    return project.id


@pytest.mark.parametrize("room", ROOMS)
def test_a_bookmark_is_the_first_thing_that_a_fresh_server_is_asked(page: Page, server, room):
    one = server()
    project, bench = stored(one.home), Workbench(page, one)
    bench.visit(room, project)
    expect(bench.main.get_by_text(ROOMS[room], exact=True)).to_be_visible(timeout=SOON)
    links = page.get_by_test_id("stSidebar").get_by_role("link")
    expect(links.filter(has_text="Report")).to_be_visible(timeout=SOON)
    rail = [re.sub(r"^\W+", "", name) for name in links.all_inner_texts()]
    assert {"Projects", "Data", "Effects", "Report"} <= set(rail)
    if room:
        addresses = [link.get_attribute("href") or "" for link in links.all()]
        assert all(address.endswith(f"?project={project}") for address in addresses)
    assert page.get_by_text("Page not found").count() == 0
    one.stop()


def test_the_rail_leads_through_the_rooms_and_the_back_button_back(page: Page, server):
    one = server()
    project, bench = stored(one.home), Workbench(page, one)
    bench.visit("data", project)
    for title, text in (("Effects", "Checks"), ("Report", ROOMS["report"])):
        bench.follow(title)
        expect(bench.main.get_by_text(text, exact=True)).to_be_visible(timeout=SOON)
        assert bench.project == project
    page.go_back()
    expect(bench.main.get_by_text("Checks", exact=True)).to_be_visible(timeout=SOON)
    page.go_back()
    expect(bench.main.get_by_text("The question", exact=True)).to_be_visible(timeout=SOON)
    assert bench.project == project
    one.stop()


def test_two_tabs_change_one_project_and_both_versions_are_kept(page: Page, server):
    one = server()
    project, store = stored(one.home), Store.open(one.home)
    first, second = Workbench(page, one), Workbench(page.context.new_page(), one)
    for tab, population in ((first, "visits > 3"), (second, "visits > 5")):
        tab.visit("data", project)
        tab.settle()
        tab.restrict(population)
    for tab in (first, second):
        tab.answer()
        tab.wait_for_room("effects")

    expect(second.alerts).to_contain_text("Both versions are kept", timeout=SOON)
    assert first.project == project
    assert second.project != project
    kept = [
        one.load(name, actor=LOCAL).get("question")
        for one, name in ((store, project), (store, second.project))
    ]
    assert [question.population for question in kept] == ["visits > 3", "visits > 5"]
    assert "visits > 5" in second.question.inner_text()
    expect(second.cancel).to_have_count(0, timeout=LONG)
    expect(second.alerts).to_contain_text("Both versions are kept")
    for name in (project, second.project):
        for job in jobs.running(store, name, actor=LOCAL):
            jobs.cancel(store, job.id, actor=LOCAL)


def test_a_project_that_is_not_there_is_said_and_leads_to_the_projects(page: Page, server):
    one = server()
    bench = Workbench(page, one)
    bench.visit("effects", "0000000000")
    expect(bench.alerts).to_contain_text("There is no project", timeout=SOON)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Projects").click()
    expect(bench.main.get_by_text(ROOMS[""])).to_be_visible(timeout=SOON)
