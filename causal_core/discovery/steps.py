"""The step: checks, skeleton, orientation, stability, and the guarantee about knowledge."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from causal_core.discovery import columns as door
from causal_core.discovery import rules as stated
from causal_core.discovery import skeleton, stability
from causal_core.discovery.columns import Columns
from causal_core.discovery.independence import AUTO, choose, statistics
from causal_core.discovery.orientation import Oriented, Triple, orient
from causal_core.discovery.rules import Rules
from causal_core.discovery.settings import Settings
from causal_core.graph import Edge, EdgeKind, GraphPattern, Knowledge, Provenance
from causal_core.language import t
from causal_core.progress import Progress, part, silent
from causal_core.results import basis_of
from causal_core.table import BehaviorTable

Array = np.ndarray


def discover(  # noqa: PLR0913 - the settings of one search, all by name
    table: BehaviorTable,
    knowledge: Knowledge | None = None,
    *,
    alpha: float = 0.01,
    test: str = AUTO,
    max_depth: int | None = 3,
    bootstrap: int = 0,
    columns: Sequence[str] | None = None,
    seed: int = 7,
    progress: Progress = silent,
) -> GraphPattern:
    """Search the pattern of causes among a table's columns by PC, within stated knowledge.

    Parameters
    ----------
    table
        One row per unit. Covariates, treatment, position, mediators and outcomes take part.
    knowledge
        Tiers, required and forbidden edges. Used before the skeleton and before any collider.
    alpha
        Significance level of the independence tests; smaller gives fewer edges.
    test
        ``auto``, ``mixed``, ``fisherz``, ``gsq`` or ``chisq``; what `auto` chose and why is in
        the result's `notes`.
    max_depth
        Most columns that a test conditions on; None for no bound.
    bootstrap
        Half-samples for each edge's `stability` (0: none). Halves of whole clusters.
    columns
        The columns that take part, instead of those whose role says so.
    seed
        Seeds the half-samples only; the search itself has no chance in it.
    progress
        Told every 200 tests; may raise `CancelledError`.

    Returns
    -------
    GraphPattern
        Breaks no knowledge (`violations` is empty), has no cycle, and can be extended to a DAG
        without new colliders. `overruled` names what the data said and knowledge did not allow.

    Raises
    ------
    BadSettingError
        If a setting is out of range or the test does not fit the columns.
    ColumnMissingError, WrongKindError
        If `columns` or the knowledge names what the table does not have or cannot search.
    KnowledgeError, CycleError
        If the knowledge contradicts itself.
    DependentColumnsError
        If a column is a sum of others.
    TooFewUnitsError
        If too few rows are complete.

    Notes
    -----
    Assumes that no common cause is hidden, and that the data show every dependence. Rows are
    taken as independent, also where clusters repeat.

    References
    ----------
    Spirtes, Glymour and Scheines (2000); Colombo and Maathuis (2014), JMLR 15; Meek (1995).

    Examples
    --------
    >>> from causal_core import datasets
    >>> table = datasets.simulate("linear", 2_000, seed=7).table
    >>> discover(table, alpha=0.01).violations
    ()
    """
    settings = Settings(alpha=alpha, max_depth=max_depth, bootstrap=bootstrap, seed=seed)
    known = knowledge or Knowledge()
    stated.check(known, table.schema.names)
    chosen = door.prepare(table, known, columns)
    name, why = choose(test, chosen, max_depth)
    rules = Rules.of(known, chosen.names)
    skeleton.warm_up()
    start = time.process_time()
    oriented, edges = _find(chosen, name, rules, settings, progress)
    pattern = GraphPattern(
        nodes=tuple(column for column in table.schema.names if column in chosen.names),
        edges=edges,
        alpha=alpha,
        test=name,
        violations=known.violations(edges),
        overruled=tuple(oriented.overruled),
        conflicts=tuple(oriented.conflicts),
        dropped_columns=chosen.dropped,
        notes=(why, *chosen.notes),
        seconds=time.process_time() - start,
        basis=basis_of(table=table),
    )
    _require_kept(pattern, oriented)
    progress(1.0, t("Done"))
    return pattern


def _find(
    chosen: Columns, test: str, rules: Rules, settings: Settings, progress: Progress
) -> tuple[Oriented, tuple[Edge, ...]]:
    repeated = settings.bootstrap > 0
    blocks = stability.blocks_of(chosen, settings.seed) if repeated else None
    source = statistics(test, chosen, blocks)
    listen = part(progress, 0.0, 0.3 if repeated else 0.99)
    record = skeleton.Record(source, rules, settings.alpha, progress=listen)
    joined = skeleton.search(record, settings.max_depth, rows=chosen.rows)
    pairs = [(int(x), int(y)) for x, y in np.argwhere(np.triu(joined))]
    depth = settings.max_depth if settings.max_depth is not None else record.depth
    oriented = orient(pairs, rules, _Evidence(record, depth), chosen.names)
    shares = None
    if blocks is not None:
        rest = part(progress, 0.3, 0.99)
        shares = stability.shares(source, blocks, rules, settings, rest)
    return oriented, _edges(oriented, rules, record, chosen.names, shares)


class _Evidence:
    """What the record of the tests says, in the terms of the orientation."""

    def __init__(self, record: skeleton.Record, depth: int) -> None:
        self._record, self._depth = record, max(depth, 1)
        self.largest, self.separator = record.largest, record.separator

    def removes(self, x: int, y: int) -> bool:
        """Return whether the tests alone would remove the pair's edge."""
        return self.largest(x, y) > self._record.alpha

    def is_clear(self, against: float) -> bool:
        """Return whether no set with the middle column separates the outer two."""
        return against <= self._record.alpha

    def against(self, triple: Triple, near: set[int]) -> float:
        """Return the largest p-value of the outer two given sets that hold the middle column."""
        x, y, z = triple
        return self._record.strength(x, z, skeleton.conditioning_sets(near, y, self._depth))


def _edges(
    oriented: Oriented,
    rules: Rules,
    record: skeleton.Record,
    names: Sequence[str],
    shares: Array | None,
) -> tuple[Edge, ...]:
    arrows = [(pair, EdgeKind.DIRECTED) for pair in oriented.draft.arrows()]
    lines = [(pair, EdgeKind.UNDIRECTED) for pair in oriented.draft.open_edges()]
    return tuple(
        Edge(
            source=names[x],
            target=names[y],
            kind=kind,
            provenance=Provenance.KNOWLEDGE if (x, y) in rules.required else Provenance.DATA,
            p_value=record.largest(x, y),
            stability=None if shares is None else float(shares[x, y]),
            note=_note((x, y), rules),
        )
        for (x, y), kind in sorted(arrows + lines)
    )


def _note(pair: tuple[int, int], rules: Rules) -> str:
    if pair in rules.required:
        return t("required")
    return t("direction as stated") if pair[::-1] in rules.forbidden else ""


def _require_kept(pattern: GraphPattern, oriented: Oriented) -> None:
    """Stop if the guarantee of this module does not hold: that would be a bug of ours."""
    if pattern.violations or oriented.draft.circle() or oriented.draft.stuck():
        broken = ", ".join(pattern.violations) or "the pattern cannot be extended to a DAG"
        raise RuntimeError(f"discovery broke its guarantee: {broken}")
