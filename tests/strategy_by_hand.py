"""A payoff, policies and runs of the truth lab made by hand, without any engine."""

from __future__ import annotations

import numpy as np

from causal_core.question import Payoff
from causal_core.results import (
    FrontierPoint,
    LabRun,
    LabRuns,
    Method,
    Policies,
    PolicyName,
    PolicyValue,
    TreatedSegment,
)

N = 400
# Per policy: share treated, extra purchases per unit, half a 95 % interval, effective sample size.
VALUES = {
    PolicyName.NOBODY: (0.0, 0.0, 0.0, 260.0),
    PolicyName.RANDOM: (0.2, 0.0024, 0.0015, 340.0),
    PolicyName.TODAY: (0.35, 0.0030, 0.0019, 400.0),
    PolicyName.EVERYONE: (1.0, 0.0120, 0.0080, 140.0),
    PolicyName.LIKELIEST: (0.2, 0.0011, 0.0021, 310.0),
    PolicyName.BEST: (0.2, 0.0071, 0.0032, 290.0),
}


def payoff(outcome: str = "purchase") -> Payoff:
    """Return what a purchase is worth and what showing the banner costs."""
    return Payoff(value_per={outcome: 40.0}, cost=0.2, currency="EUR")


def policies(outcome: str = "purchase") -> Policies:
    """Return six policies with a frontier of eleven budgets."""
    worth = payoff(outcome)

    def net(gain: float, share: float) -> float:
        return gain * worth.value_per[outcome] - share * worth.cost

    items = tuple(
        PolicyValue(
            name=name,
            share_treated=share,
            gain=gain,
            gain_low=gain - half,
            gain_high=gain + half,
            net=net(gain, share),
            net_low=net(gain - half, share),
            net_high=net(gain + half, share),
            against_today=net(gain, share) - net(0.0030, 0.35),
            against_today_low=net(gain - half, share) - net(0.0030, 0.35),
            against_today_high=net(gain + half, share) - net(0.0030, 0.35),
            ess=ess,
        )
        for name, (share, gain, half, ess) in VALUES.items()
    )
    frontier = tuple(
        FrontierPoint(
            share=share,
            gain=0.012 * share**0.5,
            low=0.012 * share**0.5 - 0.004 * share,
            high=0.012 * share**0.5 + 0.004 * share,
            net=net(0.012 * share**0.5, share),
            net_low=net(0.012 * share**0.5 - 0.004 * share, share),
            net_high=net(0.012 * share**0.5 + 0.004 * share, share),
        )
        for share in np.linspace(0, 1, 11).tolist()
    )
    effects = np.linspace(-0.01, 0.04, N)
    return Policies(
        outcome=outcome,
        budget=0.2,
        payoff=worth,
        items=items,
        frontier=frontier,
        rule="The 20 % of units with the largest predicted effect.",
        segments=(
            TreatedSegment(
                column="country", segment="DE", n_units=200, share_treated=0.31, share_today=0.4
            ),
            TreatedSegment(
                column="country", segment="FR", n_units=200, share_treated=0.09, share_today=0.3
            ),
        ),
        n_units=N,
        n_clusters=N,
        newly_treated=52,
        no_longer_treated=112,
        effects=effects,
        treated=effects >= np.quantile(effects, 0.8),
    )


def lab() -> LabRuns:
    """Return twenty runs; the primary interval misses once, the raw difference always."""
    runs = []
    for seed in range(1, 21):
        off = 0.03 if seed == 13 else 0.004 * ((seed % 5) - 2)  # noqa: PLR2004 - the one miss
        for method, value, half in (
            (Method.AIPW, 0.107 + off, 0.02),
            (Method.LINEAR, 0.125 + off, 0.02),
            (Method.NAIVE, 0.21 + off, 0.018),
        ):
            runs.append(
                LabRun(
                    seed=seed, outcome="click", method=method,
                    value=value, low=value - half, high=value + half, truth=0.107,
                )
            )  # fmt: skip
    return LabRuns(scenario="funnel", n=2_000, model="linear", runs=tuple(runs), refused=1)
