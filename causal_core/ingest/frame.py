"""From DuckDB's typed columns to a frame: floats, texts, and times in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from causal_core.ingest.engine import Engine
from causal_core.ingest.plans import Plan
from causal_core.schema import NUMERIC_KINDS, Kind

_WORDS = "str"
_MS = 1_000


def typed_frame(
    engine: Engine,
    names: Sequence[str],
    plans: Sequence[Plan],
    *,
    timezone: str | None = None,
    time_units: Sequence[str | None] = (),
) -> pd.DataFrame:
    """Return the rows as a frame: numbers float64, texts ``str``, times datetime64 in UTC.

    Times keep milliseconds where all are whole ones, microseconds otherwise, or the stated unit.
    """
    zoned = [place for place, plan in enumerate(plans) if timezone and plan.zone_sql]
    asked = [plan.sql for plan in plans] + [str(plans[place].zone_sql) for place in zoned]
    arrow = engine.table(asked)
    columns: dict[str, object] = {}
    for place, (name, plan) in enumerate(zip(names, plans, strict=True)):
        cells = arrow.column(place)
        if plan.kind in NUMERIC_KINDS:
            columns[name] = _floats(cells.to_pandas())
        elif plan.kind is Kind.TIME:
            zone = timezone if place in zoned else None
            aware = arrow.column(len(plans) + zoned.index(place)).to_numpy() if zone else None
            unit = time_units[place] if place < len(time_units) else None
            columns[name] = _moments(cells.to_pandas(), zone, aware, unit)
        else:
            columns[name] = cells.to_pandas().astype(_WORDS)
    return pd.DataFrame(columns, columns=list(names))


def _floats(cells: pd.Series) -> np.ndarray:
    numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.isinf(numbers)
    return np.where(infinite, np.nan, numbers) if infinite.any() else np.asarray(numbers)


def _moments(
    cells: pd.Series, zone: str | None, aware: np.ndarray | None, unit: str | None
) -> pd.Series:
    """Read microseconds; times that named no zone are moved from `zone` to UTC."""
    known = cells.notna().to_numpy()
    micros = np.full(len(cells), np.iinfo(np.int64).min, dtype=np.int64)
    micros[known] = cells[known].astype("int64").to_numpy()
    moments = pd.Series(micros.view("datetime64[us]"))
    if zone is not None and aware is not None:
        local = moments.dt.tz_localize(
            ZoneInfo(zone), ambiguous="NaT", nonexistent="shift_forward"
        ).dt.tz_convert("UTC")
        utc = moments.dt.tz_localize("UTC")
        moments = local.where(~np.asarray(aware, dtype=bool), utc)
    else:
        moments = moments.dt.tz_localize("UTC")
    whole = bool((micros[known] % _MS == 0).all())
    return moments.dt.as_unit(unit or ("ms" if whole else "us"))
