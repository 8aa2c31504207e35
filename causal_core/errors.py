"""What the analyst can put right: what was found, where, and the remedy. The rest is a bug."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import ClassVar

from causal_core.language import listing, mark, t


class AnalysisError(Exception):
    """Something that the analyst can mend; carries a code, parameters and two sentences.

    The sentences are rendered when they are read, in the reader's language, so that an error
    made by a worker can be stored as its `record` and shown later.
    """

    code: ClassVar[str] = "analysis"
    _found: ClassVar[str] = mark("The analysis cannot go on.")
    _remedy: ClassVar[str] = mark("See the details.")

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.code)

    @property
    def found(self) -> str:
        """What was found, and where."""
        return t(self._found, **self.params)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return t(self._remedy, **self.params)

    def __str__(self) -> str:
        return f"{self.found} {self.remedy}"

    def record(self) -> dict[str, object]:
        """Return what is stored and sent: code, parameters and both sentences."""
        return {
            "code": self.code,
            "params": {key: _plain(value) for key, value in self.params.items()},
            "found": self.found,
            "remedy": self.remedy,
        }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def from_record(record: Mapping[str, object]) -> AnalysisError:
    """Return the error that `AnalysisError.record` described; an unknown code keeps its sentences.

    Examples
    --------
    >>> from_record(NoTableError().record()).code
    'no_table'
    """
    params = record.get("params")
    known = {kind.code: kind for kind in _family(AnalysisError)}
    kind = known.get(str(record.get("code")), AnalysisError)
    error = kind.__new__(kind)
    AnalysisError.__init__(error, **(dict(params) if isinstance(params, Mapping) else {}))
    return error


def _family(kind: type[AnalysisError]) -> list[type[AnalysisError]]:
    return [kind, *(member for child in kind.__subclasses__() for member in _family(child))]


def nearest(name: str, available: Sequence[str]) -> str:
    """Return the sentence that helps with a mistyped name."""
    close = difflib.get_close_matches(name, available, n=1)
    if close:
        return t("Did you mean “{near}”?", near=close[0])
    return t("Choose one of: {names}.", names=listing(list(available), most=12))


# ---------------------------------------------------------------- files and tables


class NoTableError(AnalysisError):
    """There is nothing to analyse yet."""

    code = "no_table"
    _found = mark("This project has no table yet.")
    _remedy = mark("Upload a file in the Data room, or open the demo.")


class FileMissingError(AnalysisError):
    """The named file is not there."""

    code = "file_missing"
    _found = mark("There is no file “{name}”.")
    _remedy = mark("Check the path and its spelling.")


class UnreadableFileError(AnalysisError):
    """The file is no table that we can read; `reason` and `help` are full sentences."""

    code = "unreadable_file"
    _found = mark("“{name}” cannot be read as a table: {reason}")
    _remedy = mark("{help}")


class EmptyFileError(UnreadableFileError):
    """The file holds nothing, or blank lines only."""

    code = "empty_file"


class NoRowsError(UnreadableFileError):
    """The file has a header and no rows."""

    code = "no_rows"


class NotTextError(UnreadableFileError):
    """The file is not text: a spreadsheet, an archive, a picture, a database."""

    code = "not_text"


class NotCsvError(UnreadableFileError):
    """The file is text but no table: HTML, JSON, prose."""

    code = "not_csv"


class UnclosedQuoteError(UnreadableFileError):
    """A quote is opened and never closed, so that no later row can be trusted."""

    code = "unclosed_quote"


class ExpandsTooMuchError(UnreadableFileError):
    """A compressed file is far larger inside than a log would be."""

    code = "expands_too_much"


class TooManyColumnsError(UnreadableFileError):
    """The file has more columns than can be handled."""

    code = "too_many_columns"


class SidecarError(UnreadableFileError):
    """The schema beside a CSV does not describe the CSV."""

    code = "sidecar"


class AmbiguousDatesError(UnreadableFileError):
    """Every date can be read as day/month and as month/day."""

    code = "ambiguous_date_order"


class EventColumnsError(UnreadableFileError):
    """An event log lacks columns that every event needs."""

    code = "missing_column"


class EventLogError(AnalysisError):
    """A unit table is wanted and the file holds one row per event."""

    code = "event_log"
    _found = mark("“{name}” is an event log (one row per event: {columns}), not a unit table.")
    _remedy = mark("Give a table with one row per unit, or read it with the kind “events”.")


class ColumnMissingError(AnalysisError):
    """A column is named that the table does not have."""

    code = "column_missing"
    _found = mark("There is no column “{column}”.")
    _remedy = mark("{hint}")

    def __init__(self, column: str, available: Sequence[str]) -> None:
        super().__init__(column=column, hint=nearest(column, available))


class BadSettingError(AnalysisError):
    """A setting has a value that it cannot have."""

    code = "bad_setting"
    _found = mark("“{setting}” cannot be {value}.")
    _remedy = mark("Use {allowed}.")


class ConstantColumnError(AnalysisError):
    """A column that must vary has one value only."""

    code = "constant_column"
    _found = mark("“{column}” has the same value ({value}) in all {rows} rows.")
    _remedy = mark("Choose a {part} that varies, or add rows in which it does.")


class OneClassOutcomeError(AnalysisError):
    """An outcome has only one value among some of the units that are compared."""

    code = "one_class_outcome"
    _found = mark("“{column}” is {value} for all {rows} units {where}.")
    _remedy = mark("Choose an outcome that varies, a longer outcome window, or more units.")


class TreatmentValuesError(AnalysisError):
    """The treatment has more than two values and no contrast was named."""

    code = "treatment_values"
    _found = mark("“{column}” has {count} values ({values}), so two must be compared by name.")
    _remedy = mark("Name them: --treated-value and --control-value, or in the question.")


class ValueMissingError(AnalysisError):
    """A contrast names a value that the treatment never takes."""

    code = "value_missing"
    _found = mark("“{column}” never has the value {value}.")
    _remedy = mark("It has: {values}.")


class TooFewUnitsError(AnalysisError):
    """There are too few units for the step."""

    code = "too_few_units"
    _found = mark("Only {count} units {where}; at least {least} are needed.")
    _remedy = mark("Widen the population or the time window, or add data.")


class MissingValuesError(AnalysisError):
    """A column that must be complete has gaps."""

    code = "missing_values"
    _found = mark("“{column}” has no value in {count} of {rows} rows (the first is row {row}).")
    _remedy = mark("Drop these rows, or choose a complete column as the {part}.")


class WrongKindError(AnalysisError):
    """A column's kind does not fit its part."""

    code = "wrong_kind"
    _found = mark("“{column}” is of kind {kind}, which cannot be a {part}.")
    _remedy = mark("Choose a column of kind {allowed}.")


class ExpressionError(AnalysisError):
    """A filter expression says something that is not in its language."""

    code = "expression"
    _found = mark("The filter “{text}” cannot be used: {reason}")
    _remedy = mark("Use comparisons of columns with values, and, or, not, in. Example: {example}")


# ---------------------------------------------------------------- graph and identification


class CycleError(AnalysisError):
    """The edges run in a circle."""

    code = "cycle"
    _found = mark("The graph has the cycle {path}.")
    _remedy = mark("Remove or turn one of these edges.")


class UnorientedEdgesError(AnalysisError):
    """A pattern still has open edges where a graph is needed."""

    code = "unoriented_edges"
    _found = mark("{count} edges have no direction yet: {edges}.")
    _remedy = mark("Decide each of them, or ask for the range over all directions.")


class KnowledgeError(AnalysisError):
    """The stated knowledge contradicts itself or names what is not there; `reason` says how."""

    code = "knowledge"
    _found = mark("The stated knowledge cannot hold: {reason}")
    _remedy = mark("Correct the tiers, required or forbidden edges.")


class NotIdentifiedError(AnalysisError):
    """No adjustment makes the question answerable from these data."""

    code = "not_identified"
    _found = mark("The effect of “{treatment}” on “{outcome}” is not identified: {reason}")
    _remedy = mark("{help}")


class NotInGraphError(AnalysisError):
    """A column is asked about that the graph says nothing about."""

    code = "not_in_graph"
    _found = mark("“{column}” is not in the graph.")
    _remedy = mark("Draw it there with its causes and effects, or choose a column of the graph.")


class InterventionError(AnalysisError):
    """A lever is written or combined in a way that has no meaning; `reason` is a full sentence."""

    code = "intervention"
    _found = mark("“{text}” is not an intervention: {reason}")
    _remedy = mark("Write column=value, column+=number or column*=number, each column once.")


class DependentColumnsError(AnalysisError):
    """Columns are copies or sums of each other."""

    code = "dependent_columns"
    _found = mark("These columns determine each other: {columns}.")
    _remedy = mark("Leave one of them out (often a total beside its parts).")


# ---------------------------------------------------------------- estimation, jobs, store


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
