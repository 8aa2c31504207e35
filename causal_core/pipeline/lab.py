"""The truth lab: simulate, estimate as the chain would, compare with the truth, again and again.

Takes a scenario and settings, gives `LabRuns`. What the chain would refuse is counted, not hidden.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from causal_core import datasets, effects, identification, outcome
from causal_core.datasets.mechanisms import funnel_rates
from causal_core.errors import AnalysisError, BadSettingError, CancelledError
from causal_core.language import number, t
from causal_core.progress import Progress, part, silent
from causal_core.question import CausalQuestion
from causal_core.results import Effects, LabRun, LabRuns
from causal_core.schema import Role

LEAST_UNITS, MOST_UNITS = 500, 50_000
LEAST_RUNS, MOST_RUNS = 2, 200
MODELS = ("linear", "mlp")
_LEVEL = 0.95
_MINUTE = 60.0


@dataclass(frozen=True, kw_only=True)
class LabSettings:
    """What a lab simulates, how large, how often, and with which model it estimates.

    Raises
    ------
    BadSettingError
        If a setting lies out of bounds, or the base rates do not fall.
    """

    scenario: str
    n: int = 2_000
    model: str = "linear"
    runs: int = 20
    first_seed: int = 1
    base_rates: Mapping[str, float] | None = None
    level: float = _LEVEL

    def __post_init__(self) -> None:
        _require_one_of("scenario", self.scenario, datasets.SCENARIOS)
        _require_one_of("model", self.model, MODELS)
        _require_whole("n", self.n, LEAST_UNITS, MOST_UNITS)
        _require_whole("runs", self.runs, LEAST_RUNS, MOST_RUNS)
        _require_whole("first_seed", self.first_seed, 0, 2**31)
        _require_rates(self.base_rates)
        if not 0 < self.level < 1:
            allowed = t("a number between 0 and 1")
            raise BadSettingError(setting="level", value=self.level, allowed=allowed)
        funnel_rates(self.scenario, self.base_rates)

    @classmethod
    def read(cls, record: Mapping[str, object], *, first_seed: int = 1) -> LabSettings:
        """Return the settings that a job carries; the project's seed is that of the first run.

        Raises
        ------
        BadSettingError
        """
        known = ("scenario", "n", "model", "runs", "base_rates")
        for name in record:
            _require_one_of(t("setting"), name, known)
        given = {name: value for name, value in record.items() if value is not None}
        return cls(**{"scenario": "", "first_seed": first_seed, **given})  # type: ignore[arg-type]  # checked when made


def run_lab(  # noqa: PLR0913 - the public door names all that the numbers depend on
    scenario: str,
    n: int,
    *,
    model: str = "linear",
    runs: int = 20,
    first_seed: int = 1,
    base_rates: Mapping[str, float] | None = None,
    level: float = _LEVEL,
    progress: Progress = silent,
) -> LabRuns:
    """Return estimates of all four outcomes by all methods, beside the truth, seed by seed.

    Parameters
    ----------
    scenario, n, base_rates
        What `datasets.simulate` makes; `n` is from 500 to 50,000.
    model
        ``"linear"`` or ``"mlp"``.
    runs, first_seed
        How many data sets (2 to 200), and the seed of the first; the others follow.
    level
        Coverage of the intervals, between 0 and 1.
    progress
        Told after each data set, and within; may raise `CancelledError`.

    Returns
    -------
    LabRuns
        `refused` counts the data sets that the chain would refuse: nobody comparable, or an error
        that an analyst would see. They have no estimates.

    Raises
    ------
    BadSettingError
        If a setting lies out of bounds.

    Notes
    -----
    Each data set is estimated as the chain would without discovery: adjusted for all covariates
    known before. The logged propensities are not used, because most logs have none.

    Examples
    --------
    >>> lab = run_lab("linear", 500, runs=2)
    >>> len(lab.runs), lab.outcomes  # two seeds, four outcomes, four methods
    (32, ('click', 'browse', 'cart', 'purchase'))
    """
    settings = LabSettings(
        scenario=scenario,
        n=n,
        model=model,
        runs=runs,
        first_seed=first_seed,
        base_rates=base_rates,
        level=level,
    )
    return run_settings(settings, progress=progress)


def run_settings(settings: LabSettings, *, progress: Progress = silent) -> LabRuns:
    """Return the runs that settings ask for; see `run_lab`."""
    found: list[LabRun] = []
    refused, started = 0, time.monotonic()
    words = t("Simulating and estimating {n} data sets", n=number(settings.runs))
    progress(0.0, words)
    for at in range(settings.runs):
        done, after = at / settings.runs, (at + 1) / settings.runs
        listener = part(_saying(words, progress), done, after)
        own = _run(settings, settings.first_seed + at, listener)
        found += own
        refused += not own
        words = _message(settings.runs, at + 1, time.monotonic() - started)
        progress(after, words)
    rates = dict(settings.base_rates) if settings.base_rates else None
    return LabRuns(
        scenario=settings.scenario,
        n=settings.n,
        model=settings.model,
        runs=tuple(found),
        refused=refused,
        level=settings.level,
        settings={"runs": settings.runs, "first_seed": settings.first_seed, "base_rates": rates},
    )


def _run(settings: LabSettings, seed: int, progress: Progress) -> list[LabRun]:
    """Return one data set's estimates, none where the chain would refuse it."""
    simulation = datasets.simulate(
        settings.scenario, settings.n, seed=seed, base_rates=settings.base_rates
    )
    try:
        found = _estimate(simulation, settings, seed, progress)
    except CancelledError:
        raise
    except AnalysisError:  # what an analyst would be told instead of a number
        return []
    if not found.overlap.sufficient:
        return []
    truth = simulation.truth
    return [
        LabRun(
            seed=seed,
            outcome=one.outcome,
            method=one.method,
            value=one.value,
            low=one.low,
            high=one.high,
            truth=truth.effect(one.outcome),
        )
        for one in found.estimates
    ]


def _estimate(
    simulation: datasets.Simulation, settings: LabSettings, seed: int, progress: Progress
) -> Effects:
    table = simulation.table
    treatment = table.schema.with_role(Role.TREATMENT)[0]
    question = CausalQuestion(treatment=treatment, outcomes=datasets.OUTCOMES)
    estimand = identification.adjust(question, table)
    model = outcome.fit(table, estimand, model=settings.model, seed=seed, progress=progress)
    return effects.estimate(table, estimand, model, level=settings.level, seed=seed, segments=False)


def _saying(words: str, progress: Progress) -> Progress:
    """Return a listener that passes on how far the work is, with `words` for the step's own."""

    def told(fraction: float, message: str = "", /) -> None:  # noqa: ARG001 - the step's words
        progress(fraction, words)

    return told


def _message(runs: int, done: int, seconds: float) -> str:
    words = {"done": number(done), "runs": number(runs)}
    left = seconds / done * (runs - done)
    if done == runs:
        return t("{done} of {runs} data sets", **words)
    if left < _MINUTE:
        seconds_left = number(max(left, 1.0))
        return t("{done} of {runs} data sets, about {left} s left", left=seconds_left, **words)
    minutes_left = number(left / _MINUTE)
    return t("{done} of {runs} data sets, about {left} min left", left=minutes_left, **words)


# ---------------------------------------------------------------- settings


def _require_one_of(setting: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadSettingError(setting=setting, value=value, allowed=", ".join(allowed))


def _require_whole(setting: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        allowed = t("a whole number from {low} to {high}", low=number(low), high=number(high))
        raise BadSettingError(setting=setting, value=value, allowed=allowed)


def _require_rates(value: object) -> None:
    right = value is None or (
        isinstance(value, Mapping)
        and all(
            isinstance(rate, int | float) and not isinstance(rate, bool) for rate in value.values()
        )
    )
    if not right:
        allowed = t("a rate for each stage")
        raise BadSettingError(setting="base_rates", value=value, allowed=allowed)
