"""What tests of pictures share: their pixels, their texts, small models."""

import numpy as np
import pytest
from matplotlib.text import Text

from layerwise import Adam, Network, Trainer
from layerwise.draw.theme import THEMES

KOREAN = "부리 길이 (mm)"
# Every theme, in the long run: what a picture shows and where does not depend on it.
SEEN_IN = [
    pytest.param(theme, marks=[] if theme == "light" else pytest.mark.slow) for theme in THEMES
]


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()) / np.float32(255)


def assert_drawn(figure, theme):
    """The picture stands on its theme's own ground, and something is on it."""
    image = pixels(figure)
    ground = [int(THEMES[theme].background[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    for corner in (image[0, 0], image[-1, 0], image[-1, -1]):
        np.testing.assert_allclose(corner, [*ground, 1], atol=1 / 255 + 1e-6)
    assert (np.abs(image - image[0, 0]).max(axis=2) > 0.3).mean() > 0.005


def assert_texts_apart(figure, beyond=1, over=(1, 2)):
    """No two texts cover each other, and none leaves the picture, but for so many pixels."""
    if figure.stale:  # its texts have found their places where it was drawn already
        figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    hidden = _labels_outside(figure)
    texts = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]
    assert texts
    boxes = [text.get_window_extent(renderer) for text in texts]
    lower, upper = (np.array([getattr(box, end) for box in boxes]) for end in ("min", "max"))
    outside = (lower < figure.bbox.min - beyond) | (upper > figure.bbox.max + beyond)
    said = [text.get_text() for text in texts]
    assert not outside.any(), [said[i] for i in np.flatnonzero(outside.any(axis=1))]
    shared = np.minimum(upper[:, None], upper) - np.maximum(lower[:, None], lower)
    covered = np.argwhere(np.triu((shared > over).all(axis=2), k=1))
    assert not len(covered), [(said[i], said[j]) for i, j in covered]


def _labels_outside(figure):
    """Labels of ticks beyond the ends of their axes, which are not drawn."""
    hidden = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not low <= tick.get_loc() <= high:
                    hidden |= {tick.label1, tick.label2}
    return hidden


def xor(n=60, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (n, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def trained(text="2-6-1:sigmoid", epochs=40):
    x, y = xor()
    net = Network(text, seed=0)
    history = Trainer(epochs=epochs, optimizer=Adam(learning_rate=0.03), seed=0).fit(net, x, y)
    return net, history
