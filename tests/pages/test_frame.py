"""The frame of every room: rail, addresses, the answer button, form memory, the job panel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.errors import BugError, TrainingError
from causal_core.graph import CausalGraph, Edge, EdgeKind
from causal_core.jobs import Job, JobState
from causal_core.question import CausalQuestion, EffectKind
from causal_core.results import Effects
from causal_core.store import LOCAL, Snapshot, Store
from pages.shared import aims, job_panel, rail
from pages.shared.opened import Room
from tests import made_by_hand
from tests.pages.visiting import button, end_all_jobs, now, stored, troubles, visit, words

FILTER = "Only these units (optional)"
LARGE = 251  # times 400 units: more than a pilot


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def field(page, kind: str, label: str):
    (found,) = [one for one in page.get(kind) if one.label == label]
    return found


def job(step: str, state: JobState = JobState.RUNNING, **known) -> Job:
    """Return a job as the board would tell of it."""
    then = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    made = {
        "id": "j", "project_id": "p", "step": step, "settings": {}, "state": state,
        "fraction": 0.2, "message": "", "remaining_seconds": None, "error": None, "accepted": (),
        "set_aside": (), "created": then, "started": then, "ended": then, "folder": Path("j"),
    }  # fmt: skip
    return Job(**{**made, **known})


def marks(snapshot: Snapshot, newest: Job | None = None) -> dict[str, str]:
    return rail.states(Room(snapshot=snapshot, job=newest))


def large() -> Analysis:
    """Return an analysis with a question to 100,400 units, and no answer."""
    small = made_by_hand.table()
    frame = pd.concat([small.frame] * LARGE, ignore_index=True)
    return Analysis(table=replace(small, frame=frame)).asking(made_by_hand.question())


def main_buttons(page) -> dict[str, str]:
    """Return the kind of each button of a room that starts an answer, by its words."""
    found = [one for one in page.button if one.key and one.key.startswith("answer-")]
    return {one.label.partition(" · ")[0]: one.proto.type for one in found}


# ---------------------------------------------------------------- the rail


def test_the_rail_has_nine_rooms_each_with_mark_and_word():
    page = visit("effects", stored(made_by_hand.analysis()))
    assert [link.proto.label for link in page.sidebar.get("page_link")] == [
        "Projects", "● Data :small[done]", "● Graph :small[done]", "● Model :small[done]",
        "● Effects :small[done]", "● What-if :small[done]", "○ Strategy :small[missing]",
        "● Report :small[done]", "○ Truth lab :small[missing]",
    ]  # fmt: skip


def test_every_link_of_the_rail_takes_the_project_along():
    project = stored(made_by_hand.analysis())
    links = visit("graph", project).sidebar.get("page_link")
    assert {link.proto.query_string for link in links} == {f"project={project}"}


def test_a_failed_check_marks_effects_and_report():
    found = marks(now(stored(made_by_hand.analysis(unbroken=False))))
    assert (found["effects"], found["report"], found["data"]) == ("failed", "failed", "done")


def test_too_little_overlap_marks_the_model():
    assert marks(now(stored(made_by_hand.analysis(sufficient=False))))["model"] == "failed"


def test_what_lost_its_basis_is_marked_as_stale():
    project = stored(made_by_hand.analysis())
    shown = now(project)
    asked = shown.analysis.asking(replace(made_by_hand.question(), population="visits > 2"))
    Store.open().save(project, asked, revision=shown.revision, actor=LOCAL)
    found = marks(now(project))
    assert [found[room] for room in ("graph", "model", "effects", "report")] == ["stale"] * 4
    assert found["strategy"] == "missing"


@pytest.mark.parametrize(
    ("step", "room"),
    [
        ("ingest", "data"),
        ("discover", "graph"),
        ("answer", "model"),
        ("answer", "effects"),
        ("whatif", "whatif"),
        ("policy", "strategy"),
        ("lab", "lab"),
    ],
)
def test_the_room_that_a_job_works_for_is_marked_as_running(step, room):
    shown = now(stored(made_by_hand.analysis()))
    assert marks(shown, job(step))[room] == "running"
    assert marks(shown, job(step, JobState.CANCELLED))[room] != "running"


def test_a_refused_file_marks_data():
    shown = now(stored(Analysis()))
    refused = job("ingest", JobState.FAILED, error=TrainingError(reason="r", columns="c").record())
    assert marks(shown, refused)["data"] == "failed"
    assert marks(shown)["data"] == "missing"


# ---------------------------------------------------------------- aims


def test_each_aim_has_words_a_kind_and_a_room():
    assert [(name, aim.kind, aim.page) for name, aim in aims.AIMS.items()] == [
        ("works", EffectKind.ATE, "pages/effects.py"),
        ("worth", EffectKind.ATT, "pages/effects.py"),
        ("everyone", EffectKind.ATU, "pages/effects.py"),
        ("whom", EffectKind.ATE, "pages/effects.py"),
        ("budget", EffectKind.ATE, "pages/strategy.py"),
        ("whatif", EffectKind.ATE, "pages/whatif.py"),
    ]
    assert len({aims.sentence(name) for name in aims.AIMS}) == 6


def test_the_question_decides_where_it_and_the_remembered_aim_disagree():
    treated = replace(made_by_hand.question(), kind=EffectKind.ATT)
    assert aims.of(treated, "budget").name == "worth"
    assert aims.of(made_by_hand.question(), "budget").name == "budget"
    assert aims.of(None, "no such aim").name == "works"


def test_a_kind_that_serves_the_aim_already_is_kept():
    everyone = replace(made_by_hand.question(), kind=EffectKind.EVERYONE)
    assert aims.kind("everyone", everyone) is EffectKind.EVERYONE
    assert aims.kind("works", everyone) is EffectKind.ATE


@pytest.mark.parametrize(
    ("aim", "rail_mark"), [("whom", "Effects"), ("budget", "Strategy"), ("whatif", "What-if")]
)
def test_the_answer_stands_in_the_room_of_the_aim(aim, rail_mark):
    project = stored(Analysis(table=made_by_hand.table()).asking(made_by_hand.question()))
    Store.open().set_settings(project, {"aim": aim}, actor=LOCAL)
    page = visit("data", project)
    button(page, "Answer my question").click().run()
    assert f">{rail_mark}</h1>" in "".join(one.value for one in page.main.get("html"))
    assert [one.step for one in jobs.listing(Store.open(), project, actor=LOCAL)] == ["answer"]


# ---------------------------------------------------------------- the answer button


def unanswered(analysis: Analysis | None = None) -> str:
    """Store a question that nobody has answered."""
    whole = analysis or Analysis(table=made_by_hand.table()).asking(made_by_hand.question())
    return stored(whole)


def test_the_button_says_how_long_the_answer_takes_and_how_much_memory():
    page = visit("effects", unanswered())
    (found,) = [one for one in page.button if one.key and one.key.startswith("answer-")]
    assert found.label.startswith("Answer my question · about ")
    assert found.label.endswith((" s", " min"))
    assert " GB" in found.help.replace("\\", "")


def test_a_large_population_is_offered_a_pilot_first():
    project = unanswered(large())
    page = visit("effects", project)
    assert main_buttons(page) == {"Pilot on 100,000 units": "primary", "Full run": "secondary"}
    button(page, "Pilot on 100,000 units").click().run()
    (ordered,) = jobs.listing(Store.open(), project, actor=LOCAL)
    assert (ordered.step, dict(ordered.settings)) == ("answer", {"pilot": 100_000})


def test_a_small_population_of_a_large_table_needs_no_pilot():
    few = large().asking(replace(made_by_hand.question(), population="visits > 2"))
    assert main_buttons(visit("effects", unanswered(few))) == {"Answer my question": "primary"}


def test_after_a_pilot_the_full_run_comes_first():
    whole = large()
    estimand = made_by_hand.analysis().estimand
    made = made_by_hand.effects(replace(estimand, basis=None))
    pilot: Effects = replace(made, pilot_of=100_400, basis={})
    page = visit("effects", unanswered(whole.updated(pilot=pilot)))
    assert main_buttons(page) == {"Pilot on 100,000 units": "secondary", "Full run": "primary"}


def test_the_button_is_closed_while_a_job_of_the_project_runs():
    project = unanswered()
    jobs.submit(Store.open(), project, "answer", {}, actor=LOCAL)
    page = visit("data", project)
    (found,) = [one for one in page.button if one.key and one.key.startswith("answer-")]
    assert found.disabled


def test_a_click_on_what_another_tab_has_changed_starts_nothing():
    project = unanswered()
    page = visit("effects", project)
    shown = now(project)
    other = shown.analysis.asking(replace(made_by_hand.question(), population="visits > 2"))
    Store.open().save(project, other, revision=shown.revision, actor=LOCAL)
    button(page, "Answer my question").click().run()
    assert jobs.listing(Store.open(), project, actor=LOCAL) == ()


def test_a_graph_that_answers_nothing_sends_her_to_the_graph():
    question: CausalQuestion = made_by_hand.question()
    hidden = Edge(source="banner", target="click", kind=EdgeKind.BIDIRECTED)
    drawn = CausalGraph(nodes=("banner", *question.outcomes), edges=(hidden,))
    asked = Analysis(table=made_by_hand.table()).asking(question).updated(graph=drawn)
    project = unanswered(asked)
    page = visit("effects", project)
    assert main_buttons(page) == {}
    assert button(page, "Decide the graph first")


# ---------------------------------------------------------------- form memory, addresses


def test_what_is_typed_and_not_saved_is_still_there_when_she_comes_back():
    project = unanswered()
    page = visit("data", project)
    field(page, "text_input", FILTER).input("visits > 2")
    field(page, "multiselect", "…change these outcomes?").set_value(["cart"])
    field(page, "selectbox", "What do you want to know?").select("worth")
    page.run()
    page.switch_page("pages/effects.py").run()
    gone = f"population-{project}-{now(project).revision}"
    assert gone not in page.session_state, "else the test would see the widget's own memory"
    page.switch_page("pages/data.py").run()
    assert field(page, "text_input", FILTER).value == "visits > 2"
    assert field(page, "multiselect", "…change these outcomes?").value == ["cart"]
    assert field(page, "selectbox", "What do you want to know?").value == "worth"


def test_once_saved_the_form_shows_what_is_saved():
    project = unanswered()
    page = visit("data", project)
    field(page, "text_input", FILTER).input("visits > 2")
    button(page.run(), "Answer my question").click().run()
    assert page.session_state["session"].typed[project] == {}
    assert Store.open().settings(project, actor=LOCAL)["aim"] == "works"


def test_a_slot_saved_above_replaces_what_was_typed_for_it_below():
    project = unanswered()
    page = visit("data", project)
    field(page, "text_input", FILTER).input("visits > 2")
    field(page, "multiselect", "…change these outcomes?").set_value(["cart"])
    page.run()
    page.switch_page("pages/graph.py").run()
    button(page, "all units").click().run()
    field(page, "text_input", FILTER).input("visits > 4")
    button(page.run(), "Save").click().run()
    page.switch_page("pages/data.py").run()
    assert field(page, "text_input", FILTER).value == "visits > 4"
    assert field(page, "multiselect", "…change these outcomes?").value == ["cart"]


@pytest.mark.parametrize("room", ["data", "graph", "effects", "strategy", "lab"])
def test_a_project_that_is_not_there_is_said_so_with_a_door_to_projects(room):
    page = visit(room, "0123456789abcdef0123")
    assert "There is no project" in troubles(page)[0]
    button(page, "Go to Projects").click().run()
    assert not page.exception
    assert not troubles(page)


@pytest.mark.parametrize("room", ["graph", "report"])
def test_a_room_without_a_project_leads_to_projects(room):
    page = visit(room)
    assert "Open or start a project first." in words(page)
    assert button(page, "Go to Projects")


def test_the_address_names_the_project_in_every_room():
    project = stored(made_by_hand.analysis())
    page = visit("effects", project)
    page.query_params.clear()
    page.switch_page("pages/graph.py").run()
    assert page.query_params["project"] == project


# ---------------------------------------------------------------- the job panel


def test_what_the_data_refused_is_offered_again_only_after_a_change():
    refused = TrainingError(reason="r", columns="c").record()
    shown = now(stored(made_by_hand.analysis()))
    before, after = shown.project.changed - timedelta(1), shown.project.changed + timedelta(1)
    ended = job("answer", JobState.FAILED, error=refused, ended=after)
    assert not job_panel.may_succeed(ended, shown)
    assert job_panel.may_succeed(replace(ended, ended=before), shown)


def test_what_the_machine_broke_is_offered_again():
    bug = BugError(step="answer", kind="ValueError", job="j").record()
    shown = now(stored(made_by_hand.analysis()))
    ended = job("answer", JobState.FAILED, error=bug, ended=shown.project.changed + timedelta(1))
    assert job_panel.may_succeed(ended, shown)
    assert job_panel.may_succeed(job("answer", JobState.LOST), shown)
