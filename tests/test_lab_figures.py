"""Facts about the pictures of truth lab and segments: what is drawn, harmless names, words."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from causal_core import figures
from causal_core.figures.style import palette
from causal_core.question import Estimand
from causal_core.results import Effects, LabRun, LabRuns, Method, SegmentEffect
from tests import made_by_hand, strategy_by_hand
from tests.test_figures import HOSTILE, OUR_TAG, texts

NAMES = ("age", "device")


def segment(column: str, words: str, value: float, *, half: float = 0.01) -> SegmentEffect:
    return SegmentEffect(
        column=column,
        segment=words,
        where=f"{column} == '{words}'",
        outcome="purchase",
        value=value,
        low=value - half,
        high=value + half,
        level=0.95,
        standard_error=half / 2.9,
        n_units=120,
        n_clusters=120,
    )


def effects(*, rename: str = "", causal: bool = True, segments: bool = True) -> Effects:
    """Return effects in which the young gain, the old lose and of devices nobody can tell."""
    estimand = Estimand(
        question=made_by_hand.question(), adjustment_set=("visits",), time_ordered=causal
    )
    made = (
        segment(f"{rename}age", f"{rename}young", 0.03),
        segment(f"{rename}age", f"{rename}old", -0.02),
        segment(f"{rename}device", f"{rename}phone", 0.004),
    )
    found = made_by_hand.effects(estimand)
    return replace(found, segments=made if segments else ())


def lab_of(hits: int, misses: int, *, scenario: str = "funnel", outcome: str = "click") -> LabRuns:
    runs = tuple(
        LabRun(
            seed=at, outcome=outcome, method=Method.AIPW, truth=0.1,
            value=0.1 + off, low=0.08 + off, high=0.12 + off,
        )
        for at, off in enumerate([0.005] * hits + [0.04] * misses, start=1)
    )  # fmt: skip
    return LabRuns(scenario=scenario, n=2_000, model="linear", runs=runs)


def lines(figure: object) -> list[object]:
    return [trace for trace in figure.data if trace.mode == "lines"]


def markers(figure: object) -> list[object]:
    return [trace for trace in figure.data if trace.mode == "markers"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_both_pictures_are_transparent_and_write_in_the_ink_of_their_mode(mode):
    lab = strategy_by_hand.lab()
    pictures = [
        figures.lab_figure(figures.lab_frame(lab, "click", Method.AIPW), mode=mode),
        figures.segment_figure(figures.segment_frame(effects(), "purchase"), mode=mode),
    ]
    for figure in pictures:
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color == palette(mode).ink
        assert "<" not in figures.figure_json(figure)


def test_hostile_names_reach_plotly_only_escaped():
    lab = lab_of(3, 1, scenario=HOSTILE, outcome=HOSTILE)
    pictures = [
        figures.lab_figure(figures.lab_frame(lab, HOSTILE, Method.AIPW)),
        figures.segment_figure(figures.segment_frame(effects(rename=HOSTILE), "purchase")),
    ]
    for figure in pictures:
        left = [OUR_TAG.sub("", text) for text in texts(figure)]
        assert not [text for text in left if "<" in text]


# ---------------------------------------------------------------- the truth lab


def test_hits_are_filled_misses_hollow_and_the_truth_is_dotted():
    figure = figures.lab_figure(figures.lab_frame(strategy_by_hand.lab(), "click", Method.AIPW))
    held, missed = markers(figure)
    look = palette("light")
    assert (held.marker.color, missed.marker.color) == (look.of("outcome"), look.paper)
    assert missed.marker.line.color == look.of("outcome")
    assert (len(held.x), list(missed.x)) == (19, [13])
    (truth,) = figure.layout.shapes
    assert (truth.line.dash, truth.y0, truth.y1) == ("dot", 107.0, 107.0)


def test_every_interval_reaches_from_its_low_to_its_high_end_by_seed():
    frame = figures.lab_frame(strategy_by_hand.lab(), "click", Method.AIPW)
    figure = figures.lab_figure(frame)
    drawn = {}
    for trace in lines(figure):
        for at in range(0, len(trace.x), 3):
            assert trace.x[at] == trace.x[at + 1]
            drawn[trace.x[at]] = (trace.y[at], trace.y[at + 1])
    assert drawn == {row.seed: (row.low, row.high) for row in frame.itertuples()}
    assert figure.layout.yaxis.range[0] < frame["low"].min()
    assert figure.layout.yaxis.range[1] > frame["high"].max()


def test_the_picture_says_that_it_is_simulated_wherever_it_may_be_cut_off():
    figure = figures.lab_figure(figures.lab_frame(strategy_by_hand.lab(), "click", Method.AIPW))
    assert "simulated" in figure.layout.yaxis.title.text
    assert any("simulated" in note.text for note in figure.layout.annotations)
    assert all("simulated" in text for trace in markers(figure) for text in trace.hovertext)


def test_two_hundred_runs_are_four_traces_and_at_most_ten_ticks():
    figure = figures.lab_figure(figures.lab_frame(lab_of(190, 10), "click", Method.AIPW))
    assert len(figure.data) == 4
    assert len(figure.layout.xaxis.tickvals) <= 10


def test_the_words_count_the_hits_and_name_the_misses():
    words = figures.lab_words(figures.lab_frame(strategy_by_hand.lab(), "click", Method.AIPW))
    assert "Simulated (funnel, 2,000 units each)" in words
    assert "19 of 20 intervals held the truth (17 to 20 is usual)" in words
    assert "+107 per 1,000 units" in words
    assert words.endswith("with seed 13.")
    many = figures.lab_words(figures.lab_frame(lab_of(0, 9), "click", Method.AIPW))
    assert many.endswith("1, 2, 3, 4, 5, 6 and 3 more.")


def test_a_lab_without_a_run_says_so_in_picture_words_and_sentence():
    empty = LabRuns(scenario="no-overlap", n=2_000, model="linear", runs=(), refused=20)
    frame = figures.lab_frame(empty, "click", Method.AIPW)
    said = [note.text for note in figures.lab_figure(frame).layout.annotations]
    assert any("was refused" in text for text in said)
    assert "was refused" in figures.lab_words(frame)
    assert figures.lab_sentence(empty, "click").startswith(
        "All 20 simulated data sets were refused"
    )
    assert len(figures.lab_summary_frame(empty)) == 0


def test_the_sentence_holds_hits_the_raw_difference_and_what_was_refused():
    assert figures.lab_sentence(strategy_by_hand.lab(), "click") == (
        "19 of 20 intervals held the truth (17 to 20 is usual); the raw difference: 0. "
        "Refused, so without an estimate: 1 of 21 data sets."
    )


@pytest.mark.parametrize("runs", [2, 20, 100, 200])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_the_usual_number_of_hits_is_that_of_the_binomial_distribution(runs, level):
    from scipy import stats

    low, high = figures.usual_hits(runs, level)
    assert (low, high) == (
        stats.binom.ppf(0.025, runs, level), stats.binom.ppf(0.975, runs, level),
    )  # fmt: skip


def test_the_summary_gives_coverage_bias_error_and_width_of_each_method():
    frame = figures.lab_summary_frame(strategy_by_hand.lab()).set_index("method")
    assert list(frame.index) == ["aipw", "linear", "naive"]
    assert frame["held"].tolist() == [19, 12, 0]
    assert frame["usual_low"].tolist() == [17] * 3
    assert frame["width"].tolist() == pytest.approx([40.0, 40.0, 36.0])
    offs = [30.0 if at == 13 else 4.0 * ((at % 5) - 2) for at in range(1, 21)]
    assert frame.loc["aipw", "bias"] == pytest.approx(sum(offs) / 20)
    assert frame.loc["aipw", "rmse"] == pytest.approx(math.sqrt(sum(o * o for o in offs) / 20))
    assert set(frame["unit"]) == {"per 1,000 units"}


# ---------------------------------------------------------------- segments


def test_segments_stand_under_the_name_of_their_column_from_the_top_down():
    figure = figures.segment_figure(figures.segment_frame(effects(), "purchase"))
    ticks = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    assert [ticks[at] for at in sorted(ticks)] == [
        "<b>age</b>", "young", "old", "<b>device</b>", "phone",
    ]  # fmt: skip
    assert figure.layout.yaxis.range == (4.5, -0.5)
    places = {text: at for at, text in ticks.items()}
    drawn = {trace.y[0]: (trace.x[0], trace.x[1]) for trace in lines(figure)}
    assert drawn[places["young"]] == pytest.approx((20.0, 40.0))
    assert drawn[places["phone"]] == pytest.approx((-6.0, 14.0))


def test_segments_of_one_column_stand_together_however_they_are_stored():
    found = effects()
    mixed = replace(found, segments=(found.segments[0], found.segments[2], found.segments[1]))
    assert figures.segment_frame(mixed, "purchase")["column"].tolist() == ["age", "age", "device"]


def test_zero_is_solid_and_break_even_dashed_over_all_segments():
    frame = figures.segment_frame(effects(), "purchase", break_even=0.005)
    shapes = figures.segment_figure(frame).layout.shapes
    assert {(shape.x0, shape.line.dash) for shape in shapes} == {(0.0, "solid"), (5.0, "dash")}
    without = figures.segment_figure(figures.segment_frame(effects(), "purchase"))
    assert [shape.line.dash for shape in without.layout.shapes] == ["solid"]


def test_numbers_and_n_stand_at_the_right_of_every_segment():
    figure = figures.segment_figure(figures.segment_frame(effects(), "purchase"))
    notes = [note.text for note in figure.layout.annotations if note.x == 1]
    assert [re.sub("<.*?>", "", text) for text in notes] == [
        "+30, 20 to 40  n 120", "−20, −30 to −10  n 120", "+4, −6 to 14  n 120",
    ]  # fmt: skip


def test_segments_of_a_refused_answer_are_grey_and_said_to_be_no_answer():
    frame = figures.segment_frame(effects(), "purchase", allowed=False)
    figure = figures.segment_figure(frame)
    assert {trace.marker.color for trace in markers(figure)} == {palette("light").failed}
    assert figures.segment_words(frame).endswith("These numbers are not an answer.")


def test_gain_and_harm_have_the_same_colour():
    figure = figures.segment_figure(figures.segment_frame(effects(), "purchase"))
    assert {trace.line.color for trace in lines(figure)} == {figures.role_colour("outcome")}


def test_the_words_say_who_gains_who_loses_and_where_nobody_can_tell():
    words = figures.segment_words(figures.segment_frame(effects(), "purchase"))
    assert words == (
        "Estimated to raise “purchase” in age: young (+30, 20 to 40). "
        "Estimated to lower “purchase” in age: old (−20, −30 to −10). "
        "Cannot tell in 1 of 3 segments. Numbers are per 1,000 units; all intervals hold together."
    )


def test_an_association_is_not_said_to_raise_or_lower_anything():
    words = figures.segment_words(figures.segment_frame(effects(causal=False), "purchase"))
    assert not re.search(r"\b(rais|lower “|effect|cause)", words)
    assert "“purchase” is higher after adjustment in age: young" in words


def test_without_segments_picture_and_words_say_why():
    frame = figures.segment_frame(effects(segments=False), "purchase")
    (note,) = figures.segment_figure(frame).layout.annotations
    assert note.text == figures.segment_words(frame)
    assert "large enough" in note.text


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.1, 2, "raises"), (-2, -0.1, "lowers"), (0, 1, "cannot_tell"), (math.nan, math.nan,
     "cannot_tell")],
)  # fmt: skip
def test_a_segment_is_told_by_its_interval_and_zero(low, high, said):
    assert figures.segment_verdict(low, high) == said
