"""Facts about the frozen nouns: schema, table, graph, question, analysis."""

from __future__ import annotations

import math
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_core.analysis import Analysis, Verdict, per_thousand, verdict
from causal_core.errors import (
    AnalysisError,
    BadSettingError,
    ColumnMissingError,
    CycleError,
    KnowledgeError,
    NoTableError,
    TooFewUnitsError,
    UnorientedEdgesError,
    WrongKindError,
)
from causal_core.graph import (
    CausalGraph,
    Edge,
    EdgeKind,
    GraphPattern,
    Knowledge,
    graph_from,
    graph_record,
    path_in_words,
)
from causal_core.question import CausalQuestion, Contrast, Estimand, SetSource, Strategy
from causal_core.results import (
    EffectEstimate,
    Effects,
    Method,
    Overlap,
    Refutation,
    Refutations,
    basis_of,
)
from causal_core.schema import Column, Kind, Known, Role, Schema, Stage
from causal_core.table import BehaviorTable


def table(rows: int = 6, **changes: Role) -> BehaviorTable:
    frame = pd.DataFrame(
        {
            "user": [f"u{i % 4}" for i in range(rows)],
            "age": np.linspace(20, 60, rows),
            "visits": np.arange(rows, dtype=float),
            "banner": np.arange(rows, dtype=float) % 2,
            "click": (np.arange(rows, dtype=float) // 2) % 2,
            "purchase": (np.arange(rows, dtype=float) // 3) % 2,
        }
    )
    columns = (
        Column(name="user", kind=Kind.ID, role=Role.UNIT_ID, stated=True),
        Column(name="age", kind=Kind.CONTINUOUS, role=Role.ATTRIBUTE, stated=True),
        Column(name="visits", kind=Kind.COUNT, role=Role.HISTORY, stated=True),
        Column(name="banner", kind=Kind.BINARY, role=Role.TREATMENT, stated=True),
        Column(name="click", kind=Kind.BINARY, role=Role.OUTCOME, stated=True, stage=Stage.CLICK),
        Column(
            name="purchase", kind=Kind.BINARY, role=Role.OUTCOME, stated=True, stage=Stage.PURCHASE
        ),
    )
    return BehaviorTable(frame=frame, schema=Schema(columns=columns).restated(changes))


QUESTION = CausalQuestion(treatment="banner", outcomes=("click", "purchase"))


def graph(*pairs: tuple[str, str], hidden: tuple[tuple[str, str], ...] = ()) -> CausalGraph:
    edges = [Edge(source=a, target=b) for a, b in pairs]
    edges += [Edge(source=a, target=b, kind=EdgeKind.BIDIRECTED) for a, b in hidden]
    return CausalGraph(nodes=("age", "visits", "banner", "click", "purchase"), edges=tuple(edges))


# ---------------------------------------------------------------- schema


def test_tiers_follow_the_order_of_the_funnel():
    schema = table().schema
    tiers = schema.tiers(schema.names)
    assert tiers["age"] < tiers["visits"] < tiers["banner"] < tiers["click"] < tiers["purchase"]
    assert "user" not in tiers


def test_a_guessed_role_says_nothing_about_time():
    guessed = Column(name="age", kind=Kind.CONTINUOUS, role=Role.ATTRIBUTE)
    assert guessed.known is Known.UNKNOWN
    assert replace(guessed, stated=True).known is Known.BEFORE


def test_columns_nobody_vouched_for_stay_out_once_anything_was_stated():
    schema = table().schema.restated({"visits": Role.HISTORY}, stated=False)
    assert schema.covariates() == ("age",)
    nothing = schema.restated({"age": Role.ATTRIBUTE}, stated=False)
    assert nothing.covariates() == ("age", "visits")
    assert not nothing.time_is_stated(nothing.covariates())


def test_asking_twice_changes_nothing_the_second_time():
    once = table().schema.asking("banner", ["purchase"])
    assert once.asking("banner", ["purchase"]) == once


def test_a_second_treatment_is_set_aside_when_another_is_asked_about():
    asked = table().schema.asking("visits", ["click"])
    assert asked["visits"].role is Role.TREATMENT
    assert asked["banner"].role is Role.IGNORE


def test_vouching_for_some_columns_makes_the_others_unknown():
    schema = table().schema.known_before(["age"])
    assert schema.covariates() == ("age",)
    assert schema["visits"].known is Known.UNKNOWN


def test_a_vouched_id_stays_the_id_and_a_vouched_propensity_the_propensity():
    schema = table(visits=Role.PROPENSITY).schema.known_before(["user", "age", "visits"])
    assert schema.unit_id == schema.cluster_id == "user"
    assert schema["visits"].role is Role.PROPENSITY
    assert schema.covariates() == ("age",)


# ---------------------------------------------------------------- table


def test_the_fingerprint_sees_one_changed_cell_and_one_changed_role():
    first = table(2_000)
    changed = first.frame.copy()
    changed.loc[1_234, "age"] += 1e-9
    assert table(2_000).fingerprint == first.fingerprint
    assert replace(first, frame=changed).fingerprint != first.fingerprint
    assert table(2_000, age=Role.AFTER).fingerprint != first.fingerprint


def test_a_table_survives_parquet_with_its_schema_and_cleaning_log(tmp_path):
    before = table()
    before.to_parquet(tmp_path / "t.parquet")
    after = BehaviorTable.from_parquet(tmp_path / "t.parquet")
    assert after is not None
    assert after.schema == before.schema
    assert after.cleaning == before.cleaning
    assert after.fingerprint == before.fingerprint


def test_a_parquet_file_of_others_is_no_table_of_ours(tmp_path):
    table().frame.to_parquet(tmp_path / "theirs.parquet")
    assert BehaviorTable.from_parquet(tmp_path / "theirs.parquet") is None


def test_rows_of_one_unit_share_a_cluster_and_rows_without_one_stand_alone():
    repeated = table(8)
    assert repeated.clusters().tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    frame = repeated.frame.assign(user=["a", None, "a", None, "b", "b", None, "c"])
    clusters = replace(repeated, frame=frame).clusters()
    assert len(set(clusters[[1, 3, 6]].tolist())) == 3
    assert not set(clusters[[1, 3, 6]].tolist()) & set(clusters[[0, 2, 4, 5, 7]].tolist())


def test_a_filter_that_keeps_nobody_is_refused():
    with pytest.raises(TooFewUnitsError, match="age > 1000"):
        table().select("age > 1000")


# ---------------------------------------------------------------- graph


def test_a_cycle_is_refused_with_the_names_of_its_edges():
    with pytest.raises(CycleError) as caught:
        graph(("age", "banner"), ("banner", "click"), ("click", "age"))
    for name in ("age", "banner", "click"):
        assert name in caught.value.found


def test_an_edge_to_an_unknown_column_is_refused_with_the_nearest_name():
    with pytest.raises(ColumnMissingError, match="purchase"):
        graph(("banner", "purchas"))


def test_a_pattern_becomes_a_graph_only_when_every_edge_is_decided():
    pattern = GraphPattern(
        nodes=("a", "b", "c"),
        edges=(
            Edge(source="a", target="b"),
            Edge(source="b", target="c", kind=EdgeKind.UNDIRECTED),
        ),
    )
    with pytest.raises(UnorientedEdgesError, match="b — c"):
        pattern.orient()
    assert {edge.pair for edge in pattern.orient([("c", "b")]).edges} == {("a", "b"), ("c", "b")}


def test_a_hidden_common_cause_is_a_node_of_its_own_in_the_network():
    network = graph(("banner", "click"), hidden=(("banner", "click"),)).network()
    hidden = set(network) - {"age", "visits", "banner", "click", "purchase"}
    assert len(hidden) == 1
    assert set(network.successors(hidden.pop())) == {"banner", "click"}


@given(st.permutations(["age", "visits", "banner", "click", "purchase"]), st.data())
def test_causes_come_first_in_the_order_of_any_graph(order, data):
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    made = graph(*chosen)
    place = {name: at for at, name in enumerate(made.order())}
    assert all(place[a] < place[b] for a, b in chosen)
    assert graph_from(graph_record(made)) == made


def test_graph_fingerprints_ignore_notes_and_edge_order():
    first = graph(("age", "banner"), ("banner", "click"))
    noted = replace(first, edges=tuple(replace(e, note="sure") for e in reversed(first.edges)))
    assert noted.fingerprint == first.fingerprint
    assert graph(("age", "banner")).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"nodes": "ab", "edges": []},
        {"nodes": ["a"], "edges": [["a", "b"]]},
        {"nodes": ["a", "b"], "edges": [{"source": "a", "target": "b", "kind": "sideways"}]},
        {"nodes": ["a", "b"], "edges": [{"source": "a", "target": "b", "p_value": "small"}]},
        {"nodes": ["a", "b"], "edges": [{"source": "a", "target": "b", "stability": 7}]},
        {"nodes": ["a", "a"], "edges": []},
    ],
)
def test_a_graph_file_of_another_form_is_a_clear_error(record):
    with pytest.raises(AnalysisError):
        graph_from(record)


def test_paths_are_written_with_their_arrows():
    network = nx.DiGraph([("age", "banner"), ("age", "click")])
    assert path_in_words(network, ["banner", "age", "click"]) == "banner ← age → click"


# ---------------------------------------------------------------- knowledge


def test_knowledge_forbids_going_back_in_time_and_within_a_closed_tier():
    knowledge = Knowledge(tiers=(("age", "visits"), ("banner",)), forbidden_within=(0,))
    assert knowledge.forbids("banner", "age")
    assert knowledge.forbids("age", "visits")
    assert not knowledge.forbids("age", "banner")
    assert not knowledge.forbids("age", "elsewhere")


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({"tiers": [["age"], ["age"]]}, "two tiers"),
        ({"tiers": [["age"], ["banner"]], "required": [["banner", "age"]]}, "required and"),
        ({"required": [["age", "banner"], ["banner", "age"]]}, "required and"),
        ({"forbidden_within": [3]}, "no tier"),
        ({"required": [["age"]]}, "pair"),
        ({"tires": []}, "tires"),
        ({"tiers": 3}, "list"),
    ],
)
def test_contradicting_knowledge_is_refused_with_its_reason(record, word):
    with pytest.raises(KnowledgeError, match=word):
        Knowledge.from_record(record).check(["age", "banner"])


def test_required_edges_in_a_circle_are_refused():
    ring = (("age", "banner"), ("banner", "click"), ("click", "age"))
    with pytest.raises(CycleError):
        Knowledge(required=ring).check(["age", "banner", "click"])


def test_knowledge_about_an_unknown_column_is_refused_and_not_ignored():
    with pytest.raises(ColumnMissingError):
        Knowledge(forbidden=(("age", "bannner"),)).check(["age", "banner"])


def test_violations_name_forbidden_open_and_missing_edges():
    knowledge = Knowledge(tiers=(("age",), ("banner",)), required=(("age", "banner"),))
    backwards = [Edge(source="banner", target="age")]
    assert knowledge.violations(backwards) == ("banner → age", "age → banner is missing")
    still_open = [Edge(source="age", target="banner", kind=EdgeKind.UNDIRECTED)]
    assert len(knowledge.violations(still_open)) == 2


def test_knowledge_survives_json():
    knowledge = Knowledge(
        tiers=(("age",), ("banner",)), required=(("age", "banner"),), forbidden_within=(0,)
    )
    assert Knowledge.from_record(knowledge.to_record()) == knowledge


# ---------------------------------------------------------------- analysis


def estimand(analysis: Analysis, **changes: object) -> Estimand:
    first = Estimand(
        question=QUESTION,
        adjustment_set=("age", "visits"),
        source=SetSource.GRAPH,
        basis=basis_of(question=analysis.question, graph=analysis.graph),
    )
    return replace(first, **changes)


def estimate(outcome: str, value: float, half: float, **changes: object) -> EffectEstimate:
    first = EffectEstimate(
        outcome=outcome,
        contrast="1 against 0",
        method=Method.AIPW,
        value=value,
        low=value - half,
        high=value + half,
        level=0.95,
        standard_error=half / 1.96,
        outcome_unit="share of users",
        n_units=1_000,
        n_clusters=900,
        effective_events=(80.0, 90.0),
    )
    return replace(first, **changes)


OVERLAP = Overlap(
    ess_treated=400,
    ess_control=450,
    trimmed=0.0,
    share_comparable=1.0,
    sufficient=True,
    sentence="All comparable.",
)


def answered(**changes: object) -> Analysis:
    start = Analysis(table=table(), question=QUESTION, graph=graph(("age", "banner")))
    start = start.updated(estimand=estimand(start))
    found = Effects(
        estimand=start.estimand,
        estimates=(estimate("click", 0.05, 0.02), estimate("purchase", 0.01, 0.02)),
        overlap=OVERLAP,
        basis=basis_of(table=start.table, estimand=start.estimand),
        **changes,
    )
    done = start.updated(effects=found)
    attempts = tuple(
        Refutation(
            name="placebo",
            outcome=outcome,
            passed=True,
            value=0.0,
            reference=0.05,
            standard_error=0.01,
            p_value=0.8,
            sentence="A shuffled banner does nothing.",
        )
        for outcome in found.outcomes
    )
    return done.updated(
        refutations=Refutations(attempts=attempts, basis=basis_of(effects=done.effects))
    )


def test_a_new_table_drops_all_that_rested_on_the_old_one():
    after = answered().updated(table=table(8))
    assert after.effects is None
    assert after.refutations is None
    assert after.question is not None


def test_an_edge_edit_that_leaves_the_adjustment_set_alone_drops_no_estimate():
    before = answered()
    edited = graph(("age", "banner"), ("age", "purchase"))
    renewed = replace(estimand(before), basis=basis_of(question=before.question, graph=edited))
    after = before.updated(graph=edited, estimand=renewed)
    assert after.effects is before.effects
    assert after.refutations is before.refutations


def test_an_edge_edit_that_changes_the_adjustment_set_drops_the_estimate():
    before = answered()
    edited = graph(("visits", "banner"))
    renewed = estimand(before, adjustment_set=("visits",))
    renewed = replace(renewed, basis=basis_of(question=before.question, graph=edited))
    after = before.updated(graph=edited, estimand=renewed)
    assert after.estimand is renewed
    assert after.effects is None
    assert after.refutations is None


def test_a_changed_question_drops_the_estimand_and_everything_above():
    after = answered().updated(question=replace(QUESTION, population="age > 30"))
    assert (after.estimand, after.effects, after.refutations) == (None, None, None)


def test_the_headline_is_printed_only_when_every_check_passed():
    assert answered().headline
    assert answered().failed_checks == ()
    untested = replace(answered(), refutations=None)
    assert untested.failed_checks == ("refutation",)
    assert not untested.headline


def test_without_an_order_in_time_there_is_no_headline():
    good = answered()
    timeless = replace(good, estimand=replace(good.estimand, time_ordered=False))
    assert timeless.failed_checks == ("time_order", "identification")


def test_no_overlap_and_too_few_events_and_a_broken_estimate_each_forbid_the_headline():
    good = answered()
    assert good.effects is not None
    alone = replace(good.effects, overlap=replace(OVERLAP, sufficient=False))
    assert replace(good, effects=alone).failed_checks == ("overlap",)
    rare = tuple(replace(e, effective_events=(19.0, 900.0)) for e in good.effects.estimates)
    thin = replace(good.effects, estimates=rare)
    assert replace(good, effects=thin).failed_checks == ("effective_events",)
    assert good.refutations is not None
    broken = replace(good.refutations.attempts[0], passed=False)
    refuted = replace(good.refutations, attempts=(broken,))
    assert replace(good, refutations=refuted).failed_checks == ("refutation",)


def test_attempts_of_which_none_could_be_judged_allow_no_headline():
    good = answered()
    assert good.refutations is not None
    informing = tuple(replace(attempt, passed=None) for attempt in good.refutations.attempts)
    for attempts in ((), informing):
        untried = replace(good, refutations=replace(good.refutations, attempts=attempts))
        assert untried.failed_checks == ("refutation",)


def test_effective_events_that_cannot_be_counted_are_too_few():
    good = answered()
    assert good.effects is not None
    lost = tuple(replace(e, effective_events=(math.nan, 900.0)) for e in good.effects.estimates)
    uncounted = replace(good, effects=replace(good.effects, estimates=lost))
    assert uncounted.failed_checks == ("effective_events",)


def test_roles_that_know_nothing_beforehand_identify_nothing_unless_chance_decided():
    good = answered()
    assert good.estimand is not None
    bare = replace(good.estimand, source=SetSource.ROLES, adjustment_set=())
    assert replace(good, estimand=bare).failed_checks == ("identification",)
    experiment = replace(bare, strategy=Strategy.RANDOMISED)
    assert replace(good, estimand=experiment).headline


def test_without_an_order_in_time_a_broken_attempt_is_told_without_the_word_effect():
    good = answered()
    assert good.refutations is not None
    told = replace(good.refutations.attempts[0], passed=False, sentence="The effect vanishes.")
    broken = replace(good, refutations=replace(good.refutations, attempts=(told,)))
    timeless = replace(broken, estimand=replace(good.estimand, time_ordered=False))
    assert "effect" in broken.checks()[-1].sentence
    assert "effect" not in timeless.checks()[-1].sentence


def test_an_empty_analysis_has_no_headline_and_says_what_comes_first():
    assert not Analysis().headline
    with pytest.raises(NoTableError):
        Analysis().asking(QUESTION)


def test_asking_about_the_treatment_itself_is_refused():
    with pytest.raises(BadSettingError):
        Analysis(table=table()).asking(replace(QUESTION, outcomes=("banner",)))


def test_asking_for_no_outcome_says_so_and_does_not_blame_the_treatment():
    with pytest.raises(BadSettingError) as caught:
        Analysis(table=table()).asking(replace(QUESTION, outcomes=()))
    assert "banner" not in caught.value.found


@pytest.mark.parametrize(("treatment", "outcome"), [("user", "click"), ("banner", "user")])
def test_an_id_can_neither_be_treatment_nor_outcome(treatment, outcome):
    with pytest.raises(WrongKindError):
        Analysis(table=table()).asking(replace(QUESTION, treatment=treatment, outcomes=(outcome,)))


@pytest.mark.parametrize(
    ("value", "half", "break_even", "expected"),
    [
        (math.nan, math.nan, None, Verdict.CANNOT_TELL),
        (12, math.nan, 3, Verdict.CANNOT_TELL),
        (12, 8, None, Verdict.RAISES),
        (12, 8, 3, Verdict.PAYS),
        (12, 8, 9, Verdict.MAY_NOT_PAY),
        (12, 8, 30, Verdict.DOES_NOT_PAY),
        (2, 8, None, Verdict.CANNOT_TELL),
        (0, 0, None, Verdict.CANNOT_TELL),
        (-12, 8, None, Verdict.LOWERS),
        (-12, 8, 3, Verdict.HARMS),
    ],
)
def test_verdicts_follow_interval_zero_and_break_even(value, half, break_even, expected):
    found = verdict(estimate("click", value, half), allowed=True, break_even=break_even)
    assert found is expected
    refused = verdict(estimate("click", value, half), allowed=False, break_even=break_even)
    assert refused is Verdict.NO_ANSWER


def test_numbers_are_told_per_thousand_with_their_interval():
    assert per_thousand(estimate("click", 0.012, 0.008)) == "+12, 4 to 20"
    assert per_thousand(estimate("click", -0.002, 0.003)) == "−2.0, −5.0 to 1.0"


def test_contrasts_name_their_values():
    assert str(Contrast()) == "1 against 0"
    assert str(Contrast(treated_value="gold", control_value="none")) == "gold against none"
