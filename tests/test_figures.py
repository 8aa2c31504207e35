"""Facts about the pictures: what is drawn where, which colours, harmless names, words beside."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_core import figures
from causal_core.figures.layering import draw, layers_of
from causal_core.figures.style import palette
from causal_core.graph import Edge, EdgeKind, GraphPattern
from causal_core.question import Contrast, EffectKind, Estimand
from causal_core.schema import Role
from tests import made_by_hand, strategy_by_hand

HOSTILE = '<a href="javascript:alert(1)">x</a><img src=x onerror=alert(1)>'
OUR_TAG = re.compile(r"</?(b|br|span)( style=\"[-a-zA-Z0-9#:;]*\")?>")


@pytest.fixture(scope="module")
def analysis():
    return made_by_hand.analysis()


def intervals(**changes: object) -> pd.DataFrame:
    rows = {
        "label": ["click", "purchase", "minutes"],
        "value": [12.0, 3.0, 0.4],
        "low": [4.0, -2.0, 0.1],
        "high": [20.0, 8.0, 0.7],
        "unit": ["per 1,000 units", "per 1,000 units", "minutes per unit"],
        "n_units": [400, 400, 390],
        "state": ["primary", "comparison", "failed"],
    }
    return pd.DataFrame({**rows, **changes})


def texts(figure: object) -> list[str]:
    """Every text that plotly would render as markup."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(json.loads(figures.figure_json(figure)))
    return found


def all_figures(analysis: object, mode: str) -> dict[str, object]:
    overlap = analysis.effects.overlap
    nodes = figures.nodes_frame(analysis.graph, analysis.table.schema)
    return {
        "bridge": figures.bridge_figure(
            figures.bridge_frame(analysis.effects, analysis.effects.outcomes[-1]), mode=mode
        ),
        "intervals": figures.interval_figure(
            figures.effects_frame(analysis.effects, allowed=True), mode=mode
        ),
        "overlap": figures.overlap_figure(
            figures.overlap_frame(overlap),
            mode=mode,
            treated_name=f"{analysis.question.treatment} = 1",
        ),
        "balance": figures.balance_figure(figures.balance_frame(overlap), mode=mode),
        "funnel": figures.funnel_figure(
            figures.scenario_frame(analysis.scenarios.items[0]), mode=mode
        ),
        "graph": figures.graph_figure(nodes, figures.edges_frame(analysis.graph), mode=mode),
        "columns": figures.column_figure(figures.columns_frame(analysis.table), mode=mode),
    }


def markers(figure: object) -> list[object]:
    return [trace for trace in figure.data if trace.mode == "markers"]


# ---------------------------------------------------------------- every figure


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_figure_is_transparent_and_writes_in_the_ink_of_its_mode(analysis, mode):
    for name, figure in all_figures(analysis, mode).items():
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)", name
        assert figure.layout.font.color == palette(mode).ink, name
        assert figure.layout.font.family == figures.FONT, name


def test_the_same_frame_gives_the_same_json_without_angle_brackets(analysis):
    again = all_figures(analysis, "light")
    for name, figure in all_figures(analysis, "light").items():
        assert figures.figure_json(figure) == figures.figure_json(again[name]), name
        assert "<" not in figures.figure_json(figure), name


def test_hostile_names_reach_plotly_only_escaped():
    rename = {name: f"{HOSTILE}{name}" for name in ("banner", "visits", "spent", "purchase")}
    hostile = made_by_hand.analysis(rename=rename)
    for name, figure in all_figures(hostile, "light").items():
        left = [OUR_TAG.sub("", text) for text in texts(figure)]
        assert not [text for text in left if "<" in text], name


def test_no_figure_is_coloured_by_good_or_bad(analysis):
    worse = made_by_hand.analysis(shift=-0.2)
    rise = figures.interval_figure(figures.effects_frame(analysis.effects, allowed=True))
    fall = figures.interval_figure(figures.effects_frame(worse.effects, allowed=True))
    colours = [
        [trace.line.color for trace in f.data if trace.mode == "lines"] for f in (rise, fall)
    ]
    assert colours[0] == colours[1]
    assert set(colours[0]) == {figures.role_colour("outcome")}


@pytest.mark.parametrize(
    ("role", "light", "dark"),
    [
        (Role.ATTRIBUTE, "#4E4E4E", "#8F8F8F"),
        (Role.HISTORY, "#6B8DDB", "#4F79DB"),
        (Role.TREATMENT, "#C64905", "#DB721D"),
        (Role.MEDIATOR, "#552579", "#DAB8ED"),
        (Role.OUTCOME, "#1DA86C", "#37DCA4"),
    ],
)
def test_roles_have_the_colours_of_the_house(role, light, dark):
    assert figures.role_colour(role) == light
    assert figures.role_colour(role, mode="dark") == dark


@given(st.text())
def test_no_name_whatever_can_hold_markup_or_a_line_break(name):
    shown = figures.safe(name)
    assert "<" not in shown
    assert ">" not in shown
    assert "\n" not in shown
    assert "‮" not in shown


# ---------------------------------------------------------------- intervals


def test_filled_is_primary_hollow_is_comparison_grey_is_failed():
    figure = figures.interval_figure(intervals())
    fills = [trace.marker.color for trace in markers(figure)]
    look = palette("light")
    assert fills == [look.of("outcome"), look.paper, look.failed]


def test_each_unit_has_one_range_and_its_name_in_the_axis_title():
    figure = figures.interval_figure(intervals())
    first, second = figure.layout.xaxis, figure.layout.xaxis2
    assert "per 1,000 units" in first.title.text
    assert "minutes per unit" in second.title.text
    assert first.range[0] < -2.0
    assert first.range[1] > 20.0
    assert second.range[1] < 1.0
    assert [trace.xaxis for trace in markers(figure)] == ["x", "x", "x2"]


def test_the_panels_of_two_units_do_not_overlap():
    figure = figures.interval_figure(intervals())
    upper, lower = figure.layout.yaxis.domain, figure.layout.yaxis2.domain
    assert lower[0] == pytest.approx(0.0, abs=1e-9)
    assert lower[1] < upper[0]
    assert upper[1] == 1.0


def test_zero_is_solid_break_even_dashed_truth_and_guess_dotted():
    frame = intervals(break_even=[5.0, math.nan, math.nan], truth=[10.0] * 3, guess=[1.0] * 3)
    shapes = figures.interval_figure(frame).layout.shapes
    dashes = {(shape.x0, shape.line.dash) for shape in shapes}
    assert {(0.0, "solid"), (5.0, "dash"), (10.0, "dot"), (1.0, "dot")} == dashes


def test_truth_and_guess_are_told_apart_by_their_signs_and_in_the_key():
    frame = intervals(truth=[10.0, math.nan, math.nan], guess=[1.0, math.nan, math.nan])
    figure = figures.interval_figure(frame)
    signs = {note.text: note.x for note in figure.layout.annotations if note.text in ("◇", "?")}
    assert signs == {"◇": 10.0, "?": 1.0}
    (key,) = [text for text in texts(figure) if "best estimate" in text]
    assert "◇ dotted: truth" in key
    assert "? dotted: your guess" in key
    assert "break-even" not in key


def test_the_words_of_intervals_tell_break_even_truth_and_guess():
    marks = {"break_even": [5.0, math.nan, math.nan], "truth": [10.0, 2.0, math.nan]}
    said = figures.interval_words(intervals(**marks, guess=[1.0, math.nan, math.nan]))
    assert "click +12, 4 to 20 (break-even +5; truth +10; your guess +1)" in said
    assert "purchase +3, −2 to 8 (truth +2)" in said
    assert "minutes +0.400, 0.100 to 0.700 (minutes per unit)" in said


def test_a_pilot_is_hollow_and_is_called_so():
    figure = figures.interval_figure(intervals(state=["pilot"] * 3))
    assert {trace.marker.color for trace in markers(figure)} == {palette("light").paper}
    assert any("○ from the pilot" in text for text in texts(figure))


def test_the_numbers_beside_intervals_are_rounded_and_have_no_gap():
    table = figures.interval_table(intervals(truth=[10.0, math.nan, math.nan]))
    assert list(table.columns) == ["What", "Estimate", "Low", "High", "Unit", "n", "Truth"]
    assert table["Truth"].tolist() == ["+10", "–", "–"]
    assert table["n"].tolist() == ["400", "400", "390"]


def test_marks_are_on_the_scale_of_their_outcome(analysis):
    simulated = made_by_hand.simulated(analysis)
    marks = figures.Marks(
        payoff=strategy_by_hand.payoff(), truth=simulated.truth, guess={"purchase": 0.02}
    )
    frame = figures.effects_frame(analysis.effects, allowed=True, marks=marks)
    purchase = frame.set_index("label").loc["purchase"]
    found = purchase[["break_even", "truth", "guess"]].tolist()
    assert found == pytest.approx([5.0, 10.0, 20.0])
    click = frame.set_index("label").loc["click"]
    assert math.isnan(click["break_even"])
    assert click["truth"] == pytest.approx(110.0)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"kind": EffectKind.ATT}, 0.013),
        ({"kind": EffectKind.ATU}, 0.009),
        ({"kind": EffectKind.EVERYONE}, None),
        ({"population": "visits > 2"}, None),
        ({"contrast": Contrast(treated_value=0.0, control_value=1.0)}, None),
    ],
)
def test_a_truth_is_drawn_only_for_whom_it_is_known(analysis, change, found):
    truth = replace(
        made_by_hand.simulated(analysis).truth,
        notes={"att": {"purchase": 0.013}, "atu": {"purchase": 0.009}},
    )
    estimand = replace(analysis.estimand, question=replace(analysis.question, **change))
    marks = figures.Marks(truth=truth).of(replace(analysis.effects, estimand=estimand), "purchase")
    assert marks["truth"] == pytest.approx(
        math.nan if found is None else 1_000 * found, nan_ok=True
    )


def test_n_stands_at_the_right_of_every_row():
    notes = [
        note for note in figures.interval_figure(intervals()).layout.annotations if note.x == 1
    ]
    assert [re.search(r"n [\d,]+", note.text).group() for note in notes] == [
        "n 400",
        "n 400",
        "n 390",
    ]


def test_a_number_that_cannot_be_estimated_is_said_and_not_drawn():
    frame = intervals(value=[math.nan, 3.0, 0.4], low=[math.nan, -2, 0.1], high=[math.nan, 8, 0.7])
    figure = figures.interval_figure(frame)
    assert len(markers(figure)) == 2
    assert "cannot be estimated" in figures.interval_words(frame)
    assert not [text for text in texts(figure) if "nan" in text.lower()]


def test_refused_effects_are_all_grey(analysis):
    frame = figures.effects_frame(analysis.effects, allowed=False)
    assert set(frame["state"]) == {"failed"}
    assert "not an answer" in figures.interval_words(frame)


def test_rare_outcomes_are_shown_per_thousand_and_others_in_their_unit(analysis):
    frame = figures.effects_frame(analysis.effects, allowed=True, outcome="purchase")
    assert frame["value"].tolist() == pytest.approx([12.0, 31.0, 14.5])
    assert frame["method"].iloc[0] == "aipw"


# ---------------------------------------------------------------- bridge, funnel


def test_the_bridge_adds_up(analysis):
    frame = figures.bridge_frame(analysis.effects, "purchase").set_index("part")
    total = frame.loc["raw", "value"] + frame.loc["selection", "value"]
    assert total == pytest.approx(frame.loc["effect", "value"])
    bars = figures.bridge_figure(frame.reset_index()).data[0]
    assert list(bars.base) == pytest.approx([0.0, 31.0, 0.0])
    assert list(bars.x) == pytest.approx([31.0, -19.0, 12.0])


def test_the_bridge_marks_break_even_truth_and_guess_at_the_effect(analysis):
    simulated = made_by_hand.simulated(analysis)
    marks = figures.Marks(
        payoff=strategy_by_hand.payoff(), truth=simulated.truth, guess={"purchase": 0.02}
    )
    frame = figures.bridge_frame(analysis.effects, "purchase", marks=marks)
    figure = figures.bridge_figure(frame)
    lines = {
        (round(shape.x0, 6), shape.line.dash): (shape.y0, shape.y1)
        for shape in figure.layout.shapes
        if shape.line.dash in ("dash", "dot")
    }
    assert set(lines) == {(5.0, "dash"), (10.0, "dot"), (20.0, "dot")}
    assert all(1.4 < low < 2.0 < high < 2.6 for low, high in lines.values())
    assert "(break-even +5; truth +10; your guess +20)" in figures.bridge_words(frame)
    table = figures.bridge_table(frame)
    assert table["Part"].tolist() == ["Raw difference", "Who was shown", "Effect"]
    assert table["Truth"].tolist() == ["–", "–", "+10"]


def test_a_bridge_without_marks_has_no_key(analysis):
    frame = figures.bridge_frame(analysis.effects, "purchase")
    assert not [text for text in texts(figures.bridge_figure(frame)) if "dotted" in text]
    assert "Truth" not in figures.bridge_table(frame)


def test_an_association_is_never_called_an_effect(analysis):
    frame = figures.bridge_frame(analysis.effects, "purchase")
    figure = figures.bridge_figure(frame, causal=False)
    said = [*texts(figure), figures.bridge_words(frame, causal=False)]
    assert not [text for text in said if re.search(r"\beffect", text, re.IGNORECASE)]


def test_a_zero_effect_is_a_bar_of_no_length_with_its_whisker():
    estimand = Estimand(question=made_by_hand.question(), adjustment_set=("visits",))
    nothing = made_by_hand.effects(estimand, shift=-0.012)
    figure = figures.bridge_figure(figures.bridge_frame(nothing, "purchase"))
    assert figure.data[0].x[2] == pytest.approx(0.0)
    assert figure.data[-1].error_x.array[0] == pytest.approx(8.0)


def test_the_funnel_outlines_today_fills_the_scenario_and_whiskers_the_difference(analysis):
    figure = figures.funnel_figure(figures.scenario_frame(analysis.scenarios.items[0]))
    scenario, today, *whiskers = figure.data
    assert scenario.marker.color == figures.role_colour("outcome")
    assert today.marker.color == "rgba(0,0,0,0)"
    assert today.marker.line.color == palette("light").ink
    assert today.x[3] == pytest.approx(43.6)
    assert len(whiskers) == 4
    middle, reach = whiskers[3].x[0], whiskers[3].error_x.array[0]
    assert (middle - reach, middle + reach) == pytest.approx((43.6 + 2.8, 43.6 + 14.0))
    assert "per 1,000 units at time zero" in figure.layout.xaxis.title.text


# ---------------------------------------------------------------- comparable


def test_the_overlap_histogram_is_mirrored_and_counts_upwards_on_both_sides(analysis):
    frame = figures.overlap_frame(analysis.effects.overlap)
    figure = figures.overlap_figure(frame)
    up, down = figure.data
    assert min(up.y) >= 0
    assert max(down.y) <= 0
    assert not [text for text in figure.layout.yaxis.ticktext if "−" in text or "-" in text]
    assert "134 units" in figures.overlap_words(frame)


def test_groups_without_any_shared_propensity_are_told_apart():
    frame = pd.DataFrame(
        {"low": [0.0, 0.5], "high": [0.5, 1.0], "treated": [0, 9], "control": [8, 0]}
    )
    assert "nobody is comparable" in figures.overlap_words(frame)


def test_the_love_plot_has_a_band_of_a_tenth_and_names_the_covariate_furthest_apart(analysis):
    frame = figures.balance_frame(analysis.effects.overlap)
    figure = figures.balance_figure(frame)
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.x0, band.x1) == (-0.1, 0.1)
    assert figure.layout.yaxis.ticktext[0] == "visits"
    assert "“spent” (−0.12)" in figures.balance_words(frame)


def test_of_many_covariates_the_furthest_apart_are_drawn_and_the_rest_counted():
    frame = pd.DataFrame(
        {"covariate": [f"c{at}" for at in range(40)], "before": 0.0, "after": range(40)}
    )
    figure = figures.balance_figure(frame)
    assert len(figure.data[0].x) == 25
    assert figure.layout.yaxis.ticktext[0] == "c39"
    assert any("15 more" in text for text in texts(figure))


# ---------------------------------------------------------------- graph and columns


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40),
    st.dictionaries(st.sampled_from([f"n{at}" for at in range(12)]), st.integers(0, 8)),
)
def test_every_arrow_points_to_the_right(pairs, tiers):
    nodes = [f"n{at}" for at in range(12)]
    edges = sorted({(f"n{min(pair)}", f"n{max(pair)}") for pair in pairs if len(set(pair)) == 2})
    layer = layers_of(nodes, edges, tiers)
    assert all(layer[source] < layer[target] for source, target in edges)
    assert sorted(set(layer.values())) == list(range(max(layer.values()) + 1))
    drawing = draw(nodes, edges, tiers)
    for route in drawing.route.values():
        assert [x for x, _ in route] == sorted({x for x, _ in route})


def test_time_decides_the_layers_where_it_is_stated():
    layer = layers_of(["late", "early"], [], {"late": 3, "early": 0})
    assert layer == {"late": 1, "early": 0}


def test_nodes_of_a_layer_never_overlap():
    nodes = [f"n{at}" for at in range(20)]
    edges = [(f"n{at}", f"n{to}") for at in range(10) for to in range(10, 20) if (at + to) % 3]
    drawing = draw(nodes, edges)
    for layer in range(drawing.layers):
        heights = sorted(y for x, y in drawing.place.values() if x == layer)
        gaps = [b - a for a, b in zip(heights, heights[1:], strict=False)]
        assert all(gap >= 1.0 - 1e-9 for gap in gaps)


def test_layering_uncrosses_what_can_be_uncrossed():
    edges = [("a", "z"), ("b", "y"), ("c", "x")]
    drawing = draw(["a", "b", "c", "x", "y", "z"], edges)
    order = [
        sorted("abc", key=lambda n: drawing.place[n][1]),
        sorted("zyx", key=lambda n: drawing.place[n][1]),
    ]
    assert [dict(edges)[name] for name in order[0]] == order[1]


def test_edges_are_drawn_by_kind_and_stability(analysis):
    pattern = GraphPattern(
        nodes=("a", "b", "c"),
        edges=(
            Edge(source="a", target="b", stability=1.0),
            Edge(source="b", target="c", kind=EdgeKind.UNDIRECTED, stability=0.5),
            Edge(source="a", target="c", kind=EdgeKind.BIDIRECTED),
        ),
    )
    figure = figures.graph_figure(figures.nodes_frame(pattern), figures.edges_frame(pattern))
    lines = [shape for shape in figure.layout.shapes if shape.layer == "below"]
    assert [line.line.dash for line in lines] == ["solid", "dash", "dot"]
    assert lines[0].line.width > lines[1].line.width
    heads = [note for note in figure.layout.annotations if note.arrowhead]
    assert len(heads) == 3  # one on the arrow, two on the hidden cause, none on the open edge
    words = figures.graph_words(figures.nodes_frame(pattern), figures.edges_frame(pattern))
    assert "1 directed edges, 1 still open" in words


def test_the_figure_of_columns_names_each_under_its_time(analysis):
    frame = figures.columns_frame(analysis.table)
    figure = figures.column_figure(frame)
    places = {note.text: math.floor(note.x) for note in figure.layout.annotations}
    assert (places["visits"], places["banner"], places["click"]) == (0, 1, 2)
    assert any("user_id" in text for text in places), "what plays no part is set apart, by name"
    assert "most in “spent” (10.0 %)" in figures.column_words(frame)


def test_every_figure_has_words_that_hold_its_numbers(analysis):
    overlap = analysis.effects.overlap
    bridge = figures.bridge_frame(analysis.effects, "purchase")
    assert "+12, 4 to 20" in figures.bridge_words(bridge)
    frame = figures.effects_frame(analysis.effects, allowed=True)
    assert "purchase +12, 4 to 20" in figures.interval_words(frame)
    funnel = figures.scenario_frame(analysis.scenarios.items[0])
    assert "purchase from 44 to 52 (+8, 3 to 14)" in figures.funnel_words(funnel)
    balance = figures.balance_words(figures.balance_frame(overlap))
    assert balance.startswith("Of 3 covariates, 2 differ")


# ---------------------------------------------------------------- names that are long


LONG = ("days_since_last_visit", "interest_in_fashion", "coupon_banner", "用户过去二十八天访问次数")


@pytest.mark.parametrize("name", ["purchase", "visits_28d", *LONG])
def test_a_name_in_a_graph_fits_its_shape_on_two_lines(name):
    nodes = pd.DataFrame(
        {"name": [name, "b", "c"], "role": ["treatment", "history", "outcome"], "tier": [0, 1, 2]}
    )
    figure = figures.graph_figure(nodes, figures.edges_frame(GraphPattern(nodes=(), edges=())))
    (note,) = [note for note in figure.layout.annotations if note.text.replace("<br>", "") == name]
    assert note.text.count("<br>") <= 1
    diamond = next(shape for shape in figure.layout.shapes if shape.type == "path")
    corners = [float(corner.split(",")[0]) for corner in diamond.path.split() if "," in corner]
    widest = max(note.text.split("<br>"), key=len)
    letter = note.font.size * (1.0 if name > "\u2e80" else 0.5)
    assert len(widest) * letter < max(corners) - min(corners)


def test_ids_stand_apart_and_a_long_name_is_cut_but_whole_under_the_pointer(analysis):
    frame = figures.columns_frame(analysis.table)
    frame.loc[frame["name"] == "visits", "name"] = "a_name_that_does_not_end_in_any_column"
    figure = figures.column_figure(frame)
    texts = [note.text for note in figure.layout.annotations]
    assert any(text.startswith("Set apart: user_id (unit), since (time)") for text in texts)
    assert any(text.startswith("a_name_that") and text.endswith("…") for text in texts)
    hover = figure.data[0].hovertext
    assert any(text.startswith("a_name_that_does_not_end_in_any_column<br>") for text in hover)
