"""A pilot: whole users, drawn by seed; an interval soon, and nothing that a full run fills."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from causal_core import datasets, pipeline
from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError
from causal_core.jobs import StepContext
from causal_core.pipeline import STEPS
from causal_core.pipeline.pilot import drawn
from causal_core.progress import silent
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.store import LOCAL, Store
from causal_core.table import BehaviorTable
from tests import made_by_hand, strategy_by_hand

UNITS, SAMPLE = 6_000, 2_000
SETTINGS = {"model": "linear", "pilot": SAMPLE}


@pytest.fixture(scope="module")
def asked() -> Analysis:
    simulation = datasets.simulate("linear", UNITS, seed=7)
    whole = Analysis(table=simulation.table, truth=simulation.truth)
    return whole.asking(replace(simulation.question, outcomes=("click", "cart")))


def run(analysis: Analysis, settings: dict[str, object], *, seed: int = 7) -> Analysis:
    context = StepContext(
        store=Store(Path("unused")), project_id="p", actor=LOCAL, seed=seed, job_id="j"
    )
    return STEPS["answer"](analysis, settings, silent, context)


@pytest.fixture(scope="module")
def piloted(asked: Analysis) -> Analysis:
    return run(asked, dict(SETTINGS))


@pytest.fixture(scope="module")
def full(asked: Analysis) -> Analysis:
    """The full run, but nobody tries to break it."""
    request = replace(pipeline.request_of(asked, {"model": "linear"}, 7), refute=False)
    return pipeline.answer(asked, request)


def test_the_interval_of_the_pilot_holds_the_truth_and_is_wider_than_that_of_the_full_run(
    asked: Analysis, piloted: Analysis, full: Analysis
) -> None:
    for outcome in ("click", "cart"):
        small, large = piloted.need("pilot").of(outcome), full.need("effects").of(outcome)
        assert small.low < asked.need("truth").effect(outcome) < small.high
        ratio = small.standard_error / large.standard_error
        assert ratio == pytest.approx((UNITS / SAMPLE) ** 0.5, rel=0.25)


def test_only_the_slot_of_the_pilot_is_filled(asked: Analysis, piloted: Analysis) -> None:
    assert piloted.filled().keys() - asked.filled().keys() == {"pilot"}
    assert piloted.table is asked.table
    pilot = piloted.need("pilot")
    assert pilot.pilot_of == UNITS
    assert pilot.of("click").n_units <= SAMPLE
    assert pilot.basis == {
        "table": asked.need("table").fingerprint, "question": asked.need("question").fingerprint,
    }  # fmt: skip
    assert not piloted.headline


def test_results_that_stand_are_left_alone(full: Analysis) -> None:
    again = run(full, dict(SETTINGS))
    assert again.updated(pilot=None) == full
    assert again.need("pilot").pilot_of == UNITS


def test_a_full_run_leaves_pilot_payoff_and_lab_where_they_are(asked: Analysis) -> None:
    table, question = asked.need("table"), replace(asked.need("question"), outcomes=("click",))
    few = replace(table, frame=table.frame.iloc[:600].reset_index(drop=True))
    small = Analysis(table=few).asking(question)
    beside = small.updated(payoff=strategy_by_hand.payoff("click"), lab=strategy_by_hand.lab())
    piloted = run(beside, {"model": "linear", "pilot": 400})
    answered = run(piloted, {"model": "linear"})
    assert answered.effects is not None
    for slot in ("pilot", "payoff", "lab"):
        assert getattr(answered, slot) == getattr(piloted, slot) is not None


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(
    asked: Analysis, piloted: Analysis
) -> None:
    assert run(asked, dict(SETTINGS)).need("pilot").estimates == piloted.need("pilot").estimates
    other = run(asked, dict(SETTINGS), seed=8).need("pilot")
    assert other.of("click").value != piloted.need("pilot").of("click").value


def test_a_pilot_is_stale_when_the_question_or_the_table_changes_and_a_graph_costs_nothing(
    asked: Analysis, piloted: Analysis
) -> None:
    question = replace(asked.need("question"), outcomes=("click",))
    assert piloted.updated(question=question).pilot is None
    fewer = replace(asked.need("table"), frame=asked.need("table").frame.iloc[1:])
    assert piloted.updated(table=fewer).pilot is None
    simulation = datasets.simulate("linear", UNITS, seed=7)
    assert piloted.updated(graph=simulation.graph).pilot is piloted.pilot


def test_a_graph_that_stands_is_used_for_the_pilot(asked: Analysis) -> None:
    graph = datasets.simulate("linear", UNITS, seed=7).graph
    given = run(asked.updated(graph=graph), dict(SETTINGS)).need("pilot").estimand
    full = pipeline.identify(asked.updated(graph=graph), pipeline.request_of(asked, {}, 7)).need(
        "estimand"
    )
    assert given.adjustment_set == full.adjustment_set
    assert given.source == full.source


@pytest.mark.parametrize("units", [UNITS, UNITS + 1, 100_001, 99, 0, -5, True, "many"])
def test_a_sample_that_is_no_smaller_than_the_table_or_no_size_is_refused(
    asked: Analysis, units: object
) -> None:
    with pytest.raises(BadSettingError) as caught:
        run(asked, {"model": "linear", "pilot": units})
    assert "pilot" in caught.value.found


def test_the_size_is_compared_with_the_population_that_is_asked_about(asked: Analysis) -> None:
    narrow = replace(asked.need("question"), population="device == 'phone'")
    few = len(asked.need("table").select(narrow.population))
    assert few < UNITS
    with pytest.raises(BadSettingError):
        run(asked.updated(question=narrow), {"model": "linear", "pilot": few})
    pilot = run(asked.updated(question=narrow), {"model": "linear", "pilot": few - 100})
    assert pilot.need("pilot").pilot_of == few


# ---------------------------------------------------------------- drawing


def sessions(sizes: np.ndarray) -> BehaviorTable:
    """One row per session; each user has as many as `sizes` says, and they are mixed."""
    users = np.repeat(np.arange(len(sizes)), sizes)
    users = np.random.default_rng(3).permutation(users)
    frame = made_by_hand.table().frame.iloc[:0].reindex(range(len(users)))
    frame = frame[[]].assign(user=[f"u{at}" for at in users], x=np.arange(len(users), dtype=float))
    columns = (
        Column(name="user", kind=Kind.ID, role=Role.CLUSTER_ID),
        Column(name="x", kind=Kind.CONTINUOUS, role=Role.HISTORY),
    )
    return BehaviorTable(frame=frame, schema=Schema(columns=columns))


def test_whole_users_are_drawn_in_the_order_of_the_rows() -> None:
    sizes = np.random.default_rng(5).integers(1, 9, size=400)
    table = sessions(sizes)
    sample = drawn(table, 500, seed=7)
    assert 490 < len(sample) <= 500
    counts = sample.frame["user"].value_counts()
    assert all(count == sizes[int(user[1:])] for user, count in counts.items())
    assert sample.column("x").tolist() == sorted(sample.column("x"))


def test_every_user_is_as_likely_to_be_drawn_as_any_other() -> None:
    table = sessions(np.ones(40, dtype=int))
    seen = np.zeros(40)
    for seed in range(400):
        for user in drawn(table, 10, seed=seed).frame["user"]:
            seen[int(user[1:])] += 1
    # 400 draws with chance 1/4: 100 each, standard deviation √75
    assert abs(seen - 100).max() < 4 * 75**0.5


def test_one_user_with_more_rows_than_the_sample_is_taken_whole() -> None:
    table = sessions(np.array([50]))
    assert len(drawn(table, 10, seed=7)) == 50
