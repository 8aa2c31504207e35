"""The Effects room: verdict, pictures, checks and guess, and what stands there before them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from causal_core import figures, report
from causal_core.analysis import Analysis, Verdict, verdict, verdict_words
from causal_core.language import count, number, t
from causal_core.question import EffectKind, Payoff
from causal_core.results import Effects, Truth
from causal_core.schema import Kind, Stage
from causal_core.store import Snapshot
from causal_core.table import BehaviorTable
from pages.shared import charts, example, frame, session, tables
from pages.shared.wording import check_html, label, literal, verdict_sentence

_POWER = 2.8  # standard errors: found at the 5 % level in 4 of 5 cases
_THOUSAND = 1_000.0
_STEP = 5.0
_FUNNEL = tuple(Stage)

# ---------------------------------------------------------------- verdict


def headline(analysis: Analysis, effects: Effects, outcome: str, beside: figures.Marks) -> Verdict:
    """Show the verdict in large letters, its sentence, and what it stands against."""
    break_even = analysis.break_even(outcome)
    answer = verdict(effects.of(outcome), allowed=analysis.headline, break_even=break_even)
    st.html(f'<h2 class="verdict">{literal(verdict_words(answer))}</h2>')
    frame.say(verdict_sentence(analysis, outcome, answer))
    if answer is Verdict.NO_ANSWER:
        told = _what_would_mend_it(analysis)
    else:
        told = [*_detectable(effects, outcome, answer), *_break_even_words(analysis, outcome)]
        told += _beside_words(effects, outcome, beside)
    if told:
        st.html(f'<p class="say-also">{"<br>".join(map(literal, told))}</p>')
    return answer


def _what_would_mend_it(analysis: Analysis) -> list[str]:
    """Return for each check that did not pass what would mend it; the cards beside say why."""
    return [
        t("■ {check}. To mend it: {remedy}", check=check.title, remedy=check.remedy)
        for check in analysis.checks()
        if check.passed is not True and check.remedy
    ]


def _amount(value: float, effects: Effects, outcome: str, *, signed: bool = False) -> str:
    """Return a difference on the scale that the outcome is shown in, with its unit."""
    estimate = effects.of(outcome)
    scale = figures.scale_of(estimate)
    digits = figures.digits_for([scale * estimate.low, scale * estimate.high])
    shown = number(scale * value, digits=digits, signed=signed)
    if scale != 1:
        return t("{n} per 1,000", n=shown)
    return t("{n} {unit}", n=shown, unit=estimate.outcome_unit) if estimate.outcome_unit else shown


def _detectable(effects: Effects, outcome: str, answer: Verdict) -> list[str]:
    error = effects.of(outcome).standard_error
    if answer is not Verdict.CANNOT_TELL or not math.isfinite(error):
        return []
    smallest = _amount(_POWER * error, effects, outcome)
    return [
        t(
            "The smallest effect that data like these would show in 4 of 5 cases is about "
            "{smallest}. A smaller one may be there.",
            smallest=smallest,
        )
    ]


def _break_even_words(analysis: Analysis, outcome: str) -> list[str]:
    effects, payoff, break_even = analysis.effects, analysis.payoff, analysis.break_even(outcome)
    if effects is None or payoff is None or break_even is None:
        return []
    return [
        t(
            "It pays from {break_even} on: {cost} per unit treated, {value} per “{outcome}”.",
            break_even=_amount(break_even, effects, outcome, signed=True),
            cost=_money(payoff.cost, payoff),
            value=_money(payoff.value_per[outcome], payoff),
            outcome=outcome,
        )
    ]


def _money(amount: float, payoff: Payoff) -> str:
    return f"{number(amount, digits=2)} {payoff.currency}".strip()


def _beside_words(effects: Effects, outcome: str, beside: figures.Marks) -> list[str]:
    """Say the truth and her guess, where they are shown."""
    estimate, told = effects.of(outcome), []
    found = beside.of(effects, outcome)
    scale = figures.scale_of(estimate)
    if math.isfinite(found["truth"]):
        truth = found["truth"] / scale
        words = {"truth": _amount(truth, effects, outcome, signed=True)}
        if estimate.low <= truth <= estimate.high:
            told.append(t("◇ The truth is {truth}: the interval holds it.", **words))
        else:
            told.append(t("◇ The truth is {truth}: the interval misses it.", **words))
    if math.isfinite(found["guess"]):
        guess = _amount(found["guess"] / scale, effects, outcome, signed=True)
        told.append(t("? Your guess was {guess}.", guess=guess))
    return told


# ---------------------------------------------------------------- the full answer


def full(room: frame.Room, effects: Effects) -> None:
    """Show verdict, bridge, intervals, segments, checks; the rest under More."""
    analysis = room.snapshot.part(
        "truth", "question", "payoff", "estimand", "effects", "refutations"
    )
    settings = session.store().settings(room.snapshot.project.id, actor=session.ACTOR)
    outcome, lifted = _controls(analysis, effects)
    truth = analysis.truth if lifted else None
    beside = charts.marks(analysis, truth, guesses(settings))
    answer = headline(analysis, effects, outcome, beside)
    whom = settings.get("aim") == "whom" and bool(effects.segments)
    if whom:
        segments(analysis, effects, outcome, truth)
    pictures, checks = st.columns([3, 1.25], gap="large")
    with pictures:
        if answer is not Verdict.NO_ANSWER:
            charts.bridge(analysis, outcome, beside)
        charts.outcomes(analysis, truth, beside)
    with checks:
        st.subheader(t("Checks"), anchor=False)
        for check in analysis.checks():
            st.html(check_html(check))
        for warning in effects.warnings:
            st.caption(f"△ {label(warning)}")
    more = t("More: methods, comparability, attempts to break it")
    if effects.segments and not whom:
        more = t("More: methods, segments, comparability, attempts to break it")
    with st.expander(more):
        charts.methods(analysis, outcome, beside)
        if effects.segments and not whom:
            segments(analysis, effects, outcome, truth)
        charts.overlap(effects)
        tables.refutations(analysis)


def _controls(analysis: Analysis, effects: Effects) -> tuple[str, bool]:
    """Let her choose the outcome, and lift the curtain where the truth is known."""
    outcome: str = report.main_outcome(effects)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        if len(effects.outcomes) > 1:
            outcome = st.segmented_control(
                t("Outcome"), effects.outcomes, default=outcome, required=True, format_func=label
            )
        lifted = analysis.truth is not None and st.toggle(t("Lift the curtain: show the truth"))
    return outcome, lifted


def segments(analysis: Analysis, effects: Effects, outcome: str, truth: Truth | None) -> None:
    """Show for whom the effect is how large; the control chooses the covariate."""
    columns = list(dict.fromkeys(item.column for item in effects.segments))
    chosen: str | None = columns[0]
    if len(columns) > 1:
        every = t("All columns")
        picked = st.selectbox(t("Segment by"), [every, *columns], width=280)
        chosen = None if picked == every else picked
    charts.segments(analysis, outcome, chosen)
    told = _true_segments(truth, effects, outcome)
    if told:
        st.html(f'<p class="said">{"<br>".join(map(literal, told))}</p>')


def _true_segments(truth: Truth | None, effects: Effects, outcome: str) -> list[str]:
    """Say the simulator's effect in its own segments, which no estimate was told of."""
    question = effects.estimand.question
    known = truth.notes.get("segments") if truth else None
    named = (
        truth is not None
        and truth.effects[:1]
        and (truth.effects[0].treatment == question.treatment)
    )
    if not (named and isinstance(known, Sequence)) or question.kind is not EffectKind.ATE:
        return []
    return [
        t(
            "◇ The truth for “{name}” ({where}): {effect}.",
            name=str(one["name"]).replace("_", " "),
            where=one["where"],
            effect=_amount(float(one["effects"][outcome]), effects, outcome, signed=True),
        )
        for one in known
        if isinstance(one, Mapping) and outcome in one.get("effects", {})
    ]


# ---------------------------------------------------------------- guess first


def guesses(settings: Mapping[str, object]) -> dict[str, float]:
    """Return what she guessed, per outcome, as a change per unit."""
    kept = settings.get("guess")
    if not isinstance(kept, Mapping):
        return {}
    return {
        str(name): float(value) for name, value in kept.items() if isinstance(value, int | float)
    }


def guess_first(snapshot: Snapshot) -> None:
    """Ask what she expects before she sees the answer; it stays as a dotted mark."""
    asked = snapshot.part("question", "table")
    if asked.question is None or asked.table is None:
        return
    outcome = _last_stage(asked.table, asked.question.outcomes)
    column = asked.table.schema[outcome]
    scale = _THOUSAND if column.kind is Kind.BINARY else 1.0
    project = snapshot.project.id
    settings = session.store().settings(project, actor=session.ACTOR)
    before = guesses(settings).get(outcome)
    words = {"treatment": asked.question.treatment, "outcome": outcome}
    if scale == 1:
        said = t("Guess first: how far does “{treatment}” move “{outcome}”, per unit?", **words)
    else:
        said = t(
            "Guess first: of 1,000 units, how many more have “{outcome}” because of “{treatment}”?",
            **words,
        )
    if before is not None:  # as the widget's state, so that an emptied field is empty
        st.session_state.setdefault(_guess_key(project), scale * before)
    with st.container(border=True, key="guess", width=720):
        st.markdown(label(said))
        st.number_input(
            t("Your guess"),
            value=None,
            step=_STEP if scale != 1 else None,
            format="%g",
            placeholder=t("a number; below zero for fewer"),
            key=_guess_key(project),
            on_change=_keep_guess,
            args=(project, outcome, scale),
            width=320,
            label_visibility="collapsed",
        )
        if before is None:
            st.caption(t("Optional. It will stand beside the answer as a dotted mark."))
        else:
            st.caption(t("Kept. It will stand beside the answer as a dotted mark."))


def _guess_key(project: str) -> str:
    return f"guess-{project}"


def _keep_guess(project: str, outcome: str, scale: float) -> None:
    value = st.session_state.get(_guess_key(project))
    keep_guess(project, outcome, None if value is None else float(value) / scale)


def keep_guess(project: str, outcome: str, value: float | None) -> None:
    """Store a guess, a change per unit; None takes it back."""
    kept = guesses(session.store().settings(project, actor=session.ACTOR))
    kept.pop(outcome, None)
    if value is not None and math.isfinite(value):
        kept[outcome] = value
    session.store().set_settings(project, {"guess": kept or None}, actor=session.ACTOR)


def _last_stage(table: BehaviorTable, outcomes: tuple[str, ...]) -> str:
    """Return the outcome that will be in front, as `report.main_outcome` chooses it."""
    staged = [name for name in outcomes if table.schema[name].stage]
    staged.sort(key=lambda name: _FUNNEL.index(table.schema[name].stage or _FUNNEL[0]))
    return staged[-1] if staged else outcomes[0]


# ---------------------------------------------------------------- before the answer


def running(room: frame.Room) -> None:
    """Say that the work goes on, ask for a guess, and keep what stood here in sight."""
    frame.say(t("The answer is being worked out. You may leave this page; the work goes on."))
    earlier = _earlier(room.snapshot)
    if earlier is None:
        guess_first(room.snapshot)
    _below(room, earlier)


def empty(room: frame.Room) -> None:
    """Say what is missing, offer the one button that leads on, and show what will stand here."""
    current = room.snapshot.fingerprints
    if "table" not in current:
        frame.say(t("Bring a table first; then ask what may have changed what."))
        frame.door("pages/data.py", t("Bring a table"), primary=True)
    elif "question" not in current:
        frame.say(t("Ask a question first: what is the treatment, what may it change?"))
        frame.door("pages/data.py", t("Ask a question"), primary=True)
    elif "pilot" in current:
        frame.say(_pilot_words(room.snapshot.get("pilot")))
        frame.answer_button(room)
    elif "effects" in room.snapshot.stale:
        frame.say(t("The answer below is an earlier one: it no longer fits what you ask now."))
        frame.rests(room, "effects")
        frame.answer_button(room, t("Answer it again"))
    else:
        frame.say(t("The question stands; nobody has answered it yet."))
        guess_first(room.snapshot)
        frame.answer_button(room)
    _below(room, _earlier(room.snapshot))


def _earlier(snapshot: Snapshot) -> Effects | None:
    """Return the answer that is still or was last there."""
    kept = snapshot.stale.get("effects")
    found = snapshot.get("effects") or (kept.value if kept else None)
    return found if isinstance(found, Effects) else None


def _below(room: frame.Room, earlier: Effects | None) -> None:
    """Show the pilot, else the earlier answer greyed, else the demo as an example."""
    pilot = room.snapshot.get("pilot")
    if isinstance(pilot, Effects):
        _pilot(room, pilot)
    elif earlier is not None:
        with st.container(key="greyed"):
            charts.stale(earlier)
    else:
        shown = example.part("question", "estimand", "effects", "refutations", "payoff")
        with example.pale("effects"):
            if shown.effects is not None:
                charts.bridge(shown, report.main_outcome(shown.effects))
                charts.outcomes(shown, None)


def _pilot_words(pilot: object) -> str:
    if not isinstance(pilot, Effects):
        return ""
    sample = pilot.primaries()[0].n_units
    return t(
        "Pilot: {sample} of {all} units; no verdict from a pilot.",
        sample=count(sample),
        all=count(pilot.pilot_of or sample),
    )


def _pilot(room: frame.Room, pilot: Effects) -> None:
    settings = session.store().settings(room.snapshot.project.id, actor=session.ACTOR)
    analysis = room.snapshot.part("payoff")
    charts.pilot(pilot, charts.marks(analysis, None, guesses(settings)))
