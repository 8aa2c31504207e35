"""How long a step will take and how much memory: measured once, then set right by this machine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from causal_core.errors import AnalysisError
from causal_core.question import CausalQuestion
from causal_core.store import ArtifactRef, Store
from causal_core.store.rows import artifact_path

_THOUSAND = 1000.0
_FASTEST, _SLOWEST = 0.25, 8.0  # times the measured: more than that, one job does not tell


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a step is expected to take, from its start to its result, and its largest memory."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, kw_only=True)
class _Cost:
    """Seconds and megabytes of one step.

    Seconds: of the process, of each run in it, and in each run of a thousand units, alone and
    with each outcome. Megabytes: at all, and of a thousand units.
    """

    start: float
    run: float = 0.0
    units: float = 0.0
    outcomes: float = 0.0
    memory: float = 290.0
    memory_units: float = 1.0


# Measured with one thread on a free core of 2.5 GHz, as whole processes, on the demo's table of 25
# columns: 1,000 to 100,000 units, 1 and 4 outcomes; in the lab 4 runs of 2,000 and 10,000 units.
_COSTS = {
    ("answer", "linear"): _Cost(start=3.5, units=0.7, outcomes=0.07, memory=340, memory_units=3.3),
    ("answer", "mlp"): _Cost(start=6.0, units=0.62, outcomes=0.1, memory=560, memory_units=4.1),
    ("pilot", "linear"): _Cost(start=2.3, units=0.03, outcomes=0.002, memory_units=1.4),
    ("pilot", "mlp"): _Cost(start=6.0, units=0.1, outcomes=0.01, memory=560, memory_units=4.1),
    ("discover", ""): _Cost(start=2.2, run=0.05, units=0.006),
    ("overlap", ""): _Cost(start=1.7, units=0.004),
    ("whatif", ""): _Cost(start=1.8, units=0.004),
    ("ingest", ""): _Cost(start=1.7, units=0.015, memory=270, memory_units=1.3),
    ("policy", ""): _Cost(start=1.8, units=0.004, memory=340),
    ("lab", "linear"): _Cost(start=2.5, run=0.05, units=0.08),
    ("lab", "mlp"): _Cost(start=3.0, run=1.0, units=0.45, memory=560, memory_units=4.1),
}
_USUAL_MODEL = {"answer": "mlp", "pilot": "mlp", "lab": "linear"}
_OTHER = _Cost(start=3.0, units=0.1)


def expected(
    store: Store,
    step: str,
    *,
    units: int,
    outcomes: int = 1,
    settings: Mapping[str, object] | None = None,
) -> Expectation:
    """Return what a step is expected to take here, once it runs.

    Parameters
    ----------
    store
        Its newest finished job of this step tells how fast this machine is.
    step
        A name in ``pipeline.STEPS``.
    units
        Rows that the step works on: of the table, or of the file that is read. A pilot or a lab
        run says itself in its settings how many it takes.
    outcomes
        How many outcomes the question has.
    settings
        Those of the job.

    Examples
    --------
    >>> import tempfile
    >>> store = Store.open(Path(tempfile.mkdtemp()))
    >>> small = expected(store, "answer", units=10_000, outcomes=4)
    >>> large = expected(store, "answer", units=1_000_000, outcomes=4)
    >>> small.seconds < large.seconds, small.megabytes < large.megabytes
    (True, True)
    """
    usual = _usual(step, units, outcomes, settings or {})
    return Expectation(seconds=usual.seconds * _pace(store, step), megabytes=usual.megabytes)


def _usual(step: str, units: int, outcomes: int, settings: Mapping[str, object]) -> Expectation:
    """Return what the step took where it was measured."""
    known = "pilot" if step == "answer" and "pilot" in settings else step
    usual = _USUAL_MODEL.get(known, "")
    model = str(settings.get("model", usual)) if usual else ""
    cost = _COSTS.get((known, model), _OTHER)
    taken = _number(settings, {"pilot": "pilot", "lab": "n"}.get(known, ""), units)
    runs = {"lab": _number(settings, "runs", 1), "discover": _number(settings, "bootstrap", 0) + 1}
    thousands = taken / _THOUSAND
    each = cost.run + (cost.units + cost.outcomes * outcomes) * thousands
    return Expectation(
        seconds=cost.start + runs.get(known, 1) * each,
        megabytes=cost.memory + cost.memory_units * thousands,
    )


def _number(settings: Mapping[str, object], name: str, usual: float) -> float:
    value = settings.get(name, usual)
    return float(value) if isinstance(value, int | float) else usual


def _pace(store: Store, step: str) -> float:
    """Return how many times the measured seconds the newest finished job of a step took here."""
    with store.database.reading() as connection:
        row: sqlite3.Row | None = connection.execute(
            "SELECT settings, inputs, ended - started AS seconds FROM jobs WHERE step = ?"
            " AND state = 'done' AND started IS NOT NULL ORDER BY ended DESC LIMIT 1",
            (step,),
        ).fetchone()
    worked = _worked_on(store, json.loads(row["inputs"])) if row else None
    if row is None or worked is None:
        return 1.0
    usual = _usual(step, *worked, json.loads(row["settings"]))
    return min(max(float(row["seconds"]) / usual.seconds, _FASTEST), _SLOWEST)


def _worked_on(store: Store, inputs: Mapping[str, Mapping[str, object]]) -> tuple[int, int] | None:
    """Return how many units and outcomes a job was given, None where that is gone or unknown."""
    if not {"table", "question"} <= inputs.keys():
        return None
    refs = {
        slot: ArtifactRef(
            hash=str(inputs[slot]["hash"]),
            kind=str(inputs[slot]["kind"]),
            format=int(str(inputs[slot]["format"])),
            bytes=int(str(inputs[slot]["bytes"])),
        )
        for slot in ("table", "question")
    }
    with suppress(AnalysisError):
        question = store.get(refs["question"])
        units = _rows(store.home / artifact_path(refs["table"]))
        if units is not None and isinstance(question, CausalQuestion):
            return units, len(question.outcomes)
    return None


def _rows(path: Path) -> int | None:
    """Return the rows of a stored table without reading them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return None
