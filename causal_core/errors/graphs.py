"""What can be wrong with a graph, with knowledge, or with what is asked of them."""

from __future__ import annotations

from causal_core.errors.base import AnalysisError
from causal_core.language import mark


class CycleError(AnalysisError):
    """The edges run in a circle."""

    code = "cycle"
    _found = mark("The graph has the cycle {path}.")
    _remedy = mark("Remove or turn one of these edges.")


class DuplicateEdgeError(AnalysisError):
    """Two edges say something about the same pair of columns."""

    code = "duplicate_edge"
    _found = mark("“{source}” and “{target}” are joined twice.")
    _remedy = mark("Keep one of the two edges; only a hidden common cause may stand beside it.")


class UnorientedEdgesError(AnalysisError):
    """A pattern still has open edges where a graph is needed."""

    code = "unoriented_edges"
    _found = mark("{count} edges have no direction yet: {edges}.")
    _remedy = mark("Decide each of them, or ask for the range over all directions.")


class KnowledgeError(AnalysisError):
    """The stated knowledge contradicts itself or names what is not there; `reason` says how."""

    code = "knowledge"
    _found = mark("The stated knowledge cannot hold: {reason}")
    _remedy = mark("Correct the tiers, required or forbidden edges.")


class NotIdentifiedError(AnalysisError):
    """No adjustment makes the question answerable from these data."""

    code = "not_identified"
    _found = mark("The effect of “{treatment}” on “{outcome}” is not identified: {reason}")
    _remedy = mark("{help}")


class NotInGraphError(AnalysisError):
    """A column is asked about that the graph says nothing about."""

    code = "not_in_graph"
    _found = mark("“{column}” is not in the graph.")
    _remedy = mark("Draw it there with its causes and effects, or choose a column of the graph.")


class InterventionError(AnalysisError):
    """A lever is written or combined in a way that has no meaning; `reason` is a full sentence."""

    code = "intervention"
    _found = mark("“{text}” is not an intervention: {reason}")
    _remedy = mark("Write column=value, column+=number or column*=number, each column once.")


class DependentColumnsError(AnalysisError):
    """Columns are copies or sums of each other."""

    code = "dependent_columns"
    _found = mark("These columns determine each other: {columns}.")
    _remedy = mark("Leave one of them out (often a total beside its parts).")
