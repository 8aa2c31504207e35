"""The README's code runs, and its module table is the folder's."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_module_table_names_every_module_of_the_library_and_no_other():
    table = README.split("## The modules of `causal_core`")[1]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    here = {
        path.stem
        for path in (ROOT / "causal_core").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(named) == here - {"__init__", "__main__"}
    assert len(named) == len(set(named))


@pytest.mark.slow
@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_of_the_readme_runs(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "('refutation',)" in done.stdout


@pytest.mark.slow
def test_the_commands_of_the_readme_run(tmp_path):
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if "causal_core" in line
    ]
    assert len(commands) == 6
    for command in commands:
        words = [sys.executable, *shlex.split(command)[1:]]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert (tmp_path / "report" / "report.html").exists()
