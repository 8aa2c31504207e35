"""Effects room. Takes the analysis, gives verdict, pictures and checks; starts the chain."""

from causal_core.language import t
from causal_core.results import Effects
from pages.shared import effects_view, frame

with frame.room(t("Effects")) as room:
    found = room.snapshot.get("effects")
    if room.busy and room.job is not None and room.job.step == "answer":
        effects_view.running(room)
    elif isinstance(found, Effects):
        effects_view.full(room, found)
    else:
        effects_view.empty(room)
