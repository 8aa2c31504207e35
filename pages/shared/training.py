"""What the Model room shows of a training: who is comparable, and how well outcomes are met."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from causal_core import figures
from causal_core.agreement import Calibration
from causal_core.analysis import Analysis
from causal_core.language import listing, number, percent, t
from causal_core.question import CausalQuestion, plain_value
from causal_core.results import FitRecord, Overlap
from pages.shared.picture import draw, mode
from pages.shared.wording import label

MODELS = ("mlp", "linear")


def model_words(name: str) -> str:
    """Return what an outcome model is called on the screen."""
    return {"mlp": t("Neural network"), "linear": t("Linear")}.get(name, name)


def _propensity_words(name: str) -> str:
    words = {
        "stack": t("boosted trees and logistic regression"),
        "logistic": t("logistic regression"),
        "logged": t("the logged propensity"),
        "shares": t("the shares of the groups, since chance decided"),
        "": t("not stated"),
    }
    return words.get(name, name)


def sentence(overlap: Overlap, judged: Sequence[Calibration]) -> str:
    """Return the room's sentence: who is comparable, and whether predictions match."""
    share = percent(overlap.share_comparable, digits=0)
    off = [item.outcome for item in judged if item.matches is False]
    if off:
        return t(
            "{share} of units have a comparable counterpart; predicted and observed values of "
            "{names} do not match.",
            share=share,
            names=listing(off),
        )
    right = [item.outcome for item in judged if item.matches]
    if not right:
        return t(
            "{share} of units have a comparable counterpart; whether predictions match what was "
            "observed cannot be told. Good prediction proves no cause.",
            share=share,
        )
    return t(
        "{share} of units have a comparable counterpart; predicted values of {names} match "
        "observed ones. Good prediction proves no cause.",
        share=share,
        names=listing(right),
    )


def misses(judged: Sequence[Calibration]) -> None:
    """Say for each outcome that is not met where it is missed most."""
    for item in judged:
        if item.matches is False and item.worst is not None:
            off = t(
                "△ “{outcome}”: where {predicted} is predicted, {observed} was observed, "
                "{errors} standard errors apart. The effect on it leans on the correction.",
                outcome=item.outcome,
                predicted=number(item.worst.predicted, digits=3),
                observed=number(item.worst.observed, digits=3),
                errors=number(item.worst.errors_off, digits=1),
            )
            st.text(off)


def what_follows(record: FitRecord | None) -> str:
    """Return what Train does beside training, and how long the last training took."""
    if record is None:
        return t("Training answers the whole question: estimates and attempts to break them.")
    seconds = number(max(record.seconds, 1.0))
    return t("The last training took {n} s; estimates and attempts follow.", n=seconds)


def comparable_sentence(overlap: Overlap) -> str:
    """Return the room's sentence before any training: who is comparable."""
    return t(
        "{share} of units have a comparable counterpart. Nobody has trained a model yet.",
        share=percent(overlap.share_comparable, digits=0),
    )


def overlap(found: Overlap, question: CausalQuestion) -> None:
    """Show the mirrored histogram of the chance of getting the treatment."""
    if not found.edges:
        return
    frame = figures.overlap_frame(found)
    names = {
        "treated_name": f"{question.treatment} = {plain_value(question.contrast.treated_value)}",
        "control_name": f"{question.treatment} = {plain_value(question.contrast.control_value)}",
    }
    figure = figures.overlap_figure(frame, mode=mode(), **names)
    words = figures.overlap_words(frame, **names)
    draw("overlap", t("Who is comparable"), frame, figure, words)


def results(shown: Analysis) -> None:
    """Show the mirrored histogram and the calibration of each outcome."""
    comparable(shown)
    predictions(shown)


def comparable(shown: Analysis) -> None:
    """Show the mirrored histogram of the estimates that stand."""
    if shown.effects is not None:
        overlap(shown.effects.overlap, shown.effects.estimand.question)


def predictions(shown: Analysis) -> None:
    """Show how well each outcome is met."""
    if shown.model is not None:
        title = t("Are predictions right? Predicted and observed, on units held out")
        st.subheader(title, anchor=False)
        calibrations(shown.model.record)


def calibrations(record: FitRecord) -> None:
    """Show predicted against observed, one picture per outcome."""
    places = st.columns(2, gap="large")
    for at, quality in enumerate(record.quality):
        frame = figures.calibration_frame(quality)
        if frame.empty:
            continue
        words = figures.calibration_words(frame, outcome=quality.outcome)
        figure = figures.calibration_figure(frame, mode=mode())
        with places[at % 2]:
            draw(f"calibration-{at}", label(quality.outcome), frame, figure, words)


def losses(record: FitRecord) -> None:
    """Show how the loss went, where there was any learning in steps."""
    frame = figures.losses_frame(record)
    if frame.empty:
        st.caption(t("This model is solved in one step: there is no loss curve."))
        return
    figure, words = figures.loss_figure(frame, mode=mode()), figures.loss_words(frame)
    draw("losses", t("Loss after each epoch, averaged over the folds"), frame, figure, words)


def quality(record: FitRecord, judged: Sequence[Calibration]) -> None:
    """Show the quality of each outcome, and what the chance of treatment was learned by."""
    marks = {True: t("● match"), False: t("■ do not match"), None: t("○ cannot be told")}
    rows = [
        {
            t("outcome"): item.outcome,
            t("AUC"): item.auc,
            t("log-loss"): item.log_loss,
            t("R²"): item.r_squared,
            t("predicted and observed"): marks[found.matches],
        }
        for item, found in zip(record.quality, judged, strict=True)
    ]
    three = st.column_config.NumberColumn(format="%.3f")
    st.dataframe(
        rows,
        hide_index=True,
        column_config={t("AUC"): three, t("log-loss"): three, t("R²"): three},
    )
    facts = [
        t("Outcome model: {name}", name=model_words(record.model)),
        t("Chance of treatment from: {name}", name=_propensity_words(record.propensity_model)),
        t("Seconds: {n}", n=number(record.seconds, digits=1)),
    ]
    if record.propensity_auc is not None:
        facts.insert(
            2,
            t(
                "Its AUC: {value} (0.5: nothing tells who was treated; near 1: nobody is alike)",
                value=number(record.propensity_auc, digits=3),
            ),
        )
    st.text("\n".join(facts))
    st.caption(
        t(
            "Every number here is from units held out of the training. Predictions match if in no "
            "tenth of them the mean outcome lies more than 3.29 standard errors and more than a "
            "tenth of the overall mean away."
        )
    )
