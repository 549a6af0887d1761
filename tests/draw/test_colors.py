"""Colours that carry meaning stand out from their ground, and from each other for everyone."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from layerwise.draw.panels import class_colors, layer_colors
from layerwise.draw.theme import THEMES

# How colours look to people without one of the three kinds of cones (Machado et al. 2009).
SEEN = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07217], [0.01933, 0.11919, 0.9503]]


def linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(color, ground):
    """The ratio of WCAG 2.2; graphics need 3."""
    darker, lighter = sorted(float(TO_XYZ[1] @ linear(each)) + 0.05 for each in (color, ground))
    return lighter / darker


def lab(color, seen):
    """Its place in CIELAB, where a step of about 2 is just seen."""
    xyz = TO_XYZ @ np.clip(seen @ linear(color), 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("seen", SEEN)
def test_curves_and_classes_are_told_apart(name, seen):
    theme = THEMES[name]
    for colors in (theme.palette, class_colors(theme, 6)):
        places = [lab(color, np.array(SEEN[seen])) for color in colors]
        least = min(np.linalg.norm(a - b) for a, b in combinations(places, 2))
        assert least > 10


@pytest.mark.parametrize("name", THEMES)
def test_they_stand_out_from_their_ground(name):
    theme = THEMES[name]
    for n in (2, 5, 8):
        for color in (*theme.palette, *class_colors(theme, 7), *layer_colors(theme, n)):
            assert contrast(color, theme.background) >= 3
    assert contrast(theme.text, theme.background) > 10


def test_seventh_classes_are_grey():
    assert len(set(class_colors(THEMES["light"], 7))) == 7
    assert len(set(class_colors(THEMES["light"], 26))) == 7
