"""The report's pictures: figure, words and numbers together. Takes results, gives `Picture`s."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from causal_core import figures
from causal_core.graph import CausalGraph, GraphPattern
from causal_core.language import number, percent, t
from causal_core.report.parts import Grid, Picture
from causal_core.results import Effects, Overlap, Policies, Scenario, Truth
from causal_core.schema import Known, Schema
from causal_core.table import BehaviorTable


def _picture(name: str, title: str, figure: object, words: str, grid: Grid) -> Picture:
    json = figures.figure_json(figure).replace("<", "\\u003c")
    height = figures.figure_height(figure)
    return Picture(name=name, title=title, json=json, height=height, words=words, grid=grid)


def _numbers(values: Sequence[float], digits: int) -> tuple[str, ...]:
    return tuple(number(value, digits=digits) if math.isfinite(value) else "" for value in values)


def outcomes_picture(
    effects: Effects, *, truth: Truth | None, break_even: float | None, main: str
) -> Picture:
    """Draw the primary estimate of each outcome; the break-even point belongs to `main`."""
    frame = figures.effects_frame(effects, allowed=True, truth=truth)
    if break_even is not None:
        scale = figures.scale_of(effects.of(main))
        frame["break_even"] = [
            scale * break_even if name == main else math.nan for name in frame["outcome"]
        ]
    return _intervals("outcomes", t("All outcomes"), frame)


def methods_picture(effects: Effects, outcome: str, *, allowed: bool) -> Picture:
    """Draw one outcome by every method, all grey where there is no answer."""
    frame = figures.effects_frame(effects, allowed=allowed, outcome=outcome)
    return _intervals("methods", t("The same question by other methods"), frame)


def _intervals(name: str, title: str, frame: pd.DataFrame) -> Picture:
    rows = []
    for row in frame.to_dict("records"):
        digits = figures.digits_for([row["low"], row["high"]])
        shown = _numbers([row["value"], row["low"], row["high"]], digits)
        rows.append((figures.clipped(row["label"]), *shown, row["unit"], number(row["n_units"])))
    header = (t("What"), t("Estimate"), t("Low"), t("High"), t("Unit"), t("n"))
    grid = Grid(header=header, rows=tuple(rows), numeric=(1, 2, 3, 5))
    figure = figures.interval_figure(frame)
    return _picture(name, title, figure, figures.interval_words(frame), grid)


def segments_picture(effects: Effects, outcome: str, *, break_even: float | None) -> Picture:
    """Draw one outcome's effect within every segment."""
    frame = figures.segment_frame(effects, outcome, break_even=break_even)
    digits = figures.digits_for([*frame["low"], *frame["high"]])
    rows = tuple(
        (
            figures.clipped(row["column"]),
            figures.clipped(row["segment"]),
            *_numbers([row["value"], row["low"], row["high"]], digits),
            row["unit"],
            number(row["n_units"]),
        )
        for row in frame.to_dict("records")
    )
    header = (
        t("Column"), t("Segment"), t("Estimate"), t("Low"), t("High"), t("Unit"), t("n"),
    )  # fmt: skip
    grid = Grid(header=header, rows=rows, numeric=(2, 3, 4, 6))
    figure, words = figures.segment_figure(frame), figures.segment_words(frame)
    title = t("The effect on {outcome} within segments", outcome=f"“{figures.clipped(outcome)}”")
    return _picture("segments", title, figure, words, grid)


def frontier_picture(policies: Policies) -> Picture:
    """Draw what each budget would be worth, with the policies on it."""
    frame = figures.frontier_frame(policies)
    digits = figures.digits_for([*frame["low"], *frame["high"]])
    rows = tuple(
        (
            percent(row["share"], digits=0),
            *_numbers([row["value"], row["low"], row["high"]], digits),
        )
        for row in frame[frame["kind"] == "frontier"].to_dict("records")
    )
    header = (t("Share treated"), figures.value_words(policies), t("Low"), t("High"))
    grid = Grid(header=header, rows=rows, numeric=(0, 1, 2, 3))
    figure, words = figures.frontier_figure(frame), figures.frontier_words(frame)
    return _picture("frontier", t("What each budget would be worth"), figure, words, grid)


def bridge_picture(effects: Effects, outcome: str) -> Picture:
    """Draw the bridge from the raw difference to the effect."""
    frame = figures.bridge_frame(effects, outcome)
    digits = figures.digits_for(frame["value"])
    names = {"raw": t("Raw difference"), "selection": t("Who was shown"), "effect": t("Effect")}
    rows = tuple(
        (names[row["part"]], *_numbers([row["value"], row["low"], row["high"]], digits))
        for row in frame.to_dict("records")
    )
    header = (t("Part"), t("Value"), t("Low"), t("High"))
    grid = Grid(header=header, rows=rows, numeric=(1, 2, 3))
    title = t("From the raw difference to the effect")
    figure = figures.bridge_figure(frame)
    return _picture("bridge", title, figure, figures.bridge_words(frame), grid)


def overlap_picture(overlap: Overlap, *, treated: str, control: str) -> Picture:
    """Draw who could have been shown, in both groups."""
    frame = figures.overlap_frame(overlap)
    rows = tuple(
        (
            f"{percent(row['low'], digits=0)} – {percent(row['high'], digits=0)}",
            number(row["treated"]),
            number(row["control"]),
        )
        for row in frame.to_dict("records")
    )
    header = (t("Chance of being shown"), figures.clipped(treated), figures.clipped(control))
    return _picture(
        "overlap",
        t("Chance of being shown, by group"),
        figures.overlap_figure(frame, treated_name=treated, control_name=control),
        figures.overlap_words(frame, treated_name=treated, control_name=control),
        Grid(header=header, rows=rows, numeric=(1, 2)),
    )


def balance_picture(overlap: Overlap) -> Picture:
    """Draw how far the groups lie apart before and after adjustment."""
    frame = figures.balance_frame(overlap)
    rows = tuple(
        (figures.clipped(row["covariate"]), *_numbers([row["before"], row["after"]], 2))
        for row in frame.to_dict("records")
    )
    grid = Grid(header=(t("Covariate"), t("Before"), t("After")), rows=rows, numeric=(1, 2))
    figure, words = figures.balance_figure(frame), figures.balance_words(frame)
    return _picture("balance", t("Balance before and after adjustment"), figure, words, grid)


def scenario_picture(scenario: Scenario, place: int) -> Picture:
    """Draw one scenario's funnel beside as today."""
    frame = figures.scenario_frame(scenario)
    digits = figures.digits_for([*frame["low"], *frame["high"]])
    rows = tuple(
        (
            figures.clipped(row["label"]),
            *_numbers([row["today"], row["scenario"], row["low"], row["high"]], digits),
        )
        for row in frame.to_dict("records")
    )
    header = (t("Outcome"), t("As today"), t("Scenario"), t("Low"), t("High"))
    grid = Grid(header=header, rows=rows, numeric=(1, 2, 3, 4))
    figure, words = figures.funnel_figure(frame), figures.funnel_words(frame)
    return _picture(f"scenario-{place}", figures.clipped(scenario.name), figure, words, grid)


def graph_picture(graph: CausalGraph | GraphPattern, schema: Schema | None) -> Picture:
    """Draw the graph in layers."""
    nodes, edges = figures.nodes_frame(graph, schema), figures.edges_frame(graph)
    signs = {"directed": "→", "undirected": "—", "bidirected": "↔"}
    rows = tuple(
        (
            figures.clipped(row["source"]),
            signs[row["kind"]],
            figures.clipped(row["target"]),
            row["provenance"],
            percent(row["stability"], digits=0) if row["stability"] == row["stability"] else "",
        )
        for row in edges.to_dict("records")
    )
    header = (t("From"), "", t("To"), t("Who put it there"), t("Stability"))
    grid = Grid(header=header, rows=rows, numeric=(4,))
    figure = figures.graph_figure(nodes, edges)
    return _picture("graph", t("The graph"), figure, figures.graph_words(nodes, edges), grid)


def columns_picture(table: BehaviorTable) -> Picture:
    """Draw the columns by the time they were known."""
    frame = figures.columns_frame(table)
    rows = tuple(
        (
            figures.clipped(row["name"]),
            figures.role_words(row["role"]),
            row["kind"],
            figures.known_words(Known(row["known"])),
            percent(row["missing"]),
        )
        for row in frame.to_dict("records")
    )
    header = (t("Column"), t("Role"), t("Kind"), t("Known"), t("Missing"))
    grid = Grid(header=header, rows=rows, numeric=(4,))
    figure, words = figures.column_figure(frame), figures.column_words(frame)
    return _picture("columns", t("Columns by the time they were known"), figure, words, grid)
