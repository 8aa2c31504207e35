"""Files: read exactly or refused with a sentence, never silently wrong.

Truth is the manifest of `data/nasty`, made with the files; laws (what is written comes back); and
Python's csv as a second opinion.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal_core import ingest
from causal_core.errors import (
    AnalysisError,
    BadSettingError,
    ColumnMissingError,
    EventLogError,
    ExpandsTooMuchError,
    FileMissingError,
    NotCsvError,
    NotTextError,
    SidecarError,
    StorageError,
    TooManyColumnsError,
    UnclosedQuoteError,
    UnreadableFileError,
)
from causal_core.ingest import dialect as dialects
from causal_core.ingest import engine as engines
from causal_core.ingest import source
from causal_core.ingest.load import load
from causal_core.schema import Column, Kind, Role, Schema, Stage
from causal_core.table import BehaviorTable

ROOT = Path(__file__).resolve().parents[1]
NASTY = ROOT / "tests" / "data" / "nasty"
SHARED = ROOT.parent / "shared" / "data"
MANIFEST = json.loads((NASTY / "manifest.json").read_text("utf-8"))["files"]
READABLE = [case for case in MANIFEST if case["expect"] == "ok"]
REFUSED = [case for case in MANIFEST if case["expect"] == "error"]
USER_COLUMNS = ("user_id", "用户ID", "User ID", "column_1")
TAOBAO = {
    "column_1": "user_id",
    "column_2": "item_id",
    "column_4": "event_type",
    "column_5": "timestamp",
}
CODES = {  # the manifest's words for our codes where they differ
    "not_text:zip": "not_text",
    "not_csv:json": "not_csv",
}
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")


def named(case):
    wide = case.get("n_cols", 0) > 1_000
    return pytest.param(case, id=case["file"], marks=pytest.mark.slow if wide else ())


def write(folder: Path, text: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder: Path, text: str, **options) -> BehaviorTable:
    return ingest.read_table(write(folder, text), **options)


def mapped(**record) -> ingest.ColumnMap:
    return ingest.ColumnMap.from_record(record)


def raw_cells(path: Path, *, pad_short: bool = True) -> list[list[str]]:
    """What the front door and the engine read, before any typing."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        with engines.opened(folder) as engine:
            text = source.take(path, folder, name=path.name)
            dialect = dialects.decide(text, name=path.name)
            load(engine, text, dialect, folder, name=path.name, pad_short=pad_short)
            return [[cell or "" for cell in row] for row in engine.rows("SELECT * FROM raw")]


def kind_of(table: BehaviorTable, name: str) -> Kind:
    return table.schema[name].kind


# ---------------------------------------------------------------- the corpus


@pytest.mark.parametrize("case", [named(case) for case in READABLE])
def test_a_readable_file_gives_the_figures_and_cells_of_the_manifest(case):
    columns = mapped(columns=TAOBAO) if case.get("needs_mapping") else None
    table = ingest.read_table(NASTY / case["file"], kind=case["kind"], columns=columns)
    log = table.cleaning
    user = next((name for name in USER_COLUMNS if name in table.frame), None)
    found = {
        "encoding": log.encoding,
        "delimiter": log.delimiter,
        "rows_raw": log.rows_read,
        "rows_kept": log.rows_kept,
        "rows_dedup": log.rows_after_dedup,
        "n_cols": len(table.schema.names),
        "n_users": None if user is None else table.frame[user].nunique(),
    }
    assert found == {name: case[name] for name in found}
    assert log.header == (case["header"] is not None)
    for code in (*log.flags, *(drop.reason for drop in log.dropped)):
        assert ingest.explain(code) != code
    assert len(table) == log.rows_after_dedup
    assert log.rows_read - sum(drop.count for drop in log.dropped) == log.rows_kept
    cells = raw_cells(NASTY / case["file"])
    assert [cells[0], cells[-1]] == [case["first"], case["last"]]
    if "records" in case:
        assert cells == case["records"]


@pytest.mark.parametrize("case", [named(case) for case in REFUSED])
def test_what_is_no_table_is_refused_with_a_code_and_a_sentence(case):
    with pytest.raises(AnalysisError) as refusal:
        ingest.read_table(NASTY / case["file"], kind=case["kind"])
    error = refusal.value
    assert error.code == CODES.get(case["error"], case["error"].partition(":")[0])
    assert case["file"] in error.found
    assert error.remedy


def test_a_refusal_says_where_it_stopped():
    with pytest.raises(UnclosedQuoteError, match="line 8"):
        ingest.read_table(NASTY / "67_unclosed_quote.csv", kind="events")
    with pytest.raises(UnreadableFileError, match="“item_id”, “event_type”, “timestamp”"):
        ingest.read_table(NASTY / "76_one_column.csv", kind="events")


def test_values_of_the_corpus_are_typed_as_the_manifest_says():
    price = ingest.read_table(NASTY / "08_semicolon_decimal_comma.csv", kind="events")
    assert price.frame["price"].sum() == pytest.approx(500.43, abs=1e-9)
    member = ingest.read_table(NASTY / "39_bool_spellings.csv", kind="users")
    assert member.frame["is_member"].sum() == 8
    country = ingest.read_table(NASTY / "38_na_is_a_value.csv", kind="users")
    assert (country.frame["country"] == "NA").sum() == 4
    assert "na_is_a_value:country" in country.cleaning.flags
    money = ingest.read_table(NASTY / "40_percent_currency.csv", kind="events").frame["price"]
    wanted = [math.nan, 1234.5, -3, 1000, math.nan, 5]
    assert money.iloc[:6].tolist() == pytest.approx(wanted, nan_ok=True)
    assert money.isna().sum() == 4


@pytest.mark.parametrize("case", [case for case in READABLE if "ts_min" in case], ids=str)
def test_times_of_the_corpus_are_the_instants_of_the_manifest(case):
    times = ingest.read_table(NASTY / case["file"], kind="events").frame["timestamp"]
    assert times.min() == pd.Timestamp(case["ts_min"], tz="UTC")
    if "ts_max" in case:
        assert times.max() == pd.Timestamp(case["ts_max"], tz="UTC")


def test_an_event_log_is_told_from_a_unit_table():
    with pytest.raises(EventLogError, match="one row per event") as refusal:
        ingest.read_table(NASTY / "01_utf8_plain.csv")
    assert refusal.value.code == "event_log"


# ---------------------------------------------------------------- front door


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_every_encoding_gives_the_same_cells(tmp_path, encoding):
    text = "编号,城市,购买\n" + "".join(f"u{n},城市{'京沪穗'[n % 3]},{n % 2}\n" for n in range(30))
    path = write(tmp_path, text, encoding=encoding)
    table = ingest.read_table(path)
    assert table.frame["城市"].unique().tolist() == ["城市京", "城市沪", "城市穗"]
    assert table.schema["编号"].role is Role.UNIT_ID


def test_one_accent_late_in_a_long_file_decides_for_windows_1252(tmp_path):
    rows = "".join(f"u{n},plain,{n % 2}\n" for n in range(400_000))
    text = "id,city,y\n" + rows + "u400000,Besançon,1\n"
    table = ingest.read_table(write(tmp_path, text, encoding="cp1252"))
    assert table.cleaning.encoding == "cp1252"
    assert table.frame["city"].iloc[-1] == "Besançon"


def test_a_stated_encoding_and_delimiter_win(tmp_path):
    path = write(tmp_path, "id;town|y\n1;Łódź|0\n2;Kraków|1\n", encoding="cp1250")
    table = ingest.read_table(path, columns=mapped(encoding="cp1250", delimiter="|"))
    assert table.schema.names == ("id;town", "y")
    assert table.frame["id;town"].tolist() == ["1;Łódź", "2;Kraków"]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nid;age;y\n1;30;0\n2;31;1\n",
        "# exported by a tool\n# today\nid,age,y\n1,30,0\n2,31,1\n",
        "Report of March\n\nid,age,y\n1,30,0\n2,31,1\nTotal,61,\n",
        "id,age,y\n1,30,0\nid,age,y\n2,31,1\n",
        '"id,age,y"\n"1,30,0"\n"2,31,1"\n',
        "id,age,y,\n1,30,0,\n2,31,1,\n",
        "'id','age','y'\n'1','30','0'\n'2','31','1'\n",
        "id   age  y\n1    30   0\n2    31   1\n",
        'id, "age", "y"\n1, "30", "0"\n2, "31", "1"\n',
        "id\tage\ty\r\n1\t30\t0\r\n2\t31\t1\r\n\r\n\r\n",
        "id,age,y\n1,30,0\n,,\n2,31,1\n",
        "id,age,y\n1,30,0\r2,31,1",
    ],
    ids=[
        "sep line", "comments", "preamble and total", "repeated header", "wrapped lines",
        "delimiter at the end", "single quotes", "aligned blanks", "blank after the delimiter",
        "blank lines at the end", "empty row", "mixed line ends",
    ],
)  # fmt: skip
def test_odd_dialects_give_the_same_two_rows(tmp_path, text):
    table = read(tmp_path, text)
    assert table.frame[["id", "age", "y"]].to_numpy().tolist() == [
        ["1", 30.0, 0.0],
        ["2", 31.0, 1.0],
    ]


def test_backslashed_quotes_are_read_as_quotes(tmp_path):
    rows = "".join(f'{n},"say \\"hi\\", {n}",{n % 2}\n' for n in range(6))
    table = read(tmp_path, "id,said,y\n" + rows)
    assert table.frame["said"].iloc[3] == 'say "hi", 3'


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<!DOCTYPE html><html><table><tr><td>1,2", NotCsvError),
        (b'[{"id": 1, "y": 0},\n {"id": 2, "y": 1}]', NotCsvError),
        (b"id,y\n1,0\n2,\x00\n", NotTextError),
        (b"%PDF-1.7 ...", NotTextError),
        (b"Dear reader,\nthis is a letter, of several lines,\nand no table at all. It says so, "
         b"again, and again.\nYours, truly", NotCsvError),
        (b"\x1f\x8b\x08\x00 damaged", UnreadableFileError),
        (b"PAR1 damaged PAR1", UnreadableFileError),
        (bytes(range(128, 256)) * 50, UnreadableFileError),
    ],
    ids=["html", "json", "nul", "pdf", "letter", "bad gzip", "bad parquet", "noise"],
)  # fmt: skip
def test_other_kinds_of_file_are_refused(tmp_path, content, error):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(error):
        ingest.read_table(path)


@pytest.mark.parametrize("text", ["sep=,\n", "# one\n# two\n", "\ufeff", "\r\r\r"])
def test_a_file_without_rows_is_refused(tmp_path, text):
    with pytest.raises(AnalysisError) as refusal:
        read(tmp_path, text)
    assert refusal.value.code in ("empty_file", "no_rows", "not_csv")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(FileMissingError):
        ingest.read_table(tmp_path / "none.csv")
    with pytest.raises(UnreadableFileError, match="folder"):
        ingest.read_table(tmp_path)


def test_gzip_is_read_and_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"id,age,y\n1,30,0\n2,31,1\n"))
    assert len(ingest.read_table(path)) == 2
    path.write_bytes(gzip.compress(b"id,age,y\n" + b"1,30,0\n" * 8_000_000))
    with pytest.raises(ExpandsTooMuchError):
        ingest.read_table(path)


@pytest.mark.parametrize("line", ["3,32", "3,32,1,9", '3,"3"2,1'])
def test_a_row_that_does_not_fit_is_dropped_with_its_text_and_line(tmp_path, line):
    table = read(tmp_path, f"id,age,y\n1,30,0\n2,31,1\n{line}\n4,33,0\n", name="mine.csv")
    (drop,) = table.cleaning.dropped
    assert table.frame["id"].tolist() == ["1", "2", "4"]
    assert (drop.count, drop.examples) == (1, (f"mine.csv, line 4: {line}",))
    assert ingest.explain(drop.reason) != drop.reason
    assert (table.cleaning.rows_read, table.cleaning.rows_kept) == (4, 3)


def test_at_most_five_examples_are_kept(tmp_path):
    table = read(tmp_path, "id,age,y\n" + "".join(f"{n},30,0\n{n},1\n" for n in range(9)))
    (drop,) = table.cleaning.dropped
    assert (drop.count, len(drop.examples)) == (9, 5)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(*[st.text(st.sampled_from("ab1 ,;|\t\"\n'é京#="), max_size=6)] * 3),
        min_size=2,
        max_size=12,
    ),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_cells_come_through_as_python_wrote_them(rows, ends):
    solid = [[f"k{place}", *row] for place, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator=ends, quoting=csv.QUOTE_ALL)
            writer.writerow(["id", "na\nme", "city", "brand"])
            writer.writerows(solid)
        assert raw_cells(path, pad_short=False) == solid


# ---------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["0", "1", "1", "0"], Kind.BINARY, [0, 1, 1, 0]),
        (["TRUE", "false", "", "True"], Kind.BINARY, [1, 0, math.nan, 1]),
        (["ja", "nein", "ja", "NA"], Kind.BINARY, [1, 0, 1, math.nan]),
        (["1.0", "0.0", "1.0", "1.0"], Kind.BINARY, [1, 0, 1, 1]),
        (["3", "0", "17", ""], Kind.COUNT, [3, 0, 17, math.nan]),
        (["3.0", "0.0", "17.0", "2.0"], Kind.COUNT, [3, 0, 17, 2]),
        (["1.5", "0", "2e3", "-"], Kind.AMOUNT, [1.5, 0, 2000, math.nan]),
        (["-1", "0", "2", "null"], Kind.CONTINUOUS, [-1, 0, 2, math.nan]),
        (["$1,234.50", "$3", "($2)", "$0"], Kind.CONTINUOUS, [1234.5, 3, -2, 0]),
        (["12.5%", "3%", "0 %", "100%"], Kind.AMOUNT, [12.5, 3, 0, 100]),
        (["１２", "３", "４５", "0"], Kind.COUNT, [12, 3, 45, 0]),
        (["1 234,5 €", "2,5 €", "3 €", "10 €"], Kind.AMOUNT, [1234.5, 2.5, 3, 10]),
        (["1e999", "1", "2", "3"], Kind.COUNT, [math.nan, 1, 2, 3]),
    ],
)
def test_numbers_are_read_however_they_are_written(tmp_path, cells, kind, values):
    table = read(tmp_path, "id\tx\n" + "".join(f"{n}\t{cell}\n" for n, cell in enumerate(cells)))
    assert kind_of(table, "x") is kind
    assert table.column("x").tolist() == pytest.approx(values, nan_ok=True)


def test_a_unit_of_money_or_percent_is_kept(tmp_path):
    table = read(tmp_path, "id\tx\ty\n1\t$1.50\t3%\n2\t$2\t4%\n")
    assert (table.schema["x"].unit, table.schema["y"].unit) == ("$", "%")


def test_a_decimal_comma_is_known_from_the_whole_file(tmp_path):
    table = read(tmp_path, "id;paid;visits\n1;2,50;1.000\n2;0,99;2.500\n3;10,00;3.250\n")
    assert table.column("paid").tolist() == [2.5, 0.99, 10.0]
    assert table.column("visits").tolist() == [1000.0, 2500.0, 3250.0]


def test_ids_lose_no_digit_and_no_zero(tmp_path):
    ids = ["9007199254740993123", "0009007199254740993", "42"]
    table = read(
        tmp_path, "user_id,zip,y\n" + "".join(f"{one},0{n}123,1\n" for n, one in enumerate(ids))
    )
    assert table.frame["user_id"].tolist() == ids
    assert table.frame["zip"].tolist() == ["00123", "01123", "02123"]
    assert kind_of(table, "zip") not in (Kind.COUNT, Kind.AMOUNT)


def test_digits_too_long_for_a_number_stay_text_without_an_id_name(tmp_path):
    table = read(tmp_path, "id,card\n1,9007199254740993\n2,9007199254740995\n")
    assert table.frame["card"].tolist() == ["9007199254740993", "9007199254740995"]


def test_a_text_after_fifty_thousand_numbers_makes_the_column_text_and_is_told(tmp_path):
    rows = "".join(f"u{n},{n % 700}.5,1\n" for n in range(50_000))
    table = read(tmp_path, "id,x,y\n" + rows + "u50000,abc,0\n")
    assert kind_of(table, "x") in (Kind.TEXT, Kind.CATEGORY)
    assert table.frame["x"].iloc[[0, -1]].tolist() == ["0.5", "abc"]
    assert "mixed_types:x" in table.cleaning.flags


def test_levels_are_a_category_and_free_texts_are_not(tmp_path):
    rows = "".join(f"u{n},{'abc'[n % 3]},said {n}\n" for n in range(60))
    table = read(tmp_path, "id,channel,comment\n" + rows)
    assert (kind_of(table, "channel"), kind_of(table, "comment")) == (Kind.CATEGORY, Kind.TEXT)
    assert table.schema["comment"].role is Role.IGNORE


def test_an_empty_column_is_told_and_ignored(tmp_path):
    table = read(tmp_path, "id,x,y\n1,,0\n2,,1\n")
    assert "empty_column:x" in table.cleaning.flags
    assert table.schema["x"].role is Role.IGNORE


INSTANT = pd.Timestamp("2024-03-15 13:05:00", tz="UTC")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-15 13:05:00", "2024-03-15T13:05Z", "2024/03/15 13:05", "2024-03-15T15:05:00+02:00",
        "2024-03-15 08:05:00-0500", "2024-03-15 18:35:00.000 +05:30", "15 Mar 2024 13:05:00",
        "15.03.2024 13:05", "15/03/2024 13:05", "03/15/2024 01:05 PM", "20240315130500",
        "1710507900", "1710507900000", "1710507900000000", "2024-03-15 13:05:00 UTC",
    ],
)  # fmt: skip
def test_an_instant_is_the_same_however_it_is_written(tmp_path, cell):
    table = read(tmp_path, f"id\tseen_at\ty\n1\t{cell}\t0\n2\t{cell}\t1\n")
    assert kind_of(table, "seen_at") is Kind.TIME
    assert table.frame["seen_at"].tolist() == [INSTANT, INSTANT]


def test_microseconds_are_kept(tmp_path):
    table = read(tmp_path, "id,time,y\n1,2024-03-15 13:05:00.123456,0\n2,2024-03-15 13:05:00,1\n")
    assert table.frame["time"].iloc[0].microsecond == 123456


def test_a_stated_zone_moves_times_that_name_none(tmp_path):
    text = "id,time,y\n1,2024-03-15 14:05:00,0\n2,2024-03-15T13:05:00Z,1\n3,2024-07-15 15:05:00,1\n"
    times = read(tmp_path, text, columns=mapped(timezone="Europe/Berlin")).frame["time"]
    assert times.tolist() == [INSTANT, INSTANT, INSTANT + pd.Timedelta(days=122)]


def test_dates_that_fit_two_orders_stay_text_until_the_order_is_stated(tmp_path):
    text = "id,date,y\n1,02/03/2024,0\n2,04/05/2024,1\n"
    table = read(tmp_path, text)
    assert kind_of(table, "date") is Kind.TEXT
    assert "ambiguous_date_order:date" in table.cleaning.flags
    day = read(tmp_path, text, columns=mapped(dayfirst=True)).frame["date"].iloc[0]
    month = read(tmp_path, text, columns=mapped(dayfirst=False)).frame["date"].iloc[0]
    assert ((day.day, day.month), (month.day, month.month)) == ((2, 3), (3, 2))


def test_a_number_is_no_time_and_a_word_is_none_either(tmp_path):
    rows = "".join(f"u{n},{n},{['mon', 'tue', 'wed'][n % 3]},{8 + n % 5}\n" for n in range(40))
    table = read(tmp_path, "id,score,weekday,hour_time\n" + rows)
    assert [kind_of(table, name) for name in ("score", "weekday", "hour_time")] == [
        Kind.COUNT,
        Kind.CATEGORY,
        Kind.COUNT,
    ]


# ---------------------------------------------------------------- names and roles


def test_names_are_cleaned_made_unique_and_cut(tmp_path):
    long = "n" * 300
    table = read(tmp_path, f"id,\u200b A\u00a0b ,,price,price,{long}\n1,2,3,4,5,6\n7,8,9,1,2,3\n")
    assert table.schema.names == ("id", "A b", "column_3", "price", "price_2", "n" * 200)
    assert "duplicate_columns" in table.cleaning.flags


def test_a_table_without_header_keeps_its_first_row(tmp_path):
    table = read(tmp_path, "1,0.5,3\n0,0.7,4\n1,0.1,9\n")
    assert table.schema.names == ("column_1", "column_2", "column_3")
    assert (len(table), table.cleaning.header) == (3, False)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("id,,,", ("id", "column_2", "column_3", "column_4")),
        ('id,"a\nb",y,z', ("id", "a b", "y", "z")),
        ("region,2023,2024,2025", ("region", "2023", "2024", "2025")),
        ("#id,a,y,z", ("id", "a", "y", "z")),
        ("channel,device,brand,tone", ("channel", "device", "brand", "tone")),
    ],
)
def test_unusual_headers_are_seen_and_take_no_row_with_them(tmp_path, header, names):
    table = read(tmp_path, f"{header}\n1,2,3,4\n5,6,7,8\n9,0,1,2\n")
    assert table.schema.names == names
    rows = table.frame.astype(float).to_numpy().tolist()
    assert rows == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 1, 2]]


def test_blanks_around_ids_and_levels_are_taken_away_and_told(tmp_path):
    table = read(tmp_path, "user_id;tier\n 01;web \n02;web\n03;app\n04; app\n")
    assert table.frame["user_id"].tolist() == ["01", "02", "03", "04"]
    assert set(table.frame["tier"]) == {"web", "app"}
    assert {"padded:user_id", "padded:tier"} <= set(table.cleaning.flags)


def test_guessed_roles_follow_the_names_and_are_not_stated(tmp_path):
    header = "user_id,session_id,age,visits_28d,banner,position,propensity,click,purchase,seen_at"
    rows = "".join(
        f"u{n % 9},s{n},{20 + n},{n % 4},{n % 2},{n % 5},0.{n % 9},{n % 2},{n % 3 % 2},"
        f"2024-03-{n + 10}\n"
        for n in range(18)
    )
    schema = read(tmp_path, f"{header}\n{rows}").schema
    assert [schema[name].role.value for name in header.split(",")] == [
        "cluster_id", "unit_id", "attribute", "history", "treatment", "position", "propensity",
        "outcome", "outcome", "time",
    ]  # fmt: skip
    assert (schema["click"].stage, schema["purchase"].stage) == (Stage.CLICK, Stage.PURCHASE)
    assert not any(column.stated for column in schema)


def test_stated_roles_win_and_are_stated(tmp_path):
    text = "cid,spent,saw,won\n01,3,1,0\n02,4,0,1\n"
    said = {"cid": "user_id", "spent": "history", "saw": "treatment", "won": "purchase"}
    schema = read(tmp_path, text, columns=mapped(columns=said)).schema
    assert [column.role.value for column in schema] == [
        "unit_id",
        "history",
        "treatment",
        "outcome",
    ]
    assert schema["won"].stage is Stage.PURCHASE
    assert all(column.stated for column in schema)
    assert schema["cid"].kind is Kind.ID


def test_a_map_that_names_a_strange_column_or_role_is_refused(tmp_path):
    with pytest.raises(ColumnMissingError, match="Did you mean “age”"):
        read(tmp_path, "id,age\n1,2\n3,4\n", columns=mapped(columns={"aeg": "attribute"}))
    for record in ({"columns": {"a": "cause"}}, {"timezone": "Mars"}, {"encoding": "rot13"},
                   {"delimiter": "ab"}, {"dayfirst": "yes"}, {"colour": 1}):  # fmt: skip
        with pytest.raises(BadSettingError):
            ingest.ColumnMap.from_record(record)
    with pytest.raises(BadSettingError):
        read(tmp_path, "id,age\n1,2\n3,4\n", kind="tables")


# ---------------------------------------------------------------- units


def test_a_table_without_ids_is_never_deduplicated(tmp_path):
    assert len(read(tmp_path, "age,visit\n" + "30,1\n" * 20 + "31,0\n")) == 21


def test_copies_of_a_unit_are_removed_and_counted(tmp_path):
    table = read(tmp_path, "user_id,age,y\n1,30,0\n2,31,1\n1,30,0\n")
    assert (len(table), table.cleaning.rows_kept, table.cleaning.rows_after_dedup) == (2, 3, 2)
    assert "duplicates:1" in table.cleaning.flags
    assert table.schema.unit_id == "user_id"


def test_an_id_with_two_different_rows_becomes_the_cluster(tmp_path):
    table = read(tmp_path, "user_id,age,y\n1,30,0\n2,31,1\n1,40,0\n")
    assert (len(table), table.schema.unit_id, table.schema.cluster_id) == (3, None, "user_id")
    assert "repeated_unit_id:user_id" in table.cleaning.flags
    assert len(set(table.clusters())) == 2


# ---------------------------------------------------------------- written and read again

MOMENTS = pd.to_datetime(["2024-03-01T10:00:00.5Z", None, "1969-12-31T23:59:59.999999Z"])
WORDS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8),
)
FLOATS = st.one_of(st.just(math.nan), st.floats(allow_nan=False, allow_infinity=False))
ROW = st.tuples(WORDS, FLOATS, st.integers(0, 10**15), WORDS)


def table_of(**columns) -> BehaviorTable:
    """A table from ``name=(kind, values)``."""
    frame = pd.DataFrame({name: pd.Series(values) for name, (_, values) in columns.items()})
    made = tuple(
        Column(name=name, kind=kind, role=Role.ATTRIBUTE, stated=True)
        for name, (kind, _) in columns.items()
    )
    return BehaviorTable(frame=frame, schema=Schema(columns=made))


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(st.tuples(WORDS, FLOATS, st.integers(0, 10**15), WORDS), min_size=1, max_size=8)
)
def test_what_is_written_comes_back_with_the_same_fingerprint(suffix, rows):
    words, floats, counts, levels = zip(*rows, strict=True)
    table = table_of(
        id=(Kind.ID, pd.Series([f"{n:03}" for n in range(len(rows))], dtype="str")),
        word=(Kind.TEXT, pd.Series(words, dtype="str")),
        amount=(Kind.CONTINUOUS, np.array(floats, dtype=float)),
        count=(Kind.COUNT, np.array(counts, dtype=float)),
        level=(Kind.CATEGORY, pd.Series(levels, dtype="str")),
        yes=(Kind.BINARY, np.array([1.0, math.nan, 0.0] * 3)[: len(rows)]),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        ingest.write_table(table, path)
        again = ingest.read_table(path)
        assert again.schema == table.schema
        assert again.fingerprint == table.fingerprint


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("unit", ["ms", "us"])
def test_times_come_back_to_the_last_digit(tmp_path, suffix, unit):
    times = pd.Series(MOMENTS.as_unit("us")).dt.floor(unit).dt.as_unit(unit)
    table = table_of(id=(Kind.ID, pd.Series(["a", "b", "c"], dtype="str")), seen=(Kind.TIME, times))
    path = tmp_path / f"t{suffix}"
    ingest.write_table(table, path)
    assert ingest.read_table(path).fingerprint == table.fingerprint


def test_a_csv_is_written_for_other_programs_too(tmp_path):
    table = table_of(
        id=(Kind.ID, pd.Series(["01", "2"], dtype="str")),
        yes=(Kind.BINARY, np.array([1.0, math.nan])),
        amount=(Kind.AMOUNT, np.array([0.1, 1e-17])),
        said=(Kind.TEXT, pd.Series(["=1+1", None], dtype="str")),
    )
    path = tmp_path / "t.csv"
    ingest.write_table(table, path)
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    assert rows == [
        ["id", "yes", "amount", "said"],
        ["01", "1", "0.1", "=1+1"],
        ["2", "", "1e-17", ""],
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.csv", "t.csv.schema.json"]


def test_a_schema_that_does_not_fit_its_csv_is_refused(tmp_path):
    table = table_of(a=(Kind.COUNT, np.array([1.0, 2.0])), b=(Kind.COUNT, np.array([1.0, 2.0])))
    path = tmp_path / "t.csv"
    ingest.write_table(table, path)
    path.write_text("a,c\n1,2\n2,3\n")
    with pytest.raises(SidecarError, match="“b”, “c”"):
        ingest.read_table(path)
    (tmp_path / "t.csv.schema.json").write_text('{"a": 1}')
    with pytest.raises(SidecarError, match="holds no schema"):
        ingest.read_table(path)


def test_stated_roles_change_a_table_of_our_own(tmp_path):
    table = table_of(a=(Kind.COUNT, np.array([1.0, 2.0])), b=(Kind.BINARY, np.array([1.0, 0.0])))
    path = tmp_path / "t.parquet"
    ingest.write_table(table, path)
    again = ingest.read_table(path, columns=mapped(columns={"b": "treatment"}))
    assert (again.schema["b"].role, again.schema["a"].role) == (Role.TREATMENT, Role.ATTRIBUTE)


def test_a_foreign_parquet_file_is_typed_like_a_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "user_id": [9007199254740993, 2],
            "spent": [0.1 + 0.2, None],
            "shown": [True, False],
            "when": pd.to_datetime(["2024-03-01T10:00:00.123456Z"] * 2),
            "SELECT": ["x", None],
        }
    )
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    table = ingest.read_table(path)
    assert table.frame["user_id"].tolist() == ["9007199254740993", "2"]
    assert table.frame["spent"].iloc[0] == 0.1 + 0.2
    assert table.frame["when"].tolist() == frame["when"].tolist()
    assert [column.kind.value for column in table.schema][2:4] == ["binary", "time"]


def test_a_write_that_cannot_be_leaves_the_old_file(tmp_path):
    table = table_of(a=(Kind.COUNT, np.array([1.0, 2.0])))
    with pytest.raises(BadSettingError):
        ingest.write_table(table, tmp_path / "t.xlsx")
    with pytest.raises(StorageError):
        ingest.write_table(table, tmp_path / "nowhere" / "t.csv")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- attacks


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE raw; --.csv",
        "*.csv",
        "a[0-9]?.csv",
        "t.csv' OR 1=1.csv",
        "<img src=x>.csv",
        "京.csv",
    ],
)
def test_a_hostile_file_name_is_only_a_name(tmp_path, name):
    (tmp_path / "other.csv").write_text("id,y\n9,9\n8,8\n")
    table = ingest.read_table(write(tmp_path, "id,y\n1,0\n2,1\n", name=name))
    assert table.frame["id"].tolist() == ["1", "2"]
    assert table.cleaning.sources == (name,)


def test_hostile_column_names_are_kept_as_they_are(tmp_path):
    names = [
        '"; DROP TABLE raw; --',
        "<script>alert(1)</script>",
        "c0",
        "../../x",
        "=1+1",
        "c1; --",
    ]
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([names, list("123456"), list("789012"), list("345678")])
    table = ingest.read_table(path)
    assert table.schema.names == tuple(names)
    assert table.frame.iloc[0].tolist() == [1, 2, 3, 4, 5, 6]
    ingest.write_table(table, tmp_path / "u.parquet")
    assert ingest.read_table(tmp_path / "u.parquet").schema.names == tuple(names)


def test_cells_that_are_paths_are_never_opened(tmp_path):
    cells = ["/etc/passwd", "*.csv", "s3://bucket/key", "file:///etc/hosts", "'); COPY raw TO 'x"]
    text = "id\tname\n" + "".join(f"{n}\t{cell}\n" for n, cell in enumerate(cells))
    assert read(tmp_path, text).frame["name"].tolist() == cells


def test_the_engine_sees_its_own_folder_only_and_its_settings_are_locked(tmp_path):
    import duckdb

    secret = tmp_path / "secret.csv"
    secret.write_text("id,y\n1,0\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    with engines.opened(inside) as engine:
        for attempt in (
            f"SELECT * FROM read_csv('{secret}')",
            f"SELECT * FROM read_text('{inside}/../secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "SET enable_external_access = true",
            "SET memory_limit = '99GB'",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                engine.rows(attempt)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read(tmp_path, "id,y\n1,0\n2,1\n")
    with pytest.raises(NotCsvError):
        read(tmp_path, "<html>")
    assert [one.name for one in tmp_path.iterdir()] == ["t.csv"]


def test_too_many_columns_are_refused(tmp_path):
    wide = ",".join(f"f{n}" for n in range(5_000)) + "\n" + ",".join(["1"] * 5_000) + "\n"
    with pytest.raises(TooManyColumnsError, match="5,000"):
        read(tmp_path, wide)


def test_a_long_cell_in_the_first_row_comes_through_whole(tmp_path):
    table = read(tmp_path, f'id,said,y\n1,"{"long, " * 50_000}",0\n2,short,1\n')
    assert table.frame["said"].str.len().tolist() == [300_000, 5]


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(UnreadableFileError, match="device"):
        ingest.read_table(tmp_path / "t.csv")


# ---------------------------------------------------------------- real files


@shared
def test_online_shoppers_comes_in_as_pandas_reads_it():
    path = SHARED / "online_shoppers" / "online_shoppers_intention.csv"
    table, plain = ingest.read_table(path), pd.read_csv(path)
    for name in plain.columns:
        if kind_of(table, name) in (Kind.CATEGORY, Kind.TEXT):
            assert table.frame[name].tolist() == plain[name].tolist()
        else:
            np.testing.assert_array_equal(table.column(name), plain[name].astype(float))
    assert table.schema["Revenue"].stage is Stage.PURCHASE
    assert (len(table), table.schema.unit_id) == (12_330, None)


@shared
def test_bank_marketing_comes_in_with_wrapped_lines_and_without():
    plain = ingest.read_table(SHARED / "bank_marketing" / "bank.csv")
    wrapped = ingest.read_table(SHARED / "bank_marketing" / "bank-additional.csv")
    assert (len(plain), plain.cleaning.delimiter, plain.frame["y"].sum()) == (4_521, ";", 521)
    assert (len(wrapped), len(wrapped.schema.names), wrapped.frame["y"].sum()) == (4_119, 21, 451)
    assert "double_wrapped" in wrapped.cleaning.flags


@shared
def test_the_labour_experiment_keeps_its_alike_men():
    table = ingest.read_table(SHARED / "nsw_lalonde" / "nsw_rct.csv")
    effect = table.frame.groupby("treat")["re78"].mean().diff().iloc[1]
    assert (len(table), table.schema["treat"].role) == (445, Role.TREATMENT)
    assert effect == pytest.approx(1794.34, abs=0.01)  # published (Dehejia and Wahba, 1999)


@shared
def test_columns_apart_by_blanks_and_files_without_header_come_in():
    cds = ingest.read_table(SHARED / "cdnow" / "CDNOW_master.txt")
    assert cds.cleaning.rows_read == 69_659
    assert cds.frame["customer_id"].nunique() == 23_570
    assert kind_of(cds, "date") is Kind.TIME
    ihdp = ingest.read_table(SHARED / "ihdp" / "ihdp_npci_1.csv")
    assert (ihdp.frame.shape, ihdp.cleaning.header) == ((747, 30), False)
    assert ihdp.frame["column_1"].sum() == 139
