"""Pictures of a history: what is in them, in both themes, and with nothing to draw."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from layerwise.draw import draw_history, draw_training
from layerwise.training import Epoch, History
from layerwise.training.history import LayerStatistics
from tests.helpers.other_python import run_python
from tests.helpers.pictures import SEEN_IN, assert_drawn, pixels


def history(n, *, held_out=True, best=None, scale=1.0):
    made = History(best_epoch=best, stopped="epochs")
    for i in range(1, n + 1):
        validation = scale * (1 / i + 0.1) if held_out else None
        made.append(Epoch(i, scale / i, 0.001 / i, 0.1 * i, validation_loss=validation))
    return made


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("theme", SEEN_IN)
@pytest.mark.parametrize("n", [1, 2, 500])
@pytest.mark.parametrize("learning_rate", [False, True])
def test_it_is_drawn_on_a_background_of_its_own(theme, n, learning_rate):
    figure = draw_history(history(n, best=n), learning_rate=learning_rate, theme=theme)
    assert_drawn(figure, theme)


def test_the_lines_hold_the_losses():
    made = history(20, best=20)
    ax = draw_history(made).axes[0]
    training, held_out = ax.lines[:2]
    np.testing.assert_array_equal(training.get_xydata().T, [made["number"], made["loss"]])
    np.testing.assert_array_equal(held_out.get_ydata(), made["validation_loss"])
    assert legend(ax) == ["training", "held out", "kept: epoch 20, held-out loss 0.15"]


def test_without_held_out_rows_nothing_is_marked():
    assert legend(draw_history(history(5, held_out=False)).axes[0]) == ["training"]


def test_a_second_panel_holds_the_learning_rate():
    made = history(5)
    above, below = draw_history(made, learning_rate=True).axes
    np.testing.assert_array_equal(below.lines[0].get_ydata(), made["learning_rate"])
    assert (above.get_xlabel(), below.get_xlabel()) == ("", "epoch")


@pytest.mark.parametrize(
    ("made", "scale"),
    [(history(100), "log"), (history(5), "linear"), (history(100, scale=-1.0), "linear")],
)
def test_losses_far_apart_are_drawn_on_a_logarithmic_axis(made, scale):
    ax = draw_history(made).axes[0]
    assert ax.get_yscale() == scale
    assert ("log scale" in ax.get_ylabel()) == (scale == "log")


def test_a_history_gone_on_with_keeps_its_numbers():
    made = History(best_epoch=2)
    made.append(Epoch(1, 0.5, 0.1, 1.0, validation_loss=0.4))
    made.append(Epoch(2, 0.4, 0.1, 2.0, validation_loss=0.3))
    again = History.from_json(made.to_json())
    assert legend(draw_history(again).axes[0])[-1] == "kept: epoch 2, held-out loss 0.3"


def test_it_draws_where_it_is_told():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert draw_history(history(5), right) is figure
    assert not left.lines
    assert right.lines


def test_the_scale_of_many_layers_has_plain_numbers():
    made = History(stopped="epochs")
    for i in range(1, 4):
        lengths = [10.0**-layer for layer in range(12)]
        layers = LayerStatistics(lengths, [0.1] * 12, [0.5] * 12)
        made.append(Epoch(i, 1 / i, 0.001, 0.1 * i, layers=layers))
    figure = draw_training(made)
    pixels(figure)
    ticks = [tick.get_text() for ax in figure.axes for tick in ax.get_yticklabels()]
    assert "1e-04" in ticks
    assert not [tick for tick in ticks if "$" in tick]


@pytest.mark.slow
def test_no_pyplot():
    script = (
        "import sys, layerwise.draw as d; assert 'matplotlib' not in sys.modules\n"
        "d.draw_confusion([0, 1], [0, 1], 'ab'); assert 'matplotlib.pyplot' not in sys.modules"
    )
    run_python("-c", script)


def test_mistakes():
    with pytest.raises(ValueError, match="holds no epoch yet"):
        draw_history(History())
    with pytest.raises(ValueError, match="unknown theme 'drak'; did you mean 'dark'"):
        draw_history(history(3), theme="drak")
    with pytest.raises(ValueError, match="leave out ax"):
        draw_history(history(3), Figure().subplots(), learning_rate=True)
