"""What the What-if room shows of a board: its sentence, the cards, and whether rooms agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import streamlit as st

from causal_core import figures
from causal_core.agreement import Agreement, compare
from causal_core.analysis import Analysis
from causal_core.graph import EdgeKind, GraphPattern
from causal_core.language import interval, listing, number, percent, t
from causal_core.question import EffectKind
from causal_core.report.words import lever_words
from causal_core.results import PolicyName, Scenario, ScenarioOutcome, Scenarios
from causal_core.store import Snapshot
from pages.shared import levers, session
from pages.shared.graph_wording import edge_line
from pages.shared.opened import Room
from pages.shared.picture import draw, mode
from pages.shared.wording import label, literal

_THOUSAND = 1_000.0
_MOST_EDGES = 12


def sentence(shown: Analysis, board: Scenarios) -> str:
    """Return the room's sentence: the newest scenario, or why no number is put into words."""
    if shown.effects is None:
        return t("The question is not answered yet: these scenarios rest on the graph alone.")
    if not shown.headline:
        failed = [check.title for check in shown.checks() if check.passed is not True]
        return t("No number is given, since these checks failed: {checks}.", checks=listing(failed))
    scenario = board.items[-1]
    found = scenario.outcomes[-1]
    low, high = _THOUSAND * found.low, _THOUSAND * found.high
    digits = figures.digits_for([low, high])
    said = t(
        "If “{name}” is played: {change} “{outcome}” per 1,000 units ({range}) against today.",
        name=scenario.name,
        change=number(_THOUSAND * found.difference, digits=digits, signed=True),
        outcome=found.outcome,
        range=interval(low, high, digits=digits),
    )
    return f"{said} {_worth(shown, found)}".rstrip()


def _worth(shown: Analysis, found: ScenarioOutcome) -> str:
    """Return what the difference is worth where its value is stated; costs are left to Strategy."""
    value = shown.payoff.value_per.get(found.outcome, 0.0) if shown.payoff else 0.0
    if shown.payoff is None or value <= 0:
        return ""
    scale = _THOUSAND * value
    digits = figures.digits_for([scale * found.low, scale * found.high])
    return t(
        "That is worth {change} {currency} per 1,000 units ({range}), costs not counted.",
        change=number(scale * found.difference, digits=digits, signed=True),
        currency=shown.payoff.currency,
        range=interval(scale * found.low, scale * found.high, digits=digits),
    )


def words(scenario: Scenario) -> str:
    """Return what a scenario does, and to whom."""
    pulled = ", ".join(lever_words(lever) for lever in scenario.interventions)
    return t(
        "{levers}; for {whom}.",
        levers=pulled or t("as today"),
        whom=scenario.where or t("all units"),
    )


def mechanism_words() -> str:
    """Return what the scenarios take for granted."""
    return t(
        "Linear mechanisms today: each column is a straight line of its causes in the graph, "
        "and each unit keeps what the line does not explain."
    )


def open_sentence(pattern: GraphPattern) -> str:
    """Return how many open edges keep the room closed."""
    n = len(pattern.undirected)
    if n == 1:
        return t("One edge has no direction yet: a scenario must know which end is the cause.")
    return t("{n} edges have no direction yet: a scenario must know which end is the cause.", n=n)


def open_edges(pattern: GraphPattern) -> None:
    """List the edges that must be decided first."""
    lines = [edge_line(edge) for edge in pattern.edges if edge.kind is EdgeKind.UNDIRECTED]
    more = [t("and {n} more", n=len(lines) - _MOST_EDGES)] if len(lines) > _MOST_EDGES else []
    body = "<br>".join(map(literal, [*lines[:_MOST_EDGES], *more]))
    title = literal(t("Edges without a direction"))
    st.html(f'<div class="check"><strong>{title}</strong><br>{body}</div>')


# ---------------------------------------------------------------- cards


def cards(room: Room, shown: Analysis, desk: levers.Desk | None) -> None:
    """Show the scenarios two by two; each can be copied, renamed and deleted.

    Where a check failed they are greyed, and called no answer.
    """
    board = shown.scenarios
    if board is None:
        return
    refused = shown.effects is not None and not shown.headline
    with st.container(key="greyed" if refused else "board"):
        if refused:
            st.subheader(t("What graph and data say, not an answer"), anchor=False)
        for at, scenario in _placed(board):
            _card(scenario, at)
            if desk is not None:
                _buttons(room.snapshot, board, at, desk, busy=room.busy)


def looked_at(board: Scenarios) -> None:
    """Show scenarios that are only looked at: stale ones, or an example."""
    for at, scenario in _placed(board):
        _card(scenario, at)


def _placed(board: Scenarios) -> Iterator[tuple[int, Scenario]]:
    for first in range(0, len(board.items), 2):
        places = st.columns(2, gap="medium")
        for at, scenario in enumerate(board.items[first : first + 2], start=first):
            with places[at - first], st.container(border=True, key=f"scenario-{at}"):
                yield at, scenario


def _card(scenario: Scenario, at: int) -> None:
    frame = figures.scenario_frame(scenario).assign(scenario_name=t("scenario"))
    figure = figures.funnel_figure(frame, mode=mode())
    draw(f"funnel-{at}", label(scenario.name), frame, figure, figures.funnel_words(frame))
    st.caption(label(f"{words(scenario)} {_support(scenario)}".rstrip()))
    for warning in scenario.warnings:
        st.caption(f"△ {label(warning)}")


def _support(scenario: Scenario) -> str:
    """Return how many units stay in the observed range; nothing where all do."""
    least = min((item.support for item in scenario.outcomes), default=1.0)
    if least >= 0.995:  # noqa: PLR2004 - it would be shown as 100 %
        return ""
    share = percent(least, digits=0)
    return t("{share} of units stay in the range that was observed.", share=share)


def _buttons(
    snapshot: Snapshot, board: Scenarios, at: int, desk: levers.Desk, *, busy: bool
) -> None:
    key = f"{at}-{snapshot.project.id}-{snapshot.revision}"
    with st.container(horizontal=True):
        if st.button(t("Copy"), key=f"copy-{key}", help=t("Fill the levers with this scenario")):
            copied = levers.draft_of(board.items[at])
            desk.put(replace(copied, name=t("{name}, changed", name=copied.name)))
            st.rerun()
        with st.popover(t("Rename"), disabled=busy):
            name = st.text_input(t("New name"), value=board.items[at].name, key=f"new-{key}")
            if st.button(t("Save the name"), key=f"rename-{key}") and name.strip():
                _save(snapshot, board, at, [replace(board.items[at], name=name.strip())])
        if st.button(t("Delete"), key=f"delete-{key}", disabled=busy):
            _save(snapshot, board, at, [])


def _save(snapshot: Snapshot, board: Scenarios, at: int, instead: list[Scenario]) -> None:
    """Put `instead` in the place of one scenario; an empty board is cleared away."""
    items = (*board.items[:at], *instead, *board.items[at + 1 :])
    if items:
        changed = replace(board, items=items)
        session.save(snapshot, snapshot.analysis.updated(scenarios=changed))
    else:
        session.store().clear(snapshot.project.id, "scenarios", actor=session.ACTOR)
    st.rerun()


# ---------------------------------------------------------------- agreement


def agreement(shown: Analysis) -> None:
    """Put the contrast from Effects beside the one from What-if, where both exist."""
    if shown.effects is None or shown.table is None:
        return
    question = shown.effects.estimand.question
    if question.kind is not EffectKind.ATE:
        return
    population = len(shown.table.select(question.population))
    found = compare(shown.effects, shown.scenarios, n_population=population)
    if not found:
        st.caption(
            t("Play “everyone” and “nobody”, and their difference is compared with Effects here.")
        )
        return
    st.subheader(t("Do the rooms agree? Everyone against nobody"), anchor=False)
    places = st.columns(min(len(found), 4))
    for at, one in enumerate(found):
        places[at % len(places)].html(_agreement_html(shown, one))
    if odd := [one.outcome for one in found if not one.agrees]:
        st.warning(
            label(
                t(
                    "Effects and What-if give different answers for {names}. Look for a missing "
                    "edge or a bent relation before you trust either.",
                    names=listing(odd),
                )
            )
        )


def _agreement_html(shown: Analysis, one: Agreement) -> str:
    rate = shown.effects is not None and figures.scale_of(shown.effects.of(one.outcome)) != 1
    scale = _THOUSAND if rate else 1.0
    rooms = [(t("Effects"), one.effects), (t("What-if"), one.whatif)]
    if shown.policies is not None and shown.policies.outcome == one.outcome:
        item = shown.policies.of(PolicyName.EVERYONE)
        rooms.append((t("Strategy"), (item.gain, item.gain_low, item.gain_high)))
    lines = [f"{title} {_in_words(values, scale)}" for title, values in rooms]
    if rate:
        lines.append(t("per 1,000 units"))
    mark, word = ("●", t("agree")) if one.close else ("△", t("only just agree"))
    if not one.agrees:
        mark, word = "△", t("differ")
    return (
        f'<div class="check">{mark} <strong>{literal(one.outcome)}</strong> · {literal(word)}'
        f'<br><span class="why">{"<br>".join(map(literal, lines))}</span></div>'
    )


def _in_words(values: tuple[float, float, float], scale: float) -> str:
    value, low, high = (scale * one for one in values)
    digits = figures.digits_for([low, high])
    signed = number(value, digits=digits, signed=True)
    return f"{signed}, {interval(low, high, digits=digits)}"
