"""Units: exact copies of a unit's row are removed, and an id that repeats becomes the cluster."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from causal_core.remarks import flag
from causal_core.schema import Role, Schema


def clean_units(
    frame: pd.DataFrame, schema: Schema
) -> tuple[pd.DataFrame, Schema, tuple[str, ...]]:
    """Return the table without exact copies of units, its schema, and flags.

    A table without ids is never de-duplicated: two visitors may well be alike. Where one id has
    two different rows, both stay, and the id is what is resampled (the cluster).
    """
    unit = schema.unit_id
    if unit is None:
        return frame, schema, ()
    flags: list[str] = []
    if missing := int(frame[unit].isna().sum()):
        flags.append(flag("missing_unit_id", missing))
    repeated = frame[unit].duplicated(keep=False) & frame[unit].notna()
    if not repeated.any():
        return frame, schema, tuple(flags)
    copies = frame.loc[repeated].duplicated()
    if copies.any():
        flags.append(flag("duplicates", int(copies.sum())))
        frame = frame.drop(index=copies.index[copies]).reset_index(drop=True)
    if frame[unit].dropna().duplicated().any():
        flags.append(flag("repeated_unit_id", unit))
        schema = _as_cluster(schema, unit)
    return frame, schema, tuple(flags)


def _as_cluster(schema: Schema, unit: str) -> Schema:
    """Make the id the cluster, unless another column was already stated to be it."""
    role = Role.IGNORE if schema.first(Role.CLUSTER_ID) else Role.CLUSTER_ID
    return Schema(
        columns=tuple(
            replace(column, role=role) if column.name == unit else column for column in schema
        )
    )
