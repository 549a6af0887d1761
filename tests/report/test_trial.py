"""A model trained on some rows of a table, and judged on the others."""

import copy
import datetime as dt
import warnings
from contextlib import suppress
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, log_loss, r2_score

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.scores import number_scores
from layerwise.estimators import table as table_module
from layerwise.report import trial as trial_module
from layerwise.report.comparison import TREES, TRIVIAL
from layerwise.report.judging import judge
from layerwise.report.row_roles import RowRoles
from layerwise.report.trial import Trial
from layerwise.tables.errors import TableError

SMALL = {"effort": "low", "epochs": 4, "hidden": (8,), "n_folds": 2, "n_repeats": 1}
N = 120
RNG = np.random.default_rng(0)
X = RNG.normal(size=N)
DAYS = RNG.permutation(N)
TABLE = pa.table(
    {
        "x": X,
        "city": RNG.choice(["Ulm", "Bonn"], N),
        "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(day)) for day in DAYS],
        "owner": RNG.choice(["a", "b", "c", "d", "e", "f"], N),
        "weight": RNG.integers(1, 4, N),
        "let": np.where(X > 0, "yes", "no"),
        "price": 10 * X + RNG.normal(size=N),
    }
)


def run(targets, test=None, table=TABLE, **options):
    settings = {**SMALL, **options.pop("settings", {})}
    others = {"let", "price"} - set(targets)
    settings["drop"] = [name for name in table.column_names if name in others]
    roles = {f.name: options.pop(f.name) for f in fields(RowRoles) if f.name in options}
    return Trial(targets, roles=RowRoles(**roles), settings=settings, **options).run(table, test)


@pytest.fixture(scope="module")
def trial_of_classes():
    return run(["let"])


def test_classes_are_judged_on_rows_never_trained_on(trial_of_classes):
    trial = trial_of_classes
    assert isinstance(trial.model, TableClassifier)
    assert trial.n_rows == N
    assert len(trial.split.test) == N // 5
    assert not set(trial.split.train) & set(trial.split.test)
    test = TABLE.take(trial.split.test)
    p = trial.model.predict_proba(test)
    assert np.array_equal(trial.judged.outputs, p)
    y = test.column("let").to_pylist()
    assert trial.judged.scores["log_loss"] == pytest.approx(log_loss(y, p))
    assert trial.judged.scores["accuracy"] == accuracy_score(y, trial.model.predict(test))


def test_the_model_is_the_one_that_the_estimator_makes():
    trial = run(["let"], seed=3)
    model = TableClassifier(**SMALL, random_state=3, drop=["price"])
    model.fit(TABLE.take(trial.split.train), target="let")
    assert np.array_equal(model.predict_proba(TABLE), trial.model.predict_proba(TABLE))


def test_baselines_are_scored_on_the_same_rows(trial_of_classes):
    trial = trial_of_classes
    y = np.array(TABLE.column("let").to_pylist())
    share = (y[trial.split.train] == "yes").mean()
    truth = y[trial.split.test]
    expected = log_loss(truth, np.tile([1 - share, share], (len(truth), 1)))
    assert trial.baselines[TRIVIAL]["log_loss"] == pytest.approx(expected)
    assert trial.baselines[TREES]["accuracy"] > 0.8
    assert trial.importance.names[0] == "x"


def test_numbers_with_intervals():
    trial = run(["price"], settings={"intervals": 0.8, "epochs": 30})
    assert isinstance(trial.model, TableRegressor)
    test = TABLE.take(trial.split.test)
    expected = r2_score(test.column("price").to_numpy(), trial.model.predict(test))
    assert trial.judged.scores["r2"] == pytest.approx(expected)
    low, high = trial.judged.interval
    inside = (low <= trial.judged.y) & (trial.judged.y <= high)
    assert trial.judged.coverage == inside.mean() > 0.4
    assert trial.baselines[TRIVIAL]["r2"] <= 0


def test_the_latest_rows_test():
    trial = run(["price"], time_column="day")
    assert set(DAYS[trial.split.test]) == set(range(N - N // 5, N))


def test_rows_without_a_target_need_no_time():
    days = pa.array([None if i < 5 else day for i, day in enumerate(TABLE["day"].to_pylist())])
    price = pa.array([None if i < 5 else p for i, p in enumerate(TABLE["price"].to_pylist())])
    table = TABLE.set_column(TABLE.column_names.index("day"), "day", days)
    table = table.set_column(TABLE.column_names.index("price"), "price", price)
    assert run(["price"], time_column="day", table=table).n_rows == N - 5


def test_groups_are_kept_together_and_are_no_input():
    trial = run(["price"], group_column="owner")
    owners = np.array(TABLE.column("owner").to_pylist())
    assert not set(owners[trial.split.train]) & set(owners[trial.split.test])
    assert "owner" not in trial.model.preparation_.input_names
    assert "owner" not in trial.model.preparation_.code_names
    (column,) = (column for column in trial.model.columns_ if column.name == "owner")
    assert (column.kind, column.reason) == ("dropped", "tells the groups apart")


def test_known_groups_are_an_input_and_their_future_is_the_test():
    trial = run(["price"], time_column="day", group_column="owner")
    assert DAYS[trial.split.train].max() < DAYS[trial.split.test].min()
    owners = np.array(TABLE.column("owner").to_pylist())
    assert set(owners[trial.split.test]) <= set(owners[trial.split.train])
    assert "owner" in trial.model.preparation_.code_names
    assert trial.split.how.endswith("the groups, owner, are known and their future is not")
    assert "groups" not in run(["price"], time_column="day").split.how
    for member in trial.model.ensemble_.members:
        assert member.measured is not None


def test_a_known_group_in_numbers_is_a_category():
    table = TABLE.append_column("shop", pa.array(np.arange(N) % 7))
    trial = run(["price"], time_column="day", group_column="shop", table=table)
    assert {c.name: c.kind for c in trial.model.columns_}["shop"] == "category"
    settings = {"numeric": ["shop"]}
    trial = run(["price"], time_column="day", group_column="shop", table=table, settings=settings)
    assert {c.name: c.kind for c in trial.model.columns_}["shop"] == "number"


def test_new_groups_are_tested_later_and_are_no_input():
    trial = run(["price"], time_column="day", group_column="owner", new_groups=True)
    owners = np.array(TABLE.column("owner").to_pylist())
    assert DAYS[trial.split.train].max() < DAYS[trial.split.test].min()
    assert not set(owners[trial.split.train]) & set(owners[trial.split.test])
    assert "none of whose rows are trained on" in trial.split.how
    assert "owner" not in trial.model.preparation_.code_names


def test_the_test_begins_with_a_moment():
    trial = run(["price"], time_column="day", test_from="2024-04-20")
    assert sorted(DAYS[trial.split.test]) == list(range(110, N))
    assert "from 2024-04-20 on" in trial.split.how


def test_rows_count_by_their_weight_in_all_scores():
    """A row of weight 2 counts as two rows do, for networks and baselines alike."""
    trial = run(["price"], weight_column="weight", settings={"intervals": 0.8})
    test = TABLE.take(trial.split.test)
    weight = test.column("weight").to_numpy()
    y, twice = test.column("price").to_numpy(), np.repeat(np.arange(test.num_rows), weight)
    outputs = {**trial.outputs, "ours": trial.judged.outputs}
    for name, scores in {**trial.baselines, "ours": trial.judged.scores}.items():
        assert scores == pytest.approx(number_scores(y[twice], outputs[name][twice]))
    low, high = trial.judged.interval
    assert trial.judged.coverage == pytest.approx(((low <= y) & (y <= high))[twice].mean())
    train = TABLE.take(trial.split.train)
    middle = np.average(train.column("price").to_numpy(), weights=train.column("weight").to_numpy())
    assert trial.outputs[TRIVIAL][0] == pytest.approx(middle)
    trial = run(["let"], weight_column="weight")
    test = TABLE.take(trial.split.test)
    weight, y = test.column("weight").to_numpy(), test.column("let").to_pylist()
    expected = log_loss(y, trial.judged.outputs, sample_weight=weight)
    assert trial.judged.scores["log_loss"] == pytest.approx(expected)


def test_the_absolute_error_is_made_small_by_all():
    trial = run(["price"], settings={"metric": "mae"})
    y = TABLE.take(trial.split.train).column("price").to_numpy()
    assert trial.outputs[TRIVIAL][0] == np.median(y)
    other = run(["price"])
    assert trial.baselines[TREES]["mae"] < 1.2 * other.baselines[TREES]["mae"]
    assert not np.array_equal(trial.outputs[TREES], other.outputs[TREES])


@pytest.mark.parametrize("given", ["balanced", {"yes": 9.0}])
def test_baselines_are_weighted_corrected_and_decided_as_the_networks_are(given):
    table = TABLE.drop_columns(["let"]).append_column(
        "let", pa.array(np.where(X > 0.7, "yes", "no"))
    )
    trial = run(["let"], table=table, settings={"class_weight": given})
    no, yes = trial.model.class_weights_
    y = trial.judged.y
    for name, p in trial.outputs.items():
        predicted = yes * p[:, 1] > no * p[:, 0]
        assert trial.baselines[name]["accuracy"] == accuracy_score(y, predicted)
    train = np.array(table.take(trial.split.train).column("let").to_pylist())
    assert trial.outputs[TRIVIAL][0, 1] == pytest.approx((train == "yes").mean())
    share = (y == 1).mean()
    assert trial.outputs[TREES][:, 1].mean() == pytest.approx(share, abs=0.1)


def test_baselines_get_a_threshold_where_the_networks_do():
    table = TABLE.drop_columns(["let"]).append_column(
        "let", pa.array(np.where(X + RNG.normal(size=N) > 1.2, "yes", "no"))
    )
    trial = run(["let"], table=table, settings={"metric": "f1"})
    assert trial.baselines[TRIVIAL]["f1"] > 0  # a rare class is said of all rows
    plain = run(["let"], table=table)
    assert np.array_equal(plain.outputs[TREES], trial.outputs[TREES])
    assert plain.baselines[TRIVIAL]["f1"] == 0


@pytest.fixture
def trial_of_many_classes(monkeypatch):
    """Of 50 classes of two rows, which are more than half of the rows trained on."""
    monkeypatch.setattr("layerwise.ensemble.baselines._MOST_TREES", 100)
    monkeypatch.setattr("layerwise.ensemble.baselines._FEWEST_ROUNDS", 2)
    plot = [f"plot {i % 50}" for i in range(100)]
    table = pa.table({"x": X[:100], "place": np.arange(100) % 50 + X[:100] / 9, "plot": plot})

    def run_it():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return run(["plot"], table=table)

    return run_it


def test_many_classes_are_trained_and_compared_without_a_word_of_a_library(trial_of_many_classes):
    trial = trial_of_many_classes()
    assert 2 * len(trial.model.classes_) > len(trial.split.train)
    assert [*trial.baselines] == [TRIVIAL, TREES]
    (note,) = trial.notes
    assert note.startswith("Gradient-boosted trees were given 2 rounds and not 100: each of 50 cl")


def test_trees_of_too_many_classes_are_left_out_and_noted(trial_of_many_classes, monkeypatch):
    monkeypatch.setattr("layerwise.report.comparison._MOST_CLASSES", 49)
    trial = trial_of_many_classes()
    assert [*trial.baselines] == [TRIVIAL]
    (note,) = trial.notes
    assert note.startswith("Gradient-boosted trees were left out: each of 50 classes needs a tree")


def test_a_few_classes_have_all_rounds(trial_of_classes):
    assert trial_of_classes.notes == []


def test_weights_count_and_are_no_input():
    trial = run(["let"], weight_column="weight")
    train = TABLE.take(trial.split.train)
    model = TableClassifier(**SMALL, random_state=0, drop=["price", "weight"])
    model.fit(train, target="let", sample_weight=train.column("weight").to_numpy())
    assert np.array_equal(model.predict_proba(TABLE), trial.model.predict_proba(TABLE))


def test_rows_without_weight_say_nothing_of_columns():
    counts = DAYS % 3 > 0
    told = pa.array(np.where(counts, None, X))  # by no row that counts
    table = TABLE.set_column(4, "weight", pa.array(np.where(counts, 1.0, 0.0)))
    table = table.append_column("told", told)
    trial = run(["let"], table=table, weight_column="weight")
    train = table.take(trial.split.train)
    model = TableClassifier(**SMALL, random_state=0, drop=["price", "weight"])
    model.fit(train, target="let", sample_weight=train.column("weight").to_numpy())
    assert "told" not in {column.name for column in model.preparation_.used}
    assert np.array_equal(model.predict_proba(table), trial.model.predict_proba(table))


def test_rows_of_a_class_without_weight_say_nothing_of_columns():
    classes = np.where(X > 0.5, "high", np.where(X > -0.5, "middle", "low"))
    told = pa.array(np.where(classes == "low", X, None))
    table = TABLE.set_column(5, "let", pa.array(classes)).append_column("told", told)
    settings = {"class_weight": {"low": 0.0, "middle": 1.0, "high": 1.0}}
    trial = run(["let"], table=table, settings=settings)
    model = TableClassifier(**SMALL, **settings, random_state=0, drop=["price"])
    model.fit(table.take(trial.split.train), target="let")
    assert "told" not in {column.name for column in model.preparation_.used}
    assert np.array_equal(model.predict_proba(table), trial.model.predict_proba(table))


def test_rows_of_a_test_table():
    trial = run(["let"], table=TABLE.slice(0, 80), test=TABLE.slice(80))
    assert trial.split.train.tolist() == list(range(80))
    assert len(trial.judged.y) == 40
    with pytest.raises(TableError, match="is of no use beside the test file"):
        run(["let"], test=TABLE.slice(80), test_size=0.2)


def test_a_test_table_that_will_not_do_is_refused_before_training(monkeypatch):
    monkeypatch.setattr(
        "layerwise.estimators.table.train_ensemble", lambda *_, **__: pytest.fail("was trained")
    )
    for test, message in (
        (TABLE.drop_columns(["x"]), "no column 'x'"),
        (TABLE.drop_columns(["let"]), "no column 'let'"),
        (TABLE.slice(0, 0), "no row has a target"),
    ):
        with pytest.raises(TableError, match=message):
            run(["let"], test=test)


def test_it_tells_when_the_model_is_whole_and_not_judged_yet():
    told = []
    settings = {**SMALL, "drop": ["price"]}

    def trained(trial):
        told.append((len(trial.model.predict(TABLE)), hasattr(trial, "judged")))

    Trial(["let"], settings=settings).run(TABLE, trained=trained)
    assert told == [(N, False)]


def test_rows_without_a_target_are_left_out():
    y = pa.array([None if i % 4 == 0 else v for i, v in enumerate(TABLE["let"].to_pylist())])
    table = TABLE.set_column(TABLE.column_names.index("let"), "let", y)
    trial = run(["let"], table=table)
    assert trial.n_rows == 90
    used = np.concatenate([trial.split.train, trial.split.test])
    assert (used % 4 > 0).all()


def test_what_is_decided_is_told_before_training():
    told = []
    settings = {**SMALL, "drop": ["price"]}
    Trial(["let"], settings=settings).run(
        TABLE, decided=lambda trial, task: told.append((task.kind, hasattr(trial, "judged")))
    )
    assert told == [("binary", False)]


@pytest.mark.parametrize("name", ["find_table_task", "describe_columns"])
def test_task_and_columns_are_decided_once(monkeypatch, name):
    decide = getattr(trial_module, name)
    decided = []

    def counted(*given, **options):
        decided.append(decide(*given, **options))
        return decided[-1]

    for module in (table_module, trial_module):
        monkeypatch.setattr(module, name, counted)
    trial = run(["let"])
    assert len(decided) == 1
    assert trial.model.columns_ == trial.columns == trial.model.preparation_.columns


def test_findings_count_missing_cells_among_the_rows_described():
    gaps = pa.array([float(i % 7) if i % 4 == 0 else None for i in range(N)])
    trial = run(["let"], table=TABLE.append_column("gaps", gaps))
    train = gaps.take(pa.array(trial.split.train))
    (found,) = (f.message for f in trial.findings if "half of the cells are missing" in f.message)
    assert f"gaps ({100 * train.null_count / len(train):.0f} %)" in found


def test_classes_that_the_model_does_not_know_are_left_out_and_noted(trial_of_classes):
    model = trial_of_classes.model
    y = ["maybe"] * 3 + TABLE["let"].to_pylist()[3:]
    table = TABLE.set_column(TABLE.column_names.index("let"), "let", pa.array(y))
    judged = judge(model, table)
    assert judged.rows.tolist() == list(range(3, N))
    assert "3 rows are of classes not there while training" in judged.notes[0]


def test_judging_needs_the_target(trial_of_classes):
    model = trial_of_classes.model
    with pytest.raises(TableError, match="'let'"):
        judge(model, TABLE.drop_columns(["let"]))
    empty = pa.array([None] * N, pa.string())
    with pytest.raises(TableError, match="no row has a target"):
        judge(model, TABLE.set_column(TABLE.column_names.index("let"), "let", empty))


SOON = ["soon", *map(str, TABLE["day"].to_pylist()[1:])]
GAPS = pa.array([None if i % 50 == 0 else float(i) for i in range(N)])


@pytest.mark.parametrize("times", [SOON, GAPS], ids=["text", "numbers"])
def test_rows_that_cannot_be_put_in_order_are_refused(times):
    table = TABLE.append_column("when", pa.array(times))
    with pytest.raises(TableError, match="'when' lacks"):
        run(["let"], time_column="when", table=table)


@pytest.fixture(scope="module")
def model_of_prices():
    return run(["price"]).model


def test_a_model_goes_on_with_the_settings_of_a_fit(model_of_prices):
    settings = {"epochs": 2, "learning_rate": 0.01, "batch_size": 16}
    trial = Trial([], settings=settings, before=model_of_prices).run(TABLE)
    assert {len(member.history) for member in trial.model.ensemble_.members} == {2}


@pytest.mark.parametrize("settings", [{}, {"on_epoch": lambda *_: 1 / 0}], ids=["", "fails"])
def test_nothing_of_a_trial_is_left_on_its_model(model_of_prices, settings):
    model = copy.deepcopy(model_of_prices)
    with suppress(ZeroDivisionError):
        Trial([], settings={"epochs": 1, **settings}, before=model).run(TABLE)
    assert not {"_deadline", "_decision", "_ends_checkpoint", "_learned"} & set(vars(model))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": ["let"]}, "the model predicts price, and cannot go on with let"),
        ({"task": "classification"}, "the model's task is regression"),
        ({"settings": {"hidden": (4,)}}, "hidden: settled when the model was first trained"),
        ({"settings": {"drop": ["x"], "effort": "low"}}, "drop, effort: settled"),
        ({"settings": {"class_weight": "balanced"}}, "class weights are for classes"),
    ],
    ids=repr,
)
def test_a_model_that_goes_on_stays_what_it_is(model_of_prices, options, message):
    with pytest.raises(TableError, match=message):
        Trial(**{"targets": [], "before": model_of_prices, **options}).run(TABLE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": ["prise"]}, "prise"),
        ({"targets": ["let"], "group_column": "ownr"}, "ownr"),
        ({"targets": ["let"], "time_column": "dey"}, "dey"),
        ({"targets": ["let"], "test_from": "2024-01-05"}, "needs the column of time"),
        (
            {"targets": ["let"], "time_column": "day", "test_from": "soon"},
            "'soon' is no moment of the column 'day'",
        ),
        ({"targets": ["let"], "new_groups": True}, "new groups need the column"),
        (
            {"targets": ["let"], "new_groups": True, "group_column": "owner"},
            "without a column of time the groups of the test are new ones as it is",
        ),
        (
            {
                "targets": ["let"],
                "test_size": 0.2,
                "test_from": "2024-04-20",
                "time_column": "day",
            },
            "is of no use beside a moment from which on to test",
        ),
        ({"targets": ["let"], "time_column": "city"}, "'city' holds no dates and no numbers"),
        ({"targets": ["let"], "weight_column": "city"}, "weights in 'city' must be numbers"),
        ({"targets": ["let"], "weight_column": "x"}, "weights in 'x' must be numbers"),
    ],
    ids=repr,
)
def test_what_cannot_be_is_named(options, message):
    with pytest.raises(TableError, match=message):
        run(**options)
