"""The board on which jobs hang: ordered, started while slots are free, cancelled, found lost.

The database decides, so any number of servers, tabs and workers may look after the board.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from causal_core.errors import ChangedMeanwhileError, JobLostError, JobMissingError
from causal_core.jobs import processes
from causal_core.jobs.heartbeat import read_beat
from causal_core.jobs.job import Job, JobState, job_from
from causal_core.store import Snapshot, Store, rows
from causal_core.store.files import write
from causal_core.store.records import slot_words

SPEC_FORMAT = 1
_SILENT_SECONDS = 120.0
_CORES_FOR_OTHERS = 1


def submit(
    store: Store,
    project_id: str,
    step: str,
    settings: Mapping[str, object],
    *,
    actor: str,
    inputs: Mapping[str, str] | None = None,
) -> Job:
    """Order a step on what the project holds now, and start it if a slot is free.

    Parameters
    ----------
    step
        A name in ``pipeline.STEPS``.
    settings
        Plain JSON.
    inputs
        Slot → fingerprint of what the person was shown and the work rests on.

    Returns
    -------
    Job
        The one that already waits or works, if the same was ordered before (a double click).

    Raises
    ------
    ProjectMissingError
    ChangedMeanwhileError
        If `inputs` are not what the project holds.
    StorageError
    """
    job_id = secrets.token_hex(10)
    with store.database.writing() as connection:
        snapshot = store.snapshot_in(connection, project_id, actor=actor)
        _require_unchanged(snapshot, inputs or {})
        row = {
            "id": job_id,
            "project_id": project_id,
            "step": step,
            "settings": json.dumps(dict(settings), sort_keys=True, allow_nan=False),
            "inputs": json.dumps(_held(snapshot), sort_keys=True),
            "required": json.dumps(dict(inputs or {}), sort_keys=True),
            "actor": actor,
            "created": time.time(),
        }
        same = _same_active(connection, row)
        if same is None:
            _write_spec(store.home / "jobs" / job_id, row, snapshot)
            _insert(connection, row)
        else:
            job_id = same
    refresh(store)
    return get(store, job_id, actor=actor)


def _require_unchanged(snapshot: Snapshot, inputs: Mapping[str, str]) -> None:
    changed = [slot for slot, fp in inputs.items() if snapshot.fingerprints.get(slot) != fp]
    if changed:
        raise ChangedMeanwhileError(slots=slot_words(tuple(changed)))


def _held(snapshot: Snapshot) -> dict[str, object]:
    return {
        slot: {"fingerprint": snapshot.fingerprints[slot], **asdict(ref)}
        for slot, ref in snapshot.current.items()
    }


def _same_active(connection: sqlite3.Connection, row: Mapping[str, object]) -> str | None:
    found = connection.execute(
        "SELECT id FROM jobs WHERE project_id = :project_id AND step = :step"
        " AND settings = :settings AND inputs = :inputs AND required = :required"
        " AND state IN ('queued', 'running')",
        row,
    ).fetchone()
    return found["id"] if found else None


def _write_spec(folder: Path, row: Mapping[str, object], snapshot: Snapshot) -> None:
    folder.mkdir(mode=0o700)
    spec = {
        "format": SPEC_FORMAT,
        "job": row["id"],
        "project": row["project_id"],
        "step": row["step"],
        "settings": json.loads(str(row["settings"])),
        "inputs": json.loads(str(row["inputs"])),
        "required": json.loads(str(row["required"])),
        "actor": row["actor"],
        "seed": snapshot.project.seed,
        "language": snapshot.project.language,
    }
    write(folder / "spec.json", json.dumps(spec, indent=1).encode())


def _insert(connection: sqlite3.Connection, row: Mapping[str, object]) -> None:
    connection.execute(
        "INSERT INTO jobs (id, project_id, step, settings, inputs, required, actor, state,"
        " created) VALUES (:id, :project_id, :step, :settings, :inputs, :required, :actor,"
        " 'queued', :created)",
        row,
    )
    project_id, actor = str(row["project_id"]), str(row["actor"])
    rows.write_audit(connection, project_id, actor, "submit", f"{row['step']} {row['id']}")


# ---------------------------------------------------------------- looking


def get(store: Store, job_id: str, *, actor: str) -> Job:
    """Return one job as it stands.

    Raises
    ------
    JobMissingError
    """
    with store.database.reading() as connection:
        return job_from(_row(connection, job_id, actor), store.home)


def _row(connection: sqlite3.Connection, job_id: str, actor: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT jobs.* FROM jobs JOIN projects ON projects.id = project_id"
        " WHERE jobs.id = ? AND owner = ?",
        (job_id, actor),
    ).fetchone()
    if row is None:
        raise JobMissingError(job=job_id)
    return row


def listing(store: Store, project_id: str, *, actor: str) -> tuple[Job, ...]:
    """Return all jobs of a project, the newest first."""
    with store.database.reading() as connection:
        rows.project_row(connection, project_id, actor)
        query = "SELECT * FROM jobs WHERE project_id = ? ORDER BY created DESC, rowid DESC"
        found = connection.execute(query, (project_id,)).fetchall()
    return tuple(job_from(row, store.home) for row in found)


def latest(store: Store, project_id: str, *, actor: str, step: str | None = None) -> Job | None:
    """Return the newest job of a project (of one step), or None."""
    found = listing(store, project_id, actor=actor)
    return next((job for job in found if step in (None, job.step)), None)


def running(store: Store, project_id: str, *, actor: str) -> tuple[Job, ...]:
    """Return the jobs of a project that wait or work, the oldest first."""
    found = listing(store, project_id, actor=actor)
    return tuple(job for job in reversed(found) if job.active)


# ---------------------------------------------------------------- slots


def slots(store: Store) -> int:
    """Return how many jobs may work at once on this store: cores − 1 and at least 1, or as set."""
    with store.database.reading() as connection:
        return _slots(connection)


def _slots(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'slots'").fetchone()
    return int(row["value"]) if row else max(1, processes.cores() - _CORES_FOR_OTHERS)


def set_slots(store: Store, count: int | None) -> None:
    """Set how many jobs may work at once on this store; None: by the number of cores."""
    with store.database.writing() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'slots'")
        if count is not None:
            row = ("slots", str(max(1, count)))
            connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", row)


# ---------------------------------------------------------------- starting, ending


def refresh(store: Store) -> None:
    """Find lost jobs, end what should have ended, and start waiting jobs while slots are free.

    Quick when nothing is to be done: a polling page may call it each time.
    """
    with store.database.reading() as connection:
        query = "SELECT * FROM jobs WHERE state = 'running'"
        lost = [row for row in connection.execute(query) if _is_lost(row, store.home)]
        query = "SELECT * FROM jobs WHERE state IN ('cancelled', 'lost') AND pid IS NOT NULL"
        left = connection.execute(query).fetchall()
        waiting = connection.execute("SELECT 1 FROM jobs WHERE state = 'queued'").fetchone()
    for row in lost:
        _mark_lost(store, row)
    for row in (*left, *lost):
        _end_process(store, row)
    if waiting:
        _start_waiting(store)
    processes.reap()


def _is_lost(row: sqlite3.Row, home: Path) -> bool:
    """Whether a running job's process is gone, is another one, or has been silent too long."""
    here = row["host"] == processes.this_host()
    if here and not processes.is_alive(row["pid"], row["started_as"]):
        return True
    beat = read_beat(home / "jobs" / row["id"])
    if beat is None:
        return time.time() - float(row["started"]) > _SILENT_SECONDS
    silent = time.monotonic() - beat.steady if here else time.time() - beat.wall
    return silent > _SILENT_SECONDS and _is_old(home / "jobs" / row["id"] / "heartbeat.json")


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _SILENT_SECONDS
    except FileNotFoundError:
        return True


def _mark_lost(store: Store, row: sqlite3.Row) -> None:
    record = json.dumps(JobLostError(step=row["step"]).record())
    with store.database.writing() as connection:
        connection.execute(
            "UPDATE jobs SET state = 'lost', error = ?, ended = ?"
            " WHERE id = ? AND state = 'running' AND pid = ?",
            (record, time.time(), row["id"], row["pid"]),
        )


def _end_process(store: Store, row: sqlite3.Row) -> None:
    if row["host"] != processes.this_host():
        return
    processes.end(row["pid"], row["started_as"])
    with store.database.writing() as connection:
        connection.execute(
            "UPDATE jobs SET pid = NULL WHERE id = ? AND state IN ('cancelled', 'lost')",
            (row["id"],),
        )


def _start_waiting(store: Store) -> None:
    """Start the oldest waiting jobs. The process is started inside the transaction.

    If this server dies before the commit, the job still waits and the orphan finds that it is
    not the one named in the database, and leaves.
    """
    with store.database.writing() as connection:
        limit = _slots(connection)
        query = "SELECT COUNT(*) FROM jobs WHERE state = 'running'"
        free = limit - int(connection.execute(query).fetchone()[0])
        query = "SELECT id FROM jobs WHERE state = 'queued' ORDER BY created, rowid LIMIT ?"
        for (job_id,) in connection.execute(query, (max(0, free),)).fetchall():
            folder = store.home / "jobs" / job_id
            pid, started_as = processes.spawn(folder, threads=1)  # more only wait for each other
            connection.execute(
                "UPDATE jobs SET state = 'running', started = ?, host = ?, pid = ?,"
                " started_as = ? WHERE id = ?",
                (time.time(), processes.this_host(), pid, started_as, job_id),
            )


def cancel(store: Store, job_id: str, *, actor: str) -> Job:
    """Stop a job: its result can no longer arrive, and its process is gone within 2 seconds.

    A job that has ended already stays as it is.

    Raises
    ------
    JobMissingError
    """
    with store.database.writing() as connection:
        row = _row(connection, job_id, actor)
        if row["state"] in ("queued", "running"):
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? WHERE id = ?",
                (time.time(), job_id),
            )
            rows.write_audit(connection, row["project_id"], actor, "cancel", job_id)
    if row["state"] == JobState.RUNNING:
        _end_process(store, row)
    refresh(store)
    return get(store, job_id, actor=actor)


def delete_project(store: Store, project_id: str, *, actor: str) -> None:
    """Stop the jobs of a project, then delete it for good."""
    for job in running(store, project_id, actor=actor):
        cancel(store, job.id, actor=actor)
    store.delete_project(project_id, actor=actor)
