"""The numbers on the page are those that were given, or follow from them."""

import re

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from layerwise.ensemble.importance import Importance
from layerwise.ensemble.scores import row_losses
from layerwise.report.classes_section import confusion_section, probabilities_section
from layerwise.report.numbers_section import numbers_section
from layerwise.report.reliability import reliability
from layerwise.report.row_roles import RowRoles
from layerwise.report.summary import (
    importance_section,
    repeat_section,
    result_section,
    worst_section,
)
from layerwise.report.training_section import training_section
from layerwise.report.trial import NETWORK
from layerwise.report.verdict import verdict
from layerwise.texts import number
from tests.helpers.pages import Page
from tests.report.reports import (
    classifier,
    fit,
    full_source,
    history,
    judged,
    of_classes,
    of_numbers,
    regressor,
    section_page,
    trained,
)


@pytest.fixture(scope="module")
def page():
    """Of all there can be."""
    return Page(full_source())


def find(shown, heading):
    """The table whose first heading cell is this."""
    return next(table for table in shown.tables if table[0][0] == heading)


def test_scores_and_their_verdict(page):
    trial = fit().trial
    table = find(page, "model")
    assert table[0] == ["model", "log loss ↓", "accuracy ↑", "ROC AUC ↑", "f1 ↑"]
    models = {NETWORK: trial.judged.scores, **trial.baselines}
    for line, (name, scores) in zip(table[1:], models.items(), strict=True):
        shown = [scores[metric] for metric in ("log_loss", "accuracy", "roc_auc", "f1")]
        assert line == [name, *map(number, shown)]
    assert verdict(trial) in page.text
    assert "These scores count each row by" not in page.text


def test_how_rows_count_is_said_beside_the_scores():
    shown = section_page(result_section, fit().changed(roles=RowRoles(weight_column="w")).trial)
    assert "These scores count each row by w, as training did" in shown.text


def test_the_confusion_matrix():
    true, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    shown = section_page(
        confusion_section, classifier(["a", "b", "c"]), judged(true, np.eye(3)[predicted])
    )
    table = find(shown, "true ↓ taken for →")
    assert table[1] == ["a", "266.7 %", "133.3 %", "0"]
    assert table[2] == ["b", "0", "2100 %", "0"]
    assert table[3] == ["c", "1100 %", "0", "0"]
    assert "4 of 6 test rows were given their true class (66.7 %)" in shown.text
    assert "“c” is the class most often missed: 1 of its 1 row" in shown.text


def test_auc_and_threshold():
    model, result = of_classes(2)
    text = section_page(probabilities_section, model, result).text
    p = result.outputs[:, 1]
    assert f"AUC {roc_auc_score(result.y, p):.4f}" in text
    found = 100 * np.mean(p[result.y == 1] > 0.4)
    wrongly = 100 * np.mean(p[result.y == 0] > 0.4)
    assert "where its probability is above 0.400 (0.400: best for f1 on rows that were held" in text
    assert f"finds {found:.1f} % of the rows that are" in text
    assert f"wrongly calls {wrongly:.1f} % of the others" in text


def test_a_probability_that_is_the_threshold_is_not_above_it():
    """The rates are of what was predicted, whatever lies on the threshold."""
    p = np.array([0.4, 0.4, 0.6, 0.2])
    result = judged(np.array([1, 0, 1, 0]), np.stack([1 - p, p], axis=1))
    text = section_page(probabilities_section, classifier(["no", "yes"]), result).text
    assert "finds 50.0 % of the rows that are, and wrongly calls 0 % of the others" in text


@pytest.mark.parametrize(("power", "said"), [(1.0, True), (3.0, False)])
def test_probabilities_are_called_calibrated_only_where_they_are(power, said):
    random = np.random.default_rng(0)
    p = random.uniform(0.02, 0.98, 2000)
    true = (random.random(2000) < p).astype(int)
    p = p**power / (p**power + (1 - p) ** power)
    p = np.stack([1 - p, p], axis=1)
    text = section_page(probabilities_section, classifier(["no", "yes"]), judged(true, p)).text
    assert ("apart, no more than chance explains" in text) == said
    assert ("they are not calibrated for these rows" in text) != said


@pytest.mark.parametrize("n", [30, 300, 3000])
def test_true_probabilities_seldom_err_by_more_than_chance(n):
    random = np.random.default_rng(1)
    beyond = 0
    for _ in range(200):
        p = random.beta(0.6, 2.0, n)
        seen = reliability(p, random.random(n) < p)
        beyond += seen.error > seen.most_by_chance
    assert beyond <= 16  # of 200; about 1 in 40 is meant


@pytest.mark.parametrize(("held", "said"), [(72, "fewer"), (89, ""), (100, "more")])
def test_intervals_that_hold_other_than_promised(held, said):
    true = np.zeros(100)
    lower = np.where(np.arange(100) < held, -1.0, 0.5)
    result = judged(true, true, (lower, lower + 2.0))
    text = section_page(numbers_section, regressor("price"), result).text
    compared = f", {said} than chance explains" if said else ""
    assert f" %){compared}. Half of them are narrower than 2" in text


def test_auc_of_each_class():
    model, result = of_classes(4)
    table = find(section_page(probabilities_section, model, result), "class")
    shown = {name: float(area) for name, _, area in table[1:]}
    for k, name in enumerate(model.classes_):
        wanted = roc_auc_score(result.y == k, result.outputs[:, k])
        assert shown[name] == pytest.approx(wanted, abs=6e-5)


def test_a_class_without_rows_has_no_roc():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    result = judged(np.array([0, 1]), probabilities)
    table = find(section_page(probabilities_section, classifier(["a", "b", "c"]), result), "class")
    assert {row[0] for row in table[1:]} == {"a", "b"}


def test_calibration_against_a_naive_one():
    model, result = of_classes(2, 1000)
    p, true = result.outputs[:, 1], result.y == 1
    seen = reliability(p, true)
    error = 0.0
    for low, high, count, promised, happened in zip(
        seen.low, seen.high, seen.counts, seen.promised, seen.happened, strict=True
    ):
        inside = (p >= low) & (p < high)
        assert count == inside.sum()
        assert promised == pytest.approx(p[inside].mean())
        assert happened == pytest.approx(true[inside].mean())
        error += count / 1000 * abs(promised - happened)
    assert seen.error == pytest.approx(error)
    text = section_page(probabilities_section, model, result).text
    assert f"lie {100 * error:.1f} % apart" in text
    assert "by one temperature, 1.10, found" in text


def test_a_probability_of_one_falls_into_the_last_bin():
    seen = reliability(np.array([0.0, 1.0]), np.array([False, True]))
    assert seen.counts.tolist() == [1, 1]
    assert seen.high[-1] == 1.0


def test_coverage_of_prediction_intervals():
    model, result = of_numbers()
    lower, upper = result.interval
    held = int(((lower <= result.y) & (result.y <= upper)).sum())
    text = section_page(numbers_section, model, result).text
    assert f"they hold {100 * held / 300:.1f} % ({held} of 300;" in text


def test_intervals_without_end_say_so():
    true = np.arange(300.0)
    endless = np.full(300, np.inf)
    for reach, said in (
        (endless, "have no end"),
        (np.full(300, 400.0), "), more than chance explains"),
    ):
        result = judged(true, true, (true - reach, true + reach))
        text = section_page(numbers_section, regressor("p"), result).text
        assert [w for w in ("have no end", "), more than chance explains") if w in text] == [said]


def test_numbers_that_are_all_the_same_are_drawn():
    same = np.full(5, 3.0)
    source = numbers_section(regressor("y"), judged(same, same))
    assert source.count('<svg class="plot"') == 2
    assert "nan" not in source


def test_each_of_several_targets_has_its_heading():
    y = np.random.default_rng(0).normal(size=(30, 2))
    shown = section_page(numbers_section, regressor("width", "height"), judged(y, y))
    assert "width" in shown.texts
    assert "height" in shown.texts


def test_importances_are_sorted_and_the_rest_is_counted():
    names = [f"c{i}" for i in range(40)]
    values = np.arange(40.0)[:, None] + np.array([[-0.5, 0.5]])
    shown = Page(importance_section(Importance(tuple(names), values, "R²")))
    table = find(shown, "column")
    assert [row[0] for row in table[1:]] == [f"c{i}" for i in range(39, 9, -1)]
    assert table[1] == ["c39", "39.00 ± 0.50"]
    assert shown.texts.count("39.00 ± 0.50") == 2  # beside its bar, too
    assert "And 10 columns of less importance." in shown.text


def test_training_in_words_and_numbers():
    shown = section_page(training_section, trained(history(20, 12)))
    assert "Epoch 12 was kept, where the log loss on held-out rows was 0.5000" in shown.text
    assert "by epoch 20 it had risen to 0.5800" in shown.text
    kept = next(row for row in find(shown, "epoch") if "kept" in row[0])
    assert kept == ["12 (kept)", "0.08333", "0.5000", "0.7880"]


def test_the_table_the_network_and_the_command(page):
    trial = fit().trial
    column = trial.model.columns_[0]
    n = sum(network.n_parameters for network in trial.model.networks_)
    for words in (
        "96 to train on, 24 to test on (at random, each class by its share)",
        trial.model.task_.reason,
        "people.csv, line 7: 4 cells, 3 were expected",
        f"{100 * column.n_missing / 96:.1f} %",
        f"2 networks like it are averaged, {n:,} parameters in all.",
        "layerwise fit people.csv --target income --seed 7",
        "17 to 90",
        trial.model.columns_[2].reason,
    ):
        assert words in page.text
    assert find(page, "layer")[-1][0] == "all"
    shares = re.search(r"city 0 (\d+) %, city 1 (\d+) %, city 2 (\d+) %", page.text).groups()
    assert sum(map(int, shares)) == pytest.approx(100, abs=1)


def test_the_time_of_each_phase():
    shown = section_page(repeat_section, "a", 7, {}, {"reading": 0.25, "training": 12.5})
    assert find(shown, "phase")[1:] == [
        ["reading", "0.250 s"],
        ["training", "12.5 s"],
        ["all", "12.8 s"],
    ]


def test_the_worst_rows_with_missing_and_long_cells():
    made = fit()
    trial, table = made.trial, made.read.table
    long = pa.array(["x" * 500] * table.num_rows)
    other = table.set_column(1, "city", long).set_column(
        0, "age", pa.nulls(len(long), pa.float64())
    )
    shown = section_page(worst_section, trial, other.take(trial.split.test))
    lines = find(shown, "row")
    losses = row_losses(trial.judged.y, trial.judged.outputs, "log_loss")
    worst = int(np.argmax(losses))
    called = trial.model.decide(trial.judged.outputs)[worst]
    assert lines[1][:4] == [
        str(trial.split.test[worst] + 1),
        ("no", "yes")[trial.judged.y[worst]],
        f"{('no', 'yes')[called]} (p = {trial.judged.outputs[worst, called]:.2f})",
        number(losses[worst], 3),
    ]
    cells = dict(zip(lines[0][4:], lines[1][4:], strict=True))
    assert cells["age"] == "missing"
    assert len(cells["city"]) == 120
