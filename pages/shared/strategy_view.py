"""What the Strategy room shows: sentence, pictures, control, and who would change treatment."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from causal_core import figures, jobs, report
from causal_core.analysis import Analysis
from causal_core.fingerprint import short
from causal_core.language import interval, listing, number, percent, t
from causal_core.question import CausalQuestion, Payoff
from causal_core.results import Effects, Policies, PolicyName, PolicyValue
from causal_core.store import Snapshot
from pages.shared import charts, example, frame, job_panel, session
from pages.shared.picture import draw, mode
from pages.shared.wording import duration_words, expectation_words, label, literal

_BUDGET = 0.2
_STEP = 5
_THOUSAND = 1_000.0
SHOWN = ("question", "payoff", "estimand", "effects", "refutations", "policies")


# ---------------------------------------------------------------- the sentence


def sentence(shown: Analysis, policies: Policies) -> str:
    """Return what ours brings beside everyone; in a failed analysis only that nothing follows."""
    if not shown.headline:
        failed = [check.title for check in shown.checks() if check.passed is not True]
        return t(
            "Not a recommendation: these checks did not pass: {checks}.", checks=listing(failed)
        )
    ours, everyone = policies.of(PolicyName.BEST), policies.of(PolicyName.EVERYONE)
    if not ours.share_treated:
        return t("No unit is predicted to gain within this budget: the rule treats nobody.")
    words = {
        "share": percent(ours.share_treated, digits=0),
        "ess": number(ours.ess),
        "cost": percent(ours.share_treated / everyone.share_treated, digits=0),
    }
    if everyone.gain_low > 0 and ours.gain > 0:  # else a share of it means nothing
        part = percent(ours.gain / everyone.gain, digits=0)
        if policies.payoff.cost:
            return t(
                "Giving it to {share} brings {part} of everyone's gain at {cost} of its cost; "
                "effective sample size {ess}.",
                part=part,
                **words,
            )
        return t(
            "Giving it to {share} brings {part} of everyone's gain; effective sample size {ess}.",
            part=part,
            **words,
        )
    return t(
        "Extra “{outcome}” per 1,000 units: {ours} when given to {share}, {everyone} when given to "
        "everyone; effective sample size {ess}.",
        outcome=policies.outcome,
        ours=_gain_words(ours),
        everyone=_gain_words(everyone),
        **words,
    )


def _gain_words(item: PolicyValue) -> str:
    low, high = _THOUSAND * item.gain_low, _THOUSAND * item.gain_high
    digits = figures.digits_for([low, high])
    value = number(_THOUSAND * item.gain, digits=digits, signed=True)
    return f"{value} ({interval(low, high, digits=digits)})"


def advice(shown: Analysis, policies: Policies) -> None:
    """Show whom to treat and why, or what is missing for that."""
    found = report.advise(shown, policies.outcome)
    if found is None:
        if shown.headline:
            st.caption(
                t(
                    "No recommendation: a cost is stated, but not what one more “{outcome}” is "
                    "worth. Say it beside, under money.",
                    outcome=label(policies.outcome),
                )
            )
        return
    word = literal(report.action_words(found.action))
    title = literal(t("Recommendation"))
    because = literal(found.because)
    st.html(f'<div class="check">{title}: <strong>{word}</strong><br>{because}</div>')


# ---------------------------------------------------------------- the pictures


def pictures(policies: Policies, *, allowed: bool, key: str = "") -> None:
    """Show what each budget buys, and the policies side by side."""
    rows = figures.frontier_frame(policies, allowed=allowed)
    figure, words = figures.frontier_figure(rows, mode=mode()), figures.frontier_words(rows)
    draw(f"{key}frontier", t("What each budget buys"), _numbers(rows), figure, words)


def side_by_side(policies: Policies, *, allowed: bool) -> None:
    """Show the policies as intervals, against nobody or against today."""
    nobody, today = t("treating nobody"), t("what is done today")
    chosen = st.segmented_control(
        t("Compared with"), [nobody, today], default=nobody, required=True, key="against"
    )
    rows = figures.policy_frame(policies, against_today=chosen == today, allowed=allowed)
    figure, words = figures.policy_figure(rows, mode=mode()), figures.policy_words(rows)
    draw("policies", t("Six policies side by side"), _numbers(rows), figure, words)


def _numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a picture as a person reads them."""
    digits = figures.digits_for([*rows["low"], *rows["high"]])
    return pd.DataFrame(
        {
            t("policy"): row["label"],
            t("treated"): percent(row["share"], digits=0),
            t("value"): number(row["value"], digits=digits, signed=True),
            t("interval"): interval(row["low"], row["high"], digits=digits),
            t("unit"): row["unit"],
            t("effective n"): number(row["ess"]) if row["kind"] == "policy" else "",
        }
        for row in rows.to_dict("records")
    )


# ---------------------------------------------------------------- the control


@dataclass(frozen=True)
class Draft:
    """What stands in the control: outcome, budget and money."""

    outcome: str
    budget: float
    payoff: Payoff


def control(room: frame.Room, shown: Analysis, *, comparing: bool) -> None:
    """Ask for budget and money; compare policies, or keep the money until there is a model."""
    question = shown.question
    if question is None:
        return
    with st.container(border=True, key="control"):
        st.subheader(t("Budget and money") if comparing else t("Money"), anchor=False)
        draft = _draft(room, shown, question, comparing=comparing)
        changed = _told(draft.payoff) != _told(shown.payoff)
        revision = f"{room.snapshot.project.id}-{room.snapshot.revision}"
        if not comparing:
            closed = room.busy or not changed
            if st.button(t("Save value and cost"), disabled=closed, key=f"payoff-{revision}"):
                _save(room, draft.payoff)
                st.rerun()
            return
        seconds, told = _expected(room, shown, draft)
        words = t("{action} · about {time}", action=t("Compare policies"), time=seconds)
        key = f"compare-{revision}"
        if st.button(words, type="primary", disabled=room.busy, key=key, help=told):
            _compare(room, draft, changed=changed)
        if (state := _state(shown, draft, changed=changed)) and not room.busy:
            st.caption(state)


def _draft(
    room: frame.Room, shown: Analysis, question: CausalQuestion, *, comparing: bool
) -> Draft:
    project, payoff, last = room.snapshot.project.id, shown.payoff or Payoff(), shown.policies
    names, front = question.outcomes, question.outcomes[-1]
    if shown.effects is not None and shown.effects.outcomes:
        names, front = shown.effects.outcomes, report.main_outcome(shown.effects)
    if last is not None and last.outcome in names:
        front = last.outcome
    outcome = front
    if len(names) > 1:
        outcome = st.selectbox(
            t("Outcome"), names, index=names.index(front), key=f"outcome-{project}-{front}"
        )
    budget = last.budget if last is not None else _BUDGET
    if comparing:
        shares = list(range(0, 101, _STEP))
        start = min(shares, key=lambda share: abs(share - 100 * budget))
        picked = st.select_slider(
            t("Budget: treat at most this share"),
            shares,
            value=start,
            format_func=lambda share: percent(share / 100, digits=0),
            key=f"budget-{project}-{start}",
        )
        budget = picked / 100
    stamp = f"{project}-{short(payoff.fingerprint)}"
    value = st.number_input(
        t("What one more “{outcome}” is worth", outcome=label(outcome)),
        value=float(payoff.value_per.get(outcome, 0.0)),
        format="%.2f",
        key=f"value-{stamp}-{outcome}",
        help=t("In money. 0: not stated; policies are then compared by the outcome itself."),
    )
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    cost = left.number_input(
        t("Cost of treating one unit"),
        value=float(payoff.cost),
        min_value=0.0,
        format="%.2f",
        key=f"cost-{stamp}",
    )
    currency = right.text_input(
        t("Currency"), value=payoff.currency or "EUR", max_chars=8, key=f"currency-{stamp}"
    )
    worth = {name: each for name, each in payoff.value_per.items() if name != outcome}
    if value:
        worth[outcome] = float(value)
    money = Payoff(value_per=worth, cost=float(cost), currency=currency.strip())
    return Draft(outcome=outcome, budget=budget, payoff=money)


def _told(payoff: Payoff | None) -> Payoff | None:
    """Return a payoff that says something; without value and cost the currency is nothing."""
    return payoff if payoff is not None and (payoff.value_per or payoff.cost) else None


def _expected(room: frame.Room, shown: Analysis, draft: Draft) -> tuple[str, str]:
    """Return how long a comparison takes, and that with the memory it needs."""
    asked = shown.question
    units = (
        shown.effects.primaries()[0].n_units
        if shown.effects
        else session.units(room.snapshot, asked.population if asked else None)
    )
    settings = {"outcome": draft.outcome, "budget": draft.budget}
    expected = jobs.expected(session.store(), "policy", units=units, settings=settings)
    return duration_words(expected.seconds), expectation_words(expected)


def _state(shown: Analysis, draft: Draft, *, changed: bool) -> str:
    """Return whether the pictures show what stands in the control."""
    last = shown.policies
    if last is None:
        return ""
    same = last.outcome == draft.outcome and abs(last.budget - draft.budget) < _STEP / 200
    if same and not changed:
        return t("The pictures show these settings.")
    return t("△ The pictures still show the settings before.")


def _compare(room: frame.Room, draft: Draft, *, changed: bool) -> None:
    snapshot = _save(room, draft.payoff) if changed else room.snapshot
    settings: dict[str, object] = {"outcome": draft.outcome, "budget": draft.budget}
    job_panel.start(snapshot.project.id, "policy", settings, snapshot)
    st.rerun()


def _save(room: frame.Room, payoff: Payoff) -> Snapshot:
    analysis = room.snapshot.analysis.updated(payoff=payoff)
    return session.save(room.snapshot, analysis).snapshot


# ---------------------------------------------------------------- beside


def beside(policies: Policies, window: str) -> None:
    """Show the rule in words, and what could make it worth less."""
    st.subheader(t("The rule"), anchor=False)
    st.text(policies.rule)
    with st.expander(t("What could make it worth less")):
        for text in report.policy_threats(policies, window):
            st.text(f"– {text}")


def changes(policies: Policies) -> None:
    """Show who would newly get it and who no longer, by segment."""
    st.subheader(t("Who changes treatment"), anchor=False)
    st.text(
        t(
            "{new} of {total} units would newly get it, {lost} no longer.",
            new=number(policies.newly_treated),
            lost=number(policies.no_longer_treated),
            total=number(policies.n_units),
        )
    )
    if policies.segments:
        rows = [
            {
                t("column"): item.column,
                t("segment"): item.segment,
                t("units"): number(item.n_units),
                t("treated today"): percent(item.share_today, digits=0),
                t("by the rule"): percent(item.share_treated, digits=0),
            }
            for item in policies.segments
        ]
        st.dataframe(rows, hide_index=True, key="changes")


# ---------------------------------------------------------------- nothing to show yet


def example_picture() -> None:
    """Show the demo's frontier, pale."""
    policies = example.part("policies").policies
    if policies is not None:
        with example.pale("strategy"):
            pictures(policies, allowed=True, key="example-")


def refused(effects: Effects) -> None:
    """Say that nothing can be ranked where units have no counterpart."""
    frame.say(
        t(
            "Refused: who gains cannot be ranked among units without a counterpart. {overlap}",
            overlap=effects.overlap.sentence,
        )
    )
    frame.door("pages/data.py", t("Choose other units"), primary=True)
    charts.overlap(effects)
