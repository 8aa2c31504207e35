"""What can be wrong with files, columns and settings."""

from __future__ import annotations

from collections.abc import Sequence

from causal_core.errors.base import AnalysisError, nearest
from causal_core.language import mark


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
