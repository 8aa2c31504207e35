"""All edges as a table that can be edited: one row each, committed together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from causal_core.errors import BadSettingError
from causal_core.graph import Edge, EdgeKind, redrawn
from causal_core.language import percent, t
from pages.shared.edge_form import offer
from pages.shared.graph_state import Standing
from pages.shared.graph_wording import kind_words, provenance_words

_HEIGHT = 420
_READ_ONLY = ("id", "p_value", "stability", "provenance")
_ORDER = ("source", "kind", "target", "p_value", "stability", "provenance", "note")


def ask(shown: Standing, *, busy: bool) -> None:
    """Show the edge table; offer to save what was changed in it."""
    kinds = {kind_words(kind): kind for kind in EdgeKind}
    before = _frame(shown.graph.edges)
    silent = {name for name in _READ_ONLY if shown.drafted or not any(before[name])}
    ends = st.column_config.SelectboxColumn
    after = st.data_editor(
        before,
        key=f"edges-{shown.key}",
        num_rows="dynamic",
        hide_index=True,
        height=min(_HEIGHT, 80 + 35 * len(before)),
        disabled=list(_READ_ONLY),
        column_order=[name for name in _ORDER if name not in silent],
        column_config={
            "source": ends(t("from"), options=shown.graph.nodes, required=True),
            "target": ends(t("to"), options=shown.graph.nodes, required=True),
            "kind": ends(
                t("kind"), options=list(kinds), required=True, default=kind_words(EdgeKind.DIRECTED)
            ),
            "note": st.column_config.TextColumn(t("note"), max_chars=200),
            "p_value": st.column_config.TextColumn(t("p-value"), width=80),
            "stability": st.column_config.TextColumn(t("stability"), width=80),
            "provenance": st.column_config.TextColumn(t("by"), width=80),
        },
    )
    told = [_told(row) for row in after.to_dict("records")]
    if told == [_told(row) for row in before.to_dict("records")]:
        st.caption(t("Change cells, add rows at the end, mark rows to delete them; then save."))
        return
    offer(shown, lambda: redrawn(shown.graph, _edges(told, kinds)), t("Save the table"), busy=busy)


def _frame(edges: Sequence[Edge]) -> pd.DataFrame:
    columns = ["id", "source", "target", "kind", "note", "p_value", "stability", "provenance"]
    rows = [
        (
            at,
            edge.source,
            edge.target,
            kind_words(edge.kind),
            edge.note,
            "" if edge.p_value is None else _small(edge.p_value),
            "" if edge.stability is None else percent(edge.stability, digits=0),
            provenance_words(edge.provenance),
        )
        for at, edge in enumerate(edges, start=1)
    ]
    frame = pd.DataFrame(rows, columns=columns)
    texts = dict.fromkeys(columns[1:], "str")
    return frame.astype({"id": "Int64", **texts})


def _small(p_value: float) -> str:
    """Return a p-value in two digits; one too small for a float is told as that."""
    return f"{p_value:.2g}" if p_value > 0 else t("below 1e-300")


Told = tuple[str, str, str, str]


def _told(row: dict[str, object]) -> Told:
    """Return what she may change in a row; an empty cell is an empty text."""
    cells = [row[name] for name in ("source", "target", "kind", "note")]
    texts = ["" if cell is None or _is_nan(cell) else str(cell).strip() for cell in cells]
    return texts[0], texts[1], texts[2], texts[3]


def _is_nan(cell: object) -> bool:
    return cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _edges(told: Sequence[Told], kinds: dict[str, EdgeKind]) -> list[Edge]:
    for source, target, kind, _ in told:
        if not source or not target or kind not in kinds:
            raise BadSettingError(
                setting=t("edge table"),
                value=t("a row that is not filled in"),
                allowed=t("rows with two columns and a kind"),
            )
    return [
        Edge(source=source, target=target, kind=kinds[kind], note=note)
        for source, target, kind, note in told
    ]
