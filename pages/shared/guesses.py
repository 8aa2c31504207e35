"""What the names and roles of columns suggest for a question; a suggestion vouches for nothing."""

from __future__ import annotations

import re
from collections.abc import Collection

import streamlit as st

from causal_core.language import t
from causal_core.schema import COMPARABLE_KINDS, NUMERIC_KINDS, Column, Kind, Role, Schema

_LATER = re.compile(
    r"(^|[^a-z])(after|post|later|next|until|result|response|outcome|follow_?up|redeemed|"
    r"refund\w*|returned|contact\w*|complain\w*|tickets?)([^a-z]|$)|之后|后续"
)
_TREATED = re.compile(
    r"banner|treat|expos|shown|variant|campaign|coupon|promo|offer|impression|intervention|"
    r"push|email|notif|discount|recommend"
)
_STEPS = re.compile(r"click|brows|cart|purchas|order|bought|buy|conver|revenue|checkout|signup")


def treatment(schema: Schema) -> str | None:
    """Return the column that looks like the treatment: by its part, its name, or as the only 0/1.

    Nothing is said to be one where neither helps.
    """
    named = schema.first(Role.TREATMENT)
    if named is not None:
        return named
    possible = [column for column in schema if _may_decide(column)]
    by_name = [column.name for column in possible if _TREATED.search(column.name.lower())]
    binary = [column.name for column in possible if column.kind is Kind.BINARY]
    return next(iter([*by_name, *binary]), None)


def outcomes(schema: Schema, treatment: str | None) -> tuple[str, ...]:
    """Return the columns that look like outcomes: by their part, or by the name of a step."""
    named = [name for name in schema.with_role(Role.OUTCOME) if name != treatment]
    if named:
        return tuple(named)
    return tuple(
        column.name
        for column in schema
        if column.name != treatment
        and column.role is Role.ATTRIBUTE
        and column.kind in NUMERIC_KINDS
        and _STEPS.search(column.name.lower())
    )


def known_before(schema: Schema, named: Collection[str]) -> tuple[str, ...]:
    """Return the columns that look known before: attributes and history that `named` leaves over.

    Ids, times, other outcomes and names that speak of later stay out.
    """
    return tuple(
        column.name
        for column in schema
        if column.is_covariate
        and column.kind in COMPARABLE_KINDS
        and column.name not in named
        and not _LATER.search(column.name.lower())
    )


def _may_decide(column: Column) -> bool:
    return column.role is Role.ATTRIBUTE and column.kind in (Kind.BINARY, Kind.CATEGORY)


def offer(schema: Schema, named: Collection[str], key: str) -> None:
    """Offer to fill the list of columns `key` with what looks known before: a click is her word.

    The list must stand below, be called `key`, and take its first value from the session state.
    """
    found = known_before(schema, named)
    chosen = list(st.session_state.get(key, ()))
    missing = [name for name in found if name not in chosen]
    if not missing:
        return
    words = t("Fill in what looks known before (1 column)")
    if len(missing) > 1:
        words = t("Fill in what looks known before ({n} columns)", n=len(missing))
    st.button(
        words,
        key=f"fill-{key}",
        on_click=_fill,
        args=(key, [*chosen, *missing]),
        help=t("Adds columns by their names. Read the list: what came later must be taken out."),
    )


def _fill(key: str, names: list[str]) -> None:
    st.session_state[key] = names
