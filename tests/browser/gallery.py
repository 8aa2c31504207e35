"""Photographs every room: empty, asked, running, full, stale, refused; two widths, light and dark.

    PYTHONPATH=. python tests/browser/gallery.py FOLDER [--rooms effects,lab] [--states full]

The projects are made by hand or are the demo, in a store that is thrown away. What “runs” is a
worker that only waits. Not a test: the pictures are for eyes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # a waiting worker is started by path

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from causal_core import datasets, jobs, pipeline, worker  # noqa: E402
from causal_core.analysis import Analysis  # noqa: E402
from causal_core.jobs import Step, StepContext, processes  # noqa: E402
from causal_core.progress import Progress  # noqa: E402
from causal_core.store import LOCAL, Store, demo_archive  # noqa: E402
from tests import made_by_hand  # noqa: E402
from tests.browser.rooms import NINE, SOON, Workbench  # noqa: E402
from tests.conftest import CHROMIUM_OPTIONS, Server, start_server  # noqa: E402

WIDTHS = (1280, 1920)
MODES = ("light", "dark")
TALLEST = 4_000  # pixels of one picture
STEP_OF = {
    "": "answer",
    "data": "ingest",
    "graph": "discover",
    "whatif": "whatif",
    "strategy": "policy",
    "lab": "lab",
}
STATES = ("empty", "asked", "running", "full", "stale", "refused")


# ---------------------------------------------------------------- a worker that only waits


def linger(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Tell four tenths, and wait to be cancelled."""
    progress(0.4, "Attempt 8 of 20")
    time.sleep(3_600)
    return analysis


def work(folder: Path) -> None:
    """Run a job with steps that only wait."""
    steps: dict[str, Step] = dict.fromkeys((*pipeline.STEPS, *STEP_OF.values()), linger)
    worker.run(folder, steps=steps)


# ---------------------------------------------------------------- projects in every state


def asked() -> Analysis:
    """A question on simulated users, unanswered."""
    simulation = datasets.simulate("funnel", 2_000, seed=7)
    return Analysis(table=simulation.table).asking(simulation.question)


def add(store: Store, name: str, analysis: Analysis | None = None) -> str:
    """Store a project, and return its id."""
    project = store.create_project(name, actor=LOCAL)
    if analysis is not None:
        store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    return project.id


def add_demo(store: Store, name: str = "Coupon banner") -> str:
    """Put the finished demo into a store, and return its id."""
    return store.import_project(demo_archive(), actor=LOCAL, name=name, kind="demo").id


def add_stale(store: Store) -> str:
    """The demo, with a question that was changed after it was answered."""
    project = add_demo(store, "Coupon banner, changed")
    snapshot = store.load(project, actor=LOCAL)
    question = replace(snapshot.get("question"), population="visits_28d > 3")
    changed = snapshot.analysis.asking(question)
    store.save(project, changed, revision=snapshot.revision, actor=LOCAL)
    return project


def add_unreadable(store: Store) -> str:
    """A project whose file is no table; a real worker says so."""
    project = add(store, "users.csv")
    with (ROOT / "tests" / "data" / "nasty" / "69_xlsx_named_csv.csv").open("rb") as file:
        upload = store.add_upload(file, project_id=project, original_name="users.csv", actor=LOCAL)
    job = jobs.submit(store, project, "ingest", {"upload": upload.id}, actor=LOCAL)
    last_moment = time.monotonic() + 60
    while jobs.get(store, job.id, actor=LOCAL).active and time.monotonic() < last_moment:
        jobs.refresh(store)
        time.sleep(0.1)
    return project


def prepare(home: Path) -> dict[tuple[str, str], str]:
    """Fill a store; return the project for each state and room that has one."""
    store = Store.open(home)
    refused = add(store, "Too few alike", made_by_hand.analysis(sufficient=False))
    projects = {("refused", kind.path): refused for kind in NINE[1:-1]}
    projects["refused", "data"] = add_unreadable(store)
    for state, project in (
        ("empty", add(store, "Nothing yet")),
        ("asked", add(store, "A question", asked())),
        ("stale", add_stale(store)),
        ("full", add_demo(store)),
    ):
        projects |= {(state, kind.path): project for kind in NINE[1:]}
    projects["full", ""] = projects["full", "data"]
    return projects | _running(store)


def _running(store: Store) -> dict[tuple[str, str], str]:
    """Let a job of each kind wait, each in a project of its own."""
    processes.COMMAND = (sys.executable, str(Path(__file__).resolve()), "--work")
    jobs.set_slots(store, len(NINE))
    projects, steps = {}, {}
    for kind in NINE:
        step = STEP_OF.get(kind.path, "answer")
        if step not in steps:
            steps[step] = _started(store, step)
        projects["running", kind.path] = steps[step]
    return projects


def _started(store: Store, step: str) -> str:
    if step == "ingest":
        project = add(store, "A file is read")
    elif step in ("answer", "discover"):
        project = add(store, f"At work: {step}", asked())
    else:
        project = add_demo(store, f"At work: {step}")
    jobs.submit(store, project, step, {}, actor=LOCAL)
    return project


# ---------------------------------------------------------------- pictures


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """Serve a store as long as the pictures are taken."""
    server = start_server(home, home / "server.log", {})
    server.wait_until_ready()
    try:
        yield server
    finally:
        server.stop()


def end_jobs(home: Path) -> None:
    """Cancel all that waits or runs on a store."""
    store = Store.open(home)
    for project in store.projects(actor=LOCAL):
        for job in jobs.running(store, project.id, actor=LOCAL):
            jobs.cancel(store, job.id, actor=LOCAL)


def tell(line: str) -> None:
    """Say how far it is."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def settle(bench: Workbench) -> None:
    """Wait until the room is drawn, pictures included."""
    expect(bench.link("Report")).to_be_visible(timeout=SOON)
    bench.rest()
    expect(bench.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SOON)
    for picture in bench.pictures.all():
        expect(picture.locator("svg").first).to_be_attached(timeout=SOON)


def shoot(page: Page, target: Path, width: int) -> None:
    """Photograph a room as wide as asked and as tall as it is."""
    page.set_viewport_size({"width": width, "height": 800})
    body = page.get_by_test_id("stMainBlockContainer")
    height = min(max(800, round(body.bounding_box()["height"]) + 20), TALLEST)
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 250)))")
    page.screenshot(path=target, animations="disabled")


def photograph(
    browser: Browser,
    server: Server,
    projects: Mapping[tuple[str, str], str],
    folder: Path,
) -> None:
    """Photograph each state of each room that has a project, in every width and mode."""
    titles = {kind.path: kind.title.lower().replace(" ", "-") for kind in NINE}
    for mode in MODES:
        with browser.new_context(color_scheme=mode) as context:
            context.set_default_timeout(SOON)
            page = context.new_page()
            bench = Workbench(page, server)
            for (state, path), project in projects.items():
                page.set_viewport_size({"width": WIDTHS[0], "height": 800})
                bench.visit(path, project or None)
                name = f"{titles[path]}-{state}"
                try:
                    settle(bench)
                except AssertionError as error:
                    tell(f"{name}: not drawn to its end: {str(error).splitlines()[0]}")
                for width in WIDTHS:
                    shoot(page, folder / f"{name}-{width}-{mode}.png", width)
                tell(f"{name} ({mode})")


def main() -> None:
    """Photograph what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rooms", help="paths, as in the address; “projects” is the first room")
    parser.add_argument("--states", help=", ".join(STATES))
    options = parser.parse_args()
    rooms = None if options.rooms is None else options.rooms.replace("projects", "").split(",")
    states = STATES if options.states is None else options.states.split(",")
    options.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        bare, filled = Path(place) / "bare", Path(place) / "filled"
        bare.mkdir()
        filled.mkdir()
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        if "empty" in states and (rooms is None or "" in rooms):
            with serving(bare) as server:
                photograph(browser, server, {("empty", ""): ""}, options.folder)
        try:
            wanted = {
                (state, path): project
                for (state, path), project in prepare(filled).items()
                if state in states and (rooms is None or path in rooms)
            }
            with serving(filled) as server:
                photograph(browser, server, wanted, options.folder)
        finally:
            end_jobs(filled)
        browser.close()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.argv[1] == "--work":
        work(Path(sys.argv[2]))
    else:
        main()
