"""What is no table, told from the first bytes. Gives nothing, or raises a sentence."""

from __future__ import annotations

import json
from typing import NoReturn

from causal_core.errors import EmptyFileError, NotCsvError, NotTextError
from causal_core.ingest.encoding import byte_order
from causal_core.language import mark, number, t

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", mark("it is a zip archive or an Excel workbook.")),
    (b"PK\x05\x06", mark("it is an empty zip archive.")),
    (b"\xd0\xcf\x11\xe0", mark("it is an old Excel workbook.")),
    (b"%PDF", mark("it is a PDF.")),
    (b"SQLite format 3\x00", mark("it is an SQLite database.")),
    (b"BZh", mark("it is compressed with bzip2.")),
    (b"\xfd7zXZ\x00", mark("it is compressed with xz.")),
    (b"7z\xbc\xaf\x27\x1c", mark("it is a 7z archive.")),
    (b"Rar!", mark("it is a RAR archive.")),
    (b"\x28\xb5\x2f\xfd", mark("it is compressed with zstd.")),
    (b"\x1f\x8b", mark("it is compressed twice.")),
    (b"\x89PNG", mark("it is a picture.")),
    (b"\xff\xd8\xff", mark("it is a picture.")),
    (b"GIF8", mark("it is a picture.")),
    (b"\x89HDF", mark("it is an HDF5 file.")),
    (b"ORC", mark("it is an ORC file.")),
    (b"Obj\x01", mark("it is an Avro file.")),
    (b"PAR1", mark("it is a compressed Parquet file.")),
    (b"\x7fELF", mark("it is a program.")),
)
_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "<head", "<body", "<div", "<svg")


def refuse_content(head: bytes, name: str) -> None:
    """Raise if the first bytes are those of another kind of file, or of markup or JSON."""
    for magic, reason in _MAGIC:
        if head.startswith(magic) and not (magic == b"ORC" and head[:200].isascii()):
            remedy = t("Save it as CSV (UTF-8) or Parquet and give that.")
            raise NotTextError(name=name, reason=t(reason), help=remedy)
    text = head[: 64 << 10].decode(byte_order(head) or "utf-8", "replace")
    text = text.removeprefix("\ufeff").lstrip()
    if text[:200].lower().startswith(_MARKUP):
        _not_csv(name, t("it is HTML or XML."))
    if text[:1] in ("{", "[") and _is_json(text):
        _not_csv(name, t("it is JSON."))


def refuse_nul(block: bytes, name: str, *, lines_before: int) -> NoReturn:
    """Raise because of a NUL byte: no text has one."""
    line = lines_before + block[: block.index(b"\0")].count(b"\n") + 1
    reason = t("it has NUL bytes (the first in line {line}), so it is no text.", line=number(line))
    raise NotTextError(name=name, reason=reason, help=t("Save it as CSV (UTF-8) or Parquet."))


def refuse_empty(name: str) -> NoReturn:
    """Raise because there is nothing in the file but blank lines."""
    raise EmptyFileError(name=name, reason=t("it is empty."), help=t("Choose another file."))


def _not_csv(name: str, reason: str) -> NoReturn:
    remedy = t("Export it as CSV: one line per row, columns apart by a comma or a tab.")
    raise NotCsvError(name=name, reason=reason, help=remedy)


def _is_json(text: str) -> bool:
    """Tell a whole document, one object per line, or the beginning of a long one."""
    first = text.splitlines()[0].strip()
    if first in ("{", "[", "[{", "{}", "[]") or first.startswith(('{"', '[{"', "[[")):
        return True
    try:
        return isinstance(json.loads(first), dict | list)
    except ValueError:
        return False
