"""The schema beside a CSV (``T.csv.schema.json``): read, checked against the header, written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from causal_core.errors import SidecarError
from causal_core.ingest.names import cleaned
from causal_core.language import listing, t
from causal_core.schema import Kind, Schema
from causal_core.table import schema_from, schema_record

SUFFIX = ".schema.json"
_LARGEST = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """What a sidecar states: the schema, and for times the precision they are kept in."""

    schema: Schema
    time_units: tuple[str | None, ...]

    def require(self, header: Sequence[str] | None, *, name: str) -> None:
        """Raise `SidecarError` if the CSV's header does not have just these columns."""
        found = [cleaned(cell) for cell in header or ()]
        promised = [cleaned(cell) for cell in self.schema.names]
        if found == promised:
            return
        strange = [one for one in promised if one not in found]
        strange += [one for one in found if one not in promised]
        reason = (
            t("its header and its schema file differ in {columns}.", columns=listing(strange))
            if strange
            else t("its header has the columns in another order than its schema file.")
        )
        raise _error(name, reason)


def path_of(csv: Path) -> Path:
    """Return where the schema of a CSV lies.

    Examples
    --------
    >>> path_of(Path("T.csv")).name
    'T.csv.schema.json'
    """
    return csv.with_name(csv.name + SUFFIX)


def beside(csv: Path, *, name: str) -> Sidecar | None:
    """Return the sidecar of a CSV, or None if it has none.

    Raises
    ------
    SidecarError
        If there is one and it is no schema.
    """
    path = path_of(csv)
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST:
        raise _error(name, t("its schema file is far too large."))
    try:
        record = json.loads(path.read_text("utf-8"))
        schema = schema_from(record)
        units = tuple(_time_unit(item) for item in record)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _error(name, t("its schema file holds no schema.")) from None
    if len(set(schema.names)) != len(schema.names):
        raise _error(name, t("its schema file names a column twice."))
    return Sidecar(schema=schema, time_units=units)


def _time_unit(item: Mapping[str, object]) -> str | None:
    unit = item.get("time_unit")
    if unit not in (None, "ms", "us"):
        raise ValueError
    return None if unit is None else str(unit)


def record_of(schema: Schema, time_units: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what a sidecar holds: `schema_record`, and the precision of each time."""
    return [
        item | {"time_unit": time_units[str(item["name"])]}
        if item["kind"] == Kind.TIME.value and str(item["name"]) in time_units
        else item
        for item in schema_record(schema)
    ]


def _error(name: str, reason: str) -> SidecarError:
    remedy = t("Correct the file “{file}”, or take it away.", file=name + SUFFIX)
    return SidecarError(name=name, reason=reason, help=remedy)
