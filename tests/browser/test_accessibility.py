"""axe-core finds nothing serious in any room: finished or empty, on light and on dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from causal_core.store import LOCAL, Store
from tests.browser import axe
from tests.browser.rooms import NINE, SOON, Room, Workbench

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def empty(one_server) -> str:
    """A project in which nobody has done anything."""
    return Store.open(one_server.home).create_project("Nothing yet", actor=LOCAL).id


@pytest.fixture(params=["light", "dark"])
def tab(browser, one_server, request):
    """A tab of somebody who reads on light, or on dark."""
    with browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=request.param
    ) as context:
        yield Workbench(context.new_page(), one_server)


def found(room: Room) -> list[str]:
    """Return what axe has against a room, once it is drawn to its end."""
    expect(room.sentence).to_be_visible(timeout=SOON)
    room.bench.rest()
    return [f"{room.title}: {line}" for line in axe.violations(room.page)]


@pytest.mark.parametrize("state", ["demo", "empty"])
def test_no_room_has_a_serious_violation(tab: Workbench, state, request):
    project = request.getfixturevalue(state)
    tab.visit("data", project)
    against = []
    for kind in NINE:
        room = kind(tab)
        room.enter()
        if state == "demo":
            room.stands()
        against += found(room)
    assert against == []


def test_axe_would_see_a_violation(bench: Workbench, demo):
    bench.visit("effects", demo)
    expect(bench.verdict).to_be_visible(timeout=SOON)
    bench.page.evaluate("document.body.append(document.createElement('button'))")
    assert [line for line in axe.violations(bench.page) if line.startswith("button-name")]
