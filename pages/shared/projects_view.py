"""What stands in the Projects room: the finished demo, a table of her own, recent projects."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from causal_core import figures, report
from causal_core.analysis import (
    Analysis,
    per_thousand,
    raw_difference,
    verdict,
    verdict_words,
)
from causal_core.language import interval, number, t
from causal_core.results import EffectEstimate, Effects
from pages.shared import aims, effects_view, example, job_panel, project_list, session
from pages.shared.picture import mode
from pages.shared.wording import label, literal

_THOUSAND = 1_000.0

STYLE = """<style>
.numbers {display: flex; gap: .3rem 2.2rem; flex-wrap: wrap; margin: 0; padding: 0;}
.numbers span, .numbers small {display: block; font-size: .87rem; line-height: 1.4;}
.numbers b {font-size: 1.6rem; font-weight: 650; line-height: 1.2;
  font-variant-numeric: tabular-nums;}
.asked {margin: 0; font-size: 1.05rem; line-height: 1.5;}
.funnel {display: grid; grid-template-columns: max-content 1fr max-content; gap: .35rem .8rem;
  align-items: center; font-size: .93rem; margin: .2rem 0 0 0;}
.funnel .track {position: relative; height: 1.1rem;}
.funnel .track i {position: absolute; top: 0; bottom: 0; left: 0; box-sizing: border-box;}
.funnel .track .filled {background: var(--bar); top: .2rem; bottom: .2rem;}
.funnel .track .outlined {border: 1.5px solid currentColor;}
.funnel .track .whisker {border-top: 1.5px solid currentColor; top: 50%;}
.funnel b {font-weight: 500; font-variant-numeric: tabular-nums;}
.key {font-size: .84rem; margin: .25rem 0 0 0; color: var(--quiet);}
.shape {border-collapse: collapse; font-size: .84rem; width: 100%; margin: .2rem 0 0 0;}
.shape th, .shape td {text-align: left; padding: .2rem .5rem .2rem 0; font-weight: 400;
  border-bottom: 1px solid rgba(128, 128, 128, .3);}
.shape thead tr:first-child th {border-bottom: 2px solid var(--of); font-weight: 600;}
.st-key-recent [data-testid="stPageLink"] p {font-size: 1.05rem; font-weight: 600;}
.st-key-recent [data-testid="stPageLink"] a {padding-left: 0;}
.st-key-recent > div:not(:last-child) {border-bottom: 1px solid rgba(128, 128, 128, .22);}
</style>"""

# ---------------------------------------------------------------- the demo


def demo() -> None:
    """Show the finished demo: verdict, three numbers, funnel; she may guess first."""
    shown = example.part("question", "estimand", "effects", "refutations", "payoff", "truth")
    st.subheader(t("Coupon banner: the demo"), anchor=False)
    st.html(
        '<p class="asked">'
        + literal(
            t(
                "A shop showed a coupon banner to some of its users, and those bought more. "
                "Because of the banner, or because busy users see more of everything? "
                "The data are simulated, so the truth is known."
            )
        )
        + "</p>"
    )
    effects = shown.effects
    outcome = report.main_outcome(effects) if effects else ""
    veiled = st.toggle(t("Guess first: cover the answer"), key="guess-first")
    guess = _guess() if veiled else None
    if effects is not None:
        _answer(shown, effects, outcome, veiled=veiled)
    stages = () if effects is None or veiled else effects.primaries()
    if stages:
        _funnel(stages)
    with st.container(horizontal=True):
        opened = st.button(t("Open the demo"), type="primary")
        if stages:
            _as_table(stages)
    if opened:
        project = session.add_demo(t("Coupon banner"))
        if guess is not None:
            effects_view.keep_guess(project, outcome, guess / _THOUSAND)
        session.go("pages/effects.py", project)


def _answer(shown: Analysis, effects: Effects, outcome: str, *, veiled: bool) -> None:
    answer = verdict(
        effects.of(outcome), allowed=shown.headline, break_even=shown.break_even(outcome)
    )
    word = "?" if veiled else verdict_words(answer)
    st.html(
        f'<h2 class="verdict">{literal(word)}</h2>'
        f"{_numbers_html(shown, effects, outcome, veiled=veiled)}"
    )


def _guess() -> float | None:
    value: float | None = st.number_input(
        t("Your guess: of 1,000 users shown the banner, how many more buy because of it?"),
        value=None,
        step=5.0,
        format="%g",
        placeholder=t("a number; below zero for fewer"),
        key="demo-guess",
    )
    return value


def _numbers_html(shown: Analysis, effects: Effects, outcome: str, *, veiled: bool) -> str:
    """Return the three numbers: raw difference, effect, and where it pays."""
    facts = [
        (t("Raw difference"), per_thousand(raw_difference(effects, outcome))),
        (t("Effect"), "?" if veiled else per_thousand(effects.of(outcome))),
    ]
    break_even = shown.break_even(outcome)
    if break_even is not None:
        pays = number(_THOUSAND * break_even, digits=0, signed=True)
        facts.append((t("Pays from"), pays))
    cells = []
    for name, said in facts:
        value, _, ends = said.partition(", ")
        small = f"<small>{literal(ends)}</small>" if ends else ""
        cells.append(f"<div><span>{literal(name)}</span><b>{literal(value)}</b>{small}</div>")
    unit = literal(t("“{outcome}” per 1,000 users, with 95 % intervals", outcome=outcome))
    return f'<div class="numbers">{"".join(cells)}</div><p class="key">{unit}</p>'


# ---------------------------------------------------------------- a funnel without a script


def _funnel(stages: Sequence[EffectEstimate]) -> None:
    """Show each outcome with and without the treatment, in plain HTML: there at first paint."""
    colour = figures.role_colour("outcome", mode=mode())
    st.html(funnel_html(stages, _funnel_words(stages), colour=colour))


def _as_table(stages: Sequence[EffectEstimate]) -> None:
    with st.popover(t("Show as table"), width="content"):
        st.text(_funnel_words(stages))
        st.dataframe(_funnel_rows(stages), hide_index=True)


def funnel_html(stages: Sequence[EffectEstimate], words: str, *, colour: str) -> str:
    """Return a funnel as HTML: nobody treated outlined, everyone filled, a whisker between."""
    ends = [_means(item)[0] + item.high for item in stages]
    most = max([*ends, *(mean for item in stages for mean in _means(item)), 1e-9])
    lines = []
    for item in stages:
        control, treated = _means(item)
        low = 100 * max(control + item.low, 0.0) / most
        reach = 100 * (item.high - item.low) / most
        lines.append(
            f'<span>{literal(item.outcome)}</span><span class="track">'
            f'<i class="filled" style="width:{100 * treated / most:.2f}%"></i>'
            f'<i class="outlined" style="width:{100 * control / most:.2f}%"></i>'
            f'<i class="whisker" style="left:{low:.2f}%;width:{reach:.2f}%"></i>'
            f"</span><b>{literal(_change(item))}</b>"
        )
    key = t(
        "Per 1,000 users. Outlined: if nobody sees it; filled: if everyone does; "
        "line: 95 % interval of the difference."
    )
    return (
        f'<div class="funnel" role="img" aria-label="{literal(words)}" style="--bar:{colour}">'
        f'{"".join(lines)}</div><p class="key">{literal(key)}</p>'
    )


def _means(item: EffectEstimate) -> tuple[float, float]:
    return item.control_mean or 0.0, item.treated_mean or 0.0


def _change(item: EffectEstimate) -> str:
    ends = interval(_THOUSAND * item.low, _THOUSAND * item.high)
    return f"{number(_THOUSAND * item.value, signed=True)}, {ends}"


def _funnel_words(stages: Sequence[EffectEstimate]) -> str:
    said = [
        t(
            "{outcome} from {control} to {treated}: {change}",
            outcome=item.outcome,
            control=number(_THOUSAND * _means(item)[0]),
            treated=number(_THOUSAND * _means(item)[1]),
            change=_change(item),
        )
        for item in stages
    ]
    return t("Per 1,000 users, nobody against everyone: {stages}.", stages="; ".join(said))


def _funnel_rows(stages: Sequence[EffectEstimate]) -> list[dict[str, str]]:
    return [
        {
            t("outcome"): item.outcome,
            t("if nobody"): number(_THOUSAND * _means(item)[0]),
            t("if everyone"): number(_THOUSAND * _means(item)[1]),
            t("difference"): _change(item),
        }
        for item in stages
    ]


# ---------------------------------------------------------------- a table of her own


def _shape_html() -> str:
    """Return a small example of a table: what was known before, the treatment, what came after."""
    parts = [
        (t("before"), "history", ["visits", "age"], ["12", "25–34"], ["3", "55+"]),
        (t("at"), "treatment", ["banner"], ["1"], ["0"]),
        (t("after"), "outcome", ["click", "purchase"], ["1", "0"], ["0", "0"]),
    ]
    heads = "".join(
        f'<th colspan="{len(names)}" scope="colgroup" '
        f'style="--of:{figures.role_colour(role, mode=mode())}">{literal(title)}</th>'
        for title, role, names, _, _ in parts
    )
    names = "".join(f'<th scope="col">{name}</th>' for part in parts for name in part[2])
    rows = "".join(
        "<tr>" + "".join(f"<td>{value}</td>" for part in parts for value in part[at]) + "</tr>"
        for at in (3, 4)
    )
    said = literal(t("An example of such a table"))
    return (
        f'<table class="shape" aria-label="{said}"><thead><tr>{heads}</tr><tr>{names}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def own_table() -> None:
    """Take a table and what she wants to know of it; both are hers to change later."""
    st.subheader(t("I have one table"), anchor=False)
    st.markdown(
        t(
            "One row per user, session or decision: what was known before, what was done, what "
            "came of it."
        )
    )
    st.html(_shape_html())
    names: Sequence[str] = tuple(aims.AIMS)
    aim = st.selectbox(
        t("What do you want to know?"), names, format_func=aims.words, key="aim-of-new-table"
    )
    st.caption(label(aims.meaning(aim)))
    file = st.file_uploader(
        t("Table"),
        type=session.FILE_TYPES,
        key=session.fresh_upload_key(),
        label_visibility="collapsed",
    )
    if file is None:
        return
    project, upload = session.add_table(file.name, file, None)
    aims.choose(project, aim)
    project_list.forget_refused(but=project)
    job_panel.start(project, "ingest", {"upload": upload})
    session.go("pages/data.py", project)
