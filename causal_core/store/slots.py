"""Which results are current and which are stale: pure rules over fingerprints, no files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from causal_core.store.codec import ArtifactRef

KEPT_STALE = 5


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One stored result: what it is, and the fingerprints of what it rests on."""

    slot: str
    fingerprint: str
    ref: ArtifactRef
    basis: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The current result of each slot, and the stale ones, newest first."""

    current: Mapping[str, Entry]
    stale: tuple[Entry, ...] = ()

    def newest_stale(self, slot: str) -> Entry | None:
        """Return the stale result of a slot that was current last."""
        return next((entry for entry in self.stale if entry.slot == slot), None)


def rests(entry: Entry, current: Mapping[str, Entry]) -> bool:
    """Return whether all that a result rests on is current."""
    return not changed_under(entry, current)


def changed_under(entry: Entry, current: Mapping[str, Entry]) -> tuple[str, ...]:
    """Return the slots of a result's basis that hold something else now, or nothing."""
    return tuple(
        slot
        for slot, fingerprint in entry.basis.items()
        if slot not in current or current[slot].fingerprint != fingerprint
    )


def roots_under(entry: Entry, shelf: Shelf) -> dict[str, str]:
    """Return what changed at the bottom of all that a result rests on: slot → its old fingerprint.

    An estimate that lost its adjustment set because the graph was redrawn rests on the graph.
    """
    roots: dict[str, str] = {}
    for slot in changed_under(entry, shelf.current):
        old = _held_once(slot, entry.basis[slot], shelf)
        below = roots_under(old, shelf) if old is not None and old is not entry else {}
        if slot == "graph" and set(below) == {"pattern"}:
            below = {}  # searched anew: the graph is what a person knows, and its versions count
        roots |= below or {slot: entry.basis[slot]}
    return roots


def _held_once(slot: str, fingerprint: str, shelf: Shelf) -> Entry | None:
    """Return the stale result that a basis speaks of, if it is still kept."""
    return next((e for e in shelf.stale if (e.slot, e.fingerprint) == (slot, fingerprint)), None)


def settle(shelf: Shelf, arriving: Iterable[Entry], leaving: Collection[str] = ()) -> Shelf:
    """Return the shelf after results arrive and leave: what lost its basis is stale.

    A stale result whose basis is current again, becomes current again. A leaving result that
    has a basis goes only if it lost it: that rule alone decides, so that a caller who never saw
    a revived result cannot throw it away.
    """
    current = dict(shelf.current)
    stale = list(shelf.stale)
    for slot in leaving:
        if slot in current and not current[slot].basis:
            stale.insert(0, current.pop(slot))
    for entry in arriving:
        old = current.get(entry.slot)
        if old is not None and old.fingerprint != entry.fingerprint:
            stale.insert(0, old)
        current[entry.slot] = entry
    _prune(current, stale)
    _revive(current, stale)
    return Shelf(current=current, stale=_tidy(current, stale))


def _prune(current: dict[str, Entry], stale: list[Entry]) -> None:
    while lost := [entry for entry in current.values() if not rests(entry, current)]:
        for entry in lost:
            stale.insert(0, current.pop(entry.slot))


def _revive(current: dict[str, Entry], stale: list[Entry]) -> None:
    while found := next((entry for entry in stale if _may_return(entry, current)), None):
        current[found.slot] = found
        stale.remove(found)


def _may_return(entry: Entry, current: Mapping[str, Entry]) -> bool:
    return bool(entry.basis) and entry.slot not in current and rests(entry, current)


def _tidy(current: Mapping[str, Entry], stale: Iterable[Entry]) -> tuple[Entry, ...]:
    """Keep each stale result once, the newest few of each slot, none that is current."""
    kept: list[Entry] = []
    for entry in stale:
        at = current.get(entry.slot)
        same = at is not None and at.fingerprint == entry.fingerprint
        again = any(_key(entry) == _key(other) for other in kept)
        full = sum(other.slot == entry.slot for other in kept) >= KEPT_STALE
        if not (same or again or full):
            kept.append(entry)
    return tuple(kept)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.slot, entry.fingerprint
