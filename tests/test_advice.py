"""Facts about the recommendation: it follows from intervals, and from nothing where checks fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal_core import report
from causal_core.analysis import Analysis
from causal_core.question import EffectKind, Payoff
from causal_core.report import Action
from causal_core.results import PolicyName, SegmentEffect, basis_of
from tests import made_by_hand, strategy_by_hand

Ends = tuple[float, float, float]


def compared(best: Ends, everyone: Ends, today: Ends = (1.0, 0.5, 1.5), **how: float) -> Analysis:
    """Return an analysis whose two policies have these net values, against nobody and today."""
    analysis, payoff = made_by_hand.analysis(), strategy_by_hand.payoff()
    ends = {PolicyName.BEST: best, PolicyName.EVERYONE: everyone}
    items = tuple(
        replace(
            item,
            net=ends[item.name][0],
            net_low=ends[item.name][1],
            net_high=ends[item.name][2],
            against_today=today[0],
            against_today_low=today[1],
            against_today_high=today[2],
            share_treated=how.get("share", item.share_treated)
            if item.name is PolicyName.BEST
            else item.share_treated,
        )
        if item.name in ends
        else item
        for item in strategy_by_hand.policies().items
    )
    basis = basis_of(
        table=analysis.table, estimand=analysis.estimand, model=analysis.model, payoff=payoff
    )
    policies = replace(strategy_by_hand.policies(), items=items, basis=basis)
    return analysis.updated(payoff=payoff, policies=policies)


ABOVE, BELOW, OPEN = (0.3, 0.1, 0.5), (-0.3, -0.5, -0.1), (0.1, -0.2, 0.4)
HIGHER = (0.6, 0.4, 0.8)


@pytest.mark.parametrize(
    ("best", "everyone", "today", "action"),
    [
        (ABOVE, OPEN, ABOVE, Action.SOME),
        (ABOVE, HIGHER, ABOVE, Action.SOME),  # everyone is beyond the budget
        (OPEN, ABOVE, ABOVE, Action.EVERYONE),
        (ABOVE, ABOVE, OPEN, Action.TEST),  # better than nobody, perhaps not than today
        (OPEN, OPEN, ABOVE, Action.TEST),
        (OPEN, BELOW, ABOVE, Action.TEST),
        (BELOW, BELOW, BELOW, Action.NOBODY),
    ],
)
def test_the_policies_decide_by_their_intervals(best, everyone, today, action):
    advice = report.advise(compared(best, everyone, today), "purchase")
    assert advice.action is action


def test_more_from_everyone_is_told_beside_the_budget():
    advice = report.advise(compared(ABOVE, HIGHER, ABOVE), "purchase")
    assert "Treating everyone would bring +600 EUR, 400 to 800" in advice.because
    assert "beyond the budget" in advice.because


def test_a_rule_that_treats_nobody_is_not_called_a_policy_worth_having():
    zero = (0.0, 0.0, 0.0)
    assert report.advise(compared(zero, BELOW, share=0.0), "purchase").action is Action.NOBODY
    assert report.advise(compared(zero, OPEN, share=0.0), "purchase").action is Action.TEST


@pytest.mark.parametrize(
    ("shift", "payoff", "action"),
    [
        (0.0, None, Action.EVERYONE),
        (-0.012, None, Action.TEST),  # no effect at all
        (-0.04, None, Action.NOBODY),
        (0.0, Payoff(value_per={"purchase": 40.0}, cost=0.1), Action.EVERYONE),
        (0.0, Payoff(value_per={"purchase": 40.0}, cost=0.5), Action.TEST),
        (0.0, Payoff(value_per={"purchase": 40.0}, cost=2.0), Action.NOBODY),
        (-0.04, Payoff(value_per={"purchase": -40.0}, cost=0.1), Action.EVERYONE),
    ],
)
def test_without_policies_the_average_decides(shift, payoff, action):
    analysis = replace(made_by_hand.analysis(shift=shift), payoff=payoff)
    assert report.advise(analysis, "purchase").action is action


def test_a_segment_that_is_surely_harmed_is_left_out():
    analysis = made_by_hand.analysis()
    harmed = SegmentEffect(
        column="country", segment="FR", where='country == "fr"', outcome="purchase", value=-0.02,
        low=-0.03, high=-0.01, level=0.95, standard_error=0.005, n_units=133, n_clusters=133,
    )  # fmt: skip
    advice = report.advise(
        replace(analysis, effects=replace(analysis.effects, segments=(harmed,))), "purchase"
    )
    assert advice.action is Action.SOME
    assert "leave out “country: FR”" in advice.because


def test_an_effect_on_those_treated_says_nothing_of_everyone():
    analysis = made_by_hand.analysis()
    question = replace(analysis.question, kind=EffectKind.ATT)
    estimand = replace(analysis.estimand, question=question)
    effects = replace(analysis.effects, estimand=estimand)
    asked = replace(analysis, question=question, estimand=estimand, effects=effects)
    assert report.advise(asked, "purchase").action is Action.SOME


@pytest.mark.parametrize("trouble", ["stated", "sufficient", "unbroken"])
def test_no_advice_is_given_where_a_check_failed(trouble):
    assert report.advise(made_by_hand.analysis(**{trouble: False}), "purchase") is None


def test_no_advice_is_given_where_a_cost_stands_against_nothing():
    analysis = replace(made_by_hand.analysis(), payoff=Payoff(cost=0.2))
    assert report.advise(analysis, "purchase") is None
    assert report.advise(analysis, "parrot") is None


def test_policies_of_another_outcome_do_not_decide():
    analysis = compared(BELOW, BELOW)
    assert report.advise(analysis, "purchase").action is Action.NOBODY
    assert report.advise(replace(analysis, payoff=None), "click").action is Action.EVERYONE


def test_every_advice_has_a_word():
    assert len({report.action_words(action) for action in Action}) == len(Action)


def test_against_today_has_no_break_even_since_those_treated_today_cost_nothing_new():
    whole = replace(made_by_hand.analysis(), payoff=strategy_by_hand.payoff())
    assert whole.break_even("purchase") is not None
    asked = replace(whole.question, kind=EffectKind.EVERYONE)
    assert replace(whole, question=asked).break_even("purchase") is None
