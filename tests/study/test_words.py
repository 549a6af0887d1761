"""The sentences: each claim only where the numbers bear it, on made-up studies and any others."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.study.answers import answers, headline, rule_words
from layerwise.study.contrasts import contrasts
from layerwise.study.recommendation import recommend
from layerwise.study.results import Configuration, FailedFit
from layerwise.study.statistics import Estimate
from layerwise.study.training_luck import unseen_loss
from layerwise.study.words_on_training import share_that_arrives
from layerwise.study.written_scores import Units, p_words, rounded
from tests.study.made_up import grid, noisy, study_of
from tests.study.test_recommendation import studies

nan = math.nan
DEPTHS = grid(depths=(0, 1, 2, 3, 4), widths=(16,))


def say(results):
    told = answers(results, recommend(results))
    return {answer.key: answer.text for answer in told}


def depth_study(means, spread=0.002, **changes):
    return study_of(noisy(means, spread=spread), DEPTHS[: len(means)], **changes)


def test_the_sentence_a_person_would_say():
    told = say(depth_study([0.869, 0.88, 0.902, 0.9, 0.9]))["depth"]
    assert re.match(
        r"2 hidden layers are enough here; the best of deeper ones, [34] x 16 relu, is level with "
        r"the recommended one to within [01]\.\d points, a linear model is worse by "
        r"[23]\.\d ± 0\.\d points\. "
        r"With 1 hidden layer, the best, 1 x 16 relu, is worse by [12]\.\d ± 0\.\d points\.$",
        told,
    )


def test_the_numbers_of_the_sentence_are_those_of_the_paired_test():
    results = depth_study([0.869, 0.88, 0.902, 0.9, 0.9])
    scores = np.array([list(results.scores_of(i).values()) for i in (0, 2)])
    d = scores[1] - scores[0]
    # The rows of each fold say 0.01 of each score, and an eighth of that variance is left.
    variance = (4 * d.var(ddof=1) + 3 * (0.01**2 + 0.01**2) / 8) / 7
    margin = 2.365 * math.sqrt(1 / 5 + 1 / 4) * math.sqrt(variance)
    assert f"worse by {100 * d.mean():.1f} ± {100 * margin:.1f} points" in say(results)["depth"]


@pytest.mark.parametrize(
    ("means", "wanted"),
    [
        (
            [0.9, 0.9, 0.9],
            "A linear model is enough here; the best of networks with hidden layers, ",
        ),
        ([0.95, 0.9, 0.9], "networks with hidden layers are worse, the best of them"),
        ([0.5, 0.9, 0.8, 0.8], "1 hidden layer is enough here; deeper ones are worse, the best"),
        ([0.5, 0.6, 0.7], "2 hidden layers, the most that were tried, do best; deeper ones were"),
        ([0.9], "A linear model is enough here; networks with hidden layers were not tried."),
    ],
)
def test_how_deep(means, wanted):
    assert wanted in say(depth_study(means))["depth"]


def test_how_large_a_difference_cannot_be_excluded_is_said():
    results = depth_study([0.9, 0.905], spread=0.05)
    told = say(results)["depth"]
    [contrast] = contrasts(results, recommend(results), lambda c: c.depth)
    assert contrast.least < 0 < contrast.most
    assert contrast.reach > 0.02
    better, worse = (math.ceil(100 * end * 10) / 10 for end in (contrast.most, -contrast.least))
    shown = [f"{x:.1f}" if x < 10 else f"{math.ceil(x)}" for x in (better, worse)]
    assert told == (
        "Hidden layers are not shown to help here; the best of networks with hidden layers, "
        f"1 x 16 relu, cannot be told from the recommended one (up to {shown[0]} better or "
        f"{shown[1]} points worse)."
    )
    near = say(depth_study([0.9, 0.9], spread=0.002))["depth"]
    assert re.search(
        r"1 x 16 relu, is level with the recommended one to within [01]\.\d points\.$", near
    )


def test_of_what_was_stopped_before_half_of_the_splits_nothing_is_claimed():
    scores = noisy([0.5, 0.9, 0.6, 0.6], spread=0.002)
    scores[3, 2:] = nan
    two = study_of(scores, pruned={3: "after 2 of 5 splits"})
    told = say(two)["depth"]
    assert "deeper ones are worse, the best of them, 2 x 4 relu, by [23]" not in told
    assert re.search(
        r"the best of them, 2 x 4 relu, by 30\.\d ± \d\.\d points \(3 layers were", told
    )
    scores[2, 1:] = nan
    scores[3, 1:] = nan
    none = study_of(scores, pruned={2: "after 1", 3: "after 1"})
    assert "1 hidden layer is enough here; deeper ones were not pursued, a" in say(none)["depth"]
    assert [c.level for c in contrasts(none, recommend(none), lambda c: c.depth)] == [0]


def test_that_a_linear_model_is_enough_does_not_rest_on_what_was_stopped():
    scores = noisy([0.9, 0.8, 0.8], spread=0.002)
    assert say(study_of(scores))["depth"].startswith("A linear model is enough here; ")
    scores[1:, 2:] = nan
    told = say(study_of(scores, pruned={1: "after 2", 2: "after 2"}))["depth"]
    assert told == (
        "Hidden layers are not shown to help here; networks with hidden layers were not pursued."
    )


def test_why_a_shallower_network_is_not_recommended_is_said():
    # The middle one trains by luck: as good in the mean as may be, and shown to be nothing.
    scores = noisy([0.5, 0.7, 0.9], spread=0.002)
    scores[1] += np.array([0.2, -0.2, 0.2, -0.2, 0.2])
    told = say(study_of(scores))["depth"]
    assert "1 x 4 relu cannot be told from the recommended one (" in told
    assert told.endswith("), and is not shown to be better than a linear model.")
    scores[1, 3:] = np.nan
    told = say(study_of(scores, pruned={1: "after 3"}))["depth"]
    assert told.endswith("), and was not pursued to the end.")


@given(st.integers(0, 99), st.sampled_from([0.001, 0.01, 0.1]))
def test_the_best_of_a_level_is_corrected_for_being_chosen(seed, spread):
    configurations = grid((0, 1, 2), (8, 16, 32))
    means = [0.5, 0.9, 0.9, 0.9, *[0.88] * 3]
    results = study_of(noisy(means, 5, spread=spread, seed=seed), configurations)
    for contrast in contrasts(results, recommend(results), lambda c: c.depth):
        n_levels, n_in_level = 2, 1 if contrast.level == 0 else 3
        low, high = contrast.lead.interval(1 - 0.05 / (n_levels * n_in_level))
        assert (contrast.least, contrast.most) == (low, high)


def wide_study(means, **changes):
    """linear, then depth 1 of widths 8, 32 and 128."""
    return study_of(noisy(means, spread=0.002), grid((0, 1), (8, 32, 128)), **changes)


def test_how_wide():
    told = say(wide_study([0.5, 0.9, 0.9, 0.9]))["width"]
    assert re.match(
        r"The width hardly matters here: 8, 32 and 128 are level to within [01]\.\d points\.$", told
    )
    told = say(wide_study([0.5, 0.8, 0.9, 0.9]))["width"]
    assert re.match(
        r"32 nodes in each hidden layer are enough here; worse: 8 by 1?[09]\.\d ± \d\.\d points; "
        r"level: 128 to within [01]\.\d points\.$",
        told,
    )
    told = say(wide_study([0.5, 0.8, 0.9, 0.8]))["width"]
    assert re.search(r"worse: 8 by .* points, 128 by .* points\.$", told)
    assert "width" not in say(wide_study([0.9, 0.9, 0.9, 0.9]))  # linear: it has no width


def test_which_activation():
    configurations = grid((0, 1, 2), (8,), ("relu", "tanh", "sigmoid"))
    alike = study_of(noisy([0.5, *[0.9] * 6], spread=0.002), configurations)
    assert say(alike)["activation"].startswith("The activation hardly matters here: ")
    means = [0.5, 0.9, 0.9, 0.7, 0.9, 0.9, 0.7]
    told = say(study_of(noisy(means, spread=0.002), configurations))["activation"]
    assert re.match(
        r"(relu|tanh) is a good choice here; worse: sigmoid by [12]\d\.\d ± \d\.\d points; "
        r"level: (relu|tanh) to within [01]\.\d points\.$",
        told,
    )
    doubtful = study_of(noisy([0.5, *[0.9] * 6], spread=0.03), configurations)
    assert "; cannot be told: " in say(doubtful)["activation"]
    scores = noisy(means, spread=0.002)
    scores[[3, 6], 2:] = nan
    stopped = study_of(scores, configurations, pruned={3: "after 2", 6: "after 2"})
    assert say(stopped)["activation"].endswith("; not pursued: sigmoid.")


@pytest.mark.parametrize(
    ("changes", "is_luck"),
    [
        ({(3, 2): 0.5}, True),  # one fit no better than guessing
        ({}, False),
        ({(3, 2): 0.89}, False),  # what matters little
        ({(0, 2): 0.3}, False),  # a linear model is not trained by luck
        ({(3, split): 0.5 for split in range(10)}, False),  # it fails always: no chance
        (
            dict(zip([(n, 2) for n in range(4)], [0.2, 0.6, 0.6, 0.6], strict=True)),
            False,
        ),  # hard rows
    ],
)
def test_level_is_not_said_where_fits_fail_by_chance(changes, is_luck):
    scores = noisy([0.5, 0.9, 0.9, 0.9], 10, spread=0.002, shared=0.005)
    for place, score in changes.items():
        scores[place] = score
    configurations = grid((0, 1), (8,), ("relu", "tanh", "sigmoid"))
    guesses = {(0, fold): 0.7 for fold in range(10)}
    told = say(study_of(scores, configurations, guesses=guesses))
    luck = re.search(
        r"Training is partly luck here: a fit of 1 x 8 sigmoid is worse by (39|40)\.\d points than "
        r"is usual for it, .* This happened to 1 of the 30 fits with hidden layers, and to 0 of "
        r"the 10 of the recommended network; it may happen to as many as 26 of 100 more of these "
        r"\(95 %\)\.",
        told["certainty"],
    )
    assert (luck is not None) == is_luck
    near = re.search(
        r"cannot be told: .*(relu|tanh) \(level to within [01]\.\d points but for fits that fail "
        r"by chance\)",
        told["activation"],
    )
    assert (near is not None) == is_luck
    assert ("are level" in told["activation"] or "; level: " in told["activation"]) != is_luck


def test_level_is_said_only_if_one_fit_more_that_fails_would_not_matter():
    scores, configurations = noisy([0.5, 0.9, 0.9], 2, spread=0.001), grid((0, 1), (8, 16))

    def told(guess):
        guesses = dict.fromkeys([(0, 0), (0, 1)], guess)
        return say(study_of(scores, configurations, guesses=guesses))["width"]

    # One of four fits with hidden layers, which loses 0.005 of accuracy or 0.4 of it.
    assert re.search(r"are level to within 1\.\d points\.$", told(0.895))
    assert re.search(r"level to within 1\.\d points but for fits that fail by chance", told(0.5))


def test_only_fits_with_hidden_layers_may_have_failed_unseen():
    guesses = dict.fromkeys([(0, 0), (0, 1)], 0.5)
    results = study_of(
        noisy([0.5, 0.9, 0.9], 2, spread=0.001), grid((0, 1), (8, 16)), guesses=guesses
    )
    choice = recommend(results).choice
    gain = choice.scores[choice.number].mean - 0.5
    assert unseen_loss(results, choice) == pytest.approx(gain / 4)


def test_guessing_stands_beside_it():
    splits = [(0, fold) for fold in range(5)]
    good = depth_study([0.5, 0.9], guesses=dict.fromkeys(splits, 0.5))
    assert re.match(
        r"Guessing by the shares of the classes reaches 50\.0 %: "
        r"the network is better by [34]\d\.\d ± ",
        say(good)["guessing"],
    )
    assert "guessing" not in headline(good, recommend(good))
    noise = depth_study([0.5, 0.51], spread=0.02, guesses=dict.fromkeys(splits, 0.5))
    assert "no network here is shown to be better (" in say(noise)["guessing"]
    assert headline(noise, recommend(noise)).endswith(" %, no better than guessing.")
    doubtful = depth_study([0.5, 0.51], spread=0.02, guesses=dict.fromkeys(splits, 0.475))
    end = " %, not shown to be better than guessing."
    assert headline(doubtful, recommend(doubtful)).endswith(end)
    assert "guessing" not in say(depth_study([0.5, 0.9]))


def test_where_one_interval_alone_would_show_it_the_corrected_p_value_says_why_it_does_not():
    guesses = dict.fromkeys([(0, fold) for fold in range(5)], 0.5)
    told = say(depth_study([0.51] * 4, spread=0.02, guesses=guesses))["guessing"]
    shown = re.search(r"to be better \(\+(.+) ± (.+) points, p = (0.+), corrected for 4 comp", told)
    assert shown
    assert float(shown[1]) > float(shown[2])
    assert 0.05 < float(shown[3]) < 0.2


def test_trees_are_what_depth_cannot_fix():
    scores = [0.5, 0.9, 0.9]
    better = say(depth_study(scores, trees=np.linspace(0.96, 0.97, 5)))["trees"]
    assert "better than the network by" in better
    assert "the network is better by" in say(depth_study(scores, trees=0.5))["trees"]
    results = depth_study(scores, spread=0.004)
    near = np.array(list(results.scores_of(1).values()))
    near[:4] += 0.01 * np.array([1, -1, 1, -1])
    level = say(depth_study(scores, spread=0.004, trees=near))["trees"]
    assert "they and the network cannot be told apart (" in level
    assert "trees" not in say(depth_study(scores))


def test_the_best_is_named_where_it_is_another():
    results = depth_study([0.5, 0.9, 0.9, 0.904], spread=0.004)
    answer = recommend(results)
    assert answer.best != answer.number
    assert results.configurations[answer.best].name in say(results)["best"]
    assert "best" not in say(depth_study([0.5, 0.9, 0.8, 0.8]))


def test_under_and_over_fitting():
    means, training = [0.6, 0.9, 0.9, 0.8], [0.01, 0.02, 0.02, 0.19]
    told = say(depth_study(means, training=training))["overfitting"]
    assert "A linear model underfits: 6" in told
    assert "Farthest apart are those of 3 x 16 relu, 9" in told
    assert "learned its rows by heart, and that costs it on others" in told
    # A linear model that knows its own rows as well as the others do is not too small.
    fits_its_rows = say(depth_study(means, training=[0.32, 0.02, 0.02, 0.02]))["overfitting"]
    assert "underfits" not in fits_its_rows


def with_gradients(activation, factor, scores):
    """Depths 0, 2 and 8 of one activation; gradients change by a factor from layer to layer."""
    hidden = [(), (4,) * 2, (4,) * 8]
    configurations = [
        Configuration(i, nodes, activation if nodes else None, 10 + 20 * len(nodes))
        for i, nodes in enumerate(hidden)
    ]
    results = study_of(scores, configurations)
    fits = [
        replace(
            fit,
            gradients=tuple(
                0.1 * float(factor) ** (len(hidden[fit.configuration]) - i)
                for i in range(len(hidden[fit.configuration]) + 1)
            ),
        )
        for fit in results.fits
    ]
    return replace(results, fits=fits)


def test_gradients_that_vanish_explode_or_arrive():
    scores = noisy([0.6, 0.9, 0.5], spread=0.002)
    told = say(with_gradients("sigmoid", 0.2, scores))["gradients"]
    assert "the first layer of 8 x 4 sigmoid gets 1/390,000 of the gradient of the last one" in told
    assert "less than 2 x 4 sigmoid" in told
    told = say(with_gradients("sigmoid", 0.2, noisy([0.6, 0.9, 0.9], spread=0.02)))["gradients"]
    assert "less than" not in told
    told = say(with_gradients("relu", 4, scores))["gradients"]
    assert "Gradients explode with relu: in 8 x 4 relu" in told
    told = say(with_gradients("relu", 0.9, scores))["gradients"]
    assert told.startswith("Gradients reach every layer")
    assert "0.43 times that of the last layer in 8 x 4 relu" in told
    assert "gets nothing of" in say(with_gradients("relu", 0, scores))["gradients"]


def test_the_share_that_arrives_is_a_geometric_mean():
    results = with_gradients("relu", 0.5, noisy([0.6, 0.9, 0.5]))
    assert share_that_arrives(results.fits_of(2)) == pytest.approx(0.5**8)
    assert share_that_arrives([]) is None


def test_how_sure():
    scores = noisy([0.5, 0.9, 0.9, 0.9])
    scores[3, 2:] = nan
    told = say(study_of(scores, stopped="time limit"))["certainty"]
    assert "3 networks were compared on the same 5 splits" in told
    assert "This is the answer so far: the study is not finished (time limit)." in told
    scores[3, :2] = scores[2, :2] + 0.05
    told = say(study_of(scores, pruned={3: "behind"}))["certainty"]
    assert "1 network not pursued; 1 of these might change the recommendation" in told
    assert "This is the answer so far" in told
    scores[3, 2:] = scores[3, 1] - scores[2, 1] + scores[2, 2:] - 0.5
    scores[3, 4] = nan
    scores[3, :2] -= 0.5
    told = say(study_of(scores, pruned={3: "behind"}))["certainty"]
    assert "1 network not pursued to the end, since more fits would hardly have changed" in told
    assert "not finished" not in told
    told = say(study_of(scores, failed={3: "x"}))["certainty"]
    assert "1 network could not be trained: 3 x 4 relu." in told
    assert "Fits of" not in told


def test_fits_that_failed_here_and_there():
    scores = noisy([0.6, 0.9, 0.9, 0.9], 3)
    whole = study_of(scores)
    assert "failed" not in say(whole)["certainty"]
    scores[3, 2] = nan
    few = replace(study_of(scores), failed_fits=[FailedFit(3, 0, 2, "no room")])
    # One split less for three networks, or one network less: the fits decide.
    assert recommend(few).left_out == {3: "2 of 3 fits done"}
    assert recommend(few).is_final
    told = say(few)["certainty"]
    assert "Fits of 3 x 4 relu failed, and so it is not compared with those that have more" in told
    assert "not finished" not in told
    scores[2, 2] = nan
    two = [*few.failed_fits, FailedFit(2, 0, 2, "no room"), FailedFit(None, 0, 0, "no room")]
    told = say(replace(study_of(scores), failed_fits=two))["certainty"]
    assert (
        "Fits of 2 x 4 relu, 3 x 4 relu failed: networks are compared on the splits that all of "
        "them have. Fits of the gradient-boosted trees failed: their score is of the others."
    ) in told


def test_of_one_fit_each_nothing_is_claimed():
    results = study_of([[0.5], [0.9], [0.8]], trees=0.95)
    assert headline(results, recommend(results)).startswith("Best of one fit each: 1 x 4 relu")
    told = say(results)
    assert set(told) == {"depth", "time", "certainty"}
    assert "That cannot be said yet" in told["depth"]


def test_of_one_size_the_rule_says_so():
    equal = depth_study([0.5, 0.9, 0.9], settings={"parameters": 5000, "folds": 5, "repeats": 1})
    assert "same number of parameters" in rule_words(equal)
    assert "width" not in say(equal)
    assert "same number of parameters" not in rule_words(depth_study([0.5, 0.9]))


@given(studies(missing=True))
def test_any_study_can_be_told(results):
    answer = recommend(results)
    if answer is None:
        return
    text = " ".join([headline(results, answer), *(a.text for a in answers(results, answer))])
    assert results.configurations[answer.number].name in text or answer.number == 0
    assert not re.search(r"\b(nan|inf|None)\b", text)
    assert "  " not in text
    assert ".." not in text


@given(studies())
def test_what_is_called_clear_is_clear_in_its_interval(results):
    answer = recommend(results)
    for contrast in contrasts(results, answer, lambda c: c.depth):
        low, high = contrast.lead.interval(0.95)
        # Correcting for the number of levels only makes it harder to be clear.
        if contrast.is_worse:
            assert high < 0
        if contrast.is_better:
            assert low > 0


def test_a_level_is_represented_by_the_best_of_those_followed_through_a_third_of_the_splits():
    configurations = grid((0, 1, 2), (8, 32))
    scores = noisy([0.5, 0.9, 0.9, 0.85, 0.95], spread=0.0001)
    for after, number in ((3, 4), (2, 3)):
        scores[4, after:] = nan
        results = study_of(scores, configurations, pruned={4: "behind"})
        [linear, two] = contrasts(results, recommend(results), lambda c: c.depth)
        assert (linear.number, two.number) == (0, number)


@pytest.mark.parametrize(
    ("metric", "mean", "error", "text"),
    [
        ("accuracy", 0.9124, 0.0049, "91.2 ± 1.4 %"),
        ("accuracy", 0.5, 0.1, "50 ± 28 %"),
        ("balanced_accuracy", 0.5, 0.0, "50.0 %"),
        ("r2", 0.87654, 0.01, "0.877 ± 0.028"),
        ("rmse", 45_210.0, 520.0, "45,200 ± 1,400"),
        ("log_loss", 0.3, nan, "0.3000"),
        ("accuracy", 0.91234, 0.00001, "91.234 ± 0.003 %"),
    ],
)
def test_scores_are_written_as_precisely_as_they_are_known(metric, mean, error, text):
    assert Units(metric).score(Estimate(mean, error, 5)) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_margin_is_never_written_as_zero(mean, error):
    for metric in ("accuracy", "r2"):
        text = Units(metric).score(Estimate(mean, error, 5))
        if "±" in text:
            margin = text.split("± ")[1].removesuffix(" %")
            assert float(margin.replace(",", "")) > 0


@given(st.floats(0, 1))
def test_a_p_value_never_crosses_the_level_by_rounding(p):
    text = p_words(p)
    assert text != "p = 0.05" or abs(p - 0.05) < 1e-6
    if text != "p < 0.001":
        assert (float(text.removeprefix("p = ")) < 0.05) == (p < 0.05)


def test_numbers_are_rounded_with_a_real_minus():
    assert rounded(-0.04, 1) == "0.0"
    assert rounded(-1.25, 1) == "−1.2"
    assert rounded(math.inf, 1) == "∞"
