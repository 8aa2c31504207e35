"""Columns as numbers: what is learned, from whom, and what the models see."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_core.errors import ColumnMissingError, WrongKindError
from causal_core.features import (
    FeatureBasis,
    FeatureEncoder,
    arm_codes,
    effective_sample_size,
    measure_overlap,
)
from causal_core.question import EffectKind
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable


def table_of(**columns: tuple[Kind, object]) -> BehaviorTable:
    frame = pd.DataFrame({name: values for name, (_, values) in columns.items()})
    schema = Schema(
        columns=tuple(
            Column(name=name, kind=kind, role=Role.ATTRIBUTE, stated=True)
            for name, (kind, _) in columns.items()
        )
    )
    return BehaviorTable(frame=frame, schema=schema)


def cities(**counts: int) -> pd.Series:
    return pd.Series([name for name, n in counts.items() for _ in range(n)], dtype="str")


def features_of(table: BehaviorTable) -> np.ndarray:
    return FeatureEncoder.fit(table, table.schema.names).transform(table.frame)


# ---------------------------------------------------------------- numbers


def test_a_symmetric_column_becomes_standard_deviations_from_its_mean():
    x = np.random.default_rng(7).normal(50, 4, 500)
    feature = features_of(table_of(age=(Kind.CONTINUOUS, x)))
    np.testing.assert_allclose(feature[:, 0], (x - x.mean()) / x.std())


def test_a_heavy_tail_is_tamed_and_its_order_kept():
    x = np.exp(np.random.default_rng(7).normal(0, 2, 500))
    feature = features_of(table_of(spend=(Kind.AMOUNT, x)))[:, 0]
    assert feature.max() < 5 < ((x - x.mean()) / x.std()).max()
    assert (np.argsort(feature, kind="stable") == np.argsort(x, kind="stable")).all()


@pytest.mark.parametrize("unit", [1e-9, 0.01, 100.0, 1e9])
def test_the_unit_of_a_column_changes_no_feature(unit):
    x = np.exp(np.random.default_rng(7).normal(0, 2, 300))
    euros = features_of(table_of(spend=(Kind.AMOUNT, x)))
    others = features_of(table_of(spend=(Kind.AMOUNT, x * unit)))
    np.testing.assert_allclose(euros, others, rtol=1e-6, atol=1e-9)


def test_a_missing_number_becomes_the_mean_and_is_told_apart():
    table = table_of(age=(Kind.CONTINUOUS, [20.0, np.nan, 40.0, 30.0]))
    encoder = FeatureEncoder.fit(table, ["age"])
    assert encoder.names == ("age", "age: missing")
    assert encoder.transform(table.frame)[1].tolist() == [0.0, 1.0]


def test_one_absurd_value_is_cut_at_ten_standard_deviations():
    table = table_of(x=(Kind.CONTINUOUS, np.random.default_rng(7).normal(size=200)))
    encoder = FeatureEncoder.fit(table, ["x"])
    assert encoder.transform(pd.DataFrame({"x": [1e300, -1e300]})).ravel().tolist() == [10.0, -10.0]


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_a_column_without_variation_has_no_feature(value):
    assert features_of(table_of(x=(Kind.COUNT, np.full(30, value)))).shape == (30, 0)


def test_a_time_becomes_days():
    days = pd.Series(pd.date_range("2026-02-01", periods=5, freq="D", tz="UTC"))
    feature = features_of(table_of(first=(Kind.TIME, days)))[:, 0]
    np.testing.assert_allclose(feature, (np.arange(5) - 2) / np.sqrt(2))


# ---------------------------------------------------------------- categories


def test_each_frequent_level_has_a_feature_and_rare_ones_share_one():
    table = table_of(city=(Kind.CATEGORY, cities(Oslo=60, Rome=30, Hull=4, Bonn=3)))
    encoder = FeatureEncoder.fit(table, ["city"])
    assert encoder.names == ("city = Oslo", "city = Rome", "city: other")
    assert encoder.transform(table.frame).sum(axis=0).tolist() == [60, 30, 7]


def test_a_level_that_was_never_seen_counts_as_other_where_there_is_such_a_feature():
    unseen = pd.DataFrame({"city": pd.Series(["Ulm"], dtype="str")})
    pooled = table_of(city=(Kind.CATEGORY, cities(Oslo=60, Hull=4)))
    complete = table_of(city=(Kind.CATEGORY, cities(Oslo=60, Rome=30)))
    assert FeatureEncoder.fit(pooled, ["city"]).transform(unseen).tolist() == [[0, 1]]
    assert FeatureEncoder.fit(complete, ["city"]).transform(unseen).tolist() == [[0, 0]]


def test_a_missing_level_has_a_feature_of_its_own():
    values = pd.concat([cities(Oslo=20, Rome=20), pd.Series([None] * 20, dtype="str")])
    table = table_of(city=(Kind.CATEGORY, values.reset_index(drop=True)))
    assert features_of(table).sum(axis=0).tolist() == [20, 20, 20]


def test_forty_levels_make_at_most_forty_features_that_add_up_to_one():
    rng = np.random.default_rng(7)
    values = pd.Series(rng.integers(0, 40, 4_000).astype(str), dtype="str")
    features = features_of(table_of(shop=(Kind.CATEGORY, values)))
    assert features.shape[1] <= 40
    assert (features.sum(axis=1) == 1).all()


# ---------------------------------------------------------------- learning and keeping


def test_what_is_learned_comes_from_the_training_rows_only():
    rng = np.random.default_rng(7)
    x = rng.normal(size=200)
    wild = np.where(np.arange(200) < 100, x, x * 1e6 + np.where(x > 0, np.nan, 0))
    rows = np.arange(100)
    tame = FeatureEncoder.fit(table_of(x=(Kind.CONTINUOUS, x)), ["x"], rows=rows)
    assert FeatureEncoder.fit(table_of(x=(Kind.CONTINUOUS, wild)), ["x"], rows=rows) == tame


def test_an_encoder_comes_back_from_its_json_as_it_was():
    rng = np.random.default_rng(7)
    table = table_of(
        age=(Kind.CONTINUOUS, np.where(rng.random(300) < 0.1, np.nan, rng.normal(size=300))),
        spend=(Kind.AMOUNT, np.exp(rng.normal(0, 2, 300))),
        city=(Kind.CATEGORY, cities(Oslo=200, Rome=95, Hull=5)),
    )
    encoder = FeatureEncoder.fit(table, table.schema.names)
    again = FeatureEncoder.from_record(json.loads(json.dumps(encoder.record())))
    assert again == encoder
    assert again.sources == ("age", "age", "spend", "city", "city", "city")


def test_the_frame_that_is_encoded_stays_as_it_was():
    table = table_of(city=(Kind.CATEGORY, cities(Oslo=60, Hull=4)))
    before = table.frame.copy()
    features_of(table)
    pd.testing.assert_frame_equal(table.frame, before)


@pytest.mark.parametrize("kind", [Kind.ID, Kind.TEXT])
def test_an_id_or_free_text_is_no_covariate(kind):
    with pytest.raises(WrongKindError, match="“note” is of kind"):
        features_of(table_of(note=(kind, cities(a=20, b=20))))


def test_an_unknown_column_is_named_with_its_nearest_neighbour():
    table = table_of(age=(Kind.COUNT, np.arange(30.0)))
    with pytest.raises(ColumnMissingError, match="Did you mean “age”"):
        FeatureEncoder.fit(table, ["aeg"])


# ---------------------------------------------------------------- a basis that bends


def test_a_bent_line_is_straight_in_the_basis():
    x = np.random.default_rng(7).normal(size=(1_000, 1))
    basis = FeatureBasis.fit(x, ["x"], knots=3)
    design = np.column_stack([np.ones(len(x)), basis.transform(x)])
    bend = np.abs(x[:, 0] - basis.hinges[1][1])
    miss = bend - design @ np.linalg.lstsq(design, bend, rcond=None)[0]
    assert np.abs(miss).max() < 1e-8


def test_the_basis_multiplies_only_switches_of_different_covariates():
    rng = np.random.default_rng(7)
    flags = (rng.random((500, 3)) < 0.5).astype(float)
    basis = FeatureBasis.fit(flags, ["city", "city", "phone"], products=True)
    assert set(basis.products) == {(0, 2), (1, 2)}
    assert FeatureBasis.from_record(json.loads(json.dumps(basis.record()))) == basis


# ---------------------------------------------------------------- arms and overlap


def test_arms_are_found_by_number_and_by_text():
    numbers, texts = pd.Series([0.0, 1.0, 2.0, 1.0]), pd.Series(["0", "1", "b", None], dtype="str")
    assert arm_codes(numbers, ("0", 1)).tolist() == [0, 1, -1, 1]
    assert arm_codes(texts, (0.0, "b")).tolist() == [0, -1, 1, -1]
    assert arm_codes(numbers, ("none", 1.0)).tolist() == [-1, 1, -1, 1]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40))
def test_the_effective_sample_is_between_one_and_all_units(weights):
    assert 1 - 1e-9 <= effective_sample_size(np.array(weights)) <= len(weights) + 1e-9


def overlap_at(steepness: float, kind: EffectKind = EffectKind.ATE):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(4_000, 1))
    e = 1 / (1 + np.exp(-steepness * x[:, 0]))
    arm = (rng.random(4_000) < e).astype(int)
    return measure_overlap(x, ["activity"], arm, np.column_stack([1 - e, e]), kind=kind)


def test_groups_alike_overlap_and_weighting_brings_distant_means_together():
    alike, apart = overlap_at(0.0), overlap_at(0.8)
    assert alike.sufficient
    assert alike.share_comparable == 1
    assert apart.sufficient
    assert apart.balance[0].before > 0.5 > 0.1 > apart.balance[0].after


def test_groups_that_a_rule_parts_do_not_overlap_and_the_sentence_says_so():
    parted = overlap_at(12.0)
    assert not parted.sufficient
    assert "of units have a comparable counterpart" in parted.sentence
    assert sum(parted.treated_counts) + sum(parted.control_counts) == 4_000


def test_the_effect_on_the_treated_needs_only_controls_like_them():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(4_000, 1))
    e = np.where(x[:, 0] > 0, 0.5, 1e-4)  # half of the units never had the chance
    arm = (rng.random(4_000) < e).astype(int)
    both = np.column_stack([1 - e, e])
    assert measure_overlap(x, ["x"], arm, both, kind=EffectKind.ATT).sufficient
    assert not measure_overlap(x, ["x"], arm, both, kind=EffectKind.ATE).sufficient
