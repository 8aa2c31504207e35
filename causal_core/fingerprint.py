"""What makes two things the same. Takes values, gives a sha256; no times, no paths."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

import numpy as np

FORMAT_VERSION = 1


def canonical(value: object) -> object:
    """Return `value` as plain JSON: sorted sets, enums by value, arrays by their own digest.

    Raises
    ------
    TypeError
        If a value of another kind is met: nothing is ever named by its memory address.
    """
    if isinstance(value, np.ndarray):
        return array_digest(value)
    if is_dataclass(value):
        return {field.name: canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in sorted(value.items(), key=_by_name)}
    if isinstance(value, set | frozenset):
        return sorted((canonical(item) for item in value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> str | int | float | bool | dict[str, str] | None:
    if isinstance(value, Enum):
        return _scalar(value.value)
    if isinstance(value, np.generic):
        return _scalar(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _by_name(item: tuple[object, object]) -> str:
    return str(item[0])


def array_digest(values: np.ndarray) -> str:
    """Return the sha256 of an array's kind, shape and values (little-endian, C order).

    Raises
    ------
    TypeError
        If it holds Python objects, whose bytes are memory addresses.
    """
    if values.dtype.hasobject:
        raise TypeError("an array of objects has no canonical form")
    ordered = np.ascontiguousarray(values)
    if ordered.dtype.byteorder == ">":
        ordered = ordered.astype(ordered.dtype.newbyteorder("<"))
    head = f"{ordered.dtype.str}{ordered.shape}".encode()
    return hashlib.sha256(head + ordered.tobytes()).hexdigest()


def fingerprint(kind: str, **parts: object) -> str:
    """Return the sha256 of the canonical JSON of a kind of thing and what it is made of.

    Examples
    --------
    >>> fingerprint("question", treatment="banner")[:8] == fingerprint(
    ...     "question", treatment="banner")[:8]
    True
    >>> fingerprint("question", treatment="banner") == fingerprint("graph", treatment="banner")
    False
    """
    whole = {"kind": kind, "format": FORMAT_VERSION, "parts": canonical(parts)}
    text = json.dumps(whole, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def short(digest: str) -> str:
    """Return the first ten digits: what a person is shown."""
    return digest[:10]
