"""What is said of a result: each sentence where it is true, and not where its opposite is."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from layerwise.cli.fit_result import about_intervals, importances
from layerwise.ensemble.importance import Importance
from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.report.comparison import TREES, TRIVIAL
from layerwise.report.judging import Judgement
from layerwise.report.verdict import verdict
from tests.cli.conftest import QUICK

SENTENCES = {
    "nothing": "nothing that was learned shows on the",
    "off": "are off, though they put the rows in order",
    "by chance": "by more than chance gives on",
    "level": "Networks and gradient-boosted trees are level (",
    "cannot tell": "are level as far as",
    "networks": "The networks are better than gradient-boosted trees",
    "trees": "Gradient-boosted trees are better here",
}


pytestmark = pytest.mark.usefixtures("all_trees")


@pytest.fixture
def csv(tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(size=80)
    city = np.where(x + random.normal(size=80) > 0, "Ulm", "Bonn")
    lines = [f"{a:.3f},{b}" for a, b in zip(x, city, strict=True)]
    (tmp_path / "rows.csv").write_text("x,city\n" + "\n".join(lines) + "\n")
    return tmp_path / "rows.csv"


def trial_of(y, ours, trees, trivial, *, metric, weight=None):
    """What a verdict looks at."""
    classes = ours.ndim == 2
    score = (lambda p: class_scores(y, p, None, weight)) if classes else (
        lambda p: number_scores(y, p, weight)
    )  # fmt: skip
    outputs = {TRIVIAL: trivial, TREES: trees}
    return SimpleNamespace(
        model=SimpleNamespace(
            task_=SimpleNamespace(classes=[0, 1] if classes else [], n_targets=1), metric=metric
        ),
        judged=SimpleNamespace(y=y, outputs=ours, scores=score(ours), weight=weight),
        outputs=outputs,
        baselines={name: score(p) for name, p in outputs.items()},
    )


def of_classes(ours, trees, n=2000, metric="log_loss"):
    """Probabilities whose logits are the true ones times a factor, plus a shift."""
    random = np.random.default_rng(0)
    logit = random.normal(-1.5, 1.2, n)
    y = (random.random(n) < 1 / (1 + np.exp(-logit))).astype(int)

    def p(factor, shift, noise=0.0):
        yes = 1 / (1 + np.exp(-(factor * logit + shift + noise * random.normal(size=n))))
        return np.stack([1 - yes, yes], axis=1)

    trivial = np.tile([1 - y.mean(), y.mean()], (n, 1))
    return trial_of(y, p(*ours), p(*trees), trivial, metric=metric)


def of_numbers(ours, trees, n=2000, metric="r2"):
    """Predictions that follow the truth with a factor, a shift and noise."""
    random = np.random.default_rng(0)
    y = random.normal(size=n)

    def predicted(factor, shift, noise):
        return factor * y + shift + noise * random.normal(size=n)

    return trial_of(y, predicted(*ours), predicted(*trees), np.zeros(n), metric=metric)


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (lambda: of_classes((1, 0), (1, 0, 1.5)), "networks"),
        (lambda: of_classes((1, 0, 0.7), (1, 0)), "trees"),
        (lambda: of_classes((1, 0), (1.02, 0)), "level"),
        (lambda: of_classes((1, 0), (1, 0, 0.3), n=120), "cannot tell"),
        (lambda: of_classes((1, 3), (1, 0)), "off"),  # as weights that are not taken back leave it
        (lambda: of_classes((0, 1.5, 1.0), (1, 0)), "nothing"),
        (lambda: of_classes((0.15, -1.6), (1, 0), n=60), "by chance"),
        (lambda: of_numbers((1, 0, 0.3), (1, 0, 0.9)), "networks"),
        (lambda: of_numbers((1, 0, 0.9), (1, 0, 0.3)), "trees"),
        (lambda: of_numbers((1, 0, 0.5), (1, 0.02, 0.5), n=20000), "level"),
        (lambda: of_numbers((1, 0, 0.5), (1, 0, 0.51), n=30), "cannot tell"),
        (lambda: of_numbers((1, 5, 0.3), (1, 0, 0.9)), "off"),
        (lambda: of_numbers((0, 5, 0.3), (1, 0, 0.9)), "nothing"),
        (lambda: of_numbers((0.3, 0, 0.5), (1, 0, 0.1), n=20), "by chance"),
        (lambda: of_numbers((1, 0, 0.3), (1, 0, 0.9), metric="mae"), "networks"),
    ],
)
def test_one_sentence_is_said_and_none_of_the_others(trial, said):
    text = verdict(trial())
    assert [name for name, words in SENTENCES.items() if words in text] == [said]


@pytest.mark.parametrize("of", [of_classes, of_numbers])
def test_where_there_are_no_trees_none_are_named(of):
    for ours, said in (
        ((1, 0, 0.3), "better than the trivial prediction ("),
        ((0, 5, 1), "nothing"),
    ):
        trial = of(ours, (1, 0, 0.5))
        del trial.outputs[TREES], trial.baselines[TREES]
        text = verdict(trial)
        assert said in text
        assert "trees" not in text


def fail(*_, **__):
    raise ZeroDivisionError("by chance")


def test_what_was_not_calibrated_is_not_said_to_be(csv, command, no_pictures, monkeypatch):
    # Twice, since of one network to a row no temperature but 1 may be found.
    several = ["--repeats", "2"]
    fit = ["fit", csv, "-t", "city", *QUICK, *several, "--metric", "f1", "-o", "m.layerwise"]
    row = ["explain", "m.layerwise", csv, "--row", "1"]
    found = ["by one temperature", "best for f1 on rows that were held out"]
    missing = ["as the networks give them, since no temperature", "1/2, since no better one was"]
    for said, others in ((found, missing), (missing, found)):
        code, out, _ = command(*fit)
        page = " ".join(Path("m.report.html").read_text("utf-8").replace("\xa0", " ").split())
        for text in (" ".join(out.split()), page):
            assert [words in text for words in said + others] == [True, True, False, False]
        steps = " ".join(command(*row)[1].split())
        assert ("(the temperature that suits rows" in steps) == (said is found)
        assert ("Probabilities are not calibrated" in out) == (said is missing)
        assert code == 0
        monkeypatch.setattr("layerwise.ensemble.calibration.decision_for", fail)


def test_intervals_without_end_hold_no_more_than_chance_explains(csv, command, no_pictures):
    fit = ["fit", csv, "-t", "x", *QUICK, "-o", "m.layerwise", "--intervals"]
    both = "they have no end, since too few rows were held out", "made to hold 50% of new rows"
    for level, said in zip(("0.995", "0.5"), both, strict=True):
        words = " ".join(command(*fit, level)[1].split())
        assert [one for one in both if one in words] == [said]
        shown = command("evaluate", "m.layerwise", csv)[1]
        assert ("(100% of them have no end)" in shown) == (level == "0.995")
        assert ("they have no end" in words) <= ("than chance explains" not in words)


def test_the_columns_that_matter_are_found_wherever_they_stand():
    names = [f"x{i}" for i in range(7)]
    values = np.tile([1.0, -1.0], (7, 1))
    values[6] = 0.5
    assert "x6 (0.5)" in importances(Importance(names, values, "log loss"))
    assert "No column matters" in importances(Importance(names[:6], values[:6], "log loss"))


def test_rows_that_hardly_count_say_little():
    y = np.zeros(100)
    judged = Judgement(y, y, {}, np.arange(100), None, coverage=0.5, interval=(y, y))
    assert "fewer than chance explains" in about_intervals(0.9, judged)
    judged.weight = np.where(np.arange(100) < 2, 1.0, 1e-6)
    assert "than chance explains" not in about_intervals(0.9, judged)


def test_it_is_judged_by_what_was_made_small():
    assert "(log loss" in verdict(of_classes((1, 0), (1, 0, 1.5)))
    assert "(RMSE" in verdict(of_numbers((1, 0, 0.3), (1, 0, 0.9)))
    assert "(mean absolute error" in verdict(of_numbers((1, 0, 0.3), (1, 0, 0.9), metric="mae"))


def test_a_metric_that_was_asked_for_is_named_with_both_values():
    trial = of_classes((1, 0), (1, 0, 1.5), metric="f1")
    ours, trees = trial.judged.scores["f1"], trial.baselines[TREES]["f1"]
    assert verdict(trial).endswith(f" By f1: {ours:.4g}, the trees {trees:.4g}.")
    assert "By " not in verdict(of_classes((1, 0), (1, 0, 1.5)))


def test_rows_count_by_their_weight():
    """Rows that do not count decide nothing."""
    trial = of_numbers((1, 0, 0.3), (1, 0, 0.9))
    y, ours = trial.judged.y, trial.judged.outputs.copy()
    ours[:1000] += 9
    weight = np.where(np.arange(2000) < 1000, 1e-12, 1.0)
    counted = (trial.outputs[TREES], trial.outputs[TRIVIAL])
    assert SENTENCES["off"] in verdict(trial_of(y, ours, *counted, metric="r2"))
    weighted = trial_of(y, ours, *counted, metric="r2", weight=weight)
    assert SENTENCES["networks"] in verdict(weighted)
