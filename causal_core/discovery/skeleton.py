"""Which columns are joined: causal-learn's stable skeleton search. Its only door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations

import numpy as np

from causal_core.discovery.independence import Statistics
from causal_core.discovery.rules import Rules
from causal_core.language import count, t
from causal_core.progress import Progress, silent

Array = np.ndarray
Given = tuple[int, ...]

_NAME = "causal_workbench"
_EVERY = 200  # tests between two reports of progress


class Record:
    """Asks the statistics, remembers each answer, and keeps the search within stated knowledge.

    To causal-learn a required pair never looks independent, and neither does any pair given a
    column that comes after both: so required edges stay and effects are not conditioned on.
    A pair that knowledge separates is tested like any other (told to causal-learn, the ban
    would store an empty separating set and turn chains into colliders).
    """

    def __init__(
        self, statistics: Statistics, rules: Rules, alpha: float, *, progress: Progress = silent
    ) -> None:
        self._statistics, self._rules, self.alpha = statistics, rules, alpha
        self.size = len(rules.tiers)
        self._progress = progress
        self._answers: dict[tuple[int, int], dict[Given, float]] = {}
        self.tests = 0

    def answer(self, x: int, y: int, given: Given) -> float:
        """Return the p-value that the search is to act upon."""
        x, y, given = min(x, y), max(x, y), tuple(sorted(given))
        if any(self._rules.is_later(other, x, y) for other in given):
            return 0.0
        p = self._p_value(x, y, given)
        return 0.0 if self._rules.requires(x, y) else p

    def _p_value(self, x: int, y: int, given: Given) -> float:
        answers = self._answers.setdefault((x, y), {})
        if given not in answers:
            answers[given] = self._statistics.p_value(x, y, given)
            self.tests += 1
            if self.tests % _EVERY == 0:
                self._report()
        return answers[given]

    def _report(self) -> None:
        scale = 20.0 * self.size**2
        share = 1.0 - 1.0 / (1.0 + self.tests / scale)
        self._progress(share, t("{tests} independence tests", tests=count(self.tests)))

    def largest(self, x: int, y: int) -> float:
        """Return the largest p-value among the pair's tests."""
        return max(self._answers[min(x, y), max(x, y)].values())

    def separator(self, x: int, y: int) -> frozenset[int] | None:
        """Return the set that best separates the pair, of the smallest size that does, if any."""
        answers = self._answers.get((min(x, y), max(x, y)), {})
        found = [(len(given), -p, given) for given, p in answers.items() if p > self.alpha]
        return frozenset(min(found)[2]) if found else None

    @property
    def depth(self) -> int:
        """The size of the largest conditioning set that was tested."""
        return max(len(given) for answers in self._answers.values() for given in answers)

    def strength(self, x: int, z: int, sets: Iterator[Given]) -> float:
        """Return the largest p-value of the pair over `sets`: 0 where none may be asked."""
        return max((self.answer(x, z, given) for given in sets), default=0.0)


def conditioning_sets(near: set[int], through: int, most: int) -> Iterator[Given]:
    """Yield the sets of at most `most` of `near` that hold `through`.

    causal-learn's own collider rule takes all of them, which is exponential at a hub.
    """
    others = sorted(near - {through})
    for size in range(min(most, len(others) + 1)):
        for chosen in combinations(others, size):
            yield (through, *chosen)


def warm_up() -> None:
    """Load causal-learn (seconds), so that the time of a search is its own."""
    import causallearn.utils.PCUtils.SkeletonDiscovery  # noqa: F401 - the import is the work


def search(record: Record, max_depth: int | None, *, rows: int) -> Array:
    """Return the adjacency (``(d, d)``, boolean) that causal-learn's search leaves.

    The stable variant: the result does not depend on the order of the columns.
    """
    from causallearn.utils.cit import CIT
    from causallearn.utils.PCUtils.SkeletonDiscovery import skeleton_discovery

    size = record.size
    shape = np.broadcast_to(0.0, (rows, size))  # it only looks at the shape; statistics are ours
    found = skeleton_discovery(
        shape,
        record.alpha,
        CIT(shape, _registered(), record=record.answer),
        stable=True,
        show_progress=False,
        node_names=[str(at) for at in range(size)],
        max_k=max_depth,
    )
    return np.asarray(found.G.graph != 0)


@cache
def _registered() -> str:
    """Register our test with causal-learn, once per process, and return its name there."""
    from causallearn.utils.cit import CIT_Base, register_ci_test

    class RecordedTest(CIT_Base):  # type: ignore[misc]  # causal-learn ships no types
        """What causal-learn calls; it copies its graphs deeply, and the record must not be."""

        def __init__(self, data: Array, *, record: Callable[[int, int, Given], float]) -> None:
            self.method = _NAME
            self.sample_size, self.num_features = data.shape
            self._record = record

        def __deepcopy__(self, memo: object) -> RecordedTest:
            return self

        def __call__(self, x: int, y: int, condition_set: Given | None = None) -> float:
            given = tuple(int(at) for at in (condition_set if condition_set is not None else ()))
            return self._record(int(x), int(y), given)

    register_ci_test(_NAME, RecordedTest)
    return _NAME
