"""The rules of the house, read from every file: who owns an engine, what a room may do, sizes.

The floors of causal_core are checked by import-linter (pyproject.toml); this needs only `ast`.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

CORE, PAGES, HALLWAY, APP = (
    ROOT / "causal_core",
    ROOT / "pages",
    ROOT / "pages" / "shared",
    ROOT / "app.py",
)

# Which modules of causal_core may import an engine (inside the function that needs it).
OWNERS = {
    "torch": {"networks", "outcome", "whatif"},
    "causallearn": {"discovery"},
    "numba": {"discovery"},
    "sklearn": {"outcome", "effects", "policy", "discovery"},
    "lightgbm": {"outcome", "effects", "policy", "discovery"},
    "dowhy": {"identification", "effects", "refutation"},
    "plotly": {"figures"},
    "duckdb": {"ingest", "timeline"},
    "ibis": {"ingest", "timeline"},
    "jinja2": {"report"},
    "safetensors": {"store", "networks", "outcome"},
    "streamlit": set(),
}
# The ones whose import takes long; the others are small.
HEAVY = OWNERS.keys() - {"jinja2", "safetensors"}

# What the app may take from the library: nouns, texts, pictures, the store and the jobs. Steps
# run as jobs, by name; live identification is networkx only.
NOUNS = {
    "schema", "table", "graph", "question", "expression", "results", "analysis", "agreement",
    "fingerprint",
}  # fmt: skip
OPEN_TO_PAGES = NOUNS | {
    "language", "errors", "store", "jobs", "figures", "report", "datasets", "identification",
}  # fmt: skip
OPEN_TO_ROOMS = sys.stdlib_module_names | {"streamlit", "starlette", "causal_core", "pages"}
STATISTICS = {"groupby", "fit", "Figure"}  # names that have no place in a room
SIDE_ROADS = {"threading", "multiprocessing", "concurrent", "asyncio", "subprocess"}  # to a job

SERIALISERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
LINES_OF_A_ROOM, LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 120, 400, 60

LIBRARY = sorted(CORE.rglob("*.py"))
ROOMS = sorted(path for path in [APP, *PAGES.glob("*.py")] if path.name != "__init__.py")
SHARED_PAGES = sorted(HALLWAY.rglob("*.py"))
EVERYTHING = [*LIBRARY, *ROOMS, *SHARED_PAGES]


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every dotted name that the file imports, at the top, in a function or for types only."""
    home = path.relative_to(ROOT).parent.parts
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = home[: len(home) - node.level + 1] if node.level else ()
            source = ".".join([*above, *([node.module] if node.module else [])])
            names |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"}:
            names |= {str(word.value) for word in node.args if isinstance(word, ast.Constant)}
    return frozenset(names)


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def parts_of_the_library(path: Path) -> set[str]:
    """The modules of causal_core that the file imports, without what they are taken for."""
    inside = (name.split(".") for name in imports(path) if name.startswith("causal_core."))
    return {name[1] for name in inside}


def module_of(path: Path) -> str:
    """The floor a file of the library belongs to: `discovery/skeleton.py` is discovery."""
    return path.relative_to(CORE).with_suffix("").parts[0]


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# ---------------------------------------------------------------- engines


@each(LIBRARY)
def test_each_engine_has_one_doorkeeper(path):
    strangers = {e for e in packages(path) & OWNERS.keys() if module_of(path) not in OWNERS[e]}
    assert not strangers, f"{path.relative_to(ROOT)} must not import {', '.join(strangers)}"


def engines_after_importing(modules: list[str]) -> dict[str, list[str]]:
    """Import the modules in one fresh process; tell which of them brought which engine."""
    script = f"""
import importlib, json, sys
heavy, brought = set({sorted(HEAVY)!r}), {{}}
for module in {modules!r}:
    before = heavy & sys.modules.keys()
    importlib.import_module(module)
    if new := heavy & sys.modules.keys() - before:
        brought[module] = sorted(new)
print(json.dumps(brought))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"A module cannot be imported:\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_importing_any_module_of_the_library_loads_no_engine():
    brought = engines_after_importing([dotted(path) for path in LIBRARY])
    assert not brought, f"these import an engine at the top, not in a function: {brought}"


def test_opening_the_hallway_loads_streamlit_and_no_other_engine():
    brought = engines_after_importing(["streamlit", *(dotted(path) for path in SHARED_PAGES)])
    assert set(brought.pop("streamlit")) <= {"streamlit", "plotly"}  # it brings plotly's names
    assert not brought, f"the app process would wait for these: {brought}"


# ---------------------------------------------------------------- the app


@each(ROOMS)
def test_a_room_is_short(path):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LINES_OF_A_ROOM, f"{path.name} has {lines} lines"


@each(ROOMS)
def test_a_room_imports_only_the_library_the_hallway_and_streamlit(path):
    strangers = packages(path) - OPEN_TO_ROOMS
    assert not strangers, f"{path.name} imports {', '.join(strangers)}: a step or a figure does"


@each(ROOMS)
def test_a_room_reads_calls_and_draws_but_computes_nothing(path):
    for node in ast.walk(parsed(path)):
        assert _name(node) not in STATISTICS, f"{path.name}:{node.lineno} uses {_name(node)}"


@each(ROOMS)
def test_a_room_stands_on_the_hallway(path):
    names = imports(path)
    assert any(name.startswith("pages.shared") for name in names), f"{path.name} has no frame"
    others = {name for name in names if name.startswith("pages.")} - {
        name for name in names if name.startswith("pages.shared")
    }
    assert not others, f"{path.name} imports another room: {others}"


@each(SHARED_PAGES)
def test_the_hallway_imports_no_room(path):
    rooms = {
        name
        for name in imports(path)
        if name == "app" or (name.startswith("pages.") and not name.startswith("pages.shared"))
    }
    assert not rooms, f"{path.name} imports {rooms}"


@each(SHARED_PAGES)
def test_the_hallway_owns_no_engine(path):
    engines = packages(path) & OWNERS.keys() - {"streamlit"}
    assert not engines, f"{path.name} imports {', '.join(engines)}"


@each([*ROOMS, *SHARED_PAGES])
def test_the_app_takes_nouns_from_the_library_and_starts_steps_by_name(path):
    closed = parts_of_the_library(path) - OPEN_TO_PAGES
    assert not closed, f"{path.relative_to(ROOT)} imports {', '.join(closed)}: start a job instead"


@each([*ROOMS, *SHARED_PAGES])
def test_the_app_has_no_thread_or_process_of_its_own(path):
    roads = packages(path) & SIDE_ROADS
    assert not roads, f"{path.relative_to(ROOT)} imports {', '.join(roads)}: that is what jobs do"


# ---------------------------------------------------------------- safety


def dangers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in {"eval", "exec", "__builtins__"}:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and node.attr in {"read_pickle", "to_pickle"}:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _dangers_of_call(node))


def _dangers_of_call(call: ast.Call) -> Iterator[str]:
    for word in call.keywords:
        harmless = isinstance(word.value, ast.Constant) and not word.value.value
        if word.arg in {"shell", "allow_pickle"} and not harmless:
            yield f"{word.arg}="
    if isinstance(call.func, ast.Attribute):
        owner, name = _name(call.func.value), call.func.attr
        if (owner, name) in {("os", "system"), ("os", "popen"), ("torch", "load")}:
            yield f"{owner}.{name}"
        if name in {"eval", "exec"} and (call.args or call.keywords):  # torch's .eval() has none
            yield f".{name}(…)"


@each(EVERYTHING)
def test_nothing_evaluates_text_unpickles_or_opens_a_shell(path):
    found = [f"line {line}: {what}" for line, what in dangers(parsed(path))]
    found += [f"imports {name}" for name in packages(path) & (SERIALISERS | {"builtins"})]
    assert not found, f"{path.relative_to(ROOT)}: {found}"


# ---------------------------------------------------------------- sizes


@each(EVERYTHING)
def test_a_module_stays_within_its_length(path):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LINES_OF_A_MODULE, f"{path.relative_to(ROOT)} has {lines} lines: split by idea"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, the docstring apart: an explanation makes nothing longer."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        text = function.body[0]
        lines -= (text.end_lineno or text.lineno) - text.lineno + 1
    return lines


@each(EVERYTHING)
def test_a_function_stays_within_its_length(path):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        node.name: length(node)
        for node in ast.walk(parsed(path))
        if isinstance(node, functions) and length(node) > LINES_OF_A_FUNCTION
    }
    assert not long, f"{path.relative_to(ROOT)}: {long} lines, {LINES_OF_A_FUNCTION} are allowed"
