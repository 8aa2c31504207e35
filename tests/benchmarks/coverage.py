"""How often the intervals hold the truth, seed by seed; the figures stay in a CSV.

    python tests/benchmarks/coverage.py --scenario funnel --n 10000 --seeds 100

One process at nice 10 and one thread. Every seed appends a row per outcome and method to
`results/coverage_<scenario>_<n>.csv`, so that an interrupted run goes on where it stopped.
Whoever tunes, tunes on seeds from 1,000 on, never on those reported here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Set up one thread and the path, before any engine is loaded, and run."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.path[0] = str(ROOT)  # this folder would hide the package `coverage` behind this script
    from tests.benchmarks import interval_coverage

    interval_coverage.main()


if __name__ == "__main__":
    main()
