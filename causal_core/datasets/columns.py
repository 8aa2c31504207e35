"""What each simulated column is. Takes column names, gives a schema whose every role is stated."""

from __future__ import annotations

from causal_core.language import mark
from causal_core.schema import Column, Kind, Role, Schema, Stage

EURO = "EUR"
_BEFORE = {
    "user_id": (Kind.ID, Role.UNIT_ID, ""),
    "age_group": (Kind.CATEGORY, Role.ATTRIBUTE, ""),
    "device": (Kind.CATEGORY, Role.ATTRIBUTE, ""),
    "interest_sports": (Kind.BINARY, Role.ATTRIBUTE, ""),
    "interest_fashion": (Kind.BINARY, Role.ATTRIBUTE, ""),
    "interest_tech": (Kind.BINARY, Role.ATTRIBUTE, ""),
    "tenure_days": (Kind.COUNT, Role.ATTRIBUTE, mark("days")),
    "random_traffic": (Kind.BINARY, Role.ATTRIBUTE, ""),
    "visits_28d": (Kind.COUNT, Role.HISTORY, mark("visits")),
    "days_since_last_visit": (Kind.AMOUNT, Role.HISTORY, mark("days")),
    "clicks_28d": (Kind.COUNT, Role.HISTORY, mark("clicks")),
    "purchases_28d": (Kind.COUNT, Role.HISTORY, mark("purchases")),
    "bought_last_7d": (Kind.BINARY, Role.HISTORY, ""),
    "spend_28d": (Kind.AMOUNT, Role.HISTORY, EURO),
    "position": (Kind.COUNT, Role.POSITION, ""),
    "propensity": (Kind.CONTINUOUS, Role.PROPENSITY, ""),
}
_OUTCOMES = {
    "click": (Stage.CLICK, mark("clicks")),
    "browse": (Stage.BROWSE, mark("browses")),
    "cart": (Stage.CART, mark("carts")),
    "purchase": (Stage.PURCHASE, mark("purchases")),
}
_AFTER = {
    "help_contact": (Kind.BINARY, mark("help contacts")),
    "order_value": (Kind.AMOUNT, EURO),
    "redeemed": (Kind.BINARY, mark("redemptions")),
    "coupon_cost": (Kind.AMOUNT, EURO),
}


def schema_of(names: tuple[str, ...], treatment: str) -> Schema:
    """Return the schema of a simulated table with these columns."""
    return Schema(columns=tuple(_column(name, treatment) for name in names))


def _column(name: str, treatment: str) -> Column:
    if name == treatment:
        return Column(name=name, kind=Kind.BINARY, role=Role.TREATMENT, stated=True)
    if name in _OUTCOMES:
        stage, unit = _OUTCOMES[name]
        return Column(
            name=name, kind=Kind.BINARY, role=Role.OUTCOME, stated=True, stage=stage, unit=unit
        )
    if name in _AFTER:
        kind, unit = _AFTER[name]
        return Column(name=name, kind=kind, role=Role.AFTER, stated=True, unit=unit)
    kind, role, unit = _BEFORE[name]
    return Column(name=name, kind=kind, role=role, stated=True, unit=unit)
