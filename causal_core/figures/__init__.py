"""Pictures: a small DataFrame in, a plotly figure out. Touches nothing else.

The only package that knows plotly. Each figure has a sibling that says in words what it shows,
and `frames` makes the small frames from results. Pages draw figures with ``theme=None``.
"""

from causal_core.figures.checks import (
    balance_figure,
    balance_words,
    overlap_figure,
    overlap_words,
)
from causal_core.figures.columns import column_figure, column_words, known_words, role_words
from causal_core.figures.effects import (
    bridge_figure,
    bridge_words,
    interval_figure,
    interval_words,
)
from causal_core.figures.frames import (
    balance_frame,
    bridge_frame,
    calibration_frame,
    columns_frame,
    edges_frame,
    effects_frame,
    losses_frame,
    method_words,
    nodes_frame,
    overlap_frame,
    scale_of,
    scenario_frame,
    unit_words,
)
from causal_core.figures.funnel import funnel_figure, funnel_words
from causal_core.figures.graphs import graph_figure, graph_words
from causal_core.figures.model import (
    calibration_figure,
    calibration_words,
    loss_figure,
    loss_words,
)
from causal_core.figures.style import (
    FONT,
    Mode,
    clipped,
    digits_for,
    figure_height,
    figure_json,
    plain,
    plotly_script,
    role_colour,
    safe,
)

__all__ = [
    "FONT",
    "Mode",
    "balance_figure",
    "balance_frame",
    "balance_words",
    "bridge_figure",
    "bridge_frame",
    "bridge_words",
    "calibration_figure",
    "calibration_frame",
    "calibration_words",
    "clipped",
    "column_figure",
    "column_words",
    "columns_frame",
    "digits_for",
    "edges_frame",
    "effects_frame",
    "figure_height",
    "figure_json",
    "funnel_figure",
    "funnel_words",
    "graph_figure",
    "graph_words",
    "interval_figure",
    "interval_words",
    "known_words",
    "loss_figure",
    "loss_words",
    "losses_frame",
    "method_words",
    "nodes_frame",
    "overlap_figure",
    "overlap_frame",
    "overlap_words",
    "plain",
    "plotly_script",
    "role_colour",
    "role_words",
    "safe",
    "scale_of",
    "scenario_frame",
    "unit_words",
]
