"""A worker with steps made for tests. Starts as ``python tests/job_launcher.py JOB_DIR``."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from causal_core import worker
from causal_core.analysis import Analysis
from causal_core.errors import NoTableError
from causal_core.jobs import Step, StepContext, processes
from causal_core.progress import Progress
from causal_core.question import CausalQuestion, Estimand

COMMAND = (sys.executable, str(Path(__file__).resolve()))
LONG_SECONDS = 60.0


def ask(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Tell half, wait for the file ``go`` if one is named, then put a question."""
    progress(0.5, "half of it")
    _wait_for(settings.get("go"))
    question = CausalQuestion(
        treatment="banner", outcomes=("purchase",), window=f"{context.seed} {context.actor}"
    )
    return analysis.updated(question=question)


def identify(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Wait for the file ``go``, then give an estimand that rests on the question."""
    _wait_for(settings.get("go"))
    question = analysis.question
    if question is None:
        raise NoTableError
    basis = {"question": question.fingerprint}
    return analysis.updated(
        estimand=Estimand(question=question, adjustment_set=("activity",), basis=basis)
    )


def spin(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Work without a word; ``deaf`` hears no SIGTERM, ``child`` names a file for a child's id."""
    if settings.get("deaf"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    if settings.get("child"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        Path(str(settings["child"])).write_text(str(child.pid), "ascii")
    progress(0.1, "spinning")
    end = time.monotonic() + LONG_SECONDS
    while time.monotonic() < end:
        pass
    return analysis


def refuse(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Find something that the analyst can mend."""
    raise NoTableError


def stumble(
    analysis: Analysis, settings: Mapping[str, object], progress: Progress, context: StepContext
) -> Analysis:
    """Fail through a mistake."""
    raise ZeroDivisionError("a mistake of ours")


STEPS: dict[str, Step] = {
    "ask": ask,
    "identify": identify,
    "spin": spin,
    "refuse": refuse,
    "stumble": stumble,
}


def _wait_for(path: object) -> None:
    end = time.monotonic() + LONG_SECONDS
    while path is not None and not Path(str(path)).exists() and time.monotonic() < end:
        time.sleep(0.01)


if __name__ == "__main__":
    processes.COMMAND = COMMAND  # the next job, too, is started with these steps
    worker.run(Path(sys.argv[1]), steps=STEPS)
