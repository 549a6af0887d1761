"""Studies where processes can share nothing, or no file can be made."""

import multiprocessing
import os
import tempfile

import numpy as np
import pytest

from layerwise import DepthStudy
from layerwise.study.backends import Backend
from layerwise.study.results import StudyError


def own_process(argument):
    return os.getpid()


def test_without_semaphores_one_process_does_it_all(monkeypatch):
    def refuse():
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(multiprocessing, "Semaphore", refuse)
    with (
        pytest.warns(UserWarning, match="runs in one process"),
        Backend(n_workers=2).started() as call,
    ):
        assert call(own_process, None) == os.getpid()


@pytest.mark.filterwarnings("error")
def test_with_them_nothing_is_said():
    with Backend(n_workers=2).started():
        pass


def test_without_a_temporary_folder_the_database_is_to_be_named(monkeypatch):
    def no_folder(*arguments, **options):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", no_folder)
    study = DepthStudy(depth=[0], width=[4], activation=["relu"], seeds=1, epochs=1, workers=1)
    with pytest.raises(StudyError, match="name a file as database, or set TMPDIR"):
        study.fit(np.arange(40.0).reshape(20, 2), [0, 1] * 10)
