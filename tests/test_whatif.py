"""What-if: known do-effects are recovered, nothing impossible comes out, nonsense is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal_core import datasets, whatif
from causal_core.errors import (
    BadSettingError,
    CancelledError,
    ColumnMissingError,
    ConstantColumnError,
    DependentColumnsError,
    ExpressionError,
    InterventionError,
    NotIdentifiedError,
    NotInGraphError,
    TooFewUnitsError,
    ValueMissingError,
    WrongKindError,
)
from causal_core.graph import CausalGraph, Edge, EdgeKind
from causal_core.results import Intervention, Scenario, ScenarioOutcome
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable
from causal_core.whatif import ScenarioSpec

KINDS = {
    "age": Kind.CONTINUOUS,
    "group": Kind.CATEGORY,
    "idle": Kind.CONTINUOUS,
    "visits": Kind.AMOUNT,
    "banner": Kind.BINARY,
    "time_spent": Kind.CONTINUOUS,
    "buy": Kind.BINARY,
    "spend": Kind.AMOUNT,
    "unrelated": Kind.CONTINUOUS,
    "user": Kind.ID,
}
EDGES = (
    ("age", "visits"),
    ("group", "visits"),
    ("group", "banner"),
    ("age", "time_spent"),
    ("idle", "time_spent"),
    ("visits", "time_spent"),
    ("banner", "time_spent"),
    ("visits", "buy"),
    ("banner", "buy"),
    ("idle", "buy"),
    ("buy", "spend"),
    ("group", "spend"),
)
NODES = tuple(name for name in KINDS if name != "user")
OUTCOMES = ("time_spent", "buy", "spend")
SHARES = {"A": 0.5, "B": 0.3, "C": 0.2}
BANNER = {"A": 0.3, "B": 0.5, "C": 0.3}
EXTRA_VISITS = {"A": 0.0, "B": 1.0, "C": 2.0}


def world(n: int = 4_000, *, seed: int = 0, repeats: int = 1) -> BehaviorTable:
    """Draw from the linear structural model whose do-effects `expected` states."""
    rng = np.random.default_rng(seed)
    age, idle, unrelated = rng.uniform(-1, 1, n), rng.normal(size=n), rng.normal(size=n)
    group = rng.choice(list(SHARES), size=n, p=list(SHARES.values()))
    at = pd.Series(group)
    visits = 5 + age + at.map(EXTRA_VISITS).to_numpy() + rng.uniform(-1, 1, n)
    banner = (rng.uniform(size=n) < at.map(BANNER).to_numpy()).astype(float)
    time_spent = 2 + 0.8 * banner + 0.3 * visits + 0.5 * age + rng.normal(size=n)
    buy = (rng.uniform(size=n) < 0.2 + 0.1 * banner + 0.02 * visits).astype(float)
    spend = 3 + 4 * buy + at.map({"A": 0.0, "B": 1.0, "C": 0.0}).to_numpy() + rng.uniform(-1, 1, n)
    values = dict(
        zip(
            KINDS,
            (age, group, idle, visits, banner, time_spent, buy, spend, unrelated),
            strict=False,
        )
    )
    frame = pd.DataFrame(values | {"user": [f"u{at}" for at in range(n)]})
    frame["group"] = frame["group"].astype("str")
    return table_of(pd.concat([frame] * repeats, ignore_index=True), KINDS)


def table_of(frame: pd.DataFrame, kinds: dict[str, Kind]) -> BehaviorTable:
    columns = tuple(
        Column(
            name=name,
            kind=kind,
            role=Role.UNIT_ID if kind is Kind.ID else Role.HISTORY,
            stated=True,
        )
        for name, kind in kinds.items()
    )
    return BehaviorTable(frame=frame, schema=Schema(columns=columns))


def graph_of(edges=EDGES, nodes=NODES, hidden=()) -> CausalGraph:
    arrows = [Edge(source=a, target=b) for a, b in edges]
    arrows += [Edge(source=a, target=b, kind=EdgeKind.BIDIRECTED) for a, b in hidden]
    return CausalGraph(nodes=tuple(nodes), edges=tuple(arrows))


def spec(*levers: str, where: str | None = None, name: str = "it") -> ScenarioSpec:
    return ScenarioSpec(name=name, interventions=tuple(map(whatif.parse, levers)), where=where)


def one(table: BehaviorTable, *levers: str, where: str | None = None, **settings) -> Scenario:
    graph = settings.pop("graph", graph_of())
    outcomes = settings.pop("outcomes", OUTCOMES)
    board = whatif.simulate(
        table, graph, [spec(*levers, where=where)], outcomes=outcomes, **settings
    )
    return board.items[0]


def expected(case: str) -> dict[str, float]:
    """Return the true mean change of each outcome, by hand from the equations of `world`."""
    shown = sum(SHARES[g] * BANNER[g] for g in SHARES)
    extra = sum(SHARES[g] * EXTRA_VISITS[g] for g in SHARES)
    banner, visits, age = {
        "banner=1": (1 - shown, 0.0, 0.0),
        "banner=0": (-shown, 0.0, 0.0),
        "visits+=1": (0.0, 1.0, 0.0),
        "age+=0.5": (0.0, 0.5, 0.5),
        "both": (1 - shown, 1.0, 0.0),
        "chained": (0.0, 0.2 * (5 + extra) + 1.2 * 0.5, 0.5),
        "fixed below": (0.0, 6 - (5 + extra), 0.5),
        "segment": (SHARES["B"] * (1 - BANNER["B"]), 0.0, 0.0),
        "group=C": (BANNER["C"] - shown, EXTRA_VISITS["C"] - extra, 0.0),
        "idle+=1": (0.0, 0.0, 0.0),
    }[case]
    buy = 0.1 * banner + 0.02 * visits
    spend = 4 * buy - (SHARES["B"] if case == "group=C" else 0.0)
    return {"time_spent": 0.8 * banner + 0.3 * visits + 0.5 * age, "buy": buy, "spend": spend}


CASES = {
    "banner=1": ("banner=1",),
    "banner=0": ("banner=0",),
    "visits+=1": ("visits+=1",),
    "age+=0.5": ("age+=0.5",),
    "both": ("banner=1", "visits+=1"),
    "chained": ("age+=0.5", "visits*=1.2"),
    "fixed below": ("age+=0.5", "visits=6"),
    "group=C": ("group=C",),
    "idle+=1": ("idle+=1",),
}
SPECS = [spec(*levers, name=name) for name, levers in CASES.items()]
SPECS.append(spec("banner=1", where="group == 'B'", name="segment"))


# ---------------------------------------------------------------- truth


def test_every_interval_holds_the_do_effect_that_made_the_data():
    board = whatif.simulate(world(), graph_of(), SPECS, outcomes=OUTCOMES, level=0.999, draws=200)
    for scenario in board.items:
        truth = expected(scenario.name)
        for found in scenario.outcomes:
            assert found.low <= truth[found.outcome] <= found.high, (scenario.name, found)
            assert found.value == pytest.approx(found.baseline + found.difference, abs=1e-12)


def test_the_intervals_are_narrow_enough_to_tell_something():
    found = {o.outcome: o for o in one(world(), "banner=1").outcomes}
    assert found["time_spent"].low > 0
    assert found["buy"].low > 0
    # About the width of a regression on a randomised banner: 4 sd / √n, diluted by who has it.
    assert found["time_spent"].high - found["time_spent"].low < 0.11


@pytest.mark.slow
def test_at_least_90_of_100_intervals_hold_the_truth():
    held: dict[tuple[str, str], int] = {}
    for seed in range(100):
        board = whatif.simulate(
            world(2_000, seed=seed), graph_of(), SPECS, outcomes=OUTCOMES, seed=seed
        )
        for scenario in board.items:
            truth = expected(scenario.name)
            for o in scenario.outcomes:
                key = (scenario.name, o.outcome)
                held[key] = held.get(key, 0) + (o.low <= truth[o.outcome] <= o.high)
    assert min(held.values()) >= 90
    assert 93 <= np.mean(list(held.values())) <= 97


def test_the_simulated_recommender_s_effects_are_recovered():
    simulation = datasets.simulate("linear", 10_000, seed=3)
    truth = simulation.truth
    hidden = [
        pair for group in truth.notes["hidden_common_causes"].values() for pair in pairwise(group)
    ]
    nodes = dict.fromkeys(name for edge in truth.edges for name in edge)
    graph = graph_of(truth.edges, nodes, hidden)
    stages = ("click", "browse", "cart", "purchase")
    board = whatif.simulate(
        simulation.table,
        graph,
        [spec("banner=1"), spec("banner=0"), spec("position=1")],
        outcomes=(*stages, "help_contact"),
        level=0.999,
    )
    for scenario, name in zip(board.items, ("banner=1", "banner=0", "position=1"), strict=True):
        means, today = truth.notes["do_means"][name], truth.notes["do_means"]["today"]
        for found in scenario.outcomes[:4]:
            assert found.low <= means[found.outcome] - today[found.outcome] <= found.high
        untouched = scenario.outcomes[4]
        assert (untouched.low, untouched.difference, untouched.high) == (0.0, 0.0, 0.0)


def test_it_agrees_with_least_squares_where_that_answers_the_question():
    table = world(500)
    frame = table.frame
    dummies = [(frame["group"] == g).to_numpy(dtype=float) for g in ("B", "C")]
    design = np.column_stack([np.ones(500), frame["visits"], frame["age"], frame["idle"]])
    design = np.column_stack([design, frame["banner"], *dummies])
    edges = (*EDGES, ("group", "time_spent"))
    slope = np.linalg.lstsq(design, frame["time_spent"].to_numpy(), rcond=None)[0][1]
    graph = graph_of(edges)
    shift = one(table, "visits+=2", graph=graph).outcomes[0]
    assert shift.difference == pytest.approx(2 * slope, rel=1e-9)
    fixed = one(table, "visits=7", graph=graph).outcomes[0]
    assert fixed.difference == pytest.approx(slope * (7 - frame["visits"].mean()), rel=1e-9)


def test_the_standard_error_is_that_of_least_squares():
    table = world(5_000)
    nodes, edges = ("visits", "time_spent"), [("visits", "time_spent")]
    found = one(
        table, "visits+=1", graph=graph_of(edges, nodes), outcomes=["time_spent"], draws=1_000
    ).outcomes[0]
    x, y = table.column("visits"), table.column("time_spent")
    slope, start = np.polyfit(x, y, 1)
    residual = y - start - slope * x
    sandwich = np.sqrt(np.sum(((x - x.mean()) * residual) ** 2)) / np.sum((x - x.mean()) ** 2)
    # Relative error of a standard error from 1,000 blocks and 1,000 draws: about 1/√2000 each.
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(sandwich, rel=4 * 0.032)


def test_repeated_users_widen_the_interval_as_if_they_were_one():
    once, five = world(800), world(800, repeats=5)
    loners = five.with_schema(five.schema.restated({"user": Role.IGNORE}))
    width = {
        name: np.ptp([(o := one(table, "banner=1", draws=400).outcomes[0]).low, o.high])
        for name, table in {"once": once, "five": five, "loners": loners}.items()
    }
    assert width["five"] == pytest.approx(width["once"], rel=0.2)
    assert width["loners"] == pytest.approx(width["once"] / np.sqrt(5), rel=0.2)


# ---------------------------------------------------------------- laws


def test_as_today_is_exactly_as_today():
    table = world(300)
    still = one(table)
    for found in still.outcomes:
        assert found.baseline == found.value == table.frame[found.outcome].mean()
        assert (found.difference, found.low, found.high, found.support) == (0, 0, 0, 1)
    assert still.warnings == ()
    for lever in ("visits+=0", "visits*=1"):
        assert [o.difference for o in one(table, lever).outcomes] == pytest.approx([0, 0, 0])


def test_an_outcome_above_the_lever_does_not_move_and_says_so():
    found = one(world(300), "buy=1", outcomes=["time_spent", "spend"])
    above, below = found.outcomes
    assert (above.difference, above.low, above.high) == (0.0, 0.0, 0.0)
    assert above.value == above.baseline
    assert below.difference != 0
    assert any("“time_spent”" in warning for warning in found.warnings)


def test_a_lever_on_the_outcome_itself_gives_its_value():
    found = one(world(300), "time_spent=9", "banner=1", outcomes=["time_spent"]).outcomes[0]
    assert found.value == pytest.approx(9)


def test_units_outside_the_segment_stay_as_today():
    table = world(600)
    inside = (table.frame["group"] == "B").to_numpy()
    whole = one(table, "visits+=1").outcomes[0]
    some = one(table, "visits+=1", where="group == 'B'").outcomes[0]
    assert some.difference == pytest.approx(whole.difference * inside.mean())
    assert some.baseline == whole.baseline


def test_the_same_seed_gives_the_same_board_and_the_frame_is_left_alone():
    table = world(400)
    before = table.frame.copy()
    boards = [
        whatif.simulate(table, graph_of(), SPECS, outcomes=OUTCOMES, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert boards[0] == boards[1]
    assert boards[0].fingerprint != boards[2].fingerprint
    assert boards[0].basis == {"table": table.fingerprint, "graph": graph_of().fingerprint}
    assert boards[0].mechanisms == "linear"
    pd.testing.assert_frame_equal(table.frame, before)


def test_the_order_of_rows_and_of_nodes_moves_no_estimate():
    table = world(400)
    shuffled = replace(table, frame=table.frame.sample(frac=1, random_state=1, ignore_index=True))
    turned = graph_of(EDGES[::-1], NODES[::-1])
    first = [o.difference for o in one(table, "group=B", "visits*=1.1").outcomes]
    again = [o.difference for o in one(shuffled, "group=B", "visits*=1.1", graph=turned).outcomes]
    assert again == pytest.approx(first, rel=1e-9)


def possible(found: ScenarioOutcome, highest: float) -> bool:
    ends = (found.value, found.baseline + found.low, found.baseline + found.high)
    ordered = found.low <= found.difference <= found.high
    return ordered and all(-1e-12 <= end <= highest + 1e-12 for end in ends)


@settings(max_examples=40, deadline=None)
@given(
    lever=st.sampled_from(["visits", "age", "idle"]),
    sign=st.sampled_from(["=", "+=", "*="]),
    amount=st.floats(-1e4, 1e4),
    banner=st.sampled_from([None, "banner=0", "banner=1"]),
    group=st.sampled_from([None, "group=A", "group=C"]),
    seed=st.integers(0, 50),
)
def test_nothing_impossible_ever_comes_out(lever, sign, amount, banner, group, seed):
    if lever == "visits" and sign == "=":
        amount = abs(amount)
    levers = [f"{lever}{sign}{amount}", *(extra for extra in (banner, group) if extra)]
    found = one(world(60, seed=seed), *levers, outcomes=["buy", "spend", "visits"], draws=20)
    buy, spend, visits = found.outcomes
    assert possible(buy, 1.0)
    assert possible(spend, np.inf)
    assert possible(visits, np.inf)
    assert all(0 <= o.support <= 1 for o in found.outcomes)


def test_a_mediator_at_its_limit_passes_on_no_more_than_it_can():
    table = world(2_000)
    found = one(table, "visits+=1000", outcomes=["buy", "spend"])
    buy, spend = found.outcomes
    assert buy.value == 1.0
    assert spend.difference == pytest.approx(4 * (1 - buy.baseline), abs=0.2)
    assert any("“buy”" in warning for warning in found.warnings)


def test_a_category_moved_by_a_lever_stays_a_distribution():
    rng = np.random.default_rng(0)
    push = rng.uniform(0, 1, 3_000)
    kind = np.where(rng.uniform(size=3_000) < 0.2 + 0.6 * push, "new", "old")
    pay = 2.0 * (kind == "new") + rng.normal(size=3_000)
    frame = pd.DataFrame({"push": push, "kind": pd.array(kind, dtype="str"), "pay": pay})
    kinds = {"push": Kind.CONTINUOUS, "kind": Kind.CATEGORY, "pay": Kind.CONTINUOUS}
    graph = graph_of([("push", "kind"), ("kind", "pay")], kinds)
    table = table_of(frame, kinds)
    found = one(table, "push+=0.1", graph=graph, outcomes=["pay"], level=0.999).outcomes[0]
    assert found.low <= 0.06 * 2 <= found.high
    far = one(table, "push+=100", graph=graph, outcomes=["pay"])
    today = float((kind == "new").mean())
    assert far.outcomes[0].difference == pytest.approx(2 * (1 - today), abs=0.2)
    assert any("“kind”" in warning for warning in far.warnings)


# ---------------------------------------------------------------- support, gaps


def test_support_is_the_share_of_moved_units_inside_what_was_observed():
    table = world(1_000)
    visits = table.column("visits")
    inside = np.mean(visits + 1 <= visits.max())
    found = one(table, "visits+=1")
    assert found.outcomes[0].support == pytest.approx(inside)
    assert any("“visits”" in warning for warning in found.warnings)
    assert one(table, "visits=100").outcomes[0].support == 0
    assert one(table, "banner=1", "group=C").outcomes[0].support == 1
    assert one(table, "banner=1").warnings == ()


def test_a_count_is_not_pushed_below_zero():
    frame = pd.DataFrame({"seen": [0.0, 1.0, 2.0, 3.0] * 30})
    frame["score"] = 2 * frame["seen"]
    kinds = {"seen": Kind.COUNT, "score": Kind.CONTINUOUS}
    graph = graph_of([("seen", "score")], kinds)
    found = one(table_of(frame, kinds), "seen+=-2", graph=graph, outcomes=["seen", "score"])
    assert found.outcomes[0].value == pytest.approx(0.25)
    assert found.outcomes[1].difference == pytest.approx(2 * (0.25 - 1.5))
    assert found.outcomes[0].support == 0.5


def test_gaps_in_causes_and_outcomes_leave_the_effect_in_place():
    table = world(6_000)
    rng = np.random.default_rng(1)
    frame = table.frame.copy()
    for name in ("age", "visits", "spend"):
        frame.loc[rng.uniform(size=len(frame)) < 0.1, name] = np.nan
    frame.loc[rng.uniform(size=len(frame)) < 0.1, "group"] = None
    gappy = replace(table, frame=frame)
    found = one(gappy, "banner=1", level=0.999)
    truth = expected("banner=1")
    for o in found.outcomes:
        assert o.baseline == frame[o.outcome].mean()
        assert o.low <= truth[o.outcome] <= o.high
    assert any("“spend”" in warning for warning in found.warnings)


def test_many_levels_are_folded_but_the_lever_s_own_is_kept():
    rng = np.random.default_rng(0)
    shop = np.array([f"s{at:03d}" for at in range(100)])[rng.integers(0, 99, 5_000)]
    shop[:40] = "s099"
    sales = rng.normal(size=5_000) + 3.0 * (shop == "s099")
    frame = pd.DataFrame({"shop": pd.array(shop, dtype="str"), "sales": sales})
    kinds = {"shop": Kind.CATEGORY, "sales": Kind.CONTINUOUS}
    graph = graph_of([("shop", "sales")], kinds)
    found = one(table_of(frame, kinds), "shop=s099", graph=graph, outcomes=["sales"], level=0.999)
    assert found.outcomes[0].low <= 3 * (1 - 40 / 5_000) <= found.outcomes[0].high


def test_a_category_spelt_as_a_number_is_found():
    frame = pd.DataFrame({"tier": pd.array(["1", "2"] * 50, dtype="str")})
    frame["pay"] = np.tile([1.0, 3.0], 50)
    kinds = {"tier": Kind.CATEGORY, "pay": Kind.CONTINUOUS}
    graph = graph_of([("tier", "pay")], kinds)
    found = one(table_of(frame, kinds), "tier=2", graph=graph, outcomes=["pay"]).outcomes[0]
    assert found.value == pytest.approx(3)


# ---------------------------------------------------------------- levers in words


@pytest.mark.parametrize(
    ("text", "column", "operation", "value"),
    [
        ("x=1", "x", "set", 1.0),
        ("y+=0.5", "y", "shift", 0.5),
        ("y -= 0.5", "y", "shift", -0.5),
        ("z*=1.2", "z", "scale", 1.2),
        (" x = -3e2 ", "x", "set", -300.0),
        ("country=DE", "country", "set", "DE"),
        ("country='1'", "country", "set", "1"),
        ('note="a=b"', "note", "set", "a=b"),
        ("`a+=b`=2", "a+=b", "set", 2.0),
        ("two words=2", "two words", "set", 2.0),
    ],
)
def test_a_lever_is_read_as_it_is_written(text, column, operation, value):
    assert whatif.parse(text) == Intervention(column=column, operation=operation, value=value)


@pytest.mark.parametrize(
    "text", ["", "x", "x=", "=1", "x==1", "x+=a", "x*='1'", "x=nan", "x=inf", "x>1", "+=1"]
)
def test_nonsense_is_refused_with_the_forms_that_are_accepted(text):
    with pytest.raises(InterventionError, match=r"column=value, column\+=number"):
        whatif.parse(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    try:
        lever = whatif.parse(text)
    except InterventionError:
        return
    assert lever.column
    assert lever.operation in ("set", "shift", "scale")


@pytest.mark.parametrize(
    ("levers", "error"),
    [
        (["vists=1"], ColumnMissingError),
        (["user=1"], NotInGraphError),
        (["group+=1"], WrongKindError),
        (["banner*=2"], WrongKindError),
        (["banner=0.5"], BadSettingError),
        (["banner=yes"], BadSettingError),
        (["visits=-1"], BadSettingError),
        (["age=old"], BadSettingError),
        (["group=Z"], ValueMissingError),
        (["age=1", "age+=1"], InterventionError),
    ],
)
def test_a_lever_that_cannot_be_pulled_is_refused(levers, error):
    with pytest.raises(error):
        one(world(100), *levers)


def test_an_unknown_operation_is_refused():
    odd = ScenarioSpec(
        name="", interventions=(Intervention(column="age", operation="cap", value=1.0),)
    )
    with pytest.raises(InterventionError, match="cap"):
        whatif.simulate(world(100), graph_of(), [odd], outcomes=OUTCOMES)


def test_a_column_of_time_or_ids_is_no_lever():
    nodes = (*NODES, "user")
    with pytest.raises(WrongKindError, match="“user” is of kind id"):
        one(world(100), "user=u1", graph=graph_of(EDGES, nodes))


def test_a_lever_that_never_varied_is_refused():
    table = world(100)
    still = table.with_column(table.schema["banner"], np.zeros(100))
    with pytest.raises(ConstantColumnError, match="banner"):
        one(still, "banner=1")


@pytest.mark.parametrize(
    ("outcome", "error"),
    [("bye", ColumnMissingError), ("group", WrongKindError), ("user", WrongKindError)],
)
def test_an_outcome_that_is_none_is_refused(outcome, error):
    with pytest.raises(error):
        one(world(100), "banner=1", outcomes=[outcome])


def test_an_outcome_or_cause_that_the_other_side_lacks_is_refused():
    table = world(100)
    nodes = tuple(name for name in NODES if name != "spend")
    small = graph_of([edge for edge in EDGES if "spend" not in edge], nodes)
    with pytest.raises(NotInGraphError, match="spend"):
        one(table, "banner=1", graph=small)
    with pytest.raises(ColumnMissingError, match="ghost"):
        one(table, "banner=1", graph=graph_of((*EDGES, ("ghost", "buy")), (*NODES, "ghost")))


def test_an_empty_segment_and_a_wicked_filter_are_refused():
    with pytest.raises(TooFewUnitsError, match="age > 7"):
        one(world(100), "banner=1", where="age > 7")
    with pytest.raises(ExpressionError):
        one(world(100), "banner=1", where="__import__('os').system('true')")


def test_more_causes_than_rows_are_refused():
    with pytest.raises(TooFewUnitsError):
        one(world(5), "visits+=1")


def test_a_lever_that_is_a_copy_of_another_cause_is_refused():
    table = world(300)
    twin = table.with_column(
        Column(name="twin", kind=Kind.CONTINUOUS, role=Role.HISTORY), 3 * table.column("visits")
    )
    graph = graph_of((*EDGES, ("twin", "time_spent")), (*NODES, "twin"))
    with pytest.raises(DependentColumnsError, match="twin"):
        one(twin, "visits+=1", graph=graph)
    assert one(twin, "banner=1", graph=graph).outcomes[0].difference > 0


@pytest.mark.parametrize(("name", "value"), [("level", 1.0), ("draws", 1)])
def test_a_setting_out_of_bounds_is_refused(name, value):
    with pytest.raises(BadSettingError, match=name):
        one(world(100), "banner=1", **{name: value})


def test_no_outcome_is_refused():
    with pytest.raises(BadSettingError, match="outcomes"):
        one(world(100), "banner=1", outcomes=[])


# ---------------------------------------------------------------- hidden causes


@pytest.mark.parametrize(
    ("hidden", "lever", "outcome"),
    [
        (("banner", "time_spent"), "banner=1", "time_spent"),
        (("age", "time_spent"), "banner=1", "time_spent"),
        (("banner", "buy"), "banner=1", "spend"),
        (("buy", "spend"), "visits+=1", "spend"),
    ],
)
def test_a_hidden_cause_on_the_way_is_refused_by_its_name(hidden, lever, outcome):
    graph = graph_of(hidden=[hidden])
    with pytest.raises(NotIdentifiedError, match="“{}” ↔ “{}”".format(*hidden)):
        one(world(100), lever, graph=graph, outcomes=[outcome])


@pytest.mark.parametrize(
    ("hidden", "lever", "outcome"),
    [
        (("banner", "time_spent"), "banner=1", "buy"),
        (("age", "banner"), "banner=1", "time_spent"),
        (("age", "visits"), "banner=1", "time_spent"),
        (("buy", "time_spent"), "banner=1", "time_spent"),
        (("unrelated", "buy"), "banner=1", "buy"),
    ],
)
def test_a_hidden_cause_beside_the_way_makes_nothing_unavailable(hidden, lever, outcome):
    graph = graph_of(hidden=[hidden])
    plain = one(world(100), lever, outcomes=[outcome])
    assert one(world(100), lever, graph=graph, outcomes=[outcome]) == plain


def test_what_is_set_no_longer_follows_its_causes():
    graph = graph_of(hidden=[("age", "visits")])
    levers = ("age+=0.5", "visits=6")
    assert one(world(200), *levers, graph=graph) == one(world(200), *levers)


def test_a_stop_in_the_middle_stops():
    def stopping(fraction: float, message: str = "", /) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        one(world(100), "banner=1", progress=stopping)
