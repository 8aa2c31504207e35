"""How a file comes into a project: the uploader, why one was refused, what a table must hold."""

from __future__ import annotations

import streamlit as st

from causal_core.errors import AnalysisError
from causal_core.jobs import JobState
from causal_core.language import t
from causal_core.store.records import slot_words
from pages.shared import job_panel, session
from pages.shared.opened import Room
from pages.shared.wording import label, literal

_STAY = ("table", "truth", "payoff", "lab")  # what another file replaces, or leaves alone


def bring(room: Room, words: str) -> None:
    """Take a file and have it read."""
    key = session.fresh_upload_key()
    file = st.file_uploader(words, type=session.FILE_TYPES, key=key, disabled=room.busy)
    if file is not None:
        project_id, upload_id = session.add_table(file.name, file, room.snapshot.project.id)
        job_panel.start(project_id, "ingest", {"upload": upload_id})
        st.rerun()


def reading(room: Room) -> bool:
    """Tell whether a file of this project is being read just now."""
    return room.busy and room.job is not None and room.job.step == "ingest"


def refusal(room: Room) -> AnalysisError | None:
    """Return why the last file could not be read, None if it could."""
    job = room.job
    if job is None or job.step != "ingest" or job.state is not JobState.FAILED:
        return None
    return job.failure


def refused(room: Room, trouble: AnalysisError) -> None:
    """Say what was found in a file that cannot be read and how to mend it; take another."""
    st.error(f"{label(trouble.found)}  \n{label(trouble.remedy)}")
    bring(room, t("Choose another file"))


def another(room: Room) -> None:
    """Offer to bring another file for the same project; say first what it puts out of date."""
    with st.expander(t("Bring another file for this project")):
        rests = tuple(name for name in room.snapshot.fingerprints if name not in _STAY)
        if rests:
            words = t(
                "It takes the place of this table. Out of date then, but kept: {things}.",
                things=slot_words(rests),
            )
            st.caption(label(words))
        bring(room, t("Another table"))


def needed() -> None:
    """Say what a table must hold, line by line."""
    lines = [
        t("One row per unit, usually a user."),
        t("Who got the treatment and who did not, e.g. “banner” with 1 and 0."),
        t("What happened afterwards: click, cart, purchase."),
        t("What was known before, e.g. visits in the 28 days before. It makes groups comparable."),
    ]
    title = literal(t("What your table must hold"))
    body = "<br>".join(f"· {literal(line)}" for line in lines)
    st.html(f'<div class="check"><strong>{title}</strong><br>{body}</div>')
