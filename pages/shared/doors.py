"""Doors between rooms: buttons that take the project along."""

from __future__ import annotations

import streamlit as st

from pages.shared import session


def door(page: str, words: str, *, primary: bool = False) -> None:
    """Show a button that leads to another room of the project, e.g. ``"pages/data.py"``."""
    if st.button(words, type="primary" if primary else "secondary", key=f"door-{page}-{words}"):
        st.switch_page(page, query_params=session.link())
