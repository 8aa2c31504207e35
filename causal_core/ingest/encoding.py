"""Which encoding a file that is not UTF-8 is written in. Takes its unusual lines, gives a name."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from causal_core.errors import UnreadableFileError
from causal_core.language import t
from causal_core.remarks import flag

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_IMPLAUSIBLE = frozenset(b"\x81\x8d\x8f\x90\x9d\xfe\xff")  # no cp1252 letter, or hardly ever one
_GB_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")

Decision = tuple[str, str, tuple[str, ...]]  # encoding, how to treat faults, flags


def byte_order(head: bytes) -> str:
    """Return the UTF-16 or UTF-32 that the first bytes show, or nothing.

    Without a mark, UTF-16 shows itself by zeros in every second byte.

    Examples
    --------
    >>> byte_order("user,item".encode("utf-16-le")), byte_order(b"user,item")
    ('utf-16-le', '')
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[:2000]
    pairs = len(sample) // 2
    if pairs >= 4:
        if sample[1::2].count(0) > 0.4 * pairs and sample[0::2].count(0) == 0:
            return "utf-16-le"
        if sample[0::2].count(0) > 0.4 * pairs and sample[1::2].count(0) == 0:
            return "utf-16-be"
    return ""


def decide(strange: bytes, raw: Path, *, stated: str | None, name: str) -> Decision:
    """Return the encoding of a file that is not valid UTF-8, or the stated one."""
    if stated is not None:
        return stated, "strict", ()
    with raw.open("rb") as stream:
        order = byte_order(stream.read(4096))
    if order:
        return order, "replace", ()
    runs = _HIGH_RUN.findall(strange)
    faults, letters = _utf8_faults(strange)
    if faults * 20 <= letters:
        return "utf-8", "replace", ("bad_bytes",)
    chinese = _chinese(strange, raw)
    if chinese:
        return chinese, "strict", ()
    odd = sum(byte in _IMPLAUSIBLE for run in runs for byte in run)
    if odd == 0:
        flags = () if _looks_western(runs) else (flag("encoding_guessed", "cp1252"),)
        return "cp1252", "replace", flags
    if faults <= 0.01 * raw.stat().st_size:
        return "utf-8", "replace", ("bad_bytes",)
    reason = t("its bytes are no text in UTF-8, UTF-16, GB18030 or Windows-1252.")
    remedy = t("State its encoding, or save it as UTF-8.")
    raise UnreadableFileError(name=name, reason=reason, help=remedy)


def _utf8_faults(sample: bytes) -> tuple[int, int]:
    """Return how many faults and how many good characters beyond ASCII UTF-8 would find."""
    text = sample.decode("utf-8", "replace")
    faults = text.count("\ufffd")
    beyond = sum(not char.isascii() for char in text)
    return faults, beyond - faults


def _chinese(sample: bytes, raw: Path) -> str:
    """Return gbk or gb18030 if nearly all unusual bytes are pairs of the common characters."""
    high = sum(len(run) for run in _HIGH_RUN.findall(sample))
    common = 2 * sum(len(_GB_PAIR.findall(run)) for run in _HIGH_RUN.findall(sample))
    if not high or common < 0.8 * high:
        return ""
    for encoding in ("gbk", "gb18030"):
        if _decodes(raw, encoding):
            return encoding
    return ""


def _decodes(raw: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with raw.open("rb") as stream:
            while block := stream.read(1 << 22):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_western(runs: list[bytes]) -> bool:
    """Accents stand alone or in twos among plain letters; signs such as € are short too."""
    short = sum(len(run) <= 2 for run in runs)
    return bool(runs) and short >= 0.9 * len(runs)
