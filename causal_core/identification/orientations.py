"""The DAGs that a pattern stands for, and the sets that are valid in each or in all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern
from causal_core.identification.backdoor import Backdoor, Names, check
from causal_core.question import CausalQuestion

Pair = tuple[str, str]

MOST_GRAPHS = 32
_FEW_GRAPHS = 12
_SEED = 7
_MOST_STEPS = 20_000


def adjustment_sets_by_orientation(
    pattern: GraphPattern, question: CausalQuestion, *, covariates: Collection[str] | None = None
) -> tuple[Names, ...]:
    """Return the distinct default adjustment sets over the DAGs that a pattern stands for.

    Estimate with each of them to give the range of the effect over the open edges. DAGs in
    which no set is valid (the outcome comes first, for one) have no part in it.

    Raises
    ------
    ColumnMissingError

    Examples
    --------
    >>> from causal_core.graph import Edge, EdgeKind
    >>> line = Edge(source="age", target="banner", kind=EdgeKind.UNDIRECTED)
    >>> pattern = GraphPattern(
    ...     nodes=("age", "banner", "purchase"),
    ...     edges=(line, Edge(source="banner", target="purchase")))
    >>> adjustment_sets_by_orientation(
    ...     pattern, CausalQuestion(treatment="banner", outcomes=("purchase",)))
    (('age',), ())
    """
    check(pattern.nodes, question)
    family = Family.of(pattern, question, covariates)
    sets = (member.default() for member in family.members)
    return tuple(dict.fromkeys(chosen for chosen in sets if chosen is not None))


@dataclass(frozen=True, kw_only=True, eq=False)
class Family:
    """The DAGs of a pattern, each seen from the question; `complete` if all of them are here."""

    members: tuple[Backdoor, ...]
    complete: bool

    @classmethod
    def of(
        cls,
        pattern: GraphPattern,
        question: CausalQuestion,
        covariates: Collection[str] | None = None,
        most: int = MOST_GRAPHS,
    ) -> Family:
        """Return all DAGs without new colliders, or at most so many drawn at random."""
        graphs, complete = extensions(pattern, most)
        known = None if covariates is None else frozenset(covariates)
        members = (Backdoor(graph=graph, question=question, covariates=known) for graph in graphs)
        return cls(members=tuple(members), complete=complete)

    @cached_property
    def bad_controls(self) -> Names:
        """What is a consequence of the treatment in some DAG, in node order."""
        found = {name for member in self.members for name in member.bad_controls}
        return self.members[0].ordered(found)

    def common_set(self) -> Names | None:
        """Return the first set, of those that one DAG would choose, that is valid in all."""
        candidates = dict.fromkeys(
            chosen for member in self.members for chosen in self._choices(member)
        )
        for chosen in candidates:
            if all(member.is_valid(chosen) for member in self.members):
                return chosen
        return None

    def minimal_sets(self) -> tuple[Names, ...]:
        """Return the minimal sets of single DAGs that are valid in all, smallest first."""
        sets = dict.fromkeys(chosen for member in self.members for chosen in member.minimal_sets())
        common = [chosen for chosen in sets if all(one.is_valid(chosen) for one in self.members)]
        return tuple(sorted(common, key=len))

    def _choices(self, member: Backdoor) -> Iterator[Names]:
        always = set(member.graph.nodes) - set(self.bad_controls)
        for chosen in member.candidates():
            yield member.ordered(set(chosen) & always)
        yield from member.minimal_sets()


@dataclass(frozen=True, kw_only=True)
class Certain:
    """A set that is valid in every DAG of a pattern, found without going through them."""

    adjustment_set: Names
    minimal_sets: tuple[Names, ...]
    bad_controls: Names
    causal: bool

    @classmethod
    def of(
        cls, pattern: GraphPattern, question: CausalQuestion, covariates: frozenset[str] | None
    ) -> Certain | None:
        """Return it where the treatment's own edges are all decided, else None.

        A set that holds all parents of the treatment and no possible consequence of it closes
        every back-door path at its first step, however the other edges point.
        """
        treatment, ends = question.treatment, {question.treatment, *question.outcomes}
        own = [edge for edge in pattern.edges if treatment in edge.pair]
        parents = {edge.source for edge in own if edge.target == treatment}
        after = _reachable(pattern, {treatment}, forward=True)
        decided = all(edge.kind is EdgeKind.DIRECTED for edge in own)
        if not decided or parents & (after | ends):
            return None
        known = covariates
        if known is None:
            known = frozenset(_reachable(pattern, ends, forward=False))
        chosen = ((known & set(pattern.nodes)) - after - ends) | parents
        family = Family.of(pattern, question, covariates, _FEW_GRAPHS)
        return cls(
            adjustment_set=tuple(name for name in pattern.nodes if name in chosen),
            minimal_sets=family.minimal_sets() if family.complete else (),
            bad_controls=tuple(name for name in pattern.nodes if name in after - ends),
            causal=bool(after & set(question.outcomes)),
        )


def _reachable(pattern: GraphPattern, starts: Collection[str], *, forward: bool) -> set[str]:
    """Return what arrows or open edges may lead to (or come from), without the starts."""
    onward: dict[str, set[str]] = {name: set() for name in pattern.nodes}
    for edge in pattern.edges:
        source, target = edge.pair if forward else edge.pair[::-1]
        if edge.kind is not EdgeKind.BIDIRECTED:
            onward[source].add(target)
        if edge.kind is EdgeKind.UNDIRECTED:
            onward[target].add(source)
    seen, waiting = set(starts), list(starts)
    while waiting:
        further = onward[waiting.pop()] - seen
        seen |= further
        waiting += further
    return seen - set(starts)


def extensions(pattern: GraphPattern, most: int = MOST_GRAPHS) -> tuple[list[CausalGraph], bool]:
    """Return the DAGs of a pattern, and whether they are all; without colliders of their own.

    A pattern that has no such DAG (one drawn by hand) gives its DAGs with new colliders.
    """
    for strict in (True, False):
        walk = _Walk(pattern, strict=strict)
        choices = walk.all(most + 1)
        if len(choices) > most or walk.exhausted:
            choices = walk.some(most)
            return [_decided(pattern, choice) for choice in choices], False
        if choices:
            return [_decided(pattern, choice) for choice in choices], True
    return [], True


def _decided(pattern: GraphPattern, choice: Collection[Pair]) -> CausalGraph:
    drawn = [edge for edge in pattern.edges if edge.kind is not EdgeKind.UNDIRECTED]
    chosen = [Edge(source=source, target=target) for source, target in sorted(choice)]
    return CausalGraph(nodes=pattern.nodes, edges=(*drawn, *chosen))


class _Walk:
    """Goes through the orientations of the open edges, drawing at once what follows from each.

    Nodes are bits, so that a state of the search is a list of integers: who points at whom.
    """

    def __init__(self, pattern: GraphPattern, *, strict: bool) -> None:
        self._names = pattern.nodes
        self._strict = strict
        number = {name: at for at, name in enumerate(pattern.nodes)}
        self._near = [0] * len(number)
        self._start = [0] * len(number)
        for edge in pattern.edges:
            if edge.kind is not EdgeKind.BIDIRECTED:
                x, y = number[edge.source], number[edge.target]
                self._near[x] |= 1 << y
                self._near[y] |= 1 << x
                if edge.kind is EdgeKind.DIRECTED:
                    self._start[y] |= 1 << x
        self._open = [(number[e.source], number[e.target]) for e in pattern.undirected]
        self._steps = 0

    @property
    def exhausted(self) -> bool:
        """Whether the walk was given up before its end."""
        return self._steps > _MOST_STEPS

    def all(self, most: int) -> list[frozenset[Pair]]:
        """Return orientations in a fixed order, at most so many."""
        self._steps = 0
        return list(islice(self._walk(self._start, None), most))

    def some(self, many: int) -> list[frozenset[Pair]]:
        """Return distinct orientations found by random walks (always the same ones)."""
        rng = np.random.default_rng(_SEED)
        found: dict[frozenset[Pair], None] = {}
        for _ in range(many):
            self._steps = 0
            found |= dict.fromkeys(islice(self._walk(self._start, rng), 1))
        return list(found)

    def _walk(self, into: list[int], rng: np.random.Generator | None) -> Iterator[frozenset[Pair]]:
        self._steps += 1
        if self.exhausted:
            return
        left = [edge for edge in self._open if not _is_drawn(into, *edge)]
        if not left:
            yield self._choice(into)
            return
        x, y = left[0] if rng is None else left[int(rng.integers(len(left)))]
        turns = [(x, y), (y, x)]
        if rng is not None:
            rng.shuffle(turns)
        for source, target in turns:
            further = self._drawn(into, int(source), int(target))
            if further is not None:
                yield from self._walk(further, rng)

    def _choice(self, into: list[int]) -> frozenset[Pair]:
        turned = ((x, y) if into[y] >> x & 1 else (y, x) for x, y in self._open)
        return frozenset((self._names[x], self._names[y]) for x, y in turned)

    def _drawn(self, into: list[int], source: int, target: int) -> list[int] | None:
        """Return the state with one edge more and what follows; None if it cannot be drawn."""
        into = into.copy()
        waiting = [(source, target)]
        while waiting:
            x, y = waiting.pop()
            if into[y] >> x & 1:
                continue
            if not self._may_draw(into, x, y):
                return None
            into[y] |= 1 << x
            if self._strict:
                apart = self._near[y] & ~self._near[x] & ~(1 << x)
                waiting += [(y, z) for z in _bits(apart) if not _is_drawn(into, y, z)]
        return into

    def _may_draw(self, into: list[int], x: int, y: int) -> bool:
        if into[x] >> y & 1 or _reaches(into, y, x):
            return False
        return not self._strict or not into[y] & ~self._near[x] & ~(1 << x)


def _is_drawn(into: list[int], x: int, y: int) -> bool:
    return bool(into[y] >> x & 1 or into[x] >> y & 1)


def _bits(mask: int) -> list[int]:
    return [at for at in range(mask.bit_length()) if mask >> at & 1]


def _reaches(into: list[int], x: int, y: int) -> bool:
    """Return whether arrows lead from `x` to `y`."""
    seen, fresh = 0, into[y]
    while fresh:
        if fresh >> x & 1:
            return True
        seen |= fresh
        onward = 0
        for at in _bits(fresh):
            onward |= into[at]
        fresh = onward & ~seen
    return False
