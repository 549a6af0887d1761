"""Checkpoint files: written whole or not at all, and refused where they do not fit."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from layerwise import SGD, Adam, Network, Trainer
from layerwise.architecture import Architecture, Embedding, get_loss
from layerwise.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from tests.helpers.compare import assert_same_bits
from tests.training.training import class_table, train

ARCHITECTURE = Architecture([4, 5, 3], output="softmax", embeddings=[Embedding(6, 2)])
X, Y = class_table()
CODES = np.arange(len(X))[:, None] % 6
WEIGHT = np.linspace(0.5, 1.5, len(X))
SMALL = Checkpoint({"a": np.arange(6.0).reshape(2, 3), "b": np.zeros(0, np.float32)}, {"n": 3})


class Stop(Exception):
    """Ends a training from within a callback, as a crash would."""


def fit(path, *, net=None, x=X, y=Y, codes=CODES, weight=WEIGHT, resume=True, **others):
    """Train to the end, from the checkpoint on."""
    net = net or Network(ARCHITECTURE, seed=0)
    trainer = Trainer(**{"epochs": 6, "seed": 0, "checkpoint": path, "batch_size": 40} | others)
    return trainer.fit(net, x, y, codes=codes, sample_weight=weight, resume=resume)


@pytest.fixture
def half_way(tmp_path: Path) -> Path:
    """The checkpoint of a training that was cut off after its third epoch."""
    path = tmp_path / "training.ckpt"

    def stop(net, epoch):
        if epoch.number == 4:
            raise Stop

    with pytest.raises(Stop):
        fit(path, callbacks=[stop])
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.ckpt"
    save_checkpoint(path, SMALL)
    return path


# What is in it


def test_numbers_and_facts_come_back(small):
    back = load_checkpoint(small)
    assert back.facts == SMALL.facts
    assert back.arrays.keys() == SMALL.arrays.keys()
    for name, array in SMALL.arrays.items():
        assert_same_bits(back.arrays[name], array)


def test_it_holds_the_trainings_numbers_as_safetensors(half_way):
    net, _ = train(
        ARCHITECTURE, X, Y, codes=CODES, sample_weight=WEIGHT, dtype="float32", epochs=3,
        batch_size=40,
    )  # fmt: skip
    with safe_open(half_way, framework="numpy") as file:
        assert_same_bits(file.get_tensor("parameters"), net.vector)
        assert json.loads(file.metadata()["facts"])["layerwise_checkpoint"] == 2


def test_a_file_is_written_every_so_many_epochs_and_at_the_end(tmp_path):
    path = tmp_path / "a.ckpt"
    seen = []

    def look(net, epoch):
        seen.append(epochs_in(path) if path.exists() else 0)

    fit(path, callbacks=[look], checkpoint_every=2, epochs=7)
    assert seen == [0, 0, 2, 2, 4, 4, 6]
    assert epochs_in(path) == 7


def epochs_in(path: Path) -> int:
    return len(json.loads(load_checkpoint(path).facts["history"])["epochs"])


# Written whole


def test_no_other_file_is_left(half_way):
    assert os.listdir(half_way.parent) == [half_way.name]


@pytest.mark.parametrize("failing", ["replace", "fsync", "open"])
def test_a_write_that_fails_keeps_the_old_file(half_way, monkeypatch, failing):
    old = half_way.read_bytes()

    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    where = os if failing == "fsync" else Path
    if failing == "open":
        before = Path.open
        monkeypatch.setattr(
            Path, "open", lambda p, mode="r", *a: fail() if "w" in mode else before(p, mode, *a)
        )
    else:
        monkeypatch.setattr(where, failing, fail)
    message = f"cannot write the checkpoint {half_way}: No space left on device.*goes on without"
    with pytest.warns(UserWarning, match=message):
        assert len(fit(half_way)) == 6
    assert half_way.read_bytes() == old
    assert os.listdir(half_way.parent) == [half_way.name]


def test_a_write_that_is_killed_keeps_the_old_file(half_way, monkeypatch):
    old = half_way.read_bytes()

    def kill(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", kill)
    with pytest.raises(KeyboardInterrupt):
        fit(half_way)
    monkeypatch.undo()
    assert half_way.read_bytes() == old
    assert len(fit(half_way)) == 6


@pytest.mark.parametrize("path", ["no such folder/a.ckpt", "."])
def test_a_place_that_cannot_be_written_is_told(tmp_path, path):
    with pytest.raises(OSError, match="cannot write the checkpoint"):
        fit(tmp_path / path, resume=False)


def test_the_path_may_be_a_text(half_way):
    assert len(fit(str(half_way))) == 6


# Read


def test_without_a_file_training_starts_at_its_beginning(tmp_path):
    assert len(fit(tmp_path / "none.ckpt")) == 6


def test_without_a_path_there_is_nothing_to_go_on_from():
    with pytest.raises(ValueError, match="resume=True needs the setting checkpoint"):
        fit(None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_cut_short_is_refused(small, data):
    whole = small.read_bytes()
    short = small.with_name("short.ckpt")
    short.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(ValueError, match="is not a checkpoint, or is damaged"):
        load_checkpoint(short)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_with_a_byte_changed_is_refused(small, data):
    content = bytearray(small.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    changed = small.with_name("changed.ckpt")
    changed.write_bytes(content)
    with pytest.raises(ValueError, match=r"is not a checkpoint, or is damaged|by a newer"):
        load_checkpoint(changed)


def test_a_file_of_before_there_were_checksums_is_read(tmp_path):
    path = tmp_path / "old.ckpt"
    save_file({"a": np.ones(1)}, path, {"facts": '{"layerwise_checkpoint": 1, "other": 1}'})
    assert load_checkpoint(path).facts == {"other": 1}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(tmp_path, content):
    path = tmp_path / "bytes.ckpt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a checkpoint, or is damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"format": "pt"},
        {"facts": "{"},
        {"facts": "{}"},
        {"facts": "[]"},
        {"facts": "3"},
        {"facts": '{"layerwise_checkpoint": "1"}'},
    ],
)
def test_another_programs_safetensors_file_is_refused(tmp_path, metadata):
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": np.ones(3)}, path, metadata)
    with pytest.raises(ValueError, match="is not a checkpoint, or is damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize("missing", ["n_steps", "history", "architecture"])
def test_a_checkpoint_without_all_its_facts_is_refused(half_way, missing):
    saved = load_checkpoint(half_way)
    del saved.facts[missing]
    save_checkpoint(half_way, saved)
    with pytest.raises(ValueError, match=rf"checkpoint.*{missing}"):
        fit(half_way)


def test_a_newer_versions_file_is_refused(tmp_path):
    path = tmp_path / "newer.ckpt"
    save_file({"a": np.ones(1)}, path, {"facts": '{"layerwise_checkpoint": 99, "other": 1}'})
    message = "written by a newer Layerwise .checkpoint format 99; this one reads up to 2"
    for seed in (0, None):
        with pytest.raises(ValueError, match=message):
            fit(path, seed=seed)


def test_a_folder_is_refused_by_the_operating_systems_error(tmp_path):
    with pytest.raises(OSError, match=str(tmp_path)):
        fit(tmp_path)


# Another training's


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"optimizer": SGD()}, "optimizer"),
        ({"optimizer": Adam(learning_rate=0.1)}, "optimizer"),
        ({"batch_size": 30}, "batch_size"),
        ({"seed": 1}, "seed"),
        ({"epochs": 7}, "epochs"),
        ({"schedule": "cosine"}, "schedule"),
        ({"l2": 0.1}, "l2"),
        ({"ema": 0.9}, "ema"),
        ({"validation_fraction": 0.2}, ".*validation_fraction"),
        ({"engine": "numpy"}, "engine"),
        ({"x": X + 1e-3 * (np.arange(4) == 2)}, "data"),
        ({"x": X[:-1], "y": Y[:-1], "codes": CODES[:-1], "weight": WEIGHT[:-1]}, "data"),
        ({"y": np.roll(Y, 1)}, "data"),
        ({"codes": np.roll(CODES, 1)}, "data"),
        ({"weight": WEIGHT + 0.1}, "data"),
        ({"weight": None}, "data"),
        ({"net": Network(replace(ARCHITECTURE, activation="tanh"))}, "architecture"),
        ({"l2": 0.1, "batch_size": 30}, "batch_size, l2"),
    ],
)
def test_another_trainings_checkpoint_is_refused_and_the_difference_named(half_way, change, named):
    net = change.get("net") or Network(ARCHITECTURE, seed=3)
    before = net.vector.copy()
    message = f"is of another training; what differs: {named}. Use the same settings and data"
    with pytest.raises(ValueError, match=message):
        fit(half_way, **{**change, "net": net})
    assert_same_bits(net.vector, before)


@pytest.mark.parametrize(
    "change",
    [
        {"n_threads": 2},
        {"progress": True},
        {"callbacks": [lambda net, epoch: None]},
        {"checkpoint_every": 3},
    ],
)
def test_what_results_do_not_depend_on_may_differ(half_way, change):
    assert len(fit(half_way, **change)) == 6


def test_a_file_may_be_moved(half_way):
    moved = half_way.rename(half_way.with_name("moved.ckpt"))
    assert len(fit(moved)) == 6


@pytest.mark.parametrize(
    "loss",
    [
        None,
        "squared",
        get_loss("softmax", label_smoothing=0.1),
        get_loss("huber", delta=0.5),
    ],
)
def test_settings_are_compared_by_what_is_the_same_in_every_process(loss):
    assert " at 0x" not in str(Trainer(loss=loss).facts())


def test_a_network_of_another_precision_is_refused(half_way):
    with pytest.raises(ValueError, match="what differs: data"):
        fit(half_way, net=Network(ARCHITECTURE, dtype="float64"))


def test_other_held_out_rows_are_refused(tmp_path):
    path = tmp_path / "a.ckpt"
    settings = {"epochs": 4, "checkpoint": path}
    train("4-5-3:softmax", X, Y, validation_data=(X[:20], Y[:20]), **settings)
    with pytest.raises(ValueError, match="is of another training"):
        train("4-5-3:softmax", X, Y, validation_data=(X[20:], Y[20:]), resume=True, **settings)
