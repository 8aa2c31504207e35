"""Tables that rooms show: what cleaning did, the columns, the first rows, the attempts."""

from __future__ import annotations

import streamlit as st

from causal_core import figures
from causal_core.analysis import Analysis
from causal_core.language import number, t
from causal_core.table import BehaviorTable
from pages.shared.wording import attempt_html

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
    """Show each attempt to break the estimate, one card each."""
    attempts, estimand = analysis.refutations, analysis.estimand
    if attempts is None or estimand is None:
        return
    st.subheader(t("Attempts to break it"), anchor=False)
    places = st.columns(2, gap="large")
    for at, attempt in enumerate(attempts.attempts):
        places[at % 2].html(attempt_html(attempt, causal=estimand.causal))
