"""Who is comparable, before any training: the adjustment set that stands, and its overlap."""

from __future__ import annotations

from causal_core import outcome
from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.pipeline.chain import Request, identify
from causal_core.progress import Progress, silent
from causal_core.results import Comparable, basis_of

SLOT = "comparable"


def comparable(analysis: Analysis, request: Request, *, progress: Progress = silent) -> Comparable:
    """Return the overlap of the two arms under the adjustment set that stands or would be used.

    Parameters
    ----------
    analysis
        With table and question. A graph that stands decides the adjustment set; without one,
        what is known before the treatment is adjusted for.
    request
        As for the answer; only its seed and population are used.

    Raises
    ------
    AnalysisError
        Whatever the analyst can mend: among them, that the graph leaves a path open.
    """
    table, question = analysis.need("table"), analysis.need("question")
    progress(0.05, t("Looking who is comparable"))
    graph = analysis.graph or analysis.pattern
    ends = {question.treatment, *question.outcomes}
    if analysis.estimand is None and graph is not None and not ends <= set(graph.nodes):
        analysis = analysis.updated(pattern=None, graph=None)
    found = analysis if analysis.estimand is not None else identify(analysis, request)
    estimand = found.need("estimand")
    overlap = outcome.overlap(table, estimand, seed=request.seed)
    progress(1.0)
    return Comparable(
        overlap=overlap,
        adjustment_set=estimand.adjustment_set,
        basis={**(estimand.basis or {}), **basis_of(table=table, question=question)},
    )
