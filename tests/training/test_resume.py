"""Going on from a checkpoint: cut off and resumed equals never cut off, bit for bit."""

import signal
import time
from functools import cache

import numpy as np
import pytest

from layerwise import SGD, Adam, Network, RMSprop, Trainer
from layerwise.architecture import Architecture, Embedding, get_loss
from layerwise.training.checkpoint import load_checkpoint
from tests.helpers.forks import killed_in, needs_fork
from tests.training.training import assert_same_training, class_table

EPOCHS = 12
TABLE = class_table(300)
X, Y = (part[:150] for part in TABLE)
CODES = np.arange(300)[:, None] % 6
HELD_OUT = (*(part[150:] for part in TABLE), CODES[150:])

# Options of the architecture, and settings.
CASES = {
    "adam": ({}, {}),
    "sgd": ({}, {"optimizer": SGD(learning_rate=0.1)}),
    "nesterov": ({}, {"optimizer": SGD(learning_rate=0.1, nesterov=True)}),
    "rmsprop": ({}, {"optimizer": RMSprop()}),
    "ema": ({}, {"ema": 0.9}),
    "dropout": ({"dropout": 0.3}, {}),
    "batch norm": ({"normalization": "batch"}, {}),
    "smoothed labels": ({}, {"loss": get_loss("softmax", label_smoothing=0.1)}),
    "one cycle": ({}, {"schedule": "one_cycle", "optimizer": Adam(learning_rate=0.05)}),
    "invscaling": ({}, {"schedule": "invscaling", "optimizer": SGD()}),
    # A fifth of the rate after epochs 4, 7 and 10.
    "adaptive": ({}, {"schedule": "adaptive", "patience": 3, "min_improvement": 9.0}),
    "held out": ({"normalization": "batch"}, {"validation_fraction": 0.3, "ema": 0.8}),
    "patience": ({}, {"optimizer": Adam(learning_rate=0.1), "patience": 4}),
    "everything": (
        {"dropout": 0.2, "normalization": "batch", "residual": True, "input_scale": True},
        {
            "optimizer": Adam(learning_rate=0.02, weight_decay=0.1),
            "schedule": "multi_cycle_cosine",
            "dropout_schedule": "flat_cosine",
            "decay_schedule": "cosine",
            "ema": 0.9,
            "validation_fraction": 0.2,
            "gradient_clipping": 1.0,
        },
    ),
}


class Crash(Exception):
    """Ends a training from within a callback."""


def crash_at(number):
    def callback(net, epoch):
        if epoch.number == number:
            raise Crash

    return callback


def fit(case, *, first_seed=0, resume=False, **others):
    """(network, history) of a case's training; `first_seed` draws the network's first numbers."""
    options, settings = CASES[case]
    architecture = Architecture(
        [4, 12, 12, 3], output="softmax", embeddings=[Embedding(6, 2)], **options
    )
    net = Network(architecture, seed=first_seed)
    trainer = Trainer(**{"epochs": EPOCHS, "batch_size": 40, "seed": 0} | settings | others)
    held_out = HELD_OUT if case == "patience" else None
    history = trainer.fit(net, X, Y, codes=CODES[:150], validation_data=held_out, resume=resume)
    return net, history


@cache
def never_cut_off(case):
    return fit(case)


def cut_off(case, path, at, **others):
    """Train until a crash after so many epochs, the checkpoint of the last of which is missing."""
    with pytest.raises(Crash):
        fit(case, checkpoint=path, callbacks=[crash_at(at)], **others)


def resumed(case, path, **others):
    """A network's first numbers do not matter then: it takes those of the checkpoint."""
    return fit(case, first_seed=99, checkpoint=path, resume=True, **others)


@pytest.mark.parametrize("at", [2, 6, 8])
@pytest.mark.parametrize("case", CASES)
def test_cut_off_and_resumed_equals_never_cut_off(tmp_path, case, at):
    path = tmp_path / "a.ckpt"
    wanted = never_cut_off(case)
    cut_off(case, path, at)
    numbers = []
    found = resumed(case, path, callbacks=[lambda net, epoch: numbers.append(epoch.number)])
    assert_same_training(found, wanted)
    assert numbers == list(range(at, len(wanted[1]) + 1))


def test_the_cases_are_what_they_are_meant_to_be():
    _, history = never_cut_off("adaptive")
    assert len(set(history["learning_rate"])) == 4
    _, history = never_cut_off("patience")
    assert history.stopped == "patience"
    assert 8 < len(history) < EPOCHS
    assert history.best_epoch > 2


def test_it_goes_on_where_the_last_checkpoint_was_written(tmp_path):
    path = tmp_path / "a.ckpt"
    cut_off("everything", path, 9, checkpoint_every=5)
    numbers = []
    found = resumed(
        "everything",
        path,
        checkpoint_every=5,
        callbacks=[lambda net, epoch: numbers.append(epoch.number)],
    )
    assert_same_training(found, never_cut_off("everything"))
    assert numbers[0] == 6


def test_it_may_be_cut_off_again_and_again(tmp_path):
    path = tmp_path / "a.ckpt"
    for number in range(2, EPOCHS + 1):
        cut_off("everything", path, number, resume=True)
    assert_same_training(resumed("everything", path), never_cut_off("everything"))


def test_with_another_number_of_threads(tmp_path):
    path = tmp_path / "a.ckpt"
    cut_off("everything", path, 5, n_threads=1)
    assert_same_training(resumed("everything", path, n_threads=3), never_cut_off("everything"))


def test_after_ctrl_c(tmp_path):
    path = tmp_path / "a.ckpt"

    def press(net, epoch):
        if epoch.number == 5:
            signal.raise_signal(signal.SIGINT)

    _, history = fit("everything", checkpoint=path, callbacks=[press])
    assert (history.stopped, len(history)) == ("interrupted", 5)
    assert_same_training(resumed("everything", path), never_cut_off("everything"))


def test_after_a_callback_ended_it(tmp_path):
    path = tmp_path / "a.ckpt"
    _, history = fit("adam", checkpoint=path, callbacks=[lambda net, epoch: epoch.number == 5])
    assert (history.stopped, len(history)) == ("callback", 5)
    assert_same_training(resumed("adam", path), never_cut_off("adam"))


@pytest.mark.parametrize("case", ["adam", "patience", "ema", "held out"])
def test_a_training_that_has_ended_gives_its_numbers_again(tmp_path, case):
    path = tmp_path / "a.ckpt"
    wanted = fit(case, checkpoint=path)
    called = []
    found = resumed(case, path, callbacks=[lambda *given: called.append(given)])
    assert_same_training(found, wanted)
    assert not called


def test_without_resume_training_starts_anew_and_the_file_is_replaced(tmp_path):
    path = tmp_path / "a.ckpt"
    wanted = fit("adam", checkpoint=path)
    cut_off("adam", path, 3)
    assert load_checkpoint(path).facts["n_steps"] == 2 * 4
    assert_same_training(fit("adam", checkpoint=path), wanted)


def test_time_goes_on_from_where_it_was(tmp_path):
    path = tmp_path / "a.ckpt"

    def pause(net, epoch):
        time.sleep(0.2 if epoch.number == 1 else 0)

    with pytest.raises(Crash):
        fit("adam", checkpoint=path, callbacks=[pause, crash_at(3)])
    _, history = resumed("adam", path)
    assert history["seconds"][1] > 0.2
    assert (np.diff(history["seconds"]) > 0).all()


def test_without_a_seed_it_goes_on_with_the_one_that_was_drawn(tmp_path):
    path = tmp_path / "a.ckpt"
    cut_off("everything", path, 5, seed=None)
    found = resumed("everything", path, seed=None)
    assert_same_training(found, fit("everything", seed=found[1].seed))


# Another process


@needs_fork
def test_a_process_that_is_killed_can_be_gone_on_from(tmp_path):
    case, path = "everything", tmp_path / "a.ckpt"

    def train(wait):
        fit(case, checkpoint=path, callbacks=[lambda net, epoch: epoch.number == 5 and wait()])

    killed_in(train)
    numbers = []
    found = resumed(case, path, callbacks=[lambda net, epoch: numbers.append(epoch.number)])
    assert_same_training(found, never_cut_off(case))
    assert numbers[0] == 5
