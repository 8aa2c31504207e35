"""Work goes on whatever happens to the page, and the room says what became of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from causal_core import datasets, jobs
from causal_core.analysis import Analysis
from causal_core.jobs import Job, JobState
from causal_core.question import CausalQuestion
from causal_core.store import LOCAL, Snapshot, Store
from tests.browser.rooms import SOON, Workbench

pytestmark = pytest.mark.slow


def asked(home: Path, units: int) -> str:
    """Store a project with a question that takes as long as it has units; return its id."""
    table = datasets.simulate("funnel", units, seed=7).table
    analysis = Analysis(table=table).asking(CausalQuestion(treatment="banner", outcomes=("click",)))
    store = Store.open(home)
    project = store.create_project(f"{units} users", actor=LOCAL)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    return project.id


def now(home: Path, project: str) -> Snapshot:
    return Store.open(home).load(project, actor=LOCAL)


def newest(home: Path, project: str) -> Job:
    job = jobs.latest(Store.open(home), project, actor=LOCAL)
    assert job is not None
    return job


def worker_of(job: Job) -> int:
    """Return the process that works on a job, once there is one."""
    last_moment = time.monotonic() + SOON / 1000
    while time.monotonic() < last_moment:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
            except OSError:
                continue
            if str(job.folder).encode() in words:
                return int(entry.parent.name)
        time.sleep(0.05)
    pytest.fail("no process works on the job")


def is_working(pid: int) -> bool:
    """Whether a process lives; one that ended and was not fetched yet has no command line."""
    command = Path(f"/proc/{pid}/cmdline")
    return command.exists() and command.read_bytes() != b""


def started(bench: Workbench, home: Path, units: int) -> str:
    """Open a project in the Effects room and start its answer there."""
    project = asked(home, units)
    bench.visit("effects", project)
    bench.answer()
    expect(bench.cancel).to_be_visible(timeout=SOON)
    return project


def test_a_reload_finds_the_running_job_and_cancel_ends_it_at_once(page: Page, one_server):
    home, bench = one_server.home, Workbench(page, one_server)
    project = started(bench, home, 20_000)
    before = dict(now(home, project).fingerprints)
    page.reload()
    expect(bench.cancel).to_be_visible(timeout=SOON)
    expect(bench.rail).to_contain_text("Answering the question")
    job = newest(home, project)
    worker = worker_of(job)

    bench.cancel.click()
    expect(bench.rail).to_contain_text("Stopped on request", timeout=5_000)
    assert newest(home, project).state is JobState.CANCELLED
    assert not is_working(worker)
    assert now(home, project).fingerprints == before


def test_a_killed_worker_is_told_nothing_is_lost_and_start_again_works(page: Page, one_server):
    home, bench = one_server.home, Workbench(page, one_server)
    project = started(bench, home, 2_000)
    before = dict(now(home, project).fingerprints)
    os.kill(worker_of(newest(home, project)), signal.SIGKILL)

    expect(bench.rail).to_contain_text("stopped unexpectedly", timeout=SOON)
    assert newest(home, project).state is JobState.LOST
    assert now(home, project).fingerprints == before
    expect(bench.main).to_contain_text("banner")

    bench.rail.get_by_role("button", name="Start again").click()
    expect(bench.cancel).to_be_visible(timeout=SOON)
    assert bench.wait_for_answer() in ("Raises", "Cannot tell")


def test_a_new_server_finds_the_job_of_one_that_was_killed(page: Page, server):
    first = server()
    bench = Workbench(page, first)
    project = started(bench, first.home, 20_000)
    job = newest(first.home, project)
    worker = worker_of(job)
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()

    second = server(first.home)
    again = Workbench(page, second)
    again.visit("effects", project)
    expect(again.cancel).to_be_visible(timeout=SOON)
    assert newest(first.home, project).id == job.id
    again.cancel.click()
    expect(again.rail).to_contain_text("Stopped on request", timeout=SOON)
    assert not is_working(worker)
