"""Report room. Takes the analysis, gives a download, computes nothing."""

import streamlit as st

from causal_core.language import listing, t
from pages.shared import charts, frame, session
from pages.shared.wording import check_html

with frame.room(t("Report")) as room:
    project, analysis = room.snapshot.project, room.snapshot.analysis
    if analysis.effects is None:
        frame.say(t("The report needs an answer first. Its first page will stand here."))
        st.page_link("pages/effects.py", label=t("Go to Effects"), query_params=session.link())
    else:
        checks = analysis.checks()
        failed = [check for check in checks if check.passed is not True]
        if failed:
            names = listing([check.title for check in failed])
            frame.say(t("Headline refused. These checks failed: {checks}.", checks=names))
        else:
            frame.say(t("Headline allowed: {n} of {n} checks passed.", n=len(checks)))
        made = charts.report(analysis, project.name)
        page, side = st.columns([3, 1.25], gap="large")
        with side:
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
                charts.archive(made),
                file_name="report.zip",
                mime="application/zip",
                on_click="ignore",
                width="stretch",
            )
            for check in checks:
                st.html(check_html(check))
        with page:
            charts.page_one(made)
