"""The live line of counted steps."""

from layerwise.cli.live_steps import LiveSteps


def test_hidden_it_is_silent(capsys):
    with LiveSteps("shuffling", shown=False) as live:
        live(1, 2)
    assert capsys.readouterr() == ("", "")


def test_it_counts_and_goes_to_standard_error(capsys):
    with LiveSteps("shuffling", shown=True) as live:
        live(1, 4)
        (task,) = live._progress.tasks
        assert (task.description, task.completed, task.total) == ("shuffling", 1, 4)
        live(2, 4)
        assert task.completed == 2
    assert capsys.readouterr().out == ""


def test_nothing_to_do_shows_nothing(capsys):
    with LiveSteps("shuffling", shown=True):
        pass
    assert capsys.readouterr() == ("", "")
