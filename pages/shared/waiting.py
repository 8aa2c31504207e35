"""How long a step will take, on the button that starts it."""

from __future__ import annotations

from collections.abc import Mapping

from causal_core import jobs
from causal_core.language import t
from causal_core.question import CausalQuestion
from causal_core.store import Snapshot
from pages.shared import session
from pages.shared.wording import duration_words, expectation_words


def _expected(
    snapshot: Snapshot, question: CausalQuestion, step: str, settings: Mapping[str, object]
) -> jobs.Expectation:
    return jobs.expected(
        session.store(),
        step,
        units=session.units(snapshot, question.population),
        outcomes=len(question.outcomes),
        settings=settings,
    )


def timed(
    words: str,
    snapshot: Snapshot,
    question: CausalQuestion,
    step: str,
    settings: Mapping[str, object],
) -> str:
    """Return what stands on the button: “Discover · about 20 s”."""
    seconds = _expected(snapshot, question, step, settings).seconds
    return t("{action} · about {time}", action=words, time=duration_words(seconds))


def cost(
    snapshot: Snapshot, question: CausalQuestion, step: str, settings: Mapping[str, object]
) -> str:
    """Return time and memory of a step, for the help of its button."""
    return expectation_words(_expected(snapshot, question, step, settings))
