"""How a running job tells that it lives and how far it is: one small file, replaced whole."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_EVERY_SECONDS = 0.5
_LEAST_FRACTION = 0.02
_LEAST_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Beat:
    """The last sign of life: how far, and when by two clocks.

    `steady` does not run while the machine sleeps and is the same for all its processes; `wall`
    can be compared between machines.
    """

    fraction: float = 0.0
    message: str = ""
    remaining_seconds: float | None = None
    steady: float = 0.0
    wall: float = 0.0


def read_beat(folder: Path) -> Beat | None:
    """Return the last sign of life, or None before the first."""
    try:
        return Beat(**json.loads((folder / "heartbeat.json").read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


class Pace:
    """How long the rest will take, by the pace of the later half of the work so far."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, float]] = []

    def note(self, fraction: float, now: float) -> None:
        """Take note of how far the work is."""
        if not self._seen or fraction > self._seen[-1][1]:
            self._seen.append((now, fraction))
        if len(self._seen) > 2_000:  # noqa: PLR2004 - thin out, keep the shape
            self._seen = self._seen[::2]

    def remaining(self, now: float) -> float | None:
        """Return the seconds left, or None while nobody can tell; it grows while work stalls.

        Examples
        --------
        >>> pace = Pace()
        >>> for second in range(11):
        ...     pace.note(second / 20, float(second))
        >>> pace.remaining(10.0)
        10.0
        """
        if not self._seen:
            return None
        (start, first), (_, fraction) = self._seen[0], self._seen[-1]
        if now - start < _LEAST_SECONDS or fraction - first < _LEAST_FRACTION:
            return None
        middle = start + (now - start) / 2
        early = [(at, share) for at, share in self._seen[:-1] if at <= middle]
        since, done = early[-1] if early else (start, first)
        return round((now - since) * (1 - fraction) / (fraction - done), 1)


class Pulse:
    """Writes the heartbeat of this process twice a second, from a thread of its own.

    A disk that is full stops no work: the file's time is renewed where its content cannot be.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "heartbeat.json"
        self._fraction, self._message = 0.0, ""
        self._pace = Pace()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Pulse:
        self._beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._beat()

    def progress(self, fraction: float, message: str = "", /) -> None:
        """Take note of how far the step is: this is the `Progress` that steps are given."""
        self._fraction = min(max(fraction, self._fraction), 1.0)
        self._message = message or self._message
        self._pace.note(self._fraction, time.monotonic())

    @property
    def message(self) -> str:
        """The last message of the step."""
        return self._message

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            self._beat()

    def _beat(self) -> None:
        now = time.monotonic()
        beat = Beat(
            fraction=self._fraction,
            message=self._message,
            remaining_seconds=self._pace.remaining(now),
            steady=now,
            wall=time.time(),
        )
        temporary = self._path.with_suffix(".part")
        with suppress(OSError):
            temporary.write_text(json.dumps(asdict(beat)), "utf-8")
            temporary.replace(self._path)
            return
        with suppress(OSError):
            os.utime(self._path)
