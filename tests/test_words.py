"""Facts about texts, errors, fingerprints and the filter language."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_core import errors, language
from causal_core.errors import AnalysisError, ColumnMissingError, ExpressionError
from causal_core.expression import parse
from causal_core.fingerprint import canonical, fingerprint
from causal_core.progress import part

FRAME = pd.DataFrame(
    {
        "visits": [1.0, 5.0, np.nan],
        "country": pd.array(["DE", "US", None], dtype="str"),
        "my column": [1.0, 0.0, 1.0],
        "column_61_": [1.0, 0.0, 1.0],
        "it's": pd.array(["a`b", "c", None], dtype="str"),
        "when": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"], utc=True),
    }
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("visits > 3", [False, True, False]),
        ("not visits > 3", [True, False, True]),
        ("country in ['DE']", [True, False, False]),
        ("country not in ['DE', 'US']", [False, False, True]),
        ("`my column` == 1 and 0 < visits <= 5", [True, False, False]),
        ("when >= '2024-02-01'", [False, True, True]),
        ("`my column`", [True, False, True]),
        ("visits == -1 or visits == 1", [True, False, False]),
        ("when in ['2024-01-01', '2024-03-01T00:00+00:00']", [True, False, True]),
        ("when not in ['2024-01-01']", [False, True, True]),
        ("column_61_ == 1", [True, False, True]),  # “61” is “a” where names are coded
        ("`it's` == 'a`b'", [True, False, False]),
        ("country == '`x`' or country == \"U'S\"", [False, False, False]),
    ],
)
def test_filters_keep_the_rows_they_name(text, kept):
    assert parse(text).mask(FRAME).tolist() == kept


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "visits.__class__",
        "(lambda: 1)()",
        "[x for x in visits]",
        "visits[0] > 1",
        "f'{visits}' == 'x'",
        "visits + 1 > 2",
        "visits := 3",
        "1 < 2",
        "country > 3",
        "visits in visits",
        "visits in ['DE']",
        "visits not in ['DE']",
        "country not in [1]",
        "when > 3",
        "when > visits",
        "when in [3]",
        "when > 'now'",
        "when > ''",
        "visits > " + "9" * 400,
        "visits > " + "-" * 1_900 + "1",
        "",
        "   ",
        "visits >",
        "`open",
        "x" * 5_000,
        "(" * 500 + "visits" + ")" * 500,
    ],
)
def test_everything_that_is_not_a_filter_is_refused(text):
    with pytest.raises(ExpressionError):
        parse(text).mask(FRAME)


def test_a_filter_on_an_unknown_column_names_the_nearest():
    with pytest.raises(ColumnMissingError, match="visits"):
        parse("visit > 3").mask(FRAME)


@given(st.text(max_size=60))
def test_no_text_whatever_makes_the_filter_language_crash(text):
    try:
        parse(text).mask(FRAME)
    except AnalysisError:
        return


# ---------------------------------------------------------------- errors and words


def every_error() -> list[type[AnalysisError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type)]


def test_every_error_has_a_code_of_its_own():
    codes = [kind.code for kind in every_error() if issubclass(kind, AnalysisError)]
    assert len(codes) == len(set(codes))


def test_an_error_survives_being_stored_and_reads_the_same():
    error = ColumnMissingError("purchas", ["purchase", "click"])
    again = errors.from_record(error.record())
    assert type(again) is ColumnMissingError
    assert (again.found, again.remedy) == (error.found, error.remedy)
    assert "purchase" in again.remedy


@pytest.mark.parametrize(
    "record",
    [
        {"code": "of_tomorrow", "params": {}, "found": "New {x}.", "remedy": "Wait."},
        {"code": "cycle", "params": {"route": "a"}, "found": "New {x}.", "remedy": "Wait."},
        {"code": "cycle", "params": None, "found": "New {x}.", "remedy": "Wait."},
    ],
)
def test_an_error_of_another_version_keeps_the_sentences_it_was_stored_with(record):
    error = errors.from_record(record)
    assert (error.found, error.remedy) == ("New {x}.", "Wait.")


def test_names_with_braces_do_not_break_a_sentence():
    assert "{x}" in ColumnMissingError("{x}", ["{y}"]).found


def test_numbers_are_never_shown_as_nan():
    assert "nan" not in language.number(float("nan")).lower()
    assert "nan" not in language.percent(float("nan")).lower()


def test_a_minus_that_rounds_to_zero_is_no_minus():
    assert language.number(-0.0001, digits=2) == "0.00"


def test_parts_of_a_work_report_into_their_stretch():
    told: list[float] = []
    inner = part(lambda fraction, _message="": told.append(fraction), 0.2, 0.6)
    for fraction in (-1.0, 0.0, 0.5, 1.0, 7.0):
        inner(fraction)
    assert told == pytest.approx([0.2, 0.2, 0.4, 0.6, 0.6])


# ---------------------------------------------------------------- fingerprints


def test_fingerprints_agree_between_processes_with_other_hash_seeds():
    code = (
        "from causal_core.fingerprint import fingerprint;"
        "print(fingerprint('x', a={'b', 'c', 'd'}, e={'k': 1.5, 'j': None}))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_things_without_a_canonical_form_are_refused_rather_than_named_by_address():
    with pytest.raises(TypeError):
        fingerprint("x", thing=object())


def test_what_is_no_number_is_not_the_text_that_names_it():
    digests = {fingerprint("x", value=value) for value in (math.nan, "nan", math.inf, "inf")}
    assert len(digests) == 4


def test_an_array_of_objects_is_refused_since_its_bytes_are_addresses():
    with pytest.raises(TypeError):
        fingerprint("x", values=np.array(["a", None], dtype=object))


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.floats() | st.text(max_size=5)))
def test_the_order_of_keys_does_not_count(content):
    backwards = dict(reversed(content.items()))
    assert fingerprint("x", c=content) == fingerprint("x", c=backwards)


def test_arrays_of_other_shape_or_kind_are_other_things():
    values = np.arange(6.0)
    digests = {canonical(values), canonical(values.reshape(2, 3)), canonical(values.astype("f4"))}
    assert len(digests) == 3
