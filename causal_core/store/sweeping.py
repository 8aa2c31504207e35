"""Removes files that nothing refers to any more, so that deleted means gone, also after a crash."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

from causal_core.store.database import Database
from causal_core.store.files import remove_old
from causal_core.store.rows import is_referred_to

_HOUR = 3600.0


def collect(database: Database, home: Path) -> None:
    """Remove the condemned files. Nobody commits meanwhile, so none can be needed again."""
    with database.reading() as connection:
        if connection.execute("SELECT 1 FROM condemned LIMIT 1").fetchone() is None:
            return
    with database.writing() as connection:
        for (path,) in connection.execute("SELECT path FROM condemned").fetchall():
            if not is_referred_to(connection, path):
                _remove(home / path)
                digest = path.rpartition("/")[2].partition(".")[0]
                connection.execute("DELETE FROM artifacts WHERE hash = ?", (digest,))
            connection.execute("DELETE FROM condemned WHERE path = ?", (path,))


def sweep(database: Database, home: Path) -> None:
    """Remove what crashes left behind: old temporary files, old files that nothing refers to."""
    remove_old(home / "tmp")
    before = time.time() - _HOUR
    with database.writing() as connection:
        for path in (*home.glob("artifacts/*/*"), *home.glob("uploads/*"), *home.glob("jobs/*")):
            with suppress(FileNotFoundError):
                relative = path.relative_to(home).as_posix()
                if path.stat().st_mtime < before and not is_referred_to(connection, relative):
                    _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
