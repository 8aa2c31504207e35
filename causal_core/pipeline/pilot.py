"""The pilot: the chain on a sample of whole clusters, to see soon what a full run would say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError
from causal_core.language import number, t
from causal_core.pipeline.chain import Request, find_graph, identify, train_and_estimate
from causal_core.progress import Progress, part, silent
from causal_core.results import Effects, basis_of
from causal_core.table import BehaviorTable

LEAST_UNITS, MOST_UNITS = 100, 100_000


def pilot(
    analysis: Analysis, request: Request, *, units: int, progress: Progress = silent
) -> Effects:
    """Estimate the effects on a sample; nobody tries to break them, and they make no headline.

    Parameters
    ----------
    analysis
        With table and question; a graph that stands in it is used, else one is searched in the
        sample.
    request
        As for the full run.
    units
        How many rows to draw at most, from 100 to 100,000.

    Returns
    -------
    Effects
        Those of the sample; `pilot_of` is the size of the population that it was drawn from.

    Raises
    ------
    BadSettingError
        If the population is no larger than the sample: then the full run takes no longer.
    AnalysisError
        Whatever the analyst can mend.
    """
    table, question = analysis.need("table"), analysis.need("question")
    if not LEAST_UNITS <= units <= MOST_UNITS:
        allowed = t("a whole number from {low} to {high}", low=LEAST_UNITS, high=MOST_UNITS)
        raise BadSettingError(setting="pilot", value=units, allowed=allowed)
    population = table.select(question.population)
    if len(population) <= units:
        allowed = t("fewer units than the population has ({n})", n=number(len(population)))
        raise BadSettingError(setting="pilot", value=units, allowed=allowed)
    progress(0.0, t("Drawing a sample"))
    sample = drawn(population, units, seed=request.seed)
    # what stands was found in the whole table: here it is given, and rests on nothing
    given = {
        name: replace(standing, basis=None)
        for name in ("pattern", "graph")
        if (standing := getattr(analysis, name)) is not None
    }
    asked = Analysis(table=sample).asking(question)
    asked = asked.updated(knowledge=analysis.knowledge, **given)
    asked = find_graph(asked, request, progress=part(progress, 0.02, 0.25))
    asked = identify(asked, request)
    progress(0.25, t("Training the outcome model"))
    estimated = train_and_estimate(asked, request, progress=part(progress, 0.25, 1.0))
    found: Effects = estimated.need("effects")
    return replace(
        found,
        estimand=replace(found.estimand, basis=None),
        pilot_of=len(population),
        basis=basis_of(table=table, question=question),
    )


def drawn(table: BehaviorTable, units: int, *, seed: int) -> BehaviorTable:
    """Return at most `units` rows, by drawing clusters (users) with all that they have.

    Rows keep their order. At least one cluster is drawn, however large it is.
    """
    clusters = table.clusters()
    sizes = np.bincount(clusters)
    order = np.random.default_rng(seed).permutation(len(sizes))
    fits = np.cumsum(sizes[order]) <= units
    fits[0] = True
    chosen = np.isin(clusters, order[fits])
    return replace(table, frame=table.frame.loc[chosen].reset_index(drop=True))
