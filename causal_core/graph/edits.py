"""Edits of a graph: an edge drawn, turned, decided, opened, deleted; or all edges at once.

What an edit leaves alone keeps where it comes from; what it touches is the analyst's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from causal_core.errors import ColumnMissingError, DuplicateEdgeError
from causal_core.graph.edges import Edge, EdgeKind, Provenance
from causal_core.graph.graphs import CausalGraph, GraphPattern
from causal_core.language import t
from causal_core.schema import COMPARABLE_KINDS, COVARIATE_ROLES, Role, Schema

Drawing = CausalGraph | GraphPattern


class Change(StrEnum):
    """What may be done with one edge: `FORWARD` decides it from its source to its target."""

    FLIP = "flip"
    FORWARD = "forward"
    BACKWARD = "backward"
    OPEN = "open"
    HIDDEN = "hidden"
    DELETE = "delete"


def changes(edge: Edge) -> tuple[Change, ...]:
    """Return what may be done with an edge.

    Examples
    --------
    >>> [change.value for change in changes(Edge(source="a", target="b"))]
    ['flip', 'open', 'hidden', 'delete']
    """
    if edge.kind is EdgeKind.DIRECTED:
        return (Change.FLIP, Change.OPEN, Change.HIDDEN, Change.DELETE)
    if edge.kind is EdgeKind.UNDIRECTED:
        return (Change.FORWARD, Change.BACKWARD, Change.HIDDEN, Change.DELETE)
    return (Change.FORWARD, Change.BACKWARD, Change.OPEN, Change.DELETE)


def edited(graph: Drawing, at: int, change: Change) -> Drawing:
    """Return the graph with one change made to the edge at a place in its list.

    Raises
    ------
    CycleError, DuplicateEdgeError
    """
    edges, edge = list(graph.edges), graph.edges[at]
    turned = replace(edge, source=edge.target, target=edge.source)
    after = {
        Change.FLIP: turned,
        Change.FORWARD: replace(edge, kind=EdgeKind.DIRECTED),
        Change.BACKWARD: replace(turned, kind=EdgeKind.DIRECTED),
        Change.OPEN: replace(edge, kind=EdgeKind.UNDIRECTED),
        Change.HIDDEN: replace(edge, kind=EdgeKind.BIDIRECTED),
    }
    edges[at : at + 1] = [] if change is Change.DELETE else [after[change]]
    return redrawn(graph, edges)


def redrawn(graph: Drawing, edges: Sequence[Edge]) -> Drawing:
    """Return the graph with other edges: a pattern if one of them is open, else decided.

    An edge that stood there before, with this kind and direction, keeps its provenance and
    numbers. One between the same two columns keeps the numbers, which are about the pair, but
    counts as the analyst's; any other is new, and hers.

    Parameters
    ----------
    graph
        What stands there; its nodes stay.
    edges
        All edges from now on. Their provenance and numbers are not looked at.

    Raises
    ------
    ColumnMissingError, CycleError, DuplicateEdgeError

    Examples
    --------
    >>> found = Edge(source="a", target="b", provenance=Provenance.DATA, stability=0.9)
    >>> graph = CausalGraph(nodes=("a", "b"), edges=(found,))
    >>> turned = redrawn(graph, [Edge(source="b", target="a")]).edges[0]
    >>> turned.provenance.value, turned.stability
    ('analyst', 0.9)
    """
    before = {_line(edge): edge for edge in graph.edges}
    kept = {_meaning(edge): edge for edge in graph.edges}
    inherited = tuple(_inherited(edge, kept, before) for edge in edges)
    _require_single(inherited)
    if any(edge.kind is EdgeKind.UNDIRECTED for edge in inherited):
        return GraphPattern(nodes=graph.nodes, edges=inherited)
    return CausalGraph(nodes=graph.nodes, edges=inherited)


def _line(edge: Edge) -> frozenset[str]:
    return frozenset(edge.pair)


def _meaning(edge: Edge) -> tuple[EdgeKind, object]:
    return edge.kind, edge.pair if edge.kind is EdgeKind.DIRECTED else _line(edge)


def _inherited(
    edge: Edge, kept: dict[tuple[EdgeKind, object], Edge], before: dict[frozenset[str], Edge]
) -> Edge:
    same = kept.get(_meaning(edge))
    if same is not None:
        return replace(same, note=edge.note)
    old = before.get(_line(edge))
    if old is None:
        return replace(edge, provenance=Provenance.ANALYST, p_value=None, stability=None)
    return replace(
        edge,
        provenance=Provenance.ANALYST,
        p_value=old.p_value,
        stability=old.stability,
        note="" if edge.note == old.note else edge.note,  # it was about the other direction
    )


def _require_single(edges: Iterable[Edge]) -> None:
    seen: set[tuple[bool, frozenset[str]]] = set()
    for edge in edges:
        key = (edge.kind is EdgeKind.BIDIRECTED, _line(edge))
        if key in seen:
            raise DuplicateEdgeError(source=edge.source, target=edge.target)
        seen.add(key)


def from_roles(schema: Schema, treatment: str, outcomes: Sequence[str]) -> CausalGraph:
    """Return the graph that the columns' parts suggest: whatever comes earlier may cause.

    Everything known before the treatment leads to it and to all that follows; the treatment
    leads to mediators and outcomes, an earlier outcome to a later one. A draft to start from. A
    position, known together with the treatment, is no part of it: nobody said which came first.

    Raises
    ------
    ColumnMissingError

    Examples
    --------
    >>> from causal_core.schema import Column, Kind
    >>> names = {"age": Role.ATTRIBUTE, "banner": Role.TREATMENT, "buys": Role.OUTCOME}
    >>> schema = Schema(columns=tuple(
    ...     Column(name=name, kind=Kind.BINARY, role=role) for name, role in names.items()))
    >>> [edge.pair for edge in from_roles(schema, "banner", ["buys"]).edges]
    [('age', 'banner'), ('age', 'buys'), ('banner', 'buys')]
    """
    for name in (treatment, *outcomes):
        if name not in schema.names:
            raise ColumnMissingError(name, schema.names)
    seats = _seats(schema, treatment, outcomes)
    nodes = tuple(name for name in schema.names if name in seats)
    note = t("from the roles")
    edges = tuple(
        Edge(source=early, target=late, note=note)
        for early in sorted(nodes, key=seats.__getitem__)
        for late in nodes
        if seats[early] < seats[late]
    )
    return CausalGraph(nodes=nodes, edges=edges)


def _seats(schema: Schema, treatment: str, outcomes: Sequence[str]) -> dict[str, int]:
    """Return each node's place: 0 before, 1 treatment, 2 between, from 3 on the outcomes."""
    parts = {Role.MEDIATOR: 2} | dict.fromkeys(COVARIATE_ROLES, 0)
    before = schema.covariates()
    seats = {
        column.name: parts[column.role]
        for column in schema
        if column.kind in COMPARABLE_KINDS
        and column.role in parts
        and (column.name in before or not column.is_covariate)
    }
    tiers = schema.tiers(outcomes)
    order = sorted({tiers.get(name, 0) for name in outcomes})
    seats |= {name: 3 + order.index(tiers.get(name, 0)) for name in outcomes}
    seats[treatment] = 1
    return seats
