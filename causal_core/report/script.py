"""``reproduce.py``: a script that makes the report's numbers again and compares them."""

from __future__ import annotations

from pathlib import Path
from pprint import pformat

from causal_core.graph import graph_record
from causal_core.report.manifest import plain
from causal_core.report.parts import Subject
from causal_core.results import Policies
from causal_core.table import schema_record

_TEMPLATE = Path(__file__).parent.parent / "templates" / "reproduce.py.txt"
_PLACE = "RECORD: dict = {}"


def reproduce_script(subject: Subject) -> bytes:
    """Return the script: data, question and settings stand in it as one Python literal."""
    literal = pformat(_record(subject), width=96, sort_dicts=True)
    text = _TEMPLATE.read_text("utf-8").replace(_PLACE, f"RECORD: dict = {literal}")
    return text.encode("ascii", "backslashreplace")


def _record(subject: Subject) -> dict[str, object]:
    analysis = subject.analysis
    record: dict[str, object] = {
        "fingerprint": analysis.fingerprint_of("table"),
        "schema": schema_record(analysis.table.schema) if analysis.table else None,
        "graph": plain(graph_record(analysis.graph)) if analysis.graph else None,
        "estimand": plain(analysis.estimand),
        "model": None,
        "effects": None,
        "refutations": None,
        "scenarios": None,
        "payoff": plain(analysis.payoff),
        "policies": None,
    }
    if analysis.model:
        settings = {**dict(analysis.model.settings)}
        record["model"] = {"seed": analysis.model.seed, "settings": plain(settings)}
    if analysis.effects:
        record["effects"] = {
            "level": analysis.effects.level,
            "seed": analysis.effects.seed,
            "estimates": [
                [e.outcome, e.method.value, plain(e.value), plain(e.low), plain(e.high)]
                for e in analysis.effects.estimates
            ],
            "segments": [
                [e.where, e.outcome, plain(e.value), plain(e.low), plain(e.high)]
                for e in analysis.effects.segments
            ],
        }
    if analysis.refutations:
        record["refutations"] = {
            "seed": analysis.refutations.seed,
            "attempts": [
                [a.name, a.outcome, plain(a.value)] for a in analysis.refutations.attempts
            ],
        }
    if analysis.scenarios:
        record["scenarios"] = plain(analysis.scenarios.items)
    if analysis.policies:
        record["policies"] = _policies(analysis.policies)
    return record


def _policies(policies: Policies) -> dict[str, object]:
    return {
        "outcome": policies.outcome,
        "budget": policies.budget,
        "level": policies.level,
        "seed": policies.seed,
        "items": plain(policies.items),
        "frontier": plain(policies.frontier),
    }
