"""The widgets that ask a question of a table: what, of what, known when, for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from causal_core.expression import EXAMPLE
from causal_core.language import t
from causal_core.question import Assignment, CausalQuestion, Contrast, EffectKind
from causal_core.schema import COMPARABLE_KINDS, Kind, Role
from causal_core.table import BehaviorTable
from pages.shared.wording import aim_words, assignment_words

_AIMS = (EffectKind.ATE, EffectKind.ATT, EffectKind.ATU)
_MOST_VALUES = 200


@dataclass(frozen=True)
class Asked:
    """What stands in the widgets: the question, and the columns that she vouches for."""

    question: CausalQuestion
    before: tuple[str, ...]


def ask(table: BehaviorTable, old: CausalQuestion | None, key: str) -> Asked:
    """Draw the widgets, filled with the question as it was saved last."""
    names, schema = list(table.schema.names), table.schema
    left, right = st.columns(2, gap="large")
    with left:
        first = old.treatment if old else schema.first(Role.TREATMENT) or names[0]
        treatment = _choose(t("Does this column…"), names, first, f"treatment-{key}")
    with right:
        others = [name for name in names if name != treatment]
        before = old.outcomes if old else schema.with_role(Role.OUTCOME)
        outcomes = _several(t("…change these outcomes?"), others, before, f"outcomes-{key}")
    contrast = _contrast(table, treatment, old, key)
    vouched = [column.name for column in schema if column.is_covariate and column.stated]
    known = _several(
        t("Known before it was decided who gets it"),
        [name for name in others if name not in outcomes],
        vouched,
        f"before-{key}",
        help=t(
            "Only these columns are adjusted for. Leave out what was measured afterwards, and "
            "what you are not sure about: adjusting for a consequence of the treatment is the "
            "commonest mistake."
        ),
    )
    kind, who, population = _for_whom(old, key)
    question = CausalQuestion(
        treatment=treatment,
        outcomes=tuple(outcomes),
        contrast=contrast,
        kind=kind,
        population=population,
        assignment=who,
    )
    return Asked(question=question, before=tuple(known))


def _choose(words: str, names: Sequence[str], chosen: str, key: str) -> str:
    return st.selectbox(words, names, index=_place(names, chosen), key=key)


def _several(
    words: str, names: Sequence[str], chosen: Sequence[str], key: str, help: str | None = None
) -> list[str]:
    default = [name for name in chosen if name in names]
    return st.multiselect(words, names, default=default, key=key, help=help)


def _contrast(
    table: BehaviorTable, treatment: str, old: CausalQuestion | None, key: str
) -> Contrast:
    """Return treated and control value; asked only where the treatment is not 0/1."""
    kind = table.schema[treatment].kind
    if kind is Kind.BINARY or kind not in COMPARABLE_KINDS:
        return Contrast()
    counts = table.frame[treatment].dropna().value_counts()
    values = sorted(counts.head(_MOST_VALUES).index.tolist())
    if not values:
        return Contrast()
    same = old.contrast if old and old.treatment == treatment else None
    left, right = st.columns(2, gap="large")
    treated = left.selectbox(
        t("…at this value"),
        values,
        index=_place(values, same.treated_value if same else values[-1]),
        key=f"treated-{key}",
    )
    control = right.selectbox(
        t("…rather than this one"),
        values,
        index=_place(values, same.control_value if same else values[0]),
        key=f"control-{key}",
    )
    return Contrast(treated_value=treated, control_value=control)


def _place(values: Sequence[float | str], wanted: float | str) -> int:
    return values.index(wanted) if wanted in values else 0


def _for_whom(old: CausalQuestion | None, key: str) -> tuple[EffectKind, Assignment, str | None]:
    left, right = st.columns(2, gap="large")
    kind = left.selectbox(
        t("What do you want to know?"),
        _AIMS,
        index=_AIMS.index(old.kind) if old and old.kind in _AIMS else 0,
        format_func=aim_words,
        key=f"kind-{key}",
    )
    people = list(Assignment)
    who = right.selectbox(
        t("Who decided who got it?"),
        people,
        index=people.index(old.assignment if old else Assignment.UNKNOWN),
        format_func=assignment_words,
        key=f"who-{key}",
    )
    population = st.text_input(
        t("Only these units (optional)"),
        value=(old.population or "") if old else "",
        placeholder=EXAMPLE,
        key=f"population-{key}",
    )
    return kind, who, population.strip() or None
