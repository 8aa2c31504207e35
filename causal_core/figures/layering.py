"""Where the nodes of a graph stand on paper: layers by time, few crossings. Pure Python, no engine.

Layers from left to right (Sugiyama, Tagawa and Toda, 1981). Long edges are led through waypoints
in the layers between; those with the same target share them, so that they join into one line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

_SWEEPS = 12
_NODE_HEIGHT = 1.0
_TALL_HEIGHT = 1.7
_WAYPOINT_HEIGHT = 0.42

Pair = tuple[str, str]
Stop = tuple[str, int, bool]  # a node and its layer; or (True) the waypoint of a target in a layer


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Places of the nodes (layer, height from the top) and the stops of each directed edge."""

    place: Mapping[str, tuple[float, float]]
    route: Mapping[Pair, tuple[tuple[float, float], ...]]
    layers: int
    height: float


def draw(
    nodes: Sequence[str],
    directed: Sequence[Pair],
    tiers: Mapping[str, int] | None = None,
    *,
    tall: Collection[str] = (),
) -> Drawing:
    """Return where each node stands: earlier tiers further left, causes left of what they cause.

    Nodes named in `tall` get more room above and below.

    Examples
    --------
    >>> drawing = draw(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    >>> [drawing.place[name][0] for name in "abc"]
    [0.0, 1.0, 2.0]
    >>> len(drawing.route["a", "c"])  # its start, a waypoint beside b, its end
    3
    """
    depth = layers_of(nodes, directed, tiers or {})
    count = max(depth.values(), default=0) + 1
    columns: list[list[Stop]] = [[] for _ in range(count)]
    for name in nodes:
        columns[depth[name]].append((name, depth[name], False))
    routes: dict[Pair, list[Stop]] = {}
    for source, target in directed:
        between = [(target, at, True) for at in range(depth[source] + 1, depth[target])]
        ends = ((source, depth[source], False), (target, depth[target], False))
        routes[source, target] = [ends[0], *between, ends[1]]
        for stop in between:
            if stop not in columns[stop[1]]:
                columns[stop[1]].append(stop)
    links = sorted(
        {link for route in routes.values() for link in zip(route, route[1:], strict=False)}
    )
    columns = _uncrossed(columns, links)
    height = max((_heights(column, tall) for column in columns), default=_NODE_HEIGHT)
    places = _placed(columns, height, tall)
    return Drawing(
        place={name: places[name, depth[name], False] for name in nodes},
        route={pair: tuple(places[stop] for stop in stops) for pair, stops in routes.items()},
        layers=count,
        height=height,
    )


def layers_of(
    nodes: Sequence[str], directed: Sequence[Pair], tiers: Mapping[str, int]
) -> dict[str, int]:
    """Return each node's layer: by tier, and within a tier by the longest chain that leads there.

    A node without a tier takes the latest tier of what leads to it. An edge that contradicts the
    tiers (it may be in a draft) moves its target to the right of its source.
    """
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(nodes)
    network.add_edges_from(directed)
    seat: dict[str, tuple[int, int]] = {}
    for name in nx.topological_sort(network):
        own = (tiers.get(name, min(tiers.values(), default=0)), 0)
        after = [
            (tier, step + 1) for tier, step in map(seat.__getitem__, network.predecessors(name))
        ]
        seat[name] = max([own, *after])
    order = {value: at for at, value in enumerate(sorted(set(seat.values())))}
    return {name: order[seat[name]] for name in nodes}


def _height(stop: Stop, tall: Collection[str]) -> float:
    if stop[2]:
        return _WAYPOINT_HEIGHT
    return _TALL_HEIGHT if stop[0] in tall else _NODE_HEIGHT


def _heights(column: Sequence[Stop], tall: Collection[str]) -> float:
    return sum(_height(stop, tall) for stop in column)


def _uncrossed(columns: list[list[Stop]], links: Sequence[tuple[Stop, Stop]]) -> list[list[Stop]]:
    near: dict[Stop, list[Stop]] = {stop: [] for column in columns for stop in column}
    for first, second in links:
        near[first].append(second)
        near[second].append(first)
    best, fewest = columns, _crossings(columns, links)
    current = columns
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        current = _swept(current, near, forward=forward)
        crossings = _crossings(current, links)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _swept(
    columns: list[list[Stop]], near: Mapping[Stop, Sequence[Stop]], *, forward: bool
) -> list[list[Stop]]:
    """Sort each column by the mean place of its neighbours in the column just done."""
    done = [list(column) for column in columns]
    steps = range(1, len(done)) if forward else range(len(done) - 2, -1, -1)
    for at in steps:
        other = done[at - 1] if forward else done[at + 1]
        place = {stop: index / max(len(other), 1) for index, stop in enumerate(other)}
        own = {stop: index / max(len(done[at]), 1) for index, stop in enumerate(done[at])}
        done[at].sort(key=lambda stop: _mean_place(near[stop], place, own[stop]))
    return done


def _mean_place(near: Sequence[Stop], place: Mapping[Stop, float], own: float) -> float:
    seen = [place[stop] for stop in near if stop in place]
    return sum(seen) / len(seen) if seen else own


def _crossings(columns: list[list[Stop]], links: Sequence[tuple[Stop, Stop]]) -> int:
    place = {stop: index for column in columns for index, stop in enumerate(column)}
    total = 0
    for at in range(len(columns) - 1):
        ends = [(place[a], place[b]) for a, b in links if a[1] == at]
        total += sum(
            (first[0] - second[0]) * (first[1] - second[1]) < 0
            for index, first in enumerate(ends)
            for second in ends[index + 1 :]
        )
    return total


def _placed(
    columns: list[list[Stop]], height: float, tall: Collection[str]
) -> dict[Stop, tuple[float, float]]:
    """Stack each column in its order, centred, with the free room shared out."""
    places: dict[Stop, tuple[float, float]] = {}
    for at, column in enumerate(columns):
        room = (height - _heights(column, tall)) / (len(column) + 1)
        top = 0.0
        for stop in column:
            top += room
            places[stop] = (float(at), top + _height(stop, tall) / 2)
            top += _height(stop, tall)
    return places
