"""Report room. Takes the analysis, gives a download, computes nothing."""

import streamlit as st

from causal_core import report
from causal_core.analysis import Analysis, Verdict, verdict, verdict_words
from causal_core.language import listing, t
from causal_core.results import Effects
from pages.shared import charts, frame, session
from pages.shared.wording import check_html, literal, verdict_sentence


def gate(analysis: Analysis) -> None:
    """Say whether a headline may be printed, and what would mend it."""
    checks = analysis.checks()
    failed = [check for check in checks if check.passed is not True]
    if failed:
        names = listing([check.title for check in failed])
        frame.say(t("Headline refused. These checks did not pass: {checks}.", checks=names))
    else:
        frame.say(t("Headline allowed: {n} of {n} checks passed.", n=len(checks)))


def downloads(analysis: Analysis, room: frame.Room) -> None:
    """Offer the report and everything that belongs to it."""
    title = room.snapshot.project.name
    key = tuple(sorted((slot, ref.hash) for slot, ref in room.snapshot.current.items()))
    made = charts.report_files(analysis, key, title)
    st.download_button(
        t("Download the report"),
        made.files["report.html"],
        file_name="report.html",
        mime="text/html",
        type="primary",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        t("Download everything (zip)"),
        charts.report_archive(made, key, title),
        file_name="report.zip",
        mime="application/zip",
        on_click="ignore",
        width="stretch",
    )
    st.caption(
        t("One self-contained page, the tables, a manifest and a script that checks every number.")
    )


def page_one(analysis: Analysis, effects: Effects) -> None:
    """Show what stands on page one."""
    outcome = report.main_outcome(effects)
    answer = verdict(effects.of(outcome), allowed=analysis.headline)
    st.html(f'<div class="verdict">{literal(verdict_words(answer))}</div>')
    frame.say(verdict_sentence(analysis, outcome, answer))
    if answer is not Verdict.NO_ANSWER:
        charts.bridge(analysis, outcome)
    charts.outcomes(analysis, None)


with frame.room(t("Report")) as room:
    analysis = room.snapshot.analysis
    if analysis.effects is None:
        frame.say(t("The report needs an answer first. Its first page will stand here."))
        st.page_link("pages/effects.py", label=t("Go to Effects"), query_params=session.link())
    else:
        gate(analysis)
        page, side = st.columns([3, 1.25], gap="large")
        with page, st.container(border=True):
            page_one(analysis, analysis.effects)
        with side:
            downloads(analysis, room)
            for check in analysis.checks():
                st.html(check_html(check))
