"""The whole chain for scripts, the command line and jobs: it wires steps and computes nothing.

Takes a table and a request, gives an `Analysis`. Steps never import each other; what one needs
of another is handed over here. `STEPS` names what a job may run.
"""

from causal_core.pipeline.chain import (
    ALPHA,
    LEVEL,
    SEED,
    Request,
    answer,
    ask,
    everyone_scenario,
    find_graph,
    identify,
    light_refit,
    read,
    refute,
    run,
    stated_order,
    train_and_estimate,
)
from causal_core.pipeline.lab import run_lab
from causal_core.pipeline.pilot import pilot
from causal_core.pipeline.steps import STEPS, Step, request_of
from causal_core.pipeline.strategy import choose

__all__ = [
    "ALPHA",
    "LEVEL",
    "SEED",
    "STEPS",
    "Request",
    "Step",
    "answer",
    "ask",
    "choose",
    "everyone_scenario",
    "find_graph",
    "identify",
    "light_refit",
    "pilot",
    "read",
    "refute",
    "request_of",
    "run",
    "run_lab",
    "stated_order",
    "train_and_estimate",
]
