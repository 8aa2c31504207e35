"""The rooms as a person meets them: where to click, and what to read. For Playwright.

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

# Marks the body once the script has run to its end, however quickly it did.
_WATCH = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const state = 'data-test-script-state';
  document.body.dataset.redrawn = 'no';
  const watch = new MutationObserver(() => {
    if (app.getAttribute(state) === 'notRunning') {
      document.body.dataset.redrawn = 'yes';
      watch.disconnect();
    }
  });
  watch.observe(app, {attributeFilter: [state]});
}"""


class Serving(Protocol):
    """What a workbench needs of a server."""

    url: str


class Workbench:
    """One tab on one server."""

    def __init__(self, page: Page, server: Serving) -> None:
        self.page, self.url = page, server.url

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

    def follow(self, title: str) -> None:
        """Click a room's name in the rail."""
        link = self.page.get_by_test_id("stSidebar").get_by_role("link", name=title)
        link.click(timeout=SOON)
        self.wait_for_room("" if title == "Projects" else title.lower())

    def wait_for_room(self, room: str) -> None:
        """Wait until the address names a project in a room."""
        expect(self.page).to_have_url(re.compile(rf"/{room}\?project=\w+$"), timeout=SOON)

    # ------------------------------------------------------------ what is on the page

    @property
    def main(self) -> Locator:
        """The body of the page."""
        return self.page.get_by_test_id("stMainBlockContainer")

    @property
    def question(self) -> Locator:
        """The question line on top."""
        return self.page.locator(".question")

    @property
    def verdict(self) -> Locator:
        """The verdict in large letters."""
        return self.page.locator(".verdict")

    @property
    def checks(self) -> Locator:
        """The check cards."""
        return self.page.locator(":not(.attempt) > .check")

    @property
    def job(self) -> Locator:
        """The panel of the newest job, in the rail; for a moment its last state stands below."""
        return self.page.locator(".st-key-job").first

    @property
    def cancel(self) -> Locator:
        """The button that stops the running job; it is there only while one runs."""
        return self.job.get_by_role("button", name="Cancel")

    @property
    def alerts(self) -> Locator:
        """Errors and warnings in the body."""
        return self.main.get_by_test_id("stAlert")

    # ------------------------------------------------------------ what a person does

    def open_demo(self) -> None:
        """Open the demo from the Projects room."""
        self.visit()
        self.page.get_by_role("button", name="Open the demo").click(timeout=SOON)
        self.wait_for_room("effects")

    def upload(self, file: Path | FilePayload) -> None:
        """Bring a file in the Projects room; the Data room opens."""
        self.visit()
        self.page.locator("input[type=file]").set_input_files(file, timeout=SOON)
        self.wait_for_room("data")

    def wait_for_table(self) -> None:
        """Wait until the uploaded file was read."""
        expect(self.page.get_by_role("heading", name="The question")).to_be_visible(timeout=LONG)
        expect(self.cancel).to_have_count(0, timeout=SOON)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn to its end."""
        button = self.page.get_by_role("button", name="Answer my question")
        expect(button).to_be_visible(timeout=SOON)
        self.rest()

    def rest(self) -> None:
        """Wait until the script of the page is not running."""
        idle = self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(idle).to_be_attached(timeout=SOON)

    def choose(self, label: str, value: str) -> None:
        """Choose one value of a list."""
        box = self.list(label)
        expect(box).to_be_visible(timeout=SOON)
        if box.input_value() == value:
            return
        with self.redrawn():
            self._pick(label, value)
        expect(box).to_have_value(value, timeout=SOON)

    def choose_all(self, label: str, values: Sequence[str]) -> None:
        """Choose several values of a list, and nothing else."""
        expect(self.list(label)).to_be_visible(timeout=SOON)
        clear = self._box(label).get_by_role("button", name="Clear all")
        if clear.count():
            with self.redrawn():
                clear.click()
        for value in values:
            with self.redrawn():
                self._pick(label, value)
        self.page.keyboard.press("Escape")
        assert self.chosen(label) == list(values)

    def chosen(self, label: str) -> list[str]:
        """What is chosen in a list of several."""
        return self._box(label).locator("[data-tag]").all_inner_texts()

    def list(self, label: str) -> Locator:
        """The field that opens a list of choices."""
        return self.page.get_by_role("combobox", name=label)

    def _box(self, label: str) -> Locator:
        return self.page.get_by_test_id("stMultiSelect").filter(has=self.list(label))

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
                return

    def restrict(self, population: str) -> None:
        """Say which units the question is about."""
        field = self.page.get_by_label("Only these units (optional)")
        with self.redrawn():
            field.fill(population)
            field.press("Tab")

    @contextmanager
    def redrawn(self) -> Iterator[None]:
        """Wait until the page has been drawn anew for what is done inside."""
        self.page.evaluate(_WATCH)
        yield
        expect(self.page.locator('body[data-redrawn="yes"]')).to_be_attached(timeout=SOON)

    def answer(self) -> None:
        """Ask for the answer."""
        self.page.get_by_role("button", name="Answer my question").click(timeout=SOON)

    def wait_for_answer(self) -> str:
        """Wait for the answer in the Effects room, and return the verdict."""
        expect(self.verdict).to_be_visible(timeout=LONG)
        expect(self.cancel).to_have_count(0, timeout=SOON)
        return self.verdict.inner_text()

    def download_report(self, folder: Path) -> Path:
        """Download the report from the Report room, and return the file."""
        button = self.page.get_by_role("button", name="Download the report")
        expect(button).to_be_visible(timeout=SOON)
        with self.page.expect_download(timeout=SOON) as waiting:
            button.click()
        file = folder / waiting.value.suggested_filename
        waiting.value.save_as(file)
        return file
