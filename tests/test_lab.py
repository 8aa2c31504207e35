"""The truth lab: what it simulates, what it counts, what it refuses to do."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal_core import datasets, effects, identification, outcome, pipeline
from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError, CancelledError
from causal_core.jobs import StepContext
from causal_core.pipeline import STEPS
from causal_core.pipeline.lab import LabSettings, run_settings
from causal_core.question import CausalQuestion
from causal_core.results import LabRuns, Method
from causal_core.schema import Column, Kind, Role, Schema, Stage
from causal_core.store.codec import read_value, write_value
from causal_core.table import BehaviorTable
from tests import made_by_hand


@pytest.fixture(scope="module")
def lab() -> LabRuns:
    return pipeline.run_lab("funnel", 1_000, runs=6, first_seed=3)


def job(analysis: Analysis, seed: int = 7, **settings: object) -> Analysis:
    context = StepContext(store=None, project_id="p", actor="a", seed=seed, job_id="j")
    return STEPS["lab"](analysis, settings, lambda *_: None, context)


# ---------------------------------------------------------------- what it does


def test_every_seed_is_estimated_by_every_method_on_every_outcome(lab):
    assert lab.outcomes == ("click", "browse", "cart", "purchase")
    for name in lab.outcomes:
        for method in Method:
            assert [run.seed for run in lab.of(name, method)] == [3, 4, 5, 6, 7, 8]
    assert (lab.scenario, lab.n, lab.model, lab.refused, lab.level) == (
        "funnel", 1_000, "linear", 0, 0.95,
    )  # fmt: skip
    assert lab.settings == {"runs": 6, "first_seed": 3, "base_rates": None}


def test_the_truth_is_that_of_the_scenario_and_the_same_in_every_run(lab):
    truth = datasets.simulate("funnel", 50, seed=1).truth
    for run in lab.runs:
        assert run.truth == truth.effect(run.outcome)


def test_a_run_is_what_the_chain_says_of_that_data_set_without_discovery(lab):
    table = datasets.simulate("funnel", 1_000, seed=4).table
    question = CausalQuestion(treatment="banner", outcomes=datasets.OUTCOMES)
    estimand = identification.adjust(question, table)
    model = outcome.fit(table, estimand, model="linear", seed=4)
    found = effects.estimate(table, estimand, model)
    for run in lab.runs:
        if run.seed == 4:
            one = found.of(run.outcome, run.method)
            assert (run.value, run.low, run.high) == (one.value, one.low, one.high)


def test_adjusted_intervals_hold_the_truth_and_the_raw_difference_does_not(lab):
    for name in ("click", "browse"):
        assert sum(run.holds for run in lab.of(name, Method.AIPW)) >= 4
        assert sum(run.holds for run in lab.of(name, Method.NAIVE)) == 0


def test_without_an_effect_the_best_estimate_finds_none_and_the_raw_difference_one():
    null = pipeline.run_lab("null", 1_000, runs=4)
    assert all(run.truth == 0 for run in null.runs)
    assert sum(run.low <= 0 <= run.high for run in null.of("click", Method.AIPW)) >= 3
    assert not any(run.low <= 0 <= run.high for run in null.of("click", Method.NAIVE))


def test_data_sets_in_which_nobody_is_comparable_are_counted_as_refused():
    lab = pipeline.run_lab("no-overlap", 1_000, runs=3)
    assert (lab.refused, lab.runs, lab.outcomes) == (3, (), ())


def test_base_rates_change_the_data_and_the_truth():
    rates = {"click": 0.6, "browse": 0.4, "cart": 0.3, "purchase": 0.2}
    lab = pipeline.run_lab("funnel", 500, runs=2, base_rates=rates)
    truth = datasets.simulate("funnel", 50, base_rates=rates).truth
    assert lab.of("purchase", Method.AIPW)[0].truth == truth.effect("purchase")
    assert lab.settings["base_rates"] == rates


def test_the_same_settings_give_the_same_runs():
    one, two = (pipeline.run_lab("linear", 500, runs=2) for _ in range(2))
    assert one == two
    assert one.fingerprint == two.fingerprint


# ---------------------------------------------------------------- how far, and stopping


def test_progress_never_falls_ends_at_one_and_tells_how_long_the_rest_takes():
    told: list[tuple[float, str]] = []
    pipeline.run_lab("linear", 500, runs=3, progress=lambda at, words="": told.append((at, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(words for _, words in told)
    assert any("1 of 3 data sets, about" in words for _, words in told)
    assert told[-1][1] == "3 of 3 data sets"


def test_stopping_ends_the_lab_at_once_and_is_no_refusal():
    told = []

    def stop(share: float, words: str = "", /) -> None:
        told.append(share)
        if share > 0.5:
            raise CancelledError

    with pytest.raises(CancelledError):
        pipeline.run_lab("linear", 500, runs=4, progress=stop)
    assert sum(share > 0.5 for share in told) == 1


# ---------------------------------------------------------------- the step of a job


def test_the_step_fills_the_slot_and_a_later_run_replaces_it():
    settings = {"scenario": "linear", "n": 500, "model": "linear", "runs": 2}
    before = made_by_hand.analysis()
    first = job(before, **settings)
    assert first.lab == run_settings(LabSettings.read(settings, first_seed=7))
    second = job(first, **{**settings, "n": 600})
    assert (first.lab.n, second.lab.n) == (500, 600)
    assert second.updated(lab=None) == before


def test_the_step_needs_no_table_and_begins_with_the_seed_of_the_project():
    found = job(Analysis(), seed=11, scenario="linear", n=500, runs=2)
    assert sorted({run.seed for run in found.lab.runs}) == [11, 12]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"scenario": "magic"}, "scenario"),
        ({"scenario": None}, "scenario"),
        ({"n": 499}, "n"),
        ({"n": 50_001}, "n"),
        ({"n": 2_000.5}, "n"),
        ({"n": True}, "n"),
        ({"n": "many"}, "n"),
        ({"runs": 1}, "runs"),
        ({"runs": 201}, "runs"),
        ({"model": "transformer"}, "model"),
        ({"base_rates": [0.1]}, "base_rates"),
        ({"base_rates": {"click": "often"}}, "base_rates"),
        ({"base_rates": {"clicks": 0.1}}, "base_rates"),
        ({"base_rates": {"click": 0.1, "browse": 0.2}}, "base_rates"),
        ({"level": 0.5}, "setting"),
    ],
)
def test_a_setting_out_of_bounds_is_refused_by_name_before_anything_is_simulated(changes, named):
    settings = {"scenario": "linear", "n": 500, "model": "linear", "runs": 2}
    with pytest.raises(BadSettingError) as caught:
        job(Analysis(), **{**settings, **changes})
    assert f"“{named}”" in str(caught.value)


@pytest.mark.parametrize("level", [0.0, 1.0, float("nan")])
def test_a_level_is_between_none_and_all(level):
    with pytest.raises(BadSettingError, match="level"):
        pipeline.run_lab("linear", 500, runs=2, level=level)


# ---------------------------------------------------------------- like my data


def with_rates(n: int, **rates: float) -> BehaviorTable:
    """Return a table whose outcomes have these stages and rates."""
    columns = tuple(
        Column(
            name=f"did {stage}",
            kind=Kind.BINARY,
            role=Role.OUTCOME,
            stated=True,
            stage=Stage(stage),
        )
        for stage in rates
    )
    values = {
        f"did {stage}": (np.arange(n) < round(rate * n)).astype(float)
        for stage, rate in rates.items()
    }
    return BehaviorTable(frame=pd.DataFrame(values, index=range(n)), schema=Schema(columns=columns))


def test_settings_like_a_table_hold_its_size_and_its_rates():
    like = datasets.settings_like(with_rates(3_000, click=0.4, browse=0.3, cart=0.1, purchase=0.02))
    assert like["n"] == 3_000
    assert like["base_rates"] == pytest.approx(
        {"click": 0.4, "browse": 0.3, "cart": 0.1, "purchase": 0.02}
    )


@pytest.mark.parametrize(("n", "kept"), [(60, 500), (700, 700), (90_000, 20_000)])
def test_the_size_is_kept_within_what_a_lab_can_do(n, kept):
    assert datasets.settings_like(with_rates(n, click=0.5))["n"] == kept


@pytest.mark.parametrize(
    "rates",
    [
        {"purchase": 0.3},
        {"cart": 0.02},
        {"click": 0.0, "purchase": 0.0},
        {"click": 1.0, "browse": 1.0, "cart": 1.0, "purchase": 1.0},
        {"click": 0.1, "browse": 0.4, "cart": 0.2, "purchase": 0.3},
        {"browse": 0.5},
    ],
)
def test_whatever_the_rates_of_a_table_the_lab_can_run_with_those_like_it(rates):
    like = datasets.settings_like(with_rates(1_000, **rates))
    assert set(like["base_rates"]) == set(datasets.OUTCOMES)
    settings = LabSettings.read({"scenario": "funnel", "runs": 2, **like})
    assert settings.base_rates == like["base_rates"]


def test_a_table_without_a_funnel_gives_its_size_only():
    table = with_rates(800, click=0.2)
    (column,) = table.schema
    plain = replace(table, schema=Schema(columns=(replace(column, stage=None),)))
    assert datasets.settings_like(plain) == {"n": 800}


@pytest.mark.parametrize("rates", [None, {"click": 0.3}])
def test_the_store_gives_back_the_lab_that_it_was_given(rates, tmp_path, lab):
    kept = replace(lab, settings={**lab.settings, "base_rates": rates})
    write_value(kept, tmp_path / "lab.json")
    digest = hashlib.sha256((tmp_path / "lab.json").read_bytes()).hexdigest()
    again = read_value(tmp_path / "lab.json", digest)
    assert again == kept
    assert again.fingerprint == kept.fingerprint
