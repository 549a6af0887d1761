"""Small fits and made-up predictions."""

import copy
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.importance import Importance
from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.report.fit_page import render_report
from layerwise.report.judging import Judgement
from layerwise.report.trial import Trial
from layerwise.tables.reading import Problem, ReadTable
from layerwise.tables.task import Task
from layerwise.training import Epoch, History
from tests.helpers.pages import Page

NAMES = ("age", "city", "code", "income")
COMMAND = "layerwise fit people.csv --target income --seed 7"
SMALL = {"effort": "low", "epochs": 6, "hidden": (3,), "n_folds": 2, "n_repeats": 1}


def history(n=20, best=12, *, held_out=True):
    done = History(best_epoch=best if held_out else None, stopped="patience")
    for i in range(1, n + 1):
        seen = {"validation_loss": 0.5 + abs(i - best) / 100, "validation_score": 0.8 - 0.001 * i}
        done.append(Epoch(i, 1.0 / i, 0.001, 0.1 * i, **(seen if held_out else {})))
    return done


def trained(*histories):
    """What is looked at of a model's training."""
    members = [SimpleNamespace(history=one) for one in histories]
    return SimpleNamespace(
        ensemble_=SimpleNamespace(members=members), task_=SimpleNamespace(classes=("no", "yes"))
    )


def judged(y, outputs, interval=None):
    """A judgement of rows in their order."""
    scores = class_scores(y, outputs) if y.dtype.kind == "i" else number_scores(y, outputs)
    return Judgement(y, outputs, scores, np.arange(len(y)), None, interval=interval)


def classifier(classes, threshold=0.4):
    """A model of classes, as far as a report looks at it."""
    model = TableClassifier(metric="f1" if len(classes) == 2 else "log_loss")
    kind = "binary" if len(classes) == 2 else "multiclass"
    model.task_ = Task(kind, ("income",), f"{len(classes)} classes", tuple(classes))
    model.classes_ = np.array(classes, object)
    model.temperature_, model.threshold_, model.validation_loss_ = 1.1, threshold, 0.5
    return model


def of_classes(k=2, n=300, seed=0, classes=None):
    """A model of k classes, and what it says of n rows."""
    random = np.random.default_rng(seed)
    true = random.integers(0, k, n)
    scores = random.normal(size=(n, k)) + 1.5 * np.eye(k)[true]
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return classifier(classes or [f"class {i}" for i in range(k)]), judged(true, p)


def regressor(*names, level=0.9):
    """A model of numbers, as far as a report looks at it."""
    model = TableRegressor(intervals=level)
    model.task_ = Task("regression", names, "numbers")
    model.intervals_ = SimpleNamespace(level=level)
    return model


def of_numbers(n=300, seed=0, name="price"):
    """A model of numbers, and what it says of n rows."""
    random = np.random.default_rng(seed)
    true = random.normal(100, 20, n)
    predicted = true + random.normal(0, 5, n)
    return regressor(name), judged(true, predicted, (predicted - 8, predicted + 8))


def importances(names, seed=0):
    random = np.random.default_rng(seed)
    means = np.linspace(0.3, -0.01, len(names))
    values = means[:, None] + random.normal(0, 0.01, (len(names), 5))
    return Importance(tuple(names), values, "log loss")


@dataclass(frozen=True)
class Fit:
    """A trial with its table."""

    trial: Trial
    read: ReadTable

    def changed(self, **parts):
        """The same with other parts."""
        trial = copy.copy(self.trial)
        for name, value in parts.items():
            setattr(trial, name, value)
        return replace(self, trial=trial)

    def page(self, command=COMMAND):
        """Its report."""
        rows = self.read.table.take(self.trial.split.test)
        return render_report(self.trial, self.read, rows, command=command, date="24 November 2026")


@cache
def fit(names=NAMES, labels=("no", "yes"), file="people.csv", *, predicts=3):
    """A small fit of a number, a category of three, an identifier and a class."""
    random, n = np.random.default_rng(0), 120
    age = random.integers(17, 91, n).astype(float)
    age[:2] = 17.0, 90.0
    cells = (
        [None if lot < 0.125 else value for lot, value in zip(random.random(n), age, strict=True)],
        [f"{names[1]} {i}" for i in random.choice(3, n, p=[0.6, 0.3, 0.1])],
        [f"c{i:05d}" for i in range(n)],
        [labels[int(value + random.normal(0, 9) > 55)] for value in age],
    )
    table = pa.table(dict(zip(names, cells, strict=True)))
    of_metric = {"metric": "f1"} if predicts == 3 else {"intervals": 0.8}
    trial = Trial([names[predicts]], seed=7, settings={**SMALL, **of_metric}).run(table)
    trial.seconds = {"reading": 0.25, "training": 12.5, "all": 12.75}
    problem = Problem("people.csv", 7, "4 cells, 3 were expected")
    return Fit(trial, ReadTable(table, (file,), "csv", problems=(problem,)))


@cache
def full_source(predicts=3):
    """The page of a report of classes; or of the age, a number."""
    return fit(predicts=predicts).page()


def section_page(section, *arguments):
    """A section without its pictures, taken apart."""
    return Page(without_pictures(section, *arguments))


def without_pictures(render, *arguments, **options):
    """A page whose pictures, which take long to draw, are not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("layerwise.report.elements.inline_svg", lambda draw, description: "")
        return render(*arguments, **options)
