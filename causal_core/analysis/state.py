"""Where one analysis stands. Each result rests on what it used; what no longer does, leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from causal_core.analysis.checks import gate
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
from causal_core.language import listing, t
from causal_core.question import CausalQuestion, EffectKind, Estimand, Payoff, plain_value
from causal_core.results import (
    Check,
    Effects,
    LabRuns,
    OutcomeModel,
    Policies,
    Refutations,
    Scenarios,
    Truth,
)
from causal_core.schema import COMPARABLE_KINDS, NUMERIC_KINDS, Column, Kind
from causal_core.table import BehaviorTable

SLOTS = (
    "table", "truth", "question", "payoff", "knowledge", "pattern", "graph", "estimand", "pilot",
    "model", "effects", "refutations", "scenarios", "policies", "lab",
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
    payoff: Payoff | None = None
    knowledge: Knowledge | None = None
    pattern: GraphPattern | None = None
    graph: CausalGraph | None = None
    estimand: Estimand | None = None
    pilot: Effects | None = None
    model: OutcomeModel | None = None
    effects: Effects | None = None
    refutations: Refutations | None = None
    scenarios: Scenarios | None = None
    policies: Policies | None = None
    lab: LabRuns | None = None

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
        return gate(self.estimand, self.effects, self.refutations)

    def break_even(self, outcome: str) -> float | None:
        """Return the effect per unit at which the treatment pays for itself, None if unknown.

        None also for everyone against today: those who are treated today cost nothing new.
        """
        against_today = self.question and self.question.kind is EffectKind.EVERYONE
        return None if against_today or not self.payoff else self.payoff.break_even(outcome)

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
