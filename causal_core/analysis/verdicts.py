"""The answer in a word and in numbers: from interval, zero and break-even."""

from __future__ import annotations

from enum import StrEnum

from causal_core.language import interval, number, t
from causal_core.results import EffectEstimate, Effects, Method


class Verdict(StrEnum):
    """The answer in a word, from interval, zero and break-even (ROOMS 4)."""

    PAYS = "pays"
    MAY_NOT_PAY = "may_not_pay"
    DOES_NOT_PAY = "does_not_pay"
    RAISES = "raises"
    CANNOT_TELL = "cannot_tell"
    LOWERS = "lowers"
    HARMS = "harms"
    NO_ANSWER = "no_answer"


def verdict(estimate: EffectEstimate, *, allowed: bool, break_even: float | None = None) -> Verdict:
    """Return the verdict on one estimate; `allowed` is whether every check passed."""
    if not allowed:
        return Verdict.NO_ANSWER
    if not (estimate.low > 0 or estimate.high < 0):  # an interval without ends tells nothing
        return Verdict.CANNOT_TELL
    if estimate.high < 0:
        return Verdict.HARMS if break_even is not None else Verdict.LOWERS
    if break_even is None:
        return Verdict.RAISES
    if estimate.low > break_even:
        return Verdict.PAYS
    return Verdict.MAY_NOT_PAY if estimate.high > break_even else Verdict.DOES_NOT_PAY


def verdict_words(value: Verdict) -> str:
    """Return the verdict as it stands on the screen and in the report."""
    return {
        Verdict.PAYS: t("Pays"),
        Verdict.MAY_NOT_PAY: t("Works, may not pay"),
        Verdict.DOES_NOT_PAY: t("Works, does not pay"),
        Verdict.RAISES: t("Raises"),
        Verdict.CANNOT_TELL: t("Cannot tell"),
        Verdict.LOWERS: t("Lowers"),
        Verdict.HARMS: t("Harms"),
        Verdict.NO_ANSWER: t("No answer"),
    }[value]


def per_thousand(estimate: EffectEstimate) -> str:
    """Return “+12, 4 to 20” per 1,000 units for a binary outcome, else in the outcome's unit."""
    scale, digits = (1000.0, 0) if estimate.effective_events is not None else (1.0, 3)
    if scale * max(abs(estimate.low), abs(estimate.high)) < 10:  # noqa: PLR2004 - small counts
        digits = max(digits, 1)
    value = number(scale * estimate.value, digits=digits, signed=True)
    return f"{value}, {interval(scale * estimate.low, scale * estimate.high, digits=digits)}"


def raw_difference(effects: Effects, outcome: str) -> EffectEstimate:
    """Return the naive estimate that stands beside the primary one."""
    return effects.of(outcome, Method.NAIVE)
