"""Whom a rule treats, in words: takes segments and a choice, gives shares by category."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from causal_core.features import Segment
from causal_core.results import TreatedSegment

Array = np.ndarray

MOST_COLUMNS = 3
CROSSED = " × "  # between the names of two columns that are cut together


def treated_segments(
    segments: Iterable[Segment], chosen: Array, today: Array
) -> tuple[TreatedSegment, ...]:
    """Return whom the rule treats by the columns that tell most, those first.

    Parameters
    ----------
    segments
        Of the compared units, as `features.segments_of` cuts them.
    chosen, today
        Who would be treated and who is, ``(n,)`` of bool.

    Notes
    -----
    A column tells much if the treated share differs between its segments: the variance of that
    share over the units. Of two columns cut together and one of them, the more telling stays.
    """
    by_column: dict[str, list[TreatedSegment]] = {}
    for segment in segments:
        part = TreatedSegment(
            column=segment.column,
            segment=segment.words,
            n_units=len(segment.rows),
            share_treated=float(chosen[segment.rows].mean()),
            share_today=float(today[segment.rows].mean()),
        )
        by_column.setdefault(segment.column, []).append(part)
    share = float(chosen.mean())
    told = {
        column: sum(part.n_units * (part.share_treated - share) ** 2 for part in parts)
        for column, parts in by_column.items()
        if len(parts) > 1
    }
    best = sorted((column for column in told if told[column] > 0), key=lambda name: -told[name])
    return tuple(part for column in _apart(best)[:MOST_COLUMNS] for part in by_column[column])


def _apart(columns: Iterable[str]) -> list[str]:
    """Return the columns without those that tell again what a crossed one before has told."""
    kept: list[str] = []
    for column in columns:
        own = set(column.split(CROSSED))
        if not any(own & set(other.split(CROSSED)) for other in kept):
            kept.append(column)
    return kept
