"""What stands on page one, in words: for the report's first sheet and for the Report room."""

from __future__ import annotations

from dataclasses import dataclass

from causal_core.analysis import Analysis, verdict, verdict_words
from causal_core.figures import plain, unit_words
from causal_core.language import interval, number, percent, t
from causal_core.report.advice import Action, action_words, advise, surely_lowered
from causal_core.report.money import (
    PER_THOUSAND,
    break_even_words,
    money_digits,
    net_of,
)
from causal_core.report.parts import Gate, Points, Slot, Subject, quoted
from causal_core.report.sections import gate
from causal_core.report.threats import threats
from causal_core.report.words import (
    amount,
    changing_points,
    known_points,
    question_words,
    refusal_sentence,
    scaled,
    segment_points,
    span_words,
    verdict_sentence,
)
from causal_core.results import EffectEstimate, Effects, Method


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number in large type: the value, what it counts, its interval."""

    label: str
    value: str
    unit: str
    reach: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One decision on page one: what it is about, a word in front, and why."""

    label: str
    word: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Front:
    """What the boss reads: everything on one sheet, but for the picture."""

    kicker: str
    simulated: str
    title: str
    question: str
    verdict: str
    sentence: str
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]
    failed: tuple[Gate, ...]
    failed_title: str
    known: Points | None
    points: tuple[Points, ...]
    slots: tuple[Slot, ...]
    span: str
    signed: str
    outcome: str | None
    action: Action | None = None

    @property
    def answered(self) -> bool:
        """Whether a headline number stands here."""
        return bool(self.figures)


def front(subject: Subject) -> Front:
    """Return page one: with numbers if every check passed, else with what would mend it."""
    analysis = subject.analysis
    question = analysis.question or (analysis.estimand.question if analysis.estimand else None)
    asked = (
        question_words(question, associational=subject.associational)
        if question
        else t("No question has been asked yet.")
    )
    effects, outcome = analysis.effects, subject.outcome
    allowed = subject.allowed and effects is not None and outcome is not None
    told = _answer(subject, effects, outcome) if allowed else None  # type: ignore[arg-type]
    checks = analysis.checks()
    open_checks = [check for check in checks if check.passed is not True]
    if effects is None:  # what was not done yet stands in the grey slots
        open_checks = [check for check in checks if check.passed is False]
    advice = advise(analysis, outcome) if allowed and outcome else None
    return Front(
        kicker=t("Report"),
        simulated=t("simulated data") if analysis.truth else "",
        title=plain(subject.title),
        question=asked,
        verdict=told.verdict if told else _no_answer(analysis),
        sentence=told.sentence if told else refusal_sentence(subject, open_checks),
        figures=told.figures if told else (),
        lines=told.lines if told else (),
        failed=() if told else tuple(gate(subject, check) for check in open_checks),
        failed_title=t("What is missing, and what would mend it"),
        known=None if told else _known(subject),
        points=told.points if told else (),
        slots=slots(analysis, outcome),
        span=span_words(subject),
        signed=t("Signed"),
        outcome=outcome,
        action=advice.action if advice else None,
    )


def _no_answer(analysis: Analysis) -> str:
    return t("No answer") if analysis.effects else t("No answer yet")


def _known(subject: Subject) -> Points | None:
    points = known_points(subject)
    return Points(heading=t("What is known"), items=points) if points else None


# ---------------------------------------------------------------- the answer


@dataclass(frozen=True, kw_only=True)
class _Answer:
    verdict: str
    sentence: str
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]
    points: tuple[Points, ...]


def _answer(subject: Subject, effects: Effects, outcome: str) -> _Answer:
    primary = effects.of(outcome)
    said = verdict(primary, allowed=subject.allowed, break_even=subject.break_even)
    lists = (
        Points(heading=t("What would change this"), items=changing_points(subject, primary)),
        Points(heading=t("Largest threats"), items=threats(subject)),
    )
    figures = (
        _figure(t("Effect"), primary, primary),
        _money_figure(subject, primary),
        _raw_figure(effects, primary),
    )
    return _Answer(
        verdict=verdict_words(said),
        sentence=verdict_sentence(subject, said, primary),
        figures=tuple(figure for figure in figures if figure is not None),
        lines=_lines(subject, primary),
        points=tuple(points for points in lists if points.items),
    )


def _figure(label: str, estimate: EffectEstimate, primary: EffectEstimate) -> Figure:
    value, reach = scaled(estimate, primary)
    return Figure(
        label=label,
        value=value,
        unit=f"{quoted(estimate.outcome)} {unit_words(primary)}",
        reach=_with_level(reach, estimate.level),
    )


def _with_level(reach: str, level: float) -> str:
    if not reach:
        return ""
    return t("{reach} ({level} interval)", reach=reach, level=percent(level, digits=0))


def _money_figure(subject: Subject, primary: EffectEstimate) -> Figure | None:
    """Return what 1,000 treated units bring after their cost, where a payoff says so."""
    analysis, effects = subject.analysis, subject.analysis.effects
    if effects is None or analysis.payoff is None:
        return None
    net = net_of(primary, analysis.payoff, effects.estimand.question)
    if net is None:
        return None
    value, low, high = (PER_THOUSAND * each for each in (net.value, net.low, net.high))
    digits = money_digits(value, low, high)
    currency = plain(analysis.payoff.currency)
    unit = t("per 1,000 units treated, cost taken off")
    return Figure(
        label=t("Money"),
        value=number(value, digits=digits, signed=True),
        unit=f"{currency} {unit}" if currency else unit,
        reach=_with_level(interval(low, high, digits=digits), primary.level),
    )


def _raw_figure(effects: Effects, primary: EffectEstimate) -> Figure:
    naive = effects.of(primary.outcome, Method.NAIVE)
    shown = _figure(t("Raw difference"), naive, primary)
    moved = amount(naive.value - primary.value, primary)
    who = t("{moved} of it is who was shown", moved=moved)
    if abs(primary.value) > abs(naive.value):
        who = t("who was shown hid {moved}", moved=moved)
    return Figure(label=shown.label, value=shown.value, unit=shown.reach, reach=who)


def _lines(subject: Subject, primary: EffectEstimate) -> tuple[Line, ...]:
    """Return what follows from the answer: for whom, what to do, and where it starts to pay."""
    analysis, lines = subject.analysis, []
    advice = advise(analysis, primary.outcome)
    if advice is not None:
        word = action_words(advice.action)
        lines.append(Line(label=t("Recommendation"), word=word, text=advice.because))
    if whom := segment_points(subject, primary):
        harmed = analysis.effects is not None and surely_lowered(
            analysis.effects.segments, primary.outcome
        )
        word = t("Not for all") if harmed else ""
        lines.append(Line(label=t("For whom"), word=word, text=" ".join(whom)))
    payoff, break_even = analysis.payoff, subject.break_even
    if break_even is not None and payoff is not None and payoff.value_per.get(primary.outcome):
        words = break_even_words(primary, payoff, break_even)
        lines.append(Line(label=t("Break-even"), word="", text=words))
    return tuple(lines)


# ---------------------------------------------------------------- what is not there yet


def slots(analysis: Analysis, outcome: str | None) -> tuple[Slot, ...]:
    """Return a grey slot for each thing that page one still lacks, naming the room."""
    made = (
        (analysis.table, "data", t("Data: no table yet. The room Data reads it.")),
        (analysis.question, "data", t("Question: not asked yet. The room Data asks it.")),
        (
            analysis.estimand,
            "graph",
            t("Identification: not done yet. The room Graph does it."),
        ),
        (analysis.model, "model", t("Model: not trained yet. The room Model trains it.")),
        (analysis.effects, "effects", t("Estimate: not made yet. The room Effects makes it.")),
        (
            analysis.refutations,
            "effects",
            t("Attempts to break it: none yet. The room Effects makes them."),
        ),
    )
    missing = [Slot(text=text, room=room) for value, room, text in made if value is None]
    worth = analysis.payoff.value_per.get(outcome or "") if analysis.payoff else None
    if not worth:
        text = t("Break-even: value and cost not stated. The room Strategy asks.")
        missing.append(Slot(text=text, room="strategy", needed=False))
    if analysis.policies is None:
        text = t("Policies: not compared yet. The room Strategy does it.")
        missing.append(Slot(text=text, room="strategy", needed=False))
    return tuple(missing)
