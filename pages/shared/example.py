"""The demo as an example in empty rooms: pale, read only, and named as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from causal_core.analysis import Analysis
from causal_core.language import t
from causal_core.store import Archive, demo_archive, read_archive


@st.cache_resource(show_spinner=False)
def _archive() -> Archive:
    return read_archive(demo_archive())


def part(*slots: str) -> Analysis:
    """Return these results of the demo, the same objects for everybody: never change them."""
    return _archive().part(*slots)


@contextmanager
def pale(key: str) -> Iterator[None]:
    """Show what stands inside as an example, greyed: ``with example.pale("bridge"): …``."""
    st.caption(t("Example: the demo, simulated"))
    with st.container(key=f"pale-{key}"):
        yield
