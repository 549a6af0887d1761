"""What a study varies by name: how it is read, what it becomes, and that all of it trains."""

import json
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import DepthStudy, TableClassifier
from layerwise.architecture import LOSSES, get_loss
from layerwise.ensemble.ensemble_training import network_for, trainer_for
from layerwise.ensemble.named_settings import named_settings, with_settings
from layerwise.ensemble.recipe import recipe_for
from layerwise.study.added_entries import added_entries
from layerwise.study.charts import charts_of
from layerwise.study.configurations import Inputs, configurations_of
from layerwise.study.database import Database
from layerwise.study.one_fit import _recipe, fit_one
from layerwise.study.plan import Plan, make_plan
from layerwise.study.results import Configuration, StudyError, StudyResults
from layerwise.study.variations import (
    check_together,
    check_used,
    checked_values,
    parse_variations,
)
from layerwise.training import OPTIMIZERS, SCHEDULES, Schedule, TrainingDiverged
from tests.study.conftest import SMALL
from tests.study.test_pruning import bumpy, do

INPUTS = Inputs(10, (), 2, 33, 8)


def names_of(vary, depths=(1,), widths=(4,), **more):
    return [c.name for c in configurations_of(INPUTS, depths, widths, ["relu"], vary=vary, **more)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("learning_rate=0.001,0.1,10", [0.001, 0.1, 10.0]),
        ("learning-rate = 1e-3 , 2", [0.001, 2.0]),
        ("optimizer=sgd,adam", ["sgd", "adam"]),
        ("batch_size=16,64", [16, 64]),
        ("residual=yes,no", [True, False]),
        ("nesterov=true,off", [True, False]),
        ("normalization=none,layer", [None, "layer"]),
        ("gradient_clipping=none,1", [None, 1.0]),
        ("depth=0-2,5", [0, 1, 2, 5]),
        ("activation=relu, tanh", ["relu", "tanh"]),
    ],
)
def test_what_is_typed(text, values):
    [(_, found)] = parse_variations([text]).items()
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("learnig_rate=1", "unknown setting to vary 'learnig_rate'; did you mean 'learning_rate'?"),
        (
            "colour=1",
            "Known: activation, batch_size, beta1, beta2, delta, depth, dropout, ema, epochs,",
        ),
        ("optimizer=sdg", "unknown optimizer 'sdg'; did you mean 'sgd'? Known: adam, adamw"),
        ("initialization=he", "unknown initialization 'he'; Known: glorot_normal, glorot_uniform,"),
        ("normalization=group", "unknown normalization 'group'"),
        ("schedule=cosin", "did you mean 'cosine'"),
        ("learning_rate=0", "learning_rate must be a number above 0; got 0"),
        ("learning_rate=fast", "learning_rate must be a number; got 'fast'"),
        ("learning_rate=-1", "learning_rate must be a number above 0; got -1"),
        ("learning_rate=inf", "learning_rate must be a number above 0; got inf"),
        ("batch_size=0", "batch_size must be an integer of at least 1; got 0"),
        ("batch_size=1.5", "batch_size must be a whole number; got '1.5'"),
        ("dropout=1", "dropout must lie in [0, 1); got 1.0"),
        ("momentum=2", "momentum must be at least 0 and below 1; got 2.0"),
        ("ema=1", "ema must lie between 0 and 1; got 1.0"),
        ("l2=nan", "l2 must be finite and not negative; got nan"),
        ("residual=maybe", "residual must be yes or no; got 'maybe'"),
        ("gradient_clipping=x", "gradient_clipping must be a number, or none; got 'x'"),
        ("label_smoothing=1", "label_smoothing must lie in [0, 1); got 1.0"),
        ("learning_rate", "written as in learning_rate=0.001,0.01 or optimizer=sgd,adam"),
        ("learning_rate=", "learning_rate is varied without a value"),
        ("depth=2-1", "depth '2-1' is not understood"),
    ],
)
def test_what_is_not_understood(text, said):
    with pytest.raises(StudyError) as refused:
        parse_variations([text])
    assert said in str(refused.value)


def test_a_name_is_varied_once():
    with pytest.raises(StudyError, match="dropout is varied twice"):
        parse_variations(["dropout=0", "dropout=0.1"])


def test_a_linear_model_has_the_settings_of_its_training():
    vary = {"learning_rate": [0.1, 1.0], "dropout": [0.0, 0.2], "initialization": [None, "zeros"]}
    made = configurations_of(INPUTS, (1,), (4,), ["relu"], vary=vary)
    assert [c.number for c in made] == list(range(2 + 8))
    assert [c.name for c in made if not c.hidden] == [
        "linear (learning rate 0.1)",
        "linear (learning rate 1)",
    ]
    assert made[2].settings == (("learning_rate", 0.1), ("dropout", 0.0), ("initialization", None))


def test_each_network_is_there_once():
    # Momentum is of sgd alone; a single hidden layer of another width than its input adds nothing.
    both = {"optimizer": ["sgd", "adam"], "momentum": [0.0, 0.9]}
    assert names_of(both)[3:] == [
        "1 x 4 relu (sgd, momentum 0)",
        "1 x 4 relu (sgd, momentum 0.9)",
        "1 x 4 relu (adam)",
    ]
    assert names_of({"residual": [True, False]}, depths=(1, 2)) == [
        "linear",
        "1 x 4 relu",
        "2 x 4 relu (residual)",
        "2 x 4 relu (not residual)",
    ]
    assert names_of({"batch_size": [1, 8], "optimizer": ["lbfgs"]})[1:] == ["1 x 4 relu (lbfgs)"]
    of_loss = {"loss": ["squared", "huber"], "delta": [1.0, 2.0]}
    assert names_of(of_loss, loss=get_loss("squared"))[3:] == [
        "1 x 4 relu (squared loss)",
        "1 x 4 relu (huber loss, delta 1)",
        "1 x 4 relu (huber loss, delta 2)",
    ]


def test_settings_count_among_the_parameters_of_one_size():
    vary = {"normalization": [None, "batch"]}
    made = configurations_of(INPUTS, (3,), (), ["relu"], 2_000, vary)[1:]
    assert len({c.width for c in made}) == 2 or made[0].n_parameters != made[1].n_parameters
    assert all(abs(c.n_parameters - 2_000) <= 40 for c in made)


def test_the_count_is_that_of_the_networks(small, rows):
    study = small(depth=[1, 2], vary={"normalization": ["batch", None], "residual": [True, False]})
    table = study.rows(*rows)
    plan = make_plan(study, table)
    fold = table.fold(table.splits(3, 1, 0)[0, 1], 0)
    # Two inputs of the colour and two numbers: 4, so that also one layer of 4 can be residual.
    assert len(plan.configurations) == 1 + 4 + 4
    for c in plan.configurations:
        network = network_for(fold.problem, range(80), _recipe(fold, c, plan), 0, 0)
        assert network.n_parameters == c.n_parameters
        assert network.architecture.residual == dict(c.settings).get("residual", False)


def test_too_many_networks():
    rates = [0.001 * i for i in range(1, 101)]
    with pytest.raises(StudyError, match="20,000 networks, each trained on every fold; at most"):
        names_of({"learning_rate": rates, "l2": rates}, widths=(1,))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"vary": ["dropout"]}, "vary must be a dict of names and values"),
        ({"vary": {"drop_out": [0.1]}}, "did you mean 'dropout'"),
        ({"vary": {"dropout": []}}, "dropout is varied without a value"),
        ({"vary": {"dropout": [2]}}, r"dropout must lie in \[0, 1\); got 2"),
        ({"vary": {"residual": [1]}}, "residual must be yes or no; got 1"),
        ({"vary": {"depth": [1]}}, "depth is given twice, as depth 0, 1, 2 and to be varied"),
        ({"vary": {"epochs": [5]}}, "epochs is given twice, as epochs 3 and to be varied"),
        ({"vary": {"learning_rate": 1}, "learning_rate": 0.1}, "learning_rate is given twice"),
        ({"vary": {"loss": ["squared"]}}, "'softmax'. For this target: softmax"),
        ({"vary": {"momentum": [0.5]}}, "differ by momentum; it is a setting of the optimizer sgd"),
        ({"vary": {"q": [0.5]}}, "differ by q; it is a setting of the loss quantile"),
        ({"vary": {"dropout": [0.1]}, "depth": [0]}, "no network here would differ by dropout"),
        (
            {"vary": {"optimizer": ["adam", "lbfgs"], "dropout": [0, 0.5]}},
            "optimizer=lbfgs and dropout=0.5 cannot be tried: the optimiser 'lbfgs' needs a loss",
        ),
        (
            {"vary": {"normalization": ["batch"], "batch_size": [1, 8]}},
            "normalization=batch and batch_size=1 cannot be tried: batch normalisation needs",
        ),
    ],
)
def test_what_is_refused(small, rows, settings, said):
    with pytest.raises(StudyError, match=said):
        small(**settings).fit(*rows)


def test_shapes_may_be_varied_by_name_too(rows):
    beside = {name: SMALL[name] for name in SMALL if name not in ("depth", "width", "activation")}
    study = DepthStudy(vary={"depth": [1], "width": 3, "activation": ["relu", "elu"]}, **beside)
    plan = make_plan(study, study.rows(*rows))
    assert [c.name for c in plan.configurations] == ["linear", "1 x 3 relu", "1 x 3 elu"]
    assert not any(c.settings for c in plan.configurations)


@pytest.fixture(scope="module")
def folds(rows):
    """(fold, plan) of two classes, and of a number."""
    made = {}
    for kind, y in (("classes", rows[1]), ("number", rows[0]["a"])):
        study = DepthStudy(**SMALL | {"epochs": 2})
        table = study.rows(rows[0], y)
        plan = make_plan(study, table)
        made[kind] = table.fold(table.splits(3, 1, 0)[0, 0], 0), plan
    return made


def values_of(setting):
    """Values of a setting, any that it accepts among others that it does not."""
    if setting.names is not None:
        return st.sampled_from(sorted(setting.names()))
    numbers = st.floats(0, 10) | st.sampled_from([1e-9, 1e-3, 0.1, 0.9, 1e6])
    return {bool: st.booleans(), int: st.integers(1, 300), float: numbers}[setting.kind]


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_each_value_that_is_accepted_trains(folds, data):
    known = named_settings()
    fold, plan = folds[data.draw(st.sampled_from(sorted(folds)))]
    setting = known[data.draw(st.sampled_from(sorted(known)))]
    values = values_of(setting)
    value = data.draw(values if setting.otherwise is None else st.none() | values)
    loss = fold.problem.loss
    others = {}
    if setting.part == "loss" and setting.name != "loss":
        [owner] = [e.name for e in LOSSES.values() if e.parameter_name == setting.name][-1:]
        others = {"loss": owner} if LOSSES[owner].output == loss.output else {}
    if setting.part == "optimizer":
        owners = [key for key, kind in OPTIMIZERS.items() if setting.name in kind.__annotations__]
        others = {"optimizer": data.draw(st.sampled_from(owners))} if owners else {}
    try:
        study = SMALL | {"vary": {setting.name: [value]} | {n: [v] for n, v in others.items()}}
        del study["epochs"]
        made = _plan_like(plan, study, fold)
    except StudyError:
        return  # refused before anything is trained
    try:
        fit = fit_one(fold, made.configurations[-1], made, (0, 0))
    except TrainingDiverged:
        return
    assert math.isfinite(fit.score)


def _plan_like(plan, study, fold):
    """A plan for the same rows with what is varied, without reading these again."""
    shape, kept = checked_values(study["vary"], {}, fold.problem.loss)
    assert not shape
    n = fold.problem.n_outputs
    inputs = Inputs(fold.problem.x.shape[1], tuple(fold.problem.code_sizes), n, 33, 8)
    made = configurations_of(inputs, (2,), (4,), ["tanh"], None, kept, fold.problem.loss)
    check_used(kept, made)
    check_together(kept, fold.problem.loss)
    return replace(plan, configurations=tuple(made))


def test_an_optimiser_brings_its_own_rate_and_decay():
    recipe = recipe_for(1_000, 5)
    sgd = with_settings(recipe, {"optimizer": "sgd", "momentum": 0.5})
    assert (sgd.learning_rate, sgd.weight_decay) == (0.01, 0.0)
    given = with_settings(recipe, {"learning_rate": 0.3, "optimizer": "sgd"})
    assert given.learning_rate == 0.3
    assert with_settings(recipe, {"l2": 0.1}).weight_decay == recipe.weight_decay


def test_what_is_varied_reaches_the_training(folds):
    fold, plan = folds["number"]
    settings = {
        "optimizer": "sgd",
        "momentum": 0.3,
        "learning_rate": 0.2,
        "batch_size": 7,
        "schedule": "cosine",
        "l2": 0.01,
        "l1": 0.02,
        "gradient_clipping": 1.0,
        "ema": None,
        "dropout": 0.1,
        "normalization": "layer",
        "initialization": "orthogonal",
    }
    configuration = Configuration(1, (4, 4), "tanh", 0, tuple(settings.items()))
    recipe = _recipe(fold, configuration, plan)
    trainer = trainer_for(recipe, fold.problem, 80, 0)
    named = ("batch_size", "schedule", "l2", "l1", "gradient_clipping", "ema")
    assert {name: getattr(trainer, name) for name in named} == {n: settings[n] for n in named}
    optimizer = trainer.optimizer
    assert type(optimizer) is OPTIMIZERS["sgd"]
    assert (optimizer.momentum, optimizer.learning_rate) == (0.3, 0.2)
    architecture = network_for(fold.problem, range(80), recipe, 0, 0).architecture
    assert architecture.dropout == (0.1, 0.1)
    assert architecture.normalization == "layer"
    assert architecture.initialization == "orthogonal"


def test_the_loss_that_is_varied_is_learned_by(folds):
    fold, plan = folds["number"]
    fits = [
        fit_one(fold, Configuration(1, (4,), "tanh", 0, (("loss", name),)), plan, (0, 0))
        for name in ("squared", "absolute")
    ]
    assert fits[0].training_curve != fits[1].training_curve
    assert fits[0].gradients != fits[1].gradients


def test_what_is_added_from_outside_can_be_varied(small, rows, monkeypatch):
    halves = Schedule("halves", "1 / 2^(4 t)", lambda t, n: 0.5 ** (4 * t), "a test")
    monkeypatch.setitem(SCHEDULES, "halves", halves)
    study = small(depth=[1], vary={"schedule": ["constant", "halves"]}, trees=False, epochs=4).fit(
        *rows
    )
    assert study.study_.varied == {"schedule": ["constant", "halves"]}
    curves = {fit.configuration: fit.training_curve for fit in study.study_.fits}
    assert len(set(curves.values())) == 4


def eighths(t, n):
    return 0.125 + 0.0 * t


def test_what_is_added_from_outside_goes_along_to_other_processes(small, rows, monkeypatch):
    study = small(depth=[1], vary={"schedule": ["constant", "eighths"]})
    monkeypatch.setitem(SCHEDULES, "eighths", Schedule("eighths", "1 / 8", eighths, "a test"))
    plan = make_plan(study, study.rows(*rows))
    [added] = [entries for entries in added_entries() if entries]
    assert list(added) == ["eighths"]
    pickled = pickle.dumps(plan)
    del SCHEDULES["eighths"]
    assert pickle.loads(pickled) == plan
    assert SCHEDULES["eighths"].factor is eighths


@pytest.fixture(scope="module")
def varied(rows):
    """A study of two rates and two optimisers, one of which diverges."""
    vary = {"learning_rate": [0.05, 1e30], "optimizer": ["sgd"], "loss": ["softmax"]}
    beside = SMALL | {"depth": [1], "activation": ["relu"], "epochs": 5, "trees": False}
    return DepthStudy(vary=vary, **beside).fit(*rows)


def test_the_table_has_a_column_of_each_setting(varied):
    table = varied.results_
    assert set(table["learning_rate"].to_pylist()) == {0.05}
    assert table.column_names[-1] == "learning_rate"  # the others have one value
    assert {c.name for c in varied.study_.configurations if c.number in varied.study_.failed} == {
        "linear (learning rate 1e+30, sgd, softmax loss)",
        "1 x 4 relu (learning rate 1e+30, sgd, softmax loss)",
    }


def test_what_diverged_is_a_result(varied):
    results = varied.study_
    assert all(text.startswith("diverged: the loss became ") for text in results.failed.values())
    assert results.failure(1) == "did not train (diverged)"
    assert results.failure(1, brief=False).startswith("did not train (diverged: the loss became ")
    assert "The learning rate: 0.05; did not train (diverged): 1e+30." in varied.summary()
    assert "1e+30: did not train" in _chart(varied).description


def _chart(study):
    return charts_of(study.study_)["learning_rate"](study.study_, study.recommendation_)


def test_the_recommended_settings_are_those_of_the_model(varied, rows):
    model = varied.best_model(effort="low", epochs=2)
    assert isinstance(model, TableClassifier)
    assert model.learning_rate == 0.05
    assert model.settings == {"optimizer": "sgd", "loss": "softmax"}
    model.fit(*rows)
    assert model.recipe_.settings == model.settings


def test_a_setting_of_the_name_of_a_measure_has_another_column(small, rows):
    vary = {"loss": ["squared", "huber"], "optimizer": ["adam"]}
    study = small(depth=[0], task="regression", vary=vary, epochs=2, trees=False).fit(
        rows[0], rows[0]["a"]
    )
    table = study.results_
    assert set(table["setting_loss"].to_pylist()) == {"squared", "huber"}
    assert all(isinstance(loss, float) for loss in table["loss"].to_pylist())


def test_plans_and_results_come_back_from_json(varied, small, rows):
    study = small(vary={"normalization": [None, "layer"], "residual": [True, False]})
    plan = make_plan(study, study.rows(*rows))
    assert Plan.from_json(plan.to_json()) == plan
    results = varied.study_
    same = StudyResults.from_json(results.to_json())
    assert same.configurations == list(results.configurations)
    before = json.loads(plan.to_json())
    for configuration in before["configurations"]:
        del configuration["settings"]  # as studies were kept before anything else was varied
    old = Plan.from_json(json.dumps(before))
    assert not any(c.settings for c in old.configurations)
    [differs] = old.differences(plan)
    assert differs.startswith("settings no normalisation, residual, ")
    assert differs.endswith(" there, none here")


def test_it_goes_on_where_it_was(small, rows, tmp_path):
    asked = {
        "depth": [1],
        "database": tmp_path / "a.db",
        "vary": {"l2": [0.0, 0.01]},
        "trees": False,
    }
    first = small(**asked).fit(*rows).study_
    again = small(resume=True, **asked).fit(*rows).study_
    assert [fit.score for fit in first.fits] == [fit.score for fit in again.fits]
    other = asked | {"vary": {"l2": [0.0, 0.1]}}
    with pytest.raises(StudyError, match=r"settings L2 penalty 0, L2 penalty 0\.01 there, L2"):
        small(resume=True, **other).fit(*rows)


def test_no_linear_model_is_given_up(tmp_path, begun):
    database = Database(str(tmp_path / "a.db"))
    kept = begun(database, depth=[1], vary={"l2": [0.0, 0.1]}, folds=5, seeds=2, trees=False)
    do(kept, lambda number, repeat, fold: bumpy(number, repeat, fold) - 0.5 * (number != 2))
    results = kept.results()
    database.close()
    assert [c.depth for c in results.configurations] == [0, 0, 1, 1]
    assert [results.is_complete(number) for number in range(4)] == [True, True, True, False]


def test_numbers_of_numpy_are_taken(small, rows):
    study = small(vary={"l2": np.array([0.0, 0.5]), "residual": np.array([True, False])})
    plan = make_plan(study, study.rows(*rows))
    assert Plan.from_json(plan.to_json()) == plan
