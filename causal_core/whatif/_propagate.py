"""Carries the levers of a scenario down the graph to one outcome, in every draw at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from causal_core.errors import NotIdentifiedError
from causal_core.graph import CausalGraph, EdgeKind
from causal_core.language import t
from causal_core.results import Array, Intervention
from causal_core.whatif._coding import Coding
from causal_core.whatif._levers import Lever
from causal_core.whatif._mechanisms import Blocks, Mechanism


def routes(
    graph: CausalGraph, levers: Sequence[Intervention], outcome: str
) -> dict[str, tuple[str, ...]]:
    """Return what moves on the way from the levers to `outcome`, causes first.

    Each node comes with those of its causes that move: none where only its own lever moves it,
    since a value that is set no longer follows its causes. Empty if no lever reaches `outcome`.
    """
    fixed = {lever.column for lever in levers if lever.operation == "set"}
    network = directed(graph)
    network.remove_edges_from([edge for edge in network.edges if edge[1] in fixed])
    columns = {lever.column for lever in levers}
    reached = columns.union(*(nx.descendants(network, column) for column in columns))
    moving = reached & {outcome, *nx.ancestors(network, outcome)}
    order = [node for node in graph.order() if node in moving]
    return {node: tuple(c for c in order if network.has_edge(c, node)) for node in order}


def directed(graph: CausalGraph) -> nx.DiGraph[str]:
    """Return the graph without its hidden causes."""
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(graph.nodes)
    network.add_edges_from(edge.pair for edge in graph.edges if edge.kind is EdgeKind.DIRECTED)
    return network


def require_open_air(
    graph: CausalGraph, route: Mapping[str, tuple[str, ...]], levers: Collection[str], outcome: str
) -> None:
    """Raise if a mechanism on the way shares a hidden cause with one of its own causes.

    Then a regression on the causes does not show what moving them would do.

    Raises
    ------
    NotIdentifiedError
        Naming the edge that stands for the hidden cause.
    """
    network = directed(graph)
    hidden = [edge.pair for edge in graph.edges if edge.kind is EdgeKind.BIDIRECTED]
    for node, causes in route.items():
        above = nx.ancestors(network, node) if causes else set()
        for pair in hidden:
            if node in pair and (above & set(pair)):
                lever = next(name for name in levers if name in above)
                raise NotIdentifiedError(
                    treatment=lever,
                    outcome=outcome,
                    reason=t("“{a}” ↔ “{b}” is a hidden common cause.", a=pair[0], b=pair[1]),
                    help=t(
                        "Measure that cause, remove the edge if you can rule it out, or leave "
                        "“{outcome}” out of this scenario.",
                        outcome=outcome,
                    ),
                )


@dataclass(frozen=True, kw_only=True, eq=False)
class Segment:
    """The units that a scenario moves; `units` ``(n,)`` holds the outcome-bearing ones only."""

    units: Array
    blocks: Blocks

    def means(self, columns: Array) -> Array:
        """Return the segment's column means in every draw: ``(n, m)`` → ``(1 + draws, m)``."""
        inside = self.units.astype(np.float64)[:, None]
        sums = self.blocks.sums(np.hstack([columns * inside, inside]))
        means: Array = sums[:, :-1] / np.maximum(sums[:, -1:], 1.0)
        return means


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """How far one outcome's mean moves within the segment, in every draw; what hit a limit."""

    moves: Array
    held: tuple[str, ...]


def carry(
    route: dict[str, tuple[str, ...]],
    levers: Iterable[Lever],
    mechanisms: Mapping[str, Mechanism],
    codings: Mapping[str, Coding],
    segment: Segment,
) -> Change:
    """Return how far the route's last node moves.

    Each unit keeps its own residual, so its change is the slopes times the changes of its
    causes; as that is linear, the segment's mean change follows from the mean changes. No mean
    leaves what its kind allows: shares stay in [0, 1], counts and amounts at or above zero.
    """
    pulled = {lever.column: lever for lever in levers}
    moves: dict[str, Array] = {}
    held = []
    for node, causes in route.items():
        draws, width = len(segment.blocks.weights), codings[node].values.shape[1]
        arriving = np.zeros((draws, width))
        for cause in causes:
            slope = mechanisms[node].slopes[cause]
            arriving += np.einsum("dk,dkm->dm", moves[cause], slope)
        if node in pulled:
            own = segment.means(pulled[node].moves)
            arriving = own + pulled[node].carries * arriving
        moves[node] = _within(codings[node], arriving, segment)
        if np.abs(moves[node][0] - arriving[0]).max() > 1e-9:  # noqa: PLR2004 - rounding
            held.append(node)
    return Change(moves=moves[next(reversed(route))][:, 0], held=tuple(held))


def _within(coding: Coding, moves: Array, segment: Segment) -> Array:
    """Return the moves, shortened where a mean would leave its limits."""
    if coding.lower is None and coding.upper is None:
        return moves
    now = segment.means(coding.values)
    then = np.clip(now + moves, coding.lower, coding.upper)
    if coding.levels is not None:
        then = then / then.sum(axis=1, keepdims=True)
    return np.where(np.abs(then - now - moves) > 1e-12, then - now, moves)  # noqa: PLR2004
