"""First paint of each room in Chromium: from the start of the navigation to its own sentence.

The page itself keeps the clock: a frame callback notes when the sentence stands in the document.
(A driver that polls from outside only learns of it when the main thread is free again, which is
after the plotting library was parsed.) `picture` is the same for the room's first chart.

`first`: the first request that a fresh server answers. `cold`: a new browser with an empty cache,
on a server that has drawn a page. `warm`: the median of five more visits of the same browser.
The aim is 1.5 s on an idle machine.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, TimeoutError, sync_playwright

from causal_core import datasets, pipeline
from causal_core.analysis import Analysis
from causal_core.store import LOCAL, Store

ROOT = Path(__file__).resolve().parents[2]
AIM = 1.5  # seconds
VISITS = 5
PATIENCE = 60_000  # ms
UNITS = 10_000
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
OWN_WORDS = {
    "": "h2",
    "data": ".say",
    "graph": ".say",
    "model": ".say",
    "effects": ".verdict",
    "whatif": ".say",
    "report": ".verdict",
}
PICTURE = ".js-plotly-plot .main-svg"
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


def demo_project(home: Path) -> str:
    """Store the demo, answered, and return its id."""
    simulation = datasets.simulate("coupon", UNITS, seed=7)
    question = simulation.question
    request = pipeline.Request(
        treatment=question.treatment, outcomes=question.outcomes, model="linear"
    )
    answered = pipeline.run(simulation.table, request)
    store = Store.open(home)
    project = store.create_project("Coupon banner", actor=LOCAL, kind="demo")
    asked = Analysis(**answered.filled() | {"truth": simulation.truth})
    store.save(project.id, asked, revision=project.revision, actor=LOCAL)
    return project.id


def serve(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server, and return it with its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=ROOT,
        env={**os.environ, "CAUSAL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    last_moment = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < last_moment:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return process, url
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)


def paint(context: BrowserContext, address: str, own: str) -> tuple[float, float]:
    """Return the seconds from the start of the navigation to words and picture (NaN if none)."""
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.locator(own).first.wait_for(state="attached", timeout=PATIENCE)
    with suppress(TimeoutError):
        page.locator(PICTURE).first.wait_for(state="attached", timeout=5_000)
    seen = page.evaluate("window.seen")
    page.close()
    return seen["words"] / 1000, seen.get("picture", math.nan) / 1000


def measure(browser: Browser, home: Path, project: str, room: str) -> tuple[float, ...]:
    """Return first, cold and warm words, and the warm picture, of a room."""
    process, url = serve(home)
    address = f"{url}/{room}?project={project}"
    marks = {"words": OWN_WORDS[room], "picture": PICTURE}
    try:
        with browser.new_context() as context:
            context.add_init_script(CLOCK % json.dumps(marks))
            first = paint(context, address, OWN_WORDS[room])
        with browser.new_context() as context:
            context.add_init_script(CLOCK % json.dumps(marks))
            cold = paint(context, address, OWN_WORDS[room])
            visits = [paint(context, address, OWN_WORDS[room]) for _ in range(VISITS)]
    finally:
        end(process)
    words, picture = zip(*visits, strict=True)
    return first[0], cold[0], statistics.median(words), statistics.median(picture)


def main() -> None:
    """Print a table of seconds."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no Chromium on this machine.")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        project = demo_project(home)
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        print(
            f"{'room':<10} {'first':>7} {'cold':>7} {'warm':>7} {'picture':>7}   seconds; load",
            os.getloadavg()[0],
        )
        for room in OWN_WORDS:
            seconds = measure(browser, home, project, room)
            figures = " ".join(f"{one:7.2f}" for one in seconds)
            late = "  over the aim" if max(seconds[:3]) > AIM else ""
            print(f"{room or 'projects':<10} {figures}{late}")
        browser.close()


if __name__ == "__main__":
    main()
