"""The same users as an event log. Takes a unit table, gives events that count up to it exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from causal_core.datasets.people import DAY_MS, LOOK_BACK_DAYS, RECENT_DAYS
from causal_core.results import Array

TIME_ZERO = pd.Timestamp("2026-03-01T00:00:00Z")
WINDOW_DAYS = 7
STAGES = ("click", "browse", "cart", "purchase")
_ITEMS = 60
_SESSION_MS = 600_000
_ABANDONED_CARTS = 0.05


def log(frame: pd.DataFrame, *, treatment: str, seed: int) -> pd.DataFrame:
    """Return the event log of a simulated unit table.

    Every user has one ``impression`` at time zero (1 March 2026, 00:00 UTC): of the item named
    like the treatment, or of an ordinary item for the others. ``position`` and ``propensity``
    stand there only; the propensity is the policy's chance of what it did, treating or not.

    Parameters
    ----------
    frame
        The table's frame.
    treatment
        The treatment's name, which is also the item of its impressions.
    seed
        Seeds the moments, items and prices.

    Returns
    -------
    pandas.DataFrame
        Columns user_id, item_id, event_type, timestamp (UTC, milliseconds), position,
        propensity, price (EUR, purchases only), ordered in time. In the 28 days before time
        zero, ``browse`` events number ``visits_28d``, ``click`` events ``clicks_28d``,
        ``purchase`` events ``purchases_28d`` with prices that sum up to ``spend_28d``; the last
        ``browse`` lies ``days_since_last_visit`` back. A user without a visit in these days has
        one ``browse`` before them. In the 7 days after, each outcome that is 1 has one event.
    """
    visit_rng, action_rng, outcome_rng = np.random.default_rng([seed, 1]).spawn(3)
    visits = _visits(frame, visit_rng)
    shown = _impressions(frame, treatment, outcome_rng)
    parts = [visits, *_actions(frame, visits, action_rng), shown]
    parts += _outcomes(frame, shown, outcome_rng)
    return _assemble(frame, treatment, parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """Events of one type: each one's row in the table, age before time zero in ms, and item."""

    kind: str
    user: Array
    age_ms: Array
    item: Array
    price: Array | None = None
    position: Array | None = None
    propensity: Array | None = None


def _counts(frame: pd.DataFrame, name: str) -> Array:
    return np.asarray(frame[name], dtype=np.int64)


def _days(days: int) -> int:
    return days * DAY_MS


# ---------------------------------------------------------------- before time zero


def _visits(frame: pd.DataFrame, rng: np.random.Generator) -> _Part:
    """Return one browse per visit, a user's last visit first; one old one for those without.

    The second of a user's visits lies outside the last week: it can hold older purchases.
    """
    number = np.maximum(_counts(frame, "visits_28d"), 1)
    user = np.repeat(np.arange(len(frame)), number)
    rank = np.arange(len(user)) - np.repeat(np.cumsum(number) - number, number)
    last = np.rint(frame["days_since_last_visit"].to_numpy() * DAY_MS).astype(np.int64)[user]
    floor = np.where(rank == 1, np.maximum(last, _days(RECENT_DAYS)), last)
    spread = np.floor(rng.random(len(user)) * (_days(LOOK_BACK_DAYS) - floor)).astype(np.int64)
    age = np.where(rank == 0, last, floor + spread)
    return _Part(kind="browse", user=user, age_ms=age, item=_items(len(user), rng))


def _actions(frame: pd.DataFrame, visits: _Part, rng: np.random.Generator) -> list[_Part]:
    """Return the clicks, carts and purchases of the look-back, each within a visit."""
    number = np.maximum(_counts(frame, "visits_28d"), 1)
    first = np.cumsum(number) - number
    clicker = np.repeat(np.arange(len(frame)), _counts(frame, "clicks_28d"))
    clicked = first[clicker] + np.floor(rng.random(len(clicker)) * number[clicker]).astype(int)
    buyer = np.repeat(np.arange(len(frame)), _counts(frame, "purchases_28d"))
    bought = first[buyer] + _purchase_visits(frame, buyer, number, rng)
    inside = visits.age_ms < _days(LOOK_BACK_DAYS)
    left = np.flatnonzero(inside & (rng.random(len(visits.user)) < _ABANDONED_CARTS))
    paid = _soon_after(visits.age_ms[bought], rng)
    early = frame["bought_last_7d"].to_numpy()[buyer] > 0
    paid = np.where(early, paid, np.maximum(paid, _days(RECENT_DAYS)))
    carted = (visits.age_ms[bought] + paid + 1) // 2
    item = visits.item
    return [
        _Part(
            kind="click",
            user=clicker,
            age_ms=_soon_after(visits.age_ms[clicked], rng),
            item=item[clicked],
        ),
        _Part(
            kind="cart",
            user=np.concatenate([buyer, visits.user[left]]),
            age_ms=np.concatenate([carted, _soon_after(visits.age_ms[left], rng)]),
            item=np.concatenate([item[bought], item[left]]),
        ),
        _Part(
            kind="purchase",
            user=buyer,
            age_ms=paid,
            item=item[bought],
            price=_prices(frame, buyer, rng),
        ),
    ]


def _purchase_visits(
    frame: pd.DataFrame, buyer: Array, number: Array, rng: np.random.Generator
) -> Array:
    """Return the rank of the visit of each purchase, so that `bought_last_7d` comes true."""
    anywhere = np.floor(rng.random(len(buyer)) * number[buyer]).astype(np.int64)
    opening = np.diff(buyer, prepend=-1) > 0
    early = frame["bought_last_7d"].to_numpy()[buyer] > 0
    lately = frame["days_since_last_visit"].to_numpy()[buyer] < RECENT_DAYS
    return np.where(early & opening, 0, np.where(~early & lately, 1, anywhere))


def _soon_after(age: Array, rng: np.random.Generator) -> Array:
    """Return an age within ten minutes after `age`, still before time zero."""
    delay = rng.integers(1, _SESSION_MS, size=len(age))
    return np.asarray(age - np.minimum(delay, age // 2))


def _prices(frame: pd.DataFrame, buyer: Array, rng: np.random.Generator) -> Array:
    """Return prices in whole cents that sum up to each buyer's spend."""
    cents = np.rint(frame["spend_28d"].to_numpy() * 100).astype(np.int64)
    weight = 0.5 + rng.random(len(buyer))
    total = np.bincount(buyer, weights=weight, minlength=len(frame))
    part = np.floor(cents[buyer] * weight / total[buyer]).astype(np.int64)
    rest = cents - np.bincount(buyer, weights=part, minlength=len(frame)).astype(np.int64)
    opening = np.diff(buyer, prepend=-1) > 0
    return np.asarray((part + np.where(opening, rest[buyer], 0)) / 100)


# ---------------------------------------------------------------- at and after time zero


def _impressions(frame: pd.DataFrame, treatment: str, rng: np.random.Generator) -> _Part:
    """Return the decision of each user; code -1 is the item named like the treatment."""
    treated = frame[treatment].to_numpy() > 0
    chance = np.full(len(frame), np.nan)
    if "propensity" in frame:
        logged = frame["propensity"].to_numpy()
        chance = np.where(treated, logged, 1 - logged)
    return _Part(
        kind="impression",
        user=np.arange(len(frame)),
        age_ms=np.zeros(len(frame), dtype=np.int64),
        item=np.where(treated, -1, _items(len(frame), rng)),
        position=frame["position"].to_numpy(),
        propensity=chance,
    )


def _outcomes(frame: pd.DataFrame, shown: _Part, rng: np.random.Generator) -> list[_Part]:
    """Return one event per outcome that came true, stage after stage, within the window."""
    parts, since = [], np.zeros(len(frame), dtype=np.int64)
    most = _days(WINDOW_DAYS) // (len(STAGES) + 1)
    for stage in STAGES:
        wait = np.exp(rng.normal(11.0, 2.0, size=len(frame)))
        since = since + 1_000 + np.minimum(wait, most).astype(np.int64)
        user = np.flatnonzero(frame[stage].to_numpy() > 0)
        price = _order_values(frame, rng)[user] if stage == "purchase" else None
        parts.append(
            _Part(kind=stage, user=user, age_ms=-since[user], item=shown.item[user], price=price)
        )
    return parts


def _order_values(frame: pd.DataFrame, rng: np.random.Generator) -> Array:
    drawn = np.round(np.exp(rng.normal(3.5, 0.6, size=len(frame))), 2)
    known = frame.get("order_value")
    return drawn if known is None else known.to_numpy()


def _items(n: int, rng: np.random.Generator) -> Array:
    return rng.integers(0, _ITEMS, size=n)


# ---------------------------------------------------------------- one log


def _assemble(frame: pd.DataFrame, treatment: str, parts: list[_Part]) -> pd.DataFrame:
    """Return all events in one frame, ordered in time."""
    user = np.concatenate([part.user for part in parts])
    age = np.concatenate([part.age_ms for part in parts])
    kinds = np.repeat(np.array([part.kind for part in parts]), [len(part.user) for part in parts])
    names = np.array([*(f"item_{at:02d}" for at in range(1, _ITEMS + 1)), treatment])
    start = TIME_ZERO.value // 1_000_000
    order = np.lexsort((np.arange(len(user)), user, -age))
    columns = {
        "user_id": frame["user_id"].to_numpy()[user],
        "item_id": names[np.concatenate([part.item for part in parts])],
        "event_type": kinds,
        "timestamp": pd.to_datetime(start - age, unit="ms", utc=True).as_unit("ms"),
        "position": _filled([part.position for part in parts], parts),
        "propensity": _filled([part.propensity for part in parts], parts),
        "price": _filled([part.price for part in parts], parts),
    }
    words = dict.fromkeys(("user_id", "item_id", "event_type"), "str")
    return pd.DataFrame(columns).astype(words).iloc[order].reset_index(drop=True)


def _filled(values: list[Array | None], parts: list[_Part]) -> Array:
    filled = [
        np.full(len(part.user), np.nan) if value is None else value
        for value, part in zip(values, parts, strict=True)
    ]
    return np.concatenate(filled)
