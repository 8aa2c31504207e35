"""The What-if room without a browser: levers, cards, agreement, and what Play starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from causal_core import whatif
from causal_core.analysis import Analysis
from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern
from causal_core.question import Payoff
from causal_core.results import Intervention, Scenario, Scenarios, basis_of
from causal_core.store import LOCAL, Store
from pages.shared import job_panel, levers
from tests import made_by_hand
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _own_store(home):
    return home


@pytest.fixture
def started(monkeypatch):
    """What the room asks to be run, instead of running it."""
    orders = []
    monkeypatch.setattr(job_panel, "start", lambda *order: orders.append(order[:3]))
    return orders


def whole(scenarios: Scenarios | None = None) -> Analysis:
    """A finished analysis whose board rests on its table and graph."""
    made = made_by_hand.analysis()
    board = scenarios or made.scenarios
    return replace(
        made, scenarios=replace(board, basis=basis_of(table=made.table, graph=made.graph))
    )


def nobody(like: Scenario) -> Scenario:
    """What the scenario “everyone” of the board by hand is the opposite of."""
    outcomes = tuple(
        replace(
            one,
            difference=-one.difference * 3 / 7,
            low=-one.high * 3 / 7,
            high=-one.low * 3 / 7,
        )
        for one in like.outcomes
    )
    lever = replace(like.interventions[0], value=0.0)
    return replace(like, name="Nobody", interventions=(lever,), outcomes=outcomes)


def project(analysis: Analysis | None = None) -> str:
    store = Store.open()
    made = store.create_project("By hand", actor=LOCAL)
    if analysis is not None:
        store.save(made.id, analysis, revision=made.revision, actor=LOCAL)
    return made.id


def board_of(project_id: str) -> Scenarios | None:
    return Store.open().load(project_id, actor=LOCAL).get("scenarios")


def room(project_id: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/whatif.py")
    page.query_params["project"] = project_id
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    texts = [*page.get("html"), *page.text, *page.caption, *page.subheader, *page.warning]
    return "\n".join(one.proto.body if one.type == "html" else one.value for one in texts)


def button(page: AppTest, label: str, at: int = 0):
    return [one for one in page.button if one.label.partition(" · ")[0] == label][at]


def box(page: AppTest, label: str, at: int = 0):
    return [one for one in page.selectbox if one.label == label][at]


def field(page: AppTest, label: str, at: int = 0):
    return [one for one in page.text_input if one.label == label][at]


def test_the_newest_scenario_is_put_into_a_sentence_with_its_interval():
    words = said(room(project(whole())))
    assert (
        "If “Everyone sees it” is played: +8 “purchase” per 1,000 units (3 to 14) against today."
    ) in words
    assert "Linear mechanisms today" in words


def test_no_number_is_put_into_words_where_a_check_failed():
    made = whole()
    refuted = made_by_hand.refutations(made.effects, passed=False)
    page = room(project(replace(made, refutations=refuted)))
    words = said(page)
    assert "No number is given, since these checks failed" in words
    assert "against today" not in words
    headings = [heading.value for heading in page.subheader]
    assert "What graph and data say, not an answer" in headings
    assert not any("not an answer" in heading.value for heading in room(project(made)).subheader)


def test_play_sends_the_board_and_the_new_scenario(started):
    where = project(whole())
    page = room(where)
    field(page, "Name (optional)").set_value("Few").run()
    field(page, "For whom (optional)").set_value("visits > 3").run()
    button(page, "Play").click().run()
    ((place, step, settings),) = started
    assert (place, step) == (where, "whatif")
    specs = whatif.read_specs(settings["scenarios"])
    assert [spec.name for spec in specs] == ["Everyone sees it", "Few"]
    assert specs[0].interventions == whole().scenarios.items[0].interventions
    assert specs[1].interventions == (Intervention(column="banner", operation="set", value=0.0),)
    assert specs[1].where == "visits > 3"


def test_only_what_was_known_by_the_treatment_can_be_moved():
    page = room(project(whole()))
    assert box(page, "Lever").options == ["banner", "visits", "spent", "country"]
    assert box(page, "What happens to it").options == ["set to"]
    box(page, "Lever").set_value("visits").run()
    assert box(page, "What happens to it").options == ["set to", "shift by", "multiply by"]
    box(page, "Lever").set_value("country").run()
    assert sorted(box(page, "Value").options) == ["cn", "de", "fr"]


def test_a_value_that_nobody_has_is_warned_about_and_can_be_played():
    page = room(project(whole()))
    box(page, "Lever").set_value("visits").run()
    page.number_input[0].set_value(90.0).run()
    assert "△ Nobody has 90" in said(page).replace("\\", "")
    assert not button(page, "Play").disabled


def test_two_levers_on_one_column_or_a_broken_filter_cannot_be_played():
    page = room(project(whole()))
    button(page, "Add a lever").click().run()
    assert box(page, "Lever", 1).value == "visits"
    assert not button(page, "Play").disabled
    box(page, "Lever", 1).set_value("banner").run()
    assert button(page, "Play").disabled
    box(page, "Lever", 1).set_value("visits").run()
    field(page, "For whom (optional)").set_value("visits >").run()
    assert button(page, "Play").disabled
    assert page.error
    button(page, "Remove", 1).click().run()
    assert len([one for one in page.selectbox if one.label == "Lever"]) == 1


def test_what_is_on_the_board_is_not_played_twice():
    page = room(project(whole()))
    box(page, "Value").set_value(1.0).run()
    assert button(page, "Play").disabled
    assert "This scenario is on the board." in said(page)


def test_a_copy_fills_the_levers():
    page = room(project(whole()))
    button(page, "Copy").click().run()
    assert field(page, "Name (optional)").value == "Everyone sees it, changed"
    assert box(page, "Value").value == 1.0


def test_a_scenario_is_renamed_and_deleted_and_the_rest_stays():
    made = whole()
    everyone = made.scenarios.items[0]
    both = Scenarios(items=(everyone, nobody(everyone)), mechanisms="linear")
    where = project(whole(both))
    page = room(where)
    field(page, "New name").set_value("All").run()
    button(page, "Save the name").click().run()
    assert [one.name for one in board_of(where).items] == ["All", "Nobody"]
    button(page, "Delete").click().run()
    assert [one.name for one in board_of(where).items] == ["Nobody"]
    button(page, "Delete").click().run()
    assert board_of(where) is None
    assert "“Everyone” is filled in" in said(page)
    assert Store.open().load(where, actor=LOCAL).get("effects") is not None


@pytest.mark.parametrize(("stretch", "word"), [(1.0, "· agree"), (9.0, "· differ")])
def test_the_contrast_is_compared_with_effects_once_both_are_there(stretch, word):
    everyone = made_by_hand.scenarios().items[0]
    moved = tuple(
        replace(one, difference=one.difference * stretch, low=one.low * stretch, high=9.0)
        for one in everyone.outcomes
    )
    everyone = replace(everyone, outcomes=moved)
    alone = room(project(whole(Scenarios(items=(everyone,)))))
    assert "Play “everyone” and “nobody”" in said(alone)
    page = room(project(whole(Scenarios(items=(everyone, nobody(everyone))))))
    assert "Do the rooms agree? Everyone against nobody" in said(page)
    assert word in said(page)
    assert ("different answers" in said(page)) == (stretch > 1)


def test_open_edges_lead_to_the_graph_room():
    made = made_by_hand.analysis()
    edges = (Edge(source="visits", target="banner", kind=EdgeKind.UNDIRECTED),)
    pattern = GraphPattern(nodes=made.graph.nodes, edges=edges)
    page = room(project(Analysis(table=made.table, question=made.question, pattern=pattern)))
    assert "One edge has no direction yet" in said(page)
    assert "visits — banner" in said(page)
    assert button(page, "Decide the open edges")
    assert not page.selectbox


def test_an_empty_board_is_filled_in_with_everyone(started):
    made = made_by_hand.analysis()
    page = room(project(Analysis(table=made.table, question=made.question, graph=made.graph)))
    assert "“Everyone” is filled in, and drawn beside as today" in said(page)
    button(page, "Play").click().run()
    assert started[0][2]["scenarios"] == [
        {"name": "Everyone", "do": ["`banner`=1.0"], "where": None}
    ]


def test_a_stale_board_stays_and_can_be_played_again(started):
    made = whole()
    where = project(made)
    fewer = CausalGraph(nodes=made.graph.nodes, edges=made.graph.edges[:-1])
    snapshot = Store.open().load(where, actor=LOCAL)
    Store.open().save(where, made.updated(graph=fewer), revision=snapshot.revision, actor=LOCAL)
    page = room(where)
    assert any(one.value.startswith("△") for one in page.caption)
    assert not [one for one in page.button if one.label == "Delete"]
    button(page, "Play the earlier board again").click().run()
    assert [one["name"] for one in started[0][2]["scenarios"]] == ["Everyone sees it"]


@pytest.mark.parametrize("column", ["x", "a = b", "price*", "it's", "<b>"])
@pytest.mark.parametrize(
    ("operation", "value"), [("set", "'DE' or x"), ("shift", -0.5), ("set", 3.0)]
)
def test_a_lever_survives_being_written_down(column, operation, value):
    lever = Intervention(column=column, operation=operation, value=value)
    assert whatif.parse(levers.written(lever)) == lever


def test_money_is_named_where_an_outcome_has_a_value_and_only_there():
    made = whole()
    worth = Payoff(value_per={"purchase": 40.0}, cost=0.2, currency="EUR")
    words = said(room(project(replace(made, payoff=worth))))
    assert "That is worth +336 EUR per 1,000 units (112 to 560), costs not counted." in words
    other = Payoff(value_per={"click": 1.0}, currency="EUR")
    assert "worth" not in said(room(project(replace(made, payoff=other))))


def test_without_a_question_or_a_graph_the_room_leads_to_where_it_is_made():
    made = made_by_hand.analysis()
    page = room(project(Analysis(table=made.table)))
    assert button(page, "Ask a question")
    assert "Example: the demo, simulated" in said(page)
    page = room(project(Analysis(table=made.table, question=made.question)))
    assert button(page, "Draw or discover the graph")


def test_units_that_leave_the_observed_range_are_named_on_the_card():
    item = whole().scenarios.items[0]
    out = replace(item, outcomes=tuple(replace(one, support=0.4) for one in item.outcomes))
    assert "40 % of units stay in the range" in said(room(project(whole(Scenarios(items=(out,))))))
    inside = tuple(replace(one, support=1.0) for one in item.outcomes)
    inside = Scenarios(items=(replace(item, outcomes=inside),))
    assert "stay in the range" not in said(room(project(whole(inside))))
