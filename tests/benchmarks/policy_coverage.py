"""How often the intervals of policies hold what those policies are truly worth, seed by seed.

    python -m tests.benchmarks.policy_coverage --scenario coupon --n 4000 --seeds 100

One process at nice 10. Every seed appends a row per outcome and policy to
`results/policy_<scenario>_<n>.csv`, so that an interrupted run goes on where it stopped. The
truth of a policy is the mean true effect of those that it treats. Whoever tunes, tunes on seeds
from 1,000 on, never on those reported here.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from causal_core import datasets, outcome, policy
from causal_core.question import CausalQuestion, Estimand
from causal_core.results import Policies, PolicyName
from tests.benchmarks.interval_coverage import RESULTS, machine

OUTCOMES = ("click", "purchase")
SCENARIOS = ("coupon", "funnel", "null")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One policy's value beyond nobody (gain) and beyond today (lead), and its truth."""

    scenario: str
    n: int
    seed: int
    outcome: str
    policy: str
    share: float
    gain: float
    low: float
    high: float
    truth: float
    covered: bool
    lead: float
    lead_low: float
    lead_high: float
    lead_truth: float
    lead_covered: bool
    ess: float
    picking_pays: bool


def estimand_of(simulation: datasets.Simulation, *outcomes: str) -> Estimand:
    """Return the question of a simulation for some of its outcomes, with its true adjustment."""
    question = CausalQuestion(treatment=simulation.question.treatment, outcomes=outcomes)
    return Estimand(question=question, adjustment_set=tuple(simulation.truth.adjustment))


def rows_of(scenario: str, n: int, seed: int, *, model: str = "linear") -> list[Row]:
    """Simulate one data set, learn a policy per outcome, and compare with the truth."""
    simulation = datasets.simulate(scenario, n, seed=seed)
    estimand = estimand_of(simulation, *OUTCOMES)
    fitted = outcome.fit(simulation.table, estimand, model=model, seed=seed)
    return [
        row
        for name in OUTCOMES
        for row in _rows(
            simulation, policy.learn(simulation.table, estimand, fitted, outcome=name), seed
        )
    ]


def true_gains(simulation: datasets.Simulation, found: Policies) -> dict[PolicyName, float]:
    """Return what each policy is truly worth per unit (not that of the likeliest)."""
    known = simulation.oracle
    effects = known.unit_effects[:, known.outcomes.index(found.outcome)]
    today = simulation.table.column(simulation.question.treatment)
    best = float(np.mean(found.treated * effects))
    return {
        PolicyName.NOBODY: 0.0,
        PolicyName.RANDOM: float(found.treated.mean() * effects.mean()),
        PolicyName.TODAY: float(np.mean(today * effects)),
        PolicyName.EVERYONE: float(effects.mean()),
        PolicyName.BEST: best,
    }


def pays(found: Policies) -> bool:
    """Return whether a gain over random is claimed."""
    return bool(found.treated.any()) and not any("beats random" in word for word in found.warnings)


def _rows(simulation: datasets.Simulation, found: Policies, seed: int) -> list[Row]:
    truths = true_gains(simulation, found)
    rows = []
    for name, truth in truths.items():
        item, lead = found.of(name), truth - truths[PolicyName.TODAY]
        rows.append(
            Row(
                scenario=simulation.scenario,
                n=len(simulation.table),
                seed=seed,
                outcome=found.outcome,
                policy=name.value,
                share=item.share_treated,
                gain=item.gain,
                low=item.gain_low,
                high=item.gain_high,
                truth=truth,
                covered=item.gain_low <= truth <= item.gain_high,
                lead=item.against_today,
                lead_low=item.against_today_low,
                lead_high=item.against_today_high,
                lead_truth=lead,
                lead_covered=item.against_today_low <= lead <= item.against_today_high,
                ess=item.ess,
                picking_pays=pays(found),
            )
        )
    return rows


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
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Return, per outcome and policy, how often both intervals hold, and how wide they are."""
    frame = found.assign(error=found["gain"] - found["truth"], width=found["high"] - found["low"])
    return frame.groupby(["outcome", "policy"], sort=False).agg(
        seeds=("seed", "nunique"),
        covered=("covered", "sum"),
        lead_covered=("lead_covered", "sum"),
        picking_pays=("picking_pays", "sum"),
        share=("share", "mean"),
        truth=("truth", "mean"),
        bias=("error", "mean"),
        width=("width", "mean"),
        ess=("ess", "mean"),
    )


def main() -> None:
    """Run the seeds that are missing and print the summary."""
    parser = argparse.ArgumentParser(description="How often policy intervals hold the truth.")
    parser.add_argument("--scenario", default="coupon", choices=SCENARIOS)
    parser.add_argument("--n", type=int, default=4_000)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    choice = parser.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    path = RESULTS / f"policy_{choice.scenario}_{choice.n}.csv"
    seeds = range(choice.first, choice.first + choice.seeds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".machine.json").write_text(json.dumps(machine(), indent=2) + "\n", "utf-8")
    found = run(choice.scenario, choice.n, seeds, path)
    print(f"{path.name}: seeds {seeds.start} to {seeds.stop - 1}")
    print(summary(found).round(4).to_string())


if __name__ == "__main__":
    main()
