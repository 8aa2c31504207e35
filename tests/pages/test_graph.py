"""The Graph room without a browser: what it says, what its forms save, what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from causal_core import datasets, identification, jobs, pipeline
from causal_core.analysis import Analysis
from causal_core.graph import (
    CausalGraph,
    Change,
    Edge,
    EdgeKind,
    GraphPattern,
    Provenance,
    edited,
    from_roles,
)
from causal_core.results import basis_of
from causal_core.store import LOCAL, Store
from tests.conftest import ROOT
from tests.pages.visiting import visit, words

PATIENCE = 60


class Room:
    """The Graph room of one project, as a person uses it."""

    def __init__(self, analysis: Analysis | None = None) -> None:
        self.store = Store.open()
        project = self.store.create_project("Coupons", actor=LOCAL)
        self.project = project.id
        if analysis is not None:
            self.store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
        self.page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
        self.page.switch_page("pages/graph.py")
        self.page.query_params["project"] = self.project
        self.page.run()
        assert not self.page.exception

    @property
    def saved(self) -> Analysis:
        return self.store.load(self.project, actor=LOCAL).analysis

    @property
    def revision(self) -> int:
        return self.store.load(self.project, actor=LOCAL).revision

    @property
    def said(self) -> str:
        texts = [*self.page.get("html"), *self.page.text, *self.page.caption, *self.page.error]
        return "\n".join(one.proto.body if one.type == "html" else one.value for one in texts)

    def pick(self, label: str, value: object) -> None:
        box = next(one for one in self.page.selectbox if one.label == label)
        box.set_value(value).run()
        assert not self.page.exception

    def click(self, label: str) -> None:
        next(one for one in self.page.button if one.label == label).click().run()
        assert not self.page.exception

    def offers(self, label: str) -> bool:
        return any(one.label.partition(" · ")[0] == label for one in self.page.button)

    def change(self, edge: str, change: Change) -> None:
        self.pick("Change this edge", edge)
        self.pick("What to do with it", change)

    def draw(self, source: str, target: str, kind: EdgeKind = EdgeKind.DIRECTED) -> None:
        self.pick("Draw an edge from", source)
        self.pick("…to", target)
        if kind is not EdgeKind.DIRECTED:
            self.pick("Kind of the new edge", kind)


def asked() -> Analysis:
    simulation = datasets.simulate("funnel", 400, seed=7)
    question = replace(simulation.question, outcomes=("click",))
    return Analysis(table=simulation.table).asking(question)


def with_graph(analysis: Analysis, *, open_edge: bool = False) -> Analysis:
    """An analysis whose pattern came from data, as Discover leaves it."""
    draft = from_roles(analysis.table.schema, "banner", ("click",))
    edges = [
        replace(edge, provenance=Provenance.DATA, p_value=1e-4, stability=0.9, note="")
        for edge in draft.edges
    ]
    edges[0] = replace(edges[0], stability=0.2)
    if open_edge:
        line = {"provenance": Provenance.DATA, "stability": 0.7, "kind": EdgeKind.UNDIRECTED}
        edges.append(Edge(source="age_group", target="device", **line))
    pattern = GraphPattern(
        nodes=draft.nodes, edges=tuple(edges), test="mixed", overruled=("click → banner",),
        basis=basis_of(table=analysis.table, question=analysis.question),
    )  # fmt: skip
    graph = None
    if not open_edge:
        graph = replace(pattern.orient(), basis=basis_of(pattern=pattern))
    found = analysis.updated(pattern=pattern, graph=graph)
    request = pipeline.Request(treatment="banner", outcomes=("click",))
    return pipeline.identify(found, request)


@pytest.fixture(scope="module")
def table_and_question() -> Analysis:
    return asked()


# ---------------------------------------------------------------- before there is a graph


def test_without_a_table_or_a_question_the_room_says_which_room_comes_first(
    home, table_and_question
):
    nothing = Room()
    assert "needs a table first" in nothing.said
    assert nothing.offers("Bring a table")
    assert not nothing.offers("Discover")
    assert "Example: the demo, simulated" in nothing.said
    no_question = Room(Analysis(table=table_and_question.table))
    assert "Ask a question first" in no_question.said
    assert not no_question.offers("Discover")


def test_before_a_graph_the_layers_of_the_roles_stand_there_and_nothing_is_saved(
    home, table_and_question
):
    room = Room(table_and_question)
    assert "No graph yet" in room.said
    assert room.offers("Discover")
    assert room.saved.graph is None
    assert room.saved.pattern is None


def test_the_first_edit_of_the_draft_becomes_the_graph_with_its_estimand(home, table_and_question):
    room = Room(table_and_question)
    room.change("age_group → click", Change.DELETE)
    room.click("Save this edit")
    saved = room.saved
    assert ("age_group", "click") not in {edge.pair for edge in saved.graph.edges}
    assert saved.graph.basis is None
    assert {edge.provenance for edge in saved.graph.edges} == {Provenance.ANALYST}
    assert set(saved.estimand.adjustment_set) >= {"visits_28d"}
    assert "Identified" in room.said


# ---------------------------------------------------------------- a graph from data


def test_the_sentence_counts_violations_and_overruled_edges(home, table_and_question):
    room = Room(with_graph(table_and_question))
    assert "Identified: " in room.said
    assert "0 violations of your knowledge; 1 edge overruled." in room.said


def test_edges_below_half_stability_hide_behind_a_count(home, table_and_question):
    room = Room(with_graph(table_and_question))
    assert [one.label for one in room.page.toggle] == ["Show 1 edges below 50 % stability"]


def test_a_flipped_edge_is_hers_and_the_others_stay_the_datas(home, table_and_question):
    room = Room(with_graph(table_and_question))
    room.change("age_group → banner", Change.FLIP)
    assert "“age_group” no longer" in room.said
    room.click("Save this edit")
    edges = {edge.pair: edge for edge in room.saved.graph.edges}
    assert edges["banner", "age_group"].provenance is Provenance.ANALYST
    assert edges["banner", "age_group"].stability == 0.2
    assert edges["banner", "click"].provenance is Provenance.DATA
    assert "age_group" not in room.saved.estimand.adjustment_set


def test_an_edit_that_changes_no_adjustment_says_so_and_keeps_the_estimand(
    home, table_and_question
):
    analysis = with_graph(table_and_question)
    room = Room(analysis)
    room.draw("age_group", "visits_28d")
    assert "The adjustment set stays the same." in room.said
    room.click("Add this edge")
    assert room.saved.estimand.fingerprint == analysis.estimand.fingerprint
    assert room.saved.graph.edges[-1].pair == ("age_group", "visits_28d")


def test_a_circle_and_a_second_edge_are_refused_and_nothing_is_saved(home, table_and_question):
    room = Room(with_graph(table_and_question))
    before = room.revision
    room.change("visits_28d → click", Change.FLIP)
    assert "The graph has the cycle" in room.said.replace("\\", "")
    assert not room.offers("Save this edit")
    room.draw("banner", "click")
    assert "joined twice" in room.said
    assert not room.offers("Add this edge")
    assert room.revision == before


def test_a_hidden_common_cause_of_both_ends_is_saved_without_an_estimand(home, table_and_question):
    room = Room(with_graph(table_and_question))
    room.draw("banner", "click", EdgeKind.BIDIRECTED)
    assert "Not identified any more" in room.said
    room.click("Add this edge")
    assert room.saved.estimand is None
    assert room.saved.graph is not None
    assert "Not identified" in room.said


def test_a_graph_that_refuses_the_question_also_ends_an_answer_by_roles(home, table_and_question):
    request = pipeline.Request(treatment="banner", outcomes=("click",))
    room = Room(pipeline.identify(table_and_question, request))
    assert room.saved.estimand is not None
    room.draw("banner", "click", EdgeKind.BIDIRECTED)
    room.click("Add this edge")
    assert room.saved.estimand is None


# ---------------------------------------------------------------- open edges, undo


def test_opening_an_edge_puts_the_drawing_into_the_pattern_and_deciding_brings_a_graph(
    home, table_and_question
):
    room = Room(with_graph(table_and_question))
    room.change("banner → click", Change.OPEN)
    room.click("Save this edit")
    saved = room.saved
    assert saved.graph is None
    assert saved.pattern.test == "mixed"
    assert saved.pattern.basis == basis_of(table=saved.table)
    assert [edge.pair for edge in saved.pattern.undirected] == [("banner", "click")]
    room.change("banner — click", Change.FORWARD)
    room.click("Save this edit")
    assert room.saved.graph is not None
    assert room.saved.estimand.basis["graph"] == room.saved.graph.fingerprint


def test_deciding_the_last_open_edge_of_a_found_pattern_makes_the_graph(home, table_and_question):
    room = Room(with_graph(table_and_question, open_edge=True))
    assert room.saved.graph is None
    room.change("age_group — device", Change.BACKWARD)
    room.click("Save this edit")
    assert ("device", "age_group") in {edge.pair for edge in room.saved.graph.edges}


def test_undo_brings_back_the_graph_before_with_where_its_edges_came_from(home, table_and_question):
    analysis = with_graph(table_and_question)
    room = Room(analysis)
    assert not any(one.label.startswith("Undo") for one in room.page.button)
    room.change("age_group → banner", Change.FLIP)
    room.click("Save this edit")
    room.click("Undo: back to graph 1")
    assert room.saved.graph.fingerprint == analysis.graph.fingerprint
    assert {edge.provenance for edge in room.saved.graph.edges} == {Provenance.DATA}
    assert room.saved.estimand.fingerprint == analysis.estimand.fingerprint


def test_a_graph_that_lacks_the_treatment_gives_way_to_the_draft(home, table_and_question):
    small = CausalGraph(nodes=("age_group", "device"), edges=())
    room = Room(table_and_question.updated(graph=small))
    assert "says nothing about “banner”" in room.said
    assert room.offers("Discover")


# ---------------------------------------------------------------- two tabs, foreign names


def test_an_edit_made_on_an_older_graph_overwrites_nothing(home, table_and_question):
    room = Room(with_graph(table_and_question))
    room.change("age_group → banner", Change.FLIP)
    shown = room.store.load(room.project, actor=LOCAL)
    other = edited(shown.analysis.graph, 1, Change.DELETE)
    theirs = identification.redraw(shown.analysis, other).analysis
    room.store.save(room.project, theirs, revision=shown.revision, actor=LOCAL)
    room.click("Save this edit")
    assert room.saved.graph.fingerprint == other.fingerprint
    assert len(room.store.projects(actor=LOCAL)) == 2
    assert any("Both versions are kept" in one.value for one in room.page.warning)


def test_names_from_the_table_are_shown_literally(home, table_and_question):
    bad = "<img src=x onerror=alert(1)> **b** [l](http://x)"
    frame = table_and_question.table.frame.rename(columns={"age_group": bad})
    columns = tuple(
        replace(column, name=bad) if column.name == "age_group" else column
        for column in table_and_question.table.schema
    )
    schema = replace(table_and_question.table.schema, columns=columns)
    table = replace(table_and_question.table, frame=frame, schema=schema)
    room = Room(Analysis(table=table).asking(table_and_question.question))
    html = "\n".join(one.proto.body for one in room.page.get("html"))
    assert "<img" not in html
    room.draw("click", bad)
    assert "[l](http" not in "\n".join(one.value for one in room.page.error)


# ---------------------------------------------------------------- while it runs, and afterwards


def test_while_the_graph_is_searched_the_picture_stays_and_nothing_can_be_edited(
    home, table_and_question, monkeypatch
):
    monkeypatch.setattr("causal_core.jobs.board._start_waiting", lambda _: None)  # it waits
    analysis = with_graph(table_and_question)
    first = Room(analysis)
    jobs.submit(first.store, first.project, "discover", {}, actor=LOCAL)
    first.page.run()
    assert not first.page.exception
    assert "The graph is being searched" in first.said
    assert "What causes what" in [one.value for one in first.page.subheader]
    assert not first.page.selectbox


def test_a_graph_whose_ground_has_changed_stays_below_the_draft(home, table_and_question):
    room = Room(with_graph(table_and_question))
    snapshot = room.store.load(room.project, actor=LOCAL)
    fewer = snapshot.analysis.asking(snapshot.analysis.question, before=["visits_28d"])
    room.store.save(room.project, fewer, revision=snapshot.revision, actor=LOCAL)
    page = visit("graph", room.project)
    headings = [one.value for one in page.subheader]
    assert "Layers from the roles" in headings
    assert "The earlier graph, no longer current" in headings
    assert "△ stale" in words(page).replace("\\", "")
