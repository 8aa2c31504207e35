"""How a step tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the share done in [0, 1] and a short message; may raise `CancelledError`."""

    def __call__(self, fraction: float, message: str = "", /) -> None:
        """Tell that `fraction` of the work is done."""
        ...


def silent(fraction: float, message: str = "", /) -> None:
    """Listen to nobody: the default in a notebook."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a listener for the stretch from `start` to `end` of a longer work.

    Examples
    --------
    >>> part(lambda fraction, message: print(fraction, message), 0.5, 1.0)(0.5, "half of the rest")
    0.75 half of the rest
    """

    def scaled(fraction: float, message: str = "", /) -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0), message)

    return scaled
