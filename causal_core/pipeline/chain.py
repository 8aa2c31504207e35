"""The chain, link by link: each function hands one step what it needs of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
from causal_core.errors import (
    AnalysisError,
    BadSettingError,
    CancelledError,
    NoTableError,
    NotInGraphError,
)
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
from causal_core.results import Effects, Intervention, Refit, basis_of
from causal_core.schema import COMPARABLE_KINDS
from causal_core.table import BehaviorTable

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
    bootstrap: int = 0
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
        if self.seed < 0:
            raise BadSettingError(
                setting="seed", value=self.seed, allowed=t("a whole number from 0 on")
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
    """Take the given graph, or the one that stands; else discover where an order is stated.

    Raises
    ------
    NotInGraphError
        If the graph that stands says nothing about treatment or outcome.
    """
    table = analysis.need("table")
    standing = analysis.graph or analysis.pattern
    if request.graph is None and standing is not None and request.adjust is None:
        _require_ends(standing, request)
        return analysis
    if request.graph is not None:
        table.require(*request.graph.nodes)
        slot = "graph" if isinstance(request.graph, CausalGraph) else "pattern"
        return analysis.updated(**{slot: request.graph})
    knowledge, columns = request.knowledge, None
    if knowledge is None and request.discover and request.adjust is None:
        knowledge = stated_order(table)
        columns = [name for tier in knowledge.tiers for name in tier]
    if knowledge is None or (columns is not None and not _orders(knowledge, request)):
        return analysis
    question = analysis.need("question")
    pattern = discovery.discover(
        table.select(question.population),
        knowledge,
        alpha=request.alpha,
        bootstrap=request.bootstrap,
        columns=columns,
        seed=request.seed,
        progress=progress,
    )
    if not {question.treatment, *question.outcomes} <= set(pattern.nodes):
        return analysis.updated(knowledge=knowledge)  # the fit says what is wrong with them
    used = {"question": question} if question.population else {}
    pattern = replace(pattern, basis=basis_of(table=table, **used))
    graph = None
    if not pattern.undirected:
        graph = replace(pattern.orient(), basis=basis_of(pattern=pattern))
    return analysis.updated(knowledge=knowledge, pattern=pattern, graph=graph)


def _require_ends(graph: GraphPattern | CausalGraph, request: Request) -> None:
    for name in (request.treatment, *request.outcomes):
        if name not in graph.nodes:
            raise NotInGraphError(column=name)


def stated_order(table: BehaviorTable) -> Knowledge:
    """Return the order in time that the roles of the columns state."""
    names = [
        column.name
        for column in table.schema
        if column.role in discovery.ROLES and column.kind in COMPARABLE_KINDS
    ]
    return Knowledge.from_tiers(table.schema.tiers(names))


def _orders(knowledge: Knowledge, request: Request) -> bool:
    """Tell whether stated roles put something before the treatment."""
    treatment = knowledge.tier_of(request.treatment)
    return treatment is not None and treatment > 0


def identify(analysis: Analysis, request: Request) -> Analysis:
    """Find the adjustment set: from the graph or pattern, the analyst, or the roles."""
    table, question = analysis.need("table"), analysis.need("question")
    graph = analysis.graph or analysis.pattern
    if graph is not None:
        estimand = identification.identify(
            graph, question, table=table, knowledge=analysis.knowledge
        )
    else:
        estimand = identification.adjust(
            question, table, request.adjust, knowledge=analysis.knowledge
        )
    basis = {**(estimand.basis or {}), **basis_of(table=table)}  # whose columns were known when
    return analysis.updated(estimand=replace(estimand, basis=basis))


def train_and_estimate(
    analysis: Analysis, request: Request, *, progress: Progress = silent
) -> Analysis:
    """Train the outcome model and estimate every outcome by every method."""
    table, estimand = analysis.need("table"), analysis.need("estimand")
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
    attempts = refutation.refute(
        analysis.need("table"),
        analysis.need("effects"),
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
        found = effects.estimate(table, estimand, model, seed=seed, segments=False)
        return {e.outcome: (e.value, e.standard_error) for e in found.primaries()}

    return refit


def _with_range(found: Effects, analysis: Analysis, request: Request) -> Effects:
    """Add, for each outcome, the range of the estimate over the directions of the open edges."""
    if analysis.pattern is None:
        return found
    sets = identification.adjustment_sets_by_orientation(
        analysis.pattern,
        analysis.need("question"),
        covariates=identification.known_before(analysis.pattern, analysis.need("table")),
    )
    refit, estimand = light_refit(request.seed), found.estimand
    results = [
        refit(analysis.need("table"), replace(estimand, adjustment_set=tuple(chosen)))
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
    return answer(ask(table, request), request, progress=progress)


def answer(analysis: Analysis, request: Request, *, progress: Progress = silent) -> Analysis:
    """Answer the question that an analysis asks; a graph that stands in it is used, not redone.

    Raises
    ------
    AnalysisError
        Whatever the analyst can mend.
    """
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
    """Add the scenario “everyone gets the treated value”, where graph and table allow one."""
    question, graph, model = analysis.need("question"), analysis.graph, analysis.model
    if graph is None or model is None:
        return analysis
    lever = Intervention(column=question.treatment, operation="set", value=model.arms[1])
    spec = whatif.ScenarioSpec(
        name=t("Everyone"), interventions=(lever,), where=question.population
    )
    try:
        board = whatif.simulate(
            analysis.need("table"),
            graph,
            [spec],
            outcomes=question.outcomes,
            level=request.level,
            seed=request.seed,
        )
    except CancelledError:
        raise
    except AnalysisError:  # nobody asked for it: the answer stands without
        return analysis
    return analysis.updated(scenarios=board)
