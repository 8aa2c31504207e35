"""A table to a file that gives the same table back: Parquet, or CSV with its schema beside it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causal_core.errors import BadSettingError, StorageError
from causal_core.ingest import sidecar
from causal_core.schema import NUMERIC_KINDS, Kind
from causal_core.table import BehaviorTable

if TYPE_CHECKING:
    import pyarrow as pa

_WHOLE = 2.0**53


def write_table(table: BehaviorTable, path: Path) -> None:
    """Write a table as ``.parquet`` or ``.csv``; reading it gives the same fingerprint.

    A CSV gets its schema beside it (``T.csv.schema.json``). Whole numbers are written without a
    point, others with every digit, times as ISO in UTC, a missing value as nothing, an empty text
    as ``""``. Cells that begin like a formula are *not* changed: this file is data that must come
    back as it was, and is not meant to be opened in a spreadsheet (a report's tables are).
    Both files appear complete or not at all.

    Raises
    ------
    BadSettingError
        If the name ends in neither ``.parquet`` nor ``.csv``.
    StorageError
        If the disk refuses the write; nothing was changed.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _atomically(path, table.to_parquet)
    elif suffix == ".csv":
        units = {
            column.name: _time_unit(table.frame[column.name])
            for column in table.schema
            if column.kind is Kind.TIME
        }
        note = json.dumps(sidecar.record_of(table.schema, units), ensure_ascii=False, indent=1)
        _atomically(sidecar.path_of(path), lambda part: _write_text(part, note))
        _atomically(path, lambda part: _write_csv(table, part))
    else:
        raise BadSettingError(setting="out", value=path.name, allowed=".parquet, .csv")


def _atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Write under another name in the same folder, then rename."""
    part: Path | None = None
    try:
        handle, made = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        os.close(handle)
        part = Path(made)
        write(part)
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    except OSError as error:
        raise StorageError(reason=error.strerror or "", folder=str(path.parent)) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def _write_csv(table: BehaviorTable, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv as pc

    arrays = [_array(table.frame[column.name], column.kind) for column in table.schema]
    arrow = pa.table(arrays, names=list(table.schema.names))
    pc.write_csv(arrow, path)


def _array(cells: pd.Series, kind: Kind) -> pa.Array:
    import pyarrow as pa

    if kind in NUMERIC_KINDS:
        values = cells.to_numpy(dtype=np.float64)
        known = np.isfinite(values)
        whole = known & (np.abs(values) < _WHOLE) & (values == np.trunc(values))
        whole &= ~((values == 0) & np.signbit(values))
        if (whole | ~known).all():
            ints = np.where(known, values, 0).astype(np.int64)
            return pa.array(ints, mask=~known)
        return pa.array(values, mask=~known)
    if kind is Kind.TIME:
        return pa.array(_iso(cells), type=pa.string())
    return pa.array(cells, type=pa.string(), from_pandas=True)


def _time_unit(cells: pd.Series) -> str:
    return "ms" if str(cells.dtype).startswith("datetime64[ms") else "us"


def _iso(cells: pd.Series) -> list[str | None]:
    micros = cells.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    texts = np.datetime_as_string(micros, unit="us", timezone="UTC")
    return [None if text == "NaT" else str(text) for text in texts]
