"""The widgets that ask a question of a table: what, of what, known when, for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from causal_core.expression import EXAMPLE
from causal_core.language import t
from causal_core.question import Assignment, CausalQuestion, Contrast
from causal_core.schema import COMPARABLE_KINDS, Kind
from causal_core.store import Saved, Snapshot
from causal_core.table import BehaviorTable
from pages.shared import aims, guesses, session
from pages.shared.wording import assignment_words

_MOST_VALUES = 200
Value = float | str
V = TypeVar("V")


@dataclass(frozen=True)
class Asked:
    """What stands in the widgets: the question, the columns that she vouches for, and the aim."""

    question: CausalQuestion
    before: tuple[str, ...]
    aim: str


def ask(table: BehaviorTable, old: CausalQuestion | None, key: str) -> Asked:
    """Draw the widgets, filled with what she typed and did not save, or as it was saved last."""
    names, schema = list(table.schema.names), table.schema
    left, right = st.columns(2, gap="large")
    with left:
        first = old.treatment if old else guesses.treatment(schema) or names[0]
        chosen = treatment(names, first, key, remember=True)
    others = [name for name in names if name != chosen]
    with right:
        found = outcomes(
            others, old.outcomes if old else guesses.outcomes(schema, chosen), key, remember=True
        )
    compared = contrast(table, chosen, old, key, remember=True)
    known = _before(table, (chosen, *found), key)
    left, right = st.columns(2, gap="large")
    with left:
        kept = aims.current(session.current().project_id or "", old).name
        wanted = aim(kept, key, remember=True)
    with right:
        assignment = who(old.assignment if old else Assignment.UNKNOWN, key, remember=True)
    question = CausalQuestion(
        treatment=chosen,
        outcomes=tuple(found),
        contrast=compared,
        kind=aims.kind(wanted, old),
        population=population(old.population if old else None, key, remember=True),
        assignment=assignment,
        window=old.window if old else "",
    )
    return Asked(question=question, before=tuple(known), aim=wanted)


def save(snapshot: Snapshot, asked: Asked) -> Saved:
    """Save what was asked against what the form was drawn from; nothing is being typed then."""
    put = snapshot.analysis.asking(asked.question, before=asked.before)
    saved = session.save(snapshot, put)
    aims.choose(saved.project_id, asked.aim)
    session.typed(snapshot.project.id).clear()
    return saved


# ---------------------------------------------------------------- one widget each


def treatment(names: Sequence[str], first: str, key: str, *, remember: bool = False) -> str:
    """Ask which column is the treatment."""
    wanted = _fill(f"treatment-{key}", first, names, remember=remember)
    return _kept(st.selectbox(t("Does this column…"), names, key=wanted), wanted, first, remember)


def outcomes(
    names: Sequence[str], first: Sequence[str], key: str, *, remember: bool = False
) -> list[str]:
    """Ask what it may change."""
    default = [name for name in first if name in names]
    wanted = _fill(f"outcomes-{key}", default, names, remember=remember)
    found = st.multiselect(t("…change these outcomes?"), names, key=wanted)
    return _kept(found, wanted, default, remember)


def asks_contrast(table: BehaviorTable, name: str) -> bool:
    """Return whether a treatment has values to choose from; a 0/1 one has not."""
    kind = table.schema[name].kind
    return kind is not Kind.BINARY and kind in COMPARABLE_KINDS


def contrast(
    table: BehaviorTable, name: str, old: CausalQuestion | None, key: str, *, remember: bool = False
) -> Contrast:
    """Ask for treated and control value; only where the treatment is not 0/1."""
    counts = table.frame[name].dropna().value_counts()
    values: list[Value] = sorted(counts.head(_MOST_VALUES).index.tolist())
    if not values or not asks_contrast(table, name):
        return Contrast()
    same = old.contrast if old and old.treatment == name else None
    left, right = st.columns(2, gap="large")
    with left:
        high = same.treated_value if same else values[-1]
        treated = _value(t("…at this value"), values, high, f"treated-{key}", remember)
    with right:
        low = same.control_value if same else values[0]
        control = _value(t("…rather than this one"), values, low, f"control-{key}", remember)
    return Contrast(treated_value=treated, control_value=control)


def _value(words: str, values: Sequence[Value], first: Value, key: str, remember: bool) -> Value:
    wanted = _fill(key, first if first in values else values[0], values, remember=remember)
    return _kept(st.selectbox(words, values, key=wanted), wanted, first, remember)


def _before(table: BehaviorTable, named: tuple[str, ...], key: str) -> list[str]:
    schema = table.schema
    names = [name for name in schema.names if name not in named]
    vouched = [column.name for column in schema if column.is_covariate and column.stated]
    default = [name for name in vouched if name in names]
    wanted = _fill(f"before-{key}", default, names, remember=True)
    guesses.offer(schema, named, wanted)
    known = st.multiselect(
        t("Known before it was decided who gets it"),
        names,
        key=wanted,
        help=t(
            "Only these columns are adjusted for. Leave out what was measured afterwards, and "
            "what you are not sure about: adjusting for a consequence of the treatment is the "
            "commonest mistake."
        ),
    )
    return _kept(known, wanted, default, remember=True)


def aim(first: str, key: str, *, remember: bool = False) -> str:
    """Ask what she wants to know."""
    wanted = _fill(f"aim-{key}", first, list(aims.AIMS), remember=remember)
    chosen = st.selectbox(
        t("What do you want to know?"),
        list(aims.AIMS),
        format_func=aims.sentence,
        key=wanted,
        label_visibility="visible" if remember else "collapsed",
    )
    return _kept(chosen, wanted, first, remember)


def who(first: Assignment, key: str, *, remember: bool = False) -> Assignment:
    """Ask who decided who was treated."""
    people: list[Assignment] = list(Assignment)
    wanted = _fill(f"who-{key}", first, people, remember=remember)
    chosen = st.selectbox(
        t("Who decided who got it?"),
        people,
        format_func=assignment_words,
        key=wanted,
        label_visibility="visible" if remember else "collapsed",
    )
    return _kept(chosen, wanted, first, remember)


def population(first: str | None, key: str, *, remember: bool = False) -> str | None:
    """Ask whom the question is about, as a filter."""
    wanted = _fill(f"population-{key}", first or "", None, remember=remember)
    words = t("Only these units (optional)")
    typed = st.text_input(words, placeholder=EXAMPLE, key=wanted)
    return _kept(typed, wanted, first or "", remember).strip() or None


# ---------------------------------------------------------------- what is being typed


def _field(key: str) -> str:
    return key.partition("-")[0]


def _fill(key: str, first: object, options: Sequence[object] | None, *, remember: bool) -> str:
    """Give a widget its first value before it is drawn: typed and left, or `first`.

    Until the room was drawn to its end, again: the browser may not have been told of it.
    """
    typed = session.typed(session.current().project_id or "") if remember else {}
    now = st.session_state.get(key, typed.get(_field(key), first))
    fits: object = now
    if options is not None and isinstance(now, list):
        fits = [name for name in now if name in options]
    elif options is not None and now not in options:
        fits = first
    if key not in st.session_state or fits != now or not session.current().settled:
        st.session_state[key] = fits
    return key


def _kept(value: V, key: str, first: object, remember: bool) -> V:
    """Remember a value that differs from the saved one, until it is saved."""
    if remember:
        typed = session.typed(session.current().project_id or "")
        if value != first:
            typed[_field(key)] = value
        else:
            typed.pop(_field(key), None)
    return value
