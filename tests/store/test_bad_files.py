"""Files that cannot be written, and files that are no models: one clear error each."""

import errno
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as safetensors_save

from layerwise import Network, TableClassifier
from layerwise.files.container import read_container, write_container
from layerwise.store import ModelFileError, load, save
from layerwise.store.onnx import export_onnx
from layerwise.store.weights import export_weights
from layerwise.training.checkpoint import Checkpoint, save_checkpoint
from tests.store.small_models import table_model

NET = Network("3-2-1", seed=0)


@pytest.fixture
def kept(tmp_path) -> Path:
    path = tmp_path / "houses.layerwise"
    save(NET, path)
    return path


@pytest.fixture(scope="module")
def payload(tmp_path_factory) -> bytes:
    """A saved model of a table."""
    path = tmp_path_factory.mktemp("saved") / "a"
    save(table_model("two"), path)
    return path.read_bytes()


# Written whole


@pytest.mark.parametrize("write", [save, export_onnx, export_weights])
@pytest.mark.parametrize("at", ["fsync", "replace", "open"])
def test_a_full_disk_leaves_the_old_file_and_says_so(kept, monkeypatch, at, write):
    old = kept.read_bytes()

    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os if at == "fsync" else Path, at, fail)
    with pytest.raises(ModelFileError) as caught:
        write(NET, kept)
    monkeypatch.undo()
    message = str(caught.value)
    assert message.startswith(f"cannot write {kept}: No space left on device.")
    assert "The file that was there is unchanged. Make room" in message
    assert kept.read_bytes() == old
    assert os.listdir(kept.parent) == [kept.name]


def test_ctrl_c_while_saving_leaves_the_old_file(kept, monkeypatch):
    old = kept.read_bytes()

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(NET, kept)
    assert kept.read_bytes() == old
    assert os.listdir(kept.parent) == [kept.name]


@pytest.mark.parametrize("write", [save, export_onnx, export_weights])
@pytest.mark.parametrize(
    ("name", "message"),
    [(".", "it is a folder; give the name of a file"), ("no/a", "there is no folder .*; make it")],
)
def test_a_place_that_cannot_be_written_is_told(tmp_path, name, message, write):
    with pytest.raises(ModelFileError, match=f"cannot write .*: {message}"):
        write(NET, tmp_path / name)


def test_a_folder_without_permission_is_told(tmp_path, monkeypatch):
    # As root every folder can be written to, so that the refusal is made up.
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelFileError, match=r"Permission denied\. .* can be written to"):
        save(NET, tmp_path / "a")


# Read


def test_every_byte_counts(kept):
    whole = kept.read_bytes()
    for place in range(len(whole)):
        for flip in (1, 0x80):
            altered = bytearray(whole)
            altered[place] ^= flip
            kept.write_bytes(altered)
            with pytest.raises(ModelFileError):
                load(kept)


@settings(max_examples=200)
@given(data=st.data())
def test_an_altered_file_is_refused(data, payload, tmp_path_factory):
    place = data.draw(st.integers(0, len(payload) - 1))
    altered = bytearray(payload)
    altered[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "altered"
    path.write_bytes(altered)
    try:
        content = read_container(path)
    except ModelFileError as error:
        assert str(path) in str(error)
    else:  # white space at the end of the header may be another
        assert bytes(altered).split() == payload.split()
        assert content[0]["kind"] == "TableClassifier"


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(payload, tmp_path, share):
    path = tmp_path / "cut"
    path.write_bytes(payload[: int(share * len(payload))])
    with pytest.raises(ModelFileError, match=r"cut is no model file, or is damaged .*wanted"):
        load(path)


def test_a_longer_file_is_refused(payload, tmp_path):
    path = tmp_path / "long"
    path.write_bytes(payload + b"more")
    with pytest.raises(ModelFileError, match="no model file, or is damaged"):
        load(path)


def foreign_files():
    return {
        "a table": b"rooms,price\n1,2\n",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "a pickle": pickle.dumps({"model": 1}),
        "JSON": b'{"layerwise_model": 1}',
        "arrays": safetensors_save({"a": np.zeros(3)}),
        "others' metadata": safetensors_save({"a": np.zeros(3)}, metadata={"format": "pt"}),
        "a list": safetensors_save({"a": np.zeros(3)}, metadata={"layerwise": "[1]"}),
        "no JSON": safetensors_save({"a": np.zeros(3)}, metadata={"layerwise": "{"}),
    }


@pytest.mark.parametrize("name", foreign_files())
def test_a_foreign_file_is_refused(name, tmp_path):
    path = tmp_path / "foreign"
    path.write_bytes(foreign_files()[name])
    with pytest.raises(ModelFileError, match=r"foreign .*no model.* a model file is wanted"):
        load(path)


def test_bare_weights_and_checkpoints_are_no_models(tmp_path):
    export_weights(NET, tmp_path / "weights")
    save_checkpoint(tmp_path / "checkpoint", Checkpoint({"a": np.zeros(2)}, {}))
    for name in ("weights", "checkpoint"):
        with pytest.raises(ModelFileError, match=f"{name} holds arrays, but no model"):
            load(tmp_path / name)


def test_an_empty_file_a_folder_and_a_missing_file_are_told(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(ModelFileError, match="empty is empty; a model file is wanted"):
        load(tmp_path / "empty")
    with pytest.raises(ModelFileError, match="is a folder; a model file is wanted"):
        load(tmp_path)
    with pytest.raises(ModelFileError, match="missing: No such file or directory; a model"):
        load(tmp_path / "missing")


def test_a_file_of_a_newer_version_is_told(kept, monkeypatch):
    monkeypatch.setattr("layerwise.files.container._VERSION", 7)
    monkeypatch.setattr("layerwise.files.container.__version__", "3.1.4")
    save(NET, kept)
    monkeypatch.undo()
    with pytest.raises(
        ModelFileError, match=r"newer Layerwise \(3\.1\.4, format 7; .* reads up to format 2\)"
    ):
        load(kept)


def test_an_unknown_kind_is_told(tmp_path):
    write_container(tmp_path / "a", {"kind": "TableRanker"}, {})
    with pytest.raises(ModelFileError, match="unknown kind, 'TableRanker'; known: Table"):
        load(tmp_path / "a")


@pytest.mark.parametrize("missing", ["task", "preparation", "ensemble", "fitted", "parameters"])
def test_a_file_that_lacks_something_is_told(payload, tmp_path, missing):
    path = tmp_path / "a"
    path.write_bytes(payload)
    facts, arrays = read_container(path)
    del facts[missing]
    write_container(path, facts, arrays)
    with pytest.raises(ModelFileError, match=f"not hold all of a TableClassifier .*'{missing}'"):
        load(path)


@pytest.mark.parametrize(
    ("template", "why"),
    [("{n} rows", "n is wanted in '{n} rows'"), ("{n", "expected '}'"), (None, "'template'")],
)
def test_a_sentence_that_cannot_be_said_again_is_told(payload, tmp_path, template, why):
    path = tmp_path / "a"
    path.write_bytes(payload)
    facts, arrays = read_container(path)
    sentence = {"said": "3 rows", "template": template, "values": {"dict": []}}
    facts["said"] = [{name: value for name, value in sentence.items() if value is not None}]
    write_container(path, facts, arrays)
    with pytest.raises(ModelFileError, match=f"not hold all of a TableClassifier .*{why}"):
        load(path)


@pytest.mark.parametrize("change", ["missing", "shape"])
def test_a_file_whose_arrays_do_not_fit_is_told(kept, change):
    facts, arrays = read_container(kept)
    weights = arrays.pop("hidden 1.weights")
    if change == "shape":
        arrays["hidden 1.weights"] = weights.T
    write_container(kept, facts, arrays)
    with pytest.raises(ModelFileError, match=r"'hidden 1.weights' of the shape \(3, 2\) is wanted"):
        load(kept)


def test_descriptions_too_long_for_the_format_are_refused(kept, monkeypatch):
    old = kept.read_bytes()
    monkeypatch.setattr("layerwise.files.container._MOST_TEXT", 100)
    with pytest.raises(ModelFileError, match=r"take [0-9]+ bytes, and 100 is the most"):
        save(NET, kept)
    assert kept.read_bytes() == old


def test_another_kind_than_is_wanted(tmp_path):
    path = tmp_path / "net.layerwise"
    save(Network("2-1", seed=0), path)
    assert isinstance(load(path, Network), Network)
    with pytest.raises(ModelFileError, match="holds a Network; a TableClassifier is wanted"):
        load(path, TableClassifier)
