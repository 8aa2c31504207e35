"""How often the intervals of all segments of an outcome hold together; figures stay in a CSV.

    python tests/benchmarks/segments.py --scenario null --n 10000 --seeds 100

One process at nice 10 and one thread. Every seed appends a row per outcome to
`results/segments_<scenario>_<n>.csv`, so that an interrupted run goes on where it stopped.
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
    sys.path[0] = str(ROOT)  # this folder would hide the package `coverage` behind its script
    from tests.benchmarks import segment_coverage

    segment_coverage.main()


if __name__ == "__main__":
    main()
