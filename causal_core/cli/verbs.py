"""The verbs of the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from causal_core import datasets, discovery, identification, ingest, pipeline, report, whatif
from causal_core.analysis import Analysis
from causal_core.cli import options as given
from causal_core.cli import strategy
from causal_core.cli.options import FILE
from causal_core.cli.records import (
    effect_record,
    effect_words,
    ingest_record,
    run_record,
    scenario_rows,
    truth_record,
)
from causal_core.cli.terminal import Group, plain, progress, tell, write_text
from causal_core.errors import BadSettingError
from causal_core.graph import CausalGraph, GraphPattern, graph_from, graph_record
from causal_core.language import number, t
from causal_core.question import CausalQuestion
from causal_core.schema import Role
from causal_core.store import LOCAL, Store
from causal_core.table import BehaviorTable


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Ask a causal question of behaviour data, and get an answer that can be defended.

    Start with a simulated table and its known truth:

    \b
      python -m causal_core simulate --scenario funnel --n 5000 --out demo.csv --truth truth.json
      python -m causal_core run demo.csv --treatment banner --outcome purchase --out report
    """


@main.command()
@click.option(
    "--scenario", type=click.Choice(datasets.SCENARIOS), default="funnel", show_default=True
)
@click.option("--n", "n_units", default=10_000, show_default=True, help="Units.")
@click.option("--out", type=FILE, required=True, help="CSV or Parquet file to write.")
@click.option("--truth", "truth_file", type=FILE, help="JSON file for the known effects.")
@click.option("--graph", "graph_file", type=FILE, help="graph.json for the true edges.")
@click.option("--events", is_flag=True, help="Write an event log instead of a unit table.")
@given.seed_option
@given.json_option
def simulate(scenario: str, n_units: int, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Simulate a recommender whose true effects are known.

    \b
    Example:
      python -m causal_core simulate --scenario funnel --n 5000 --out demo.csv --graph true.json
    """
    simulation = datasets.simulate(scenario, n_units, seed=options["seed"])
    if options["events"]:
        log = simulation.events()
        write_text(out, log.to_csv(index=False))
        rows = len(log)
    else:
        ingest.write_table(simulation.table, out)
        rows = len(simulation.table)
    if options["truth_file"]:
        write_text(
            options["truth_file"], json.dumps(plain(truth_record(simulation.truth)), indent=1)
        )
    if options["graph_file"]:
        record = graph_record(simulation.graph)
        write_text(options["graph_file"], json.dumps(record, ensure_ascii=False, indent=1))
    result = {"rows": rows, "scenario": scenario, "seed": options["seed"], "out": str(out)}
    tell(as_json, result, t("{rows} rows written to {file}.", rows=number(rows), file=out))


@main.command("ingest")
@click.argument("files", nargs=-1, type=FILE, required=True)
@click.option(
    "--kind",
    type=click.Choice(["auto", "events", "users", "items", "table"]),
    default="auto",
    show_default=True,
)
@click.option("--out", type=FILE, required=True, help="Parquet (or CSV) file to write.")
@given.columns_option
@given.json_option
def ingest_command(
    files: tuple[Path, ...], kind: str, out: Path, columns: Path | None, as_json: bool
) -> None:
    """Read, check and clean a file, and say what was dropped and why.

    \b
    Example:
      python -m causal_core ingest demo.csv --out demo.parquet --json
    """
    table = pipeline.read(files, columns=given.column_map(columns), kind=kind, progress=progress)
    ingest.write_table(table, out)
    words = t(
        "{kept} of {read} rows kept, {columns} columns, written to {file}.",
        kept=number(len(table)),
        read=number(table.cleaning.rows_read),
        columns=len(table.schema.columns),
        file=out,
    )
    drops = [f"{drop.words}: {number(drop.count)}" for drop in table.cleaning.dropped]
    tell(as_json, ingest_record(table), "\n".join([words, *drops, *table.cleaning.noticed]))


@main.command()
@click.argument("table_file", metavar="TABLE", type=FILE)
@click.option("--knowledge", "knowledge_file", type=FILE, help="knowledge.json: tiers and edges.")
@click.option("--alpha", default=pipeline.ALPHA, show_default=True, help="Significance level.")
@click.option("--test", default="auto", show_default=True, help="auto, fisherz, gsq, chisq, mixed.")
@click.option("--bootstrap", default=0, show_default=True, help="Resamples for edge stability.")
@click.option("--max-depth", default=3, show_default=True, help="Most columns conditioned on.")
@click.option("--out", type=FILE, required=True, help="graph.json to write.")
@given.columns_option
@given.seed_option
@given.json_option
def discover(table_file: Path, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Discover which columns are adjacent and which way, with PC under your knowledge.

    \b
    Example:
      python -m causal_core discover demo.csv --bootstrap 20 --out graph.json
    """
    table = given.read_table(table_file, options["columns"])
    knowledge = given.read_knowledge(options["knowledge_file"])
    if knowledge is None:
        knowledge = pipeline.stated_order(table)
    pattern = discovery.discover(
        table,
        knowledge,
        alpha=options["alpha"],
        test=options["test"],
        max_depth=options["max_depth"],
        bootstrap=options["bootstrap"],
        seed=options["seed"],
        progress=progress,
    )
    write_text(out, json.dumps(plain(graph_record(pattern)), ensure_ascii=False, indent=1))
    record = {
        **graph_record(pattern),
        "test": pattern.test,
        "violations": list(pattern.violations),
        "overruled": list(pattern.overruled),
        "conflicts": list(pattern.conflicts),
        "dropped_columns": list(pattern.dropped_columns),
        "notes": list(pattern.notes),
        "seconds": pattern.seconds,
    }
    words = t(
        "{edges} edges, {open} of them open. {violations} violations of your knowledge; "
        "{overruled} edges overruled.",
        edges=len(pattern.edges),
        open=len(pattern.undirected),
        violations=len(pattern.violations),
        overruled=len(pattern.overruled),
    )
    tell(as_json, record, words)


@main.command()
@click.option("--graph", "graph_file", type=FILE, required=True, help="graph.json")
@click.option("--treatment", required=True)
@click.option("--outcome", "outcomes", required=True, multiple=True)
@given.json_option
def identify(graph_file: Path, treatment: str, outcomes: tuple[str, ...], as_json: bool) -> None:
    """Say whether the graph lets the question be answered, and what to adjust for.

    \b
    Example:
      python -m causal_core identify --graph graph.json --treatment banner --outcome purchase
    """
    graph = graph_from(given.read_json(graph_file))
    question = CausalQuestion(treatment=treatment, outcomes=outcomes)
    found = identification.diagnose(graph, question)
    record = {
        "identified": found.status.value,
        "strategy": found.strategy.value,
        "adjustment_set": list(found.adjustment_set),
        "minimal_sets": [list(chosen) for chosen in found.minimal_sets],
        "open_paths": list(found.open_paths),
        "bad_controls": list(found.bad_controls),
    }
    tell(as_json, record, found.sentence)


@main.command()
@click.argument("table_file", metavar="TABLE", type=FILE)
@given.question_options
@given.graph_options
@click.option("--refute", is_flag=True, help="Also try to break the estimate.")
@given.estimation_options
def effect(table_file: Path, refute: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Estimate the effect on one or several outcomes, with intervals, beside simple methods.

    \b
    Example:
      python -m causal_core effect demo.csv --treatment banner --outcome click --outcome purchase
    """
    table = given.clustered(given.read_table(table_file, options["columns"]), options)
    request = given.request(table, options, discover=False, refute=refute)
    analysis = pipeline.run(table, request, progress=progress)
    tell(as_json, effect_record(analysis), effect_words(analysis))


@main.command("whatif")
@click.argument("table_file", metavar="TABLE", type=FILE)
@click.option("--graph", "graph_file", type=FILE, required=True, help="graph.json, all decided.")
@click.option("--do", "levers", multiple=True, help="x=1, y+=0.5 or z*=1.2; may be repeated.")
@click.option("--where", help="Only these units get it.")
@click.option("--outcome", "--outcomes", "outcomes", multiple=True, help="Default: all outcomes.")
@click.option("--scenarios", "scenarios_file", type=FILE, help="JSON with several scenarios.")
@click.option("--level", default=pipeline.LEVEL, show_default=True)
@given.columns_option
@given.seed_option
@given.json_option
def whatif_command(table_file: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Pull one or several levers and see what follows for every outcome.

    \b
    Example:
      python -m causal_core whatif demo.csv --graph true.json --do banner=1
    """
    table = given.read_table(table_file, options["columns"])
    graph = graph_from(given.read_json(options["graph_file"]))
    graph = graph.orient() if isinstance(graph, GraphPattern) else graph
    board = whatif.simulate(
        table,
        graph,
        _scenario_specs(options),
        outcomes=_scenario_outcomes(table, graph, options["outcomes"]),
        level=options["level"],
        seed=options["seed"],
        progress=progress,
    )
    rows = [row for scenario in board.items for row in scenario_rows(scenario)]
    words = [
        f"{row['name']}: {row['outcome']} {row['baseline']:.4g} → {row['value']:.4g} "
        f"({row['low']:+.4g} … {row['high']:+.4g})"
        for row in rows
    ]
    warnings = [warning for scenario in board.items for warning in scenario.warnings]
    tell(as_json, {"scenarios": rows, "warnings": warnings}, "\n".join([*words, *warnings]))


def _scenario_specs(options: Mapping[str, Any]) -> tuple[whatif.ScenarioSpec, ...]:
    levers, file, where = options["levers"], options["scenarios_file"], options["where"]
    if bool(levers) == bool(file):
        raise BadSettingError(
            setting="--do, --scenarios", value=t("both or neither given"), allowed=t("one of them")
        )
    if file is None:
        levers = list(options["levers"])
        return whatif.read_specs([{"name": " ".join(levers), "do": levers, "where": where}])
    return whatif.read_specs(given.read_json(file).get("scenarios"))


def _scenario_outcomes(table: BehaviorTable, graph: CausalGraph, named: Sequence[str]) -> list[str]:
    wanted = [part for name in named for part in given.names(name, table)]
    outcomes = table.schema.with_role(Role.OUTCOME)
    chosen = wanted or [name for name in outcomes if name in graph.nodes]
    if not chosen:
        raise BadSettingError(
            setting="--outcome", value=t("missing"), allowed=t("a column of the graph")
        )
    return chosen


@main.command("policy")
@click.argument("table_file", metavar="TABLE", type=FILE)
@given.question_options
@given.graph_options
@click.option(
    "--budget",
    default=0.2,
    show_default=True,
    help="Up to 1 a share of the units; above 1 money, beside --cost.",
)
@click.option("--cost", type=float, help="What treating one unit costs.")
@click.option("--value", type=float, help="What one of the outcome brings, in the same money.")
@click.option("--out", type=FILE, help="assignments.csv to write: a row for every unit.")
@given.estimation_options
def policy_command(table_file: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Choose whom to treat within a budget, and judge that choice on held-out units.

    \b
    Example:
      python -m causal_core policy demo.csv --treatment banner --outcome click --budget 0.3
    """
    outcome, cost = strategy.one_outcome(options["outcomes"]), options["cost"]
    payoff = strategy.payoff_of(outcome, options["value"], cost)
    table = given.clustered(given.read_table(table_file, options["columns"]), options)
    strategy.budget_share(options["budget"], cost, len(table))  # refused before any training
    request = given.request(table, options, discover=False, refute=False)
    analysis = pipeline.run(table, request, progress=progress).updated(payoff=payoff)
    model, chosen = analysis.need("model"), analysis.need("table").select(request.population)
    found = pipeline.choose(
        analysis,
        budget=strategy.budget_share(options["budget"], cost, int(model.in_contrast.sum())),
        level=request.level,
        seed=request.seed,
        progress=progress,
    ).need("policies")
    if options["out"]:
        text = strategy.assignments_csv(found, chosen, model, request.treatment)
        write_text(options["out"], text)
    tell(as_json, strategy.policy_record(found), strategy.policy_words(found))


@main.command("report")
@click.argument("table_file", metavar="[TABLE]", type=FILE, required=False)
@click.option("--project", help="A stored project instead of a table.")
@given.optional_question_options
@given.graph_options
@click.option("--title", help="The report's title.")
@click.option("--out", type=FILE, required=True, help="Folder to write into.")
@given.estimation_options
def report_command(
    table_file: Path | None,
    project: str | None,
    out: Path,
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Write the report of a table or of a stored project; it refuses a headline if checks fail.

    \b
    Example:
      python -m causal_core report demo.csv --treatment banner --outcome purchase --out report
    """
    if (table_file is None) == (project is None):
        raise click.UsageError(t("Give either TABLE or --project."))
    if project is not None:
        snapshot = Store.open().load(project, actor=LOCAL)
        title = options["title"] or snapshot.project.name
        _finish(snapshot.analysis, title, out, as_json)
        return
    if not options["treatment"] or not options["outcomes"]:
        raise click.UsageError(t("A table needs --treatment and --outcome."))
    _answer((table_file,) if table_file else (), out, as_json, options)


@main.command()
@click.argument("files", nargs=-1, type=FILE, required=True)
@given.question_options
@given.graph_options
@click.option("--title", help="The report's title.")
@click.option("--out", type=FILE, required=True, help="Folder to write into.")
@given.estimation_options
def run(files: tuple[Path, ...], out: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Go the whole chain: read, discover, identify, estimate, refute, report.

    \b
    Example:
      python -m causal_core run demo.csv --treatment banner --outcome purchase --out report
    """
    _answer(files, out, as_json, options)


def _answer(files: tuple[Path, ...], out: Path, as_json: bool, options: Mapping[str, Any]) -> None:
    table = pipeline.read(files, columns=given.column_map(options["columns"]), progress=progress)
    table = given.clustered(table, options)
    analysis = pipeline.run(table, given.request(table, options), progress=progress)
    title = options["title"] or t("Report on {treatment}", treatment=options["treatment"])
    _finish(analysis, title, out, as_json)


def _finish(analysis: Analysis, title: str, out: Path, as_json: bool) -> None:
    made = report.compose(analysis, title=title)
    paths = report.write(made, out)
    record = run_record(analysis, made, paths)
    words = [effect_words(analysis)] if analysis.effects else []
    words.append(t("Report written to {folder}.", folder=out))
    tell(as_json, record, "\n".join(words))
