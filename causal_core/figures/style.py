"""The visual language: colours by role, ink, fonts, harmless names. Takes a mode, gives a look.

Colour means the part that a column plays, never good or bad; text is always ink.
"""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causal_core.language import interval, number, t
from causal_core.schema import Role

if TYPE_CHECKING:
    from plotly import graph_objects as go

Mode = Literal["light", "dark"]

FONT = (
    '"Helvetica Neue", Arial, "Liberation Sans", "PingFang SC", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "DejaVu Sans", sans-serif'
)
HIDDEN_ROLE = "hidden"
_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_SMALL = 10.0


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one mode."""

    ink: str
    quiet: str  # secondary text, still readable
    failed: str  # what is no answer
    grid: str
    paper: str
    role: Mapping[str, str]

    def of(self, role: str) -> str:
        """Return the colour of a role; what has none is grey."""
        return self.role.get(role, self.failed)


_LIGHT = Palette(
    ink="#1C1C1C",
    quiet="#5F5F5F",
    failed="#8C8C8C",
    grid="#E6E6E6",
    paper="#FFFFFF",
    role={
        "attribute": "#4E4E4E",
        "history": "#6B8DDB",
        "treatment": "#C64905",
        "mediator": "#552579",
        "outcome": "#1DA86C",
        "hidden": "#1C1C1C",
    },
)
_DARK = Palette(
    ink="#ECECEC",
    quiet="#A9A9A9",
    failed="#7C7C7C",
    grid="#3A3A3A",
    paper="#0E1117",
    role={
        "attribute": "#8F8F8F",
        "history": "#4F79DB",
        "treatment": "#DB721D",
        "mediator": "#DAB8ED",
        "outcome": "#37DCA4",
        "hidden": "#ECECEC",
    },
)


def palette(mode: Mode) -> Palette:
    """Return the colours of a mode."""
    return _DARK if mode == "dark" else _LIGHT


def role_colour(role: Role | str, *, mode: Mode = "light") -> str:
    """Return the colour of a role, grey where it has none.

    Examples
    --------
    >>> role_colour(Role.TREATMENT), role_colour("after")
    ('#C64905', '#8C8C8C')
    """
    return palette(mode).of(str(role))


def safe(name: object, *, most: int = 200) -> str:
    """Return a name that plotly shows letter by letter: no markup, no control characters.

    Examples
    --------
    >>> safe('<a href="x">price</a>')
    '&lt;a href="x"&gt;price&lt;/a&gt;'
    >>> safe("a very long name", most=7)
    'a very…'
    """
    escaped = html.escape(shortened(plain(name), most), quote=False)
    return escaped.replace("$", "&#36;")  # plotly takes $…$ for LaTeX


def plain(name: object) -> str:
    """Return a name on one line, without control and direction-changing characters."""
    kept = (
        " " if character.isspace() else character
        for character in str(name)
        if character.isspace() or not _is_control(character)
    )
    return " ".join("".join(kept).split())


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or unicodedata.bidirectional(character) in _BIDI


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` letters, the last an ellipsis if some are missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def clipped(name: object) -> str:
    """Return a name for a sentence: on one line, at most 60 letters long."""
    return shortened(plain(name), 60)


def digits_for(values: Iterable[float]) -> int:
    """Return how many decimals tell numbers of this size apart.

    Examples
    --------
    >>> digits_for([12.0, 4.0]), digits_for([1.2]), digits_for([0.02])
    (0, 1, 3)
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest >= _SMALL:
        return 0
    return 1 if largest >= 1 else 3


def in_words(value: float, low: float, high: float, *, digits: int) -> str:
    """Return “+12, 4 to 20”, or that it cannot be estimated."""
    signed = number(value, digits=digits, signed=True)
    if not (math.isfinite(low) and math.isfinite(high)):
        return signed
    return f"{signed}, {interval(low, high, digits=digits)}"


def span(text: str, colour: str, *, size: int = 11) -> str:
    """Return safe text in a quieter voice."""
    return f'<span style="color:{colour};font-size:{size}px">{text}</span>'


def beside(main: str, second: str, look: Palette) -> str:
    """Return two lines for the right margin: the number, and n below it."""
    return f"{main}<br>{span(second, look.quiet)}" if second else main


def units_words(count: float) -> str:
    """Return “n 10,000”, or nothing where it is not known."""
    return t("n {count}", count=number(count)) if math.isfinite(count) else ""


class Ink:
    """Traces, shapes and notes, put on a figure together: one by one is quadratic in plotly."""

    def __init__(self) -> None:
        self.traces: list[object] = []
        self.shapes: list[dict[str, object]] = []
        self.annotations: list[dict[str, object]] = []

    def add_trace(self, trace: object) -> None:
        """Collect a trace."""
        self.traces.append(trace)

    def add_shape(self, **shape: object) -> None:
        """Collect a shape, in the words of plotly."""
        self.shapes.append(shape)

    def add_annotation(self, **note: object) -> None:
        """Collect a text or an arrow, in the words of plotly."""
        self.annotations.append(note)

    def onto(self, figure: go.Figure) -> None:
        """Draw everything collected, in order."""
        figure.add_traces(self.traces)
        figure.update_layout(shapes=self.shapes, annotations=self.annotations)


def blank_figure(look: Palette, *, height: int, left: int = 170, right: int = 150) -> go.Figure:
    """Return an empty figure in the house style: transparent ground, ink text, no toolbar noise."""
    from plotly import graph_objects as go

    font = {"family": FONT, "size": 13, "color": look.ink}
    layout = {
        "template": {"layout": {"hovermode": "closest"}},  # not plotly's own
        "height": height,
        "margin": {"l": left, "r": right, "t": 34, "b": 48},
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "bargap": 0.35,
        "hoverlabel": {"font": font, "bgcolor": look.paper, "bordercolor": look.grid},
        "dragmode": False,
    }
    return go.Figure(layout=layout)


def room_for(labels: Iterable[str]) -> int:
    """Return the pixels that row labels need at the left, within reason."""
    longest = max((len(label) for label in labels), default=0)
    return min(max(int(7.2 * longest) + 26, 84), 186)


def axis(look: Palette, *, title: str = "", grid: bool = False) -> dict[str, object]:
    """Return the settings of one axis: hairline grid, quiet ticks, the unit in its title."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": look.quiet}, "standoff": 10},
        "showgrid": grid,
        "gridcolor": look.grid,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "ticklabelstandoff": 4 if grid else 10,
        "tickfont": {"size": 12, "color": look.quiet if grid else look.ink},
        "fixedrange": True,
        "automargin": False,
    }


def key_line(ink: Ink, text: str, look: Palette) -> None:
    """Write the key (what filled, hollow, dashed mean) above the picture, at the left."""
    ink.add_annotation(
        text=text,
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="bottom",
        yshift=10,
        showarrow=False,
        align="left",
        font={"size": 11, "color": look.quiet},
    )


def margin_note(ink: Ink, text: str, *, y: float, yref: str) -> None:
    """Write numbers into the right margin, level with a row."""
    ink.add_annotation(
        text=text,
        xref="paper",
        yref=yref,
        x=1,
        y=y,
        xanchor="left",
        yanchor="middle",
        xshift=14,
        showarrow=False,
        align="left",
        font={"size": 13},
    )


def whisker(ink: Ink, *, low: float, high: float, y: object, colour: str) -> None:
    """Draw an interval over a bar."""
    from plotly import graph_objects as go

    middle = (low + high) / 2
    reach = {
        "type": "data",
        "array": [(high - low) / 2],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }
    hidden = {"size": 0.1, "color": colour, "opacity": 0}
    ink.add_trace(
        go.Scatter(
            x=[middle], y=[y], mode="markers", marker=hidden, error_x=reach, hoverinfo="skip"
        )
    )


def figure_json(figure: go.Figure) -> str:
    """Return a figure as JSON: the same figure, the same text, without ``<`` or ``>``."""
    import plotly.io

    return str(plotly.io.to_json(figure, engine="json"))


def figure_height(figure: go.Figure) -> int:
    """Return a figure's height in pixels."""
    return int(figure.layout.height)


def plotly_script() -> str:
    """Return the plotly.js that is installed with plotly, to be put into a page once."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
