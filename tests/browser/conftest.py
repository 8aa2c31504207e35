"""What the browser tests share: one server per module, the demo on it, one tab per test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from causal_core.store import LOCAL, Store, demo_archive
from tests.browser.rooms import Workbench
from tests.conftest import Server


@pytest.fixture(scope="module")
def one_server(server) -> Server:
    """The server of this module."""
    return server()


@pytest.fixture(scope="module")
def demo(one_server: Server) -> str:
    """The finished demo, on the server of this module; the id of the project."""
    store = Store.open(one_server.home)
    return store.import_project(demo_archive(), actor=LOCAL, kind="demo").id


@pytest.fixture
def bench(page: Page, one_server: Server) -> Workbench:
    """A fresh tab on the server of this module."""
    return Workbench(page, one_server)
