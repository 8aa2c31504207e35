"""Tables that rooms show: what cleaning did, the columns, the first rows, all estimates."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from causal_core import figures
from causal_core.language import number, t
from causal_core.question import CausalQuestion
from causal_core.results import Effects, Refutations
from causal_core.schema import Kind
from causal_core.table import BehaviorTable
from pages.shared.wording import effect_rows

_FIRST_ROWS = 50
_MOST_VALUES = 200


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
        st.text(f"{drop.reason}: {number(drop.count)}")
        st.code("\n".join(drop.examples), language=None)
    for flag in log.flags:
        st.text(f"△ {flag}")


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


def estimates(effects: Effects) -> None:
    """Show every outcome by every method."""
    st.dataframe(pd.DataFrame(effect_rows(effects)), hide_index=True)


def refutations(attempts: Refutations | None) -> None:
    """Show each attempt to break the estimate."""
    if attempts is None:
        return
    words = {True: t("passed"), False: t("failed"), None: t("informs")}
    st.dataframe(
        [
            {
                t("attempt"): attempt.name,
                t("outcome"): attempt.outcome,
                t("result"): words[attempt.passed],
                t("what it says"): attempt.sentence,
            }
            for attempt in attempts.attempts
        ],
        hide_index=True,
    )


def contrast_choice(
    table: BehaviorTable,
    treatment: str,
    old: CausalQuestion | None,
    places: tuple[DeltaGenerator, DeltaGenerator],
    key: str,
) -> tuple[float | str, float | str]:
    """Return treated and control value; asked only where the treatment is not 0/1."""
    if table.schema[treatment].kind is Kind.BINARY:
        return 1.0, 0.0
    values = _values(table, treatment)
    same = old is not None and old.treatment == treatment
    treated = old.contrast.treated_value if old and same else values[-1]
    control = old.contrast.control_value if old and same else values[0]
    left, right = places
    return (
        left.selectbox(
            t("…at this value"), values, index=_place(values, treated, -1), key=f"treated-{key}"
        ),
        right.selectbox(
            t("…rather than this one"),
            values,
            index=_place(values, control, 0),
            key=f"control-{key}",
        ),
    )


def _values(table: BehaviorTable, treatment: str) -> list[float | str]:
    found = table.frame[treatment].dropna().value_counts().head(_MOST_VALUES).index.tolist()
    return sorted(found)


def _place(values: list[float | str], wanted: float | str, otherwise: int) -> int:
    return values.index(wanted) if wanted in values else otherwise % len(values)
