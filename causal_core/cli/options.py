"""What the verbs take: shared options, and how files and values are read."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from causal_core import ingest, pipeline
from causal_core.cli.terminal import progress
from causal_core.errors import BadSettingError, FileMissingError
from causal_core.graph import CausalGraph, GraphPattern, Knowledge, graph_from
from causal_core.language import t
from causal_core.question import Assignment, Contrast, EffectKind
from causal_core.schema import Kind, Role
from causal_core.table import BehaviorTable

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def read_json(path: Path) -> Mapping[str, Any]:
    """Read a JSON object from a file, or say what is wrong with it."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise FileMissingError(name=path.name) from error
    except (OSError, ValueError) as error:
        allowed = t("a JSON file ({detail})", detail=error)
        raise BadSettingError(setting=str(path), value=t("read"), allowed=allowed) from error
    if not isinstance(content, Mapping):
        allowed = t("a JSON object")
        raise BadSettingError(setting=str(path), value=t("of another form"), allowed=allowed)
    return content


def read_table(path: Path, columns: Path | None) -> BehaviorTable:
    """Read the TABLE of a verb under an optional column map."""
    return ingest.read_table(path, columns=column_map(columns), progress=progress)


def column_map(path: Path | None) -> ingest.ColumnMap | None:
    """Read ``map.json``."""
    return ingest.ColumnMap.from_record(read_json(path)) if path else None


def read_graph(path: Path | None) -> GraphPattern | CausalGraph | None:
    """Read ``graph.json``."""
    return graph_from(read_json(path)) if path else None


def read_knowledge(path: Path | None) -> Knowledge | None:
    """Read ``knowledge.json``."""
    return Knowledge.from_record(read_json(path)) if path else None


def names(text: str, table: BehaviorTable) -> tuple[str, ...]:
    """Split a comma-separated list of columns; one that stands alone may have commas itself."""
    if text in table.schema.names:
        return (text,)
    return tuple(name.strip() for name in text.split(",") if name.strip())


def clustered(table: BehaviorTable, options: Mapping[str, Any]) -> BehaviorTable:
    """Return the table with ``--cluster`` as the column whose groups are resampled."""
    chosen = options["cluster"]
    if chosen is None:
        return table
    table.require(chosen)
    if chosen in (options["treatment"], *options["outcomes"]):
        allowed = t("a column other than treatment and outcomes")
        raise BadSettingError(setting="--cluster", value=chosen, allowed=allowed)
    parts = dict.fromkeys(table.schema.with_role(Role.CLUSTER_ID), Role.IGNORE)
    if chosen != table.schema.unit_id:
        parts[chosen] = Role.CLUSTER_ID
    return table.with_schema(table.schema.restated(parts))


def _value(text: str | None, table: BehaviorTable, column: str) -> float | str | None:
    """Read a treatment value as a number where the column holds numbers."""
    if text is None:
        return None
    table.require(column)
    if table.schema[column].kind in (Kind.CATEGORY, Kind.ID, Kind.TEXT):
        return text
    try:
        return float(text)
    except ValueError as error:
        allowed = t("a number, since “{column}” holds numbers", column=column)
        raise BadSettingError(setting="value", value=text, allowed=allowed) from error


def contrast(
    table: BehaviorTable, treatment: str, treated: str | None, control: str | None
) -> Contrast | None:
    """Return the named contrast, or None where the treatment is left to speak for itself."""
    high, low = _value(treated, table, treatment), _value(control, table, treatment)
    if high is None and low is None:
        return None
    if high is None or low is None:
        raise BadSettingError(
            setting="--treated-value, --control-value",
            value=t("given alone"),
            allowed=t("both of them"),
        )
    return Contrast(treated_value=high, control_value=low)


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


def seed_option(command: Command) -> Command:
    """Add ``--seed``."""
    kind = click.IntRange(min=0)
    return click.option("--seed", default=pipeline.SEED, show_default=True, type=kind)(command)


def _stack(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        return functools.reduce(lambda inner, option: option(inner), reversed(options), command)

    return add


columns_option = click.option(
    "--columns", type=FILE, help="JSON file that says which column plays which part."
)


def _question(*, required: bool) -> Callable[[Command], Command]:
    return _stack(
        click.option("--treatment", required=required, help="The cause under study."),
        click.option(
            "--outcome", "outcomes", required=required, multiple=True, help="May be repeated."
        ),
        click.option("--treated-value", help="Compared value of a treatment that is not binary."),
        click.option("--control-value", help="The value it is compared with."),
        click.option(
            "--estimand",
            type=click.Choice([kind.value for kind in EffectKind]),
            default="ate",
            show_default=True,
            help="For whom the effect is averaged: everyone (ate), the treated, the untreated.",
        ),
        click.option(
            "--where", help="Keep only these units, e.g. \"visits > 3 and device == 'app'\"."
        ),
        click.option(
            "--assignment",
            type=click.Choice([who.value for who in Assignment]),
            default="unknown",
            show_default=True,
            help="Who decided who got it: chance, a rule with a logged propensity, or unknown.",
        ),
        click.option("--cluster", help="Column whose groups are resampled, such as the user."),
    )


question_options = _question(required=True)
optional_question_options = _question(required=False)
graph_options = _stack(
    click.option("--graph", "graph_file", type=FILE, help="graph.json with decided edges."),
    click.option(
        "--knowledge", "knowledge_file", type=FILE, help="knowledge.json to discover under."
    ),
    click.option("--adjust", help="Comma-separated adjustment set, stated by you."),
)
estimation_options = _stack(
    click.option(
        "--model",
        type=click.Choice(["mlp", "linear"]),
        default="mlp",
        show_default=True,
        help="The outcome model.",
    ),
    click.option("--level", default=pipeline.LEVEL, show_default=True, help="Interval coverage."),
    click.option("--alpha", default=pipeline.ALPHA, show_default=True, help="Of the tests of PC."),
    columns_option,
    seed_option,
    json_option,
)


def request(table: BehaviorTable, options: Mapping[str, Any], **more: Any) -> pipeline.Request:  # noqa: ANN401
    """Return the request that the options of a verb make."""
    adjust = options["adjust"]
    return pipeline.Request(
        treatment=options["treatment"],
        outcomes=tuple(dict.fromkeys(options["outcomes"])),
        contrast=contrast(
            table, options["treatment"], options["treated_value"], options["control_value"]
        ),
        kind=EffectKind(options["estimand"]),
        population=options["where"] or None,
        assignment=Assignment(options["assignment"]),
        graph=read_graph(options["graph_file"]),
        knowledge=read_knowledge(options["knowledge_file"]),
        adjust=names(adjust, table) if adjust is not None else None,
        model=options["model"],
        level=options["level"],
        alpha=options["alpha"],
        seed=options["seed"],
        **more,
    )
