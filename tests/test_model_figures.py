"""Facts about the pictures of a training: what is drawn where, harmless names, words beside."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from causal_core import figures
from tests import made_by_hand
from tests.test_figures import HOSTILE, OUR_TAG, texts


@pytest.fixture(scope="module")
def record():
    return made_by_hand.analysis().model.record


def tenths(**changes: object) -> pd.DataFrame:
    rows = {
        "predicted": [0.1, 0.3, 0.5],
        "observed": [0.12, 0.29, 0.4],
        "units": [100, 400, 100],
        "error": [0.03, 0.023, 0.05],
        "rate": [True] * 3,
    }
    return pd.DataFrame({**rows, **changes})


def test_dots_stand_at_predicted_and_observed_with_their_intervals():
    (dots,) = figures.calibration_figure(tenths()).data
    assert (list(dots.x), list(dots.y)) == ([0.1, 0.3, 0.5], [0.12, 0.29, 0.4])
    assert list(dots.error_y.array) == pytest.approx([1.96 * e for e in (0.03, 0.023, 0.05)])


def test_a_dot_of_more_units_is_larger():
    sizes = figures.calibration_figure(tenths()).data[0].marker.size
    assert sizes[1] > sizes[0] == sizes[2]


def test_the_line_of_right_predictions_crosses_the_picture_at_equal_scales():
    figure = figures.calibration_figure(tenths())
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (line.y0, line.y1)
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (line.x0, line.x1)


@pytest.mark.parametrize("top", [0.0021, 0.05, 0.5, 1.0, 37.0, 9_400.0, 2.5e6])
def test_three_to_eight_ticks_with_different_labels_whatever_the_scale(top):
    frame = tenths(
        predicted=[0.0, top / 2, top],
        observed=[0.0, top / 2, top],
        error=[math.nan] * 3,
        rate=[top <= 1] * 3,
    )
    axis = figures.calibration_figure(frame).layout.xaxis
    assert 3 <= len(axis.tickvals) <= 8
    assert len(set(axis.ticktext)) == len(axis.ticktext)


def test_one_constant_prediction_can_be_drawn():
    frame = tenths(predicted=[0.0] * 3, observed=[0.0] * 3, error=[0.0] * 3)
    assert figures.figure_json(figures.calibration_figure(frame))


def test_words_name_the_outcome_and_the_largest_gap():
    words = figures.calibration_words(tenths(), outcome="click")
    assert "“click” is predicted between 10 % and 50 %" in words
    assert "50 % is predicted and 40 % observed" in words


def test_amounts_are_no_percentages():
    words = figures.calibration_words(
        tenths(predicted=[1.0, 20.0, 40.0], observed=[2.0, 22.0, 30.0], rate=[False] * 3),
        outcome="spent",
    )
    assert "%" not in words
    assert "40" in words


def test_the_frame_of_a_stored_quality_holds_all_units(record):
    frame = figures.calibration_frame(record.quality[0])
    assert frame["units"].sum() == 400
    assert frame["rate"].all()
    assert (frame["error"] > 0).all()


def test_losses_are_drawn_epoch_by_epoch_solid_for_units_held_out(record):
    frame = figures.losses_frame(record)
    assert list(frame["epoch"]) == [1, 2]
    training, validation = figures.loss_figure(frame).data
    assert (training.line.dash, validation.line.dash) == ("dot", "solid")
    assert list(validation.y) == [0.62, 0.45]
    assert "0.4500, in epoch 2 of 2" in figures.loss_words(frame)


def test_a_model_without_epochs_has_no_losses(record):
    assert figures.losses_frame(replace(record, train_loss=(), validation_loss=())).empty


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_same_input_same_picture_and_only_our_own_markup(mode, record):
    frame = figures.losses_frame(record)
    for make in (
        lambda: figures.calibration_figure(tenths(), mode=mode),
        lambda: figures.loss_figure(frame, mode=mode),
    ):
        assert figures.figure_json(make()) == figures.figure_json(make())
        assert all("<" not in OUR_TAG.sub("", text) for text in texts(make()))


def test_a_hostile_outcome_is_only_text_in_the_words():
    assert HOSTILE[:59] in figures.calibration_words(tenths(), outcome=HOSTILE)
