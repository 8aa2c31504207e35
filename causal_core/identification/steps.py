"""The steps: what a graph says about a question, and the estimand that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from causal_core.errors import BadSettingError, NotIdentifiedError, WrongKindError
from causal_core.graph import CausalGraph, GraphPattern, Knowledge, Provenance
from causal_core.identification.backdoor import Backdoor, Names, check, has_hidden
from causal_core.identification.order import is_ordered
from causal_core.identification.orientations import Certain, Family
from causal_core.language import listing, t
from causal_core.question import (
    Assignment,
    CausalQuestion,
    Estimand,
    Identification,
    SetSource,
    Status,
    Strategy,
)
from causal_core.results import basis_of
from causal_core.schema import NUMERIC_KINDS, Kind, Known
from causal_core.table import BehaviorTable

_USABLE = (*NUMERIC_KINDS, Kind.CATEGORY)


def diagnose(
    graph: CausalGraph | GraphPattern,
    question: CausalQuestion,
    *,
    covariates: Collection[str] | None = None,
) -> Identification:
    """Return what a graph says about a question, by the back-door criterion.

    Loads networkx only, so that a page can ask at every edit.

    Parameters
    ----------
    graph
        A decided graph, or a pattern with open edges.
    question
        Its treatment and outcomes; one adjustment set serves all outcomes.
    covariates
        Columns known before the treatment. With them the default set is all of these that are
        no consequence of the treatment, so that an edge which the data did not show removes no
        confounder. Without them: all causes of treatment or outcome in the graph.

    Returns
    -------
    Identification
        `yes` if one set is valid in the graph, or in every DAG of the pattern; `depends` if
        only some DAGs have one; `no` with the open paths in words.

    Raises
    ------
    ColumnMissingError
        If treatment or outcome is no node of the graph.

    References
    ----------
    Pearl (1993), Statistical Science 8; Van der Zander, Liskiewicz and Textor (2014), UAI.

    Examples
    --------
    >>> from causal_core.graph import Edge
    >>> arrows = [("activity", "banner"), ("activity", "purchase"), ("banner", "purchase")]
    >>> graph = CausalGraph(nodes=("activity", "banner", "purchase"),
    ...                     edges=tuple(Edge(source=a, target=b) for a, b in arrows))
    >>> diagnose(graph, CausalQuestion(treatment="banner", outcomes=("purchase",))).adjustment_set
    ('activity',)
    """
    check(graph.nodes, question)
    if question.treatment in question.outcomes:
        others = t("a treatment that is not among the outcomes")
        raise BadSettingError(setting="treatment", value=question.treatment, allowed=others)
    known = None if covariates is None else frozenset(covariates)
    if isinstance(graph, GraphPattern) and graph.undirected:
        found = _of_pattern(graph, question, known)
    else:
        decided = graph.orient() if isinstance(graph, GraphPattern) else graph
        found = _of_graph(Backdoor(graph=decided, question=question, covariates=known))
    return found


def _of_graph(seen: Backdoor) -> Identification:
    chosen = seen.default()
    if seen.question.assignment is Assignment.CHANCE:
        return _by_chance(seen)
    if chosen is None:
        return _not_identified(seen)
    return Identification(
        status=Status.YES,
        strategy=Strategy.BACKDOOR,
        adjustment_set=chosen,
        minimal_sets=seen.minimal_sets(),
        bad_controls=seen.bad_controls,
        sentence=_sentence(chosen, causal=seen.causal, question=seen.question),
    )


def _by_chance(seen: Backdoor) -> Identification:
    """Return the answer of an experiment: nothing has to be adjusted for; it only sharpens."""
    return Identification(
        status=Status.YES,
        strategy=Strategy.RANDOMISED,
        adjustment_set=seen.default() or (),
        minimal_sets=((),),
        bad_controls=seen.bad_controls,
        sentence=t("Identified: chance decided who was treated. Covariates only sharpen it."),
    )


def _not_identified(seen: Backdoor) -> Identification:
    most = seen.allowed & seen.ancestors
    paths = seen.open_paths(most)
    return Identification(
        status=Status.NO,
        strategy=Strategy.NONE,
        open_paths=paths,
        bad_controls=seen.bad_controls,
        sentence=t(
            "Not identified: {path} stays open, whatever is adjusted for.",
            path="; ".join(paths),
        ),
    )


def _sentence(chosen: Names, *, causal: bool, question: CausalQuestion) -> str:
    count = len(chosen)
    if not count:
        text = t("Identified: no back-door path is open.")
    elif count == 1:
        text = t("Identified: “{name}” closes every back-door path.", name=chosen[0])
    else:
        text = t("Identified: {count} columns close every back-door path.", count=count)
    if causal:
        return text
    outcomes = listing(list(question.outcomes))
    nothing = t(
        "No arrow leads from “{treatment}” to {outcomes}: by this graph the effect is zero.",
        treatment=question.treatment,
        outcomes=outcomes,
    )
    return f"{text} {nothing}"


def _of_pattern(
    pattern: GraphPattern, question: CausalQuestion, known: frozenset[str] | None
) -> Identification:
    certain = Certain.of(pattern, question, known)
    if certain is not None and question.assignment is not Assignment.CHANCE:
        chosen = certain.adjustment_set
        text = _sentence(chosen, causal=certain.causal, question=question)
        return Identification(
            status=Status.YES,
            strategy=Strategy.BACKDOOR,
            adjustment_set=chosen,
            minimal_sets=certain.minimal_sets,
            bad_controls=certain.bad_controls,
            sentence=text + " " + t("So it is however the open edges point."),
        )
    family = Family.of(pattern, question, known)
    answers = [_of_graph(member) for member in family.members]
    if all(answer.status is Status.NO for answer in answers):
        return answers[0]
    if question.assignment is Assignment.CHANCE:
        return answers[0]
    chosen_by_all = family.common_set()
    if chosen_by_all is None:
        return _depends(family, answers)
    causal = any(member.causal for member in family.members)
    text = _sentence(chosen_by_all, causal=causal, question=question)
    return Identification(
        status=Status.YES,
        strategy=Strategy.BACKDOOR,
        adjustment_set=chosen_by_all,
        minimal_sets=family.minimal_sets(),
        bad_controls=family.bad_controls,
        sentence=f"{text} {_scope(family)}",
    )


def _scope(family: Family) -> str:
    count = len(family.members)
    if family.complete:
        return t("So it is in each of the {count} ways to direct the open edges.", count=count)
    return t("So it is in {count} ways to direct the open edges, drawn at random.", count=count)


def _depends(family: Family, answers: Sequence[Identification]) -> Identification:
    good = [answer for answer in answers if answer.status is not Status.NO]
    sets = dict.fromkeys(answer.adjustment_set for answer in good)
    never = len(answers) - len(good)
    text = t(
        "It depends on the open edges: {sets} different adjustment sets over {count} ways to direct"
        " them.",
        sets=len(sets),
        count=len(answers),
    )
    if never:
        text += " " + t("In {count} of them no set is valid.", count=never)
    return Identification(
        status=Status.DEPENDS,
        strategy=Strategy.BACKDOOR,
        adjustment_set=good[0].adjustment_set,
        open_paths=tuple(dict.fromkeys(path for answer in answers for path in answer.open_paths)),
        bad_controls=family.bad_controls,
        sentence=text,
    )


def identify(
    graph: CausalGraph | GraphPattern,
    question: CausalQuestion,
    *,
    table: BehaviorTable | None = None,
    knowledge: Knowledge | None = None,
) -> Estimand:
    """Return the estimand that a graph gives a question.

    Parameters
    ----------
    graph
        A decided graph or a pattern. Where data had a part in it, a missing edge removes no
        covariate: all that `table` says were known before the treatment are adjusted for.
    question
        Treatment, contrast and outcomes.
    table
        Its schema says when each column was known. Without it and without `knowledge` nobody
        stated an order in time, and the estimand says so.
    knowledge
        Stated tiers; they state an order in time, too.

    Returns
    -------
    Estimand
        With status `depends` where the open edges decide: then the set is that of one
        direction, and `adjustment_sets_by_orientation` gives the others.

    Raises
    ------
    NotIdentifiedError
        With the open path in words and what would help.
    ColumnMissingError
        If treatment or outcome is no node of the graph.
    """
    covariates = known_before(graph, table)
    found = diagnose(graph, question, covariates=covariates)
    if found.status is Status.NO:
        raise NotIdentifiedError(
            treatment=question.treatment,
            outcome=", ".join(question.outcomes),
            reason=t("the path {path} stays open.", path="; ".join(found.open_paths)),
            help=_remedy(question, found.open_paths),
        )
    pattern = isinstance(graph, GraphPattern)
    return Estimand(
        question=question,
        adjustment_set=found.adjustment_set,
        status=found.status,
        strategy=found.strategy,
        source=SetSource.PATTERN if pattern else SetSource.GRAPH,
        time_ordered=is_ordered(question, found.adjustment_set, table, knowledge),
        assumptions=_assumptions(graph),
        basis=basis_of(question=question, **{"pattern" if pattern else "graph": graph}),
    )


def _is_from_data(graph: CausalGraph | GraphPattern) -> bool:
    found = any(edge.provenance is not Provenance.ANALYST for edge in graph.edges)
    return found or not graph.edges or bool(getattr(graph, "test", ""))


def known_before(
    graph: CausalGraph | GraphPattern, table: BehaviorTable | None
) -> tuple[str, ...] | None:
    """Return what is adjusted for whatever a graph from data shows; None where it was drawn."""
    if table is None or not _is_from_data(graph):
        return None
    return table.schema.covariates()


def _remedy(question: CausalQuestion, paths: Sequence[str]) -> str:
    hidden = [path for path in paths if "hidden cause of" in path]
    if hidden:
        return t("Measure the hidden cause, or choose another question.")
    if any(path.split(" ← ")[-1] in question.outcomes for path in paths):
        return t("Turn the edge if the treatment comes first, or choose another question.")
    return t("Measure what lies on this path before the treatment, or choose another question.")


def _assumptions(graph: CausalGraph | GraphPattern) -> tuple[str, ...]:
    stated = [t("No common cause of treatment and outcome is missing from the graph.")]
    if isinstance(graph, CausalGraph) and has_hidden(graph):
        stated = [t("The hidden common causes drawn in the graph are all there are.")]
    if _is_from_data(graph):
        stated.append(t("The graph was searched in data: intervals are conditional on it."))
    stated.append(t("No unit's treatment reaches another unit's outcome."))
    return tuple(stated)


def adjust(
    question: CausalQuestion,
    table: BehaviorTable,
    adjustment_set: Sequence[str] | None = None,
    *,
    knowledge: Knowledge | None = None,
) -> Estimand:
    """Return the estimand for a set of the analyst's, or for all covariates known before.

    Parameters
    ----------
    question
        Treatment, contrast and outcomes, all columns of `table`.
    table
        Its schema says which columns were known before the treatment.
    adjustment_set
        The columns to adjust for; None takes every covariate.
    knowledge
        Stated tiers; they state an order in time, too.

    Raises
    ------
    ColumnMissingError, WrongKindError
        If a column is not there, or is a time, an id or a text.
    BadSettingError
        If the set holds the treatment, an outcome, or a column stated as known afterwards.
    """
    table.require(question.treatment, *question.outcomes)
    schema = table.schema
    if adjustment_set is None:
        chosen = [name for name in schema.covariates() if schema[name].kind in _USABLE]
    else:
        table.require(*adjustment_set)
        chosen = list(dict.fromkeys(adjustment_set))
        _require_controls(chosen, question, table)
    ends = {question.treatment, *question.outcomes}
    names = tuple(name for name in chosen if name not in ends)
    chance = question.assignment is Assignment.CHANCE
    return Estimand(
        question=question,
        adjustment_set=names,
        strategy=Strategy.RANDOMISED if chance else Strategy.BACKDOOR,
        source=SetSource.ROLES if adjustment_set is None else SetSource.ANALYST,
        time_ordered=is_ordered(question, names, table, knowledge),
        assumptions=(
            t("The columns adjusted for hold every common cause of treatment and outcome."),
            t("No unit's treatment reaches another unit's outcome."),
        ),
        basis=basis_of(question=question),
    )


def _require_controls(names: Sequence[str], question: CausalQuestion, table: BehaviorTable) -> None:
    for name in names:
        column = table.schema[name]
        if column.kind not in _USABLE:
            raise WrongKindError(
                column=name,
                kind=column.kind.value,
                part=t("covariate"),
                allowed=", ".join(kind.value for kind in _USABLE),
            )
        if name in (question.treatment, *question.outcomes) or column.known is Known.AFTER:
            raise BadSettingError(
                setting=t("adjustment set"),
                value=t("with “{name}” in it", name=name),
                allowed=t("columns known before the treatment"),
            )
