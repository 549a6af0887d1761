"""The live line of a training: which share is done, whatever the threads."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from layerwise.ensemble.live_training import LiveTraining
from layerwise.training import progress
from layerwise.training.progress import LINES, TERMINAL, SpacedLines


def epoch(number, score=0.75):
    return SimpleNamespace(number=number, loss=0.5, validation_score=score)


def in_a_thread(*calls):
    """Call all in one other thread."""
    thread = threading.Thread(target=lambda: [call() for call in calls])
    thread.start()
    thread.join()


def test_hidden_it_is_silent(capsys):
    with LiveTraining("") as live:
        live(0, 2, epoch(1), 10)
        live.say("testing")
    assert capsys.readouterr() == ("", "")


def test_what_stays_says_what_was_trained(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with LiveTraining(LINES, stays=True) as live:
        now[0] += 83.4
        for number in (0, 1, 0, 1, 2):  # the last three in another round
            live(number, 3, epoch(1), 10)
    assert capsys.readouterr().err == "layerwise: training: 5 networks; took 1 min 23 s\n"


def test_lines_without_a_terminal_come_ever_more_rarely(capsys, monkeypatch):
    now = 0.0
    lines = SpacedLines(lambda: now)
    monkeypatch.setattr("layerwise.training.progress.SpacedLines", lambda: lines)
    with LiveTraining(LINES) as live:
        times = []
        for second in range(20_000):
            now = float(second)
            live(0, 2, epoch(1 + second), 100_000)
            if capsys.readouterr().err == (
                f"layerwise: training: network 1 of 2, epoch {1 + second}, loss 0.5000, "
                "held-out score 0.7500\n"
            ):
                times.append(second)
    gaps = np.diff([0, *times])
    assert (gaps[0], gaps[-1] > 1_000, len(gaps) < 60) == (30, True, True)


def test_networks_count_by_their_epochs():
    with LiveTraining(TERMINAL) as live:
        live(0, 4, epoch(5), 10)
        task = live._progress.tasks[0]
        assert (task.completed, task.total) == (0.5, 4)
        in_a_thread(lambda: live(1, 4, epoch(10), 100))
        assert task.completed == (5 + 10) / 40
        live(0, 4, epoch(20), 100)
        live(2, 4, epoch(1), 100)  # in the thread of the first, which has ended after 20 epochs
        assert task.completed == 1 + 10 / 20 + 1 / 20
        live.score = "accuracy"
        live(2, 4, epoch(2), 100)
        assert task.fields["numbers"] == (
            "network 3 of 4, epoch 2, loss 0.5000, held-out accuracy 0.7500"
        )
        live.say("testing")
        (task,) = live._progress.tasks
        assert (task.description, task.total) == ("testing", None)


def test_more_threads_than_two_are_not_taken_for_networks_that_have_ended():
    with LiveTraining(TERMINAL) as live:
        barrier, lock = threading.Barrier(8), threading.Lock()

        def train(number):
            barrier.wait()
            with lock:  # as it is told
                live(number, 8, epoch(1), 100)
            barrier.wait()

        threads = [threading.Thread(target=train, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert live._progress.tasks[0].completed == pytest.approx(8 / 40)


def test_another_round_of_networks_begins_at_nothing():
    with LiveTraining(TERMINAL) as live:
        for number in range(3):
            live(number, 3, epoch(7), 10)
        live(0, 2, epoch(1), 10)
        task = live._progress.tasks[0]
        assert (task.completed, task.total) == (0.1, 2)
        assert task.fields["numbers"].startswith("network 1 of 2 (round 2), epoch 1")
        live(0, 2, epoch(1), 1)  # of one epoch each
        assert task.fields["numbers"].startswith("network 1 of 2 (round 3), epoch 1")
