"""Segments: the truth that made the data, laws that hold for all data, and their filters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal_core import datasets, effects, identification, outcome
from causal_core.effects._within import _pointwise_level
from causal_core.expression import parse
from causal_core.features import segments_of
from causal_core.question import CausalQuestion, EffectKind
from causal_core.results import Effects, Method
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable
from tests.benchmarks.segment_coverage import estimated, rows_of, run, summary, truths
from tests.worlds import asking, replaced, world

HOSTILE = [
    "it's", 'say "x"', "back\\slash", "`tick`", "new\nline", "<b>",
    "{n}", "中文", "' or 1 == 1", "\0",
]  # fmt: skip


def effects_of(table: BehaviorTable, estimand, **more) -> Effects:
    return effects.estimate(table, estimand, outcome.fit(table, estimand, model="linear"), **more)


def cut(table: BehaviorTable, estimand=None) -> dict[str, list]:
    """Return the segments of a table by column, with every unit in the comparison."""
    rows = np.arange(len(table))
    found: dict[str, list] = {}
    for one in segments_of(table, estimand or asking(), rows, table.clusters()):
        found.setdefault(one.column, []).append(one)
    return found


def with_covariate(values: object, kind: Kind, *, name: str = "extra") -> BehaviorTable:
    """Return a table of 600 users with one attribute more, in place of the city."""
    table = world(600).table
    column = Column(name=name, kind=kind, role=Role.ATTRIBUTE, stated=True)
    kept = [c for c in table.schema if c.name not in ("city", "phone", "activity")]
    frame = table.frame[[c.name for c in kept]].copy()
    frame[name] = values
    return BehaviorTable(frame=frame, schema=Schema(columns=(*kept, column)))


# ---------------------------------------------------------------- the truth that made the data


@pytest.fixture(scope="module")
def coupon() -> Effects:
    return estimated("coupon", 20_000, 3)


def test_every_segment_of_the_coupon_holds_its_true_effect(coupon):
    for one in coupon.segments:
        truth = truths("coupon", one.where)[one.outcome]
        assert one.low <= truth <= one.high, one


def test_the_segment_that_the_banner_harms_is_told_though_the_average_rises(coupon):
    assert coupon.of("click").low > 0
    (harmed,) = (
        one for one in coupon.segments if (one.outcome, one.segment) == ("click", "55+, phone")
    )
    assert harmed.high < 0
    assert harmed.where == "age_group == '55+' and device == 'phone'"


def test_newcomers_gain_more_clicks_than_others(coupon):
    tenure = [s for s in coupon.segments if (s.outcome, s.column) == ("click", "tenure_days")]
    first, *others = tenure
    assert first.low > 0
    assert all(first.value > other.value for other in others)


def test_where_there_is_no_effect_hardly_any_data_set_claims_a_segment():
    rows = [row for seed in range(1, 7) for row in rows_of("null", 2_000, seed)]
    assert sum(row.segments for row in rows) > 100
    assert (
        sum(row.claimed > 0 for row in rows) <= 4
    )  # of 24 outcomes at 5 %: so in 99 % of all runs


@pytest.mark.long
@pytest.mark.parametrize("scenario", ["null", "coupon", "funnel"])
def test_all_intervals_hold_together_in_ninety_of_a_hundred_data_sets(scenario, tmp_path):
    found = run(scenario, 10_000, range(1, 101), tmp_path / f"segments_{scenario}_10000.csv")
    table = summary(found)
    assert (table["all_held"] >= 90).all()
    assert (table["any_wrong"] <= 10).all()


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "segments_linear_1000.csv"
    first = run("linear", 1_000, [1], path)
    both = run("linear", 1_000, [1, 2], path)
    assert both[both["seed"] == 1].equals(first)
    assert sorted(both["seed"].unique()) == [1, 2]


@pytest.mark.parametrize("kind", list(EffectKind))
def test_each_kind_of_effect_is_averaged_over_its_own_units_of_a_segment(kind):
    made = world(4_000, slope=1.0)
    found = effects_of(made.table, asking(kind=kind), level=0.999)
    big = world(400_000, slope=1.0, seed=99)
    chance = {EffectKind.ATT: big.propensity, EffectKind.ATU: 1 - big.propensity}.get(
        kind, np.ones(len(big.effects))
    )
    moved = big.effects * (1 - big.propensity if kind is EffectKind.EVERYONE else 1.0)
    assert len(found.segments) > 5
    for one in found.segments:
        mask = parse(one.where).mask(big.table.frame)
        truth = np.average(moved[mask], weights=chance[mask])
        assert one.low <= truth <= one.high, one


# ---------------------------------------------------------------- laws


def test_a_segment_that_holds_everyone_has_the_effect_of_everyone():
    table = world(900).table
    whole = effects_of(table, asking()).of("minutes")
    halves = [s for s in effects_of(table, asking()).segments if s.column == "phone"]
    shares = [s.n_units / 900 for s in halves]
    assert sum(shares) == 1.0
    weighted = sum(share * half.value for share, half in zip(shares, halves, strict=True))
    assert weighted == pytest.approx(whole.value, abs=1e-9)


def test_no_estimate_changes_when_segments_are_left_out():
    table = world(700).table
    fitted = outcome.fit(table, asking("minutes", "bought"), model="linear")
    estimand = asking("minutes", "bought")
    both = [effects.estimate(table, estimand, fitted, segments=wanted) for wanted in (True, False)]
    assert both[0].estimates == both[1].estimates
    assert both[0].warnings == both[1].warnings
    assert both[0].fingerprint == both[1].fingerprint
    assert (len(both[0].segments) > 10, both[1].segments) == (True, ())


def test_the_same_seed_gives_the_same_intervals_and_another_nearly_the_same():
    table = world(700).table
    fitted = outcome.fit(table, asking(), model="linear")
    first, again, other = (
        effects.estimate(table, asking(), fitted, seed=seed).segments for seed in (7, 7, 8)
    )
    assert first == again
    for one, two in zip(first, other, strict=True):
        assert one.value == two.value
        assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.05)


def test_intervals_of_segments_are_wider_than_one_alone_would_be():
    table = world(900).table
    for one in effects_of(table, asking()).segments:
        assert one.level == 0.95
        assert one.high - one.low > 2 * 2.3 * one.standard_error


def test_one_interval_needs_no_more_than_its_level_and_many_need_what_bonferroni_needs():
    assert _pointwise_level(np.eye(1), 0.95, 7) == pytest.approx(0.95, abs=0.006)
    independent = _pointwise_level(np.eye(40), 0.95, 7)
    assert 1 - independent == pytest.approx(1 - 0.95 ** (1 / 40), rel=0.25)
    assert _pointwise_level(np.ones((40, 40)), 0.95, 7) == pytest.approx(0.95, abs=0.006)


def test_repeated_units_of_a_user_widen_the_intervals_of_their_segments():
    table = world(600).table
    frame = pd.concat([table.frame] * 3, ignore_index=True)
    user = Column(name="user", kind=Kind.ID, role=Role.CLUSTER_ID, stated=True)
    columns = tuple(user if c.name == "user" else c for c in table.schema)
    thrice = BehaviorTable(frame=frame, schema=Schema(columns=columns))
    lonely = frame.assign(user=[f"v{at}" for at in range(len(frame))]).astype({"user": "str"})
    alone = replace(thrice, frame=lonely)
    fitted = outcome.fit(alone, asking(), model="linear")
    together = effects.estimate(thrice, asking(), replace(fitted)).segments
    apart = effects.estimate(alone, asking(), fitted).segments
    assert {(s.n_units, s.n_clusters) for s in together} == {
        (s.n_units, s.n_units // 3) for s in together
    }
    for one, two in zip(together, apart, strict=True):
        assert one.value == pytest.approx(two.value)
        assert one.standard_error > 1.5 * two.standard_error


# ---------------------------------------------------------------- which segments, which filters


@pytest.mark.parametrize("scenario", ["coupon", "funnel"])
def test_a_filter_selects_exactly_the_units_of_its_segment(scenario):
    table = datasets.simulate(scenario, 3_000, seed=5).table
    question = CausalQuestion(
        treatment=table.schema.with_role(Role.TREATMENT)[0], outcomes=("click",)
    )
    parts = cut(table, identification.adjust(question, table))
    assert len(parts) == 9  # eight columns, and the first two categories crossed
    for segments in parts.values():
        for one in segments:
            mask = parse(one.where).mask(table.frame)
            assert np.array_equal(np.flatnonzero(mask), one.rows), one.where


@pytest.mark.parametrize("name", ["extra", "in", "two words", "it's", "ﬁ", "column_61_", "", "<b>"])
def test_a_filter_names_any_column_and_quotes_any_value(name):
    values = pd.Series([HOSTILE[at % 6] for at in range(600)], dtype="str")
    table = with_covariate(values, Kind.CATEGORY, name=name)
    parts = cut(table)[name]
    assert {one.words for one in parts} == set(HOSTILE[:6])
    for one in parts:
        mask = parse(one.where).mask(table.frame)
        assert np.array_equal(np.flatnonzero(mask), one.rows)
        assert (table.frame[name][mask] == one.words).all()


def test_a_column_that_no_filter_can_name_has_no_segments():
    values = pd.Series(["a", "b"] * 300, dtype="str")
    assert cut(with_covariate(values, Kind.CATEGORY, name="a`b")) == {}


def test_of_many_values_the_five_most_frequent_stand_alone():
    values = pd.Series([HOSTILE[at % 10] for at in range(600)], dtype="str")
    values[::11] = None
    table = with_covariate(values, Kind.CATEGORY)
    words = [one.words for one in cut(table)["extra"]]
    assert len(words) == 7
    assert words[-2:] == ["other values", "missing"]
    for one in cut(table)["extra"]:
        assert np.array_equal(np.flatnonzero(parse(one.where).mask(table.frame)), one.rows)
    assert sum(len(one.rows) for one in cut(table)["extra"]) == 600


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([1e-7, 0.03, 1.0, 50.0, 1e9]),
    shift=st.sampled_from([0.0, -1.0, 1e4]),
    whole=st.booleans(),
    gaps=st.booleans(),
)
def test_thirds_of_any_number_are_disjoint_complete_and_selected_by_their_filters(
    seed, scale, shift, whole, gaps
):
    rng = np.random.default_rng(seed)
    values = scale * (rng.exponential(size=600) + shift)
    values = np.rint(values) if whole else values
    if gaps:
        values[::7] = np.nan
    table = with_covariate(values, Kind.COUNT if whole else Kind.AMOUNT)
    parts = cut(table).get("extra", [])
    if len(np.unique(values[~np.isnan(values)])) > 3:
        assert len(parts) >= 2 + gaps
    seen = np.zeros(600, dtype=int)
    for one in parts:
        mask = parse(one.where).mask(table.frame)
        assert np.array_equal(np.flatnonzero(mask), one.rows), one.where
        seen += mask
    assert seen.max(initial=0) <= 1
    if not whole:  # a small third of a count may be left out
        assert (seen == 1).all()


def test_bounds_are_rounded_and_counts_are_told_from_the_next_one_on():
    days = np.arange(600) / 6.0
    assert [one.words for one in cut(with_covariate(days, Kind.AMOUNT))["extra"]] == [
        "up to 33",
        "33 to 66",
        "more than 66",
    ]
    visits = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 9.0], 100)
    parts = cut(with_covariate(visits, Kind.COUNT))["extra"]
    assert [one.words for one in parts] == ["up to 1", "2 to 3", "more than 3"]
    assert [one.where for one in parts] == ["extra <= 1", "extra > 1 and extra <= 3", "extra > 3"]


def test_only_columns_known_before_the_treatment_are_cut():
    table = world(600).table
    late = Column(name="late", kind=Kind.BINARY, role=Role.AFTER, stated=True)
    guess = Column(name="guess", kind=Kind.BINARY, role=Role.ATTRIBUTE, stated=False)
    coin = (np.arange(600) % 2).astype(float)
    table = table.with_column(late, coin).with_column(guess, coin)
    assert set(cut(table)) == {"phone", "city", "activity"}
    adjusted = asking(covariates=("activity", "guess"))
    assert "guess" in cut(table, adjusted)
    assert "guess" not in cut(table, replace(adjusted, time_ordered=False))


def test_attributes_are_cut_whether_adjusted_for_or_not_and_history_only_if_it_is():
    assert set(cut(world(600).table, asking(covariates=("city",)))) == {"phone", "city"}


def test_attributes_come_first_and_eight_columns_are_the_most():
    table = datasets.simulate("coupon", 2_000, seed=5).table
    question = CausalQuestion(treatment="coupon_banner", outcomes=("click",))
    names = [name for name in cut(table, identification.adjust(question, table)) if "×" not in name]
    roles = [table.schema[name].role for name in names]
    assert len(names) == 8
    assert roles == sorted(roles)


def test_small_segments_and_arms_with_few_events_are_left_out():
    values = pd.Series(["few"] * 49 + ["many"] * 551, dtype="str")
    assert [one.words for one in cut(with_covariate(values, Kind.CATEGORY))["extra"]] == ["many"]
    table = world(600).table
    few = np.zeros(600)
    few[:: 600 // 25] = 1.0
    rare = effects_of(replaced(table, bought=few), asking("bought"))
    assert rare.segments == ()
    alone = np.where(np.arange(600) < 100, 1.0, table.column("banner"))  # 100 have no control
    one_arm = with_covariate(pd.Series(["a"] * 100 + ["b"] * 500, dtype="str"), Kind.CATEGORY)
    shown = replaced(one_arm, banner=alone)
    found = effects_of(shown, asking(covariates=("extra",)))
    assert [one.segment for one in found.segments] == ["b"]


def test_units_outside_the_comparison_or_the_population_are_in_no_segment():
    table = world(900).table
    where = "phone == 1"
    found = effects_of(table, asking(population=where))
    chosen = table.select(where)
    assert {one.column for one in found.segments} == {"city", "activity"}
    for one in found.segments:
        assert one.n_units == int(parse(one.where).mask(chosen.frame).sum())


def test_segments_of_the_primary_method_stand_in_the_order_of_the_outcomes():
    found = effects_of(world(900).table, asking("bought", "minutes"))
    assert found.primary is Method.AIPW
    assert tuple(dict.fromkeys(one.outcome for one in found.segments)) == ("bought", "minutes")
