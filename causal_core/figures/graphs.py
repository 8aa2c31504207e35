"""Picture of a graph. Takes small frames, gives a figure.

Roles have shapes as well as colours; time runs from left to right.
"""

from __future__ import annotations

import math
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
_HALF_WIDTH = 0.38  # of a layer's pitch
_HALF_HEIGHT = 0.32  # of a row
_ROW_PIXELS = 46
_SIZES = ((10, 9), (6, 10), (0, 12))  # layers from, font size
_LETTERS = {12: 84, 10: 98, 9: 112}  # that fit into all layers side by side, by font size
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
    drawing = draw(list(nodes["name"]), directed, tiers)
    height = max(int(drawing.height * _ROW_PIXELS), 120) + 84
    figure = blank_figure(look, height=height, left=8, right=8)
    figure.update_layout(margin={"t": 40, "b": 12})
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(range=[-0.5, drawing.layers - 0.5], **hidden)
    top = -_BOW if _any_above(edges, drawing) else 0.0
    figure.update_yaxes(range=[drawing.height, top], **hidden)
    ink = Ink()
    for row in edges.to_dict("records"):
        _draw_edge(ink, row, drawing, look)
    for row in nodes.to_dict("records"):
        _draw_node(ink, row, drawing, look)
    _hover_points(figure, nodes, drawing)
    key_line(ink, _graph_key(nodes, edges, look), look)
    ink.onto(figure)
    return figure


def _any_above(edges: pd.DataFrame, drawing: Drawing) -> bool:
    rows = edges[edges["kind"] != "directed"].to_dict("records")
    return any(drawing.place[row["source"]][0] != drawing.place[row["target"]][0] for row in rows)


def _draw_node(ink: Ink, row: dict[str, object], drawing: Drawing, look: Palette) -> None:
    role = str(row["role"])
    x, y = drawing.place[str(row["name"])]
    corners = _corners(x, y)
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
    size = next(size for least, size in _SIZES if drawing.layers >= least)
    letters = int(_LETTERS[size] / drawing.layers) - (4 if role == Role.TREATMENT else 0)
    ink.add_annotation(
        text=_label(str(row["name"]), max(letters, 6)),
        x=x, y=y, showarrow=False, font={"size": size, "color": look.ink},
    )  # fmt: skip


def _label(name: str, letters: int) -> str:
    """Return a name on at most two lines; of a longer one the middle is left out."""
    text = plain(name)
    if len(text) <= letters:
        return safe(text)
    cuts = [at for at, letter in enumerate(text) if letter in " _-./" and 0 < at < letters]
    cut = cuts[-1] + 1 if cuts and cuts[-1] > letters // 3 else letters
    rest = text[cut:]
    if len(rest) > letters:
        keep = letters - 1
        rest = rest[: keep // 2] + "…" + rest[len(rest) - (keep - keep // 2) :]
    return f"{safe(text[:cut])}<br>{safe(rest)}"


def _corners(x: float, y: float) -> dict[str, float]:
    return {
        "x": x,
        "y": y,
        "x0": x - _HALF_WIDTH,
        "x1": x + _HALF_WIDTH,
        "y0": y - _HALF_HEIGHT,
        "y1": y + _HALF_HEIGHT,
        "xa": x - 0.76 * _HALF_WIDTH,
        "xb": x + 0.76 * _HALF_WIDTH,
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


def _draw_edge(ink: Ink, row: dict[str, object], drawing: Drawing, look: Palette) -> None:
    pair = (str(row["source"]), str(row["target"]))
    kind = str(row["kind"])
    stability = row["stability"]
    known = isinstance(stability, float) and math.isfinite(stability)
    width = 0.8 + 2.2 * float(stability) if known else 1.4  # type: ignore[arg-type]
    if kind == "directed":
        path, end = _routed(drawing.route[pair])
        doubled = row["provenance"] == "knowledge"
        _stroke(ink, path, look.quiet, width=width + 1.6 if doubled else width)
        if doubled:
            _stroke(ink, path, look.paper, width=max(width - 1.6, 0.6))
        _arrowhead(ink, end, look.quiet)
        return
    start, stop = drawing.place[pair[0]], drawing.place[pair[1]]
    beside = start[0] == stop[0]
    path, middle = (_beside if beside else _above)(start, stop)
    dash = {"undirected": "dash", "bidirected": "dot"}.get(kind, "solid")
    colour = look.failed if kind == "rejected" else look.quiet
    _stroke(ink, path, colour, width=width, dash=dash)
    if kind == "bidirected":
        for x, y in (start, stop):
            at = (x + _HALF_WIDTH, y) if beside else (x, y - _HALF_HEIGHT)
            _arrowhead(ink, at, colour, tail=(10, 0) if beside else (0, -10))
    if kind == "rejected":
        ink.add_annotation(
            text="×", x=middle[0], y=middle[1], showarrow=False, font={"size": 16, "color": colour}
        )


def _routed(stops: tuple[Place, ...]) -> tuple[str, Place]:
    """Return the path through all stops, level at each of them, and where its arrow stands."""
    (x, y), *between, (x_end, y_end) = stops
    path = f"M {x + _HALF_WIDTH},{y}"
    here = (x + _HALF_WIDTH, y)
    for there in (*between, (x_end - _HALF_WIDTH, y_end)):
        bend = (there[0] - here[0]) / 2
        path += f" C {here[0] + bend},{here[1]} {there[0] - bend},{there[1]} {there[0]},{there[1]}"
        here = there
    return path, here


def _beside(start: Place, stop: Place) -> tuple[str, Place]:
    """Return a bow between two right edges: for nodes of one layer."""
    x, bow = start[0] + _HALF_WIDTH, start[0] + _HALF_WIDTH + 0.16
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
