"""How long a click waits, idle and while a job runs; and what a visitor costs the server.

`click`: milliseconds from a click on an outcome in Effects until the verdict's sentence is
another one, by the page's own clock. The aim: while a job runs, under 1.5 times the idle figure.

`memory`: ten visitors, each in a browser of its own, open the demo and walk all nine rooms; all
stay. The resident memory of the server's process after each, and per visitor.
"""

from __future__ import annotations

import csv
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from causal_core import datasets, jobs
from causal_core.analysis import Analysis
from causal_core.store import LOCAL, Store, demo_archive
from tests.browser.rooms import NINE, SOON, Effects, Workbench
from tests.conftest import CHROMIUM_OPTIONS, Server, start_server

RESULT = Path(__file__).with_name("results") / "rooms.csv"
CLICKS = 20
VISITORS = 10
AIM = 1.5
UNITS_AT_WORK = 30_000  # a job that outlasts the clicks
_WATCH = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const said = () => main.querySelector('[role="status"]')?.textContent;
  const before = said();
  window.waited = null;
  let start = null;
  const begin = () => { start = performance.now(); };
  addEventListener('pointerdown', begin, {once: true, capture: true});
  const look = () => {
    if (start !== null && said() && said() !== before) window.waited = performance.now() - start;
    else requestAnimationFrame(look);
  };
  look();
}"""
_WAITED = """() => new Promise(done => {
  const look = () => window.waited === null ? requestAnimationFrame(look) : done(window.waited);
  look();
})"""


def milliseconds(bench: Workbench, outcomes: list[str]) -> list[float]:
    """Return how long each of many clicks waited."""
    waited = []
    for at in range(CLICKS):
        bench.rest()
        bench.page.evaluate(_WATCH)
        bench.page.get_by_role("radio", name=outcomes[at % len(outcomes)], exact=True).click()
        waited.append(float(bench.page.evaluate(_WAITED)))
    return waited[2:]  # the first ones fill caches


def click_to_answer(browser: Browser, server: Server) -> list[tuple[str, float]]:
    """Return the median click, idle and while a job of another project runs, and their ratio."""
    store = Store.open(server.home)
    demo = store.import_project(demo_archive(), actor=LOCAL, kind="demo").id
    other = store.create_project("At work", actor=LOCAL)
    simulation = datasets.simulate("funnel", UNITS_AT_WORK, seed=7)
    asked = Analysis(table=simulation.table).asking(simulation.question)
    store.save(other.id, asked, revision=other.revision, actor=LOCAL)
    with browser.new_context() as context:
        room = Effects(Workbench(context.new_page(), server))
        room.visit(demo)
        room.stands()
        outcomes = ["click", "purchase"]
        idle = statistics.median(milliseconds(room.bench, outcomes))
        job = jobs.submit(store, other.id, "answer", {}, actor=LOCAL)
        busy = statistics.median(milliseconds(room.bench, outcomes))
        if not jobs.get(store, job.id, actor=LOCAL).active:
            raise SystemExit("the job ended before the clicks did: give it more units")
        jobs.cancel(store, job.id, actor=LOCAL)
    return [("click, idle, ms", idle), ("click, a job runs, ms", busy), ("ratio", busy / idle)]


def megabytes(server: Server) -> float:
    """Return the resident memory of the server's process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def memory(browser: Browser, server: Server) -> list[tuple[str, float]]:
    """Return the server's memory before, after one and after ten visitors, and per visitor."""
    start = megabytes(server)
    after = []
    contexts = [browser.new_context() for _ in range(VISITORS)]
    for context in contexts:
        bench = Workbench(context.new_page(), server)
        bench.open_demo()
        expect(bench.verdict).to_be_visible(timeout=SOON)
        for kind in NINE:
            kind(bench).enter()
            kind(bench).stands()
        after.append(megabytes(server))
    for context in contexts:
        context.close()
    each = (after[-1] - after[0]) / (VISITORS - 1)
    return [
        ("server at the start, MB", start),
        ("after the first visitor, MB", after[0]),
        ("after ten visitors, MB", after[-1]),
        ("per further visitor, MB", each),
    ]


def main() -> None:
    """Print the figures, and keep them as CSV."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not Path("/proc/self/status").exists():
        print("There is no Chromium on this machine, or no /proc.")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        figures = []
        for measure in (click_to_answer, memory):
            home = Path(folder) / measure.__name__
            server = start_server(home, Path(folder) / "log.txt", {})
            server.wait_until_ready()
            try:
                figures += measure(browser, server)
            finally:
                server.stop()
        browser.close()
    figures.append(("load of the machine", os.getloadavg()[0]))
    for name, value in figures:
        late = "  over the aim" if name == "ratio" and value > AIM else ""
        print(f"{name:<30} {value:8.2f}{late}")
    with RESULT.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("figure", "value"), *((n, f"{v:.2f}") for n, v in figures)])


if __name__ == "__main__":
    main()
