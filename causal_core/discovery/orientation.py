"""Which way edges point: knowledge first, then colliders by strength, then Meek's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol

from causal_core.discovery.draft import Draft, Pair
from causal_core.discovery.rules import Rules
from causal_core.language import number, t

Triple = tuple[int, int, int]
Collider = tuple[float, Triple]  # evidence against it, and the collider


class Evidence(Protocol):
    """What the tests said about pairs."""

    def largest(self, x: int, y: int) -> float:
        """Return the largest p-value among the pair's tests."""
        ...

    def removes(self, x: int, y: int) -> bool:
        """Return whether the tests alone would remove the pair's edge."""
        ...

    def is_clear(self, against: float) -> bool:
        """Return whether so little speaks against a collider that it is no matter of power."""
        ...

    def separator(self, x: int, y: int) -> frozenset[int] | None:
        """Return the set that best separates the pair, or None."""
        ...

    def against(self, triple: Triple, near: set[int]) -> float:
        """Return how well the middle column helps to separate the outer two (a p-value)."""
        ...


@dataclass
class Oriented:
    """A draft that is acyclic, respects the rules and can be extended, with what it cost."""

    draft: Draft
    overruled: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def orient(
    pairs: Sequence[Pair], rules: Rules, evidence: Evidence, names: Sequence[str]
) -> Oriented:
    """Return the skeleton `pairs` with every direction that knowledge and data decide.

    Knowledge is drawn before any collider, so that it can never break one afterwards. Colliders
    follow from the strongest on (causal-learn's priority 3); one that contradicts knowledge is
    overruled, one that contradicts a stronger collider is a conflict.
    """
    overruled = _overruled_pairs(pairs, rules, evidence, names)
    start = _with_knowledge(pairs, rules)
    overruled += _open_circles(start, rules, evidence, names)
    colliders, refused = _colliders(start, evidence)
    overruled += [_turned_text(edge, names) for edge in refused]
    draft = start.copy()
    conflicts = _add_colliders(draft, colliders, evidence, names)
    draft.close()
    if draft.stuck():
        draft = start.copy()
        conflicts = _add_colliders(draft, colliders, evidence, names, careful=True)
        draft.close()
    _mend(draft, evidence, names, conflicts)
    return Oriented(draft=draft, overruled=overruled, conflicts=conflicts)


def _overruled_pairs(
    pairs: Sequence[Pair], rules: Rules, evidence: Evidence, names: Sequence[str]
) -> list[str]:
    """Tell of edges that the tests removed and knowledge requires, or the other way round."""
    told = [
        t(
            "{edge} is required, though the tests would have removed it (largest p {p}).",
            edge=f"{names[x]} → {names[y]}",
            p=_p(evidence.largest(x, y)),
        )
        for x, y in sorted(rules.required)
        if evidence.removes(x, y)
    ]
    told += [
        t(
            "{edge} was found (largest p {p}), but is forbidden: is a common cause hidden?",
            edge=f"{names[x]} — {names[y]}",
            p=_p(evidence.largest(x, y)),
        )
        for x, y in sorted(pairs)
        if rules.separates(x, y)
    ]
    return told


def _p(value: float) -> str:
    return number(value, digits=3) if value >= 0.001 else "< 0.001"  # noqa: PLR2004 - display


def _with_knowledge(pairs: Sequence[Pair], rules: Rules) -> Draft:
    kept = {tuple(sorted(pair)) for pair in (*pairs, *rules.required)}
    draft = Draft(len(rules.tiers), [(x, y) for x, y in kept if not rules.separates(x, y)])
    for x, y in draft.open_edges():
        if (y, x) in rules.forbidden:
            draft.point(x, y)
        elif (x, y) in rules.forbidden:
            draft.point(y, x)
    return draft


def _open_circles(
    draft: Draft, rules: Rules, evidence: Evidence, names: Sequence[str]
) -> list[str]:
    """Remove the weakest found edge of each circle that stated directions close."""
    told = []
    while circle := draft.circle():
        x, y = max(
            (edge for edge in circle if edge not in rules.required),
            key=lambda edge: (evidence.largest(*edge), edge),
        )
        draft.remove(x, y)
        edge = f"{names[x]} → {names[y]}"
        told.append(t("{edge} was found, but would close a circle with what is stated.", edge=edge))
    return told


def _colliders(draft: Draft, evidence: Evidence) -> tuple[list[Collider], list[Pair]]:
    """Return the colliders that the data suggest, strongest first, and what contradicts them.

    The latter are stated arrows out of the middle of a clear collider. A collider is clear when
    no set with its middle column separates the outer two; others are weak tests, not news.
    """
    suggested: list[Collider] = []
    refused: set[Pair] = set()
    for y, near in enumerate(draft.near):
        for x, z in combinations(sorted(near), 2):
            separator = evidence.separator(x, z)
            if z in draft.near[x] or separator is None or y in separator:
                continue
            if {x, z} <= draft.into[y]:
                continue
            reach = (draft.near[x] | draft.near[z]) - {x, z}
            against = evidence.against((x, y, z), reach)
            stated = {(y, end) for end in (x, z) if y in draft.into[end]}
            if not stated:
                suggested.append((against, (x, y, z)))
            elif evidence.is_clear(against):
                refused |= stated
    return sorted(suggested), sorted(refused)


def _add_colliders(
    draft: Draft,
    colliders: Sequence[Collider],
    evidence: Evidence,
    names: Sequence[str],
    *,
    careful: bool = False,
) -> list[str]:
    """Draw each collider that fits those before, and tell of the clear ones that do not.

    `careful` also looks at what would follow from each.
    """
    conflicts = []
    for against, triple in colliders:
        if _fits(draft, triple) and (not careful or _can_go_on(draft, triple)):
            _draw(draft, triple)
        elif evidence.is_clear(against):
            conflicts.append(
                t(
                    "The data also suggest {collider}, which contradicts stronger evidence.",
                    collider=_arrows(triple, names),
                )
            )
    return conflicts


def _fits(draft: Draft, triple: Triple) -> bool:
    x, y, z = triple
    return not (draft.reaches(y, x) or draft.reaches(y, z))


def _draw(draft: Draft, triple: Triple) -> None:
    draft.point(triple[0], triple[1])
    draft.point(triple[2], triple[1])


def _can_go_on(draft: Draft, triple: Triple) -> bool:
    before, after = draft.copy(), draft.copy()
    _draw(after, triple)
    before.close()
    after.close()
    return len(after.stuck()) <= len(before.stuck())


def _mend(draft: Draft, evidence: Evidence, names: Sequence[str], conflicts: list[str]) -> None:
    """Decide, one by one and against the weakest evidence, edges that no DAG could leave open."""
    while stuck := draft.stuck():
        edges = [edge for edge in draft.clashes() if set(edge) <= stuck]
        edges = edges or [edge for edge in draft.open_edges() if set(edge) <= stuck]
        both = [choice for edge in edges for choice in (edge, edge[::-1])]
        allowed = [(x, y) for x, y in both if not draft.reaches(y, x)]
        x, y = min(allowed, key=lambda edge: (_price(draft, edge, evidence), edge))
        draft.point(x, y)
        conflicts.append(
            t(
                "The hints for {open} contradict each other; {edge} goes against the weakest.",
                open=f"{names[min(x, y)]} — {names[max(x, y)]}",
                edge=f"{names[x]} → {names[y]}",
            )
        )
        draft.close()


def _price(draft: Draft, edge: Pair, evidence: Evidence) -> float:
    """Return the strongest evidence against the new colliders that `edge` would make."""
    x, y = edge
    others = (other for other in draft.into[y] if other not in draft.near[x])
    return max(
        (
            evidence.against((x, y, other), (draft.near[x] | draft.near[other]) - {x, other})
            for other in others
        ),
        default=0.0,
    )


def _arrows(triple: Triple, names: Sequence[str]) -> str:
    return f"{names[triple[0]]} → {names[triple[1]]} ← {names[triple[2]]}"


def _turned_text(edge: Pair, names: Sequence[str]) -> str:
    return t(
        "{edge} is stated, though the data suggest the other direction.",
        edge=f"{names[edge[0]]} → {names[edge[1]]}",
    )
