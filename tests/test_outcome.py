"""The outcome model: what it refuses, what it learned from whom, and how it finds propensities."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causal_core import datasets, networks, outcome
from causal_core.errors import (
    BadSettingError,
    CancelledError,
    ColumnMissingError,
    ConstantColumnError,
    MissingValuesError,
    OneClassOutcomeError,
    TooFewUnitsError,
    TrainingError,
    TreatmentValuesError,
    ValueMissingError,
    WrongKindError,
)
from causal_core.features import FeatureBasis, FeatureEncoder
from causal_core.outcome import FitSettings, NetworkSettings
from causal_core.outcome._propensity import propensity_of
from causal_core.outcome._study import assign_folds, open_study
from causal_core.question import Assignment, CausalQuestion, Contrast, EffectKind, Estimand
from causal_core.results import OutcomeModel
from causal_core.schema import Kind, Role
from causal_core.table import BehaviorTable
from tests.worlds import asking, replaced, world

QUICK = FitSettings(network=NetworkSettings(max_epochs=6))


def linear_fit(table: BehaviorTable, estimand: Estimand | None = None, **more) -> OutcomeModel:
    return outcome.fit(table, estimand or asking(), model="linear", **more)


# ---------------------------------------------------------------- the door


@pytest.fixture(scope="module")
def table() -> BehaviorTable:
    return world(300).table


def test_an_unknown_column_is_refused_by_name(table):
    with pytest.raises(ColumnMissingError, match="Did you mean “minutes”"):
        linear_fit(table, asking("minuts"))


def test_a_treatment_that_never_varies_is_refused(table):
    constant = replaced(table, banner=np.ones(len(table)))
    with pytest.raises(ConstantColumnError, match="same value .1. in all 300 rows"):
        linear_fit(constant)


def test_a_treatment_of_several_values_needs_two_of_them_named(table):
    colours = pd.Series(np.tile(["red", "blue", "green"], 100), dtype="str")
    with pytest.raises(TreatmentValuesError, match="has 3 values .“blue”, “green”, “red”."):
        linear_fit(replaced(table, Kind.CATEGORY, banner=colours))


def test_a_continuous_treatment_needs_two_values_named(table):
    doses = replaced(table, Kind.CONTINUOUS, banner=np.random.default_rng(7).normal(size=300))
    with pytest.raises(TreatmentValuesError, match="has 300 values"):
        linear_fit(doses)


def test_a_shift_of_the_treatment_is_refused_for_now(table):
    with pytest.raises(BadSettingError, match="shift"):
        linear_fit(table, asking(contrast=Contrast(shift=1.0)))


def test_a_value_that_never_occurs_is_refused_with_those_that_do(table):
    with pytest.raises(ValueMissingError, match="never has the value 2. It has: “0”, “1”"):
        linear_fit(table, asking(contrast=Contrast(treated_value=2.0)))


def test_an_outcome_with_one_class_is_refused(table):
    with pytest.raises(OneClassOutcomeError, match="“bought” is 0 for all 300 units"):
        linear_fit(replaced(table, bought=np.zeros(300)), asking("bought"))


def test_an_outcome_with_one_class_in_one_arm_is_refused(table):
    banner = table.column("banner")
    with pytest.raises(OneClassOutcomeError, match="units whose treatment is 0"):
        linear_fit(replaced(table, bought=banner * table.column("bought")), asking("bought"))


@pytest.mark.parametrize("name", ["banner", "minutes"])
def test_gaps_in_treatment_or_outcome_are_refused_with_their_row(table, name):
    values = table.column(name).copy()
    values[[4, 9]] = np.nan
    with pytest.raises(MissingValuesError, match=f"“{name}” has no value in 2 of 300.*row 5"):
        linear_fit(replaced(table, **{name: values}))


def test_gaps_in_a_covariate_are_no_obstacle(table):
    activity = np.where(np.arange(300) % 7 == 0, np.nan, table.column("activity"))
    assert np.isfinite(linear_fit(replaced(table, activity=activity)).predictions).all()


@pytest.mark.parametrize(
    ("question", "column"),
    [
        (asking("city", covariates=()), "city"),
        (asking(treatment="user", covariates=()), "user"),
        (asking(covariates=("user",)), "user"),
    ],
)
def test_a_column_of_the_wrong_kind_for_its_part_is_refused(table, question, column):
    with pytest.raises(WrongKindError, match=f"“{column}” is of kind"):
        linear_fit(table, question)


def test_too_few_units_are_refused_and_counted():
    with pytest.raises(TooFewUnitsError, match="Only 39 units"):
        linear_fit(world(39).table)
    few = world(300).table
    banner = np.zeros(300)
    banner[:9] = 1
    with pytest.raises(TooFewUnitsError, match="Only 9 units have “banner” 1"):
        linear_fit(replaced(few, banner=banner))


def test_nine_treated_users_are_too_few_however_often_each_was_seen(table):
    users = pd.Series([f"u{i % 9}" if i < 150 else f"v{i}" for i in range(300)], dtype="str")
    banner = (np.arange(300) < 150).astype(float)
    with pytest.raises(TooFewUnitsError, match="Only 9 units"):
        linear_fit(replaced(table, user=users, banner=banner))


@pytest.mark.parametrize(
    ("choice", "value"), [("model", "transformer"), ("folds", 1), ("folds", 21)]
)
def test_a_setting_that_does_not_exist_is_refused_with_those_that_do(table, choice, value):
    with pytest.raises(BadSettingError, match=choice):
        outcome.fit(table, asking(), **{choice: value})


def test_an_unknown_propensity_learner_is_refused():
    with pytest.raises(BadSettingError, match="stack, logistic"):
        FitSettings(propensity="magic")


# ---------------------------------------------------------------- the treatment's values


def test_a_treatment_in_words_gives_the_numbers_of_one_in_zeros_and_ones(table):
    words = pd.Series(np.where(table.column("banner") == 1, "yes", "no"), dtype="str")
    spoken = linear_fit(replaced(table, Kind.CATEGORY, banner=words))
    assert spoken.arms == ("no", "yes")
    np.testing.assert_array_equal(spoken.predictions, linear_fit(table).predictions)


def test_two_words_of_which_none_means_treated_must_be_named(table):
    words = pd.Series(np.where(table.column("banner") == 1, "red", "blue"), dtype="str")
    coloured = replaced(table, Kind.CATEGORY, banner=words)
    with pytest.raises(TreatmentValuesError, match="has 2 values"):
        linear_fit(coloured)
    named = asking(contrast=Contrast(treated_value="red", control_value="blue"))
    np.testing.assert_array_equal(
        linear_fit(coloured, named).predictions, linear_fit(table).predictions
    )


def test_units_with_a_third_value_are_left_out_and_counted():
    many = world(600).table
    banner = many.column("banner").copy()
    banner[:100] = 2.0
    model = linear_fit(replaced(many, Kind.COUNT, banner=banner))
    assert model.in_contrast.sum() == 500
    assert "100 of 600 units" in model.record.warnings[0]
    assert np.isfinite(model.predictions).all()


def test_the_population_is_chosen_before_anything_else(table):
    model = linear_fit(table, asking(population="phone == 1"))
    assert len(model.predictions) == int(table.column("phone").sum())


# ---------------------------------------------------------------- cross-fitting


def test_folds_hold_whole_clusters_and_spread_the_arms_evenly():
    many = world(600).table
    users = pd.Series([f"u{i // 3}" for i in range(600)], dtype="str")
    model = linear_fit(replaced(many, user=users))
    assert pd.Series(model.folds).groupby(users).nunique().max() == 1
    shares = pd.Series(many.column("banner")).groupby(linear_fit(many).folds).mean()
    assert shares.max() - shares.min() < 0.02


@pytest.mark.parametrize("model", ["mlp", "linear"])
def test_a_unit_s_own_outcome_does_not_reach_its_prediction(model):
    """Other outcomes in one fold change every prediction but that fold's own."""
    table = world(300).table
    first = outcome.fit(table, asking(), model=model, settings=QUICK)
    here = first.folds == 0
    minutes = table.column("minutes") + 50 * here
    second = outcome.fit(replaced(table, minutes=minutes), asking(), model=model, settings=QUICK)
    moved = np.abs(second.predictions - first.predictions).max(axis=(1, 2))
    rounding = 1e-3 if model == "mlp" else 0.0  # outcomes reach float32 by a common shift and unit
    assert moved[here].max() <= rounding
    assert moved[~here].min() > 1


def test_noise_is_not_predicted_however_much_there_is_to_learn_by_heart():
    table = world(400, seed=3).table
    noise = np.random.default_rng(11).normal(size=400)
    own = replaced(table, minutes=noise)
    fitted = outcome.fit(own, asking(covariates=("activity", "chance", "city", "phone")))
    r_squared = fitted.record.quality[0].r_squared
    assert -0.2 < r_squared < 3 / 400  # chance alone gives a held-out R² around or below 0


def test_the_fit_s_record_is_made_of_held_out_predictions():
    from sklearn.metrics import log_loss, roc_auc_score

    table = world(500).table
    model = linear_fit(table, asking("bought"))
    arm = table.column("banner").astype(int)
    own = model.predictions[np.arange(500), arm, 0]
    quality = model.record.quality[0]
    assert quality.auc == pytest.approx(roc_auc_score(table.column("bought"), own))
    assert quality.log_loss == pytest.approx(log_loss(table.column("bought"), own))
    assert sum(units for _, _, units in quality.calibration) == 500


def test_the_linear_model_is_scikit_learn_s_ridge_and_logistic_regression():
    from sklearn.linear_model import LogisticRegression, Ridge

    table = world(500).table
    model = linear_fit(table, asking("minutes", "bought"))
    x = FeatureEncoder.from_record(model.encoder).transform(table.frame)
    rows = (model.folds != 2) & (table.column("banner") == 1)
    held_out = model.folds == 2
    ridge = Ridge(alpha=1.0).fit(x[rows], table.column("minutes")[rows])
    logistic = LogisticRegression(C=1.0, tol=1e-10, max_iter=500)
    logistic.fit(x[rows], table.column("bought")[rows])
    predicted = model.predictions[held_out, 1]
    np.testing.assert_allclose(predicted[:, 0], ridge.predict(x[held_out]), atol=1e-6)
    np.testing.assert_allclose(
        predicted[:, 1], logistic.predict_proba(x[held_out])[:, 1], atol=1e-3
    )


# ---------------------------------------------------------------- the network


@pytest.fixture(scope="module")
def trained() -> OutcomeModel:
    return outcome.fit(world(500).table, asking("minutes", "bought"), settings=QUICK)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(trained):
    again = outcome.fit(world(500).table, asking("minutes", "bought"), settings=QUICK)
    other = outcome.fit(world(500).table, asking("minutes", "bought"), settings=QUICK, seed=8)
    np.testing.assert_array_equal(trained.predictions, again.predictions)
    assert trained.fingerprint == again.fingerprint != other.fingerprint


def test_the_stored_weights_give_the_predictions_again(trained):
    table = world(500).table
    record = json.loads(json.dumps(trained.encoder))
    x = FeatureEncoder.from_record(record).transform(table.frame)
    wide = FeatureBasis.from_record(record["basis"]).transform(x)
    for fold in range(5):
        rows = trained.folds == fold
        again = networks.predict(trained.weights, wide[rows], member=fold)
        np.testing.assert_allclose(again, trained.predictions[rows], rtol=1e-5, atol=1e-6)


def test_the_network_bends_where_a_straight_line_cannot():
    curved = world(2_500, seed=5).table
    minutes = np.abs(curved.column("activity")) * 3 + curved.column("minutes") * 0.1
    table = replaced(curved, minutes=minutes)
    bent = outcome.fit(table, asking(), settings=FitSettings(propensity="logistic"))
    straight = linear_fit(table)
    assert bent.record.quality[0].r_squared > 0.9 > straight.record.quality[0].r_squared
    assert bent.record.epochs == len(bent.record.validation_loss) > 5


def test_chances_lie_between_zero_and_one_and_match_what_was_observed():
    table = world(2_500, seed=4).table
    model = outcome.fit(table, asking("bought"), settings=FitSettings(propensity="logistic"))
    assert 0 <= model.predictions.min() <= model.predictions.max() <= 1
    for predicted, observed, units in model.record.quality[0].calibration:
        error = np.sqrt(max(predicted * (1 - predicted), 0.01) / units)
        assert abs(predicted - observed) < 4.5 * error


def test_a_loss_that_becomes_infinite_names_its_epoch_and_the_extreme_column():
    table = world(300).table
    minutes = table.column("minutes").copy()
    minutes[5] = 1e200
    with pytest.raises(TrainingError, match="infinite in epoch 1.*“minutes”"):
        outcome.fit(replaced(table, minutes=minutes), asking(), settings=QUICK)


def test_a_stop_is_heeded_between_two_epochs():
    heard: list[str] = []

    def stop(fraction: float, message: str = "") -> None:
        heard.append(message)
        if "epoch 3" in message:
            raise CancelledError

    with pytest.raises(CancelledError):
        outcome.fit(world(300).table, asking(), progress=stop)
    assert "epoch 3" in heard[-1]


def test_progress_only_grows_and_ends_at_one():
    fractions: list[float] = []
    outcome.fit(
        world(300).table, asking(), settings=QUICK, progress=lambda f, m="": fractions.append(f)
    )
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_without_covariates_the_model_still_predicts_the_means_of_the_arms():
    table = world(600, steepness=0.0).table
    model = outcome.fit(table, asking(covariates=()), settings=QUICK)
    means = [table.column("minutes")[table.column("banner") == a].mean() for a in (0, 1)]
    assert model.predictions[:, :, 0].mean(axis=0) == pytest.approx(means, abs=0.5)


# ---------------------------------------------------------------- propensities


def test_where_chance_decided_the_propensity_is_the_share_of_the_arm():
    table = world(400, steepness=0.0).table
    model = linear_fit(table, asking(assignment=Assignment.CHANCE))
    assert model.record.propensity_model == "shares"
    np.testing.assert_allclose(model.propensities[:, 1], table.column("banner").mean())
    assert any("chance decided" in text for text in model.record.warnings)


def test_a_chance_that_covariates_foretell_is_doubted():
    fair, unfair = (
        linear_fit(
            world(800, steepness=s).table,
            asking(assignment=Assignment.CHANCE, covariates=("activity",)),
        )
        for s in (0.0, 1.0)
    )
    assert not any("more than chance allows" in text for text in fair.record.warnings)
    assert any("more than chance allows" in text for text in unfair.record.warnings)


def test_a_calibrated_logged_propensity_is_used_as_it_is():
    made = world(800)
    model = linear_fit(made.table, asking(assignment=Assignment.RULE))
    assert model.record.propensity_model == "logged"
    inside = (made.propensity > 0.1) & (made.propensity < 0.9)
    np.testing.assert_allclose(model.propensities[inside, 1], made.propensity[inside])


def test_a_log_of_the_chance_of_what_happened_is_understood():
    made = world(800)
    happened = np.where(made.table.column("banner") == 1, made.propensity, 1 - made.propensity)
    model = linear_fit(replaced(made.table, chance=happened), asking(assignment=Assignment.RULE))
    assert model.record.propensity_model == "logged"
    inside = (made.propensity > 0.1) & (made.propensity < 0.9)
    np.testing.assert_allclose(model.propensities[inside, 1], made.propensity[inside])


def test_a_logged_propensity_that_does_not_fit_is_replaced_with_a_warning():
    made = world(800)
    wrong = replaced(made.table, chance=1 - made.propensity)
    model = linear_fit(wrong, asking(assignment=Assignment.RULE))
    assert model.record.propensity_model == "logistic"
    assert any("does not fit who was treated" in text for text in model.record.warnings)


@pytest.mark.parametrize(("n", "name"), [(700, "logistic"), (2_400, "stack")])
def test_learned_propensities_are_close_to_the_true_ones(n, name):
    made = world(n, seed=6)
    model = outcome.fit(made.table, asking(), settings=QUICK)
    assert model.record.propensity_model == name
    miss = model.propensities[:, 1] - made.propensity
    assert np.sqrt(np.mean(miss**2)) < 0.25 * made.propensity.std()
    assert model.propensities.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("folds", [2, 3])
def test_boosted_trees_also_learn_in_few_folds(folds):
    made = world(2_400, seed=6)
    model = outcome.fit(
        made.table, asking(), model="linear", folds=folds, settings=FitSettings(propensity="stack")
    )
    assert np.corrcoef(model.propensities[:, 1], made.propensity)[0, 1] > 0.9


def test_propensities_of_a_fold_do_not_know_who_in_it_was_treated():
    """Other treatments in one fold change every propensity but that fold's own."""
    study = open_study(world(2_400).table, asking())
    folds = assign_folds(study, 5, np.random.default_rng(7))
    here = folds == 0
    arm = np.where(here, np.random.default_rng(1).permutation(study.arm), study.arm)
    first = propensity_of(study, folds, learner="stack", seed=7).chances
    second = propensity_of(replace(study, arm=arm), folds, learner="stack", seed=7).chances
    np.testing.assert_array_equal(first[here], second[here])
    assert (first[~here] != second[~here]).mean() > 0.9


def test_overlap_is_told_without_training_the_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("no network may be trained here")

    monkeypatch.setattr(networks, "train", refuse)
    monkeypatch.setattr("causal_core.outcome._models.train", refuse)
    found = outcome.overlap(world(600).table, asking())
    assert found.sufficient
    assert {item.covariate for item in found.balance} == {"activity", "phone", "city"}


def test_the_effect_on_the_treated_is_weighed_for_the_treated():
    found = outcome.overlap(world(600).table, asking(kind=EffectKind.ATT))
    assert found.ess_treated == pytest.approx(world(600).table.column("banner").sum())


# ---------------------------------------------------------------- hard tables


@pytest.mark.parametrize("model", ["mlp", "linear"])
@pytest.mark.parametrize(
    "name", ["constant", "giant", "separating", "many levels", "half a percent", "fifty units"]
)
def test_a_hard_table_still_ends_in_finite_numbers(name, model):
    fitted = outcome.fit(hard(name), asking("minutes", "bought"), model=model, settings=QUICK)
    assert np.isfinite(fitted.predictions).all()
    assert (fitted.propensities > 0).all()


def hard(name: str) -> BehaviorTable:
    table = world({"fifty units": 50, "half a percent": 4_000}.get(name, 400)).table
    rng = np.random.default_rng(7)
    match name:
        case "constant":
            return replaced(table, activity=np.full(400, 3.0))
        case "giant":
            return replaced(table, activity=table.column("activity") * 1e9)
        case "separating":
            return replaced(table, activity=table.column("banner") * 1e3 - 1)
        case "many levels":
            return replaced(
                table, city=pd.Series(rng.integers(0, 40, 400).astype(str), dtype="str")
            )
        case "half a percent":
            return replaced(table, banner=(rng.random(4_000) < 0.005).astype(float))
        case _:
            return table


@pytest.mark.parametrize("scenario", ["no-overlap", "funnel"])
def test_a_policy_that_decides_by_rule_leaves_no_overlap_and_a_soft_one_does(scenario):
    simulation = datasets.simulate(scenario, 1_500, seed=11)
    treatment = simulation.table.schema.with_role(Role.TREATMENT)[0]
    question = CausalQuestion(treatment=treatment, outcomes=("click",))
    estimand = Estimand(question=question, adjustment_set=simulation.truth.adjustment)
    found = outcome.overlap(simulation.table, estimand)
    assert found.sufficient is (scenario == "funnel")
    assert found.sentence
