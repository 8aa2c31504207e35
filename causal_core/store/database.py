"""The SQLite database of a store: its tables, their migrations, short transactions."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from causal_core.errors import NewerFormatError
from causal_core.store.files import refused

_PATIENCE_SECONDS = 20.0
_MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL DEFAULT 'local',
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        seed INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 0,
        note TEXT NOT NULL DEFAULT '',
        settings TEXT NOT NULL DEFAULT '{}',
        created REAL NOT NULL,
        changed REAL NOT NULL
    ) STRICT;
    CREATE INDEX projects_by_owner ON projects (owner, changed);
    CREATE TABLE artifacts (
        hash TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        format INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE slots (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        slot TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        artifact TEXT NOT NULL REFERENCES artifacts (hash),
        basis TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('current', 'stale')),
        place INTEGER NOT NULL,
        PRIMARY KEY (project_id, slot, fingerprint)
    ) STRICT;
    CREATE UNIQUE INDEX one_current ON slots (project_id, slot) WHERE state = 'current';
    CREATE INDEX slots_by_artifact ON slots (artifact);
    CREATE TABLE revisions (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('person', 'job')),
        slots TEXT NOT NULL,
        PRIMARY KEY (project_id, revision)
    ) STRICT;
    CREATE TABLE graph_versions (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        artifact TEXT NOT NULL REFERENCES artifacts (hash),
        actor TEXT NOT NULL,
        created REAL NOT NULL,
        PRIMARY KEY (project_id, number)
    ) STRICT;
    CREATE INDEX graph_versions_by_artifact ON graph_versions (artifact);
    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        original_name TEXT NOT NULL,
        file TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        created REAL NOT NULL
    ) STRICT;
    CREATE INDEX uploads_by_project ON uploads (project_id, created);
    CREATE INDEX uploads_by_file ON uploads (file);
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        step TEXT NOT NULL,
        settings TEXT NOT NULL,
        inputs TEXT NOT NULL,
        required TEXT NOT NULL,
        actor TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'lost')),
        error TEXT,
        accepted TEXT NOT NULL DEFAULT '[]',
        set_aside TEXT NOT NULL DEFAULT '[]',
        host TEXT NOT NULL DEFAULT '',
        pid INTEGER,
        started_as TEXT NOT NULL DEFAULT '',
        created REAL NOT NULL,
        started REAL,
        ended REAL
    ) STRICT;
    CREATE INDEX jobs_by_project ON jobs (project_id, created);
    CREATE INDEX jobs_by_state ON jobs (state, created);
    CREATE TABLE condemned (path TEXT PRIMARY KEY) STRICT;
    CREATE TABLE audit (
        time REAL NOT NULL,
        actor TEXT NOT NULL,
        project_id TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX audit_by_project ON audit (project_id, time);
    """,
)
DATABASE_VERSION = len(_MIGRATIONS)


class Database:
    """One SQLite file; each transaction has its own connection, so any thread may call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def migrate(self) -> None:
        """Create the tables, or bring those of an older program up to date.

        Raises
        ------
        NewerFormatError
            If a newer program made this database.
        StorageError
        """
        with refused(self.path.parent), closing(self._connect()) as connection:
            self._write_ahead(connection)
            if self._version(connection) == DATABASE_VERSION:
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                for number in range(self._version(connection), DATABASE_VERSION):
                    for statement in _MIGRATIONS[number].split(";"):
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {DATABASE_VERSION}")
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection on which all reads see the same moment."""
        with refused(self.path.parent), closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that nobody else writes beside: all of the block, or nothing."""
        with refused(self.path.parent), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > DATABASE_VERSION:
            raise NewerFormatError(kind="database", format=version, known=DATABASE_VERSION)
        return version

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Switch to the write-ahead log; SQLite does not wait here, so this does."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
