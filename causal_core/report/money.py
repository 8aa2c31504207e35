"""Money in words: what a payoff makes of an effect. Takes an effect and a payoff, gives texts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from causal_core.analysis import Analysis
from causal_core.figures import clipped, scale_of, unit_words
from causal_core.language import interval, number, t
from causal_core.question import CausalQuestion, EffectKind, Payoff
from causal_core.report.parts import quoted
from causal_core.results import EffectEstimate

PER_THOUSAND = 1_000.0
_COARSE = 10.0  # from here on cents tell nothing beside an interval
_DEAR = 100.0  # from here on a price is told without cents
_CENT = 0.01


@dataclass(frozen=True, kw_only=True)
class Net:
    """Money per unit treated, after its cost, with its interval."""

    value: float
    low: float
    high: float


def net_of(estimate: EffectEstimate, payoff: Payoff | None, question: CausalQuestion) -> Net | None:
    """Return what treating one unit brings after its cost; None where that is not known.

    It is known where somebody said what one of the outcome is worth, and where the effect is
    that of treating a unit. Of “everyone against today” it is not: those treated already cost
    nothing new.
    """
    if payoff is None or question.kind is EffectKind.EVERYONE:
        return None
    worth = payoff.value_per.get(estimate.outcome, 0.0)
    if not worth:
        return None
    value, *ends = (
        worth * each - payoff.cost for each in (estimate.value, estimate.low, estimate.high)
    )
    return Net(value=value, low=min(ends), high=max(ends))


def break_even_of(analysis: Analysis, outcome: str) -> float | None:
    """Return the effect per unit at which the treatment pays, None where it is not known."""
    question = analysis.estimand.question if analysis.estimand else analysis.question
    if question is not None and question.kind is EffectKind.EVERYONE:
        return None
    return analysis.break_even(outcome)


def money_digits(*values: float) -> int:
    """Return how many decimals amounts of this size are told with: none, or cents.

    Examples
    --------
    >>> money_digits(4.0, -80.0, 88.0), money_digits(0.2, 0.1, 0.3)
    (0, 2)
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 0 if largest >= _COARSE else 2


def money(value: float, currency: str, *, digits: int | None = None, signed: bool = False) -> str:
    """Write an amount with its currency.

    Examples
    --------
    >>> money(1234.5, "EUR", signed=True), money(0.2, "EUR"), money(0.0, "")
    ('+1,234 EUR', '0.20 EUR', '0')
    """
    usual = 0 if abs(value) >= _DEAR else 2
    used = usual if digits is None else digits
    text = number(value, digits=used if abs(value) >= _CENT / 2 else 0, signed=signed)
    return f"{text} {clipped(currency)}" if currency and math.isfinite(value) else text


def money_with_reach(value: float, low: float, high: float, currency: str) -> str:
    """Return “+280 EUR, 10 to 550”."""
    digits = money_digits(value, low, high)
    said = money(value, currency, digits=digits, signed=True)
    if not (math.isfinite(low) and math.isfinite(high)):
        return said
    return f"{said}, {interval(low, high, digits=digits)}"


def shown_break_even(value: float, estimate: EffectEstimate) -> str:
    """Return a break-even point on the scale that an estimate is shown in, everywhere alike."""
    scale = scale_of(estimate)
    return number(scale * value, digits=1 if scale != 1 else 3)


def break_even_words(estimate: EffectEstimate, payoff: Payoff, break_even: float) -> str:
    """Return where break-even lies, and what makes it so."""
    return t(
        "+{effect} {unit}: treating one unit costs {cost}, one {outcome} is worth {worth}.",
        effect=shown_break_even(break_even, estimate),
        unit=unit_words(estimate),
        cost=money(payoff.cost, payoff.currency),
        outcome=quoted(estimate.outcome),
        worth=money(payoff.value_per.get(estimate.outcome, 0.0), payoff.currency),
    )
