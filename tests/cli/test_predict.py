"""`layerwise predict`, `evaluate` and `show` of a model that `layerwise fit` wrote."""

import csv
import gzip
import json

import pytest


@pytest.fixture(scope="module")
def fitted():
    """The bytes of the model that the first test fits, for them all."""
    return {}


@pytest.fixture
def model(fit, fitted, tmp_path):
    lines = [
        "size,town,y",
        *(f"{i % 17},{['Rome', 'Oslo'][i % 2]},{'ab'[i % 17 > 8]}" for i in range(80)),
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    if not fitted:
        assert fit("t.csv")[0] == 0
        fitted["m.layerwise"] = (tmp_path / "m.layerwise").read_bytes()
    (tmp_path / "m.layerwise").write_bytes(fitted["m.layerwise"])
    return "m.layerwise"


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
    ("text", "said"),
    [
        ("size\n3\n", "'town'"),
        ("size,town\nlarge,Rome\nsmall,Oslo\n", "'size'"),
        ("size,town\n", "no rows"),
    ],
)
def test_a_column_missing_or_of_another_type_is_named(command, model, tmp_path, text, said):
    (tmp_path / "new.csv").write_text(text)
    code, out, err = command("predict", model, "new.csv")
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("source", ["none.csv", "."])
def test_a_table_that_is_not_there(command, model, source):
    code, _, err = command("predict", model, source)
    assert code == 1
    assert source in err
    assert err.count("\n") == 1


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
