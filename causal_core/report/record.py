"""The last two sections: what was read and cleaned, and how to make the numbers again."""

from __future__ import annotations

from collections.abc import Mapping

from causal_core.fingerprint import short
from causal_core.language import number, t
from causal_core.report import pictures
from causal_core.report.parts import (
    Block,
    Facts,
    Grid,
    Points,
    Section,
    Slot,
    Subject,
    Words,
    quoted,
)
from causal_core.table import BehaviorTable


def data_section(subject: Subject) -> Section:
    """Return what was read, dropped and flagged, and every column."""
    title = t("Data and cleaning")
    table = subject.analysis.table
    if table is None:
        missing = Slot(text=t("No table yet. The room Data reads it."))
        return Section(name="data", title=title, blocks=(missing,))
    cleaning = table.cleaning
    facts = Facts(
        items=(
            (t("Rows read"), number(cleaning.rows_read or len(table))),
            (t("Rows kept"), number(len(table))),
            (t("Columns"), number(len(table.schema.columns))),
            (t("Unit"), _or_row(table.schema.unit_id)),
            (t("Cluster"), _or_row(table.schema.cluster_id)),
            (t("File"), ", ".join(_base(name) for name in cleaning.sources) or t("not stated")),
        )
    )
    dropped = _dropped_grid(table)
    noticed = cleaning.noticed
    flags = (Points(heading=t("Flagged"), items=noticed),) if noticed else ()
    blocks = (facts, dropped, *flags, pictures.columns_picture(table))
    return Section(name="data", title=title, blocks=blocks)


def _or_row(name: str | None) -> str:
    return quoted(name) if name else t("each row is one")


def _base(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", maxsplit=1)[-1]


def _dropped_grid(table: BehaviorTable) -> Block:
    if not table.cleaning.dropped:
        return Words(text=t("No row was dropped."))
    rows = tuple(
        (drop.words, number(drop.count), "; ".join(drop.examples[:3]))
        for drop in table.cleaning.dropped
    )
    header = (t("Why rows were dropped"), t("Rows"), t("For example"))
    return Grid(header=header, rows=rows, numeric=(1,))


def reproduction_section(subject: Subject, libraries: Mapping[str, str]) -> Section:
    """Return fingerprints, seeds, versions and how to run it again."""
    analysis = subject.analysis
    prints = [
        (_slot_words(slot), short(digest))
        for slot in (
            "table",
            "question",
            "payoff",
            "graph",
            "pattern",
            "estimand",
            "model",
            "effects",
            "policies",
        )  # fmt: skip
        if (digest := analysis.fingerprint_of(slot))
    ]
    seeds = [
        (t("Seed of the model"), analysis.model.seed if analysis.model else None),
        (t("Seed of the intervals"), analysis.effects.seed if analysis.effects else None),
        (t("Seed of the attempts"), analysis.refutations.seed if analysis.refutations else None),
        (t("Seed of the policies"), analysis.policies.seed if analysis.policies else None),
    ]
    facts = Facts(items=(*prints, *((name, str(seed)) for name, seed in seeds if seed is not None)))
    versions = ", ".join(f"{name} {version}" for name, version in libraries.items())
    effects = analysis.effects
    more = [("segments.csv", t("the effect within every segment"))] * bool(
        effects is not None and effects.segments
    )
    more += [("policies.csv", t("every policy and every budget"))] * (analysis.policies is not None)
    files = Grid(
        header=(t("File beside this page"), t("Holds")),
        rows=(
            ("effects.csv", t("every estimate at full precision")),
            *more,
            ("columns.csv", t("every column with its role")),
            ("cleaning.csv", t("what was read, dropped and flagged")),
            ("manifest.json", t("question, settings, seeds, versions, checks, digests")),
            ("reproduce.py", t("makes the numbers again from the data file and compares them")),
        ),
    )
    return Section(
        name="reproduction",
        title=t("To make it again"),
        blocks=(facts, files, Words(text=versions, tone="quiet")),
    )


def _slot_words(slot: str) -> str:
    return {
        "table": t("Fingerprint of the data"),
        "question": t("Fingerprint of the question"),
        "payoff": t("Fingerprint of value and cost"),
        "policies": t("Fingerprint of the policies"),
        "graph": t("Fingerprint of the graph"),
        "pattern": t("Fingerprint of the pattern"),
        "estimand": t("Fingerprint of the estimand"),
        "model": t("Fingerprint of the model"),
        "effects": t("Fingerprint of the estimates"),
    }[slot]
