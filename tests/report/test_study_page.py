"""The page of a study: well-formed, offline, escaped, and all of the study in it."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

from layerwise.report import study_page
from layerwise.report.elements import element, escape
from layerwise.report.page import write_page
from layerwise.report.study_page import render_study_page
from layerwise.study.answers import answers, headline
from layerwise.study.recommendation import recommend
from tests.helpers.pages import Page, assert_whole_and_offline
from tests.report.reports import without_pictures
from tests.study.made_up import grid, noisy, study_of
from tests.study.test_recommendation import studies

COMMAND = "layerwise study houses.csv --target price"
HOSTILE = "</style></svg><script>alert('x')</script>\"onload=\"a&lt;b\x00"


def study(**changes):
    configurations = grid((0, 1, 2, 4), (8, 32), ("relu", "tanh"))
    scores = noisy(0.9 - 0.4 / (1 + np.arange(len(configurations))), 10)
    scores[2, 3:] = scores[3, 1:] = np.nan
    given_up = {"pruned": {2: "far behind"}, "failed": {3: "the loss was not finite"}}
    return study_of(scores, configurations, repeats=2, trees=0.95, **(given_up | changes))


@pytest.fixture(scope="module")
def source():
    """The page of a study with all there can be in it."""
    return page_of(study())


def page_of(results, **changes):
    return render_study_page(results, recommend(results), **({"command": COMMAND} | changes))


def test_it_is_well_formed_and_refers_to_nothing_outside(source):
    assert_whole_and_offline(source)


def test_all_answers_and_all_networks_are_in_it(source):
    results = study()
    text = Page(source).text.replace("\u00a0", " ")
    for answer in answers(results, recommend(results)):
        assert answer.text in text
        assert answer.question in text
    for configuration in results.configurations:
        assert configuration.name in text
        assert f"{configuration.n_parameters:,}" in text
    assert "not pursued after 3 of 10 fits (" in text
    assert "did not train (the loss was not finite)" in text
    assert "by no more than one standard error of the difference." in text
    assert "5-fold cross-validation, 2 times" in text
    assert COMMAND in text


def test_one_sentence_one_number_one_picture_come_before_all_else(source):
    main = source.partition("<main>")[2]
    first, _, others = main.partition("</section>")
    results = study()
    assert escape(headline(results, recommend(results))) in first
    assert first.index('class="verdict"') < first.index('class="lead"') < first.index("<svg")
    assert (first.count("<svg"), first.count('class="lead"')) == (1, 1)
    assert 'class="answers"' in others
    assert 'class="answers"' not in first


def test_shares_of_the_variance_sum_to_all_of_it(source):
    told = source.partition('id="importance"')[2].partition("</section>")[0]
    rows = re.findall(r'<th scope="row">([^<]*)</th><td class="n">([^<]*)\s%</td>', told)
    assert {"depth", "width", "activation", "their combinations"} <= {name for name, _ in rows}
    *parts, (together, whole) = rows
    assert (together, float(whole)) == ("together", 100)
    assert sum(float(share) for _, share in parts) == pytest.approx(100, abs=0.5)


def test_networks_stand_with_the_best_first():
    results = study(pruned={}, failed={})
    source = without_pictures(page_of, results)
    rows = re.findall(r'<th scope="row">([^<]*)</th>', source.partition('id="networks"')[2])
    answer = recommend(results)
    scores = {
        c.name: np.mean(list(results.scores_of(c.number).values())) for c in results.configurations
    }
    names = [row.replace("\u00a0", " ") for row in rows if row.replace("\u00a0", " ") in scores]
    assert names == sorted(scores, key=scores.get, reverse=True)
    assert names[0] == results.configurations[answer.best].name


def test_pictures_hold_the_scores(source):
    results = study()
    labels = [v for _, name, v in Page(source).attributes if name == "aria-label"]
    score = 100 * np.mean(list(results.scores_of(4).values()))
    name = results.configurations[4]
    told, *_ = (v for v in labels if f"Accuracy against depth ({name.width} nodes" in v)
    assert f"{name.activation}: " in told
    assert re.search(rf"\b{score:.2f}\b", told)
    assert "gradient-boosted trees: 95" in told
    assert re.search(rf"<title>{name.activation}, hidden layers {name.depth}: {score:.2f}<", source)


def test_hostile_names_stay_text(source):
    named = replace(study(), target=HOSTILE)
    hostile = page_of(named, title=HOSTILE, command=HOSTILE)
    assert Page(hostile).tags == Page(source).tags
    assert "<script>alert('x')</script>" in Page(hostile).text
    assert "\x00" not in hostile


@settings(max_examples=25)
@given(studies(missing=True))
def test_any_study_has_a_page(results):
    """Its pictures are those of tests/study/test_charts.py, which takes long to draw."""
    if recommend(results) is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_page, "picture", lambda _, description: element("p", description))
        source = page_of(results)
    Page(source)
    visible = re.sub(r"<(script|head)>.*?</\1>", "", source, flags=re.DOTALL)
    assert not re.search(r">[^<]*\b(nan|inf|None)\b", visible)


def test_a_study_of_one_linear_model_has_a_page():
    text = Page(page_of(study_of([[0.5, 0.6]]))).text
    assert "A linear model is enough here" in text


def test_it_is_written_whole_or_not_at_all(tmp_path):
    results = study_of([[0.5, 0.6]])
    target = tmp_path / "houses.study.html"
    page = partial(render_study_page, results, recommend(results), command=COMMAND)
    without_pictures(write_page, page, target)
    assert target.read_text("utf-8") == without_pictures(page_of, results)
    with pytest.raises(OSError, match="cannot write"):
        write_page(page, tmp_path / "no" / "a.html")
    assert [path.name for path in tmp_path.iterdir()] == ["houses.study.html"]
