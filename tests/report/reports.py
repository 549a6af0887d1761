"""Data of made-up fits, and a page taken apart."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

from layerwise import Network
from layerwise.architecture import Architecture
from layerwise.report import (
    Bars,
    ClassResult,
    ColumnFacts,
    Histogram,
    Importances,
    Metric,
    NetworkFacts,
    NumberResult,
    ReportData,
    Scores,
    TableFacts,
    TrainingFacts,
    WorstRows,
    render_report,
)
from layerwise.training import Epoch, History

VOID = {"meta", "br", "link", "img", "input", "hr"}


def history(n=20, best=12, *, held_out=True):
    done = History(best_epoch=best if held_out else None, stopped="patience")
    for i in range(1, n + 1):
        seen = {"validation_loss": 0.5 + abs(i - best) / 100, "validation_score": 0.8 - 0.001 * i}
        done.append(Epoch(i, 1.0 / i, 0.001, 0.1 * i, **(seen if held_out else {})))
    return done


def class_result(k=2, n=300, seed=0, classes=None):
    random = np.random.default_rng(seed)
    true = random.integers(0, k, n)
    scores = random.normal(size=(n, k)) + 1.5 * np.eye(k)[true]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    threshold = 0.4 if k == 2 else None
    predicted = (p[:, 1] > 0.4).astype(int) if k == 2 else p.argmax(axis=1)
    names = classes or [f"class {i}" for i in range(k)]
    why = "for the best F1" if k == 2 else ""
    return ClassResult(names, true, p, predicted, threshold, why, "temperature 1.10")


def number_result(n=300, seed=0, name="price"):
    random = np.random.default_rng(seed)
    true = random.normal(100, 20, n)
    predicted = true + random.normal(0, 5, n)
    return NumberResult(name, true, predicted, predicted - 8, predicted + 8, 0.9)


def importances(names, seed=0):
    random = np.random.default_rng(seed)
    means = np.linspace(0.3, -0.01, len(names))
    return Importances(names, means[:, None] + random.normal(0, 0.01, (len(names), 5)), "log loss")


def full_report(names=("age", "city", "code"), labels=("no", "yes"), **changed):
    names, k = list(names), len(labels)
    columns = [
        ColumnFacts(
            names[0], "number", "all cells are numbers", 0.125, 74, "1 number",
            distribution=Histogram(np.linspace(17, 90, 11), np.arange(10)),
        ),
        ColumnFacts(
            names[1], "category", "3 distinct values in 500 rows", 0.0, 3, "3 yes-or-no inputs",
            distribution=Bars([f"{names[1]} {i}" for i in range(3)], [300, 150, 50]),
        ),
        *(
            ColumnFacts(name, "identifier", f"{name}: all are distinct", 0.0, 500, is_used=False)
            for name in names[2:]
        ),
    ]  # fmt: skip
    table = TableFacts(
        "income", "two classes: no (76 %), yes (24 %)", 500, 400, 100, "stratified by class",
        [("note", "12 rows are there twice."), ("warning", "“code” gives the target away.")],
        ["line 7: 4 cells, 3 were expected"],
    )  # fmt: skip
    architecture = Architecture([4, 3, k], output="softmax")
    network = NetworkFacts(
        architecture, 5, "five folds", Network(architecture, seed=0), [*names[:2], "a", "b"], labels
    )
    values = {
        "title": "people.csv: income",
        "command": "layerwise fit people.csv --target income --seed 7",
        "date": "24 November 2026",
        "versions": {"layerwise": "0.1.0"},
        "seed": 7,
        "seconds": {"reading": 0.25, "training": 12.5},
        "table": table,
        "columns": columns,
        "network": network,
        "training": TrainingFacts([history(), history(25, 9)], "log loss", "accuracy"),
        "scores": Scores(
            ["the network", "boosted trees"],
            [Metric("log loss", [0.3125, 0.2875], False), Metric("accuracy", [0.84375, 0.8], True)],
            verdict="Boosted trees are better here.",
        ),
        "classes": class_result(k, classes=list(labels)),
        "numbers": [number_result()],
        "importances": importances(names[:2]),
        "worst": WorstRows(
            names, [[20.5, None, "x" * 500], [float("nan"), "Ulm", "k"]], [17, 4], ["no", "yes"],
            ["yes (p = 0.98)", "no (p = 0.97)"], [3.91, 3.5], "log loss",
        ),
    }  # fmt: skip
    return ReportData(**(values | changed))


def report_of(**parts):
    """A report of a few parts, which is quickly made."""
    return ReportData("people.csv: income", "layerwise fit people.csv", **parts)


@cache
def full_source():
    """The page of a report of all that there can be."""
    return render_report(full_report())


def without_pictures(render, *arguments, **options):
    """A page whose pictures, which take long to draw, are not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layerwise.report.elements.inline_svg", lambda draw, description: "")
        return render(*arguments, **options)


@dataclass
class Page(HTMLParser):
    """A page's elements, text and headings; tags that do not match fail at once."""

    source: str
    tags: list = field(default_factory=list)
    attributes: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    headings: dict = field(default_factory=dict)
    tables: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._open, self._heading = [], None
        self.feed(self.source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "h2":
            self._heading = ""

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        if tag == "h2":
            self.headings[self._heading] = []

    def handle_data(self, data):
        data = data.replace("\u00a0", " ")
        if not {"script", "style"} & set(self._open):
            self.texts.append(data)
            if {"td", "th"} & set(self._open):
                self.tables[-1][-1][-1] += data
            if "h2" in self._open:
                self._heading += data
            elif self.headings:
                self.headings[next(reversed(self.headings))].append(data)

    @property
    def text(self):
        return " ".join(self.texts)
