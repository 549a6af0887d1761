"""Whatever a name, class, cell, target, file's name or query says is shown, and acts on nothing."""

import csv
import io
import re
import sqlite3
from xml.etree import ElementTree as ET

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from markdown_it import MarkdownIt

import layerwise
from layerwise.store import load
from layerwise.tables.errors import TableError
from tests.cli.conftest import QUICK, strict_json
from tests.helpers.pages import Page

TEXTS = [
    "erase\x1b[2J\x1b]0;evil\x07",
    "zero\x00back\x08\x08\x08\x08",
    "K$$",
    "$\\hi$ and $0-$50",
    "\u202egnp.exe\u2066",
    "\x9b31mC1 \x85 \u2028end",
    "<script>alert(1)</script> & <b onclick=x>",
    "[bold](http://x.y) ![a](b) [/] www.z.de",
    "a|b `c` ``` ~~d~~ *e* _f_ #g",
    "%s {x} 100 % \\alpha\\",
    "one\ntwo\r\nthree\tfour",
    "=1+1",
    "w" * 10_000,
    "👩‍👩‍👧 :smile: 🏳️‍🌈",
    "e\u0301" + "\u0300" * 30,
    "한국어 \u200f עברית",
]
HOSTILE_FILE = "t\x1b[1m $x$ <b>`\u202e.parquet"
# What acts on a terminal, but the end of a line; and on a page, in any medium.
ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
OWN_STYLE = re.compile(r"\x1b\[[\d;]*m")


def check_quiet(*shown):
    for text in shown:
        found = ACTING.search(OWN_STYLE.sub("", text))
        assert found is None, text[max(0, found.start() - 60) : found.end() + 20]


def check_page(text, n_scripts=0):
    check_quiet(text)
    page = Page(text)
    assert page.tags.count("script") == n_scripts
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def check_markdown(text):
    check_quiet(text)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [one for token in parser.parse(text) for one in (token, *(token.children or ()))]
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "fence"}
    assert not kinds & {"code_block", "bullet_list_open", "s_open", "hr"}


def check_svg(text):
    check_quiet(text)
    root = ET.fromstring(text)
    assert "font-style: italic" not in text  # as mathematics is set
    return "\n".join(root.itertext())


def make_table(path, shift, is_number=False):
    """A table all of whose texts are hostile; returns it, and its target's name."""
    texts = TEXTS[shift:] + TEXTS[:shift]
    n = 96
    classes = texts[:4]
    columns = {
        texts[4]: [(i * 7) % 17 / 3 for i in range(n)],
        texts[5]: [texts[6 + i % 4] for i in range(n)],
        texts[10]: [(i * 5) % 13 / 2 for i in range(n)],
        texts[11]: [texts[12 + (i // 3) % 4] for i in range(n)],
    }
    target = texts[12]
    columns[target] = (
        [i % 17 * 1.5 + i % 3 for i in range(n)]
        if is_number
        else [classes[(i * 7) % 17 // 5] for i in range(n)]
    )
    table = pa.table(columns)
    pq.write_table(table, path)
    return table, target


@pytest.fixture(scope="module")
def fitted():
    """The bytes of models that were fitted, for the tests that follow."""
    return {}


@pytest.fixture
def hostile(command, no_pictures, fitted, tmp_path, request):
    """(file, table, target) of a hostile table, and m.layerwise fitted to it."""
    given = getattr(request, "param", (0, False))
    model = tmp_path / "m.layerwise"
    table, target = make_table(tmp_path / HOSTILE_FILE, *given)
    if given not in fitted:
        code, out, err = command("fit", HOSTILE_FILE, "--target", target, "-o", model.name, *QUICK)
        assert code == 0, err[-2000:]
        check_quiet(out, err)
        check_page((tmp_path / "m.report.html").read_text(), n_scripts=1)
        fitted[given] = model.read_bytes()
    model.write_bytes(fitted[given])
    return HOSTILE_FILE, table, target


def check_predictions(command, tmp_path, file, table, target):
    names = table.column_names
    code, out, err = command("predict", "m.layerwise", file, "--keep", "all")
    assert code == 0
    check_quiet(err)
    header, *rows = csv.reader(io.StringIO(out, newline=""))
    assert header[: len(names)] == names
    assert [row[1] for row in rows] == table.column(names[1]).to_pylist()
    for name in ("p.json", "p.jsonl", "p.xlsx"):
        code, out, err = command(
            "predict", "m.layerwise", file, "--keep", "all", "-o", name, "--json"
        )
        assert code == 0
        check_quiet(out, err)
        strict_json(out)
    cells = table.column(names[3]).to_pylist()
    text = (tmp_path / "p.json").read_text("utf-8")
    check_quiet(text)
    assert [row[names[3]] for row in strict_json(text)] == cells
    lines = (tmp_path / "p.jsonl").read_text("utf-8").split("\n")[:-1]
    assert [strict_json(line)[names[3]] for line in lines] == cells
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    return header, rows


def check_explanations(command, tmp_path, file):
    for kind in ("terminal", "text", "markdown", "html", "json"):
        code, out, err = command("explain", "m.layerwise", file, "--row", "3", "--format", kind)
        assert code == 0, err[-500:]
        check_quiet(out, err)
        if kind == "json":
            strict_json(out)
        elif kind == "html":
            check_page(out)
        elif kind == "markdown":
            check_markdown(out)


def check_picture(command, tmp_path, kind, file, *arguments, suffix="svg"):
    table = [file] if file else []
    to_file = ("--what", kind, "-o", f"d.{suffix}")
    code, out, err = command("draw", "m.layerwise", *table, *to_file, *arguments)
    assert code == 0, err[-500:]
    check_quiet(out, err)
    return check_svg((tmp_path / "d.svg").read_text()) if suffix == "svg" else ""


def test_text_acts_on_nothing(command, hostile, tmp_path, monkeypatch):
    file, table, target = hostile
    for arguments in (("show", "m.layerwise"), ("evaluate", "m.layerwise", file)):
        code, out, err = command(*arguments)
        assert code == 0
        check_quiet(out, err)
    header, _ = check_predictions(command, tmp_path, *hostile)
    assert f"probability of {TEXTS[0]}" in header  # the data itself
    with monkeypatch.context() as on_terminal:
        on_terminal.setattr("sys.stdout.isatty", lambda: True)
        check_quiet(command("predict", "m.layerwise", file, "--keep", "all")[1])
    check_explanations(command, tmp_path, file)
    shown = check_picture(command, tmp_path, "network", file, "--row", "1")
    assert r"\x1b[2J" in shown
    assert "$0-$50" in shown


def test_errors_and_warnings_in_python_act_on_nothing(hostile):
    _, table, _ = hostile
    model = load("m.layerwise")
    with pytest.warns(UserWarning, match="holds the target") as warned:
        model.predict(table)
    check_quiet(*(str(warning.message) for warning in warned))
    with pytest.raises(TableError) as refused:
        model.predict(table.drop_columns(table.column_names[:2]))
    explained = layerwise.explain(model, table.slice(0, 1))
    check_quiet(str(refused.value), str(explained), repr(explained), explained._repr_html_())


def test_what_is_refused_acts_on_nothing(command, hostile, tmp_path):
    file, *_ = hostile
    with sqlite3.connect(tmp_path / "t.db") as database:
        database.execute("create table t (a, b)")
    for arguments in (
        ("fit", file, "--target", TEXTS[0]),
        ("predict", "m.layerwise", TEXTS[0]),
        ("predict", "m.layerwise", file, "--keep", TEXTS[0]),
        ("predict", "m.layerwise", "t.db", "--query", f"SELECT {TEXTS[0]} FROM t"),
        ("predict", "m.layerwise", "t.db", "--table", TEXTS[4]),
        ("explain", "m.layerwise", file, "--of", TEXTS[5]),
        ("show", f"{TEXTS[0]}.layerwise"),
        ("draw", TEXTS[0]),
    ):
        code, out, err = command(*arguments)
        assert code in {1, 2}
        assert err.count("\n") == 1
        check_quiet(out, err)


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    [(shift, shift % 2 == 1) for shift in range(0, 16, 3)],
    indirect=True,
    ids=lambda given: f"{given[0]}-{'number' if given[1] else 'class'}",
)
def test_any_text_through_every_command(command, hostile, tmp_path, monkeypatch):
    file, table, target = hostile
    names = table.column_names
    monkeypatch.setenv("FORCE_COLOR", "1")
    check_predictions(command, tmp_path, *hostile)
    for arguments in (
        ("show", "m.layerwise"),
        ("show", "m.layerwise", "--json"),
        ("evaluate", "m.layerwise", file),
        ("evaluate", "m.layerwise", file, "--json"),
    ):
        code, out, err = command(*arguments)
        assert code == 0
        check_quiet(out, err)
        if "--json" in arguments:
            strict_json(out)
    check_explanations(command, tmp_path, file)
    pictures = {
        "network": ["--row", "1", "--gradients"],
        "boundary": ["--columns", names[0], "--columns", names[2]],
        "nodes": [],
        "landscape": [],
    }
    is_classes = pa.types.is_string(table.column(target).type)
    if is_classes:
        pictures |= {"softmax": ["--row", "1"], "loss": []}
    for kind, arguments in pictures.items():
        check_picture(command, tmp_path, kind, file, *arguments)
    check_picture(command, tmp_path, "boundary", file, "--columns", names[1], "--columns", names[3])
    for kind in ("network", "history", "training", "weights", "activations"):
        check_picture(command, tmp_path, kind, None)
    for suffix in ("png", "pdf"):
        check_picture(command, tmp_path, "network", file, "--row", "1", suffix=suffix)
        check_picture(command, tmp_path, "boundary", file, suffix=suffix)


@pytest.mark.slow
@pytest.mark.parametrize("is_number", [False, True])
def test_any_text_in_long_pictures_pages_and_studies(command, tmp_path, is_number):
    _, target = make_table(tmp_path / HOSTILE_FILE, 3, is_number)
    given = (HOSTILE_FILE, "--target", target)
    code, out, err = command("fit", *given, "-o", "m.layerwise", *QUICK)
    assert code == 0
    check_quiet(out, err)
    check_page((tmp_path / "m.report.html").read_text(), n_scripts=1)
    if not is_number:
        check_picture(command, tmp_path, "learning", HOSTILE_FILE, suffix="gif")
    few = ("--depth", "1", "--width", "4", "--activation", "tanh", "--epochs", "2", "--folds", "2")
    few = (*few, "--seeds", "1", "--workers", "1", "--no-trees")
    code, out, err = command("study", *given, *few, "--report", "s.html")
    assert code == 0
    check_quiet(out, err)
    check_page((tmp_path / "s.html").read_text(), n_scripts=1)
    code, out, err = command("study", *given, *few, "--resume", "--json")
    assert strict_json(out)["target"] == target
    check_quiet(out, err)
