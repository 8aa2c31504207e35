"""Every text that a person reads is in the catalogue, as a literal with plain placeholders."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from tests.conftest import ROOT

CATALOGUE = ROOT / "causal_core" / "locales" / "messages.pot"
SOURCES = sorted(
    [*(ROOT / "causal_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
)
LANGUAGE = ROOT / "causal_core" / "language.py"  # it defines t and mark, and passes texts on
PASSED_ON = (ast.Name, ast.Attribute, ast.Subscript)  # what may stand for a marked template


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls of `t(…)`, `language.t(…)` and `mark(…)` in one file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Call) and _name(node.func) in {"t", "mark"}:
            yield node


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def text_of(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@cache
def spoken() -> frozenset[str]:
    """Every text in the sources."""
    texts = (text_of(call) for path in SOURCES for call in calls(path))
    return frozenset(text for text in texts if text)


def each_source():
    return pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def test_the_catalogue_holds_every_text_and_no_other():
    with CATALOGUE.open("rb") as file:
        written = {message.id for message in read_po(file, abort_invalid=True) if message.id}
    assert written == spoken(), (
        "run `make catalogue` and commit what it writes; a t(…) inside the braces of an f-string "
        "stays unseen on Python 3.11, so give it a line of its own"
    )


@each_source()
def test_a_text_is_a_literal_or_a_template_that_its_own_file_marks(path):
    marks = any(_name(call.func) == "mark" for call in calls(path))
    hidden = [
        call.lineno
        for call in calls(path)
        if text_of(call) is None
        and not (marks and _name(call.func) == "t" and isinstance(call.args[0], PASSED_ON))
    ]
    assert path == LANGUAGE or not hidden, f"{path.name}, lines {hidden}: not a plain string"


@each_source()
def test_a_placeholder_is_a_plain_name_that_the_call_fills(path):
    for call in calls(path):
        text = text_of(call)
        if text is None:
            continue
        names = placeholders(text)
        odd = {name for name in names if not name.isidentifier()}
        assert not odd, f"{path.name}:{call.lineno} has the placeholders {odd}"
        given = {word.arg for word in call.keywords}
        if given and None not in given:  # none: a template to fill later; None: from **params
            assert names == given, f"{path.name}:{call.lineno} needs {names} and is given {given}"
