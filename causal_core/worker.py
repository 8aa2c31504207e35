"""The process of one job: ``python -m causal_core.worker JOB_DIR``. Reads, works, hands in."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from causal_core import language
from causal_core.errors import AnalysisError, BadSettingError, BugError, CancelledError
from causal_core.jobs import JobState, Step, StepContext, bench, refresh
from causal_core.jobs.bench import Order
from causal_core.jobs.heartbeat import Pulse
from causal_core.progress import Progress
from causal_core.store import Store

_NICENESS = 10


class Stopped(BaseException):  # noqa: N818 - no error: a step that catches errors lets it pass
    """The process was told to end."""


def run(job_dir: Path, *, steps: Mapping[str, Step] | None = None) -> None:
    """Do the job in `job_dir` and commit how it ended; then start the next one that waits.

    Parameters
    ----------
    steps
        Step name → function; None: those of ``pipeline.STEPS``.
    """
    store = Store.open(job_dir.parents[1])
    if not bench.is_ours(store, job_dir.name, os.getpid()):
        return
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    with Pulse(job_dir) as pulse, _told_to_end():
        _work(store, job_dir, steps, pulse.progress)
    refresh(store)


def _work(
    store: Store, job_dir: Path, steps: Mapping[str, Step] | None, progress: Progress
) -> None:
    give_up = _giver_up(store, job_dir.name)
    try:
        order = bench.read_order(job_dir)
        language.use(order.language)
        _do(store, order, _all_steps() if steps is None else steps, progress)
    except (Stopped, CancelledError):
        give_up(JobState.CANCELLED, None)
    except AnalysisError as error:
        give_up(JobState.FAILED, error)
    except Exception as error:  # the last line of defence: a bug must reach the log and the person
        traceback.print_exc()
        step = order.step if "order" in locals() else ""
        bug = BugError(step=step, kind=type(error).__name__, job=job_dir.name)
        give_up(JobState.FAILED, bug)


def _do(store: Store, order: Order, steps: Mapping[str, Step], progress: Progress) -> None:
    if order.step not in steps:
        allowed = ", ".join(sorted(steps))
        raise BadSettingError(setting="step", value=order.step, allowed=allowed)
    context = StepContext(
        store=store,
        project_id=order.project_id,
        actor=order.actor,
        seed=order.seed,
        job_id=order.job_id,
    )
    analysis = bench.fetch(store, order)
    result = steps[order.step](analysis, order.settings, progress, context)
    bench.hand_in(store, order, result, pid=os.getpid())


def _all_steps() -> Mapping[str, Step]:
    from causal_core import pipeline

    return pipeline.STEPS


def _giver_up(store: Store, job_id: str) -> Callable[[JobState, AnalysisError | None], None]:
    def give_up(state: JobState, error: AnalysisError | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        bench.give_up(store, job_id, state, error, pid=os.getpid())

    return give_up


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Turn the first SIGTERM into `Stopped`, raised where the step is at work."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    run(Path(sys.argv[1]).resolve())
