"""Scores against rows: what is measured, kept and gone on with, and what is said of it."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from layerwise.report.study_page import render_study_page
from layerwise.study import StudyResults, worker
from layerwise.study.answers import answers
from layerwise.study.charts import draw_study
from layerwise.study.compared_networks import compared_networks, sample_steps
from layerwise.study.learning_curves import learning_curves
from layerwise.study.plan import facts_of, make_plan
from layerwise.study.pruning import advance
from layerwise.study.recommendation import recommend
from layerwise.study.results import StudyError
from layerwise.study.rows_chart import depth_by_rows, score_by_rows
from layerwise.study.stored_study import KeptStudy
from layerwise.study.words_on_rows import depth_and_rows_words, foretold_words, rows_words
from tests.study.made_up import SHARES, grid, noisy, study_of, varied, with_samples
from tests.study.test_pruning import bumpy, do

CURVES = {"depth": [1], "learning_curves": True, "trees": False, "pruning": False}


@pytest.fixture(scope="module")
def table():
    """(X, y): a ring around two classes, in 183 rows."""
    x = np.random.default_rng(0).normal(size=(183, 2)).round(3)
    return x, np.where((x**2).sum(axis=1) < 1.2, "in", "out")


def made(means=(0.70, 0.90, 0.91), lost=(0.001, 0.02, 0.03), configurations=None, **settings):
    """A study with learning curves: a linear model that gains nothing, and two that gain."""
    configurations = configurations or grid((0, 1, 2), (8,))
    scores = noisy(means, 10, spread=0.003)
    given = {"sizes": (1_280, 320), "repeats": 2, "trees": 0.88} | settings
    return with_samples(study_of(scores, configurations, **given), lost, seed=1)


def said_of(results):
    answer = recommend(results)
    curves = learning_curves(results, answer)
    return [words(results, curves) for words in (rows_words, foretold_words, depth_and_rows_words)]


def test_a_study_fits_growing_samples_of_the_same_rows(small, table, monkeypatch):
    seen = []

    def fit_one(fold, configuration, plan, split, stop):
        seen.append((configuration.number, split, fold))
        return of_worker(fold, configuration, plan, split, stop)

    of_worker = worker.fit_one
    monkeypatch.setattr(worker, "fit_one", fit_one)
    study = small(**CURVES).fit(*table)
    results = study.study_
    shares = sorted(results.sample_sizes)
    assert len(shares) == 6
    assert results.sample_sizes[1.0] == 122
    assert len(results.sample_fits) == 2 * 3 * 5
    assert len(results.fits) == study.results_.num_rows == 2 * 3  # as without learning curves
    for _, split, fold in seen:
        whole = next(f for n, s, f in seen if (n, s, f.share) == (0, split, 1.0))
        assert (fold.y_test == whole.y_test).all()
        assert len(fold.problem) == round(fold.share * len(whole.problem))
    found = study.learning_curves_
    assert sorted(curve.name for curve in found.models) == ["1 x 4 tanh", "linear"]
    assert found.models[0].name == study.recommended_.name
    assert found.table().num_rows == 2 * 3 * 6
    last = [score for name, rows, *_, score in zip(*found.table().to_pydict().values(), strict=True)
            if name == "linear" and rows == 122]  # fmt: skip
    assert last == list(results.scores_of(0).values())
    assert StudyResults.from_json(results.to_json()).to_json() == results.to_json()
    assert "wice the rows" in study.summary()


def test_a_fit_on_fewer_rows_has_as_many_steps(small, table):
    """The epochs of a sixth of the rows would be far too few to learn by."""
    study = small(**CURVES | {"early_stopping": False, "epochs": 30}).fit(*table)
    epochs = {fit.share: fit.epochs for fit in study.study_.sample_fits}
    assert sorted(epochs.values(), reverse=True) == [epochs[share] for share in sorted(epochs)]
    assert min(epochs.values()) >= 30
    assert max(epochs.values()) == 90  # of 30 rows an epoch is one step, of 122 rows three


def test_curves_are_gone_on_with_and_widened(database, table, small):
    known = small().rows(*table)

    def kept(resume=False, **settings):
        plan = make_plan(small(**CURVES | settings), known)
        facts = facts_of(known, plan)
        return KeptStudy.begin(database, "s", plan, known.fingerprint, facts, resume=resume)

    first = kept()
    expected = first.progress()
    assert (expected.done, expected.left) == (0, 6 + 30)
    assert do(first, bumpy, most=6) == 6
    assert do(first, bumpy, most=11) == 11  # of those on fewer rows
    assert not first.is_finished()
    assert first.progress().left == 19
    assert not advance(first)
    assert do(kept(resume=True), bumpy) == 19
    assert first.is_finished()
    assert len(first.results().sample_fits) == 30
    wider = kept(resume=True, seeds=2)
    assert wider.widening == "seeds 1 there, 2 here"
    assert do(wider, bumpy) == 6 + 30
    assert len(wider.results().sample_fits) == 60
    again = kept(resume=True, seeds=2)
    assert again.is_finished()
    assert again.results() == wider.results()
    with pytest.raises(StudyError, match="rows 6 sizes there, none here"):
        kept(resume=True, seeds=2, learning_curves=False)


def test_a_study_without_curves_gets_them_afterwards(small, table, tmp_path):
    plain = {"depth": [1], "trees": False, "pruning": False, "database": tmp_path / "a.study.db"}
    before = small(**plain).fit(*table)
    assert before.learning_curves_ is None
    after = small(**plain | CURVES, resume=True).fit(*table)
    assert after.study_.fits == before.study_.fits
    assert len(after.study_.sample_fits) == 30
    assert after.learning_curves_ is not None


@pytest.mark.slow
def test_the_same_whatever_the_number_of_workers(small, table):
    one, two = (small(**CURVES, workers=n).fit(*table).study_ for n in (1, 2))
    assert [replace(fit, seconds=0) for fit in one.sample_fits] == [
        replace(fit, seconds=0) for fit in two.sample_fits
    ]


def test_what_is_not_pursued_on_all_rows_has_its_curve():
    """Networks of other depths are compared at each size, those given up too."""
    results = study_of(
        [[0.7] * 5, [0.9] * 5, [0.6, 0.6, *[np.nan] * 3]], grid((0, 1, 2), (8,)), pruned={2: "far"}
    )
    steps = sample_steps(SHARES, results)
    assert [step for step in steps if step[3] == 1.0] == [(2, 0, fold, 1.0) for fold in (2, 3, 4)]
    assert len(steps) == len(set(steps)) == 5 * 5 * 3 + 3
    assert sample_steps((), results) == []


def test_networks_compared_differ_in_depth_alone():
    results = study_of(noisy(np.linspace(0.5, 0.9, 9)), grid((0, 1, 2, 3, 4), (8, 16)))
    answer = recommend(results)
    ours = results.configurations[answer.number]
    compared = compared_networks(results, answer)
    assert list(compared) == [0, 1, 2, 3, 4]
    assert compared[ours.depth] == ours.number
    assert {results.configurations[n].width for d, n in compared.items() if d} == {ours.width}
    many = study_of(noisy([0.9] * 13), grid(range(13), (8,)))
    assert len(compared_networks(many, recommend(many))) == 7
    level = study_of(noisy([0.9, 0.9, 0.9]), grid((0, 1, 2), (8,)))  # a linear one recommended
    assert list(compared_networks(level, recommend(level))) == [0, 1, 2]
    rates = study_of(noisy([0.5, 0.5, 0.8, 0.9]), varied([0.1, 0.2]))
    assert compared_networks(rates, recommend(rates))[1] == recommend(rates).number


def test_what_twice_the_rows_bring_is_said_with_its_interval():
    results = made()
    curves = learning_curves(results, recommend(results))
    bring, foretold, depth = said_of(results)
    ours = curves.models[0]
    lost = {"1 x 8 relu": 0.02, "2 x 8 relu": 0.03}[ours.name]
    assert lost * (1 - 0.5**0.5) in ours.gain
    assert re.fullmatch(
        r"Twice the rows, 2,560 rows to train on instead of 1,280, would raise the accuracy "
        r"of 2 x 8 relu by \d\.\d ± \d\.\d points; the linear model would gain nothing \(at most "
        r"0\.\d points\); gradient-boosted trees would gain \d\.\d ± \d\.\d points\.",
        bring,
    )
    assert foretold.startswith("Of 1,280 rows, the power law that 5 sizes of fewer rows follow")
    assert "was measured" in foretold
    assert "outside" not in foretold
    assert depth.startswith("Hidden layers are shown to be better than a linear model with any")


def test_an_error_is_lowered():
    scores = noisy((0.5, 0.3), 10, spread=0.001)
    results = study_of(scores, grid((0, 1), (8,)), metric="rmse", higher_is_better=False, repeats=2)
    bring, *_ = said_of(with_samples(results, (0.0005, 0.02), seed=1))
    assert "would lower the root mean squared error of 1 x 8 relu by 0.0" in bring


def test_what_cannot_be_told_is_not_said():
    """On few noisy splits, twice the rows may bring nothing or much."""
    results = made(lost=(0.01, 0.01, 0.01))
    random = np.random.default_rng(0)
    wild = [replace(f, score=f.score + random.normal(0, 0.05)) for f in results.sample_fits]
    ours = said_of(replace(results, sample_fits=wild))[0].partition(";")[0]
    assert "cannot be told" in ours


def test_a_curve_that_no_law_foretells_says_nothing_of_more_rows():
    results = made()
    late = [replace(f, score=f.score - 0.2) for f in results.sample_fits]
    strange = replace(results, sample_fits=late)
    bring, foretold, _ = said_of(strange)
    assert bring.startswith("What twice the rows would bring 2 x 8 relu cannot be told: its curve")
    assert "which is outside" in foretold
    chart = score_by_rows(strange, recommend(strange))
    assert [curve.label for curve in chart.curves if curve.is_dashed] == ["gradient-boosted trees"]


def test_from_how_many_rows_depth_pays():
    scores = noisy((0.80, 0.86, 0.90), 10, spread=0.003)
    whole = study_of(scores, grid((0, 1, 2), (8,)), repeats=2, sizes=(1_280, 320))
    crossing = with_samples(whole, (0.0, 0.02, 0.035), seed=1)
    *_, depth = said_of(crossing)
    assert depth == (
        "Hidden layers are shown to be better than a linear model from 160 rows on; with 40 rows "
        "it is shown to be better. More than 1 hidden layer is shown to be better than 1 hidden "
        "layer from 160 rows on; with 40 rows that is shown to be better."
    )
    level = made(means=(0.9, 0.9, 0.9), lost=0.01)
    *_, depth = said_of(level)
    assert "Hidden layers are not shown to be better than a linear model with up to 1,280" in depth


def test_sizes_no_better_than_guessing_are_none_of_the_law():
    results = made(guesses=dict.fromkeys([(r, f) for r in (0, 1) for f in range(5)], 0.6))
    low = [replace(f, score=0.6) if f.share < 0.1 else f for f in results.sample_fits]
    curves = learning_curves(replace(results, sample_fits=low), recommend(results))
    assert list(curves.models[0].law.sizes) == [160, 320, 640, 1_280]


def test_one_split_is_no_curve_and_without_samples_there_is_none():
    results = made()
    one = replace(results, sample_fits=[f for f in results.sample_fits if f.split == (0, 0)])
    assert learning_curves(one, recommend(one)) is None
    assert learning_curves(study_of([[0.5, 0.6]]), recommend(study_of([[0.5, 0.6]]))) is None
    assert "rows" not in {answer.key for answer in answers(one, recommend(one))}


def test_pictures_and_page():
    results = made()
    answer = recommend(results)
    chart = score_by_rows(results, answer)
    law = [curve for curve in chart.curves if curve.is_dashed]
    assert len(law) == 3
    assert all(not curve.has_marks and curve.x[-1] == 2_560 for curve in law)
    assert [name for _, name in chart.ticks] == ["40", "80", "160", "320", "640", "1,280", "2,560"]
    assert "(foretold)" in chart.description
    assert len(re.findall(r"\d\d\.\d", chart.description)) < 40  # not the points of the lines
    depths = depth_by_rows(results, answer)
    labels = [curve.label for curve in depths.curves]
    assert labels == ["linear", "1 hidden layer", "2 hidden layers"]
    assert depths.panels[0].marked[0] == 40
    names = [text.get_text() for text in draw_study(results, "rows").legends[0].get_texts()]
    assert names[-3:] == ["measured", "power law", "foretold"]
    page = render_study_page(results, answer, command="layerwise study t.csv --rows")
    for words in ("Would more rows help?", "From how many rows does depth pay?", "2,560, foretold"):
        assert words in page
    without = study_of(noisy((0.7, 0.9)), grid((0, 1), (8,)))
    assert score_by_rows(without, recommend(without)) is None
    assert depth_by_rows(without, recommend(without)) is None


@pytest.mark.parametrize(
    ("rows", "groups", "said"),
    [(120, None, "need at least 120 to train on.*trains on 80"), (183, 20, "need at least 20")],
)
def test_too_few_rows_or_groups(small, table, rows, groups, said):
    X, y = table
    which = None if groups is None else np.arange(rows) % groups
    with pytest.raises(StudyError, match=said):
        small(**CURVES).fit(X[:rows], y[:rows], groups=which)


def test_json_of_a_study_is_plain_data():
    results = made()
    assert StudyResults.from_json(results.to_json()) == results
    assert json.loads(results.to_json())["sample_sizes"][-1] == [1.0, 1_280]
