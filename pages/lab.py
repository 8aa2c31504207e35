"""Truth lab. Takes a simulated scenario, gives how often each method holds the truth."""

import streamlit as st

from causal_core.language import t
from pages.shared import frame

with frame.room(t("Truth lab")) as room:
    frame.say(t("How often does the interval hold the truth?"))
    st.caption(t("Everything here is simulated."))
