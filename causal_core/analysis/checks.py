"""The gate before the headline, one line each: time, identification, overlap, events, attempts."""

from __future__ import annotations

from causal_core.language import listing, number, t
from causal_core.question import Estimand, SetSource, Status, Strategy
from causal_core.results import Check, Effects, Refutation, Refutations

LEAST_EVENTS = 20.0
FEW_EVENTS = 50.0


def gate(
    estimand: Estimand | None, effects: Effects | None, refutations: Refutations | None
) -> tuple[Check, ...]:
    """Return every check, in the order they are shown."""
    return (
        _time_check(estimand),
        _identification_check(estimand),
        _overlap_check(effects),
        _events_check(effects),
        _refutation_check(refutations, effects, estimand),
    )


def _time_check(estimand: Estimand | None) -> Check:
    title = t("Order in time")
    if estimand is None:
        return Check(name="time_order", title=title, passed=None, sentence=t("Not asked yet."))
    if estimand.time_ordered:
        sentence = t("Everything adjusted for was known before the treatment.")
        return Check(name="time_order", title=title, passed=True, sentence=sentence)
    return Check(
        name="time_order",
        title=title,
        passed=False,
        sentence=t("Nobody stated what was known before the treatment: associational only."),
        remedy=t("Say for each column when it was known, or bring data with an order in time."),
    )


def _identification_check(estimand: Estimand | None) -> Check:
    name, title = "identification", t("Identified")
    if estimand is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not asked yet."))
    columns = len(estimand.adjustment_set)
    if not estimand.time_ordered:
        sentence = t("Adjusted for {n} columns; nobody stated when they were known.", n=columns)
        remedy = t("State the order in time first.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    if estimand.status is not Status.YES:
        sentence = t("The answer depends on edges that have no direction yet.")
        remedy = t("Decide the open edges in the graph.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    nothing_known = estimand.source is SetSource.ROLES and not columns
    if nothing_known and estimand.strategy is Strategy.BACKDOOR:
        sentence = t("Nothing is known about the units before the treatment: nothing is adjusted.")
        remedy = t("Bring columns from before the treatment, or say that chance decided.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    words = {
        SetSource.GRAPH: t("{n} columns close every back-door path of the graph.", n=columns),
        SetSource.PATTERN: t(
            "{n} columns close every back-door path, however the open edges point.", n=columns
        ),
        SetSource.ANALYST: t("Adjusted for {n} columns that the analyst chose.", n=columns),
        SetSource.ROLES: t("Adjusted for all {n} columns known before the treatment.", n=columns),
    }
    return Check(name=name, title=title, passed=True, sentence=words[estimand.source])


def _overlap_check(effects: Effects | None) -> Check:
    name, title = "overlap", t("Comparable")
    if effects is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not estimated yet."))
    remedy = (
        ""
        if effects.overlap.sufficient
        else t("Restrict the population to units that could have had either value.")
    )
    return Check(
        name=name,
        title=title,
        passed=effects.overlap.sufficient,
        sentence=effects.overlap.sentence,
        remedy=remedy,
    )


def _events_check(effects: Effects | None) -> Check:
    name, title = "effective_events", t("Enough events")
    if effects is None:
        return Check(name=name, title=title, passed=None, sentence=t("Not estimated yet."))
    least = {e.outcome: min(e.effective_events) for e in effects.primaries() if e.effective_events}
    rare = [outcome for outcome, events in least.items() if not events >= LEAST_EVENTS]
    if rare:
        return Check(
            name=name,
            title=title,
            passed=False,
            sentence=t(
                "Fewer than {n} effective events for {names}.",
                n=number(LEAST_EVENTS),
                names=listing(rare),
            ),
            remedy=t("Use a longer outcome window, an earlier funnel stage, or more units."),
        )
    fewest = min(least.values(), default=float("inf"))
    if fewest == float("inf"):
        return Check(name=name, title=title, passed=True, sentence=t("No outcome is a rare event."))
    sentence = t("At least {n} effective events in each group.", n=number(fewest))
    return Check(name=name, title=title, passed=True, sentence=sentence)


def _refutation_check(
    refutations: Refutations | None, effects: Effects | None, estimand: Estimand | None
) -> Check:
    name, title = "refutation", t("Attempts to break it")
    if refutations is None or effects is None:
        sentence = t("Nobody has tried to break the estimate yet.")
        remedy = t("Run the refutations.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    broken = [attempt for attempt in refutations.attempts if attempt.passed is False]
    if broken:
        sentence = attempt_sentence(broken[0], causal=estimand is not None and estimand.causal)
        remedy = t("Look for a missing confounder or a leaking column before you trust the number.")
        return Check(name=name, title=title, passed=False, sentence=sentence, remedy=remedy)
    judged = [attempt for attempt in refutations.attempts if attempt.passed is True]
    if not judged:
        sentence, remedy = t("No attempt could be judged."), t("Run the refutations.")
        return Check(name=name, title=title, passed=None, sentence=sentence, remedy=remedy)
    sentence = t("{n} attempts, none succeeded.", n=len(judged))
    return Check(name=name, title=title, passed=True, sentence=sentence)


def attempt_title(name: str) -> str:
    """Return what an attempt to break an estimate did, as it stands on the screen."""
    return {
        "placebo_treatment": t("A shuffled treatment"),
        "random_common_cause": t("A made-up common cause"),
        "data_subset": t("Random halves of the data"),
        "e_value": t("A hidden cause"),
    }.get(name, name.replace("_", " "))


def attempt_sentence(attempt: Refutation, *, causal: bool) -> str:
    """Return what an attempt found; where the answer is no causal one, without such words."""
    if causal:
        return attempt.sentence
    return {
        True: t("The difference between the groups behaves as it should."),
        False: t("The difference between the groups does not behave as it should."),
        None: t("For information only."),
    }[attempt.passed]
