"""What a policy is worth: takes held-out scores and who would be treated, gives intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from causal_core.features import ArmMeans, difference_limits, effective_sample_size
from causal_core.results import FrontierPoint, PolicyName, PolicyValue

Array = np.ndarray
Interval = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What one more of the outcome brings and what treating one unit costs."""

    value: float = 1.0
    cost: float = 0.0

    def of(self, gain: Interval, share: float) -> Interval:
        """Return a gain of the outcome as a net gain; the share treated is known."""
        value, *ends = (self.value * each - self.cost * share for each in gain)
        return value, min(ends), max(ends)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """The compared units of one outcome, on which policies are judged.

    Shapes: y and arm ``(n,)``; predictions and propensities ``(n, 2)``, held out; clusters
    ``(n,)`` with codes from 0. `chances` tells whether y is 0 or 1.
    """

    y: Array
    arm: Array
    predictions: Array
    propensities: Array
    clusters: Array
    n_clusters: int
    chances: bool
    level: float
    worth: Worth

    @cached_property
    def scores(self) -> Array:
        """What each unit tells of the mean under control and treated, ``(n, 2)`` (AIPW).

        For arm a it is ``mu_a + 1(arm = a) / e_a (y - mu_a)`` (Robins, Rotnitzky, Zhao, 1994).
        """
        own = np.column_stack([self.arm == 0, self.arm == 1])
        missed = self.y[:, None] - self.predictions
        return np.asarray(self.predictions + own / self.propensities * missed)

    @property
    def gains(self) -> Array:
        """What each unit tells of the gain from treating it, ``(n,)``."""
        return np.asarray(self.scores[:, 1] - self.scores[:, 0])

    @property
    def gains_today(self) -> Array:
        """What each unit tells of the gain from today's treatment, ``(n,)``: y less control."""
        return np.asarray(self.y - self.scores[:, 0])

    def _today(self) -> Array:
        """Return `gains_today` as the two means it is the difference of, both of the treated."""
        mu, odds = self.predictions[:, 0], self.propensities[:, 1] / self.propensities[:, 0]
        treated = self.arm == 1
        control = np.where(treated, mu, odds * (self.y - mu))
        return np.column_stack([control, treated * self.y])

    def _limits(self, pair: Array, *, chances: bool) -> Interval:
        control, treated = pair.mean(axis=0)
        arms = ArmMeans(values=(float(control), float(treated)), influence=pair - pair.mean(axis=0))
        found = difference_limits(
            arms, self.clusters, self.n_clusters, level=self.level, chances=chances
        )
        return arms.difference, found.low, found.high

    def gain(self, chosen: Array) -> Interval:
        """Return what treating the chosen brings per unit, beyond treating nobody."""
        return self._limits(chosen[:, None] * self.scores, chances=self.chances)

    def gain_today(self) -> Interval:
        """Return what the treatment as it was brought per unit, beyond treating nobody."""
        return self._limits(self._today(), chances=self.chances)

    def lead(self, gains: Array, others: Array) -> Interval:
        """Return by how much one policy's gains exceed another's, per unit."""
        return self._limits(np.column_stack([others, gains]), chances=False)

    def sample_size(self, chances: Array) -> float:
        """Return the effective number of units whose treatment agrees with a policy.

        `chances` are those that the policy gives to the treatment, ``(n,)``.
        """
        share = chances.astype(np.float64)
        policy = np.where(self.arm == 1, share, 1 - share)
        logged = np.where(self.arm == 1, self.propensities[:, 1], self.propensities[:, 0])
        return effective_sample_size(policy / logged)

    def events(self, chosen: Array) -> float:
        """Return how many events the thinner mean of the chosen rests on, weighted."""
        shares = [
            effective_sample_size((chosen & (self.arm == a)) * self.y / self.propensities[:, a])
            for a in (0, 1)
        ]
        return min(shares)


def values_of(bench: Bench, best: Array, likeliest: Array) -> tuple[PolicyValue, ...]:
    """Return the six policies; random treats as large a share as the best does."""
    n, share = len(bench.y), float(best.mean())
    everyone, nobody = np.ones(n), np.zeros(n)
    all_gain = bench.gain(everyone)
    of_part = (share * all_gain[0], share * all_gain[1], share * all_gain[2])
    plans = {
        PolicyName.NOBODY: (nobody, (0.0, 0.0, 0.0)),
        PolicyName.RANDOM: (np.full(n, share), of_part),
        PolicyName.TODAY: (None, bench.gain_today()),
        PolicyName.EVERYONE: (everyone, all_gain),
        PolicyName.LIKELIEST: (likeliest, bench.gain(likeliest)),
        PolicyName.BEST: (best, bench.gain(best)),
    }
    return tuple(_value(bench, name, chances, gain) for name, (chances, gain) in plans.items())


def _value(bench: Bench, name: PolicyName, chances: Array | None, gain: Interval) -> PolicyValue:
    """Return one policy's worth; None for `chances` is what is done today."""
    today = float(bench.arm.mean())
    if chances is None:
        share, ess, against = today, float(len(bench.y)), (0.0, 0.0, 0.0)
    else:
        share, ess = float(chances.mean()), bench.sample_size(chances)
        lead = bench.lead(chances * bench.gains, bench.gains_today)
        against = bench.worth.of(lead, share - today)
    net = bench.worth.of(gain, share)
    return PolicyValue(
        name=name,
        share_treated=share,
        gain=gain[0],
        gain_low=gain[1],
        gain_high=gain[2],
        net=net[0],
        net_low=net[1],
        net_high=net[2],
        against_today=against[0],
        against_today_low=against[1],
        against_today_high=against[2],
        ess=ess,
    )


def frontier_point(bench: Bench, share: float, chosen: Array) -> FrontierPoint:
    """Return what one budget buys; `chosen` are those it treats."""
    gain = bench.gain(chosen)
    net = bench.worth.of(gain, float(chosen.mean()))
    return FrontierPoint(
        share=share,
        gain=gain[0],
        low=gain[1],
        high=gain[2],
        net=net[0],
        net_low=net[1],
        net_high=net[2],
    )
