"""The store's front door: open it, then load, save and keep what a project holds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.store import rows, sweeping
from causal_core.store.codec import ArtifactRef
from causal_core.store.exchange import Exchange
from causal_core.store.files import home as usual_home
from causal_core.store.files import prepare
from causal_core.store.projects import Projects
from causal_core.store.records import ANALYSIS_SLOTS, GraphVersion, Held, Saved, Snapshot
from causal_core.store.slots import Entry, Shelf, settle
from causal_core.store.uploads import Uploads

LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Which results of a job became current, and which were set aside as out of date."""

    accepted: tuple[str, ...]
    set_aside: tuple[str, ...]


Hook = Callable[[sqlite3.Connection, Accepted], None]


class Store(Projects, Uploads, Exchange):
    """Projects on disk. Each method is one transaction: all of it happens, or nothing.

    Keep one handle per person: it remembers the values that it read lately.

    Examples
    --------
    >>> import tempfile
    >>> store = Store.open(Path(tempfile.mkdtemp()))
    >>> project = store.create_project("Coupons", actor=LOCAL)
    >>> store.load(project.id, actor=LOCAL).revision
    0
    """

    @classmethod
    def open(cls, home: Path | None = None) -> Store:
        """Open the store in a folder (None: the usual one), and make it if it is not there.

        Raises
        ------
        StorageError
            If the folder cannot be written.
        NewerFormatError
            If a newer program made it.
        """
        store = cls((home or usual_home()).absolute())
        prepare(store.home)
        store.database.migrate()
        sweeping.collect(store.database, store.home)
        return store

    def load(self, project_id: str, *, actor: str) -> Snapshot:
        """Return a project as it stands now.

        Raises
        ------
        ProjectMissingError
        """
        with self.database.reading() as connection:
            return self.snapshot_in(connection, project_id, actor=actor)

    def save(self, project_id: str, analysis: Analysis, *, revision: int, actor: str) -> Saved:
        """Store an analysis that was made from `revision` of a project.

        What lost its basis becomes stale and stays; what has its basis (again) is current, also
        where the analysis lacks it (`Saved.revived`). Where somebody else saved meanwhile
        nothing is overwritten: this version becomes a project of its own. What jobs committed
        meanwhile is merged.

        Raises
        ------
        ProjectMissingError
        StorageError
            If the disk refuses; the project stays as it was.
        """

        def commit(connection: sqlite3.Connection, entries: tuple[Entry, ...]) -> Saved:
            row = rows.project_row(connection, project_id, actor)
            old = rows.read_shelf(connection, project_id)
            change = _change(rows.held_at(connection, project_id, revision), entries, old)
            if change is None and not _holds(old, entries):
                return self._keep_beside(connection, row, entries)
            new = settle(old, *(change or ((), ())))
            self._write(connection, row, (old, new), actor=actor, source="person")
            sent = {entry.slot for entry in entries}
            back = tuple(
                slot for slot in ANALYSIS_SLOTS if slot in new.current and slot not in sent
            )
            return _saved(self.snapshot_in(connection, project_id, actor=actor), revived=back)

        return self._committing(analysis.filled(), commit)

    def keep(self, project_id: str, slot: str, value: object, *, actor: str) -> None:
        """Store a result beside the analysis, e.g. ``"report"``; stale when its basis is."""

        def commit(connection: sqlite3.Connection, entries: tuple[Entry, ...]) -> None:
            row = rows.project_row(connection, project_id, actor)
            old = rows.read_shelf(connection, project_id)
            new = settle(old, entries)
            self._write(connection, row, (old, new), actor=actor, source="job")

        self._committing({slot: value}, commit)

    def clear(self, project_id: str, slot: str, *, actor: str) -> int:
        """Drop what a slot holds, stale results included, for good; return the new revision."""
        with self.database.writing() as connection:
            row = rows.project_row(connection, project_id, actor)
            old = rows.read_shelf(connection, project_id)
            left = Shelf(
                current={name: entry for name, entry in old.current.items() if name != slot},
                stale=tuple(entry for entry in old.stale if entry.slot != slot),
            )
            new = settle(left, ())
            revision = self._write(connection, row, (old, new), actor=actor, source="person")
        sweeping.collect(self.database, self.home)
        return revision

    def accept(
        self,
        project_id: str,
        analysis: Analysis,
        *,
        before: Mapping[str, Held],
        required: Mapping[str, str],
        actor: str,
        hook: Hook,
    ) -> Accepted:
        """Commit what a job made, as far as its basis is still current; the rest is set aside.

        `before` is what each slot held at the job's start, `required` (slot → fingerprint) what
        must not have changed.
        `hook` runs in the same transaction (the job's state goes there) and may stop it.
        """

        def commit(connection: sqlite3.Connection, entries: tuple[Entry, ...]) -> Accepted:
            row = rows.project_row(connection, project_id, actor)
            old = rows.read_shelf(connection, project_id)
            made = [entry for entry in entries if _held(entry) != before.get(entry.slot)]
            gone = [
                slot for slot in before if slot not in analysis.filled() and slot in ANALYSIS_SLOTS
            ]
            new = _settle_job(old, made, gone, before=before, required=required)
            self._write(connection, row, (old, new), actor=actor, source="job")
            fit = [entry.slot for entry in made if _is_current(entry, new)]
            rest = [entry.slot for entry in made if not _is_current(entry, new)]
            result = Accepted(accepted=tuple(fit), set_aside=tuple(rest))
            hook(connection, result)
            return result

        return self._committing(analysis.filled(), commit)

    def graph_versions(self, project_id: str, *, actor: str) -> tuple[GraphVersion, ...]:
        """Return the graphs that a project has had, the newest first."""
        with self.database.reading() as connection:
            rows.project_row(connection, project_id, actor)
            found = connection.execute(
                "SELECT graph_versions.*, kind, format, bytes FROM graph_versions"
                " JOIN artifacts ON artifact = hash WHERE project_id = ? ORDER BY number DESC",
                (project_id,),
            ).fetchall()
        return tuple(
            GraphVersion(
                number=row["number"], ref=rows.artifact_from(row), actor=row["actor"],
                fingerprint=row["fingerprint"], created=rows.moment(row["created"]),
            )
            for row in found
        )  # fmt: skip

    def put(self, value: object) -> ArtifactRef:
        """Store a value under the hash of its bytes; no project refers to it yet."""
        return self._artifacts.put(value)

    def get(self, wanted: ArtifactRef | Held | str) -> object:
        """Return a stored value by its reference or hash, checked.

        Raises
        ------
        DamagedArtifactError, NewerFormatError
        """
        if isinstance(wanted, Held):
            return self._artifacts.get(wanted.ref, wanted.fingerprint)
        return self._artifacts.get(wanted)

    def _keep_beside(
        self, connection: sqlite3.Connection, row: sqlite3.Row, entries: tuple[Entry, ...]
    ) -> Saved:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        name = t("{name} (kept beside, {time})", name=row["name"], time=when)
        shelf = settle(Shelf(current={}), entries)
        copy_id = self._copy(connection, row, shelf, name=name)
        snapshot = self.snapshot_in(connection, copy_id, actor=row["owner"])
        return _saved(snapshot, kept_both=True)


def _saved(snapshot: Snapshot, *, kept_both: bool = False, revived: tuple[str, ...] = ()) -> Saved:
    return Saved(
        project_id=snapshot.project.id,
        revision=snapshot.revision,
        kept_both=kept_both,
        revived=revived,
        snapshot=snapshot,
    )


def _change(
    held: Mapping[str, str] | None, entries: tuple[Entry, ...], shelf: Shelf
) -> tuple[tuple[Entry, ...], tuple[str, ...]] | None:
    """Return what a save puts in and takes out, seen from what it started from.

    None if that is unknown: then the two versions cannot be told apart slot by slot.
    """
    if held is None:
        return None
    arriving = tuple(
        entry
        for entry in entries
        if held.get(entry.slot) != entry.fingerprint or _is_current(entry, shelf)
    )
    sent = {entry.slot for entry in entries}
    leaving = tuple(slot for slot in held if slot in ANALYSIS_SLOTS and slot not in sent)
    return arriving, leaving


def _holds(shelf: Shelf, entries: tuple[Entry, ...]) -> bool:
    """Return whether the analysis slots of a shelf hold exactly these, to the last note."""
    sent = {entry.slot: _held(entry) for entry in entries}
    return sent == {
        slot: _held(entry) for slot, entry in shelf.current.items() if slot in ANALYSIS_SLOTS
    }


def _held(entry: Entry) -> Held:
    return Held(fingerprint=entry.fingerprint, ref=entry.ref)


def _settle_job(
    old: Shelf,
    made: list[Entry],
    gone: Collection[str],
    *,
    before: Mapping[str, Held],
    required: Mapping[str, str],
) -> Shelf:
    """Return the shelf after a job: only what rests on the present becomes current."""
    current = {slot: entry.fingerprint for slot, entry in old.current.items()}
    outdated = {slot: fp for slot, fp in required.items() if current.get(slot) != fp}
    if outdated:
        aside = [replace(entry, basis={**entry.basis, **outdated}) for entry in made]
        return settle(replace(old, stale=(*aside, *old.stale)), ())
    started = {slot: held.fingerprint for slot, held in before.items()}
    late = [
        entry
        for entry in made
        if not entry.basis and current.get(entry.slot) != started.get(entry.slot)
    ]
    arriving = [entry for entry in made if entry not in late]
    leaving = [slot for slot in gone if current.get(slot) == started[slot]]
    return settle(replace(old, stale=(*late, *old.stale)), arriving, leaving)


def _is_current(entry: Entry, shelf: Shelf) -> bool:
    held = shelf.current.get(entry.slot)
    return held is not None and held.fingerprint == entry.fingerprint
