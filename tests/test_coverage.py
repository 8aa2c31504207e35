"""The product: intervals that hold the truth as often as they say. Minutes of simulation."""

from __future__ import annotations

import pytest

from causal_core.results import Method
from tests.benchmarks.interval_coverage import against_oracle, rows_of, run, summary

SEEDS = range(1, 101)


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    """A hundred funnels of 10,000 users, each answered from the start."""
    path = tmp_path_factory.mktemp("coverage") / "coverage_funnel_10000.csv"
    return run("funnel", 10_000, SEEDS, path)


@pytest.mark.long
@pytest.mark.parametrize("outcome", ["click", "purchase"])
def test_the_interval_holds_the_truth_in_ninety_of_a_hundred_funnels(hundred, outcome):
    covered = summary(hundred)["covered"]
    assert covered[outcome, Method.AIPW.value] >= 90
    assert covered[outcome, Method.NAIVE.value] < 10


@pytest.mark.long
@pytest.mark.parametrize("outcome", ["click", "browse", "cart", "purchase"])
def test_the_estimate_is_nearly_the_one_that_knows_the_true_nuisances(hundred, outcome):
    table, gap = summary(hundred), against_oracle(hundred)
    ours, oracle = table.loc[(outcome, "aipw")], table.loc[(outcome, "oracle")]
    assert abs(gap.loc[outcome, "gap_in_errors"]) < 0.3
    assert ours["width"] < 1.15 * oracle["width"]


@pytest.mark.long
def test_enough_overlap_is_found_in_ninety_of_a_hundred_funnels(hundred):
    assert hundred.groupby("seed")["sufficient_overlap"].first().sum() >= 90


@pytest.mark.long
def test_no_overlap_is_refused_in_all_of_a_hundred_runs(tmp_path):
    found = run("no-overlap", 2_000, SEEDS, tmp_path / "coverage_no-overlap_2000.csv")
    assert not found["sufficient_overlap"].any()


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "coverage_linear_1000.csv"
    first = run("linear", 1_000, [1], path)
    both = run("linear", 1_000, [1, 2], path)
    assert both[both["seed"] == 1].equals(first)
    assert sorted(both["seed"].unique()) == [1, 2]
    fresh = {(row.outcome, row.method): row.value for row in rows_of("linear", 1_000, 2)}
    kept = both[both["seed"] == 2].set_index(["outcome", "method"])["value"]
    assert kept.to_dict() == pytest.approx(fresh)
