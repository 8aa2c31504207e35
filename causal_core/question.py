"""What is asked, and what quantity would answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from causal_core.fingerprint import fingerprint
from causal_core.language import number, t


class EffectKind(StrEnum):
    """For whom the effect is averaged."""

    ATE = "ate"
    ATT = "att"
    ATU = "atu"
    EVERYONE = "everyone"


class Assignment(StrEnum):
    """Who decided which unit was treated."""

    UNKNOWN = "unknown"
    CHANCE = "chance"
    RULE = "rule"


class Status(StrEnum):
    """Whether the question can be answered from the data."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"


class Strategy(StrEnum):
    """How the effect is identified."""

    BACKDOOR = "backdoor"
    RANDOMISED = "randomised"
    LOGGED = "logged"
    NONE = "none"


class SetSource(StrEnum):
    """Who chose the adjustment set."""

    GRAPH = "graph"
    PATTERN = "pattern"
    ANALYST = "analyst"
    ROLES = "roles"


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Which treatment value is compared with which; a `shift` is for continuous treatments."""

    treated_value: float | str = 1.0
    control_value: float | str = 0.0
    shift: float | None = None

    def __str__(self) -> str:
        if self.shift is not None:
            return t("{shift} against as it was", shift=number(self.shift, digits=2, signed=True))
        return t(
            "{treated} against {control}",
            treated=plain_value(self.treated_value),
            control=plain_value(self.control_value),
        )


def plain_value(value: float | str) -> str:
    """Return a treatment or outcome value as a reader writes it: 1, not 1.0.

    Examples
    --------
    >>> plain_value(1.0), plain_value(0.25), plain_value("gold")
    ('1', '0.25', 'gold')
    """
    return value if isinstance(value, str) else f"{value:g}"


@dataclass(frozen=True, kw_only=True)
class CausalQuestion:
    """Among a population, does treatment A rather than B change the outcomes in a window.

    `population` is a filter expression (None: all units); `window` only words.
    """

    treatment: str
    outcomes: tuple[str, ...]
    contrast: Contrast = Contrast()
    kind: EffectKind = EffectKind.ATE
    population: str | None = None
    window: str = ""
    assignment: Assignment = Assignment.UNKNOWN

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of all that was asked, but for the window's wording."""
        return fingerprint(
            "question",
            treatment=self.treatment,
            outcomes=self.outcomes,
            contrast=self.contrast,
            effect=self.kind,
            population=self.population,
            assignment=self.assignment,
        )


@dataclass(frozen=True, kw_only=True)
class Payoff:
    """What an outcome is worth and what the treatment costs, in money; both optional.

    `value_per` maps an outcome to the money that one of it brings; `cost` is what treating one
    unit costs.
    """

    value_per: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    currency: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of values, cost and currency."""
        return fingerprint(
            "payoff", value_per=dict(self.value_per), cost=self.cost, currency=self.currency
        )

    def break_even(self, outcome: str) -> float | None:
        """Return the effect per unit at which the treatment pays for itself, None if unknown.

        Examples
        --------
        >>> Payoff(value_per={"purchase": 20.0}, cost=0.5).break_even("purchase")
        0.025
        """
        value = self.value_per.get(outcome, 0.0)
        return self.cost / value if value > 0 and self.cost > 0 else None


@dataclass(frozen=True, kw_only=True)
class Estimand:
    """The quantity to be estimated: the question with an adjustment set that answers it.

    Holds no descendant of the treatment. `time_ordered` is whether somebody stated that the
    adjustment set was known before the treatment and the outcome after it; without that the
    result is an association between groups and is called so.
    """

    question: CausalQuestion
    adjustment_set: tuple[str, ...]
    status: Status = Status.YES
    strategy: Strategy = Strategy.BACKDOOR
    source: SetSource = SetSource.GRAPH
    time_ordered: bool = True
    assumptions: tuple[str, ...] = ()
    basis: Mapping[str, str] | None = None

    @property
    def causal(self) -> bool:
        """Whether the answer may be worded as an effect."""
        return self.time_ordered and self.status is Status.YES

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of what numbers depend on: question, adjustment set, strategy; no graph."""
        return fingerprint(
            "estimand",
            question=self.question.fingerprint,
            adjustment_set=sorted(self.adjustment_set),
            strategy=self.strategy,
        )


@dataclass(frozen=True, kw_only=True)
class Identification:
    """What a graph says about a question: live beside the canvas, and the ``identify`` verb."""

    status: Status
    strategy: Strategy
    adjustment_set: tuple[str, ...] = ()
    minimal_sets: tuple[tuple[str, ...], ...] = ()
    open_paths: tuple[str, ...] = ()
    bad_controls: tuple[str, ...] = ()
    sentence: str = ""
