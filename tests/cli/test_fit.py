"""`layerwise fit`: what it decides, prints and saves, and options that are wrong."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from layerwise.store import load
from tests.cli.conftest import QUICK, assert_refused, strict_json


def test_json_is_all_of_standard_output(fit, table):
    code, out, err = fit(table, "--json", "--drop", "price")
    assert (code, err) == (0, "")
    result = strict_json(out)
    assert result["task"]["classes"] == ["no", "yes"]
    assert result["split"]["train"] + result["split"]["test"] == result["rows"]["read"] == 120
    assert set(result["metrics"]) >= {"accuracy", "log_loss", "roc_auc"}
    assert set(result["baselines"]) == {"trivial prediction", "gradient-boosted trees"}
    assert 0 < result["threshold"] < 1
    assert result["model"] == "m.layerwise"
    assert load(result["model"]).task_.names == ("y",)


def test_the_report_has_all_its_pictures(command, table):
    assert command("fit", table, "--target", "y", "-o", "m.layerwise", *QUICK)[0] == 0
    page = Path("m.report.html").read_text("utf-8")
    assert page.count('<svg class="plot"') == 6
    assert "street" in page.partition('<svg class="plot"')[2].partition("</svg>")[0]


def test_the_screen_names_target_split_result_and_files(fit, table):
    code, out, err = fit(table, "--drop", "price")
    assert (code, err) == (0, "")
    for words in (
        "y: 2 classes", "town", "you asked for it", "24 to test with", "trivial prediction",
        "gradient-boosted trees", "Probabilities:", "Threshold: yes", "m.layerwise",
        "m.report.html",
    ):  # fmt: skip
        assert words in out


def test_same_seed_same_numbers(fit, table):
    first, second, other = (
        strict_json(fit(table, "--json", "--seed", seed, "--threads", threads)[1])["metrics"]
        for seed, threads in ((3, 1), (3, 2), (4, 2))
    )
    assert first == second != other


def test_intervals_and_several_targets(fit, table):
    code, out, _ = fit(table, "--intervals", "0.8", "--metric", "mae", target="price")
    assert code == 0
    assert "made to hold 80% of new rows" in out
    code, out, _ = fit(table, target="price,size")
    assert code == 0
    assert "price, size: 2 numbers: price, size" in out
    code, out, _ = fit(table, "--json", target="price,size")
    assert code == 0
    assert strict_json(out)["task"]["targets"] == ["price", "size"]


def test_the_report_counts_missing_cells_among_the_rows_looked_at(fit, tmp_path):
    lines = ["a,gone,y", *(f"{np.sin(i):.3f},,{'uv'[i % 2]}" for i in range(100))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    assert fit("t.csv")[0] == 0
    page = (tmp_path / "m.report.html").read_text("utf-8").replace("\xa0", " ")
    assert 'data-label="missing">100 %' in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--time-column", "day"], "the latest 20 rows, from 2024-11-01 on, are the test"),
        (["--time-column", "day", "--test-from", "2024-10-01"], "the latest 30 rows"),
        (["--group-column", "street"], "of 12 groups are the test"),
        (["--weight-column", "count"], "96 rows to train on"),
        (["--class-weight", "yes=3,no=1"], "96 rows to train on"),
        (["--class-weight", "balanced", "--metric", "f1"], "Threshold: yes"),
        (["--folds", "3", "--repeats", "2"], "6 networks"),
        (["--hidden", "6,4", "--activation", "tanh"], "6-4-2 (tanh)"),
        (["--categorical", "count", "--text", "street"], "you asked for it"),
        (["--time-limit", "0.0001"], "ended early (time limit)"),
    ],
)
def test_options_are_heeded(fit, table, options, said):
    code, out, err = fit(table, *options)
    assert (code, err) == (0, "")
    assert said in out


@pytest.fixture
def panel(tmp_path):
    """Units sold by 12 shops on each of 60 days, which the shop and the weekend explain."""
    random = np.random.default_rng(0)
    usual = random.normal(100, 25, 12)
    lines = ["day,shop,units"]
    for day in range(60):
        date = np.datetime64("2024-01-01") + day
        weekend = 15 * (day % 7 >= 5)
        lines += [
            f"{date},{shop},{usual[shop] + weekend + random.normal(0, 6):.0f}" for shop in range(12)
        ]
    (tmp_path / "panel.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "panel.csv"


OF_PANELS = [
    "--target",
    "units",
    "--time-column",
    "day",
    "--group-column",
    "shop",
    "-o",
    "m.layerwise",
]


@pytest.mark.slow
def test_a_panel_of_known_groups_is_told_into_the_future(command, panel, no_pictures):
    code, out, _ = command(
        "fit", panel, *OF_PANELS, "--intervals", "0.9", "--repeats", "1", "--hidden", "24",
        "--epochs", "60", "--json",
    )  # fmt: skip
    assert code == 0
    result = strict_json(out)
    assert result["split"]["how"] == (
        "the latest 144 rows, from 2024-02-18 on, are the test; the groups, shop, are known and "
        "their future is not"
    )
    assert result["metrics"]["r2"] > 0.8
    assert result["intervals"]["coverage"] > 0.8
    assert not [f for f in result["findings"] if "repeat" in f["message"]]
    assert {c["name"]: c["kind"] for c in result["columns"]}["shop"] == "category"


def test_a_panel_of_new_groups_is_harder_and_says_so(command, panel, no_pictures):
    code, out, _ = command(
        "fit", panel, *OF_PANELS, "--new-groups", "--hidden", "4", "--epochs", "2",
    )  # fmt: skip
    assert code == 0
    words = " ".join(out.split())
    assert "of 3 of 12 groups, none of whose rows are trained on" in words
    assert "rows are left out, earlier ones of these groups and later ones of others" in words
    assert "tells the groups apart" in words
    assert "repeat an earlier one" not in words
    page = Path("m.report.html").read_text("utf-8")
    assert "none of whose rows are trained on" in page
    assert "n the order of time, each network was trained on the rows before" in page


@pytest.fixture
def rare(tmp_path):
    """rare.csv: a class of which there is one row in seventeen."""
    random = np.random.default_rng(0)
    x = random.normal(size=(1000, 2))
    y = np.where(random.random(1000) < 1 / (1 + np.exp(4 - 2 * x[:, 0])), "yes", "no")
    lines = [f"{a:.3f},{b:.3f},{label}" for (a, b), label in zip(x, y, strict=True)]
    (tmp_path / "rare.csv").write_text("a,b,y\n" + "\n".join(lines) + "\n")
    return tmp_path / "rare.csv"


@pytest.mark.parametrize(("weights", "times"), [("balanced", "1"), ("yes=20,no=1", "20 times")])
def test_weights_of_classes_give_no_false_verdict(
    command, rare, weights, times, no_pictures, all_trees
):
    code, out, _ = command(
        "fit", rare, "-t", "y", "--class-weight", weights, "--effort", "low", "--folds", "4",
        "--repeats", "1", "--hidden", "8", "--epochs", "40", "-o", "m.layerwise",
    )  # fmt: skip
    assert code == 0
    words = " ".join(out.split())
    for false in (
        "no better than the trivial", "nothing that was learned", "no other gives more right",
        "or weight the classes", "not calibrated",
    ):  # fmt: skip
        assert false not in words
    assert "promise and outcome lie" in words
    assert "no more than chance explains" in words
    assert "by the weights of the classes a missed yes costs " + times in words


def test_without_weights_the_threshold_is_a_half_and_weights_are_advised(
    command, rare, no_pictures
):
    code, out, _ = command(
        "fit",
        rare,
        "-t",
        "y",
        "--effort",
        "low",
        "--hidden",
        "8",
        "--epochs",
        "3",
        "-o",
        "m.layerwise",
    )
    assert code == 0
    words = " ".join(out.split())
    assert (
        "above 1/2: no other gives more right answers where probabilities are calibrated" in words
    )
    assert "or weight the classes" in words
    assert "by the weights of the classes" not in words


def test_rows_that_count_differently_are_said_to(fit, table):
    said = "Rows count by count in training, in the first scores, and in what is said of them"
    out = fit(table, "--weight-column", "count")[1]
    assert said in out
    assert 0 < out.index("rows by count  ") < out.index("each row once  ")
    page = Path("m.report.html").read_text("utf-8")
    assert "These scores count each row by count" in page
    assert "<h3>Each row counted once</h3>" in page
    out = fit(table)[1]
    assert said not in out
    assert "each row once" not in out
    page = Path("m.report.html").read_text("utf-8")
    assert "These scores count each row" not in page
    assert "Each row counted once" not in page


def test_each_target_has_scores_and_rows_are_counted_both_ways(command, fit, table, tmp_path):
    lines = table.read_text().splitlines()
    size, town, street, count, day, _, y = lines[3].split(",")
    lines[3] = f"{size},{town},{street},{count},{day},inf,{y}"
    table.write_text("\n".join(lines) + "\n")
    out = fit(table, "--weight-column", "count", "--drop", "y", target="price,size")[1]
    assert "1 of 120 rows has no target, 1 of them since the number is infinite" in out
    headings = [line.split("  ")[0] for line in out.splitlines() if "R²" in line]
    assert headings[:4] == ["mean of 2 targets, rows by count", "each row once", "price", "size"]
    assert "RMSE" not in out.split("each row once")[0]  # of numbers in different units
    page = Path("m.report.html").read_text("utf-8")
    assert "R² is the mean of 2 targets; the scores of each stand below." in page
    assert "<h3>price</h3>" in page

    command("predict", "m.layerwise", table, "-o", "p.csv", "--keep", "all")
    rows = pd.read_csv("p.csv").drop(index=2)
    evaluated = command("evaluate", "m.layerwise", table, "--json")
    scores = json.loads(evaluated[1])
    assert scores["weight_column"] is None
    assert scores["unweighted"] == {}
    assert scores["notes"][0].startswith("1 of 120 rows has no target, 1 of them since")
    weighted = json.loads(
        command("evaluate", "m.layerwise", table, "--weight-column", "count", "--json")[1]
    )
    assert weighted["unweighted"]["Layerwise"] == scores["metrics"]
    assert weighted["metrics"] != scores["metrics"]
    assert weighted["metrics"]["rmse"] is scores["metrics"]["rmse"] is None
    for name in ("price", "size"):
        true, guessed = rows[name], rows[f"{name} (predicted)"]
        found = scores["by_target"][name]["Layerwise"]
        assert found["r2"] == pytest.approx(r2_score(true, guessed), abs=1e-4)
        assert found["rmse"] == pytest.approx(root_mean_squared_error(true, guessed), rel=1e-3)
        counted = r2_score(true, guessed, sample_weight=rows["count"])
        assert weighted["by_target"][name]["Layerwise"]["r2"] == pytest.approx(counted, abs=1e-4)
    first = tmp_path / "one.csv"
    first.write_text("\n".join(lines[:2]) + "\n")
    out = command("evaluate", "m.layerwise", first)[1]
    assert "1 row, 7 columns" in out
    assert "1 row with price, size, each counted once" in out
    assert "rows" not in out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--test-from", "2024-05-01"], 1, "needs the column of time"),
        (["--time-column", "day", "--test-from", "May"], 1, "'May' is no moment"),
        (["--new-groups"], 1, "need the column that tells groups apart"),
        (["--hidden", "many"], 2, "--hidden"),
        (["--hidden", "8,-2"], 2, "--hidden"),
        (["--hidden", "0", "--activation", "tanh"], 2, "--activation"),
        (["--hidden", "0", "--dropout", "0.1"], 2, "--dropout"),
        (["--effort", "huge"], 2, "--effort"),
        (["--activation", "rellu"], 2, "relu"),
        (["--metric", "F2"], 2, "--metric"),
        (["--task", "guess"], 2, "--task"),
        (["--class-weight", "yes=much"], 2, "--class-weight"),
        (["--intervals", "90"], 2, "--intervals"),
        (["--time-limit", "-1"], 2, "--time-limit"),
        (["--dropout", "1"], 2, "--dropout"),
        (["--learning-rate", "0"], 2, "--learning-rate"),
        (["--batch-size", "0"], 2, "--batch-size"),
        (["--pieces", "-1"], 2, "--pieces"),
        (["--folds", "1"], 2, "--folds"),
        (["--repeats", "0"], 2, "--repeats"),
        (["--format", "csvv"], 1, "csvv"),
        (["--table", "houses"], 1, "table is for sqlite"),
        (["--epochs", "0"], 2, "--epochs"),
        (["--test-size", "2"], 2, "--test-size"),
        (["--seed", "-1"], 2, "--seed"),
        (["--threads", "0"], 2, "--threads"),
        (["--drop", "nothing"], 1, "'nothing'"),
        (["--drop", "y"], 1, "is the target"),
        (["--time-column", "town"], 1, "'town'"),
        (["--group-column", "twon"], 1, "did you mean 'town'"),
        (["--weight-column", "town"], 1, "weights in 'town'"),
        (["--class-weight", "maybe=2"], 1, "maybe"),
        (["--numeric", "town"], 1, "'town' cannot be a number"),
        (["--test-file", "none.csv"], 1, "none.csv"),
        (["--intervals", "0.9"], 1, "intervals are for numbers"),
        (["--metric", "rmse"], 1, "metric"),
        (["--encoding", "klingon"], 1, "klingon"),
    ],
)
def test_a_wrong_value_is_one_line(fit, table, options, code, said):
    assert_refused(fit(table, *options), said, code, shows=True)


def test_settings_of_the_networks_reach_them(fit, table):
    options = ["--hidden", "0", "--pieces", "0", "--batch-size", "16", "--learning-rate", "0.01"]
    assert fit(table, "--drop", "price", *options)[0] == 0
    model = load("m.layerwise")
    recipe = model.recipe_
    assert (recipe.hidden, recipe.n_pieces, recipe.batch_size) == ((), 0, 16)
    assert recipe.learning_rate == 0.01
    assert all(len(network.weights) == 1 for network in model.networks_)
    assert not any(model.networks_[0].architecture.pieces)


def test_the_metric_asked_for_is_shown(fit, table):
    code, out, _ = fit(table, "--metric", "balanced_accuracy")
    assert code == 0
    assert "balanced accuracy" in out
    result = strict_json(fit(table, "--metric", "f1", "--json")[1])
    assert 0 <= result["metrics"]["f1"] <= 1
    assert all(scores["f1"] is not None for scores in result["baselines"].values())


@pytest.mark.parametrize("given", ["0=1,1=9", "false=1,true=9"])
def test_weights_of_classes_that_are_no_text(fit, tmp_path, given):
    words = ("false", "true") if "true" in given else ("0", "1")
    lines = ["a,y", *(f"{np.sin(i):.3f},{words[i % 10 == 0]}" for i in range(100))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    assert fit("t.csv", "--class-weight", given)[0] == 0
    weighted = load("m.layerwise")
    assert weighted.class_weights_.tolist() == [1.0, 9.0]
    assert weighted.threshold_ == 0.1


def test_columns_that_tell_nothing_are_left_out_and_named(command, tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 30))
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(30)])
    frame.assign(y=x[:, 0] + x[:, 1] + 0.1 * random.normal(size=300)).to_csv("t.csv", index=False)
    code, out, _ = command("fit", "t.csv", "--target", "y", *QUICK)
    assert code == 0
    words = " ".join(out.split())
    assert "28 of 30 columns tell no more of y than chance would and are left out: c2, c3" in words
    assert "--keep NAME, --no-selection" in words
    page = Path("t.report.html").read_text("utf-8")
    assert "tells no more of the target than chance would" in page
    frame[["c0", "c1"]].to_csv("new.csv", index=False)
    code, _, err = command("predict", "t.layerwise", "new.csv", "-o", "p.csv")
    assert code == 0
    assert "not there, and not needed by the model: c2, c3" in err
    assert "not needed" not in command("predict", "t.layerwise", "t.csv", "-o", "p.csv")[2]
    kept = ("--keep", "c7", "--json")
    kinds = {
        c["name"]: c["kind"]
        for c in strict_json(command("fit", "t.csv", "-t", "y", *kept, *QUICK)[1])["columns"]
    }
    assert [name for name, kind in kinds.items() if kind == "number"] == ["c0", "c1", "c7"]
    assert kinds["c2"] == "unrelated"
    every = command("fit", "t.csv", "-t", "y", "--no-selection", "--json", *QUICK)[1]
    assert {c["kind"] for c in strict_json(every)["columns"]} == {"number"}
