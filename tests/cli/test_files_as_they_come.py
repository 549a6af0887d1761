"""Files as spreadsheets, surveys and other systems write them, through the command."""

import csv
import io
import json
import unicodedata

import numpy as np
import pytest

from layerwise.draw.model_rows import rows_of
from layerwise.draw.plane import plane_of
from layerwise.store import load
from layerwise.tables.reading import read_table
from tests.cli.conftest import QUICK

_N = 60
_X = np.sin(np.arange(_N)).round(3)
_FIT = [*QUICK, "-o", "m.layerwise", "--json"]


def _lines(line):
    return "".join(f"{line(i)}\n" for i in range(_N))


@pytest.fixture
def fitted(command, tmp_path, no_pictures):
    """fitted(text, *options) -> what fit --json gives of a file t.csv."""

    def fit(text, *options, encoding="utf-8"):
        (tmp_path / "t.csv").write_bytes(text.encode(encoding))
        code, out, err = command("fit", "t.csv", *_FIT, *options)
        assert code == 0, err
        return json.loads(out)

    return fit


def test_a_year_is_a_target(fitted):
    result = fitted("state,x,2022\n" + _lines(lambda i: f"S{i % 7},{_X[i]},{3 * _X[i]}"),
                    "--target", "2022")  # fmt: skip
    assert result["task"]["targets"] == ["2022"]


def test_titles_a_second_line_and_a_total_are_no_rows(fitted, command, tmp_path):
    prices = [round(3 + _X[i], 2) for i in range(_N)]
    text = (
        "2023 Sales Report,,,\nExported 2024-01-05,,,\n,,,\nshop,rooms,price,sold\n,,EUR,\n"
        + _lines(lambda i: f"s{i % 5},{i % 4},{prices[i]},{'yn'[i % 2]}")
        + f"Total,{sum(i % 4 for i in range(_N))},{sum(prices):.2f},\n"
    )
    source = fitted(text, "--target", "price")["source"]
    assert source["n_rows"] == _N
    assert [problem["line"] for problem in source["problems"]] == [1, 2, _N + 6]
    assert "left out" in source["notes"][0]
    code, out, err = command("predict", "m.layerwise", "t.csv")
    assert (code, len(out.splitlines())) == (0, _N + 1)
    assert f"line {_N + 6}: it is a total of the rows above it" in err
    code, out, _ = command("predict", "m.layerwise", "t.csv", "--keep-total")
    assert (code, len(out.splitlines())) == (0, _N + 2)


def test_north_america_is_a_class_where_it_is_kept(fitted):
    codes = ["AF", "AS", "EU", "NA"]
    text = "continent,x\n" + _lines(lambda i: f"{codes[i % 4]},{_X[i] + i % 4}")
    lost = fitted(text, "--target", "continent")
    assert "15 cells hold NA and are read as missing" in lost["source"]["notes"][0]
    assert lost["task"]["classes"] == ["AF", "AS", "EU"]
    kept = fitted(text, "--target", "continent", "--keep-na")
    assert kept["task"]["classes"] == codes


@pytest.mark.parametrize(("file_form", "asked_form"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_and_cells_in_two_compositions(fitted, command, tmp_path, file_form, asked_form):
    def table(form, *, with_target=True):
        cells = ["서울", "café", "Köln"]
        lines = [f"도시,x{',가격' if with_target else ''}"]
        lines += [
            f"{cells[i % 3]},{_X[i]}" + (f",{'높음' if i % 3 else '낮음'}" if with_target else "")
            for i in range(_N)
        ]
        return unicodedata.normalize(form, "\n".join(lines) + "\n")

    asked = unicodedata.normalize(asked_form, "가격")
    high = unicodedata.normalize(asked_form, "높음")
    result = fitted(table(file_form), "--target", asked, "--class-weight", f"{high}=2")
    assert result["task"]["targets"] == [unicodedata.normalize(file_form, "가격")]
    own = [unicodedata.normalize(file_form, one) for one in ("낮음", "높음")]
    assert sorted(result["task"]["classes"]) == sorted(own)
    (tmp_path / "new.csv").write_text(table(asked_form), encoding="utf-8")
    code, out, err = command("predict", "m.layerwise", "new.csv", "--keep", "도시")
    assert (code, "rare or not there" in err) == (0, False), err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row[unicodedata.normalize(file_form, "가격")] for row in rows} <= set(own)
    assert unicodedata.normalize(asked_form, "도시") in rows[0]
    code, out, err = command("evaluate", "m.layerwise", "new.csv", "--json")
    assert code == 0, err
    assert json.loads(out)["rows"] == _N
    code, out, err = command("explain", "m.layerwise", "new.csv", "--of", high, "--weight", high)
    assert code == 0, err
    rows = rows_of(load(tmp_path / "m.layerwise"), read_table(tmp_path / "new.csv").table)
    assert (rows.y is None, len(rows.x)) == (False, _N)
    plane = plane_of(rows, [unicodedata.normalize(asked_form, "도시"), "x"])
    assert plane.across.name == unicodedata.normalize(file_form, "도시")


def test_what_is_no_table_is_named(command, tmp_path):
    (tmp_path / "t.csv").write_text("version https://git-lfs.github.com/spec/v1\noid x\nsize 5\n")
    code, out, err = command("fit", "t.csv", "--target", "y")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "a pointer of Git LFS" in err
