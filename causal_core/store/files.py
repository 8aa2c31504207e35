"""Files that are whole or absent: temporary name, fsync, rename. Owns the store's folder."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from causal_core.errors import StorageError
from causal_core.language import t

_BLOCK = 1 << 20
_HOUR = 3600.0
_PARTS = ("artifacts", "uploads", "jobs", "tmp")


def home() -> Path:
    """Return the folder of the store: ``CAUSAL_HOME``, or one in the user's own folder."""
    chosen = os.environ.get("CAUSAL_HOME")
    return Path(chosen).expanduser() if chosen else Path.home() / ".causal-workbench"


def prepare(folder: Path) -> None:
    """Make the folders of a store, readable by their owner only.

    Raises
    ------
    StorageError
    """
    with refused(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in _PARTS:
            (folder / part).mkdir(mode=0o700, exist_ok=True)


@contextmanager
def refused(folder: Path) -> Iterator[None]:
    """Tell a write that disk or database refused as a `StorageError`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageError(reason=reason, folder=str(folder)) from error
    except sqlite3.OperationalError as error:
        reason = t("another program keeps it locked") if "locked" in str(error) else str(error)
        raise StorageError(reason=reason, folder=str(folder)) from error


def write(path: Path, content: bytes) -> None:
    """Write a file that is either the old one or all of the new one, also after a crash."""
    write_by(path, lambda temporary: temporary.write_bytes(content))


def write_by(path: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` write a file that is either the old one or all of the new one."""
    temporary = _temporary(path.parent)
    try:
        fill(temporary)
        _settle(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_by_content(
    fill: Callable[[Path], None], place: Callable[[str], Path], *, scratch: Path
) -> tuple[str, Path, int]:
    """Let `fill` write a file, then move it to the `place` of its sha256.

    Returns
    -------
    tuple
        Sha256, final path and size in bytes. A whole file that is already there is kept.
    """
    temporary = _temporary(scratch)
    try:
        fill(temporary)
        digest, size = sha256_of(temporary), temporary.stat().st_size
        path = place(digest)
        if not is_whole(path, digest, size):
            if not path.parent.exists():
                path.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(path.parent.parent)
            _settle(temporary, path)
        return digest, path, size
    finally:
        temporary.unlink(missing_ok=True)


def copy_stream(source: BinaryIO, target: Path) -> None:
    """Copy what is left of a stream into a file, block by block."""
    with target.open("wb") as out:
        while block := source.read(_BLOCK):
            out.write(block)


def is_whole(path: Path, digest: str, size: int) -> bool:
    """Return whether the file is there with the content that `digest` promises."""
    try:
        return path.stat().st_size == size and sha256_of(path) == digest
    except FileNotFoundError:
        return False


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_old(folder: Path) -> None:
    """Remove temporary files that a crash left behind more than an hour ago."""
    before = time.time() - _HOUR
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()


def _temporary(folder: Path) -> Path:
    return folder / f".{secrets.token_hex(8)}.part"


def _settle(temporary: Path, path: Path) -> None:
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
