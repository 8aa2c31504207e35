"""The nouns as bytes and back: JSON, Parquet for rows, safetensors for arrays; never pickle.

A value comes back equal, and with the same fingerprint: whole numbers stay whole, tuples stay
tuples, NaN stays NaN (though JSON has none).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import numpy as np

from causal_core.errors import DamagedArtifactError, NewerFormatError
from causal_core.fingerprint import short
from causal_core.graph import CausalGraph, GraphPattern, Knowledge
from causal_core.language import t
from causal_core.question import CausalQuestion, Estimand, Identification, Payoff
from causal_core.results import (
    Comparable,
    Effects,
    LabRuns,
    OutcomeModel,
    Overlap,
    Policies,
    Refutations,
    Report,
    Scenarios,
    Truth,
)
from causal_core.table import BehaviorTable

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT = 1
_HEADER = "causal_workbench"
_ARRAYS: dict[str, tuple[str, ...]] = {
    "model": ("predictions", "propensities", "folds", "in_contrast"),
    "policies": ("effects", "treated"),
}
_ARRAY_KINDS: dict[str, type] = {"model": OutcomeModel, "policies": Policies}
_WEIGHT = "weights/"
_JSON_KINDS: dict[str, type] = {
    "truth": Truth,
    "question": CausalQuestion,
    "knowledge": Knowledge,
    "pattern": GraphPattern,
    "graph": CausalGraph,
    "estimand": Estimand,
    "identification": Identification,
    "overlap": Overlap,
    "comparable": Comparable,
    "effects": Effects,
    "refutations": Refutations,
    "scenarios": Scenarios,
    "payoff": Payoff,
    "lab": LabRuns,
    "report": Report,
}
_KIND_OF = {noun: kind for kind, noun in (*_JSON_KINDS.items(), *_ARRAY_KINDS.items())}
KINDS = ("table", *_KIND_OF.values())
SUFFIXES = (".json", ".parquet", ".safetensors")


@dataclass(frozen=True, kw_only=True)
class ArtifactRef:
    """A stored value: the sha256 of its bytes, and what it is."""

    hash: str
    kind: str
    format: int = FORMAT
    bytes: int = 0


def kind_of(value: object) -> str:
    """Return the kind of a noun, e.g. ``"graph"``.

    Raises
    ------
    TypeError
        If it is none that can be stored.
    """
    if isinstance(value, BehaviorTable):
        return "table"
    if type(value) in _KIND_OF:
        return _KIND_OF[type(value)]
    raise TypeError(f"{type(value).__name__} is not a noun of the store")


def suffix_of(kind: str) -> str:
    """Return how the file name of a kind ends."""
    if kind in _ARRAY_KINDS:
        return ".safetensors"
    return ".parquet" if kind == "table" else ".json"


def write_value(value: object, path: Path) -> None:
    """Write one noun into a file; the same value gives the same bytes."""
    if isinstance(value, BehaviorTable):
        value.to_parquet(path)
    elif kind_of(value) in _ARRAY_KINDS:
        path.write_bytes(_array_bytes(value))
    else:
        record = {"format": FORMAT, "kind": kind_of(value), "value": _to_json(value)}
        path.write_bytes(_dumps(record))


def read_value(path: Path, digest: str) -> object:
    """Return the noun that `write_value` wrote; the caller has checked the hash.

    Raises
    ------
    NewerFormatError
        If a newer program wrote it.
    DamagedArtifactError
        If it is none of our files.
    """
    readers: dict[str, Callable[[Path], object]] = {
        ".parquet": _read_table,
        ".safetensors": _read_arrays,
        ".json": _read_json,
    }
    try:
        return readers[path.suffix](path)
    except (KeyError, TypeError, ValueError, ExceptionGroup) as error:
        reason = t("it does not have the documented form ({detail}).", detail=type(error).__name__)
        raise DamagedArtifactError(
            kind=path.suffix[1:], artifact=short(digest), reason=reason
        ) from error


# ---------------------------------------------------------------- Parquet and safetensors


def _read_table(path: Path) -> BehaviorTable:
    table = BehaviorTable.from_parquet(path)
    if table is None:
        raise ValueError("no schema of ours")
    return table


def _array_bytes(value: object) -> bytes:
    """Return a noun that holds arrays: these as they are, everything else in the header."""
    from safetensors.numpy import save

    kind = kind_of(value)
    noun, names = _ARRAY_KINDS[kind], _ARRAYS[kind]
    arrays = {name: getattr(value, name) for name in names}
    weights: Mapping[str, np.ndarray] = getattr(value, "weights", {})
    arrays |= {_WEIGHT + name: values for name, values in weights.items()}
    rest = {
        field.name: _to_json(getattr(value, field.name), _type_hints(noun)[field.name])
        for field in fields(noun)
        if field.name not in (*names, "weights")
    }
    header = {_HEADER: _dumps({"format": FORMAT, "kind": kind, "value": rest}).decode()}
    return bytes(save({name: _plain_array(values) for name, values in arrays.items()}, header))


def _plain_array(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        raise TypeError(f"an array of {values.dtype} cannot be stored")
    return np.ascontiguousarray(values).reshape(values.shape)


def _read_arrays(path: Path) -> object:
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        head = json.loads((file.metadata() or {})[_HEADER])
        _require_format(head)
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    noun, names = _ARRAY_KINDS[head["kind"]], _ARRAYS[head["kind"]]
    values: dict[str, Any] = {name: arrays.pop(name) for name in names}
    values |= {
        field.name: _from_json(head["value"][field.name], _type_hints(noun)[field.name])
        for field in fields(noun)
        if field.name in head["value"]
    }
    if noun is OutcomeModel:
        values["weights"] = {name.removeprefix(_WEIGHT): held for name, held in arrays.items()}
    return noun(**values)


# ---------------------------------------------------------------- JSON


def _read_json(path: Path) -> object:
    record = json.loads(path.read_bytes())
    _require_format(record)
    return _from_json(record["value"], _JSON_KINDS[record["kind"]])


def _require_format(record: Mapping[str, Any]) -> None:
    if record["format"] > FORMAT:
        raise NewerFormatError(kind=record["kind"], format=record["format"], known=FORMAT)


def _dumps(record: object) -> bytes:
    text = json.dumps(record, allow_nan=False, separators=(",", ":"))
    return text.encode("ascii")


def _to_json(value: object, kind: Any = None) -> object:
    return _converter().unstructure(value, unstructure_as=kind)


def _from_json(value: object, kind: Any) -> Any:
    return _converter().structure(value, kind)


@lru_cache(maxsize=8)
def _type_hints(noun: type) -> dict[str, Any]:
    return get_type_hints(noun)


@lru_cache(maxsize=1)
def _converter() -> Converter:
    """Teach cattrs what JSON lacks: NaN, bytes, tuples and numbers of undeclared kind."""
    from cattrs import Converter

    converter = Converter(prefer_attrib_converters=False)
    number_or_text = float | str
    converter.register_unstructure_hook(float, _out)
    converter.register_unstructure_hook(int, _out)
    converter.register_unstructure_hook(bytes, _out)
    converter.register_unstructure_hook(number_or_text, _out)
    converter.register_unstructure_hook_func(_is_open, _out)
    converter.register_structure_hook(float, lambda value, _: _number(value))
    converter.register_structure_hook(int, lambda value, _: _number(value))
    converter.register_structure_hook(bool, lambda value, _: _number(value))
    converter.register_structure_hook(bytes, lambda value, _: _in(value))
    converter.register_structure_hook(number_or_text, lambda value, _: _in(value))
    converter.register_structure_hook_func(_is_open, lambda value, _: _in(value))
    return converter


def _is_open(kind: Any) -> bool:
    """Whether a field takes anything: ``object``, or a mapping to it."""
    return kind is object or (get_origin(kind) is Mapping and get_args(kind)[1] is object)


def _out(value: Any) -> Any:
    """Write a value whose kind no field declares; what JSON cannot say is put into ``{"$…"}``."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, tuple):
        return {"$tuple": [_out(item) for item in value]}
    if isinstance(value, list):
        return [_out(item) for item in value]
    if isinstance(value, Mapping):
        return {_plain_key(key): _out(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _plain_key(key: object) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise TypeError(f"{key!r} cannot be a key of what is stored")
    return key


_TAGS: dict[str, Callable[[Any], object]] = {
    "$float": float,
    "$bytes": lambda text: base64.b64decode(text, validate=True),
    "$tuple": lambda items: tuple(_in(item) for item in items),
}


def _in(value: Any) -> Any:
    if isinstance(value, list):
        return [_in(item) for item in value]
    if isinstance(value, dict):
        tag = next(iter(value), "") if len(value) == 1 else ""
        if tag in _TAGS:
            return _TAGS[tag](value[tag])
        return {key: _in(item) for key, item in value.items()}
    return value


def _number(value: Any) -> Any:
    """Return a number as it was written: 1 stays 1 and 1.0 stays 1.0, so fingerprints hold."""
    number = _in(value)
    if not isinstance(number, bool | int | float):
        raise TypeError("not a number")
    return number
