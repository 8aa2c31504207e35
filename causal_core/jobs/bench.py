"""What a worker does at its bench: read the order, fetch the inputs, hand in the result."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.errors import AnalysisError, CancelledError, NewerFormatError
from causal_core.jobs.board import SPEC_FORMAT
from causal_core.jobs.job import JobState
from causal_core.store import Accepted, ArtifactRef, Held, Store
from causal_core.store.records import ANALYSIS_SLOTS

_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Order:
    """What ``spec.json`` asks for."""

    job_id: str
    project_id: str
    step: str
    settings: Mapping[str, object]
    inputs: Mapping[str, Held]
    required: Mapping[str, str]
    actor: str
    seed: int
    language: str


def read_order(folder: Path) -> Order:
    """Return what a job's folder asks for.

    Raises
    ------
    NewerFormatError
        If a newer program wrote it.
    """
    spec = json.loads((folder / "spec.json").read_bytes())
    if spec["format"] > SPEC_FORMAT:
        raise NewerFormatError(kind="job", format=spec["format"], known=SPEC_FORMAT)
    return Order(
        job_id=spec["job"],
        project_id=spec["project"],
        step=spec["step"],
        settings=spec["settings"],
        inputs={slot: _held_from(item) for slot, item in spec["inputs"].items()},
        required=spec["required"],
        actor=spec["actor"],
        seed=spec["seed"],
        language=spec["language"],
    )


def _held_from(item: Mapping[str, object]) -> Held:
    rest = {key: value for key, value in item.items() if key != "fingerprint"}
    return Held(fingerprint=str(item["fingerprint"]), ref=ArtifactRef(**rest))  # type: ignore[arg-type]


def is_ours(store: Store, job_id: str, pid: int) -> bool:
    """Wait until the database names this process as the job's worker; False if it never does."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        with store.database.reading() as connection:
            query = "SELECT state, pid FROM jobs WHERE id = ?"
            row = connection.execute(query, (job_id,)).fetchone()
        if row is None or row["state"] not in (JobState.QUEUED, JobState.RUNNING):
            return False
        if row["state"] == JobState.RUNNING:
            return bool(row["pid"] == pid)
        time.sleep(_POLL_SECONDS)
    return False


def fetch(store: Store, order: Order) -> Analysis:
    """Return the analysis as it stood when the job was ordered.

    Raises
    ------
    DamagedArtifactError
    """
    held = {slot: item for slot, item in order.inputs.items() if slot in ANALYSIS_SLOTS}
    return Analysis(**{slot: store.get(item) for slot, item in held.items()})  # type: ignore[arg-type]


def hand_in(store: Store, order: Order, result: Analysis, *, pid: int) -> None:
    """Commit result and state in one transaction, if the job is still ours.

    Raises
    ------
    CancelledError
        If somebody stopped the job meanwhile; then nothing is committed.
    StorageError
    """

    def hook(connection: sqlite3.Connection, accepted: Accepted) -> None:
        changed = connection.execute(
            "UPDATE jobs SET state = 'done', ended = ?, accepted = ?, set_aside = ?, pid = NULL"
            " WHERE id = ? AND state = 'running' AND pid = ?",
            (
                time.time(),
                json.dumps(accepted.accepted),
                json.dumps(accepted.set_aside),
                order.job_id,
                pid,
            ),
        )
        if changed.rowcount != 1:
            raise CancelledError

    store.accept(
        order.project_id,
        result,
        before={slot: item for slot, item in order.inputs.items() if slot in ANALYSIS_SLOTS},
        required=order.required,
        actor=order.actor,
        hook=hook,
    )


def give_up(
    store: Store, job_id: str, state: JobState, error: AnalysisError | None, *, pid: int
) -> None:
    """Tell that the job ended without a result."""
    record = json.dumps(error.record()) if error is not None else None
    with store.database.writing() as connection:
        connection.execute(
            "UPDATE jobs SET state = ?, error = ?, ended = ?, pid = NULL"
            " WHERE id = ? AND state = 'running' AND pid = ?",
            (state.value, record, time.time(), job_id, pid),
        )
