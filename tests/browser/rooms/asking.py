"""The rooms in which a question is asked: Projects, Data, Graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, expect

from tests.browser.rooms.bench import ANSWER, LONG, SOON
from tests.browser.rooms.room import Room


class Projects(Room):
    """The demo, what was done before, and two ways to bring data."""

    title, path, control_name = "Projects", "", "Open the demo"

    @property
    def sentence(self) -> Locator:
        """The heading says what can be done here."""
        return self.bench.main.get_by_role("heading", level=2).first

    @property
    def picture(self) -> Locator:
        """The funnel of the demo."""
        return self.bench.main.get_by_role("img").first

    def open_demo(self) -> None:
        """Open the demo: one click, and its verdict stands in Effects."""
        self.bench.open_demo()

    def bring(self, file: Path | FilePayload) -> None:
        """Bring a table of one's own."""
        self.bench.upload(file)

    def card(self, name: str) -> Locator:
        """The link that opens a project."""
        return self.bench.main.get_by_role("link", name=name, exact=True)

    def rename(self, name: str, new: str) -> None:
        """Give a project another name."""
        self._menu(name, "Rename")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Name").fill(new)
        self.bench.click(dialog.get_by_role("button", name="Save the name"))
        expect(self.card(new)).to_be_visible(timeout=SOON)
        expect(self.card(name)).to_have_count(0, timeout=SOON)

    def duplicate(self, name: str) -> None:
        """Make a copy of a project."""
        before = self.bench.main.get_by_role("link").count()
        self._menu(name, "Duplicate")
        expect(self.bench.main.get_by_role("link")).to_have_count(before + 1, timeout=SOON)

    def delete_for_good(self, name: str) -> None:
        """Delete a project, and say so again when asked."""
        self._menu(name, "Delete for good")
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text(name, timeout=SOON)
        self.bench.click(dialog.get_by_role("button", name="Delete for good"))
        expect(self.card(name)).to_have_count(0, timeout=SOON)

    def _menu(self, name: str, item: str) -> None:
        """Open the menu in the line of a project, and choose."""
        expect(self.card(name)).to_be_visible(timeout=SOON)
        names = self.bench.main.get_by_role("link").all_inner_texts()
        menus = self.bench.button("Menu")
        self.bench.click(menus.nth(names.index(name)))
        self.bench.click(self.page.get_by_role("menuitem", name=item))


class Data(Room):
    """What was read, what was known when, and the question."""

    title, path, control_name = "Data", "data", ANSWER
    treatment, outcomes = "Does this column…", "…change these outcomes?"
    before = "Known before it was decided who gets it"
    population = "Only these units (optional)"

    def wait_for_table(self) -> None:
        """Wait until the uploaded file was read and the form of the question stands."""
        expect(self.bench.list(self.treatment)).to_be_visible(timeout=LONG)
        expect(self.bench.cancel).to_have_count(0, timeout=SOON)
        self.settle()

    def settle(self) -> None:
        """Wait until the room is drawn to its end."""
        expect(self.control).to_be_visible(timeout=SOON)
        self.bench.rest()

    def ask(self, treatment: str, outcomes: Sequence[str]) -> None:
        """Ask what one column does to others."""
        self.bench.choose(self.treatment, treatment)
        if self.bench.chosen(self.outcomes) != list(outcomes):
            self.bench.choose_all(self.outcomes, outcomes)

    def fill_in_what_was_known_before(self) -> None:
        """Take what the names of the columns suggest."""
        with self.bench.redrawn():
            self.bench.click(self.bench.button(re.compile("^Fill in what looks known before")))
        expect(self.bench.list(self.before)).to_be_visible(timeout=SOON)
        assert self.bench.chosen(self.before)

    def restrict(self, population: str) -> None:
        """Say which units the question is about."""
        self.bench.write(self.population, population)


class Graph(Room):
    """What causes what: search it, decide it, edit it."""

    title, path, control_name = "Graph", "graph", re.compile("^Discover")

    def discover(self) -> None:
        """Search the graph in the data, and wait until it stands."""
        self.bench.click(self.control)
        expect(self.bench.cancel).to_be_visible(timeout=SOON)
        self.bench.wait_for_the_job()
        expect(self.sentence).to_contain_text("violations of your knowledge", timeout=SOON)
        self.bench.rest()

    def change(self, edge: str, what: str) -> None:
        """Change one edge and save the graph."""
        self.bench.choose("Change this edge", edge)
        self.bench.choose("What to do with it", what)
        self.save("Save this edit")

    def save(self, words: str) -> None:
        """Read what an edit would change, save it, and wait for the graph after it."""
        preview = self.bench.main.get_by_text("What this edit would change")
        expect(preview).to_be_visible(timeout=SOON)
        self.bench.click(self.bench.button(words))
        expect(preview).to_have_count(0, timeout=SOON)
        self.bench.rest()

    def undo(self) -> None:
        """Go back to the graph before."""
        with self.bench.redrawn():
            self.bench.click(self.bench.button(re.compile("^Undo")))

    def delete_first_row(self) -> None:
        """Mark the first row of the edge table, and delete it."""
        table = self.page.get_by_test_id("stDataFrame").last  # a canvas: it has no names inside
        table.scroll_into_view_if_needed(timeout=SOON)
        box = table.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 15, box["y"] + 55)
        with self.bench.redrawn():
            self.page.keyboard.press("Delete")
