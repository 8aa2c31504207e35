"""Picture of a graph. Takes small frames, gives a figure.

Roles have shapes as well as colours; time runs from left to right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from causal_core.figures.columns import role_words
from causal_core.figures.layering import Drawing, draw
from causal_core.figures.style import (
    HIDDEN_ROLE,
    Ink,
    Mode,
    Palette,
    blank_figure,
    clipped,
    key_line,
    palette,
    plain,
    safe,
)
from causal_core.language import t
from causal_core.schema import Role

if TYPE_CHECKING:
    from plotly import graph_objects as go

Place = tuple[float, float]
_BOW = 0.7  # of a row
_HALF_HEIGHT = 0.34  # of a row
_TALL = 0.72  # the diamond's
_ROW_PIXELS = 48
_PAPER = 800.0  # pixels: the narrowest that a picture gets beside the rail of a small screen
_GAP = 18.0  # pixels between two layers
_SIZES = (9, 12)  # of the letters, least and most
_LETTER = 0.58  # of the font size: how wide a letter is
_SEAMS = " _-./"  # after these a name may be broken
_LEAST, _MOST = 5, 14  # letters on a line
_SHORT = 7  # letters that are never broken
_DOUBLE = "\u2e80"  # from here on letters are as wide as high
_FITS = {Role.TREATMENT: 0.64, Role.MEDIATOR: 0.74, HIDDEN_ROLE: 0.74, Role.OUTCOME: 0.84}
_BOX = "M {x0},{y0} L {x1},{y0} L {x1},{y1} L {x0},{y1} Z"
_DIAMOND = "M {x0},{y} L {x},{y0} L {x1},{y} L {x},{y1} Z"
_HEXAGON = "M {x0},{y} L {xa},{y0} L {xb},{y0} L {x1},{y} L {xb},{y1} L {xa},{y1} Z"


def graph_figure(nodes: pd.DataFrame, edges: pd.DataFrame, *, mode: Mode = "light") -> go.Figure:
    """Draw a graph in layers from left to right, each node in the shape and colour of its role.

    Parameters
    ----------
    nodes
        One row per node: `name`, `role` (a role, or "hidden"), `tier` (its place in time; NaN
        where none is stated). `frames.nodes_frame` makes it.
    edges
        One row per edge: `source`, `target`, `kind` (directed, undirected, bidirected,
        rejected), `provenance` (knowledge is drawn double), `stability` (its width; NaN if
        unknown). `frames.edges_frame` makes it.
    mode
        Light or dark.
    """
    look = palette(mode)
    directed = [
        (row["source"], row["target"])
        for row in edges.to_dict("records")
        if row["kind"] == "directed"
    ]
    tiers = {
        row["name"]: int(row["tier"]) for row in nodes.dropna(subset=["tier"]).to_dict("records")
    }
    diamonds = set(nodes.loc[nodes["role"] == Role.TREATMENT, "name"])
    sheet = _sheet(nodes, draw(list(nodes["name"]), directed, tiers, tall=diamonds))
    drawing = sheet.drawing
    height = max(int(drawing.height * _ROW_PIXELS), 120) + 84
    figure = blank_figure(look, height=height, left=8, right=8)
    figure.update_layout(margin={"t": 40, "b": 12})
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(range=[0, _PAPER], **hidden)
    top = -_BOW if _any_above(edges, drawing) else 0.0
    figure.update_yaxes(range=[drawing.height, top], **hidden)
    ink = Ink()
    for row in edges.to_dict("records"):
        _draw_edge(ink, row, sheet, look)
    for row in nodes.to_dict("records"):
        _draw_node(ink, row, sheet, look)
    _hover_points(figure, nodes, drawing)
    key_line(ink, _graph_key(nodes, edges, look), look)
    ink.onto(figure)
    return figure


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """A drawing in pixels from the left: half the width of each node, and the size of letters."""

    drawing: Drawing
    half: Mapping[str, float]
    size: int

    def letters(self, name: str, role: str) -> int:
        """Return how many letters a line holds in the shape of a node."""
        pixels = 2 * self.half[name] * _FITS.get(role, 0.92)
        return max(int(pixels / (_LETTER * self.size) + 0.01), _LEAST)


def _sheet(nodes: pd.DataFrame, drawing: Drawing) -> _Sheet:
    """Give each layer the width that its longest name needs, and letters as large as they fit."""
    layer = {name: int(place[0]) for name, place in drawing.place.items()}
    need = [float(_LEAST)] * drawing.layers
    for name, role in zip(nodes["name"], nodes["role"], strict=True):
        wide = min(_line_length(plain(name)), _MOST) / _FITS.get(str(role), 0.92)
        need[layer[name]] = max(need[layer[name]], wide)
    pixels = (_PAPER - drawing.layers * _GAP) / sum(need)  # of one letter
    widths = [pixels * one + _GAP for one in need]
    middles = [sum(widths[:at]) + width / 2 for at, width in enumerate(widths)]
    placed = replace(
        drawing,
        place={name: (middles[int(x)], y) for name, (x, y) in drawing.place.items()},
        route={
            pair: tuple((middles[int(x)], y) for x, y in stops)
            for pair, stops in drawing.route.items()
        },
    )
    half = {name: min((widths[at] - _GAP) / 2, _PAPER / 12) for name, at in layer.items()}
    size = min(max(int(pixels / _LETTER), _SIZES[0]), _SIZES[1])
    return _Sheet(drawing=placed, half=half, size=size)


def _line_length(text: str) -> int:
    """Return how many letters the longer line of a name has, when it is well broken."""
    double = 2 if max(text, default="") >= _DOUBLE else 1
    if len(text) <= _SHORT // double or not any(letter in _SEAMS for letter in text):
        return double * len(text)
    return double * max(map(len, _halves(text, _MOST // double)))


def _any_above(edges: pd.DataFrame, drawing: Drawing) -> bool:
    rows = edges[edges["kind"] != "directed"].to_dict("records")
    return any(drawing.place[row["source"]][0] != drawing.place[row["target"]][0] for row in rows)


def _draw_node(ink: Ink, row: dict[str, object], sheet: _Sheet, look: Palette) -> None:
    name, role = str(row["name"]), str(row["role"])
    x, y = sheet.drawing.place[name]
    corners = _corners(x, y, sheet.half[name], tall=role == Role.TREATMENT)
    colour = look.of(role)
    known = role in look.role
    line = {
        "color": colour,
        "width": 2 if known else 1.2,
        "dash": "dash" if role == HIDDEN_ROLE else "solid",
    }
    shape = {"fillcolor": look.paper, "line": line, "layer": "above"}
    if role in (Role.MEDIATOR, HIDDEN_ROLE):
        ends = {key: corners[key] for key in ("x0", "x1", "y0", "y1")}
        ink.add_shape(type="circle", **ends, **shape)
    else:
        template = {Role.TREATMENT: _DIAMOND, Role.OUTCOME: _HEXAGON}.get(role, _BOX)  # type: ignore[call-overload]
        ink.add_shape(type="path", path=template.format(**corners), **shape)
    if role == Role.HISTORY:
        edge = {"color": colour, "width": 6}
        ends = {"x0": corners["x0"], "x1": corners["x0"], "y0": corners["y0"], "y1": corners["y1"]}
        ink.add_shape(type="line", line=edge, layer="above", **ends)
    if not known:
        _hatch(ink, corners, look)
    lines = _broken(plain(name), sheet.letters(name, role))
    ink.add_annotation(
        text="<br>".join(map(safe, lines)),
        x=x, y=y, showarrow=False, font={"size": sheet.size, "color": look.ink},
    )  # fmt: skip


def _broken(text: str, letters: int) -> list[str]:
    """Return a name on one line where it fits, else on two, alike in length.

    Examples
    --------
    >>> _broken("visits", 8), _broken("visits_28d", 8), _broken("days_since_last_visit", 8)
    (['visits'], ['visits_', '28d'], ['days_', 'sin…isit'])
    """
    if max(text, default="") >= _DOUBLE:  # letters as wide as high
        letters = max(letters // 2, 3)
    return [text] if len(text) <= letters else _halves(text, letters)


def _halves(text: str, letters: int) -> list[str]:
    """Return a name on two lines; where it does not fit, the middle of the second is left out."""
    cuts = [at for at in range(1, len(text)) if text[at - 1] in _SEAMS]
    good = [at for at in cuts if max(at, len(text) - at) <= letters]
    if good:
        cut = min(good, key=lambda at: max(at, len(text) - at))
    else:
        cut = max((at for at in cuts if at <= letters), default=min(letters, -(-len(text) // 2)))
    first, rest = text[:cut].rstrip(), text[cut:].lstrip()
    if len(rest) > letters:
        keep = letters - 1
        rest = rest[: keep // 2] + "…" + rest[len(rest) - (keep - keep // 2) :]
    return [first, rest]


def _corners(x: float, y: float, wide: float, *, tall: bool = False) -> dict[str, float]:
    high = _TALL if tall else _HALF_HEIGHT
    return {
        "x": x,
        "y": y,
        "x0": x - wide,
        "x1": x + wide,
        "y0": y - high,
        "y1": y + high,
        "xa": x - 0.84 * wide,
        "xb": x + 0.84 * wide,
    }


def _hatch(ink: Ink, corners: dict[str, float], look: Palette) -> None:
    width = corners["x1"] - corners["x0"]
    strokes = [
        f"M {corners['x0'] + width * at / 8},{corners['y1']} "
        f"L {corners['x0'] + width * (at + 1) / 8},{corners['y0']}"
        for at in range(8)
    ]
    line = {"color": look.grid, "width": 1}
    ink.add_shape(type="path", path=" ".join(strokes), line=line, layer="above")


def _draw_edge(ink: Ink, row: dict[str, object], sheet: _Sheet, look: Palette) -> None:
    pair = (str(row["source"]), str(row["target"]))
    kind = str(row["kind"])
    stability = row["stability"]
    known = isinstance(stability, float) and math.isfinite(stability)
    width = 0.8 + 2.2 * float(stability) if known else 1.4  # type: ignore[arg-type]
    if kind == "directed":
        path, end = _routed(sheet.drawing.route[pair], sheet.half[pair[0]], sheet.half[pair[1]])
        doubled = row["provenance"] == "knowledge"
        _stroke(ink, path, look.quiet, width=width + 1.6 if doubled else width)
        if doubled:
            _stroke(ink, path, look.paper, width=max(width - 1.6, 0.6))
        _arrowhead(ink, end, look.quiet)
        return
    start, stop = sheet.drawing.place[pair[0]], sheet.drawing.place[pair[1]]
    beside = start[0] == stop[0]
    ends = ((start, sheet.half[pair[0]]), (stop, sheet.half[pair[1]]))
    path, middle = _beside(*ends) if beside else _above(start, stop)
    dash = {"undirected": "dash", "bidirected": "dot"}.get(kind, "solid")
    colour = look.failed if kind == "rejected" else look.quiet
    _stroke(ink, path, colour, width=width, dash=dash)
    if kind == "bidirected":
        for (x, y), half in ends:
            at = (x + half, y) if beside else (x, y - _HALF_HEIGHT)
            _arrowhead(ink, at, colour, tail=(10, 0) if beside else (0, -10))
    if kind == "rejected":
        ink.add_annotation(
            text="×", x=middle[0], y=middle[1], showarrow=False, font={"size": 16, "color": colour}
        )


def _routed(stops: tuple[Place, ...], first: float, last: float) -> tuple[str, Place]:
    """Return the path through all stops, level at each of them, and where its arrow stands.

    `first` and `last` are half the widths of the nodes at its ends.
    """
    (x, y), *between, (x_end, y_end) = stops
    path = f"M {x + first},{y}"
    here = (x + first, y)
    for there in (*between, (x_end - last, y_end)):
        bend = (there[0] - here[0]) / 2
        path += f" C {here[0] + bend},{here[1]} {there[0] - bend},{there[1]} {there[0]},{there[1]}"
        here = there
    return path, here


def _beside(first: tuple[Place, float], last: tuple[Place, float]) -> tuple[str, Place]:
    """Return a bow between two right edges, each with half its width: for nodes of one layer."""
    (start, half), (stop, _) = first, last
    x, bow = start[0] + half, start[0] + half + 0.8 * _GAP
    path = f"M {x},{start[1]} C {bow},{start[1]} {bow},{stop[1]} {x},{stop[1]}"
    return path, (0.25 * x + 0.75 * bow, (start[1] + stop[1]) / 2)


def _above(start: Place, stop: Place) -> tuple[str, Place]:
    """Return a bow over the tops: for edges without a direction between two layers."""
    y0, y1 = start[1] - _HALF_HEIGHT, stop[1] - _HALF_HEIGHT
    bow = min(y0, y1) - _BOW
    path = f"M {start[0]},{y0} C {start[0]},{bow} {stop[0]},{bow} {stop[0]},{y1}"
    return path, ((start[0] + stop[0]) / 2, 0.25 * (y0 + y1) / 2 + 0.75 * bow)


def _stroke(ink: Ink, path: str, colour: str, *, width: float, dash: str = "solid") -> None:
    line = {"color": colour, "width": round(width, 2), "dash": dash}
    ink.add_shape(type="path", path=path, line=line, layer="below")


def _arrowhead(ink: Ink, at: Place, colour: str, *, tail: tuple[int, int] = (-10, 0)) -> None:
    ink.add_annotation(
        x=at[0], y=at[1], ax=tail[0], ay=tail[1], axref="pixel", ayref="pixel",
        text="", showarrow=True, arrowhead=2, arrowsize=1, arrowwidth=1.4, arrowcolor=colour,
    )  # fmt: skip


def _hover_points(figure: go.Figure, nodes: pd.DataFrame, drawing: Drawing) -> None:
    from plotly import graph_objects as go

    places = [drawing.place[name] for name in nodes["name"]]
    figure.add_trace(
        go.Scatter(
            x=[x for x, _ in places],
            y=[y for _, y in places],
            mode="markers",
            marker={"size": 26, "opacity": 0},
            customdata=list(range(len(nodes))),
            hovertext=[
                f"{safe(name)} ({role_words(role)})"
                for name, role in zip(nodes["name"], nodes["role"], strict=True)
            ],
            hoverinfo="text",
        )
    )


_SHAPES = {"attribute": "□", "history": "▌", "treatment": "◇", "mediator": "○", "outcome": "⬡"}


def _graph_key(nodes: pd.DataFrame, edges: pd.DataFrame, look: Palette) -> str:
    present = set(nodes["role"])
    pieces = [
        f'<span style="color:{look.of(role)}">{shape}</span> {role_words(role)}'
        for role, shape in _SHAPES.items()
        if role in present
    ]
    kinds = set(edges["kind"])
    pieces += [
        *([t("dashed line: open")] if "undirected" in kinds else []),
        *([t("dotted line: hidden common cause")] if "bidirected" in kinds else []),
        *([t("double line: known beforehand")] if "knowledge" in set(edges["provenance"]) else []),
    ]
    return " · ".join(pieces)


def graph_words(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Say what `graph_figure` shows: how many nodes and edges, and what leads to the treatment."""
    kinds = edges["kind"].value_counts()
    said = t(
        "{nodes} columns, {edges} directed edges, {open} still open.",
        nodes=len(nodes),
        edges=int(kinds.get("directed", 0)),
        open=int(kinds.get("undirected", 0)),
    )
    pairs = edges[edges["kind"] == "directed"]
    for name in nodes.loc[nodes["role"].isin(["treatment", "outcome"]), "name"]:
        into = [f"“{clipped(source)}”" for source in pairs.loc[pairs["target"] == name, "source"]]
        names = ", ".join(into) or t("nothing")
        said += " " + t("Into “{name}” lead: {names}.", name=clipped(name), names=names)
    return said
