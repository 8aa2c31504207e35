"""The command line keeps its contract: one JSON object, exit 0 or 2, and a remedy."""

from __future__ import annotations

import json
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from causal_core.cli import main
from tests.conftest import ROOT

VERBS = (
    "simulate", "ingest", "discover", "identify", "effect", "whatif", "policy", "report", "run"
)  # fmt: skip
QUESTION = ["--treatment", "banner", "--outcome", "click"]
QUICK = ["--model", "linear"]


def call(*words: object) -> Result:
    """Run a verb in this process."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def printed(result: Result) -> dict[str, object]:
    """Return the one JSON object on stdout; NaN and Infinity are not JSON."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    content = json.loads(result.stdout, parse_constant=refuse)
    assert isinstance(content, dict)
    return content


def answered(*words: object) -> dict[str, object]:
    """Run a verb that must work, with --json."""
    result = call(*words, "--json")
    assert result.exit_code == 0, result.stdout + result.stderr
    return printed(result)


def refused(*words: object) -> dict[str, str]:
    """Run a verb that must be refused, with --json: exit 2, code, what was found, remedy."""
    result = call(*words, "--json")
    assert result.exit_code == 2, result.stdout + result.stderr
    error = printed(result)["error"]
    assert set(error) == {"code", "found", "remedy"}
    assert error["found"] in result.stderr, "a person reads it too"
    assert len(error["remedy"]) > len("See.")
    return error


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a table of 1,200 users, its truth and a drawn graph."""
    place = tmp_path_factory.mktemp("cli")
    words = ["simulate", "--scenario", "linear", "--n", "1200", "--out", place / "users.csv"]
    answered(*words, "--truth", place / "truth.json")
    truth = json.loads((place / "truth.json").read_text("utf-8"))
    columns = pd.read_csv(place / "users.csv", nrows=1).columns
    edges = [
        {"source": source, "target": target, "kind": "directed"}
        for source, target in truth["edges"]
        if source in columns and target in columns
    ]
    write_graph(place / "graph.json", edges)
    return place


def write_graph(path: Path, edges: list[dict[str, str]]) -> Path:
    nodes = sorted({edge[end] for edge in edges for end in ("source", "target")})
    path.write_text(json.dumps({"nodes": nodes, "edges": edges}), "utf-8")
    return path


@pytest.fixture
def users(folder: Path) -> Path:
    return folder / "users.csv"


@pytest.fixture
def graph(folder: Path) -> Path:
    return folder / "graph.json"


# ---------------------------------------------------------------- what each verb prints


def test_simulate_writes_rows_and_a_truth_with_effects_edges_and_adjustment(tmp_path):
    out, truth = tmp_path / "t.csv", tmp_path / "truth.json"
    made = answered("simulate", "--scenario", "null", "--n", 60, "--out", out, "--truth", truth)
    assert made["rows"] == 60 == len(pd.read_csv(out))
    known = json.loads(truth.read_text("utf-8"))
    assert {"effects", "edges", "adjustment"} <= set(known)
    fields = {"treatment", "outcome", "treated_value", "control_value", "value"}
    assert all(fields <= set(effect) for effect in known["effects"])
    assert {effect["value"] for effect in known["effects"] if effect["treatment"] == "banner"} == {
        0.0
    }


def test_simulate_writes_an_event_log_with_the_standard_columns(tmp_path):
    out = tmp_path / "events.csv"
    made = answered("simulate", "--n", 60, "--events", "--out", out)
    log = pd.read_csv(out)
    names = ["user_id", "item_id", "event_type", "timestamp", "position", "propensity", "price"]
    assert list(log.columns) == names
    assert len(log) == made["rows"]


def test_the_same_seed_writes_the_same_file_and_another_seed_another(tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        answered("simulate", "--n", 60, "--seed", seed, "--out", tmp_path / f"{name}.csv")
    first, again, other = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert first == again != other


def test_ingest_tells_what_it_read_and_dropped(users, tmp_path):
    made = answered("ingest", users, "--out", tmp_path / "t.parquet")
    keys = "rows_read rows_kept rows_after_dedup n_users encoding delimiter header columns dropped"
    assert set(keys.split()) | {"flags", "fingerprint"} <= set(made)
    assert made["rows_kept"] == 1200
    assert all({"name", "kind", "role", "missing"} <= set(column) for column in made["columns"])
    again = answered("ingest", tmp_path / "t.parquet", "--out", tmp_path / "u.parquet")
    assert again["fingerprint"] == made["fingerprint"]


def test_discover_writes_a_graph_that_it_also_prints(users, tmp_path):
    made = answered("discover", users, "--max-depth", 1, "--out", tmp_path / "g.json")
    keys = {"edges", "test", "violations", "overruled", "dropped_columns", "seconds"}
    assert keys <= set(made)
    assert made["violations"] == []
    fields = {"source", "target", "kind", "p_value", "stability"}
    assert all(fields <= set(edge) for edge in made["edges"])
    written = json.loads((tmp_path / "g.json").read_text("utf-8"))
    assert written["edges"] == made["edges"]
    assert set(written) >= {"nodes", "edges"}


def test_identify_names_the_adjustment_set_of_the_true_graph(graph):
    made = answered("identify", "--graph", graph, *QUESTION)
    keys = {"identified", "strategy", "adjustment_set", "minimal_sets", "open_paths"}
    assert keys <= set(made)
    assert made["identified"] == "yes"
    assert made["adjustment_set"]
    assert made["open_paths"] == []


def test_effect_prints_every_method_beside_the_primary_with_intervals(users):
    made = answered("effect", users, *QUESTION, "--outcome", "browse", *QUICK)
    keys = {"estimates", "primary", "estimand", "adjustment_set", "overlap", "refutations"}
    assert keys | {"headline", "warnings"} <= set(made)
    assert {"ess_treated", "ess_control", "trimmed"} <= set(made["overlap"])
    fields = [
        "outcome",
        "contrast",
        "method",
        "value",
        "low",
        "high",
        "level",
        "n_units",
        "n_clusters",
    ]
    assert all(set(fields) <= set(estimate) for estimate in made["estimates"])
    methods = {estimate["method"] for estimate in made["estimates"]}
    assert {"naive", "linear", "plugin", "aipw"} <= methods
    assert {estimate["outcome"] for estimate in made["estimates"]} == {"click", "browse"}
    best = [one for one in made["estimates"] if one["method"] == made["primary"]]
    assert all(one["low"] < one["value"] < one["high"] for one in best)
    assert made["headline"] is False, "nobody has tried to break it"
    assert made["failed_checks"] == ["refutation"]


def test_a_wider_level_gives_a_wider_interval_around_the_same_value(users):
    widths = {}
    for level in ("0.8", "0.99"):
        made = answered("effect", users, *QUESTION, *QUICK, "--level", level)
        best = next(one for one in made["estimates"] if one["method"] == made["primary"])
        assert best["level"] == float(level)
        widths[level] = best["high"] - best["low"]
    ratio = widths["0.99"] / widths["0.8"]
    assert math.isclose(ratio, 2.5758 / 1.2816, rel_tol=0.02)


def test_whatif_prints_a_row_per_outcome_with_its_interval(users, graph):
    words = ["whatif", users, "--graph", graph, "--do", "banner=1"]
    made = answered(*words, "--outcomes", "click,purchase")
    fields = [
        "name",
        "do",
        "where",
        "outcome",
        "baseline",
        "value",
        "difference",
        "low",
        "high",
        "support",
    ]
    assert all(set(fields) <= set(row) for row in made["scenarios"])
    assert [row["outcome"] for row in made["scenarios"]] == ["click", "purchase"]
    for row in made["scenarios"]:
        assert math.isclose(row["value"] - row["baseline"], row["difference"], abs_tol=1e-9)
        assert row["low"] <= row["difference"] <= row["high"]


def test_policy_prints_six_policies_with_intervals_and_the_rule(users):
    made = answered("policy", users, *QUESTION, *QUICK, "--budget", "0.3")
    fields = {"name", "value", "low", "high", "share_treated", "ess"}
    assert all(fields <= set(item) for item in made["policies"])
    by_name = {item["name"]: item for item in made["policies"]}
    assert set(by_name) == {"nobody", "random", "today", "everyone", "likeliest", "best"}
    assert by_name["best"]["share_treated"] <= 0.3
    assert by_name["nobody"]["value"] == 0
    assert by_name["best"]["low"] < by_name["best"]["value"] < by_name["best"]["high"]
    assert "30 %" in made["rule"]
    shares = [point["share"] for point in made["frontier"]]
    assert (shares[0], shares[-1]) == (0, 1)


def test_policy_writes_a_row_for_every_user_with_a_reason(users, tmp_path):
    out = tmp_path / "assignments.csv"
    made = answered("policy", users, *QUESTION, *QUICK, "--budget", "0.3", "--out", out)
    rows = pd.read_csv(out)
    assert list(rows.columns) == ["unit_id", "treatment", "expected_gain", "reason"]
    assert rows["unit_id"].tolist() == pd.read_csv(users)["user_id"].tolist()
    best = next(item for item in made["policies"] if item["name"] == "best")
    assert rows["treatment"].mean() == pytest.approx(best["share_treated"])
    treated, beyond = rows[rows["treatment"] == 1], rows[rows["treatment"] == 0]
    assert (treated["expected_gain"] > 0).all()
    assert set(treated["reason"]) == {"among the 30.0 % with the largest predicted gain"}
    assert treated["expected_gain"].mean() > beyond["expected_gain"].mean()


def test_no_row_of_the_assignments_is_a_formula(users, tmp_path):
    frame = pd.read_csv(users)
    frame["user_id"] = "=cmd|'/C calc'!A" + frame.index.astype(str)
    frame.to_csv(tmp_path / "users.csv", index=False)
    out = tmp_path / "assignments.csv"
    answered("policy", tmp_path / "users.csv", *QUESTION, *QUICK, "--out", out)
    assert all(unit.startswith("'=cmd") for unit in pd.read_csv(out)["unit_id"])


def test_a_budget_in_money_buys_what_the_cost_allows(users):
    money = ["--cost", "2", "--value", "50", "--budget", "240"]
    made = answered("policy", users, *QUESTION, *QUICK, *money)
    assert made["budget"] == pytest.approx(240 / (2 * 1_200))
    assert made["in_money"] is True
    for item in made["policies"]:
        assert item["value"] == pytest.approx(50 * item["gain"] - 2 * item["share_treated"])


def test_the_policies_are_told_to_a_person_too(users):
    result = call("policy", users, *QUESTION, *QUICK)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "“click” per 1,000 units beyond treating nobody"
    assert lines[1].startswith("best ")
    assert "effective sample size" in lines[1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--budget", "400"], "--budget"),
        (["--budget", "-1"], "--budget"),
        (["--budget", "nan"], "--budget"),
        (["--budget", "400", "--cost", "0"], "--budget"),
        (["--cost", "-2"], "--cost"),
        (["--value", "inf"], "--value"),
        (["--outcome", "cart"], "--outcome"),
    ],
)
def test_a_budget_or_payoff_that_makes_no_sense_is_refused(users, words, found):
    error = refused("policy", users, *QUESTION, *QUICK, *words)
    assert error["code"] == "bad_setting"
    assert found in error["found"]


def test_report_writes_a_page_tables_and_a_manifest(users, tmp_path):
    made = answered("report", users, *QUESTION, *QUICK, "--adjust", "visits_28d", "--out", tmp_path)
    assert {"paths", "headline", "failed_checks", "effect", "graph"} <= set(made)
    assert all(Path(path).is_file() for path in made["paths"])
    assert {"report.html", "manifest.json"} <= {Path(path).name for path in made["paths"]}


@pytest.mark.slow
def test_run_prints_a_headline_on_simulated_data_that_state_their_order_in_time(tmp_path):
    words = ["--scenario", "funnel", "--n", 2_000, "--out", tmp_path / "users.csv"]
    answered("simulate", *words)
    made = answered("run", tmp_path / "users.csv", *QUESTION, "--out", tmp_path / "report")
    assert made["headline"] is True
    assert made["failed_checks"] == []
    assert made["effect"]["causal"] is True
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "Raises" in page


@pytest.mark.slow
def test_run_refuses_a_headline_where_nothing_is_known_of_the_order_in_time(shared_data, tmp_path):
    file = shared_data / "online_shoppers" / "online_shoppers_intention.csv"
    if not file.exists():
        pytest.skip("the online shoppers data are not on this machine")
    words = ["--treatment", "Weekend", "--outcome", "Revenue", "--out", tmp_path, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "causal_core", "run", str(file), *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["headline"] is False
    assert "time_order" in made["failed_checks"]
    assert made["effect"]["causal"] is False
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "associational" in page
    assert "No answer" in page


# ---------------------------------------------------------------- what is refused


def test_a_file_that_is_not_there_is_named(tmp_path):
    error = refused("ingest", tmp_path / "nowhere.csv", "--out", tmp_path / "t.parquet")
    assert error["code"] == "file_missing"
    assert "nowhere.csv" in error["found"]


def test_a_mistyped_column_gets_the_nearest_name(users):
    error = refused("effect", users, "--treatment", "baner", "--outcome", "click")
    assert error["code"] == "column_missing"
    assert error["remedy"] == "Did you mean “banner”?"


@pytest.mark.parametrize(
    ("column", "words", "code"),
    [
        ("banner", QUESTION, "constant_column"),
        ("click", QUESTION, "one_class_outcome"),
    ],
)
def test_a_column_without_variation_is_told(users, tmp_path, column, words, code):
    frame = pd.read_csv(users)
    frame.assign(**{column: 0}).to_csv(tmp_path / "flat.csv", index=False)
    error = refused("effect", tmp_path / "flat.csv", *words, *QUICK)
    assert error["code"] == code
    assert f"“{column}”" in error["found"]


def test_a_cycle_is_shown_as_a_path(users, tmp_path):
    pairs = [("visits_28d", "banner"), ("banner", "click"), ("click", "visits_28d")]
    edges = [{"source": a, "target": b, "kind": "directed"} for a, b in pairs]
    drawn = write_graph(tmp_path / "cycle.json", edges)
    for words in (["identify"], ["effect", users]):
        error = refused(*words, "--graph", drawn, *QUESTION)
        assert error["code"] == "cycle"
        assert all(name in error["found"] for name in ("visits_28d", "banner", "click"))


def test_a_hidden_common_cause_of_both_ends_is_not_identified(users, tmp_path):
    edges = [
        {"source": "banner", "target": "click", "kind": "directed"},
        {"source": "banner", "target": "click", "kind": "bidirected"},
    ]
    drawn = write_graph(tmp_path / "hidden.json", edges)
    error = refused("effect", users, "--graph", drawn, *QUESTION, *QUICK)
    assert error["code"] == "not_identified"
    said = answered("identify", "--graph", drawn, *QUESTION)
    assert said["identified"] == "no"
    assert said["open_paths"]


@pytest.mark.parametrize(
    "knowledge",
    [
        {"tiers": [["visits_28d"], ["banner"]], "required": [["banner", "visits_28d"]]},
        {"required": [["banner", "click"]], "forbidden": [["banner", "click"]]},
        {"tiers": [["no_such_column"]]},
        {"tiers": "banner"},
        {"teirs": [["banner"]]},
    ],
)
def test_knowledge_that_cannot_hold_is_told(users, tmp_path, knowledge):
    (tmp_path / "k.json").write_text(json.dumps(knowledge), "utf-8")
    words = ["--knowledge", tmp_path / "k.json", "--out", tmp_path / "g.json"]
    error = refused("discover", users, *words)
    assert error["code"] in ("knowledge", "column_missing", "bad_setting")
    assert not (tmp_path / "g.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        (["--adjust", "visits_28d", "--graph", "{graph}"], "bad_setting", "--graph"),
        (["--no-such-option"], "usage", "--no-such-option"),
        (["--model", "magic"], "usage", "magic"),
        (["--where", "visits_28d >"], "expression", "visits_28d >"),
        (["--where", "vists_28d > 3"], "column_missing", "vists_28d"),
        (["--where", "visits_28d > 99999"], "too_few_units", "0 units"),
        (["--level", "1.5"], "bad_setting", "level"),
        (["--level", "most"], "usage", "most"),
        (["--alpha", "0"], "bad_setting", "alpha"),
        (["--adjust", "visit"], "column_missing", "visit"),
        (["--treated-value", "1"], "bad_setting", "--treated-value"),
        (["--outcome", "banner"], "bad_setting", "banner"),
        (["--columns", "{graph}x"], "file_missing", "graph.jsonx"),
        (["--columns", "{users}"], "bad_setting", "users.csv"),
    ],
)
def test_a_wrong_option_is_refused_with_what_it_may_be(users, graph, words, code, found):
    filled = [word.format(graph=graph, users=users) for word in words]
    error = refused("effect", users, *QUESTION, *QUICK, *filled)
    assert error["code"] == code
    assert found in error["found"]


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left_there(users, tmp_path):
    (tmp_path / "taken").write_text("a file, no folder", "utf-8")
    words = [*QUESTION, *QUICK, "--adjust", "visits_28d"]
    error = refused("report", users, *words, "--out", tmp_path / "taken" / "report")
    assert error["code"] == "storage"
    assert "report" in error["remedy"]
    assert (tmp_path / "taken").read_text("utf-8") == "a file, no folder"


@pytest.mark.parametrize("lever", ["banner", "banner=", "nobody=1", "banner==1"])
def test_a_lever_that_makes_no_sense_is_told(users, graph, lever):
    error = refused("whatif", users, "--graph", graph, "--do", lever)
    assert error["code"] in ("intervention", "column_missing", "not_in_graph")


def test_without_json_the_sentences_go_to_stderr_and_stdout_stays_empty(tmp_path):
    result = call("ingest", tmp_path / "nowhere.csv", "--out", tmp_path / "t.parquet")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "There is no file “nowhere.csv”.",
        "Check the path and its spelling.",
    ]


def test_a_bug_is_exit_1_and_argument_errors_of_a_real_process_are_exit_2(tmp_path):
    command = [sys.executable, "-m", "causal_core", "effect", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("causal_core.pipeline.read", lambda *_, **__: 1 / 0)
        result = CliRunner().invoke(main, ["ingest", "x.csv", "--out", str(tmp_path / "t.parquet")])
    assert result.exit_code == 1
    assert isinstance(result.exception, ZeroDivisionError)


# ---------------------------------------------------------------- help


def example_of(verb: str) -> list[str]:
    """Return the example in a verb's help, as a shell would split it."""
    result = call(verb, "--help")
    assert result.exit_code == 0
    line = re.search(r"^ +python -m causal_core (.+)$", result.stdout, re.MULTILINE)
    assert line, result.stdout
    return shlex.split(line[1])


def test_every_verb_is_known_to_the_help():
    said = call("--help").stdout
    assert all(f"  {verb} " in said for verb in VERBS)


@pytest.fixture(scope="module")
def example_folder(tmp_path_factory) -> Path:
    """A folder in which the examples that others build on were run."""
    place = tmp_path_factory.mktemp("examples")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for verb in ("simulate", "discover"):
            assert call(*small(example_of(verb))).exit_code == 0
    return place


def small(words: list[str]) -> list[str]:
    """Return an example for a tenth of its users and a quick model: enough to show that it runs."""
    quick = ["--model", "linear"] if words[0] in ("effect", "policy", "report", "run") else []
    return ["600" if word == "5000" else word for word in words] + quick


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_in_the_help_works(example_folder, monkeypatch, verb):
    monkeypatch.chdir(example_folder)
    words = example_of(verb)
    assert words[0] == verb
    result = call(*small(words))
    assert result.exit_code == 0, result.stderr
    if "--out" in words:
        assert Path(words[words.index("--out") + 1]).exists()
