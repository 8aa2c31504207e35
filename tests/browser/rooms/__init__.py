"""The nine rooms as a person meets them: where to click, and what to read. For Playwright.

Everything is found by its role and its name, as a screen reader would find it.
"""

from tests.browser.rooms.answering import Effects, Model, Report, Strategy, TruthLab, WhatIf
from tests.browser.rooms.asking import Data, Graph, Projects
from tests.browser.rooms.bench import ANSWER, LONG, SOON, Workbench
from tests.browser.rooms.room import Room

NINE: tuple[type[Room], ...] = (
    Projects, Data, Graph, Model, Effects, WhatIf, Strategy, Report, TruthLab,
)  # fmt: skip

__all__ = [
    "ANSWER",
    "LONG",
    "NINE",
    "SOON",
    "Data",
    "Effects",
    "Graph",
    "Model",
    "Projects",
    "Report",
    "Room",
    "Strategy",
    "TruthLab",
    "WhatIf",
    "Workbench",
]
