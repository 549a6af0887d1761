import numpy as np
import pytest

from layerwise import Network
from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.study.one_fit import Interrupted, fit_one, fit_trees, watched_rows
from layerwise.study.plan import make_plan
from layerwise.training import TrainingDiverged


@pytest.fixture
def fold_of(small, rows):
    """fold_of(...) -> (fold, plan)."""

    def make(y=None, **settings):
        study = small(**settings)
        table = study.rows(rows[0], rows[1] if y is None else y)
        plan = make_plan(study, table)
        return table.fold(table.splits(plan.folds, plan.repeats, plan.seed)[0, 0], plan.seed), plan

    return make


def same(one, other):
    return {**vars(one), "seconds": 0} == {**vars(other), "seconds": 0}


def test_the_same_fit_gives_the_same_bits(fold_of):
    fold, plan = fold_of()
    one = fit_one(fold, plan.configurations[2], plan, (0, 0))
    assert same(one, fit_one(fold, plan.configurations[2], plan, (0, 0)))
    assert not same(one, fit_one(fold, plan.configurations[2], plan, (1, 0)))


def test_what_is_measured(fold_of):
    fold, plan = fold_of(epochs=5)
    fit = fit_one(fold, plan.configurations[2], plan, (0, 0))
    assert (fit.configuration, fit.repeat, fit.fold, fit.epochs) == (2, 0, 0, 5)
    assert len(fit.gradients) == len(fit.gradients_at_end) == 3  # two hidden layers, an output
    assert all(g > 0 for g in fit.gradients)
    assert len(fit.training_curve) == len(fit.held_out_curve) == 5
    assert 0 < fit.score_error < 0.2
    assert fit.seconds > 0


def test_scores_and_losses_are_those_of_the_network(fold_of, monkeypatch):
    made = []
    build = Network.__init__
    monkeypatch.setattr(
        Network, "__init__", lambda self, *a, **k: (build(self, *a, **k), made.append(self))[0]
    )
    fold, plan = fold_of(early_stopping=False, metric="log_loss")
    fit = fit_one(fold, plan.configurations[1], plan, (0, 0))
    network = made[-1]
    p = network(fold.x_test, fold.codes_test)
    assert fit.score == pytest.approx(class_scores(fold.y_test, p)["log_loss"])
    assert fit.loss == pytest.approx(fit.score)
    p = network(fold.problem.x, fold.problem.codes)
    assert fit.training_score == pytest.approx(class_scores(fold.y, p)["log_loss"])
    assert fit.held_out_curve == ()
    x, codes, y = fold.problem.x, fold.problem.codes, fold.problem.y
    gradients = network.backward(network.forward(x, codes), y)
    rms = [np.sqrt((w**2).mean()) for w in gradients.weights]
    assert fit.gradients_at_end == pytest.approx(rms, rel=1e-4)  # all 80 rows, fewer than 256


def test_numbers_are_scored_in_their_own_units(fold_of, rows):
    y = (1_000 + 50 * rows[0]["a"]).tolist()
    fold, plan = fold_of(y=y, epochs=200, metric="rmse", folds=4)
    fit = fit_one(fold, plan.configurations[0], plan, (0, 0))
    assert fit.score < 10  # of a spread of 50
    assert fit.loss == pytest.approx((fit.score / fold.scale[0]) ** 2 / 2, rel=1e-3)
    trees, _ = fit_trees(fold, plan)
    assert trees < 0.8 * number_scores(fold.y_test, np.full(len(fold.y_test), 1_000.0))["rmse"]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_few_nodes_bend_where_they_are_needed(small, activation):
    a = np.random.default_rng(0).uniform(-2, 2, 200)
    study = small(
        depth=[1], width=[16], activation=[activation], epochs=50, learning_rate=0.01, folds=5
    )
    table = study.rows({"a": a}, np.sin(3 * a))
    plan = make_plan(study, table)
    fold = table.fold(table.splits(5, 1, 0)[0, 0], 0)
    # With biases that begin at 0 and learn slowly: 0.31 and 0.09.
    assert fit_one(fold, plan.configurations[1], plan, (0, 0)).score > 0.6


def test_early_stopping_watches_rows_it_does_not_train_on(fold_of):
    fold, plan = fold_of(epochs=400)
    watched = watched_rows(fold, 3)
    assert len(watched) == len(fold.problem) // 5
    fit = fit_one(fold, plan.configurations[1], plan, (0, 0))
    assert fit.epochs < 400
    assert min(fit.held_out_curve) < fit.held_out_curve[-1]


def test_a_loss_that_is_no_number(fold_of):
    fold, plan = fold_of(learning_rate=1e30, epochs=20)
    with pytest.raises(TrainingDiverged):
        fit_one(fold, plan.configurations[2], plan, (0, 0))


def test_told_to_end(fold_of):
    fold, plan = fold_of(epochs=100)
    with pytest.raises(Interrupted):
        fit_one(fold, plan.configurations[1], plan, (0, 0), stop=True)
