"""Facts about the pictures of a strategy: what is drawn where, harmless names, words beside."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from causal_core import figures
from causal_core.figures.style import palette
from causal_core.question import Payoff
from causal_core.results import Policies, PolicyName
from tests import strategy_by_hand
from tests.test_figures import HOSTILE, OUR_TAG, texts

CUSTOM = {"frontier": figures.frontier_frame, "policies": figures.policy_frame}
DRAWN = {"frontier": figures.frontier_figure, "policies": figures.policy_figure}
SAID = {"frontier": figures.frontier_words, "policies": figures.policy_words}


@pytest.fixture
def found() -> Policies:
    return strategy_by_hand.policies()


def marks_of(figure) -> dict[str, object]:
    """The marker trace of each policy, by its name in the text that it says when pointed at."""
    traces = [trace for trace in figure.data if trace.mode == "markers"]
    return {trace.hovertext.split("<br>")[0]: trace for trace in traces}


def notes_of(figure) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


# ---------------------------------------------------------------- the small frames


def test_the_frontier_frame_holds_every_budget_and_the_six_policies(found):
    frame = figures.frontier_frame(found)
    assert (frame["kind"] == "frontier").sum() == len(found.frontier)
    policies = frame[frame["kind"] == "policy"].set_index("name")
    assert set(policies.index) == {name.value for name in PolicyName}
    assert policies.loc["best", "state"] == "primary"
    assert set(policies["state"].drop("best")) == {"comparison"}


def test_values_are_net_money_per_thousand_where_a_payoff_is_stated(found):
    row = figures.policy_frame(found).iloc[0]
    best = found.of(PolicyName.BEST)
    assert row["value"] == pytest.approx(1_000 * best.net)
    assert row["cost"] == pytest.approx(1_000 * 0.2 * best.share_treated)
    assert row["unit"] == "net, EUR per 1,000 units"


def test_values_are_outcomes_per_thousand_where_none_is_stated(found):
    free = replace(found, payoff=Payoff())
    frame = figures.frontier_frame(free)
    assert set(frame["unit"]) == {"“purchase” per 1,000 units"}
    assert frame["cost"].isna().all()


def test_ours_is_the_first_row_and_can_be_told_from_today(found):
    frame = figures.policy_frame(found, against_today=True)
    assert frame["label"].iloc[0] == "Ours"
    assert frame["value"].iloc[0] == pytest.approx(1_000 * found.of(PolicyName.BEST).against_today)


def test_a_refused_strategy_is_grey_in_every_row(found):
    for make in CUSTOM.values():
        assert set(make(found, allowed=False)["state"]) == {"failed"}


# ---------------------------------------------------------------- the frontier


def test_the_curve_runs_through_the_budgets_within_its_band(found):
    figure = figures.frontier_figure(figures.frontier_frame(found))
    band, curve = figure.data[:2]
    assert list(curve.x) == [point.share for point in found.frontier]
    assert list(curve.y) == pytest.approx([1_000 * point.net for point in found.frontier])
    assert band.fill == "toself"
    assert max(band.y) == pytest.approx(max(1_000 * point.net_high for point in found.frontier))


def test_ours_is_filled_where_it_is_and_the_others_hollow_close_by(found):
    figure = figures.frontier_figure(figures.frontier_frame(found))
    marks, look = marks_of(figure), palette("light")
    assert len(marks) == 6
    assert list(marks["Ours"].x) == [found.of(PolicyName.BEST).share_treated]
    assert marks["Ours"].marker.color == look.of("outcome")
    for name, trace in marks.items():
        assert (trace.marker.color == look.paper) is (name != "Ours")
    places = sorted(trace.x[0] for trace in marks.values())
    assert all(b - a > 0.01 for a, b in zip(places, places[1:], strict=False))
    assert abs(marks["As many at random"].x[0] - 0.2) < 0.05


def test_every_policy_is_named_once_beside_its_mark(found):
    figure = figures.frontier_figure(figures.frontier_frame(found))
    said = [note.text for note in figure.layout.annotations]
    for name in PolicyName:
        words = figures.policy_name_words(name)
        assert sum(words == OUR_TAG.sub("", text) for text in said) == 1


def test_the_dashed_line_of_random_choice_ends_at_everyone(found):
    figure = figures.frontier_figure(figures.frontier_frame(found))
    (line,) = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert (line.x0, line.y0, line.x1) == (0, 0, 1)
    assert line.y1 == pytest.approx(1_000 * found.of(PolicyName.EVERYONE).net)


def test_the_axes_name_unit_share_and_cost(found):
    figure = figures.frontier_figure(figures.frontier_frame(found))
    assert "EUR per 1,000 units" in figure.layout.yaxis.title.text
    assert "cost" in figure.layout.xaxis.title.text
    assert [OUR_TAG.sub(" ", text).split()[-1] for text in figure.layout.xaxis.ticktext] == [
        "0", "40", "80", "120", "160", "200",
    ]  # fmt: skip
    free = figures.frontier_figure(figures.frontier_frame(replace(found, payoff=Payoff())))
    assert "cost" not in free.layout.xaxis.title.text
    assert "n 400" in notes_of(figure)


def test_zero_and_every_interval_are_within_the_picture(found):
    low, high = figures.frontier_figure(figures.frontier_frame(found)).layout.yaxis.range
    assert low < min(0.0, *(1_000 * item.net_low for item in found.items))
    assert high > max(1_000 * item.net_high for item in found.items)


# ---------------------------------------------------------------- policies side by side


def test_each_policy_has_a_row_with_its_interval_and_what_it_rests_on(found):
    frame = figures.policy_frame(found)
    figure = figures.policy_figure(frame)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(line.x) for line in lines] == [[row.low, row.high] for row in frame.itertuples()]
    assert [line.y[0] for line in lines] == [0, 1, 2, 3, 4, 5]
    assert "treats 20 %, effective n 290" in notes_of(figure)
    assert figure.layout.xaxis.title.text.startswith("Beyond treating nobody")


def test_the_zero_line_is_solid_and_what_it_stands_for_is_in_the_axis_title(found):
    figure = figures.policy_figure(figures.policy_frame(found, against_today=True))
    (zero,) = figure.layout.shapes
    assert (zero.x0, zero.x1, zero.line.dash) == (0, 0, None)
    assert figure.layout.xaxis.title.text.startswith("Against today")


def test_a_value_that_is_known_for_sure_has_no_interval_in_words(found):
    assert "Nobody 0;" in figures.policy_words(figures.policy_frame(found))


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("kind", DRAWN)
def test_hostile_names_stay_text(found, kind):
    worth = Payoff(value_per={HOSTILE: 40.0}, cost=0.2, currency=HOSTILE)
    hostile = replace(found, outcome=HOSTILE, payoff=worth)
    for policies in (hostile, replace(hostile, payoff=Payoff())):
        figure = DRAWN[kind](CUSTOM[kind](policies))
        left = [OUR_TAG.sub("", text) for text in texts(figure)]
        assert not [text for text in left if "<" in text]


@pytest.mark.parametrize("kind", DRAWN)
def test_a_loss_has_the_colour_of_a_gain(found, kind):
    frame = CUSTOM[kind](found)
    turned = frame.assign(value=-frame["value"], low=-frame["high"], high=-frame["low"])
    gain, loss = DRAWN[kind](frame), DRAWN[kind](turned)
    assert marks_of(gain)["Ours"].marker == marks_of(loss)["Ours"].marker


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", DRAWN)
def test_the_colours_are_those_of_the_mode_and_grey_is_no_answer(found, kind, mode):
    look = palette(mode)
    allowed = marks_of(DRAWN[kind](CUSTOM[kind](found), mode=mode))
    assert allowed["Ours"].marker.color == look.of("outcome")
    refused = DRAWN[kind](CUSTOM[kind](found, allowed=False), mode=mode)
    assert {trace.marker.line.color for trace in marks_of(refused).values()} == {look.failed}
    assert "not an answer" in notes_of(refused)


@pytest.mark.parametrize("kind", SAID)
def test_words_name_every_policy_and_take_back_what_is_refused(found, kind):
    words = SAID[kind](CUSTOM[kind](found))
    assert all(figures.policy_name_words(name) in words for name in PolicyName)
    assert "+244, 116 to 372" in words
    assert "NaN" not in words
    assert "not an answer" in SAID[kind](CUSTOM[kind](found, allowed=False))


def test_words_of_the_frontier_tell_the_fifths(found):
    words = figures.frontier_words(figures.frontier_frame(found))
    assert "20 % +175" in words
    assert "100 % +280" in words


@pytest.mark.parametrize("kind", DRAWN)
def test_a_strategy_in_which_nothing_is_gained_can_be_drawn(found, kind):
    frame: pd.DataFrame = CUSTOM[kind](found).assign(value=0.0, low=0.0, high=0.0)
    figure = DRAWN[kind](frame)
    assert figures.figure_json(figure)
    axis = figure.layout.yaxis if kind == "frontier" else figure.layout.xaxis
    assert all(math.isfinite(end) for end in axis.range)
