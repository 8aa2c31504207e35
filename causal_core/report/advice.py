"""What the analyst would advise: everyone, some, nobody, or a test first. Takes an analysis.

Computes nothing: it compares the intervals that the steps gave. Where a check failed there is
no advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from causal_core.analysis import Analysis, Verdict, verdict
from causal_core.figures import clipped, digits_for
from causal_core.language import interval, number, percent, t
from causal_core.question import EffectKind
from causal_core.report.money import PER_THOUSAND, break_even_of, money_with_reach, net_of
from causal_core.report.parts import quoted
from causal_core.results import EffectEstimate, Policies, PolicyName, PolicyValue, SegmentEffect

_ROUNDING = 0.005  # by which a share may pass the budget: folds hold whole units


class Action(StrEnum):
    """Whom to treat; `TEST` where the intervals decide nothing."""

    EVERYONE = "everyone"
    SOME = "some"
    NOBODY = "nobody"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to do, and in one or two sentences why."""

    action: Action
    because: str


def action_words(action: Action) -> str:
    """Return the advice in a word or two, as it stands on page one."""
    return {
        Action.EVERYONE: t("Everyone"),
        Action.SOME: t("Some"),
        Action.NOBODY: t("Nobody"),
        Action.TEST: t("Test first"),
    }[action]


def advise(analysis: Analysis, outcome: str) -> Advice | None:
    """Return whom to treat for the sake of one outcome, or None where nothing may be advised.

    Parameters
    ----------
    analysis
        Effects and, if they were compared, policies. Without policies the average effect and
        its segments decide.
    outcome
        The outcome in front.

    Returns
    -------
    Advice or None
        None if a check failed or is missing, or if a cost is stated and no value that it could
        be set against.

    Notes
    -----
    A policy is advised only if it is surely better than nobody and than what is done today
    (both intervals lie above zero); of two such policies one within the budget, then the one
    that brings more. Nobody is advised if treating is surely worse than not. All else is “test
    first”.
    """
    effects, payoff = analysis.effects, analysis.payoff
    if effects is None or not analysis.headline or outcome not in effects.outcomes:
        return None
    if payoff is not None and payoff.cost and not payoff.value_per.get(outcome):
        return None
    policies = analysis.policies
    if policies is not None and policies.outcome == outcome:
        return _by_policies(policies)
    return _by_average(analysis, effects.of(outcome))


# ---------------------------------------------------------------- from compared policies


def _by_policies(policies: Policies) -> Advice:
    everyone, best = policies.of(PolicyName.EVERYONE), policies.of(PolicyName.BEST)
    worth = [item for item in (best, everyone) if item.share_treated and item.net_low > 0]
    sure = [item for item in worth if item.against_today_low > 0]
    if sure:
        within = [item for item in sure if item.share_treated <= policies.budget + _ROUNDING]
        chosen = max(within or sure, key=lambda item: item.net)
        action = Action.EVERYONE if chosen is everyone else Action.SOME
        return Advice(action=action, because=_chosen_words(policies, chosen))
    if worth:
        words = t(
            "{policy} is better than nobody, yet whether it is better than what is done today "
            "cannot be told: {amount}.",
            policy=_policy_words(worth[0]),
            amount=_worth_words(policies, worth[0], today=True),
        )
        return Advice(action=Action.TEST, because=words)
    if everyone.net_high < 0 and (not best.share_treated or best.net_high < 0):
        words = t(
            "Treating everyone is worse than treating nobody: {amount}. The rule finds no part "
            "of the units for which it is better.",
            amount=_worth_words(policies, everyone),
        )
        return Advice(action=Action.NOBODY, because=words)
    return Advice(action=Action.TEST, because=_undecided_words(policies))


def _undecided_words(policies: Policies) -> str:
    shown = [policies.of(PolicyName.EVERYONE), policies.of(PolicyName.BEST)]
    said = [
        t(
            "{policy}, against nobody: {amount}; {judged}.",
            policy=_policy_words(item),
            amount=_worth_words(policies, item),
            judged=t("worse") if item.net_high < 0 else t("better or worse, it cannot be told"),
        )
        for item in shown
        if item.share_treated
    ]
    return " ".join(said)


def _chosen_words(policies: Policies, chosen: PolicyValue) -> str:
    said = t(
        "{policy} brings {amount}, against nobody, and {today}, against today.",
        policy=_policy_words(chosen),
        amount=_worth_words(policies, chosen),
        today=_worth_words(policies, chosen, today=True),
    )
    everyone, budget = policies.of(PolicyName.EVERYONE), percent(policies.budget, digits=0)
    if chosen is everyone and policies.budget < 1:
        return said + t(" That is beyond the budget of {share}.", share=budget)
    if chosen is not everyone and everyone.net_low > 0 and everyone.net > chosen.net:
        return said + t(
            " Treating everyone would bring {amount}, beyond the budget.",
            amount=_worth_words(policies, everyone),
        )
    return said


def _policy_words(item: PolicyValue) -> str:
    if item.name is PolicyName.EVERYONE:
        return t("Treating everyone")
    share = percent(item.share_treated, digits=0)
    return t("Treating the {share} with the largest predicted gain", share=share)


def _worth_words(policies: Policies, item: PolicyValue, *, today: bool = False) -> str:
    ends = (
        (item.against_today, item.against_today_low, item.against_today_high)
        if today
        else (item.net, item.net_low, item.net_high)
    )
    return policy_amount(policies, ends)


def policy_amount(policies: Policies, ends: tuple[float, float, float]) -> str:
    """Return a net value with its interval, money or the outcome, per 1,000 units.

    Parameters
    ----------
    policies
        They say what is counted.
    ends
        Value, low and high, per unit.
    """
    value, low, high = (PER_THOUSAND * each for each in ends)
    if in_money(policies):
        amount = money_with_reach(value, low, high, policies.payoff.currency)
        return t("{amount} per 1,000 units", amount=amount)
    digits = digits_for([low, high])
    return t(
        "{value}, {reach} {outcome} per 1,000 units",
        value=number(value, digits=digits, signed=True),
        reach=interval(low, high, digits=digits),
        outcome=quoted(policies.outcome),
    )


def in_money(policies: Policies) -> bool:
    """Return whether the policies' net values are money."""
    return bool(policies.payoff.value_per.get(policies.outcome))


# ---------------------------------------------------------------- from the average effect


def _by_average(analysis: Analysis, estimate: EffectEstimate) -> Advice:
    effects = analysis.effects
    if effects is None:
        raise ValueError("there are no effects to advise by")
    question = effects.estimand.question
    net = net_of(estimate, analysis.payoff, question)
    ends = (net.low, net.high) if net else (estimate.low, estimate.high)
    said = verdict(estimate, allowed=True, break_even=break_even_of(analysis, estimate.outcome))
    if said is Verdict.CANNOT_TELL or ends[0] <= 0 <= ends[1]:
        return Advice(action=Action.TEST, because=_open_words(net is not None))
    if ends[1] < 0:
        words = (
            t("On average a treated unit costs more than it brings.")
            if net
            else t("On average the treatment lowers {outcome}.", outcome=quoted(estimate.outcome))
        )
        return Advice(action=Action.NOBODY, because=words)
    if harmed := surely_lowered(effects.segments, estimate.outcome):
        words = t(
            "It helps on average, but not in every segment: leave out {segments}, where it lowers "
            "{outcome}.",
            segments=segments_listed(harmed),
            outcome=quoted(estimate.outcome),
        )
        return Advice(action=Action.SOME, because=words)
    if question.kind is EffectKind.ATT:
        words = t("Go on with those who get it today; nothing is said about the others.")
        return Advice(action=Action.SOME, because=words)
    if net:
        words = t("On average a treated unit brings more than it costs.")
    else:
        words = t(
            "On average it raises {outcome}. What treating a unit costs was not stated: this holds "
            "if it costs next to nothing.",
            outcome=quoted(estimate.outcome),
        )
    more = t("Whether treating only a part would bring more was not compared.")
    return Advice(action=Action.EVERYONE, because=f"{words} {more}")


def _open_words(money: bool) -> str:
    if money:
        return t("The interval holds break-even: the data do not decide whether it pays.")
    return t("The interval holds zero: the data do not decide it.")


def surely_lowered(segments: tuple[SegmentEffect, ...], outcome: str) -> list[SegmentEffect]:
    """Return the segments in which the whole interval lies below zero."""
    return [item for item in segments if item.outcome == outcome and item.high < 0]


def segments_listed(found: list[SegmentEffect], *, most: int = 3) -> str:
    """Name segments for a sentence: “country: FR”."""
    shown = ", ".join(f"“{clipped(item.column)}: {clipped(item.segment)}”" for item in found[:most])
    left = len(found) - most
    return t("{names} and {n} more", names=shown, n=left) if left > 0 else shown
