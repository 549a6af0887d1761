"""The Python code that a page gives trains exactly its network."""

import contextlib
import io

import numpy as np
import pytest

from layerwise import Network, load
from layerwise.playground.choices import Choices, WrongChoice
from layerwise.playground.exported import EXAMPLE, FRAME, TableSource, file_of, python_code
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material
from layerwise.tables.examples import PENGUINS
from layerwise.tables.reading import read_table
from layerwise.training import OPTIMIZERS, SCHEDULES


def learner_of(**given):
    choices = Choices.of({"rows": 60, "batch": 16, **given})
    if choices.data == "points":
        material = Material.of_points(choices.hand_drawn(), test=choices.test, seed=choices.seed)
    else:
        material = Material.of_toy(
            choices.data, choices.rows, choices.noise, count=choices.count, test=choices.test,
            seed=choices.seed,
        )  # fmt: skip
    return Learner(choices, material)


def take_epochs(learner, n):
    learner.take(n * learner.training.steps_per_epoch - learner.training.steps_into_epoch)


def run(code, **names):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return names["network"], float(printed.getvalue())


def assert_the_same(learner, table=None):
    network, loss = run(python_code(learner, table))
    assert np.array_equal(network.vector, learner.network.vector)
    assert loss == pytest.approx(learner.measure().loss[0], abs=1e-6)
    learner.close()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer(optimizer):
    learner = learner_of(optimizer=optimizer, data="xor")
    take_epochs(learner, 5)
    assert_the_same(learner)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_also_before_its_end(schedule):
    learner = learner_of(schedule=schedule, epochs=40)
    take_epochs(learner, 7)
    assert_the_same(learner)


@pytest.mark.parametrize(
    "given",
    [
        {"data": "spirals", "arms": 4, "layers": "6:relu:0.2,6:silu", "seed": 7},
        {"data": "blobs", "classes": 5, "normalization": "layer", "residual": "1"},
        {"data": "moons", "normalization": "batch", "layers": "5:prelu,5:gelu"},
        {"data": "xor", "layers": "5:relu,5:relu:0:batch+residual,5:tanh:0.1:residual"},
        {"data": "hills", "loss": "huber", "l1": 0.01, "l2": 0.1},
        {"data": "circles", "smoothing": 0.1, "initialization": "orthogonal"},
        {"data": "line", "layers": "", "noise": 0.0, "test": 0.0},
        {"data": "digits", "rows": 100, "layers": "8:sigmoid"},
        {"data": "points", "points": "1,1,0;2,1,0;-1,0,1;-2,1,2;0,3,1;3,3,2"},
    ],
)
def test_every_kind_of_data_and_network(given):
    learner = learner_of(**given)
    take_epochs(learner, 4)
    assert_the_same(learner)


def test_another_optimizer_for_a_moment_makes_the_first_forget():
    learner = learner_of()
    take_epochs(learner, 5)
    for optimizer in ("sgd", "adam"):
        learner.change_learning(learner.choices.changed({"optimizer": optimizer}))
    take_epochs(learner, 5)
    assert_the_same(learner)


def test_a_change_of_learning_between_epochs():
    learner = learner_of()
    take_epochs(learner, 3)
    learner.change_learning(learner.choices.changed({"rate": 0.3, "l2": 0.01}))
    take_epochs(learner, 2)
    learner.change_learning(learner.choices.changed({"optimizer": "sgd"}))
    take_epochs(learner, 2)
    learner.change_learning(learner.choices.changed({"optimizer": "lbfgs"}))
    take_epochs(learner, 2)
    assert (learner.epoch, len(learner.segments)) == (9, 4)
    assert_the_same(learner)


def test_numbers_set_by_hand_before_and_between():
    learner = learner_of()
    learner.set_number(2, 1.25)
    take_epochs(learner, 3)
    learner.set_number(0, -3.0)
    learner.set_number(5, 0.5)
    take_epochs(learner, 2)
    code = python_code(learner)
    assert "network.vector[2] = 1.25" in code
    assert code.index("[2] = 1.25") < code.index("[0] = -3.0")
    assert_the_same(learner)


def test_a_number_set_by_hand_and_not_learned_on_from():
    learner = learner_of()
    take_epochs(learner, 2)
    learner.set_number(1, 4.0)
    assert_the_same(learner)


def test_numbers_set_by_hand_while_an_epoch_goes_on_are_one_segment():
    learner = learner_of()
    for value in range(50):  # a weight that is dragged while the network learns
        learner.set_number(2, float(value))
        learner.set_number(3 + value % 2, float(value))
        learner.take(1 + value % 2)
        if value % 10 == 9:
            learner.change_learning(learner.choices.changed({"rate": 0.001 * (value + 1)}))
    assert len(learner.segments) <= learner.epoch + 1
    learner = learner_of()
    for value in range(9):
        learner.set_number(2, float(value))
        learner.change_learning(learner.choices.changed({"rate": 0.01 * (value + 1)}))
    take_epochs(learner, 3)
    code = python_code(learner)
    assert code.count("network.vector[2]") == code.count("trainer.fit(") == 1
    assert "near the page" not in code
    assert_the_same(learner)


def test_of_very_many_changes_the_first_are_one(monkeypatch):
    monkeypatch.setattr("layerwise.playground.learner._MOST_SEGMENTS", 5)
    learner = learner_of()
    for value in range(12):
        learner.set_number(value, float(value))
        take_epochs(learner, 1)
    code = python_code(learner)
    assert code.count("trainer.fit(") == 5
    assert "epoch.number == 8]" in code
    assert "near the page's" in code.splitlines()[0]
    assert all(f"network.vector[{value}]" in code for value in range(12))
    learner.close()


def test_a_change_before_the_first_epoch_has_ended_is_said():
    learner = learner_of()
    learner.take(1)
    learner.change_learning(learner.choices.changed({"rate": 0.5}))
    assert "near the page's" in python_code(learner)
    learner.close()


def test_a_change_of_learning_that_is_refused_changes_nothing():
    learner, other = learner_of(normalization="batch"), learner_of(normalization="batch")
    for one in (learner, other):
        take_epochs(one, 3)
    with pytest.raises(WrongChoice, match="at least 2 rows"):
        learner.change_learning(learner.choices.changed({"batch": 1, "optimizer": "sgd"}))
    for one in (learner, other):
        take_epochs(one, 3)
    assert np.array_equal(learner.network.vector, other.network.vector)
    assert (learner.epoch, len(learner.segments)) == (6, 1)
    other.close()
    assert_the_same(learner)


def test_a_table(tmp_path):
    material = Material.of_table(PENGUINS, "Species", test=0.25, seed=3)
    choices = Choices.of({"data": "table", "target": "Species", "test": 0.25, "seed": 3})
    learner = Learner(choices, material)
    assert learner.network.architecture.embeddings
    take_epochs(learner, 3)
    assert_the_same(learner, TableSource.of_file(str(PENGUINS)))


def test_the_table_that_comes_with_the_package():
    learner = Learner(Choices.of({"data": "table"}), Material.of_table(PENGUINS, "Sex"))
    take_epochs(learner, 2)
    assert_the_same(learner, EXAMPLE)


def test_a_table_of_a_number_and_some_columns():
    names = ("Flipper Length (mm)", "Species")
    material = Material.of_table(PENGUINS, "Body Mass (g)", inputs=names)
    choices = Choices.of(
        {"data": "table", "target": "Body Mass (g)", "inputs": "Flipper%20Length%20(mm),Species"}
    )
    learner = Learner(choices, material)
    take_epochs(learner, 3)
    assert_the_same(learner, TableSource.of_file(str(PENGUINS)))


def test_a_step_in_the_middle_of_an_epoch_is_said():
    learner = learner_of()
    take_epochs(learner, 2)
    before = learner.network.vector.copy()
    learner.take(1)
    code = python_code(learner)
    assert code.startswith("# The page is some steps further, in the middle of an epoch.")
    assert np.array_equal(run(code)[0].vector, before)
    learner.change_learning(learner.choices.changed({"rate": 0.5}))
    take_epochs(learner, 1)
    assert "near the page's" in python_code(learner)
    learner.close()


def test_files_are_what_their_names_say(tmp_path):
    learner = learner_of(data="hills")
    path = tmp_path / "network.layerwise"
    path.write_bytes(file_of(learner.network, learner.material, "layerwise"))
    loaded = load(path)
    assert isinstance(loaded, Network)
    assert np.array_equal(loaded.vector, learner.network.vector)
    svg = file_of(learner.network, learner.material, "svg").decode()
    assert "<svg" in svg
    assert "x1" in svg
    assert file_of(learner.network, learner.material, "png").startswith(b"\x89PNG")
    learner.close()


def test_files_of_a_table(tmp_path):
    material = Material.of_table(PENGUINS, "Species", inputs=("Body Mass (g)", "Island"))
    learner = Learner(Choices.of({"data": "table"}), material)
    assert b"<svg" in file_of(learner.network, learner.material, "svg")
    learner.close()


def test_a_table_that_was_read_as_the_command_was_told(tmp_path, monkeypatch):
    path = tmp_path / "sales.csv"
    path.write_text("x|kind|y\n" + "".join(f"{k},5|{'ab'[k % 2]}|{k % 3}\n" for k in range(40)))
    monkeypatch.chdir(tmp_path)
    reading = {"delimiter": "|", "keep_total": True}
    table = read_table("sales.csv", **reading).table
    learner = Learner(Choices.of({"data": "table"}), Material.of_table(table, "kind"))
    take_epochs(learner, 2)
    source = TableSource.of_file("sales.csv", reading)
    code = python_code(learner, source)
    assert "read_table('sales.csv', delimiter='|', keep_total=True).table" in code
    assert_the_same(learner, source)


def test_a_data_frame_is_to_be_given():
    table = read_table(PENGUINS).table
    learner = Learner(Choices.of({"data": "table"}), Material.of_table(table, "Sex"))
    code = python_code(learner, FRAME)
    assert code.startswith("# `table` stands for the data frame")
    network, _ = run(code, table=table)
    assert np.array_equal(network.vector, learner.network.vector)
    learner.close()


def test_a_password_is_not_in_the_code():
    source = TableSource.of_file("postgresql://me:s3cret@host/shop", {"table": "sales"})
    assert "s3cret" not in source.expression
    assert "postgresql://me@host/shop" in source.expression
