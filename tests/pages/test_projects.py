"""The Projects room: the demo, a table, and what was done before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.jobs import JobState
from causal_core.store import LOCAL, Store, demo_archive, read_archive
from pages.shared import projects_view
from pages.shared.project_list import when_words
from tests import made_by_hand, strategy_by_hand
from tests.conftest import ROOT
from tests.pages.visiting import button, end_all_jobs, now, stored, visit, words

NASTY = ROOT / "tests" / "data" / "nasty"


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def projects():
    return Store.open().projects(actor=LOCAL)


def body(page) -> str:
    """Everything in the room, with the markup."""
    return "\n".join(element.value for element in page.main.get("html"))


def links(page) -> list[str]:
    return [link.proto.label for link in page.main.get("page_link")]


def ingest_failed(name: str = "69_xlsx_named_csv.csv") -> str:
    """Bring a file that is no table, as the room does, and wait for the refusal."""
    store = Store.open()
    project = store.create_project(name, actor=LOCAL)
    upload = store.add_upload(NASTY / name, project_id=project.id, original_name=name, actor=LOCAL)
    job = jobs.submit(store, project.id, "ingest", {"upload": upload.id}, actor=LOCAL)
    deadline = datetime.now(UTC) + timedelta(seconds=120)
    while (job := jobs.get(store, job.id, actor=LOCAL)).active:
        assert datetime.now(UTC) < deadline, "the file was not refused in time"
        jobs.refresh(store)
    assert job.state is JobState.FAILED
    return project.id


# ---------------------------------------------------------------- the demo


def test_an_empty_store_offers_the_demo_and_a_table_in_one_sentence():
    page = visit("projects")
    assert page.header[0].value == "Ask a question of your logs, or see one answered."
    assert "None yet: open the demo, or bring a table." in words(page)
    assert [one.label for one in page.main.button] == ["Open the demo"]
    assert [one.value for one in page.subheader][:2] == [
        "Coupon banner: the demo",
        "I have one table",
    ]


def test_the_finished_demo_shows_its_verdict_three_numbers_and_its_funnel_in_words():
    page = visit("projects")
    said = words(page)
    assert "Pays" in said
    for title in ("Raw difference", "Effect", "Pays from"):
        assert title in said
    assert "“purchase” per 1,000 users, with 95 % intervals" in said
    assert 'role="img" aria-label="Per 1,000 users, nobody against everyone: ' in body(page)
    assert [one.proto.popover.label for one in page.main.get("popover")] == ["Show as table"]


def test_guess_first_covers_verdict_effect_and_funnel():
    page = visit("projects")
    open_page = body(page)
    page.toggle(key="guess-first").set_value(True).run()
    covered = body(page)
    assert "<b>?</b>" in covered
    assert '<h2 class="verdict">?</h2>' in covered
    assert "funnel" in open_page
    assert 'role="img"' not in covered
    assert page.number_input(key="demo-guess").value is None


def test_one_click_opens_the_demo_with_its_verdict_and_nothing_is_trained():
    page = button(visit("projects"), "Open the demo").click().run()
    assert not page.exception
    (project,) = projects()
    assert project.kind == "demo"
    assert {"table", "truth", "question", "effects"} <= set(now(project.id).fingerprints)
    assert jobs.listing(Store.open(), project.id, actor=LOCAL) == ()
    assert "Pays" in words(visit("effects", project.id))


def test_a_guess_at_the_demo_is_kept_per_unit_and_stands_beside_the_answer():
    page = visit("projects")
    page.toggle(key="guess-first").set_value(True).run()
    page.number_input(key="demo-guess").set_value(50.0).run()
    button(page, "Open the demo").click().run()
    (project,) = projects()
    settings = Store.open().settings(project.id, actor=LOCAL)
    assert settings["guess"] == {"purchase": pytest.approx(0.05)}
    assert "? Your guess was +50 per 1,000." in words(visit("effects", project.id))


def test_without_a_guess_none_is_kept():
    button(visit("projects"), "Open the demo").click().run()
    (project,) = projects()
    assert "guess" not in Store.open().settings(project.id, actor=LOCAL)


def test_a_double_click_on_the_demo_opens_a_second_project_and_never_the_same_twice():
    for _ in range(2):
        button(visit("projects"), "Open the demo").click().run()
    assert len({project.id for project in projects()}) == 2


def test_the_funnel_is_as_long_as_its_numbers():
    stages = made_by_hand.analysis().effects.primaries()
    drawn = projects_view.funnel_html(stages, "words", colour="#1DA86C")
    browse = next(item for item in stages if item.outcome == "browse")
    most = max(item.control_mean + item.high for item in stages)
    assert f'class="filled" style="width:{100 * browse.treated_mean / most:.2f}%"' in drawn
    assert f'class="outlined" style="width:{100 * browse.control_mean / most:.2f}%"' in drawn


def test_the_numbers_beside_the_funnel_are_those_of_effects():
    said = body(visit("projects"))
    demo = read_archive(demo_archive()).part("effects").effects
    for item in demo.primaries():
        assert f"{1000 * item.low:.0f} to {1000 * item.high:.0f}" in said


def test_a_hostile_name_reaches_the_funnel_only_escaped():
    whole = made_by_hand.analysis(rename={"click": '<img src=x onerror="alert(1)">'})
    drawn = projects_view.funnel_html(whole.effects.primaries(), '"><script>', colour="#1DA86C")
    assert "<img" not in drawn
    assert "<script" not in drawn


# ---------------------------------------------------------------- a table of her own


def test_a_table_is_brought_with_the_aim_she_chose():
    page = visit("projects")
    assert page.selectbox[0].label == "What do you want to know?"
    assert page.selectbox[0].value == "works"
    page.selectbox[0].set_value("whom").run()
    rows = b"banner,purchase\n" + b"0,1\n1,0\n" * 40
    page.file_uploader[0].upload("users.csv", rows, "text/csv").run()
    assert not page.exception
    (project,) = projects()
    store = Store.open()
    assert project.name == "users.csv"
    assert store.settings(project.id, actor=LOCAL)["aim"] == "whom"
    assert [job.step for job in jobs.listing(store, project.id, actor=LOCAL)] == ["ingest"]


@pytest.mark.slow
def test_a_refused_file_is_told_with_its_remedy_and_stands_for_no_project():
    ingest_failed()
    page = visit("projects")
    assert links(page) == []
    told = "\n".join(one.value.replace("\\", "") for one in page.main.markdown)
    assert "69_xlsx_named_csv.csv" in told
    assert "Excel workbook" in told
    assert len(told.split("  \n")) == 2, "what was found, and the remedy"
    button(page, "Dismiss").click().run()
    assert projects() == ()


@pytest.mark.slow
def test_another_file_takes_away_what_a_refused_one_left():
    refused = ingest_failed()
    page = visit("projects")
    rows = b"banner,purchase\n" + b"0,1\n1,0\n" * 40
    page.file_uploader[0].upload("users.csv", rows, "text/csv").run()
    assert [project.name for project in projects()] == ["users.csv"]
    assert refused not in {project.id for project in projects()}


@pytest.mark.slow
def test_another_file_for_the_same_project_gives_it_its_name():
    refused = ingest_failed()
    page = visit("data", refused)
    rows = b"banner,purchase\n" + b"0,1\n1,0\n" * 40
    page.file_uploader[0].upload("users.csv", rows, "text/csv").run()
    assert [project.name for project in projects()] == ["users.csv"]


# ---------------------------------------------------------------- recent projects


@pytest.mark.parametrize(
    ("analysis", "told"),
    [
        (made_by_hand.analysis(), "● Raises: “purchase”"),
        (made_by_hand.analysis(shift=-0.012), "● Cannot tell: “purchase”"),
        (made_by_hand.analysis(sufficient=False), "■ No answer"),
        (
            replace(made_by_hand.analysis(), payoff=strategy_by_hand.payoff()),
            "● Works, may not pay: “purchase”",
        ),
        (Analysis(table=made_by_hand.table()), "○ no question yet"),
        (
            Analysis(table=made_by_hand.table(), question=made_by_hand.question()),
            "○ asked, not answered yet",
        ),
        (Analysis(), "○ no table yet"),
    ],
)
def test_a_project_is_listed_with_its_verdict_or_what_is_missing(analysis, told):
    stored(analysis)
    page = visit("projects")
    assert told in words(page)
    assert any(one.value.startswith("own data, changed today ") for one in page.caption)


@pytest.mark.slow
def test_work_that_stopped_is_told_in_the_list():
    project = stored(Analysis(table=made_by_hand.table(), question=made_by_hand.question()))
    store = Store.open()
    job = jobs.submit(store, project, "answer", {"model": "no such model"}, actor=LOCAL)
    deadline = datetime.now(UTC) + timedelta(seconds=120)
    while jobs.get(store, job.id, actor=LOCAL).active:
        assert datetime.now(UTC) < deadline, "the step was not refused in time"
        jobs.refresh(store)
    assert "■ Answering the question: stopped" in words(visit("projects"))


def test_a_stale_answer_is_no_verdict():
    whole = made_by_hand.analysis()
    project = stored(whole)
    asked = whole.asking(replace(whole.question, population="visits > 2"))
    Store.open().save(project, asked, revision=now(project).revision, actor=LOCAL)
    said = words(visit("projects"))
    assert "△ stale answer" in said
    assert "Raises" not in said


def test_earlier_projects_are_listed_with_literal_names():
    stored(made_by_hand.analysis(), name="**loud** :smile: [link](http://203.0.113.7)")
    assert links(visit("projects")) == [
        r"\*\*loud\*\* \:smile\: \[link\]\(http" + "\u2060" + r"\:\/\/203\.0\.113\.7\)"
    ]


def test_twenty_projects_are_listed_until_all_are_asked_for():
    for at in range(22):
        Store.open().create_project(f"Project {at}", actor=LOCAL)
    page = visit("projects")
    assert links(page) == [f"Project {at}" for at in range(21, 1, -1)]
    page.toggle(key="all-projects").set_value(True).run()
    assert len(links(page)) == 22


def test_a_moment_is_told_with_its_day_and_zone():
    noon = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
    assert when_words(noon, noon) == "today 14:02 UTC"
    assert when_words(noon - timedelta(hours=15), noon) == "yesterday 23:02 UTC"
    assert when_words(noon - timedelta(days=400), noon) == "2025-10-20 14:02 UTC"


# ---------------------------------------------------------------- the menu of a project


def choose(page, project: str, wanted: str):
    return page.menu_button(key=f"menu-{project}").click(wanted).run()


def test_a_project_is_renamed_in_its_menu():
    project = stored(made_by_hand.analysis(), "Old")
    page = choose(visit("projects"), project, "rename")
    page.text_input[0].set_value("  New  ")
    button(page, "Save the name").click().run()
    assert [one.name for one in projects()] == ["New"]


def test_a_project_is_duplicated_with_its_results_and_guess():
    project = stored(made_by_hand.analysis(), "Once")
    Store.open().set_settings(project, {"guess": {"purchase": 0.01}}, actor=LOCAL)
    choose(visit("projects"), project, "duplicate")
    copy, original = projects()
    assert {copy.name, original.name} == {"Once", "Once (copy)"}
    twin = copy if copy.id != project else original
    assert "effects" in now(twin.id).fingerprints
    assert Store.open().settings(twin.id, actor=LOCAL)["guess"] == {"purchase": 0.01}


def test_a_project_is_deleted_only_after_one_explicit_confirmation_that_names_it():
    project = stored(made_by_hand.analysis(), "Mine")
    page = choose(visit("projects"), project, "delete")
    assert [one.id for one in projects()] == [project], "asking deletes nothing"
    told = "\n".join(one.value for one in page.markdown)
    assert "**Mine**" in told
    assert "its results and its reports" in told.replace("\\", "")
    page.button(key="delete-for-good").click().run()
    assert projects() == ()


def test_a_project_is_kept_if_she_thinks_better_of_it():
    project = stored(made_by_hand.analysis(), "Mine")
    page = choose(visit("projects"), project, "delete")
    page.button(key="keep-it").click().run()
    assert [one.id for one in projects()] == [project]


def test_the_open_project_is_left_when_it_is_deleted():
    project = stored(made_by_hand.analysis(), "Mine")
    page = choose(visit("projects", project), project, "delete")
    page.button(key="delete-for-good").click().run()
    assert not page.exception
    assert "project" not in page.query_params
    assert "None yet: open the demo, or bring a table." in words(page)


def test_deleting_what_another_tab_has_deleted_is_told_and_harms_nothing():
    project = stored(made_by_hand.analysis(), "Mine")
    other = stored(made_by_hand.analysis(), "Other")
    page = choose(visit("projects"), project, "delete")
    jobs.delete_project(Store.open(), project, actor=LOCAL)
    page.button(key="delete-for-good").click().run()
    assert not page.exception
    assert any("There is no project" in one.value for one in page.error)
    assert [one.id for one in projects()] == [other]


# ---------------------------------------------------------------- addresses


def test_the_address_of_a_project_that_is_gone_says_so():
    page = visit("projects", "0" * 20)
    assert any("no longer here" in one.value for one in page.warning)


def test_a_room_without_a_project_leads_to_the_projects():
    for room in ("data", "effects", "report"):
        assert "Open or start a project first." in words(visit(room))


def test_the_project_of_another_person_is_not_there():
    place = Store.open()
    foreign = place.create_project("Theirs", actor="somebody else")
    page = visit("effects", foreign.id)
    assert "There is no project" in page.error[0].value
    assert "Theirs" not in words(page)
    assert links(visit("projects", foreign.id)) == []
