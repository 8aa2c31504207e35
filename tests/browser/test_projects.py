"""Projects are renamed, duplicated, and deleted for good; two tabs keep both versions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from causal_core import jobs
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import LONG, SOON, Data, Projects, Workbench

pytestmark = pytest.mark.slow


def stored(home, name: str) -> str:
    """Store a finished project and return its id."""
    store = Store.open(home)
    project = store.create_project(name, actor=LOCAL)
    store.save(project.id, made_by_hand.analysis(), revision=project.revision, actor=LOCAL)
    return project.id


def test_a_project_is_renamed_duplicated_and_deleted_for_good(bench, one_server):
    project = stored(one_server.home, "Spring")
    store, room = Store.open(one_server.home), Projects(bench)
    bench.visit()
    room.rename("Spring", "Autumn")
    assert store.load(project, actor=LOCAL).project.name == "Autumn"

    room.duplicate("Autumn")
    copies = [one for one in store.projects(actor=LOCAL) if one.id != project]
    assert [dict(store.load(one.id, actor=LOCAL).fingerprints) for one in copies] == [
        dict(store.load(project, actor=LOCAL).fingerprints)
    ]
    bench.page.reload()
    room.delete_for_good("Autumn")
    assert [one.id for one in store.projects(actor=LOCAL)] == [one.id for one in copies]
    bench.visit("effects", project)
    expect(bench.alerts).to_contain_text("There is no project", timeout=SOON)


def test_two_tabs_change_one_project_and_both_versions_are_kept(page: Page, one_server):
    home = one_server.home
    project, store = stored(home, "By hand"), Store.open(home)
    first, second = Workbench(page, one_server), Workbench(page.context.new_page(), one_server)
    for tab, population in ((first, "visits > 3"), (second, "visits > 5")):
        tab.visit("data", project)
        Data(tab).settle()
        Data(tab).restrict(population)
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
    expect(second.main).to_contain_text("visits > 5", timeout=SOON)
    expect(second.cancel).to_have_count(0, timeout=LONG)
    expect(second.alerts).to_contain_text("Both versions are kept", timeout=SOON)
    for name in (project, second.project):
        for job in jobs.running(store, name, actor=LOCAL):
            jobs.cancel(store, job.id, actor=LOCAL)


def test_a_project_that_is_not_there_is_said_and_leads_to_the_projects(bench: Workbench):
    bench.visit("effects", "0000000000")
    expect(bench.alerts).to_contain_text("There is no project", timeout=SOON)
    bench.click(bench.link("Projects"))
    Projects(bench).stands()
