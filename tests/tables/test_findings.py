"""What is found in a table that may spoil a model, and silence where there is nothing."""

import json
import warnings

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from layerwise.tables.find_task import find_table_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns

N = 400
RNG = np.random.default_rng(0)


def find(table, *targets, **given):
    """The findings, as (severity, columns, message)."""
    task = find_table_task(table, targets)
    y, _ = task.encode(*(table[name] for name in targets))
    columns = describe_columns(table, target_names=targets, **given)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        findings = check_table(table, columns, task, y)
    for finding in findings:
        assert json.loads(json.dumps(finding.to_json()))["message"] == finding.message
    return [(finding.severity, finding.columns, finding.message) for finding in findings]


def about(findings, text):
    """The one finding whose message holds a text."""
    (found,) = [finding for finding in findings if text in finding[2]]
    return found


def honest(n=N, **more):
    """A table of two noisy features and a target that they predict in part, without findings."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, n))
    y = np.where(a + b + rng.normal(size=n) > 0, "yes", "no")
    return pa.table({"a": a, "b": b, "y": y, **more})


def test_nothing_to_say():
    assert find(honest(), "y") == []


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_diabetes])
def test_honest_strong_columns_are_not_accused(load):
    data = load(as_frame=True).frame
    findings = find(pa.Table.from_pandas(data, preserve_index=False), "target")
    assert not [finding for finding in findings if "alone predict" in finding[2]]


@pytest.mark.parametrize(
    "copy",
    [
        lambda y: y,
        lambda y: np.where(y == "yes", 7.5, 2.5),
        lambda y: np.where(y == "yes", RNG.normal(9, 1, N), RNG.normal(-9, 1, N)),
        lambda y: np.where(y == "yes", "paid back", RNG.choice(["late", "never"], N)),
        lambda y: [None if value == "yes" else f"{i} days" for i, value in enumerate(y)],
    ],
)
def test_a_column_that_gives_classes_away(copy):
    y = honest()["y"].to_numpy()
    found = about(find(honest(leak=pa.array(copy(y))), "y"), "alone predicts y")
    assert found[:2] == ("warning", ("leak",))
    assert "drop it" in found[2]


def test_columns_that_give_a_number_away():
    rng = np.random.default_rng(0)
    casual, registered, other = rng.lognormal(3, 1, (3, 2000))
    table = {"other": other, "y": casual + registered}
    findings = find(pa.table({"casual": casual, "registered": registered, **table}), "y")
    assert about(findings, "alone predict y")[:2] == ("warning", ("casual", "registered"))
    exact = find(pa.table({"in_cents": 100 * table["y"], **table}), "y")
    assert about(exact, "alone predicts y")[1] == ("in_cents",)
    noisy = table["y"] * rng.normal(1, 0.2, 2000)
    assert find(pa.table({"noisy": noisy, **table}), "y") == []


def test_a_date_gives_away_what_it_decides_and_no_price_that_runs_along_with_it():
    rng = np.random.default_rng(0)
    day = np.arange("2015-01-01", "2020-06-01", dtype="datetime64[D]")
    n = len(day)
    price = np.cumsum(rng.normal(size=n)) + np.arange(n) / 5
    table = {"day": day, "volume": rng.normal(size=n)}
    for y in (price, price / 1e9, np.cumsum(rng.integers(0, 9, n))):
        assert not any("predict" in said for *_, said in find(pa.table({**table, "y": y}), "y"))
    year = day.astype("M8[Y]").astype(int) + 1970
    for y in (year, (np.datetime64("2024-01-01") - day).astype(float) / 365.25):
        assert about(find(pa.table({**table, "y": y}), "y"), "alone predicts")[1] == ("day",)
    born = day[rng.permutation(n)] - 365 * rng.integers(20, 60, n)
    age = (day - born).astype(float) / 365.25
    found = about(find(pa.table({**table, "born": born, "y": age}), "y"), "alone predict")
    assert set(found[1]) == {"day", "born"}


@pytest.mark.parametrize(("days", "decimals"), [(365.25, 2), (365.25, 3), (30.44, 1)])
def test_a_date_in_other_units_is_given_away_however_it_is_rounded(days, decimals):
    rng = np.random.default_rng(0)
    born = np.datetime64("2015-01-01") + rng.integers(0, 3650, 1500)
    age = np.round((np.datetime64("2025-06-01") - born).astype(int) / days, decimals)
    table = pa.table({"born": born, "x": rng.normal(size=1500), "y": age})
    assert about(find(table, "y"), "alone predicts")[1] == ("born",)


def test_a_date_and_what_is_added_to_it_give_away_the_sum_and_no_course():
    rng = np.random.default_rng(0)
    days, added = rng.integers(0, 3650, 1500), rng.integers(1, 400, 1500)
    start = np.datetime64("2015-01-01") + days
    table = {"start": start, "added": added, "x": rng.normal(size=1500)}
    found = about(find(pa.table({**table, "y": days + added}), "y"), "alone predict")
    assert set(found[1]) == {"start", "added"}
    courses = np.cumsum(rng.normal(size=(1500, 2)), axis=0)
    which = np.tile([0, 1], 750)
    day = np.datetime64("2015-01-01") + np.arange(1500)
    price = np.round(courses[np.arange(1500), which] + 200 * which, 2)
    table = {"day": day, "share": which * 5, "x": table["x"], "y": price}
    assert not any("predict" in said for *_, said in find(pa.table(table), "y"))


def test_a_giveaway_among_many_columns():
    y = np.random.default_rng(0).integers(0, 2, 300)
    noise = np.random.default_rng(1).normal(size=(300, 500))
    table = pa.table({**{f"x{i}": noise[:, i] for i in range(500)}, "leak": y + 0.5, "y": y})
    assert about(find(table, "y"), "alone predicts")[1] == ("leak",)


def test_what_is_not_used_is_named():
    table = honest(
        key=[f"K{i:04}" for i in range(N)],
        code=[f"Z{i:04}" for i in range(N)],
        unit=["kg"] * N,
        nothing=pa.nulls(N),
    )
    findings = find(table, "y")
    assert about(findings, "it names the row")[:2] == ("warning", ("key", "code"))
    assert about(findings, "all cells are the same")[:2] == ("warning", ("unit",))
    assert about(findings, "no cell has a value")[:2] == ("warning", ("nothing",))


def test_every_column_that_is_not_used_is_named():
    found = about(find(honest(**{f"same{i}": ["kg"] * N for i in range(60)}), "y"), "not used")
    assert all(f"same{i}" in found[2] for i in range(60))


def test_missing_cells_and_missing_targets():
    half = [float(i % 7) if i % 5 == 0 else None for i in range(N)]
    assert about(find(honest(gaps=half), "y"), "half of the cells are missing")[1] == ("gaps",)
    table = honest()
    y = [None if i < 10 else value for i, value in enumerate(table["y"].to_pylist())]
    findings = find(table.set_column(2, "y", pa.array(y)), "y")
    assert about(findings, "10 of 400 rows have no target")[1] == ("y",)


def test_targets_so_far_away_that_they_decide_the_score():
    """As coordinates of 0 in a column of latitudes."""
    latitudes = RNG.normal(37.55, 0.05, N)
    latitudes[[3, 77]] = 0.0, -74.5
    table = honest().drop_columns("y").append_column("y", pa.array(latitudes))
    severity, columns, message = about(find(table, "y"), "far from all others")
    assert (severity, columns) == ("warning", ("y",))
    assert message.startswith("y is far from all others in 2 of 400 rows: -74.5, 0, where half of")
    assert "They make up 99.9 % of the squared error" in message


@pytest.mark.parametrize(
    "values",
    [
        np.exp(np.random.default_rng(0).normal(size=N)),  # prices
        np.append(np.zeros(N - 5), [1e6] * 5),  # mostly nothing
        np.append(np.linspace(0, 1, N - 40), np.full(40, 1e3)),  # a part of the table
    ],
)
def test_targets_that_are_only_spread_are_not_far(values):
    table = honest().drop_columns("y").append_column("y", pa.array(values + 0.25))
    assert not [found for found in find(table, "y") if "far from all others" in found[2]]


def test_tiny_classes():
    y = honest()["y"].to_pylist()
    findings = find(honest().set_column(2, "y", pa.array([*y[:-4], "x", "x", "x", "z"])), "y")
    found = about(findings, "fewer than 10 rows")
    assert found[0] == "warning"
    assert "'x' (3), 'z' (1)" in found[2]
    assert "a class with one row cannot be both learned and tested" in found[2]


def test_classes_that_are_written_in_two_ways():
    y = ["well", "ill"] * ((N - 3) // 2) + ["Well", " WELL", "I ll"]
    y += ["ill"] * (N - len(y))
    found = about(find(honest().set_column(2, "y", pa.array(y)), "y"), "in capitals or blanks")
    assert found[0] == "warning"
    assert "alone: ' WELL' and 'well', 'Well' and 'well', 'I ll' and 'ill'; if they" in found[2]
    for letters in ("aA", "ab"):  # as many of each may be two classes
        y = [letters[i % 2] for i in range(N)]
        messages = [one[2] for one in find(honest().set_column(2, "y", pa.array(y)), "y")]
        assert not any("in capitals" in message for message in messages)


def test_imbalance():
    y = np.where(np.arange(N) < 20, "ill", "well")
    found = about(find(honest().set_column(2, "y", pa.array(y)), "y"), "never says 'ill'")
    assert "right in 95 %" in found[2]
    y = np.where(np.arange(N) < 12, "a", np.where(np.arange(N) < 80, "b", "c"))
    assert about(find(honest().set_column(2, "y", pa.array(y)), "y"), "the rarest 12")


def test_repeated_rows():
    table = honest()
    findings = find(pa.concat_tables([table, table.slice(0, 7)]), "y")
    assert about(findings, "7 of 407 rows repeat an earlier one")[0] == "warning"
    assert about(find(pa.concat_tables([table, table]), "y"), "400 of 800")[0] == "warning"
    first = table.slice(0, 1)
    other = "no" if first["y"][0].as_py() == "yes" else "yes"
    findings = find(pa.concat_tables([table, first.set_column(2, "y", pa.array([other]))]), "y")
    assert about(findings, "another target")[2].startswith("2 of 401 rows")
    assert not [finding for finding in findings if "repeat" in finding[2]]


def test_rows_that_differ_in_a_column_that_is_not_used_do_not_repeat():
    """A panel whose shop is set aside: rows of two shops are alike, and no copies."""
    table = honest().select(["y"]).append_column("day", pa.array([i // 2 for i in range(N)]))
    table = table.append_column("shop", pa.array([f"shop {i % 2}" for i in range(N)]))
    twins = find(table, "y", drop=["shop"])
    assert not [finding for finding in twins if "repeat" in finding[2]]
    told = about(twins, "the same in all columns used and has another target")[2]
    assert "no model of these columns can be right about both" in told
    assert not [finding for finding in find(table, "y") if "twin" in finding[2]]
    copies = find(pa.concat_tables([table, table.slice(0, 3)]), "y", drop=["shop"])
    assert about(copies, "3 of 403 rows repeat an earlier one in all columns")


def test_lists_and_bytes_are_compared_too():
    cells = pa.array([[i // 2] for i in range(60)])
    table = pa.table({"a": [i // 2 for i in range(60)], "y": [i // 2 / 7 for i in range(60)]})
    columns = describe_columns(table, target_names=["y"])
    task = find_table_task(table, ["y"])
    y, _ = task.encode(table["y"])
    for others, n in ((cells, 30), (pa.array([[i] for i in range(60)]), 0)):
        findings = check_table(table.append_column("list", others), columns, task, y)
        assert [f.message[:11] for f in findings if "repeat" in f.message] == (
            ["30 of 60 row"[:11]] if n else []
        )


def test_weights_are_advised_only_where_there_are_none():
    y = np.where(np.arange(N) < 20, "ill", "well")
    table = honest().set_column(2, "y", pa.array(y))
    task = find_table_task(table, ["y"])
    columns = describe_columns(table, target_names=["y"])
    for is_weighted in (False, True):
        found = check_table(
            table, columns, task, task.encode(table["y"])[0], is_weighted=is_weighted
        )
        message = next(f.message for f in found if "never says" in f.message)
        assert ("weight the classes" in message) != is_weighted


def test_what_is_constant_in_the_rows_trained_on_is_not_called_constant_in_all():
    table = honest(year=[2011] * 300 + [2012] * (N - 300))
    columns = describe_columns(table.slice(0, 300), target_names=["y"])
    task = find_table_task(table, ["y"])
    y, _ = task.encode(table["y"])
    said = "all cells are the same in the rows trained on"
    assert about(
        [(f.severity, f.columns, f.message) for f in check_table(table, columns, task, y, 300)],
        said,
    )
    whole = find(honest(year=[2011] * N), "y")
    assert about(whole, "all cells are the same")[2].endswith("all cells are the same")


def test_rows_that_differ_in_text_alone_do_not_repeat():
    table = pa.table({"a": ["u", "v", None] * 20, "b": [f"p{i // 3}" for i in range(60)]})
    assert find(table.append_column("y", pa.array(np.arange(60) / 7)), "y") == []
    same = pa.table({"a": [0.0, -0.0, None, float("nan")] * 5, "b": [1.5, 1.5, 2.5, 2.5] * 5,
                     "y": [0.5, 0.5, 1.5, 1.5] * 5})  # fmt: skip
    assert about(find(same, "y"), "repeat")[2].startswith("18 of 20 rows")


def test_many_categories():
    assert about(find(honest(shop=[f"s{i % 210}" for i in range(N)]), "y"), "many categories")
    assert find(honest(shop=[f"s{i % 21}" for i in range(N)]), "y") == []


def test_infinite_numbers():
    values = RNG.normal(size=N)
    values[[3, 5]] = np.inf, -np.inf
    found = about(find(honest(ratio=values), "y"), "infinite")
    assert found[:2] == ("warning", ("ratio",))
    assert "2 cells are" in found[2]
    texts = ["inf", *(f"{i % 90},5" for i in range(1, N))]
    assert "1 cell is" in about(find(honest(ratio=texts), "y"), "infinite")[2]


def test_dates_in_disguise():
    days = [20240100 + i % 28 + 1 for i in range(N)]
    assert about(find(honest(sold=days), "y"), "look like dates")[1] == ("sold",)
    assert "20240101" in about(find(honest(sold=[float(d) for d in days]), "y"), "like dates")[2]
    assert about(find(honest(sold=[str(d) for d in days]), "y"), "look like dates")
    assert find(honest(sold=days), "y", dates=["sold"]) == []
    assert find(honest(day=days), "y") == []  # which are read as dates
    assert find(honest(sales=[20240000 + 97 * i for i in range(N)]), "y") == []


def test_several_targets():
    a, b = np.random.default_rng(0).normal(size=(2, N))
    table = pa.table({"x": 3 * b, "z": np.random.default_rng(1).normal(size=N), "a": a, "b": b})
    found = about(find(table, "a", "b"), "alone predicts b")
    assert found[1] == ("x",)


@pytest.mark.parametrize("n", [2, 3])
def test_very_few_rows(n):
    table = pa.table({"x": [1.5, 2.5, 4.5][:n], "y": ["a", "b", "a"][:n]})
    assert about(find(table, "y"), "fewer than 10 rows")
