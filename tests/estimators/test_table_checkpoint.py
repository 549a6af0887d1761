"""A fit of a table that was cut off goes on where it was; a fitted model goes on with new rows."""

import copy

import numpy as np
import pytest

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.ensemble_checkpoint import EnsembleCheckpoint, trained_files
from layerwise.tables.errors import TableError
from tests.helpers.forks import killed_in, needs_fork

SETTINGS = {"epochs": 4, "hidden": (8,), "n_folds": 3, "n_repeats": 1, "random_state": 0}


def a_table(n=120, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    city = random.choice(["Ulm", "Bonn", "Kiel"], n)
    y = np.where(x + (city == "Ulm") + 0.3 * random.normal(size=n) > 0, "yes", "no")
    return {"x": x, "city": city, "price": 2 * x + random.normal(size=n), "let": y}


class Cut(Exception):
    pass


def cut_off(network, n_networks, epoch, most):
    if network == 1 and epoch.number == 2:
        raise Cut


@pytest.mark.parametrize("long_epochs", [False, True])
@pytest.mark.parametrize(
    "model", [TableClassifier(**SETTINGS), TableRegressor(intervals=0.8, **SETTINGS)], ids=repr
)
def test_a_fit_that_was_cut_off_ends_with_the_same_bits(model, long_epochs, tmp_path, monkeypatch):
    if long_epochs:
        monkeypatch.setattr("layerwise.ensemble.ensemble_checkpoint._LONG_EPOCH_ROWS", 10)
    target = "let" if isinstance(model, TableClassifier) else "price"
    table = a_table()
    whole = model.fit(table, target=target)
    outputs = whole.prepare(table)
    expected = whole.outputs(outputs.x, outputs.codes)
    folder = tmp_path / "kept"
    model.set_params(checkpoint=folder, on_epoch=cut_off, n_threads=1)
    with pytest.raises(Cut):
        model.fit(table, target=target)
    assert (folder / "mean" / "network-0.trained").exists()
    seen = []
    model.set_params(on_epoch=lambda number, *_: seen.append(number))
    model.fit(table, target=target)
    if not isinstance(model, TableRegressor):
        assert 0 not in seen  # it was kept
    assert np.array_equal(model.outputs(outputs.x, outputs.codes), expected)
    assert not folder.exists()


def test_a_checkpoint_of_another_table_is_refused(tmp_path):
    model = TableClassifier(checkpoint=tmp_path / "kept", on_epoch=cut_off, n_threads=1, **SETTINGS)
    with pytest.raises(Cut):
        model.fit(a_table(), target="let")
    model.set_params(on_epoch=None)
    with pytest.raises(ValueError, match=r"another table or with other settings \(rows\); give"):
        model.fit(a_table(seed=1), target="let")
    model.set_params(learning_rate=0.1, epochs=5)
    with pytest.raises(ValueError, match=r"settings \(learning_rate, epochs\); give"):
        model.fit(a_table(), target="let")


@pytest.mark.parametrize(("first", "then"), [(0.8, 0.7), (0.8, None), (None, 0.8)])
def test_a_checkpoint_of_other_intervals_is_refused(first, then, tmp_path):
    settings = {"checkpoint": tmp_path / "kept", "n_threads": 1, **SETTINGS}
    model = TableRegressor(intervals=first, on_epoch=cut_off, **settings)
    with pytest.raises(Cut):
        model.fit(a_table(), target="price")
    with pytest.raises(ValueError, match=r"other settings \(intervals\); give"):
        model.set_params(intervals=then).fit(a_table(), target="price")


def test_a_model_that_goes_on_is_part_of_what_a_checkpoint_is_of(tmp_path):
    settings = SETTINGS | {"n_threads": 1}
    mine, another = (
        TableClassifier(**settings | {"epochs": n}).fit(a_table(), target="let") for n in (1, 2)
    )
    mine.set_params(epochs=4)
    another.set_params(epochs=4)
    whole = copy.deepcopy(mine).partial_fit(a_table(seed=1), target="let")
    cut = copy.deepcopy(mine).set_params(checkpoint=tmp_path / "kept", on_epoch=cut_off)
    with pytest.raises(Cut):
        cut.partial_fit(a_table(seed=1), target="let")
    another.set_params(checkpoint=tmp_path / "kept")
    with pytest.raises(ValueError, match=r"other settings \(the model that goes on\)"):
        another.partial_fit(a_table(seed=1), target="let")
    mine.set_params(checkpoint=tmp_path / "kept")
    mine._ends_checkpoint = False
    mine.partial_fit(a_table(seed=1), target="let")
    assert np.array_equal(mine.predict_proba(a_table()), whole.predict_proba(a_table()))


def test_a_full_disk_does_not_end_the_training(tmp_path, monkeypatch):
    def full(path, checkpoint):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("layerwise.ensemble.ensemble_checkpoint.save_checkpoint", full)
    model = TableClassifier(checkpoint=tmp_path / "kept", **SETTINGS)
    with pytest.warns(UserWarning, match="No space left on device; training goes on without it"):
        model.fit(a_table(), target="let")
    assert len(model.networks_) == 3


@needs_fork
def test_killed_and_gone_on_with(tmp_path):
    folder = tmp_path / "kept"
    settings = SETTINGS | {"epochs": 40, "n_repeats": 4}
    table = a_table(400)

    def train(wait):
        save = EnsembleCheckpoint.save

        def save_and_wait(*arguments):
            save(*arguments)
            wait()

        EnsembleCheckpoint.save = save_and_wait  # of this process alone
        TableClassifier(checkpoint=folder, n_threads=1, **settings).fit(table, target="let")

    killed_in(train)
    assert len(list(folder.glob("mean/*.trained"))) == 1
    whole = TableClassifier(**settings).fit(table, target="let")
    again = TableClassifier(checkpoint=folder, **settings).fit(table, target="let")
    assert np.array_equal(whole.predict_proba(table), again.predict_proba(table))


class TestPartialFit:
    def test_new_rows_are_learned_from(self):
        model = TableRegressor(**SETTINGS | {"epochs": 30}).fit(a_table(), target="price")
        new = a_table(400, seed=1)
        new["price"] = new["price"] + 5.0
        before = np.mean((model.predict(new) - new["price"]) ** 2)
        model.partial_fit(new, target="price")
        assert np.mean((model.predict(new) - new["price"]) ** 2) < 0.5 * before

    def test_it_begins_where_there_is_no_model(self):
        model = TableClassifier(**SETTINGS).partial_fit(a_table(), target="let")
        other = TableClassifier(**SETTINGS).fit(a_table(), target="let")
        assert np.array_equal(model.predict_proba(a_table()), other.predict_proba(a_table()))

    def test_a_new_class_is_refused_and_the_model_left_as_it_was(self):
        table = a_table()
        model = TableClassifier(**SETTINGS).fit(table, target="let")
        before = model.predict_proba(table)
        new = a_table(seed=1)
        new["let"] = new["let"].astype(object)
        new["let"][:3] = "perhaps"
        with pytest.raises(TableError, match="perhaps"):
            model.partial_fit(new, target="let")
        assert np.array_equal(model.predict_proba(table), before)


def test_only_what_a_training_wrote_is_removed(tmp_path):
    folder = tmp_path / "mine"
    own = {
        "notes.txt": "mine",
        "mean/notes.txt": "mine",
        "mean/network-7.trained": "a file of the same name",
        "low/training.json": "{}",
        "data/a.csv": "x\n1\n",
        "start.layerwise": "a file of the same name",
    }
    for name, text in own.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    outside = tmp_path / "outside.trained"
    outside.write_text("elsewhere")
    (folder / "mean" / "network-8.trained").symlink_to(outside)
    model = TableClassifier(checkpoint=folder, on_epoch=cut_off, n_threads=1, **SETTINGS)
    with pytest.raises(Cut):
        model.fit(a_table(), target="let")
    trained = [file.name for file in trained_files(folder)]
    assert trained[-1] == "training.json"  # without it, whose the networks are cannot be told
    assert "network-0.trained" in trained
    assert "network-7.trained" not in trained
    # As a process that is killed while it writes leaves them.
    half = (folder / "mean" / "network-0.trained").read_bytes()[:100]
    (folder / "mean" / ".network-1.trained.0a1b2c3d.part").write_bytes(half)
    (folder / "mean" / ".network-2.trained.0a1b2c3d.part").write_bytes(b"")
    model.set_params(on_epoch=None)
    model.fit(a_table(), target="let")
    left = {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    }
    assert left == own
    assert outside.read_text() == "elsewhere"


def test_a_file_of_the_same_name_is_not_taken_for_a_training(tmp_path):
    folder = tmp_path / "mean"
    folder.mkdir()
    (folder / "training.json").write_text('{"mine": 1}')
    with pytest.raises(ValueError, match="was not written by a training of Layerwise; name"):
        TableClassifier(checkpoint=tmp_path, **SETTINGS).fit(a_table(), target="let")
    assert (folder / "training.json").read_text() == '{"mine": 1}'
