"""The link after the effect: who would get the treatment within a budget."""

from __future__ import annotations

from causal_core import policy
from causal_core.analysis import Analysis
from causal_core.progress import Progress, silent


def choose(
    analysis: Analysis,
    *,
    outcome: str | None = None,
    budget: float = policy.BUDGET,
    level: float = 0.95,
    seed: int = 7,
    progress: Progress = silent,
) -> Analysis:
    """Add the policies for one outcome: ours beside five simple rules, judged on held-out units.

    Parameters
    ----------
    analysis
        With a model; a payoff that stands in it decides who gains after costs.
    outcome
        The first one of the question if None.
    budget
        The largest share of units that may be treated.
    level, seed
        As `policy.learn` takes them.

    Raises
    ------
    AnalysisError
        Whatever the analyst can mend.

    Examples
    --------
    >>> from causal_core import datasets, pipeline
    >>> table = datasets.simulate("linear", 600, seed=7).table
    >>> request = pipeline.Request(treatment="banner", outcomes=("click",), model="linear",
    ...     discover=False, refute=False)
    >>> analysis = pipeline.choose(pipeline.run(table, request), budget=0.5)
    >>> analysis.policies.budget
    0.5
    """
    question = analysis.need("question")
    found = policy.learn(
        analysis.need("table"),
        analysis.need("estimand"),
        analysis.need("model"),
        outcome=outcome or question.outcomes[0],
        budget=budget,
        payoff=analysis.payoff,
        level=level,
        seed=seed,
        progress=progress,
    )
    return analysis.updated(policies=found)
