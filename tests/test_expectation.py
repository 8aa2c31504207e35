"""How long a step will take: measured elsewhere, corrected by what this machine did last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from causal_core.jobs import Expectation, expected
from causal_core.pipeline import STEPS
from causal_core.store import LOCAL, Store
from pages.shared.wording import duration_words, expectation_words
from tests import made_by_hand


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def answered(store: Store, seconds: float, *, step: str = "answer", state: str = "done") -> None:
    """Write a finished job as the board leaves it, over the table of 400 rows and 4 outcomes."""
    project = store.create_project("p", actor=LOCAL)
    saved = store.save(project.id, made_by_hand.analysis(), revision=0, actor=LOCAL)
    inputs = {
        slot: {"fingerprint": held.fingerprint, **vars(held.ref)}
        for slot, held in saved.snapshot.held.items()
    }
    with store.database.writing() as connection:
        connection.execute(
            "INSERT INTO jobs (id, project_id, step, settings, inputs, required, actor, state,"
            " created, started, ended) VALUES (?, ?, ?, '{}', ?, '{}', ?, ?, 1, 100, ?)",
            (f"{seconds}{step}", project.id, step, json.dumps(inputs), LOCAL, state, 100 + seconds),
        )


@pytest.mark.parametrize("step", list(STEPS))
def test_every_step_is_expected_to_take_some_time_and_memory_and_more_for_more_units(
    store: Store, step: str
) -> None:
    small = expected(store, step, units=1_000, outcomes=1)
    large = expected(store, step, units=500_000, outcomes=4)
    assert 0 < small.seconds < large.seconds
    assert 100 < small.megabytes < large.megabytes


def test_a_pilot_takes_as_long_as_its_own_size_and_less_than_an_answer_that_is_attacked(
    store: Store,
) -> None:
    pilot = expected(store, "answer", units=1_000_000, outcomes=4, settings={"pilot": 100_000})
    fewer = expected(store, "answer", units=200_000, outcomes=4, settings={"pilot": 100_000})
    assert pilot == fewer
    assert pilot.seconds < expected(store, "answer", units=100_000, outcomes=4).seconds


def test_the_straight_line_is_quicker_than_the_network(store: Store) -> None:
    seconds = {
        model: expected(store, "answer", units=10_000, settings={"model": model}).seconds
        for model in ("linear", "mlp")
    }
    assert seconds["linear"] < seconds["mlp"]


def test_twice_the_runs_of_the_lab_take_nearly_twice_as_long(store: Store) -> None:
    once, twice = (
        expected(store, "lab", units=2_000, settings={"n": 2_000, "runs": runs}).seconds
        for runs in (100, 200)
    )
    assert 1.8 < twice / once < 2.0


def test_the_last_finished_job_of_a_step_tells_how_fast_this_machine_is(store: Store) -> None:
    usual = expected(store, "answer", units=400, outcomes=4)
    answered(store, 3 * usual.seconds)
    assert expected(store, "answer", units=400, outcomes=4).seconds == pytest.approx(
        3 * usual.seconds
    )
    ratio = expected(store, "answer", units=80_000, outcomes=1).seconds / 3
    assert ratio == pytest.approx(expected(Store.open(store.home / "new"), "answer",
                                           units=80_000, outcomes=1).seconds)  # fmt: skip
    answered(store, 3 * usual.seconds + 1, state="failed")
    answered(store, 50 * usual.seconds, step="discover")
    assert expected(store, "answer", units=400, outcomes=4).seconds == pytest.approx(
        3 * usual.seconds
    )


@pytest.mark.parametrize(("times", "believed"), [(1_000.0, 8.0), (0.001, 0.25)])
def test_one_odd_job_is_not_believed_beyond_reason(
    store: Store, times: float, believed: float
) -> None:
    usual = expected(store, "answer", units=400, outcomes=4)
    answered(store, times * usual.seconds)
    now = expected(store, "answer", units=400, outcomes=4)
    assert now.seconds == pytest.approx(believed * usual.seconds)


def test_a_job_whose_table_is_gone_tells_nothing(store: Store) -> None:
    usual = expected(store, "answer", units=400, outcomes=4)
    answered(store, 5 * usual.seconds)
    for path in (store.home / "artifacts").rglob("*.parquet"):
        path.unlink()
    assert expected(store, "answer", units=400, outcomes=4) == usual


def test_settings_of_another_form_do_not_break_the_page(store: Store) -> None:
    odd: dict[str, object] = {"pilot": "many", "model": 7}
    assert expected(store, "answer", units=400, settings=odd).seconds > 0
    assert expected(store, "of tomorrow", units=400).seconds > 0


def test_the_words_are_round(store: Store) -> None:
    assert expectation_words(Expectation(seconds=17.2, megabytes=1_080)) == "about 20 s, 1.1 GB"
    assert expectation_words(Expectation(seconds=300, megabytes=340)) == "about 5 min, 0.3 GB"
    assert duration_words(0.2) == "5 s"
