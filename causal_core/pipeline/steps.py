"""What a job may run, by name: `STEPS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from causal_core import ingest, whatif
from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError, NotIdentifiedError, NotInGraphError
from causal_core.graph import Knowledge
from causal_core.language import t
from causal_core.pipeline.chain import (
    ALPHA,
    Request,
    answer,
    ask,
    find_graph,
    identify,
    stated_order,
)
from causal_core.pipeline.comparable import SLOT, comparable
from causal_core.pipeline.lab import LabSettings, run_settings
from causal_core.pipeline.pilot import pilot
from causal_core.pipeline.strategy import choose
from causal_core.policy import BUDGET
from causal_core.progress import Progress, part

if TYPE_CHECKING:
    from causal_core.jobs import StepContext


def request_of(analysis: Analysis, settings: Mapping[str, object], seed: int) -> Request:
    """Return the request that a project's question and a job's settings make together."""
    question = analysis.need("question")
    return Request(
        treatment=question.treatment,
        outcomes=question.outcomes,
        contrast=question.contrast,
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
    """Answer the question; with the setting “pilot”, on a sample, and only for the pilot's slot."""
    request = request_of(analysis, settings, context.seed)
    if "pilot" in settings:
        units = int(_number(settings, "pilot", 0))
        return analysis.updated(pilot=pilot(analysis, request, units=units, progress=progress))
    asked = ask(analysis.need("table"), request).updated(
        knowledge=analysis.knowledge, pattern=analysis.pattern, graph=analysis.graph
    )
    answered = answer(asked, request, progress=progress)
    names = ("truth", "payoff", "pilot", "policies", "lab")
    beside = {name: getattr(analysis, name) for name in names}
    return _with_her_board(answered.updated(**beside), analysis)


def _with_her_board(answered: Analysis, before: Analysis) -> Analysis:
    """Keep the scenarios that she played, as long as they rest on the same table and graph."""
    if before.scenarios is None or before.question is None:
        return answered
    kept = answered.updated(scenarios=before.scenarios)
    same = before.question.outcomes == answered.need("question").outcomes
    return kept if same and kept.scenarios is not None else answered


def _discover_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Search the graph anew, whatever stands there; where no order is stated, without one."""
    request = replace(
        request_of(analysis, {}, context.seed),
        alpha=_number(settings, "alpha", ALPHA),
        bootstrap=int(_number(settings, "bootstrap", 0)),
    )
    ordered = stated_order(analysis.need("table")).tier_of(request.treatment)
    request = request if ordered else replace(request, knowledge=Knowledge())
    progress(0.0, t("Finding the graph"))
    bare = analysis.updated(pattern=None, graph=None)
    found = find_graph(bare, request, progress=part(progress, 0.0, 0.98))
    if found.pattern is None:
        raise NotInGraphError(column=request.treatment)
    try:
        return identify(found, request)
    except NotIdentifiedError:  # the pattern stands, and says why
        return found.updated(estimand=None)


def _number(settings: Mapping[str, object], name: str, usual: float) -> float:
    value = settings.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadSettingError(setting=name, value=value, allowed=t("a number"))
    return value


def _ingest_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    upload = context.store.upload(str(settings["upload"]), actor=context.actor)
    columns = settings.get("columns")
    known = ingest.ColumnMap.from_record(columns) if isinstance(columns, Mapping) else None
    table = ingest.read_table(
        upload.path, columns=known, name=upload.original_name, progress=progress
    )
    return analysis.updated(table=table, truth=None, question=None, knowledge=None, graph=None)


def _whatif_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Play a whole board; it replaces the one before."""
    if analysis.graph is None and analysis.pattern is not None:
        analysis.pattern.orient()  # says which edges are open
    board = whatif.simulate(
        analysis.need("table"),
        analysis.need("graph"),
        whatif.read_specs(settings.get("scenarios")),
        outcomes=analysis.need("question").outcomes,
        seed=context.seed,
        progress=progress,
    )
    return analysis.updated(scenarios=board)


def _policy_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Choose whom to treat within a budget, by the payoff that stands."""
    outcome = settings.get("outcome")
    return choose(
        analysis,
        outcome=None if outcome is None else str(outcome),
        budget=_number(settings, "budget", BUDGET),
        seed=context.seed,
        progress=progress,
    )


def _overlap_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Tell who is comparable before any training; it is kept beside the analysis."""
    request = request_of(analysis, settings, context.seed)
    found = comparable(analysis, request, progress=progress)
    context.store.keep(context.project_id, SLOT, found, actor=context.actor)
    return analysis


def _lab_step(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Run the truth lab; its runs replace those before. Nothing of the project goes in."""
    wanted = LabSettings.read(settings, first_seed=context.seed)
    return analysis.updated(lab=run_settings(wanted, progress=progress))


Step = Callable[[Analysis, Mapping[str, object], Progress, "StepContext"], Analysis]

STEPS: dict[str, Step] = {
    "answer": _answer_step,
    "discover": _discover_step,
    "ingest": _ingest_step,
    "lab": _lab_step,
    "overlap": _overlap_step,
    "policy": _policy_step,
    "whatif": _whatif_step,
}
