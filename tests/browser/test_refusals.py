"""A wrong file or an impossible question is told with its remedy, and the project stays."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.question import CausalQuestion
from causal_core.store import LOCAL, Store
from causal_core.table import BehaviorTable
from tests import made_by_hand
from tests.browser.rooms import LONG, SOON, Data, Effects, Report, Workbench
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

NASTY = ROOT / "tests" / "data" / "nasty"


@pytest.fixture(scope="module")
def table() -> BehaviorTable:
    """1,000 users, with one column that never varies."""
    simulated = datasets.simulate("linear", 1_000, seed=7).table
    frame = simulated.frame.assign(click=0.0)
    return BehaviorTable(frame=frame, schema=simulated.schema, cleaning=simulated.cleaning)


def stored(one_server, table: BehaviorTable) -> str:
    store = Store.open(one_server.home)
    project = store.create_project("Users", actor=LOCAL)
    asked = CausalQuestion(treatment="banner", outcomes=("purchase",))
    analysis = Analysis(table=table).asking(asked)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    return project.id


def fingerprints(one_server, project: str) -> dict[str, str]:
    return dict(Store.open(one_server.home).load(project, actor=LOCAL).fingerprints)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("69_xlsx_named_csv.csv", "Excel workbook"),
        ("63_empty.csv", "empty"),
        ("73_json_lines.csv", "JSON"),
    ],
)
def test_a_file_that_is_no_table_is_told_with_its_remedy(page: Page, one_server, file, found):
    bench = Workbench(page, one_server)
    bench.upload(NASTY / file)
    alert = bench.alerts
    expect(alert).to_contain_text(file, timeout=LONG)
    expect(alert).to_contain_text(found, ignore_case=True)
    assert len(alert.locator("p").inner_text().splitlines()) == 2, "what was found, and the remedy"
    expect(bench.sentence).to_contain_text("could not be read as a table")
    assert fingerprints(one_server, bench.project) == {}

    another = pd.DataFrame({"a": [0, 1] * 40, "b": range(80)}).to_csv(index=False).encode()
    good = {"name": "good.csv", "mimeType": "text/csv", "buffer": another}
    bench.bring(good)
    Data(bench).wait_for_table()
    assert list(fingerprints(one_server, bench.project)) == ["table"]


@pytest.mark.parametrize(
    ("filter_text", "found", "remedy"),
    [
        ("vists_28d > 3", "vists_28d", "Did you mean “visits_28d”?"),
        ("visits_28d > 99999", "0 units", "Widen the population"),
        ("visits_28d >", "The filter “visits_28d >” cannot be used", "Use comparisons"),
        ("__import__('os')", "cannot be used", "Use comparisons"),
    ],
)
def test_a_filter_that_cannot_be_used_is_told_in_the_room(
    page: Page, one_server, table, filter_text, found, remedy
):
    project, bench = stored(one_server, table), Workbench(page, one_server)
    before = fingerprints(one_server, project)
    bench.visit("data", project)
    Data(bench).settle()
    Data(bench).restrict(filter_text)
    bench.answer()
    expect(bench.alerts).to_contain_text(found, timeout=SOON)
    expect(bench.alerts).to_contain_text(remedy)
    assert fingerprints(one_server, project) == before
    expect(page.get_by_label(Data.population)).to_have_value(filter_text)


def test_an_outcome_of_one_class_is_told(page: Page, one_server, table):
    project, bench = stored(one_server, table), Workbench(page, one_server)
    before = fingerprints(one_server, project)
    bench.visit("data", project)
    Data(bench).settle()
    bench.choose_all(Data.outcomes, ["click"])
    bench.answer()
    trouble = page.get_by_role("alert").filter(has_text="“click” is 0 for all")
    expect(trouble).to_be_visible(timeout=LONG)
    expect(trouble).to_contain_text("Choose an outcome that varies")
    assert fingerprints(one_server, project) == before, "the project stays as it was"


def test_a_treatment_that_never_varies_is_told(page: Page, one_server, table):
    project, bench = stored(one_server, table), Workbench(page, one_server)
    before = fingerprints(one_server, project)
    bench.visit("data", project)
    Data(bench).settle()
    bench.choose(Data.treatment, "click")
    bench.answer()
    trouble = page.get_by_role("alert").filter(has_text="“click” has the same value")
    expect(trouble).to_be_visible(timeout=LONG)
    expect(trouble).to_contain_text("Choose a treatment that varies")
    assert fingerprints(one_server, project) == before, "the project stays as it was"


def test_a_table_without_order_in_time_gets_no_number_and_an_associational_report(
    bench, one_server, tmp_path
):
    store = Store.open(one_server.home)
    project = store.create_project("No order", actor=LOCAL)
    analysis = made_by_hand.analysis(stated=False)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    Effects(bench).visit(project.id)
    assert bench.wait_for_answer() == "No answer"
    expect(bench.main).to_contain_text("associational")
    assert not re.search(r"[+−]\d", bench.sentence.inner_text())

    report = Report(bench)
    report.enter()
    expect(bench.sentence).to_contain_text("Refused", timeout=SOON)
    words = report.download(tmp_path).read_text("utf-8")
    assert "associational" in words
    assert not re.search(r"\b(Raises|Lowers|Cannot tell)\b", words)
