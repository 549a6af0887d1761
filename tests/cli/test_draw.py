"""`layerwise draw`: pictures into files, and what it refuses."""

import pytest

from layerwise import Network, TableClassifier, save
from layerwise.cli.pictures import PICTURES
from tests.cli.conftest import assert_refused

TABLE = "city,rooms,let\n" + "Ulm,2,yes\nBonn,3,no\n,4,yes\n" * 10


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("draw")
    (folder / "flats.csv").write_text(TABLE)
    rows = [line.split(",") for line in TABLE.splitlines()[1:]]
    columns = {
        "city": [row[0] or None for row in rows],
        "rooms": [float(row[1]) for row in rows],
        "let": [row[2] for row in rows],
    }
    model = TableClassifier(hidden=[4], n_folds=2, n_repeats=1, epochs=2, random_state=0)
    model.fit(columns, target="let").save(folder / "flats.layerwise")
    save(Network("2-3-1", seed=0), folder / "net.layerwise")
    return folder


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["3-4-4-1", "-o", "a.svg"], b"<?xml"),
        (["flats.layerwise", "-o", "a.png", "--theme", "dark"], b"\x89PNG"),
        (["flats.layerwise", "flats.csv", "--row", "3", "-o", "a.pdf"], b"%PDF"),
        (["flats.layerwise", "flats.csv", "--row", "3", "--gradients", "-o", "a.svg"], b"<?xml"),
        (["flats.layerwise", "--member", "2", "--each-input", "-o", "a.svg"], b"<?xml"),
        (["net.layerwise", "--nodes", "2", "-o", "a.svg"], b"<?xml"),
        (["flats.layerwise", "--what", "history", "-o", "a.svg"], b"<?xml"),
    ],
)
def test_it_writes_a_picture(command, monkeypatch, files, arguments, start):
    monkeypatch.chdir(files)
    code, _, error = command("draw", *arguments)
    written = arguments[arguments.index("-o") + 1]
    assert (code, error) == (0, f"layerwise: written to {written}\n")
    assert (files / written).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["flats.layerwise", "--row", "3"], "give the table after the model"),
        (["flats.layerwise", "flats.csv"], "without --row"),
        (["flats.layerwise", "flats.csv", "--row", "31"], "the rows 1 to 30"),
        (["flats.layerwise", "--member", "3"], "averages 2 networks, 1 to 2"),
        (["3-4-1", "--member", "2"], "there is one network"),
        (["flats.layerwise", "--gradients"], "give a table, and --row"),
        (["flats.layerwise", "--what", "hsitory"], "history"),
        (["flats.layerwise", "-o", "a.jpg"], ".svg or .png or .pdf"),
        (["flats.layerwise", "-o", "nowhere/a.svg"], "there is no folder nowhere"),
        (["none.layerwise"], "No such file"),
        (["3-4-x"], "cannot read '3-4-x'"),
        (["3-4-1", "--what", "history"], "has no history"),
        ([], "name its file, or an architecture"),
        (["flats.layerwise", "--theme", "pink"], "pink"),
    ],
)
def test_what_it_refuses(command, monkeypatch, files, arguments, said):
    monkeypatch.chdir(files)
    assert_refused(command("draw", *arguments), said)


def test_the_help_lists_the_pictures(command):
    _, shown, _ = command("draw", "--help")
    assert all(f"  {name} " in shown for name in PICTURES)
