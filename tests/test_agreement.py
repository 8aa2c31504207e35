"""Facts about the two rules of agreement: predicted and observed, Effects and What-if."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_core import datasets, effects, outcome, whatif
from causal_core.agreement import calibration, compare, everyone_and_nobody
from causal_core.graph import CausalGraph, Edge
from causal_core.outcome._quality import quality_of
from causal_core.question import CausalQuestion, EffectKind, Estimand
from causal_core.results import Scenario, ScenarioOutcome, Scenarios
from tests import made_by_hand

RUNS = 400


def quality(rng: np.random.Generator, *, chance, shift: float = 0.0, n: int = 2_000):
    """The record of predictions that are right but for a shift of the upper half."""
    true = chance(rng, n)
    y = (rng.random(n) < true).astype(float)
    predicted = true + shift * (true > np.median(true))
    return quality_of("click", y, predicted, binary=True)


def beta(rng, n):
    return rng.beta(2, 5, n)


def rare(rng, n):
    return rng.beta(1, 150, n)


@pytest.mark.parametrize("chance", [beta, rare])
def test_right_predictions_are_called_wrong_about_once_in_a_hundred(chance):
    rng = np.random.default_rng(7)
    false = sum(calibration(quality(rng, chance=chance)).matches is False for _ in range(RUNS))
    assert false <= 14  # binomial(400, 1 %): 14 or more with a chance below 1 in 10,000


def test_predictions_that_are_too_high_in_the_upper_half_are_found():
    rng = np.random.default_rng(7)
    found = calibration(quality(rng, chance=beta, shift=0.15))
    assert found.matches is False
    assert found.worst.predicted > found.worst.observed
    assert found.worst.errors_off > 3.29


def test_a_certain_gap_that_is_small_does_not_matter():
    rng = np.random.default_rng(7)
    found = calibration(quality(rng, chance=lambda g, n: np.full(n, 0.3), n=1_000_000))
    assert found.matches
    small = quality_of(
        "click", (rng.random(10**6) < 0.3).astype(float), np.full(10**6, 0.31), binary=True
    )
    assert calibration(small).worst.errors_off > 3.29
    assert calibration(small).matches


def test_tenths_of_rare_events_are_put_together_and_lose_no_unit():
    found = calibration(quality(np.random.default_rng(7), chance=rare))
    assert len(found.tenths) < 10
    assert sum(tenth.units for tenth in found.tenths) == 2_000
    assert all(tenth.units * tenth.predicted >= 10 for tenth in found.tenths)


def test_an_amount_is_judged_by_the_spread_of_its_own_tenth():
    rng = np.random.default_rng(7)
    mean = rng.gamma(2, 10, 3_000)
    y = mean * rng.lognormal(-0.5, 1, 3_000)
    assert calibration(quality_of("spent", y, mean, binary=False)).matches
    assert calibration(quality_of("spent", y, 1.5 * mean, binary=False)).matches is False


def test_an_amount_without_recorded_errors_is_not_judged():
    y = np.arange(100.0)
    made = replace(quality_of("spent", y, y, binary=False), calibration_errors=())
    assert calibration(made).matches is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(1, 10**6)), max_size=10).map(
        tuple
    )
)
def test_no_calibration_whatever_breaks_the_rule(tenths):
    made = replace(made_by_hand.analysis().model.record.quality[0], calibration=tenths)
    found = calibration(made)
    assert (found.matches is None) == (not tenths)


# ---------------------------------------------------------------- Effects and What-if


def played(name: str, value: float, difference: float, half: float, where=None) -> Scenario:
    lever = made_by_hand.scenarios().items[0].interventions[0]
    return Scenario(
        name=name,
        interventions=(replace(lever, value=value),),
        where=where,
        outcomes=(
            ScenarioOutcome(
                outcome="purchase",
                baseline=0.05,
                value=0.05 + difference,
                difference=difference,
                low=difference - half,
                high=difference + half,
                support=1.0,
            ),
        ),
        level=0.95,
        n_units=made_by_hand.N,
    )


def board(slope: float, half: float, where=None) -> Scenarios:
    """Everyone and nobody of a line with this slope, where 30 % are treated today."""
    return Scenarios(
        items=(
            played("all", 1.0, 0.7 * slope, 0.7 * half, where),
            played("none", 0.0, -0.3 * slope, 0.3 * half, where),
        )
    )


@pytest.mark.parametrize(
    ("slope", "agrees", "close"), [(0.013, True, True), (0.022, True, False), (0.05, False, False)]
)
def test_the_contrast_of_two_scenarios_is_the_slope_with_its_interval(slope, agrees, close):
    analysis = made_by_hand.analysis()  # purchase: 0.012, 0.004 to 0.020
    (found,) = compare(analysis.effects, board(slope, 0.006), n_population=made_by_hand.N)
    assert found.whatif == pytest.approx((slope, slope - 0.006, slope + 0.006))
    assert (found.agrees, found.close) == (agrees, close)


def test_a_contrast_within_a_population_is_spread_over_its_units_only():
    analysis = made_by_hand.analysis()
    half = made_by_hand.N // 2
    question = replace(analysis.question, population="visits > 11")
    estimand = replace(analysis.effects.estimand, question=question)
    narrowed = replace(
        analysis.effects,
        estimand=estimand,
        estimates=tuple(replace(e, n_units=half) for e in analysis.effects.estimates),
    )
    (found,) = compare(narrowed, board(0.01, 0.004, "visits > 11"), n_population=half)
    assert found.whatif[0] == pytest.approx(0.02)
    assert compare(narrowed, board(0.01, 0.004), n_population=half) == ()


def test_other_averages_and_lonely_scenarios_are_not_compared():
    effects_ = made_by_hand.analysis().effects
    both = board(0.012, 0.004)
    alone = Scenarios(items=both.items[:1])
    assert everyone_and_nobody(effects_.estimand.question, alone)[1] is None
    assert compare(effects_, alone, n_population=made_by_hand.N) == ()
    assert compare(effects_, None, n_population=made_by_hand.N) == ()
    assert compare(effects_, both, n_population=made_by_hand.N - 1) == ()
    question = replace(effects_.estimand.question, kind=EffectKind.ATT)
    treated = replace(effects_, estimand=replace(effects_.estimand, question=question))
    assert compare(treated, both, n_population=made_by_hand.N) == ()


def test_on_linear_data_both_ways_find_the_same_effect():
    simulation = datasets.simulate("linear", 3_000, seed=7)
    table, truth = simulation.table, simulation.truth
    question = CausalQuestion(treatment="banner", outcomes=("click",))
    estimand = Estimand(question=question, adjustment_set=truth.adjustment)
    model = outcome.fit(table, estimand, model="linear")
    found = effects.estimate(table, estimand, model)
    names = dict.fromkeys(name for edge in truth.edges for name in edge)
    graph = CausalGraph(
        nodes=tuple(names), edges=tuple(Edge(source=a, target=b) for a, b in truth.edges)
    )
    specs = whatif.read_specs([{"do": ["banner=1"]}, {"do": ["banner=0"]}])
    both = whatif.simulate(table, graph, specs, outcomes=["click"])
    (one,) = compare(found, both, n_population=len(table))
    assert one.agrees
    assert one.whatif[0] == pytest.approx(one.effects[0], abs=2 * (one.effects[2] - one.effects[0]))
