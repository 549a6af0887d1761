"""The live line of counted steps."""

from layerwise.cli.live import live_steps


def test_hidden_it_is_silent(capsys):
    with live_steps("shuffling", shown=False) as show:
        show(1, 2)
    assert capsys.readouterr() == ("", "")


def test_it_counts_and_goes_to_standard_error(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    with live_steps("shuffling", shown=True) as show:
        show(1, 4)
        show(2, 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert "shuffling" in err
    assert "2/4" in err


def test_nothing_to_do_shows_nothing(capsys):
    with live_steps("shuffling", shown=True):
        pass
    assert capsys.readouterr() == ("", "")
