"""The chain without a mouse: Tab, Enter, arrows, Escape; the demo from its door to its report."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.rooms import LONG, NINE, SOON, Effects, Projects, Report, WhatIf, Workbench

pytestmark = pytest.mark.slow

MOST_TABS = 150  # far more than any room has stops, so a trap is told and not waited for
_FOCUSED = "e => e === document.activeElement || e.contains(document.activeElement)"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    expect(target).to_be_visible(timeout=SOON)
    for _ in range(MOST_TABS):
        if target.evaluate(_FOCUSED):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go to a target by Tab, and press a key on it."""
    tab_to(page, target)
    page.keyboard.press(key)


def go(bench: Workbench, kind: type) -> None:
    """Go to a room by the rail."""
    press(bench.page, bench.link(kind.title))
    bench.wait_for_room(kind.path)
    kind(bench).stands()


@pytest.fixture(autouse=True)
def no_mouse(page: Page):
    """Note every press of a mouse button."""
    page.add_init_script(
        "window.pressed = 0; addEventListener('mousedown', () => { window.pressed += 1; }, true);"
    )
    yield
    assert page.evaluate("window.pressed") == 0


def test_the_demo_is_opened_and_its_outcome_changed_by_keyboard(bench):
    page, room = bench.page, Effects(bench)
    bench.visit()
    Projects(bench).stands()
    press(page, Projects(bench).control)
    bench.wait_for_room(Effects.path)
    room.stands()

    before = room.sentence.inner_text()
    tab_to(page, room.control)  # its first word, or the chosen one
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(room.sentence).not_to_have_text(before, timeout=SOON)


def test_a_slot_of_the_question_is_opened_and_closed_by_keyboard(bench, demo):
    page, room = bench.page, Effects(bench)
    room.visit(demo)
    room.stands()
    dialog = page.get_by_role("dialog")
    slot = bench.button("all units")
    press(page, slot)
    expect(dialog).to_be_visible(timeout=SOON)
    tab_to(page, dialog.get_by_role("textbox"))  # the dialog has the focus: Escape is its own
    bench.rest()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0, timeout=SOON)
    room.stands()


def test_a_scenario_is_played_by_keyboard(bench, demo):
    page, room = bench.page, WhatIf(bench)
    room.visit(demo)
    room.stands()
    before = room.scenarios.count()
    tab_to(page, page.get_by_label(room.whom))
    with bench.redrawn():
        page.keyboard.type("visits_28d > 3")
        page.keyboard.press("Tab")
    expect(room.control).to_be_enabled(timeout=SOON)
    press(page, room.control)
    expect(room.scenarios).to_have_count(before + 1, timeout=LONG)


def test_every_room_is_reached_and_the_report_downloaded_by_keyboard(bench, demo):
    page = bench.page
    bench.visit("", demo)
    for kind in NINE[1:]:
        go(bench, kind)
    go(bench, Report)
    tab_to(page, Report(bench).control)
    with page.expect_download(timeout=SOON) as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.endswith(".html")
