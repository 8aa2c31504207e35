"""What can go wrong with estimation, jobs and the store."""

from __future__ import annotations

from causal_core.errors.base import AnalysisError
from causal_core.language import mark


class OverlapError(AnalysisError):
    """Some compared groups have no counterpart at all."""

    code = "overlap"
    _found = mark("Units with “{treatment}” {treated} and {control} are never alike: {reason}")
    _remedy = mark("Restrict the population to units that could have had either value.")


class TrainingError(AnalysisError):
    """The network could not learn; `reason` names the epoch and the loss."""

    code = "training"
    _found = mark("Training failed: {reason}")
    _remedy = mark("Lower the learning rate, or check columns with extreme values: {columns}.")


class NotReadyError(AnalysisError):
    """A step was asked for before what it takes is there."""

    code = "not_ready"
    _found = mark("{needs} is not there yet.")
    _remedy = mark("Go to the room {room} first.")


class CancelledError(AnalysisError):
    """The analyst stopped the work."""

    code = "cancelled"
    _found = mark("The work was stopped.")
    _remedy = mark("Nothing was changed. Start it again when you like.")


class ProjectMissingError(AnalysisError):
    """No project has this id for this person."""

    code = "project_missing"
    _found = mark("There is no project “{project}”.")
    _remedy = mark("Open one from the Projects room.")


class DamagedArtifactError(AnalysisError):
    """A stored file does not have the content that its name promises."""

    code = "damaged_artifact"
    _found = mark("The stored {kind} {artifact} is damaged: {reason}")
    _remedy = mark("Make it again; everything else in the project is untouched.")


class StorageError(AnalysisError):
    """The disk refused a write; nothing was changed."""

    code = "storage"
    _found = mark("The store could not be written: {reason}")
    _remedy = mark("Free some space or check the rights of {folder}, then try again.")


class NewerFormatError(AnalysisError):
    """Something was stored by a newer program than this one."""

    code = "newer_format"
    _found = mark("The stored {kind} has format {format}; this program knows up to {known}.")
    _remedy = mark("Open it with the newer version of the program. Nothing was changed.")


class ArchiveError(AnalysisError):
    """A file is no exported project, or was damaged; `reason` says how."""

    code = "archive"
    _found = mark("“{name}” cannot be opened as a project: {reason}")
    _remedy = mark("Export the project again where it was made. Nothing was changed here.")


class ChangedMeanwhileError(AnalysisError):
    """What a page showed when the work was ordered is no longer what the project holds."""

    code = "changed_meanwhile"
    _found = mark("The project has changed since this page was drawn: {slots}.")
    _remedy = mark("Look at the page again, then start the work once more.")


class JobMissingError(AnalysisError):
    """No job has this id for this person."""

    code = "job_missing"
    _found = mark("There is no job “{job}”.")
    _remedy = mark("Start the work again from its room.")


class JobLostError(AnalysisError):
    """The process of a job ended without a word: killed, out of memory, or the machine stopped."""

    code = "job_lost"
    _found = mark("The work on “{step}” stopped without a result: its process is gone.")
    _remedy = mark(
        "Nothing in the project was lost. Start it again, with fewer rows if memory is short."
    )


class BugError(AnalysisError):
    """A step failed through a mistake of the program; the job's log holds the details."""

    code = "bug"
    _found = mark("The work on “{step}” failed through a mistake of the program ({kind}).")
    _remedy = mark("Nothing in the project was lost. Please report it with the log of job {job}.")
