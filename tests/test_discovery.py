"""Discovery: knowledge is never broken, known graphs are found, the engine's traps are shut."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from causal_core import datasets, discovery
from causal_core.discovery.columns import prepare
from causal_core.discovery.independence import statistics
from causal_core.discovery.orientation import orient
from causal_core.discovery.rules import Rules
from causal_core.errors import (
    AnalysisError,
    BadSettingError,
    CancelledError,
    ColumnMissingError,
    DependentColumnsError,
    KnowledgeError,
    TooFewUnitsError,
    WrongKindError,
)
from causal_core.graph import EdgeKind, GraphPattern, Knowledge, Provenance
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable


def table_of(columns: dict, roles: dict[str, Role] | None = None, **kinds: Kind) -> BehaviorTable:
    """Make a table whose kinds are guessed from the values unless they are named."""
    frame = pd.DataFrame({name: _series(values) for name, values in columns.items()})
    schema = tuple(
        Column(
            name=name,
            kind=kinds.get(name, _kind(frame[name])),
            role=(roles or {}).get(name, Role.HISTORY),
            stated=True,
        )
        for name in frame
    )
    return BehaviorTable(frame=frame, schema=Schema(columns=schema))


def _series(values: object) -> pd.Series:
    series = pd.Series(values)
    return series.astype(float) if pd.api.types.is_numeric_dtype(series) else series.astype("str")


def _kind(series: pd.Series) -> Kind:
    if not pd.api.types.is_numeric_dtype(series):
        return Kind.CATEGORY
    return Kind.BINARY if set(series.dropna()) <= {0.0, 1.0} else Kind.CONTINUOUS


def chain(rows: int = 3_000, seed: int = 1) -> dict[str, np.ndarray]:
    """The chain x → y → z."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    y = x + rng.normal(size=rows)
    return {"x": x, "y": y, "z": y + rng.normal(size=rows)}


def collider(rows: int = 3_000, seed: int = 1) -> dict[str, np.ndarray]:
    """The collider x → y ← z."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, rows))
    return {"x": x, "y": x + z + rng.normal(size=rows), "z": z}


def drawn(pattern: GraphPattern) -> set[str]:
    sign = {EdgeKind.DIRECTED: ">", EdgeKind.UNDIRECTED: "-"}
    return {f"{edge.source} {sign[edge.kind]} {edge.target}" for edge in pattern.edges}


# ---------------------------------------------------------------- known graphs


def test_unrelated_columns_are_joined_about_as_often_as_alpha_says():
    joined = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        columns = {
            "age": rng.normal(size=2_000),
            "visits": rng.poisson(3.0, 2_000),
            "spend": np.exp(rng.normal(size=2_000)),
            "device": rng.choice(["app", "web", "tv"], 2_000),
            "click": rng.random(2_000) < 0.2,
        }
        columns["click"] = columns["click"].astype(float)
        joined += len(discovery.discover(table_of(columns), alpha=0.05).edges)
    # 80 pairs, each kept with a chance of at most .05: more than 11 has a chance of 1 in 1,000
    assert joined <= 11


def test_a_chain_stays_open_and_a_collider_is_found():
    assert drawn(discovery.discover(table_of(chain()))) == {"x - y", "y - z"}
    assert drawn(discovery.discover(table_of(collider()))) == {"x > y", "z > y"}


def test_a_mixed_table_gives_the_graph_that_made_it():
    rng = np.random.default_rng(3)
    rows = 10_000
    visits = rng.poisson(3.0, rows).astype(float)
    app = (rng.random(rows) < 0.5).astype(float)
    spend = np.exp(0.5 * np.log1p(visits) + 0.7 * rng.normal(size=rows))
    banner = (rng.random(rows) < 1 / (1 + np.exp(1 - np.log1p(visits) - app))).astype(float)
    taste = np.where(banner + rng.normal(size=rows) > 0.8, "bold", "plain")
    columns = {"visits": visits, "app": app, "spend": spend, "banner": banner, "taste": taste}
    pattern = discovery.discover(table_of(columns, visits=Kind.COUNT, spend=Kind.AMOUNT))
    assert pattern.test == "mixed"
    assert drawn(pattern) == {"visits > banner", "app > banner", "banner > taste", "spend - visits"}


def test_the_funnel_is_searched_without_an_edge_from_later_to_earlier():
    simulation = datasets.simulate("funnel", 10_000, seed=11)
    table = simulation.table
    knowledge = Knowledge.from_tiers(table.schema.tiers(table.schema.names))
    pattern = discovery.discover(table, knowledge)
    places = table.schema.tiers(pattern.nodes)
    assert pattern.violations == ()
    assert all(places[edge.source] <= places[edge.target] for edge in pattern.directed)
    assert all(places[edge.source] == places[edge.target] for edge in pattern.undirected)
    true = {frozenset(edge) for edge in simulation.truth.edges}
    found = {frozenset(edge.pair) for edge in pattern.edges}
    # the two hidden tastes join five more pairs of covariates, and no graph can show them
    assert len(found - true) <= 8
    assert len(found & true) >= 25
    assert ("banner", "click") in {edge.pair for edge in pattern.directed}


# ---------------------------------------------------------------- knowledge holds, always


def random_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    size, rows = int(rng.integers(5, 9)), int(rng.choice([300, 1_000]))
    names = [f"n{at}" for at in rng.permutation(size)]
    values: dict[str, np.ndarray] = {}
    for at, name in enumerate(names):
        causes = [other for other in names[:at] if rng.random() < 0.45]
        signal = sum((rng.uniform(-1, 1) * values[c] for c in causes), np.zeros(rows))
        values[name] = signal + rng.normal(size=rows)
        if rng.random() < 0.3:
            values[name] = (values[name] > 0).astype(float)
    return values


def random_knowledge(rng: np.random.Generator, names: list[str]) -> Knowledge:
    """Return any knowledge that does not contradict itself, true or not."""
    while True:
        placed = [n for n in names if rng.random() < rng.choice([0.4, 1.0])]
        at = {name: int(rng.integers(3)) for name in placed}
        pairs = [tuple(map(str, rng.permutation(names)[:2])) for _ in range(6)]
        tiers = tuple(tuple(n for n in placed if at[n] == tier) for tier in range(3))
        knowledge = Knowledge(
            tiers=tiers if rng.random() < 0.8 else (),
            required=tuple(dict.fromkeys(pairs[: int(rng.integers(4))])),
            forbidden=tuple(dict.fromkeys(pairs[3 : 3 + int(rng.integers(4))])),
            forbidden_within=(int(rng.integers(3)),) if rng.random() < 0.3 else (),
        )
        try:
            knowledge.check(names)
        except AnalysisError:
            continue
        if not knowledge.forbidden_within or knowledge.tiers:
            return knowledge


def can_be_extended(pattern: GraphPattern, knowledge: Knowledge) -> bool:
    """Try every direction of every open edge: independent of the code under test."""
    joined = {frozenset(edge.pair) for edge in pattern.edges}
    fixed = [edge.pair for edge in pattern.directed]
    allowed = colliders(fixed, joined)
    for turns in product((False, True), repeat=len(pattern.undirected)):
        choice = [
            e.pair[::-1] if t else e.pair for e, t in zip(pattern.undirected, turns, strict=True)
        ]
        edges = fixed + choice
        if any(knowledge.forbids(*edge) for edge in edges):
            continue
        if nx.is_directed_acyclic_graph(nx.DiGraph(edges)) and colliders(edges, joined) == allowed:
            return True
    return False


def colliders(edges: list, joined: set) -> set:
    return {
        (frozenset((a, c)), b)
        for (a, b), (c, d) in combinations(edges, 2)
        if b == d and frozenset((a, c)) not in joined
    }


def test_whatever_is_stated_no_graph_breaks_it_and_every_graph_can_be_completed():
    """The guarantee: 90 noisy data sets, most with knowledge that is wrong."""
    rng = np.random.default_rng(2024)
    overruled = 0
    for _ in range(90):
        columns = random_columns(rng)
        knowledge = random_knowledge(rng, sorted(columns))
        pattern = discovery.discover(table_of(columns), knowledge, alpha=0.05)
        present = {edge.pair for edge in pattern.directed}
        assert pattern.violations == ()
        assert knowledge.violations(pattern.edges) == ()
        assert not any(knowledge.forbids(*edge) for edge in present)
        assert set(knowledge.required) <= present
        assert nx.is_directed_acyclic_graph(nx.DiGraph(list(present)))
        assert can_be_extended(pattern, knowledge)
        overruled += bool(pattern.overruled)
    assert overruled > 45  # the knowledge did contradict the data


def test_true_knowledge_directs_what_the_data_leave_open():
    tiers = Knowledge(tiers=(("x",), ("y",), ("z",)))
    pattern = discovery.discover(table_of(chain()), tiers)
    assert drawn(pattern) == {"x > y", "y > z"}
    assert pattern.overruled == ()


def test_a_required_edge_stays_although_the_tests_remove_it():
    """Trap: causal-learn never brings it back."""
    knowledge = Knowledge(required=(("x", "z"),))
    pattern = discovery.discover(table_of(chain()), knowledge)
    edge = next(edge for edge in pattern.edges if edge.pair == ("x", "z"))
    assert edge.provenance is Provenance.KNOWLEDGE
    assert edge.p_value is not None
    assert edge.p_value > pattern.alpha
    assert any("x → z is required" in line for line in pattern.overruled)


def test_forbidding_a_pair_both_ways_does_not_turn_a_chain_into_a_collider():
    """Trap: causal-learn stores an empty separating set, and y becomes a collider."""
    knowledge = Knowledge(forbidden=(("x", "z"), ("z", "x")))
    pattern = discovery.discover(table_of(chain()), knowledge)
    assert drawn(pattern) == {"x - y", "y - z"}


def test_a_forbidden_edge_that_the_data_insist_on_is_left_out_and_told():
    knowledge = Knowledge(forbidden=(("x", "y"), ("y", "x")))
    pattern = discovery.discover(table_of(chain()), knowledge)
    assert drawn(pattern) == {"y - z"}
    assert any("x — y was found" in line for line in pattern.overruled)


def test_names_match_exactly_not_by_their_beginning():
    """Trap: causal-learn's patterns match `click` with `click_rate`, and need node names."""
    values = chain()
    columns = {"click": values["x"], "click_rate": values["y"], "sales": values["z"]}
    knowledge = Knowledge(forbidden=(("sales", "click"), ("click", "sales")))
    pattern = discovery.discover(table_of(columns), knowledge)
    assert drawn(pattern) == {"click - click_rate", "click_rate - sales"}


def test_unknown_names_and_contradictions_in_the_knowledge_are_refused():
    """Trap: causal-learn lets them pass in silence."""
    table = table_of(chain())
    with pytest.raises(ColumnMissingError, match="“w”"):
        discovery.discover(table, Knowledge(tiers=(("x",), ("w",))))
    with pytest.raises(KnowledgeError, match="required and forbidden"):
        discovery.discover(table, Knowledge(tiers=(("x",), ("y",)), required=(("y", "x"),)))
    constant = table_of({**chain(), "flat": np.ones(3_000)})
    with pytest.raises(KnowledgeError, match="“flat” is in a required edge"):
        discovery.discover(constant, Knowledge(required=(("flat", "x"),)))


def test_a_later_column_cannot_explain_an_earlier_dependence():
    """Given this effect of both, x and y happen to be uncorrelated (Var(noise) = 2 does it)."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=4_000)
    y = 0.5 * x + rng.normal(size=4_000)
    late = x + y + np.sqrt(2) * rng.normal(size=4_000)
    table = table_of({"x": x, "y": y, "late": late})
    tiers = Knowledge(tiers=(("x", "y"), ("late",)))
    assert drawn(discovery.discover(table, tiers)) == {"x - y", "x > late", "y > late"}
    assert "x - y" not in drawn(discovery.discover(table))  # the data alone do not tell


def test_a_stated_arrow_directs_what_follows_from_it():
    """Meek's first rule: y → z, or else y would be a collider."""
    pattern = discovery.discover(table_of(chain()), Knowledge(required=(("x", "y"),)))
    assert drawn(pattern) == {"x > y", "y > z"}
    assert pattern.conflicts == ()


# ---------------------------------------------------------------- columns


def test_a_constant_column_gains_no_edges_and_is_named():
    """Trap: under causal-learn it does, without a word."""
    pattern = discovery.discover(table_of({**chain(), "flat": np.ones(3_000)}))
    assert pattern.dropped_columns == ("flat",)
    assert "flat" not in pattern.nodes
    assert any("“flat” has one value only" in note for note in pattern.notes)


@pytest.mark.parametrize("copy", ["same", "scaled", "relabelled"])
def test_a_copy_of_a_column_is_left_out_and_named(copy):
    """Traps: singular under Fisher's z; under G² a copy deletes a real edge."""
    values = chain()
    flag = (values["x"] > 0).astype(float)
    copies = {
        "same": values["x"],
        "scaled": 3.0 - 2.0 * values["x"],
        "relabelled": np.where(flag > 0, "yes", "no"),
    }
    columns = {**values, "flag": flag, "twin": copies[copy]}
    pattern = discovery.discover(table_of(columns))
    assert pattern.dropped_columns == ("twin",)
    assert any("“twin” says the same as" in note for note in pattern.notes)


def test_of_two_copies_the_treatment_is_kept():
    columns = {"first": chain()["x"], "banner": chain()["x"], "z": chain()["z"]}
    pattern = discovery.discover(table_of(columns, {"banner": Role.TREATMENT}))
    assert pattern.dropped_columns == ("first",)


def test_a_total_beside_its_parts_is_refused_with_all_names():
    """Trap: causal-learn says “singular”."""
    values = chain()
    columns = {**values, "other": collider(seed=9)["y"], "total": values["x"] + 2 * values["z"]}
    with pytest.raises(DependentColumnsError, match="“x”, “z”, “total”"):
        discovery.discover(table_of(columns))


def test_rows_with_gaps_are_left_out_and_counted_and_too_few_are_refused():
    """Trap: causal-learn raises a bare assertion, and G² takes a gap for a level."""
    values = chain()
    values["x"][:100] = np.nan
    pattern = discovery.discover(table_of(values))
    assert any("100 of 3,000 rows have a gap" in note for note in pattern.notes)
    assert drawn(pattern) == {"x - y", "y - z"}
    values["z"][60:] = np.nan
    with pytest.raises(TooFewUnitsError, match="“z” has none in 98.0 %"):
        discovery.discover(table_of(values))


def test_only_columns_with_a_part_are_searched_unless_they_are_named():
    values = chain()
    roles = {"y": Role.PROPENSITY, "w": Role.IGNORE, "id": Role.UNIT_ID}
    columns = {**values, "w": collider(seed=4)["x"], "id": np.arange(3_000)}
    table = table_of(columns, roles, id=Kind.ID)
    assert discovery.discover(table).nodes == ("x", "z")
    assert discovery.discover(table, columns=["z", "y"]).nodes == ("y", "z")
    with pytest.raises(ColumnMissingError):
        discovery.discover(table, columns=["x", "q"])
    with pytest.raises(WrongKindError, match="“id”"):
        discovery.discover(table, columns=["x", "id"])
    with pytest.raises(BadSettingError):
        discovery.discover(table, columns=["x"])


# ---------------------------------------------------------------- laws


def test_the_order_of_the_columns_changes_nothing():
    """Trap: causal-learn's graph depends on it."""
    rng = np.random.default_rng(8)
    columns = random_columns(rng)
    knowledge = random_knowledge(rng, sorted(columns))
    expected = drawn(discovery.discover(table_of(columns), knowledge, alpha=0.1))
    for _ in range(4):
        shuffled = {name: columns[name] for name in map(str, rng.permutation(list(columns)))}
        assert drawn(discovery.discover(table_of(shuffled), knowledge, alpha=0.1)) == expected


def test_cents_or_euros_give_the_same_graph():
    rng = np.random.default_rng(9)
    spend = np.exp(rng.normal(size=3_000))
    click = (rng.random(3_000) < 1 / (1 + np.exp(-np.log(spend)))).astype(float)
    euros = discovery.discover(table_of({"spend": spend, "click": click}))
    cents = discovery.discover(table_of({"spend": 100 * spend, "click": click}))
    assert euros.edges[0].p_value == pytest.approx(cents.edges[0].p_value, rel=1e-6)


def test_the_same_input_gives_the_same_pattern_with_stability():
    table = table_of(collider(rows=400))
    first = discovery.discover(table, bootstrap=6, seed=3)
    again = discovery.discover(table, bootstrap=6, seed=3)
    assert first.edges == again.edges
    assert first.basis == {"table": table.fingerprint}


def test_rows_repeated_tenfold_finish_in_time():
    """Trap: without a bound on depth it did not."""
    simulation = datasets.simulate("funnel", 1_000, seed=2)
    frame = pd.concat([simulation.table.frame] * 10, ignore_index=True)
    table = BehaviorTable(frame=frame, schema=simulation.table.schema)
    assert discovery.discover(table).seconds < 20


# ---------------------------------------------------------------- second opinions


def test_fisher_z_and_g_square_agree_with_causal_learn():
    from causallearn.utils.cit import CIT

    rng = np.random.default_rng(10)
    numbers = chain(500)
    columns = prepare(table_of(numbers), Knowledge())
    ours = statistics("fisherz", columns)
    theirs = CIT(np.column_stack(columns.values), "fisherz")
    assert ours.p_value(0, 2, (1,)) == pytest.approx(theirs(0, 2, (1,)), rel=1e-6)
    assert ours.p_value(0, 1, ()) == pytest.approx(theirs(0, 1, ()), rel=1e-6)

    base = rng.integers(0, 3, 800)
    levels = {
        "a": base.astype(str),
        "b": ((base + rng.integers(0, 2, 800)) % 3).astype(str),
        "c": rng.integers(0, 4, 800).astype(str),
        "d": (rng.random(800) < 0.1 + 0.3 * base).astype(float),
    }
    columns = prepare(table_of(levels), Knowledge())
    for test in ("gsq", "chisq"):
        ours = statistics(test, columns)
        theirs = CIT(np.column_stack(columns.values), test)
        for x, y, given in ((0, 1, ()), (0, 3, (1,)), (1, 3, (0, 2)), (2, 3, (0, 1))):
            assert ours.p_value(x, y, given) == pytest.approx(theirs(x, y, given), rel=1e-6)


def test_without_knowledge_the_skeleton_is_that_of_stock_pc():
    from causallearn.search.ConstraintBased.PC import pc

    rng = np.random.default_rng(12)
    for _ in range(8):
        weights = np.triu(rng.normal(size=(8, 8)) * (rng.random((8, 8)) < 0.35), 1)
        values = np.zeros((1_500, 8))
        for at in range(8):
            values[:, at] = values @ weights[:, at] + rng.normal(size=1_500)
        names = [f"n{at}" for at in range(8)]
        table = table_of({name: values[:, at] for at, name in enumerate(names)})
        ours = discovery.discover(table, test="fisherz", alpha=0.05, max_depth=None)
        stock = pc(values, 0.05, "fisherz", uc_priority=3, show_progress=False, node_names=names)
        joined = {frozenset((names[a], names[b])) for a, b in np.argwhere(stock.G.graph != 0)}
        assert {frozenset(edge.pair) for edge in ours.edges} == joined


def test_the_mixed_test_is_calibrated_where_fisher_z_is_not():
    """x and y depend on visits and device only, x through a curve and with a heavy tail."""
    rejected = {"mixed": 0, "fisherz": 0}
    rng = np.random.default_rng(13)
    draws = 120
    for _ in range(draws):
        visits = np.exp(rng.normal(size=3_000))
        bent = np.tanh(np.log(visits))
        spend = np.exp(bent + 0.7 * rng.normal(size=3_000))
        click = (rng.random(3_000) < 1 / (1 + np.exp(0.5 - 1.5 * bent))).astype(float)
        table = table_of({"click": click, "spend": spend, "visits": visits})
        columns = prepare(table, Knowledge())
        for test in rejected:
            rejected[test] += statistics(test, columns).p_value(0, 1, (2,)) < 0.05
    # at a true level of .05 more than 14 of 120 has a chance of 1 in 1,000
    assert rejected["mixed"] <= 14
    assert rejected["fisherz"] > 60


@pytest.mark.parametrize(("share", "is_joined"), [(2e-4, False), (2e-3, True)])
def test_the_mixed_test_calls_an_effect_below_its_stated_floor_none(share, is_joined):
    rng = np.random.default_rng(16)
    x, noise = rng.normal(size=(2, 100_000))
    table = table_of({"x": x, "y": np.sqrt(share) * x + np.sqrt(1 - share) * noise})
    assert discovery.discover(table, test="fisherz").edges  # by significance alone both are
    pattern = discovery.discover(table, test="mixed")
    assert bool(pattern.edges) is is_joined


# ---------------------------------------------------------------- conflicts


class Told:
    """Evidence for a → u — v ← b, where each direction of u — v makes a collider."""

    def __init__(self, against_v: float, against_u: float) -> None:
        self._against = {3: against_v, 2: against_u}

    def largest(self, x: int, y: int) -> float:
        return 0.0

    def removes(self, x: int, y: int) -> bool:
        return False

    def is_clear(self, against: float) -> bool:
        return against <= 0.01

    def separator(self, x: int, y: int) -> frozenset[int] | None:
        return {(0, 1): frozenset(), (0, 3): frozenset({2}), (1, 2): frozenset({3})}.get(
            (min(x, y), max(x, y))
        )

    def against(self, triple: tuple[int, int, int], near: set[int]) -> float:
        return self._against[triple[1]]


@pytest.mark.parametrize(("told", "arrow"), [(Told(0.9, 0.2), (3, 2)), (Told(0.2, 0.9), (2, 3))])
def test_where_hints_contradict_the_weakest_gives_way_and_it_is_told(told, arrow):
    names = ("a", "b", "u", "v")
    rules = Rules.of(Knowledge(tiers=(("a", "b"), ("u", "v"))), names)
    oriented = orient([(0, 2), (1, 3), (2, 3)], rules, told, names)
    assert arrow in oriented.draft.arrows()
    assert not oriented.draft.stuck()
    assert any("u — v contradict each other" in line for line in oriented.conflicts)


# ---------------------------------------------------------------- tests by data, stability, jobs


def test_auto_says_which_test_it_chose_and_why():
    rng = np.random.default_rng(14)
    flags = {name: (rng.random(2_000) < 0.5).astype(float) for name in "abc"}
    mixed = {**flags, "spend": np.exp(rng.normal(size=2_000))}
    chosen = {
        "fisherz": discovery.discover(table_of(chain())),
        "gsq": discovery.discover(table_of(flags)),
        "mixed": discovery.discover(table_of(mixed)),
    }
    assert {name: pattern.test for name, pattern in chosen.items()} == {
        name: name for name in chosen
    }
    assert "continuous" in chosen["fisherz"].notes[0]
    assert "0.05 %" in chosen["mixed"].notes[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("test", "kci"), ("test", "gsq"), ("alpha", 0.0), ("alpha", 1.5), ("max_depth", -1)],
)
def test_a_setting_that_cannot_be_is_refused(setting, value):
    with pytest.raises(BadSettingError):
        discovery.discover(table_of(chain()), **{setting: value})


def test_stability_is_high_for_a_strong_edge_and_low_for_one_that_only_knowledge_wants():
    columns = {**collider(2_000), "noise": np.random.default_rng(15).normal(size=2_000)}
    knowledge = Knowledge(required=(("noise", "y"),))
    pattern = discovery.discover(table_of(columns), knowledge, bootstrap=20)
    share = {edge.pair: edge.stability for edge in pattern.edges}
    assert share["x", "y"] == 1.0
    assert share["z", "y"] == 1.0
    assert share["noise", "y"] <= 0.2
    assert all(edge.stability is None for edge in discovery.discover(table_of(columns)).edges)


def test_progress_rises_and_a_cancel_comes_out_as_itself():
    table = datasets.simulate("funnel", 2_000, seed=3).table
    told: list[float] = []

    def listen(fraction: float, message: str = "", /) -> None:
        told.append(fraction)

    discovery.discover(table, progress=listen)
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(fraction: float, message: str = "", /) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        discovery.discover(table, progress=stop)


def test_importing_discovery_loads_no_engine():
    script = (
        "import sys, causal_core.discovery;"
        "print([e for e in ('causallearn','numba','sklearn','torch') if e in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
