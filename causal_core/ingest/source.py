"""The front door: any file in, UTF-8 text in a folder of ours out, or a refusal in a sentence.

The file is read once, in blocks, into a snapshot with a name of ours; a file that grows while it
is read, and a file whose name is SQL, a glob or a path, are harmless from here on.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from causal_core.errors import ExpandsTooMuchError, FileMissingError, UnreadableFileError
from causal_core.ingest.encoding import byte_order, decide
from causal_core.ingest.refusal import refuse_content, refuse_nul
from causal_core.language import number, t
from causal_core.progress import Progress, silent

BLOCK = 4 << 20
HEAD = 1 << 20
LARGEST = 16 << 30  # bytes of text that one file may hold, unpacked
_GZIP = b"\x1f\x8b"
_EXPANSION = 200  # real logs shrink 5 to 50 times under gzip
_EXPANSION_FROM = 8 << 20


@dataclass(frozen=True, kw_only=True)
class Text:
    """A snapshot as UTF-8: where it lies, what it was, and counts that tell how to read it."""

    path: Path
    encoding: str
    flags: tuple[str, ...]
    head: str
    whole: bool  # whether `head` is the whole text
    newlines: int
    carriage_returns: int
    windows_ends: int
    quotes: int
    ends_open: bool  # no line end after the last line


@dataclass
class _Counts:
    """What one pass over bytes counted; UTF-8 and its marks can be counted without decoding."""

    newlines: int = 0
    carriage_returns: int = 0
    windows_ends: int = 0
    quotes: int = 0
    last: bytes = b""

    def add(self, block: bytes) -> None:
        self.newlines += block.count(b"\n")
        self.carriage_returns += block.count(b"\r")
        self.windows_ends += block.count(b"\r\n")
        self.windows_ends += self.last == b"\r" and block[:1] == b"\n"
        self.quotes += block.count(b'"')
        self.last = block[-1:]


def is_parquet(path: Path) -> bool:
    """Return whether a file's first bytes are Parquet's."""
    with _opened(path) as stream:
        return stream.read(4) == b"PAR1"


def take(
    path: Path, folder: Path, *, name: str, encoding: str | None = None, progress: Progress = silent
) -> Text:
    """Return a UTF-8 snapshot of `path` in `folder`.

    Raises
    ------
    FileMissingError, UnreadableFileError
        If there is no such file, or if it is no text (a spreadsheet, an archive, JSON, HTML,
        NUL bytes, nothing at all) or unpacks to far too much.
    """
    raw = folder / "raw.txt"
    valid, strange = _snapshot(path, raw, name=name, progress=progress)
    if valid and encoding is None:
        return _measured(raw, encoding=valid, flags=(), name=name)
    chosen, errors, flags = decide(strange, raw, stated=encoding, name=name)
    text = folder / "text.txt"
    _transcode(raw, text, chosen, errors, name=name)
    raw.unlink()
    return _measured(text, encoding=chosen, flags=flags, name=name)


def _snapshot(path: Path, target: Path, *, name: str, progress: Progress) -> tuple[str, bytes]:
    """Copy the (unpacked) bytes; return the name of a valid UTF-8, and bytes around others."""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    strange = bytearray()
    encoding = "utf-8"
    size = max(path.stat().st_size, 1) if path.exists() else 1
    copied = 0
    with contextlib.ExitStack() as files:
        blocks = _blocks(files.enter_context(_opened(path)), name)
        out = files.enter_context(target.open("wb"))
        for place, block in enumerate(blocks):
            if place == 0:
                refuse_content(block, name)
                if byte_order(block):
                    decoder = None
                if block.startswith(codecs.BOM_UTF8):
                    encoding, block = "utf-8-sig", block[3:]
            decoder = _checked(decoder, block, strange)
            out.write(block)
            copied += len(block)
            progress(min(copied / size, 1.0), t("Reading {name}", name=name))
    return encoding if decoder is not None and _ends_well(decoder) else "", bytes(strange)


def _checked(
    decoder: codecs.IncrementalDecoder | None, block: bytes, strange: bytearray
) -> codecs.IncrementalDecoder | None:
    """Go on checking UTF-8; after the first fault, collect lines that are not plain ASCII."""
    if decoder is not None:
        try:
            if not (block.isascii() and decoder.getstate()[0] == b""):
                decoder.decode(block)
            return decoder
        except UnicodeDecodeError:
            pass
    if len(strange) < HEAD:
        lines = (line for line in block.split(b"\n") if not line.isascii())
        for line in lines:
            strange += line[:4096] + b"\n"
            if len(strange) > HEAD:
                break
    return None


def _ends_well(decoder: codecs.IncrementalDecoder) -> bool:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _opened(path: Path) -> IO[bytes]:
    if path.is_dir():
        _refuse(path.name, t("it is a folder."), t("Name a file in it."))
    if path.exists() and not path.is_file():
        _refuse(path.name, t("it is a device, not a file."), t("Choose another file."))
    try:
        return path.open("rb")
    except PermissionError:
        _refuse(path.name, t("it may not be read."), t("Ask for the right to read it."))
    except (OSError, ValueError):
        raise FileMissingError(name=path.name) from None


def _refuse(name: str, reason: str, remedy: str) -> NoReturn:
    raise UnreadableFileError(name=name, reason=reason, help=remedy)


def _blocks(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked if it is gzip, within the limits."""
    packed = stream.read(2) == _GZIP
    stream.seek(0)
    source = gzip.GzipFile(fileobj=stream) if packed else stream
    total = 0
    try:
        while block := source.read(BLOCK):
            total += len(block)
            if packed:
                _limit_expansion(total, stream.tell(), name)
            if total > LARGEST:
                _too_much(name, total, stream.tell())
            yield block
    except (EOFError, gzip.BadGzipFile, zlib.error):
        reason = t("its compressed content is damaged or cut off.")
        raise UnreadableFileError(
            name=name, reason=reason, help=t("Copy the file again, completely.")
        ) from None


def _limit_expansion(total: int, packed: int, name: str) -> None:
    if total > _EXPANSION_FROM and total > _EXPANSION * packed:
        _too_much(name, total, packed)


def _too_much(name: str, total: int, packed: int) -> NoReturn:
    reason = t(
        "{packed} bytes unpack to more than {total} bytes, where reading stopped.",
        packed=number(packed),
        total=number(total),
    )
    raise ExpandsTooMuchError(
        name=name, reason=reason, help=t("Unpack it yourself and give the part that you need.")
    )


def _transcode(raw: Path, target: Path, encoding: str, errors: str, *, name: str) -> None:
    """Rewrite a snapshot as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    try:
        with raw.open("rb") as source, target.open("wb") as out:
            while block := source.read(BLOCK):
                text = decoder.decode(block)
                if source.tell() <= BLOCK:
                    text = text.removeprefix("\ufeff")
                out.write(text.encode("utf-8", "replace"))
            out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    except UnicodeDecodeError as error:
        reason = t("its bytes are not {encoding}: {why}.", encoding=encoding, why=error.reason)
        _refuse(name, reason, t("Leave the encoding out, or state the right one."))


def _measured(path: Path, *, encoding: str, flags: tuple[str, ...], name: str) -> Text:
    counts = _Counts()
    head = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            head = head or block[:HEAD]
            if b"\0" in block:
                refuse_nul(block, name, lines_before=counts.newlines)
            counts.add(block)
    size = path.stat().st_size
    return Text(
        path=path,
        encoding=encoding,
        flags=flags,
        head=head.decode("utf-8", "ignore"),
        whole=size <= HEAD,
        newlines=counts.newlines,
        carriage_returns=counts.carriage_returns,
        windows_ends=counts.windows_ends,
        quotes=counts.quotes,
        ends_open=counts.last not in (b"\n", b"\r", b""),
    )
