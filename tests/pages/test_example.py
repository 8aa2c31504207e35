"""The demo as an example in an empty room: read once, never changed, named as what it is."""

from __future__ import annotations

from causal_core.analysis import Analysis
from pages.shared import example
from tests import made_by_hand
from tests.pages.visiting import stored, visit, words


def test_parts_of_the_demo_are_the_same_objects_for_everybody():
    first, second = (example.part("effects", "policies") for _ in range(2))
    assert first.filled().keys() == {"effects", "policies"}
    assert first.effects is second.effects
    assert example.part("estimand", "effects", "refutations").headline


def test_an_example_in_an_empty_room_says_that_it_is_the_simulated_demo():
    asked = Analysis(table=made_by_hand.table()).asking(made_by_hand.question())
    page = visit("effects", stored(asked))
    assert "Example: the demo, simulated" in words(page)
    assert "Example: the demo, simulated" not in words(visit("data", stored(asked)))
