"""One tab of the workbench as a person meets it: what to read, where to click, when to wait.

Nothing here sleeps: every step waits, with a deadline, for what a person would wait for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import FilePayload, Locator, Page, TimeoutError, expect

SOON = 30_000  # ms for a page to be drawn on a busy machine
LONG = 240_000  # ms for an answer there

# Marks the body once the script has run to its end, however quickly it did. The whole body is
# watched: the app's own node may be replaced while it is drawn.
_WATCH = """() => {
  const state = 'data-test-script-state';
  document.body.dataset.redrawn = 'no';
  const watch = new MutationObserver(() => {
    const app = document.querySelector('[data-testid="stApp"]');
    if (app && app.getAttribute(state) === 'notRunning') {
      document.body.dataset.redrawn = 'yes';
      watch.disconnect();
    }
  });
  watch.observe(document.body, {subtree: true, attributeFilter: [state]});
}"""


class Serving(Protocol):
    """What a workbench needs of a server."""

    url: str


class Workbench:
    """One tab on one server. `clicks` counts what a person's finger does, a chosen file as one."""

    def __init__(self, page: Page, server: Serving) -> None:
        self.page, self.url, self.clicks = page, server.url, 0

    # ------------------------------------------------------------ where we are

    @property
    def project(self) -> str:
        """The project id in the address."""
        return parse_qs(urlsplit(self.page.url).query)["project"][0]

    def visit(self, room: str = "", project: str | None = None) -> None:
        """Open a room by its address, as a bookmark would."""
        query = f"?project={project}" if project else ""
        self.page.goto(f"{self.url}/{room}{query}")
        expect(self.main).to_be_visible(timeout=SOON)

    def follow(self, title: str, path: str | None = None) -> None:
        """Click a room's name in the rail."""
        self.click(self.link(title))
        self.wait_for_room(title.lower() if path is None else path)

    def link(self, title: str) -> Locator:
        """A room's name in the rail, whatever its mark."""
        return self.rail.get_by_role("link", name=re.compile(rf"(^|\s){re.escape(title)}(\s|$)"))

    def wait_for_room(self, path: str) -> None:
        """Wait until the address names a project in a room."""
        expect(self.page).to_have_url(re.compile(rf"/{path}\?project=\w+$"), timeout=SOON)

    # ------------------------------------------------------------ what is on the page

    @property
    def main(self) -> Locator:
        """The body of the page."""
        return self.page.get_by_role("main")

    @property
    def rail(self) -> Locator:
        """The sidebar: the names of the rooms, and the newest job."""
        return self.page.get_by_role("region", name="Sidebar")

    @property
    def sentence(self) -> Locator:
        """The one sentence of the room."""
        return self.main.get_by_role("status").first

    @property
    def pictures(self) -> Locator:
        """The pictures of the room; the name of each is what it shows, in words."""
        return self.main.get_by_role("figure")

    @property
    def verdict(self) -> Locator:
        """The verdict in large letters."""
        return self.main.get_by_role("heading", name=VERDICTS)

    @property
    def checks(self) -> Locator:
        """The check cards; an attempt to break the estimate is named after its outcome as well."""
        return self.main.get_by_role("group", name=re.compile(r"^[^·]+ · (passed|failed|not done)"))

    @property
    def cancel(self) -> Locator:
        """The button that stops the running job; it is there only while one runs."""
        return self.rail.get_by_role("button", name="Cancel")

    @property
    def alerts(self) -> Locator:
        """Errors and warnings in the body."""
        return self.main.get_by_role("alert")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button of the body, by its exact name or a pattern."""
        return self.main.get_by_role("button", name=name, exact=isinstance(name, str))

    # ------------------------------------------------------------ what a person does

    def click(self, target: Locator) -> None:
        """Click once, and count it."""
        target.click(timeout=SOON)
        self.clicks += 1

    def bring(self, file: Path | FilePayload) -> None:
        """Choose a file in the uploader of the room; in a person's dialog this is one click."""
        self.page.locator("input[type=file]").first.set_input_files(file, timeout=SOON)
        self.clicks += 1

    def rest(self) -> None:
        """Wait until the script of the page is not running."""
        idle = self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(idle).to_be_attached(timeout=SOON)

    @contextmanager
    def redrawn(self) -> Iterator[None]:
        """Wait until the page has been drawn anew for what is done inside."""
        self.page.evaluate(_WATCH)
        yield
        expect(self.page.locator('body[data-redrawn="yes"]')).to_be_attached(timeout=SOON)

    def write(self, label: str, value: str) -> None:
        """Write into a field of the body, and leave it."""
        field = self.main.get_by_label(label, exact=True)
        expect(field).to_be_visible(timeout=SOON)
        if field.input_value() == value:
            return
        with self.redrawn():
            field.fill(value)
            field.press("Tab")

    def switch(self, name: str) -> None:
        """Choose one of the words of a segmented control."""
        word = self.page.get_by_role("radio", name=name, exact=True)
        expect(word).to_be_visible(timeout=SOON)
        if word.is_checked():
            return
        with self.redrawn():
            self.click(word)
        expect(word).to_be_checked(timeout=SOON)

    def choose(self, label: str, value: str) -> None:
        """Choose one value of a list."""
        box = self.list(label)
        expect(box).to_be_visible(timeout=SOON)
        if box.input_value() == value:
            return
        with self.redrawn():
            self.click(box)
            self._pick(label, value)
        expect(box).to_have_value(value, timeout=SOON)

    def choose_all(self, label: str, values: Sequence[str]) -> None:
        """Choose several values of a list, and nothing else."""
        expect(self.list(label)).to_be_visible(timeout=SOON)
        clear = self._box(label).get_by_role("button", name="Clear all")
        if clear.count():
            with self.redrawn():
                self.click(clear)
        self.add(label, values)
        assert self.chosen(label) == list(values)

    def add(self, label: str, values: Sequence[str]) -> None:
        """Choose more values of a list."""
        self.click(self.list(label))
        for value in values:
            with self.redrawn():
                self._pick(label, value)
        self.page.keyboard.press("Escape")

    def chosen(self, label: str) -> list[str]:
        """What is chosen in a list of several."""
        removes = self._box(label).get_by_role("button", name=re.compile("^Remove "))
        names = [one.get_attribute("aria-label") or one.inner_text() for one in removes.all()]
        return [name.removeprefix("Remove ") for name in names]

    def list(self, label: str) -> Locator:
        """The field that opens a list of choices."""
        return self.page.get_by_role("combobox", name=label)

    def _box(self, label: str) -> Locator:
        return self.page.get_by_role("group").filter(has=self.list(label)).last

    def _pick(self, label: str, value: str) -> None:
        """Type and click; a list that closed because the page moved under it is opened again."""
        option = self.page.get_by_role("option", name=value, exact=True)
        last_moment = time.monotonic() + SOON / 1000
        while True:
            self.list(label).fill("")
            self.list(label).fill(value)
            try:
                option.click(timeout=1_500)
            except TimeoutError:
                if time.monotonic() > last_moment:
                    raise
            else:
                self.clicks += 1
                return

    # ------------------------------------------------------------ the chain

    def open_demo(self) -> None:
        """Open the demo from the Projects room: its answer stands in Effects."""
        self.visit()
        self.click(self.button("Open the demo"))
        self.wait_for_room("effects")

    def upload(self, file: Path | FilePayload) -> None:
        """Bring a table in the Projects room; the Data room opens."""
        self.visit()
        self.bring(file)
        self.wait_for_room("data")

    def answer(self) -> None:
        """Ask for the answer."""
        self.click(self.button(ANSWER))

    def wait_for_answer(self) -> str:
        """Wait for the answer in the Effects room, and return the verdict."""
        expect(self.verdict).to_be_visible(timeout=LONG)
        self.wait_for_the_job()
        return self.verdict.inner_text()

    def wait_for_the_job(self) -> None:
        """Wait until no job of this project waits or runs."""
        expect(self.cancel).to_have_count(0, timeout=LONG)
        self.rest()


ANSWER = re.compile("^Answer my question")
VERDICTS = re.compile(
    "^(Raises|Lowers|Cannot tell|No answer|Pays|Works, may not pay|Works, does not pay|Harms)"
)
