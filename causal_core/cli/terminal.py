"""How the command line speaks: exit codes, one JSON object, progress, whole files."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from causal_core.errors import AnalysisError, StorageError
from causal_core.language import t


class Group(click.Group):
    """Turns every mendable error into exit 2 with its sentences, as JSON where asked."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 - click's signature
        """Run the command line and leave with its exit code."""
        arguments = list(kwargs.get("args") or (args[0] if args and args[0] else sys.argv[1:]))
        wants_json = "--json" in arguments
        try:
            super().main(args=arguments, prog_name="causal_core", standalone_mode=False)
        except AnalysisError as error:
            _fail(error.code, error.found, error.remedy, wants_json)
        except click.exceptions.Abort:
            _fail("aborted", t("Stopped."), t("Nothing was changed."), wants_json)
        except click.UsageError as error:
            _fail("usage", error.format_message(), _usage_help(error), wants_json)
        except click.ClickException as error:
            _fail("usage", error.format_message(), t("See --help."), wants_json)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _usage_help(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "causal_core"
    return t("See “{command} --help”.", command=command)


def _fail(code: str, found: str, remedy: str, wants_json: bool) -> NoReturn:
    if wants_json:
        _print_json({"error": {"code": code, "found": found, "remedy": remedy}})
    click.echo(f"{found}\n{remedy}", err=True)
    sys.exit(2)


def _print_json(content: Mapping[str, object]) -> None:
    click.echo(json.dumps(plain(content), ensure_ascii=False, allow_nan=False))


def plain(value: object) -> object:
    """Return `value` as JSON that has null and never NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        return plain(value.item())
    return value


def progress(fraction: float, message: str = "", /) -> None:
    """Tell on stderr how far the work is."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{100 * fraction:3.0f} %  {message}", err=True, nl=fraction >= 1)
    elif message:
        click.echo(f"{100 * fraction:3.0f} %  {message}", err=True)


def tell(as_json: bool, record: Mapping[str, object], words: str) -> None:
    """Print one JSON object, or the words."""
    if as_json:
        _print_json(record)
    else:
        click.echo(words)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".tmp-", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise StorageError(reason=error.strerror or str(error), folder=str(path.parent)) from error
