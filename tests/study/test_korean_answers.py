"""What a study says in Korean, its pictures and its page too: no English word is left."""

import re
from dataclasses import replace

import numpy as np
import pytest

from layerwise.language import retold, speaking
from layerwise.report import study_page
from layerwise.report.elements import element
from layerwise.study.answers import answers, headline, rule_words
from layerwise.study.charts import charts_of
from layerwise.study.recommendation import recommend
from layerwise.study.results import TOO_FAR_OFF, FailedFit
from layerwise.study.words_on_pairs import pair_words
from layerwise.training.history import DIVERGENCES
from tests.cli.test_korean import IN_REPORTS, Words, english_in
from tests.study.made_up import grid, noisy, study_of, varied, with_samples
from tests.study.test_learning_curves import made
from tests.study.test_words import with_gradients

nan = np.nan
DEPTHS = grid((0, 1, 2, 3, 4), (16,))
WIDTHS = grid((0, 1), (8, 32, 128))
ACTIVATIONS = grid((0, 1, 2), (8,), ("relu", "tanh", "sigmoid"))
DIVERGED_AT = (
    "diverged: the loss became nan at epoch 1, step 3, with the learning rate 0.5. Try a smaller "
    "one, such as 0.05"
)
# What stands in its sentences: activations, optimisers and commands keep their names.
NAMES = {
    "relu", "tanh", "sigmoid", "sgd", "adam", "layerwise", "fit", "effort", "low", "gradient",
    "hue", "nan", "Bayle", "Holm",
}  # fmt: skip


def one_size(means, spread=0.002, **changes):
    return study_of(noisy(means, spread=spread), DEPTHS[: len(means)], **changes)


def stopped(means, *numbers, after=2):
    scores = noisy(means, spread=0.002)
    scores[list(numbers), after:] = nan
    return study_of(scores, pruned=dict.fromkeys(numbers, f"after {after} of 5 splits"))


def unlucky():
    scores = noisy([0.5, 0.9, 0.9, 0.9], 10, spread=0.002, shared=0.005)
    scores[3, 2] = 0.5
    guesses = {(0, fold): 0.7 for fold in range(10)}
    return study_of(scores, grid((0, 1), (8,), ("relu", "tanh", "sigmoid")), guesses=guesses)


def failing():
    scores = noisy([0.6, 0.9, 0.9, 0.9], 3)
    scores[2:, 2] = nan
    failed = [FailedFit(i, 0, fold, "MemoryError") for i, fold in ((2, 2), (3, 2), (None, 0))]
    return replace(study_of(scores, trees=0.9), failed_fits=failed)


def settings(values, name, means, **changes):
    scores = noisy(np.nan_to_num(means, nan=0.5), spread=0.002)
    failed = dict.fromkeys(np.flatnonzero(np.isnan(means)).tolist(), DIVERGED_AT)
    return study_of(scores, varied(values, name), failed=failed, **changes)


def by_luck():
    scores = noisy([0.5, 0.7, 0.9], spread=0.002)
    scores[1] += np.array([0.2, -0.2, 0.2, -0.2, 0.2])
    return study_of(scores)


def no_law():
    results = made()
    late = [replace(fit, score=fit.score - 0.2) for fit in results.sample_fits]
    return replace(results, sample_fits=late)


def doubtful_rows():
    results = made(lost=(0.01, 0.01, 0.01))
    random = np.random.default_rng(0)
    wild = [replace(f, score=f.score + random.normal(0, 0.05)) for f in results.sample_fits]
    return replace(results, sample_fits=wild)


SPLITS = [(0, fold) for fold in range(5)]
LEFT_OUT = {split: ("hue", "값") if split[1] else ("hue",) for split in SPLITS}
TRAINED = [0.01, 0.02, 0.02, 0.19]
STUDIES = {
    "deep enough": lambda: one_size([0.869, 0.88, 0.9, 0.9, 0.9]),
    "linear enough": lambda: one_size([0.9, 0.9, 0.9]),
    "hidden layers worse": lambda: one_size([0.95, 0.9, 0.9]),
    "layers needed": lambda: one_size([0.5, 0.9, 0.8, 0.8], trees=np.linspace(0.96, 0.97, 5)),
    "the most tried": lambda: one_size([0.5, 0.6, 0.7], trees=0.5),
    "one network": lambda: one_size([0.9]),
    "cannot be told": lambda: one_size([0.9, 0.905], spread=0.05, trees=0.9),
    "not pursued": lambda: stopped([0.5, 0.9, 0.6, 0.6], 3),
    "none pursued": lambda: stopped([0.5, 0.9, 0.9, 0.9], 2, 3, after=1),
    "linear, not pursued": lambda: stopped([0.9, 0.8, 0.8], 1, 2),
    "shallower by luck": by_luck,
    "guessing": lambda: one_size([0.5, 0.9], guesses=dict.fromkeys(SPLITS, 0.5)),
    "no better than guessing": lambda: one_size(
        [0.5, 0.51], spread=0.02, guesses=dict.fromkeys(SPLITS, 0.5)
    ),
    "not shown to be better than guessing": lambda: one_size(
        [0.5, 0.51], spread=0.02, guesses=dict.fromkeys(SPLITS, 0.475)
    ),
    "the best is another": lambda: one_size([0.5, 0.9, 0.9, 0.904], spread=0.004),
    "widths": lambda: study_of(noisy([0.5, 0.8, 0.9, 0.9], spread=0.002), WIDTHS),
    "any width": lambda: study_of(noisy([0.5, 0.9, 0.9, 0.9], spread=0.002), WIDTHS),
    "activations": lambda: study_of(
        noisy([0.5, 0.9, 0.9, 0.7, 0.9, 0.9, 0.7], spread=0.002), ACTIVATIONS
    ),
    "doubtful activations": lambda: study_of(noisy([0.5, *[0.9] * 6], spread=0.03), ACTIVATIONS),
    "luck": unlucky,
    "failures": failing,
    "rates": lambda: settings([0.001, 0.1, 10.0], "learning_rate", [0.5, 0.5, nan, 0.8, 0.9, nan]),
    "beyond": lambda: settings([0.001, 0.1, 10.0], "learning_rate", [0.5, 0.5, 0.5, 0.7, 0.8, 0.9]),
    "some fail": lambda: settings([0.1, 10.0], "learning_rate", [0.5, 0.5, 0.9, nan]),
    "optimisers": lambda: settings(["sgd", "adam"], "optimizer", [0.5, 0.5, 0.7, 0.9]),
    "residual": lambda: settings([True, False], "residual", [0.5, 0.5, 0.7, 0.9]),
    "no clipping": lambda: settings([None, 1.0], "gradient_clipping", [0.5, 0.5, 0.9, 0.7]),
    "columns": lambda: one_size([0.5, 0.9], left_out=LEFT_OUT, trees=0.9),
    "overfitting": lambda: one_size([0.6, 0.9, 0.9, 0.8], training=TRAINED),
    "vanishing": lambda: with_gradients("sigmoid", 0.2, noisy([0.6, 0.9, 0.5], spread=0.002)),
    "exploding": lambda: with_gradients("relu", 4, noisy([0.6, 0.9, 0.5], spread=0.002)),
    "no gradient": lambda: with_gradients("relu", 0, noisy([0.6, 0.9, 0.5], spread=0.002)),
    "one fit": lambda: study_of([[0.5], [0.9], [0.8]], trees=0.95),
    "interrupted": lambda: one_size([0.5, 0.9], stopped="interrupted"),
    "like fit": lambda: replace(
        one_size([0.5, 0.9], settings={"like_fit": True, "folds": 5}, trees=0.9), task="multiclass"
    ),
    "as fit": lambda: one_size([0.5, 0.9], like_fit={1: dict.fromkeys(SPLITS[:3], 0.91)}),
    "numbers": lambda: study_of(
        noisy([300.0, 200.0, 205.0], spread=3, shared=3), metric="rmse", higher_is_better=False,
        guesses=dict.fromkeys(SPLITS, 400.0),
    ),
    "rows": made,
    "rows bring nothing": lambda: made(lost=(0.0002,) * 3),
    "rows follow no law": no_law,
    "rows may bring anything": doubtful_rows,
    "errors by rows": lambda: with_samples(
        study_of(
            noisy([300.0, 200.0, 205.0], 10, spread=3, shared=3), grid((0, 1, 2), (8,)),
            metric="mae", higher_is_better=False, sizes=(1_280, 320),
        ),
        (1, 30, 30), seed=1,
    ),
    "rows cannot be told": lambda: with_samples(
        study_of(noisy([0.7, 0.9], 5, spread=0.02), grid((0, 1), (8,)), sizes=(1_280, 320)), 0.05,
        seed=2,
    ),
}  # fmt: skip


def told(results):
    """All that it says."""
    found = results, recommend(results)
    each = [headline(*found), rule_words(results)]
    for answer in answers(*found):
        each += [answer.question, answer.text]
    names = [c.name for c in results.configurations]
    return each + (pair_words(results, names[:2]) if len(names) > 1 else [])


@pytest.mark.parametrize("kind", STUDIES)
def test_answers_are_korean_with_the_same_numbers(kind):
    results = STUDIES[kind]()
    english = told(results)
    with speaking("ko"):
        korean = told(results)
    assert len(korean) == len(english)
    for there, here in zip(english, korean, strict=True):
        assert re.search("[가-힣]{2}", here), there
        assert english_in(here, NAMES) == [], here
        assert numbers(here) == numbers(there)
        assert not re.search(r"[을은이와]/|\(이\)|\(를\)|\.\.|  ", here), here


def test_fits_that_fail_by_chance_are_counted_in_korean():
    with speaking("ko"):
        words = " ".join(told(unlucky()))
    assert (
        "은닉층이 있는 신경망의 학습 30번 가운데 1번 그랬고, 추천하는 신경망에서는 10번 가운데 0번 "
        "그랬습니다. 이 신경망을 100번 더 학습하면 많게는 26번 그럴 수 있습니다(95%)."
    ) in words


def numbers(text):
    """Those with a point, in any order: 2,560 rows may be 행 2,560개."""
    return sorted(re.findall(r"\d+\.\d+", text))


@pytest.mark.parametrize(
    "kind", ["deep enough", "rates", "residual", "not pursued", "rows", "luck", "numbers"]
)
def test_pictures_are_korean(kind):
    results = STUDIES[kind]()
    found = results, recommend(results)
    for name, make in charts_of(results).items():
        with speaking("ko"):
            chart = make(*found)
            if chart is None:
                continue
            panels = [panel.title for panel in chart.panels]
            words = [chart.title, chart.x_label, chart.y_label, chart.mark, chart.description]
            words += [*panels, chart.solid, chart.dashed, *(name for _, name in chart.ticks)]
        assert re.search("[가-힣]{2}", chart.title), name
        assert [english_in(text, NAMES) for text in words if english_in(text, NAMES)] == [], name


def test_networks_are_named_as_they_are_shown():
    results = STUDIES["rates"]()
    names = ["linear (learning rate 0.1)", "1 x 8 relu (learning rate 0.1)"]
    with speaking("ko"):
        by_name = pair_words(results, names)
        shown = pair_words(results, ["선형 (학습률 0.1)", "1 x 8 relu (학습률 0.1)"])
    assert by_name == shown
    assert shown[0].startswith(
        "1 x 8 relu (학습률 0.1), 선형 (학습률 0.1) 대비: 같은 분할 5개에서 "
    )
    assert pair_words(results, names)[0].startswith("1 x 8 relu (learning rate 0.1) against linear")


@pytest.mark.parametrize("reason", [*DIVERGENCES, TOO_FAR_OFF])
def test_why_networks_diverged_is_korean(reason):
    """Though a database holds but the English text."""
    what = reason.format(value="nan", i=1, step=3, rate="1e-05", metric="rmse")
    failed = [FailedFit(1, 0, 0, f"diverged: {what}. Try less")]
    results = replace(one_size([0.5, 0.9]), failed_fits=failed)
    alone = replace(results, fits=[fit for fit in results.fits if fit.configuration != 1])
    texts = [results.failures(1, brief=True), alone.failure(1), alone.failure(1, brief=False)]
    assert texts[::2] == [
        f"1 of 5 fits failed: diverged: {what}",
        f"did not train (diverged: {what})",
    ]
    with speaking("ko"):
        for text in texts:
            assert english_in(retold(text), {"nan", "rmse"}) == []


def page_of(results, language):
    """A page's words, those of its pictures' descriptions too; without the pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_page, "picture", lambda _, description: element("p", description))
        return study_page.render_study_page(
            results, recommend(results), command="layerwise study t.csv", language=language,
            date="2026-11-29", versions={"numpy": "2"},
        )  # fmt: skip


@pytest.mark.parametrize("kind", STUDIES)
def test_pages_are_korean(kind):
    page = page_of(STUDIES[kind](), "ko")
    assert '<html lang="ko">' in page
    reader = Words()
    reader.feed(page)
    left = {text: english_in(text, NAMES | IN_REPORTS) for text in reader.words}
    # What a library said of a failure is told as it was said.
    failed = {"MemoryError"} if kind == "failures" else set()
    assert {text: words for text, words in left.items() if set(words) - failed} == {}
    assert not re.search("[가-힣]", page_of(STUDIES[kind](), "en").replace("값", ""))
