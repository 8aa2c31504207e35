"""Processes that save a project: one until it is killed, or several at once.

Starts as ``python tests/store_writer.py``. Each line on its input is a store, a project and
names; for each name a fresh process is forked. Without a name one process saves for ever and
tells each revision; with names each saves ten times and tells what it saved where; a number
saves once and dies by SIGKILL just before its so manieth step on the disk. A negative number
does the same while it imports a project: an archive then stands in the project's place.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge
from causal_core.question import CausalQuestion, Estimand
from causal_core.results import FitRecord, OutcomeModel
from causal_core.store import LOCAL, Store, codec
from causal_core.store.database import Database

ROWS = 5_000


def analysis_of(number: int) -> Analysis:
    """Return an analysis in which every part tells the same number."""
    import numpy as np

    question = CausalQuestion(treatment="banner", outcomes=("click",), population=f"x > {number}")
    graph = CausalGraph(
        nodes=("banner", "click", f"n{number}"), edges=(Edge(source="banner", target="click"),)
    )
    basis = {"question": question.fingerprint, "graph": graph.fingerprint}
    estimand = Estimand(question=question, adjustment_set=(), basis=basis)
    model = OutcomeModel(
        outcomes=("click",),
        arms=(0.0, 1.0),
        predictions=np.full((ROWS, 2, 1), float(number)),
        propensities=np.full((ROWS, 2), 0.5),
        folds=np.zeros(ROWS, dtype=np.int64),
        in_contrast=np.ones(ROWS, dtype=bool),
        record=FitRecord(model="linear", epochs=number),
        seed=number,
        basis={"estimand": estimand.fingerprint},
    )
    return Analysis(question=question, graph=graph, estimand=estimand, model=model)


def save_for_ever(home: Path, project_id: str) -> None:
    """Save one analysis after the other and tell each revision once it is committed."""
    store = Store.open(home)
    revision = store.project(project_id, actor=LOCAL).revision
    while True:
        whole = analysis_of(revision + 1)
        saved = store.save(project_id, whole, revision=revision, actor=LOCAL)
        revision = saved.revision
        os.write(1, f"{revision}\n".encode())


def save_ten_times(home: Path, project_id: str, name: str) -> None:
    """Save ten questions, each from the revision that the last one made."""
    store, revision = Store.open(home), 0
    for number in range(10):
        question = CausalQuestion(treatment=name, outcomes=(), population=f"n > {number}")
        analysis = Analysis(question=question)
        saved = store.save(project_id, analysis, revision=revision, actor=LOCAL)
        project_id, revision = saved.project_id, saved.revision
        os.write(1, f"{question.fingerprint} {project_id} {saved.kept_both}\n".encode())


def save_and_die(home: Path, project_id: str, step: int) -> None:
    """Save once; die before the sync, rename or statement with this number, if there is one."""
    store = Store.open(home)
    revision = store.project(project_id, actor=LOCAL).revision
    analysis = analysis_of(revision + 1)
    die_before(step)
    store.save(project_id, analysis, revision=revision, actor=LOCAL)
    os.write(1, b"survived\n")


def import_and_die(home: Path, archive: Path, step: int) -> None:
    """Import a project once; die before the step on the disk with this number."""
    store = Store.open(home)
    die_before(step)
    store.import_project(archive, actor=LOCAL)
    os.write(1, b"survived\n")


def die_before(step: int) -> None:
    """Count every sync, rename and statement from now on, and die before this one."""
    left = [step]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sync, rename, connect = os.fsync, Path.replace, Database._connect

    def connect_counting(database: Database) -> sqlite3.Connection:
        connection = connect(database)
        connection.set_trace_callback(count)
        return connection

    os.fsync = lambda handle: (count(), sync(handle))[1]  # type: ignore[assignment]
    Path.replace = lambda path, to: (count(), rename(path, to))[1]  # type: ignore[method-assign]
    Database._connect = connect_counting  # type: ignore[method-assign]


def main() -> None:
    """Fork writers for each line of input; what each would have to prepare is ready before."""
    with tempfile.TemporaryDirectory() as folder:
        for value in analysis_of(0).filled().values():
            codec.write_value(value, Path(folder) / "warm")
    for line in sys.stdin:
        home, project_id, *names = line.rstrip("\n").split("\t")
        children = [_fork(Path(home), project_id, name) for name in names or [""]]
        for child in children:
            os.waitpid(child, 0)
        os.write(1, b"gone\n")


def _fork(home: Path, project_id: str, name: str) -> int:
    child = os.fork()
    if child == 0:
        if name.startswith("-"):
            import_and_die(home, Path(project_id), -int(name))
        elif name.isdigit():
            save_and_die(home, project_id, int(name))
        elif name:
            save_ten_times(home, project_id, name)
        else:
            os.write(1, f"pid {os.getpid()}\n".encode())
            save_for_ever(home, project_id)
        os._exit(0)
    return child


if __name__ == "__main__":
    main()
