"""Work that takes long, in processes of its own that outlive page, tab and server."""

from causal_core.jobs.board import (
    cancel,
    delete_project,
    get,
    latest,
    listing,
    refresh,
    running,
    set_slots,
    slots,
    submit,
)
from causal_core.jobs.expectation import Expectation, expected
from causal_core.jobs.job import Job, JobState, Step, StepContext

__all__ = [
    "Expectation",
    "Job",
    "JobState",
    "Step",
    "StepContext",
    "cancel",
    "delete_project",
    "expected",
    "get",
    "latest",
    "listing",
    "refresh",
    "running",
    "set_slots",
    "slots",
    "submit",
]
