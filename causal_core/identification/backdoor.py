"""The back-door criterion on one decided graph. Gives adjustment sets and open paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import networkx as nx

from causal_core.errors import ColumnMissingError
from causal_core.graph import CausalGraph, EdgeKind, path_in_words
from causal_core.question import CausalQuestion

Names = tuple[str, ...]

MOST_MINIMAL = 12
_MOST_VISITED = 200


def check(nodes: Sequence[str], question: CausalQuestion) -> None:
    """Raise if the question names what is not in the graph.

    Raises
    ------
    ColumnMissingError
    """
    for name in (question.treatment, *question.outcomes):
        if name not in nodes:
            raise ColumnMissingError(name, nodes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Backdoor:
    """One decided graph seen from a question.

    `covariates` are the columns known before the treatment, where a graph from data must not
    decide alone what is left out; None takes the graph's word for everything.
    """

    graph: CausalGraph
    question: CausalQuestion
    covariates: frozenset[str] | None = None

    @cached_property
    def network(self) -> nx.DiGraph[str]:
        """The graph; hidden common causes are nodes of their own."""
        return self.graph.network()

    @cached_property
    def severed(self) -> nx.DiGraph[str]:
        """The graph without the treatment's outgoing edges: what stays open is not causal."""
        network = self.network.copy()
        network.remove_edges_from(list(network.out_edges(self.question.treatment)))
        return network

    @cached_property
    def consequences(self) -> frozenset[str]:
        """All descendants of the treatment."""
        return frozenset(nx.descendants(self.network, self.question.treatment))

    @cached_property
    def ancestors(self) -> frozenset[str]:
        """Causes of the treatment or of an outcome."""
        ends = (self.question.treatment, *self.question.outcomes)
        return frozenset().union(*(nx.ancestors(self.network, end) for end in ends))

    @cached_property
    def allowed(self) -> frozenset[str]:
        """What may be adjusted for: measured, no consequence of the treatment, no outcome.

        With stated covariates only these and the causes of the treatment: another column that
        no edge joins to the treatment may still come after it.
        """
        banned = {self.question.treatment, *self.question.outcomes} | self.consequences
        possible = set(self.graph.nodes) - banned
        if self.covariates is not None:
            possible &= self.covariates | nx.ancestors(self.network, self.question.treatment)
        return frozenset(possible)

    @property
    def bad_controls(self) -> Names:
        """The consequences of the treatment that are not outcomes, in node order."""
        return self.ordered(self.consequences - set(self.question.outcomes))

    @property
    def causal(self) -> bool:
        """Whether the treatment reaches any outcome."""
        return any(outcome in self.consequences for outcome in self.question.outcomes)

    def ordered(self, names: Collection[str]) -> Names:
        """Return measured names in node order."""
        return tuple(name for name in self.graph.nodes if name in names)

    def is_valid(self, chosen: Collection[str]) -> bool:
        """Return whether `chosen` closes every back-door path and holds no consequence."""
        if not set(chosen) <= set(self.graph.nodes):
            return False
        ends = {self.question.treatment, *self.question.outcomes}
        if self.consequences & set(chosen) or ends & set(chosen):
            return False
        outcomes = set(self.question.outcomes)
        return bool(
            nx.is_d_separator(self.severed, {self.question.treatment}, outcomes, set(chosen))
        )

    def candidates(self) -> list[Names]:
        """Return the sets to try, the default first: everything known before the treatment.

        A covariate may open a path between two causes (M-bias): then the causes of treatment
        or outcome alone, and last a smallest set that separates.
        """
        causes = self.allowed & self.ancestors
        tries: list[Collection[str]] = [causes]
        if self.covariates is not None:
            known = self.allowed & self.covariates
            tries = [known, known | (causes & self._treatment_causes), causes]
        return [self.ordered(chosen) for chosen in tries]

    @property
    def _treatment_causes(self) -> set[str]:
        return set(nx.ancestors(self.network, self.question.treatment))

    def default(self) -> Names | None:
        """Return the first candidate that is valid, else a smallest separator, else None."""
        for chosen in self.candidates():
            if self.is_valid(chosen):
                return chosen
        return next(iter(self.minimal_sets()), None)

    # ------------------------------------------------------------ minimal sets

    def minimal_sets(self) -> tuple[Names, ...]:
        """Return the minimal valid sets, smallest first, at most `MOST_MINIMAL`.

        Separators of treatment and outcomes in the moral graph of their ancestors; a node that
        may not be adjusted for is contracted (its neighbours are joined).

        References
        ----------
        Van der Zander, Liskiewicz and Textor (2014), UAI; Kloks and Kratsch (1998), SIAM J.
        Comput. 27.
        """
        near = self._moral()
        start, end = self.question.treatment, _END
        if end in near[start]:
            return ()
        found = _separators(near, start, end)
        sets = sorted((self.ordered(found_set) for found_set in found), key=self._rank)
        return tuple(sets[:MOST_MINIMAL])

    def _rank(self, names: Names) -> tuple[int, list[int]]:
        place = {name: at for at, name in enumerate(self.graph.nodes)}
        return len(names), [place[name] for name in names]

    def _moral(self) -> dict[str, set[str]]:
        ends = (self.question.treatment, *self.question.outcomes)
        kept = set(ends).union(*(nx.ancestors(self.severed, end) for end in ends))
        near: dict[str, set[str]] = {name: set() for name in kept}
        for name in kept:
            family = [*self.severed.predecessors(name), name]
            _join(near, family)
        near[_END] = set()
        for outcome in self.question.outcomes:
            _join(near, [outcome, _END])
        for name in kept - self.allowed - {self.question.treatment}:
            neighbours = near.pop(name)
            for other in neighbours:
                near[other].discard(name)
            _join(near, sorted(neighbours))
        return near

    # ------------------------------------------------------------ open paths

    def open_paths(self, chosen: Collection[str]) -> Names:
        """Return, in words, a shortest open back-door path to each outcome given `chosen`."""
        words = (self._open_path(outcome, set(chosen)) for outcome in self.question.outcomes)
        return tuple(dict.fromkeys(word for word in words if word))

    def _open_path(self, outcome: str, chosen: set[str]) -> str:
        start = self.question.treatment
        opened = chosen.union(*(nx.ancestors(self.severed, name) for name in chosen))
        came_from: dict[tuple[str, bool], tuple[str, bool] | None] = {(start, False): None}
        waiting = [(start, False)]
        while waiting:
            state = waiting.pop(0)
            if state[0] == outcome:
                return path_in_words(self.severed, _walked(came_from, state))
            for following in self._steps(state, start, chosen, opened):
                if following not in came_from:
                    came_from[following] = state
                    waiting.append(following)
        return ""

    def _steps(
        self, state: tuple[str, bool], start: str, chosen: set[str], opened: set[str]
    ) -> Iterator[tuple[str, bool]]:
        """Yield where an open path goes on; the flag says that we came along an arrow."""
        here, along = state
        if here == start and along:
            return
        through = here not in chosen
        if (through and not along) or (along and here in opened):
            yield from ((cause, False) for cause in sorted(self.severed.predecessors(here)))
        if through:
            yield from ((effect, True) for effect in sorted(self.severed.successors(here)))


_END = "\0outcomes"


def _walked(
    came_from: dict[tuple[str, bool], tuple[str, bool] | None], state: tuple[str, bool]
) -> list[str]:
    path = [state[0]]
    before = came_from[state]
    while before is not None:
        path.append(before[0])
        before = came_from[before]
    return path[::-1]


def _join(near: dict[str, set[str]], family: Sequence[str]) -> None:
    for left, right in combinations(family, 2):
        near[left].add(right)
        near[right].add(left)


def _separators(near: dict[str, set[str]], start: str, end: str) -> set[frozenset[str]]:
    """Return minimal separators of two nodes that are not joined, from the one close to `start`."""
    first = _far_side(near, {start}, end)
    found, waiting = {first}, [first]
    while waiting and len(found) < _MOST_VISITED:
        separator = waiting.pop(0)
        inside = _component(near, start, separator)
        for name in sorted(separator - near[end]):
            further = _far_side(near, inside | {name}, end)
            if further not in found:
                found.add(further)
                waiting.append(further)
    return found


def _far_side(near: dict[str, set[str]], inside: set[str], end: str) -> frozenset[str]:
    """Return the neighbours of what `end` still reaches beyond the border of `inside`."""
    border = set().union(*(near[name] for name in inside)) - inside
    beyond = _component(near, end, border)
    return frozenset(set().union(*(near[name] for name in beyond)) - beyond)


def _component(near: dict[str, set[str]], start: str, without: Collection[str]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        further = near[waiting.pop()] - seen - set(without)
        seen |= further
        waiting += further
    return seen


def has_hidden(graph: CausalGraph) -> bool:
    """Return whether a hidden common cause is drawn."""
    return any(edge.kind is EdgeKind.BIDIRECTED for edge in graph.edges)
