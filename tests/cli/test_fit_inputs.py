"""`layerwise fit`: tables, test rows, names and cells as people have them."""

import gzip
import io
import sqlite3
import sys

import pytest

from tests.cli.conftest import QUICK, strict_json


def test_names_with_commas_in_them(fit, tmp_path):
    lines = ['"a, b",c,"y, z"', *(f"{i % 7},{i % 5},{'uv'[i % 7 > 3]}" for i in range(60))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    code, out, _ = fit("t.csv", "--json", "--categorical", "a, b", target="y, z")
    assert code == 0
    result = strict_json(out)
    assert result["task"]["targets"] == ["y, z"]
    kinds = {column["name"]: column["kind"] for column in result["columns"]}
    assert kinds == {"a, b": "category", "c": "number"}


def test_dates_times_and_durations_as_people_write_them(fit, command, tmp_path):
    lines = ["day,quarter,opens,lasts,run"]
    for i in range(90):
        time, lasts = f"{1 + i % 12}:{i * 7 % 60:02} {'AP'[i % 2]}M", f"{i % 5}h {i}m"
        day = f"{i * 5 % 12 + 1}/{i * 7 % 12 + 1}/{62 + i % 9}"
        run = f"{i % 3}:{i * 11 % 60:02}:{i * 13 % 60:02}"
        lines.append(f"{day},Q{i % 4 + 1} {2000 + i % 20},{time},{lasts},{run}")
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    code, out, _ = fit("t.csv", "--json", target="run")
    assert code == 0
    result = strict_json(out)
    kinds = {column["name"]: column["kind"] for column in result["columns"]}
    assert kinds == {"day": "date", "quarter": "date", "opens": "number", "lasts": "number"}
    reasons = {column["name"]: column["reason"] for column in result["columns"]}
    assert "with years of two digits, 1962 to 1970" in reasons["day"]
    assert reasons["opens"].startswith("all 72 cells are times of day written like")
    assert "durations written like" in reasons["lasts"]
    assert result["task"]["reason"] == "durations from 0:00:00 to 2:58:14, in seconds"
    said = " ".join(finding["message"] for finding in result["findings"])
    assert "nothing says whether day or month comes first in day; the month was taken" in said
    code, out, _ = fit("t.csv", "--json", "--dates", "day=%d/%m/%y", target="run")
    assert "the day comes first, as you said" in strict_json(out)["columns"][0]["reason"]
    assert "nothing says" not in out
    assert "durations from 0:00:00" in command("show", "m.layerwise")[1]


def test_without_a_target_the_columns_are_listed(command, table):
    code, out, err = command("fit", table)
    assert code == 1
    assert "--target NAME; the columns are size, town, street, count, day, price, y" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("town,street,count,day,price,y\nRome,a,1,2024-01-01,1,yes\n", "'size' (of the test rows)"),
        ("size,town,street,count,day,price\n1,Rome,a,1,2024-01-01,1\n", "'y'"),
        ("size,town,street,count,day,price,y\n1,Rome,a,1,2024-01-01,1,maybe\n", "maybe"),
    ],
)
def test_test_rows_that_will_not_do_are_refused_before_training(
    fit, table, tmp_path, monkeypatch, text, said
):
    monkeypatch.setattr(
        "layerwise.estimators.table.train_ensemble", lambda *_, **__: pytest.fail("was trained")
    )
    (tmp_path / "test.csv").write_text(text)
    code, _, err = fit(table, "--test-file", "test.csv")
    assert code == 1
    assert said in err


def test_lines_of_the_test_file_that_cannot_be_read_are_reported(fit, table, tmp_path):
    lines = table.read_text().splitlines()
    (tmp_path / "test.csv").write_text("\n".join([*lines[:40], "1,2"]) + "\n")
    code, out, _ = fit(table, "--test-file", "test.csv")
    assert code == 0
    assert "39 to test with: the rows of the test file" in out
    assert "test.csv, line 41: it has fewer cells" in out


def test_a_table_of_a_database(fit, table, tmp_path):
    import pandas as pd

    with sqlite3.connect(tmp_path / "t.db") as database:
        for name in ("houses", "others"):
            pd.read_csv(table).to_sql(name, database, index=False)
    code, _, err = fit("t.db")
    assert code == 1
    assert "houses, others" in err
    assert fit("t.db", "--table", "houses")[0] == 0


def test_many_formats(fit, table, tmp_path):
    import pandas as pd

    frame = pd.read_csv(table)
    with gzip.open(tmp_path / "t.csv.gz", "wb") as file:
        file.write(table.read_bytes())
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    with sqlite3.connect(tmp_path / "t.db") as database:
        frame.to_sql("houses", database, index=False)
    results = []
    for source, options in (
        ("t.csv.gz", []),
        ("t.parquet", []),
        ("t.xlsx", []),
        ("t.db", ["--query", "select * from houses"]),
        ("hous*.csv", []),
    ):
        code, out, _ = fit(source, "--json", *options)
        assert code == 0, source
        results.append(strict_json(out)["metrics"])
    assert all(result == results[0] for result in results)


def test_standard_input(command, table, tmp_path, monkeypatch, no_pictures):
    with table.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        code, out, _ = command("fit", "-", "--target", "y", *QUICK, "--json")
    assert code == 0
    assert strict_json(out)["model"] == "table.layerwise"
    assert (tmp_path / "table.layerwise").exists()
