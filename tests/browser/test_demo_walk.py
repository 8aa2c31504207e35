"""The demo, as a newcomer meets it: one click to a verdict, then room after room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from causal_core import jobs
from causal_core.store import LOCAL, Store
from tests.browser.rooms import NINE, SOON, Effects, Projects, Report, Workbench

pytestmark = pytest.mark.slow

NUMBER_WITH_INTERVAL = re.compile(r"[+−]\d[\d,.]*, −?[\d,.]+ to −?[\d,.]+")


def opened_from_disk(browser: Browser, report: Path) -> tuple[str, list[str]]:
    """Return what a report says when it is opened from disk, and every address that it asks."""
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        page.wait_for_load_state("networkidle")
        return page.locator("body").inner_text(), asked


def is_self_contained(report: Path, asked: list[str]) -> bool:
    return [url for url in asked if not url.startswith(("data:", "blob:"))] == [report.as_uri()]


def test_one_click_leads_to_the_verdict_of_the_demo_and_nothing_is_trained(bench, one_server):
    bench.visit()
    Projects(bench).stands()
    bench.open_demo()
    expect(bench.verdict).to_be_visible(timeout=SOON)
    assert bench.clicks == 1
    expect(bench.cancel).to_have_count(0)
    assert jobs.latest(Store.open(one_server.home), bench.project, actor=LOCAL) is None
    assert NUMBER_WITH_INTERVAL.search(bench.sentence.inner_text())
    expect(bench.checks.first).to_be_visible(timeout=SOON)
    assert all("passed" in card for card in bench.checks.all_inner_texts())


def test_nine_rooms_are_walked_by_the_rail_and_back_and_a_reload_keeps_them(bench, demo):
    page, said = bench.page, {}
    bench.visit("", demo)
    for kind in NINE:
        room = kind(bench)
        room.enter()
        room.stands()
        assert bench.project == demo
        said[kind] = room.sentence.inner_text()
        page.reload()
        room.stands()
        assert room.sentence.inner_text() == said[kind]
    for kind in reversed(NINE[:-1]):
        page.go_back()
        room = kind(bench)
        bench.wait_for_room(kind.path)
        room.stands()
        assert room.sentence.inner_text() == said[kind]


@pytest.mark.parametrize("kind", NINE, ids=lambda kind: kind.title)
def test_a_bookmark_opens_its_room_in_a_new_browser(bench, demo, kind):
    room = kind(bench)
    room.visit(demo)
    room.stands()
    expect(bench.rail.get_by_role("link")).to_have_count(len(NINE), timeout=SOON)
    for link in bench.rail.get_by_role("link").all():
        assert (link.get_attribute("href") or "").endswith(f"?project={demo}")
    assert bench.page.get_by_text("Page not found").count() == 0


@pytest.mark.parametrize("path", ["", "lab"])
def test_a_bookmark_is_the_first_thing_that_a_fresh_server_is_asked(page, server, demo_home, path):
    home, project = demo_home
    one = server(home)
    kind = next(kind for kind in NINE if kind.path == path)
    room = kind(Workbench(page, one))
    room.visit(project)
    room.stands()
    assert page.get_by_text("Page not found").count() == 0
    one.stop()


@pytest.fixture(scope="module")
def demo_home(one_server, demo):
    """The store that the demo lies in, and the demo's id."""
    return one_server.home, demo


def test_the_curtain_is_lifted_and_the_truth_stands_in_every_interval(bench, demo):
    room = Effects(bench)
    room.visit(demo)
    room.stands()
    named = [one.get_attribute("aria-label") or "" for one in bench.pictures.all()]
    assert not any("truth" in name for name in named)
    room.lift_the_curtain()
    expect(bench.main.get_by_role("figure", name=re.compile("truth")).first).to_be_visible(
        timeout=SOON
    )


def test_the_report_of_the_demo_is_one_file_that_asks_nobody(bench, browser, demo, tmp_path):
    room = Report(bench)
    room.visit(demo)
    room.stands()
    verdict = bench.verdict.first.inner_text()
    words, asked = opened_from_disk(browser, report := room.download(tmp_path))
    assert report.name == "report.html"
    assert verdict in words
    assert is_self_contained(report, asked), asked
