"""The widgets that make a scenario: levers, for whom, and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from causal_core import expression
from causal_core.errors import AnalysisError
from causal_core.graph import CausalGraph
from causal_core.language import interval, number, t
from causal_core.question import CausalQuestion
from causal_core.report.words import lever_words
from causal_core.results import Intervention, Scenario
from causal_core.schema import COMPARABLE_KINDS, Column, Kind, Role
from causal_core.table import BehaviorTable
from pages.shared.wording import label

_PARTS = (Role.TREATMENT, Role.POSITION, Role.HISTORY, Role.ATTRIBUTE)
_SIGNS = {"set": "=", "shift": "+=", "scale": "*="}
_MOST_LEVELS = 200


@dataclass(frozen=True)
class Draft:
    """A scenario that has not been played yet."""

    name: str = ""
    levers: tuple[Intervention, ...] = ()
    where: str = ""

    @property
    def record(self) -> dict[str, object]:
        """The scenario as a job's settings say it."""
        name = self.name.strip() or ", ".join(lever_words(lever) for lever in self.levers)
        where = self.where.strip() or None
        return {"name": name, "do": [written(lever) for lever in self.levers], "where": where}


@dataclass
class Desk:
    """What the widgets were drawn from (`start`) and what stands in them `now`.

    A new `version` draws them anew; so does coming back from another room.
    """

    start: Draft
    now: Draft = field(default_factory=Draft)
    version: int = 0

    def put(self, draft: Draft) -> None:
        """Draw the widgets anew with another draft."""
        self.start, self.now, self.version = draft, draft, self.version + 1


def desk(project_id: str, first: Draft) -> Desk:
    """Return this tab's desk for a project, with `first` on it at the beginning."""
    made: Desk = st.session_state.setdefault(f"desk-{project_id}", Desk(start=first, now=first))
    return made


def written(lever: Intervention) -> str:
    """Return a lever as ``whatif.parse`` reads it, whatever the names hold.

    Examples
    --------
    >>> written(Intervention(column="a = b", operation="shift", value=2.0))
    '`a = b`+=2.0'
    """
    value = f"'{lever.value}'" if isinstance(lever.value, str) else repr(float(lever.value))
    return f"`{lever.column}`{_SIGNS[lever.operation]}{value}"


def record_of(scenario: Scenario) -> dict[str, object]:
    """Return a played scenario as a job's settings say it."""
    return draft_of(scenario).record


def draft_of(scenario: Scenario) -> Draft:
    """Return a played scenario as a draft."""
    return Draft(scenario.name, scenario.interventions, scenario.where or "")


def all_at(question: CausalQuestion, value: float | str, name: str) -> Draft:
    """Return the scenario in which the whole population gets one treatment value."""
    lever = Intervention(column=question.treatment, operation="set", value=value)
    return Draft(name, (lever,), question.population or "")


def columns(table: BehaviorTable, graph: CausalGraph) -> dict[str, Column]:
    """Return what may be a lever: columns of the graph known at or before the treatment."""
    found = [
        column
        for column in table.schema
        if column.role in _PARTS
        and column.kind in COMPARABLE_KINDS
        and column.name in graph.nodes
        and "`" not in column.name  # no filter and no lever can name it
    ]
    found.sort(key=lambda column: _PARTS.index(column.role))
    return {column.name: column for column in found}


def form(place: Desk, table: BehaviorTable, offered: Mapping[str, Column]) -> bool:
    """Draw the widgets, note on the desk what stands in them, tell whether it can be played."""
    key = f"{place.version}"
    if f"name-{key}" not in st.session_state:
        place.start = place.now
    for at, lever in enumerate(place.start.levers or (_first(table, offered),)):
        column = lever.column if lever.column in offered else next(iter(offered))
        place.start = _with(place.start, at, replace(lever, column=column))
    levers = [
        _row(table, offered, lever, f"{at}-{key}", place)
        for at, lever in enumerate(place.start.levers)
    ]
    whom, name = st.columns(2, gap="large")
    where = whom.text_input(
        t("For whom (optional)"),
        value=place.start.where,
        placeholder=expression.EXAMPLE,
        key=f"where-{key}",
    )
    named = name.text_input(
        t("Name (optional)"),
        value=place.start.name,
        placeholder=", ".join(lever_words(lever) for lever in levers),
        key=f"name-{key}",
    )
    place.now = Draft(named, tuple(levers), where)
    ready = _say_whom(table, where)
    if len({lever.column for lever in levers}) < len(levers):
        st.warning(t("Each column can be moved once in a scenario."))
        ready = False
    return ready


def add_button(place: Desk, table: BehaviorTable, offered: Mapping[str, Column]) -> None:
    """Offer one more lever, on a column that has none yet."""
    used = {lever.column for lever in place.now.levers}
    left = {name: column for name, column in offered.items() if name not in used}
    if st.button(t("Add a lever"), disabled=not left, key=f"add-{place.version}"):
        place.put(replace(place.now, levers=(*place.now.levers, _first(table, left))))
        st.rerun()


def _with(draft: Draft, at: int, lever: Intervention) -> Draft:
    levers = list(draft.levers) or [lever]
    levers[at] = lever
    return replace(draft, levers=tuple(levers))


def _first(table: BehaviorTable, offered: Mapping[str, Column]) -> Intervention:
    name = next(iter(offered))
    return Intervention(column=name, operation="set", value=_usual(table, offered[name], "set"))


def _row(
    table: BehaviorTable,
    offered: Mapping[str, Column],
    lever: Intervention,
    key: str,
    place: Desk,
) -> Intervention:
    """Draw one lever; its last widget takes it away, as long as another is left."""
    names, operations, values, away = st.columns(
        [3, 2, 2.5, 1], vertical_alignment="bottom", gap="small"
    )
    options = list(offered)
    name = names.selectbox(
        t("Lever"), options, index=options.index(lever.column), key=f"column-{key}"
    )
    allowed = operations_of(offered[name])
    same = lever.column == name
    operation = operations.selectbox(
        t("What happens to it"),
        allowed,
        index=allowed.index(lever.operation) if same and lever.operation in allowed else 0,
        format_func=operation_words,
        key=f"operation-{key}-{options.index(name)}",
    )
    wanted = lever.value if same and operation == lever.operation else None
    with values:
        value = _value(table, offered[name], operation, wanted, f"{key}-{options.index(name)}")
    alone = len(place.start.levers) == 1
    if away.button(t("Remove"), disabled=alone, key=f"away-{key}", width="stretch"):
        at = int(key.partition("-")[0])
        rest = (*place.now.levers[:at], *place.now.levers[at + 1 :])
        place.put(replace(place.now, levers=rest))
        st.rerun()
    return Intervention(column=name, operation=operation, value=value)


def operations_of(column: Column) -> tuple[str, ...]:
    """Return what can be done to a column: only numbers can be shifted or scaled."""
    return ("set",) if column.kind in (Kind.BINARY, Kind.CATEGORY) else ("set", "shift", "scale")


def operation_words(operation: str) -> str:
    """Return an operation as it stands on the screen."""
    return {"set": t("set to"), "shift": t("shift by"), "scale": t("multiply by")}[operation]


def _value(
    table: BehaviorTable, column: Column, operation: str, wanted: float | str | None, key: str
) -> float | str:
    if column.kind in (Kind.BINARY, Kind.CATEGORY):
        levels = _levels(table, column)
        chosen = levels.index(wanted) if wanted in levels else 0
        return st.selectbox(t("Value"), levels, index=chosen, format_func=_plain, key=f"to-{key}")
    observed = table.frame[column.name].dropna()
    low, high = float(observed.min()), float(observed.max())
    start = _usual(table, column, operation) if wanted is None else wanted
    value = st.number_input(
        t("Value"),
        value=float(start),
        step=1.0 if column.kind is Kind.COUNT and operation != "scale" else None,
        format="%g",
        help=t("observed: {range}", range=interval(low, high, digits=2)),
        key=f"to-{operation}-{key}",
    )
    if operation == "set" and not low <= value <= high:
        words = t(
            "△ Nobody has {value}; observed is {range}. There the answer rests on a straight line.",
            value=number(value, digits=2),
            range=interval(low, high, digits=2),
        )
        st.caption(label(words))
    return value


def _levels(table: BehaviorTable, column: Column) -> Sequence[float | str]:
    if column.kind is Kind.BINARY:
        return [1.0, 0.0]
    counts = table.frame[column.name].dropna().value_counts()
    return [str(level) for level in counts.head(_MOST_LEVELS).index]


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _usual(table: BehaviorTable, column: Column, operation: str) -> float | str:
    if column.kind in (Kind.BINARY, Kind.CATEGORY):
        return next(iter(_levels(table, column)), 1.0)
    if operation != "set":
        return 1.0 if operation == "shift" else 1.1
    return float(table.frame[column.name].dropna().median())


def _say_whom(table: BehaviorTable, where: str) -> bool:
    """Say how many units a filter keeps; tell whether it can be used."""
    if not where.strip():
        return True
    try:
        kept = int(expression.parse(where).mask(table.frame).sum())
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
        return False
    words = t("{n} of {total} units.", n=number(kept), total=number(len(table)))
    st.caption(words if kept else t("△ No unit matches this filter."))
    return kept > 0
