"""From a table to a report that can be handed on, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from causal_core import datasets
from tests.browser.rooms import LONG, SOON, Workbench

pytestmark = pytest.mark.slow

NUMBER_WITH_INTERVAL = re.compile(r"[+−]\d[\d,.]*, −?[\d,.]+ to −?[\d,.]+")
KNOWN_BEFORE = ("age_group", "device", "visits_28d", "clicks_28d", "purchases_28d", "tenure_days")


@pytest.fixture(scope="module")
def one_server(server):
    return server()


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


def test_the_demo_is_answered_found_again_after_a_reload_and_downloaded_as_one_file(
    page: Page, browser, one_server, tmp_path
):
    bench = Workbench(page, one_server)
    bench.open_demo()
    expect(bench.cancel).to_be_visible(timeout=SOON)
    page.reload()
    expect(bench.cancel).to_be_visible(timeout=SOON)

    verdict = bench.wait_for_answer()
    assert verdict == "Raises"
    sentence = page.locator(".say").first.inner_text()
    assert NUMBER_WITH_INTERVAL.search(sentence), sentence
    expect(bench.checks).to_have_count(5, timeout=SOON)
    assert all("passed" in card for card in bench.checks.all_inner_texts())

    bench.follow("Report")
    report = bench.download_report(tmp_path)
    words, asked = opened_from_disk(browser, report)
    assert report.name == "report.html"
    assert verdict in words
    assert NUMBER_WITH_INTERVAL.search(words) or "to" in words
    assert is_self_contained(report, asked), asked


def test_a_table_without_order_in_time_gets_no_answer_and_an_associational_report(
    page: Page, browser, one_server, shared_data, tmp_path
):
    file = shared_data / "online_shoppers" / "online_shoppers_intention.csv"
    if not file.exists():
        pytest.skip("the online shoppers data are not on this machine")
    bench = Workbench(page, one_server)
    bench.upload(file)
    bench.wait_for_table()
    bench.choose("Does this column…", "Weekend")
    bench.choose_all("…change these outcomes?", ["Revenue"])
    bench.answer()
    bench.wait_for_room("effects")
    assert bench.wait_for_answer() == "No answer"
    body = bench.main.inner_text()
    assert "associational" in body
    assert not NUMBER_WITH_INTERVAL.search(page.locator(".say").first.inner_text())

    bench.follow("Report")
    expect(bench.main).to_contain_text("Headline refused", timeout=SOON)
    words, asked = opened_from_disk(browser, report := bench.download_report(tmp_path))
    assert "associational" in words
    assert "No answer" in words
    assert not re.search(r"\b(Raises|Lowers|Cannot tell)\b", words)
    assert is_self_contained(report, asked), asked


def test_an_uploaded_table_is_answered_once_she_says_what_was_known_before(
    page: Page, browser, one_server, tmp_path
):
    simulation = datasets.simulate("funnel", 2_000, seed=7)
    csv = tmp_path / "users.csv"
    simulation.table.frame.to_csv(csv, index=False)
    bench = Workbench(page, one_server)
    bench.upload(csv)
    bench.wait_for_table()
    bench.choose("Does this column…", "banner")
    bench.choose_all("…change these outcomes?", ["click"])
    bench.choose_all(
        "Known before it was decided who gets it", list(simulation.table.schema.covariates())
    )
    bench.answer()
    bench.wait_for_room("effects")
    assert bench.wait_for_answer() in ("Raises", "Cannot tell")
    assert NUMBER_WITH_INTERVAL.search(page.locator(".say").first.inner_text())
    assert page.get_by_text("passed").count() >= 5

    bench.follow("Report")
    expect(bench.main).to_contain_text("Headline allowed: 5 of 5 checks passed.", timeout=LONG)
    words, asked = opened_from_disk(browser, report := bench.download_report(tmp_path))
    assert "Raises" in words
    assert is_self_contained(report, asked), asked
