"""Confusion matrices: counts, shares, labels that stay apart, and targets that do not fit."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from layerwise.draw import draw_confusion
from layerwise.draw.theme import THEMES, new_figure
from tests.helpers.pictures import SEEN_IN


def sample(n_classes, n=400, seed=0):
    random = np.random.default_rng(seed)
    true = random.integers(0, n_classes, n)
    return true, np.where(random.random(n) < 0.8, true, random.integers(0, n_classes, n))


def counts_in(ax, k):
    """The counts written in the cells, as a matrix."""
    counts = np.zeros((k, k), int)
    for text in ax.texts:
        x, y = text.get_position()
        if float(x).is_integer() and float(y).is_integer():
            counts[int(y), int(x)] = int(text.get_text().replace(",", ""))
    return counts


@pytest.mark.parametrize("k", [1, 2, 3, 10, 25])
def test_every_cell_holds_its_count(k):
    true, predicted = sample(k)
    naive = np.array([[np.sum((true == i) & (predicted == j)) for j in range(k)] for i in range(k)])
    ax = draw_confusion(true, predicted, range(k)).axes[0]
    np.testing.assert_array_equal(counts_in(ax, k), naive)
    assert ax.get_title(loc="left").startswith(f"{np.trace(naive)} of 400 right")


def test_a_class_without_rows_says_so():
    ax = draw_confusion([0, 0], [0, 2], ["a", "b", "c"]).axes[0]
    assert [text.get_text() for text in ax.texts[2:]] == ["50 %", "no rows", "no rows", "right"]


@pytest.mark.parametrize("theme", SEEN_IN)
@pytest.mark.parametrize(
    "names",
    [
        ["Adelie", "Chinstrap", "Gentoo"],
        ["no", "yes"],
        [str(i) for i in range(10)],
        [f"a rather long class name {i}" for i in range(6)],
        [f"class {i}" for i in range(40)],
        ["제주특별자치도", "서울특별시", "부산광역시", "강원특별자치도", "인천광역시"],
        [f"{'a class whose name fills a line of text by itself ' * 3}{i}" for i in range(3)],
        [f"a rather long class name {i}" for i in range(100)],
    ],
    ids=["short", "two", "digits", "long", "many", "korean", "longer than all", "hundred"],
)
def test_no_two_labels_overlap(names, theme):
    figure = draw_confusion(*sample(len(names), 4000), names, theme=theme)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        upright = all(label.get_rotation() == 0 for label in labels)
        boxes = [label.get_window_extent() for label in labels]
        if upright:
            assert not any(a.overlaps(b) for a, b in pairwise(boxes))
        else:  # slanted: each needs its own height between one cell and the next
            height = labels[0].get_fontsize() * figure.dpi / 72
            cell = ax.get_window_extent().width / len(names)
            assert cell * np.sin(np.pi / 4) > height
    page = figure.bbox
    for text in [*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label]:
        box = text.get_window_extent()
        assert page.x0 <= box.x0 <= box.x1 <= page.x1
        assert page.y0 <= box.y0 <= box.y1 <= page.y1


def test_the_counts_stand_out_from_their_cells():
    for theme in THEMES:
        ax = draw_confusion(*sample(6), range(6), theme=theme).axes[0]
        image = ax.images[0].get_array()
        for text in ax.texts:
            x, y = text.get_position()
            if float(x).is_integer() and float(y).is_integer():
                ink = 0.0 if text.get_color() == "#000000" else 1.0
                assert contrast(image[int(y), int(x)], np.full(3, ink)) > 4.5


def contrast(a, b):
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(rgb):
        rgb = np.asarray(rgb)
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_it_draws_where_it_is_told():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert draw_confusion([0, 1], [0, 1], "ab", left) is figure
    assert left.images
    assert not right.images


@pytest.mark.parametrize(
    ("true", "predicted", "said"),
    [
        ([], [], "holds no rows"),
        ([0, 1], [0], r"got \(2,\) and \(1,\)"),
        ([[0], [1]], [[0], [1]], "one shape"),
        ([0, 3], [0, 1], r"y_true must hold class numbers 0\.\.2"),
        ([0, 1], [0, -1], r"y_pred must hold class numbers 0\.\.2"),
        (["a", "b"], [0, 1], "y_true must hold class numbers"),
        ([0, 1], [0.5, 1.0], "y_pred must hold class numbers"),
        ([0.0, np.nan], [0, 1], "y_true must hold class numbers"),
    ],
)
def test_what_does_not_fit_is_said(true, predicted, said):
    with pytest.raises(ValueError, match=said):
        draw_confusion(true, predicted, ["a", "b", "c"])


def test_new_figures_are_not_kept():
    import gc
    import weakref

    seen = weakref.ref(new_figure(2, 2))
    gc.collect()
    assert seen() is None


def test_long_names_leave_the_cells_their_room():
    names = [f"{'a class whose name fills a line of text by itself ' * 3}{i}" for i in range(3)]
    figure = draw_confusion(*sample(3, 100), names)
    figure.draw_without_rendering()
    assert figure.axes[0].get_window_extent().width > 0.25 * figure.bbox.width
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(set(shown)) == 3
