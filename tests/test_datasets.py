"""The simulator's promises: its truth is exact, its data follow the truth, its log the table."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from causal_core import datasets
from causal_core.datasets import laws, mechanisms, people, scenarios
from causal_core.datasets.events import TIME_ZERO
from causal_core.errors import BadSettingError
from causal_core.expression import parse
from causal_core.schema import Role, Stage

Z = 3.29  # two-sided 99.9 %
N = 50_000
EFFECTIVE = ("linear", "funnel", "no-overlap", "hidden", "coupon")


@lru_cache(maxsize=6)
def simulated(scenario: str, n: int = N, seed: int = 7) -> datasets.Simulation:
    return datasets.simulate(scenario, n, seed=seed)


def treatment_of(simulation: datasets.Simulation) -> str:
    return simulation.table.schema.first(Role.TREATMENT)


def outcomes_of(simulation: datasets.Simulation) -> np.ndarray:
    return simulation.table.frame[list(datasets.OUTCOMES)].to_numpy()


def true_effects(simulation: datasets.Simulation) -> np.ndarray:
    return np.array([simulation.truth.effect(name) for name in datasets.OUTCOMES])


def assert_means_hold(values: np.ndarray, truth: np.ndarray) -> None:
    """The means of the columns lie within 99.9 % intervals round the truth."""
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert np.all(np.abs(values.mean(axis=0) - truth) <= Z * error + 1e-9), (
        f"{values.mean(axis=0)} is not {truth}: off by {(values.mean(axis=0) - truth) / error} se"
    )


# ---------------------------------------------------------------- rates


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_outcomes_have_the_rates_that_were_asked_for(scenario):
    names = [*datasets.OUTCOMES, "help_contact"]
    rates = np.array([*datasets.DEFAULT_RATES.values(), mechanisms.HELP_RATE])
    drawn = [datasets.simulate(scenario, 20_000, seed=seed).table.frame for seed in range(10)]
    assert_means_hold(pd.concat(drawn)[names].to_numpy(), rates)


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_other_base_rates_can_be_asked_for(scenario):
    asked = {"click": 0.2, "browse": 0.1, "cart": 0.06, "purchase": 0.02}
    simulation = datasets.simulate(scenario, N, base_rates=asked, seed=3)
    assert_means_hold(outcomes_of(simulation), np.array(list(asked.values())))


def test_a_rate_that_is_not_asked_for_keeps_its_share_of_the_stage_before():
    default = datasets.DEFAULT_RATES
    scaled = mechanisms.funnel_rates("funnel", {"click": 0.07})
    assert scaled == pytest.approx([0.2 * rate for rate in default.values()])
    kept = mechanisms.funnel_rates("funnel", {"purchase": 0.02})
    assert kept == (default["click"], default["browse"], default["cart"], 0.02)


# ---------------------------------------------------------------- effects


def test_without_effect_every_true_effect_is_exactly_zero():
    truth = datasets.simulate("null", 50).truth
    assert {effect.value for effect in truth.effects} == {0.0}
    assert {effect.treatment for effect in truth.effects} == {"banner", "position"}
    effects = simulated("null").oracle.unit_effects
    assert not effects.any()
    assert not {source for source, _ in truth.edges} & {"banner", "position"}


def test_the_truth_names_every_lever_with_every_outcome():
    truth = datasets.simulate("funnel", 50).truth
    pairs = {(effect.treatment, effect.outcome) for effect in truth.effects}
    outcomes = (*datasets.OUTCOMES, "help_contact")
    assert pairs == {(lever, outcome) for lever in ("banner", "position") for outcome in outcomes}
    assert all(e.value == 0 for e in truth.effects if e.outcome == "help_contact")


@pytest.mark.parametrize("scenario", EFFECTIVE)
def test_the_mean_of_the_unit_effects_is_the_true_effect(scenario):
    simulation = simulated(scenario)
    assert_means_hold(simulation.oracle.unit_effects, true_effects(simulation))


@pytest.mark.parametrize("scenario", ["linear", "funnel", "coupon", "hidden"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weighting_by_the_true_propensity_recovers_the_effect(scenario, seed):
    simulation = datasets.simulate(scenario, N, seed=seed)
    t = simulation.table.column(treatment_of(simulation))[:, None]
    e = simulation.oracle.propensity[:, None]
    y, means = outcomes_of(simulation), simulation.oracle.means
    weighted = t * y / e - (1 - t) * y / (1 - e)
    assert_means_hold(weighted, true_effects(simulation))
    corrected = means[:, 1] - means[:, 0] + t * (y - means[:, 1]) / e
    corrected -= (1 - t) * (y - means[:, 0]) / (1 - e)
    assert_means_hold(corrected, true_effects(simulation))


@pytest.mark.parametrize("scenario", [*EFFECTIVE, "null"])
def test_the_effect_of_the_top_slot_agrees_with_the_data(scenario):
    simulation = simulated(scenario)
    frame = simulation.table.frame
    seen = {name: frame[name].to_numpy() for name in laws.SLOT_PARENTS}
    chances = laws.slot_chances(SimpleNamespace(**seen))
    slot, y = frame["position"].to_numpy()[:, None], outcomes_of(simulation)
    weighted = y * ((slot == 1) / chances[:, :1] - (slot == 3) / chances[:, 2:3])
    truth = [simulation.truth.effect(name, "position") for name in datasets.OUTCOMES]
    assert_means_hold(weighted, np.array(truth))


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_what_the_truth_says_of_a_segment_holds_in_it(scenario):
    simulation = simulated(scenario)
    for segment in simulation.truth.notes["segments"]:
        mask = parse(segment["where"]).mask(simulation.table.frame)
        assert_means_hold(mask[:, None].astype(float), np.array([segment["share"]]))
        effects = np.array(list(segment["effects"].values()))
        assert_means_hold(simulation.oracle.unit_effects[mask], effects)


def test_the_banner_harms_one_segment_of_the_funnel_and_helps_all_others():
    simulation = simulated("funnel")
    (segment,) = simulation.truth.notes["segments"]
    mask = parse(segment["where"]).mask(simulation.table.frame)
    click = simulation.oracle.unit_effects[:, 0]
    assert click[mask].max() < 0 < click[~mask].min()
    assert segment["effects"]["purchase"] < -0.01


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_numerical_error_is_no_part_of_the_uncertainty(scenario):
    simulation = simulated(scenario)
    e, means = simulation.oracle.propensity[:, None], simulation.oracle.means
    variance = means * (1 - means) / np.stack([1 - e, e], axis=1)
    standard_error = np.sqrt(variance.sum(axis=1).mean(axis=0) / 10_000)
    for errors in simulation.truth.notes["numerical_error"].values():
        assert np.all(np.array(list(errors.values())) < standard_error / 50)


def test_the_effect_on_the_treated_and_on_the_others_agree_with_the_data():
    simulation = simulated("funnel")
    treated = simulation.table.column("banner") > 0
    notes, effects = simulation.truth.notes, simulation.oracle.unit_effects
    assert_means_hold(effects[treated], np.array(list(notes["att"].values())))
    assert_means_hold(effects[~treated], np.array(list(notes["atu"].values())))


# ---------------------------------------------------------------- confounding


def naive_intervals(simulation: datasets.Simulation) -> tuple[np.ndarray, np.ndarray]:
    treated = simulation.table.column(treatment_of(simulation)) > 0
    y = outcomes_of(simulation)
    value = y[treated].mean(axis=0) - y[~treated].mean(axis=0)
    error = np.sqrt(sum(arm.var(axis=0, ddof=1) / len(arm) for arm in (y[treated], y[~treated])))
    return value - 1.96 * error, value + 1.96 * error


def test_the_raw_difference_misses_the_truth_of_click_and_purchase():
    covered = np.zeros(4)
    for seed in range(100):
        simulation = datasets.simulate("funnel", 10_000, seed=seed)
        low, high = naive_intervals(simulation)
        covered += (low <= true_effects(simulation)) & (true_effects(simulation) <= high)
    assert covered[0] < 10
    assert covered[3] < 10


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_raw_difference_is_the_one_that_the_truth_foretells(scenario):
    simulation = simulated(scenario)
    treated = simulation.table.column(treatment_of(simulation)) > 0
    y = outcomes_of(simulation)
    value = y[treated].mean(axis=0) - y[~treated].mean(axis=0)
    error = np.sqrt(sum(arm.var(axis=0) / len(arm) for arm in (y[treated], y[~treated])))
    foretold = np.array(list(simulation.truth.notes["raw_difference"].values()))
    assert np.all(np.abs(value - foretold) < Z * error)


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_propensity_is_the_chance_of_treatment(scenario):
    simulation = simulated(scenario)
    t, e = simulation.table.column(treatment_of(simulation)), simulation.oracle.propensity
    for group in np.array_split(np.argsort(e), 10):
        expected, spread = e[group].sum(), np.sqrt((e[group] * (1 - e[group])).sum())
        assert abs(t[group].sum() - expected) <= Z * spread


def test_the_log_holds_the_propensity_where_the_policy_saw_no_more_than_the_log():
    for scenario in set(datasets.SCENARIOS) - {"hidden"}:
        simulation = simulated(scenario)
        assert np.array_equal(simulation.table.column("propensity"), simulation.oracle.propensity)
    assert simulated("hidden").table.schema.first(Role.PROPENSITY) is None


def test_there_is_overlap_but_where_the_scenario_says_otherwise():
    for scenario in set(datasets.SCENARIOS) - {"no-overlap"}:
        e = simulated(scenario).oracle.propensity
        assert 0.04 <= e.min() < e.max() <= 0.96
    decided = simulated("no-overlap").oracle.propensity
    assert np.mean((decided < 0.05) | (decided > 0.95)) > 0.75


def test_a_straight_line_is_right_in_the_linear_scenario():
    simulation = simulated("linear")
    names = [*simulation.truth.adjustment, "banner"]
    design = pd.get_dummies(simulation.table.frame[names], drop_first=True).astype(float)
    design.insert(0, "one", 1.0)
    x, y = design.to_numpy(), outcomes_of(simulation)
    place = list(design).index("banner")
    bread = np.linalg.inv(x.T @ x)
    slopes = bread @ (x.T @ y)
    scores = (x @ bread[place])[:, None] * (y - x @ slopes)
    error = np.sqrt((scores**2).sum(axis=0))
    assert np.all(np.abs(slopes[place] - true_effects(simulation)) < Z * error)
    expected = simulation.oracle.means
    assert expected[:, 1] - expected[:, 0] == pytest.approx(
        np.tile(true_effects(simulation), (N, 1))
    )
    assert 0 < expected.min() < expected.max() < 1


# ---------------------------------------------------------------- the hidden cause


def seen_propensity(simulation: datasets.Simulation, n: int, seed: int) -> np.ndarray:
    """P(treated | observed columns): the hidden cause averaged out, node by node."""
    traits, _ = np.random.default_rng(seed).spawn(2)
    users = people.people_from(traits.random((n, len(people.TRAITS))))
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    policy = simulation.mechanisms.law.policy
    chances = [policy(replace(users, hidden=np.full(n, node))) for node in nodes]
    return np.average(chances, axis=0, weights=weights)


def test_adjusting_for_all_that_is_observed_leaves_the_stated_bias():
    simulation = simulated("hidden")
    e = seen_propensity(simulation, N, 7)[:, None]
    t, y = simulation.table.column("banner")[:, None], outcomes_of(simulation)
    bias = np.array(list(simulation.truth.notes["bias_after_adjustment"].values()))
    assert np.all(bias > 0.5 * np.abs(true_effects(simulation)))
    weighted = t * y / e - (1 - t) * y / (1 - e)
    assert_means_hold(weighted, true_effects(simulation) + bias)
    assert simulation.truth.notes["identified"] is False


def test_a_hidden_cause_without_strength_leaves_no_bias():
    simulation = datasets.simulate("hidden", 50, strength=0.0)
    assert max(simulation.truth.notes["bias_after_adjustment"].values()) == pytest.approx(0)
    assert simulation.truth.effect("click") == datasets.simulate("funnel", 50).truth.effect("click")
    assert simulation.truth.notes["identified"]


def test_the_bias_grows_with_the_strength_of_the_hidden_cause():
    weaker = datasets.simulate("hidden", 50, strength=0.5).truth.notes
    stronger = datasets.simulate("hidden", 50).truth.notes
    for outcome in datasets.OUTCOMES:
        bias = stronger["bias_after_adjustment"][outcome]
        assert bias > weaker["bias_after_adjustment"][outcome] > 0


@pytest.mark.parametrize(("scenario", "told"), [("hidden", True), ("funnel", False)])
def test_the_negative_control_tells_of_the_hidden_cause_and_of_nothing_else(scenario, told):
    simulation = simulated(scenario)
    e = seen_propensity(simulation, N, 7) if told else simulation.oracle.propensity
    t, y = simulation.table.column("banner"), simulation.table.column("help_contact")
    products = (t - e) * (y - y.mean())
    z = products.mean() / products.std() * np.sqrt(N)
    assert z > 10 if told else abs(z) < Z


# ---------------------------------------------------------------- graph


def true_graph(simulation: datasets.Simulation) -> nx.DiGraph:
    graph = nx.DiGraph(simulation.truth.edges)
    for cause, columns in simulation.truth.notes["hidden_common_causes"].items():
        graph.add_edges_from((cause, column) for column in columns)
    return graph


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_adjustment_set_closes_every_back_door_unless_the_cause_is_hidden(scenario):
    simulation = datasets.simulate(scenario, 50)
    graph, treatment = true_graph(simulation), treatment_of(simulation)
    assert nx.is_directed_acyclic_graph(graph)
    adjustment = set(simulation.truth.adjustment)
    assert adjustment
    assert not adjustment & nx.descendants(graph, treatment)
    without_effect = graph.copy()
    without_effect.remove_edges_from(list(graph.out_edges(treatment)))
    for outcome in (*datasets.OUTCOMES, "help_contact"):
        closed = nx.is_d_separator(without_effect, treatment, outcome, adjustment)
        assert closed is (scenario != "hidden")
        assert not nx.is_d_separator(without_effect, treatment, outcome, set())


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_edges_are_exactly_what_the_formulas_read(scenario):
    made = datasets.simulate(scenario, 50).mechanisms
    law = made.law
    users = people.people_from(
        np.random.default_rng(1).random((4_000, len(people.TRAITS))), bounded=law.linear
    )
    slot = np.full(len(users), 2.0)

    def steps(who):
        means = made.means(who, slot)
        late = means[:, :, 1:] / means[:, :, :-1]
        return np.concatenate([means[:, :, :1], late], axis=2)

    before, shuffle = steps(users), np.random.default_rng(2).permutation(len(users))
    for name in (*people.OBSERVED, "drive", "taste", "hidden"):
        other = replace(users, **{name: getattr(users, name)[shuffle]})
        moved = {law.treatment: not np.array_equal(law.policy(users), law.policy(other))}
        moved["help_contact"] = not np.array_equal(law.help_score(users), law.help_score(other))
        changes = np.abs(steps(other) - before).max(axis=(0, 1)) > 1e-12
        moved |= dict(zip(datasets.OUTCOMES, changes, strict=True))
        for target, reads in moved.items():
            stated = law.parents.get(target, ()) + law.hidden_parents.get(target, ())
            assert reads == (name in stated), f"{name} → {target}"
    lifts = np.abs(before[:, 1] - before[:, 0]).max(axis=0) > 1e-12
    for outcome, lift in zip(datasets.OUTCOMES, lifts, strict=True):
        assert lift == (law.treatment in law.parents.get(outcome, ()))


# ---------------------------------------------------------------- table


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_every_role_is_stated_and_every_outcome_has_its_stage(scenario):
    table = simulated(scenario).table
    assert all(column.stated for column in table.schema)
    outcomes = table.schema.with_role(Role.OUTCOME)
    assert outcomes == datasets.OUTCOMES
    assert [table.schema[name].stage for name in outcomes] == list(Stage)
    assert set(simulated(scenario).truth.adjustment) <= set(table.schema.covariates())
    assert table.frame["user_id"].is_unique
    assert not table.frame.isna().any().any()


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_nobody_reaches_a_stage_without_the_one_before(scenario):
    y = outcomes_of(simulated(scenario))
    assert np.all(y[:, 1:] <= y[:, :-1])
    assert set(np.unique(y)) == {0.0, 1.0}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    def written(seed: int) -> tuple[bytes, bytes]:
        simulation = datasets.simulate("coupon", 500, seed=seed)
        path = tmp_path / f"{seed}.parquet"
        simulation.table.to_parquet(path)
        return path.read_bytes(), simulation.events().to_csv().encode()

    first, again, other = written(7), written(7), written(8)
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_truth_can_be_written_as_json(scenario):
    notes = datasets.simulate(scenario, 50).truth.notes
    assert json.loads(json.dumps(notes, allow_nan=False)) == notes


def test_the_truth_does_not_depend_on_size_or_seed():
    small, large = datasets.simulate("funnel", 50, seed=1), datasets.simulate("funnel", 500, seed=2)
    assert small.truth == large.truth


# ---------------------------------------------------------------- events


@lru_cache(maxsize=6)
def log_of(scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    simulation = datasets.simulate(scenario, 5_000, seed=11)
    return simulation.table.frame.set_index("user_id"), simulation.events()


def count(events: pd.DataFrame, users: pd.Index) -> np.ndarray:
    return events.groupby("user_id").size().reindex(users, fill_value=0).to_numpy()


def days(number: float) -> pd.Timedelta:
    return pd.Timedelta(days=number)


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_counting_the_events_before_gives_the_history(scenario):
    frame, events = log_of(scenario)
    past = events[events["timestamp"] < TIME_ZERO]
    recent = past[past["timestamp"] >= TIME_ZERO - days(28)]
    counted = {"visits_28d": "browse", "clicks_28d": "click", "purchases_28d": "purchase"}
    for column, kind in counted.items():
        found = count(recent[recent["event_type"] == kind], frame.index)
        assert np.array_equal(found, frame[column]), column
    bought = recent[recent["event_type"] == "purchase"]
    cents = (bought["price"] * 100).round().groupby(bought["user_id"]).sum()
    assert np.array_equal(
        cents.reindex(frame.index, fill_value=0), (frame["spend_28d"] * 100).round()
    )
    week = bought[bought["timestamp"] >= TIME_ZERO - days(7)]
    assert np.array_equal(count(week, frame.index) > 0, frame["bought_last_7d"] > 0)
    last = past[past["event_type"] == "browse"].groupby("user_id")["timestamp"].max()
    since = (TIME_ZERO - last.reindex(frame.index)) / days(1)
    assert since.to_numpy() == pytest.approx(frame["days_since_last_visit"], abs=1e-9)
    assert (past["timestamp"] >= TIME_ZERO - days(frame["tenure_days"].max())).all()


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_the_one_impression_tells_treatment_position_and_propensity(scenario):
    frame, events = log_of(scenario)
    shown = events[events["event_type"] == "impression"].set_index("user_id").loc[frame.index]
    assert (shown["timestamp"] == TIME_ZERO).all()
    treatment = "coupon_banner" if scenario == "coupon" else "banner"
    assert np.array_equal(shown["item_id"] == treatment, frame[treatment] > 0)
    assert np.array_equal(shown["position"], frame["position"])
    if scenario == "hidden":
        assert shown["propensity"].isna().all()
        return
    logged = frame["propensity"].where(frame[treatment] > 0, 1 - frame["propensity"])
    assert np.array_equal(shown["propensity"], logged)


@pytest.mark.parametrize("scenario", datasets.SCENARIOS)
def test_counting_the_events_after_gives_the_outcomes(scenario):
    frame, events = log_of(scenario)
    after = events[events["timestamp"] > TIME_ZERO]
    assert (after["timestamp"] < TIME_ZERO + days(7)).all()
    assert set(after["event_type"]) == set(datasets.OUTCOMES)
    moments = {}
    for kind in datasets.OUTCOMES:
        found = after[after["event_type"] == kind]
        assert np.array_equal(count(found, frame.index), frame[kind])
        moments[kind] = found.set_index("user_id")["timestamp"].reindex(frame.index)
    for early, late in zip(datasets.OUTCOMES, datasets.OUTCOMES[1:], strict=False):
        both = moments[late].notna()
        assert (moments[late][both] > moments[early][both]).all()
    if scenario == "coupon":
        paid = after[after["event_type"] == "purchase"].set_index("user_id")["price"]
        assert np.array_equal(paid.reindex(frame.index, fill_value=0.0), frame["order_value"])


def test_the_log_has_the_stated_columns_in_order_of_time():
    _, events = log_of("funnel")
    names = "user_id item_id event_type timestamp position propensity price"
    assert list(events) == names.split()
    assert events["timestamp"].is_monotonic_increasing
    assert str(events["timestamp"].dtype) == "datetime64[ms, UTC]"


# ---------------------------------------------------------------- the demo, and refusals


def test_the_demo_tells_the_story_of_the_coupon():
    simulation = simulated("coupon")
    frame, notes = simulation.table.frame, simulation.truth.notes
    chance = frame["random_traffic"] > 0
    assert (frame["propensity"][chance] == 0.5).all()
    assert_means_hold(chance.to_numpy()[:, None].astype(float), np.array([0.05]))
    assert (frame["redeemed"] <= frame["coupon_banner"] * frame["purchase"]).all()
    assert (frame["coupon_cost"] == notes["coupon_eur"] * frame["redeemed"]).all()
    purchase = {item["name"]: item["effects"]["purchase"] for item in notes["segments"]}
    average = simulation.truth.effect("purchase")
    assert purchase["harmed"] < purchase["loyal_buyers"] == 0 < average < purchase["newcomers"]
    assert notes["raw_difference"]["purchase"] > 2 * average


def test_the_cost_per_user_shown_agrees_with_the_data():
    simulation = simulated("coupon")
    frame = simulation.table.frame
    cost = (frame["coupon_cost"] * frame["coupon_banner"] / frame["propensity"]).to_numpy()
    stated = simulation.truth.notes["cost_per_user_shown_eur"]
    assert_means_hold(cost[:, None], np.array([stated]))


@pytest.mark.parametrize(
    ("settings", "setting", "allowed"),
    [
        ({"scenario": "funel"}, "scenario", "funnel"),
        ({"n": 49}, "n", "50"),
        ({"n": 10**9}, "n", "5000000"),
        ({"seed": -1}, "seed", "0"),
        ({"strength": -1.0, "scenario": "hidden"}, "strength", "3"),
        ({"strength": float("nan"), "scenario": "hidden"}, "strength", "3"),
        ({"base_rates": {"buy": 0.1}}, "base_rates", "purchase"),
        ({"base_rates": {"purchase": 0.2}}, "base_rates", "fall"),
        ({"base_rates": {"purchase": 0.0}}, "base_rates", "0.001"),
        ({"base_rates": {"click": float("nan")}}, "base_rates", "0.9"),
        ({"base_rates": {"click": 0.6}, "scenario": "linear"}, "base_rates", "0.45"),
    ],
)
def test_a_setting_out_of_bounds_is_refused_with_what_is_allowed(settings, setting, allowed):
    with pytest.raises(BadSettingError) as refusal:
        datasets.simulate(**{"scenario": "funnel", "n": 100, **settings})
    assert refusal.value.params["setting"] == setting
    assert allowed in refusal.value.remedy


def test_the_scenarios_are_those_with_a_law():
    assert {scenarios.law_of(name, 1.0).name for name in datasets.SCENARIOS} == set(
        datasets.SCENARIOS
    )
