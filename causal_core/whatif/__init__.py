"""What would happen if: levers pulled on a causal graph with linear mechanisms.

Takes a table, a decided graph and scenarios; gives each outcome beside “as today”, with an
interval and the share of units for which the new value was ever observed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal_core.errors import (
    BadSettingError,
    NotInGraphError,
    TooFewUnitsError,
    WrongKindError,
)
from causal_core.expression import parse as parse_filter
from causal_core.graph import CausalGraph
from causal_core.language import listing, number, percent, t
from causal_core.progress import Progress, part, silent
from causal_core.results import (
    Array,
    Scenario,
    ScenarioOutcome,
    Scenarios,
    basis_of,
)
from causal_core.schema import NUMERIC_KINDS
from causal_core.table import BehaviorTable
from causal_core.whatif._coding import Coding, code
from causal_core.whatif._levers import Lever, as_level, check, parse, pull
from causal_core.whatif._mechanisms import Blocks, Mechanism, block, learn
from causal_core.whatif._propagate import Segment, carry, require_open_air, routes
from causal_core.whatif._specs import ScenarioSpec, read_specs

__all__ = ["ScenarioSpec", "parse", "read_specs", "simulate"]

MECHANISMS = "linear"
_Route = dict[str, tuple[str, ...]]


def simulate(  # noqa: PLR0913 - the public door names all that the numbers depend on
    table: BehaviorTable,
    graph: CausalGraph,
    scenarios: Sequence[ScenarioSpec],
    *,
    outcomes: Sequence[str],
    level: float = 0.95,
    draws: int = 100,
    seed: int = 7,
    progress: Progress = silent,
) -> Scenarios:
    """Return what each scenario would do to each outcome, beside as today.

    Parameters
    ----------
    table
        One row per unit.
    graph
        Which column causes which; every column that a lever reaches on its way to an outcome
        gets a mechanism of all its causes.
    scenarios
        Levers, and for whom. Units outside `where` stay as today. No lever is as today.
    outcomes
        Columns of the graph, numbers or 0/1.
    level
        Coverage of the intervals.
    draws
        Bootstrap refits, at least 10; clusters are resampled.
    seed
        Seeds the bootstrap.

    Returns
    -------
    Scenarios
        Baseline, value and difference are means over *all* units with a value of the outcome,
        in the outcome's unit; ``low`` and ``high`` bound the difference. A difference is exactly
        0 where no lever reaches the outcome. ``support`` is the share of moved units whose new
        lever values all lie in the observed range.

    Raises
    ------
    ColumnMissingError, NotInGraphError, WrongKindError, ConstantColumnError, ValueMissingError
        If a lever, outcome or cause is no column that can play this part.
    InterventionError
        If one scenario moves a column twice.
    NotIdentifiedError
        If a hidden common cause makes a needed mechanism unknowable.
    TooFewUnitsError
        If a segment is empty, or a mechanism has more causes than rows.
    DependentColumnsError
        If the causes of a node determine each other.

    Notes
    -----
    Each node is a least-squares line of its causes plus the unit's own residual, which is kept.
    Categories enter one-hot; gaps in a cause are filled by its mean with an indicator; rows
    without the node itself are left out of its mechanism. A share stays in [0, 1] and a count or
    amount at or above zero in the mean. Intervals are the estimate ± Student's t times the
    bootstrap standard error.

    References
    ----------
    Pearl (2009), Causality, chapters 3 and 7; Wright (1934), Ann. Math. Statist. 5.

    Examples
    --------
    >>> import pandas as pd
    >>> from causal_core.graph import Edge
    >>> from causal_core.schema import Column, Kind, Role, Schema
    >>> names = ("price", "sales")
    >>> table = BehaviorTable(
    ...     frame=pd.DataFrame({"price": [1.0, 2.0, 3.0, 4.0], "sales": [8.0, 6.0, 4.0, 2.0]}),
    ...     schema=Schema(columns=tuple(
    ...         Column(name=name, kind=Kind.CONTINUOUS, role=Role.HISTORY) for name in names)))
    >>> graph = CausalGraph(nodes=names, edges=(Edge(source="price", target="sales"),))
    >>> dearer = ScenarioSpec(name="dearer", interventions=(parse("price+=1"),))
    >>> board = simulate(table, graph, [dearer], outcomes=["sales"])
    >>> round(board.items[0].outcomes[0].difference, 6), board.items[0].outcomes[0].support
    (-2.0, 0.75)
    """
    _check_settings(level, draws)
    _check_outcomes(table, graph, outcomes)
    for spec in scenarios:
        check(table, graph, spec.interventions)
    plan = {
        (at, outcome): _route(graph, spec, outcome)
        for at, spec in enumerate(scenarios)
        for outcome in outcomes
    }
    world = _learn(
        table, graph, scenarios, list(plan.values()), (draws, seed), part(progress, 0, 0.9)
    )
    items = []
    for at, spec in enumerate(scenarios):
        items.append(_scenario(world, spec, {o: plan[at, o] for o in outcomes}, level, seed))
        progress(0.9 + 0.1 * (at + 1) / len(scenarios), spec.name)
    return Scenarios(
        items=tuple(items), mechanisms=MECHANISMS, basis=basis_of(table=table, graph=graph)
    )


def _check_settings(level: float, draws: int) -> None:
    if not 0 < level < 1:
        allowed = t("a number between 0 and 1")
        raise BadSettingError(setting="level", value=level, allowed=allowed)
    if draws < 10:  # noqa: PLR2004 - a spread of fewer says nothing
        raise BadSettingError(setting="draws", value=draws, allowed=t("10 or more"))


def _check_outcomes(table: BehaviorTable, graph: CausalGraph, outcomes: Sequence[str]) -> None:
    if not outcomes:
        raise BadSettingError(setting="outcomes", value=t("empty"), allowed=t("at least one"))
    for outcome in outcomes:
        kind = table.schema[outcome].kind
        if kind not in NUMERIC_KINDS:
            raise WrongKindError(
                column=outcome,
                kind=kind.value,
                part=t("outcome"),
                allowed=listing([allowed.value for allowed in NUMERIC_KINDS]),
            )
        if outcome not in graph.nodes:
            raise NotInGraphError(column=outcome)


def _route(graph: CausalGraph, spec: ScenarioSpec, outcome: str) -> _Route:
    route = routes(graph, spec.interventions, outcome)
    require_open_air(graph, route, [lever.column for lever in spec.interventions], outcome)
    return route


# ---------------------------------------------------------------- learning


@dataclass(frozen=True, kw_only=True, eq=False)
class _World:
    """The table as numbers, and the mechanisms that the scenarios need."""

    table: BehaviorTable
    codings: Mapping[str, Coding]
    mechanisms: Mapping[str, Mechanism]
    blocks: Blocks


def _learn(
    table: BehaviorTable,
    graph: CausalGraph,
    scenarios: Sequence[ScenarioSpec],
    plan: Sequence[_Route],
    randomness: tuple[int, int],
    progress: Progress,
) -> _World:
    draws, seed = randomness
    moving: dict[str, set[str]] = {}
    for route in plan:
        for node, causes in route.items():
            moving.setdefault(node, set()).update(causes)
    learned = [node for node in graph.order() if moving.get(node)]
    needed = set(moving) | {cause for node in learned for cause in graph.parents(node)}
    targets: dict[str, set[str]] = {}
    for lever in (lever for spec in scenarios for lever in spec.interventions):
        targets.setdefault(lever.column, set()).add(as_level(lever.value))
    codings = {
        name: code(table, name, keep=targets.get(name, ()))
        for name in graph.nodes
        if name in needed or name in targets
    }
    blocks = block(table.clusters(), draws=draws, rng=np.random.default_rng(seed))
    mechanisms = {}
    for at, node in enumerate(learned):
        above = [codings[cause] for cause in graph.parents(node)]
        mechanisms[node] = learn(codings[node], above, blocks, moving=sorted(moving[node]))
        progress((at + 1) / len(learned), node)
    return _World(table=table, codings=codings, mechanisms=mechanisms, blocks=blocks)


# ---------------------------------------------------------------- one scenario


def _scenario(
    world: _World, spec: ScenarioSpec, plan: Mapping[str, _Route], level: float, seed: int
) -> Scenario:
    segment = _segment(world.table, spec.where)
    levers = [pull(world.codings[lever.column], lever) for lever in spec.interventions]
    inside = np.logical_and.reduce([np.ones(len(segment), bool), *(one.inside for one in levers)])
    support = float(inside[segment].mean())
    warnings = [*_range_warnings(world, levers, segment)]
    found = []
    for outcome, route in plan.items():
        if not route:
            found.append(_still(world.table, outcome, support))
            if levers:
                warnings.append(t("No lever reaches “{outcome}” in this graph.", outcome=outcome))
            continue
        moved, held = _moved(world, outcome, route, levers, segment)
        found.append(_outcome(world, outcome, moved, level, support))
        warnings += [_limit_warning(node) for node in held]
        warnings += _gap_warnings(world, route)
    return Scenario(
        name=spec.name,
        interventions=spec.interventions,
        where=spec.where,
        outcomes=tuple(found),
        level=level,
        n_units=len(world.table),
        seed=seed,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _segment(table: BehaviorTable, where: str | None) -> Array:
    if not where:
        return np.ones(len(table), dtype=bool)
    mask = parse_filter(where).mask(table.frame)
    if not mask.any():
        raise TooFewUnitsError(count=0, where=t("match “{filter}”", filter=where), least=1)
    return mask


def _moved(
    world: _World, outcome: str, route: _Route, levers: Sequence[Lever], segment: Array
) -> tuple[Array, tuple[str, ...]]:
    """Return how far the mean over all units moves in every draw, and what hit a limit."""
    seen = _seen(world.table, outcome)
    units = segment & seen
    on_route = [lever for lever in levers if lever.column in route]
    group = Segment(units=units, blocks=world.blocks)
    change = carry(route, on_route, world.mechanisms, world.codings, group)
    counts = world.blocks.sums(np.column_stack([units, seen]).astype(np.float64))
    share = counts[:, 0] / np.maximum(counts[:, 1], 1.0)
    return change.moves * share, change.held


def _seen(table: BehaviorTable, outcome: str) -> Array:
    seen: Array = ~np.isnan(table.column(outcome))
    return seen


def _still(table: BehaviorTable, outcome: str, support: float) -> ScenarioOutcome:
    today = _today(table, outcome)
    return ScenarioOutcome(
        outcome=outcome,
        baseline=today,
        value=today,
        difference=0.0,
        low=0.0,
        high=0.0,
        support=support,
    )


def _today(table: BehaviorTable, outcome: str) -> float:
    values = table.column(outcome)[_seen(table, outcome)]
    if not len(values):
        raise TooFewUnitsError(
            count=0, where=t("with a value of “{column}”", column=outcome), least=1
        )
    return float(values.mean())


def _outcome(
    world: _World, outcome: str, moved: Array, level: float, support: float
) -> ScenarioOutcome:
    from scipy.special import stdtrit

    today, coding = _today(world.table, outcome), world.codings[outcome]
    lowest = -np.inf if coding.lower is None else coding.lower
    highest = np.inf if coding.upper is None else coding.upper
    margin = float(stdtrit(len(moved) - 2, (1 + level) / 2) * moved[1:].std(ddof=1))
    value = float(np.clip(today + moved[0], lowest, highest))
    low, high = np.clip([moved[0] - margin, moved[0] + margin], lowest - today, highest - today)
    return ScenarioOutcome(
        outcome=outcome,
        baseline=today,
        value=value,
        difference=float(np.clip(moved[0], lowest - today, highest - today)),
        low=float(low),
        high=float(high),
        support=support,
    )


# ---------------------------------------------------------------- warnings


def _range_warnings(world: _World, levers: Sequence[Lever], segment: Array) -> list[str]:
    found = []
    for lever in levers:
        outside = 1 - float(lever.inside[segment].mean())
        if outside > 0:
            observed = world.table.frame[lever.column].dropna()
            found.append(
                t(
                    "{share} of the moved units would get a value of “{column}” that nobody has "
                    "(observed: {low} to {high}); there the answer rests on the straight line.",
                    share=percent(outside),
                    column=lever.column,
                    low=number(float(observed.min()), digits=2),
                    high=number(float(observed.max()), digits=2),
                )
            )
    return found


def _limit_warning(node: str) -> str:
    return t(
        "The straight line would push “{column}” beyond what is possible; it is held at the limit.",
        column=node,
    )


def _gap_warnings(world: _World, route: _Route) -> list[str]:
    left_out = {node: world.mechanisms[node].left_out for node in route if node in world.mechanisms}
    return [
        t(
            "{count} units without a value of “{column}” were left out when its mechanism was "
            "learned.",
            count=number(count),
            column=node,
        )
        for node, count in left_out.items()
        if count
    ]
