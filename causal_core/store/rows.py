"""The rows of projects and slots as nouns and back: all SQL that several doors share."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from causal_core.errors import ProjectMissingError
from causal_core.store.codec import ArtifactRef, suffix_of
from causal_core.store.records import Project
from causal_core.store.slots import Entry, Shelf

_REVISIONS_KEPT = 100


def moment(seconds: float) -> datetime:
    """Return a stored time as an aware datetime."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def project_row(connection: sqlite3.Connection, project_id: str, actor: str) -> sqlite3.Row:
    """Return the row of a project that belongs to `actor`.

    Raises
    ------
    ProjectMissingError
        If there is none; another person's project is no different from a missing one.
    """
    query = "SELECT * FROM projects WHERE id = ? AND owner = ?"
    row: sqlite3.Row | None = connection.execute(query, (project_id, actor)).fetchone()
    if row is None:
        raise ProjectMissingError(project=project_id)
    return row


def project_from(row: sqlite3.Row) -> Project:
    """Return the project that a row describes."""
    return Project(
        id=row["id"],
        name=row["name"],
        owner=row["owner"],
        revision=row["revision"],
        seed=row["seed"],
        kind=row["kind"],
        language=str(json.loads(row["settings"]).get("language", "en")),
        created=moment(row["created"]),
        changed=moment(row["changed"]),
        note=row["note"],
    )


def insert_project(connection: sqlite3.Connection, project: Project, settings: str = "{}") -> None:
    """Add the row of a new project."""
    connection.execute(
        "INSERT INTO projects (id, owner, name, kind, seed, revision, note, settings, created,"
        " changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            project.id, project.owner, project.name, project.kind, project.seed, project.revision,
            project.note, settings, project.created.timestamp(), project.changed.timestamp(),
        ),
    )  # fmt: skip


def read_shelf(connection: sqlite3.Connection, project_id: str) -> Shelf:
    """Return the current and the stale results of a project."""
    rows = connection.execute(
        "SELECT slots.*, kind, format, bytes FROM slots JOIN artifacts ON artifact = hash"
        " WHERE project_id = ? ORDER BY place",
        (project_id,),
    ).fetchall()
    entries = [(row["state"], _entry(row)) for row in rows]
    return Shelf(
        current={entry.slot: entry for state, entry in entries if state == "current"},
        stale=tuple(entry for state, entry in entries if state == "stale"),
    )


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        slot=row["slot"],
        fingerprint=row["fingerprint"],
        ref=artifact_from(row),
        basis=json.loads(row["basis"]),
    )


def artifact_from(row: sqlite3.Row) -> ArtifactRef:
    """Return the reference that a row joined with its artifact describes."""
    return ArtifactRef(
        hash=row["artifact"], kind=row["kind"], format=row["format"], bytes=row["bytes"]
    )


def write_shelf(connection: sqlite3.Connection, project_id: str, old: Shelf, new: Shelf) -> None:
    """Replace the slots of a project; files that nothing refers to any more are condemned."""
    connection.execute("DELETE FROM slots WHERE project_id = ?", (project_id,))
    marked = [("current", entry) for entry in new.current.values()]
    marked += [("stale", entry) for entry in new.stale]
    add_artifacts(connection, (entry.ref for _, entry in marked))
    connection.executemany(
        "INSERT INTO slots (project_id, slot, fingerprint, artifact, basis, state, place)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                project_id, entry.slot, entry.fingerprint, entry.ref.hash,
                json.dumps(dict(entry.basis)), state, place,
            )
            for place, (state, entry) in enumerate(marked)
        ],
    )  # fmt: skip
    kept = {entry.ref.hash for _, entry in marked}
    gone = (entry.ref for entry in (*old.current.values(), *old.stale))
    condemn(connection, (artifact_path(ref) for ref in gone if ref.hash not in kept))


def add_artifacts(connection: sqlite3.Connection, refs: Iterable[ArtifactRef]) -> None:
    """Note what kind of thing each stored file is."""
    connection.executemany(
        "INSERT OR IGNORE INTO artifacts (hash, kind, format, bytes) VALUES (?, ?, ?, ?)",
        [(ref.hash, ref.kind, ref.format, ref.bytes) for ref in refs],
    )


def artifact_path(ref: ArtifactRef) -> str:
    """Return where a value's file lies, seen from the store's folder."""
    return f"artifacts/{ref.hash[:2]}/{ref.hash}{suffix_of(ref.kind)}"


def condemn(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    """Note files to be removed after this transaction, where nothing else refers to them."""
    connection.executemany(
        "INSERT OR IGNORE INTO condemned (path) VALUES (?)", [(path,) for path in paths]
    )


def write_revision(
    connection: sqlite3.Connection, project_id: str, revision: int, source: str, shelf: Shelf
) -> None:
    """Note what a revision held and who made it: a ``"person"`` or a ``"job"``."""
    held = {slot: entry.fingerprint for slot, entry in shelf.current.items()}
    connection.execute(
        "INSERT INTO revisions (project_id, revision, source, slots) VALUES (?, ?, ?, ?)",
        (project_id, revision, source, json.dumps(held)),
    )
    connection.execute(
        "DELETE FROM revisions WHERE project_id = ? AND revision <= ?",
        (project_id, revision - _REVISIONS_KEPT),
    )
    connection.execute(
        "UPDATE projects SET revision = ?, changed = ? WHERE id = ?",
        (revision, time.time(), project_id),
    )


def held_at(
    connection: sqlite3.Connection, project_id: str, revision: int
) -> Mapping[str, str] | None:
    """Return slot → fingerprint at an old revision, if only jobs have committed since."""
    rows = connection.execute(
        "SELECT revision, source, slots FROM revisions WHERE project_id = ? AND revision >= ?"
        " ORDER BY revision",
        (project_id, revision),
    ).fetchall()
    if not rows or rows[0]["revision"] != revision:
        return None
    if any(row["source"] != "job" for row in rows[1:]):
        return None
    held: dict[str, str] = json.loads(rows[0]["slots"])
    return held


def write_graph_version(
    connection: sqlite3.Connection, project_id: str, entry: Entry, actor: str
) -> None:
    """Note that the project's graph is another one now."""
    add_artifacts(connection, [entry.ref])
    connection.execute(
        "INSERT INTO graph_versions (project_id, number, fingerprint, artifact, actor, created)"
        " SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, ? FROM graph_versions"
        " WHERE project_id = ?",
        (project_id, entry.fingerprint, entry.ref.hash, actor, time.time(), project_id),
    )


def graph_number(connection: sqlite3.Connection, project_id: str, fingerprint: str) -> int | None:
    """Return the number of a graph that a project has or had: of its last time, if it came back."""
    query = "SELECT MAX(number) FROM graph_versions WHERE project_id = ? AND fingerprint = ?"
    number: int | None = connection.execute(query, (project_id, fingerprint)).fetchone()[0]
    return number


def write_audit(
    connection: sqlite3.Connection, project_id: str, actor: str, action: str, detail: str = ""
) -> None:
    """Note who did what."""
    connection.execute(
        "INSERT INTO audit (time, actor, project_id, action, detail) VALUES (?, ?, ?, ?, ?)",
        (time.time(), actor, project_id, action, detail),
    )


def is_referred_to(connection: sqlite3.Connection, path: str) -> bool:
    """Return whether a project, a graph version, an upload or an unfinished job needs a file."""
    name = path.rpartition("/")[2]
    if path.startswith("uploads/"):
        query = "SELECT 1 FROM uploads WHERE file = :name"
    elif path.startswith("jobs/"):
        query = "SELECT 1 FROM jobs WHERE id = :name"
    else:
        name = name.partition(".")[0]
        query = (
            "SELECT 1 FROM slots WHERE artifact = :name"
            " UNION ALL SELECT 1 FROM graph_versions WHERE artifact = :name"
            " UNION ALL SELECT 1 FROM jobs, json_each(jobs.inputs) AS input"
            " WHERE state IN ('queued', 'running') AND json_extract(input.value, '$.hash') = :name"
        )
    return connection.execute(f"{query} LIMIT 1", {"name": name}).fetchone() is not None
