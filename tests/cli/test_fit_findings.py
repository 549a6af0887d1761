"""What `layerwise fit` says of rows: counts and names of them, giveaways, splits that flatter."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

N = 300
RNG = np.random.default_rng(0)
X, NOISE = RNG.normal(size=(2, N))
PLAIN = {"x": X, "other": NOISE, "y": X + RNG.normal(size=N)}


@pytest.fixture
def findings(fit, tmp_path):
    """findings(columns, ...): (all messages of a fit of y, the kinds of its columns)."""

    def run(columns, *options):
        pa.csv.write_csv(pa.table(columns), tmp_path / "t.csv")
        code, out, error = fit("t.csv", "--json", *options)
        assert code == 0, error
        told = json.loads(out)
        kinds = {column["name"]: column["kind"] for column in told["columns"]}
        return [finding["message"] for finding in told["findings"]], kinds

    return run


def said(messages, words):
    return [message for message in messages if words in message]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("rownames", np.arange(N) + 1),
        ("Unnamed: 0", RNG.permutation(N)),
        ("x1", RNG.permutation(N)),
    ],
)
def test_a_column_that_counts_rows_is_named_and_not_used(findings, name, numbers):
    order = np.argsort(PLAIN["y"])  # so that the count says all
    table = {name: numbers, **{key: values[order] for key, values in PLAIN.items()}}
    messages, kinds = findings(table)
    (message,) = said(messages, "counts the rows")
    assert message.startswith(f"not used: {name}")
    assert "--keep" in message
    assert kinds[name] == "identifier"
    messages, kinds = findings(table, "--keep", name)
    assert kinds[name] == "number"
    assert not said(messages, "counts the rows")


def test_numbers_that_are_no_count_of_the_rows_are_used(findings):
    table = {"rank": RNG.permutation(N) + 1, "size": RNG.permutation(5 * N)[:N], **PLAIN}
    messages, kinds = findings(table)
    assert messages == []
    assert kinds["rank"] == kinds["size"] == "number"


def test_rows_that_repeat_but_for_their_number_are_found(findings):
    rows = np.append(np.arange(N), np.arange(7))
    table = {key: values[rows] for key, values in PLAIN.items()}
    messages, _ = findings({"rownames": np.arange(len(rows)) + 1, **table})
    assert said(messages, "7 of 307 rows repeat an earlier one")
    assert not said(findings({"rownames": np.arange(N), **PLAIN})[0], "repeat")


def test_an_identifier_is_named_and_kept_where_it_is_asked_for(findings):
    table = {"schid": RNG.permutation(10 * N)[:N] + 700, "count": RNG.permutation(10 * N)[:N]}
    messages, kinds = findings({**table, **PLAIN})
    (message,) = said(messages, "names the row")
    assert "not used: schid" in message
    assert "--keep schid" in message
    assert (kinds["schid"], kinds["count"]) == ("identifier", "number")
    messages, kinds = findings({**table, **PLAIN}, "--keep", "schid")
    assert kinds["schid"] == "number"
    assert not said(messages, "names the row")


def test_an_identifier_that_helps_rows_of_unseen_numbers_is_used(findings, command):
    order = RNG.permutation(N)
    table = {"caseid": order * 7 + 40_000, "x": X, "y": order / 100.0 + RNG.normal(size=N) / 9}
    messages, kinds = findings(table)
    assert kinds["caseid"] == "number"
    assert not said(messages, "names the row")
    reason = json.loads(command("show", "m.layerwise", "--json")[1])["columns"][0]["reason"]
    assert "it helps where no near one was seen: R²" in reason
    near = np.repeat(RNG.normal(size=N // 5), 5)[order] + RNG.normal(size=N) / 9
    assert findings({**table, "y": near})[1]["caseid"] == "identifier"


def test_a_text_of_a_sorted_file_gives_nothing_away(findings):
    table = {key: values[np.argsort(PLAIN["y"])] for key, values in PLAIN.items()}
    titles = [f"The tale of {i * 7919 % 1009}" for i in range(N)]
    assert not said(findings({"title": titles, **table})[0], "alone predict")


def test_what_gives_the_target_away_is_one_line(findings):
    leaks = {f"leak{i}": (i + 2) * PLAIN["y"] + i for i in range(12)}
    (message,) = said(findings({**PLAIN, **leaks})[0], "alone predict")
    assert "leak0, " in message
    assert "4 more" in message


def test_the_screen_has_what_is_wrong_first_and_counts_the_rest(fit, tmp_path, monkeypatch):
    bad = {"rownames": np.arange(N), "leak": 2 * PLAIN["y"], "unit": ["kg"] * N}
    bad |= {"gap": [None] * (N - 20) + list(range(20)), "key": [f"K{i}" for i in range(N)]}
    bad |= {"double": 2 * X, "day": [20240101 + i % 28 for i in range(N)]}
    pa.csv.write_csv(pa.table({**PLAIN, **bad}), tmp_path / "t.csv")
    monkeypatch.setenv("COLUMNS", "80")
    code, out, error = fit("t.csv")
    assert code == 0, error
    lines = out.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("warning: "))
    last = next(i for i, line in enumerate(lines) if "more" in line and "see the report" in line)
    assert "leak alone predicts y" in lines[first]
    assert 6 < last + 1 - first <= 12
    told = json.loads(fit("t.csv", "--json")[1])["findings"]
    assert len(told) > sum(line.startswith(("warning: ", "note: ")) for line in lines)


def walk(n):
    return np.cumsum(np.random.default_rng(3).normal(size=n))


def days(n):
    return [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in range(n)]


@pytest.mark.parametrize("order", ["in order", "shuffled"])
def test_a_split_that_flatters_in_time(findings, order):
    rows = np.arange(600) if order == "in order" else np.random.default_rng(1).permutation(600)
    table = {"day": [days(600)[i] for i in rows], "y": walk(600)[rows]}
    (message,) = said(findings(table)[0], "a split at random flatters")
    assert message.count("R² 0.9") == 1
    assert "on the latest fifth by day" in message
    assert message.endswith("--time-column day")
    assert not said(findings(table, "--time-column", "day")[0], "flatters")


def test_dates_that_say_nothing_of_the_future_flatter_nothing(findings):
    x, noise = np.random.default_rng(4).normal(size=(2, 600))
    assert not said(findings({"day": days(600), "x": x, "y": x + noise})[0], "flatters")


def groups(noise):
    """Rows of 150 incidents, of which a number is nearly the same in all of one."""
    rng = np.random.default_rng(5)
    incident = np.repeat(rng.permutation(150), 4)
    place = rng.normal(size=(2, 150))[:, incident] + rng.normal(size=(2, 600)) / 100
    level = rng.integers(0, 2, 150)[incident]
    y = np.where(rng.random(600) < noise, rng.integers(0, 2, 600), level)
    order = rng.permutation(600)
    table = {"incident": incident, "a": place[0], "b": place[1], "y": np.array(["no", "yes"])[y]}
    return {name: values[order] for name, values in table.items()}


def test_a_split_that_flatters_since_rows_belong_together(findings):
    table = groups(noise=0.0)
    (message,) = said(findings(table)[0], "a split at random flatters")
    assert "accuracy 0." in message
    assert message.endswith("--group-column incident")
    assert not said(findings(table, "--group-column", "incident")[0], "flatters")
    assert not said(findings(groups(noise=1.0))[0], "flatters")


def test_columns_that_are_another_one_again_are_named(findings):
    ages = RNG.integers(18, 80, N)
    city = RNG.choice(["Ulm", "Bonn", "Jena"], N)
    again = {"age": ages, "age_months": 12 * ages, "city": city}
    again["code"] = np.array([name[0].lower() * 2 for name in city])
    (message,) = said(findings({**again, **PLAIN})[0], "say what others say")
    assert "age_months is 12 times age; " not in message
    assert "age_months is 12 times age" in message
    assert "code tells the same rows apart as city" in message
    assert message.endswith("--drop age_months,code")
    assert not said(findings({**again, **PLAIN})[0], "nearly say the same")
    again["age_months"] += RNG.integers(-60, 60, N)
    again["code"][3] = "xx"
    assert not said(findings({**again, **PLAIN})[0], "say what others say")


def test_noisy_copies_of_a_column_are_named_together(findings):
    heat = RNG.normal(20, 5, N)
    copies = {f"probe {i}": 1.8 * heat + 32 + RNG.normal(size=N) for i in range(2)}
    (message,) = said(findings({"heat": heat, **copies, **PLAIN})[0], "nearly say the same")
    assert message.endswith("2% of their variance at most: heat, probe 0, probe 1")
    copies = {name: x + 3 * RNG.normal(size=N) for name, x in copies.items()}
    assert not said(findings({"heat": heat, **copies, **PLAIN})[0], "nearly say the same")


def test_a_few_targets_far_away_are_told_where_squares_are_counted(findings):
    y = PLAIN["y"].copy()
    y[7] = 10_000.0
    messages, _ = findings(PLAIN | {"y": y})
    assert len(said(messages, "is far from all others in 1 of 300 rows: 10000, where half")) == 1
    messages, _ = findings(PLAIN | {"y": y}, "--metric", "mae")
    assert not said(messages, "is far from all others")
