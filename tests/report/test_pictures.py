"""The pictures in a page: where their marks stand, what is said of them, and the page's colours."""

import os
import re
import sys

import numpy as np
import pytest

from layerwise.draw import inline, judged
from layerwise.draw.chart import Chart, Curve, Panel
from layerwise.draw.drawn_chart import draw_chart
from layerwise.report.classes_section import probabilities_section
from layerwise.report.numbers_section import numbers_section
from layerwise.report.page import style, write_page
from layerwise.report.summary import importance_section
from layerwise.report.training_section import training_section
from layerwise.training import Epoch, History
from tests.helpers.other_python import run_python
from tests.helpers.pages import Page
from tests.report import reports
from tests.report.reports import (
    classifier,
    fit,
    full_source,
    history,
    importances,
    of_classes,
    of_numbers,
    regressor,
    trained,
)


@pytest.fixture(scope="module")
def page():
    """Of both kinds of report, one behind the other."""
    return Page(full_source() + full_source(0))


def svgs(source):
    return re.findall(r'<svg class="plot".*?</svg>', source, re.DOTALL)


def test_each_is_drawn_and_described(page):
    said = [value for tag, name, value in page.attributes if (tag, name) == ("svg", "aria-label")]
    assert [words.split()[0] for words in said] == [
        "The", "log", "accuracy", "Calibration:", "ROC.", "Permutation",
        "The", "squared", "R²", "Predicted", "Residuals", "Prediction", "Permutation",
    ]  # fmt: skip
    assert "could not be drawn" not in page.text


def test_their_colours_are_the_pages_own(page):
    pictures = svgs(page.source)
    assert len(pictures) == 13
    used = set()
    for svg in pictures:
        assert not re.search(r"(fill|stroke):(?!none|var\(--)", svg)
        used |= set(re.findall(r"var\(--([a-z0-9]+)\)", svg))
    assert used == {"background", "text", "faint", "first", "second", "third"}
    rules = style()
    for variable in inline.PAGE_COLORS:
        assert rules.count(f" --{variable}: #") == 3  # light, dark by choice, dark by the screen


def test_what_their_marks_are_is_said(page):
    titles = re.findall(r"<title>([^<]*)</title>", "".join(svgs(page.source)))
    trial, of_ages = fit().trial, fit(predicts=0).trial
    best = trial.model.ensemble_.members[1].history.best
    for words in (
        "training, network 1",
        "held out, mean of 2 networks",
        f"network 2, kept: epoch {best.number}, held-out log loss {best.validation_loss:.3g}",
        f"threshold {trial.model.threshold_:.3f}",
    ):
        assert any(title.startswith(words) for title in titles), words
    assert sum(words.startswith("weight") for words in titles) == (2 * 3 + 3 * 2) + (2 * 3 + 3 * 1)
    assert any(words.startswith("yes: AUC 0.") for words in titles)
    lower, upper = of_ages.judged.interval
    outside = np.sum((of_ages.judged.y < lower) | (of_ages.judged.y > upper))
    assert 0 < sum(words.startswith("outside: ") for words in titles) <= outside


def test_legends_axes_and_ticks_are_there(page):
    for words in (
        "training, mean of 2 networks", "held out, mean of 2 networks", "epochs that were kept",
        "epoch", "weight above 0", "below 0", "in a node: its bias", "predicted age",
        "true age", "predicted = true", "true − predicted age", "no error", "test rows",
        "interval", "truth inside", "outside", "probability of “yes”", "share that is “yes”",
        "perfect calibration", "test rows, with 95 % interval", "false positive rate", "guessing",
        "20 %", "log loss worse by",
    ):  # fmt: skip
        assert words in page.texts, words


def test_curves_stand_where_their_numbers_say():
    source = training_section(trained(history(3, 2)))
    path = re.search(r'<g><title>training</title><path d="([^"]*)"', source).group(1)
    points = np.array([pair.split() for pair in path[1:].split("L")], float)
    losses = np.array([1.0, 1 / 2, 1 / 3])
    assert np.diff(points[:, 0]) == pytest.approx(np.diff(points[:, 0])[0], abs=0.2)
    heights = (points[:, 1] - points[2, 1]) / (points[0, 1] - points[2, 1])
    assert heights == pytest.approx((losses - losses[2]) / (losses[0] - losses[2]), abs=0.01)
    assert points[0, 1] < points[2, 1]


def test_what_lies_outside_does_not_give_its_words_to_another():
    curve = Curve("a", 0, (1, 2, 3, 4, 5, 6, 7), (-1e9, 2, 3, 4, 5, 6, 7))
    chart = Chart("", "depth", "R²", (Panel("", (curve,)),))
    svg = inline.inline_svg(lambda: draw_chart(chart, theme="page"), "")
    said = re.findall(r"<use [^>]*><title>([^<]*)</title>", svg)
    assert said == [f"a, depth {i}: {i}" for i in range(2, 8)]


def test_a_training_that_diverged_is_drawn():
    made = History()
    made.append(Epoch(1, float("nan"), 0.001, 0.1))
    text = Page(training_section(trained(made))).text
    assert "could not be drawn" not in text


def test_of_more_classes_the_hardest_stands_out():
    source = probabilities_section(*of_classes(4, classes=["a", "b", "c", "the last"]))
    texts = Page(source).texts
    assert "each class against the rest" in texts
    assert any(text.startswith("the hardest: ") for text in texts)
    assert len(re.findall("<title>[^<]*: AUC 0", source)) == 4


def test_all_rows_without_an_end_are_drawn():
    true = np.array([1.0, 2.0])
    endless = np.array([np.inf, np.inf])
    result = reports.judged(true, true, (-endless, endless))
    text = Page(numbers_section(regressor("price"), result)).text
    assert "could not be drawn" not in text


def test_a_dollar_in_a_name_is_no_formula():
    name, classes = "costs in $, $x$", ["a $b$", "c"]
    source = numbers_section(*of_numbers(30, name=name))
    source += probabilities_section(*of_classes(2, 30, classes=classes))
    texts = Page(source + importance_section(importances([name, "$5 _ $6"]))).texts
    assert {f"true {name}", "probability of “c”", name, "$5 _ $6"} <= set(texts)


def test_one_that_cannot_be_drawn_is_said_and_the_others_are_there(monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("no font <here>")

    monkeypatch.setattr(judged, "new_figure", fails)
    result = reports.judged(np.array([0, 1]), np.eye(2))
    source = probabilities_section(classifier(["a", "b"]), result)
    page = Page(source + training_section(trained(history())))
    assert page.text.count("This picture could not be drawn: no font <here>.") == 2
    assert len(svgs(page.source)) == 2
    assert "AUC 1" in page.text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="folders are made in other ways")
def test_they_are_drawn_where_only_the_reports_folder_can_be_written_to(tmp_path):
    write_page(lambda: numbers_section(*of_numbers(30)), tmp_path / "usual.html")
    script = f"""
import os, sys, tempfile
real, folder = os.mkdir, {os.fspath(tmp_path)!r}

def read_only(path, *rest):
    if not os.fspath(path).startswith(folder):
        raise OSError(30, "Read-only file system", path)
    real(path, *rest)

def nowhere():
    raise FileNotFoundError(2, "No usable temporary directory found")

os.mkdir, tempfile.gettempdir = read_only, nowhere
from tests.report.reports import of_numbers
from layerwise.report.numbers_section import numbers_section
from layerwise.report.page import write_page
write_page(lambda: numbers_section(*of_numbers(30)), folder + "/bare.html")
"""
    bare = {"HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere"}
    bare |= {"MPLCONFIGDIR": "", "XDG_CACHE_HOME": "/nowhere", "LAYERWISE_CACHE_DIR": ""}
    bare["PYTHONPATH"] = os.pathsep.join(sys.path)
    assert run_python("-c", script, **bare).stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare.html", "usual.html"]
    assert (tmp_path / "bare.html").read_text() == (tmp_path / "usual.html").read_text()
