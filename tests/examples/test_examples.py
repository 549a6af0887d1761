"""The lessons under examples/: each runs at smoke size, and what it claims holds in its numbers."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from layerwise import Architecture, Network
from layerwise.draw.theme import THEMES

EXAMPLES = Path(__file__).parents[2] / "examples"
LESSONS = ("xor_and_circles", "depth_separation", "vanishing_gradients", "degradation")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _examples_can_be_imported():
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What each lesson found at smoke size, and the folder of its pictures."""
    folder = tmp_path_factory.mktemp("output")
    results = {}

    def find(name):
        if name not in results:
            lesson = import_module(name)
            run = lesson.run(quick=True)
            shown = run if isinstance(run, tuple) else (run,)
            lesson.save(lesson.draw, *shown, name=name, output=folder)
            results[name] = run
        return results[name]

    find.folder = folder
    return find


@pytest.mark.parametrize("name", LESSONS)
def test_pictures_are_drawn_on_both_grounds(found, name):
    found(name)
    corners = set()
    for theme, colors in THEMES.items():
        image = imread(found.folder / f"{name}-{theme}.png")
        ground = [int(colors.background[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        np.testing.assert_allclose(image[0, 0, :3], ground, atol=1 / 255)
        corners.add(tuple(image[0, 0]))
        assert (np.abs(image - image[0, 0]).max(axis=2) > 0.3).mean() > 0.01
    assert len(corners) == len(THEMES)


def test_a_lesson_is_a_command_of_its_own(tmp_path):
    command = [sys.executable, EXAMPLES / "xor_and_circles.py", "--quick", "--output", tmp_path]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert "the best has 74.9 % of 4,000 rows right" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "xor_and_circles-dark.png",
        "xor_and_circles-light.png",
    ]


def test_one_line_cannot_and_a_hidden_layer_can(found):
    for table, most in (("XOR", 0.75), ("circles", 0.7)):
        line, results = found("xor_and_circles")[table]
        by_nodes = {result.nodes: result for result in results}
        assert line <= most
        assert by_nodes[0].right.max() <= line + 1e-12
        assert by_nodes[8].right.min() > 0.98


def test_the_best_line_is_found_by_trying():
    lesson = import_module("xor_and_circles")
    x = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
    assert lesson.best_line(x, np.array([0, 1, 1, 0])) == 0.75
    assert lesson.best_line(x, np.array([0, 1, 1, 1])) == 1.0


def test_pieces_counted_are_two_to_the_depth(found):
    counted, _ = found("depth_separation")
    for c in counted:
        assert c.deep == 2**c.depth
        assert c.parameters == 6 * c.depth + 1
        assert c.same_size == 2 * c.depth + 1


def test_the_construction_is_the_sawtooth():
    lesson = import_module("depth_separation")
    x = np.linspace(0, 1, 999)
    for depth in (1, 3, 7):
        made = lesson.deep_sawtooth(depth)(x[:, None])[:, 0]
        np.testing.assert_allclose(made, lesson.sawtooth(x, depth), atol=1e-12)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(0, 99))
def test_pieces_are_those_that_a_fine_grid_sees(sizes, seed):
    count_pieces = import_module("depth_separation").count_pieces
    random = np.random.default_rng(seed)
    net = Network(Architecture([1, *sizes, 1]), dtype="float64")
    # Kinks at some of the multiples of 1/8, so that a grid can hold every one of the first layer.
    net.vector[:] = random.integers(-3, 4, net.vector.shape) / 2.0
    x = np.linspace(-2, 2, 20_001)
    slopes = np.diff(net(x[:, None])[:, 0]) / np.diff(x)
    # A kink between two points of the grid gives one slope in between: two changes next to it.
    changes = np.flatnonzero(np.abs(np.diff(slopes)) > 1e-6)
    kinks = (np.diff(changes, prepend=-9) > 1).sum()
    assert count_pieces(net, -2, 2) == 1 + kinks


def test_training_learns_few_teeth_and_not_many(found):
    _, learned = found("depth_separation")
    by_name = {(r.name, r.depth): r for r in learned}
    assert by_name["1 x 64", 2].error.min() < 0.1
    assert by_name["3 x 8", 4].error.min() > 0.2
    assert all(r.error.max() < 0.3 for r in learned)  # no worse than learning nothing


def test_gradients_vanish_in_sigmoid_networks_alone(found):
    sizes, learned = found("vanishing_gradients")
    span = {kind: size[:-1].max() / size[:-1].min() for kind, size in sizes.items()}
    assert span["sigmoid", "glorot_uniform"] > 1e12
    assert span["tanh", "glorot_uniform"] < 10
    assert span["relu", "he_normal"] < 10
    assert sizes["relu", "glorot_normal"].max() < 1e-3 * sizes["relu", "he_normal"].min()
    right = {(r.kind[0], r.kind[1], r.depth): r.right.mean() for r in learned}
    assert right["sigmoid", "glorot_uniform", 1] > 0.8
    assert right["sigmoid", "glorot_uniform", 10] < 0.2
    assert right["relu", "he_normal", 10] > 0.85


def test_plain_networks_degrade_and_residual_ones_do_not(found):
    errors = {(r.residual, r.depth): r.last.mean() for r in found("degradation")}
    assert errors[False, 56] > errors[False, 20] + 0.2
    assert errors[True, 56] < 0.05
    assert errors[True, 20] < 0.05
