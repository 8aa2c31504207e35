"""Event logs: told from unit tables by their names, and checked for what every event needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from causal_core.errors import EventColumnsError
from causal_core.ingest.columns import ColumnMap
from causal_core.ingest.names import name_key
from causal_core.ingest.records import EXAMPLES, example
from causal_core.ingest.vocabulary import EVENT, ITEM, TIME, USER, among
from causal_core.language import listing, t
from causal_core.remarks import flag
from causal_core.table import Drop

REQUIRED = ("user_id", "item_id", "event_type", "timestamp")
_NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"user_id": USER, "item_id": ITEM, "event_type": EVENT, "timestamp": TIME}
)


@dataclass(frozen=True, kw_only=True)
class EventColumns:
    """Which column holds what, by standard name; what is not there is left out."""

    by_part: Mapping[str, str]

    @property
    def is_log(self) -> bool:
        """Whether user, type and time are all there: one row per event."""
        return {"user_id", "event_type", "timestamp"} <= self.by_part.keys()

    def part_of(self, name: str) -> str | None:
        """Return the standard name that a column stands for."""
        return next((part for part, column in self.by_part.items() if column == name), None)


def event_columns(names: Sequence[str], stated: ColumnMap | None) -> EventColumns:
    """Return which columns hold user, item, event type and time: as stated, or by name.

    Examples
    --------
    >>> event_columns(["User ID", "Event Type", "TimeStamp"], None).is_log
    True
    """
    found: dict[str, str] = {}
    said = stated.columns if stated else {}
    for part, usual in _NAMES.items():
        by_map = [name for name, text in said.items() if name_key(text) == part]
        by_name = [name for name in names if among(name_key(name), usual) and name not in said]
        if chosen := by_map or by_name:
            found[part] = chosen[0]
    return EventColumns(by_part=found)


def require_all(found: EventColumns, name: str, *, header: bool) -> None:
    """Raise if a file with a header lacks a column that every event needs.

    Raises
    ------
    EventColumnsError
        Naming what is missing. A file without header can only be mapped, so it passes.
    """
    missing = [part for part in REQUIRED if part not in found.by_part]
    if not missing or (not header and not found.by_part):
        return
    raise EventColumnsError(
        name=name,
        reason=t("an event log needs the columns {columns}.", columns=listing(missing)),
        help=t("Say which of its columns they are (--columns map.json)."),
        columns=",".join(missing),
    )


def clean_events(
    frame: pd.DataFrame, found: EventColumns, *, name: str
) -> tuple[pd.DataFrame, tuple[Drop, ...], tuple[str, ...], int]:
    """Leave out events without user, item, type or time, then exact copies.

    Returns the frame, what was left out, flags, and the rows before copies were removed.
    """
    drops: list[Drop] = []
    flags: list[str] = []
    kept = pd.Series(True, index=frame.index)
    for part in (part for part in REQUIRED if part in found.by_part):
        reason = "bad_timestamp" if part == "timestamp" else f"missing_{part}"
        gone = frame[found.by_part[part]].isna() & kept
        if gone.any():
            drops.append(_drop(frame, gone, reason, name))
            flags.append(flag(reason, int(gone.sum())))
            kept &= ~gone
    left = frame.loc[kept]
    keys = [found.by_part[part] for part in REQUIRED if part in found.by_part]
    copies = left.duplicated(subset=keys) if len(keys) == len(REQUIRED) else None
    if copies is not None and copies.any():
        flags.append(flag("duplicates", int(copies.sum())))
        return left.loc[~copies].reset_index(drop=True), tuple(drops), tuple(flags), len(left)
    return left.reset_index(drop=True), tuple(drops), tuple(flags), len(left)


def _drop(frame: pd.DataFrame, gone: pd.Series, reason: str, name: str) -> Drop:
    first = frame.loc[gone].head(EXAMPLES)
    shown = tuple(
        example(name, t("row {row}", row=int(str(place)) + 1), _line(row))
        for place, row in zip(first.index, first.itertuples(index=False), strict=True)
    )
    return Drop(reason=reason, count=int(gone.sum()), examples=shown)


def _line(row: tuple[object, ...]) -> str:
    return ", ".join("" if pd.isna(cell) else str(cell) for cell in row)
