"""What every test may lean on: the paths, a browser, a running server, and a store of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PATIENCE = 60  # seconds that a server may take to start on a busy machine

# Benchmarks and the makers of reference numbers are scripts, and import peers that we do not pin.
collect_ignore_glob = ["benchmarks/*", "reference/*"]

# The same command gives the same result: no lucky draws, no deadline on a busy machine.
settings.register_profile("workbench", deadline=None, derandomize=True)
settings.load_profile("workbench")


# ---------------------------------------------------------------- a store of its own

_HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Point this process and all that it starts, doctests included, away from the real store."""
    config.stash[_HOME] = Path(tempfile.mkdtemp(prefix="causal-home-"))
    os.environ["CAUSAL_HOME"] = str(config.stash[_HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _the_real_store_is_out_of_reach(pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    assert os.environ["CAUSAL_HOME"] == str(pytestconfig.stash[_HOME]), (
        "A test changed CAUSAL_HOME for all that came after it: use monkeypatch.setenv."
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CAUSAL_HOME for this test alone."""
    monkeypatch.setenv("CAUSAL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


# ---------------------------------------------------------------- order


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser to the end: Playwright keeps an event loop, so asyncio.run would fail."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


# ---------------------------------------------------------------- data of the workplace


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets beside the checkout; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the public data sets (../shared/data) are not on this machine")
    return SHARED / "data"


# ---------------------------------------------------------------- a running server


@dataclass
class Server:
    """One `streamlit run app.py` on a port of its own, with a store of its own."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until_ready(self) -> None:
        """Return once /healthz answers; fail with the server's own words if it ends before."""
        last_moment = time.monotonic() + PATIENCE
        while time.monotonic() < last_moment:
            if self.process.poll() is not None:
                pytest.fail(f"The server ended:\n{self.log.read_text('utf-8', 'replace')}")
            if _answers(f"{self.url}/healthz"):
                return
            time.sleep(0.1)
        pytest.fail(f"No /healthz in {PATIENCE} s:\n{self.log.read_text('utf-8', 'replace')}")

    def stop(self) -> None:
        """End the server's process group; its jobs live on, as they would for an analyst."""
        _end_group(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            _end_group(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start servers: `server()` on a new store, `server(home)` again on the same one."""
    started: list[Server] = []

    def start(home: Path | None = None, **environment: str) -> Server:
        home = home or tmp_path_factory.mktemp("home")
        started.append(
            start_server(home, tmp_path_factory.mktemp("server") / "log.txt", environment)
        )
        started[-1].wait_until_ready()
        return started[-1]

    yield start
    for one in started:
        one.stop()
        _end_jobs_of(one.home)


def start_server(home: Path, log: Path, environment: dict[str, str]) -> Server:
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "CAUSAL_HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(url=f"http://127.0.0.1:{port}", home=home, process=process, log=log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def _end_group(group: int, how: signal.Signals) -> None:
    try:
        os.killpg(group, how)
    except ProcessLookupError:
        return


def _end_jobs_of(home: Path) -> None:
    """End the workers that a stopped server left behind: those whose CAUSAL_HOME is this one."""
    mark = f"CAUSAL_HOME={home}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)
        except OSError:  # it ended by itself, or is not ours
            continue


# ---------------------------------------------------------------- a browser

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's Chromium; browser tests skip without one."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    path = next(filter(None, found), None)
    if path is None:
        pytest.skip("no Chromium on this machine: install it to run the browser tests")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[object]:
    """One headless Chromium for all browser tests; a test opens its own context or `page`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        yield one
        one.close()


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A fresh tab at 1,280 × 800; at the end, it may have asked nobody but this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    asked: set[str | None] = set()
    context.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    yield context.new_page()
    context.close()
    assert asked <= {"127.0.0.1", "localhost", None}, f"the page asked other hosts: {asked}"
