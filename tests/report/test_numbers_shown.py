"""The numbers on the page are those that were given, or follow from them."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from layerwise.ensemble.decision import Decision
from layerwise.report import (
    ClassResult,
    Importances,
    Metric,
    NumberResult,
    Scores,
    TrainingFacts,
    render_report,
)
from layerwise.report.reliability import reliability
from tests.report.reports import (
    Page,
    class_result,
    full_source,
    history,
    number_result,
    report_of,
    without_pictures,
)


def page(**parts):
    """Without its pictures, or of all there can be."""
    return Page(without_pictures(render_report, report_of(**parts)) if parts else full_source())


def find(shown, heading):
    """The table whose first heading cell is this."""
    return next(table for table in shown.tables if table[0][0] == heading)


def test_scores_and_their_verdict():
    shown = page()
    table = find(shown, "model")
    assert table[0] == ["model", "log loss ↓", "accuracy ↑"]
    assert table[1] == ["the network", "0.3125", "0.8438"]
    assert table[2] == ["boosted trees", "0.2875", "0.8000"]
    assert "Boosted trees are better here." in shown.text
    assert "These scores count each row by w." not in shown.text


def test_how_rows_count_is_said_beside_the_scores():
    metric = Metric("score", [0.9, 0.8], True)
    scores = Scores(["the network", "trees"], [metric], counted="These scores count by w.")
    assert "These scores count by w." in page(scores=scores).text


def test_the_confusion_matrix():
    true, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0])
    probabilities = np.full((6, 3), 1 / 3)
    result = ClassResult(["a", "b", "c"], true, probabilities, predicted)
    shown = page(classes=result)
    table = find(shown, "true ↓ taken for →")
    assert table[1] == ["a", "266.7 %", "133.3 %", "0"]
    assert table[2] == ["b", "0", "2100 %", "0"]
    assert table[3] == ["c", "1100 %", "0", "0"]
    assert "4 of 6 rows" not in shown.text
    assert "4 of 6 test rows were given their true class (66.7 %)" in shown.text
    assert "“c” is the class most often missed: 1 of its 1 row" in shown.text


def test_auc_and_threshold():
    result = class_result(2)
    text = page(classes=result).text
    p = result.probabilities[:, 1]
    assert f"AUC {roc_auc_score(result.true, p):.4f}" in text
    found = 100 * np.mean(p[result.true == 1] > 0.4)
    wrongly = 100 * np.mean(p[result.true == 0] > 0.4)
    assert "where its probability is above 0.400 (for the best F1)" in text
    assert f"finds {found:.1f} % of the rows that are" in text
    assert f"wrongly calls {wrongly:.1f} % of the others" in text


def test_a_probability_that_is_the_threshold_is_not_above_it():
    """The rates are of what was predicted, whatever lies on the threshold."""
    p = np.array([0.4, 0.4, 0.6, 0.2])
    result = ClassResult(
        ["no", "yes"], np.array([1, 0, 1, 0]), np.stack([1 - p, p], axis=1),
        Decision(0.4)(np.stack([1 - p, p], axis=1)), 0.4,
    )  # fmt: skip
    text = page(classes=result).text
    assert "finds 50.0 % of the rows that are, and wrongly calls 0 % of the others" in text


@pytest.mark.parametrize(("power", "said"), [(1.0, True), (3.0, False)])
def test_probabilities_are_called_calibrated_only_where_they_are(power, said):
    random = np.random.default_rng(0)
    p = random.uniform(0.02, 0.98, 2000)
    true = (random.random(2000) < p).astype(int)
    p = p**power / (p**power + (1 - p) ** power)
    p = np.stack([1 - p, p], axis=1)
    text = page(classes=ClassResult(["no", "yes"], true, p, true)).text
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
    text = page(numbers=[NumberResult("price", true, true, lower, lower + 2.0, 0.9)]).text
    compared = f", {said} than chance explains" if said else ""
    assert f" %){compared}. Half of them are narrower than 2" in text


def test_auc_of_each_class():
    result = class_result(4)
    table = find(page(classes=result), "class")
    shown = {name: float(area) for name, _, area in table[1:]}
    for k, name in enumerate(result.classes):
        wanted = roc_auc_score(result.true == k, result.probabilities[:, k])
        assert shown[name] == pytest.approx(wanted, abs=6e-5)


def test_a_class_without_rows_has_no_roc():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    result = ClassResult(["a", "b", "c"], np.array([0, 1]), probabilities, np.array([0, 1]))
    table = find(page(classes=result), "class")
    assert {row[0] for row in table[1:]} == {"a", "b"}


def test_calibration_against_a_naive_one():
    result = class_result(2, 1000)
    p, true = result.probabilities[:, 1], result.true == 1
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
    text = page(classes=result).text
    assert f"lie {100 * error:.1f} % apart" in text
    assert "temperature 1.10" in text


def test_a_probability_of_one_falls_into_the_last_bin():
    seen = reliability(np.array([0.0, 1.0]), np.array([False, True]))
    assert seen.counts.tolist() == [1, 1]
    assert seen.high[-1] == 1.0


def test_coverage_of_prediction_intervals():
    result = number_result()
    held = int(((result.lower <= result.true) & (result.true <= result.upper)).sum())
    assert f"they hold {100 * held / 300:.1f} % ({held} of 300;" in page(numbers=[result]).text


def test_intervals_without_end_say_so():
    true = np.arange(300.0)
    endless = np.full(300, np.inf)
    for reach, said in (
        (endless, "have no end"),
        (np.full(300, 400.0), "), more than chance explains"),
    ):
        text = page(numbers=[NumberResult("p", true, true, true - reach, true + reach, 0.9)]).text
        assert [w for w in ("have no end", "), more than chance explains") if w in text] == [said]


def test_numbers_that_are_all_the_same_are_drawn():
    same = np.full(5, 3.0)
    source = render_report(report_of(numbers=[NumberResult("y", same, same)]))
    assert source.count('<svg class="plot"') == 2
    assert "nan" not in source


def test_each_of_several_targets_has_its_heading():
    shown = page(numbers=[number_result(name="width"), number_result(name="height")])
    assert "width" in shown.texts
    assert "height" in shown.texts


def test_importances_are_sorted_and_the_rest_is_counted():
    names = [f"c{i}" for i in range(40)]
    values = np.arange(40.0)[:, None] + np.array([[-0.5, 0.5]])
    shown = Page(render_report(report_of(importances=Importances(names, values, "R²"))))
    table = find(shown, "column")
    assert [row[0] for row in table[1:]] == [f"c{i}" for i in range(39, 9, -1)]
    assert table[1] == ["c39", "39.00 ± 0.50"]
    assert shown.texts.count("39.00 ± 0.50") == 2  # beside its bar, too
    assert "And 10 columns of less importance." in shown.text


def test_training_in_words_and_numbers():
    shown = page(training=TrainingFacts([history(20, 12)], "log loss", "accuracy"))
    assert "Epoch 12 was kept, where the log loss on held-out rows was 0.5000" in shown.text
    assert "by epoch 20 it had risen to 0.5800" in shown.text
    kept = next(row for row in find(shown, "epoch") if "kept" in row[0])
    assert kept == ["12 (kept)", "0.08333", "0.5000", "0.7880"]


def test_the_table_the_network_and_the_command():
    shown = page()
    for words in (
        "400 to train on, 100 to test on (stratified by class)",
        "two classes: no (76 %), yes (24 %)",
        "line 7: 4 cells, 3 were expected",
        "12.5 %",
        "5 networks like it are averaged",
        "layerwise fit people.csv --target income --seed 7",
        "17 to 90",
        "city 0 60 %",
        "code: all are distinct",
    ):
        assert words in shown.text
    assert find(shown, "layer")[-1][-2:] == ["18", "5"]
    assert find(shown, "phase")[1:] == [
        ["reading", "0.250 s"],
        ["training", "12.5 s"],
        ["all", "12.8 s"],
    ]


def test_the_worst_rows_with_missing_and_long_cells():
    table = find(page(), "row")
    assert table[1][:6] == ["17", "no", "yes (p = 0.98)", "3.91", "20.5", "missing"]
    assert len(table[1][6]) == 120
    assert table[2][4] == "missing"
