"""`layerwise predict`, `evaluate` and `show` of a model that `layerwise fit` wrote."""

import csv
import gzip
import json
import sqlite3

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layerwise.tables.reading import write_table
from tests.cli.conftest import assert_refused, strict_json
from tests.store.make_saved import DATA

TOWNS = ["Rome", "Oslo"]


def predicted(text):
    return list(csv.DictReader(text.splitlines()))


def test_a_row_for_each_row(command, model):
    code, out, err = command("predict", model, "t.csv", "--keep", "size")
    assert code == 0
    assert "does not use: y" in err
    rows = predicted(out)
    assert [float(row["size"]) for row in rows] == [i % 17 for i in range(80)]
    for row in rows:
        assert float(row["probability of a"]) + float(row["probability of b"]) == pytest.approx(1)
        assert row["y"] in "ab"


def test_order_new_columns_categories_and_missing_cells_do_not_matter(command, model, tmp_path):
    (tmp_path / "new.csv").write_text("extra,town,size\n1,Rome,3\n2,Atlantis,4\n3,,\n")
    code, out, err = command("predict", model, "new.csv")
    assert code == 0
    assert len(predicted(out)) == 3
    (tmp_path / "same.csv").write_text("size,town\n3,Rome\n")
    same = predicted(command("predict", model, "same.csv")[1])
    assert float(predicted(out)[0]["probability of a"]) == pytest.approx(
        float(same[0]["probability of a"]), rel=1e-5
    )


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("new.dat", "size::town\n3::Rome\n", ["--delimiter", "::"]),
        ("new.dat", "id::size::town\n7::3::Rome\n", []),
        ("new.dat", "id||size||town\n7||3||Rome\n", []),
        ("new.json", '{"0": {"size": 3, "town": "Rome"}}', []),
        ("new.json", '{"size": {"7": 3}, "town": {"7": "Rome"}}', []),
    ],
)
def test_one_row_is_read_as_many_are(command, model, tmp_path, name, text, options):
    (tmp_path / "same.csv").write_text("size,town\n3,Rome\n")
    (tmp_path / name).write_text(text)
    code, out, _ = command("predict", model, name, *options)
    assert code == 0
    assert predicted(out) == predicted(command("predict", model, "same.csv")[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size\n3\n", "'town'"),
        ("size,town\nlarge,Rome\nsmall,Oslo\n", "'size'"),
    ],
)
def test_a_column_missing_or_of_another_type_is_named(command, model, tmp_path, text, said):
    (tmp_path / "new.csv").write_text(text)
    assert_refused(command("predict", model, "new.csv"), said)


def no_rows(path):
    """A file that has the columns size and town, and no rows, of the kind that its name says."""
    table = pa.table({"size": pa.array([], pa.int64()), "town": pa.array([], pa.string())})
    match path.suffix:
        case ".csv":
            path.write_text("size,town\n")
        case ".json":
            path.write_text("[]\n")
        case ".db":
            with sqlite3.connect(path) as database:
                database.execute("create table t (size, town)")
        case _:
            write_table(table, path)


@pytest.mark.parametrize("name", ["new.csv", "new.json", "new.db", "new.parquet", "new.xlsx"])
def test_a_header_without_rows_gives_a_header(command, model, tmp_path, name):
    no_rows(tmp_path / name)
    code, out, _ = command("predict", model, name, "--keep", "size", "--strict")
    assert (code, out) == (0, "size,y,probability of a,probability of b\n")
    code, out, _ = command("predict", model, name, "-o", "out.json", "--json")
    assert code == 0
    assert strict_json(out)["rows"] == 0
    assert json.loads((tmp_path / "out.json").read_text()) == []
    for other in (("evaluate", model, name), ("fit", name, "--target", "town")):
        assert command(*other)[0] == 1


def test_what_is_no_row_is_named_where_there_are_none(command, model, tmp_path):
    (tmp_path / "new.csv").write_text("size,town\nSource: the town hall,\n")
    code, out, err = command("predict", model, "new.csv")
    assert (code, out) == (0, "y,probability of a,probability of b\n")
    assert "not read: new.csv, line 2: " in err


def test_no_rows_in_one_of_several_files_are_no_reason_for_none(command, model, tmp_path):
    (tmp_path / "new-1.csv").write_text("size,town\n")
    (tmp_path / "new-2.csv").write_text("size,town\n3,Rome\n")
    code, out, err = command("predict", model, "new-*.csv")
    assert (code, out) == (1, "")
    assert "new-1.csv has a header" in err


@pytest.fixture
def many_names(model, tmp_path):
    """The table t.csv under other names, and the model beside it."""
    (tmp_path / "link.csv").symlink_to("t.csv")
    (tmp_path / "twin.csv").hardlink_to(tmp_path / "t.csv")
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "t.svg").symlink_to("t.csv")
    (tmp_path / "m.svg").symlink_to("m.layerwise")
    return model


@pytest.mark.parametrize(
    "arguments",
    [
        "predict m.layerwise t.csv -o t.csv",
        "predict m.layerwise t.csv -o ./t.csv",
        "predict m.layerwise t.csv -o link.csv",
        "predict m.layerwise link.csv -o folder/t.csv",
        "predict m.layerwise twin.csv -o t.csv",
        "predict m.layerwise t*.csv -o t.csv",
        "predict m.layerwise t.csv -o m.layerwise",
        "explain m.layerwise t.csv -o link.csv",
        "explain m.layerwise t.csv -o m.layerwise",
        "draw m.layerwise t.csv --row 1 -o t.svg",
        "draw m.layerwise -o m.svg",
        "export m.layerwise -o folder/m.layerwise",
        "export m.layerwise --weights -o m.layerwise",
        "fit t.csv --target y -o link.csv",
        "fit t.csv --target y -o new.layerwise --report t.csv",
        "fit folder/t.csv --target y --test-file link.csv -o new.layerwise --report t.csv",
        "fit t*.csv --target y -o new.layerwise --report t.csv",
        "fit t.csv --target y --continue m.layerwise -o new.layerwise --report m.layerwise",
        "study t.csv --target y -o link.csv",
        "study t.csv --target y --report link.csv",
        "study t.csv --target y --database link.csv",
    ],
)
def test_nothing_that_is_read_is_written_over(command, many_names, tmp_path, arguments):
    files = [tmp_path / name for name in ("t.csv", "m.layerwise")]
    before = [path.read_bytes() for path in files]
    code, out, err = command(*arguments.split())
    assert code == 1
    assert "name another file to write to" in err
    assert [path.read_bytes() for path in files] == before
    assert (tmp_path / "link.csv").is_symlink()
    assert not (tmp_path / "new.layerwise").exists()


def test_nor_is_standard_input(command, model, tmp_path, monkeypatch):
    before = (tmp_path / "t.csv").read_bytes()
    with (tmp_path / "t.csv").open() as table:
        monkeypatch.setattr("sys.stdin", table)
        code, _, err = command("predict", model, "-", "-o", "t.csv")
    assert code == 1
    assert "t.csv is the table itself" in err
    assert (tmp_path / "t.csv").read_bytes() == before


def test_what_is_beside_an_input_is_written(command, model, tmp_path):
    assert command("predict", model, "t.csv", "-o", "out.csv")[0] == 0
    assert command("predict", model, "t.csv", "-o", "out.csv")[0] == 0  # over one's own output
    (tmp_path / "copy.csv").write_bytes((tmp_path / "t.csv").read_bytes())
    assert command("predict", model, "t.csv", "-o", "copy.csv")[0] == 0
    assert (tmp_path / "copy.csv").read_text() == (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize("source", ["none.csv", "."])
def test_a_table_that_is_not_there(command, model, source):
    assert_refused(command("predict", model, source), source)


def test_what_is_no_model(command, model):
    code, _, err = command("predict", "t.csv", "t.csv")
    assert code == 1
    assert "t.csv" in err
    assert command("predict", "none.layerwise", "t.csv")[0] == 1


def test_evaluate_and_show(command, model):
    code, out, _ = command("evaluate", model, "t.csv", "--json")
    assert code == 0
    assert set(json.loads(out)["metrics"]) >= {"accuracy", "log_loss", "roc_auc"}
    code, out, _ = command("show", model)
    assert code == 0
    assert "town" in out
    assert json.loads(command("show", model, "--json")[1])["n_networks"] > 1


def test_lines_that_cannot_be_read_are_reported_with_their_number(command, model, tmp_path):
    lines = (tmp_path / "t.csv").read_text().splitlines()
    (tmp_path / "new.csv").write_text("\n".join([*lines[:21], "1,2,3,4", *lines[21:]]) + "\n")
    for arguments in (("predict", model, "new.csv"), ("evaluate", model, "new.csv", "--json")):
        code, out, err = command(*arguments)
        assert code == 0
        assert "not read: new.csv, line 22: it has more cells than the header" in err
    assert json.loads(out)["source"]["problems"][0]["line"] == 22


@pytest.mark.parametrize("like", [[], ["--like", "t.csv"]])
def test_an_exported_graph_comes_with_a_program_that_feeds_it(command, model, like):
    code, program, err = command("export", model, "-o", "m.onnx", *like)
    assert (code, err) == (0, "layerwise: written to m.onnx\n")
    made = {}
    exec(program, made)
    sizes = {"int64"} if like else {"float64"}
    assert {str(made["feed"]["size"].dtype)} == sizes
    assert made["rows"]["town"] in (["Rome"], ["Oslo"])


def test_evaluate_without_answers(command, model, tmp_path):
    (tmp_path / "new.csv").write_text("size,town\n3,Rome\n")
    code, _, err = command("evaluate", model, "new.csv")
    assert code == 1
    assert "'y'" in err


def test_how_much_may_be_unpacked_is_an_option(command, model, tmp_path):
    (tmp_path / "big.csv.gz").write_bytes(gzip.compress(b"size,town\n" + b"3,Rome\n" * 50_000))
    code, out, err = command("predict", model, "big.csv.gz", "--max-size", "100kB")
    assert (code, out) == (1, "")
    assert err.startswith("layerwise: big.csv.gz unpacks to more than 100,000 bytes")
    code, out, err = command("predict", model, "big.csv.gz", "--max-size", "0.5 MiB")
    assert code == 0, err
    assert out.count("\n") == 50_001
    code, out, err = command("predict", model, "big.csv.gz", "--max-size", "much")
    assert (code, out) == (2, "")
    assert "a size such as 500MB or 20GB is wanted" in err


def look_different(tmp_path):
    sizes = ["error" if i % 2 else i % 17 for i in range(80)]
    (tmp_path / "new.csv").write_text("size,town\n" + "".join(f"{s},Rome\n" for s in sizes))
    (tmp_path / "answers.csv").write_text("size,town,y\n" + "".join(f"{s},Oslo,a\n" for s in sizes))


UNREADABLE = (
    "warning: size: 40 of 80 cells hold no numbers, such as 'error', and count as missing (none "
    "when trained)"
)


def test_how_rows_differ_is_said_and_strict_stops(command, model, tmp_path):
    look_different(tmp_path)
    code, out, err = command("predict", model, "new.csv")
    assert (code, len(predicted(out))) == (0, 80)
    assert f"layerwise: {UNREADABLE}\n" in err
    assert "warning: town: 'Rome' in 100" in err
    code, out, err = command("predict", model, "new.csv", "-o", "out.csv", "--strict", "--json")
    assert (code, (tmp_path / "out.csv").exists()) == (3, False)
    assert err.endswith("layerwise: nothing is predicted, as --strict asks\n")
    told = json.loads(out)
    assert told["output"] is None
    assert [one["severity"] for one in told["comparison"]["columns"]] == ["warning"] * 2
    assert told["comparison"]["columns"][0]["unreadable"] == [0.0, 0.5]
    code, out, err = command("evaluate", model, "answers.csv")
    assert code == 0
    assert UNREADABLE in " ".join(out.split())
    code, out, err = command("evaluate", model, "answers.csv", "--strict", "--json")
    assert (code, err) == (3, "layerwise: nothing is scored, as --strict asks\n")
    assert json.loads(out)["metrics"] is None


def test_of_rows_like_those_trained_on_nothing_is_said(command, model, tmp_path):
    (tmp_path / "same.csv").write_text((tmp_path / "t.csv").read_text())
    code, out, err = command("predict", model, "same.csv", "--strict", "--json", "-o", "out.csv")
    assert (code, "warning" in err) == (0, False)
    told = json.loads(out)
    assert (told["output"], told["rows"], told["comparison"]["n_trained"]) == ("out.csv", 80, 64)
    assert {one["severity"] for one in told["comparison"]["columns"]} == {None}
    code, out, _ = command("evaluate", model, "same.csv", "--strict")
    assert (code, "warning" in out) == (0, False)
    code, out, err = command("predict", model, "same.csv", "--json")
    assert (code, out) == (2, "")
    assert "--json needs -o FILE" in err


def test_a_model_of_an_earlier_version_says_that_it_cannot_compare(command, tmp_path):
    saved = DATA / "format_2" / "classes"
    rows = json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))["rows"]
    pq.write_table(pa.table(rows), tmp_path / "new.parquet")
    path = saved.with_suffix(".layerwise")
    code, out, err = command("predict", path, "new.parquet")
    assert (code, len(predicted(out))) == (0, len(next(iter(rows.values()))))
    assert "these rows could not be compared" in err
    assert "warning" not in err
    code, out, err = command("predict", path, "new.parquet", "--strict")
    assert (code, out) == (1, "")
    assert "--strict cannot be kept" in err


def test_of_many_columns_that_differ_five_are_named(command, fit, tmp_path):
    names = [f"x{i}" for i in range(9)]
    table = {name: [j * (i + 3) % 61 for j in range(120)] for i, name in enumerate(names)}
    table["y"] = [j % 3 / 2 + x / 60 for j, x in enumerate(table["x0"])]
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    assert fit("t.parquet")[0] == 0
    changed = {name: [x + 1000 for x in cells] for name, cells in table.items() if name != "y"}
    pq.write_table(pa.table(changed), tmp_path / "new.parquet")
    code, _, err = command("predict", "m.layerwise", "new.parquet", "-o", "out.csv")
    assert code == 0
    assert err.count("layerwise: warning: x") == 5
    assert "4 more of 9 columns differ from what the model was trained on; --json names" in err
