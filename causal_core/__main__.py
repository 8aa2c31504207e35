"""``python -m causal_core VERB …``."""

import os

# One thread, set before numpy is loaded: small matrices lose more to threads that wait for each
# other than they gain (a run of 12,330 rows took 25 s with one and 165 s with two).
for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

from causal_core.cli import main  # noqa: E402 - the environment comes first

if __name__ == "__main__":
    main()
