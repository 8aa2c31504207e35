"""How a figure of the core stands on a page: title, text alternative, “Show as table”."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from causal_core import figures
from causal_core.language import t

_CONFIG = {"displayModeBar": False, "responsive": True}


def mode() -> figures.Mode:
    """Return whether this visitor reads on light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


def draw(key: str, title: str, frame: pd.DataFrame, figure: object, words: str) -> None:
    """Draw one picture under its title, with words for who cannot see it and numbers beside."""
    with st.container(key=f"chart-{key}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.subheader(title, anchor=False, width="content")
            with st.popover(t("Show as table"), width="content"):
                st.text(words)
                st.dataframe(frame, hide_index=True)
        st.plotly_chart(figure, theme=None, key=key, config=_CONFIG, alt=words)
