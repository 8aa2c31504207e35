"""What causes what: stated knowledge, the pattern that data leave open, the decided graph."""

from causal_core.graph.edges import (
    HIDDEN,
    Edge,
    EdgeKind,
    Provenance,
    hidden_name,
    path_in_words,
)
from causal_core.graph.edits import Change, Drawing, changes, edited, from_roles, redrawn
from causal_core.graph.graphs import CausalGraph, GraphPattern
from causal_core.graph.knowledge import Knowledge
from causal_core.graph.records import edge_record, graph_from, graph_record

__all__ = [
    "HIDDEN",
    "CausalGraph",
    "Change",
    "Drawing",
    "Edge",
    "EdgeKind",
    "GraphPattern",
    "Knowledge",
    "Provenance",
    "changes",
    "edge_record",
    "edited",
    "from_roles",
    "graph_from",
    "graph_record",
    "hidden_name",
    "path_in_words",
    "redrawn",
]
