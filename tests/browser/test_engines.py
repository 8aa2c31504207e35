"""The web server stays light: no engine is loaded there, whatever the rooms do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from causal_core import datasets
from causal_core.analysis import Analysis
from causal_core.question import CausalQuestion
from causal_core.store import LOCAL, Store
from tests import made_by_hand
from tests.browser.rooms import SOON, Workbench
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

ENGINES = ("torch", "dowhy", "causallearn", "sklearn", "lightgbm", "numba", "duckdb", "statsmodels")
LIBRARIES = re.compile(r"/(torch|sklearn|lightgbm|numba|llvmlite|duckdb|statsmodels)/|_duckdb|lgbm")
ROOMS = ("app.py", *sorted(f"pages/{page.name}" for page in (ROOT / "pages").glob("*.py")))
VISIT = """
import json, sys
from streamlit.testing.v1 import AppTest
for page in sys.argv[3:]:
    room = AppTest.from_file(sys.argv[2], default_timeout=60)
    room.query_params["project"] = sys.argv[1]
    if page != "app.py":
        room.switch_page(page)
    room.run()
    assert not room.exception, room.exception
    assert room.sidebar, page
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def libraries_of(pid: int) -> list[str]:
    """Return the shared libraries that a process holds."""
    lines = Path(f"/proc/{pid}/maps").read_text("utf-8").splitlines()
    return sorted({line.split(maxsplit=5)[5] for line in lines if ".so" in line})


def test_the_server_holds_no_engine_after_every_room_was_visited_and_a_job_ran(page: Page, server):
    one, bench = server(), None
    if not Path(f"/proc/{one.process.pid}/maps").exists():
        pytest.skip("this system does not tell what a process has loaded")
    store, bench = Store.open(one.home), Workbench(page, one)
    project = store.create_project("Small", actor=LOCAL)
    table = datasets.simulate("linear", 600, seed=7).table
    asked = Analysis(table=table).asking(CausalQuestion(treatment="banner", outcomes=("click",)))
    store.save(project.id, asked, revision=project.revision, actor=LOCAL)

    bench.visit("effects", project.id)
    bench.answer()
    bench.wait_for_answer()
    for title in ("Data", "Effects", "Report"):
        bench.follow(title)
        expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=SOON)
    bench.visit()

    libraries = libraries_of(one.process.pid)
    assert any("/pandas/" in name for name in libraries), "this is not the server"
    assert [name for name in libraries if LIBRARIES.search(name)] == []


def test_the_rooms_import_no_engine(home):
    store = Store.open(home)
    project = store.create_project("By hand", actor=LOCAL)
    store.save(project.id, made_by_hand.analysis(), revision=project.revision, actor=LOCAL)
    done = subprocess.run(
        [sys.executable, "-c", VISIT, project.id, str(ROOT / "app.py"), *ROOMS],
        cwd=ROOT,
        env={**os.environ, "CAUSAL_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    assert {"streamlit", "plotly", "pandas"} <= modules, "the rooms were not drawn"
    assert modules.isdisjoint(ENGINES), modules.intersection(ENGINES)
