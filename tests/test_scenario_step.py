"""Facts about the step that plays a board of scenarios, and what becomes of her board."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal_core import datasets, pipeline, whatif
from causal_core.analysis import Analysis
from causal_core.errors import (
    BadSettingError,
    InterventionError,
    NotReadyError,
    UnorientedEdgesError,
)
from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern
from causal_core.jobs import StepContext
from causal_core.pipeline import STEPS
from causal_core.question import CausalQuestion

LINEAR = datasets.simulate("linear", 600, seed=7)
BOARD = [{"name": "All", "do": ["banner=1"], "where": None}, {"do": ["banner=0"]}]


def asked(**changes: object) -> Analysis:
    question = CausalQuestion(treatment="banner", outcomes=("click",))
    return Analysis(table=LINEAR.table).asking(question).updated(**changes)


def graph() -> CausalGraph:
    nodes = tuple(dict.fromkeys(name for edge in LINEAR.truth.edges for name in edge))
    return CausalGraph(
        nodes=nodes, edges=tuple(Edge(source=a, target=b) for a, b in LINEAR.truth.edges)
    )


def play(analysis: Analysis, scenarios: object, step: str = "whatif", **settings) -> Analysis:
    context = StepContext(store=None, project_id="p", actor="a", seed=7, job_id="j")
    settings = {"scenarios": scenarios, **settings}
    return STEPS[step](analysis, settings, lambda *_: None, context)


def test_a_board_is_played_as_a_script_would_and_replaces_the_one_before():
    first = play(asked(graph=graph()), BOARD)
    assert [one.name for one in first.scenarios.items] == ["All", "banner=0.0"]
    script = whatif.simulate(
        LINEAR.table, graph(), whatif.read_specs(BOARD[:1]), outcomes=["click"], seed=7
    )
    second = play(first, BOARD[:1])
    assert second.scenarios.items == script.items
    assert first.scenarios.items[0] == script.items[0]  # what else is played moves no number


def test_open_edges_are_named_and_nothing_is_played():
    edges = (Edge(source="banner", target="click", kind=EdgeKind.UNDIRECTED),)
    pattern = GraphPattern(nodes=("banner", "click"), edges=edges)
    with pytest.raises(UnorientedEdgesError, match="banner — click"):
        play(asked(pattern=pattern), BOARD)


def test_without_a_graph_the_room_that_makes_one_is_named():
    with pytest.raises(NotReadyError) as caught:
        play(asked(), BOARD)
    assert "Graph" in caught.value.remedy


@pytest.mark.parametrize(
    ("board", "error"),
    [
        (None, BadSettingError),
        ("banner=1", BadSettingError),
        (["banner=1"], BadSettingError),
        ([{"do": "banner=1"}], BadSettingError),
        ([{"do": ["banner"]}], InterventionError),
    ],
)
def test_a_board_of_another_form_is_refused(board, error):
    with pytest.raises(error):
        play(asked(graph=graph()), board)


def test_training_another_model_keeps_her_board_and_another_graph_does_not():
    hers = play(asked(graph=graph()), BOARD)
    again = play(hers, None, step="answer", model="linear")
    assert again.effects is not None
    assert again.scenarios == hers.scenarios
    fewer = replace(graph(), edges=graph().edges[:-1])
    moved = play(replace(hers, graph=fewer), None, step="answer", model="linear")
    assert [one.name for one in moved.scenarios.items] == ["Everyone"]


def test_the_answer_of_a_new_project_plays_everyone():
    answered = play(asked(graph=graph()), None, step="answer", model="linear")
    assert [one.name for one in answered.scenarios.items] == ["Everyone"]
    assert answered.scenarios.items[0].outcomes[0].difference > 0
    assert pipeline.STEPS.keys() >= {"answer", "ingest", "whatif"}
