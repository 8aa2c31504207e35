"""How often the intervals hold the truth, seed by seed. `coverage.py` runs it.

The method “oracle” is AIPW with the true propensities and means, which no analyst has: it shows
what the same data allow.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from causal_core import datasets, effects, outcome
from causal_core.question import CausalQuestion, Estimand
from causal_core.results import Method
from causal_core.schema import Role

RESULTS = Path(__file__).resolve().parent / "results"
LIBRARIES = ("numpy", "pandas", "scipy", "torch", "lightgbm")
LEVEL, Z = 0.95, 1.959964


@dataclass(frozen=True, kw_only=True)
class Row:
    """One interval and whether it holds the truth; `seconds` is the CPU time of all outcomes."""

    scenario: str
    n: int
    seed: int
    outcome: str
    method: str
    value: float
    low: float
    high: float
    truth: float
    covered: bool
    standard_error: float
    sufficient_overlap: bool
    seconds: float


def rows_of(scenario: str, n: int, seed: int) -> list[Row]:
    """Simulate one data set, fit, estimate, and compare with the truth."""
    simulation = datasets.simulate(scenario, n, seed=seed)
    table, truth = simulation.table, simulation.truth
    treatment = table.schema.with_role(Role.TREATMENT)[0]
    names = simulation.oracle.outcomes
    question = CausalQuestion(treatment=treatment, outcomes=names)
    estimand = Estimand(question=question, adjustment_set=tuple(truth.adjustment))
    started = time.process_time()
    model = outcome.fit(table, estimand)
    found = effects.estimate(table, estimand, model, level=LEVEL)
    seconds = time.process_time() - started
    numbers = [
        (name, method.value, e.value, e.low, e.high, e.standard_error)
        for name in names
        for method in Method
        for e in [found.of(name, method)]
    ]
    numbers += [(name, "oracle", *oracle(simulation, treatment, name)) for name in names]
    return [
        Row(
            scenario=scenario,
            n=n,
            seed=seed,
            outcome=name,
            method=method,
            value=value,
            low=low,
            high=high,
            truth=truth.effect(name),
            covered=low <= truth.effect(name) <= high,
            standard_error=error,
            sufficient_overlap=found.overlap.sufficient,
            seconds=round(seconds, 3),
        )
        for name, method, value, low, high, error in numbers
    ]


def oracle(
    simulation: datasets.Simulation, treatment: str, name: str
) -> tuple[float, float, float, float]:
    """Return value, low, high and standard error of AIPW with the true nuisances."""
    known = simulation.oracle
    mu0, mu1 = known.means[:, :, known.outcomes.index(name)].T
    y, t, e = simulation.table.column(name), simulation.table.column(treatment), known.propensity
    scores = mu1 - mu0 + t * (y - mu1) / e - (1 - t) * (y - mu0) / (1 - e)
    value, error = float(scores.mean()), float(scores.std() / np.sqrt(len(scores)))
    return value, value - Z * error, value + Z * error, error


def run(scenario: str, n: int, seeds: Iterable[int], path: Path) -> pd.DataFrame:
    """Add to the CSV at `path` the seeds that it lacks, one by one, and return all of `seeds`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = list(seeds)
    done = set(pd.read_csv(path)["seed"]) if path.exists() else set()
    for seed in wanted:
        if seed not in done:
            _append(path, rows_of(scenario, n, seed))
    found = pd.read_csv(path)
    return found[found["seed"].isin(wanted)]


def _append(path: Path, rows: list[Row]) -> None:
    names = [field.name for field in fields(Row)]
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Return, per outcome and method, coverage, bias, error and width over the seeds."""
    error = found["value"] - found["truth"]
    frame = found.assign(error=error, square=error**2, width=found["high"] - found["low"])
    groups = frame.groupby(["outcome", "method"], sort=False)
    table = groups.agg(
        seeds=("seed", "nunique"),
        covered=("covered", "sum"),
        truth=("truth", "first"),
        bias=("error", "mean"),
        rmse=("square", "mean"),
        spread=("value", "std"),
        standard_error=("standard_error", "mean"),
        width=("width", "mean"),
    )
    table["rmse"] = np.sqrt(table["rmse"])
    return table.assign(bias_in_errors=table["bias"] / table["standard_error"])


def against_oracle(found: pd.DataFrame) -> pd.DataFrame:
    """Return, per outcome, how the primary method differs from the oracle on the same seeds."""
    by_seed = found.pivot_table(
        index=["outcome", "seed"], columns="method", values=["value", "standard_error"], sort=False
    )
    gap = by_seed["value", "aipw"] - by_seed["value", "oracle"]
    size = by_seed["standard_error", "oracle"]
    names = by_seed.index.get_level_values("outcome")
    in_errors = (gap / size).groupby(names, sort=False)
    return pd.DataFrame({"gap_in_errors": in_errors.mean(), "spread_in_errors": in_errors.std()})


def machine() -> dict[str, object]:
    """Return what ran this, without the machine's name."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        processor = models[0] if models else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "threads_used": 1,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def main() -> None:
    """Run the seeds that are missing and print the summary."""
    parser = argparse.ArgumentParser(description="How often the intervals hold the truth.")
    parser.add_argument("--scenario", default="funnel", choices=datasets.SCENARIOS)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    choice = parser.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    path = RESULTS / f"coverage_{choice.scenario}_{choice.n}.csv"
    seeds = range(choice.first, choice.first + choice.seeds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".machine.json").write_text(json.dumps(machine(), indent=2) + "\n", "utf-8")
    found = run(choice.scenario, choice.n, seeds, path)
    print(f"{path.name}: seeds {seeds.start} to {seeds.stop - 1}, level {LEVEL}")
    print(summary(found).round(4).to_string())
    print(against_oracle(found).round(3).to_string())
    per_seed = found.groupby("seed")[["seconds", "sufficient_overlap"]].first()
    print(f"CPU seconds a data set: {per_seed['seconds'].mean():.2f}")
    print(f"enough overlap: {int(per_seed['sufficient_overlap'].sum())} of {len(per_seed)}")
