"""What the What-if room shows of a board: its sentence, the cards, and whether rooms agree."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from causal_core import figures
from causal_core.agreement import Agreement, compare
from causal_core.analysis import Analysis
from causal_core.language import interval, listing, number, percent, t
from causal_core.question import EffectKind
from causal_core.report.words import lever_words
from causal_core.results import Scenario, Scenarios
from causal_core.store import Snapshot
from pages.shared import levers, session
from pages.shared.picture import draw, mode
from pages.shared.wording import label, literal

_THOUSAND = 1_000.0


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
    return t(
        "If “{name}” is played: “{outcome}” {change} per 1,000 units ({range}) against today.",
        name=scenario.name,
        change=number(_THOUSAND * found.difference, digits=digits, signed=True),
        outcome=found.outcome,
        range=interval(low, high, digits=digits),
    )


def words(scenario: Scenario) -> str:
    """Return what a scenario does, and to whom."""
    pulled = ", ".join(lever_words(lever) for lever in scenario.interventions)
    return t(
        "{levers}; for {whom}.",
        levers=pulled or t("as today"),
        whom=scenario.where or t("all units"),
    )


# ---------------------------------------------------------------- cards


def cards(snapshot: Snapshot, board: Scenarios, desk: levers.Desk | None, *, busy: bool) -> None:
    """Show the scenarios two by two; without a desk they are only looked at."""
    for first in range(0, len(board.items), 2):
        places = st.columns(2, gap="medium")
        for at, scenario in enumerate(board.items[first : first + 2], start=first):
            with places[at - first], st.container(border=True, key=f"scenario-{at}"):
                _card(scenario, at)
                if desk is not None:
                    _buttons(snapshot, board, at, desk, busy=busy)


def _card(scenario: Scenario, at: int) -> None:
    frame = figures.scenario_frame(scenario).assign(scenario_name=t("scenario"))
    figure = figures.funnel_figure(frame, mode=mode())
    draw(f"funnel-{at}", label(scenario.name), frame, figure, figures.funnel_words(frame))
    st.caption(label(words(scenario)))
    st.dataframe(_rows(scenario), hide_index=True)
    for warning in scenario.warnings:
        st.caption(f"△ {label(warning)}")


def _rows(scenario: Scenario) -> list[dict[str, str]]:
    ends = [_THOUSAND * end for item in scenario.outcomes for end in (item.low, item.high)]
    digits = figures.digits_for(ends)
    return [
        {
            t("outcome"): item.outcome,
            t("per 1,000"): number(_THOUSAND * item.difference, digits=digits, signed=True),
            t("{level} interval", level=percent(scenario.level, digits=0)): interval(
                _THOUSAND * item.low, _THOUSAND * item.high, digits=digits
            ),
            t("in range"): percent(item.support, digits=0),
        }
        for item in scenario.outcomes
    ]


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
    st.subheader(t("Do Effects and What-if agree?"), anchor=False)
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
    lines = [
        f"{title} {_in_words(values, scale)}"
        for title, values in ((t("Effects"), one.effects), (t("What-if"), one.whatif))
    ]
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
