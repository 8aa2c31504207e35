"""The sections on choosing: the effect within segments, and who would get it within a budget."""

from __future__ import annotations

from causal_core import figures
from causal_core.language import interval, number, percent, t
from causal_core.report import pictures
from causal_core.report.advice import action_words, advise
from causal_core.report.money import PER_THOUSAND
from causal_core.report.parts import Block, Facts, Grid, Points, Section, Subject, Words, quoted
from causal_core.report.threats import policy_threats
from causal_core.results import Policies, TreatedSegment


def segment_sections(subject: Subject) -> tuple[Section, ...]:
    """Return the effect within every segment; a refused report does not show it."""
    effects, outcome = subject.analysis.effects, subject.outcome
    if effects is None or outcome is None or not effects.segments:
        return ()
    title = t("Segments")
    if not subject.allowed:
        note = Words(text=t("Segments are withheld, because not every check passed."), tone="quiet")
        return (Section(name="segments", title=title, blocks=(note,)),)
    note = Words(
        text=t("Intervals hold for all segments together, so they are wider than one alone."),
        tone="quiet",
    )
    picture = pictures.segments_picture(effects, outcome, break_even=subject.break_even)
    return (Section(name="segments", title=title, blocks=(note, picture)),)


def strategy_sections(subject: Subject) -> tuple[Section, ...]:
    """Return the policies if they were compared; a refused report does not show them."""
    policies, effects = subject.analysis.policies, subject.analysis.effects
    if policies is None:
        return ()
    title = t("Strategy")
    if not subject.allowed or effects is None or policies.outcome not in effects.outcomes:
        note = Words(text=t("Policies are withheld, because not every check passed."), tone="quiet")
        return (Section(name="strategy", title=title, blocks=(note,)),)
    blocks: list[Block] = [
        Words(text=policies.rule),
        _facts(subject, policies),
        pictures.frontier_picture(policies),
        policies_grid(policies),
    ]
    if policies.segments:
        blocks.append(changes_grid(policies.segments))
    threats = policy_threats(policies, effects.estimand.question.window)
    blocks.append(Points(heading=t("What could make it worth less"), items=threats))
    return (Section(name="strategy", title=title, blocks=tuple(blocks)),)


def _facts(subject: Subject, policies: Policies) -> Facts:
    advice = advise(subject.analysis, policies.outcome)
    told = [(t("Recommendation"), action_words(advice.action))] if advice else []
    return Facts(
        items=(
            *told,
            (t("Outcome"), quoted(policies.outcome)),
            (t("Budget"), percent(policies.budget, digits=0)),
            (t("Newly treated"), _units(policies.newly_treated, policies)),
            (t("No longer treated"), _units(policies.no_longer_treated, policies)),
        )
    )


def _units(found: int, policies: Policies) -> str:
    return t("{n} of {total} units", n=number(found), total=number(policies.n_units))


def policies_grid(policies: Policies) -> Grid:
    """Return every policy: whom it treats, what it brings, and on how many units it is judged."""
    ends = [(item.net, item.net_low, item.net_high) for item in policies.items]
    today = [
        (item.against_today, item.against_today_low, item.against_today_high)
        for item in policies.items
    ]
    digits = figures.digits_for([PER_THOUSAND * each for row in [*ends, *today] for each in row])
    rows = tuple(
        (
            figures.policy_name_words(item.name),
            percent(item.share_treated, digits=0),
            _amount(net, digits),
            _amount(beside, digits),
            number(item.ess),
        )
        for item, net, beside in zip(policies.items, ends, today, strict=True)
    )
    header = (
        t("Policy"),
        t("Treated"),
        t("Against nobody"),
        t("Against today"),
        t("Effective sample size"),
    )
    caption = t("Every policy: {unit}", unit=figures.value_words(policies))
    return Grid(header=header, rows=rows, numeric=(1, 4), caption=caption)


def _amount(ends: tuple[float, float, float], digits: int) -> str:
    value, low, high = (PER_THOUSAND * each for each in ends)
    said = number(value, digits=digits, signed=True)
    return said if low == high else f"{said}, {interval(low, high, digits=digits)}"


def changes_grid(segments: tuple[TreatedSegment, ...]) -> Grid:
    """Return who would be treated, beside today."""
    rows = tuple(
        (
            quoted(item.column),
            figures.clipped(item.segment),
            number(item.n_units),
            percent(item.share_treated, digits=0),
            percent(item.share_today, digits=0),
        )
        for item in segments
    )
    header = (t("Column"), t("Segment"), t("Units"), t("Would be treated"), t("Treated today"))
    return Grid(header=header, rows=rows, numeric=(2, 3, 4), caption=t("Who changes"))
