"""Names beside marks that hide nothing. Takes marks with their intervals, gives annotations."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from causal_core.figures.marks import faint, real
from causal_core.figures.style import Ink, Palette, plain, safe

_WIDE, _HIGH = 600.0, 330.0  # pixels that the plot surely has
_NAME = 22


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the plot."""

    left: float
    right: float
    bottom: float
    top: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles cover a point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def place_names(
    ink: Ink,
    placed: list[tuple[pd.Series[object], float]],
    look: Palette,
    *,
    low: float,
    high: float,
) -> None:
    """Name each mark where the name hides no other mark, interval or name."""

    def down(value: object) -> float:
        return (real(value) - low) / (high - low) * _HIGH

    taken = [
        Box(x * _WIDE - 7, x * _WIDE + 7, down(row["low"]) - 2, down(row["high"]) + 2)
        for row, x in placed
    ]
    taken += [
        Box(x * _WIDE - 8, x * _WIDE + 8, down(row["value"]) - 8, down(row["value"]) + 8)
        for row, x in placed
    ]
    for row, x in placed:
        words, at = safe(row["label"], most=_NAME), x * _WIDE
        long = 6.6 * len(plain(row["label"])) + 4
        spots = _spots(at, down(row["value"]), down(row["low"]), down(row["high"]), long)
        free = [spot for spot in spots if _fits(spot[0], taken)]
        box, anchors, y = (free or spots)[0]
        taken.append(box)
        value = low + y / _HIGH * (high - low)
        ink.add_annotation(
            text=f"<b>{words}</b>" if row["state"] == "primary" else words,
            x=x,
            y=value,
            showarrow=False,
            font={"size": 12, "color": look.ink},
            bgcolor=faint(look.paper, 0.7),
            borderpad=1,
            **anchors,
        )


def _spots(
    x: float, middle: float, bottom: float, top: float, long: float
) -> list[tuple[Box, dict[str, object], float]]:
    """Return where a label may stand, the best place first: its box, anchors and height."""
    beside_it: dict[str, object] = {"yanchor": "middle"}
    right = (
        Box(x + 10, x + 10 + long, middle - 8, middle + 8),
        beside_it | {"xanchor": "left", "xshift": 11},
        middle,
    )
    left = (
        Box(x - 10 - long, x - 10, middle - 8, middle + 8),
        beside_it | {"xanchor": "right", "xshift": -11},
        middle,
    )
    above = (
        Box(x - long / 2, x + long / 2, top + 4, top + 20),
        {"yanchor": "bottom", "yshift": 3, "xanchor": "center"},
        top,
    )
    below = (
        Box(x - long / 2, x + long / 2, bottom - 20, bottom - 4),
        {"yanchor": "top", "yshift": -3, "xanchor": "center"},
        bottom,
    )
    return [right, left, above, below]


def _fits(box: Box, taken: list[Box]) -> bool:
    across = box.left > -0.05 * _WIDE and box.right < 1.06 * _WIDE
    upright = box.bottom > 0 and box.top < _HIGH
    return across and upright and not any(box.meets(other) for other in taken)
