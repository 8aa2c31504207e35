"""How texts become values: SQL over inner column names only, so nothing of the file is executed."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = (
    "", "NA", "na", "Na", "N/A", "n/a", "#N/A", "n.a.", "NULL", "null", "Null", "NaN", "nan",
    "NAN", "None", "none", "NONE", "-", "--", "?", ".", "\\N", "<NA>", "(null)", "nil", " ",
)  # fmt: skip
SURELY_MISSING = (
    "", "N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "\\N", "<NA>", "(null)",
)  # fmt: skip
TRUE_WORDS = ("1", "1.0", "true", "t", "yes", "y", "ja", "j", "oui", "si", "sí", "是", "wahr", "on")
FALSE_WORDS = ("0", "0.0", "false", "f", "no", "n", "nein", "non", "否", "falsch", "off")
_WIDE = "０１２３４５６７８９．，－＋％￥（）"
_PLAIN = "0123456789.,-+%¥()"
_CURRENCY = "(?i:[¥$€£₹₩元円]|rmb|usd|eur|gbp|cny|jpy|us\\$|hk\\$|chf)"
_GROUPED = {
    "point": "[-+]?\\d{1,3}([,''’ \u00a0\u202f]\\d{3})+(\\.\\d+)?",
    "comma": "[-+]?\\d{1,3}([.''’ \u00a0\u202f]\\d{3})+(,\\d+)?",
}
_ISO = (
    "\\s*\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}"
    "([T ]+\\d{1,2}:\\d{2}(:\\d{2}([.,]\\d{1,9})?)?)?\\s*(Z|UTC|GMT|[-+]\\d{2}(:?\\d{2})?)?\\s*"
)
_SIMPLE = "\\d{4}-\\d\\d-\\d\\d([ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?)?Z?"
_ZONE = "(Z|UTC|GMT|[-+]\\d{2}(:?\\d{2})?)\\s*$"
_DAY_MONTH = (
    "\\s*\\d{1,2}([./-])\\d{1,2}[./-]\\d{4}( +\\d{1,2}:\\d{2}(:\\d{2})?( ?[AaPp][Mm])?)?\\s*"
)
_WORDED = (
    "['%d %b %Y %H:%M:%S', '%d %b %Y %H:%M', '%d %b %Y', '%d-%b-%Y', '%d-%b-%Y %H:%M:%S', "
    "'%d %B %Y', '%d %B %Y %H:%M:%S', '%d %B %Y %H:%M', '%b %d, %Y', '%B %d, %Y', "
    "'%b %d, %Y %H:%M:%S', '%B %d, %Y %H:%M:%S', '%b %d, %Y %I:%M:%S %p', "
    "'%a, %d %b %Y %H:%M:%S GMT', '%d/%b/%Y:%H:%M:%S', '%a %b %d %H:%M:%S %Y']"
)


def _among(column: str, words: Sequence[str]) -> str:
    """Return SQL for whether a text is one of our words (a long IN would become a join)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"list_contains([{listed}], {column})"


def filled(column: str) -> str:
    """Return SQL for whether there is a text, and none that means “missing”."""
    return f"NOT {_among(column, MISSING)}"


def number(column: str) -> str:
    """Return SQL for a number written plainly (what is infinite is taken out of the frame)."""
    return f"TRY_CAST({column} AS DOUBLE)"


def written_number(column: str, *, decimal: str, percent: bool = False) -> str:
    """Return SQL for a number with currency, groups of thousands, brackets or wide digits.

    `decimal` is ``"point"`` or ``"comma"``. With `percent` a percent sign is allowed.
    """
    text = f"trim(translate({column}, '{_WIDE}', '{_PLAIN}'))"
    if percent:
        text = f"regexp_replace({text}, '\\s*%$', '')"
    bracketed = f"regexp_full_match({text}, '\\(.*\\)')"
    bare = f"trim(regexp_replace(trim({text}, '()'), '{_CURRENCY}', '', 'g'))"
    grouped = f"regexp_full_match({bare}, '{_GROUPED[decimal]}')"
    if decimal == "point":
        joined = f"regexp_replace({bare}, '[,''’ \u00a0\u202f]', '', 'g')"
        plain = bare
    else:
        joined = f"replace(regexp_replace({bare}, '[.''’ \u00a0\u202f]', '', 'g'), ',', '.')"
        plain = f"CASE WHEN contains({bare}, '.') THEN NULL ELSE replace({bare}, ',', '.') END"
    value = number(f"(CASE WHEN {grouped} THEN {joined} ELSE {plain} END)")
    return f"(CASE WHEN {bracketed} THEN -abs({value}) ELSE {value} END)"


def truth(column: str) -> str:
    """Return SQL for 1 or 0 from the words for yes and no."""
    word = f"lower(trim({column}))"
    yes, no = _among(word, TRUE_WORDS), _among(word, FALSE_WORDS)
    return f"CASE WHEN {yes} THEN 1.0 WHEN {no} THEN 0.0 END::DOUBLE"


def text(column: str) -> str:
    """Return SQL for a text: only nothing at all is missing."""
    return f"nullif({column}, '')"


def category(column: str) -> str:
    """Return SQL for a level, trimmed: what surely means “missing” is missing, NA and None stay."""
    level = f"trim({column})"
    return f"CASE WHEN NOT {_among(level, SURELY_MISSING)} THEN {level} END"


def identifier(column: str) -> str:
    """Return SQL for an id, trimmed: every spelling of “missing” is missing, the rest stays."""
    bare = f"trim({column})"
    return f"CASE WHEN {filled(bare)} THEN {bare} END"


def has_zone(column: str) -> str:
    """Return SQL for whether a time says its zone."""
    return f"coalesce(regexp_matches({column}, ':\\d{{2}}.*{_ZONE}'), false)"


def moment(column: str, *, dayfirst: bool | None = None, digits: bool = True) -> str:
    """Return SQL for microseconds since 1970 in UTC from the usual ways to write a time.

    Without `dayfirst` a date such as 02/03/2024 gives nothing; 02.03.2024 is always day first.
    `digits` allows 20240305 and 20240305120000.
    """
    body = f"replace(replace(trim(regexp_replace({column}, '{_ZONE}', '')), '/', '-'), ',', '.')"
    head = f"regexp_replace({body}, '^(\\d{{4}})\\.(\\d{{1,2}})\\.', '\\1-\\2-')"
    zone = f"regexp_extract({column}, '([-+])(\\d{{2}}):?(\\d{{2}})?\\s*$', 0)"
    offset = (
        f"(CASE WHEN regexp_matches({column}, ':\\d{{2}}[^:]*[-+]\\d{{2}}:?(\\d{{2}})?\\s*$') THEN "
        f"(CASE WHEN starts_with({zone}, '-') THEN -1 ELSE 1 END) * "
        f"(CAST(substr({zone}, 2, 2) AS BIGINT) * 60 + "
        f"coalesce(TRY_CAST(right(replace(substr(trim({zone}), 4), ':', ''), 2) AS BIGINT), 0)) "
        "ELSE 0 END)"
    )
    iso = (
        f"CASE WHEN regexp_full_match({column}, '{_ISO}') "
        f"THEN epoch_us(TRY_CAST({head} AS TIMESTAMP)) - {offset} * 60000000 END"
    )
    worded = f"epoch_us(try_strptime(trim({column}), {_WORDED}))"
    ways = [iso, _day_month(column, dayfirst), worded]
    if digits:
        compact = f"trim({column})"
        ways.append(
            f"CASE WHEN regexp_full_match({compact}, '\\d{{14}}|\\d{{8}}') "
            f"THEN epoch_us(try_strptime({compact}, ['%Y%m%d%H%M%S', '%Y%m%d'])) END"
        )
    return f"coalesce({', '.join(ways)})"


def plain_moment(column: str) -> str:
    """Return SQL for the commonest form alone, 2024-03-05 or 2024-03-05 10:00:00, which is fast."""
    return (
        f"CASE WHEN regexp_full_match({column}, '{_SIMPLE}') "
        f"THEN epoch_us(TRY_CAST({column} AS TIMESTAMP)) END"
    )


def _day_month(column: str, dayfirst: bool | None) -> str:
    text = f"regexp_replace(trim({column}), '[.-]', '/', 'g')"
    order = "%d/%m/%Y" if dayfirst else "%m/%d/%Y"
    clocks = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
    formats, german = (
        ", ".join(f"'{first}{clock}'" for clock in clocks) for first in (order, "%d/%m/%Y")
    )
    dotted = (
        f"WHEN contains(left({column}, 6), '.') THEN epoch_us(try_strptime({text}, [{german}]))"
    )
    slashed = "" if dayfirst is None else f"ELSE epoch_us(try_strptime({text}, [{formats}]))"
    matches = f"regexp_full_match({column}, '{_DAY_MONTH}')"
    return f"CASE WHEN NOT {matches} THEN NULL {dotted} {slashed} END"


def day_month_parts(column: str) -> tuple[str, str]:
    """Return SQL for the first and the second number of a date such as 13/03/2024."""
    matches = (
        f"regexp_full_match({column}, '{_DAY_MONTH}') AND NOT contains(left({column}, 6), '.')"
    )
    first, second = (
        f"CASE WHEN {matches} THEN "
        f"TRY_CAST(regexp_extract({column}, '(\\d+)[/-](\\d+)', {group}) AS INTEGER) END"
        for group in (1, 2)
    )
    return first, second


def epoch(column: str, *, per_second: int) -> str:
    """Return SQL for microseconds from a count of seconds, milli-, micro- or nanoseconds."""
    whole = f"TRY_CAST({column} AS BIGINT)"
    if per_second > 1_000_000:
        return f"{whole} // {per_second // 1_000_000}"
    exact = f"{whole} * {1_000_000 // per_second}"
    if per_second > 1:
        return exact
    broken = f"CAST(round(TRY_CAST({column} AS DOUBLE) * 1e6) AS BIGINT)"
    return f"CASE WHEN contains({column}, '.') THEN {broken} ELSE {exact} END"
