"""Settings of trainers and optimisers: what is refused, and in which words."""

import numpy as np
import pytest

from layerwise import LBFGS, SGD, Adam, AdamW, RMSprop, Trainer
from layerwise.architecture import get_loss
from layerwise.training import OPTIMIZERS, SCHEDULES, get_optimizer, get_schedule
from tests.training.training import class_table, train

BAD_SETTINGS = [
    ({"optimizer": "adm"}, "unknown optimizer 'adm'; did you mean 'adam'?"),
    ({"optimizer": Adam}, "unknown optimizer"),
    ({"schedule": "cosin"}, "unknown schedule 'cosin'; did you mean 'cosine'?"),
    ({"dropout_schedule": "flat"}, "unknown schedule 'flat'.*Known: adaptive, constant"),
    ({"decay_schedule": "flat-cosine"}, "did you mean 'flat_cosine'?"),
    ({"dropout_schedule": "adaptive"}, "'adaptive' is for the learning rate alone"),
    ({"decay_schedule": "adaptive"}, "'adaptive' is for the learning rate alone"),
    ({"monitor": "scores"}, "unknown monitor 'scores'; did you mean 'score'?"),
    ({"engine": "nunpy"}, "unknown engine 'nunpy'; did you mean 'numpy'?"),
    ({"batch_size": 0}, "batch_size must be an integer of at least 1; got 0"),
    ({"batch_size": 32.0}, "batch_size must be an integer of at least 1; got 32.0"),
    ({"epochs": 0}, "epochs must be an integer of at least 1; got 0"),
    ({"epochs": "10"}, "epochs must be an integer of at least 1; got '10'"),
    ({"patience": -1}, "patience must be an integer of at least 1; got -1"),
    ({"n_threads": 0}, "n_threads must be an integer of at least 1; got 0"),
    ({"checkpoint_every": 0}, "checkpoint_every must be an integer of at least 1; got 0"),
    ({"seed": -1}, "seed must be an integer from 0 to 2\\^64 - 1; got -1"),
    ({"seed": 2**64}, "seed must be an integer from 0 to 2\\^64 - 1"),
    ({"seed": 0.5}, "seed must be an integer from 0 to 2\\^64 - 1; got 0.5"),
    ({"l1": -0.1}, "l1 must be finite and not negative; got -0.1"),
    ({"l2": float("inf")}, "l2 must be finite and not negative; got inf"),
    ({"min_improvement": float("nan")}, "min_improvement must be finite and not negative; got nan"),
    ({"gradient_clipping": -1.0}, "gradient_clipping must be finite and not negative"),
    ({"ema": 1.0}, "ema must lie between 0 and 1; got 1.0"),
    ({"validation_fraction": 0.0}, "validation_fraction must lie between 0 and 1; got 0.0"),
    ({"validation_fraction": 20}, "validation_fraction must lie between 0 and 1; got 20"),
]
BAD_OPTIMIZERS = [
    (Adam, {"learning_rate": -0.1}, "learning_rate must be at least 0 and finite; got -0.1"),
    (SGD, {"learning_rate": float("nan")}, "learning_rate must be at least 0 and finite; got nan"),
    (AdamW, {"weight_decay": float("inf")}, "weight_decay must be at least 0 and finite; got inf"),
    (Adam, {"beta1": 1.0}, "beta1 must be at least 0 and below 1; got 1.0"),
    (RMSprop, {"beta2": 1}, "beta2 must be at least 0 and below 1; got 1"),
    (SGD, {"momentum": 1.5}, "momentum must be at least 0 and below 1; got 1.5"),
    (Adam, {"epsilon": -1e-8}, "epsilon must be at least 0 and finite"),
    (Adam, {"rate_factors": {"bias": 2.0}}, "unknown kind of parameter 'bias'; did you mean"),
    (Adam, {"rate_factors": {"scales": -1.0}}, r"rate_factors\['scales'\] must be at least 0"),
]
NO_SUCH_NUMBERS = [
    (Adam, {"learning_rate": "fast"}),
    (Adam, {"learning_rate": None}),
    (SGD, {"weight_decay": [0.1]}),
    (Adam, {"learning_rate": np.float32(-0.1)}),
    (Adam, {"rate_factors": {"weights": "low"}}),
    (Trainer, {"ema": "0.9"}),
    (Trainer, {"l1": None}),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS)
def test_a_bad_setting_is_refused_at_once(settings, message):
    with pytest.raises(ValueError, match=message):
        Trainer(**settings)


@pytest.mark.parametrize(("kind", "settings", "message"), BAD_OPTIMIZERS)
def test_a_bad_setting_of_an_optimiser_is_refused_at_once(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind(**settings)


@pytest.mark.parametrize(("kind", "settings"), NO_SUCH_NUMBERS)
def test_what_is_no_such_number_is_refused_at_once_by_name(kind, settings):
    (name,) = settings
    with pytest.raises((TypeError, ValueError), match=name):
        kind(**settings)


@pytest.mark.parametrize("name", ["learning_rates", "lr"])
def test_a_setting_that_does_not_exist_is_refused(name):
    with pytest.raises(TypeError, match=name):
        Adam(**{name: 0.1})


def test_names_stand_for_optimisers_with_their_defaults():
    wanted = {
        "sgd": SGD(),
        "adam": Adam(),
        "adamw": AdamW(),
        "rmsprop": RMSprop(),
        "lbfgs": LBFGS(),
    }
    assert {name: get_optimizer(name) for name in OPTIMIZERS} == wanted
    assert Trainer(optimizer="rmsprop") == Trainer(optimizer=RMSprop())


def test_every_schedule_can_be_named():
    assert [get_schedule(name).name for name in SCHEDULES] == list(SCHEDULES)


@pytest.mark.parametrize("entry", [*OPTIMIZERS.values(), *SCHEDULES.values()])
def test_every_entry_has_its_formula_and_source(entry):
    assert entry.formula
    assert entry.source


def test_a_loss_that_does_not_go_with_the_output_is_refused():
    x, y = class_table()
    message = "'squared' goes with the output 'identity'; this network's output is 'softmax'"
    with pytest.raises(ValueError, match=message):
        train("4-5-3:softmax", x, y, loss="squared")


def test_a_loss_may_be_a_name_or_an_entry_with_its_parameter():
    x, y = class_table()
    smoothed = get_loss("softmax", label_smoothing=0.1)
    _, plain = train("4-5-3:softmax", x, y, loss="softmax", epochs=1)
    net, history = train("4-5-3:softmax", x, y, loss=smoothed, epochs=2, batch_size=len(x))
    before, _ = train("4-5-3:softmax", x, y, loss=smoothed, epochs=1, batch_size=len(x))
    assert history["loss"][1] == pytest.approx(before.loss(x, y, smoothed), rel=1e-10)
    assert plain["loss"][0] != history["loss"][0]


LARGEST_SEED = 2**64 - 1


@pytest.mark.parametrize("seed", [0, 2**32, 2**63, LARGEST_SEED])
def test_any_seed_of_64_bits_will_do(seed):
    x, y = class_table()
    _, history = train("4-5-3:softmax", x, y, seed=seed, epochs=1, validation_fraction=0.2)
    assert history.seed == seed


def test_without_a_seed_one_is_drawn_and_told():
    x, y = class_table()
    net, history = train("4-5-3:softmax", x, y, seed=None, epochs=2, batch_size=10)
    _, other = train("4-5-3:softmax", x, y, seed=None, epochs=2, batch_size=10)
    again, _ = train("4-5-3:softmax", x, y, seed=history.seed, epochs=2, batch_size=10)
    assert history.seed != other.seed
    assert (again.vector == net.vector).all()
