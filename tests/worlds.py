"""Small tables whose effects are known by construction, for the tests of outcome and effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.question import Assignment, CausalQuestion, Contrast, EffectKind, Estimand
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable

COVARIATES = ("activity", "phone", "city")
_KINDS = {
    "user": (Kind.ID, Role.UNIT_ID),
    "activity": (Kind.CONTINUOUS, Role.HISTORY),
    "phone": (Kind.BINARY, Role.ATTRIBUTE),
    "city": (Kind.CATEGORY, Role.ATTRIBUTE),
    "chance": (Kind.CONTINUOUS, Role.PROPENSITY),
    "banner": (Kind.BINARY, Role.TREATMENT),
    "minutes": (Kind.CONTINUOUS, Role.OUTCOME),
    "bought": (Kind.BINARY, Role.OUTCOME),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Users whose activity confounds the banner; each has a known effect of it on minutes."""

    table: BehaviorTable
    effects: np.ndarray
    propensity: np.ndarray


def world(
    n: int = 600,
    *,
    effect: float = 1.0,
    slope: float = 0.0,
    lift: float = 0.0,
    base: float = -1.0,
    steepness: float = 0.8,
    seed: int = 7,
) -> World:
    """Make users; the effect on minutes is `effect + slope * activity`, on bought `lift` logits."""
    rng = np.random.default_rng(seed)
    activity = rng.normal(size=n)
    phone = (rng.random(n) < 0.6).astype(float)
    city = rng.choice(["Oslo", "Rome", "Hull"], size=n, p=[0.5, 0.3, 0.2])
    propensity = 1 / (1 + np.exp(-(steepness * activity + 0.4 * phone - 0.2)))
    banner = (rng.random(n) < propensity).astype(float)
    effects = effect + slope * activity
    minutes = 5 + 2 * activity + phone + (city == "Rome") + effects * banner + rng.normal(size=n)
    chance = 1 / (1 + np.exp(-(base + 0.7 * activity + lift * banner)))
    frame = pd.DataFrame(
        {
            "user": pd.Series([f"u{i}" for i in range(n)], dtype="str"),
            "activity": activity,
            "phone": phone,
            "city": pd.Series(city, dtype="str"),
            "chance": propensity,
            "banner": banner,
            "minutes": minutes,
            "bought": (rng.random(n) < chance).astype(float),
        }
    )
    columns = tuple(
        Column(name=name, kind=kind, role=role, stated=True)
        for name, (kind, role) in _KINDS.items()
    )
    table = BehaviorTable(frame=frame, schema=Schema(columns=columns))
    return World(table=table, effects=effects, propensity=propensity)


def asking(
    *outcomes: str,
    kind: EffectKind = EffectKind.ATE,
    contrast: Contrast | None = None,
    assignment: Assignment = Assignment.UNKNOWN,
    population: str | None = None,
    treatment: str = "banner",
    covariates: tuple[str, ...] = COVARIATES,
) -> Estimand:
    """Return the estimand of a question about the banner."""
    question = CausalQuestion(
        treatment=treatment,
        outcomes=outcomes or ("minutes",),
        contrast=contrast or Contrast(),
        kind=kind,
        assignment=assignment,
        population=population,
    )
    return Estimand(question=question, adjustment_set=covariates)


def replaced(table: BehaviorTable, kind: Kind | None = None, **values: object) -> BehaviorTable:
    """Return the table with other values in some columns, of another kind if one is given."""
    for name, column in values.items():
        old = table.schema[name]
        new = Column(name=name, kind=kind or old.kind, role=old.role, stated=True)
        table = table.with_column(new, column)  # type: ignore[arg-type]
    return table
