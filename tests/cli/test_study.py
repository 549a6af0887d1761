"""`layerwise study`: what it prints and writes, and what it refuses."""

import dataclasses
import itertools
import json
import re
import sqlite3
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from layerwise.cli import study_result
from layerwise.cli.study import _plan_lines, _save_model
from layerwise.study import database as of_databases
from layerwise.study import live_study
from layerwise.study.live_study import LiveStudy
from layerwise.study.plan import Plan
from layerwise.study.recommendation import recommend
from layerwise.study.results import Configuration
from layerwise.study.stored_study import Progress
from layerwise.tables.errors import TableError
from layerwise.training import progress as live_lines
from layerwise.training.progress import LINES, SpacedLines
from layerwise.training.time_limit import Deadline
from tests.study.circles import let_time_be_up
from tests.study.made_up import grid, study_of

QUICK = ["--depth", "0-2", "--width", "4", "--activation", "tanh", "--folds", "3", "--seeds", "1",
         "--epochs", "3", "--workers", "1"]  # fmt: skip


@pytest.fixture
def study(command, tmp_path):
    """study(...) -> a quick `layerwise study` of a table whose target is y."""
    random = np.random.default_rng(0)
    x = random.normal(size=(90, 2)).round(3)
    table = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "town": random.choice(["Ulm", "Bonn"], 90)})
    table["y"] = np.where((x**2).sum(axis=1) < 1.2, "in", "out")
    table.to_csv(tmp_path / "t.csv", index=False)

    def run(*arguments, target="y", quick=QUICK):
        return command("study", "t.csv", "--target", target, *quick, *arguments)

    return run


@pytest.fixture(scope="module")
def kept():
    """What the first study of `finished` printed and wrote, for them all."""
    return {}


@pytest.fixture
def finished(study, no_pictures, kept, tmp_path):
    """(exit code, standard output, standard error) of a study whose files are in the folder."""
    if not kept:
        kept["printed"] = study("--json")
        kept["files"] = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name, written in kept["files"].items():
        (tmp_path / name).write_bytes(written)
    return kept["printed"]


def test_answers_on_the_screen_and_in_a_page(study, tmp_path):
    code, out, err = study()
    assert code == 0, err
    assert "3 networks: a linear model, and depths 1, 2 with width 4 and tanh" in out
    assert "90 rows in 3 folds, once" in out
    for name in ("linear", "1 x 4 tanh", "2 x 4 tanh", "boosted trees"):
        assert name in out
    assert out.index("Recommended: ") < out.index("parameters  accuracy") < out.index("Guessing by")
    page = (tmp_path / "t.study.html").read_text()
    assert "<html" in page
    assert "2 x 4 tanh" in page
    assert "layerwise study t.csv" in page
    assert (tmp_path / "t.study.db").exists()
    assert not list(tmp_path.glob("*-wal"))
    assert not list(tmp_path.glob("*.layerwise"))


def test_json_is_all_there_is_on_standard_output(finished):
    code, out, err = finished
    assert code == 0
    assert err == ""
    result = json.loads(out)
    assert [c["depth"] for c in result["configurations"]] == [0, 1, 2]
    assert all(len(c["scores"]) == 3 for c in result["configurations"])
    recommended = result["recommended"]
    same = ("number", "name", "depth", "width", "activation", "settings", "n_parameters")
    of_number = result["configurations"][recommended["number"]]
    assert {name: recommended[name] for name in same} == {name: of_number[name] for name in same}
    assert 0 <= recommended["score"] <= 1
    assert recommended["standard_error"] > 0
    for one in (recommended, *result["configurations"]):
        low, high = one["interval"]
        assert 0 <= low <= one["score"] <= high <= 1
    shares = {one["name"]: one["share"] for one in result["importance"]["shares"]}
    assert shares.keys() == {"depth", "fold", "rest"}
    assert sum(shares.values()) == pytest.approx(1)
    assert len(result["guesses"]) == 3
    assert result["is_better_than_guessing"] in {True, False}
    assert result["layers_help"] in {True, False}
    assert result["metric"] == "accuracy"
    assert result["is_final"] is True
    assert result["database"] == "t.study.db"
    assert result["answers"]


def test_the_winner_as_a_model_file(study, command, no_pictures):
    code, _, err = study("-o", "best.layerwise")
    assert code == 0, err
    code, out, _ = command("predict", "best.layerwise", "t.csv")
    assert code == 0
    assert len(out.splitlines()) == 91
    code, out, _ = command("show", "best.layerwise")
    assert code == 0


def test_networks_that_are_named_are_compared(study, tmp_path):
    code, out, err = study("--compare", "2 x 4 tanh", "--compare", "1 x 4 tanh", "--no-prune")
    assert code == 0, err
    said = re.search(r"\n1 x 4 tanh against 2 x 4 tanh: .* 3\s+splits.*\n", out)
    assert said is not None
    page = (tmp_path / "t.study.html").read_text()
    folds = page[page.index('<section id="folds"') : page.index('<section id="size"')]
    assert "1 x 4 tanh against 2 x 4 tanh: " in folds
    assert "linear" not in folds


def test_a_model_without_an_epoch_in_time_is_not_waited_for(monkeypatch, capsys):
    def fit(*args, **settings):
        threading.Event().wait()  # until the alarm

    model = SimpleNamespace(fit=fit, part_of_more=lambda deadline: nullcontext())
    study = SimpleNamespace(best_model=lambda on_epoch: model)
    read = SimpleNamespace(data=pa.table({"a": [1.0], "y": ["b"]}))
    options = SimpleNamespace(output=Path("best.layerwise"), targets=["y"], group_column=None)
    assert not _save_model(study, read, options, Deadline.after(0.01))
    assert "before the first epoch of the model, which is not written" in capsys.readouterr().err


def test_a_second_time(study, finished):
    code, _, err = study()
    assert code == 1
    assert "t.study.db holds this study already (finished): add --resume" in err
    assert study("--resume", "--json") == finished
    code, _, err = study("--resume", quick=[*QUICK, "--epochs", "4"])
    assert code == 1
    assert "holds another study of the name 't'; what differs: epochs 3 there, 4 here" in err
    assert study("--name", "more", quick=[*QUICK, "--epochs", "4"])[0] == 0


def test_columns_are_named_as_fit_has_them(study, no_pictures):
    code, out, _ = study("--drop", "town", "--group-column", "b", "--json")
    assert code == 0
    assert json.loads(out)["configurations"][0]["n_parameters"] == 1 * 2 + 2 + 1


def test_groups_are_those_of_fit(command, monkeypatch):
    seen = []

    class Seen(TableError):
        pass

    def problem_of(problem, *rest, **more):
        seen.append(problem.groups)
        raise Seen

    def rows_of(self, rows, *rest, **more):
        seen.append(rows.groups)
        raise Seen

    groups = pa.array([None, float("nan"), *(float(i % 9) for i in range(88))], from_pandas=False)
    table = pa.table({"x": range(90), "g": groups, "y": ["in", "out"] * 45})
    pq.write_table(table, "t.parquet")
    monkeypatch.setattr("layerwise.estimators.table.train_ensemble", problem_of)
    monkeypatch.setattr("layerwise.study.depth_study.DepthStudy.fit_rows", rows_of)
    asked = ["t.parquet", "-t", "y", "--group-column", "g"]
    command("fit", *asked, "--test-file", "t.parquet")
    command("study", *asked)
    of_fit, of_study = seen
    assert np.array_equal(of_fit, of_study)
    assert len(np.unique(of_fit)) == 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--depth", "-1"], "depth -1 is below 0"),
        (["--depth", "3-1"], "depth '3-1' is not understood"),
        (["--depth", ""], "no depth is named, so there is nothing to try"),
        (["--width", " "], "no width is named, so there is nothing to try"),
        (["--width", "x"], "width 'x' is not understood"),
        (["--activation", "rleu"], "unknown activation 'rleu'; did you mean 'relu'?"),
        (["--activation", ","], "no activation to try"),
        (["--folds", "50"], "has 4"),
        (["--time-limit", "-5"], "time_limit must be seconds, above 0; got -5.0"),
        (["--time-limit", "nan"], "time_limit must be seconds, above 0; got nan"),
        (["--metric", "r2"], "the target is of classes"),
        (["--parameters", "100"], "leave out the widths"),
        (["--backend", "spark"], "unknown backend 'spark'"),
        (["--address", "x:1"], "name the backend too"),
        (["--database", "nowhere/a.db"], "there is no folder nowhere"),
        (["--database", "mysql://me@host/x"], "SQLite files or on PostgreSQL servers"),
        (["--database", "postgresql://me:s3cret@127.0.0.1:1/x"], "cannot be reached"),
        (["--report", "nowhere/a.html"], "there is no folder nowhere; make it first"),
        (["-o", "t.csv"], "is the table itself"),
        (["--drop", "nowhere"], "nowhere"),
        (["--group-column", "nowhere"], "nowhere"),
        (["--compare", "linear", "--compare", "1 x 5 tanh"], "did you mean '1 x 4 tanh'?"),
        (["--compare", "linear"], "takes two networks or more"),
        (["--rows"], "learning curves begin with 30 rows and need at least 120 to train on"),
        (["--vary", "learnig_rate=1"], "did you mean 'learning_rate'?"),
        (["--vary", "optimizer=sdg"], "unknown optimizer 'sdg'; did you mean 'sgd'?"),
        (["--vary", "dropout=2"], "dropout must lie in [0, 1); got 2"),
        (["--vary", "dropout"], "written as in learning_rate=0.001,0.01"),
        (["--vary", "depth=1"], "depth is given twice, as --depth and as --vary"),
        (["--vary", "epochs=5"], "epochs is given twice"),
        (["--vary", "loss=squared"], "For this target: softmax"),
        (["--vary", "dropout=0,0.5", "--vary", "optimizer=lbfgs"], "optimizer=lbfgs cannot be"),
    ],
)
def test_what_is_refused(study, arguments, said):
    code, out, err = study(*arguments)
    assert code == 1
    assert said in err
    assert "s3cret" not in err
    assert len(err.splitlines()) == 1


def test_a_budget_too_small(study, no_pictures):
    without_width = [*QUICK[:2], *QUICK[4:]]
    code, _, err = study("--parameters", "10", quick=without_width)
    assert code == 1
    assert "depth 1 has at least" in err
    code, out, _ = study("--parameters", "300", "--json", quick=without_width)
    assert code == 0
    counts = [c["n_parameters"] for c in json.loads(out)["configurations"][1:]]
    assert all(abs(n - 300) <= 6 for n in counts)


def test_whatever_has_a_name_is_varied(study, command, no_pictures, tmp_path):
    quick = [*QUICK[2:], "--no-trees", "--vary", "depth=1-2", "--vary", "batch-size=8,512"]
    code, out, err = study("--vary", "optimizer=sgd,adam", "-o", "m.layerwise", quick=quick)
    assert code == 0, err
    assert "12 networks: a linear model, and depths 1, 2 with width 4 and tanh; each with" in out
    assert "each with the batch size 8, 512; the optimiser sgd, adam" in " ".join(out.split())
    assert "(each optimiser's own learning rate, seed 0)" in " ".join(out.split())
    assert re.search(r"2 x 4 tanh +512 +adam ", out)
    page = (tmp_path / "t.study.html").read_text()
    assert "Score against the batch size" in page
    assert "Score against the optimiser" in page
    code, out, err = study("--vary", "optimizer=sgd,adam", "--resume", "--json", quick=quick)
    assert code == 0, err
    result = json.loads(out)
    assert [c["settings"] for c in result["configurations"][:4]] == [
        {"batch_size": size, "optimizer": name} for size in (8, 512) for name in ("sgd", "adam")
    ]
    recommended = result["recommended"]["settings"]
    code, out, _ = command("show", "m.layerwise", "--json")
    recipe = json.loads(out)["recipe"]
    assert recipe["settings"] == {"optimizer": recommended["optimizer"]}
    assert recipe["batch_size"] == recommended["batch_size"]


def test_a_table_of_varied_networks_is_whole():
    """What is said of a network stands at the right, where a wide table would be cut."""
    names = ("learning_rate", "optimizer", "batch_size", "dropout")
    tried = [(0.05, "adam", 1024, 0.25), (0.1, "sgd", 256, 0.5)]
    settings = [tuple(zip(names, values, strict=True)) for values in tried]
    configurations = [
        replace(c, number=2 * c.number + i, settings=settings[i])
        for c in grid((0, 1), (8,))
        for i in range(2)
    ]
    scores = np.array([[0.5], [0.4], [0.9], [0.8]]) + np.linspace(0, 0.01, 5)
    results = study_of(scores, configurations, like_fit={2: {(0, 0): 0.8}})
    found = recommend(results)
    made = SimpleNamespace(study_=results, recommendation_=found, recommended_=configurations[2])
    console = Console(width=100)
    with console.capture() as captured:
        console.print(study_result._table(made))
    told = " ".join(captured.get().split())  # on one line or on two
    assert "1 x 8 relu 0.05 adam 1024 0.25 97 0.9050 0.0088 5 recommended, the best" in told
    assert told.endswith("1 x 8 relu, as fit 0.05 adam 1024 0.25 0.8000 1 trained as fit does")
    alike = [replace(c, settings=settings[0]) for c in configurations]  # one value of each
    made.study_ = study_of(scores, alike, like_fit={2: {(0, 0): 0.8}})
    with console.capture() as captured:
        console.print(study_result._table(made))
    told = " ".join(captured.get().split())
    assert "1 x 8 relu 0.05 adam 1024 0.25 97 0.9050 0.0088 5 recommended, the best" in told


def test_whether_more_rows_would_help(command, no_pictures, tmp_path):
    x = np.random.default_rng(0).normal(size=(183, 2)).round(3)
    table = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": (x**2).sum(axis=1) < 1.2})
    table.to_csv(tmp_path / "t.csv", index=False)
    asked = ["study", "t.csv", "-t", "y", *QUICK[2:], "--depth", "1", "--rows", "--no-trees"]
    code, out, err = command(*asked)
    assert code == 0, err
    assert "one of each depth on 5 samples of the rows, from 30 on" in " ".join(out.split())
    assert re.search(r"rows\s+(linear\s+1 x 4 tanh|1 x 4 tanh\s+linear)", out)
    assert "244, foretold" in out
    assert "wice the rows" in out
    assert "Would more rows help?" in (tmp_path / "t.study.html").read_text()
    code, out, _ = command(*asked, "--resume", "--json")
    found = json.loads(out)["learning_curves"]
    assert code == 0
    assert found["rows"] == [30, 40, 53, 70, 92, 122]
    assert [depth["depth"] for depth in found["depths"]] == [0, 1]
    for model in found["models"]:
        assert len(model["scores"]) == 6
        assert model["twice"]["rows"] == 244
        assert model["twice"]["gain"]["low"] <= model["twice"]["gain"]["high"]
        assert model["verdict"] in {"more", "nothing", "unknown"}
    code, _, err = command(*asked[:-2], "--no-trees", "--resume")
    assert code == 1
    assert "rows 6 sizes there, none here" in err


def test_columns_that_tell_nothing_are_left_out_in_each_fold(command, no_pictures, tmp_path):
    """Of 41 columns 3 tell, two of them only together: `fit` finds that, and so does a study."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({f"noise_{i}": random.normal(size=400) for i in range(38)})
    table = table.assign(**{name: random.normal(size=400) for name in "abc"})
    table["y"] = table["a"] + table["b"] * np.sign(table["c"]) + 0.2 * random.normal(size=400)
    table.to_csv(tmp_path / "w.csv", index=False)
    asked = ("study", "w.csv", "--target", "y", "--depth", "0-1", "--width", "16", "--activation",
             "relu", "--folds", "3", "--seeds", "1", "--workers", "1")  # fmt: skip
    code, out, err = command(*asked)
    assert code == 0, err
    words = " ".join(out.split())
    assert "columns are left out on every split: noise_" in words
    assert "they tell no more of y than chance would" in words
    assert "left out on every split: noise_" in (tmp_path / "w.study.html").read_text()
    found = json.loads(command(*asked, "--resume", "--json")[1])
    assert found["settings"]["selection"] is True
    assert found["is_better_than_guessing"]
    assert found["recommended"]["score"] > 0.8
    assert {each["column"] for each in found["left_out"]} == {f"noise_{i}" for i in range(38)}
    assert all(each["of"] == 3 and each["splits"] > 0 for each in found["left_out"])
    all_of_them = json.loads(command(*asked, "--name", "all", "--no-selection", "--json")[1])
    assert all_of_them["left_out"] == []
    assert all_of_them["recommended"]["score"] < found["recommended"]["score"] - 0.3


def test_a_great_number_of_fits_is_said():
    linear = Configuration(0, (), None, 3)
    plan = Plan((linear,) * 300, "accuracy", 3, 3, 0, 5, 32, 0.01, None)
    said = _plan_lines(plan, 90)[-1]
    assert "That is 2,700 fits: how long they take is shown once some are done; --seeds 1" in said
    assert "makes it 900; --time-limit SECONDS ends it" in said
    few = replace(plan, repeats=1)
    assert _plan_lines(few, 90)[-1].startswith("90 rows in 3 folds, once; for each network 3 fits")


def test_the_help_names_what_can_be_varied(command):
    from layerwise.ensemble.named_settings import named_settings

    _, out, _ = command("study", "--help")
    named = re.search(r"every combination. Names: (.*?);", re.sub(r"[\s│]+", " ", out))[1]
    assert set(named.split(", ")) <= set(named_settings())


def test_targets_that_are_refused(study):
    assert "name the column to predict" in study(target="")[2]
    assert study(target="z")[0] == 1


def test_a_locked_database(study, finished, tmp_path, monkeypatch):
    monkeypatch.setattr(of_databases, "_BUSY_SECONDS", 0.1)
    other = sqlite3.connect(tmp_path / "t.study.db")
    other.execute("BEGIN EXCLUSIVE")
    code, _, err = study("--resume")
    assert code == 1
    assert "t.study.db is locked by another program" in err
    other.rollback()
    assert study("--resume")[0] == 0


@pytest.mark.parametrize("option", ["--report", "--output"])
def test_nothing_is_written_over_the_database(study, finished, tmp_path, option):
    before = (tmp_path / "t.study.db").read_bytes()
    code, _, err = study("--resume", option, str(tmp_path / "t.study.db"))
    assert code != 0
    assert "t.study.db is the study's database; name another file" in err
    assert (tmp_path / "t.study.db").read_bytes() == before


def test_a_page_that_cannot_be_written_loses_nothing(study, tmp_path):
    (tmp_path / "t.study.html").mkdir()
    code, _, err = study()
    assert code == 1
    assert "is a folder" in err


def test_the_time_is_up(study, no_pictures, monkeypatch):
    let_time_be_up(monkeypatch)
    code, out, _ = study("--seeds", "2", "--no-prune", "--time-limit", "3")
    assert code == 0
    assert "The study ended early (time limit); this is the answer so far." in out


def test_a_limit_that_is_over_before_the_table_is_read(study, tmp_path):
    code, out, err = study("--time-limit", "0.001")
    assert code == 1
    assert "the time limit was over before the first fit: reading and preparing the table" in err
    assert not (tmp_path / "t.study.db").exists()


def test_a_study_is_widened_in_words(study, finished, no_pictures):
    code, _, err = study("--depth", "0-1", "--seeds", "2", "--resume")
    assert code == 1  # narrower in one thing
    assert "what it has is to be named too" in err
    code, out, _ = study("--depth", "0-3", "--resume")
    assert code == 0
    assert "The study is widened: depths 1, 2 there, 1, 2, 3 here. 12 of its 15 fits are" in out
    assert "3 x 4 tanh" in out


@pytest.fixture
def clock(monkeypatch):
    """The clock of what is seen while a study runs: time passes by `clock.now`."""
    clock = SimpleNamespace(now=1_000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(live_study, "time", clock)
    monkeypatch.setattr(live_lines, "SpacedLines", lambda: SpacedLines(clock.monotonic))
    monkeypatch.setattr("layerwise.training.progress._LEAST_SECONDS", 30.0)
    return clock


def progress(n_done, work_done, scores):
    return Progress(
        n_done, 10 - n_done, work_done, 10_000 - work_done, 1, scores, frozenset(), frozenset()
    )


def test_how_far_it_is_in_a_line_and_in_a_table(clock, capsys):
    configurations = (Configuration(0, (), None, 9), Configuration(1, (4,), "relu", 50))
    shown = LiveStudy(LINES)
    shown.begin(Plan(configurations, "rmse", 5, 1, 0, 9, 32, 0.1, None))
    shown(progress(2, 1_000.0, {1: [1.0, 3.5]}))
    clock.now += 29.0
    shown(progress(3, 1_500.0, {1: [1.0, 3.5]}))
    assert capsys.readouterr().err == ""  # half a minute is not over
    clock.now += 11.0
    later = progress(4, 2_000.0, {0: [2.0], 1: [1.0, 3.5]})
    shown(later)
    line = capsys.readouterr().err
    # 1,000 of work in these 40 seconds, 8,000 left; a smaller error is better.
    assert line == (
        "layerwise: studying: 4 of 10 fits, 0 networks not pursued, about 5 min left; "
        "best so far: linear, rmse 2.0000\n"
    )
    assert shown.ranking(later) == [0, 1]
    console = Console(width=100)
    with console.capture() as captured:
        console.print(shown._picture(later))
    assert "4 of 10 fits" in captured.get()
    assert "about 5 min left" in captured.get()
    last = dataclasses.replace(later, like_fit=(2, 3))
    assert shown._line(last).endswith("; the recommended network as fit trains it, fold 2 of 3")
    with console.capture() as captured:
        console.print(shown._picture(last))
    assert "as fit trains it, fold 2 of 3" in captured.get()
    clock.now += 400.0
    shown(progress(10, 10_000.0, {0: [2.0]}))
    assert "10 of 10 fits, 0 networks not pursued; best so far" in capsys.readouterr().err


def test_each_network_that_ends_has_a_line_but_not_within_seconds(clock, capsys):
    deep = [Configuration(depth, (4,) * depth, "relu", 50 * depth) for depth in range(1, 9)]
    configurations = (Configuration(0, (), None, 9), *deep)
    shown = LiveStudy(LINES)
    shown.begin(Plan(configurations, "accuracy", 5, 1, 0, 9, 32, 0.1, None))
    scores = {number: [0.5, 0.7] for number in range(8)}

    def news(seconds, ended, pruned=()):
        clock.now += seconds
        now = progress(2, 1_000.0, scores)
        shown(dataclasses.replace(now, ended=frozenset(ended), pruned=frozenset(pruned)))
        line = capsys.readouterr().err
        assert line.count("\n") <= 1
        return line.strip().partition("; ended: ")[2]

    assert news(1.0, []) == ""
    assert news(3.0, [1], [1]) == ""  # four seconds are few
    assert news(1.0, [1], [1]) == "1 x 4 relu (accuracy 0.6000, not pursued)"
    assert news(20.0, [1], [1]) == ""  # it is told once
    assert news(5.0, [0, 8]) == "linear (accuracy 0.6000), 8 x 4 relu (failed)"
    assert news(5.0, range(9)).endswith("4 x 4 relu (accuracy 0.6000) and 3 more")


def test_without_a_terminal_it_says_now_and_then_how_far_it_is(study, no_pictures, clock):
    # However many looks there are, each is worth a line: the longer it lasts, the more time passes.
    clock.monotonic = (1_000 * 1.2**n for n in itertools.count()).__next__
    code, out, err = study("--json")
    assert code == 0
    json.loads(out)
    lines = err.splitlines()
    for line in lines:
        assert re.match(r"layerwise: studying: \d+ of 12 fits, 0 networks not pursued", line)
    assert any("; ended: " in line for line in lines)
    assert re.search(r": 12 of 12 fits, .* pursued; best so far: .*, accuracy 0\.\d{4}", lines[-1])
