"""Levers: what an intervention says, whether it can be pulled, and how far it moves each unit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causal_core.errors import (
    BadSettingError,
    ConstantColumnError,
    InterventionError,
    NotInGraphError,
    ValueMissingError,
    WrongKindError,
)
from causal_core.graph import CausalGraph
from causal_core.language import listing, t
from causal_core.results import Array, Intervention
from causal_core.schema import NUMERIC_KINDS, Kind
from causal_core.table import BehaviorTable
from causal_core.whatif._coding import Coding

_FORM = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`|(?P<plain>[^=`]*?[^=`\s+*-]))\s*(?P<sign>\+=|-=|\*=|=)\s*(?P<value>.+?)\s*",
    flags=re.DOTALL,
)
_OPERATIONS = {"=": "set", "+=": "shift", "-=": "shift", "*=": "scale"}


def parse(text: str) -> Intervention:
    """Return the intervention that `text` says: ``x=1``, ``y+=0.5``, ``z*=1.2``.

    A column whose name holds a sign is written in backticks, a value that is a word may be
    quoted. ``y-=0.5`` is a shift by −0.5.

    Raises
    ------
    InterventionError
        If it has no such form.

    Examples
    --------
    >>> parse("visits += 2")
    Intervention(column='visits', operation='shift', value=2.0)
    >>> parse("country='DE'").value
    'DE'
    >>> parse("visits")
    Traceback (most recent call last):
    ...
    causal_core.errors...InterventionError: “visits” is not an intervention: ...
    """
    match = _FORM.fullmatch(text)
    if match is None or match["value"].startswith("="):
        raise InterventionError(text=text[:80], reason=t("it has no sign, or nothing beside it."))
    value = _value(match["value"])
    operation = _OPERATIONS[match["sign"]]
    if operation != "set" and isinstance(value, str):
        raise InterventionError(
            text=text[:80], reason=t("only a number can be added or multiplied.")
        )
    if match["sign"] == "-=" and not isinstance(value, str):
        value = -value
    column = match["quoted"] or match["plain"]
    return Intervention(column=column, operation=operation, value=value)


def _value(text: str) -> float | str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        raise InterventionError(text=text, reason=t("the number must be finite."))
    return number


@dataclass(frozen=True, kw_only=True, eq=False)
class Lever:
    """An intervention on a table: `moves` is how far it alone moves each unit's columns.

    Shapes: moves ``(n, k)``, inside ``(n,)``: whether the new value is one that was observed.
    `carries` is what remains of a change that arrives from above: 0 when the value is set.
    """

    column: str
    carries: float
    moves: Array
    inside: Array


def check(table: BehaviorTable, graph: CausalGraph, levers: Sequence[Intervention]) -> None:
    """Raise if an intervention cannot be made on this table and graph.

    Raises
    ------
    ColumnMissingError, NotInGraphError, WrongKindError, BadSettingError, ValueMissingError,
    ConstantColumnError, InterventionError
    """
    names = [lever.column for lever in levers]
    for lever in levers:
        table.require(lever.column)
        if lever.column not in graph.nodes:
            raise NotInGraphError(column=lever.column)
        if names.count(lever.column) > 1:
            reason = t("“{column}” is moved twice in one scenario.", column=lever.column)
            raise InterventionError(text=str(lever), reason=reason)
        _check_kind(table, lever)
        _check_value(table, lever)


def _check_kind(table: BehaviorTable, lever: Intervention) -> None:
    kind = table.schema[lever.column].kind
    allowed: tuple[Kind, ...]
    if lever.operation == "set":
        allowed = (*NUMERIC_KINDS, Kind.CATEGORY)
        part = t("lever")
    elif lever.operation in ("shift", "scale"):
        allowed = tuple(kind for kind in NUMERIC_KINDS if kind is not Kind.BINARY)
        part = t("lever that is shifted or scaled")
    else:
        raise InterventionError(
            text=f"{lever.column} {lever.operation} {lever.value}",
            reason=t("there is no operation “{name}”.", name=lever.operation),
        )
    if kind not in allowed:
        names = listing([kind.value for kind in allowed])
        raise WrongKindError(column=lever.column, kind=kind.value, part=part, allowed=names)


def _check_value(table: BehaviorTable, lever: Intervention) -> None:
    column, value = table.schema[lever.column], lever.value
    observed = table.frame[lever.column].dropna()
    levels = observed.unique()
    if len(levels) < 2:  # noqa: PLR2004 - a column varies from two values on
        seen = str(levels[0]) if len(levels) else t("none")
        raise ConstantColumnError(column=lever.column, value=seen, rows=len(table), part=t("lever"))
    if column.kind is Kind.CATEGORY:
        if as_level(value) not in set(levels):
            names = listing(sorted(str(level) for level in levels))
            raise ValueMissingError(column=lever.column, value=as_level(value), values=names)
        return
    if isinstance(value, str) or not math.isfinite(value):
        raise BadSettingError(setting=lever.column, value=f"“{value}”", allowed=t("a number"))
    if column.kind is Kind.BINARY and value not in (0, 1):
        raise BadSettingError(setting=lever.column, value=f"{value:g}", allowed=t("0 or 1"))
    positive = column.kind in (Kind.COUNT, Kind.AMOUNT) and observed.min() >= 0
    if lever.operation == "set" and positive and value < 0:
        raise BadSettingError(
            setting=lever.column, value=f"{value:g}", allowed=t("zero or a positive number")
        )


def as_level(value: float | str) -> str:
    """Return a value as a category spells it; ``3.0`` names the level ``3``."""
    return value if isinstance(value, str) else f"{value:g}"


def pull(coding: Coding, lever: Intervention) -> Lever:
    """Return how far a lever moves each unit of a coded column; what cannot be is held at zero."""
    if coding.levels is not None:
        target = np.array([level == as_level(lever.value) for level in coding.levels], dtype=float)
        inside = np.ones(len(coding.values), dtype=bool)
        return Lever(column=lever.column, carries=0.0, moves=target - coding.values, inside=inside)
    value = float(lever.value)
    now, known = coding.values[:, 0], coding.observed
    if lever.operation == "set":
        wanted, carries = np.full(len(now), value), 0.0
    elif lever.operation == "shift":
        wanted, carries = np.where(known, now + value, now), 1.0
    else:
        wanted, carries = np.where(known, now * value, now), value
    held = wanted if coding.lower is None else np.maximum(wanted, coding.lower)
    low, high = now[known].min(), now[known].max()
    inside = (wanted >= low) & (wanted <= high)
    return Lever(column=lever.column, carries=carries, moves=(held - now)[:, None], inside=inside)
