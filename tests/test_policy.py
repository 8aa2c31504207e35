"""Facts about the strategy: the truth behind the data, laws of any policy, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal_core import datasets, effects, outcome, pipeline, policy
from causal_core.analysis import Analysis
from causal_core.errors import BadSettingError, MissingValuesError, NotReadyError, OverlapError
from causal_core.jobs import StepContext
from causal_core.language import t
from causal_core.pipeline import STEPS
from causal_core.question import Contrast, Estimand, Payoff
from causal_core.results import OutcomeModel, Policies, PolicyName
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable
from tests.benchmarks.policy_coverage import estimand_of, pays, run, summary, true_gains
from tests.worlds import asking, replaced, world

MONEY = Payoff(value_per={"minutes": 3.0}, cost=1.5, currency="EUR")
NAMES = tuple(PolicyName)
HELPED = world(1_200, effect=0.5, slope=1.0)


def fitted(table: BehaviorTable, estimand: Estimand | None = None, **more) -> OutcomeModel:
    return outcome.fit(table, estimand or asking(), model="linear", **more)


MODEL = fitted(HELPED.table)


def learned(**changes: object) -> Policies:
    """Learn on the small world in which activity decides who gains."""
    given = {"table": HELPED.table, "estimand": asking(), "model": MODEL, "outcome": "minutes"}
    given |= changes
    return policy.learn(given.pop("table"), given.pop("estimand"), given.pop("model"), **given)


def scored(found: Policies, effects_of_units: np.ndarray) -> float:
    return float(np.mean(found.treated * effects_of_units))


# ---------------------------------------------------------------- the truth that made the data


@pytest.fixture(scope="module")
def coupons() -> tuple[datasets.Simulation, Policies]:
    simulation = datasets.simulate("coupon", 8_000, seed=11)
    estimand = estimand_of(simulation, "click")
    model = fitted(simulation.table, estimand)
    return simulation, policy.learn(simulation.table, estimand, model, outcome="click", level=0.999)


def test_every_policy_is_worth_what_the_simulator_says(coupons):
    simulation, found = coupons
    truths = true_gains(simulation, found)
    for name, truth in truths.items():
        item = found.of(name)
        assert item.gain_low <= truth <= item.gain_high, name
        lead = truth - truths[PolicyName.TODAY]
        assert item.against_today_low <= lead <= item.against_today_high, name


def test_picking_by_effect_beats_random_and_the_likeliest_where_effects_differ(coupons):
    simulation, found = coupons
    truths = true_gains(simulation, found)
    assert truths[PolicyName.BEST] > 1.4 * truths[PolicyName.RANDOM] > 0
    best = found.of(PolicyName.BEST)
    assert best.gain > found.of(PolicyName.RANDOM).gain
    assert best.gain > found.of(PolicyName.LIKELIEST).gain


def test_a_gain_over_random_is_claimed_where_effects_differ_much():
    assert pays(learned())


def test_a_handful_of_events_claims_no_gain_over_random():
    estimand = asking("bought")
    rare = world(400, base=-3.0)
    model = fitted(rare.table, estimand)
    found = learned(table=rare.table, estimand=estimand, model=model, outcome="bought")
    assert not pays(found)
    assert any("effective events" in text for text in found.warnings)


def test_the_rule_treats_newcomers_and_spares_those_who_are_harmed(coupons):
    simulation, found = coupons
    frame = simulation.table.frame
    harmed = (frame["age_group"] == "55+") & (frame["device"] == "phone")
    newcomers = (frame["tenure_days"] < 90) & ~harmed & (frame["purchases_28d"] < 2)
    assert found.treated[newcomers].mean() > 2 * found.treated.mean()
    assert found.treated[harmed & (frame["purchases_28d"] < 2)].mean() < 0.05


def test_units_are_chosen_by_their_effect_and_not_by_their_outcome():
    found = learned(budget=0.3)
    gain = HELPED.effects[found.treated].mean()
    assert gain > np.quantile(HELPED.effects, 0.6)
    assert scored(found, HELPED.effects) == pytest.approx(found.of(PolicyName.BEST).gain, abs=0.1)


@pytest.mark.long
@pytest.mark.parametrize("scenario", ["coupon", "funnel", "null"])
def test_the_interval_holds_the_true_value_in_ninety_of_a_hundred(scenario, tmp_path):
    found = run(scenario, 4_000, range(1, 101), tmp_path / f"policy_{scenario}_4000.csv")
    held = summary(found)
    assert (held["covered"] >= 90).all()
    assert (held["lead_covered"] >= 90).all()
    if scenario == "null":  # at most 5 % and two standard errors of a hundred runs
        assert (held["picking_pays"] <= 9).all()


@pytest.mark.slow
def test_no_gain_over_random_is_claimed_where_the_treatment_does_nothing(tmp_path):
    found = run("null", 1_000, range(1, 7), tmp_path / "policy_null_1000.csv")
    held = summary(found)
    assert (held["picking_pays"] <= 1).all()
    assert held.loc[("click", "best"), "covered"] >= 5


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "policy_coupon_600.csv"
    first = run("coupon", 600, [1], path)
    both = run("coupon", 600, [1, 2], path)
    assert both[both["seed"] == 1].equals(first)
    assert sorted(both["seed"].unique()) == [1, 2]


# ---------------------------------------------------------------- no look at one's own outcome


def test_no_outcome_of_a_fold_moves_a_treatment_in_that_fold():
    fold = MODEL.folds == 2
    y = HELPED.table.column("minutes")
    flipped = replaced(HELPED.table, minutes=np.where(fold, 20 - 3 * y, y))
    again = fitted(flipped)
    assert np.array_equal(again.folds, MODEL.folds)
    before, after = learned(), learned(table=flipped, model=again)
    assert np.array_equal(before.treated[fold], after.treated[fold])
    assert not np.array_equal(before.treated[~fold], after.treated[~fold]), "others learn of it"


def test_units_with_the_same_prediction_are_chosen_by_lot_and_not_by_the_order_of_rows():
    predictions = MODEL.predictions.copy()
    predictions[:, 1] = predictions[:, 0] + 1.0
    found = learned(model=replace(MODEL, predictions=predictions), budget=0.5)
    first = found.treated[: len(found.treated) // 2].mean()
    assert 0.4 < first < 0.6
    assert found.treated.mean() == pytest.approx(0.5, abs=0.01)
    other = learned(model=replace(MODEL, predictions=predictions), budget=0.5, seed=8)
    assert not np.array_equal(found.treated, other.treated)


def test_no_fold_is_given_more_than_its_share():
    found = learned(budget=0.37)
    for fold in np.unique(MODEL.folds):
        assert found.treated[MODEL.folds == fold].mean() <= 0.37


# ---------------------------------------------------------------- laws of any policy


@pytest.fixture(scope="module")
def found() -> Policies:
    return learned()


def test_the_six_policies_are_there_in_order(found):
    assert tuple(item.name for item in found.items) == NAMES
    assert (found.n_units, found.n_clusters) == (1_200, 1_200)


def test_everyone_is_worth_the_average_effect_with_its_interval(found):
    whole = effects.estimate(HELPED.table, asking(), MODEL).of("minutes")
    everyone = found.of(PolicyName.EVERYONE)
    assert everyone.gain == pytest.approx(whole.value)
    assert (everyone.gain_low, everyone.gain_high) == pytest.approx((whole.low, whole.high))


def test_everyone_is_worth_the_average_effect_for_a_rare_outcome_too():
    estimand = asking("bought")
    model = fitted(HELPED.table, estimand)
    whole = effects.estimate(HELPED.table, estimand, model).of("bought")
    everyone = learned(estimand=estimand, model=model, outcome="bought").of(PolicyName.EVERYONE)
    assert (everyone.gain, everyone.gain_low, everyone.gain_high) == pytest.approx(
        (whole.value, whole.low, whole.high)
    )


def test_nobody_is_worth_nothing_and_random_its_share_of_everyone(found):
    nobody, random = found.of(PolicyName.NOBODY), found.of(PolicyName.RANDOM)
    everyone, best = found.of(PolicyName.EVERYONE), found.of(PolicyName.BEST)
    assert (nobody.gain, nobody.gain_low, nobody.gain_high, nobody.share_treated) == (0, 0, 0, 0)
    assert random.share_treated == pytest.approx(best.share_treated)
    for end in ("gain", "gain_low", "gain_high"):
        part = best.share_treated * getattr(everyone, end)
        assert getattr(random, end) == pytest.approx(part)


def test_today_is_worth_the_effect_on_the_treated_and_no_more_than_itself(found):
    today = found.of(PolicyName.TODAY)
    banner = HELPED.table.column("banner")
    assert today.gain_low <= np.mean(banner * HELPED.effects) <= today.gain_high
    assert (today.against_today, today.against_today_low, today.against_today_high) == (0, 0, 0)
    assert today.share_treated == pytest.approx(banner.mean())
    assert today.ess == len(banner)


def test_a_lead_over_today_is_the_difference_of_both_values(found):
    today = found.of(PolicyName.TODAY)
    for item in found.items:
        assert item.against_today == pytest.approx(item.net - today.net, abs=1e-12)


def test_the_lead_of_everyone_over_today_is_surer_than_two_separate_values(found):
    everyone, today = found.of(PolicyName.EVERYONE), found.of(PolicyName.TODAY)
    width = everyone.against_today_high - everyone.against_today_low
    apart = np.hypot(everyone.gain_high - everyone.gain_low, today.gain_high - today.gain_low)
    assert width < 0.95 * apart


def test_the_frontier_goes_from_nobody_to_everyone_in_twenty_steps(found):
    shares = [point.share for point in found.frontier]
    assert shares == pytest.approx(np.linspace(0, 1, 21).tolist())
    first, last = found.frontier[0], found.frontier[-1]
    assert (first.gain, first.low, first.high) == (0, 0, 0)
    everyone = found.of(PolicyName.EVERYONE)
    assert (last.gain, last.low, last.high) == pytest.approx(
        (everyone.gain, everyone.gain_low, everyone.gain_high)
    )


def test_ours_lies_on_the_frontier_where_all_its_units_gain():
    found = learned(budget=0.2)
    point = next(p for p in found.frontier if p.share == 0.2)
    best = found.of(PolicyName.BEST)
    assert (best.gain, best.gain_low, best.gain_high) == (point.gain, point.low, point.high)


def test_who_changes_treatment_adds_up(found):
    today = HELPED.table.column("banner") == 1
    assert found.newly_treated - found.no_longer_treated == found.treated.sum() - today.sum()
    assert found.newly_treated == int(np.sum(found.treated & ~today))


def test_a_wider_level_widens_every_interval(found):
    wider = learned(level=0.999)
    for item in found.items[1:]:
        more = wider.of(item.name)
        assert more.gain == item.gain
        assert more.gain_high - more.gain_low > item.gain_high - item.gain_low


def test_effective_size_is_that_of_the_units_who_are_treated_as_the_policy_says(found):
    arm, e = HELPED.table.column("banner"), MODEL.propensities
    weights = np.where(arm == found.treated, 1 / np.where(arm == 1, e[:, 1], e[:, 0]), 0.0)
    expected = weights.sum() ** 2 / np.sum(weights**2)
    assert found.of(PolicyName.BEST).ess == pytest.approx(expected)
    assert expected < np.sum(arm == found.treated)


def test_repeated_users_widen_the_intervals():
    frame = pd.concat([HELPED.table.frame] * 3, ignore_index=True)
    person = Column(name="person", kind=Kind.ID, role=Role.CLUSTER_ID, stated=True)
    repeated = BehaviorTable(
        frame=frame.assign(person=frame["user"], user=[f"r{i}" for i in range(len(frame))]),
        schema=Schema(columns=(*HELPED.table.schema, person)),
    )
    alone = replace(repeated, schema=repeated.schema.restated({"person": Role.IGNORE}))
    model = fitted(repeated)
    clustered = learned(table=repeated, model=model)
    single = learned(table=alone, model=model)
    assert clustered.n_clusters == 1_200
    for name in (PolicyName.EVERYONE, PolicyName.BEST, PolicyName.TODAY):
        one, many = single.of(name), clustered.of(name)
        ratio = (many.gain_high - many.gain_low) / (one.gain_high - one.gain_low)
        assert ratio == pytest.approx(np.sqrt(3), rel=0.02)


# ---------------------------------------------------------------- money


def test_net_is_value_times_gain_less_the_cost_of_those_treated():
    for item in learned(payoff=MONEY).items:
        for gain, net in (("gain", "net"), ("gain_low", "net_low"), ("gain_high", "net_high")):
            expected = 3.0 * getattr(item, gain) - 1.5 * item.share_treated
            assert getattr(item, net) == pytest.approx(expected)


def test_another_currency_unit_scales_all_money_and_changes_nobody():
    cents = Payoff(value_per={"minutes": 300.0}, cost=150.0)
    euros, hundredfold = learned(payoff=MONEY), learned(payoff=cents)
    assert np.array_equal(euros.treated, hundredfold.treated)
    for one, other in zip(euros.items, hundredfold.items, strict=True):
        assert other.net_low == pytest.approx(100 * one.net_low)
        assert other.against_today_high == pytest.approx(100 * one.against_today_high)
        assert other.gain_high == one.gain_high


def test_nobody_is_treated_whose_predicted_gain_is_below_its_cost():
    dear = learned(payoff=MONEY, budget=1.0)
    assert np.array_equal(dear.treated, 3.0 * dear.effects > 1.5)
    free = learned(budget=1.0)
    assert np.array_equal(free.treated, free.effects > 0)
    assert "0 or less" in free.rule
    assert "are predicted to gain" in free.rule
    assert dear.treated.sum() < free.treated.sum()


def test_an_outcome_that_does_harm_is_lowered():
    harm = learned(payoff=Payoff(value_per={"minutes": -2.0}), budget=1.0)
    assert np.array_equal(harm.treated, harm.effects < 0)
    best = harm.of(PolicyName.BEST)
    assert best.net_low <= best.net <= best.net_high


def test_a_cost_without_a_value_is_not_set_against_the_gain():
    found = learned(payoff=Payoff(cost=5.0))
    assert np.array_equal(found.treated, learned().treated)
    assert any("No value of one “minutes”" in text for text in found.warnings)
    assert found.of(PolicyName.BEST).net == found.of(PolicyName.BEST).gain


def test_where_the_cost_eats_every_gain_nobody_is_treated_and_it_is_said():
    found = learned(payoff=replace(MONEY, cost=100.0))
    assert not found.treated.any()
    assert any("nobody is treated" in text for text in found.warnings)
    assert not pays(found)
    assert found.of(PolicyName.BEST).net == 0


# ---------------------------------------------------------------- words


def test_the_rule_says_who_is_treated_and_that_the_model_never_saw_them(found):
    assert found.rule.startswith("Treat the 20 % of units with the largest predicted effect")
    assert "never saw it" in found.rule


def test_segments_tell_whom_the_rule_treats_beside_today(found):
    columns = list(dict.fromkeys(part.column for part in found.segments))
    assert columns[0] == "activity", "the one that decides comes first"
    activity = [part for part in found.segments if part.column == "activity"]
    assert activity[-1].share_treated > activity[0].share_treated
    for column in columns:
        parts = [part for part in found.segments if part.column == column]
        assert sum(part.n_units for part in parts) == found.n_units
        treated = sum(part.n_units * part.share_treated for part in parts)
        assert treated == pytest.approx(found.treated.sum())


def test_two_columns_cut_together_are_not_told_again_one_by_one(coupons):
    _, found = coupons
    columns = list(dict.fromkeys(part.column for part in found.segments))
    named = [name for column in columns for name in column.split(" × ")]
    assert len(named) == len(set(named))
    assert len(columns) == 3


def test_an_association_is_told_not_to_be_an_effect():
    loose = replace(asking(), time_ordered=False)
    assert any("not effects" in text for text in learned(estimand=loose).warnings)


def test_doubt_about_picking_is_told_where_everybody_gains_alike():
    even = world(800, effect=1.0)
    found = learned(table=even.table, model=fitted(even.table))
    assert t("We cannot tell whether picking units beats random choice.") in found.warnings


# ---------------------------------------------------------------- other units, and what is refused


def test_units_with_a_third_treatment_value_are_left_as_they_are():
    rng = np.random.default_rng(3)
    third = rng.random(1_200) < 0.1
    banner = np.where(third, 2.0, HELPED.table.column("banner"))
    table = replaced(HELPED.table, Kind.COUNT, banner=banner)
    estimand = asking(contrast=Contrast(treated_value=1.0, control_value=0.0))
    found = learned(table=table, estimand=estimand, model=fitted(table, estimand))
    assert found.n_units == int(np.sum(~third))
    assert len(found.treated) == 1_200
    assert not found.treated[third].any()
    assert any("are left out" in text for text in found.warnings)
    assert sum(p.n_units for p in found.segments if p.column == "activity") == found.n_units


def test_the_population_is_that_of_the_question():
    estimand = asking(population="phone == 1")
    found = learned(estimand=estimand, model=fitted(HELPED.table, estimand))
    assert found.n_units == int(HELPED.table.column("phone").sum()) == len(found.effects)


@pytest.mark.parametrize("budget", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_budget_that_is_no_share_is_refused(budget):
    with pytest.raises(BadSettingError, match="budget"):
        learned(budget=budget)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_out_of_bounds_is_refused(level):
    with pytest.raises(BadSettingError, match="level"):
        learned(level=level)


def test_an_outcome_that_was_not_learned_is_refused_with_those_that_were():
    with pytest.raises(BadSettingError, match="minutes"):
        learned(outcome="bought")


def test_a_model_of_another_table_is_refused():
    with pytest.raises(BadSettingError, match="another table"):
        learned(table=world(600).table)


def test_gaps_in_the_outcome_are_refused():
    gaps = HELPED.table.column("minutes").copy()
    gaps[5] = np.nan
    with pytest.raises(MissingValuesError, match="minutes"):
        learned(table=replaced(HELPED.table, minutes=gaps))


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_ranked_where_the_groups_are_never_alike(seed):
    simulation = datasets.simulate("no-overlap", 1_000, seed=seed)
    estimand = estimand_of(simulation, "click")
    model = fitted(simulation.table, estimand)
    with pytest.raises(OverlapError, match="counterpart"):
        policy.learn(simulation.table, estimand, model, outcome="click")


def test_poor_overlap_is_told():
    steep = world(1_200, steepness=2.4)
    found = learned(table=steep.table, model=fitted(steep.table))
    assert any("comparable" in text or "weighted" in text for text in found.warnings)


# ---------------------------------------------------------------- the step


@pytest.fixture(scope="module")
def answered() -> Analysis:
    table = datasets.simulate("linear", 600, seed=7).table
    request = pipeline.Request(
        treatment="banner", outcomes=("click", "cart"), model="linear", discover=False, refute=False
    )
    return pipeline.run(table, request)


CONTEXT = StepContext(store=None, project_id="", actor="", seed=7, job_id="")  # type: ignore[arg-type]


def work(analysis: Analysis, **settings: object) -> Analysis:
    return STEPS["policy"](analysis, settings, lambda *_: None, CONTEXT)


def test_the_step_takes_the_first_outcome_a_fifth_and_the_payoff_that_stands(answered):
    worth = Payoff(value_per={"click": 2.0}, cost=0.1)
    found = work(answered.updated(payoff=worth)).policies
    assert (found.outcome, found.budget, found.payoff) == ("click", 0.2, worth)
    assert set(found.basis) == {"table", "estimand", "model", "payoff"}


def test_the_step_takes_another_outcome_and_budget(answered):
    found = work(answered, outcome="cart", budget=0.5).policies
    assert (found.outcome, found.budget) == ("cart", 0.5)
    assert set(found.basis) == {"table", "estimand", "model"}


def test_policies_leave_with_the_payoff_they_rest_on(answered):
    chosen = work(answered.updated(payoff=Payoff(value_per={"click": 2.0})))
    assert chosen.updated(payoff=Payoff(value_per={"click": 3.0})).policies is None


def test_the_step_needs_a_model(answered):
    with pytest.raises(NotReadyError):
        work(answered.updated(model=None))


@pytest.mark.parametrize("budget", ["a lot", True])
def test_the_step_refuses_a_budget_that_is_no_number(answered, budget):
    with pytest.raises(BadSettingError, match="budget"):
        work(answered, budget=budget)


def test_the_same_seed_gives_the_same_fingerprint(answered):
    assert work(answered).policies.fingerprint == work(answered).policies.fingerprint
