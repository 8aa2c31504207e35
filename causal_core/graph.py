"""What causes what: stated knowledge, the pattern that data leave open, the decided graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import networkx as nx

from causal_core.errors import (
    ColumnMissingError,
    CycleError,
    KnowledgeError,
    UnorientedEdgesError,
)
from causal_core.fingerprint import fingerprint
from causal_core.language import t


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


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What the analyst knows beforehand: order in time, required and forbidden edges."""

    tiers: tuple[tuple[str, ...], ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[tuple[str, str], ...] = ()
    forbidden_within: tuple[int, ...] = ()

    def tier_of(self, name: str) -> int | None:
        """Return the place in time of `name`, or None where none is stated."""
        return next((at for at, tier in enumerate(self.tiers) if name in tier), None)

    def forbids(self, source: str, target: str) -> bool:
        """Return whether the edge `source` → `target` would contradict this knowledge."""
        if (source, target) in self.forbidden or (target, source) in self.required:
            return True
        early, late = self.tier_of(source), self.tier_of(target)
        if early is None or late is None:
            return False
        return early > late or (early == late and early in self.forbidden_within)

    def check(self, names: Iterable[str]) -> None:
        """Raise if this knowledge contradicts itself or names a column that is not in `names`.

        Raises
        ------
        ColumnMissingError, KnowledgeError, CycleError
        """
        available = list(names)
        for name in self._named():
            if name not in available:
                raise ColumnMissingError(name, available)
        self._check_tiers()
        for source, target in self.required:
            if source == target or self.forbids(source, target):
                edge = f"{source} → {target}"
                raise KnowledgeError(reason=t("{edge} is required and forbidden.", edge=edge))
        _require_acyclic(self.required)

    def _named(self) -> list[str]:
        placed = [name for tier in self.tiers for name in tier]
        return placed + [name for pair in (*self.required, *self.forbidden) for name in pair]

    def _check_tiers(self) -> None:
        placed = [name for tier in self.tiers for name in tier]
        for name in placed:
            if placed.count(name) > 1:
                raise KnowledgeError(reason=t("“{name}” stands in two tiers.", name=name))
        for at in self.forbidden_within:
            if not 0 <= at < len(self.tiers):
                raise KnowledgeError(reason=t("there is no tier {tier}.", tier=at))

    def violations(self, edges: Iterable[Edge]) -> tuple[str, ...]:
        """Return, in words, each way in which `edges` break this knowledge."""
        found = list(edges)
        directed = {edge.pair for edge in found if edge.kind is EdgeKind.DIRECTED}
        broken = [f"{a} → {b}" for a, b in sorted(directed) if self.forbids(a, b)]
        broken += [
            f"{edge.source} — {edge.target}"
            for edge in found
            if edge.kind is EdgeKind.UNDIRECTED
            and (self.forbids(*edge.pair) or self.forbids(edge.target, edge.source))
        ]
        missing = [f"{a} → {b}" for a, b in self.required if (a, b) not in directed]
        return tuple(broken + [t("{edge} is missing", edge=edge) for edge in missing])

    def to_record(self) -> dict[str, object]:
        """Return this as the JSON of ``knowledge.json``."""
        return {
            "tiers": [list(tier) for tier in self.tiers],
            "required": [list(pair) for pair in self.required],
            "forbidden": [list(pair) for pair in self.forbidden],
            "forbidden_within": list(self.forbidden_within),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> Knowledge:
        """Return the knowledge that a ``knowledge.json`` says.

        Raises
        ------
        KnowledgeError
            If the JSON does not have the documented shape.
        """
        unknown = set(record) - {"tiers", "required", "forbidden", "forbidden_within"}
        if unknown:
            names = ", ".join(sorted(unknown))
            raise KnowledgeError(reason=t("it has unknown parts: {names}.", names=names))
        return cls(
            tiers=tuple(_names(tier) for tier in _sequence(record.get("tiers"))),
            required=tuple(_pair(item) for item in _sequence(record.get("required"))),
            forbidden=tuple(_pair(item) for item in _sequence(record.get("forbidden"))),
            forbidden_within=tuple(_whole(at) for at in _sequence(record.get("forbidden_within"))),
        )

    @classmethod
    def from_tiers(cls, places: Mapping[str, int]) -> Knowledge:
        """Return the knowledge that follows from each column's place in time."""
        order = sorted(set(places.values()))
        return cls(
            tiers=tuple(
                tuple(name for name, place in places.items() if place == at) for at in order
            )
        )


def _sequence(value: object) -> Sequence[object]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise KnowledgeError(reason=t("{value} is not a list.", value=value))
    return value


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in _sequence(value))


def _pair(value: object) -> tuple[str, str]:
    names = _names(value)
    if len(names) != 2:  # noqa: PLR2004 - an edge has two ends
        raise KnowledgeError(reason=t("{value} is not a pair of columns.", value=list(names)))
    return (names[0], names[1])


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise KnowledgeError(reason=t("{value} is not the number of a tier.", value=value))
    return value


def _require_acyclic(pairs: Iterable[tuple[str, str]]) -> None:
    try:
        circle = nx.find_cycle(nx.DiGraph(list(pairs)))
    except nx.NetworkXNoCycle:
        return
    path = " → ".join([str(circle[0][0]), *(str(edge[1]) for edge in circle)])
    raise CycleError(path=path)


def _require_known(nodes: Sequence[str], edges: Iterable[Edge]) -> None:
    for edge in edges:
        for name in edge.pair:
            if name not in nodes:
                raise ColumnMissingError(name, nodes)
        if edge.source == edge.target:
            raise CycleError(path=f"{edge.source} → {edge.source}")


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
        _require_known(self.nodes, self.edges)
        _require_acyclic(edge.pair for edge in self.directed)

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
        left_open = [edge for edge in self.undirected if frozenset(edge.pair) not in chosen]
        if left_open:
            names = ", ".join(f"{edge.source} — {edge.target}" for edge in left_open)
            raise UnorientedEdgesError(count=len(left_open), edges=names)
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
        _require_known(self.nodes, self.edges)
        open_edges = [edge for edge in self.edges if edge.kind is EdgeKind.UNDIRECTED]
        if open_edges:
            names = ", ".join(f"{edge.source} — {edge.target}" for edge in open_edges)
            raise UnorientedEdgesError(count=len(open_edges), edges=names)
        _require_acyclic(edge.pair for edge in self.edges if edge.kind is EdgeKind.DIRECTED)

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
        into = {
            edge.source
            for edge in self.edges
            if edge.kind is EdgeKind.DIRECTED and edge.target == node
        }
        return tuple(name for name in self.nodes if name in into)

    def order(self) -> tuple[str, ...]:
        """Return the nodes, causes first."""
        directed = nx.DiGraph(edge.pair for edge in self.edges if edge.kind is EdgeKind.DIRECTED)
        directed.add_nodes_from(self.nodes)
        place = {name: at for at, name in enumerate(self.nodes)}
        return tuple(nx.lexicographical_topological_sort(directed, key=lambda name: place[name]))


HIDDEN = "hidden cause of "


def hidden_name(edge: Edge) -> str:
    """Return the name of the node that stands for a bidirected edge."""
    return HIDDEN + " & ".join(sorted(edge.pair))


def edge_record(edge: Edge) -> dict[str, object]:
    """Return one edge as in ``graph.json``."""
    return {
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind.value,
        "provenance": edge.provenance.value,
        "p_value": edge.p_value,
        "stability": edge.stability,
        "note": edge.note,
    }


def graph_record(graph: GraphPattern | CausalGraph) -> dict[str, object]:
    """Return a graph or pattern as the JSON of ``graph.json``."""
    return {"nodes": list(graph.nodes), "edges": [edge_record(edge) for edge in graph.edges]}


def graph_from(record: Mapping[str, object]) -> GraphPattern | CausalGraph:
    """Return what a ``graph.json`` says: a pattern if an edge in it is open, else a graph.

    Raises
    ------
    KnowledgeError
        If the JSON does not have the documented shape.
    CycleError
        If its directed edges run in a circle.
    """
    try:
        nodes = tuple(str(name) for name in _sequence(record["nodes"]))
        items = [dict(item) for item in _sequence(record["edges"])]  # type: ignore[call-overload]
        edges = tuple(
            Edge(
                source=str(item["source"]),
                target=str(item["target"]),
                kind=EdgeKind(item.get("kind") or "directed"),
                provenance=Provenance(item.get("provenance") or "analyst"),
                p_value=item.get("p_value"),
                stability=item.get("stability"),
                note=str(item.get("note") or ""),
            )
            for item in items
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = t("the graph file is not of the documented form ({detail}).", detail=error)
        raise KnowledgeError(reason=reason) from error
    if any(edge.kind is EdgeKind.UNDIRECTED for edge in edges):
        return GraphPattern(nodes=nodes, edges=edges)
    return CausalGraph(nodes=nodes, edges=edges)


def path_in_words(network: nx.DiGraph[str], path: Sequence[str]) -> str:
    """Write a path with its arrows: ``banner ← activity → purchase``."""
    pieces = [path[0]]
    for here, there in pairwise(path):
        pieces += ["→" if network.has_edge(here, there) else "←", there]
    return " ".join(pieces)
