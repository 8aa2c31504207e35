"""Texts longer than a label, and the only way a foreign name gets onto a page."""

from __future__ import annotations

import html
import re

from causal_core.analysis import (
    Analysis,
    Verdict,
    attempt_sentence,
    attempt_title,
    per_thousand,
    raw_difference,
)
from causal_core.language import count, listing, number, percent, t
from causal_core.question import Assignment, CausalQuestion, EffectKind
from causal_core.results import Check, EffectEstimate, Refutation
from causal_core.store import Project
from causal_core.table import BehaviorTable

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&=^@/\"'])")
_BREAK = "\u2060"


def label(text: str) -> str:
    r"""Return `text` so that Markdown shows it literally: no link, image, LaTeX, emoji, HTML.

    A word joiner splits what would be turned into a link by itself.

    Examples
    --------
    >>> print(label("*bold*"))
    \*bold\*
    """
    split = re.sub(r"(?i)(https?|ftp|www|mailto)(?=[:.])", rf"\1{_BREAK}", text)
    split = split.replace("@", f"@{_BREAK}").replace("\n", " ")
    return _SPECIAL.sub(r"\\\1", split)


def literal(text: str) -> str:
    """Return `text` for HTML: every special character escaped."""
    return html.escape(text, quote=True)


def slot(text: str) -> str:
    """Return a foreign name as an underlined slot of the question line."""
    return f'<span class="slot">{literal(text)}</span>'


def question_html(question: CausalQuestion | None) -> str:
    """Return the question as one sentence with its slots, safe to show."""
    if question is None:
        return literal(t("No question yet."))
    sentence = t(
        "Among {population}, does {treatment} ({contrast}) change {outcomes}?",
        population="\0p",
        treatment="\0t",
        contrast="\0c",
        outcomes="\0o",
    )
    filled = literal(sentence)
    parts = {
        "\0p": slot(question.population or t("all units")),
        "\0t": slot(question.treatment),
        "\0c": slot(str(question.contrast)),
        "\0o": ", ".join(slot(name) for name in question.outcomes),
    }
    for mark, value in parts.items():
        filled = filled.replace(mark, value)
    return filled


def table_sentence(table: BehaviorTable) -> str:
    """Return what was read and dropped, and how many units and columns there are."""
    read = table.cleaning.rows_read or len(table)
    dropped = max(read - len(table), 0)
    return t(
        "{read} rows read, {dropped} dropped ({share}); {rows} units, {columns} columns.",
        read=count(read),
        dropped=count(dropped),
        share=percent(dropped / read if read else 0.0),
        rows=count(len(table)),
        columns=number(len(table.schema.columns)),
    )


def aim_words(kind: EffectKind) -> str:
    """Return the aim that a kind of effect answers."""
    return {
        EffectKind.ATE: t("Does it work? (average over all)"),
        EffectKind.ATT: t("Was it worth it? (on those who got it)"),
        EffectKind.ATU: t("Give it to the rest? (on those who did not get it)"),
        EffectKind.EVERYONE: t("Everyone against today"),
    }[kind]


def assignment_words(who: Assignment) -> str:
    """Return who decided who was treated."""
    return {
        Assignment.UNKNOWN: t("Unknown (behaviour, a recommender, the users themselves)"),
        Assignment.CHANCE: t("Chance (an experiment)"),
        Assignment.RULE: t("A rule with a logged propensity"),
    }[who]


def verdict_sentence(analysis: Analysis, outcome: str, answer: Verdict) -> str:
    """Return the one sentence under the verdict; without a headline it holds no number."""
    effects = analysis.effects
    if effects is None:
        return t("Not estimated yet.")
    if answer is Verdict.NO_ANSWER:
        failed = [check.title for check in analysis.checks() if check.passed is not True]
        return t(
            "No number is given, since these checks did not pass: {checks}.", checks=listing(failed)
        )
    estimate = effects.of(outcome)
    raw = raw_difference(effects, outcome)
    return t(
        "{unit}: {effect}. The raw difference was {raw}.",
        unit=scale_words(estimate),
        effect=per_thousand(estimate),
        raw=per_thousand(raw),
    )


def scale_words(estimate: EffectEstimate) -> str:
    """Return what a number is counted in."""
    if estimate.effective_events is not None:
        return t("Per 1,000 units “{outcome}”", outcome=estimate.outcome)
    unit = estimate.outcome_unit or t("units of the outcome")
    return t("“{outcome}” in {unit}", outcome=estimate.outcome, unit=unit)


def step_words(step: str) -> str:
    """Return what a job is doing."""
    words = {
        "ingest": t("Reading the file"),
        "answer": t("Answering the question"),
        "discover": t("Searching the graph"),
        "whatif": t("Playing the scenarios"),
    }
    return words.get(step, step)


def project_line(project: Project) -> str:
    """Return when a project was changed last, and what it is."""
    kind = t("demo") if project.kind == "demo" else t("own data")
    return t("{kind}, changed {when} UTC", kind=kind, when=f"{project.changed:%Y-%m-%d %H:%M}")


def check_html(check: Check) -> str:
    """Return one check as a card: mark, title, sentence and remedy; safe to show."""
    remedy = f"<br><em>{literal(check.remedy)}</em>" if check.remedy else ""
    not_done = t("not done")
    return _card(check.title, check.passed, f"{literal(check.sentence)}{remedy}", not_done)


def attempt_html(attempt: Refutation, *, causal: bool) -> str:
    """Return one attempt to break an estimate as a card; safe to show."""
    title = f"{attempt_title(attempt.name)} · {attempt.outcome}"
    sentence = attempt_sentence(attempt, causal=causal)
    card = _card(title, attempt.passed, literal(sentence), t("informs"))
    return f'<div class="attempt">{card}</div>'


def _card(title: str, passed: bool | None, body: str, open_word: str) -> str:
    mark, word = {True: ("●", t("passed")), False: ("■", t("failed")), None: ("○", open_word)}[
        passed
    ]
    return (
        f'<div class="check">{mark} <strong>{literal(title)}</strong> · {literal(word)}'
        f'<br><span class="why">{body}</span></div>'
    )
