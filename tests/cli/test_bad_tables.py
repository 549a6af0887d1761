"""Tables as they come: what cannot be used is refused in words, all else is decided upon."""

import numpy as np
import pytest

from tests.cli.conftest import assert_refused

N = 60


def rows(header, line, n=N):
    """A CSV of n rows; line(i) is row i."""
    return "\n".join([header, *(line(i) for i in range(n))]) + "\n"


def x(i):
    return f"{np.sin(i):.3f}"


def yn(i):
    return "yn"[i % 2]


REFUSED = {
    "an empty file": ("", "empty"),
    "empty lines": ("\n\n\n", "empty lines"),
    "a header alone": ("a,b,y\n", "no rows"),
    "a target of one value": (rows("a,y", lambda i: f"{x(i)},1"), "at least two different values"),
    "a target of names": (rows("a,y", lambda i: f"{x(i)},name{i}"), "as an identifier is"),
    "a target without values": (rows("a,y", lambda i: f"{x(i)},"), "no row has a value"),
    "no target": (rows("a,z", lambda i: f"{x(i)},{i}"), "no column 'y'"),
    "1 row": ("a,y\n1,2\n", "at least 10"),
    "2 rows": ("a,y\n1,u\n2,v\n", "at least 10"),
    "2 rows of numbers": ("a,y\n1,2\n2,3\n", "at least 10"),
    "a target with 3 values": (
        rows("a,y", lambda i: f"{x(i)},{yn(i) if i < 3 else ''}"),
        "rows with a target are 3",
    ),
    "nothing but the target": (rows("y", yn), "no column is left"),
    "nothing but names": (rows("id,y", lambda i: f"ID{i:05d},{yn(i)}"), "no column is left"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(fit, tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    assert_refused(fit("t.csv"), said, shows=True)
    assert not (tmp_path / "m.layerwise").exists()


DECIDED = {
    "a long line": (
        rows("a,y", lambda i: "1,2,3,4" if i == 30 else f"{x(i)},{yn(i)}"),
        "line 32: it has more cells than the header",
    ),
    "a short line": (
        rows("a,b,y", lambda i: "1" if i == 30 else f"{x(i)},{i % 5},{yn(i)}"),
        "line 32: it has fewer cells than the header: 1, where 3 are wanted",
    ),
    "another delimiter": (rows("a|b|y", lambda i: f"{x(i)}|{i}|{yn(i)}"), "delimiter '|'"),
    "commas before fractions": (
        rows("a;y", lambda i: f"{x(i)};{yn(i)}".replace(".", ",")),
        "',' before the fraction",
    ),
    "two columns of one name": (rows("a,a,y", lambda i: f"{x(i)},{x(2 * i)},{yn(i)}"), '"a_2"'),
    "a column without a name": (rows("a,,y", lambda i: f"{x(i)},{x(2 * i)},{yn(i)}"), "column_2"),
    "rows without a target": (
        rows("a,y", lambda i: f"{x(i)},{'' if i % 4 == 0 else yn(i // 4 + i)}"),
        "15 of 60 rows have no target",
    ),
    "a class of 1 row": (
        rows("a,y", lambda i: f"{x(i)},{'rare' if i == 7 else yn(i)}"),
        "the class 'rare' (1)",
    ),
    "thousands separators": (
        rows("a,b,y", lambda i: f'"{1000 + 37 * i:,}",{x(i)},{yn(i)}'),
        "',' between thousands",
    ),
    "units": (rows("a,b,y", lambda i: f"{i * 1.5} kg,{x(i)},{yn(i)}"), "unit 'kg'"),
    "stray text among numbers": (
        rows("a,b,y", lambda i: f"{'five' if i == 30 else i * 1.5},{x(i)},{yn(i)}"),
        "1 cell is none, such as 'five', and counts as missing",
    ),
    "infinite values": (
        rows("a,b,y", lambda i: f"{'inf' if i % 7 == 0 else x(i)},{i},{yn(i)}"),
        "9 cells are infinite",
    ),
    "an infinite target": (
        rows("a,y", lambda i: f"{x(i)},{'inf' if i == 3 else i * 2.5}"),
        "1 infinite ones count as missing",
    ),
    "dates written in two ways": (
        rows(
            "d,a,y",
            lambda i: "{},{},{}".format(
                (f"2024-01-{i % 28 + 1:02d}", f"{i % 28 + 1:02d}.01.2024")[i % 2], x(i), yn(i // 2)
            ),
        ),
        "date",
    ),
    "a column without values": (rows("a,m,y", lambda i: f"{x(i)},,{yn(i)}"), "not used: m"),
    "booleans in words": (
        rows("b,a,y", lambda i: f"{'Yes' if i % 3 else 'No'},{x(i)},{'yes' if i % 2 else 'no'}"),
        "boolean",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), DECIDED.values(), ids=DECIDED)
def test_decided_and_said(fit, tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    code, out, err = fit("t.csv")
    assert (code, err) == (0, "")
    assert said in " ".join(out.split())
    assert (tmp_path / "m.layerwise").exists()
    assert (tmp_path / "m.report.html").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_korean_names_and_categories(fit, command, tmp_path, encoding):
    text = rows(
        "나이,도시,구매",
        lambda i: f"{20 + i},{'서울부산'[i % 4 // 2 * 2 :][:2]},{'예' if i % 2 else '아니오'}",
    )
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    code, out, _ = fit("t.csv", target="구매")
    assert code == 0
    assert "도시" in out
    code, out, _ = command("predict", "m.layerwise", "t.csv")
    assert code == 0
    assert out.splitlines()[0] == "구매,probability of 아니오,probability of 예"
    assert len(out.splitlines()) == N + 1


@pytest.mark.parametrize(("source", "said"), [("none.csv", "there is no file"), (".", "a folder")])
def test_a_table_that_is_no_file(fit, source, said):
    assert_refused(fit(source), said)


def test_a_folder_that_may_not_be_written_to_is_refused_before_reading(fit, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(rows("a,y", lambda i: f"{x(i)},{yn(i)}"))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr(
        "layerwise.tables.reading.read_table", lambda *_, **__: pytest.fail("was read")
    )
    code, _, err = fit("t.csv")
    assert code == 1
    assert "cannot be written to" in err


def test_a_wrong_delimiter_is_answered_with_the_right_one(fit, tmp_path):
    (tmp_path / "t.csv").write_text(rows("a;b;y", lambda i: f"{x(i)};{i};{yn(i)}"))
    code, _, err = fit("t.csv", "--delimiter", ",")
    assert code == 1
    assert "it seems to be a semicolon" in err


@pytest.mark.parametrize("n", [pytest.param(5_000, marks=pytest.mark.slow), 200])
def test_very_many_columns(fit, tmp_path, n):
    values = np.random.default_rng(0).normal(size=(30, n)).round(2)
    names = ",".join(f"c{i}" for i in range(n))
    lines = [f"{','.join(map(str, row))},{yn(i)}" for i, row in enumerate(values)]
    (tmp_path / "t.csv").write_text("\n".join([f"{names},y", *lines]) + "\n")
    code, out, _ = fit("t.csv", "--pieces", "0", "--folds", "2", "--repeats", "1")
    assert code == 0
    assert f"... {n - 40:,} more" in out


@pytest.mark.slow
def test_100_000_categories(fit, tmp_path):
    random = np.random.default_rng(0)
    lines = [f"customer {c},{yn(c)}" for c in random.permutation(120_000) % 100_000]
    (tmp_path / "t.csv").write_text("\n".join(["who,y", *lines]) + "\n")
    code, out, _ = fit("t.csv", "--categorical", "who", "--folds", "2", "--repeats", "1")
    assert code == 0
    assert "many categories: who (" in out
