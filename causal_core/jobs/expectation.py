"""How long a step will take and how much memory: measured once, then set right by this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal_core.store import Store


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What a step is expected to take, from its start to its result."""

    seconds: float
    megabytes: float


def expected(
    store: Store,
    step: str,
    *,
    units: int,
    outcomes: int = 1,
    settings: Mapping[str, object] | None = None,
) -> Expectation:
    """Return what a step is expected to take."""
    thousands = units / 1000
    return Expectation(seconds=8 + 0.5 * thousands * outcomes, megabytes=700 + 2 * thousands)
