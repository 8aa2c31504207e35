"""A project as one file to take along: a zip with a manifest, and each result named by content."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

import causal_core
from causal_core.analysis import Analysis
from causal_core.errors import ArchiveError, FileMissingError, NewerFormatError
from causal_core.language import t
from causal_core.store import codec
from causal_core.store.codec import ArtifactRef
from causal_core.store.records import ANALYSIS_SLOTS
from causal_core.store.slots import Entry, rests

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST = 1_000_000_000  # bytes of one file inside
LARGEST_WHOLE = 2_000_000_000
LARGEST_PACKED = 10_000_000  # what is larger lies in the zip as it is, so nothing can explode
MOST_CELLS = 500_000_000  # of a table: a few bytes of Parquet may unfold into any number
_LARGEST_MANIFEST = 1_000_000
_MOST_FILES = 64
_LONGEST_NAME = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")
SLOTS = (*ANALYSIS_SLOTS, *(kind for kind in codec.KINDS if kind not in ANALYSIS_SLOTS))
_TIME = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes, whenever it is packed
_BROKEN = (
    KeyError, ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A project in a file, checked when it is opened; values are read when they are asked for.

    Needs no store and changes nothing. Each value is read once.
    """

    name: str
    seed: int
    kind: str
    note: str
    settings: Mapping[str, object]
    entries: Mapping[str, Entry]
    source: Path | BinaryIO = field(repr=False)
    _read: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that it fills, in the order of the chain."""
        return tuple(slot for slot in SLOTS if slot in self.entries)

    def get(self, slot: str) -> object | None:
        """Return what stands in a slot, or None.

        Raises
        ------
        ArchiveError
            If the file has another content than the manifest says.
        DamagedArtifactError, NewerFormatError
        """
        if slot not in self.entries:
            return None
        if slot not in self._read:
            self._read[slot] = self._value(self.entries[slot])
        return self._read[slot]

    def part(self, *slots: str) -> Analysis:
        """Return an analysis with only these results."""
        wanted = [name for name in ANALYSIS_SLOTS if name in slots and name in self.entries]
        return Analysis(**{name: self.get(name) for name in wanted})  # type: ignore[arg-type]

    @property
    def analysis(self) -> Analysis:
        """All results of the chain."""
        return self.part(*self.entries)

    def _value(self, entry: Entry) -> object:
        name = file_name(entry.ref)
        with _opened(self.source) as archive:
            content = _content(archive, name, LARGEST, self.source)
        if hashlib.sha256(content).hexdigest() != entry.ref.hash:
            raise _refused(self.source, t("“{file}” was changed.", file=name))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            del content
            _require_fitting(path, self.source)
            try:
                value = codec.read_value(path, entry.ref.hash)
            except RecursionError as error:
                raise _refused(self.source, t("“{file}” is nested too deep.", file=name)) from error
        if codec.kind_of(value) != entry.ref.kind:
            raise _refused(self.source, t("“{file}” holds something else.", file=name))
        if dict(getattr(value, "basis", None) or {}) != dict(entry.basis):
            raise _refused(self.source, t("its results do not belong together."))
        if hasattr(type(value), "fingerprint"):
            vars(value)["fingerprint"] = entry.fingerprint  # where the cached property keeps it
        return value


def demo_archive() -> Path:
    """Return the file of the demo, which comes with the program."""
    return Path(causal_core.__file__).parent / "demo" / "coupon-banner.zip"


def file_name(ref: ArtifactRef) -> str:
    """Return what a value's file is called inside an archive."""
    return f"{ref.hash}{codec.suffix_of(ref.kind)}"


# ---------------------------------------------------------------- packing


def pack(target: Path | BinaryIO, record: Mapping[str, object], files: Mapping[str, Path]) -> None:
    """Write manifest and files into a zip; the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        text = json.dumps(record, indent=1, sort_keys=True, allow_nan=False)
        _add(archive, MANIFEST, text.encode("ascii"))
        for name in sorted(files):
            _add(archive, name, files[name].read_bytes())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_TIME)
    info.create_system, info.external_attr = 3, 0o600 << 16
    packed = len(content) <= LARGEST_PACKED
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    archive.writestr(info, content, compresslevel=9 if packed else None)


def record_of(entries: Mapping[str, Entry], **about: object) -> dict[str, object]:
    """Return the manifest: what the project is called and holds, slot by slot."""
    held = {
        slot: {
            **asdict(entry.ref),
            "fingerprint": entry.fingerprint,
            "basis": dict(entry.basis),
        }
        for slot, entry in entries.items()
    }
    return {"format": FORMAT, **about, "slots": held}


# ---------------------------------------------------------------- opening


def read_archive(source: Path | BinaryIO) -> Archive:
    """Open a file that `Store.export_project` wrote, and check everything but the values.

    Only files that the manifest names are ever read, and only under names made of their hash.

    Raises
    ------
    FileMissingError
    ArchiveError
        If it is no such file, or was damaged; the reason says how.
    NewerFormatError
        If a newer program wrote it.
    """
    with _opened(source) as archive:
        _require_harmless(archive, source)
        text = _content(archive, MANIFEST, _LARGEST_MANIFEST, source)
        record = _record(text, source)
        archive_of_it = _archive(record, source)
        present = {info.filename for info in archive.infolist()}
    named = {file_name(entry.ref) for entry in archive_of_it.entries.values()}
    if present != named | {MANIFEST}:
        raise _refused(source, t("it does not hold the files that it lists."))
    return archive_of_it


def _opened(source: Path | BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except FileNotFoundError as error:
        raise FileMissingError(name=_called(source)) from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _refused(source, t("it is no zip file, or only a part of one.")) from error


def _require_harmless(archive: zipfile.ZipFile, source: Path | BinaryIO) -> None:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(infos) > _MOST_FILES or len(set(names)) < len(names):
        raise _refused(source, t("it does not hold the files that it lists."))
    if MANIFEST not in names:
        raise _refused(source, t("it has no manifest."))
    if any(info.flag_bits & 1 for info in infos):
        raise _refused(source, t("it is encrypted."))
    packed = [info for info in infos if info.compress_type != zipfile.ZIP_STORED]
    if any(info.compress_type != zipfile.ZIP_DEFLATED for info in packed):
        raise _refused(source, t("it is packed in a way that is not read here."))
    sizes = [info.file_size for info in infos]
    explodes = any(info.file_size > LARGEST_PACKED for info in packed)
    if explodes or max(sizes) > LARGEST or sum(sizes) > LARGEST_WHOLE:
        raise _refused(source, t("it is far larger inside than a project would be."))


def _content(archive: zipfile.ZipFile, name: str, most: int, source: Path | BinaryIO) -> bytes:
    """Return one file of a zip; what the zip claims of its size is not believed."""
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except _BROKEN as error:
        raise _refused(source, t("“{file}” cannot be unpacked.", file=name)) from error
    if len(content) > most:
        raise _refused(source, t("it is far larger inside than a project would be."))
    return content


def _record(text: bytes, source: Path | BinaryIO) -> Mapping[str, object]:
    try:
        record = json.loads(text, parse_constant=_no_number)
        version = record["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused(source, t("its manifest is damaged.")) from error
    if isinstance(version, int) and version > FORMAT:
        raise NewerFormatError(kind=t("project file"), format=version, known=FORMAT)
    if version != FORMAT or not isinstance(record, dict):
        raise _refused(source, t("its manifest is damaged."))
    return record


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def _archive(record: Mapping[str, object], source: Path | BinaryIO) -> Archive:
    try:
        name, seed, slots = record["name"], record["seed"], record["slots"]
        settings = record["settings"]
        fits = (
            _is_text(name) and 0 < len(str(name)) <= _LONGEST_NAME,
            _is_text(record["kind"]) and _is_text(record["note"]),
            isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**63,
            isinstance(settings, dict),
            isinstance(slots, dict) and set(slots) <= set(SLOTS),
        )
        if not all(fits):
            raise ValueError("a field has another form")
        entries = {slot: _entry(slot, item) for slot, item in slots.items()}  # type: ignore[attr-defined]
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(source, t("its manifest is damaged.")) from error
    if not all(rests(entry, entries) for entry in entries.values()):
        raise _refused(source, t("its results do not belong together."))
    return Archive(
        name=str(name),
        seed=int(seed),  # type: ignore[call-overload]
        kind=str(record["kind"]),
        note=str(record["note"]),
        settings=dict(settings),  # type: ignore[call-overload]
        entries=entries,
        source=source,
    )


def _is_text(value: object) -> bool:
    """Whether a value is text that can be stored: half of a surrogate pair cannot."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _entry(slot: str, item: Mapping[str, object]) -> Entry:
    digest, kind, version = item["hash"], item["kind"], item["format"]
    fingerprint, basis = item["fingerprint"], item["basis"]
    if kind != {"pilot": "effects"}.get(slot, slot) or not isinstance(basis, dict):
        raise ValueError("another kind than the slot's")
    digests = [digest, fingerprint, *basis.values()]
    if not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in digests):
        raise ValueError("no sha256")
    if not isinstance(version, int):
        raise ValueError("no version")
    if version > codec.FORMAT:
        raise NewerFormatError(kind=kind, format=version, known=codec.FORMAT)
    ref = ArtifactRef(hash=str(digest), kind=str(kind), format=version, bytes=_size(item))
    return Entry(slot=slot, fingerprint=str(fingerprint), ref=ref, basis=basis)


def _size(item: Mapping[str, object]) -> int:
    size = item["bytes"]
    if not isinstance(size, int) or not 0 <= size <= LARGEST:
        raise ValueError("no size")
    return size


def _require_fitting(path: Path, source: Path | BinaryIO) -> None:
    """Refuse a table whose few bytes would unfold into more cells than memory holds."""
    if path.suffix != ".parquet":
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        head = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return  # reading it says what is wrong
    if head.num_rows * max(head.num_columns, 1) > MOST_CELLS:
        raise _refused(source, t("it is far larger inside than a project would be."))


def _refused(source: Path | BinaryIO, reason: str) -> ArchiveError:
    return ArchiveError(name=_called(source), reason=reason)


def _called(source: Path | BinaryIO) -> str:
    name = source if isinstance(source, Path) else getattr(source, "name", "")
    return Path(str(name)).name or t("the file")
