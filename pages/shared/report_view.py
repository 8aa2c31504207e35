"""What the Report room shows: page one as the reader will get it, and the files to hand on."""

from __future__ import annotations

import streamlit as st

from causal_core import report
from causal_core.analysis import Analysis
from causal_core.language import current, listing, t
from causal_core.results import Effects, Report
from causal_core.store import Snapshot
from pages.shared import charts, frame
from pages.shared.wording import check_html, literal

Key = tuple[tuple[str, str], ...]
ROOMS = ("data", "graph", "model", "effects", "strategy")
PAGE = ("truth", "payoff", "question", "estimand", "effects", "refutations")
_STYLE = """<style>
.sheet {max-width: 54rem;}
.sheet .kicker {opacity: .75; font-size: .85rem; margin: 0 0 .4rem 0;}
.sheet .flag {border: 1px solid rgba(128,128,128,.6); border-radius: 1rem; padding: 0 .5rem;
  margin-left: .5rem;}
.sheet h2 {font-size: 1.4rem; font-weight: 700; margin: 0 0 .5rem 0; padding: 0;
  overflow-wrap: anywhere;}
.sheet p {margin: 0 0 .4rem 0; overflow-wrap: anywhere;}
.sheet h2.verdict {font-size: 2.2rem; line-height: 1.15; margin: .2rem 0 .4rem 0;}
.sheet .asked {opacity: .8; margin-bottom: 1rem;}
.sheet .numbers {display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1.6rem;
  margin: 1rem 0;}
.sheet .numbers p {margin: 0; font-size: .88rem;}
.sheet .numbers .title {font-weight: 600;}
.sheet .numbers .value {font-size: 2rem; font-weight: 300; line-height: 1.3;
  font-variant-numeric: tabular-nums;}
.sheet .numbers div:first-child .value {font-weight: 700;}
.sheet dl {margin: 0 0 1rem 0 !important; padding: 0;}
.sheet dl div {display: grid; grid-template-columns: 9rem 1fr; gap: 1rem; padding: .45rem 0;
  border-top: 1px solid rgba(128,128,128,.3);}
.sheet dt {opacity: .75; font-weight: 400;}
.sheet dd {margin: 0; overflow-wrap: anywhere;}
.sheet h3 {font-size: .95rem; font-weight: 600; margin: .4rem 0 .2rem 0; padding: 0;}
.sheet ul {margin: 0 0 .8rem 0; padding-left: 1.1rem;}
.sheet li {font-size: .93rem; overflow-wrap: anywhere;}
.sheet .foot {opacity: .75; font-size: .85rem;}
.slot {background: rgba(128,128,128,.12); border-radius: .4rem; padding: .45rem .8rem;
  font-size: .93rem; overflow-wrap: anywhere;}
</style>"""


# ---------------------------------------------------------------- made once per state


def key_of(snapshot: Snapshot) -> Key:
    """Return the digests of all that a report is made from, the title and the language."""
    held = sorted((slot, ref.hash) for slot, ref in snapshot.current.items())
    return (("title", snapshot.project.name), ("language", current()), *held)


@st.cache_data(max_entries=16, show_spinner=False)
def first_page(_snapshot: Snapshot, key: Key) -> report.Front:  # noqa: ARG001 - the key
    """Return page one in words; `key` holds the digests of all that stands in it."""
    return report.first_page(_snapshot.analysis, title=_snapshot.project.name)


@st.cache_data(max_entries=16, show_spinner=False)
def _files(_snapshot: Snapshot, key: Key, reader: str) -> Report:
    title, language = _snapshot.project.name, dict(key)["language"]
    return report.compose(_snapshot.analysis, title=title, reader=reader, language=language)


@st.cache_data(max_entries=16, show_spinner=False)
def _archive(_snapshot: Snapshot, key: Key, reader: str) -> bytes:
    return report.archive(_files(_snapshot, key, reader))


# ---------------------------------------------------------------- the sentence


def sentence(analysis: Analysis) -> str:
    """Return whether a headline may be printed, and what would mend it."""
    checks = analysis.checks()
    failed = [check for check in checks if check.passed is not True]
    if not failed:
        return t("Headline allowed: {n} of {n} checks passed.", n=len(checks))
    names = listing([check.title for check in failed])
    remedies = [check.remedy for check in failed if check.remedy]
    if not remedies:
        return t("Refused: {checks}.", checks=names)
    return t("Refused: {checks}. To mend it: {remedy}", checks=names, remedy=remedies[0])


# ---------------------------------------------------------------- page one


def sheet(room: frame.Room, front: report.Front, analysis: Analysis) -> None:
    """Show page one as it will be printed, with a door where something is missing."""
    st.html(_STYLE)
    with st.container(border=True, key="sheet"):
        st.html(f'<div class="sheet">{_head(front)}</div>')
        if front.answered:
            st.html(f'<div class="sheet">{_lines(front)}</div>')
            charts.outcomes(analysis, None)
        told = [front.known] if front.known else []
        body = "".join(_points(points) for points in (*told, *front.points)) + _failed(front)
        if body:
            st.html(f'<div class="sheet">{body}</div>')
        _slots(room, front)
        foot = f"{literal(front.span)} · {literal(front.signed)} ____________________"
        st.html(f'<div class="sheet"><p class="foot">{foot}</p></div>')


def _head(front: report.Front) -> str:
    flag = f'<span class="flag">{literal(front.simulated)}</span>' if front.simulated else ""
    numbers = "".join(
        f'<div><p class="title">{literal(one.label)}</p><p class="value">{literal(one.value)}</p>'
        f"<p>{literal(one.unit)}</p><p>{literal(one.reach)}</p></div>"
        for one in front.figures
    )
    return (
        f'<p class="kicker">{literal(front.kicker)}{flag}</p><h2>{literal(front.title)}</h2>'
        f'<p class="asked">{literal(front.question)}</p>'
        f'<h2 class="verdict">{literal(front.verdict)}</h2><p>{literal(front.sentence)}</p>'
        + (f'<div class="numbers">{numbers}</div>' if numbers else "")
    )


def _lines(front: report.Front) -> str:
    rows = "".join(
        f"<div><dt>{literal(line.label)}</dt><dd>"
        + (f"<strong>{literal(line.word)}.</strong> " if line.word else "")
        + f"{literal(line.text)}</dd></div>"
        for line in front.lines
    )
    return f"<dl>{rows}</dl>" if rows else ""


def _points(points: report.Points) -> str:
    items = "".join(f"<li>{literal(item)}</li>" for item in points.items)
    return f"<h3>{literal(points.heading)}</h3><ul>{items}</ul>"


def _failed(front: report.Front) -> str:
    """Return the checks that did not pass, each with its remedy."""
    items = "".join(
        f"<li><strong>{literal(gate.title)}</strong> · {literal(gate.state)}<br>"
        f"{literal(gate.sentence)}"
        + (f"<br>{literal(t('To mend it:'))} {literal(gate.remedy)}" if gate.remedy else "")
        + "</li>"
        for gate in front.failed
    )
    return f"<h3>{literal(front.failed_title)}</h3><ul>{items}</ul>" if items else ""


def _slots(room: frame.Room, front: report.Front) -> None:
    """Show what is missing as grey slots; the first of each room has a door to it."""
    led: set[str] = set()
    for slot in front.slots:
        with st.container(horizontal=True, vertical_alignment="center", key=f"slot-{slot.text}"):
            st.html(f'<div class="slot">○ {literal(slot.text)}</div>')
            if slot.room in ROOMS and slot.room not in led and not room.busy:
                led.add(slot.room)
                frame.door(f"pages/{slot.room}.py", t("Go to {room}", room=room_words(slot.room)))


def room_words(room: str) -> str:
    """Return a room's name."""
    return {
        "data": t("Data"),
        "graph": t("Graph"),
        "model": t("Model"),
        "effects": t("Effects"),
        "strategy": t("Strategy"),
    }[room]


# ---------------------------------------------------------------- beside


def downloads(snapshot: Snapshot, key: Key) -> None:
    """Offer the report for one reader, and everything that belongs to it."""
    manager, reviewer = t("Manager"), t("Reviewer")
    chosen = st.segmented_control(
        t("Reader"), [manager, reviewer], default=reviewer, required=True, key="reader"
    )
    reader = "manager" if chosen == manager else "reviewer"
    st.caption(t("Page one alone.") if chosen == manager else t("Page one and everything behind."))
    st.download_button(
        t("Download the report"),
        lambda: _files(snapshot, key, reader).files["report.html"],  # made when it is asked for
        file_name="report.html",
        mime="text/html",
        type="primary",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        t("Download everything (zip)"),
        lambda: _archive(snapshot, key, reader),
        file_name="report.zip",
        mime="application/zip",
        on_click="ignore",
        width="stretch",
    )
    st.caption(
        t("One self-contained page, the tables, a manifest and a script that checks every number.")
    )


def checks(analysis: Analysis) -> None:
    """Show every check of the gate, one card each."""
    st.subheader(t("Checks"), anchor=False)
    for check in analysis.checks():
        st.html(check_html(check))


def stale(room: frame.Room) -> None:
    """Show the earlier answer, greyed, with what it rested on."""
    earlier = room.snapshot.stale.get("effects")
    if earlier is not None and frame.rests(room, "effects") and isinstance(earlier.value, Effects):
        with st.container(key="greyed"):
            charts.stale(earlier.value)
