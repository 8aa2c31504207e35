"""Projects of the store: made, listed, named, copied, deleted for good; settings beside them."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping

from causal_core.language import t
from causal_core.store import rows, sweeping
from causal_core.store.foundation import Foundation
from causal_core.store.records import AuditRow, Project
from causal_core.store.slots import Shelf


class Projects(Foundation):
    """Everything about projects but their results."""

    def create_project(self, name: str, *, actor: str, seed: int = 7, kind: str = "own") -> Project:
        """Make an empty project that belongs to `actor`; `kind` is ``"own"`` or ``"demo"``."""
        now = rows.moment(time.time())
        project = Project(
            id=secrets.token_hex(10), name=name, owner=actor, revision=0, seed=seed, kind=kind,
            language="en", created=now, changed=now,
        )  # fmt: skip
        with self.database.writing() as connection:
            rows.insert_project(connection, project)
            rows.write_revision(connection, project.id, 0, "person", Shelf(current={}))
            rows.write_audit(connection, project.id, actor, "create")
            return rows.project_from(rows.project_row(connection, project.id, actor))

    def projects(self, *, actor: str) -> tuple[Project, ...]:
        """Return the projects of `actor`, the one changed last first."""
        with self.database.reading() as connection:
            query = "SELECT * FROM projects WHERE owner = ? ORDER BY changed DESC, rowid DESC"
            return tuple(rows.project_from(row) for row in connection.execute(query, (actor,)))

    def project(self, project_id: str, *, actor: str) -> Project:
        """Return one project.

        Raises
        ------
        ProjectMissingError
        """
        with self.database.reading() as connection:
            return rows.project_from(rows.project_row(connection, project_id, actor))

    def rename_project(self, project_id: str, name: str, *, actor: str) -> Project:
        """Give a project another name."""
        return self._change_project(project_id, "name", name, actor)

    def annotate_project(self, project_id: str, note: str, *, actor: str) -> Project:
        """Give a project another note."""
        return self._change_project(project_id, "note", note, actor)

    def _change_project(self, project_id: str, column: str, value: str, actor: str) -> Project:
        with self.database.writing() as connection:
            rows.project_row(connection, project_id, actor)
            connection.execute(
                f"UPDATE projects SET {column} = ?, changed = ? WHERE id = ?",
                (value, time.time(), project_id),
            )
            rows.write_audit(connection, project_id, actor, column)
            return rows.project_from(rows.project_row(connection, project_id, actor))

    def duplicate_project(self, project_id: str, *, actor: str, name: str | None = None) -> Project:
        """Return a new project with the same results, settings and uploads."""
        with self.database.writing() as connection:
            row = rows.project_row(connection, project_id, actor)
            called = name or t("{name} (copy)", name=row["name"])
            shelf = rows.read_shelf(connection, project_id)
            copy_id = self._copy(connection, row, shelf, name=called)
            return rows.project_from(rows.project_row(connection, copy_id, actor))

    def delete_project(self, project_id: str, *, actor: str) -> None:
        """Delete a project for good: its rows, uploads, job folders and files of its own."""
        with self.database.writing() as connection:
            rows.project_row(connection, project_id, actor)
            _condemn_all(connection, project_id)
            connection.execute("DELETE FROM projects WHERE id = ?", (project_id,))
            connection.execute("DELETE FROM audit WHERE project_id = ?", (project_id,))
            rows.write_audit(connection, project_id, actor, "delete")
        self._artifacts.forget()
        sweeping.collect(self.database, self.home)
        sweeping.sweep(self.database, self.home)

    def settings(self, project_id: str, *, actor: str) -> dict[str, object]:
        """Return what a project remembers beside its results: aim, guess, language."""
        with self.database.reading() as connection:
            text = rows.project_row(connection, project_id, actor)["settings"]
            settings: dict[str, object] = json.loads(text)
            return settings

    def set_settings(
        self, project_id: str, changes: Mapping[str, object], *, actor: str
    ) -> dict[str, object]:
        """Change some settings and keep the others; None removes one. Makes no new revision."""
        with self.database.writing() as connection:
            row = rows.project_row(connection, project_id, actor)
            merged = {**json.loads(row["settings"]), **changes}
            kept = {key: value for key, value in merged.items() if value is not None}
            connection.execute(
                "UPDATE projects SET settings = ?, changed = ? WHERE id = ?",
                (json.dumps(kept, allow_nan=False), time.time(), project_id),
            )
            return kept

    def audit(self, project_id: str, *, actor: str) -> tuple[AuditRow, ...]:
        """Return who did what in a project, the newest first."""
        with self.database.reading() as connection:
            rows.project_row(connection, project_id, actor)
            query = "SELECT * FROM audit WHERE project_id = ? ORDER BY time DESC, rowid DESC"
            return tuple(
                AuditRow(
                    time=rows.moment(row["time"]),
                    actor=row["actor"],
                    action=row["action"],
                    detail=row["detail"],
                )
                for row in connection.execute(query, (project_id,))
            )


def _condemn_all(connection: sqlite3.Connection, project_id: str) -> None:
    """Note all files of a project for removal; those that others need will stay."""
    artifacts = connection.execute(
        "SELECT DISTINCT artifact, kind, format, bytes FROM artifacts JOIN"
        " (SELECT artifact FROM slots WHERE project_id = :id"
        "  UNION SELECT artifact FROM graph_versions WHERE project_id = :id) ON artifact = hash",
        {"id": project_id},
    ).fetchall()
    uploads = connection.execute("SELECT file FROM uploads WHERE project_id = ?", (project_id,))
    jobs = connection.execute("SELECT id FROM jobs WHERE project_id = ?", (project_id,))
    paths = [rows.artifact_path(rows.artifact_from(row)) for row in artifacts]
    paths += [f"uploads/{row['file']}" for row in uploads]
    paths += [f"jobs/{row['id']}" for row in jobs]
    rows.condemn(connection, paths)
