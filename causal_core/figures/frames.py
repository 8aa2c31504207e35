"""From our nouns to the small frames that figures take. Computes nothing but scale and labels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from causal_core.agreement import calibration
from causal_core.figures.style import digits_for
from causal_core.graph import CausalGraph, EdgeKind, GraphPattern, edge_record
from causal_core.language import MISSING, number, t
from causal_core.question import EffectKind, Payoff
from causal_core.results import (
    EffectEstimate,
    Effects,
    FitRecord,
    Method,
    OutcomeQuality,
    Overlap,
    Scenario,
    Truth,
)
from causal_core.schema import Column, Schema
from causal_core.table import BehaviorTable

PER_THOUSAND = 1_000.0
_NONE = math.nan


def scale_of(estimate: EffectEstimate) -> float:
    """Return 1,000 for an outcome that is counted per 1,000 units, else 1."""
    return PER_THOUSAND if estimate.effective_events is not None else 1.0


def unit_words(estimate: EffectEstimate) -> str:
    """Return the unit that a scaled estimate is shown in."""
    return t("per 1,000 units") if scale_of(estimate) != 1 else estimate.outcome_unit


def method_words(method: Method) -> str:
    """Return a method's name on the screen."""
    return {
        Method.NAIVE: t("raw difference"),
        Method.LINEAR: t("linear model"),
        Method.PLUGIN: t("outcome model alone"),
        Method.AIPW: t("best estimate"),
    }[method]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is drawn beside estimates: break-even, a simulator's truth, and her guess.

    `guess` maps an outcome to the change per unit that she expects.
    """

    payoff: Payoff | None = None
    truth: Truth | None = None
    guess: Mapping[str, float] = field(default_factory=dict)

    def of(self, effects: Effects, outcome: str) -> dict[str, float]:
        """Return the marks of one outcome on the scale it is shown in, NaN where there is none."""
        scale = scale_of(effects.of(outcome))
        against_today = effects.estimand.question.kind is EffectKind.EVERYONE  # costs less
        payoff = None if against_today else self.payoff
        break_even = payoff.break_even(outcome) if payoff else None
        return {
            "break_even": _NONE if break_even is None else scale * break_even,
            "truth": scale * true_value(self.truth, effects, outcome),
            "guess": scale * self.guess.get(outcome, _NONE),
        }


def effects_frame(
    effects: Effects,
    *,
    allowed: bool,
    truth: Truth | None = None,
    outcome: str | None = None,
    marks: Marks | None = None,
) -> pd.DataFrame:
    """Return the rows of `interval_figure`: the outcomes, or one outcome by every method.

    Parameters
    ----------
    effects
        All estimates.
    allowed
        Whether every check passed; otherwise all rows are marked as failed.
    truth
        The simulator's true effects, drawn dotted.
    outcome
        None: the primary estimate of each outcome. A name: that outcome by each method.
    marks
        Break-even, truth and guess; only `truth` if None.
    """
    drawn = marks or Marks(truth=truth)
    if outcome is None:
        rows = [(estimate.outcome, estimate) for estimate in effects.primaries()]
    else:
        rows = [
            (method_words(estimate.method), estimate)
            for estimate in effects.estimates
            if estimate.outcome == outcome
        ]
        rows.sort(key=lambda row: row[1].method is not effects.primary)  # the primary one on top
    return pd.DataFrame(
        _effect_row(label, estimate, effects, allowed=allowed, marks=drawn)
        for label, estimate in rows
    )


def _effect_row(
    label: str, estimate: EffectEstimate, effects: Effects, *, allowed: bool, marks: Marks
) -> dict[str, object]:
    primary = effects.of(estimate.outcome)
    scale = scale_of(primary)
    state = "primary" if estimate.method is effects.primary else "comparison"
    return {
        "label": label,
        "outcome": estimate.outcome,
        "method": estimate.method.value,
        "value": scale * estimate.value,
        "low": scale * estimate.low,
        "high": scale * estimate.high,
        "unit": unit_words(primary),
        "n_units": estimate.n_units,
        "state": state if allowed else "failed",
        **marks.of(effects, estimate.outcome),
    }


def true_value(truth: Truth | None, effects: Effects, outcome: str) -> float:
    """Return the simulator's true effect for whom the question asks, NaN where it knows none."""
    question = effects.estimand.question
    if truth is None or question.population is not None:
        return _NONE
    if question.kind in (EffectKind.ATT, EffectKind.ATU):
        known = truth.notes.get(question.kind.value)
        named = truth.effects and truth.effects[0].treatment == question.treatment
        value = known.get(outcome) if named and isinstance(known, Mapping) else None
        return float(value) if isinstance(value, int | float) else _NONE
    if question.kind is not EffectKind.ATE:
        return _NONE
    found = (
        item.value
        for item in truth.effects
        if item.outcome == outcome
        and item.treatment == question.treatment
        and item.treated_value == question.contrast.treated_value
    )
    return next(found, _NONE)


def bridge_frame(effects: Effects, outcome: str, *, marks: Marks | None = None) -> pd.DataFrame:
    """Return the three rows of `bridge_figure`: raw, selection, effect."""
    primary, naive = effects.of(outcome), effects.of(outcome, Method.NAIVE)
    scale = scale_of(primary)
    rows = [
        ("raw", naive.value, naive.low, naive.high, naive.n_units),
        ("selection", primary.value - naive.value, _NONE, _NONE, _NONE),
        ("effect", primary.value, primary.low, primary.high, primary.n_units),
    ]
    beside = (marks or Marks()).of(effects, outcome)
    return pd.DataFrame(
        {
            "part": part,
            "value": scale * value,
            "low": scale * low,
            "high": scale * high,
            "n_units": n_units,
            "unit": unit_words(primary),
            **(beside if part == "effect" else dict.fromkeys(beside, _NONE)),
        }
        for part, value, low, high, n_units in rows
    )


def overlap_frame(overlap: Overlap) -> pd.DataFrame:
    """Return the bins of `overlap_figure`."""
    return pd.DataFrame(
        {
            "low": overlap.edges[:-1],
            "high": overlap.edges[1:],
            "treated": overlap.treated_counts,
            "control": overlap.control_counts,
        }
    )


def balance_frame(overlap: Overlap) -> pd.DataFrame:
    """Return the rows of `balance_figure`."""
    return pd.DataFrame(
        [(item.covariate, item.before, item.after) for item in overlap.balance],
        columns=["covariate", "before", "after"],
    )


def calibration_frame(quality: OutcomeQuality) -> pd.DataFrame:
    """Return the tenths of `calibration_figure`; those of rare events are put together."""
    return pd.DataFrame(
        {
            "predicted": tenth.predicted,
            "observed": tenth.observed,
            "units": tenth.units,
            "error": _NONE if tenth.standard_error is None else tenth.standard_error,
            "rate": quality.log_loss is not None,
        }
        for tenth in calibration(quality).tenths
    )


def losses_frame(record: FitRecord) -> pd.DataFrame:
    """Return the epochs of `loss_figure`; none for a model that is solved in one step."""
    epochs = min(len(record.train_loss), len(record.validation_loss))
    return pd.DataFrame(
        {
            "epoch": range(1, epochs + 1),
            "training": record.train_loss[:epochs],
            "validation": record.validation_loss[:epochs],
        }
    )


def scenario_frame(scenario: Scenario) -> pd.DataFrame:
    """Return the rows of `funnel_figure`: each outcome per 1,000 units, beside as today."""
    return pd.DataFrame(
        {
            "label": item.outcome,
            "today": PER_THOUSAND * item.baseline,
            "scenario": PER_THOUSAND * item.value,
            "low": PER_THOUSAND * item.low,
            "high": PER_THOUSAND * item.high,
            "unit": t("per 1,000 units at time zero"),
            "n_units": scenario.n_units,
            "scenario_name": scenario.name,
            "today_name": t("as today"),
        }
        for item in scenario.outcomes
    )


def nodes_frame(graph: CausalGraph | GraphPattern, schema: Schema | None = None) -> pd.DataFrame:
    """Return the nodes of `graph_figure`, with role and place in time as far as stated."""
    known: dict[str, Column] = {column.name: column for column in schema or ()}
    tiers = schema.tiers(name for name in graph.nodes if name in known) if schema else {}
    return pd.DataFrame(
        [
            (name, known[name].role.value if name in known else "unknown", tiers.get(name, _NONE))
            for name in graph.nodes
        ],
        columns=["name", "role", "tier"],
    )


def edges_frame(graph: CausalGraph | GraphPattern) -> pd.DataFrame:
    """Return the edges of `graph_figure`, one row each as in ``graph.json``."""
    columns = ["source", "target", "kind", "provenance", "p_value", "stability", "note"]
    frame = pd.DataFrame([edge_record(edge) for edge in graph.edges], columns=columns)
    return frame.astype({"stability": "float64", "p_value": "float64"})


def columns_frame(table: BehaviorTable) -> pd.DataFrame:
    """Return the rows of `column_figure`."""
    missing = table.frame.isna().mean()
    return pd.DataFrame(
        [
            (
                column.name,
                column.role.value,
                column.kind.value,
                column.known.value,
                missing[column.name],
            )
            for column in table.schema
        ],
        columns=["name", "role", "kind", "known", "missing"],
    )


def open_edges(graph: CausalGraph | GraphPattern) -> int:
    """Return how many edges have no direction yet."""
    return sum(edge.kind is EdgeKind.UNDIRECTED for edge in graph.edges)


# ---------------------------------------------------------------- numbers beside a picture


def interval_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `interval_figure` as a reader wants them: rounded, named, no gaps."""
    named = {
        t("What"): [str(name) for name in frame["label"]],
        **_numbers(frame, {"value": t("Estimate"), "low": t("Low"), "high": t("High")}),
        t("Unit"): list(frame["unit"]),
        t("n"): [number(float(count)) for count in frame["n_units"]],
        **_numbers(frame, _beside(frame)),
    }
    return pd.DataFrame(named)


def bridge_table(frame: pd.DataFrame, *, causal: bool = True) -> pd.DataFrame:
    """Return the rows of `bridge_figure` as a reader wants them."""
    names = {
        "raw": t("Raw difference"),
        "selection": t("Who was shown"),
        "effect": t("Effect") if causal else t("Adjusted difference"),
    }
    named = {
        t("Part"): [names[part] for part in frame["part"]],
        **_numbers(frame, {"value": t("Value"), "low": t("Low"), "high": t("High")}),
        t("Unit"): list(frame["unit"]),
        **_numbers(frame, _beside(frame)),
    }
    return pd.DataFrame(named)


def _beside(frame: pd.DataFrame) -> dict[str, str]:
    words = {"break_even": t("Break-even"), "truth": t("Truth"), "guess": t("Your guess")}
    return {
        column: told
        for column, told in words.items()
        if column in frame and bool(frame[column].notna().any())
    }


def _numbers(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, list[str]]:
    digits = digits_for([*frame["low"], *frame["high"]])
    return {
        title: [
            number(float(value), digits=digits, signed=True) if math.isfinite(value) else MISSING
            for value in frame[column]
        ]
        for column, title in columns.items()
    }
