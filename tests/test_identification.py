"""Identification against brute force, DoWhy, and the graphs of the textbooks."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain, combinations, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from causal_core import identification
from causal_core.errors import BadSettingError, ColumnMissingError, NotIdentifiedError
from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern, Knowledge, Provenance
from causal_core.question import (
    Assignment,
    CausalQuestion,
    SetSource,
    Status,
    Strategy,
)
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable

ASKED = CausalQuestion(treatment="banner", outcomes=("purchase",))


def graph_of(*edges: str, nodes: Sequence[str] = (), provenance: str = "analyst") -> CausalGraph:
    """Read edges like ``a > b`` and ``a = b`` (hidden common cause)."""
    return CausalGraph(**_parts(edges, nodes, provenance))


def pattern_of(*edges: str, nodes: Sequence[str] = (), provenance: str = "data") -> GraphPattern:
    """Read edges like ``a > b`` and ``a - b`` (open)."""
    return GraphPattern(**_parts(edges, nodes, provenance), test="mixed")


def _parts(edges: Sequence[str], nodes: Sequence[str], provenance: str) -> dict:
    kinds = {">": EdgeKind.DIRECTED, "=": EdgeKind.BIDIRECTED, "-": EdgeKind.UNDIRECTED}
    read = [edge.split() for edge in edges]
    names = [*nodes, *(name for source, _, target in read for name in (source, target))]
    return {
        "nodes": tuple(dict.fromkeys(names)),
        "edges": tuple(
            Edge(source=source, target=target, kind=kinds[sign], provenance=Provenance(provenance))
            for source, sign, target in read
        ),
    }


def table_of(**roles: Role) -> BehaviorTable:
    columns = tuple(
        Column(name=name, kind=Kind.BINARY, role=role, stated=True) for name, role in roles.items()
    )
    frame = pd.DataFrame({name: [0.0, 1.0] for name in roles})
    return BehaviorTable(frame=frame, schema=Schema(columns=columns))


# ---------------------------------------------------------------- brute force


def paths_between(graph: CausalGraph, start: str, end: str) -> Iterator[list[str]]:
    network = graph.network()
    return nx.all_simple_paths(network.to_undirected(), start, end)


def is_open(network: nx.DiGraph, path: Sequence[str], given: set[str]) -> bool:
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        collides = network.has_edge(before, here) and network.has_edge(after, here)
        below = {here} | nx.descendants(network, here)
        if collides and not below & given:
            return False
        if not collides and here in given:
            return False
    return True


def is_valid(graph: CausalGraph, question: CausalQuestion, chosen: set[str]) -> bool:
    """The back-door criterion as Pearl wrote it, path by path."""
    network = graph.network()
    treatment = question.treatment
    if chosen & nx.descendants(network, treatment):
        return False
    return not any(
        network.has_edge(path[1], treatment) and is_open(network, path, chosen)
        for outcome in question.outcomes
        for path in paths_between(graph, treatment, outcome)
    )


def valid_sets(graph: CausalGraph, question: CausalQuestion) -> list[frozenset[str]]:
    rest = [n for n in graph.nodes if n not in (question.treatment, *question.outcomes)]
    subsets = chain.from_iterable(combinations(rest, size) for size in range(len(rest) + 1))
    return [frozenset(s) for s in subsets if is_valid(graph, question, set(s))]


def random_graph(rng: np.random.Generator, most: int = 6) -> CausalGraph:
    size = int(rng.integers(3, most + 1))
    names = [f"n{at}" for at in rng.permutation(size)]
    edges = []
    for early, late in combinations(range(size), 2):
        if rng.random() < 0.45:
            edges.append(Edge(source=names[early], target=names[late]))
        if rng.random() < 0.12:
            edges.append(Edge(source=names[early], target=names[late], kind=EdgeKind.BIDIRECTED))
    return CausalGraph(nodes=tuple(sorted(names)), edges=tuple(edges))


def random_question(rng: np.random.Generator, graph: CausalGraph) -> CausalQuestion:
    many = int(rng.integers(1, min(3, len(graph.nodes) - 1)))
    treatment, *outcomes = (str(name) for name in rng.permutation(graph.nodes)[: 1 + many])
    return CausalQuestion(treatment=treatment, outcomes=tuple(outcomes))


def test_answers_equal_the_back_door_criterion_by_definition_on_random_graphs():
    rng = np.random.default_rng(1)
    identified = 0
    for _ in range(300):
        graph = random_graph(rng)
        question = random_question(rng, graph)
        valid = valid_sets(graph, question)
        found = identification.diagnose(graph, question)
        assert (found.status is Status.YES) == bool(valid)
        if not valid:
            assert found.open_paths
            continue
        identified += 1
        minimal = {s for s in valid if not any(other < s for other in valid)}
        assert frozenset(found.adjustment_set) in valid
        assert {frozenset(s) for s in found.minimal_sets} == minimal
    assert 100 < identified < 290  # both answers were asked for


def test_with_covariates_stated_the_set_is_still_valid_and_uses_only_what_came_before():
    rng = np.random.default_rng(2)
    for _ in range(200):
        graph = random_graph(rng)
        question = random_question(rng, graph)
        stated = {name for name in graph.nodes if rng.random() < 0.6}
        found = identification.diagnose(graph, question, covariates=stated)
        before = nx.ancestors(graph.network(), question.treatment) | stated
        valid = [s for s in valid_sets(graph, question) if s <= before]
        assert (found.status is Status.YES) == bool(valid)
        if valid:
            assert frozenset(found.adjustment_set) in valid


def test_the_open_path_in_words_is_a_path_and_is_open():
    rng = np.random.default_rng(3)
    seen = 0
    while seen < 100:
        graph = random_graph(rng)
        question = random_question(rng, graph)
        found = identification.diagnose(graph, question)
        if found.status is Status.YES:
            continue
        seen += 1
        network = graph.network()
        all_paths = {
            words(network, path)
            for outcome in question.outcomes
            for path in paths_between(graph, question.treatment, outcome)
            if network.has_edge(path[1], question.treatment)
        }
        assert found.open_paths
        assert set(found.open_paths) <= all_paths


def words(network: nx.DiGraph, path: Sequence[str]) -> str:
    pieces = [path[0]]
    for here, there in zip(path, path[1:], strict=False):
        pieces += ["→" if network.has_edge(here, there) else "←", there]
    return " ".join(pieces)


# ---------------------------------------------------------------- patterns


def colliders(edges: Sequence[tuple[str, str]]) -> set[tuple[frozenset[str], str]]:
    joined = {frozenset(edge) for edge in edges}
    return {
        (frozenset((a, c)), b)
        for a, b in edges
        for c, d in edges
        if b == d and a != c and frozenset((a, c)) not in joined
    }


def equivalent_dags(graph: CausalGraph) -> list[list[tuple[str, str]]]:
    """All DAGs with the same skeleton and colliders, by trying every orientation."""
    pairs = [edge.pair for edge in graph.edges]
    found = []
    for turns in product((False, True), repeat=len(pairs)):
        edges = [p[::-1] if turn else p for p, turn in zip(pairs, turns, strict=True)]
        if nx.is_directed_acyclic_graph(nx.DiGraph(edges)) and colliders(edges) == colliders(pairs):
            found.append(edges)
    return found


def as_pattern(graph: CausalGraph, dags: Sequence[Sequence[tuple[str, str]]]) -> GraphPattern:
    common = set(dags[0]).intersection(*dags)
    edges = [
        Edge(
            source=a, target=b, kind=EdgeKind.DIRECTED if (a, b) in common else EdgeKind.UNDIRECTED
        )
        for a, b in dags[0]
    ]
    return GraphPattern(nodes=graph.nodes, edges=tuple(edges))


def test_for_a_pattern_the_answer_holds_in_every_dag_that_it_stands_for():
    rng = np.random.default_rng(4)
    statuses = []
    while len(statuses) < 150:
        drawn = random_graph(rng, most=5)
        graph = CausalGraph(
            nodes=drawn.nodes,
            edges=tuple(e for e in drawn.edges if e.kind is EdgeKind.DIRECTED),
        )
        dags = [
            CausalGraph(nodes=graph.nodes, edges=tuple(Edge(source=a, target=b) for a, b in dag))
            for dag in equivalent_dags(graph)
        ]
        if len(dags) == 1:
            continue
        question = random_question(rng, graph)
        pattern = as_pattern(graph, [[e.pair for e in dag.edges] for dag in dags])
        valid = [set(valid_sets(dag, question)) for dag in dags]
        common = set.intersection(*valid)
        found = identification.diagnose(pattern, question)
        statuses.append(found.status)
        if found.status is Status.YES:
            assert frozenset(found.adjustment_set) in common
            assert all(frozenset(s) in common for s in found.minimal_sets)
        else:
            assert not common
            assert (found.status is Status.DEPENDS) == any(valid)
        sets = identification.adjustment_sets_by_orientation(pattern, question)
        assert bool(sets) == any(valid)
        assert all(frozenset(s) in set.union(*valid) for s in sets)
    assert {Status.YES, Status.DEPENDS} <= set(statuses)


def test_an_open_edge_at_the_treatment_makes_the_answer_depend_and_gives_the_range():
    pattern = pattern_of("activity - banner", "banner > purchase", "other > purchase")
    found = identification.diagnose(pattern, ASKED)
    estimand = identification.identify(pattern, ASKED)
    sets = identification.adjustment_sets_by_orientation(pattern, ASKED)
    # the set without `activity` is valid in both directions here, as activity moves no purchase
    assert found.status is Status.YES
    assert all(set(chosen) <= {"activity", "other"} for chosen in sets)
    assert estimand.source is SetSource.PATTERN

    confounded = pattern_of("activity - banner", "activity > purchase", "banner > purchase")
    found = identification.diagnose(confounded, ASKED)
    estimand = identification.identify(confounded, ASKED)
    assert found.status is Status.DEPENDS
    assert estimand.status is Status.DEPENDS
    assert not estimand.causal
    sets = identification.adjustment_sets_by_orientation(confounded, ASKED)
    assert set(sets) == {("activity",), ()}


def test_open_edges_among_covariates_do_not_matter_when_all_are_adjusted_for():
    names = [f"c{at}" for at in range(12)]
    edges = [f"{a} - {b}" for a, b in combinations(names, 2)]  # 12! directions
    edges += [f"{name} > banner" for name in names] + ["c0 > purchase", "banner > purchase"]
    found = identification.diagnose(pattern_of(*edges), ASKED, covariates=names)
    assert found.status is Status.YES
    assert set(found.adjustment_set) == set(names)


# ---------------------------------------------------------------- textbook graphs

CONFOUNDER = graph_of("activity > banner", "activity > purchase", "banner > purchase")
MEDIATOR = graph_of("banner > click", "click > purchase", "banner > purchase")
M_BIAS = graph_of(
    "taste > banner", "taste > visits", "budget > visits", "budget > purchase", "banner > purchase"
)
BUTTERFLY = graph_of(
    "taste > banner",
    "taste > visits",
    "budget > visits",
    "budget > purchase",
    "visits > banner",
    "visits > purchase",
    "banner > purchase",
)
COLLIDER = graph_of("banner > basket", "purchase > basket", "banner > purchase")
HIDDEN = graph_of("banner = purchase", "banner > purchase", "age > purchase")


@pytest.mark.parametrize(
    ("graph", "minimal"),
    [
        (CONFOUNDER, {("activity",)}),
        (MEDIATOR, {()}),
        (M_BIAS, {()}),
        (COLLIDER, {()}),
        (BUTTERFLY, {("visits", "taste"), ("visits", "budget")}),
    ],
)
def test_the_minimal_sets_of_the_textbook_graphs(graph, minimal):
    found = identification.diagnose(graph, ASKED)
    assert found.status is Status.YES
    assert {frozenset(s) for s in found.minimal_sets} == {frozenset(s) for s in minimal}


def test_consequences_of_the_treatment_are_named_and_never_adjusted_for():
    found = identification.diagnose(MEDIATOR, ASKED, covariates=("click",))
    assert found.bad_controls == ("click",)
    assert found.adjustment_set == ()


def test_where_all_covariates_would_open_a_path_only_the_causes_are_taken():
    hidden = graph_of("banner = visits", "visits = purchase", "banner > purchase", "age > purchase")
    found = identification.diagnose(hidden, ASKED, covariates=("visits", "age"))
    assert found.status is Status.YES
    assert "visits" not in found.adjustment_set
    assert identification.diagnose(M_BIAS, ASKED, covariates=("visits",)).adjustment_set != (
        "visits",
    )


def test_a_hidden_common_cause_is_told_as_the_path_that_stays_open():
    found = identification.diagnose(HIDDEN, ASKED)
    assert found.status is Status.NO
    assert found.strategy is Strategy.NONE
    assert found.open_paths == ("banner ← hidden cause of banner & purchase → purchase",)
    with pytest.raises(NotIdentifiedError, match="hidden cause of banner & purchase") as caught:
        identification.identify(HIDDEN, ASKED)
    assert "Measure the hidden cause" in caught.value.remedy


def test_an_outcome_that_comes_first_is_not_identified_and_the_remedy_says_to_turn_the_edge():
    with pytest.raises(NotIdentifiedError) as caught:
        identification.identify(graph_of("purchase > banner"), ASKED)
    assert "banner ← purchase" in caught.value.found
    assert "Turn the edge" in caught.value.remedy


def test_chance_identifies_even_beside_a_hidden_common_cause():
    asked = CausalQuestion(treatment="banner", outcomes=("purchase",), assignment=Assignment.CHANCE)
    found = identification.diagnose(HIDDEN, asked)
    assert found.status is Status.YES
    assert found.strategy is Strategy.RANDOMISED


def test_no_causal_path_is_identified_as_zero_and_said():
    found = identification.diagnose(graph_of("activity > banner", "activity > purchase"), ASKED)
    assert found.status is Status.YES
    assert "the effect is zero" in found.sentence


def test_one_set_must_serve_every_outcome():
    graph = graph_of(
        "age > banner", "age > click", "taste > banner", "taste > purchase", "banner > click"
    )
    asked = CausalQuestion(treatment="banner", outcomes=("click", "purchase"))
    assert identification.diagnose(graph, asked).minimal_sets == (("age", "taste"),)


def test_a_missing_edge_found_in_data_removes_no_covariate():
    nodes = ("activity", "age", "banner", "purchase")
    found = graph_of("activity > banner", "banner > purchase", nodes=nodes, provenance="data")
    table = table_of(
        activity=Role.HISTORY, age=Role.ATTRIBUTE, banner=Role.TREATMENT, purchase=Role.OUTCOME
    )
    assert identification.identify(found, ASKED, table=table).adjustment_set == ("activity", "age")
    drawn = graph_of("activity > banner", "banner > purchase", nodes=nodes)
    assert identification.identify(drawn, ASKED, table=table).adjustment_set == ("activity",)


def test_a_column_from_after_the_treatment_is_no_covariate_because_an_edge_is_missing():
    found = graph_of("banner > purchase", "click > purchase", provenance="data")
    table = table_of(banner=Role.TREATMENT, click=Role.MEDIATOR, purchase=Role.OUTCOME)
    assert identification.identify(found, ASKED, table=table).adjustment_set == ()


def test_a_misspelt_node_is_refused_with_the_nearest_name():
    asked = CausalQuestion(treatment="banner", outcomes=("purchas",))
    with pytest.raises(ColumnMissingError, match="Did you mean “purchase”"):
        identification.diagnose(CONFOUNDER, asked)


# ---------------------------------------------------------------- order in time


def test_the_order_in_time_comes_from_the_schema_or_from_stated_tiers_or_from_nobody():
    table = table_of(activity=Role.HISTORY, banner=Role.TREATMENT, purchase=Role.OUTCOME)
    tiers = Knowledge(tiers=(("activity",), ("banner",), ("purchase",)))
    wrong = Knowledge(tiers=(("activity", "banner"), ("purchase",)))
    identify = identification.identify
    assert identify(CONFOUNDER, ASKED, table=table).time_ordered
    assert identify(CONFOUNDER, ASKED, knowledge=tiers).time_ordered
    assert not identify(CONFOUNDER, ASKED, knowledge=wrong).time_ordered
    assert not identify(CONFOUNDER, ASKED).time_ordered


def test_without_a_graph_all_covariates_known_before_are_adjusted_for():
    table = table_of(
        activity=Role.HISTORY,
        age=Role.ATTRIBUTE,
        click=Role.MEDIATOR,
        banner=Role.TREATMENT,
        purchase=Role.OUTCOME,
    )
    by_roles = identification.adjust(ASKED, table)
    assert by_roles.adjustment_set == ("activity", "age")
    assert by_roles.source is SetSource.ROLES
    assert by_roles.time_ordered
    chosen = identification.adjust(ASKED, table, ["age"])
    assert chosen.adjustment_set == ("age",)
    assert chosen.source is SetSource.ANALYST
    with pytest.raises(BadSettingError, match="click"):
        identification.adjust(ASKED, table, ["age", "click"])
    with pytest.raises(ColumnMissingError):
        identification.adjust(ASKED, table, ["agee"])


def test_what_an_estimand_rests_on_is_the_question_and_the_graph():
    estimand = identification.identify(CONFOUNDER, ASKED)
    assert estimand.basis == {"question": ASKED.fingerprint, "graph": CONFOUNDER.fingerprint}


# ---------------------------------------------------------------- speed, lightness, DoWhy


@pytest.mark.parametrize("open_edges", [False, True])
def test_sixty_nodes_are_answered_in_under_a_fifth_of_a_second(open_edges):
    rng = np.random.default_rng(5)
    names = [f"n{at}" for at in range(60)]
    edges = [
        Edge(
            source=names[a],
            target=names[b],
            kind=EdgeKind.UNDIRECTED if open_edges and b < 20 else EdgeKind.DIRECTED,
        )
        for a, b in combinations(range(60), 2)
        if rng.random() < 0.08
    ]
    kind = GraphPattern if open_edges else CausalGraph
    graph = kind(nodes=tuple(names), edges=tuple(edges))
    asked = CausalQuestion(treatment="n30", outcomes=("n58", "n59"))
    start = time.process_time()
    identification.diagnose(graph, asked)
    assert time.process_time() - start < 0.2


def test_identification_loads_no_engine():
    script = (
        "import sys, causal_core.identification;"
        "print([e for e in ('dowhy','torch','causallearn','sklearn') if e in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_dowhy_agrees_on_what_is_identified_and_that_our_set_is_enough():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # DoWhy's own dependencies warn while they load
        from dowhy.causal_identifier import AutoIdentifier, BackdoorAdjustment, EstimandType

        rng = np.random.default_rng(6)
        identified = 0
        for _ in range(40):
            graph = random_graph(rng, most=5)
            question = random_question(rng, graph)
            asked = CausalQuestion(treatment=question.treatment, outcomes=question.outcomes[:1])
            found = identification.diagnose(graph, asked)
            identifier = AutoIdentifier(
                estimand_type=EstimandType.NONPARAMETRIC_ATE,
                backdoor_adjustment=BackdoorAdjustment.BACKDOOR_EXHAUSTIVE,
            )
            sets = identifier.identify_backdoor(
                graph.network(),
                [asked.treatment],
                list(asked.outcomes),
                list(graph.nodes),
            )
            theirs = {frozenset(s.get_adjustment_variables()) for s in sets}
            assert (found.status is Status.YES) == bool(theirs)
            if theirs:
                identified += 1
                assert frozenset(found.adjustment_set) in theirs
        assert 10 < identified < 40
