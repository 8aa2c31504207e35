"""Effects: the truth that made the data, laws that hold for all data, and second opinions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from causal_core import datasets, effects, outcome
from causal_core.errors import BadSettingError
from causal_core.features import (
    ArmMeans,
    FeatureEncoder,
    covariance,
    difference_limits,
    mover,
)
from causal_core.question import Assignment, CausalQuestion, Contrast, EffectKind, Estimand
from causal_core.results import Effects, Method
from causal_core.schema import Kind, Role
from causal_core.table import BehaviorTable
from tests.worlds import asking, replaced, world

KINDS = list(EffectKind)


def effects_of(
    table: BehaviorTable, estimand: Estimand, *, model: str = "linear", level: float = 0.95, **more
) -> Effects:
    fitted = outcome.fit(table, estimand, model=model, **more)
    return effects.estimate(table, estimand, fitted, level=level)


def true_effect(kind: EffectKind, *, slope: float, effect: float = 1.0) -> float:
    """Return the effect in `world` for a target population, by counting two million users."""
    big = world(400_000, slope=slope, effect=effect, seed=99)
    weights = {
        EffectKind.ATT: big.propensity,
        EffectKind.ATU: 1 - big.propensity,
    }.get(kind, np.ones(len(big.effects)))
    if kind is EffectKind.EVERYONE:
        return float(np.mean((1 - big.propensity) * big.effects))
    return float(np.average(big.effects, weights=weights))


# ---------------------------------------------------------------- the truth that made the data


@pytest.mark.parametrize("model", ["linear", "mlp"])
@pytest.mark.parametrize("effect", [0.0, 0.5, -1.2])
def test_the_interval_holds_the_effect_that_made_the_data(effect, model):
    found = effects_of(world(1_200, effect=effect).table, asking(), model=model, level=0.999)
    primary = found.of("minutes")
    assert found.primary is primary.method is Method.AIPW
    assert primary.low <= effect <= primary.high
    assert primary.high - primary.low < 0.6


def test_no_effect_on_any_stage_of_the_null_funnel_is_found_where_there_is_none():
    simulation = datasets.simulate("null", 2_500, seed=5)
    treatment = simulation.table.schema.with_role(Role.TREATMENT)[0]
    question = CausalQuestion(treatment=treatment, outcomes=simulation.oracle.outcomes)
    estimand = Estimand(question=question, adjustment_set=simulation.truth.adjustment)
    found = effects_of(simulation.table, estimand, model="mlp", level=0.999)
    for estimate in found.primaries():
        assert estimate.low <= 0 <= estimate.high
    assert not found.of("click", Method.NAIVE).low <= 0 <= found.of("click", Method.NAIVE).high


def test_the_raw_difference_is_far_from_the_truth_and_adjustment_is_not():
    found = effects_of(world(1_200).table, asking(), level=0.999)
    assert found.of("minutes", Method.NAIVE).low > 1.5
    for method in (Method.LINEAR, Method.PLUGIN, Method.AIPW):
        assert found.of("minutes", method).low < 1.0 < found.of("minutes", method).high


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_effect_is_that_of_its_own_population(kind):
    table = world(4_000, slope=1.0).table
    found = effects_of(table, asking(kind=kind), level=0.999).of("minutes")
    truth = true_effect(kind, slope=1.0)
    assert found.low <= truth <= found.high
    others = [true_effect(other, slope=1.0) for other in KINDS if other is not kind]
    assert not any(found.low <= other <= found.high for other in others)


def test_two_values_of_a_treatment_with_three_are_compared_among_their_own_units():
    rng = np.random.default_rng(3)
    table = world(1_500, effect=1.0).table
    colour = np.where(table.column("banner") == 1, "red", "none")
    colour = np.where(rng.random(1_500) < 0.3, "blue", colour)
    minutes = table.column("minutes") + 40 * (colour == "blue")  # must not reach the comparison
    coloured = replaced(table, Kind.CATEGORY, banner=pd.Series(colour, dtype="str"))
    contrast = Contrast(treated_value="red", control_value="none")
    found = effects_of(replaced(coloured, minutes=minutes), asking(contrast=contrast), level=0.999)
    primary = found.of("minutes")
    assert primary.low <= 1.0 <= primary.high
    assert primary.n_units == int(np.sum(colour != "blue"))
    assert primary.contrast == "red against none"


# ---------------------------------------------------------------- laws


@settings(max_examples=15)
@given(shift=st.floats(-1e4, 1e4))
def test_adding_a_constant_to_the_outcome_moves_no_effect(shift):
    table = world(300).table
    before = effects_of(table, asking())
    after = effects_of(replaced(table, minutes=table.column("minutes") + shift), asking())
    for one, other in zip(before.estimates, after.estimates, strict=True):
        assert other.value == pytest.approx(one.value, abs=1e-6)
        assert other.standard_error == pytest.approx(one.standard_error, abs=1e-6)


def test_adding_a_constant_moves_no_effect_of_the_network_by_more_than_rounding():
    table = world(400).table
    before = effects_of(table, asking(), model="mlp")
    after = effects_of(
        replaced(table, minutes=table.column("minutes") + 1_000), asking(), model="mlp"
    )
    gap = after.of("minutes").value - before.of("minutes").value
    assert abs(gap) < 0.01 * before.of("minutes").standard_error


@pytest.mark.parametrize("kind", [EffectKind.ATE, EffectKind.ATT, EffectKind.ATU])
def test_swapping_the_arms_turns_the_sign(kind):
    swapped = {EffectKind.ATT: EffectKind.ATU, EffectKind.ATU: EffectKind.ATT}.get(kind, kind)
    table = world(500).table
    plain = effects_of(table, asking(kind=kind)).estimates
    back = Contrast(treated_value=0.0, control_value=1.0)
    turned = effects_of(table, asking(kind=swapped, contrast=back)).estimates
    for one, other in zip(plain, turned, strict=True):
        if one.method in (Method.NAIVE, Method.LINEAR):  # the others' folds are dealt anew
            assert other.value == pytest.approx(-one.value)
            assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
        else:
            assert abs(other.value + one.value) < one.standard_error


def test_everyone_against_today_is_the_effect_on_the_untreated_times_their_share():
    table = world(1_000, slope=1.0).table
    fitted = outcome.fit(table, asking(), model="linear")
    everyone, untreated = (
        effects.estimate(table, asking(kind=kind), replace(fitted)).of("minutes")
        for kind in (EffectKind.EVERYONE, EffectKind.ATU)
    )
    share = 1 - table.column("banner").mean()
    assert everyone.value == pytest.approx(
        untreated.value * share, abs=0.25 * everyone.standard_error
    )


def test_the_average_effect_is_the_mean_of_those_on_treated_and_untreated():
    table = world(1_000, slope=1.0).table
    fitted = outcome.fit(table, asking(), model="linear")
    values = {
        kind: effects.estimate(table, asking(kind=kind), fitted).of("minutes").value
        for kind in (EffectKind.ATE, EffectKind.ATT, EffectKind.ATU)
    }
    share = table.column("banner").mean()
    joined = share * values[EffectKind.ATT] + (1 - share) * values[EffectKind.ATU]
    assert values[EffectKind.ATE] == pytest.approx(joined, abs=0.02)


@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_the_order_of_the_rows_moves_the_estimate_by_less_than_its_error(model):
    """The folds follow the order of the rows, so that it may move, but only that much."""
    table = world(800).table
    order = np.random.default_rng(2).permutation(800)
    shuffled = replace(table, frame=table.frame.iloc[order].reset_index(drop=True))
    one, other = (
        effects_of(each, asking("minutes", "bought"), model=model) for each in (table, shuffled)
    )
    for name in ("minutes", "bought"):
        gap = abs(one.of(name).value - other.of(name).value)
        assert gap < one.of(name).standard_error
        assert one.of(name, Method.NAIVE).value == pytest.approx(other.of(name, Method.NAIVE).value)


def test_users_seen_four_times_are_no_more_users():
    table = world(400).table
    frame = pd.concat([table.frame] * 4, ignore_index=True)
    repeated = replace(table, frame=frame)
    rows = replaced(repeated, user=pd.Series([f"r{i}" for i in range(1_600)], dtype="str"))
    once, clustered, blind = (
        effects_of(t, asking("minutes", "bought")) for t in (table, repeated, rows)
    )
    for name in ("minutes", "bought"):
        for method in Method:
            errors = [each.of(name, method).standard_error for each in (once, clustered, blind)]
            assert errors[1] == pytest.approx(errors[0], rel=0.1)
            assert errors[1] > 1.8 * errors[2]
    assert clustered.of("minutes").n_units == 1_600
    assert clustered.of("minutes").n_clusters == 400


def test_the_same_seed_gives_the_same_numbers():
    one, other = (
        effects_of(world(300).table, asking("minutes", "bought"), model="mlp") for _ in (1, 2)
    )
    assert one.estimates == other.estimates
    assert one.fingerprint == other.fingerprint


@settings(max_examples=15)
@given(level=st.floats(0.5, 0.99))
def test_a_higher_level_gives_a_wider_interval_round_the_same_value(level):
    table = world(300).table
    fitted = outcome.fit(table, asking("minutes", "bought"), model="linear")
    narrow, wide = (
        effects.estimate(table, asking("minutes", "bought"), fitted, level=each)
        for each in (level, level + 0.009)
    )
    for one, other in zip(narrow.estimates, wide.estimates, strict=True):
        assert one.value == other.value
        assert other.low < one.low < one.value < one.high < other.high


# ---------------------------------------------------------------- second opinions


def test_the_raw_difference_is_that_of_the_means_with_welch_s_error():
    table = world(600).table
    y, t = table.column("minutes"), table.column("banner")
    welch = stats.ttest_ind(y[t == 1], y[t == 0], equal_var=False)
    naive = effects_of(table, asking()).of("minutes", Method.NAIVE)
    assert naive.value == pytest.approx(y[t == 1].mean() - y[t == 0].mean())
    assert naive.value / naive.standard_error == pytest.approx(welch.statistic, rel=0.01)


def test_the_linear_method_is_least_squares_with_the_sandwich_of_statsmodels():
    from statsmodels.api import OLS

    table = world(600).table
    users = pd.Series([f"u{i // 2}" for i in range(600)], dtype="str")
    table = replaced(table, user=users)
    features = FeatureEncoder.fit(table, ["activity", "phone", "city"]).transform(table.frame)
    design = np.column_stack([table.column("banner"), np.ones(600), features[:, :-1]])
    peer = OLS(table.column("minutes"), design).fit(
        cov_type="cluster", cov_kwds={"groups": table.clusters(), "use_correction": False}
    )
    ours = effects_of(table, asking()).of("minutes", Method.LINEAR)
    assert ours.value == pytest.approx(peer.params[0])
    assert ours.standard_error == pytest.approx(peer.bse[0] * np.sqrt(300 / 299), rel=1e-6)


def test_the_doubly_robust_value_is_the_mean_of_the_published_scores():
    table = world(500).table
    fitted = outcome.fit(table, asking(), model="linear")
    y, t, e = table.column("minutes"), table.column("banner"), fitted.propensities[:, 1]
    mu0, mu1 = fitted.predictions[:, :, 0].T
    scores = mu1 - mu0 + t * (y - mu1) / e - (1 - t) * (y - mu0) / (1 - e)
    ours = effects.estimate(table, asking(), fitted).of("minutes")
    assert ours.value == pytest.approx(scores.mean())
    assert ours.standard_error == pytest.approx(scores.std(ddof=1) / np.sqrt(500))


def test_mover_of_two_independent_chances_is_newcombe_s_for_its_limits():
    """Newcombe (1998), method 10, from Wilson limits: 56/70 against 48/80 gives .0524 to .3339."""

    def wilson(events: int, n: int) -> tuple[float, float, float]:
        interval = stats.binomtest(events, n).proportion_ci(0.95, method="wilson")
        return events / n, interval.low, interval.high

    low, high = mover(wilson(48, 80), wilson(56, 70), 0.0)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


# ---------------------------------------------------------------- rare outcomes


def rare(rng: np.random.Generator, n: int, chances: tuple[float, float]) -> ArmMeans:
    """Return both arms' shares in an experiment of n units, half treated, as `naive` has them."""
    arm = np.arange(n) % 2
    y = (rng.random(n) < np.array(chances)[arm]).astype(float)
    means = [float(y[arm == a].mean()) for a in (0, 1)]
    influence = np.column_stack([(arm == a) * 2.0 * (y - means[a]) for a in (0, 1)])
    return ArmMeans(values=(means[0], means[1]), influence=influence)


def test_at_two_percent_the_interval_covers_and_leans_to_the_side_of_the_rare():
    """109 events an arm is where both cover (DESIGN 7); 23 is where Wald falls behind."""
    rng, n, runs = np.random.default_rng(7), 2_300, 1_500
    units = np.arange(n)
    hits, wald_hits = 0, 0
    for _ in range(runs):
        arms = rare(rng, n, (0.02, 0.02))
        limits, wald = (
            difference_limits(arms, units, n, level=0.95, chances=each) for each in (True, False)
        )
        hits += limits.low <= 0 <= limits.high
        wald_hits += wald.low <= 0 <= wald.high
    error = np.sqrt(0.95 * 0.05 / runs)
    assert 0.95 - 3.3 * error < hits / runs < 0.975
    assert hits >= wald_hits


def test_the_limits_of_a_difference_of_chances_stay_within_one():
    arms = rare(np.random.default_rng(7), 60, (0.02, 0.97))
    limits = difference_limits(arms, np.arange(60), 60, level=0.99999, chances=True)
    assert -1 < limits.low < arms.difference < limits.high < 1


def test_with_many_events_the_interval_is_the_usual_one():
    arms = rare(np.random.default_rng(7), 200_000, (0.3, 0.4))
    units = np.arange(200_000)
    ours, wald = (
        difference_limits(arms, units, 200_000, level=0.95, chances=each) for each in (True, False)
    )
    assert (ours.low, ours.high) == pytest.approx((wald.low, wald.high), abs=1e-5)


def test_arms_that_move_together_have_a_narrower_difference():
    rng = np.random.default_rng(7)
    common, own = rng.normal(size=(2, 1_000))
    together = np.column_stack([common, common + 0.1 * own]) * 0.3
    apart = np.column_stack([common, own]) * 0.3
    widths = [
        limits.high - limits.low
        for influence in (together, apart)
        for limits in [
            difference_limits(
                ArmMeans(values=(0.1, 0.1), influence=influence - influence.mean(axis=0)),
                np.arange(1_000),
                1_000,
                level=0.95,
                chances=True,
            )
        ]
    ]
    assert widths[0] < 0.2 * widths[1]


def test_the_covariance_of_means_is_that_of_their_sums_by_cluster():
    rng = np.random.default_rng(7)
    influence, clusters = rng.normal(size=(90, 2)), np.repeat(np.arange(30), 3)
    sums = influence.reshape(30, 3, 2).sum(axis=1)
    expected = sums.T @ sums / 90**2 * 30 / 29
    np.testing.assert_allclose(covariance(influence, clusters, 30), expected)


# ---------------------------------------------------------------- what a reader is told


def test_every_outcome_has_its_four_methods_in_order_with_units_and_counts():
    found = effects_of(world(400).table, asking("minutes", "bought"))
    assert [(e.outcome, e.method) for e in found.estimates] == [
        (name, method) for name in ("minutes", "bought") for method in Method
    ]
    assert found.of("bought").outcome_unit == "share of units"
    assert found.of("minutes").effective_events is None
    assert found.of("bought").effective_events[1] > 20
    assert found.basis.keys() == {"table", "estimand", "model"}


def test_few_effective_events_are_told_and_many_are_not():
    few = effects_of(world(800, base=-4.0).table, asking("bought"))
    many = effects_of(world(800).table, asking("bought"))
    assert min(few.of("bought").effective_events) < effects.FEW_EVENTS
    assert any("effective events" in text for text in few.warnings)
    assert not any("effective events" in text for text in many.warnings)


def test_a_large_correction_of_the_outcome_model_is_told():
    table = world(4_000).table
    bend = 3 * table.column("banner") * table.column("activity") ** 2  # no line can follow it
    found = effects_of(replaced(table, minutes=table.column("minutes") + bend), asking())
    assert any("correction is" in text for text in found.warnings)
    assert not any("correction is" in text for text in effects_of(table, asking()).warnings)


def test_clipped_propensities_are_told():
    found = effects_of(world(1_000, steepness=6.0).table, asking())
    assert any("cut at" in text for text in found.warnings)
    assert not any("cut at" in text for text in effects_of(world(1_000).table, asking()).warnings)


def test_propensities_that_chance_gave_are_told():
    estimand = asking(assignment=Assignment.CHANCE)
    found = effects_of(world(400, steepness=0.0).table, estimand)
    assert any("chance decided" in text for text in found.warnings)


def test_without_overlap_the_estimate_says_so_itself():
    found = effects_of(world(1_000, steepness=25.0).table, asking())
    assert not found.overlap.sufficient
    assert found.overlap.sentence in found.warnings


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_that_is_no_share_is_refused(level):
    table = world(300).table
    fitted = outcome.fit(table, asking(), model="linear")
    with pytest.raises(BadSettingError, match="level"):
        effects.estimate(table, asking(), fitted, level=level)


def test_a_model_of_another_question_or_table_is_refused():
    table = world(300).table
    fitted = outcome.fit(table, asking(), model="linear")
    with pytest.raises(BadSettingError, match="another table or question"):
        effects.estimate(table, asking("bought"), fitted)
    with pytest.raises(BadSettingError, match="another table or question"):
        effects.estimate(world(301).table, asking(), fitted)
