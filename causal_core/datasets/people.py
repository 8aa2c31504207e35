"""Who the simulated users are. Takes uniform numbers, gives tastes, attributes and history.

The same code turns random numbers into a table and quasi-random numbers into an integral, so a
truth cannot drift from its data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal_core.results import Array

DAY_MS = 86_400_000
LOOK_BACK_DAYS = 28
RECENT_DAYS = 7
SLOTS = (1, 2, 3, 4, 5)
RANDOM_SHARE = 0.05
AGE_GROUPS = ("18-24", "25-34", "35-54", "55+")
DEVICES = ("phone", "desktop", "tablet")

TRAITS = (
    *("drive", "taste", "hidden", "age_group", "device"),
    *("interest_sports", "interest_fashion", "interest_tech", "tenure_days"),
    *("visits_28d", "days_since_last_visit", "clicks_28d"),
    *("purchases_28d", "bought_last_7d", "spend_28d", "random_traffic"),
)
"""One uniform number each: the coordinates of a user."""

OBSERVED = TRAITS[3:]
"""The covariates: what the analyst may see."""

COVARIATE_EDGES = (
    ("age_group", "device"),
    ("interest_fashion", "spend_28d"),
    ("interest_sports", "clicks_28d"),
    ("tenure_days", "days_since_last_visit"),
    ("visits_28d", "days_since_last_visit"),
    ("visits_28d", "clicks_28d"),
    ("visits_28d", "purchases_28d"),
    ("visits_28d", "bought_last_7d"),
    ("days_since_last_visit", "bought_last_7d"),
    ("purchases_28d", "bought_last_7d"),
    ("purchases_28d", "spend_28d"),
)
"""Which covariate acts on which."""

HIDDEN_CHILDREN = {
    "drive": ("interest_tech", "visits_28d", "purchases_28d", "spend_28d"),
    "taste": ("interest_sports", "interest_fashion", "clicks_28d"),
}
"""The covariates that the two hidden tastes drive."""

_MOST_VISITS = 400
MOST_LINEAR_VISITS = 20
_TINY = 2.0**-54


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """Users before the decision; each field has shape ``(n,)``.

    `drive`, `taste` and `hidden` are standard normal and never leave the simulator.
    `age_group` and `device` hold the places in `AGE_GROUPS` and `DEVICES`.
    """

    drive: Array
    taste: Array
    hidden: Array
    age_group: Array
    device: Array
    interest_sports: Array
    interest_fashion: Array
    interest_tech: Array
    tenure_days: Array
    visits_28d: Array
    days_since_last_visit: Array
    clicks_28d: Array
    purchases_28d: Array
    bought_last_7d: Array
    spend_28d: Array
    random_traffic: Array

    def __len__(self) -> int:
        return len(self.drive)

    @property
    def young(self) -> Array:
        """1.0 for users under 35."""
        return _flag(self.age_group < AGE_GROUPS.index("35-54"))

    @property
    def oldest(self) -> Array:
        """1.0 for users from 55 on."""
        return _flag(self.age_group == AGE_GROUPS.index("55+"))

    @property
    def phone(self) -> Array:
        """1.0 for users on a phone."""
        return _flag(self.device == DEVICES.index("phone"))


def people_from(uniforms: Array, *, bounded: bool = False) -> People:
    """Return the users at the coordinates `uniforms`, of shape ``(n, len(TRAITS))`` in [0, 1].

    `bounded` caps the visits, so that a straight line in them stays a probability.
    """
    from scipy.special import expit, ndtri

    at = {name: np.clip(uniforms[:, i], _TINY, 1 - 2.0**-53) for i, name in enumerate(TRAITS)}
    normal = {name: ndtri(at[name]) for name in (*TRAITS[:3], "tenure_days", "visits_28d")}
    drive, taste = normal["drive"], normal["taste"]
    age = np.digitize(at["age_group"], (0.2, 0.5, 0.8))
    phone = np.array([0.75, 0.70, 0.60, 0.50])[age]
    device = (at["device"] > phone).astype(int) + (at["device"] > phone + 0.7 * (1 - phone))
    sports = _flag(at["interest_sports"] < expit(-0.4 + 1.2 * taste))
    fashion = _flag(at["interest_fashion"] < expit(-0.3 - 1.1 * taste))
    tech = _flag(at["interest_tech"] < expit(-0.8 + 0.8 * drive))
    tenure = np.minimum(np.floor(29 + np.exp(4.6 + 1.2 * normal["tenure_days"])), 3_650)
    most = MOST_LINEAR_VISITS if bounded else _MOST_VISITS
    visits = np.minimum(np.floor(np.exp(1.2 + 0.6 * drive + 0.6 * normal["visits_28d"])), most)
    recency = _recency(at["days_since_last_visit"], visits, tenure)
    ease = -0.5 + 0.3 * sports + 0.2 * taste + 0.5 * ndtri(at["clicks_28d"])
    clicks = np.floor(visits * np.exp(ease))
    habit = -1.9 + 0.8 * np.log1p(visits) + 0.3 * drive + 0.7 * ndtri(at["purchases_28d"])
    purchases = np.minimum(np.floor(np.exp(habit)), visits)
    basket = 3.2 + 0.3 * fashion + 0.2 * drive + 0.8 * ndtri(at["spend_28d"])
    return People(
        drive=drive,
        taste=taste,
        hidden=normal["hidden"],
        age_group=age,
        device=device,
        interest_sports=sports,
        interest_fashion=fashion,
        interest_tech=tech,
        tenure_days=tenure,
        visits_28d=visits,
        days_since_last_visit=recency,
        clicks_28d=clicks,
        purchases_28d=purchases,
        bought_last_7d=_bought(at["bought_last_7d"], purchases, visits, recency),
        spend_28d=np.where(purchases > 0, _cents(purchases * np.exp(basket)), 0.0),
        random_traffic=_flag(at["random_traffic"] < RANDOM_SHARE),
    )


def _flag(mask: Array) -> Array:
    return np.asarray(mask, dtype=np.float64)


def _cents(amount: Array) -> Array:
    return np.asarray(np.maximum(np.round(amount, 2), 1.0))


def _recency(u: Array, visits: Array, tenure: Array) -> Array:
    """Return the days since the last visit: the nearest of `visits` uniform moments, or older."""
    nearest = LOOK_BACK_DAYS * -np.expm1(np.log(u) / np.maximum(visits, 1.0))
    older = LOOK_BACK_DAYS + 0.01 + u * (tenure - LOOK_BACK_DAYS - 0.01)
    days = np.where(visits > 0, np.minimum(nearest, LOOK_BACK_DAYS - 0.01), older)
    return np.asarray(np.maximum(np.round(days * DAY_MS), 60_000.0) / DAY_MS)


def _bought(u: Array, purchases: Array, visits: Array, recency: Array) -> Array:
    """Return who bought in the last week: sure with one visit, likelier with each purchase."""
    chance = np.where(visits == 1, 1.0, 1 - 0.6**purchases)
    return _flag((purchases > 0) & (recency < RECENT_DAYS) & (u < chance))


def column_values(people: People) -> dict[str, Array]:
    """Return the users' observed columns by name, categories as words."""
    words = {"age_group": np.array(AGE_GROUPS), "device": np.array(DEVICES)}
    return {
        name: words[name][getattr(people, name)] if name in words else getattr(people, name)
        for name in OBSERVED
    }
