"""How often an edge comes back on halves of the data. Takes columns, gives a share per pair."""

from __future__ import annotations

import numpy as np

from causal_core.discovery.columns import Columns
from causal_core.discovery.independence import BLOCKS, Statistics
from causal_core.discovery.rules import Rules
from causal_core.discovery.settings import Settings
from causal_core.discovery.skeleton import Record, search
from causal_core.progress import Progress, part

Array = np.ndarray


def blocks_of(columns: Columns, seed: int) -> Array:
    """Return for each row its block (``(n,)``): whole clusters, at random, about equally many."""
    _, codes = np.unique(columns.clusters, return_inverse=True)
    clusters = int(codes.max()) + 1
    shuffled = np.random.default_rng(seed).permutation(clusters)
    return np.asarray(shuffled[codes] % min(BLOCKS, clusters))


def shares(
    statistics: Statistics,
    blocks: Array,
    rules: Rules,
    settings: Settings,
    progress: Progress,
) -> Array:
    """Return the share of half-samples that join each pair (``(d, d)``).

    Complementary halves of blocks without replacement: resampling with replacement makes null
    edges appear. The order of the columns need not be shuffled, as the stable skeleton does not
    depend on it.

    References
    ----------
    Shah and Samworth (2013), JRSS B 75.
    """
    size, count = len(rules.tiers), int(blocks.max()) + 1
    rng = np.random.default_rng([settings.seed, 1])
    joined = np.zeros((size, size))
    pairs = max(1, round(settings.bootstrap / 2))
    for at in range(pairs):
        taken = np.zeros(count, dtype=bool)
        taken[rng.permutation(count)[: count // 2]] = True
        for half, mask in enumerate((taken, ~taken)):
            listen = part(progress, (at + half / 2) / pairs, (at + (half + 1) / 2) / pairs)
            listen(0.0)
            half_statistics = statistics.of_blocks(mask)
            record = Record(half_statistics, rules, settings.alpha, progress=listen)
            kept = search(record, settings.max_depth, rows=int(mask[blocks].sum()))
            for x, y in rules.required:  # the search was not allowed to remove these
                kept[x, y] = kept[y, x] = record.largest(x, y) <= settings.alpha
            joined += kept
    return joined / (2 * pairs)
