"""`layerwise demo`: it runs, says how well it did, and writes pictures that show something."""

import csv
import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.image import imread

from layerwise.cli import main
from layerwise.cli.demo_digits import (
    Rival,
    Table,
    digits,
    words_on_difference,
    words_on_mistakes,
)
from layerwise.tables.examples import PENGUINS

PICTURES = ["digits-confusion.png", "digits-loss.png"]
FILES = [
    *PICTURES,
    "new-penguins.csv",
    "penguins.csv",
    "penguins.layerwise",
    "penguins.report.html",
    "predicted.csv",
]


# The demo itself, run once.
whole = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "of pictures"
    done = subprocess.run(
        [sys.executable, "-c", "from layerwise.cli import main; main()", "demo", "--epochs", "3",
         "--output", folder.name],
        cwd=folder.parent, capture_output=True, encoding="utf-8", timeout=250, check=False,
    )  # fmt: skip
    return done, folder


@whole
def test_it_runs(demo):
    done, _ = demo
    assert done.returncode == 0, done.stderr
    assert "3/3 epochs" in done.stderr


@whole
def test_it_fits_on_three_screens(demo):
    assert len(demo[0].stdout.splitlines()) <= 110


@whole
def test_it_compares_with_baselines(demo):
    out = demo[0].stdout
    for name in ("trivial prediction", "gradient-boosted trees", "always 3"):
        assert name in out
    rows = re.findall(r"(logistic regression|this network) +(\d+) +([\d.]+) %", out)
    assert [name for name, _, _ in rows] == ["logistic regression", "this network"]
    for _, n_right, share in rows:
        assert float(share) == pytest.approx(100 * int(n_right) / 450, abs=0.05)


@whole
def test_new_penguins_are_predicted(demo):
    done, folder = demo
    lines = (folder / "predicted.csv").read_text("utf-8").splitlines()
    assert lines[0] == "Sex,probability of FEMALE,probability of MALE"
    assert len(lines) == 41
    right = int(re.search(r"Of the 40 new penguins, (\d+) were", done.stdout)[1])
    truth = dict(_sexes(PENGUINS))
    new = _rows(folder / "new-penguins.csv")
    assert "Sex" not in new[0]
    predicted = [line.split(",")[0] for line in lines[1:]]
    keys = [(row["studyName"], row["Sample Number"], row["Species"]) for row in new]
    assert right == sum(truth[key] == sex for key, sex in zip(keys, predicted, strict=True))


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sexes(path):
    for row in _rows(path):
        yield (row["studyName"], row["Sample Number"], row["Species"]), row["Sex"]


@whole
def test_it_writes_pictures_that_are_not_empty(demo):
    done, folder = demo
    assert sorted(path.name for path in folder.iterdir()) == FILES
    for path in (folder / name for name in PICTURES):
        assert str(path.relative_to(folder.parent)) in done.stdout
        image = imread(path)
        assert (np.abs(image - image[0, 0]).max(axis=2) > 0.3).mean() > 0.01


def test_a_folder_that_cannot_be_made_is_one_line(monkeypatch, capsys, tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    monkeypatch.setattr(sys, "argv", ["layerwise", "demo", "--output", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert ended.value.code == 1
    assert "cannot make the folder" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_the_table_is_of_finite_numbers_and_no_row_is_lost(seed):
    table = digits(seed)
    assert np.isfinite(table.x).all()
    assert np.isfinite(table.x_unseen).all()
    assert table.x.shape[1] == table.x_unseen.shape[1]
    assert len(table.y) + len(table.y_unseen) == 1797
    assert set(table.y) == set(range(len(table.class_names)))
    for i in range(len(table.y_unseen)):
        assert "nan" not in table.describe(i)


def birds():
    """86 rows of three species, of which nothing but the species matters here."""
    y = np.arange(86) % 3
    names = ["Adelie", "Chinstrap", "Gentoo"]
    return Table("birds", "", names, np.zeros((0, 1)), y[:0], np.zeros((86, 1)), y, str)


def rivals(table, n_linear_alone, n_network_alone):
    """Predictions of which only one is right, on so many rows each."""
    wrong = (table.y_unseen + 1) % 3
    linear, network = table.y_unseen.copy(), table.y_unseen.copy()
    network[:n_linear_alone] = wrong[:n_linear_alone]
    alone = slice(n_linear_alone, n_linear_alone + n_network_alone)
    linear[alone] = wrong[alone]
    return Rival("linear", linear, 0.0), Rival("network", network, 0.0)


@pytest.mark.parametrize(
    ("linear", "network", "said"),
    [
        (0, 0, "on the same rows"),
        (2, 6, "too few"),
        (0, 4, "too few"),
        (0, 5, "the network is better"),
        (20, 4, "logistic regression is better"),
    ],
)
def test_a_difference_is_called_one_only_where_rows_suffice(linear, network, said):
    table = birds()
    assert said in words_on_difference(table, *rivals(table, linear, network))


def test_mistakes_in_words():
    table = birds()
    assert words_on_mistakes(table, table.y_unseen) == "No mistakes."
    predicted = table.y_unseen.copy()
    predicted[np.flatnonzero(predicted == 0)[:2]] = 2
    predicted[np.flatnonzero(predicted == 1)[:1]] = 0
    assert words_on_mistakes(table, predicted) == (
        "Mistakes: Adelie taken for Gentoo (2 times), Chinstrap taken for Adelie."
    )
