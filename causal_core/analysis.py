"""Where one analysis stands. Each result rests on what it used; what no longer does, leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from causal_core.errors import (
    BadSettingError,
    ConstantColumnError,
    MissingValuesError,
    NoTableError,
    NotReadyError,
    OneClassOutcomeError,
    WrongKindError,
)
from causal_core.graph import CausalGraph, GraphPattern, Knowledge
from causal_core.language import interval, listing, number, t
from causal_core.question import (
    CausalQuestion,
    Estimand,
    SetSource,
    Status,
    Strategy,
    plain_value,
)
from causal_core.results import (
    Check,
    EffectEstimate,
    Effects,
    Method,
    OutcomeModel,
    Refutation,
    Refutations,
    Scenarios,
    Truth,
)
from causal_core.schema import COMPARABLE_KINDS, NUMERIC_KINDS, Column, Kind
from causal_core.table import BehaviorTable

LEAST_EVENTS = 20.0
FEW_EVENTS = 50.0
SLOTS = (
    "table", "truth", "question", "knowledge", "pattern", "graph",
    "estimand", "model", "effects", "refutations", "scenarios",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The results so far. Replace one through `updated`: what no longer rests on it is dropped.

    Each result carries a ``basis``: slot name → fingerprint of what it used. A result stays
    exactly as long as all of these are current, so an edge edit that leaves population,
    treatment and adjustment set alone drops no estimate.
    """

    table: BehaviorTable | None = None
    truth: Truth | None = None
    question: CausalQuestion | None = None
    knowledge: Knowledge | None = None
    pattern: GraphPattern | None = None
    graph: CausalGraph | None = None
    estimand: Estimand | None = None
    model: OutcomeModel | None = None
    effects: Effects | None = None
    refutations: Refutations | None = None
    scenarios: Scenarios | None = None

    def updated(self, **results: object) -> Analysis:
        """Return the analysis with `results` in place and all that lost its basis gone."""
        return replace(self, **results)._pruned()  # type: ignore[arg-type]

    def _pruned(self) -> Analysis:
        kept = self
        while lost := [name for name in SLOTS if not kept._rests(name)]:
            kept = replace(kept, **dict.fromkeys(lost))
        return kept

    def _rests(self, name: str) -> bool:
        basis: Mapping[str, str] | None = getattr(getattr(self, name), "basis", None)
        return all(self.fingerprint_of(slot) == digest for slot, digest in (basis or {}).items())

    def fingerprint_of(self, slot: str) -> str | None:
        """Return the fingerprint of what stands in a slot, or None where it is empty."""
        return getattr(getattr(self, slot, None), "fingerprint", None)

    def asking(
        self, question: CausalQuestion, *, before: Collection[str] | None = None
    ) -> Analysis:
        """Put a question to the table: the columns named in it play their parts from here on.

        Parameters
        ----------
        question
            Its treatment, outcomes and population must fit the table.
        before
            Columns that were known before the treatment; every other column that is not named
            in the question then counts as “don't know”. None leaves the stated roles alone.

        Notes
        -----
        Knowledge that went before other roles is dropped: she may have taken back what it says.

        Raises
        ------
        NoTableError, ColumnMissingError, WrongKindError, BadSettingError, TooFewUnitsError,
        ExpressionError, ConstantColumnError, OneClassOutcomeError
        """
        if self.table is None:
            raise NoTableError()
        table, named = self.table, (question.treatment, *question.outcomes)
        table.require(*named, *(before or ()))
        if not question.outcomes or question.treatment in question.outcomes:
            value = listing(question.outcomes) if question.outcomes else t("empty")
            allowed = t("one or more columns other than the treatment")
            raise BadSettingError(setting=t("outcome"), value=value, allowed=allowed)
        schema = table.schema
        _require_kind(schema[question.treatment], t("treatment"), COMPARABLE_KINDS)
        for outcome in question.outcomes:
            _require_kind(schema[outcome], t("outcome"), NUMERIC_KINDS)
        if before is not None:
            schema = schema.known_before([name for name in before if name not in named])
        asked = table.with_schema(schema.asking(question.treatment, question.outcomes))
        _require_variation(asked.select(question.population), question)
        knowledge = self.knowledge if asked.schema == table.schema else None
        return self.updated(table=asked, question=question, knowledge=knowledge)

    def filled(self) -> dict[str, object]:
        """Return what stands in each slot that is not empty."""
        present = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in present if value is not None}

    def need(self, slot: str) -> Any:  # noqa: ANN401 - each slot holds another noun
        """Return what stands in a slot, or say which room makes it.

        Raises
        ------
        NoTableError, NotReadyError
        """
        value = getattr(self, slot)
        if value is None and slot == "table":
            raise NoTableError()
        if value is None:
            raise NotReadyError(needs=_thing(slot), room=_room(slot))
        return value

    def checks(self) -> tuple[Check, ...]:
        """Return the gate before the headline, one line each, in the order they are shown."""
        return (
            _time_check(self.estimand),
            _identification_check(self.estimand),
            _overlap_check(self.effects),
            _events_check(self.effects),
            _refutation_check(self.refutations, self.effects, self.estimand),
        )

    @property
    def headline(self) -> bool:
        """Whether a headline number may be printed: there is one, and every check passed."""
        return self.effects is not None and all(check.passed is True for check in self.checks())

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """The names of the checks that failed or were not done."""
        return tuple(check.name for check in self.checks() if check.passed is not True)


def _require_variation(asked: BehaviorTable, question: CausalQuestion) -> None:
    """Refuse a question about columns that never vary, before it replaces an earlier one."""
    for name in (question.treatment, *question.outcomes):
        values = asked.frame[name].dropna().unique()
        if len(values) > 1:
            continue
        part = t("treatment") if name == question.treatment else t("outcome")
        if not len(values):
            rows = len(asked)
            raise MissingValuesError(column=name, count=rows, rows=rows, row=1, part=part)
        value = plain_value(values[0])
        if name == question.treatment:
            raise ConstantColumnError(column=name, value=value, rows=len(asked), part=part)
        where = t("that the question is about")
        raise OneClassOutcomeError(column=name, value=value, rows=len(asked), where=where)


def _require_kind(column: Column, part: str, allowed: Collection[Kind]) -> None:
    if column.kind not in allowed:
        kinds = ", ".join(kind.value for kind in allowed)
        raise WrongKindError(column=column.name, kind=column.kind.value, part=part, allowed=kinds)


def _thing(slot: str) -> str:
    names = {
        "question": t("A question"),
        "estimand": t("An identified question"),
        "graph": t("A decided graph"),
        "effects": t("An effect"),
    }
    return names.get(slot, slot)


def _room(slot: str) -> str:
    rooms = {"question": t("Data"), "estimand": t("Data"), "graph": t("Graph")}
    return rooms.get(slot, t("Effects"))


# ---------------------------------------------------------------- checks


def _time_check(estimand: Estimand | None) -> Check:
    title = t("Order in time")
    if estimand is None:
        return Check(name="time_order", title=title, passed=None, sentence=t("Not asked yet."))
    if estimand.time_ordered:
        sentence = t("Everything adjusted for was known before the treatment.")
        return Check(name="time_order", title=title, passed=True, sentence=sentence)
    return Check(
        name="time_order",
        title=title,
        passed=False,
        sentence=t("Nobody stated what was known before the treatment: associational only."),
        remedy=t("Say for each column when it was known, or bring data with an order in time."),
    )


def _identification_check(estimand: Estimand | None) -> Check:
    name, title = "identification", t("Identified")
    if estimand is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not asked yet."))
    columns = len(estimand.adjustment_set)
    if not estimand.time_ordered:
        sentence = t("Adjusted for {n} columns; nobody stated when they were known.", n=columns)
        remedy = t("State the order in time first.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    if estimand.status is not Status.YES:
        sentence = t("The answer depends on edges that have no direction yet.")
        remedy = t("Decide the open edges in the graph.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    nothing_known = estimand.source is SetSource.ROLES and not columns
    if nothing_known and estimand.strategy is Strategy.BACKDOOR:
        sentence = t("Nothing is known about the units before the treatment: nothing is adjusted.")
        remedy = t("Bring columns from before the treatment, or say that chance decided.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    words = {
        SetSource.GRAPH: t("{n} columns close every back-door path of the graph.", n=columns),
        SetSource.PATTERN: t(
            "{n} columns close every back-door path, however the open edges point.", n=columns
        ),
        SetSource.ANALYST: t("Adjusted for {n} columns that the analyst chose.", n=columns),
        SetSource.ROLES: t("Adjusted for all {n} columns known before the treatment.", n=columns),
    }
    return Check(name=name, title=title, passed=True, sentence=words[estimand.source])


def _overlap_check(effects: Effects | None) -> Check:
    name, title = "overlap", t("Comparable")
    if effects is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not estimated yet."))
    remedy = (
        ""
        if effects.overlap.sufficient
        else t("Restrict the population to units that could have had either value.")
    )
    return Check(
        name=name,
        title=title,
        passed=effects.overlap.sufficient,
        sentence=effects.overlap.sentence,
        remedy=remedy,
    )


def _events_check(effects: Effects | None) -> Check:
    name, title = "effective_events", t("Enough events")
    if effects is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not estimated yet."))
    least = {e.outcome: min(e.effective_events) for e in effects.primaries() if e.effective_events}
    rare = [outcome for outcome, events in least.items() if not events >= LEAST_EVENTS]
    if rare:
        return Check(
            name=name,
            title=title,
            passed=False,
            sentence=t(
                "Fewer than {n} effective events for {names}.",
                n=number(LEAST_EVENTS),
                names=listing(rare),
            ),
            remedy=t("Use a longer outcome window, an earlier funnel stage, or more units."),
        )
    fewest = min(least.values(), default=float("inf"))
    if fewest == float("inf"):
        return Check(name=name, title=title, passed=True, sentence=t("No outcome is a rare event."))
    sentence = t("At least {n} effective events in each group.", n=number(fewest))
    return Check(name=name, title=title, passed=True, sentence=sentence)


def _refutation_check(
    refutations: Refutations | None, effects: Effects | None, estimand: Estimand | None
) -> Check:
    name, title = "refutation", t("Attempts to break it")
    if refutations is None or effects is None:
        sentence = t("Nobody has tried to break the estimate yet.")
        remedy = t("Run the refutations.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    broken = [attempt for attempt in refutations.attempts if attempt.passed is False]
    if broken:
        sentence = attempt_sentence(broken[0], causal=estimand is not None and estimand.causal)
        remedy = t("Look for a missing confounder or a leaking column before you trust the number.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    judged = [attempt for attempt in refutations.attempts if attempt.passed is True]
    if not judged:
        sentence, remedy = t("No attempt could be judged."), t("Run the refutations.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    sentence = t("{n} attempts, none succeeded.", n=len(judged))
    return Check(name=name, title=title, passed=True, sentence=sentence)


# ---------------------------------------------------------------- verdict


class Verdict(StrEnum):
    """The answer in a word, from interval, zero and break-even (ROOMS 4)."""

    PAYS = "pays"
    MAY_NOT_PAY = "may_not_pay"
    DOES_NOT_PAY = "does_not_pay"
    RAISES = "raises"
    CANNOT_TELL = "cannot_tell"
    LOWERS = "lowers"
    HARMS = "harms"
    NO_ANSWER = "no_answer"


def verdict(estimate: EffectEstimate, *, allowed: bool, break_even: float | None = None) -> Verdict:
    """Return the verdict on one estimate; `allowed` is whether every check passed."""
    if not allowed:
        return Verdict.NO_ANSWER
    if not (estimate.low > 0 or estimate.high < 0):  # an interval without ends tells nothing
        return Verdict.CANNOT_TELL
    if estimate.high < 0:
        return Verdict.HARMS if break_even is not None else Verdict.LOWERS
    if break_even is None:
        return Verdict.RAISES
    if estimate.low > break_even:
        return Verdict.PAYS
    return Verdict.MAY_NOT_PAY if estimate.high > break_even else Verdict.DOES_NOT_PAY


def verdict_words(value: Verdict) -> str:
    """Return the verdict as it stands on the screen and in the report."""
    return {
        Verdict.PAYS: t("Pays"),
        Verdict.MAY_NOT_PAY: t("Works, may not pay"),
        Verdict.DOES_NOT_PAY: t("Works, does not pay"),
        Verdict.RAISES: t("Raises"),
        Verdict.CANNOT_TELL: t("Cannot tell"),
        Verdict.LOWERS: t("Lowers"),
        Verdict.HARMS: t("Harms"),
        Verdict.NO_ANSWER: t("No answer"),
    }[value]


def per_thousand(estimate: EffectEstimate) -> str:
    """Return “+12, 4 to 20” per 1,000 units for a binary outcome, else in the outcome's unit."""
    scale, digits = (1000.0, 0) if estimate.effective_events is not None else (1.0, 3)
    if scale * max(abs(estimate.low), abs(estimate.high)) < 10:  # noqa: PLR2004 - small counts
        digits = max(digits, 1)
    value = number(scale * estimate.value, digits=digits, signed=True)
    return f"{value}, {interval(scale * estimate.low, scale * estimate.high, digits=digits)}"


def raw_difference(effects: Effects, outcome: str) -> EffectEstimate:
    """Return the naive estimate that stands beside the primary one."""
    return effects.of(outcome, Method.NAIVE)


def attempt_title(name: str) -> str:
    """Return what an attempt to break an estimate did, as it stands on the screen."""
    return {
        "placebo_treatment": t("A shuffled treatment"),
        "random_common_cause": t("A made-up common cause"),
        "data_subset": t("Random halves of the data"),
        "e_value": t("A hidden cause"),
    }.get(name, name.replace("_", " "))


def attempt_sentence(attempt: Refutation, *, causal: bool) -> str:
    """Return what an attempt found; where the answer is no causal one, without such words."""
    if causal:
        return attempt.sentence
    return {
        True: t("The difference between the groups behaves as it should."),
        False: t("The difference between the groups does not behave as it should."),
        None: t("For information only."),
    }[attempt.passed]
