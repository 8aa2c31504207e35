"""Facts about the chain: what is answered, what is refused a headline, and that choices count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal_core import datasets, identification, pipeline
from causal_core.analysis import Analysis, Verdict, verdict
from causal_core.errors import (
    AnalysisError,
    BadSettingError,
    ColumnMissingError,
    ConstantColumnError,
    DependentColumnsError,
    MissingValuesError,
    NoTableError,
    OneClassOutcomeError,
    WrongKindError,
)
from causal_core.graph import CausalGraph, Edge, EdgeKind, GraphPattern, Knowledge
from causal_core.jobs import StepContext
from causal_core.pipeline import STEPS, Request, run
from causal_core.question import Assignment, Contrast, SetSource, Status
from causal_core.schema import Column, Kind, Role, Schema
from causal_core.table import BehaviorTable

LINEAR = datasets.simulate("linear", 1_000, seed=7)
TABLE = LINEAR.table
ASKED = Request(treatment="banner", outcomes=("click",), model="linear", refute=False)


def asked(**changes: object) -> Request:
    return replace(ASKED, **changes)


def unstated(table: BehaviorTable = TABLE) -> BehaviorTable:
    """The same rows, as they are when nobody said what was known when."""
    return table.with_schema(
        Schema(columns=tuple(replace(column, stated=False) for column in table.schema))
    )


def only(table: BehaviorTable, *names: str) -> BehaviorTable:
    schema = Schema(columns=tuple(table.schema[name] for name in names))
    return BehaviorTable(frame=table.frame[list(names)], schema=schema)


def with_values(name: str, values: object, **changes: object) -> BehaviorTable:
    return TABLE.with_column(replace(TABLE.schema[name], **changes), values)


def drawn(
    *pairs: tuple[str, str], still_open: tuple[tuple[str, str], ...] = ()
) -> tuple[Edge, ...]:
    edges = [Edge(source=a, target=b) for a, b in pairs]
    edges += [Edge(source=a, target=b, kind=EdgeKind.UNDIRECTED) for a, b in still_open]
    return tuple(edges)


NODES = ("visits_28d", "banner", "click")
GRAPH = CausalGraph(
    nodes=NODES,
    edges=drawn(("visits_28d", "banner"), ("visits_28d", "click"), ("banner", "click")),
)
TIERS = Knowledge.from_tiers(TABLE.schema.tiers(TABLE.schema.names))


# ---------------------------------------------------------------- the answer


@pytest.mark.parametrize("scenario", ["linear", "null"])
def test_with_a_stated_order_the_headline_is_printed_and_the_interval_holds_the_truth(scenario):
    made = datasets.simulate(scenario, 1_500, seed=7)
    request = asked(outcomes=("click", "browse"), level=0.999, refute=True)
    answer = run(made.table, request)
    assert answer.headline, answer.failed_checks
    for estimate in answer.effects.primaries():
        assert estimate.low < made.truth.effect(estimate.outcome, "banner") < estimate.high
        if scenario == "null":
            assert verdict(estimate, allowed=True) is Verdict.CANNOT_TELL


def test_the_order_that_the_columns_state_is_kept_by_the_graph():
    answer = run(TABLE, ASKED)
    assert answer.estimand.time_ordered
    assert answer.pattern.violations == ()
    assert not {edge.target for edge in answer.pattern.directed} & {"age_group", "device"}


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (unstated(), {}),
        (unstated(), {"adjust": ()}),
        (unstated(), {"adjust": ("visits_28d", "device")}),
        (unstated(), {"graph": GRAPH}),
        (unstated(), {"graph": CausalGraph(nodes=NODES, edges=drawn(("banner", "click")))}),
        (only(unstated(), "banner", "click"), {}),
    ],
)
def test_where_nobody_stated_an_order_in_time_there_is_no_headline_whatever_is_adjusted_for(
    table, changes
):
    answer = run(table, asked(refute=True, **changes))
    assert not answer.headline
    assert "time_order" in answer.failed_checks
    assert not answer.estimand.causal


def test_a_table_with_nothing_from_before_the_treatment_gets_no_headline():
    bare = only(TABLE, "banner", "click")
    answer = run(bare, asked(refute=True))
    assert "identification" in answer.failed_checks
    experiment = run(bare, asked(refute=True, assignment=Assignment.CHANCE))
    assert experiment.headline, experiment.failed_checks


@pytest.mark.parametrize("discover", [True, False])
def test_tiers_of_stated_knowledge_state_the_order_in_time(discover):
    answer = run(unstated(), asked(knowledge=TIERS, discover=discover))
    assert answer.estimand.time_ordered
    assert answer.knowledge == TIERS
    assert answer.failed_checks == ("refutation",)


def test_tiers_that_put_the_outcome_before_the_treatment_deny_what_the_columns_state():
    question = pipeline.ask(TABLE, ASKED).question
    backwards = Knowledge(tiers=(("click",), ("device",), ("banner",)))
    late = Knowledge(tiers=(("banner",), ("device",)))
    for knowledge, ordered in ((None, True), (TIERS, True), (backwards, False), (late, False)):
        estimand = identification.adjust(question, TABLE, ["device"], knowledge=knowledge)
        assert estimand.time_ordered is ordered


# ---------------------------------------------------------------- graphs


def test_a_graph_drawn_by_the_analyst_is_used_and_nothing_else_is_adjusted_for():
    answer = run(TABLE, asked(graph=GRAPH))
    assert answer.graph == GRAPH
    assert answer.pattern is None
    assert answer.estimand.adjustment_set == ("visits_28d",)
    assert answer.estimand.source is SetSource.GRAPH


def test_a_graph_with_a_column_that_the_table_lacks_is_refused():
    graph = CausalGraph(nodes=(*NODES, "vists"), edges=GRAPH.edges)
    with pytest.raises(ColumnMissingError, match="visits_28d"):
        run(TABLE, asked(graph=graph))


def test_a_pattern_that_leaves_the_answer_open_gets_the_range_and_no_headline():
    pattern = GraphPattern(
        nodes=NODES,
        edges=drawn(
            ("visits_28d", "click"), ("banner", "click"), still_open=(("visits_28d", "banner"),)
        ),
    )
    answer = run(TABLE, asked(graph=pattern, refute=True))
    assert answer.estimand.status is Status.DEPENDS
    assert not answer.headline
    assert answer.failed_checks == ("identification",)
    (told,) = [warning for warning in answer.effects.warnings if "Open edges" in warning]
    assert "(2 adjustment sets)" in told
    low, high = told.split("between ")[1].split(" (")[0].split(" to ")
    assert float(low) < float(high)


def test_columns_that_nobody_vouched_for_have_no_part_in_the_graph():
    doubted = TABLE.schema.restated({"visits_28d": Role.HISTORY}, stated=False)
    answer = run(TABLE.with_schema(doubted), ASKED)
    assert "visits_28d" not in answer.pattern.nodes
    assert "visits_28d" not in answer.estimand.adjustment_set
    assert answer.estimand.time_ordered


def test_a_sum_of_columns_is_answered_once_the_analyst_doubts_it():
    total = TABLE.column("visits_28d") + TABLE.column("clicks_28d")
    summed = with_values("spend_28d", total)
    with pytest.raises(DependentColumnsError):
        run(summed, ASKED)
    doubted = summed.schema.restated({"spend_28d": Role.HISTORY}, stated=False)
    assert run(summed.with_schema(doubted), ASKED).effects is not None


def test_a_discovered_graph_leaves_with_the_table_and_the_estimand_with_the_roles():
    answer = run(TABLE, ASKED)
    decided = answer.updated(
        graph=replace(GRAPH, basis={"pattern": answer.pattern.fingerprint}), estimand=None
    )
    other = replace(TABLE, frame=TABLE.frame.head(900))
    assert decided.updated(table=other).graph is None
    roles = run(TABLE, asked(discover=False))
    before = [name for name in TABLE.schema.covariates() if name != "visits_28d"]
    assert roles.asking(roles.question, before=before).estimand is None


def test_what_she_no_longer_vouches_for_is_no_longer_known_beforehand():
    answer = run(TABLE, ASKED)
    assert answer.knowledge.tier_of("visits_28d") is not None
    assert answer.asking(answer.question, before=["age_group"]).knowledge is None
    assert answer.asking(answer.question).knowledge == answer.knowledge


# ---------------------------------------------------------------- choices count


def test_a_population_is_the_same_as_a_table_of_these_units():
    where = "device == 'phone' and visits_28d > 2"
    among = run(TABLE, asked(population=where, refute=True))
    alone = run(TABLE.select(where), asked(refute=True))
    units = len(TABLE.select(where))
    assert 200 < units < len(TABLE)
    assert {estimate.n_units for estimate in among.effects.estimates} == {units}
    assert "device" not in among.pattern.nodes
    assert among.pattern.edges == alone.pattern.edges
    assert among.effects.estimates == alone.effects.estimates
    assert among.refutations.attempts == alone.refutations.attempts


def test_the_scenario_plays_among_the_population():
    answer = run(TABLE, asked(graph=GRAPH, population="visits_28d > 2"))
    assert answer.scenarios.items[0].where == "visits_28d > 2"


def test_a_treatment_of_texts_is_answered_with_its_own_values():
    texts = np.where(TABLE.column("banner") > 0, "yes", "no")
    answer = run(with_values("banner", texts, kind=Kind.CATEGORY), asked(graph=GRAPH))
    numbers = run(TABLE, asked(graph=GRAPH))
    assert answer.effects.of("click").value == pytest.approx(numbers.effects.of("click").value)
    assert answer.scenarios.items[0].interventions[0].value == "yes"


def test_a_scenario_that_cannot_be_played_does_not_take_the_answer_away():
    hidden = Edge(source="browse", target="click", kind=EdgeKind.BIDIRECTED)
    graph = CausalGraph(
        nodes=(*NODES, "browse"), edges=(*GRAPH.edges, *drawn(("click", "browse")), hidden)
    )
    answer = run(TABLE, asked(graph=graph, outcomes=("click", "browse")))
    assert answer.effects is not None
    assert answer.scenarios is None


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (with_values("banner", np.ones(len(TABLE))), ConstantColumnError),
        (with_values("banner", np.full(len(TABLE), np.nan)), MissingValuesError),
        (with_values("banner", TABLE.frame["user_id"], kind=Kind.ID), WrongKindError),
        (with_values("banner", TABLE.frame["user_id"], kind=Kind.TEXT), WrongKindError),
        (with_values("click", np.zeros(len(TABLE))), OneClassOutcomeError),
        (with_values("click", TABLE.frame["device"], kind=Kind.CATEGORY), WrongKindError),
        (replace(TABLE, frame=TABLE.frame.head(1)), AnalysisError),
    ],
)
def test_an_odd_treatment_or_outcome_is_refused_by_its_own_name(table, error):
    with pytest.raises(error) as caught:
        run(table, ASKED)
    assert caught.value.params.get("column") in ("banner", "click", None)


@pytest.mark.parametrize("name", ["self", "project", "{x}", 'it\'s "so" <b>', "a, b", "`"])
def test_any_name_of_a_column_goes_through_the_chain(name):
    columns = [
        replace(column, name=name) if column.name == "banner" else column
        for column in only(TABLE, *NODES, "device").schema
    ]
    frame = TABLE.frame[[*NODES, "device"]].rename(columns={"banner": name})
    table = BehaviorTable(frame=frame, schema=Schema(columns=tuple(columns)))
    answer = run(table, asked(treatment=name, refute=True))
    assert answer.headline, answer.failed_checks


# ---------------------------------------------------------------- requests, steps


@pytest.mark.parametrize(
    "changes",
    [
        {"graph": GRAPH, "adjust": ()},
        {"knowledge": TIERS, "graph": GRAPH},
        {"level": 1.0},
        {"level": float("nan")},
        {"alpha": 0.0},
        {"seed": -1},
    ],
)
def test_a_request_that_contradicts_itself_is_refused(changes):
    with pytest.raises(BadSettingError):
        asked(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"outcomes": ()},
        {"outcomes": ("banner",)},
        {"model": "oracle"},
        {"contrast": Contrast(shift=1.0)},
        {"population": "visits_28d > 10000"},
        {"population": "visits_28d >"},
        {"treatment": "bannner"},
        {"adjust": ("help_contact",)},
    ],
)
def test_a_request_that_the_table_cannot_answer_is_refused(changes):
    with pytest.raises(AnalysisError):
        run(TABLE, asked(**changes))


def test_reading_nothing_or_several_tables_is_refused(tmp_path):
    with pytest.raises(NoTableError):
        pipeline.read([])
    with pytest.raises(BadSettingError):
        pipeline.read([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_the_step_of_a_job_gives_what_a_script_gets_and_keeps_the_truth():
    context = StepContext(store=None, project_id="p", actor="local", seed=11, job_id="j")
    project = Analysis(table=TABLE, truth=LINEAR.truth).asking(pipeline.ask(TABLE, ASKED).question)
    worked = STEPS["answer"](project, {"model": "linear"}, lambda *_: None, context)
    script = run(TABLE, asked(seed=11, refute=True))
    assert worked.truth == LINEAR.truth
    assert worked.effects.fingerprint == script.effects.fingerprint
    assert worked.refutations.fingerprint == script.refutations.fingerprint
    assert worked.headline is script.headline is True


def test_progress_only_goes_forward_and_ends_at_one():
    told: list[float] = []
    run(TABLE, asked(graph=GRAPH), progress=lambda fraction, _message="": told.append(fraction))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_a_column_named_self_can_be_added():
    column = Column(name="self", kind=Kind.BINARY, role=Role.IGNORE)
    assert TABLE.with_column(column, np.zeros(len(TABLE))).schema.names[-1] == "self"
