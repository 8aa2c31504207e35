"""What all doors of the store stand on: its folder, its database, and how a change is committed."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from causal_core.errors import StorageError
from causal_core.language import t
from causal_core.store import rows, sweeping
from causal_core.store.artifacts import Artifacts
from causal_core.store.database import Database
from causal_core.store.records import ANALYSIS_SLOTS, Snapshot, StaleResult
from causal_core.store.slots import Entry, Shelf, changed_under, roots_under

_ATTEMPTS = 5
Result = TypeVar("Result")
Commit = Callable[[sqlite3.Connection, tuple[Entry, ...]], Result]


class Foundation:
    """Files first, then one transaction that refers to them: a crash leaves the last commit."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Database(home / "workbench.sqlite")
        self._artifacts = Artifacts(home)

    def _committing(self, values: Mapping[str, object], commit: Commit[Result]) -> Result:
        """Write the values as files, then run `commit` in a transaction that sees them all.

        A file that was there already may be swept by another process before the transaction
        begins; then it is written once more.
        """
        for _ in range(_ATTEMPTS):
            entries = tuple(self._entry(slot, value) for slot, value in values.items())
            with self.database.writing() as connection:
                if all(self._artifacts.path(entry.ref).exists() for entry in entries):
                    result = commit(connection, entries)
                    break
        else:
            raise StorageError(
                reason=t("files vanish while they are written"), folder=str(self.home)
            )
        sweeping.collect(self.database, self.home)
        return result

    def _entry(self, slot: str, value: object) -> Entry:
        ref = self._artifacts.put(value)
        fingerprint = getattr(value, "fingerprint", None) or ref.hash
        basis = getattr(value, "basis", None) or {}
        return Entry(slot=slot, fingerprint=fingerprint, ref=ref, basis=dict(basis))

    def _write(
        self,
        connection: sqlite3.Connection,
        row: sqlite3.Row,
        shelves: tuple[Shelf, Shelf],
        *,
        actor: str,
        source: str,
    ) -> int:
        """Write what changed from the first shelf to the second; return the revision."""
        old, new = shelves
        if old == new:
            return int(row["revision"])
        revision = int(row["revision"]) + 1
        rows.write_shelf(connection, row["id"], old, new)
        rows.write_revision(connection, row["id"], revision, source, new)
        changed = sorted(
            slot
            for slot in {*old.current, *new.current}
            if old.current.get(slot) != new.current.get(slot)
        )
        if "graph" in changed and "graph" in new.current:
            rows.write_graph_version(connection, row["id"], new.current["graph"], actor)
        rows.write_audit(connection, row["id"], actor, source, ", ".join(changed))
        return revision

    def _copy(
        self, connection: sqlite3.Connection, row: sqlite3.Row, shelf: Shelf, *, name: str
    ) -> str:
        """Make a project like another one, with its own results; return its id."""
        now = rows.moment(time.time())
        blank = replace(
            rows.project_from(row),
            id=secrets.token_hex(10), name=name, revision=0, created=now, changed=now,
        )  # fmt: skip
        rows.insert_project(connection, blank, row["settings"])
        rows.write_revision(connection, blank.id, 0, "person", Shelf(current={}))
        connection.execute(
            "INSERT INTO uploads (id, project_id, original_name, file, sha256, bytes, created)"
            " SELECT lower(hex(randomblob(10))), ?, original_name, file, sha256, bytes, created"
            " FROM uploads WHERE project_id = ?",
            (blank.id, row["id"]),
        )
        new_row = rows.project_row(connection, blank.id, blank.owner)
        shelves = (Shelf(current={}), shelf)
        self._write(connection, new_row, shelves, actor=blank.owner, source="person")
        return blank.id

    def snapshot_in(
        self, connection: sqlite3.Connection, project_id: str, *, actor: str
    ) -> Snapshot:
        """Return a project as one transaction sees it."""
        row = rows.project_row(connection, project_id, actor)
        shelf = rows.read_shelf(connection, project_id)
        return Snapshot(
            project=rows.project_from(row),
            current={slot: entry.ref for slot, entry in shelf.current.items()},
            fingerprints={slot: entry.fingerprint for slot, entry in shelf.current.items()},
            stale=dict(self._stale(connection, project_id, shelf)),
            reader=self._artifacts.get,
        )

    def _stale(
        self, connection: sqlite3.Connection, project_id: str, shelf: Shelf
    ) -> Iterable[tuple[str, StaleResult]]:
        for slot in dict.fromkeys(entry.slot for entry in shelf.stale):
            entry = shelf.newest_stale(slot)
            if entry is None or slot in shelf.current:
                continue
            roots = roots_under(entry, shelf)
            stale = StaleResult(
                slot=slot,
                fingerprint=entry.fingerprint,
                ref=entry.ref,
                basis=entry.basis,
                changed=changed_under(entry, shelf.current),
                roots=tuple(name for name in ANALYSIS_SLOTS if name in roots),
                graphs=_graphs(connection, project_id, roots, shelf),
                reader=self._artifacts.get,
            )
            yield slot, stale


def _graphs(
    connection: sqlite3.Connection, project_id: str, roots: Mapping[str, str], shelf: Shelf
) -> tuple[int, int | None] | None:
    """Return the number of the graph that a result rests on, and of the one that stands now."""
    if "graph" not in roots:
        return None
    old = rows.graph_number(connection, project_id, roots["graph"])
    if old is None:
        return None
    current = shelf.current.get("graph")
    if current is None:
        return old, None
    new = rows.graph_number(connection, project_id, current.fingerprint)
    return None if new is None else (old, new)
