"""A job: one step at work on one project, in a process of its own; and what a step is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.errors import AnalysisError, from_record
from causal_core.jobs.heartbeat import read_beat
from causal_core.language import t
from causal_core.progress import Progress
from causal_core.store import Store
from causal_core.store.records import slot_words
from causal_core.store.rows import moment


class JobState(StrEnum):
    """Where a job stands; the database alone decides."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """What a step may need beside the analysis: whose work it is, and the store for uploads."""

    store: Store
    project_id: str
    actor: str
    seed: int
    job_id: str


Step = Callable[[Analysis, Mapping[str, object], Progress, StepContext], Analysis]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is known of a job at one moment.

    `fraction` is the share done in [0, 1]; `remaining_seconds` is None while nobody can tell.
    `accepted` and `set_aside` name the slots that a finished job filled, and those whose basis
    had changed meanwhile.
    """

    id: str
    project_id: str
    step: str
    settings: Mapping[str, object]
    state: JobState
    fraction: float
    message: str
    remaining_seconds: float | None
    error: Mapping[str, object] | None
    accepted: tuple[str, ...]
    set_aside: tuple[str, ...]
    created: datetime
    started: datetime | None
    ended: datetime | None
    folder: Path

    @property
    def active(self) -> bool:
        """Whether it still waits or works."""
        return self.state in ACTIVE

    @property
    def failure(self) -> AnalysisError | None:
        """What went wrong, in the reader's language."""
        return from_record(self.error) if self.error else None

    @property
    def note(self) -> str:
        """What the reader should know of the result beside that it is there."""
        if not self.set_aside:
            return ""
        return t(
            "The project changed while this ran. Kept as out of date: {things}.",
            things=slot_words(self.set_aside),
        )


def job_from(row: sqlite3.Row, home: Path) -> Job:
    """Return the job that a row describes, with the progress that its process told last."""
    folder = home / "jobs" / row["id"]
    state = JobState(row["state"])
    beat = read_beat(folder) if state is not JobState.QUEUED else None
    fraction = beat.fraction if beat else 0.0
    return Job(
        id=row["id"],
        project_id=row["project_id"],
        step=row["step"],
        settings=json.loads(row["settings"]),
        state=state,
        fraction=1.0 if state is JobState.DONE else fraction,
        message=beat.message if beat else "",
        remaining_seconds=beat.remaining_seconds if beat and state is JobState.RUNNING else None,
        error=json.loads(row["error"]) if row["error"] else None,
        accepted=tuple(json.loads(row["accepted"])),
        set_aside=tuple(json.loads(row["set_aside"])),
        created=moment(row["created"]),
        started=moment(row["started"]) if row["started"] else None,
        ended=moment(row["ended"]) if row["ended"] else None,
        folder=folder,
    )
