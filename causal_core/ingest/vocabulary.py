"""The usual names of columns in behaviour data, folded by `names.name_key`."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def among(key: str, names: frozenset[str]) -> bool:
    """Return whether a folded name is one of `names`, however its words were joined.

    Examples
    --------
    >>> among("time_stamp", TIME), among("userid", USER)
    (True, True)
    """
    return key in names or key.replace("_", "") in {name.replace("_", "") for name in names}


USER = _words(
    "user_id userid user uid customer_id customerid customer cust_id client_id visitor_id "
    "visitorid member_id account_id person_id buyer_id 用户id 用户 会员id 客户id 用户编号"
)
SESSION = _words("session_id sessionid session user_session visit_id 会话id")
UNIT = _words("id unit_id impression_id decision_id request_id row_id 编号")
ITEM = _words(
    "item_id itemid item product_id productid sku article_id stock_code stockcode video_id "
    "movie_id asin 商品id 商品 物品id"
)
EVENT = _words(
    "event_type eventtype event event_name behavior behaviour behavior_type behaviour_type "
    "action action_type 行为类型 事件类型 行为 事件"
)
TIME = _words(
    "timestamp time ts date datetime event_time event_date created_at visit_date "
    "时间 日期 时间戳 datum zeit unix_time epoch day_time"
)
TREATMENT = (
    "treatment", "treated", "treat", "shown", "exposed", "exposure", "banner", "variant",
    "campaign", "intervention", "coupon",
)  # fmt: skip
OUTCOME = {
    "click": "click", "clicks": "click", "clicked": "click",
    "browse": "browse", "browses": "browse", "browsed": "browse",
    "cart": "cart", "carts": "cart", "add_to_cart": "cart", "addtocart": "cart",
    "purchase": "purchase", "purchases": "purchase", "purchased": "purchase",
    "order": "purchase", "orders": "purchase", "ordered": "purchase",
    "bought": "purchase", "converted": "purchase", "conversion": "purchase",
    "revenue": "purchase", "y": "", "outcome": "",
}  # fmt: skip
PROPENSITY = _words("propensity propensity_score p_treatment action_prob pscore")
POSITION = _words("position rank slot")
WEIGHT = _words("weight weights sample_weight")
MONEY = re.compile(
    r"(^|_)(price|amount|revenue|spend|spent|cost|value|money|sales|total|"
    r"income|payment)(_|$)|价格|金额|价"
)
_HISTORY = re.compile(
    r"(^|_)(\d+\s*(d|day|days|w|wk|weeks?|m|months?)|prior|previous|prev|last|past|history|hist|"
    r"before|pre|count|recency|frequency|tenure|lifetime)(_|$)"
)
_ID_END = re.compile(r"(^|_)(id|uuid|guid|uid|hash)$|[^a-z](id|编号)$")
_TIME_PART = re.compile(r"(^|_)(time|timestamp|date|datetime|ts|at|datum|day)$|时间|日期")
_BEFORE_NAME = re.compile(r"^(is|has|did|was|saw|got|any)_")
_OTHER = _words("age gender sex country city channel device category brand price name visit")


def is_known_name(key: str) -> bool:
    """Return whether a folded name is a usual one, so that a record of them is a header."""
    known = (USER, SESSION, UNIT, ITEM, EVENT, TIME, PROPENSITY, POSITION, WEIGHT, _OTHER)
    return any(among(key, names) for names in known) or key in TREATMENT or key in OUTCOME


def looks_like_id(key: str) -> bool:
    """Return whether a name says that the values are names of things, not amounts.

    Examples
    --------
    >>> looks_like_id("user_id"), looks_like_id("paid"), looks_like_id("sku")
    (True, False, True)
    """
    known = any(among(key, names) for names in (USER, SESSION, UNIT, ITEM))
    return known or bool(_ID_END.search(key))


def looks_like_time(key: str) -> bool:
    """Return whether a name says that the values are moments or days."""
    return among(key, TIME) or bool(_TIME_PART.search(key))


def looks_like_history(key: str) -> bool:
    """Return whether a name says that the values sum up what happened before.

    Examples
    --------
    >>> looks_like_history("visits_28d"), looks_like_history("age")
    (True, False)
    """
    return bool(_HISTORY.search(key))


def treatment_rank(key: str) -> int | None:
    """Return how surely a name means the treatment (0 is surest), or None."""
    bare = _BEFORE_NAME.sub("", key)
    if bare in TREATMENT:
        return TREATMENT.index(bare)
    words = bare.split("_")
    ranks = [len(TREATMENT) + place for place, word in enumerate(TREATMENT) if word in words]
    return min(ranks, default=None)


def outcome_stage(key: str) -> str | None:
    """Return the funnel stage that an outcome's name means ("" for none), or None if no outcome."""
    bare = _BEFORE_NAME.sub("", key)
    return OUTCOME.get(bare)
