"""`layerwise explain`: one row of a table through a model file."""

import json

import pytest

from layerwise import save
from tests.cli.conftest import assert_refused
from tests.store.small_models import mlp

TOWNS = ["Rome", "Oslo", ""]


def test_the_row_asked_for_is_explained(command, model):
    code, out, err = command("explain", model, "t.csv", "--row", "7")
    assert (code, err) == (0, "")
    assert out.startswith("Row 7 of t.csv\n==")
    assert "Why: what each column contributed" in out
    assert "The answer: a" in out
    assert " = mish(" in out
    data = json.loads(command("explain", model, "t.csv", "--row", "12", "--json")[1])
    assert data["title"] == "row 12 of t.csv"
    assert data["columns"][0]["cell"] == "11"
    assert data["columns"][1]["cell"] is None
    assert data["answer"] == "b"
    assert data["importance"] is None


def test_a_row_is_read_as_its_table_is(command, model, tmp_path):
    lines = ["size,town", '"1,234",Rome', '"7,5",Oslo']  # the second says what a comma is
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")
    data = json.loads(command("explain", model, "new.csv", "--row", "1", "--json")[1])
    assert data["columns"][0]["cell"] == "1.234"
    lines.pop()
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")
    code, out, err = command("explain", model, "new.csv", "--row", "1")
    assert (code, out) == (1, "")
    assert "the column 'size' held numbers when the model was trained" in err


def test_options_reach_the_explanation(command, model):
    arguments = ["--row", "3", "--of", "b", "--baseline", "4", "--member", "2", "--importance"]
    arguments += ["--answer", "b", "--weight", "size,h1_2", "--weight", "h1_2,a", "--all", "--json"]
    data = json.loads(command("explain", model, "t.csv", *arguments)[1])
    assert data["explained"] == "b"
    assert data["network"] == 2
    assert data["answer"] == "b"
    assert data["attribution"]["baseline"] == "the row given"
    assert [chain["weight"] for chain in data["chain_rules"]] == ["size,h1_2", "h1_2,s_1"]
    assert set(data["importance"]["rises_by"]) == {"size", "town"}
    assert len(data["layers"][0]["weights"]) == len(data["inputs"])


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.md", "# Row 1 of t.csv"),
        ("r.html", "<!doctype html>"),
        ("r.json", "{"),
        ("r.txt", "Row"),
    ],
)
def test_a_file_s_name_says_the_format(command, model, tmp_path, name, start):
    code, out, err = command("explain", model, "t.csv", "-o", name)
    assert (code, out) == (0, "")
    assert err == f"layerwise: written to {name}\n"
    assert (tmp_path / name).read_text("utf-8").startswith(start)


def test_the_terminal_s_format_can_be_asked_for(command, model):
    out = command("explain", model, "t.csv", "--format", "terminal")[1]
    assert "Why: what each column contributed" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--row", "900"], "there is no row 900: t.csv has 80 rows, 1 to 80"),
        (["--baseline", "81"], "there is no row 81"),
        (["--of", "c"], "there is no class 'c'"),
        (["--answer", "c"], "there is no class 'c'; the classes: a, b"),
        (["--member", "99"], "there is no network 99"),
        (["--weight", "h9_9,h1_1"], "'h9_9'"),
        (["--format", "htlm"], "did you mean 'html'?"),
        (["-o", "nowhere/r.html"], "no folder nowhere"),
    ],
)
def test_what_is_not_there_is_one_line(command, model, arguments, said):
    assert_refused(command("explain", model, "t.csv", *arguments), said)


def test_a_column_missing_is_named(command, model, tmp_path):
    (tmp_path / "new.csv").write_text("size\n3\n")
    code, _, err = command("explain", model, "new.csv")
    assert code == 1
    assert "lacks the column 'town'" in err


def test_new_rows_have_no_answer(command, model, tmp_path):
    (tmp_path / "new.csv").write_text("town,size\nAtlantis,1e9\n")
    code, out, _ = command("explain", model, "new.csv")
    assert code == 0
    assert "Atlantis" in out
    assert "Backwards" not in out
    data = json.loads(command("explain", model, "new.csv", "--json")[1])
    assert "rare or not there in training" in data["columns"][1]["network_gets"]
    code, _, err = command("explain", model, "new.csv", "--weight", "h1_1,h2_1")
    assert code == 1
    assert "the answer" in err


def test_a_model_of_plain_numbers(command, tmp_path):
    save(mlp("three"), tmp_path / "mlp.layerwise")
    (tmp_path / "x.csv").write_text("x1,x2,x3\n0.5,-1,2\n1,2,3\n")
    code, out, err = command("explain", "mlp.layerwise", "x.csv", "--row", "2", "--answer", "b")
    assert (code, err) == (0, "")
    assert "h1_1 = relu(" in out
    assert "The answer: b" in out


def test_it_is_written_in_korean_where_that_is_asked_for(command, model, monkeypatch):
    code, out, err = command("explain", model, "t.csv", "--row", "7", "--language", "ko")
    assert (code, err) == (0, "")
    assert out.startswith("t.csv의 7번째 행\n==")
    assert "이유: 열마다 기여한 정도" in out
    assert "정답: a" in out
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert command("explain", model, "t.csv", "--row", "7")[1] == out
    code, english, _ = command("explain", model, "t.csv", "--row", "7", "--language", "en")
    assert (code, english.partition("\n")[0]) == (0, "Row 7 of t.csv")
    code, out, err = command("explain", model, "t.csv", "--row", "900")
    assert (code, out) == (1, "")
    assert "there is no row 900: t.csv has 80 rows" in err


def test_a_language_without_a_catalogue_is_refused(command, model):
    code, out, err = command("explain", model, "t.csv", "--language", "fr")
    assert (code, out) == (1, "")
    assert "language must be one of en, ko; got 'fr'" in err
