"""How a column is to be typed, and what is known about it beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.schema import Kind


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How one column is typed: kind, SQL, what to say about it; times may need a zone."""

    kind: Kind
    sql: str
    flags: tuple[str, ...] = ()
    unit: str = ""
    zone_sql: str | None = None
    lost: int = 0  # values that could not be read


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What is known about a column beside its values."""

    name: str
    kind: Kind | None = None  # stated by a sidecar
    is_id: bool = False
    is_time: bool = False
    is_number: bool = False
    dayfirst: bool | None = None
    decimal_comma: bool = False
    exact: bool = False  # written by us: only nothing at all is missing
