"""What the store tells: projects, uploads, graph versions, what was saved. No connection inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.store.codec import ArtifactRef

ANALYSIS_SLOTS = tuple(item.name for item in fields(Analysis))


class Reader(Protocol):
    """Gives the value of a stored artifact."""

    def __call__(self, ref: ArtifactRef, fingerprint: str, /) -> object:
        """Return the value, checked against its hash; its fingerprint is known already."""
        ...


@dataclass(frozen=True, kw_only=True)
class Project:
    """One analysis with a name, an owner and a revision that each change raises by one."""

    id: str
    name: str
    owner: str
    revision: int
    seed: int
    kind: str  # "own" or "demo"
    language: str
    created: datetime
    changed: datetime
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that somebody brought; it lies under a name of ours, whatever its own was."""

    id: str
    project_id: str
    original_name: str
    bytes: int
    sha256: str
    path: Path
    created: datetime


@dataclass(frozen=True, kw_only=True)
class GraphVersion:
    """A graph that the project once had; `ref` opens it with `Store.get`."""

    number: int
    ref: ArtifactRef
    fingerprint: str
    actor: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """Who did what, when."""

    time: datetime
    actor: str
    action: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class StaleResult:
    """A result whose basis has changed: still there to be looked at, marked as out of date.

    `changed` names what it lost of its own basis, `roots` what was changed at the bottom of that.
    `graphs` are the numbers of the graph that it rests on and of the one that stands now, where
    the graph is such a root and they are known; the second is None without a decided graph.
    """

    slot: str
    fingerprint: str
    ref: ArtifactRef
    basis: Mapping[str, str]
    changed: tuple[str, ...]
    roots: tuple[str, ...] = ()
    graphs: tuple[int, int | None] | None = None
    reader: Reader = field(repr=False, compare=False)

    @property
    def value(self) -> object:
        """The result itself, read when asked for."""
        return self.reader(self.ref, self.fingerprint)

    @property
    def reason(self) -> str:
        """Why it is out of date, as a sentence that names what was changed at the root."""
        roots = self.roots or self.changed
        if not roots:
            return t("It was replaced.")
        if self.graphs is None:
            return t("It rests on what has changed since: {things}.", things=slot_words(roots))
        rest = tuple(slot for slot in roots if slot != "graph")
        graph = _graph_words(*self.graphs)
        if not rest:
            return t("It rests on {graph}.", graph=graph)
        return t(
            "It rests on what has changed since: {things}, and on {graph}.",
            things=slot_words(rest),
            graph=graph,
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a slot held at some moment."""

    fingerprint: str
    ref: ArtifactRef


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A project as it stood at one revision. Values are read when they are first asked for."""

    project: Project
    current: Mapping[str, ArtifactRef]
    fingerprints: Mapping[str, str]
    stale: Mapping[str, StaleResult]
    reader: Reader = field(repr=False, compare=False)

    @property
    def revision(self) -> int:
        """The revision to hand back to `Store.save`."""
        return self.project.revision

    @property
    def held(self) -> dict[str, Held]:
        """What each slot holds, without reading it."""
        return {
            slot: Held(fingerprint=self.fingerprints[slot], ref=ref)
            for slot, ref in self.current.items()
        }

    @cached_property
    def analysis(self) -> Analysis:
        """All current results."""
        return self.part(*self.current)

    def part(self, *slots: str) -> Analysis:
        """Return an analysis with only these of the current results: quick, not to be saved."""
        wanted = [name for name in ANALYSIS_SLOTS if name in slots and name in self.current]
        return Analysis(**{name: self.get(name) for name in wanted})  # type: ignore[arg-type]

    def get(self, slot: str) -> object | None:
        """Return what stands in a slot, also in one beside the analysis such as ``"report"``."""
        if slot not in self.current:
            return None
        return self.reader(self.current[slot], self.fingerprints[slot])


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a save did; go on with `analysis`, in which revived results are back.

    `revived` names results that are current though the saved analysis lacked them.

    With `kept_both`, somebody else had saved meanwhile: nothing of theirs was overwritten, and
    `project_id` names the new project that holds this version.
    """

    project_id: str
    revision: int
    kept_both: bool
    revived: tuple[str, ...]
    snapshot: Snapshot

    @property
    def analysis(self) -> Analysis:
        """The analysis as it now stands in the store."""
        return self.snapshot.analysis


def _graph_words(old: int, new: int | None) -> str:
    """Name the graph that a result rests on, and the one that stands now."""
    if new is None:
        return t("graph {old}, and none is decided now", old=old)
    return t("graph {old}, now {new}", old=old, new=new)


def slot_words(slots: tuple[str, ...]) -> str:
    """Name slots for a reader, in the order of the chain."""
    words = {
        "table": t("the table"),
        "truth": t("the truth"),
        "question": t("the question"),
        "knowledge": t("the stated knowledge"),
        "pattern": t("the pattern"),
        "graph": t("the graph"),
        "estimand": t("the adjustment set"),
        "model": t("the model"),
        "effects": t("the effects"),
        "refutations": t("the refutations"),
        "scenarios": t("the scenarios"),
        "payoff": t("value and cost"),
        "pilot": t("the pilot"),
        "policies": t("the strategy"),
        "lab": t("the runs of the truth lab"),
        "report": t("the report"),
        "comparable": t("who is comparable"),
    }
    return ", ".join(words.get(slot, slot) for slot in slots)
