import numpy as np
import pyarrow as pa
import pytest

from layerwise.study.results import StudyError
from layerwise.study.study_table import FoldCache


def test_preparing_looks_at_the_other_rows_alone(small, rows):
    X, y = rows
    study = small()
    table = study.rows(X, y)
    held_out = table.splits(3, 1, 0)[0, 0]
    changed = dict(X, a=X["a"].copy(), colour=list(X["colour"]))
    changed["a"][held_out] = 1e6
    for row in held_out:
        changed["colour"][row] = "blue"
    one, other = table.fold(held_out, 0), study.rows(changed, y).fold(held_out, 0)
    assert (one.problem.x == other.problem.x).all()
    assert (one.problem.codes == other.problem.codes).all()
    assert not (one.x_test == other.x_test).all()


def test_numbers_are_brought_to_a_spread_of_1_and_hardly_squashed(small, rows):
    random = np.random.default_rng(0)
    far = random.normal(size=120)
    far[:3] = 6.0
    texts = [" ".join(random.choice(["red", "old", "wine", "from", "Rome"], 9)) for _ in far]
    table = small(text=["said"]).rows({"far": far, "said": texts}, rows[1])
    held_out = np.arange(3, 40)
    fold, of_fit = table.fold(held_out, 0), table.fold(held_out, 0, like_fit=True)
    x = fold.problem.x
    assert x.dtype == np.float32
    assert x.mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert x.std(axis=0) == pytest.approx(1, abs=1e-5)
    assert np.corrcoef(x[:, 0], np.delete(far, held_out))[0, 1] > 0.99
    assert of_fit.problem.x[:, 0].max() < 3
    for i in range(1, x.shape[1]):  # of texts: as they are, but for their spread
        assert np.corrcoef(x[:, i], of_fit.problem.x[:, i])[0, 1] == pytest.approx(1)


def test_each_row_is_held_out_once_in_each_repeat(small, rows):
    table = small().rows(*rows)
    splits = table.splits(4, 3, 7)
    for repeat in range(3):
        held_out = np.concatenate([splits[repeat, fold] for fold in range(4)])
        assert sorted(held_out) == list(range(len(table)))
    assert any((splits[0, f] != splits[1, f]).any() for f in range(4))
    counts = [np.bincount(table.y[rows_], minlength=2) for rows_ in splits.values()]
    assert np.ptp(counts, axis=0).max() <= 1  # each class has its share everywhere


def test_rows_that_name_no_group_are_one_group(small, rows):
    groups = [None if i % 4 == 1 else f"shop {i // 6}" for i in range(120)]
    nameless = np.arange(1, 120, 4)
    for held_out in small().rows(*rows, groups=groups).splits(3, 2, 0).values():
        assert len(set(np.isin(nameless, held_out))) == 1  # all of them, or none


def test_groups_are_never_parted(small, rows):
    groups = np.arange(120) // 5
    table = small().rows(*rows, groups=groups)
    for held_out in table.splits(3, 2, 0).values():
        assert set(groups[held_out]).isdisjoint(set(np.delete(groups, held_out)))


def test_groups_of_one_class_are_spread_over_the_folds(small, rows):
    X, _ = rows
    groups = np.arange(120) // 10
    y = groups % 4 == 0  # three groups of twelve
    for held_out in small().rows(X, y, groups=groups).splits(3, 20, 0).values():
        assert np.bincount(y[held_out]).tolist() == [30, 10]
        assert set(groups[held_out]).isdisjoint(set(np.delete(groups, held_out)))


def test_a_fold_of_one_class_has_no_area_under_the_curve(small, rows):
    X, _ = rows
    groups = np.arange(120) // 20
    y = groups == 0
    with pytest.raises(StudyError, match=r"roc_auc has no meaning .*: all are of one class\."):
        small(metric="roc_auc").fit(X, y, groups=groups)
    found = small(metric="log_loss", depth=[1]).fit(X, y, groups=groups).study_
    assert not found.failed
    assert len(found.trees) == 3  # also of the fold without which all are of one class
    assert small(metric="roc_auc", depth=[1]).fit(X, y).study_.fits  # without groups: no fold


def test_the_fingerprint_is_of_the_cells(small, rows):
    X, y = rows
    study = small()
    table = pa.table(X)
    one = study.rows(table, y).fingerprint
    pieces = pa.concat_tables([table.slice(0, 50), table.slice(50)])
    assert study.rows(pieces, y).fingerprint == one
    encoded = table.set_column(2, "colour", table["colour"].dictionary_encode())
    assert study.rows(encoded, y).fingerprint == one
    assert study.rows(dict(X, a=X["a"] + 1e-9), y).fingerprint != one
    assert study.rows(X, [*y[:-1], "in" if y[-1] == "out" else "out"]).fingerprint != one
    assert small(drop=["colour"]).rows(X, y).fingerprint != one


def test_rows_without_a_target_are_left_out(small, rows):
    X, y = rows
    table = small().rows(X, [None, *y[1:]])
    assert len(table) == 119
    assert table.table.num_rows == 119


def test_the_cache_gives_the_same_folds_and_keeps_to_its_size(small, rows, monkeypatch):
    table = small().rows(*rows)
    splits = table.splits(3, 1, 0)
    cache = FoldCache(table, splits, 0)
    first = cache[0, 0]
    assert cache[0, 0] is first
    monkeypatch.setattr("layerwise.study.study_table._CACHED_BYTES", first.n_bytes + 1)
    assert (cache[0, 1].y_test == table.y[splits[0, 1]]).all()
    assert len(cache._folds) == 1
    assert (cache[0, 0].x_test == first.x_test).all()


def test_rows_that_no_folds_can_be_made_of(small, rows):
    X, y = rows
    few = {name: values[:8] for name, values in X.items()}
    with pytest.raises(StudyError, match="8 rows have a target; at least 10 are needed"):
        small().fit(few, y[:8])
    twelve = {name: values[:12] for name, values in X.items()}
    with pytest.raises(StudyError, match="12 rows have a target; at least 20 are needed"):
        small(folds=20).fit(twelve, y[:12])
    with pytest.raises(StudyError, match="folds must be a whole number of at least 2; got 1"):
        small(folds=1).fit(X, y)
    with pytest.raises(StudyError, match="of 2 groups; at least 3 are needed"):
        small().fit(X, y, groups=[0, 1] * 60)


def test_a_class_rarer_than_the_folds(small, rows):
    X, y = rows
    with pytest.raises(StudyError, match="the class 'rare' has 2 rows, fewer than the 3 folds"):
        small().fit(X, ["rare", "rare", *y[2:]])


def test_a_fold_in_which_a_number_does_not_vary(small, rows):
    X, _ = rows
    y = [0.0] * 119 + [1.5]
    with pytest.raises(StudyError, match=r"r2 has no meaning .*: the target does not vary\."):
        small(task="regression").fit(X, y)
    assert small(task="regression", metric="rmse", depth=[0]).fit(X, y).recommended_.depth == 0
