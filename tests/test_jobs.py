"""Jobs outlive page, tab and server, end in a known state, and never spoil a project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from causal_core import jobs, worker
from causal_core.analysis import Analysis
from causal_core.errors import ChangedMeanwhileError, JobMissingError, ProjectMissingError
from causal_core.jobs import Job, JobState, heartbeat, processes
from causal_core.question import CausalQuestion
from causal_core.store import LOCAL, Store

LAUNCHER = Path(__file__).with_name("job_launcher.py")
ROOT = LAUNCHER.parents[1]
QUESTION = CausalQuestion(treatment="banner", outcomes=("click",))
OTHER = CausalQuestion(treatment="banner", outcomes=("cart",))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(processes, "COMMAND", (sys.executable, str(LAUNCHER)))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    store = Store.open(tmp_path / "home")
    jobs.set_slots(store, 2)
    yield store
    for project in store.projects(actor=LOCAL):
        for job in jobs.running(store, project.id, actor=LOCAL):
            jobs.cancel(store, job.id, actor=LOCAL)


@pytest.fixture
def project_id(store: Store) -> str:
    project = store.create_project("Coupons", actor=LOCAL, seed=11)
    store.save(project.id, Analysis(question=QUESTION), revision=0, actor=LOCAL)
    return project.id


@pytest.fixture
def no_free_slot(store: Store, project_id: str) -> Iterator[None]:
    """Let a process that does nothing stand in for two workers, until the test is over."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as idle:
        for number in range(2):
            started_as = processes.start_of(idle.pid)
            invent_running_job(store, project_id, f"busy{number}", idle.pid, started_as)
        yield
        free_all_slots(store)
        idle.kill()


def free_all_slots(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute("UPDATE jobs SET state = 'done', pid = NULL WHERE state = 'running'")


def wait_until(fact: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def order(store: Store, project_id: str, step: str, **settings: object) -> Job:
    return jobs.submit(store, project_id, step, settings, actor=LOCAL)


def now(store: Store, job: Job) -> Job:
    jobs.refresh(store)
    return jobs.get(store, job.id, actor=LOCAL)


def wait_for_end(store: Store, job: Job) -> Job:
    wait_until(lambda: not now(store, job).active)
    return now(store, job)


def wait_for_work(store: Store, job: Job) -> Job:
    """Wait until the step itself is at work, not only its process."""
    wait_until(lambda: now(store, job).fraction > 0)
    return now(store, job)


def pid_of(store: Store, job: Job) -> int:
    with store.database.reading() as connection:
        row = connection.execute("SELECT pid FROM jobs WHERE id = ?", (job.id,)).fetchone()
    return int(row["pid"])


def question_of(store: Store, project_id: str) -> CausalQuestion | None:
    return store.load(project_id, actor=LOCAL).analysis.question


def test_a_job_is_queued_runs_and_commits_its_result_and_a_second_server_sees_it(
    store: Store, project_id: str, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job = order(store, project_id, "ask", go=str(go))
    again = order(store, project_id, "ask", go=str(go))
    assert again.id == job.id, "a double click orders one job"
    working = wait_for_work(store, job)
    assert (working.state, working.fraction, working.message) == ("running", 0.5, "half of it")
    assert os.getpgid(pid_of(store, job)) == pid_of(store, job)
    assert os.getpriority(os.PRIO_PROCESS, pid_of(store, job)) == 10
    program = (
        "import sys; from pathlib import Path; from causal_core import jobs;"
        "from causal_core.store import Store; store = Store.open(Path(sys.argv[1]));"
        "jobs.refresh(store); found = jobs.latest(store, sys.argv[2], actor='local');"
        "print(found.id, found.state, found.fraction)"
    )
    server = [sys.executable, "-c", program, str(store.home), project_id]
    seen = subprocess.run(server, capture_output=True, text=True, check=True, cwd=ROOT)
    assert seen.stdout.split() == [job.id, "running", "0.5"]
    assert question_of(store, project_id) == QUESTION, "nothing arrives before the end"
    go.touch()
    done = wait_for_end(store, job)
    assert (done.state, done.accepted, done.set_aside, done.note) == ("done", ("question",), (), "")
    arrived = question_of(store, project_id)
    assert arrived is not None
    assert arrived.window == "11 local", "the step was told seed and actor"


def test_a_result_whose_basis_changed_meanwhile_is_set_aside_and_others_edits_stay(
    store: Store, project_id: str, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    asking = order(store, project_id, "ask", go=str(go))
    identifying = order(store, project_id, "identify", go=str(go))
    wait_for_work(store, asking)
    wait_until(lambda: now(store, identifying).state is JobState.RUNNING)
    saved = store.save(project_id, Analysis(question=OTHER), revision=1, actor=LOCAL)
    go.touch()
    for job, slot in ((asking, "question"), (identifying, "estimand")):
        done = wait_for_end(store, job)
        assert (done.state, done.accepted, done.set_aside) == ("done", (), (slot,))
        assert "changed while this ran" in done.note
    snapshot = store.load(project_id, actor=LOCAL)
    assert snapshot.analysis == Analysis(question=OTHER)
    assert snapshot.stale["estimand"].changed == ("question",)
    back = store.save(
        project_id, Analysis(question=QUESTION), revision=snapshot.revision, actor=LOCAL
    )
    assert (saved.kept_both, back.kept_both) == (False, False)
    assert back.revived == ("estimand",), "the old question again: its estimand is current"


def test_work_on_what_the_page_no_longer_shows_is_refused(store: Store, project_id: str) -> None:
    with pytest.raises(ChangedMeanwhileError, match="the question"):
        jobs.submit(
            store, project_id, "ask", {}, actor=LOCAL, inputs={"question": OTHER.fingerprint}
        )
    assert jobs.listing(store, project_id, actor=LOCAL) == ()


def test_a_killed_worker_is_lost_and_the_project_stays_as_it_was(
    store: Store, project_id: str
) -> None:
    before = store.load(project_id, actor=LOCAL)
    job = wait_for_work(store, order(store, project_id, "spin"))
    os.kill(pid_of(store, job), signal.SIGKILL)
    lost = wait_for_end(store, job)
    assert lost.state is JobState.LOST
    assert lost.failure is not None
    assert "“spin” stopped without a result" in lost.failure.found
    assert store.load(project_id, actor=LOCAL) == before


@pytest.mark.parametrize("deaf", [False, True], ids=["tight loop", "deaf to SIGTERM"])
def test_a_step_that_never_reports_is_gone_two_seconds_after_cancel_with_its_children(
    store: Store, project_id: str, tmp_path: Path, deaf: bool
) -> None:
    note = tmp_path / "child"
    job = wait_for_work(store, order(store, project_id, "spin", deaf=deaf, child=str(note)))
    pid, child = pid_of(store, job), int(note.read_text("ascii"))
    start = time.monotonic()
    cancelled = jobs.cancel(store, job.id, actor=LOCAL)
    assert time.monotonic() - start < 2.0
    assert cancelled.state is JobState.CANCELLED
    assert processes.start_of(pid) == ""
    wait_until(lambda: processes.start_of(child) == "")
    assert now(store, job).state is JobState.CANCELLED
    assert question_of(store, project_id) == QUESTION


def test_a_worker_told_to_end_by_the_system_says_that_it_was_stopped(
    store: Store, project_id: str
) -> None:
    job = wait_for_work(store, order(store, project_id, "spin"))
    os.kill(pid_of(store, job), signal.SIGTERM)
    assert wait_for_end(store, job).state is JobState.CANCELLED


def test_failures_are_told_apart_and_waiting_jobs_follow_each_other_through_one_slot(
    store: Store, project_id: str
) -> None:
    jobs.set_slots(store, 1)
    other = Store.open(store.home)
    refused = order(store, project_id, "refuse")
    stumbled = order(other, project_id, "stumble")
    unknown = order(store, project_id, "no such step")
    states = [job.state for job in jobs.running(other, project_id, actor=LOCAL)]
    assert states.count(JobState.RUNNING) <= 1, "one slot, seen from both handles"
    last = jobs.get(store, unknown.id, actor=LOCAL)
    # The workers start each other: nobody refreshes.
    wait_until(lambda: not jobs.get(store, last.id, actor=LOCAL).active)
    failures = [now(store, job) for job in (refused, stumbled, unknown)]
    assert [job.state for job in failures] == [JobState.FAILED] * 3
    codes = [job.error["code"] for job in failures if job.error]
    assert codes == ["no_table", "bug", "bad_setting"]
    log = (stumbled.folder / "log").read_text("utf-8")
    assert "ZeroDivisionError: a mistake of ours" in log
    assert failures[1].failure is not None
    assert stumbled.id in failures[1].failure.remedy
    ended = [job.ended for job in failures]
    started = [job.started for job in failures]
    assert all(
        start is not None and end is not None and start >= end
        for start, end in zip(started[1:], ended[:-1], strict=True)
    ), "no two worked at once"


@pytest.mark.usefixtures("no_free_slot")
def test_a_waiting_job_is_cancelled_without_ever_starting(store: Store, project_id: str) -> None:
    job = order(store, project_id, "ask")
    assert job.state is JobState.QUEUED
    cancelled = jobs.cancel(store, job.id, actor=LOCAL)
    assert (cancelled.state, cancelled.started) == (JobState.CANCELLED, None)
    free_all_slots(store)
    jobs.refresh(store)
    assert now(store, job).state is JobState.CANCELLED


@pytest.mark.usefixtures("no_free_slot")
def test_slots_are_counted_over_all_handles_of_a_store(store: Store, project_id: str) -> None:
    other = Store.open(store.home)
    job = order(other, project_id, "ask")
    for handle in (store, other):
        assert now(handle, job).state is JobState.QUEUED
    assert jobs.slots(other) == 2
    jobs.set_slots(store, None)
    assert jobs.slots(other) == max(1, processes.cores() - 1)


def test_a_process_id_that_went_to_a_stranger_counts_as_gone_and_the_stranger_lives(
    store: Store, project_id: str
) -> None:
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    with stranger:
        invent_running_job(store, project_id, "job1", stranger.pid, started_as="1")
        jobs.refresh(store)
        assert jobs.get(store, "job1", actor=LOCAL).state is JobState.LOST
        assert stranger.poll() is None


def test_a_worker_that_is_silent_for_minutes_is_ended_and_lost(
    store: Store, project_id: str, tmp_path: Path
) -> None:
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    with sleeper:
        started_as = processes.start_of(sleeper.pid)
        folder = invent_running_job(store, project_id, "job1", sleeper.pid, started_as)
        jobs.refresh(store)
        assert jobs.get(store, "job1", actor=LOCAL).state is JobState.RUNNING
        beat = {"steady": time.monotonic() - 500, "wall": time.time() - 500}
        (folder / "heartbeat.json").write_text(json.dumps(beat), "utf-8")
        os.utime(folder / "heartbeat.json", (0, 0))
        jobs.refresh(store)
        assert jobs.get(store, "job1", actor=LOCAL).state is JobState.LOST
        assert sleeper.wait(timeout=5) < 0


@pytest.mark.usefixtures("no_free_slot")
def test_a_process_that_the_database_does_not_name_leaves_without_touching_the_job(
    store: Store, project_id: str
) -> None:
    job = order(store, project_id, "ask")
    with store.database.writing() as connection:
        connection.execute("UPDATE jobs SET state = 'running', pid = 1 WHERE id = ?", (job.id,))
    worker.run(job.folder, steps={})
    assert jobs.get(store, job.id, actor=LOCAL).state is JobState.RUNNING
    assert question_of(store, project_id) == QUESTION


def test_a_deleted_project_takes_its_running_job_and_its_folder_along(
    store: Store, project_id: str
) -> None:
    job = wait_for_work(store, order(store, project_id, "spin"))
    pid = pid_of(store, job)
    jobs.delete_project(store, project_id, actor=LOCAL)
    assert processes.start_of(pid) == ""
    assert not job.folder.exists()
    with pytest.raises(JobMissingError):
        jobs.get(store, job.id, actor=LOCAL)


@pytest.mark.usefixtures("no_free_slot")
def test_another_person_neither_sees_nor_stops_a_job(store: Store, project_id: str) -> None:
    job = order(store, project_id, "ask")
    with pytest.raises(JobMissingError):
        jobs.get(store, job.id, actor="mallory")
    with pytest.raises(JobMissingError):
        jobs.cancel(store, job.id, actor="mallory")
    with pytest.raises(ProjectMissingError):
        jobs.submit(store, project_id, "ask", {}, actor="mallory")
    with pytest.raises(ProjectMissingError):
        jobs.listing(store, project_id, actor="mallory")


def test_the_remaining_time_follows_the_pace_of_late_and_grows_while_work_stalls() -> None:
    pace = heartbeat.Pace()
    assert pace.remaining(0.0) is None
    for second in range(101):  # quick for 50 seconds, then four times as slow
        pace.note(0.4 * min(second, 50) / 50 + 0.1 * max(second - 50, 0) / 50, float(second))
    remaining = pace.remaining(100.0)
    assert remaining == pytest.approx(0.5 / (0.1 / 50), rel=0.05)
    stalled = pace.remaining(200.0)
    assert stalled is not None
    assert stalled > remaining


def invent_running_job(
    store: Store, project_id: str, job_id: str, pid: int, started_as: str
) -> Path:
    """Write a row as `jobs` would, for a process that the test chose."""
    folder = store.home / "jobs" / job_id
    folder.mkdir()
    with store.database.writing() as connection:
        connection.execute(
            "INSERT INTO jobs (id, project_id, step, settings, inputs, required, actor, state,"
            " host, pid, started_as, created, started)"
            " VALUES (?, ?, 'ask', '{}', '{}', '{}', 'local', 'running', ?, ?, ?, ?, ?)",
            (job_id, project_id, processes.this_host(), pid, started_as, time.time(), time.time()),
        )
    return folder
