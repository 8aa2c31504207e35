"""A project goes out as one file and comes back whole; a file that lies is refused untouched."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causal_core.analysis import Analysis
from causal_core.errors import (
    AnalysisError,
    ArchiveError,
    DamagedArtifactError,
    FileMissingError,
    NewerFormatError,
    ProjectMissingError,
    StorageError,
)
from causal_core.results import Policies, Report, basis_of
from causal_core.store import LOCAL, Archive, Project, Snapshot, Store, archive, read_archive
from tests import made_by_hand, strategy_by_hand
from tests.store_writer import analysis_of

WRITER = Path(__file__).with_name("store_writer.py")
HOSTILE = {
    "banner": "<img src=x onerror=alert(1)>",
    "purchase": "=1+1;\n../../etc/passwd",
    "tenure": "naïve “quoted” ${x} :smile:",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "home")


def whole_analysis(rename: Mapping[str, str] | None = None) -> Analysis:
    made = made_by_hand.simulated(made_by_hand.analysis(rename=rename))
    policies = strategy_by_hand.policies()
    basis = basis_of(table=made.table, estimand=made.estimand, model=made.model)
    pilot = replace(
        made.need("effects"), pilot_of=10_000,
        basis=basis_of(table=made.table, question=made.question),
    )  # fmt: skip
    return made.updated(
        payoff=strategy_by_hand.payoff(),
        policies=replace(policies, basis=basis),
        lab=strategy_by_hand.lab(),
        pilot=pilot,
    )


@pytest.fixture
def project(store: Store) -> Project:
    made = store.create_project("Coupons", actor=LOCAL, seed=11)
    store.save(made.id, whole_analysis(), revision=0, actor=LOCAL)
    store.set_settings(made.id, {"aim": "worth", "guess": {"purchase": 0.02}}, actor=LOCAL)
    return store.annotate_project(made.id, "for the board", actor=LOCAL)


def packed(store: Store, project: Project) -> bytes:
    out = io.BytesIO()
    store.export_project(project.id, out, actor=LOCAL)
    return out.getvalue()


def everything(store: Store) -> tuple[int, set[Path]]:
    """How many projects there are, and every file of results."""
    files = {path for path in (store.home / "artifacts").rglob("*") if path.is_file()}
    return len(store.projects(actor=LOCAL)), files


def loaded(store: Store, project: Project) -> Snapshot:
    return Store.open(store.home).load(project.id, actor=LOCAL)


# ---------------------------------------------------------------- round trips


def test_a_project_comes_back_with_every_slot_name_note_seed_and_settings(
    store: Store, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "out.zip"
    store.export_project(project.id, path, actor=LOCAL)
    other = Store.open(tmp_path / "other")
    back = other.import_project(path, actor="ann")
    assert (back.name, back.seed, back.note, back.kind) == ("Coupons", 11, "for the board", "own")
    assert back.owner == "ann"
    assert back.id != project.id
    assert other.settings(back.id, actor="ann") == store.settings(project.id, actor=LOCAL)
    before, after = loaded(store, project), other.load(back.id, actor="ann")
    assert after.fingerprints == before.fingerprints
    assert after.stale == {}
    assert set(after.current) == set(whole_analysis().filled())
    for slot in set(after.current) - {"table", "model", "policies"}:
        assert after.get(slot) == before.get(slot)
    assert after.analysis.need("table").frame.equals(before.analysis.need("table").frame)
    assert after.analysis.checks() == before.analysis.checks()


@pytest.mark.parametrize(
    "name", ["<b>x</b>", "../../up", "a\nb", "名字 “q”", "C:\\x.zip", "." * 300]
)
def test_hostile_names_come_back_as_they_are(store: Store, name: str) -> None:
    project = store.create_project(name, actor=LOCAL)
    made = whole_analysis(rename=HOSTILE)
    store.save(project.id, made, revision=0, actor=LOCAL)
    back = store.import_project(io.BytesIO(packed(store, project)), actor=LOCAL)
    assert back.name == name
    assert loaded(store, back).analysis.need("table").schema == made.need("table").schema
    assert loaded(store, back).stale == {}
    assert not (store.home.parent.parent / "up").exists()


def test_the_same_project_gives_the_same_bytes_and_no_place_of_this_machine(
    store: Store, project: Project, tmp_path: Path
) -> None:
    first = packed(store, project)
    copy = Store.open(tmp_path / "second")
    back = copy.import_project(io.BytesIO(first), actor=LOCAL)
    assert packed(copy, back) == first == packed(store, project)
    assert str(tmp_path).encode() not in first
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert file.namelist() == ["manifest.json", *sorted(file.namelist()[1:])]


def test_a_new_name_and_kind_may_be_given_and_importing_twice_makes_two(
    store: Store, project: Project
) -> None:
    content = packed(store, project)
    first, second = (
        store.import_project(io.BytesIO(content), actor=LOCAL, name="Demo", kind="demo")
        for _ in range(2)
    )
    assert first.id != second.id
    assert (first.name, first.kind) == ("Demo", "demo")
    store.delete_project(first.id, actor=LOCAL)
    assert loaded(store, second).analysis.headline == loaded(store, project).analysis.headline


def test_what_was_stored_beside_the_analysis_goes_along_and_what_is_stale_stays(
    store: Store, project: Project
) -> None:
    made = loaded(store, project).analysis
    report = Report(
        files={"report.html": b"<p>"}, headline=True, failed_checks=(),
        basis=basis_of(effects=made.effects),
    )  # fmt: skip
    store.keep(project.id, "report", report, actor=LOCAL)
    back = store.import_project(io.BytesIO(packed(store, project)), actor=LOCAL)
    assert loaded(store, back).get("report") == report
    graph = made.need("graph")
    revision = store.project(project.id, actor=LOCAL).revision
    edited = made.updated(graph=replace(graph, edges=graph.edges[:3]))
    store.save(project.id, edited, revision=revision, actor=LOCAL)
    assert "effects" in loaded(store, project).stale
    again = store.import_project(io.BytesIO(packed(store, project)), actor=LOCAL)
    assert set(loaded(store, again).current) == set(loaded(store, project).current)
    assert loaded(store, again).stale == {}


def test_an_archive_is_read_without_a_store_and_each_value_once(
    store: Store, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "out.zip"
    store.export_project(project.id, path, actor=LOCAL)
    read = read_archive(path)
    assert isinstance(read, Archive)
    assert (read.name, read.settings["aim"]) == ("Coupons", "worth")
    assert read.slots == tuple(slot for slot in whole_analysis().filled())
    assert read.part("effects", "estimand").filled().keys() == {"effects", "estimand"}
    assert read.get("effects") is read.part("effects").effects
    assert read.get("pattern") is None
    assert read.analysis.headline == whole_analysis().headline
    assert isinstance(read.get("policies"), Policies)


def test_another_persons_project_cannot_be_exported(store: Store, project: Project) -> None:
    with pytest.raises(ProjectMissingError):
        store.export_project(project.id, io.BytesIO(), actor="eve")


def test_a_damaged_store_is_told_before_anything_is_written(
    store: Store, project: Project, tmp_path: Path
) -> None:
    ref = loaded(store, project).current["effects"]
    file = store.home / "artifacts" / ref.hash[:2] / f"{ref.hash}.json"
    file.write_bytes(file.read_bytes().replace(b"0", b"1", 1))
    path = tmp_path / "out.zip"
    with pytest.raises(DamagedArtifactError):
        store.export_project(project.id, path, actor=LOCAL)
    assert not path.exists()


def test_a_file_that_was_there_is_replaced_whole_and_a_full_disk_leaves_it(
    store: Store, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.zip"
    path.write_bytes(b"older")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _no_space)
        with pytest.raises(StorageError):
            store.export_project(project.id, path, actor=LOCAL)
    assert path.read_bytes() == b"older"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["out.zip"]
    store.export_project(project.id, path, actor=LOCAL)
    assert path.read_bytes() == packed(store, project)


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_where_a_library_names_the_same_content_otherwise_nothing_becomes_stale(
    store: Store, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = packed(store, project)
    monkeypatch.setattr("causal_core.table._column_digests", lambda frame: ["of tomorrow"])
    other = Store.open(tmp_path / "other")
    back = other.import_project(io.BytesIO(content), actor=LOCAL)
    snapshot = other.load(back.id, actor=LOCAL)
    assert snapshot.stale == {}
    saved = other.save(back.id, snapshot.analysis, revision=snapshot.revision, actor=LOCAL)
    assert saved.snapshot.stale == {}
    assert saved.analysis.effects is not None


# ---------------------------------------------------------------- files that lie


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def repacked(files: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out


def with_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], io.BytesIO]:
    def lie(content: bytes) -> io.BytesIO:
        files = unpacked(content)
        record = json.loads(files["manifest.json"])
        change(record)
        return repacked({**files, "manifest.json": json.dumps(record).encode()})

    return lie


def with_file(slot: str, content: bytes) -> Callable[[bytes], io.BytesIO]:
    """Put other bytes into a slot, under their own true hash."""

    def lie(old: bytes) -> io.BytesIO:
        files = unpacked(old)
        record = json.loads(files.pop("manifest.json"))
        item = record["slots"][slot]
        (name,) = (name for name in files if name.startswith(item["hash"]))
        del files[name]
        item["hash"] = hashlib.sha256(content).hexdigest()
        files[item["hash"] + Path(name).suffix] = content
        return repacked({**files, "manifest.json": json.dumps(record).encode()})

    return lie


def escaping(content: bytes) -> io.BytesIO:
    return repacked({**unpacked(content), "../../../escaped.json": b"{}"})


def absolute(content: bytes) -> io.BytesIO:
    return repacked({**unpacked(content), "/tmp/escaped.json": b"{}"})


def twice(content: bytes) -> io.BytesIO:
    out = repacked(unpacked(content))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as file:
        file.writestr("manifest.json", b"{}")
    return out


def one_file_changed(content: bytes) -> io.BytesIO:
    files = unpacked(content)
    name = next(name for name in files if name.endswith(".json") and name != "manifest.json")
    return repacked({**files, name: files[name] + b" "})


def one_file_missing(content: bytes) -> io.BytesIO:
    files = unpacked(content)
    del files[next(name for name in files if name.endswith(".parquet"))]
    return repacked(files)


def bomb(content: bytes) -> io.BytesIO:
    files = unpacked(content)
    name = next(name for name in files if name.endswith(".safetensors"))
    return repacked({**files, name: b"\0" * (archive.LARGEST_PACKED + 1)})


def many(content: bytes) -> io.BytesIO:
    return repacked({**unpacked(content), **{f"{at}.json": b"{}" for at in range(200)}})


def of_slot(slot: str, **change: object) -> Callable[[bytes], io.BytesIO]:
    return with_manifest(lambda record: record["slots"][slot].update(change))


deep = b'{"format":1,"kind":"question","value":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
LIES: dict[str, tuple[Callable[[bytes], io.BytesIO], str]] = {
    "no zip": (lambda content: io.BytesIO(b"PK\x03\x04 not really"), "no zip file"),
    "empty": (lambda content: io.BytesIO(b""), "no zip file"),
    "cut off": (lambda content: io.BytesIO(content[: len(content) // 2]), "no zip file"),
    "another zip": (lambda content: repacked({"a.txt": b"x"}), "no manifest"),
    "a path that climbs": (escaping, "does not hold the files that it lists"),
    "an absolute path": (absolute, "does not hold the files that it lists"),
    "the manifest twice": (twice, "does not hold the files that it lists"),
    "too many files": (many, "does not hold the files that it lists"),
    "a missing file": (one_file_missing, "does not hold the files that it lists"),
    "a changed file": (one_file_changed, "was changed"),
    "a bomb": (bomb, "far larger inside"),
    "packed otherwise": (lambda c: repacked(unpacked(c), zipfile.ZIP_BZIP2), "packed in a way"),
    "no JSON": (lambda c: repacked({**unpacked(c), "manifest.json": b"{"}), "manifest is damaged"),
    "a list": (lambda c: repacked({**unpacked(c), "manifest.json": b"[]"}), "manifest is damaged"),
    "deep JSON": (
        lambda c: repacked({**unpacked(c), "manifest.json": b"[" * 200_000}),
        "manifest is damaged",
    ),
    "a slot of none": (
        with_manifest(lambda r: r["slots"].update({"../x": r["slots"]["effects"]})),
        "manifest is damaged",
    ),
    "a name that climbs": (of_slot("effects", hash="../" * 21 + "x"), "manifest is damaged"),
    "a name for a path": (of_slot("effects", kind="../../effects"), "manifest is damaged"),
    "a kind that does not fit": (of_slot("effects", kind="graph"), "manifest is damaged"),
    "a fingerprint of none": (of_slot("effects", fingerprint=7), "manifest is damaged"),
    "half a letter": (with_manifest(lambda r: r.update(note="\ud800")), "manifest is damaged"),
    "no number": (with_manifest(lambda r: r.update(settings={"x": float("nan")})), "is damaged"),
    "no name": (with_manifest(lambda r: r.update(name="")), "manifest is damaged"),
    "a name of a megabyte": (with_manifest(lambda r: r.update(name="x" * 10**5)), "is damaged"),
    "a seed below zero": (with_manifest(lambda r: r.update(seed=-1)), "manifest is damaged"),
    "a seed of ten bytes": (with_manifest(lambda r: r.update(seed=2**80)), "manifest is damaged"),
    "settings of none": (with_manifest(lambda r: r.update(settings=[])), "manifest is damaged"),
    "a basis that is not there": (
        of_slot("effects", basis={"table": "0" * 64}),
        "do not belong together",
    ),
    "a basis hidden in the value": (
        with_manifest(lambda r: r["slots"]["table"].update(fingerprint="0" * 64)
                      or [s.update(basis={}) for s in r["slots"].values()]),
        "do not belong together",
    ),
    "a value too deep": (with_file("question", deep), "nested too deep"),
}  # fmt: skip


@pytest.mark.parametrize("lie", list(LIES))
def test_a_file_that_lies_is_refused_with_a_remedy_and_changes_nothing(
    store: Store, project: Project, lie: str
) -> None:
    make, reason = LIES[lie]
    file = make(packed(store, project))
    before = everything(store)
    with pytest.raises(ArchiveError) as caught:
        store.import_project(file, actor=LOCAL)
    assert reason in caught.value.found
    assert "Export the project again" in caught.value.remedy
    assert everything(store) == before


def test_any_single_byte_that_flips_is_refused_or_harmless(store: Store, project: Project) -> None:
    content = packed(store, project)
    fingerprints = loaded(store, project).fingerprints
    step = max(1, len(content) // 150)
    refused = 0
    for at in range(0, len(content), step):
        flipped = bytearray(content)
        flipped[at] ^= 0xFF
        try:
            back = store.import_project(io.BytesIO(bytes(flipped)), actor=LOCAL)
        except AnalysisError:
            refused += 1
        else:  # a bit of the zip's own that nobody reads, such as a time
            assert loaded(store, back).fingerprints == fingerprints
            assert loaded(store, back).stale == {}
    assert refused > 100


def test_a_value_that_is_none_of_ours_is_refused(store: Store, project: Project) -> None:
    before = everything(store)
    for slot, content in {
        "question": b'{"format":1,"kind":"question","value":{"treatment":7}}',
        "effects": b"not json",
        "model": b"\x08\0\0\0\0\0\0\0{}      ",
        "table": b"PAR1 no PAR1",
    }.items():
        file = with_file(slot, content)(packed(store, project))
        with pytest.raises(DamagedArtifactError):
            store.import_project(file, actor=LOCAL)
    assert everything(store) == before


def test_a_result_under_the_name_of_another_kind_is_refused(store: Store, project: Project) -> None:
    graph = unpacked(packed(store, project))
    content = next(c for n, c in graph.items() if b'"kind":"graph"' in c and n != "manifest.json")
    with pytest.raises((ArchiveError, DamagedArtifactError)):
        store.import_project(with_file("question", content)(packed(store, project)), actor=LOCAL)


def test_a_newer_file_or_a_newer_result_in_it_is_refused_by_name(
    store: Store, project: Project
) -> None:
    newer = with_manifest(lambda record: record.update(format=99))
    with pytest.raises(NewerFormatError, match="99"):
        store.import_project(newer(packed(store, project)), actor=LOCAL)
    with pytest.raises(NewerFormatError, match="77"):
        store.import_project(of_slot("graph", format=77)(packed(store, project)), actor=LOCAL)


def test_a_file_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="no.zip"):
        store.import_project(tmp_path / "no.zip", actor=LOCAL)


def test_a_large_result_lies_in_the_file_unpacked_and_comes_back(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_PACKED", 2_000)
    content = packed(store, project)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        kinds = {info.compress_type for info in file.infolist()}
    assert kinds == {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    back = store.import_project(io.BytesIO(content), actor=LOCAL)
    assert loaded(store, back).stale == {}


def test_a_table_that_unfolds_into_more_cells_than_memory_holds_is_not_unfolded(
    store: Store, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_CELLS", 1_000)
    monkeypatch.setattr("causal_core.table.BehaviorTable.from_parquet", _no_space)
    with pytest.raises(ArchiveError, match="far larger inside"):
        store.import_project(io.BytesIO(packed(store, project)), actor=LOCAL)


# ---------------------------------------------------------------- crashes


@pytest.fixture
def writers() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(WRITER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(WRITER.parents[1]), "OMP_NUM_THREADS": "1"},
    ) as pipe:
        yield pipe


def test_an_import_killed_before_any_single_step_on_the_disk_gave_all_or_nothing(
    store: Store, tmp_path: Path, writers: subprocess.Popen[str]
) -> None:
    first = store.create_project("First", actor=LOCAL)
    store.save(first.id, analysis_of(1), revision=0, actor=LOCAL)
    path = tmp_path / "out.zip"
    store.export_project(first.id, path, actor=LOCAL)
    expected = loaded(store, first).fingerprints
    home = Store.open(tmp_path / "fresh").home
    outcomes, step = [], 0
    while True:
        step += 1
        assert writers.stdin is not None
        assert writers.stdout is not None
        writers.stdin.write(f"{home}\t{path}\t-{step}\n")
        writers.stdin.flush()
        told = [line.strip() for line in iter(writers.stdout.readline, "gone\n")]
        opened = Store.open(home)
        projects = opened.projects(actor=LOCAL)
        outcomes.append(len(projects))
        for project in projects:
            snapshot = opened.load(project.id, actor=LOCAL)
            assert snapshot.fingerprints == expected
            assert snapshot.analysis.model is not None
            opened.delete_project(project.id, actor=LOCAL)
        if told == ["survived"]:
            break
    assert step > 20, "every sync, rename and statement was a moment to die"
    assert set(outcomes) == {0, 1}, "some died before the commit, some after it"
