"""What an edit of the graph changes. Takes an analysis and the drawn graph, saves nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from causal_core.analysis import Analysis
from causal_core.errors import NotIdentifiedError
from causal_core.graph import CausalGraph, Drawing, GraphPattern
from causal_core.identification.steps import diagnose, identify, known_before
from causal_core.question import Estimand, Identification
from causal_core.results import basis_of
from causal_core.table import BehaviorTable

_DRAWN = ("knowledge", "pattern", "graph")


@dataclass(frozen=True, kw_only=True)
class Redrawn:
    """The analysis after an edit, what the graph says now, and what the edit costs.

    `refusal` is why there is no estimand any more; `stale` names the slots that lose what they
    rest on.
    """

    analysis: Analysis
    identification: Identification
    refusal: NotIdentifiedError | None
    stale: tuple[str, ...]
    joins: tuple[str, ...]
    leaves: tuple[str, ...]


def redraw(analysis: Analysis, drawn: Drawing) -> Redrawn:
    """Put a drawn graph into an analysis and identify the question anew, in one go.

    A graph without an open edge is decided; otherwise it is the pattern from here on, and there
    is no graph. Estimates stay where population, treatment and adjustment set stay.

    Parameters
    ----------
    analysis
        With table and question.
    drawn
        The graph as it should be, from `graph.edited` or `graph.redrawn`.

    Raises
    ------
    NoTableError, NotReadyError
        If there is no table or no question.
    ColumnMissingError
        If treatment or outcome is not in the graph.
    """
    table, question = analysis.need("table"), analysis.need("question")
    decided, pattern = _decided(drawn), _pattern(analysis, drawn, table)
    standing: Drawing | None = decided or pattern
    if standing is None:  # an open drawing is always a pattern
        raise RuntimeError("the drawing is neither decided nor open")
    found = diagnose(standing, question, covariates=known_before(standing, table))
    estimand: Estimand | None = None
    refusal: NotIdentifiedError | None = None
    try:
        estimand = identify(standing, question, table=table, knowledge=analysis.knowledge)
        basis = {**(estimand.basis or {}), **basis_of(table=table)}
        estimand = replace(estimand, basis=basis)
    except NotIdentifiedError as error:
        refusal = error
    placed = analysis.updated(graph=decided, pattern=pattern, estimand=estimand)
    old = analysis.estimand.adjustment_set if analysis.estimand else ()
    new = estimand.adjustment_set if estimand else ()
    held = placed.filled()
    return Redrawn(
        analysis=placed,
        identification=found,
        refusal=refusal,
        stale=tuple(s for s in analysis.filled() if s not in held and s not in _DRAWN),
        joins=tuple(name for name in new if name not in old),
        leaves=tuple(name for name in old if name not in new),
    )


def _decided(drawn: Drawing) -> CausalGraph | None:
    if isinstance(drawn, CausalGraph):
        return replace(drawn, basis=None)
    return None if drawn.undirected else drawn.orient()


def _pattern(analysis: Analysis, drawn: Drawing, table: BehaviorTable) -> GraphPattern | None:
    """Return the pattern with the drawn edges: how it was found stays, its basis is the table.

    It takes the decided edges, too: an estimand that rested on the pattern must not outlive it.
    """
    found = analysis.pattern
    if found is None or set(found.nodes) != set(drawn.nodes):
        if isinstance(drawn, CausalGraph):
            return None
        return GraphPattern(nodes=drawn.nodes, edges=drawn.edges, basis=basis_of(table=table))
    broken = analysis.knowledge.violations(drawn.edges) if analysis.knowledge else ()
    return replace(found, edges=drawn.edges, violations=broken, basis=basis_of(table=table))
