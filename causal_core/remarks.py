"""What reading noticed, as codes that are stored and sentences that are read."""

from __future__ import annotations

from causal_core.language import mark, t

_SENTENCES: dict[str, str] = {
    "bad_bytes": mark("Bytes that are no UTF-8 text were replaced by �."),
    "encoding_guessed": mark("The encoding was guessed as {detail}; check names and accents."),
    "preamble": mark("Lines above the header were left out."),
    "comments": mark("Comment lines were left out."),
    "footer": mark("A line with totals below the rows was left out."),
    "repeated_header": mark("The header was repeated inside the file; left out {detail} times."),
    "double_wrapped": mark("Each line was wrapped in one more pair of quotes; unwrapped."),
    "row_names": mark("The rows have one field more than the header: it was taken as row names."),
    "no_header": mark("The file has no header; columns are called column_1, column_2, …"),
    "duplicate_columns": mark("Several columns have the same name; numbers were added."),
    "short_row": mark("Rows with too few fields: {detail}."),
    "mixed_types": mark("“{detail}” holds numbers and texts; it was read as text."),
    "unparsed": mark("“{detail}” has values that could not be read; they count as missing."),
    "infinite": mark("“{detail}” has infinite values; they count as missing."),
    "ambiguous_number": mark("“{detail}”: 1,234 was read as a thousand and more."),
    "ambiguous_date_order": mark(
        "“{detail}” fits day/month and month/day; it stays text until “dayfirst” is stated."
    ),
    "na_is_a_value": mark("“{detail}” has values such as NA or None that were kept as values."),
    "padded": mark("“{detail}” has values with blanks around them, which were taken away."),
    "bad_timestamp": mark("{detail} times could not be read."),
    "empty_column": mark("“{detail}” has no values at all."),
    "duplicates": mark("{detail} rows were exact copies of another row and were removed."),
    "repeated_unit_id": mark(
        "“{detail}” repeats with different values: it is used as the cluster, not as the unit."
    ),
    "missing_unit_id": mark("{detail} rows have no id; each counts as a unit of its own."),
    "missing_user_id": mark("{detail} events have no user and were left out."),
    "missing_item_id": mark("{detail} events have no item and were left out."),
    "missing_event_type": mark("{detail} events have no type and were left out."),
    "needs_mapping": mark("Say which columns hold user, item, event type and time."),
}


def flag(code: str, detail: object = None) -> str:
    """Return how a remark is stored: a code, and after a colon a count or a column name.

    Examples
    --------
    >>> flag("short_row", 2), flag("footer")
    ('short_row:2', 'footer')
    """
    return code if detail is None else f"{code}:{detail}"


def explain(remark: str) -> str:
    """Return the sentence for a stored flag or for the reason of a drop, in the language in use.

    Examples
    --------
    >>> explain("short_row:2")
    'Rows with too few fields: 2.'
    >>> explain("long_row")
    'more fields than the header has'
    """
    code, _, detail = remark.partition(":")
    if not detail and code in _REASONS:
        return t(_REASONS[code])
    sentence = _SENTENCES.get(code)
    return remark if sentence is None else t(sentence, detail=detail)


_REASONS: dict[str, str] = {
    "short_row": mark("fewer fields than the header has"),
    "long_row": mark("more fields than the header has"),
    "bad_quoting": mark("quotes that are not closed or not doubled"),
    "too_long": mark("longer than four megabytes"),
    "empty_row": mark("no value in any column"),
    "missing_user_id": mark("no user id"),
    "missing_item_id": mark("no item id"),
    "missing_event_type": mark("no event type"),
    "bad_timestamp": mark("no time, or a time that does not exist"),
}
