"""Files that people bring. They lie under names of ours; their own names are only shown."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import time
from pathlib import Path
from typing import BinaryIO

from causal_core.errors import FileMissingError, StorageError
from causal_core.language import t
from causal_core.store import rows, sweeping
from causal_core.store.files import copy_stream, refused, write_by_content
from causal_core.store.foundation import Foundation
from causal_core.store.records import Upload

_ATTEMPTS = 5
_SUFFIXES = (
    ".csv", ".tsv", ".txt", ".dat", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx",
)  # fmt: skip
_PACKED = (".gz", ".zst", ".bz2", ".xz", ".zip")


class Uploads(Foundation):
    """The uploaded files of projects, kept until they are removed."""

    def add_upload(
        self, source: Path | BinaryIO, *, project_id: str, original_name: str, actor: str
    ) -> Upload:
        """Keep a file for a project under the sha256 of its content.

        Raises
        ------
        ProjectMissingError
        FileMissingError
            If `source` is a path where nothing lies.
        StorageError
        """
        suffix = _safe_suffix(original_name)
        upload_id = secrets.token_hex(10)
        for _ in range(_ATTEMPTS):
            digest, path, size = self._receive(source, suffix, original_name)
            with self.database.writing() as connection:
                rows.project_row(connection, project_id, actor)
                if not path.exists():
                    continue
                connection.execute(
                    "INSERT INTO uploads (id, project_id, original_name, file, sha256, bytes,"
                    " created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (upload_id, project_id, original_name, path.name, digest, size, time.time()),
                )
                rows.write_audit(connection, project_id, actor, "upload", upload_id)
                return self._upload(connection, upload_id, actor)
        raise StorageError(reason=t("files vanish while they are written"), folder=str(self.home))

    def _receive(
        self, source: Path | BinaryIO, suffix: str, original_name: str
    ) -> tuple[str, Path, int]:
        if isinstance(source, Path) and not source.is_file():
            raise FileMissingError(name=original_name)

        def fill(temporary: Path) -> None:
            if isinstance(source, Path):
                shutil.copyfile(source, temporary)
            else:
                source.seek(0)
                copy_stream(source, temporary)

        with refused(self.home):
            return write_by_content(
                fill,
                lambda digest: self.home / "uploads" / f"{digest}{suffix}",
                scratch=self.home / "tmp",
            )

    def uploads(self, project_id: str, *, actor: str) -> tuple[Upload, ...]:
        """Return the uploads of a project, the oldest first."""
        with self.database.reading() as connection:
            rows.project_row(connection, project_id, actor)
            query = "SELECT * FROM uploads WHERE project_id = ? ORDER BY created, rowid"
            found = connection.execute(query, (project_id,)).fetchall()
        return tuple(self._from_row(row) for row in found)

    def upload(self, upload_id: str, *, actor: str) -> Upload:
        """Return one upload.

        Raises
        ------
        FileMissingError
        """
        with self.database.reading() as connection:
            return self._upload(connection, upload_id, actor)

    def remove_upload(self, upload_id: str, *, actor: str) -> None:
        """Remove an upload for good; the table that was read from it stays."""
        with self.database.writing() as connection:
            upload = self._upload(connection, upload_id, actor)
            connection.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))
            rows.condemn(connection, [f"uploads/{upload.path.name}"])
            rows.write_audit(connection, upload.project_id, actor, "remove upload", upload_id)
        sweeping.collect(self.database, self.home)

    def _upload(self, connection: sqlite3.Connection, upload_id: str, actor: str) -> Upload:
        row = connection.execute(
            "SELECT uploads.* FROM uploads JOIN projects ON projects.id = project_id"
            " WHERE uploads.id = ? AND owner = ?",
            (upload_id, actor),
        ).fetchone()
        if row is None:
            raise FileMissingError(name=upload_id)
        return self._from_row(row)

    def _from_row(self, row: sqlite3.Row) -> Upload:
        return Upload(
            id=row["id"],
            project_id=row["project_id"],
            original_name=row["original_name"],
            bytes=row["bytes"],
            sha256=row["sha256"],
            path=self.home / "uploads" / row["file"],
            created=rows.moment(row["created"]),
        )


def _safe_suffix(name: str) -> str:
    """Return the ending that tells the file's kind, if it is one of those we know.

    Examples
    --------
    >>> _safe_suffix("../../Events 2024.CSV.gz"), _safe_suffix("x.csv/../../etc/passwd")
    ('.csv.gz', '')
    """
    endings = [ending.lower() for ending in Path(name).suffixes]
    packed = endings.pop() if endings and endings[-1] in _PACKED else ""
    kind = endings[-1] if endings and endings[-1] in _SUFFIXES else ""
    return kind + packed
