"""The whole chain for scripts, the command line and jobs: it wires steps and computes nothing.

Takes a table and a request, gives an `Analysis`. Steps never import each other; what one needs
of another is handed over here. `STEPS` names what a job may run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from causal_core import (
    discovery,
    effects,
    identification,
    ingest,
    outcome,
    refutation,
    whatif,
)
from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError, NoTableError, NotReadyError
from causal_core.graph import CausalGraph, GraphPattern, Knowledge
from causal_core.language import interval, number, t
from causal_core.progress import Progress, part, silent
from causal_core.question import (
    Assignment,
    CausalQuestion,
    Contrast,
    EffectKind,
    Estimand,
    Status,
)
from causal_core.results import Effects, Intervention, Refit
from causal_core.table import BehaviorTable

if TYPE_CHECKING:
    from causal_core.jobs import StepContext

SEED = 7
LEVEL = 0.95
ALPHA = 0.01
_MOST_SETS = 8


@dataclass(frozen=True, kw_only=True)
class Request:
    """All that an analyst may choose for one run of the chain; the defaults answer the rest.

    Give at most one of `graph` (the edges are decided), `knowledge` (discover under it) and
    `adjust` (the analyst names the adjustment set). With none of them the graph is discovered
    under the order in time that the column roles state, or, where nothing is stated, all
    columns that look like attributes are adjusted for and the result is associational.
    """

    treatment: str
    outcomes: tuple[str, ...]
    contrast: Contrast | None = None
    kind: EffectKind = EffectKind.ATE
    population: str | None = None
    assignment: Assignment = Assignment.UNKNOWN
    graph: GraphPattern | CausalGraph | None = None
    knowledge: Knowledge | None = None
    adjust: tuple[str, ...] | None = None
    discover: bool = True
    model: str = "mlp"
    level: float = LEVEL
    alpha: float = ALPHA
    seed: int = SEED
    refute: bool = True

    def __post_init__(self) -> None:
        given = [self.graph is not None, self.knowledge is not None, self.adjust is not None]
        if sum(given) > 1:
            raise BadSettingError(
                setting="--graph, --knowledge, --adjust",
                value=t("given together"),
                allowed=t("one of them"),
            )
        if not 0.5 <= self.level < 1:  # noqa: PLR2004 - half is the least that an interval can say
            raise BadSettingError(
                setting="level", value=self.level, allowed=t("a number from 0.5 to below 1")
            )
        if not 0 < self.alpha < 1:
            raise BadSettingError(
                setting="alpha", value=self.alpha, allowed=t("a number between 0 and 1")
            )


# ---------------------------------------------------------------- the chain, link by link


def read(
    paths: Sequence[Path],
    *,
    columns: ingest.ColumnMap | None = None,
    kind: str = "auto",
    progress: Progress = silent,
) -> BehaviorTable:
    """Read one ready table."""
    if not paths:
        raise NoTableError()
    if len(paths) > 1:
        raise BadSettingError(
            setting="FILE",
            value=t("{n} files", n=len(paths)),
            allowed=t("one file with one row per unit"),
        )
    return ingest.read_table(paths[0], columns=columns, kind=kind, progress=progress)


def ask(table: BehaviorTable, request: Request) -> Analysis:
    """Put the question of a request to a table."""
    question = CausalQuestion(
        treatment=request.treatment,
        outcomes=request.outcomes,
        contrast=request.contrast or Contrast(),
        kind=request.kind,
        population=request.population,
        assignment=request.assignment,
    )
    return Analysis(table=table).asking(question)


def find_graph(analysis: Analysis, request: Request, *, progress: Progress = silent) -> Analysis:
    """Take the given graph, or discover a pattern under knowledge where there is any."""
    table = _table(analysis)
    if request.graph is not None:
        _require_nodes(request.graph, table)
        slot = "graph" if isinstance(request.graph, CausalGraph) else "pattern"
        return analysis.updated(**{slot: request.graph})
    if request.adjust is not None or not request.discover:
        return analysis
    stated = stated_order(table)
    knowledge = request.knowledge or (stated if _orders(stated, request) else None)
    if knowledge is None:
        return analysis
    pattern = discovery.discover(
        table, knowledge, alpha=request.alpha, seed=request.seed, progress=progress
    )
    graph = None if pattern.undirected else pattern.orient()
    return analysis.updated(knowledge=knowledge, pattern=pattern, graph=graph)


def stated_order(table: BehaviorTable) -> Knowledge:
    """Return the order in time that the roles of the columns state."""
    names = [column.name for column in table.schema if column.role in discovery.ROLES]
    return Knowledge.from_tiers(table.schema.tiers(names))


def _orders(knowledge: Knowledge, request: Request) -> bool:
    """Tell whether stated roles put something before the treatment."""
    treatment = knowledge.tier_of(request.treatment)
    return treatment is not None and treatment > 0


def _require_nodes(graph: GraphPattern | CausalGraph, table: BehaviorTable) -> None:
    table.require(*graph.nodes)


def identify(analysis: Analysis, request: Request) -> Analysis:
    """Find the adjustment set: from the graph or pattern, the analyst, or the roles."""
    table, question = _table(analysis), _question(analysis)
    graph = analysis.graph or analysis.pattern
    if graph is not None:
        estimand = identification.identify(
            graph, question, table=table, knowledge=analysis.knowledge
        )
    else:
        estimand = identification.adjust(
            question, table, request.adjust, knowledge=analysis.knowledge
        )
    return analysis.updated(estimand=estimand)


def train_and_estimate(
    analysis: Analysis, request: Request, *, progress: Progress = silent
) -> Analysis:
    """Train the outcome model and estimate every outcome by every method."""
    table, estimand = _table(analysis), _estimand(analysis)
    model = outcome.fit(
        table, estimand, model=request.model, seed=request.seed, progress=part(progress, 0.0, 0.9)
    )
    found = effects.estimate(
        table,
        estimand,
        model,
        level=request.level,
        seed=request.seed,
        progress=part(progress, 0.9, 1.0),
    )
    if estimand.status is Status.DEPENDS and analysis.pattern is not None:
        found = _with_range(found, analysis, request)
    return analysis.updated(model=model, effects=found)


def refute(analysis: Analysis, request: Request, *, progress: Progress = silent) -> Analysis:
    """Try to break the estimate."""
    table, found = _table(analysis), analysis.effects
    if found is None:
        raise NotReadyError(needs=t("An effect"), room=t("Effects"))
    attempts = refutation.refute(
        table,
        found,
        light_refit(request.seed),
        model=analysis.model,
        seed=request.seed,
        progress=progress,
    )
    return analysis.updated(refutations=attempts)


def light_refit(seed: int = SEED) -> Refit:
    """Return a quick doubly robust estimate (linear models, two folds) for repeated use."""

    def refit(table: BehaviorTable, estimand: Estimand, /) -> Mapping[str, tuple[float, float]]:
        model = outcome.fit(table, estimand, model="linear", folds=2, seed=seed)
        found = effects.estimate(table, estimand, model, seed=seed)
        return {e.outcome: (e.value, e.standard_error) for e in found.primaries()}

    return refit


def _with_range(found: Effects, analysis: Analysis, request: Request) -> Effects:
    """Add, for each outcome, the range of the estimate over the directions of the open edges."""
    if analysis.pattern is None:
        return found
    sets = identification.adjustment_sets_by_orientation(
        analysis.pattern, _question(analysis), covariates=_table(analysis).schema.covariates()
    )
    refit, estimand = light_refit(request.seed), found.estimand
    results = [
        refit(_table(analysis), replace(estimand, adjustment_set=tuple(chosen)))
        for chosen in list(sets)[:_MOST_SETS]
    ]
    ranges = []
    for name in found.outcomes:
        values = np.array([result[name] for result in results])
        spread = values[:, 0]
        words = interval(float(spread.min()), float(spread.max()), digits=4)
        text = t(
            "Open edges leave the effect on “{outcome}” between {range} ({n} adjustment sets).",
            outcome=name,
            range=words,
            n=number(len(results)),
        )
        ranges.append(text)
    return replace(found, warnings=(*found.warnings, *ranges))


# ---------------------------------------------------------------- the whole chain


def run(table: BehaviorTable, request: Request, *, progress: Progress = silent) -> Analysis:
    """Answer a question from start to end.

    Parameters
    ----------
    table
        One row per unit, as `ingest.read_table`, the timeline or `datasets` make it.
    request
        The question and every choice that was made; the rest are defaults.
    progress
        Called with the share done and a short message.

    Returns
    -------
    Analysis
        With effects, refutations and, where the graph is decided, one what-if scenario.
        `Analysis.headline` tells whether a number may be printed.

    Raises
    ------
    AnalysisError
        Whatever the analyst can mend; nothing is changed then.

    Examples
    --------
    >>> from causal_core import datasets, pipeline
    >>> table = datasets.simulate("linear", 600, seed=7).table
    >>> request = pipeline.Request(treatment="banner", outcomes=("click",), model="linear",
    ...     discover=False, refute=False)
    >>> analysis = pipeline.run(table, request)
    >>> analysis.effects.of("click").low < analysis.effects.of("click").value
    True
    """
    progress(0.0, t("Checking the question"))
    analysis = ask(table, request)
    progress(0.02, t("Finding the graph"))
    analysis = find_graph(analysis, request, progress=part(progress, 0.02, 0.2))
    analysis = identify(analysis, request)
    progress(0.2, t("Training the outcome model"))
    analysis = train_and_estimate(analysis, request, progress=part(progress, 0.2, 0.8))
    if request.refute:
        progress(0.8, t("Trying to break the estimate"))
        analysis = refute(analysis, request, progress=part(progress, 0.8, 0.95))
    if analysis.graph is not None:
        progress(0.95, t("Playing one scenario"))
        analysis = everyone_scenario(analysis, request)
    progress(1.0, t("Done"))
    return analysis


def everyone_scenario(analysis: Analysis, request: Request) -> Analysis:
    """Add the scenario “everyone gets the treated value” to an analysis with a decided graph."""
    question, graph = _question(analysis), analysis.graph
    if graph is None or question.treatment not in graph.nodes:
        return analysis
    lever = Intervention(
        column=question.treatment, operation="set", value=question.contrast.treated_value
    )
    spec = whatif.ScenarioSpec(
        name=t("Everyone"), interventions=(lever,), where=question.population
    )
    board = whatif.simulate(
        _table(analysis),
        graph,
        [spec],
        outcomes=[name for name in question.outcomes if name in graph.nodes],
        level=request.level,
        seed=request.seed,
    )
    return analysis.updated(scenarios=board)


def _table(analysis: Analysis) -> BehaviorTable:
    if analysis.table is None:
        raise NoTableError()
    return analysis.table


def _question(analysis: Analysis) -> CausalQuestion:
    if analysis.question is None:
        raise NotReadyError(needs=t("A question"), room=t("Data"))
    return analysis.question


def _estimand(analysis: Analysis) -> Estimand:
    if analysis.estimand is None:
        raise NotReadyError(needs=t("An identified question"), room=t("Data"))
    return analysis.estimand


# ---------------------------------------------------------------- what a job may run


def request_of(analysis: Analysis, settings: Mapping[str, object], seed: int) -> Request:
    """Return the request that a project's question and a job's settings make together."""
    question = _question(analysis)
    contrast = question.contrast
    return Request(
        treatment=question.treatment,
        outcomes=question.outcomes,
        contrast=contrast,
        kind=question.kind,
        population=question.population,
        assignment=question.assignment,
        model=str(settings.get("model", "mlp")),
        discover=bool(settings.get("discover", True)),
        seed=seed,
    )


def _answer_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    request = request_of(analysis, settings, context.seed)
    answered = run(_table(analysis), request, progress=progress)
    return answered.updated(truth=analysis.truth)


def _ingest_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    upload = context.store.upload(str(settings["upload"]), actor=context.actor)
    columns = settings.get("columns")
    known = ingest.ColumnMap.from_record(columns) if isinstance(columns, Mapping) else None
    table = ingest.read_table(
        upload.path, columns=known, name=upload.original_name, progress=progress
    )
    return analysis.updated(table=table, truth=None, question=None, knowledge=None)


Step = Callable[[Analysis, Mapping[str, object], Progress, "StepContext"], Analysis]

STEPS: dict[str, Step] = {
    "answer": _answer_step,
    "ingest": _ingest_step,
}
