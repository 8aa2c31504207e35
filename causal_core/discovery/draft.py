"""A graph whose edges are being decided: arrows, open edges, Meek's rules, extension to a DAG."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

Pair = tuple[int, int]


class Draft:
    """Columns 0 … d - 1 joined by open edges and arrows."""

    def __init__(self, size: int, pairs: Iterable[Pair]) -> None:
        self.near: list[set[int]] = [set() for _ in range(size)]
        self.into: list[set[int]] = [set() for _ in range(size)]
        for x, y in pairs:
            self.near[x].add(y)
            self.near[y].add(x)

    def copy(self) -> Draft:
        """Return an independent copy."""
        twin = Draft(0, ())
        twin.near = [set(names) for names in self.near]
        twin.into = [set(names) for names in self.into]
        return twin

    def arrows(self) -> list[Pair]:
        """Return the decided edges, sorted."""
        return sorted((x, y) for y, causes in enumerate(self.into) for x in causes)

    def open_edges(self) -> list[Pair]:
        """Return the edges without direction, each once, sorted."""
        size = range(len(self.near))
        return [(x, y) for x in size for y in sorted(self.near[x]) if x < y and self.is_open(x, y)]

    def is_open(self, x: int, y: int) -> bool:
        """Return whether the two are joined without direction."""
        return y in self.near[x] and x not in self.into[y] and y not in self.into[x]

    def remove(self, x: int, y: int) -> None:
        """Take an edge out."""
        self.near[x].discard(y)
        self.near[y].discard(x)
        self.into[x].discard(y)
        self.into[y].discard(x)

    def point(self, x: int, y: int) -> None:
        """Decide the edge as `x` → `y`, whatever follows."""
        self.into[y].add(x)

    def reaches(self, x: int, y: int) -> bool:
        """Return whether arrows lead from `x` to `y`."""
        seen, waiting = {y}, [y]
        while waiting:
            causes = self.into[waiting.pop()] - seen
            if x in causes:
                return True
            seen |= causes
            waiting += causes
        return False

    def circle(self) -> list[Pair]:
        """Return the arrows of one circle; empty where there is none."""
        for x, y in self.arrows():
            path = self._path(y, x)
            if path:
                return [(x, y), *zip(path, path[1:], strict=False)]
        return []

    def _path(self, start: int, end: int) -> list[int]:
        onward: dict[int, int] = {}
        waiting = [end]
        while waiting:
            here = waiting.pop(0)
            for cause in sorted(self.into[here]):
                if cause not in onward and cause != end:
                    onward[cause] = here
                    waiting.append(cause)
        if start not in onward:
            return []
        path = [start]
        while path[-1] != end:
            path.append(onward[path[-1]])
        return path

    # ------------------------------------------------------------ Meek's rules

    def close(self) -> None:
        """Apply Meek's rules 1 … 4 until nothing follows any more.

        Rule 2 is applied in its full form: an open edge beside a path of arrows takes their
        direction. Where rule 1 demands both directions the edge stays open (see `clashes`).

        References
        ----------
        Meek (1995), UAI.
        """
        changed = True
        while changed:
            changed = False
            for edge in self.open_edges():
                for x, y in (edge, edge[::-1]):
                    if self.is_open(x, y) and self._follows(x, y):
                        self.point(x, y)
                        changed = True

    def _follows(self, x: int, y: int) -> bool:
        if self.reaches(x, y):
            return True
        if self.reaches(y, x):
            return False
        if self._first(x, y):
            return not self._first(y, x)
        return self._third(x, y) or self._fourth(x, y)

    def _first(self, x: int, y: int) -> bool:
        return any(cause not in self.near[y] for cause in self.into[x])

    def _third(self, x: int, y: int) -> bool:
        between = [via for via in self.into[y] if self.is_open(x, via)]
        return any(b not in self.near[a] for a, b in combinations(between, 2))

    def _fourth(self, x: int, y: int) -> bool:
        return any(
            far not in self.near[y] and self.is_open(x, far)
            for via in self.into[y]
            if via in self.near[x]
            for far in self.into[via]
        )

    def clashes(self) -> list[Pair]:
        """Return the open edges on which rule 1 demands both directions."""
        return [(x, y) for x, y in self.open_edges() if self._first(x, y) and self._first(y, x)]

    # ------------------------------------------------------------ extension

    def stuck(self) -> set[int]:
        """Return the columns that hinder an extension to a DAG without new colliders.

        Takes away sinks one after another; what is left when no sink can go is returned, so an
        empty set means that the draft can be extended.

        References
        ----------
        Dor and Tarsi (1992), UCLA technical report R-185.
        """
        left = set(range(len(self.near)))
        while sinks := [x for x in sorted(left) if self._may_be_last(x, left)]:
            left.discard(sinks[0])
        return left

    def _may_be_last(self, x: int, left: set[int]) -> bool:
        near = self.near[x] & left
        if any(x in self.into[other] for other in near):
            return False
        return all(
            near - {other} <= self.near[other] for other in near if other not in self.into[x]
        )
