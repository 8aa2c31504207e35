"""What went in and what came out, as JSON: no times, no paths, the same input the same bytes."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from causal_core.analysis import verdict
from causal_core.fingerprint import FORMAT_VERSION
from causal_core.graph import graph_record
from causal_core.language import current
from causal_core.report.advice import advise
from causal_core.report.parts import Subject
from causal_core.table import schema_record

LIBRARIES = (
    "numpy", "pandas", "pyarrow", "scipy", "networkx", "duckdb", "causal-learn", "dowhy",
    "torch", "scikit-learn", "lightgbm", "plotly",
)  # fmt: skip
_TIMES = {"seconds", "sources"}


def libraries() -> dict[str, str]:
    """Return the versions of Python and of the installed libraries that numbers depend on."""
    found = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def plain(value: object) -> object:
    """Return nouns as plain JSON values: never NaN, no times, no paths, arrays by their shape."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return {"array": list(value.shape)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    if is_dataclass(value):
        names = (field.name for field in fields(value) if field.name not in _TIMES)
        return {name: plain(getattr(value, name)) for name in names}
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def manifest(subject: Subject, versions: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """Return ``manifest.json``: all that made this report, and the digests of its files."""
    analysis = subject.analysis
    record: dict[str, object] = {
        "format": FORMAT_VERSION,
        "title": subject.title,
        "language": current(),
        "headline": subject.allowed,
        "verdict": _verdict(subject),
        "associational": subject.associational,
        "checks": plain(analysis.checks()),
        "failed_checks": list(analysis.failed_checks),
        "fingerprints": {
            slot: digest for slot in analysis.filled() if (digest := analysis.fingerprint_of(slot))
        },
        "data": _data(subject),
        "question": plain(analysis.question),
        "graph": _graph(subject),
        "estimand": _without(plain(analysis.estimand), "question", "basis"),
        "model": _model(subject),
        "effects": _without(plain(analysis.effects), "estimand", "basis"),
        "refutations": _without(plain(analysis.refutations), "basis"),
        "scenarios": _without(plain(analysis.scenarios), "basis"),
        "payoff": plain(analysis.payoff),
        "policies": _without(plain(analysis.policies), "basis", "payoff"),
        "recommendation": _recommendation(subject),
        "simulated": analysis.truth.scenario if analysis.truth else None,
        "versions": dict(versions),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    text = json.dumps(record, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _verdict(subject: Subject) -> str:
    effects, outcome = subject.analysis.effects, subject.outcome
    if effects is None or outcome is None:
        return "no_answer"
    estimate = effects.of(outcome)
    return verdict(estimate, allowed=subject.allowed, break_even=subject.break_even).value


def _recommendation(subject: Subject) -> str | None:
    advice = advise(subject.analysis, subject.outcome) if subject.outcome else None
    return advice.action.value if advice else None


def _data(subject: Subject) -> object:
    table = subject.analysis.table
    if table is None:
        return None
    cleaning = _without(plain(table.cleaning), "sources")
    schema = schema_record(table.schema)
    return {"rows": len(table), "schema": schema, "cleaning": cleaning}


def _graph(subject: Subject) -> object:
    graph = subject.analysis.graph or subject.analysis.pattern
    return plain(graph_record(graph)) if graph else None


def _model(subject: Subject) -> object:
    model = subject.analysis.model
    if model is None:
        return None
    return {
        "outcomes": list(model.outcomes),
        "arms": plain(model.arms),
        "seed": model.seed,
        "settings": plain(model.settings),
        "record": plain(model.record),
    }


def _without(record: object, *names: str) -> object:
    if not isinstance(record, dict):
        return record
    return {name: value for name, value in record.items() if name not in names}
