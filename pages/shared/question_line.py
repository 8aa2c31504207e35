"""The question on top of every room: a sentence, each slot of which can be opened and changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from causal_core.analysis import SLOTS, Analysis
from causal_core.errors import AnalysisError
from causal_core.language import t
from causal_core.question import Assignment, CausalQuestion, Contrast, plain_value
from causal_core.store import Snapshot
from causal_core.store.records import slot_words
from causal_core.table import BehaviorTable
from pages.shared import aims, answering, question_form, session
from pages.shared.opened import Room
from pages.shared.session import Line
from pages.shared.wording import duration_words, label, literal

_PLACE = re.compile("\0(\\w+)\0")


@dataclass(frozen=True)
class _Draft:
    """What the widgets of an open slot say."""

    question: CausalQuestion
    aim: str


def draw(room: Room) -> None:
    """Show the question; a click on one of its slots opens it."""
    question = room.snapshot.part("question").question
    if question is None:
        words = t("No question yet.")
        st.html(f'<p class="question">{literal(words)}</p>')
        return
    slots = _slots(room.snapshot, question)
    sentence = t(
        "Among {population}, does {treatment} {contrast} change {outcomes}?",
        **_places("population", "treatment", "contrast", "outcomes"),
    )
    below = t("{aim} Who decided who got it: {who}", **_places("aim", "who"))
    with st.container(key="question"):
        _pieces(room, sentence, slots)
    with st.container(key="question-aim"):
        _pieces(room, below, slots)
    opened = session.current().line
    if opened is not None and opened.snapshot.project.id == room.snapshot.project.id:
        _open(opened, room)


def _places(*names: str) -> dict[str, str]:
    return {name: f"\0{name}\0" for name in names}


def _slots(snapshot: Snapshot, question: CausalQuestion) -> dict[str, str]:
    """Return what stands in each slot of the sentence."""
    return {
        "population": question.population or t("all units"),
        "treatment": question.treatment,
        "contrast": f"({_contrast_words(question.contrast)})",
        "outcomes": ", ".join(question.outcomes),
        "aim": aims.words(aims.current(snapshot.project.id, question).name),
        "who": _who_words(question.assignment),
    }


def _contrast_words(contrast: Contrast) -> str:
    if contrast.shift is not None:
        return str(contrast)
    return t(
        "{treated} rather than {control}",
        treated=plain_value(contrast.treated_value),
        control=plain_value(contrast.control_value),
    )


def _who_words(who: Assignment) -> str:
    return {
        Assignment.UNKNOWN: t("unknown"),
        Assignment.CHANCE: t("chance"),
        Assignment.RULE: t("a rule with a logged propensity"),
    }[who]


def _pieces(room: Room, sentence: str, slots: Mapping[str, str]) -> None:
    """Draw a sentence piece by piece, in the order in which the language puts its slots."""
    for at, piece in enumerate(_PLACE.split(sentence)):
        if at % 2 == 0 and piece:
            st.html(f"<span>{literal(piece)}</span>")
        elif at % 2 and _closed(room.snapshot, piece):
            st.html(f"<span>{literal(slots[piece])}</span>")
        elif at % 2:
            st.button(
                label(slots[piece]),
                key=f"slot-{piece}-{room.snapshot.project.id}-{room.snapshot.revision}",
                type="tertiary",
                on_click=_choose,
                args=(Line(piece, room.snapshot),),
            )


def _closed(snapshot: Snapshot, slot: str) -> bool:
    """Whether there is nothing to choose: a 0/1 treatment is only compared one way."""
    if slot != "contrast":
        return "table" not in snapshot.fingerprints
    shown = snapshot.part("table", "question")
    table, question = shown.table, shown.question
    if table is None or question is None:
        return True
    return not question_form.asks_contrast(table, question.treatment)


def _choose(line: Line | None = None) -> None:
    session.current().line = line


def _titles() -> dict[str, str]:
    """Return what is asked in each slot."""
    return {
        "population": t("Among whom?"),
        "treatment": t("What is the treatment?"),
        "contrast": t("What is compared with what?"),
        "outcomes": t("What may it change?"),
        "aim": t("What do you want to know?"),
        "who": t("Who decided who got it?"),
    }


# ---------------------------------------------------------------- an open slot


def _open(line: Line, room: Room) -> None:
    """Show the widgets of one slot, what a change costs, and save it."""
    dialog = st.dialog(_titles()[line.slot], width="medium", on_dismiss=_choose)
    dialog(_body)(line, room)


def _body(line: Line, room: Room) -> None:
    shown = line.snapshot.part("table", "question")
    old, table = shown.need("question"), shown.need("table")
    kept = aims.current(line.snapshot.project.id, old).name
    key = f"line-{line.snapshot.project.id}-{line.snapshot.revision}"
    draft = _ask(line.slot, _Draft(old, kept), table, key)
    changed = draft.question.fingerprint != old.fingerprint
    put: Analysis | None = None
    try:
        put = line.snapshot.analysis.asking(draft.question) if changed else line.snapshot.analysis
    except AnalysisError as error:
        st.error(f"{label(error.found)}  \n{label(error.remedy)}")
    else:
        st.caption(_consequence(line.snapshot, put, changed=changed))
    with st.container(horizontal=True):
        save = st.button(t("Save"), key=f"save-{key}")
        answer = st.button(
            t("Save and answer"), type="primary", disabled=room.busy, key=f"save-answer-{key}"
        )
    if room.busy:
        st.caption(t("A job is running; what it finds for the old question counts as stale."))
    if (save or answer) and put is not None:
        _save(line, draft, put if changed else None, answer=answer)


def _consequence(snapshot: Snapshot, put: Analysis, *, changed: bool) -> str:
    """Say what a change makes stale, what it brings back, and what a new answer takes."""
    if not changed:
        return t("Nothing becomes stale.")
    held = [slot for slot in SLOTS if slot in snapshot.fingerprints]
    lost = tuple(slot for slot in held if slot not in put.filled())
    back = tuple(slot for slot in _revived(snapshot, put))
    lost = tuple(slot for slot in lost if slot not in back)
    words = [
        t("Becomes stale: {things}.", things=slot_words(lost))
        if lost
        else t("Nothing becomes stale."),
    ]
    if back:
        words.append(t("Becomes current again: {things}.", things=slot_words(back)))
    time = duration_words(answering.seconds(snapshot, put.need("question")))
    words.append(t("A new answer takes about {time}.", time=time))
    return label("  ".join(words))


def _revived(snapshot: Snapshot, put: Analysis) -> list[str]:
    """Return the stale slots whose basis the changed question restores."""
    now = {slot: put.fingerprint_of(slot) for slot in put.filled()}
    found: list[str] = []
    for slot in SLOTS:  # in the order of the chain: each rests on slots before it
        stale = snapshot.stale.get(slot)
        if stale is None or slot in now or not stale.basis:
            continue
        if all(now.get(name) == digest for name, digest in stale.basis.items()):
            now[slot] = stale.fingerprint
            found.append(slot)
    return found


def _save(line: Line, draft: _Draft, put: Analysis | None, *, answer: bool) -> None:
    """Save what was changed, close the slot, and go where the answer will stand."""
    place, snapshot = session.current(), line.snapshot
    if put is not None:
        snapshot = session.save(snapshot, put).snapshot
        for field in _FIELDS.get(line.slot, ()):
            session.typed(line.snapshot.project.id).pop(field, None)
    aims.choose(snapshot.project.id, draft.aim)
    place.line = None
    if answer:
        answering.run(snapshot)
    st.rerun()


_FIELDS = {
    "population": ("population",),
    "treatment": ("treatment", "treated", "control"),
    "contrast": ("treated", "control"),
    "outcomes": ("outcomes",),
    "aim": ("aim",),
    "who": ("who",),
}


def _ask(slot: str, draft: _Draft, table: BehaviorTable, key: str) -> _Draft:
    """Draw the widgets of one slot, and return the question as they have it."""
    old, names = draft.question, list(table.schema.names)
    match slot:
        case "population":
            new = replace(old, population=question_form.population(old.population, key))
        case "treatment":
            new = _ask_treatment(old, table, key)
        case "contrast":
            new = replace(old, contrast=question_form.contrast(table, old.treatment, old, key))
        case "outcomes":
            others = [name for name in names if name != old.treatment]
            found = question_form.outcomes(others, old.outcomes, key)
            new = replace(old, outcomes=tuple(found))
        case "who":
            new = replace(old, assignment=question_form.who(old.assignment, key))
        case _:
            name = question_form.aim(draft.aim, key)
            return _Draft(question=replace(old, kind=aims.kind(name, old)), aim=name)
    return replace(draft, question=new)


def _ask_treatment(old: CausalQuestion, table: BehaviorTable, key: str) -> CausalQuestion:
    names = [name for name in table.schema.names if name not in old.outcomes]
    name = question_form.treatment(names, old.treatment, key)
    if name == old.treatment and not question_form.asks_contrast(table, name):
        return old
    return replace(old, treatment=name, contrast=question_form.contrast(table, name, old, key))
