"""One edge, and what must hold of several: known ends, no circle, a direction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import networkx as nx

from causal_core.errors import ColumnMissingError, CycleError, UnorientedEdgesError


class EdgeKind(StrEnum):
    """How an edge points: `bidirected` stands for a hidden common cause."""

    DIRECTED = "directed"
    UNDIRECTED = "undirected"
    BIDIRECTED = "bidirected"


class Provenance(StrEnum):
    """Who put an edge there."""

    DATA = "data"
    KNOWLEDGE = "knowledge"
    ANALYST = "analyst"


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One edge with where it comes from; `p_value` is the largest among its tests."""

    source: str
    target: str
    kind: EdgeKind = EdgeKind.DIRECTED
    provenance: Provenance = Provenance.ANALYST
    p_value: float | None = None
    stability: float | None = None
    note: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Source and target."""
        return (self.source, self.target)


HIDDEN = "hidden cause of "


def hidden_name(edge: Edge) -> str:
    """Return the name of the node that stands for a bidirected edge."""
    return HIDDEN + " & ".join(sorted(edge.pair))


def path_in_words(network: nx.DiGraph[str], path: Sequence[str]) -> str:
    """Write a path with its arrows: ``banner ← activity → purchase``."""
    pieces = [path[0]]
    for here, there in pairwise(path):
        pieces += ["→" if network.has_edge(here, there) else "←", there]
    return " ".join(pieces)


def arrows(edges: Iterable[Edge]) -> list[tuple[str, str]]:
    """Return the pairs of the directed edges."""
    return [edge.pair for edge in edges if edge.kind is EdgeKind.DIRECTED]


def require_acyclic(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise a `CycleError` with the path if `pairs` run in a circle."""
    try:
        circle = nx.find_cycle(nx.DiGraph(list(pairs)))
    except nx.NetworkXNoCycle:
        return
    path = " → ".join([str(circle[0][0]), *(str(edge[1]) for edge in circle)])
    raise CycleError(path=path)


def require_known(nodes: Sequence[str], edges: Iterable[Edge]) -> None:
    """Raise if an edge ends outside the nodes, or in itself."""
    for edge in edges:
        for name in edge.pair:
            if name not in nodes:
                raise ColumnMissingError(name, nodes)
        if edge.source == edge.target:
            raise CycleError(path=f"{edge.source} → {edge.source}")


def refuse_open(edges: Iterable[Edge]) -> None:
    """Raise if there is any of these edges without a direction."""
    names = [f"{edge.source} — {edge.target}" for edge in edges]
    if names:
        raise UnorientedEdgesError(count=len(names), edges=", ".join(names))
