"""Turns repeated estimates into verdicts: shift over standard error, Holm over all attempts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from causal_core.language import number, t
from causal_core.refutation._dowhy import Run
from causal_core.results import Refutation

ALPHA = 0.05
# Parts may differ 2.5 times as much as their standard errors promise: the folds of a light refit
# alone can move it by up to one standard error, which no standard error counts.
TOLERATED_SPREAD = 2.5
PLACEBO_RUNS = 20


def placebo(outcome: str, runs: Sequence[Run]) -> Refutation:
    """Judge whether estimates under a treatment without effect are compatible with zero.

    Student's t of their mean over its standard error, ``len(runs) − 1`` degrees of freedom:
    given the data the permutations are independent draws, so the level holds exactly for
    normal estimates, whatever standard errors the refits claim.
    """
    from scipy.special import stdtr

    values = np.array([run[outcome][0] for run in runs])
    mean, error = float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))
    p_value = 2 * float(stdtr(len(values) - 1, -_ratio(mean, error)))
    return _attempt("placebo_treatment", outcome, (mean, 0.0, error), p_value)


def random_common_cause(outcome: str, original: Run, runs: Sequence[Run]) -> Refutation:
    """Judge whether a made-up cause moves the estimate by more than its own uncertainty."""
    value, error = original[outcome]
    mean = float(np.mean([run[outcome][0] for run in runs]))
    p_value = _two_sided(_ratio(mean - value, error))
    return _attempt("random_common_cause", outcome, (mean, value, error), p_value)


def subset(outcome: str, original: Run, runs: Sequence[Run], *, fraction: float) -> Refutation:
    """Judge whether random parts of the units agree with the whole as well as they should.

    A part of share f with a sound standard error s differs from the whole by a normal shift of
    variance s² (1 − f). Refuted is a spread beyond `TOLERATED_SPREAD` times that: a few units
    decide the estimate, or its standard error is far too small.
    """
    from scipy.special import chdtrc

    value = original[outcome][0]
    shifts = np.array([run[outcome][0] for run in runs]) - value
    errors = np.array([run[outcome][1] for run in runs])
    spread = float(np.sqrt(np.mean(shifts**2)))
    expected = TOLERATED_SPREAD * math.sqrt(float(np.mean(errors**2)) * (1 - fraction))
    p_value = float(chdtrc(len(shifts), len(shifts) * _ratio(spread, expected) ** 2))
    mean = value + float(shifts.mean())
    return _attempt("data_subset", outcome, (mean, value, spread), p_value)


def _ratio(shift: float, error: float) -> float:
    """Return |shift| / error; no shift at all is no evidence, even beside no error."""
    if shift == 0:
        return 0.0
    return abs(shift) / error if error > 0 else math.inf if math.isfinite(shift) else math.nan


def _two_sided(ratio: float) -> float:
    return math.erfc(ratio / math.sqrt(2))


def _attempt(
    name: str, outcome: str, numbers: tuple[float, float, float], p_value: float
) -> Refutation:
    """Return an attempt that is not judged yet, or one that gave no number."""
    if not all(math.isfinite(x) for x in (*numbers, p_value)):
        return unable(name, outcome, t("it gave no number."))
    value, reference, error = numbers
    return Refutation(
        name=name,
        outcome=outcome,
        passed=None,
        value=value,
        reference=reference,
        standard_error=error,
        p_value=p_value,
        sentence="",
    )


def unable(name: str, outcome: str, reason: str) -> Refutation:
    """Return an attempt that could not be made.

    On as many units as before that breaks the estimate. On half of them it only informs: rare
    outcomes may run out of events there, and the check on effective events judges those.
    """
    return Refutation(
        name=name,
        outcome=outcome,
        passed=None if name == "data_subset" else False,
        value=0.0,
        reference=0.0,
        standard_error=0.0,
        p_value=None,
        sentence=impossible(name, outcome, reason),
    )


def holm(attempts: Sequence[Refutation], *, per_thousand: frozenset[str]) -> tuple[Refutation, ...]:
    """Judge all attempts together at 5 % (Holm, 1979) and word each verdict.

    The returned `p_value` is adjusted: below 0.05 exactly where `passed` is False. An attempt
    without a p-value keeps its verdict.
    """
    tested = sorted(
        (at for at, attempt in enumerate(attempts) if attempt.p_value is not None),
        key=lambda at: attempts[at].p_value or 0.0,
    )
    judged = list(attempts)
    largest, limit = 0.0, ALPHA
    for rank, at in enumerate(tested):
        left = len(tested) - rank
        if largest < ALPHA:
            limit = ALPHA / left
        largest = min(1.0, max(largest, left * (attempts[at].p_value or 0.0)))
        verdict = replace(attempts[at], p_value=largest, passed=largest >= ALPHA)
        words = sentence(verdict, limit=limit, per_thousand=verdict.outcome in per_thousand)
        judged[at] = replace(verdict, sentence=words)
    return tuple(judged)


def sentence(attempt: Refutation, *, limit: float, per_thousand: bool) -> str:
    """Say to a manager what was tried and what came of it.

    `limit` is the p-value below which the attempt broke the estimate, so that the number and
    the band around it say the same as the verdict.
    """
    if attempt.name == "placebo_treatment":
        words = _placebo_words(bool(attempt.passed))
        moved = attempt.value
    elif attempt.name == "random_common_cause":
        words = _cause_words(bool(attempt.passed))
        moved = attempt.value - attempt.reference
    else:
        words = _subset_words(bool(attempt.passed))
        moved = attempt.standard_error
    return words.format(
        outcome=attempt.outcome,
        moved=_amount(moved, per_thousand, signed=attempt.name != "data_subset"),
        band=_amount(_band(attempt, limit), per_thousand),
    )


def _band(attempt: Refutation, limit: float) -> float:
    from scipy.special import ndtri, stdtrit

    if attempt.name == "placebo_treatment":
        return float(stdtrit(PLACEBO_RUNS - 1, 1 - limit / 2)) * attempt.standard_error
    return float(ndtri(1 - limit / 2)) * attempt.standard_error


def _placebo_words(passed: bool) -> str:
    if passed:
        return t(
            "With the treatment dealt out at random, the effect on “{outcome}” vanishes, as it "
            "must: {moved}, where chance alone gives up to ±{band}."
        )
    return t(
        "Even a treatment dealt out at random seems to move “{outcome}” by {moved}, where chance "
        "alone gives up to ±{band}: the method finds effects that are not there."
    )


def _cause_words(passed: bool) -> str:
    if passed:
        return t(
            "A made-up cause moves the effect on “{outcome}” by {moved}, within its own "
            "uncertainty of ±{band}."
        )
    return t(
        "A made-up cause moves the effect on “{outcome}” by {moved}, more than its own "
        "uncertainty of ±{band}: the estimate hangs on the choice of columns."
    )


def _subset_words(passed: bool) -> str:
    if passed:
        return t(
            "On random halves of the units the effect on “{outcome}” moves by about {moved}, "
            "no more than halves may."
        )
    return t(
        "On random halves of the units the effect on “{outcome}” moves by about {moved}, more "
        "than its interval allows: a few units decide it."
    )


def impossible(name: str, outcome: str, reason: str) -> str:
    """Say that an attempt could not be made."""
    tried = {
        "placebo_treatment": t("with a treatment dealt out at random"),
        "random_common_cause": t("with a made-up cause added"),
        "data_subset": t("on random halves of the units"),
    }[name]
    return t(
        "The effect on “{outcome}” could not be estimated again {tried}: {reason}",
        outcome=outcome,
        tried=tried,
        reason=reason,
    )


def _amount(value: float, per_thousand: bool, *, signed: bool = False) -> str:
    if per_thousand:
        return t("{value} per 1,000", value=number(1_000 * value, digits=1, signed=signed))
    digits = 3 if value == 0 else min(8, max(0, 2 - math.floor(math.log10(abs(value)))))
    return number(value, digits=digits, signed=signed)
