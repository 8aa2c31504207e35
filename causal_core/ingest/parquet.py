"""Parquet files: ours with their schema, foreign ones as texts that are typed like a CSV's."""

from __future__ import annotations

import shutil
from pathlib import Path

from causal_core.errors import NoRowsError, TooManyColumnsError, UnreadableFileError
from causal_core.ingest.engine import Engine
from causal_core.ingest.load import MOST_COLUMNS
from causal_core.language import number, t
from causal_core.table import BehaviorTable


def read_own(path: Path, *, name: str) -> BehaviorTable | None:
    """Return the table of a Parquet file that `write_table` wrote, or None for another's."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
        if b"causal_workbench" not in metadata:
            return None
        return BehaviorTable.from_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        raise _damaged(name) from None


def load_foreign(engine: Engine, path: Path, folder: Path, *, name: str) -> list[str]:
    """Bring a foreign Parquet file into the engine and return its column names.

    Numbers, times and flags become texts exactly (the shortest that gives the same number), so
    that one set of rules types all files. Columns that pandas keeps its index in are left out.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    copy = folder / "raw.parquet"
    shutil.copyfile(path, copy)
    try:
        found = pq.ParquetFile(copy)
        rows = found.metadata.num_rows
        given = [str(field) for field in found.schema_arrow.names]
        found.close()
    except (pa.ArrowException, OSError):
        raise _damaged(name) from None
    names = [one for one in given if not one.startswith("__index_level_")]
    if len(names) > MOST_COLUMNS:
        reason = t("it has {columns} columns.", columns=number(len(names)))
        remedy = t("Leave columns out: at most {most} are read.", most=number(MOST_COLUMNS))
        raise TooManyColumnsError(name=name, reason=reason, help=remedy)
    if not rows or not names:
        raise NoRowsError(name=name, reason=t("it has no rows."), help=t("Choose another file."))
    engine.load_parquet(copy, names, name=name)
    copy.unlink()
    return names


def _damaged(name: str) -> UnreadableFileError:
    reason = t("its Parquet content is damaged.")
    return UnreadableFileError(name=name, reason=reason, help=t("Write the file again."))
