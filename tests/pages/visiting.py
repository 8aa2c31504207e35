"""Rooms without a browser: what is drawn and stored. (AppTest sees no chart and no data editor.)"""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.store import LOCAL, Snapshot, Store
from tests.conftest import ROOT

PATIENCE = 60  # seconds that one run of a page may take on a busy machine


def visit(room: str, project: str | None = None) -> AppTest:
    """Open a room by its address; the room must not end in a traceback."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    if project:
        page.query_params["project"] = project
    if room != "projects":
        page.switch_page(f"pages/{room}.py")
    page.run()
    assert not page.exception, page.exception
    return page


def stored(analysis: Analysis, name: str = "By hand") -> str:
    """Store an analysis as a project, and return its id."""
    store = Store.open()
    project = store.create_project(name, actor=LOCAL)
    store.save(project.id, analysis, revision=project.revision, actor=LOCAL)
    return project.id


def now(project: str) -> Snapshot:
    """Return the project as it stands."""
    return Store.open().load(project, actor=LOCAL)


def words(page: AppTest) -> str:
    """Return all that a room says in its body, without the markup."""
    told = [element.value for element in page.main.get("html")]
    told += [element.value for kind in (page.header, page.subheader) for element in kind]
    told += [element.value for kind in (page.text, page.caption, page.info) for element in kind]
    return re.sub(r"<[^>]+>", "", "\n".join(told))


def troubles(page: AppTest) -> list[str]:
    """Return the errors and warnings of a room, rail included, without Markdown's backslashes."""
    return [element.value.replace("\\", "") for element in (*page.error, *page.warning)]


def button(page: AppTest, label: str):
    """Return the one button with this label, whatever time it is expected to take."""
    found = [one for one in page.button if label in (one.label, one.label.partition(" · ")[0])]
    assert len(found) == 1, [one.label for one in page.button]
    return found[0]


def end_all_jobs(home: Path) -> None:
    """Cancel every job of a store, so that no worker outlives its test."""
    store = Store.open(home)
    for project in store.projects(actor=LOCAL):
        for job in jobs.running(store, project.id, actor=LOCAL):
            jobs.cancel(store, job.id, actor=LOCAL)
