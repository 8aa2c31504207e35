"""Page one, and the HTML file. Takes a subject, gives what the template lays out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from causal_core import figures
from causal_core.analysis import verdict, verdict_words
from causal_core.language import current, percent, t
from causal_core.report import pictures
from causal_core.report.parts import (
    Gate,
    Picture,
    Points,
    Section,
    Slot,
    Subject,
    quoted,
)
from causal_core.report.sections import gate
from causal_core.report.threats import threats
from causal_core.report.words import (
    amount,
    changing_points,
    known_points,
    question_words,
    refusal_sentence,
    scaled,
    span_words,
    verdict_sentence,
)
from causal_core.results import EffectEstimate, Effects, Method

_TEMPLATES = Path(__file__).parent.parent / "templates"
_CONTENT_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number in large type: the value, what it counts, its interval."""

    label: str
    value: str
    unit: str
    reach: str


@dataclass(frozen=True, kw_only=True)
class PageOne:
    """What the boss reads: everything on one sheet."""

    kicker: str
    simulated: str
    title: str
    question: str
    verdict: str
    sentence: str
    effect: Figure | None
    raw: Figure | None
    picture: Picture | None
    failed: tuple[Gate, ...]
    failed_title: str
    known: Points | None
    points: tuple[Points, ...]
    slots: tuple[Slot, ...]
    span: str
    signed: str


def page_one(subject: Subject) -> PageOne:
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
    return PageOne(
        kicker=t("Report"),
        simulated=t("simulated data") if analysis.truth else "",
        title=figures.plain(subject.title),
        question=asked,
        verdict=told.verdict if told else _no_answer(subject),
        sentence=told.sentence if told else refusal_sentence(subject, open_checks),
        effect=told.effect if told else None,
        raw=told.raw if told else None,
        picture=told.picture if told else None,
        failed=() if told else tuple(gate(subject, check) for check in open_checks),
        failed_title=t("What is missing, and what would mend it"),
        known=None if told else _known(subject),
        points=told.points if told else (),
        slots=_slots(subject),
        span=span_words(subject),
        signed=t("Signed"),
    )


def _no_answer(subject: Subject) -> str:
    return t("No answer") if subject.analysis.effects else t("No answer yet")


def _known(subject: Subject) -> Points | None:
    points = known_points(subject)
    return Points(heading=t("What is known"), items=points) if points else None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    verdict: str
    sentence: str
    effect: Figure
    raw: Figure
    picture: Picture
    points: tuple[Points, ...]


def _answer(subject: Subject, effects: Effects, outcome: str) -> _Answer:
    primary = effects.of(outcome)
    said = verdict(primary, allowed=subject.allowed, break_even=subject.break_even)
    lists = (
        Points(heading=t("What would change this"), items=changing_points(subject, primary)),
        Points(heading=t("Largest threats"), items=threats(subject)),
    )
    return _Answer(
        verdict=verdict_words(said),
        sentence=verdict_sentence(subject, said, primary),
        effect=_figure(t("Effect"), primary, primary),
        raw=_raw_figure(effects, primary),
        picture=pictures.outcomes_picture(
            effects, truth=subject.analysis.truth, break_even=subject.break_even, main=outcome
        ),
        points=tuple(points for points in lists if points.items),
    )


def _figure(label: str, estimate: EffectEstimate, primary: EffectEstimate) -> Figure:
    value, reach = scaled(estimate, primary)
    level = percent(estimate.level, digits=0)
    return Figure(
        label=label,
        value=value,
        unit=f"{quoted(estimate.outcome)} {figures.unit_words(primary)}",
        reach=t("{reach} ({level} interval)", reach=reach, level=level) if reach else "",
    )


def _raw_figure(effects: Effects, primary: EffectEstimate) -> Figure:
    naive = effects.of(primary.outcome, Method.NAIVE)
    shown = _figure(t("Raw difference"), naive, primary)
    moved = amount(naive.value - primary.value, primary)
    who = t("{moved} of it is who was shown", moved=moved)
    if abs(primary.value) > abs(naive.value):
        who = t("who was shown hid {moved}", moved=moved)
    return Figure(label=shown.label, value=shown.value, unit=shown.reach, reach=who)


def _slots(subject: Subject) -> tuple[Slot, ...]:
    """Return a grey slot for each thing that page one still lacks, naming the room."""
    analysis = subject.analysis
    made = (
        (analysis.table, t("Data: no table yet. The room Data reads it.")),
        (analysis.question, t("Question: not asked yet. The room Data asks it.")),
        (analysis.estimand, t("Identification: not done yet. The room Graph does it.")),
        (analysis.model, t("Model: not trained yet. The room Model trains it.")),
        (analysis.effects, t("Estimate: not made yet. The room Effects makes it.")),
        (analysis.refutations, t("Attempts to break it: none yet. The room Effects makes them.")),
    )
    return tuple(Slot(text=text) for value, text in made if value is None)


# ---------------------------------------------------------------- HTML


def html(subject: Subject, sections: tuple[Section, ...]) -> str:
    """Return the whole report as one file that asks nothing of any server."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_unbroken,
    )
    first = page_one(subject)
    drawer = (_TEMPLATES / "report.js").read_text("utf-8")
    scripts = [figures.plotly_script(), drawer]
    sources = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    page = environment.get_template("report.html").render(
        language=current(),
        policy=_CONTENT_POLICY.format(scripts=sources),
        style=Markup((_TEMPLATES / "report.css").read_text("utf-8")),
        scripts=[Markup(script) for script in scripts],
        page=first,
        sections=sections,
        pictures=[_raw(picture, Markup) for picture in _pictures(first, sections)],
        table_label=t("Show as table"),
        to_mend=t("To mend it:"),
    )
    return page + "\n"


def _unbroken(value: object) -> object:
    """Keep “95 %” on one line; markup of our own passes untouched."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _pictures(first: PageOne, sections: tuple[Section, ...]) -> Iterator[Picture]:
    if first.picture:
        yield first.picture
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Picture):
                yield block


def _raw(picture: Picture, markup: type) -> tuple[str, object]:
    """Return a picture's name and its JSON, which holds no “<” and needs no further escape."""
    return picture.name, markup(picture.json)
