"""Values as content-addressed files: written once, checked whenever they are read."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from pathlib import Path

from causal_core.errors import DamagedArtifactError
from causal_core.fingerprint import short
from causal_core.language import t
from causal_core.store import codec
from causal_core.store.codec import SUFFIXES, ArtifactRef
from causal_core.store.files import refused, sha256_of, write_by_content

_REMEMBERED_BYTES = 200_000_000


class Artifacts:
    """The artifact files of one store. Remembers what it read lately, for this handle only."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._read: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._refs: dict[int, tuple[weakref.ref[object], ArtifactRef]] = {}

    def put(self, value: object) -> ArtifactRef:
        """Store a value unless it is stored already, and return where.

        Raises
        ------
        StorageError
            If the disk refuses; nothing is left behind.
        """
        known = self._known(value)
        if known is not None and self.path(known).exists():
            return known
        kind = codec.kind_of(value)
        with refused(self._home):
            digest, _, size = write_by_content(
                lambda path: codec.write_value(value, path),
                lambda digest: self._place(digest, codec.suffix_of(kind)),
                scratch=self._home / "tmp",
            )
        ref = ArtifactRef(hash=digest, kind=kind, bytes=size)
        self._remember_ref(value, ref)
        return ref

    def get(self, wanted: ArtifactRef | str, fingerprint: str = "") -> object:
        """Return a stored value, checked against its hash.

        A `fingerprint` that was stored with it is taken over: of a million rows it takes seconds,
        and the hash has just shown that the content is the same.

        Raises
        ------
        DamagedArtifactError
            If the file is missing, was changed, or has another form.
        NewerFormatError
        """
        digest = wanted if isinstance(wanted, str) else wanted.hash
        with self._lock:
            if digest in self._read:
                self._read.move_to_end(digest)
                return self._read[digest][0]
        path = self._find(wanted)
        self._require_whole(path, digest)
        value = codec.read_value(path, digest)
        if fingerprint and hasattr(type(value), "fingerprint"):
            vars(value)["fingerprint"] = fingerprint  # where the cached property keeps it
        size = path.stat().st_size
        self._remember(digest, value, size)
        self._remember_ref(value, ArtifactRef(hash=digest, kind=codec.kind_of(value), bytes=size))
        return value

    def path(self, ref: ArtifactRef) -> Path:
        """Return where the file of a value lies."""
        return self._place(ref.hash, codec.suffix_of(ref.kind))

    def whole(self, ref: ArtifactRef) -> Path:
        """Return where the file of a value lies, its content checked.

        Raises
        ------
        DamagedArtifactError
        """
        path = self.path(ref)
        self._require_whole(path, ref.hash)
        return path

    def forget(self) -> None:
        """Forget what was read lately."""
        with self._lock:
            self._read.clear()

    def _place(self, digest: str, suffix: str) -> Path:
        return self._home / "artifacts" / digest[:2] / f"{digest}{suffix}"

    def _find(self, wanted: ArtifactRef | str) -> Path:
        if isinstance(wanted, ArtifactRef):
            return self.path(wanted)
        places = [self._place(wanted, suffix) for suffix in SUFFIXES]
        return next((path for path in places if path.exists()), places[0])

    def _require_whole(self, path: Path, digest: str) -> None:
        try:
            whole = sha256_of(path) == digest
            reason = t("its content is not what its name promises.")
        except FileNotFoundError:
            whole, reason = False, t("its file is missing.")
        if not whole:
            kind = {".parquet": "table", ".safetensors": "model"}.get(path.suffix, "result")
            raise DamagedArtifactError(kind=kind, artifact=short(digest), reason=reason)

    def _remember(self, digest: str, value: object, size: int) -> None:
        with self._lock:
            self._read[digest] = (value, size)
            while sum(held for _, held in self._read.values()) > _REMEMBERED_BYTES:
                self._read.popitem(last=False)

    def _known(self, value: object) -> ArtifactRef | None:
        with self._lock:
            held = self._refs.get(id(value))
        return held[1] if held is not None and held[0]() is value else None

    def _remember_ref(self, value: object, ref: ArtifactRef) -> None:
        """Remember where this very object lies (nouns are frozen): it is written once."""
        key = id(value)

        def forget(_: object) -> None:
            self._refs.pop(key, None)

        with self._lock:
            self._refs[key] = (weakref.ref(value, forget), ref)
