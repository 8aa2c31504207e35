"""What is stored comes back the same, and no crash, race or full disk spoils a project."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies

from causal_core.analysis import Analysis
from causal_core.errors import (
    DamagedArtifactError,
    FileMissingError,
    NewerFormatError,
    ProjectMissingError,
    StorageError,
)
from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern, Knowledge, Provenance
from causal_core.question import CausalQuestion, Contrast, Identification
from causal_core.results import Report, TrueEffect, Truth, basis_of
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.store import LOCAL, Project, Saved, Store
from causal_core.store.slots import KEPT_STALE
from causal_core.table import BehaviorTable, Cleaning, Drop
from tests import made_by_hand, strategy_by_hand
from tests.store_writer import analysis_of

WRITER = Path(__file__).with_name("store_writer.py")
ROOT = WRITER.parents[1]
HARD_KILLS = 20


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "home")


@pytest.fixture
def project(store: Store) -> Project:
    return store.create_project("Coupons", actor=LOCAL)


def save(store: Store, project: Project, analysis: Analysis) -> Saved:
    """Save as somebody who has just seen the newest revision."""
    revision = store.project(project.id, actor=LOCAL).revision
    return store.save(project.id, analysis, revision=revision, actor=LOCAL)


def analysis_in(store: Store, project: Project) -> Analysis:
    return Store.open(store.home).load(project.id, actor=LOCAL).analysis


def files_in(store: Store, *folders: str) -> set[Path]:
    return {
        path
        for folder in folders or ("artifacts", "uploads", "jobs", "tmp")
        for path in (store.home / folder).rglob("*")
        if path.is_file()
    }


# ---------------------------------------------------------------- round trips


def hostile_table() -> BehaviorTable:
    names = ("u", "<b>x</b>", "naïve, “quoted”\n", "paid")
    kinds = (Kind.ID, Kind.CATEGORY, Kind.CONTINUOUS, Kind.BINARY)
    roles = (Role.UNIT_ID, Role.ATTRIBUTE, Role.HISTORY, Role.OUTCOME)
    frame = pd.DataFrame(
        {
            names[0]: pd.array(["a", "b", None], dtype="str"),
            names[1]: pd.array([None, "=1+1", "${x}"], dtype="str"),
            names[2]: [np.nan, -0.0, 1e308],
            names[3]: [0.0, 1.0, np.nan],
        }
    )
    columns = zip(names, kinds, roles, strict=True)
    return BehaviorTable(
        frame=frame,
        schema=Schema(columns=tuple(Column(name=n, kind=k, role=r) for n, k, r in columns)),
        cleaning=Cleaning(rows_read=4, dropped=(Drop(reason="r", count=1, examples=("x",)),)),
    )


def nouns() -> dict[str, object]:
    whole = made_by_hand.analysis()
    assert whole.model is not None
    assert whole.effects is not None
    odd = replace(whole.effects.estimates[0], value=float("nan"), low=-float("inf"), n_units=3)
    numpy_made = replace(
        whole.effects.estimates[1], value=np.float64(0.1), high=np.float32(0.5), n_units=np.int64(3)
    )
    edges = (
        Edge(source="a", target="b", kind=EdgeKind.UNDIRECTED, provenance=Provenance.DATA),
        Edge(source="b", target="c", p_value=0.25, stability=1.0, note="“why”"),
    )
    notes = {"levers": ({"a": 1.0}, [None, True, 2]), "odd": float("inf"), "pair": (1, 1.0)}
    effect = TrueEffect(treatment="t", outcome="y", treated_value="a", control_value=0, value=-0.5)
    weights = {
        "layer.0": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "scale": np.array(2.5),
        "none": np.zeros((0, 4)),
    }
    return {
        **whole.filled(),
        "hostile table": hostile_table(),
        "empty table": replace(hostile_table(), frame=hostile_table().frame.iloc[:0]),
        "odd numbers": replace(whole.effects, estimates=(odd,)),
        "numpy numbers": replace(whole.effects, estimates=(numpy_made,)),
        "knowledge": Knowledge(tiers=(("a",), ()), required=(("a", "b"),), forbidden_within=(0,)),
        "pattern": GraphPattern(nodes=("a", "b", "c"), edges=edges, basis={"table": "f"}),
        "words as values": CausalQuestion(
            treatment="t", outcomes=("y",), contrast=Contrast(treated_value="a", control_value=1)
        ),
        "shift": CausalQuestion(treatment="t", outcomes=(), contrast=Contrast(shift=0.5)),
        "truth": Truth(
            scenario="s", effects=(effect,), edges=(("a", "b"),), adjustment=(), notes=notes
        ),
        "weighty model": replace(
            whole.model,
            weights=weights,
            arms=("a", 1.0),
            predictions=np.asfortranarray(np.random.default_rng(7).normal(size=(400, 2, 4))),
            settings={"hidden": (64, 64), "rate": 1e-3, "nested": {"on": True}},
            encoder={"columns": [{"name": "x", "mean": np.float64(0.5)}]},
        ),
        "report": Report(
            files={"b.html": b"\x00\xff", "a.csv": b""}, headline=False, failed_checks=("x",)
        ),
        "identification": Identification(
            status=made_by_hand.analysis().estimand.status,  # type: ignore[union-attr]
            strategy=made_by_hand.analysis().estimand.strategy,  # type: ignore[union-attr]
            minimal_sets=(("a", "b"), ()),
        ),
        "overlap": made_by_hand.overlap(),
        "payoff": strategy_by_hand.payoff(),
        "pilot": replace(whole.effects, pilot_of=1_200_000),
        "policies": strategy_by_hand.policies(),
        "lab": strategy_by_hand.lab(),
    }  # fmt: skip


def assert_same(one: object, other: object) -> None:
    """Assert equality field by field, arrays and frames included, NaN equal to NaN."""
    assert type(one) is type(other)
    for field in fields(one):  # type: ignore[arg-type]
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, pd.DataFrame):
            pd.testing.assert_frame_equal(left, right, check_exact=True)
        elif isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        elif field.name == "weights":
            assert list(left) == list(right) or set(left) == set(right)
            for name, values in left.items():
                assert values.dtype == right[name].dtype
                np.testing.assert_array_equal(values, right[name])
        elif "nan" in repr(left):
            assert repr(left) == repr(right)
        else:
            assert left == right, field.name


@pytest.mark.parametrize("name", nouns())
def test_every_noun_comes_back_equal_and_with_the_same_fingerprint(store: Store, name: str) -> None:
    value = nouns()[name]
    ref = store.put(value)
    back = Store.open(store.home).get(ref)
    assert_same(value, back)
    assert getattr(back, "fingerprint", None) == getattr(value, "fingerprint", None)
    assert Store.open(store.home).get(ref.hash) is not None, "the hash alone is enough"
    assert Store.open(store.home).put(back) == ref, "the same value, the same bytes"


def test_all_nouns_of_an_analysis_were_tried() -> None:
    tried = {type(value) for value in nouns().values()}
    kinds = {type(value) for value in made_by_hand.analysis().filled().values()}
    assert kinds | {Truth, Knowledge, GraphPattern} <= tried
    assert {field.name for field in fields(Analysis)} <= set(nouns())


json_values = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False)
    | strategies.text(),
    lambda inner: (
        strategies.lists(inner)
        | strategies.tuples(inner, inner)
        | strategies.dictionaries(strategies.text().filter(lambda key: key[:1] != "$"), inner)
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(tmp_path_factory.mktemp("shared"))


@given(value=json_values)
def test_any_note_comes_back_as_it_was_tuples_and_whole_numbers_included(
    shared_store: Store, value: object
) -> None:
    truth = Truth(scenario="s", effects=(), edges=(), adjustment=(), notes={"it": value})
    path = shared_store.home / "note.json"
    from causal_core.store import codec

    codec.write_value(truth, path)
    back = codec.read_value(path, "0" * 64)
    assert repr(back) == repr(truth)


@pytest.mark.parametrize(
    "value",
    [object(), {"a": 1}, Truth(scenario="", effects=(), edges=(), adjustment=(), notes={"x": {1}})],
    ids=["an object", "a dict", "a set inside"],
)
def test_what_is_no_noun_is_not_stored(store: Store, value: object) -> None:
    with pytest.raises(TypeError):
        store.put(value)
    assert files_in(store) == set()


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize("slot", ["table", "model", "effects"])
@pytest.mark.parametrize("harm", ["changed", "cut", "removed"])
def test_a_damaged_file_is_named_and_nothing_else_is_touched(
    store: Store, project: Project, slot: str, harm: str
) -> None:
    whole = made_by_hand.analysis()
    save(store, project, whole)
    snapshot = Store.open(store.home).load(project.id, actor=LOCAL)
    path = next(iter(store.home.glob(f"artifacts/*/{snapshot.current[slot].hash}.*")))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    {
        "changed": lambda: path.write_bytes(content),
        "cut": lambda: path.write_bytes(content[:-1]),
        "removed": path.unlink,
    }[harm]()
    with pytest.raises(DamagedArtifactError) as caught:
        snapshot.get(slot)
    assert snapshot.current[slot].hash[:10] in caught.value.found
    assert snapshot.get("question") == whole.question
    again = Store.open(store.home)
    save(again, project, replace(made_by_hand.analysis()))
    assert analysis_in(store, project).filled().keys() == whole.filled().keys(), "made again"


def test_what_a_newer_program_wrote_is_refused_by_name(store: Store, tmp_path: Path) -> None:
    from causal_core.store import codec

    path = tmp_path / "x.json"
    codec.write_value(made_by_hand.question(), path)
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":99'))
    with pytest.raises(NewerFormatError, match="question has format 99"):
        codec.read_value(path, "0" * 64)
    path.write_bytes(b'{"format":1,"kind":"question","value":{"treatment":"t"}}')
    with pytest.raises(DamagedArtifactError):
        codec.read_value(path, "0" * 64)
    with sqlite3.connect(store.database.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerFormatError, match="database has format 99"):
        Store.open(store.home)


# ---------------------------------------------------------------- projects


def test_a_project_is_found_named_noted_and_remembered_by_its_owner_alone(store: Store) -> None:
    mine = store.create_project("Coupons", actor="ann", seed=5, kind="demo")
    theirs = store.create_project("Coupons", actor="bob")
    assert store.projects(actor="ann") == (mine,)
    assert (mine.revision, mine.seed, mine.kind, mine.language) == (0, 5, "demo", "en")
    store.rename_project(mine.id, "Banner", actor="ann")
    store.annotate_project(mine.id, "first try", actor="ann")
    store.set_settings(mine.id, {"guess": [4, 20], "aim": "gifts"}, actor="ann")
    kept = store.set_settings(mine.id, {"aim": None, "language": "zh"}, actor="ann")
    assert kept == store.settings(mine.id, actor="ann") == {"guess": [4, 20], "language": "zh"}
    found = Store.open(store.home).project(mine.id, actor="ann")
    assert (found.name, found.note, found.language) == ("Banner", "first try", "zh")
    assert found.revision == 0, "a name is no result"
    for forbidden in (
        lambda: store.project(mine.id, actor="bob"),
        lambda: store.load(mine.id, actor="bob"),
        lambda: store.save(mine.id, Analysis(), revision=0, actor="bob"),
        lambda: store.delete_project(mine.id, actor="bob"),
        lambda: store.settings(mine.id, actor="bob"),
        lambda: store.audit(mine.id, actor="bob"),
        lambda: store.graph_versions(mine.id, actor="bob"),
        lambda: store.uploads(mine.id, actor="bob"),
        lambda: store.duplicate_project(mine.id, actor="bob"),
    ):
        with pytest.raises(ProjectMissingError):
            forbidden()
    assert store.projects(actor="bob") == (theirs,)
    actions = [row.action for row in store.audit(mine.id, actor="ann")]
    assert actions == ["note", "name", "create"]


def test_the_project_changed_last_comes_first(store: Store) -> None:
    first = store.create_project("first", actor=LOCAL)
    store.create_project("second", actor=LOCAL)
    save(store, first, Analysis(question=made_by_hand.question()))
    assert [project.name for project in store.projects(actor=LOCAL)] == ["first", "second"]


def test_deleting_for_good_leaves_no_file_but_those_that_a_copy_needs(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    save(store, project, whole)
    save(store, project, whole.updated(graph=replace(whole.graph, edges=())))  # type: ignore[type-var]
    store.add_upload(
        io.BytesIO(b"secret"), project_id=project.id, original_name="a.csv", actor=LOCAL
    )
    copy = store.duplicate_project(project.id, actor=LOCAL)
    store.delete_project(project.id, actor=LOCAL)
    with pytest.raises(ProjectMissingError):
        store.load(project.id, actor=LOCAL)
    left = store.load(copy.id, actor=LOCAL)
    assert left.stale.keys() == {"estimand", "model", "effects", "refutations"}
    assert all(result.value is not None for result in left.stale.values())
    (upload,) = store.uploads(copy.id, actor=LOCAL)
    assert upload.path.read_bytes() == b"secret"
    store.delete_project(copy.id, actor=LOCAL)
    assert files_in(store) == set()
    with store.database.reading() as connection:
        for table in ("projects", "slots", "artifacts", "uploads", "revisions", "graph_versions"):
            count = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            assert count == 0, table


def test_a_crash_in_the_middle_of_deleting_is_made_good_at_the_next_opening(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, project, made_by_hand.analysis())
    with monkeypatch.context() as patch:
        patch.setattr("causal_core.store.sweeping.collect", crash)
        with pytest.raises(KeyboardInterrupt):
            store.delete_project(project.id, actor=LOCAL)
    assert files_in(store)
    Store.open(store.home)
    assert files_in(store) == set()


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_upload_lies_under_a_name_of_ours_whatever_its_own_was(
    store: Store, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "brought"
    path.write_bytes(b"a,b\n1,2\n")
    names = ("../../etc/passwd", "events.CSV.gz", "a\x00b/../x.parquet", "…", "")
    for name in names:
        upload = store.add_upload(path, project_id=project.id, original_name=name, actor=LOCAL)
        assert upload.original_name == name
        assert upload.path.parent == store.home / "uploads"
        assert upload.path.name.partition(".")[0] == upload.sha256
        assert upload.path.suffix in ("", ".gz", ".parquet")
        assert upload.path.read_bytes() == path.read_bytes()
        assert Store.open(store.home).upload(upload.id, actor=LOCAL) == upload
    kept = store.uploads(project.id, actor=LOCAL)
    assert [upload.original_name for upload in kept] == list(names)
    for upload in kept:
        store.remove_upload(upload.id, actor=LOCAL)
    assert files_in(store, "uploads") == set()
    with pytest.raises(FileMissingError):
        store.upload(kept[0].id, actor=LOCAL)
    with pytest.raises(FileMissingError):
        store.add_upload(
            tmp_path / "no", project_id=project.id, original_name="no.csv", actor=LOCAL
        )


# ---------------------------------------------------------------- current and stale


def test_what_loses_its_basis_is_stale_and_becomes_current_again_with_it(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    assert whole.graph is not None
    save(store, project, whole)
    other = replace(whole.graph, edges=whole.graph.edges[:3])
    edited = save(store, project, whole.updated(graph=other))
    assert edited.analysis.filled().keys() == {"table", "question", "graph", "scenarios"}
    snapshot = Store.open(store.home).load(project.id, actor=LOCAL)
    assert snapshot.stale.keys() == {"estimand", "model", "effects", "refutations"}
    assert snapshot.stale["estimand"].changed == ("graph",)
    assert snapshot.stale["estimand"].reason == "It rests on graph 1, now 2."
    assert snapshot.stale["effects"].value == whole.effects
    undone = save(store, project, edited.analysis.updated(graph=whole.graph))
    assert set(undone.revived) == {"estimand", "model", "effects", "refutations"}
    assert undone.analysis.effects == whole.effects
    assert Store.open(store.home).load(project.id, actor=LOCAL).stale == {}
    numbers = [version.number for version in store.graph_versions(project.id, actor=LOCAL)]
    assert numbers == [3, 2, 1]


def test_an_edge_edit_that_leaves_the_adjustment_set_alone_brings_every_number_back(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    assert whole.graph is not None
    assert whole.estimand is not None
    save(store, project, whole)
    other = replace(whole.graph, edges=whole.graph.edges[:-1])
    edited = whole.updated(graph=other)
    assert edited.effects is None
    same = replace(whole.estimand, basis=basis_of(question=whole.question, graph=other))
    saved = save(store, project, edited.updated(estimand=same))
    assert set(saved.revived) == {"model", "effects", "refutations"}
    assert saved.analysis.estimand == same


def test_a_caller_who_never_saw_a_revived_result_cannot_throw_it_away_but_clear_can(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    save(store, project, whole)
    without = replace(whole, effects=None, refutations=None)
    saved = save(store, project, without)
    assert saved.revived == ("effects", "refutations")
    assert saved.analysis.effects == whole.effects
    revision = store.clear(project.id, "effects", actor=LOCAL)
    snapshot = store.load(project.id, actor=LOCAL)
    assert snapshot.revision == revision
    assert "effects" not in snapshot.fingerprints
    assert snapshot.stale.keys() == {"refutations"}
    assert save(store, project, without).revived == ()


def test_what_has_no_basis_goes_stale_when_it_is_taken_out(store: Store, project: Project) -> None:
    whole = made_by_hand.analysis()
    save(store, project, whole)
    save(store, project, Analysis(table=whole.table))
    snapshot = store.load(project.id, actor=LOCAL)
    assert snapshot.fingerprints.keys() == {"table"}
    assert snapshot.stale["graph"].reason == "It was replaced."


def test_saving_the_same_again_makes_no_revision_but_a_new_note_on_an_edge_does(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    assert whole.graph is not None
    first = save(store, project, whole)
    assert (first.revision, save(store, project, whole).revision) == (1, 1)
    edges = (replace(whole.graph.edges[0], note="seen in the logs"), *whole.graph.edges[1:])
    noted = save(store, project, whole.updated(graph=replace(whole.graph, edges=edges)))
    assert noted.revision == 2
    assert noted.analysis.effects == whole.effects
    graph = analysis_in(store, project).graph
    assert graph is not None
    assert graph.edges[0].note == "seen in the logs"


def test_only_the_newest_stale_results_are_kept_and_the_files_of_others_go(
    store: Store, project: Project
) -> None:
    for number in range(KEPT_STALE + 4):
        save(store, project, Analysis(question=analysis_of(number).question))
    assert len(files_in(store, "artifacts")) == KEPT_STALE + 1


def test_a_report_beside_the_analysis_is_stale_with_its_basis(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    save(store, project, whole)
    basis = basis_of(effects=whole.effects)
    report = Report(files={"r.html": b"x"}, headline=True, failed_checks=(), basis=basis)
    store.keep(project.id, "report", report, actor=LOCAL)
    assert store.load(project.id, actor=LOCAL).get("report") == report
    assert save(store, project, whole).kept_both is False
    assert store.load(project.id, actor=LOCAL).get("report") == report
    save(store, project, whole.updated(question=replace(whole.question, treatment="x")))  # type: ignore[type-var]
    snapshot = store.load(project.id, actor=LOCAL)
    assert snapshot.get("report") is None
    assert snapshot.stale["report"].value == report


# ---------------------------------------------------------------- two at once


def test_saving_against_an_old_revision_keeps_both_and_says_so(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    mine = replace(whole.question, window="mine", treatment="mine")  # type: ignore[type-var]
    save(store, project, whole)
    theirs = save(store, project, Analysis(question=whole.question, table=whole.table))
    saved = store.save(project.id, Analysis(question=mine), revision=1, actor=LOCAL)
    assert saved.kept_both
    assert saved.project_id != project.id
    assert saved.analysis == Analysis(question=mine)
    assert "Coupons (kept beside, " in store.project(saved.project_id, actor=LOCAL).name
    untouched = store.load(project.id, actor=LOCAL)
    assert untouched.revision == theirs.revision
    assert untouched.analysis.question == whole.question
    same = store.save(project.id, untouched.analysis, revision=1, actor=LOCAL)
    assert (same.kept_both, same.revision) == (False, theirs.revision), "no copy of the same"
    assert store.save(project.id, Analysis(), revision=99, actor=LOCAL).kept_both


def test_what_a_job_committed_meanwhile_is_merged_and_no_copy_is_made(
    store: Store, project: Project
) -> None:
    whole = made_by_hand.analysis()
    seen = save(store, project, replace(whole, model=None, effects=None, refutations=None))
    before = store.load(project.id, actor=LOCAL).held
    accepted = store.accept(
        project.id, whole, before=before, required={}, actor=LOCAL, hook=lambda *_: None
    )
    assert set(accepted.accepted) == {"model", "effects", "refutations"}
    edges = whole.graph.edges[:-1]  # type: ignore[union-attr]
    pattern = GraphPattern(nodes=("a",), edges=())
    saved = store.save(
        project.id,
        seen.analysis.updated(pattern=pattern),
        revision=seen.revision,
        actor=LOCAL,
    )
    assert not saved.kept_both
    assert saved.analysis.effects == whole.effects
    assert saved.analysis.pattern == pattern
    graph = replace(whole.graph, edges=edges)  # type: ignore[type-var]
    late = store.save(
        project.id, seen.analysis.updated(graph=graph), revision=seen.revision, actor=LOCAL
    )
    assert late.kept_both, "this time a person had saved meanwhile"


def test_a_hook_that_stops_the_commit_of_a_job_leaves_everything_as_it_was(
    store: Store, project: Project
) -> None:
    save(store, project, Analysis(question=made_by_hand.question()))
    before = store.load(project.id, actor=LOCAL)
    with pytest.raises(KeyboardInterrupt):
        store.accept(
            project.id,
            made_by_hand.analysis(),
            before=before.held,
            required={},
            actor=LOCAL,
            hook=crash,
        )
    assert store.load(project.id, actor=LOCAL) == before


def test_a_result_that_required_what_has_changed_comes_back_only_with_it(
    store: Store, project: Project
) -> None:
    whole = replace(made_by_hand.analysis(), scenarios=None)
    knowledge = Knowledge(tiers=(("visits",), ("banner",)))
    started = save(store, project, Analysis(table=whole.table, knowledge=knowledge))
    held = started.snapshot.held
    required = {slot: held[slot].fingerprint for slot in ("table", "knowledge")}
    save(store, project, Analysis(table=whole.table, knowledge=Knowledge()))
    pattern = GraphPattern(nodes=("visits",), edges=(), basis=basis_of(table=whole.table))
    result = store.accept(
        project.id,
        started.analysis.updated(pattern=pattern),
        before=held,
        required=required,
        actor=LOCAL,
        hook=lambda *_: None,
    )
    assert (result.accepted, result.set_aside) == ((), ("pattern",))
    assert store.load(project.id, actor=LOCAL).stale["pattern"].changed == ("knowledge",)
    back = save(store, project, Analysis(table=whole.table, knowledge=knowledge))
    assert back.revived == ("pattern",)


# ---------------------------------------------------------------- crashes


class Writer:
    """A process that saves without end, to be killed at any moment."""

    def __init__(self, pipe: subprocess.Popen[str], home: Path, project_id: str) -> None:
        assert pipe.stdin is not None
        assert pipe.stdout is not None
        self._told: IO[str] = pipe.stdout
        pipe.stdin.write(f"{home}\t{project_id}\n")
        pipe.stdin.flush()
        self.pid, self.revision = 0, -1
        while self.revision < 0 or not self.pid:
            self._hear(self._told.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        while (line := self._told.readline()) != "gone\n":
            self._hear(line)

    def _hear(self, line: str) -> None:
        if line.startswith("pid "):
            self.pid = int(line.removeprefix("pid "))
        else:
            self.revision = int(line)


@pytest.fixture
def writers() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(WRITER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    ) as pipe:
        yield pipe


def answers(writers: subprocess.Popen[str], *words: object) -> list[str]:
    """Ask for writers and return the lines that they tell until they are gone."""
    assert writers.stdin is not None
    assert writers.stdout is not None
    writers.stdin.write("\t".join(map(str, words)) + "\n")
    writers.stdin.flush()
    return [line.strip() for line in iter(writers.stdout.readline, "gone\n")]


def test_two_processes_that_save_at_once_lose_nothing(
    store: Store, project: Project, writers: subprocess.Popen[str]
) -> None:
    told = [line.split() for line in answers(writers, store.home, project.id, "ann", "bob")]
    assert len(told) == 20
    assert [kept for *_, kept in told].count("True") == 1, "one of the two goes her own way"
    projects = store.projects(actor=LOCAL)
    assert len(projects) == 2
    assert {(question, place) for question, place, _ in told} == {
        (question, item.id) for item in projects for question in ever_held(store, item.id)
    }
    newest = {place: question for question, place, _ in told}
    for item in projects:
        assert store.load(item.id, actor=LOCAL).fingerprints["question"] == newest[item.id]


def ever_held(store: Store, project_id: str) -> set[str]:
    with store.database.reading() as connection:
        query = "SELECT slots FROM revisions WHERE project_id = ?"
        found = [json.loads(row["slots"]) for row in connection.execute(query, (project_id,))]
    return {held["question"] for held in found if "question" in held}


def test_a_writer_killed_at_any_moment_leaves_the_last_committed_state(
    store: Store, project: Project, writers: subprocess.Popen[str]
) -> None:
    rng = random.Random(7)
    for _ in range(HARD_KILLS):
        writer = Writer(writers, store.home, project.id)
        end = time.monotonic() + rng.uniform(0.0, 0.06)
        while time.monotonic() < end:
            pass
        writer.kill()
        revision = revision_of_whole_project(store, project)
        assert revision in (writer.revision, writer.revision + 1), "what was told is there"
    later = time.time() - 10_000
    for path in files_in(store, "tmp", "artifacts"):
        os.utime(path, (later, later))
    other = store.create_project("other", actor=LOCAL)
    store.delete_project(other.id, actor=LOCAL)
    assert files_in(store, "tmp") == set(), "what the crashes left behind is swept"
    assert revision_of_whole_project(store, project) == revision


def test_a_writer_killed_before_any_single_step_on_the_disk_saved_all_or_nothing(
    store: Store, project: Project, writers: subprocess.Popen[str]
) -> None:
    before, step = 0, 0
    outcomes = []
    while True:
        step += 1
        told = answers(writers, store.home, project.id, step)
        after = revision_of_whole_project(store, project)
        assert after - before in (0, 1)
        outcomes.append(after - before)
        before = after
        if told == ["survived"]:
            break
    assert step > 30, "every sync, rename and statement was a moment to die"
    assert set(outcomes) == {0, 1}, "some died before the commit, some after it"


def revision_of_whole_project(store: Store, project: Project) -> int:
    """Open the store as after a crash, read everything in it, and return the revision."""
    reopened = Store.open(store.home)
    snapshot = reopened.load(project.id, actor=LOCAL)
    expected = analysis_of(snapshot.revision) if snapshot.revision else Analysis()
    assert snapshot.current.keys() == expected.filled().keys()
    for slot, value in expected.filled().items():
        assert_same(value, snapshot.get(slot))
    assert all(stale.value is not None for stale in snapshot.stale.values())
    for version in reopened.graph_versions(project.id, actor=LOCAL):
        assert isinstance(reopened.get(version.ref), CausalGraph)
    with reopened.database.reading() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return snapshot.revision


# ---------------------------------------------------------------- a disk that refuses


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.write_bytes"])
def test_a_full_disk_is_told_and_changes_nothing(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    save(store, project, Analysis(question=made_by_hand.question()))
    before, files = store.load(project.id, actor=LOCAL), files_in(store)
    with monkeypatch.context() as patch:
        patch.setattr(call, no_space)
        with pytest.raises(StorageError, match="No space left on device"):
            save(store, project, analysis_of(1))
    assert Store.open(store.home).load(project.id, actor=LOCAL) == before
    assert files_in(store) == files, "no half of a file is left"
    assert save(store, project, analysis_of(1)).analysis.model is not None


FULL_DISK = """
import resource, sys
from pathlib import Path
from causal_core.errors import StorageError
from causal_core.store import LOCAL, Store
from tests.store_writer import analysis_of
store = Store.open(Path(sys.argv[1]))
for limit in (100_000, 4_096):  # the arrays do not fit; not even the database does
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        store.save(sys.argv[2], analysis_of(5), revision=1, actor=LOCAL)
    except StorageError as error:
        sys.stdout.write(error.code + " ")
    try:
        store.rename_project(sys.argv[2], "n" * limit, actor=LOCAL)
    except StorageError as error:
        sys.stdout.write(error.code + " ")
"""


def test_a_limit_of_the_system_on_files_and_database_is_told_and_changes_nothing(
    store: Store, project: Project
) -> None:
    save(store, project, analysis_of(1))
    before = store.load(project.id, actor=LOCAL)
    command = [sys.executable, "-c", FULL_DISK, str(store.home), project.id]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert told.stdout.split() == ["storage"] * 4, told.stderr
    assert Store.open(store.home).load(project.id, actor=LOCAL) == before
    assert save(store, project, analysis_of(5)).revision == 2


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        Store.open(tmp_path / "file" / "home")


def test_a_file_swept_between_writing_and_commit_is_written_again(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made_by_hand.analysis()
    swept: list[Path] = []
    writing = store.database.writing

    def after_a_sweep() -> object:
        if not swept:
            swept.extend(files_in(store, "artifacts"))
            for path in swept:
                path.unlink()
        return writing()

    monkeypatch.setattr(store.database, "writing", after_a_sweep)
    save(store, project, whole)
    assert swept
    assert analysis_in(store, project).effects == whole.effects


def test_opening_the_same_new_store_from_many_sides_makes_it_once(tmp_path: Path) -> None:
    made: list[Project] = []

    def person() -> None:
        made.append(Store.open(tmp_path / "home").create_project("x", actor=LOCAL))

    people = [threading.Thread(target=person) for _ in range(8)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    assert len(Store.open(tmp_path / "home").projects(actor=LOCAL)) == len(made) == 8
