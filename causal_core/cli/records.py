"""What the verbs print: results as JSON records and as words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from causal_core.analysis import (
    Analysis,
    attempt_sentence,
    per_thousand,
    raw_difference,
    verdict,
    verdict_words,
)
from causal_core.graph import graph_record
from causal_core.language import listing, t
from causal_core.results import Report, Scenario, Truth
from causal_core.table import BehaviorTable


def truth_record(truth: Truth) -> dict[str, object]:
    """Return the simulator's truth as the JSON of the truth file."""
    effects = [
        {
            "treatment": item.treatment,
            "outcome": item.outcome,
            "treated_value": item.treated_value,
            "control_value": item.control_value,
            "value": item.value,
        }
        for item in truth.effects
    ]
    return {
        "scenario": truth.scenario,
        "effects": effects,
        "edges": [list(edge) for edge in truth.edges],
        "adjustment": list(truth.adjustment),
        "notes": dict(truth.notes),
    }


def ingest_record(table: BehaviorTable) -> dict[str, object]:
    """Return what the ``ingest`` verb prints of a table."""
    cleaning = table.cleaning
    missing = table.frame.isna().sum()
    user = table.schema.cluster_id
    return {
        "rows_read": cleaning.rows_read,
        "rows_kept": cleaning.rows_kept,
        "rows_after_dedup": cleaning.rows_after_dedup,
        "n_users": int(table.frame[user].nunique()) if user else len(table),
        "encoding": cleaning.encoding,
        "delimiter": cleaning.delimiter,
        "header": cleaning.header,
        "columns": [
            {
                "name": column.name,
                "kind": column.kind.value,
                "role": column.role.value,
                "stated": column.stated,
                "missing": int(missing[column.name]),
            }
            for column in table.schema
        ],
        "dropped": [
            {"reason": drop.reason, "count": drop.count, "examples": list(drop.examples)}
            for drop in cleaning.dropped
        ],
        "flags": list(cleaning.flags),
        "fingerprint": table.fingerprint,
    }


def effect_record(analysis: Analysis) -> dict[str, object]:
    """Return what the ``effect`` verb prints."""
    effects, estimand = analysis.need("effects"), analysis.estimand
    attempts = analysis.refutations.attempts if analysis.refutations else ()
    causal = estimand is not None and estimand.causal
    return {
        "estimates": [
            {
                "outcome": estimate.outcome,
                "contrast": estimate.contrast,
                "method": estimate.method.value,
                "value": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                "level": estimate.level,
                "standard_error": estimate.standard_error,
                "unit": estimate.outcome_unit,
                "n_units": estimate.n_units,
                "n_clusters": estimate.n_clusters,
            }
            for estimate in effects.estimates
        ],
        "primary": effects.primary.value,
        "estimand": estimand.question.kind.value if estimand else None,
        "causal": causal,
        "adjustment_set": list(estimand.adjustment_set) if estimand else [],
        "overlap": {
            "ess_treated": effects.overlap.ess_treated,
            "ess_control": effects.overlap.ess_control,
            "trimmed": effects.overlap.trimmed,
            "sufficient": effects.overlap.sufficient,
        },
        "refutations": [
            {
                "name": attempt.name,
                "outcome": attempt.outcome,
                "passed": attempt.passed,
                "value": attempt.value,
                "reference": attempt.reference,
                "standard_error": attempt.standard_error,
                "p_value": attempt.p_value,
                "sentence": attempt_sentence(attempt, causal=causal),
            }
            for attempt in attempts
        ],
        "headline": analysis.headline,
        "failed_checks": list(analysis.failed_checks),
        "checks": [
            {"name": check.name, "passed": check.passed, "sentence": check.sentence}
            for check in analysis.checks()
        ],
        "warnings": list(effects.warnings),
    }


def effect_words(analysis: Analysis) -> str:
    """Return an effect for the terminal: verdict and interval, or why there is none."""
    effects = analysis.need("effects")
    lines = []
    for estimate in effects.primaries():
        answer = verdict_words(verdict(estimate, allowed=analysis.headline))
        numbers, raw = per_thousand(estimate), raw_difference(effects, estimate.outcome)
        words = t("{effect}; raw difference {raw}", effect=numbers, raw=per_thousand(raw))
        if not analysis.headline:
            words = t("(the data show {effect}, which is not an answer)", effect=numbers)
        lines.append(f"{estimate.outcome:<16} {answer:<12} {words}")
    marks = {True: "●", False: "■", None: "○"}
    lines += [
        f"{marks[check.passed]} {check.title}: {check.sentence}" for check in analysis.checks()
    ]
    if not analysis.headline:
        lines.append(t("No headline: {checks}.", checks=listing(analysis.failed_checks)))
    return "\n".join([*lines, *effects.warnings])


def scenario_rows(scenario: Scenario) -> list[dict[str, object]]:
    """Return a scenario as rows, one per outcome."""
    return [
        {
            "name": scenario.name,
            "do": [str(lever) for lever in scenario.interventions],
            "where": scenario.where,
            "outcome": result.outcome,
            "baseline": result.baseline,
            "value": result.value,
            "difference": result.difference,
            "low": result.low,
            "high": result.high,
            "support": result.support,
        }
        for result in scenario.outcomes
    ]


def run_record(analysis: Analysis, made: Report, paths: Sequence[Path]) -> dict[str, object]:
    """Return what ``run`` and ``report`` print."""
    graph = analysis.graph or analysis.pattern
    return {
        "paths": [str(path) for path in paths],
        "headline": made.headline,
        "failed_checks": list(made.failed_checks),
        "effect": effect_record(analysis) if analysis.effects else None,
        "graph": graph_record(graph) if graph else None,
    }
