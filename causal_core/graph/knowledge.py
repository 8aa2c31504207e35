"""What the analyst knows beforehand, and what breaks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from causal_core.errors import ColumnMissingError, KnowledgeError
from causal_core.graph.edges import Edge, EdgeKind, arrows, require_acyclic
from causal_core.language import t


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What the analyst knows beforehand: order in time, required and forbidden edges."""

    tiers: tuple[tuple[str, ...], ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    forbidden: tuple[tuple[str, str], ...] = ()
    forbidden_within: tuple[int, ...] = ()

    def tier_of(self, name: str) -> int | None:
        """Return the place in time of `name`, or None where none is stated."""
        return next((at for at, tier in enumerate(self.tiers) if name in tier), None)

    def forbids(self, source: str, target: str) -> bool:
        """Return whether the edge `source` → `target` would contradict this knowledge."""
        if (source, target) in self.forbidden or (target, source) in self.required:
            return True
        early, late = self.tier_of(source), self.tier_of(target)
        if early is None or late is None:
            return False
        return early > late or (early == late and early in self.forbidden_within)

    def check(self, names: Iterable[str]) -> None:
        """Raise if this knowledge contradicts itself or names a column that is not in `names`.

        Raises
        ------
        ColumnMissingError, KnowledgeError, CycleError
        """
        available = list(names)
        for name in self._named():
            if name not in available:
                raise ColumnMissingError(name, available)
        self._check_tiers()
        for source, target in self.required:
            if source == target or self.forbids(source, target):
                edge = f"{source} → {target}"
                raise KnowledgeError(reason=t("{edge} is required and forbidden.", edge=edge))
        require_acyclic(self.required)

    def _named(self) -> list[str]:
        placed = [name for tier in self.tiers for name in tier]
        return placed + [name for pair in (*self.required, *self.forbidden) for name in pair]

    def _check_tiers(self) -> None:
        placed = [name for tier in self.tiers for name in tier]
        for name in placed:
            if placed.count(name) > 1:
                raise KnowledgeError(reason=t("“{name}” stands in two tiers.", name=name))
        for at in self.forbidden_within:
            if not 0 <= at < len(self.tiers):
                raise KnowledgeError(reason=t("there is no tier {tier}.", tier=at))

    def violations(self, edges: Iterable[Edge]) -> tuple[str, ...]:
        """Return, in words, each way in which `edges` break this knowledge."""
        found = list(edges)
        directed = set(arrows(found))
        broken = [f"{a} → {b}" for a, b in sorted(directed) if self.forbids(a, b)]
        broken += [
            f"{edge.source} — {edge.target}"
            for edge in found
            if edge.kind is EdgeKind.UNDIRECTED
            and (self.forbids(*edge.pair) or self.forbids(edge.target, edge.source))
        ]
        missing = [f"{a} → {b}" for a, b in self.required if (a, b) not in directed]
        return tuple(broken + [t("{edge} is missing", edge=edge) for edge in missing])

    def to_record(self) -> dict[str, object]:
        """Return this as the JSON of ``knowledge.json``."""
        return {
            "tiers": [list(tier) for tier in self.tiers],
            "required": [list(pair) for pair in self.required],
            "forbidden": [list(pair) for pair in self.forbidden],
            "forbidden_within": list(self.forbidden_within),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> Knowledge:
        """Return the knowledge that a ``knowledge.json`` says.

        Raises
        ------
        KnowledgeError
            If the JSON does not have the documented shape.
        """
        unknown = set(record) - {"tiers", "required", "forbidden", "forbidden_within"}
        if unknown:
            names = ", ".join(sorted(unknown))
            raise KnowledgeError(reason=t("it has unknown parts: {names}.", names=names))
        return cls(
            tiers=tuple(_names(tier) for tier in sequence(record.get("tiers"))),
            required=tuple(_pair(item) for item in sequence(record.get("required"))),
            forbidden=tuple(_pair(item) for item in sequence(record.get("forbidden"))),
            forbidden_within=tuple(_whole(at) for at in sequence(record.get("forbidden_within"))),
        )

    @classmethod
    def from_tiers(cls, places: Mapping[str, int]) -> Knowledge:
        """Return the knowledge that follows from each column's place in time."""
        order = sorted(set(places.values()))
        return cls(
            tiers=tuple(
                tuple(name for name, place in places.items() if place == at) for at in order
            )
        )


def sequence(value: object) -> Sequence[object]:
    """Return `value` as a list of a JSON record; None counts as empty."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise KnowledgeError(reason=t("{value} is not a list.", value=value))
    return value


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in sequence(value))


def _pair(value: object) -> tuple[str, str]:
    names = _names(value)
    if len(names) != 2:  # noqa: PLR2004 - an edge has two ends
        raise KnowledgeError(reason=t("{value} is not a pair of columns.", value=list(names)))
    return (names[0], names[1])


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise KnowledgeError(reason=t("{value} is not the number of a tier.", value=value))
    return value
