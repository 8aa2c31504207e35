"""The Effects room: a verdict with its interval, or why there is none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from causal_core import jobs
from causal_core.analysis import Analysis
from causal_core.question import EffectKind
from causal_core.results import SegmentEffect
from causal_core.store import LOCAL, Store
from tests import made_by_hand, strategy_by_hand
from tests.pages.visiting import end_all_jobs, now, stored, visit, words

A_NUMBER = re.compile(r"[+−]\d")


@pytest.fixture(autouse=True)
def own_store(home):
    yield
    end_all_jobs(home)


def verdict_and_sentence(page) -> tuple[str, str]:
    body = [element.value for element in page.main.get("html")]
    at = next(i for i, text in enumerate(body) if 'class="verdict"' in text)
    return tuple(re.sub(r"<[^>]+>", "", text) for text in body[at : at + 2])


def beside(page) -> str:
    """What stands under the sentence: what would mend it, break-even, truth, guess."""
    told = [one.value for one in page.main.get("html") if 'class="say-also"' in one.value]
    return re.sub(r"<[^>]+>", "\n", "".join(told))


def labels(page) -> list[str]:
    return [one.label for one in page.main.button]


def starts(page, words: str):
    """The button whose label starts with these words; the expected time follows."""
    (found,) = [one for one in page.main.button if one.label.startswith(words)]
    return found


def asked(**changes: object) -> Analysis:
    """The analysis up to its question: nothing is answered."""
    whole = made_by_hand.analysis()
    return replace(whole, model=None, effects=None, refutations=None, scenarios=None, **changes)


def with_segments(analysis: Analysis) -> Analysis:
    segments = tuple(
        SegmentEffect(
            column=column,
            segment=segment,
            where=f"{column} == '{segment}'",
            outcome="purchase",
            value=value,
            low=value - 0.01,
            high=value + 0.01,
            level=0.95,
            standard_error=0.004,
            n_units=200,
            n_clusters=200,
        )
        for column, segment, value in (
            ("country", "de", 0.03),
            ("country", "fr", -0.02),
            ("visits", "0 to 3", 0.0),
        )
    )
    return replace(analysis, effects=replace(analysis.effects, segments=segments))


# ---------------------------------------------------------------- verdict and sentence


def test_a_full_answer_says_verdict_effect_with_interval_and_raw_difference():
    page = visit("effects", stored(made_by_hand.analysis()))
    verdict, sentence = verdict_and_sentence(page)
    assert verdict == "Raises"
    assert "“purchase” per 1,000 units: +12, 4 to 20 (95 % interval)" in sentence
    assert "+31, 23 to 39" in sentence


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [
        (0.01, "Pays"),
        (0.0, "Works, may not pay"),
        (-0.012, "Cannot tell"),
        (-0.04, "Harms"),
    ],
)
def test_with_value_and_cost_the_verdict_says_whether_it_pays(shift, verdict):
    worth = replace(made_by_hand.analysis(shift=shift), payoff=strategy_by_hand.payoff())
    page = visit("effects", stored(worth))
    assert verdict_and_sentence(page)[0] == verdict
    cost = "per 1,000 on: 0.20 EUR per unit treated, 40.00 EUR per “purchase”."
    assert re.search(rf"It pays from \+5(\.0)? {cost}", beside(page))


def test_without_value_and_cost_nothing_is_said_of_paying():
    assert "pays" not in beside(visit("effects", stored(made_by_hand.analysis())))


def test_an_effect_whose_interval_holds_zero_cannot_be_told_and_says_what_could_have_been():
    page = visit("effects", stored(made_by_hand.analysis(shift=-0.012)))
    assert verdict_and_sentence(page)[0] == "Cannot tell"
    # 2.8 standard errors of 8 / 1.96 per 1,000
    assert "in 4 of 5 cases is about 11.4 per 1,000" in beside(page)


@pytest.mark.parametrize(
    ("kind", "whom"),
    [
        (EffectKind.ATT, "per 1,000 units that got it"),
        (EffectKind.ATU, "per 1,000 units that do not get it today"),
    ],
)
def test_the_sentence_says_for_whom_the_effect_is(kind, whom):
    whole = made_by_hand.analysis()
    question = replace(whole.question, kind=kind)
    estimand = replace(whole.estimand, question=question, basis=None)
    made = replace(whole.effects, estimand=estimand, basis=None)
    tried = replace(whole.refutations, basis=None)
    page = visit(
        "effects",
        stored(
            Analysis(
                table=whole.table,
                question=question,
                estimand=estimand,
                effects=made,
                refutations=tried,
            )
        ),
    )
    assert whom in verdict_and_sentence(page)[1]


@pytest.mark.parametrize(
    ("trouble", "check", "remedy"),
    [
        ({"stated": False}, "Order in time", "Say for each column when it was known"),
        ({"sufficient": False}, "Comparable", "Restrict the population"),
        ({"unbroken": False}, "Attempts to break it", "Look for a missing confounder"),
        ({"events": (61.0, 12.0)}, "Enough events", "Use a longer outcome window"),
    ],
)
def test_one_failed_check_takes_verdict_and_every_number_and_says_what_would_mend_it(
    trouble, check, remedy
):
    worth = replace(made_by_hand.analysis(**trouble), payoff=strategy_by_hand.payoff())
    page = visit("effects", stored(worth))
    verdict, sentence = verdict_and_sentence(page)
    assert verdict == "No answer"
    assert check in sentence
    assert f"■ {check}. To mend it: {remedy}" in beside(page)
    assert not A_NUMBER.search(sentence + beside(page))
    assert "What the data show, not an answer" in words(page)
    assert "From the raw difference to the effect" not in words(page)


def test_the_rail_marks_a_failed_check():
    page = visit("effects", stored(made_by_hand.analysis(unbroken=False)))
    marks = "\n".join(link.proto.label for link in page.sidebar.get("page_link"))
    assert re.search(r"■\s+Effects", marks)
    assert re.search(r"●\s+Data", marks)


# ---------------------------------------------------------------- controls


def test_another_outcome_is_chosen_by_name():
    page = visit("effects", stored(made_by_hand.analysis()))
    page.main.get("button_group")[0].set_value("click").run()
    assert "“click” per 1,000 units: +107, 88 to 126" in verdict_and_sentence(page)[1]


def test_the_truth_is_shown_only_where_there_is_one_and_only_when_asked_for():
    assert not visit("effects", stored(made_by_hand.analysis())).toggle
    page = visit("effects", stored(made_by_hand.simulated(made_by_hand.analysis())))
    assert page.toggle[0].label == "Lift the curtain: show the truth"
    assert "truth is" not in words(page)
    page.toggle[0].set_value(True).run()
    assert "◇ The truth is +10 per 1,000: the interval holds it." in beside(page)


def test_an_interval_that_misses_the_truth_says_so():
    page = visit("effects", stored(made_by_hand.simulated(made_by_hand.analysis(shift=0.02))))
    page.toggle[0].set_value(True).run()
    assert "the interval misses it" in beside(page)


def test_segments_wait_under_more_and_come_forward_if_she_asks_for_whom():
    project = stored(with_segments(made_by_hand.analysis()))
    page = visit("effects", project)
    under_more = [one.value for one in page.main.get("expander")[-1].subheader]
    assert "For whom" in under_more
    Store.open().set_settings(project, {"aim": "whom"}, actor=LOCAL)
    page = visit("effects", project)
    under_more = [one.value for one in page.main.get("expander")[-1].subheader]
    assert "For whom" not in under_more
    assert "For whom" in words(page)


def test_the_segment_control_chooses_the_covariate():
    project = stored(with_segments(made_by_hand.analysis()))
    page = visit("effects", project)
    (control,) = [one for one in page.main.selectbox if one.label == "Segment by"]
    assert control.options == ["All columns", "country", "visits"]
    assert not control.set_value("visits").run().exception


def test_a_lifted_curtain_tells_the_truth_of_the_simulators_own_segments():
    simulated = made_by_hand.simulated(with_segments(made_by_hand.analysis()))
    notes = {
        "segments": [
            {"name": "new_ones", "where": "visits < 3", "effects": {"purchase": 0.031}},
            {"name": "others", "where": "visits >= 3", "effects": {"click": 0.2}},
        ]
    }
    told = replace(simulated, truth=replace(simulated.truth, notes=notes))
    page = visit("effects", stored(told))
    assert "new ones" not in words(page)
    page.toggle[0].set_value(True).run()
    assert "◇ The truth for “new ones” (visits &lt; 3): +31 per 1,000." in words(page)
    assert "others" not in words(page)


def test_without_segments_there_is_no_control_for_them():
    page = visit("effects", stored(made_by_hand.analysis()))
    assert "Segment by" not in [one.label for one in page.main.selectbox]


# ---------------------------------------------------------------- attempts to break it


def test_attempts_are_grouped_by_kind_with_how_many_outcomes_passed():
    whole = made_by_hand.analysis()
    first, second = whole.refutations.attempts
    placebo = [replace(first, outcome=name) for name in whole.effects.outcomes]
    broken = replace(second, outcome="click", passed=False, sentence="It moved.")
    tried = replace(whole.refutations, attempts=(*placebo, second, broken))
    page = visit("effects", stored(replace(whole, refutations=tried)))
    cards = [
        re.sub(r"<[^>]+>", " ", one.value)
        for one in page.main.get("html")
        if 'class="attempt"' in one.value
    ]
    assert len(cards) == 2
    assert "4 of 4 outcomes passed." in cards[0]
    assert "1 of 2 outcomes passed. It moved." in cards[1]
    tables = [one.value for one in page.main.get("expander")[-1].dataframe]
    rows = [list(table["outcome"]) for table in tables if "outcome" in table]
    assert list(whole.effects.outcomes) in rows


# ---------------------------------------------------------------- guess first


def test_a_guess_before_the_answer_is_kept_per_unit_and_can_be_taken_back():
    project = stored(asked())
    page = visit("effects", project)
    assert "Guess first" in "\n".join(one.value for one in page.main.markdown)
    page.number_input[0].set_value(20.0).run()
    store = Store.open()
    assert store.settings(project, actor=LOCAL)["guess"] == {"purchase": pytest.approx(0.02)}
    assert "Kept. It will stand beside the answer as a dotted mark." in words(page)
    page.number_input[0].set_value(None).run()
    assert "guess" not in store.settings(project, actor=LOCAL)


def test_the_answer_says_what_she_guessed_and_asks_no_more():
    project = stored(made_by_hand.analysis())
    Store.open().set_settings(project, {"guess": {"purchase": 0.02}}, actor=LOCAL)
    page = visit("effects", project)
    assert "? Your guess was +20 per 1,000." in beside(page)
    assert not page.number_input


def test_a_guess_that_is_no_number_is_passed_over():
    project = stored(made_by_hand.analysis())
    Store.open().set_settings(project, {"guess": {"purchase": "many"}}, actor=LOCAL)
    assert "guess" not in beside(visit("effects", project))


# ---------------------------------------------------------------- before the answer


def test_a_question_without_an_answer_has_one_button_and_a_pale_example():
    page = visit("effects", stored(asked()))
    assert "The question stands; nobody has answered it yet." in words(page)
    assert "Example: the demo, simulated" in words(page)
    starts(page, "Answer my question")
    assert 'class="verdict"' not in "".join(one.value for one in page.main.get("html"))


def test_a_project_without_a_question_leads_to_the_data_room():
    page = visit("effects", stored(Analysis(table=made_by_hand.table())))
    assert "Ask a question first" in words(page)
    assert "Ask a question" in labels(page)
    assert not [name for name in labels(page) if name.startswith("Answer")]


def test_a_project_without_a_table_leads_to_the_data_room():
    project = Store.open().create_project("Empty", actor=LOCAL)
    page = visit("effects", project.id)
    assert "Bring a table first" in words(page)
    assert "Bring a table" in labels(page)


def test_a_pilot_shows_intervals_without_a_verdict_and_offers_the_full_run():
    whole = made_by_hand.analysis()
    basis = {"table": whole.table.fingerprint, "question": whole.question.fingerprint}
    pilot = replace(whole.effects, pilot_of=1_200_000, basis=basis)
    page = visit("effects", stored(asked(pilot=pilot)))
    assert "Pilot: 400 of 1.2 M units; no verdict from a pilot." in words(page)
    assert "What the pilot shows" in words(page)
    assert 'class="verdict"' not in "".join(one.value for one in page.main.get("html"))
    assert not page.number_input, "a guess after a look is none"
    starts(page, "Answer my question")


def test_a_changed_question_leaves_the_old_answer_greyed_and_offers_a_new_one():
    project, whole = stored(made_by_hand.analysis()), made_by_hand.analysis()
    changed = whole.asking(replace(whole.question, population="visits > 2"))
    Store.open().save(project, changed, revision=now(project).project.revision, actor=LOCAL)
    page = visit("effects", project)
    assert "The answer below is an earlier one" in words(page)
    assert "It rests on what has changed since" in words(page)
    assert "The earlier answer, no longer current" in words(page)
    assert 'class="verdict"' not in "".join(one.value for one in page.main.get("html"))


def test_the_button_starts_the_chain_and_the_room_then_says_that_it_runs():
    project = stored(asked(graph=None, estimand=None))
    page = visit("effects", project)
    starts(page, "Answer my question").click().run()
    (job,) = jobs.listing(Store.open(), project, actor=LOCAL)
    assert job.step == "answer"
    page = visit("effects", project)
    assert "The answer is being worked out." in words(page)
    assert "Guess first" in "\n".join(one.value for one in page.main.markdown)
    assert not [name for name in labels(page) if name.startswith("Answer")]
