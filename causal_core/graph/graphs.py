"""The pattern that data leave open, and the decided graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import networkx as nx

from causal_core.fingerprint import fingerprint
from causal_core.graph.edges import (
    Edge,
    EdgeKind,
    Provenance,
    arrows,
    hidden_name,
    refuse_open,
    require_acyclic,
    require_known,
)


@dataclass(frozen=True, kw_only=True)
class GraphPattern:
    """What data and stated knowledge tell (a CPDAG): some edges may have no direction yet."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    alpha: float = 0.01
    test: str = ""
    violations: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    basis: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        require_known(self.nodes, self.edges)
        require_acyclic(arrows(self.edges))

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of nodes, edges and how they were found (not of the time it took)."""
        return fingerprint(
            "pattern", nodes=self.nodes, edges=self.edges, alpha=self.alpha, test=self.test
        )

    @property
    def directed(self) -> tuple[Edge, ...]:
        """The edges whose direction is decided."""
        return tuple(edge for edge in self.edges if edge.kind is EdgeKind.DIRECTED)

    @property
    def undirected(self) -> tuple[Edge, ...]:
        """The edges that are still open."""
        return tuple(edge for edge in self.edges if edge.kind is EdgeKind.UNDIRECTED)

    def orient(self, choices: Iterable[tuple[str, str]] = ()) -> CausalGraph:
        """Return the graph in which each open edge has the direction that `choices` gives it.

        Raises
        ------
        UnorientedEdgesError
            If an edge is left open.
        CycleError
            If the decided edges run in a circle.
        """
        chosen = {frozenset(pair): pair for pair in choices}
        refuse_open(edge for edge in self.undirected if frozenset(edge.pair) not in chosen)
        decided = [
            replace(
                edge,
                source=chosen[frozenset(edge.pair)][0],
                target=chosen[frozenset(edge.pair)][1],
                kind=EdgeKind.DIRECTED,
                provenance=Provenance.ANALYST,
            )
            for edge in self.undirected
        ]
        kept = [edge for edge in self.edges if edge.kind is not EdgeKind.UNDIRECTED]
        return CausalGraph(nodes=self.nodes, edges=(*kept, *decided))


@dataclass(frozen=True, kw_only=True)
class CausalGraph:
    """Every edge decided, with its provenance: acyclic, since a cycle cannot be built.

    Bidirected edges stand for hidden common causes.

    Raises
    ------
    CycleError, ColumnMissingError, UnorientedEdgesError
    """

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    basis: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        require_known(self.nodes, self.edges)
        refuse_open(edge for edge in self.edges if edge.kind is EdgeKind.UNDIRECTED)
        require_acyclic(arrows(self.edges))

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of nodes, directions and hidden causes; notes and p-values do not count."""
        edges = sorted((edge.source, edge.target, edge.kind.value) for edge in self.edges)
        return fingerprint("graph", nodes=sorted(self.nodes), edges=edges)

    def network(self) -> nx.DiGraph[str]:
        """Return the edges as a networkx graph; hidden causes become nodes of their own."""
        network: nx.DiGraph[str] = nx.DiGraph()
        network.add_nodes_from(self.nodes)
        for edge in self.edges:
            if edge.kind is EdgeKind.DIRECTED:
                network.add_edge(*edge.pair)
            else:
                hidden = hidden_name(edge)
                network.add_edges_from([(hidden, edge.source), (hidden, edge.target)])
        return network

    def parents(self, node: str) -> tuple[str, ...]:
        """Return the direct causes of `node`, in node order."""
        into = {source for source, target in arrows(self.edges) if target == node}
        return tuple(name for name in self.nodes if name in into)

    def order(self) -> tuple[str, ...]:
        """Return the nodes, causes first."""
        directed = nx.DiGraph(arrows(self.edges))
        directed.add_nodes_from(self.nodes)
        place = {name: at for at, name in enumerate(self.nodes)}
        return tuple(nx.lexicographical_topological_sort(directed, key=lambda name: place[name]))
