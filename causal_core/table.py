"""A clean table: rows, their schema, what cleaning did to them, and a fingerprint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from causal_core.errors import ColumnMissingError, TooFewUnitsError
from causal_core.expression import parse
from causal_core.fingerprint import fingerprint
from causal_core.language import t
from causal_core.remarks import explain
from causal_core.schema import Column, Kind, Role, Schema, Stage

_METADATA_KEY = b"causal_workbench"


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Rows that were left out for one reason, with examples (file, row and text)."""

    reason: str  # a code of `remarks`
    count: int
    examples: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The reason as a reader sees it."""
        return explain(self.reason)


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """What reading and cleaning found and did."""

    rows_read: int = 0
    rows_kept: int = 0
    rows_after_dedup: int = 0
    encoding: str = ""
    delimiter: str = ""
    header: bool = True
    dropped: tuple[Drop, ...] = ()
    flags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def noticed(self) -> tuple[str, ...]:
        """What was noticed, as sentences."""
        return tuple(explain(flag) for flag in self.flags)


@dataclass(frozen=True, kw_only=True, eq=False)
class BehaviorTable:
    """One row per unit, typed and checked; nothing downstream checks it again.

    Made by `ingest.read_table`, `datasets` and the timeline. The frame is never changed in place.
    Binary columns hold 0/1 floats, numbers are float64, categories and ids are strings,
    times are UTC; a missing number is NaN and a missing text None.
    """

    frame: pd.DataFrame
    schema: Schema
    cleaning: Cleaning = field(default_factory=Cleaning)

    def __post_init__(self) -> None:
        if tuple(self.frame.columns) != self.schema.names:
            raise ValueError("the schema does not name the frame's columns in order")

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of schema and column values; the same rows in the same order, the same digest."""
        return fingerprint("table", schema=self.schema, values=_column_digests(self.frame))

    def column(self, name: str) -> np.ndarray:
        """Return a numeric column as float64 of shape ``(n,)``."""
        self.require(name)
        return np.asarray(self.frame[name], dtype=np.float64)

    def require(self, *names: str) -> None:
        """Raise `ColumnMissingError` for the first of `names` that is not a column."""
        for name in names:
            if name not in self.frame.columns:
                raise ColumnMissingError(name, self.schema.names)

    def clusters(self) -> np.ndarray:
        """Return each row's cluster number, shape ``(n,)``; a row without one is its own."""
        name = self.schema.cluster_id
        if name is None:
            return np.arange(len(self.frame))
        codes, _ = pd.factorize(self.frame[name], use_na_sentinel=True)
        lonely = codes < 0
        codes[lonely] = codes.max(initial=-1) + 1 + np.arange(int(lonely.sum()))
        return np.asarray(codes, dtype=np.int64)

    def with_schema(self, schema: Schema) -> BehaviorTable:
        """Return the same rows under another schema."""
        return replace(self, schema=schema)

    def select(self, where: str | None) -> BehaviorTable:
        """Return the rows that a filter keeps; None keeps all.

        Raises
        ------
        TooFewUnitsError
            If no row is left.
        """
        if not where:
            return self
        mask = parse(where).mask(self.frame)
        if not mask.any():
            raise TooFewUnitsError(count=0, where=t("match “{filter}”", filter=where), least=1)
        return replace(self, frame=self.frame.loc[mask].reset_index(drop=True))

    def with_column(self, column: Column, values: np.ndarray) -> BehaviorTable:
        """Return the table with one column more, or replaced."""
        frame = self.frame.copy(deep=False)  # `assign` would not take a column called “self”
        frame[column.name] = values
        kept = tuple(column if old.name == column.name else old for old in self.schema)
        new = kept if column.name in self.schema.names else (*kept, column)
        return replace(self, frame=frame, schema=Schema(columns=new))

    def to_parquet(self, path: Path) -> None:
        """Write rows, schema and cleaning log into one Parquet file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = pa.Table.from_pandas(self.frame, preserve_index=False)
        note = {"schema": schema_record(self.schema), "cleaning": cleaning_record(self.cleaning)}
        metadata = {**(arrow.schema.metadata or {}), _METADATA_KEY: json.dumps(note).encode()}
        pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd")

    @classmethod
    def from_parquet(cls, path: Path) -> BehaviorTable | None:
        """Read a file that `to_parquet` wrote; None if it holds no schema of ours."""
        import pyarrow.parquet as pq

        arrow = pq.read_table(path)
        note = (arrow.schema.metadata or {}).get(_METADATA_KEY)
        if note is None:
            return None
        record = json.loads(note)
        return cls(
            frame=arrow.to_pandas(),
            schema=schema_from(record["schema"]),
            cleaning=cleaning_from(record["cleaning"]),
        )


def _column_digests(frame: pd.DataFrame) -> list[str]:
    hashed = (pd.util.hash_pandas_object(frame[name], index=False) for name in frame.columns)
    return [fingerprint("column", values=values.to_numpy()) for values in hashed]


def schema_record(schema: Schema) -> list[dict[str, object]]:
    """Return a schema as JSON: what ``T.csv.schema.json`` holds."""
    return [
        {
            "name": column.name,
            "kind": column.kind.value,
            "role": column.role.value,
            "stated": column.stated,
            "stage": column.stage.value if column.stage else None,
            "unit": column.unit,
        }
        for column in schema
    ]


def schema_from(record: Sequence[Mapping[str, object]]) -> Schema:
    """Return the schema that `schema_record` described."""
    return Schema(
        columns=tuple(
            Column(
                name=str(item["name"]),
                kind=Kind(str(item["kind"])),
                role=Role(str(item["role"])),
                stated=bool(item.get("stated", True)),
                stage=Stage(str(item["stage"])) if item.get("stage") else None,
                unit=str(item.get("unit") or ""),
            )
            for item in record
        )
    )


def cleaning_record(cleaning: Cleaning) -> dict[str, object]:
    """Return a cleaning log as JSON."""
    return {
        "rows_read": cleaning.rows_read,
        "rows_kept": cleaning.rows_kept,
        "rows_after_dedup": cleaning.rows_after_dedup,
        "encoding": cleaning.encoding,
        "delimiter": cleaning.delimiter,
        "header": cleaning.header,
        "dropped": [
            {"reason": drop.reason, "count": drop.count, "examples": list(drop.examples)}
            for drop in cleaning.dropped
        ],
        "flags": list(cleaning.flags),
        "sources": list(cleaning.sources),
    }


def cleaning_from(record: Mapping[str, object]) -> Cleaning:
    """Return the cleaning log that `cleaning_record` described."""
    plain = {
        key: value for key, value in record.items() if key not in ("dropped", "flags", "sources")
    }
    drops = record.get("dropped") or []
    return Cleaning(
        **plain,  # type: ignore[arg-type]  # the record was made by `cleaning_record`
        dropped=tuple(
            Drop(reason=drop["reason"], count=drop["count"], examples=tuple(drop["examples"]))
            for drop in drops  # type: ignore[attr-defined]
        ),
        flags=tuple(record.get("flags") or ()),  # type: ignore[arg-type]
        sources=tuple(record.get("sources") or ()),  # type: ignore[arg-type]
    )
