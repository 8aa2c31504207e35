"""Processes that save a project: one until it is killed, or several at once.

Starts as ``python tests/store_writer.py``. Each line on its input is a store, a project and
names; for each name a fresh process is forked. Without a name one process saves for ever and
tells each revision; with names each saves ten times and tells what it saved where.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge
from causal_core.question import CausalQuestion, Estimand
from causal_core.results import FitRecord, OutcomeModel
from causal_core.store import LOCAL, Store


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
        predictions=np.full((20_000, 2, 1), float(number)),
        propensities=np.full((20_000, 2), 0.5),
        folds=np.zeros(20_000, dtype=np.int64),
        in_contrast=np.ones(20_000, dtype=bool),
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


def main() -> None:
    """Fork writers for each line of input."""
    for line in sys.stdin:
        home, project_id, *names = line.rstrip("\n").split("\t")
        children = [_fork(Path(home), project_id, name) for name in names or [""]]
        for child in children:
            os.waitpid(child, 0)
        os.write(1, b"gone\n")


def _fork(home: Path, project_id: str, name: str) -> int:
    child = os.fork()
    if child == 0:
        if name:
            save_ten_times(home, project_id, name)
        else:
            os.write(1, f"pid {os.getpid()}\n".encode())
            save_for_ever(home, project_id)
        os._exit(0)
    return child


if __name__ == "__main__":
    main()
