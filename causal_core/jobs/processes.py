"""Processes of the operating system: who is who, alive or gone, started and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import causal_core

COMMAND: tuple[str, ...] = (sys.executable, "-m", "causal_core.worker")
_PATIENCE_SECONDS = 0.7
_KILL_SECONDS = 1.0
_POLL_SECONDS = 0.02
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
_children: dict[int, subprocess.Popen[bytes]] = {}
_children_lock = threading.Lock()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def this_host() -> str:
    """Return what tells apart machines, boots and containers: only here a process id is known."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def start_of(pid: int) -> str:
    """Return when a process started, in the system's own words; empty if it is gone.

    A process id is used again; the pair of id and start is not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _start_from_ps(pid)
    except ProcessLookupError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in ("Z", "X") else rest[18]


def _start_from_ps(pid: int) -> str:
    """Ask ``ps`` where there is no ``/proc``."""
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = found.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()


def is_alive(pid: int, started_as: str) -> bool:
    """Return whether the very process that had this id then still runs."""
    reap()
    start = start_of(pid)
    return bool(start) and start == started_as


def spawn(folder: Path, *, threads: int) -> tuple[int, str]:
    """Start a worker for a job's folder in a session of its own; return its id and start."""
    root = str(Path(causal_core.__file__).parents[1])
    environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, str(threads))}
    environment["PYTHONPATH"] = os.pathsep.join(_paths(root, os.environ))
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(
            [*COMMAND, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    with _children_lock:
        _children[child.pid] = child
    return child.pid, start_of(child.pid)


def _paths(root: str, environment: Mapping[str, str]) -> list[str]:
    there = environment.get("PYTHONPATH", "").split(os.pathsep)
    return [root, *(path for path in there if path and path != root)]


def reap() -> None:
    """Let go of our own children that have ended, so that none stays as a zombie."""
    with _children_lock:
        ended = [pid for pid, child in _children.items() if child.poll() is not None]
        for pid in ended:
            del _children[pid]


def end(pid: int, started_as: str) -> None:
    """End a worker and all that it started: politely, then for sure; return when it is gone."""
    if is_alive(pid, started_as):
        _signal_group(pid, signal.SIGTERM)
        if not _gone_within(_PATIENCE_SECONDS, pid, started_as):
            _signal_group(pid, signal.SIGKILL)
            _gone_within(_KILL_SECONDS, pid, started_as)
    if not start_of(pid):  # its own children may outlive it; a stranger with its id is left alone
        _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> None:
    """Signal the group that `pid` leads or led: its number is not reused while members live."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _gone_within(seconds: float, pid: int, started_as: str) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid, started_as):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
