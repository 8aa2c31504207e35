"""What all rooms have in common: one sentence, one picture, one control."""

from __future__ import annotations

import re
from typing import ClassVar

from playwright.sync_api import Locator, expect

from tests.browser.rooms.bench import SOON, Workbench


class Room:
    """A room of one tab."""

    title: ClassVar[str]
    path: ClassVar[str]
    control_name: ClassVar[str | re.Pattern[str]]

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.page = bench, bench.page

    # ------------------------------------------------------------ getting in

    def visit(self, project: str) -> None:
        """Come by the address."""
        self.bench.visit(self.path, project)

    def enter(self) -> None:
        """Come by the rail."""
        self.bench.follow(self.title, self.path)

    # ------------------------------------------------------------ what every room has

    @property
    def sentence(self) -> Locator:
        """The one sentence."""
        return self.bench.sentence

    @property
    def picture(self) -> Locator:
        """The first picture."""
        return self.bench.pictures.first

    @property
    def control(self) -> Locator:
        """The one control."""
        return self.bench.button(self.control_name).first

    def stands(self) -> None:
        """Wait until sentence, picture and control are there, and the room has its heading."""
        expect(self.sentence).to_have_text(re.compile(r"\w+ \w+"), timeout=SOON)
        expect(self.picture).to_be_visible(timeout=SOON)
        expect(self.control).to_be_visible(timeout=SOON)
        heading = self.page.get_by_role("heading", name=self.title, level=1, exact=True)
        expect(heading).to_be_attached(timeout=SOON)
        self.bench.rest()
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
