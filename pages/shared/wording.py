"""Texts longer than a label, and the only way a foreign name gets onto a page."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence

from causal_core.analysis import (
    Analysis,
    Verdict,
    attempt_sentence,
    attempt_title,
    per_thousand,
    raw_difference,
)
from causal_core.jobs import Expectation
from causal_core.language import count, listing, number, percent, t
from causal_core.question import Assignment, EffectKind
from causal_core.results import Check, EffectEstimate, Refutation
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
        "{unit}: {effect} ({level} interval). The raw difference was {raw}.",
        unit=scale_words(estimate, effects.estimand.question.kind),
        effect=per_thousand(estimate),
        level=percent(effects.level, digits=0),
        raw=per_thousand(raw),
    )


def scale_words(estimate: EffectEstimate, kind: EffectKind = EffectKind.ATE) -> str:
    """Return what a number is counted in, and for whom."""
    if estimate.effective_events is None:
        unit = estimate.outcome_unit or t("units of the outcome")
        return t("“{outcome}” in {unit}", outcome=estimate.outcome, unit=unit)
    words = {
        EffectKind.ATE: t("“{outcome}” per 1,000 units", outcome=estimate.outcome),
        EffectKind.ATT: t("“{outcome}” per 1,000 units that got it", outcome=estimate.outcome),
        EffectKind.ATU: t(
            "“{outcome}” per 1,000 units that do not get it today", outcome=estimate.outcome
        ),
        EffectKind.EVERYONE: t(
            "“{outcome}” per 1,000 units, everyone against today", outcome=estimate.outcome
        ),
    }
    return words[kind]


def step_words(step: str) -> str:
    """Return what a job is doing."""
    words = {
        "ingest": t("Reading the file"),
        "answer": t("Answering the question"),
        "discover": t("Searching the graph"),
        "whatif": t("Playing the scenarios"),
        "overlap": t("Looking who is comparable"),
        "policy": t("Comparing the policies"),
        "lab": t("Running the truth lab"),
    }
    return words.get(step, step)


def check_html(check: Check) -> str:
    """Return one check as a card: mark, title, sentence and remedy; safe to show."""
    remedy = f"<br><em>{literal(check.remedy)}</em>" if check.remedy else ""
    not_done = t("not done")
    return _card(check.title, check.passed, f"{literal(check.sentence)}{remedy}", not_done)


def attempts_html(name: str, group: Sequence[Refutation], *, causal: bool) -> str:
    """Return the attempts of one kind to break the estimates as one card; safe to show."""
    judged = [attempt for attempt in group if attempt.passed is not None]
    broken = [attempt for attempt in judged if attempt.passed is False]
    told = [_should_words(name)] if causal else []
    if judged:
        right = len(judged) - len(broken)
        told.append(t("{passed} of {n} outcomes passed.", passed=right, n=len(judged)))
    told += [attempt_sentence(attempt, causal=causal) for attempt in broken[:1]]
    passed = not broken if judged else None
    body = literal(" ".join(filter(None, told)))
    card = _card(attempt_title(name), passed, body, t("informs"))
    return f'<div class="attempt">{card}</div>'


def _should_words(name: str) -> str:
    """Return what an attempt to break a true effect should find."""
    return {
        "placebo_treatment": t("Dealt out at random, the treatment should change nothing."),
        "random_common_cause": t("A made-up column should leave the effect where it is."),
        "data_subset": t("Half of the units should give about the same effect."),
        "e_value": t(
            "How many times as likely a hidden cause would have to make both treatment and "
            "outcome, to explain the effect away."
        ),
    }.get(name, "")


def _card(title: str, passed: bool | None, body: str, open_word: str) -> str:
    mark, word = {True: ("●", t("passed")), False: ("■", t("failed")), None: ("○", open_word)}[
        passed
    ]
    name = literal(f"{title} · {word}")
    return (
        f'<div class="check" role="group" aria-label="{name}">'
        f"{mark} <strong>{literal(title)}</strong> · {literal(word)}"
        f'<br><span class="why">{body}</span></div>'
    )


def expectation_words(expectation: Expectation) -> str:
    """Return how long a step will take and how much memory, e.g. “about 20 s, 1.1 GB”."""
    return t(
        "about {time}, {memory}",
        time=duration_words(expectation.seconds),
        memory=memory_words(expectation.megabytes),
    )


def memory_words(megabytes: float) -> str:
    """Return an amount of memory as one would say it.

    Examples
    --------
    >>> memory_words(1130), memory_words(20)
    ('1.1 GB', '0.1 GB')
    """
    return t("{n} GB", n=number(max(megabytes / 1000, 0.1), digits=1))


def duration_words(seconds: float) -> str:
    """Return a time to wait, rounded as one would say it.

    Examples
    --------
    >>> duration_words(3.2), duration_words(47), duration_words(130), duration_words(5000)
    ('5 s', '50 s', '3 min', '1.4 h')
    """
    if seconds <= 10:  # noqa: PLR2004
        return t("{n} s", n=number(5 if seconds <= 5 else 10))  # noqa: PLR2004
    if seconds <= 90:  # noqa: PLR2004
        return t("{n} s", n=number(10 * math.ceil(seconds / 10)))
    if seconds <= 3600:  # noqa: PLR2004
        return t("{n} min", n=number(math.ceil(seconds / 60)))
    return t("{n} h", n=number(seconds / 3600, digits=1))
