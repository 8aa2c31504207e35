"""Settings of a simulation that resembles a table. Takes a table, gives size and base rates."""

from __future__ import annotations

from causal_core.datasets.laws import OUTCOMES
from causal_core.datasets.mechanisms import DEFAULT_RATES, HIGHEST_RATE, LOWEST_RATE
from causal_core.schema import Kind, Role
from causal_core.table import BehaviorTable

MOST_UNITS_ALIKE, LEAST_UNITS_ALIKE = 20_000, 500
_GAP = 0.98  # a stage has at most this share of the stage before it


def settings_like(table: BehaviorTable) -> dict[str, object]:
    """Return settings of the truth lab that resemble a table in size and base rates only.

    Nothing else of the table goes in: its covariates, its overlap and its effects stay out.

    Returns
    -------
    dict
        ``n``: the number of units, from 500 to 20,000. ``base_rates``: the rate of each stage, if
        any outcome has one; stages that the table lacks are filled in so that the funnel falls.

    Examples
    --------
    >>> from causal_core import datasets
    >>> like = settings_like(datasets.simulate("funnel", 2_000, seed=7).table)
    >>> like["n"], sorted(like["base_rates"])
    (2000, ['browse', 'cart', 'click', 'purchase'])
    """
    n = min(max(len(table), LEAST_UNITS_ALIKE), MOST_UNITS_ALIKE)
    seen = _rates(table)
    return {"n": n, "base_rates": _falling(seen)} if seen else {"n": n}


def _rates(table: BehaviorTable) -> dict[str, float]:
    """Return the share of units that reached each stage that the table has an outcome for."""
    return {
        column.stage.value: float(table.frame[column.name].mean())
        for column in table.schema
        if column.stage and column.role is Role.OUTCOME and column.kind is Kind.BINARY
    }


def _falling(seen: dict[str, float]) -> dict[str, float]:
    """Return four rates that fall from stage to stage, as near to those seen as that allows."""
    rates = _filled(seen)
    highest = HIGHEST_RATE
    floor = LOWEST_RATE / _GAP ** (len(OUTCOMES) - 1)
    falling = {}
    for name in OUTCOMES:
        falling[name] = round(min(max(rates[name], floor), highest), 6)
        highest, floor = falling[name] * _GAP, floor * _GAP
    return falling


def _filled(seen: dict[str, float]) -> dict[str, float]:
    """Return a rate for each stage: as seen, else moved from the nearest by the usual ratio."""
    known = [at for at, name in enumerate(OUTCOMES) if name in seen]
    rates = {}
    for at, name in enumerate(OUTCOMES):
        near = min(known, key=lambda place: abs(place - at))
        base = OUTCOMES[near]
        rates[name] = seen.get(name, seen[base] * DEFAULT_RATES[name] / DEFAULT_RATES[base])
    return rates
