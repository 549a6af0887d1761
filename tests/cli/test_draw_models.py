"""`layerwise draw --what ...`: each picture of a fitted model, and what is refused."""

import io
from functools import partial

import numpy as np
import pytest
from PIL import Image

from layerwise import Network, TableClassifier, TableRegressor, save
from layerwise.cli.pictures import PICTURES
from layerwise.draw import draw_learning, fonts
from tests.cli.conftest import assert_refused

SMALL = {"hidden": [4], "n_folds": 2, "n_repeats": 1, "epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("draw")
    random = np.random.default_rng(0)
    columns = {
        "size, m²": random.normal(50, 9, 40).round(1).tolist(),
        "도시": random.choice(["서울", "부산"], 40).tolist(),
        "rooms": random.integers(1, 5, 40).astype(float).tolist(),
        "let": ["yes", "no"] * 20,
    }
    lines = ['"size, m²",도시,rooms,let']
    lines += [",".join(map(str, cells)) for cells in zip(*columns.values(), strict=True)]
    (folder / "flats.csv").write_text("\n".join(lines), "utf-8")
    TableClassifier(**SMALL).fit(columns, target="let").save(folder / "let.layerwise")
    TableRegressor(**SMALL).fit(columns, target="rooms").save(folder / "rooms.layerwise")
    save(Network("2-3:tanh-1", seed=0), folder / "net.layerwise")
    thai = {"อายุ": columns["rooms"], "let": columns["let"]}
    TableClassifier(**SMALL).fit(thai, target="let").save(folder / "thai.layerwise")
    return folder


DRAWN = [
    ["let.layerwise", "--what", "training"],
    ["let.layerwise", "--what", "weights", "--member", "2"],
    ["net.layerwise", "--what", "weights"],
    ["let.layerwise", "flats.csv", "--what", "boundary"],
    ["rooms.layerwise", "flats.csv", "--what", "boundary", "--columns", "size, m²,도시"],
    ["let.layerwise", "flats.csv", "--what", "boundary", "--columns", "rooms,도시"],
    ["let.layerwise", "flats.csv", "--what", "nodes", "--nodes", "2"],
    ["let.layerwise", "flats.csv", "--what", "landscape", "--member", "2", "--theme", "dark"],
    ["let.layerwise", "flats.csv", "--what", "softmax", "--row", "3"],
    ["let.layerwise", "flats.csv", "--what", "loss"],
    ["--what", "loss"],
    ["--what", "activations"],
    ["net.layerwise", "--what", "activations"],
    ["3-4:gelu-4-1", "--what", "activations"],
]


@pytest.mark.parametrize(
    "arguments",
    [pytest.param(a, marks=pytest.mark.slow if a[0] == "--what" else ()) for a in DRAWN],
    ids=" ".join,
)
def test_it_writes_a_picture(command, monkeypatch, files, arguments):
    monkeypatch.chdir(files)
    if "size, m²,도시" in arguments:  # one name has a comma of its own: each in its own option
        place = arguments.index("--columns")
        arguments = [*arguments[:place], "--columns", "size, m²", "--columns", "도시"]
    code, _, error = command("draw", *arguments, "-o", "a.png")
    assert (code, error) == (0, "layerwise: written to a.png\n")
    assert Image.open(files / "a.png").size > (300, 200)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--what", "history"],
        ["--what", "training"],
        ["--what", "weights"],
        ["flats.csv", "--what", "softmax", "--row", "3"],
    ],
)
def test_a_picture_of_one_network_among_several_says_which(command, monkeypatch, files, arguments):
    monkeypatch.chdir(files)
    assert command("draw", "let.layerwise", *arguments, "--member", "2", "-o", "p.svg")[0] == 0
    assert "network 2 of" in (files / "p.svg").read_text("utf-8")


@pytest.mark.slow
def test_learning_moves(command, monkeypatch, files):
    monkeypatch.chdir(files)
    monkeypatch.setattr("layerwise.draw.draw_learning", partial(draw_learning, frames=12))
    code, _, error = command("draw", "rooms.layerwise", "flats.csv", "--what", "learning")
    assert (code, error) == (0, "layerwise: written to rooms.learning.gif\n")
    image = Image.open(io.BytesIO((files / "rooms.learning.gif").read_bytes()))
    assert image.format == "GIF"
    assert image.n_frames > 10


def test_every_picture_is_drawn_by_a_test():
    drawn = {arguments[arguments.index("--what") + 1] for arguments in DRAWN}
    assert drawn | {"network", "history", "learning"} == set(PICTURES)


GIVEN = {
    "table": ["flats.csv"],
    "row": ["--row", "1"],
    "gradients": ["--gradients"],
    "member": ["--member", "1"],
    "nodes": ["--nodes", "10"],
    "each_input": ["--each-input"],
    "columns": ["--columns", "rooms,도시"],
}


@pytest.mark.parametrize("what", PICTURES)
def test_what_a_picture_does_not_use_is_refused(command, files, what):
    assert PICTURES[what].uses <= set(GIVEN)
    for option in GIVEN.keys() - PICTURES[what].uses:
        code, _, error = command("draw", files / "let.layerwise", *GIVEN[option], "--what", what)
        assert code == 1
        assert f"the picture '{what}' does not use it; it is for " in error
        users = error.split("it is for ")[1].strip().split(", ")
        assert users == [name for name in PICTURES if option in PICTURES[name].uses]
        assert GIVEN[option][0] in error


def test_options_of_a_table_need_one(command, files):
    code, _, error = command("draw", files / "let.layerwise", "--sheet", "2")
    assert code == 1
    assert "there is no TABLE" in error


def test_letters_without_a_font_are_one_line(command, monkeypatch, files):
    for name, value in (("_installed_fonts", list), ("_lent", {}), ("_reported", set())):
        monkeypatch.setattr(fonts, name, value)
    monkeypatch.chdir(files)
    _, _, error = command("draw", "thai.layerwise", "-o", "a.svg")
    assert error == "layerwise: written to a.svg\n"
    code, _, error = command("draw", "thai.layerwise", "-o", "a.png")
    assert code == 0
    missing, written = error.splitlines()
    assert missing.startswith("layerwise: no font here has 'ย', 'อ', 'า', 'ุ' (Thai): boxes stand")
    assert written == "layerwise: written to a.png"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["let.layerwise", "--what", "boundary"], "give the table after the model"),
        (["3-4-1", "flats.csv", "--what", "boundary"], "an architecture alone"),
        (["net.layerwise", "flats.csv", "--what", "nodes"], "of a table's model"),
        (["let.layerwise", "flats.csv", "--what", "nodes", "--columns", "rooms"], "two columns"),
        (
            ["let.layerwise", "flats.csv", "--what", "boundary", "--columns", "rooms,seize"],
            "does not use a column 'seize'; it uses",
        ),
        (["let.layerwise", "flats.csv", "--what", "softmax"], "give a table, and --row"),
        (["rooms.layerwise", "flats.csv", "--what", "softmax", "--row", "1"], "predicts a number"),
        (["let.layerwise", "flats.csv", "--what", "softmax", "--row", "99"], "the rows 1 to 40"),
        (["rooms.layerwise", "flats.csv", "--what", "loss"], "predicts a number"),
        (["let.layerwise", "--what", "training", "--member", "3"], "averages 2 networks"),
        (["net.layerwise", "--what", "training"], "has no history"),
        (["let.layerwise", "flats.csv", "--what", "learning", "-o", "a.png"], "into a file .gif"),
        (["3-1", "--what", "activations"], "has no hidden layer"),
        (["3-4-1", "--what", "weights"], "an architecture alone"),
    ],
)
def test_what_it_refuses(command, monkeypatch, files, arguments, said):
    monkeypatch.chdir(files)
    assert_refused(command("draw", *arguments), said)


def test_a_table_without_answers(command, monkeypatch, files):
    monkeypatch.chdir(files)
    (files / "new.csv").write_text('"size, m²",도시,rooms\n50,서울,2\n60,부산,3\n', "utf-8")
    for what in ("landscape", "learning", "loss"):
        code, _, error = command("draw", "let.layerwise", "new.csv", "--what", what)
        assert code == 1
        assert "answers" in error
    for what in ("boundary", "nodes"):
        code, _, _ = command("draw", "let.layerwise", "new.csv", "--what", what)
        assert code == 0
