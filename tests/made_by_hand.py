"""A small analysis made by hand, without any engine: every number in it is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge, EdgeKind, Provenance
from causal_core.question import CausalQuestion, Estimand, SetSource
from causal_core.results import (
    Balance,
    EffectEstimate,
    Effects,
    FitRecord,
    Intervention,
    Method,
    OutcomeModel,
    OutcomeQuality,
    Overlap,
    Refutation,
    Refutations,
    Scenario,
    ScenarioOutcome,
    Scenarios,
    TrueEffect,
    Truth,
    basis_of,
)
from causal_core.schema import Column, Kind, Role, Schema, Stage
from causal_core.table import BehaviorTable, Cleaning, Drop

N = 400
STAGES = {
    "click": Stage.CLICK,
    "browse": Stage.BROWSE,
    "cart": Stage.CART,
    "purchase": Stage.PURCHASE,
}
# Per outcome: control mean, then the value of each method; half a 95 % interval, in probability.
NUMBERS: Mapping[str, tuple[float, dict[Method, float], float]] = {
    "click": (0.22, {Method.NAIVE: 0.151, Method.LINEAR: 0.115, Method.AIPW: 0.107}, 0.019),
    "browse": (0.31, {Method.NAIVE: 0.122, Method.LINEAR: 0.071, Method.AIPW: 0.064}, 0.021),
    "cart": (0.09, {Method.NAIVE: 0.058, Method.LINEAR: 0.031, Method.AIPW: 0.026}, 0.013),
    "purchase": (0.04, {Method.NAIVE: 0.031, Method.LINEAR: 0.0145, Method.AIPW: 0.012}, 0.008),
}


def schema(*, stated: bool = True, rename: Mapping[str, str] | None = None) -> Schema:
    """Return the schema of the table; `rename` gives columns other (hostile) names."""
    names = rename or {}
    made = [
        ("user_id", Kind.ID, Role.UNIT_ID, None),
        ("since", Kind.TIME, Role.TIME, None),
        ("country", Kind.CATEGORY, Role.ATTRIBUTE, None),
        ("visits", Kind.COUNT, Role.HISTORY, None),
        ("spent", Kind.AMOUNT, Role.HISTORY, None),
        ("banner", Kind.BINARY, Role.TREATMENT, None),
        *((name, Kind.BINARY, Role.OUTCOME, stage) for name, stage in STAGES.items()),
    ]
    return Schema(
        columns=tuple(
            Column(name=names.get(name, name), kind=kind, role=role, stated=stated, stage=stage)
            for name, kind, role, stage in made
        )
    )


def table(*, stated: bool = True, rename: Mapping[str, str] | None = None) -> BehaviorTable:
    """Return 400 rows that follow a fixed rule (no generator)."""
    row = np.arange(N)
    frame = pd.DataFrame(
        {
            "user_id": pd.array([f"u{number:03d}" for number in row], dtype="str"),
            "since": pd.Timestamp("2026-02-01", tz="UTC") + pd.to_timedelta(row * 36, unit="min"),
            "country": pd.array([("de", "fr", "cn")[number % 3] for number in row], dtype="str"),
            "visits": (row * 7 % 23).astype(float),
            "spent": np.where(row % 10 == 0, np.nan, (row * 13 % 101) / 2.0),
            "banner": (row % 3 == 0).astype(float),
            "click": (row % 4 == 0).astype(float),
            "browse": (row % 3 == 1).astype(float),
            "cart": (row % 11 == 0).astype(float),
            "purchase": (row % 25 == 0).astype(float),
        }
    )
    frame["since"] = frame["since"].astype("datetime64[ms, UTC]")
    cleaning = Cleaning(
        rows_read=412,
        rows_kept=405,
        rows_after_dedup=N,
        encoding="utf-8",
        delimiter=",",
        dropped=(
            Drop(reason="unreadable number", count=7, examples=("row 12: “n/a”",)),
            Drop(reason="duplicate", count=5),
        ),
        flags=("“country” has 3 values.",),
        sources=("users.csv",),
    )
    return BehaviorTable(
        frame=frame.rename(columns=dict(rename or {})),
        schema=schema(stated=stated, rename=rename),
        cleaning=cleaning,
    )


def question(rename: Mapping[str, str] | None = None) -> CausalQuestion:
    """Return the question: does the banner change the four outcomes?"""
    names = rename or {}
    return CausalQuestion(
        treatment=names.get("banner", "banner"),
        outcomes=tuple(names.get(name, name) for name in STAGES),
        window="7 days",
    )


def graph(rename: Mapping[str, str] | None = None) -> CausalGraph:
    """Return a graph with known, found and drawn edges and one hidden common cause."""
    names = rename or {}
    made = [
        ("country", "visits", Provenance.DATA, 0.8),
        ("country", "spent", Provenance.DATA, 0.62),
        ("visits", "spent", Provenance.ANALYST, None),
        ("visits", "banner", Provenance.DATA, 1.0),
        ("spent", "banner", Provenance.DATA, 0.9),
        ("banner", "click", Provenance.KNOWLEDGE, None),
        ("visits", "click", Provenance.DATA, 0.97),
        ("click", "browse", Provenance.DATA, 1.0),
        ("browse", "cart", Provenance.DATA, 1.0),
        ("cart", "purchase", Provenance.KNOWLEDGE, None),
        ("spent", "purchase", Provenance.DATA, 0.7),
        ("country", "purchase", Provenance.DATA, 0.55),
    ]
    edges = [
        Edge(
            source=names.get(source, source),
            target=names.get(target, target),
            provenance=provenance,
            stability=stability,
            p_value=0.001 if provenance is Provenance.DATA else None,
        )
        for source, target, provenance, stability in made
    ]
    hidden = Edge(
        source=names.get("country", "country"),
        target=names.get("banner", "banner"),
        kind=EdgeKind.BIDIRECTED,
    )
    nodes = tuple(
        names.get(name, name) for name in ("country", "visits", "spent", "banner", *STAGES)
    )
    return CausalGraph(nodes=nodes, edges=(*edges, hidden))


def overlap(*, sufficient: bool = True, rename: Mapping[str, str] | None = None) -> Overlap:
    """Return an overlap with ten bins and three covariates."""
    names = rename or {}
    moved = {"country": (0.05, 0.01), "visits": (0.48, 0.04), "spent": (0.31, -0.12)}
    return Overlap(
        ess_treated=88.0,
        ess_control=203.0,
        trimmed=0.06 if sufficient else 0.71,
        share_comparable=0.94 if sufficient else 0.29,
        sufficient=sufficient,
        sentence="94 % of units have a comparable counterpart."
        if sufficient
        else "Only 29 % of units have a comparable counterpart.",
        edges=tuple(round(0.1 * at, 1) for at in range(11)),
        treated_counts=(2, 9, 18, 27, 30, 22, 14, 8, 3, 1),
        control_counts=(41, 62, 58, 44, 29, 17, 9, 4, 2, 0),
        balance=tuple(
            Balance(covariate=names.get(name, name), before=before, after=after)
            for name, (before, after) in moved.items()
        ),
    )


def effects(
    estimand: Estimand,
    *,
    sufficient: bool = True,
    rename: Mapping[str, str] | None = None,
    shift: float = 0.0,
    events: tuple[float, float] = (61.0, 52.0),
) -> Effects:
    """Return four outcomes by three methods; `shift` moves the primary values."""
    names = rename or {}
    estimates = []
    for name, (control, values, half) in NUMBERS.items():
        for method, value in values.items():
            moved = value + (shift if method is Method.AIPW else 0.0)
            estimates.append(
                EffectEstimate(
                    outcome=names.get(name, name),
                    contrast="1 against 0",
                    method=method,
                    value=moved,
                    low=moved - half,
                    high=moved + half,
                    level=0.95,
                    standard_error=half / 1.96,
                    outcome_unit="per unit",
                    n_units=N,
                    n_clusters=N,
                    stage=STAGES[name],
                    control_mean=control,
                    treated_mean=control + moved,
                    effective_events=events,
                )
            )
    return Effects(
        estimand=estimand,
        estimates=tuple(estimates),
        overlap=overlap(sufficient=sufficient, rename=rename),
        warnings=("The correction of “browse” is large.",),
        basis={"estimand": estimand.fingerprint},
    )


def model(estimand: Estimand, rename: Mapping[str, str] | None = None) -> OutcomeModel:
    """Return a model record without any weights."""
    names = rename or {}
    outcomes = tuple(names.get(name, name) for name in STAGES)
    bins = tuple((0.05 + 0.1 * at, 0.04 + 0.1 * at, 40) for at in range(10))
    return OutcomeModel(
        outcomes=outcomes,
        arms=(0.0, 1.0),
        predictions=np.zeros((N, 2, 4)),
        propensities=np.full((N, 2), 0.5),
        folds=np.arange(N) % 5,
        in_contrast=np.ones(N, dtype=bool),
        record=FitRecord(
            model="mlp",
            epochs=31,
            train_loss=(0.6, 0.4),
            validation_loss=(0.62, 0.45),
            quality=tuple(
                OutcomeQuality(
                    outcome=name, log_loss=0.41, auc=0.71, r_squared=None, calibration=bins
                )
                for name in outcomes
            ),
            propensity_model="boosted trees",
            propensity_auc=0.66,
            seconds=12.5,
        ),
        seed=7,
        settings={"folds": 5, "hidden": [64, 64]},
        basis={"estimand": estimand.fingerprint},
    )


def refutations(made: Effects, *, passed: bool = True) -> Refutations:
    """Return two attempts to break the purchase estimate."""
    outcome = made.outcomes[-1]
    common = {"outcome": outcome, "reference": 0.0, "standard_error": 0.004}
    return Refutations(
        attempts=(
            Refutation(
                name="placebo",
                passed=passed,
                value=0.0004 if passed else 0.019,
                p_value=0.92 if passed else 0.0001,
                sentence="A random treatment moves nothing."
                if passed
                else "A random treatment moves the outcome as well.",
                **common,
            ),
            Refutation(
                name="subset",
                passed=True,
                value=0.0118,
                p_value=0.71,
                sentence="Half of the units give the same number.",
                **common,
            ),
        ),
        basis=basis_of(effects=made),
    )


def scenarios(rename: Mapping[str, str] | None = None) -> Scenarios:
    """Return one scenario: everyone sees the banner."""
    names = rename or {}
    outcomes = tuple(
        ScenarioOutcome(
            outcome=names.get(name, name),
            baseline=control + 0.3 * values[Method.AIPW],
            value=control + values[Method.AIPW],
            difference=0.7 * values[Method.AIPW],
            low=0.7 * (values[Method.AIPW] - half),
            high=0.7 * (values[Method.AIPW] + half),
            support=0.96,
        )
        for name, (control, values, half) in NUMBERS.items()
    )
    lever = Intervention(column=names.get("banner", "banner"), operation="set", value=1.0)
    everyone = Scenario(
        name="Everyone sees it",
        interventions=(lever,),
        where=None,
        outcomes=outcomes,
        level=0.95,
        n_units=N,
    )
    return Scenarios(items=(everyone,), mechanisms="linear")


def analysis(
    *,
    stated: bool = True,
    sufficient: bool = True,
    unbroken: bool = True,
    shift: float = 0.0,
    events: tuple[float, float] = (61.0, 52.0),
    rename: Mapping[str, str] | None = None,
) -> Analysis:
    """Return a whole analysis; with the defaults every check passes."""
    names = rename or {}
    rows = table(stated=stated, rename=rename)
    asked = question(rename)
    drawn = graph(rename)
    estimand = Estimand(
        question=asked,
        adjustment_set=tuple(names.get(name, name) for name in ("country", "visits", "spent")),
        source=SetSource.GRAPH,
        time_ordered=stated,
        assumptions=("Nothing that nobody measured moves both treatment and outcome.",),
        basis=basis_of(question=asked, graph=drawn),
    )
    made = effects(estimand, sufficient=sufficient, rename=rename, shift=shift, events=events)
    return Analysis(
        table=rows,
        question=asked,
        graph=drawn,
        estimand=estimand,
        model=model(estimand, rename),
        effects=made,
        refutations=refutations(made, passed=unbroken),
        scenarios=scenarios(rename),
    )


def simulated(whole: Analysis) -> Analysis:
    """Return the same analysis with the truth that a simulator would know."""
    true = tuple(
        TrueEffect(
            treatment="banner", outcome=name, treated_value=1.0, control_value=0.0, value=value
        )
        for name, value in {"click": 0.11, "browse": 0.06, "cart": 0.03, "purchase": 0.01}.items()
    )
    truth = Truth(scenario="funnel", effects=true, edges=(), adjustment=("visits",))
    return replace(whole, truth=truth)
