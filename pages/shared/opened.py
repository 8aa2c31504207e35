"""What a room gets when it opens: the project as it was when the page was drawn."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.jobs import Job
from causal_core.store import Snapshot


@dataclass(frozen=True)
class Room:
    """The project as it was when the page was drawn, and its newest job."""

    snapshot: Snapshot
    job: Job | None

    @property
    def busy(self) -> bool:
        """Whether a job of this project waits or runs."""
        return self.job is not None and self.job.active
