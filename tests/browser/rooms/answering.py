"""The rooms in which it is answered: Model, Effects, What-if, Strategy, Report, Truth lab."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.rooms.bench import LONG, SOON
from tests.browser.rooms.room import Room


class Model(Room):
    """Who is comparable, and how well the outcomes are predicted."""

    title, path, control_name = "Model", "model", re.compile("^Train")

    def train(self, model: str) -> None:
        """Train with another model, and wait until it stands."""
        self.bench.switch(model)
        self.bench.click(self.control)
        expect(self.bench.cancel).to_be_visible(timeout=SOON)
        self.bench.wait_for_the_job()


class Effects(Room):
    """The verdict, the bridge, the outcomes, the checks."""

    title, path = "Effects", "effects"
    truth = "Lift the curtain: show the truth"

    @property
    def control(self) -> Locator:
        """The outcomes to choose from."""
        return self.bench.main.get_by_role("radiogroup", name="Outcome")

    def show(self, outcome: str) -> None:
        """Show another outcome."""
        self.bench.switch(outcome)

    def lift_the_curtain(self) -> None:
        """Show the truth beside the estimates."""
        toggle = self.bench.main.get_by_role("switch", name=self.truth)
        with self.bench.redrawn():
            self.bench.click(self.bench.main.get_by_text(self.truth))  # the switch is its words
        expect(toggle).to_be_checked(timeout=SOON)


class WhatIf(Room):
    """Scenarios beside as today."""

    title, path, control_name = "What-if", "whatif", re.compile("^Play")
    name, whom = "Name (optional)", "For whom (optional)"

    @property
    def scenarios(self) -> Locator:
        """The scenarios on the board: each can be copied."""
        return self.bench.button("Copy")

    def play(self) -> None:
        """Play what the levers say, and wait until one more scenario is on the board."""
        before = self.scenarios.count()
        expect(self.control).to_be_enabled(timeout=SOON)
        self.bench.click(self.control)
        expect(self.scenarios).to_have_count(before + 1, timeout=LONG)
        self.bench.wait_for_the_job()


class Strategy(Room):
    """Who should get it, and at what cost."""

    title, path, control_name = "Strategy", "strategy", re.compile("^Compare")

    def compare(self) -> None:
        """Compare the policies, and wait until they stand."""
        self.bench.click(self.control)
        expect(self.bench.cancel).to_be_visible(timeout=SOON)
        self.bench.wait_for_the_job()


class Report(Room):
    """Page one, and the report to hand on."""

    title, path, control_name = "Report", "report", "Download the report"

    @property
    def picture(self) -> Locator:
        """Page one, live: it says the verdict."""
        return self.bench.verdict.first

    def download(self, folder: Path) -> Path:
        """Download the report, and return the file."""
        expect(self.control).to_be_visible(timeout=SOON)
        with self.page.expect_download(timeout=SOON) as waiting:
            self.bench.click(self.control)
        file = folder / waiting.value.suggested_filename
        waiting.value.save_as(file)
        return file


class TruthLab(Room):
    """How often the intervals hold the truth, where it is known."""

    title, path, control_name = "Truth lab", "lab", re.compile("^Run")

    def least(self) -> None:
        """Set the fewest units and the fewest data sets: Home takes a slider to its start."""
        for name in ("Units in each data set", "Data sets to simulate"):
            slider = self.bench.main.get_by_role("slider", name=name)
            expect(slider).to_be_visible(timeout=SOON)
            slider.focus()
            slider.press("Home")
            self.bench.rest()

    def run(self) -> None:
        """Run the lab as it is set, and wait for its picture."""
        self.bench.click(self.control)
        expect(self.bench.cancel).to_be_visible(timeout=SOON)
        self.bench.wait_for_the_job()
