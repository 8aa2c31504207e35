"""Tables that rooms show: what cleaning did, the columns, the first rows, the attempts."""

from __future__ import annotations

import streamlit as st

from causal_core import figures
from causal_core.analysis import Analysis
from causal_core.language import number, t
from causal_core.results import Effects, Refutation
from causal_core.table import BehaviorTable
from pages.shared.wording import attempts_html

_FIRST_ROWS = 50


def cleaning(table: BehaviorTable) -> None:
    """Show what was dropped, with reasons and examples, and what was noticed."""
    log = table.cleaning
    facts = [
        t("Encoding: {value}", value=log.encoding),
        t("Delimiter: {value}", value=repr(log.delimiter)),
        t("Rows read: {n}", n=number(log.rows_read)),
        t("Rows kept: {n}", n=number(len(table))),
    ]
    st.text("\n".join(fact for fact in facts if log.rows_read))
    for drop in log.dropped:
        st.text(f"{drop.words}: {number(drop.count)}")
        st.code("\n".join(drop.examples), language=None)
    for sentence in log.noticed:
        st.text(f"△ {sentence}")


def columns(table: BehaviorTable) -> None:
    """Show each column with its kind, its part, when it was known and how much is missing."""
    missing = table.frame.isna().mean()
    rows = [
        {
            t("column"): column.name,
            t("kind"): column.kind.value,
            t("part"): column.role.value if column.stated else f"{column.role.value} ?",
            t("known"): figures.known_words(column.known),
            t("missing"): 100 * float(missing[column.name]),
        }
        for column in table.schema
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config={t("missing"): st.column_config.NumberColumn(format="%.1f %%")},
    )


def first_rows(table: BehaviorTable) -> None:
    """Show the first rows as they are."""
    st.dataframe(table.frame.head(_FIRST_ROWS), hide_index=True)


def refutations(analysis: Analysis) -> None:
    """Show the attempts to break the estimate: a card for each kind, its numbers as a table."""
    attempts, effects = analysis.refutations, analysis.effects
    if attempts is None or effects is None:
        return
    st.subheader(t("Attempts to break it"), anchor=False)
    kinds: dict[str, list[Refutation]] = {}
    for attempt in attempts.attempts:
        kinds.setdefault(attempt.name, []).append(attempt)
    places = st.columns(2, gap="large")
    for at, (name, group) in enumerate(kinds.items()):
        with places[at % 2]:
            st.html(attempts_html(name, group, causal=effects.estimand.causal))
            st.dataframe(_attempt_rows(name, group, effects), hide_index=True)


def _attempt_rows(name: str, group: list[Refutation], effects: Effects) -> list[dict[str, str]]:
    """Return what each attempt found beside what it should find, as the outcome is shown."""
    ratio = name == "e_value"
    found, expected = (
        (t("times"), t("for the interval to reach zero"))
        if ratio
        else (t("found"), t("should be near"))
    )
    words = {True: t("● passed"), False: t("■ failed"), None: t("○ informs")}
    rows: list[dict[str, str]] = []
    for attempt in group:
        estimate = effects.of(attempt.outcome)
        scale = 1.0 if ratio else figures.scale_of(estimate)
        ends = [scale * estimate.low, scale * estimate.high]
        digits = 1 if ratio else max(figures.digits_for(ends), 1)
        row = {
            t("outcome"): attempt.outcome,
            found: number(scale * attempt.value, digits=digits, signed=not ratio),
            expected: number(scale * attempt.reference, digits=digits, signed=not ratio),
        }
        if not ratio:
            row |= {
                t("unit"): figures.unit_words(estimate),
                t("result"): words[attempt.passed],
            }
        rows.append(row)
    return rows
