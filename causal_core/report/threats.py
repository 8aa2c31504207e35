"""What threatens the answer, the largest first. Takes an analysis, gives sentences."""

from __future__ import annotations

from causal_core.analysis import FEW_EVENTS
from causal_core.language import number, percent, t
from causal_core.question import Assignment, SetSource
from causal_core.report.parts import Subject
from causal_core.report.words import attempt_words, names
from causal_core.results import Policies, PolicyName
from causal_core.schema import Known

_LOST_ROWS = 0.05
_LOST_UNITS = 0.005  # below it the share would read “0 %”
_THREATS = 3
_FEW_TREATED = 100.0  # effective units that were treated as a policy says

_Threat = tuple[float, str]  # how large, and the sentence


def threats(subject: Subject) -> tuple[str, ...]:
    """Return the three largest threats to the answer, the largest first."""
    found = [
        *_hidden_threats(subject),
        *_overlap_threats(subject),
        *_event_threats(subject),
        *_data_threats(subject),
        *_refutation_threats(subject),
    ]
    found.sort(key=lambda threat: -threat[0])
    return tuple(text for _, text in found[:_THREATS])


def _hidden_threats(subject: Subject) -> list[_Threat]:
    estimand = subject.analysis.estimand
    if estimand is None or subject.associational:
        return []
    found: list[_Threat] = []
    if estimand.question.assignment is Assignment.UNKNOWN:
        found.append(
            (
                3.0,
                t(
                    "A common cause that nobody measured: it is not known who decided who got it, "
                    "and only {n} columns are adjusted for.",
                    n=len(estimand.adjustment_set),
                ),
            )
        )
    if estimand.source is SetSource.ROLES:
        found.append((1.5, t("No graph stands behind the adjustment: all columns known before.")))
    if estimand.source is SetSource.ANALYST:
        found.append((1.5, t("The columns adjusted for were chosen by hand.")))
    found.append((0.5, t("One unit's treatment may reach another's outcome; this is not tested.")))
    return found


def _overlap_threats(subject: Subject) -> list[_Threat]:
    effects = subject.analysis.effects
    if effects is None or effects.overlap.trimmed < _LOST_UNITS:
        return []
    share = effects.overlap.trimmed
    text = t("{share} of units have no comparable counterpart.", share=percent(share, digits=0))
    return [(1.0 + 4.0 * share, text)]


def _event_threats(subject: Subject) -> list[_Threat]:
    effects = subject.analysis.effects
    if effects is None:
        return []
    few = [
        estimate.outcome
        for estimate in effects.primaries()
        if estimate.effective_events and min(estimate.effective_events) < FEW_EVENTS
    ]
    text = t("Rare events: the interval of {names} may be too short.", names=names(few))
    return [(2.0, text)] if few else []


def _data_threats(subject: Subject) -> list[_Threat]:
    table = subject.analysis.table
    if table is None:
        return []
    found: list[_Threat] = []
    read, kept = table.cleaning.rows_read, len(table)
    if read and (read - kept) / read > _LOST_ROWS:
        share = percent((read - kept) / read, digits=0)
        found.append((1.2, t("{share} of the rows read were dropped.", share=share)))
    unknown = [
        column.name
        for column in table.schema
        if column.is_covariate and column.known is Known.UNKNOWN
    ]
    if unknown:
        found.append((1.4, t("Nobody said when {names} were known.", names=names(unknown, most=4))))
    return found


def _refutation_threats(subject: Subject) -> list[_Threat]:
    refutations = subject.analysis.refutations
    if refutations is None:
        missing = t("Nobody has tried to break the number yet.")
        return [(2.5, missing)] if subject.analysis.effects is not None else []
    broken = [attempt for attempt in refutations.attempts if attempt.passed is False]
    return [(4.0, attempt_words(subject, attempt)) for attempt in broken[:1]]


# ---------------------------------------------------------------- a policy's


def policy_threats(policies: Policies, window: str = "") -> tuple[str, ...]:
    """Return what could make a policy worth less than it seems, the gravest first."""
    best = policies.of(PolicyName.BEST)
    found = list(policies.warnings)
    if best.share_treated and best.ess < _FEW_TREATED:
        text = t("Thin support: the rule is judged on an effective {n} units.", n=number(best.ess))
        found.insert(0, text)
    fades = (
        t("Novelty: the gain is that of {window}; it may fade when repeated.", window=window)
        if window
        else t("Novelty: the gain is that of one outcome window; it may fade when repeated.")
    )
    return (
        *found,
        t("Interference: one unit's treatment may reach another's outcome; this is not tested."),
        fades,
        t("Popularity: what is shown more becomes known more; the past does not show that."),
        t(
            "The winner's curse is avoided: units are ranked by models that never saw them, and "
            "judged on their own outcomes."
        ),
    )
