"""Columns that tell nothing of the target are left out, and those that tell something are not."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import layerwise
from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.column_selection import select_columns
from layerwise.ensemble.network_columns import columns_of

QUICK = {"effort": "low", "epochs": 4, "hidden": (8,), "n_folds": 3, "n_repeats": 1}
N, N_NOISE = 400, 40


def a_table(seed=0, n=N):
    """A number, a category and a date that tell something, and much of every kind that does not."""
    random = np.random.default_rng(seed)
    size, kind = random.normal(size=n), random.choice(["a", "b", "c", "d"], n)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, n), "D")
    columns = {"size": size, "kind": kind, "day": day}
    for i in range(N_NOISE):
        columns[f"noise {i}"] = random.normal(size=n)
    columns |= {
        "street": random.choice([f"street {i}" for i in range(60)], n),
        "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, n), "D"),
        "said": [" ".join(random.choice(WORDS, 12)) for _ in range(n)],
        "gaps": np.where(random.random(n) < 0.4, np.nan, random.normal(size=n)),
    }
    y = size + 2 * (kind == "a") + (day > "2025-01-01") + 0.3 * random.normal(size=n)
    return pd.DataFrame(columns), y


WORDS = [f"{a}{b}" for a in ("lo", "ta", "mi", "re", "su") for b in ("rin", "vel", "mok", "dal")]
TABLE, Y = a_table(4)
REAL = ["size", "kind", "day"]


def fitted(kind=TableRegressor, y=Y, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**{**QUICK, "random_state": 0, **settings}).fit(TABLE, y)


MODEL = fitted()


def used(model):
    return [column.name for column in model.columns_ if column.is_used]


def test_what_tells_something_is_kept_whole_and_the_rest_is_left_out_with_a_reason():
    kept = used(MODEL)
    assert kept == REAL
    left_out = [column for column in MODEL.columns_ if column.kind == "unrelated"]
    assert {"street", "seen", "said", "gaps"} <= {column.name for column in left_out}
    assert all("tells no more of the target than chance would" in c.reason for c in left_out)
    names = {name.partition(" is missing")[0] for name in MODEL.preparation_.input_names}
    assert not names & {"gaps", "said", "seen"}


def test_predictions_need_no_column_that_was_left_out():
    alone = TABLE[used(MODEL)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(MODEL.predict(alone), MODEL.predict(TABLE))


def test_columns_to_keep_are_kept_and_without_selection_all_are():
    assert "street" in used(fitted(keep=["street"]))
    every = fitted(selection=False)
    assert used(every) == list(TABLE)
    assert every.predict(TABLE).shape == (N,)


def test_a_model_from_a_file_is_the_same(tmp_path):
    MODEL.save(tmp_path / "m.layerwise")
    again = layerwise.load(tmp_path / "m.layerwise")
    assert again.columns_ == MODEL.columns_
    assert np.array_equal(again.predict(TABLE[used(MODEL)]), MODEL.predict(TABLE))


@pytest.mark.parametrize("n_threads", [1, 3])
def test_the_choice_does_not_depend_on_the_number_of_threads(n_threads):
    other = fitted(n_threads=n_threads)
    assert other.columns_ == MODEL.columns_
    assert np.array_equal(other.predict(TABLE), MODEL.predict(TABLE))


@pytest.mark.parametrize("order", [2, 3])
def test_columns_that_matter_only_together_are_kept_and_learned(order):
    random = np.random.default_rng(order)
    x = random.normal(size=(900, 60))
    y = np.sign(x[:, :order]).prod(axis=1) > 0
    model = TableClassifier(**QUICK | {"epochs": 60, "hidden": (32,)}, random_state=0)
    model.fit(x[:700], y[:700])
    assert used(model) == [f"x{i}" for i in range(order)]
    assert model.score(x[700:], y[700:]) > 0.9


def test_of_noise_alone_nothing_is_found_and_held_out_rows_show_it():
    random = np.random.default_rng(3)
    x, y = random.normal(size=(150, 2_000)), random.integers(2, size=150)
    model = TableClassifier(**QUICK, random_state=0)
    with pytest.warns(UserWarning, match="no column was found to tell more of the target"):
        model.fit(x, y)
    shares = np.bincount(y) / len(y)
    trivial = -(shares * np.log(shares)).sum()
    assert model.validation_loss_ > trivial - 0.01
    of_new, truth = model.predict_proba(random.normal(size=(150, 2_000))), np.arange(150) % 2
    assert -np.log(of_new[np.arange(150), truth]).mean() == pytest.approx(np.log(2), abs=0.05)


def test_few_columns_are_all_given_to_the_networks():
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 9))
    y = x[:, 0] + random.normal(size=200)
    assert len(used(TableRegressor(**QUICK, random_state=0).fit(x, y))) == 9


def test_a_few_columns_that_tell_nothing_are_left_in():
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 14))
    y = x[:, :8].sum(axis=1)
    assert len(used(TableRegressor(**QUICK, random_state=0).fit(x, y))) == 14


def test_of_few_rows_columns_that_tell_a_little_are_left_in():
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 30))
    y = x.sum(axis=1) + random.normal(size=120)
    assert len(used(TableRegressor(**QUICK, random_state=0).fit(x, y))) == 30


class TestEachNetwork:
    """It is given what its own rows tell of."""

    @staticmethod
    def selection():
        random = np.random.default_rng(11)
        x = random.normal(size=(300, 80)).astype(np.float32)
        y = x[:, 0] + 0.28 * x[:, 1] + 0.28 * x[:, 2] + random.normal(size=300)
        codes = np.zeros((300, 0), np.int32)
        return select_columns(
            x, codes, y, of_inputs=range(80), of_codes=[], always=[False] * 80,
            is_classes=False, seed=0,
        )  # fmt: skip

    def test_rows_that_are_held_out_have_no_say(self):
        found = self.selection()
        for fold in range(5):
            rows = np.flatnonzero(np.arange(300) % 5 != fold)
            other = found.y.copy()
            other[fold::5] = np.random.default_rng(0).normal(size=(60, 1))
            assert np.array_equal(found.by_rows(rows), replace(found, y=other).by_rows(rows))

    def test_rows_decide_on_columns_that_are_in_doubt_alone(self):
        found = self.selection()
        masks = [found.by_rows(np.flatnonzero(np.arange(300) % 5 != fold)) for fold in range(5)]
        assert all(mask[0] for mask in masks)
        assert not any((mask & ~found.told).any() for mask in masks)
        junk = replace(found, y=np.random.default_rng(0).normal(size=(300, 1)))
        doubted = junk.by_rows(np.arange(300))
        assert doubted[0]  # beyond doubt by all rows
        assert doubted.sum() < found.told.sum()

    def test_it_has_nothing_of_the_others_nor_learns_of_them_later(self):
        random = np.random.default_rng(2)
        x, y = random.normal(size=(80, 120)), random.integers(2, size=80)
        kinds = random.choice(["a", "b", "c"], 80)
        table = pd.DataFrame(x).rename(columns=str).assign(kind=kinds)
        model = TableClassifier(**QUICK, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(table, y)
        self.check(model, table)
        model.partial_fit(table, y)
        self.check(model, table)

    @staticmethod
    def check(model, table):
        prepared = model.prepare(table)
        given = [columns_of(network) for network in model.networks_]
        assert any(not inputs.all() or not codes.all() for inputs, codes in given)
        for network, (inputs, codes) in zip(model.networks_, given, strict=True):
            assert inputs.sum() + codes.sum() == 1
            x = np.where(inputs, prepared.x, np.float32(7))
            other = np.where(codes, prepared.codes, np.int32(1))
            expected = network(prepared.x, prepared.codes)
            assert np.array_equal(network(x, other), expected)


class TestDoubles:
    """Columns that say what another one says."""

    @staticmethod
    def table(own=0.0, n=400):
        """Ten sensors, and three noisy copies of one, the first with something of its own."""
        random = np.random.default_rng(8)
        columns = {f"s{i}": random.normal(size=n) for i in range(10)}
        noise = random.normal(size=(3, n))
        for i in range(3):
            columns[f"copy {i}"] = 1.8 * (columns["s0"] + 0.1 * noise[i]) + 32
        y = sum(columns[f"s{i}"] for i in range(10)) + own * noise[0]
        return pd.DataFrame(columns), y

    def test_copies_are_left_out_and_the_original_stays(self):
        table, y = self.table()
        model = TableRegressor(**QUICK, random_state=0).fit(table, y)
        assert used(model) == [f"s{i}" for i in range(10)]
        reasons = {c.name: c.reason for c in model.columns_ if c.kind == "double"}
        assert set(reasons) == {"copy 0", "copy 1", "copy 2"}
        assert set(reasons.values()) == {"says what s0 says, and no more of the target"}
        assert np.array_equal(model.predict(table[used(model)]), model.predict(table))

    @staticmethod
    def with_copies(table, of, random):
        """Some columns again: the same, in other units and with noise, among and after all."""
        copies = {f"same {of[0]}": table[of[0]], f"units {of[1]}": 1.8 * table[of[1]] + 32}
        for i in range(4):
            noise = random.normal(size=len(table))
            copies[f"noisy {i}"] = table[of[2]] + 0.1 * table[of[2]].std() * noise
        wide = pd.concat([table, pd.DataFrame(copies)], axis=1)
        places = random.permutation(wide.shape[1])
        places[places < table.shape[1]] = range(table.shape[1])
        wide = wide.iloc[:, places]
        # Of the same twice nobody can say which was first: it is the one that stands first.
        last = [f"same {of[0]}", f"units {of[1]}"]
        return wide[[*wide.columns.drop(last), *last]]

    @pytest.mark.parametrize("kind", [TableRegressor, TableClassifier])
    @pytest.mark.parametrize("n_real", [6, 12, 40])  # too few to leave any out, to leave more out
    def test_a_table_gives_what_it_gives_without_its_doubles(self, kind, n_real):
        random = np.random.default_rng(n_real)
        table = pd.DataFrame(random.normal(size=(300, n_real))).add_prefix("s")
        table["s1"] = np.exp(table["s1"])
        table["kind"] = random.choice(["a", "b", "c"], 300)
        y = table["s0"] + table["s1"] + 2 * table["s2"] * table["s3"] + 2 * (table["kind"] == "a")
        y = (y + 0.3 * random.normal(size=300)).to_numpy()
        y = y > np.median(y) if kind is TableClassifier else y
        wide = self.with_copies(table, ["s0", "s1", "s2"], random)
        plain, model = (kind(**QUICK, random_state=0).fit(x, y) for x in (table, wide))
        assert sum(column.kind == "double" for column in model.columns_) == 6
        assert used(model) == used(plain)
        assert len(used(plain)) == (n_real + 1 if n_real < 40 else 5)
        give = "predict_proba" if kind is TableClassifier else "predict"
        assert np.array_equal(getattr(model, give)(wide), getattr(plain, give)(table))

    def test_a_copy_that_tells_more_stays(self):
        model = TableRegressor(**QUICK, random_state=0).fit(*self.table(own=1.0))
        assert {"s0", "copy 0"} <= set(used(model))

    def test_one_that_is_to_be_kept_is_kept(self):
        table, y = self.table()
        model = TableRegressor(**QUICK, random_state=0, keep=["copy 1"]).fit(table, y)
        assert "copy 1" in used(model)

    def test_gaps_in_the_same_rows_make_no_difference(self):
        table, y = self.table()
        table.loc[::9, ["s0", "copy 0"]] = np.nan
        model = TableRegressor(**QUICK, random_state=0).fit(table, y)
        kinds = {column.name: column.kind for column in model.columns_}
        assert {kinds["copy 0"], kinds["s0"]} == {"double", "number"}  # two are as like as one
