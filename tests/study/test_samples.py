"""Samples of the rows of a fold: nested, classes as they are, groups whole, no row held out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.study.results import StudyError
from layerwise.study.samples import sample_of, shares_for


@settings(max_examples=25)
@given(
    n=st.integers(40, 200),
    n_classes=st.integers(1, 4),
    n_groups=st.integers(0, 30),
    seed=st.integers(0, 9),
    shares=st.lists(st.floats(0.02, 1.0), min_size=2, max_size=5).map(sorted),
)
def test_a_larger_sample_holds_the_smaller_ones(n, n_classes, n_groups, seed, shares):
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(10 * n, n, replace=False))
    classes = random.integers(n_classes, size=n)
    groups = random.integers(n_groups, size=n) if n_groups else None
    of_rows = dict(zip(rows.tolist(), range(n), strict=True))
    smaller = np.array([], np.int64)
    for share in shares:
        sample = sample_of(rows, share, seed, classes=classes, groups=groups)
        assert (np.diff(sample) > 0).all()
        assert np.isin(smaller, sample).all()
        assert np.isin(sample, rows).all()
        places = [of_rows[row] for row in sample.tolist()]
        if groups is not None:
            assert np.isin(groups, groups[places]).sum() == len(sample)  # none is parted
        else:
            assert len(sample) == max(1, round(share * n))
            counts = np.bincount(classes[places], minlength=n_classes)
            whole = np.bincount(classes, minlength=n_classes)
            assert np.abs(counts - share * whole).max() <= 2
        smaller = sample
    assert (sample_of(rows, 1.0, seed) == rows).all()


@pytest.mark.parametrize("with_groups", [False, True])
def test_no_row_held_out_is_in_a_sample(small, rows, with_groups):
    groups = np.arange(120) // 3 if with_groups else None
    table = small().rows(*rows, groups=groups)
    for held_out in table.splits(3, 2, 0).values():
        for share in (0.1, 0.5, 1.0):
            sample = table.training_rows(held_out, 0, share)
            assert not np.isin(sample, held_out).any()
            if with_groups:
                assert not np.isin(table.groups[sample], table.groups[held_out]).any()
        fold = table.fold(held_out, 0, share=0.5)
        assert len(fold.problem) == len(table.training_rows(held_out, 0, 0.5))
        assert (fold.y_test == table.y[held_out]).all()  # the same at every size


def test_folds_draw_otherwise(small, rows):
    table = small().rows(*rows)
    one, other, _ = (table.training_rows(h, 0, 0.3) for h in table.splits(3, 1, 0).values())
    assert np.isin(one, other).mean() < 0.5  # by chance 0.3 of the half that both may draw from


def test_sizes_are_as_far_apart_as_there_are_rows_for():
    assert shares_for(32_000, 0, None) == tuple(0.5**k for k in range(5, -1, -1))
    shares = shares_for(400, 26, None)
    assert shares[0] * 400 == pytest.approx(78, abs=0.01)  # three rows of each class
    assert len(shares) == 6
    by_groups = shares_for(32_000, 0, 25)
    assert by_groups[0] == 0.2


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ((119, 2, None), "begin with 30 rows and need at least 120 to train on.*trains on 119"),
        ((311, 26, None), "begin with 78 rows of 26 classes and need at least 312"),
        ((5_000, 2, 19), "whole groups and need at least 20 to train on.*trains on 19"),
    ],
)
def test_too_few_for_a_curve(given_, said):
    with pytest.raises(StudyError, match=said):
        shares_for(*given_)
