"""What is asked of a board: its scenarios, in Python and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal_core.errors import BadSettingError
from causal_core.language import t
from causal_core.results import Intervention
from causal_core.whatif._levers import parse

_FORM = '{"scenarios": [{"name": "…", "do": ["x=1"], "where": "…"}]}'


@dataclass(frozen=True, kw_only=True)
class ScenarioSpec:
    """What is asked: several levers at once, for the units that a filter keeps (None: all)."""

    name: str
    interventions: tuple[Intervention, ...] = ()
    where: str | None = None


def read_specs(records: object) -> tuple[ScenarioSpec, ...]:
    """Return the scenarios that JSON says: a list of ``{"name", "do", "where"}``.

    A scenario without a name is called by its levers.

    Raises
    ------
    BadSettingError
        If it is no such list.
    InterventionError
        If a lever has no meaning.

    Examples
    --------
    >>> spec = read_specs([{"do": ["banner=1", "visits+=2"], "where": "visits > 3"}])[0]
    >>> spec.name, spec.where
    ('banner=1.0, visits+=2.0', 'visits > 3')
    """
    if not isinstance(records, list) or not all(isinstance(item, Mapping) for item in records):
        raise BadSettingError(setting="scenarios", value=t("of another form"), allowed=_FORM)
    return tuple(_spec(item) for item in records)


def _spec(record: Mapping[str, object]) -> ScenarioSpec:
    levers, where = record.get("do") or [], record.get("where")
    if not isinstance(levers, list):
        raise BadSettingError(setting="do", value=t("of another form"), allowed=_FORM)
    pulled = tuple(parse(str(lever)) for lever in levers)
    name = str(record.get("name") or ", ".join(map(str, pulled)))
    return ScenarioSpec(name=name, interventions=pulled, where=str(where) if where else None)
