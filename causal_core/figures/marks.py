"""Words and small parts that the pictures of a strategy share. Takes rows, gives texts."""

from __future__ import annotations

import math

import pandas as pd

from causal_core.figures.style import Palette, digits_for, in_words, safe
from causal_core.language import number, percent, t


def reach(frame: pd.DataFrame) -> tuple[float, float]:
    """Return a range that holds zero and all intervals, with some room."""
    seen = [float(v) for name in ("low", "high", "value") for v in frame[name] if math.isfinite(v)]
    low, high = min([0.0, *seen]), max([0.0, *seen])
    pad = 0.08 * (high - low) or 1.0
    return low - pad, high + pad


def mark_colour(row: pd.Series[object], look: Palette) -> str:
    """Return the ink of a mark: the outcome's for ours, grey for what is no answer."""
    if row["state"] == "failed":
        return look.failed
    return look.of("outcome") if row["state"] == "primary" else look.ink


def hover_words(row: pd.Series[object]) -> str:
    """Return what a mark says when it is pointed at."""
    digits = digits_for([real(row["low"]), real(row["high"])])
    shown = in_words(real(row["value"]), real(row["low"]), real(row["high"]), digits=digits)
    lines = [safe(row["label"]), f"{shown} {safe(row['unit'])}"]
    lines.append(t("treats {share}", share=share_words(real(row["share"]))))
    if math.isfinite(real(row["cost"])):
        lines.append(t("costs {cost} per 1,000 units", cost=money_words(real(row["cost"]))))
    if math.isfinite(real(row["ess"])):
        lines.append(t("effective sample size {n}", n=number(real(row["ess"]))))
    return "<br>".join(lines)


def faint(colour: str, opacity: float) -> str:
    """Return a colour that lets through what lies below.

    Examples
    --------
    >>> faint("#1DA86C", 0.2)
    'rgba(29,168,108,0.2)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def no_answer_words(frame: pd.DataFrame) -> str:
    """Return the sentence that takes the numbers back where a check failed."""
    return t(" These numbers are not an answer.") if "failed" in set(frame["state"]) else ""


def numbers_of(row: pd.Series[object], digits: int) -> str:
    """Return a row's value with its interval, where it is not known for sure."""
    if row["low"] == row["high"]:
        return number(real(row["value"]), digits=digits, signed=True)
    return in_words(real(row["value"]), real(row["low"]), real(row["high"]), digits=digits)


def share_words(share: float) -> str:
    """Return a share in whole percent."""
    return percent(share, digits=0)


def money_words(value: float) -> str:
    """Return an amount of money, with cents only where they matter."""
    return number(value, digits=0 if abs(value) >= 10 or value == round(value) else 2)  # noqa: PLR2004


def real(value: object) -> float:
    """Return a cell as a number, NaN where it is none."""
    return float(value) if isinstance(value, float | int) else math.nan
