"""Projects that leave the store as one file, and come into it from one."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from pathlib import Path
from typing import BinaryIO

from causal_core.store import rows
from causal_core.store.archive import SLOTS, file_name, pack, read_archive, record_of
from causal_core.store.files import refused, write_by
from causal_core.store.foundation import Foundation
from causal_core.store.records import Project
from causal_core.store.slots import Entry, Shelf, settle


class Exchange(Foundation):
    """The doors through which whole projects go out and come in."""

    def export_project(self, project_id: str, path: Path | BinaryIO, *, actor: str) -> None:
        """Write a project into one zip: the same project gives the same bytes.

        Its name, note, settings, seed and all current results go along. Uploaded files, stale
        results, older graphs and the record of who did what stay behind.

        Raises
        ------
        ProjectMissingError
        DamagedArtifactError
            If a result was damaged in the store; nothing is written then.
        StorageError
        """
        with self.database.reading() as connection:
            row = rows.project_row(connection, project_id, actor)
            held = rows.read_shelf(connection, project_id).current
        entries = {slot: held[slot] for slot in SLOTS if slot in held}
        about = {name: row[name] for name in ("name", "seed", "kind", "note")}
        record = record_of(entries, settings=json.loads(row["settings"]), **about)
        files = {
            file_name(entry.ref): self._artifacts.whole(entry.ref) for entry in entries.values()
        }
        if isinstance(path, Path):
            with refused(path.parent):
                write_by(path, lambda temporary: pack(temporary, record, files))
        else:
            pack(path, record, files)

    def import_project(
        self,
        source: Path | BinaryIO,
        *,
        actor: str,
        name: str | None = None,
        kind: str = "own",
    ) -> Project:
        """Make a new project from a file that `export_project` wrote; nothing else is touched.

        Everything is checked before the first byte is stored, and all of the project appears at
        once. What it rests on is taken over as it was: nothing becomes stale, also where a
        library would name the same content otherwise today.

        Raises
        ------
        FileMissingError
        ArchiveError, DamagedArtifactError
            If it is no such file, or was damaged.
        NewerFormatError
            If a newer program wrote it.
        StorageError
        """
        archive = read_archive(source)
        values = {slot: archive.get(slot) for slot in archive.slots}
        now = rows.moment(time.time())
        project = Project(
            id=secrets.token_hex(10), name=name or archive.name, owner=actor, revision=0,
            seed=archive.seed, kind=kind, language="en", created=now, changed=now,
            note=archive.note,
        )  # fmt: skip

        def commit(connection: sqlite3.Connection, entries: tuple[Entry, ...]) -> Project:
            shelf = settle(Shelf(current={}), entries)
            rows.insert_project(connection, project, json.dumps(archive.settings))
            rows.write_revision(connection, project.id, 0, "person", Shelf(current={}))
            rows.write_audit(connection, project.id, actor, "import")
            row = rows.project_row(connection, project.id, actor)
            shelves = (Shelf(current={}), shelf)
            self._write(connection, row, shelves, actor=actor, source="person")
            return rows.project_from(rows.project_row(connection, project.id, actor))

        return self._committing(values, commit)
