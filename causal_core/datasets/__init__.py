"""The truth lab's data: a simulated recommender funnel whose every effect is known.

Takes a scenario, a size and a seed; gives a unit table, the same users as an event log, and the
truth. Touches nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from causal_core.datasets import events
from causal_core.datasets.alike import settings_like
from causal_core.datasets.columns import schema_of
from causal_core.datasets.exact import truth_of
from causal_core.datasets.laws import OUTCOMES, slot_chances
from causal_core.datasets.mechanisms import DEFAULT_RATES, Mechanisms, calibrated, funnel_rates
from causal_core.datasets.people import TRAITS, People, column_values, people_from
from causal_core.datasets.scenarios import COUPON_EUR, DEFAULT_STRENGTH, SCENARIOS, redeem_chance
from causal_core.errors import BadSettingError
from causal_core.graph import CausalGraph, Edge
from causal_core.language import t
from causal_core.question import Assignment, CausalQuestion
from causal_core.results import Array, Truth
from causal_core.schema import Role
from causal_core.table import BehaviorTable, Cleaning

__all__ = [
    "DEFAULT_RATES",
    "OUTCOMES",
    "SCENARIOS",
    "Oracle",
    "Simulation",
    "settings_like",
    "simulate",
]

LEAST_UNITS = 50
MOST_UNITS = 5_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Oracle:
    """What no analyst can know: each unit's true chances, for tests.

    Shapes
    ------
    propensity ``(n,)``: P(treated) given all that the policy saw, hidden causes included.
    means ``(n, 2, 4)``: P(outcome) under control and treated, given the unit's covariates and
    hidden taste, averaged over the slots it could have been served in. outcomes: their names.
    """

    propensity: Array
    means: Array
    outcomes: tuple[str, ...] = OUTCOMES

    @cached_property
    def unit_effects(self) -> Array:
        """Each unit's expected effect, treated minus control: ``(n, 4)``."""
        return np.asarray(self.means[:, 1] - self.means[:, 0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """Simulated users: as a unit table, as events, with the truth and the oracle."""

    scenario: str
    seed: int
    table: BehaviorTable
    oracle: Oracle
    mechanisms: Mechanisms

    @cached_property
    def truth(self) -> Truth:
        """Exact effects of every lever on every outcome, edges, adjustment set and notes."""
        law = self.mechanisms.law
        return truth_of(self.scenario, tuple(map(float, self.mechanisms.rates)), law.strength)

    @property
    def question(self) -> CausalQuestion:
        """The question that these data were made for: treatment and funnel."""
        schema = self.table.schema
        logged = bool(schema.with_role(Role.PROPENSITY))
        return CausalQuestion(
            treatment=schema.with_role(Role.TREATMENT)[0],
            outcomes=schema.with_role(Role.OUTCOME),
            assignment=Assignment.RULE if logged else Assignment.UNKNOWN,
        )

    @property
    def graph(self) -> CausalGraph:
        """The true edges among the columns; the hidden tastes behind them are left out."""
        edges = tuple(Edge(source=cause, target=effect) for cause, effect in self.truth.edges)
        named = {name for edge in edges for name in edge.pair}
        nodes = tuple(name for name in self.table.schema.names if name in named)
        return CausalGraph(nodes=nodes, edges=edges)

    def events(self) -> pd.DataFrame:
        """Return the event log of these users, ordered in time.

        See Also
        --------
        causal_core.datasets.events.log : its columns, and what of it gives which table column.
        """
        treatment = self.mechanisms.law.treatment
        return events.log(self.table.frame, treatment=treatment, seed=self.seed)

    def users(self) -> pd.DataFrame:
        """Return what a user register would hold: the id and the attributes of each user."""
        schema = self.table.schema
        names = [*schema.with_role(Role.UNIT_ID), *schema.with_role(Role.ATTRIBUTE)]
        return self.table.frame[names].copy()


def simulate(
    scenario: str,
    n: int,
    *,
    seed: int = 7,
    base_rates: Mapping[str, float] | None = None,
    strength: float = DEFAULT_STRENGTH,
) -> Simulation:
    """Simulate the users of a recommender whose effects are known exactly.

    Hidden tastes drive interest tags, history and outcomes. A logging policy sees tags and
    history, shows a banner to some and serves a slot from 1 (top) to 5; then users click,
    browse, cart and purchase, each only after the stage before.

    Parameters
    ----------
    scenario
        ``linear``: straight lines, one effect for all. ``funnel``: bent, confounded,
        heterogeneous, one segment harmed. ``null``: the funnel without any effect, chased early
        buyers. ``no-overlap``: the policy decides by rule. ``hidden``: an unobserved cause of
        treatment, funnel and the negative control ``help_contact``; its policy logs no
        propensity. ``coupon``: the demo.
    n
        Number of users, from 50 to 5,000,000.
    seed
        Seeds the users; the truth does not depend on it.
    base_rates
        Marginal outcome rates under the logging policy, for all or some of click, browse, cart
        and purchase; the default is 0.35, 0.22, 0.11 and 0.05.
    strength
        Of the hidden cause in ``hidden``: logits per standard deviation, from 0 to 3.

    Returns
    -------
    Simulation
        Outcomes are 0 or 1 per user, so an effect is a difference of shares.

    Raises
    ------
    BadSettingError
        If there is no such scenario, or a setting lies out of bounds.

    Examples
    --------
    >>> from causal_core import datasets
    >>> simulation = datasets.simulate("funnel", 1_000, seed=7)
    >>> len(simulation.table), round(simulation.truth.effect("click"), 2)
    (1000, 0.11)
    """
    if not LEAST_UNITS <= n <= MOST_UNITS:
        allowed = t("a number from {low} to {high}", low=LEAST_UNITS, high=MOST_UNITS)
        raise BadSettingError(setting="n", value=n, allowed=allowed)
    if seed < 0:
        raise BadSettingError(setting="seed", value=seed, allowed=t("a number from 0 on"))
    at = float(strength) if scenario == "hidden" else 0.0
    mechanisms = calibrated(scenario, funnel_rates(scenario, base_rates), at)
    traits, draws = np.random.default_rng(seed).spawn(2)
    people = people_from(traits.random((n, len(TRAITS))), bounded=mechanisms.law.linear)
    oracle = Oracle(propensity=mechanisms.law.policy(people), means=mechanisms.means(people))
    frame = _frame(mechanisms, people, oracle.propensity, draws)
    schema = schema_of(tuple(frame.columns), mechanisms.law.treatment)
    source = t("simulated: {scenario}, seed {seed}", scenario=scenario, seed=seed)
    cleaning = Cleaning(rows_read=n, rows_kept=n, rows_after_dedup=n, sources=(source,))
    table = BehaviorTable(frame=frame, schema=schema, cleaning=cleaning)
    return Simulation(
        scenario=scenario, seed=seed, table=table, oracle=oracle, mechanisms=mechanisms
    )


def _frame(
    mechanisms: Mechanisms, people: People, propensity: Array, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the unit table's frame: who was served what, and what they did."""
    n, law = len(people), mechanisms.law
    u_slot, u_arm, u_outcome, u_help, u_redeem = rng.random((5, n))
    slot = 1.0 + (u_slot[:, None] > np.cumsum(slot_chances(people), axis=1)[:, :-1]).sum(axis=1)
    arm = (u_arm < propensity).astype(np.int64)
    chances = mechanisms.means(people, slot)[np.arange(n), arm]
    reached = (u_outcome[:, None] < chances).astype(np.float64)
    values: dict[str, object] = {"user_id": _ids(n), **column_values(people)}
    if law.name != "coupon":
        del values["random_traffic"]
    values |= {law.treatment: arm.astype(np.float64), "position": slot}
    if law.name != "hidden":
        values["propensity"] = propensity
    values |= {name: reached[:, at] for at, name in enumerate(OUTCOMES)}
    values["help_contact"] = (u_help < mechanisms.help_chance(people)).astype(np.float64)
    if law.name == "coupon":
        values |= _coupon_columns(
            arm * reached[:, -1] * (u_redeem < redeem_chance(people)), reached[:, -1], rng
        )
    frame = pd.DataFrame(values)
    words = dict.fromkeys(("user_id", "age_group", "device"), "str")
    return frame.astype(words)


def _coupon_columns(redeemed: Array, purchase: Array, rng: np.random.Generator) -> dict[str, Array]:
    """Return what is known after: order value, redemption and what the redemption cost."""
    value = np.round(np.exp(3.5 + 0.6 * rng.standard_normal(len(purchase))), 2)
    return {
        "order_value": purchase * value,
        "redeemed": redeemed,
        "coupon_cost": COUPON_EUR * redeemed,
    }


def _ids(n: int) -> Array:
    return np.array([f"u{at:07d}" for at in range(1, n + 1)])
