"""Each loss: its definition, its derivative, its parameter, and that no score makes it infinite."""

import numpy as np
import pytest
from scipy import special

from layerwise.architecture import LOSSES, get_loss
from layerwise.engine.reference import loss_and_gradient_of_scores, outputs_of_scores
from layerwise.explanation.outputs import targets_of as targets_of_outputs
from tests.helpers.compare import central_gradient

NO_WEIGHTS = np.zeros(0)
SCORES = np.array([[-2.3, 0.4, 1.1], [5.0, -0.2, 0.3], [0.7, 0.8, -4.0], [-0.6, 2.9, 0.1]])
CLASSES = np.array([[0.0], [2.0], [1.0], [1.0]])
SHARES = np.array([[0.0, 1.0, 0.3], [1.0, 0.0, 0.0], [1.0, 1.0, 0.5], [0.0, 0.2, 1.0]])
VALUES = np.array([[0.2, -1.0, 3.0], [4.9, 0.1, -2.0], [1.0, 0.0, 0.5], [-0.1, 0.2, 9.0]])
COUNTS = np.array([[0.0, 1.0, 7.0], [2.0, 0.0, 3.0], [1.0, 1.0, 0.0], [0.0, 12.0, 1.0]])

SETTINGS = [
    get_loss("softmax"),
    get_loss("softmax", label_smoothing=0.2),
    get_loss("sigmoid"),
    get_loss("sigmoid", label_smoothing=0.2),
    get_loss("squared"),
    get_loss("absolute"),
    get_loss("huber"),
    get_loss("huber", delta=0.3),
    get_loss("quantile"),
    get_loss("quantile", q=0.9),
    get_loss("poisson"),
]
EVERY = pytest.mark.parametrize("loss", SETTINGS, ids=str)


def targets_of(loss):
    if loss.takes_classes:
        return CLASSES
    return next(
        y for y in (VALUES, COUNTS, SHARES) if y.min() in loss.targets and y.max() in loss.targets
    )


def defined(loss, p, y):
    """One row's loss by its definition, in the outputs p and not in the scores."""
    c = loss.parameter
    if loss.name == "softmax":
        target = np.full(3, c / 3)
        target[int(y[0])] += 1 - c
        return -np.sum(target * np.log(p))
    if loss.name == "sigmoid":
        y = y * (1 - c) + c / 2
        return np.sum(-y * np.log(p) - (1 - y) * np.log(1 - p))
    if loss.name == "poisson":
        return np.sum(p - y * np.log(p))
    r = np.abs(p - y)
    if loss.name == "squared":
        return np.sum(r**2 / 2)
    if loss.name == "absolute":
        return np.sum(r)
    if loss.name == "huber":
        return np.sum(np.where(r <= c, r**2 / 2, c * (r - c / 2)))
    assert loss.name == "quantile"
    return np.sum(np.where(p < y, c * (y - p), (1 - c) * (p - y)))


def test_each_entry_is_here():
    assert {loss.name for loss in SETTINGS} == LOSSES.keys()


@EVERY
def test_the_loss_is_what_its_definition_says(loss):
    y, p = targets_of(loss), outputs_of_scores(loss.output, SCORES)
    wanted = np.mean([defined(loss, *row) for row in zip(p, y, strict=True)])
    found, _ = loss_and_gradient_of_scores(loss, SCORES, y, NO_WEIGHTS)
    assert found == pytest.approx(wanted, rel=1e-12)


@EVERY
def test_what_explanations_write_is_the_loss(loss):
    p = outputs_of_scores(loss.output, SCORES)
    for row, y in zip(p, targets_of(loss), strict=True):
        targets = targets_of_outputs(loss, y, len(row))
        terms = [loss.written(*pair, loss.parameter) for pair in zip(row, targets, strict=True)]
        assert np.nansum(terms) == pytest.approx(defined(loss, row, y), rel=1e-12)


@EVERY
def test_where_there_is_a_target_the_gradient_is_the_difference_from_it(loss):
    y, p = targets_of(loss), outputs_of_scores(loss.output, SCORES)
    _, gradient = loss_and_gradient_of_scores(loss, SCORES, y, NO_WEIGHTS)
    wanted = [p_row - targets_of_outputs(loss, row, 3) for p_row, row in zip(p, y, strict=True)]
    agree = np.allclose(4 * gradient, wanted, rtol=1e-12, atol=1e-14)
    assert agree == (loss.target is not None)


def test_the_least_loss_is_that_of_the_target_itself():
    for loss in LOSSES.values():
        if loss.least is not None:
            y = COUNTS[COUNTS > 0]
            wanted = [loss.written(value, value, loss.parameter) for value in y]
            np.testing.assert_allclose(loss.least(y), wanted, rtol=1e-14)
            assert loss.least(np.zeros(1)) == 0


@EVERY
def test_rows_count_by_their_weights(loss):
    y, p, weight = targets_of(loss), outputs_of_scores(loss.output, SCORES), [0.5, 3.0, 0.0, 1.0]
    wanted = np.average([defined(loss, *row) for row in zip(p, y, strict=True)], weights=weight)
    found, _ = loss_and_gradient_of_scores(loss, SCORES, y, np.array(weight))
    assert found == pytest.approx(wanted, rel=1e-12)


@EVERY
def test_the_gradient_is_the_derivative_of_the_loss(loss):
    y, scores, weight = targets_of(loss), SCORES.copy(), np.array([0.5, 3.0, 0.2, 1.0])
    wanted = central_gradient(
        lambda: loss_and_gradient_of_scores(loss, scores, y, weight)[0], scores, 1e-6
    )
    _, found = loss_and_gradient_of_scores(loss, scores, y, weight)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


@EVERY
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_scores_of_ten_thousand_are_no_trouble_in_float32(loss, target):
    scores = np.array([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4]], np.float32)
    y = np.full((4, 1 if loss.takes_classes else 2), target, np.float32)
    with np.errstate(over="raise", invalid="raise"):
        found, gradient = loss_and_gradient_of_scores(loss, scores, y, NO_WEIGHTS)
    assert np.isfinite(found)
    assert np.isfinite(gradient).all()
    assert gradient.dtype == np.float32


def test_softmax_at_far_scores_is_the_distance():
    scores = np.array([[1e4, -1e4]], np.float32)
    assert loss_and_gradient_of_scores(LOSSES["softmax"], scores, np.array([[1.0]]), NO_WEIGHTS)[
        0
    ] == pytest.approx(2e4)


def test_sigmoid_is_softmax_of_two():
    s = np.array([[-3.0], [0.2], [4.0]])
    y = np.array([[1.0], [0.0], [1.0]])
    two, _ = loss_and_gradient_of_scores(LOSSES["softmax"], np.hstack([0 * s, s]), y, NO_WEIGHTS)
    one, _ = loss_and_gradient_of_scores(LOSSES["sigmoid"], s, y, NO_WEIGHTS)
    assert one == pytest.approx(two, rel=1e-14)


def test_the_quantiles_loss_is_least_at_the_quantile():
    y = np.arange(1.0, 101.0).reshape(-1, 1)
    loss = get_loss("quantile", q=0.9)
    values = {
        c: loss_and_gradient_of_scores(loss, np.full_like(y, c), y, NO_WEIGHTS)[0]
        for c in range(1, 101)
    }
    assert min(values, key=values.get) in {90, 91}


class TestOutputs:
    def test_each_is_what_it_says(self):
        s = np.array([[0.5, -1.0, 2.0]])
        assert outputs_of_scores("identity", s).tolist() == s.tolist()
        np.testing.assert_allclose(outputs_of_scores("softmax", s), special.softmax(s, axis=1))
        np.testing.assert_allclose(outputs_of_scores("sigmoid", s), 1 / (1 + np.exp(-s)))
        np.testing.assert_allclose(outputs_of_scores("exp", s), np.exp(s))

    @pytest.mark.parametrize("output", ["softmax", "sigmoid", "exp"])
    def test_none_overflows(self, output):
        with np.errstate(over="raise", invalid="raise"):
            p = outputs_of_scores(output, np.array([[1e4, -1e4]], np.float32))
        assert np.isfinite(p).all()


class TestParameters:
    def test_a_parameter_is_set_and_shown(self):
        assert get_loss("huber", delta=2.5).parameter == 2.5
        assert str(get_loss("huber", delta=2.5)) == "huber(delta=2.5)"
        assert str(get_loss("squared")) == "squared"

    def test_the_entry_itself_stays(self):
        get_loss("quantile", q=0.9)
        assert get_loss("quantile").parameter == 0.5

    def test_a_loss_may_be_given_again(self):
        loss = get_loss("quantile", q=0.9)
        assert get_loss(loss) is loss
        assert get_loss(loss, q=0.2).parameter == 0.2

    @pytest.mark.parametrize(
        ("name", "parameter"),
        [
            ("softmax", {"label_smoothing": 1.0}),
            ("softmax", {"label_smoothing": -0.1}),
            ("sigmoid", {"label_smoothing": 2.0}),
            ("huber", {"delta": 0.0}),
            ("huber", {"delta": float("inf")}),
            ("huber", {"delta": float("nan")}),
            ("quantile", {"q": 0.0}),
            ("quantile", {"q": 1.0}),
        ],
    )
    def test_out_of_range(self, name, parameter):
        with pytest.raises(ValueError, match=rf"{next(iter(parameter))} must lie in"):
            get_loss(name, **parameter)

    def test_label_smoothing_may_be_none_at_all(self):
        assert get_loss("softmax", label_smoothing=0).parameter == 0.0

    @pytest.mark.parametrize(
        ("name", "parameter", "known"),
        [
            ("squared", "delta", "none"),
            ("huber", "q", "delta"),
            ("softmax", "q", "label_smoothing"),
        ],
    )
    def test_a_parameter_that_the_loss_does_not_have(self, name, parameter, known):
        with pytest.raises(
            ValueError, match=f"{name!r} has no parameter {parameter!r}; its parameter: {known}"
        ):
            get_loss(name, **{parameter: 0.5})
