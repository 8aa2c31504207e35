"""Which column plays which part, of which kind, known when. The vocabulary of every table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from causal_core.errors import ColumnMissingError


class Role(StrEnum):
    """The part that a column plays in the analysis."""

    UNIT_ID = "unit_id"
    CLUSTER_ID = "cluster_id"
    TIME = "time"
    ATTRIBUTE = "attribute"
    HISTORY = "history"
    TREATMENT = "treatment"
    MEDIATOR = "mediator"
    OUTCOME = "outcome"
    AFTER = "after"
    PROPENSITY = "propensity"
    POSITION = "position"
    WEIGHT = "weight"
    IGNORE = "ignore"


class Kind(StrEnum):
    """What the values of a column are."""

    BINARY = "binary"
    CATEGORY = "category"
    COUNT = "count"
    AMOUNT = "amount"
    CONTINUOUS = "continuous"
    TIME = "time"
    ID = "id"
    TEXT = "text"


class Stage(StrEnum):
    """The step of the funnel that an outcome stands for."""

    CLICK = "click"
    BROWSE = "browse"
    CART = "cart"
    PURCHASE = "purchase"


class Known(StrEnum):
    """When a column's value was known, seen from the treatment."""

    BEFORE = "before"
    AT = "at"
    AFTER = "after"
    UNKNOWN = "unknown"


COVARIATE_ROLES = (Role.ATTRIBUTE, Role.HISTORY)
NUMERIC_KINDS = (Kind.BINARY, Kind.COUNT, Kind.AMOUNT, Kind.CONTINUOUS)
COMPARABLE_KINDS = (*NUMERIC_KINDS, Kind.CATEGORY)
_KNOWN: dict[Role, Known] = {
    Role.ATTRIBUTE: Known.BEFORE,
    Role.HISTORY: Known.BEFORE,
    Role.PROPENSITY: Known.BEFORE,
    Role.TREATMENT: Known.AT,
    Role.POSITION: Known.AT,
    Role.MEDIATOR: Known.AFTER,
    Role.OUTCOME: Known.AFTER,
    Role.AFTER: Known.AFTER,
}
_TIER: dict[Role, int] = {
    Role.ATTRIBUTE: 0,
    Role.HISTORY: 1,
    Role.TREATMENT: 2,
    Role.POSITION: 2,
    Role.MEDIATOR: 3,
    Role.AFTER: 8,
}
_BOOKKEEPING = (Role.UNIT_ID, Role.CLUSTER_ID, Role.TIME, Role.PROPENSITY, Role.WEIGHT)
_STAGE_TIER = {Stage.CLICK: 4, Stage.BROWSE: 5, Stage.CART: 6, Stage.PURCHASE: 7}
_LAST_OUTCOME_TIER = 7


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, kind and part; `stated` tells a stated part from a guessed one."""

    name: str
    kind: Kind
    role: Role
    stated: bool = False
    stage: Stage | None = None
    unit: str = ""

    @property
    def known(self) -> Known:
        """When the value was known; a guess says nothing about time."""
        return _KNOWN.get(self.role, Known.UNKNOWN) if self.stated else Known.UNKNOWN

    @property
    def tier(self) -> int | None:
        """The column's place in time (attribute 0 … after 8), or None where it has none."""
        if self.role is Role.OUTCOME:
            return _STAGE_TIER[self.stage] if self.stage else _LAST_OUTCOME_TIER
        return _TIER.get(self.role)

    @property
    def is_covariate(self) -> bool:
        """Whether its part is that of an attribute or of history."""
        return self.role in COVARIATE_ROLES


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns of a table, in the table's order."""

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnMissingError(name, self.names)

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Return the names of the columns that play `role`."""
        return tuple(column.name for column in self.columns if column.role is role)

    def first(self, role: Role) -> str | None:
        """Return the first column that plays `role`, or None."""
        return next(iter(self.with_role(role)), None)

    @property
    def unit_id(self) -> str | None:
        """The column that names the thing that is treated."""
        return self.first(Role.UNIT_ID)

    @property
    def cluster_id(self) -> str | None:
        """The column whose groups are resampled; the unit's own id unless another is named."""
        return self.first(Role.CLUSTER_ID) or self.unit_id

    def covariates(self) -> tuple[str, ...]:
        """Return the columns measured before the treatment.

        Columns whose time nobody stated stay out, unless nothing at all was stated: then all
        guessed attributes are taken provisionally, and `time_is_stated` is False for them.
        """
        possible = [column for column in self.columns if column.is_covariate]
        stated = [column for column in possible if column.stated]
        return tuple(column.name for column in (stated or possible))

    def time_is_stated(self, names: Iterable[str]) -> bool:
        """Return whether somebody stated when each of `names` was known."""
        return all(self[name].known is not Known.UNKNOWN for name in names)

    def restated(self, roles: Mapping[str, Role], *, stated: bool = True) -> Schema:
        """Return this schema with other roles for the named columns."""
        for name in roles:
            _ = self[name]
        return Schema(
            columns=tuple(
                replace(column, role=roles[column.name], stated=stated)
                if column.name in roles
                else column
                for column in self.columns
            )
        )

    def known_before(self, names: Iterable[str]) -> Schema:
        """Return this schema where exactly `names` are covariates that somebody vouches for.

        A covariate that is not named becomes “don't know”: it keeps its guessed part, unstated.
        Ids, times, propensities and weights keep theirs: units would lose their cluster.
        """
        before = {name: self[name].role for name in names}
        before = {name: role for name, role in before.items() if role not in _BOOKKEEPING}
        stated = {
            name: role if role in COVARIATE_ROLES else Role.ATTRIBUTE
            for name, role in before.items()
        }
        doubted = {
            column.name: column.role
            for column in self.columns
            if column.is_covariate and column.name not in before
        }
        return self.restated(doubted, stated=False).restated(stated)

    def asking(self, treatment: str, outcomes: Sequence[str]) -> Schema:
        """Return this schema for a question: its treatment and outcomes play these parts.

        Another column that was the treatment is set aside, and nobody states its time any more;
        an outcome not asked about keeps its time, but is neither adjusted for nor reported.
        """
        changes: dict[str, Role] = {treatment: Role.TREATMENT}
        changes |= dict.fromkeys(outcomes, Role.OUTCOME)
        restated = self.restated(changes)
        rivals = {
            name: Role.IGNORE for name in restated.with_role(Role.TREATMENT) if name != treatment
        }
        return restated.restated(rivals, stated=False) if rivals else restated

    def tiers(self, names: Iterable[str]) -> dict[str, int]:
        """Return the place in time of each of `names` that has a stated one."""
        places = ((name, self[name]) for name in names)
        return {name: col.tier for name, col in places if col.stated and col.tier is not None}
