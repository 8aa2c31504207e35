"""What the Truth lab shows: sentence, intervals across the truth, summary, and the control."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from causal_core import datasets, figures, jobs
from causal_core.language import number, percent, t
from causal_core.results import LabRuns, Method
from causal_core.schema import Stage
from pages.shared import example, frame, job_panel, session
from pages.shared.picture import draw, mode
from pages.shared.wording import duration_words, expectation_words, label

_SIZES = (500, 1_000, 2_000, 5_000, 10_000, 20_000)
_RUNS = (20, 50, 100, 200)
_METHODS = (Method.AIPW, Method.PLUGIN, Method.LINEAR, Method.NAIVE)


def scenario_words(scenario: str) -> str:
    """Return what a scenario is, in a few words."""
    return {
        "linear": t("Straight lines"),
        "funnel": t("Curved funnel"),
        "null": t("No effect"),
        "no-overlap": t("Nobody comparable"),
        "hidden": t("Hidden cause"),
        "coupon": t("Coupon banner"),
    }.get(scenario, scenario)


def scenario_lesson(scenario: str) -> str:
    """Return what a scenario is there to show."""
    return {
        "linear": t(
            "The easy case: all causes add up, so every method but the raw difference should do."
        ),
        "funnel": t("The usual case: the active are shown more, and nothing is a straight line."),
        "null": t("Nothing happens: an interval that leaves zero out is a false alarm."),
        "no-overlap": t("The lab should refuse: no number can be had from such data."),
        "hidden": t("What no method here can mend: a cause that nobody measured."),
        "coupon": t("The world of the demo: it helps some and harms some."),
    }.get(scenario, "")


# ---------------------------------------------------------------- what was found


def stored() -> LabRuns | None:
    """Return the run that comes with the demo."""
    return example.part("lab").lab


def show(lab: LabRuns | None, *, kept: bool) -> None:
    """Show how often the intervals held the truth, the picture, and the summary.

    `kept` says that these are the runs that come with the demo.
    """
    if lab is None:
        frame.say(t("Simulate data whose truth is known, and see how often intervals hold it."))
        return
    outcome, method = lab.outcomes[-1] if lab.outcomes else "", Method.AIPW
    place = st.container()
    if lab.outcomes:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            outcome = st.segmented_control(
                t("Outcome"),
                lab.outcomes,
                default=lab.outcomes[0],
                required=True,
                format_func=_stage_words,
                key="lab-outcome",
            )
            methods = [each for each in _METHODS if lab.of(outcome, each)]
            method = st.segmented_control(
                t("Method"),
                methods,
                default=methods[0],
                required=True,
                format_func=figures.method_words,
                key="lab-method",
            )
    with place:
        frame.say(figures.lab_sentence(lab, outcome))
        st.caption(label(_origin(lab, kept=kept)))
    rows = figures.lab_frame(lab, outcome, method)
    figure, words = figures.lab_figure(rows, mode=mode()), figures.lab_words(rows)
    draw("lab", t("Every interval across the truth, simulated"), _runs(rows), figure, words)
    if lab.outcomes:
        _summary(lab)


def _origin(lab: LabRuns, *, kept: bool) -> str:
    words = {
        "scenario": scenario_words(lab.scenario),
        "n": number(lab.n),
        "model": model_words(lab.model),
    }
    if kept:
        return t("Stored run, simulated: {scenario}; {n} units each; {model}.", **words)
    return t("Simulated: {scenario}; {n} units each; {model}.", **words)


def model_words(model: str) -> str:
    """Return the model by what it is."""
    return {"linear": t("linear model"), "mlp": t("network")}.get(model, model)


def _stage_words(outcome: str) -> str:
    return {
        Stage.CLICK.value: t("click"),
        Stage.BROWSE.value: t("browse"),
        Stage.CART.value: t("cart"),
        Stage.PURCHASE.value: t("purchase"),
    }.get(outcome, outcome)


def _runs(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the runs as a person reads them."""
    digits = figures.digits_for([*rows["low"], *rows["high"]])
    return pd.DataFrame(
        {
            t("seed"): row["seed"],
            t("estimate"): number(row["value"], digits=digits, signed=True),
            t("low"): number(row["low"], digits=digits),
            t("high"): number(row["high"], digits=digits),
            t("truth"): number(row["truth"], digits=digits, signed=True),
            t("holds it"): t("yes") if row["holds"] else t("no"),
            t("unit"): row["unit"],
        }
        for row in rows.to_dict("records")
    )


def _summary(lab: LabRuns) -> None:
    """Show bias, error, coverage and width of each outcome by each method."""
    st.subheader(t("Every method, simulated, per 1,000 units"), anchor=False)
    rows = figures.lab_summary_frame(lab)
    digits = max(figures.digits_for([*rows["truth"], *rows["rmse"]]), 1)
    st.dataframe(
        [
            {
                t("outcome"): _stage_words(row["outcome"]),
                t("method"): row["label"],
                t("truth"): number(row["truth"], digits=digits, signed=True),
                t("bias"): number(row["bias"], digits=digits, signed=True),
                t("RMSE"): number(row["rmse"], digits=digits),
                t("width"): number(row["width"], digits=digits),
                t("held it (usual)"): t(
                    "{held} of {runs} ({low} to {high})",
                    held=number(row["held"]),
                    runs=number(row["runs"]),
                    low=number(row["usual_low"]),
                    high=number(row["usual_high"]),
                ),
            }
            for row in rows.to_dict("records")
        ],
        hide_index=True,
        height="content",
        key="lab-summary",
    )


# ---------------------------------------------------------------- the control


def control(room: frame.Room) -> None:
    """Ask for scenario, size, model and runs, and run the lab."""
    last = room.snapshot.part("lab").lab or stored()
    with st.container(border=True, key="control"):
        st.subheader(t("Simulate and compare"), anchor=False)
        scenario = st.selectbox(
            t("Scenario"),
            datasets.SCENARIOS,
            index=datasets.SCENARIOS.index(last.scenario if last else "funnel"),
            format_func=scenario_words,
            key="lab-scenario",
        )
        st.caption(scenario_lesson(scenario))
        like = _like(room)
        if like:
            n = int(like["n"])  # type: ignore[call-overload]
            st.caption(_like_words(like))
        else:
            n = st.select_slider(
                t("Units in each data set"),
                _SIZES,
                value=2_000,
                format_func=number,
                key="lab-size",
            )
        model = st.radio(
            t("Model"),
            ("linear", "mlp"),
            format_func=lambda name: t("linear, fast") if name == "linear" else t("network"),
            horizontal=True,
            key="lab-model",
        )
        runs = st.select_slider(
            t("Data sets to simulate"), _RUNS, value=20, format_func=number, key="lab-runs"
        )
        settings: dict[str, object] = {"scenario": scenario, "n": n, "model": model, "runs": runs}
        if "base_rates" in like:
            settings["base_rates"] = like["base_rates"]
        _run(room, settings)


def _like(room: frame.Room) -> dict[str, object]:
    """Return the settings that resemble the project's table, if she wants that."""
    if "table" not in room.snapshot.fingerprints:
        return {}
    wanted = st.toggle(
        t("Like my data"),
        key="lab-like",
        help=t(
            "Takes the size and the rates of your outcomes; nothing else of your table goes in."
        ),
    )
    table = room.snapshot.part("table").table if wanted else None
    return datasets.settings_like(table) if table is not None else {}


def _like_words(like: dict[str, object]) -> str:
    rates = like.get("base_rates")
    if not isinstance(rates, dict):
        return t("{n} units, as in your table.", n=number(int(like["n"])))  # type: ignore[call-overload]
    listed = ", ".join(f"{_stage_words(name)} {percent(rate)}" for name, rate in rates.items())
    return t("{n} units; {rates}.", n=number(int(like["n"])), rates=listed)  # type: ignore[call-overload]


def _run(room: frame.Room, settings: dict[str, object]) -> None:
    n = int(settings["n"])  # type: ignore[call-overload]
    expected = jobs.expected(session.store(), "lab", units=n, outcomes=4, settings=settings)
    words = t("{action} · about {time}", action=t("Run"), time=duration_words(expected.seconds))
    key = f"lab-{room.snapshot.project.id}-{room.snapshot.revision}"
    told = expectation_words(expected)
    if st.button(words, type="primary", disabled=room.busy, key=key, help=told):
        job_panel.start(room.snapshot.project.id, "lab", settings, room.snapshot)
        st.rerun()
