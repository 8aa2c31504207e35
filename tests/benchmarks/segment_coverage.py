"""How often the intervals of all segments hold together, seed by seed. `segments.py` runs it.

The truth of a segment is the mean of the known unit effects over its units in 200,000 others.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import pandas as pd

from causal_core import datasets, effects, identification, outcome
from causal_core.expression import parse
from causal_core.question import CausalQuestion
from causal_core.results import Effects, SegmentEffect
from causal_core.schema import Role
from tests.benchmarks.interval_coverage import RESULTS, machine

LEVEL = 0.95
POPULATION, POPULATION_SEED = 200_000, 20_240_601
HARMED = "age_group == '55+' and device == 'phone'"


@dataclass(frozen=True, kw_only=True)
class Row:
    """The segments of one outcome in one data set: did *all* intervals hold their truths.

    `held` of `segments` did; `claimed` exclude zero, `wrong` of them on the other side of it than
    the truth; `harmed` is what is said of the segment that the banner harms.
    """

    scenario: str
    n: int
    seed: int
    outcome: str
    segments: int
    held: int
    claimed: int
    wrong: int
    harmed: str


@lru_cache(maxsize=4)
def population(scenario: str) -> datasets.Simulation:
    """Return the users that a segment's true effect is averaged over."""
    return datasets.simulate(scenario, POPULATION, seed=POPULATION_SEED)


@lru_cache(maxsize=4_000)
def truths(scenario: str, where: str) -> dict[str, float]:
    """Return the true effect on each outcome among the units that a filter keeps."""
    whole = population(scenario)
    mask = parse(where).mask(whole.table.frame)
    means = whole.oracle.unit_effects[mask].mean(axis=0)
    return dict(zip(whole.oracle.outcomes, means.tolist(), strict=True))


def estimated(scenario: str, n: int, seed: int) -> Effects:
    """Simulate one data set and estimate it as the chain would without discovery."""
    table = datasets.simulate(scenario, n, seed=seed).table
    treatment = table.schema.with_role(Role.TREATMENT)[0]
    question = CausalQuestion(treatment=treatment, outcomes=datasets.OUTCOMES)
    estimand = identification.adjust(question, table)
    model = outcome.fit(table, estimand, model="linear", seed=seed)
    return effects.estimate(table, estimand, model, level=LEVEL, seed=seed)


def rows_of(scenario: str, n: int, seed: int) -> list[Row]:
    """Return what the segments of each outcome say in one data set, beside the truth."""
    found = estimated(scenario, n, seed).segments
    return [
        _row(scenario, n, seed, name, [one for one in found if one.outcome == name])
        for name in datasets.OUTCOMES
    ]


def _row(scenario: str, n: int, seed: int, name: str, found: list[SegmentEffect]) -> Row:
    beside = [(one, truths(scenario, one.where)[name]) for one in found]
    claimed = [(one, truth) for one, truth in beside if one.low > 0 or one.high < 0]
    return Row(
        scenario=scenario,
        n=n,
        seed=seed,
        outcome=name,
        segments=len(found),
        held=sum(one.low <= truth <= one.high for one, truth in beside),
        claimed=len(claimed),
        wrong=sum(one.value * truth <= 0 for one, truth in claimed),
        harmed=next((_said(one) for one in found if one.where == HARMED), "left out"),
    )


def _said(one: SegmentEffect) -> str:
    return "raises" if one.low > 0 else "lowers" if one.high < 0 else "cannot tell"


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
    """Return, per outcome, in how many data sets all intervals held, and what was claimed."""
    told = found.assign(
        all_held=found["held"] == found["segments"],
        any_claimed=found["claimed"] > 0,
        any_wrong=found["wrong"] > 0,
        harm_found=found["harmed"] == "lowers",
    )
    return told.groupby("outcome", sort=False).agg(
        seeds=("seed", "nunique"),
        segments=("segments", "mean"),
        all_held=("all_held", "sum"),
        each_held=("held", "sum"),
        intervals=("segments", "sum"),
        any_claimed=("any_claimed", "sum"),
        any_wrong=("any_wrong", "sum"),
        harm_found=("harm_found", "sum"),
    )


def main() -> None:
    """Run the seeds that are missing and print the summary."""
    parser = argparse.ArgumentParser(description="How often all segments' intervals hold.")
    parser.add_argument("--scenario", default="coupon", choices=datasets.SCENARIOS)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    choice = parser.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    path = RESULTS / f"segments_{choice.scenario}_{choice.n}.csv"
    seeds = range(choice.first, choice.first + choice.seeds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".machine.json").write_text(json.dumps(machine(), indent=2) + "\n", "utf-8")
    found = run(choice.scenario, choice.n, seeds, path)
    print(f"{path.name}: seeds {seeds.start} to {seeds.stop - 1}, level {LEVEL}")
    print(summary(found).round(1).to_string())
