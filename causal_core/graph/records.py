"""Graphs and patterns as the JSON of ``graph.json``, and back."""

from __future__ import annotations

from collections.abc import Mapping

from causal_core.errors import KnowledgeError
from causal_core.graph.edges import Edge, EdgeKind, Provenance
from causal_core.graph.graphs import CausalGraph, GraphPattern
from causal_core.graph.knowledge import sequence
from causal_core.language import t


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
        nodes = tuple(str(name) for name in sequence(record["nodes"]))
        items = [dict(item) for item in sequence(record["edges"])]  # type: ignore[call-overload]
        edges = tuple(
            Edge(
                source=str(item["source"]),
                target=str(item["target"]),
                kind=EdgeKind(item.get("kind") or "directed"),
                provenance=Provenance(item.get("provenance") or "analyst"),
                p_value=_share(item.get("p_value")),
                stability=_share(item.get("stability")),
                note=str(item.get("note") or ""),
            )
            for item in items
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = t("the graph file is not of the documented form ({detail}).", detail=error)
        raise KnowledgeError(reason=reason) from error
    if len(set(nodes)) < len(nodes):
        raise KnowledgeError(reason=t("the graph file names a node twice."))
    if any(edge.kind is EdgeKind.UNDIRECTED for edge in edges):
        return GraphPattern(nodes=nodes, edges=edges)
    return CausalGraph(nodes=nodes, edges=edges)


def _share(value: object) -> float | None:
    if value is None or (isinstance(value, int | float) and 0 <= value <= 1):
        return value
    raise ValueError(value)
