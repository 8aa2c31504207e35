"""What the report says: question, verdict, what is known, what would change it, what threatens it.

Takes an analysis, gives sentences. Where the estimand is no causal one, nothing here says
“effect” or “causes”.
"""

from __future__ import annotations

import math
import re

from causal_core.analysis import Verdict, attempt_sentence, raw_difference
from causal_core.figures import clipped, digits_for, method_words, scale_of, unit_words
from causal_core.language import interval, number, percent, t
from causal_core.question import CausalQuestion, EffectKind
from causal_core.report.money import shown_break_even
from causal_core.report.parts import Subject, quoted
from causal_core.results import (
    Check,
    EffectEstimate,
    Effects,
    Intervention,
    Method,
    Refutation,
    SegmentEffect,
)

DETECTABLE = 2.8  # standard errors: two-sided 5 %, power 80 %
_FAR = 2.0  # standard errors between two methods that disagree
_MOST_SEGMENTS = 2  # of either side, on page one


def names(found: tuple[str, ...] | list[str], *, most: int = 6) -> str:
    """Join quoted names for a sentence."""
    shown = ", ".join(quoted(name) for name in found[:most])
    left = len(found) - most
    return t("{names} and {n} more", names=shown, n=left) if left > 0 else shown


def question_words(question: CausalQuestion, *, associational: bool) -> str:
    """Return the question as one sentence."""
    among = _among(question)
    parts = {
        "among": among,
        "treatment": quoted(question.treatment),
        "contrast": str(question.contrast),
        "outcomes": names(question.outcomes),
        "window": question.window,
    }
    if associational and question.window:
        return t(
            "Among {among}, is {treatment} ({contrast}) associated with {outcomes} "
            "within {window}?",
            **parts,
        )
    if associational:
        return t("Among {among}, is {treatment} ({contrast}) associated with {outcomes}?", **parts)
    if question.window:
        return t(
            "Among {among}, does {treatment} ({contrast}) change {outcomes} within {window}?",
            **parts,
        )
    return t("Among {among}, does {treatment} ({contrast}) change {outcomes}?", **parts)


def _among(question: CausalQuestion) -> str:
    if question.population is None:
        return t("all units")
    return t("the units with {filter}", filter=question.population)


def kind_words(kind: EffectKind) -> str:
    """Return over whom is averaged."""
    return {
        EffectKind.ATE: t("on average over all units"),
        EffectKind.ATT: t("on average over those who got it"),
        EffectKind.ATU: t("on average over those who did not get it"),
        EffectKind.EVERYONE: t("if everyone got it, against today"),
    }[kind]


def scaled(estimate: EffectEstimate, primary: EffectEstimate) -> tuple[str, str]:
    """Return value and interval as the screen shows them: per 1,000 units, or in the unit."""
    scale = scale_of(primary)
    reach = scale * max(abs(primary.low), abs(primary.high))
    digits = 3 if scale == 1 else 0 if reach >= 10 else 1  # noqa: PLR2004 - as `per_thousand`
    if not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return number(scale * estimate.value, digits=digits, signed=True), ""
    return (
        number(scale * estimate.value, digits=digits, signed=True),
        interval(scale * estimate.low, scale * estimate.high, digits=digits),
    )


def amount(value: float, primary: EffectEstimate) -> str:
    """Return a difference without sign, in the unit in which `primary` is shown."""
    size = abs(scale_of(primary) * value)
    digits = 3 if scale_of(primary) == 1 else 0 if size >= 10 else 1  # noqa: PLR2004
    return f"{number(size, digits=digits)} {unit_words(primary)}"


def lever_words(lever: Intervention) -> str:
    """Return what one lever does."""
    name = quoted(lever.column)
    if lever.operation == "set" or isinstance(lever.value, str):
        value = lever.value if isinstance(lever.value, str) else f"{lever.value:g}"
        return t("{column} set to {value}", column=name, value=value)
    if lever.operation == "shift":
        by = number(lever.value, digits=2, signed=True)
        return t("{column} shifted by {value}", column=name, value=by)
    return t("{column} multiplied by {value}", column=name, value=number(lever.value, digits=2))


def verdict_sentence(subject: Subject, verdict: Verdict, primary: EffectEstimate) -> str:
    """Return the verdict as a sentence with treatment and outcome in it."""
    question = primary_question(subject)
    parts = {
        "treatment": quoted(question.treatment),
        "outcome": quoted(primary.outcome),
        "average": kind_words(question.kind),
    }
    if verdict is Verdict.CANNOT_TELL:
        return t(
            "Whether {treatment} changes {outcome} cannot be told: the interval holds zero.",
            **parts,
        )
    if verdict in (Verdict.LOWERS, Verdict.HARMS):
        return t("{treatment} lowers {outcome}, {average}.", **parts)
    said = t("{treatment} raises {outcome}, {average}.", **parts)
    more = {
        Verdict.PAYS: t("All of the interval lies above break-even."),
        Verdict.MAY_NOT_PAY: t("The interval holds the break-even point."),
        Verdict.DOES_NOT_PAY: t("All of the interval lies below break-even."),
    }
    return f"{said} {more[verdict]}" if verdict in more else said


def primary_question(subject: Subject) -> CausalQuestion:
    """Return the question that the effects answer."""
    effects = subject.analysis.effects
    if effects is None:
        raise ValueError("there are no effects to tell of")
    return effects.estimand.question


# ---------------------------------------------------------------- refused


def refusal_sentence(subject: Subject, failed: list[Check]) -> str:
    """Return why there is no headline number."""
    titles = ", ".join(check.title for check in failed)
    if subject.associational:
        return t(
            "Associational only: the data show a difference between groups, not what made it. "
            "Not passed: {checks}.",
            checks=titles,
        )
    if subject.analysis.effects is None:
        return t("There is no estimate yet, so there is nothing to answer with.")
    return t("The number is withheld. Not passed: {checks}.", checks=titles)


def known_points(subject: Subject) -> tuple[str, ...]:
    """Return what may be said without a headline: sizes, comparability, passed checks."""
    analysis = subject.analysis
    points = []
    if analysis.table is not None:
        points.append(t("{n} units were read.", n=number(len(analysis.table))))
    if analysis.estimand is not None:
        found = list(analysis.estimand.adjustment_set)
        points.append(
            t("Adjusted for: {names}.", names=names(found))
            if found
            else t("Nothing is adjusted for.")
        )
    if analysis.effects is not None:
        share = percent(analysis.effects.overlap.share_comparable, digits=0)
        points.append(t("{share} of units have a comparable counterpart.", share=share))
    checks = analysis.checks()
    passed = [check.title for check in checks if check.passed is True]
    if passed:
        listed = ", ".join(passed)
        points.append(
            t(
                "{n} of {total} checks passed: {checks}.",
                n=len(passed),
                total=len(checks),
                checks=listed,
            )
        )
    return tuple(points)


_CAUSAL_WORD = re.compile(r"\b(effects?|caus(e|es|ed|al|ally))\b", re.IGNORECASE)


def check_sentence(subject: Subject, check: Check) -> str:
    """Return what a check found; in an associational report without causal words."""
    if subject.associational and _CAUSAL_WORD.search(check.sentence):
        return t("See the section on this check.")
    return check.sentence


def assumed_points(subject: Subject, assumptions: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is assumed; in an associational report without causal words."""
    if not subject.associational:
        return assumptions
    neutral = t("Nothing that nobody measured moves both the treatment and an outcome.")
    kept = tuple(text for text in assumptions if not _CAUSAL_WORD.search(text))
    return kept if len(kept) == len(assumptions) else (neutral, *kept)


def cautions(subject: Subject, effects: Effects) -> tuple[str, ...]:
    """Return the warnings of the estimation.

    In a report without an order in time those in causal words are left to the manifest. With one,
    an open graph gives a range of effects, and the range is told.
    """
    if not subject.associational or effects.estimand.time_ordered:
        return effects.warnings
    return tuple(text for text in effects.warnings if not _CAUSAL_WORD.search(text))


def attempt_words(subject: Subject, attempt: Refutation) -> str:
    """Return what an attempt to break the estimate found."""
    return attempt_sentence(attempt, causal=not subject.associational)


# ---------------------------------------------------------------- what would change this


def changing_points(subject: Subject, primary: EffectEstimate) -> tuple[str, ...]:
    """Return what would turn the verdict, in the reader's unit."""
    effects = subject.analysis.effects
    if effects is None:
        return ()
    points: list[str] = []
    if primary.low <= 0 <= primary.high:
        detectable = amount(DETECTABLE * primary.standard_error, primary)
        points.append(
            t(
                "More units: with these, an effect smaller than about {size} mostly goes unseen.",
                size=detectable,
            )
        )
    else:
        points.append(_bias_point(effects, primary))
    if subject.break_even is not None:
        points.append(
            t(
                "A break-even point other than {value} {unit}.",
                value=shown_break_even(subject.break_even, primary),
                unit=unit_words(primary),
            )
        )
    points += _disagreements(effects, primary)
    return tuple(points)


def _bias_point(effects: Effects, primary: EffectEstimate) -> str:
    """Return how large a bias would bring the interval to zero, beside what adjustment moved."""
    gap = min(abs(primary.low), abs(primary.high))
    moved = raw_difference(effects, primary.outcome).value - primary.value
    return t(
        "A hidden cause that shifts {outcome} by {size} would bring the interval to zero. All "
        "columns adjusted for shifted it by {moved} together.",
        outcome=quoted(primary.outcome),
        size=amount(gap, primary),
        moved=amount(moved, primary),
    )


def _disagreements(effects: Effects, primary: EffectEstimate) -> list[str]:
    others = [
        estimate
        for estimate in effects.estimates
        if estimate.outcome == primary.outcome
        and estimate.method in (Method.LINEAR, Method.PLUGIN)
        and abs(estimate.value - primary.value) > _FAR * primary.standard_error
    ]
    return [
        t(
            "Trusting another method: the {method} gives {value}.",
            method=method_words(estimate.method),
            value=", ".join(scaled(estimate, primary)),
        )
        for estimate in others
    ]


# ---------------------------------------------------------------- for whom


def segment_points(subject: Subject, primary: EffectEstimate) -> tuple[str, ...]:
    """Return in which segments the effect differs from the average, or that it does in none.

    A segment differs if its interval does not hold the average; the intervals hold for all
    segments together.
    """
    effects = subject.analysis.effects
    own = [item for item in effects.segments if item.outcome == primary.outcome] if effects else []
    if not own:
        return ()
    higher = [item for item in own if item.low > primary.value]
    lower = [item for item in own if item.high < primary.value]
    if not higher and not lower:
        return (t("None of {n} segments differs clearly from the average.", n=len(own)),)
    points = []
    if higher:
        points.append(t("More than average: {segments}.", segments=_valued(higher, primary)))
    if lower:
        points.append(t("Less than average: {segments}.", segments=_valued(lower, primary)))
    left = len(own) - len(higher) - len(lower)
    if left:
        points.append(t("Other segments without a clear difference: {n}.", n=left))
    return tuple(points)


def _valued(found: list[SegmentEffect], primary: EffectEstimate) -> str:
    """Name segments with their numbers, those farthest from the average first."""
    found = sorted(found, key=lambda item: -abs(item.value - primary.value))
    scale = scale_of(primary)
    said = []
    for item in found[:_MOST_SEGMENTS]:
        low, high = scale * item.low, scale * item.high
        digits = digits_for([low, high])
        value = number(scale * item.value, digits=digits, signed=True)
        name = f"“{clipped(item.column)}: {clipped(item.segment)}”"
        said.append(f"{name} ({value}, {interval(low, high, digits=digits)})")
    left = len(found) - _MOST_SEGMENTS
    shown = "; ".join(said)
    return t("{names} and {n} more", names=shown, n=left) if left > 0 else shown


# ---------------------------------------------------------------- the data's span


def span_words(subject: Subject) -> str:
    """Return which rows and which time the data cover."""
    table = subject.analysis.table
    if table is None:
        return t("No data yet.")
    units = t("{n} units", n=number(len(table)))
    columns = [column.name for column in table.schema if column.kind.value == "time"]
    times = [table.frame[name].dropna() for name in columns]
    seen = [(values.min(), values.max()) for values in times if len(values)]
    if not seen:
        return t("{units}; the table holds no times.", units=units)
    first, last = min(low for low, _ in seen), max(high for _, high in seen)
    return t(
        "{units}, {first} to {last} (UTC)",
        units=units,
        first=first.strftime("%Y-%m-%d"),
        last=last.strftime("%Y-%m-%d"),
    )
