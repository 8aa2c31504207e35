"""Stated knowledge in the numbers of a search. Takes names, gives what may be tested and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causal_core.errors import ColumnMissingError
from causal_core.graph import Knowledge

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Knowledge about columns 0 … d - 1; exact names only, checked before."""

    forbidden: frozenset[Pair]
    required: frozenset[Pair]
    tiers: tuple[int | None, ...]

    @classmethod
    def of(cls, knowledge: Knowledge, names: Sequence[str]) -> Rules:
        """Translate names to numbers; what is said about other columns is not needed."""
        number = {name: at for at, name in enumerate(names)}
        return cls(
            forbidden=frozenset(
                (number[a], number[b])
                for a in names
                for b in names
                if a != b and knowledge.forbids(a, b)
            ),
            required=frozenset(
                (number[a], number[b]) for a, b in knowledge.required if {a, b} <= number.keys()
            ),
            tiers=tuple(knowledge.tier_of(name) for name in names),
        )

    def requires(self, x: int, y: int) -> bool:
        """Return whether an edge between the two must be there."""
        return (x, y) in self.required or (y, x) in self.required

    def separates(self, x: int, y: int) -> bool:
        """Return whether no edge between the two may be there."""
        return (x, y) in self.forbidden and (y, x) in self.forbidden

    def is_later(self, other: int, x: int, y: int) -> bool:
        """Return whether `other` comes after both: it cannot explain their dependence."""
        places = (self.tiers[x], self.tiers[y])
        late = self.tiers[other]
        return late is not None and all(place is not None and late > place for place in places)


def check(knowledge: Knowledge, available: Sequence[str]) -> None:
    """Raise where the knowledge contradicts itself or names what the table does not have."""
    for name in (name for tier in knowledge.tiers for name in tier):
        if name not in available:
            raise ColumnMissingError(name, available)
    knowledge.check(available)
