"""First paint of each room in Chromium: from the start of the navigation to its own sentence.

The page itself keeps the clock: a frame callback notes when the sentence stands in the document.
(A driver that polls from outside only learns of it when the main thread is free again, which is
after the plotting library was parsed.) `picture` is the same for the room's first chart.

`first`: the first request that a fresh server answers. `cold`: a new browser with an empty cache,
on a server that has drawn a page. `warm`: the median of five more visits of the same browser.
The aim is 1.5 s on an idle machine. The project is the finished demo.
"""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import statistics
import tempfile
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, TimeoutError, sync_playwright

from causal_core.store import LOCAL, Store, demo_archive
from tests.browser.rooms import NINE
from tests.conftest import CHROMIUM_OPTIONS, start_server

AIM = 1.5  # seconds
VISITS = 5
PATIENCE = 60_000  # ms
RESULT = Path(__file__).with_name("results") / "paint.csv"
WORDS = '[data-testid="stMain"] [role="status"]'
HEADING = '[data-testid="stMain"] h2'  # in Projects the heading is the sentence
PICTURE = '[data-testid="stMain"] :is(.js-plotly-plot .main-svg, [role="img"])'
CLOCK = """
window.seen = {};
function look(marks) {
  for (const [name, css] of Object.entries(marks)) {
    const here = !(name in window.seen) && document.querySelector(css);
    if (here) window.seen[name] = performance.now();
  }
  requestAnimationFrame(() => look(marks));
}
look(%s);
"""


def paint(context: BrowserContext, address: str, words: str) -> tuple[float, float]:
    """Return the seconds from the start of the navigation to words and picture (NaN if none)."""
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.locator(words).first.wait_for(state="attached", timeout=PATIENCE)
    with suppress(TimeoutError):
        page.locator(PICTURE).first.wait_for(state="attached", timeout=5_000)
    seen = page.evaluate("window.seen")
    page.close()
    return seen["words"] / 1000, seen.get("picture", math.nan) / 1000


def measure(browser: Browser, home: Path, address: str, words: str) -> dict[str, float]:
    """Return first, cold and warm words, and the warm picture, of a room."""
    server = start_server(home, home.with_suffix(".log"), {})
    server.wait_until_ready()
    marks = json.dumps({"words": words, "picture": PICTURE})
    try:
        with browser.new_context() as context:
            context.add_init_script(CLOCK % marks)
            first, _ = paint(context, f"{server.url}{address}", words)
        with browser.new_context() as context:
            context.add_init_script(CLOCK % marks)
            cold, _ = paint(context, f"{server.url}{address}", words)
            visits = [paint(context, f"{server.url}{address}", words) for _ in range(VISITS)]
    finally:
        server.stop()
    said, picture = zip(*visits, strict=True)
    return {
        "first": first,
        "cold": cold,
        "warm": statistics.median(said),
        "picture": statistics.median(picture),
    }


def main() -> None:
    """Print a table of seconds, and keep it as CSV."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no Chromium on this machine.")
        return
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        project = Store.open(home).import_project(demo_archive(), actor=LOCAL, kind="demo").id
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        print(f"{'room':<10} {'first':>7} {'cold':>7} {'warm':>7} {'picture':>7}   seconds")
        for kind in NINE:
            words = WORDS if kind.path else HEADING
            seconds = measure(browser, home, f"/{kind.path}?project={project}", words)
            late = "  over the aim" if max(list(seconds.values())[:3]) > AIM else ""
            figures = " ".join(f"{one:7.2f}" for one in seconds.values())
            print(f"{kind.title:<10} {figures}{late}", flush=True)
            load = round(os.getloadavg()[0], 2)
            rounded = {name: f"{one:.2f}" for name, one in seconds.items()}
            rows.append({"room": kind.title, **rounded, "load": load})
        browser.close()
    with RESULT.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
