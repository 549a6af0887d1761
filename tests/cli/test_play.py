"""`layerwise play`: what it prints, opens and refuses, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import typer.testing

from layerwise import Network, save
from layerwise.cli.command import app, main
from layerwise.cli.play_command import LESSONS
from layerwise.playground import opening


@pytest.fixture
def play(monkeypatch):
    """Runs the command without serving; gives the result and what would have been served."""
    served, browsers, every = [], [], []

    def serve(playing):
        served.append(playing)
        every.append(playing)

    monkeypatch.setattr(opening.Playing, "serve", serve)
    monkeypatch.setattr("webbrowser.open", browsers.append)

    def run(*arguments):
        served.clear()
        browsers.clear()
        return typer.testing.CliRunner().invoke(app, ["play", *arguments]), served, browsers

    yield run
    for playing in every:
        playing._room.close()
        playing._listening.close()


def test_it_prints_the_address_and_opens_it(play):
    done, (playing,), browsers = play()
    assert done.exit_code == 0
    assert done.stdout.strip() == playing.address
    assert browsers == [playing.address]
    assert "Ctrl-C ends it" in done.stderr


def test_no_browser_is_opened_where_none_is_wanted(play):
    _, served, browsers = play("--no-browser")
    assert (len(served), browsers) == (1, [])


def test_a_table_and_its_target(play, tmp_path):
    path = tmp_path / "houses.csv"
    path.write_text("rooms;price;sold\n" + "".join(f"{i % 5};{i};{['no', 'yes'][i % 2]}\n"
                                                   for i in range(30)))  # fmt: skip
    _, (playing,), _ = play(str(path), "--target", "price", "--no-browser")
    assert playing._room.table.target == "price"
    _, (playing,), _ = play(str(path), "--no-browser")
    assert playing._room.table.target == "sold"  # guessed: the last that can be predicted


def test_the_code_reads_the_table_as_the_command_was_told(play, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{k}|{'ab'[k % 2]}\n" for k in range(30))
    Path("t.csv").write_text(f"of the year 1,5;2\nx|kind\n{rows}")
    done, (playing,), _ = play("t.csv", "--delimiter", "|", "--keep-na", "--no-browser")
    assert "not read: " in done.stderr  # the title
    table = playing._room.table
    assert table.table.column_names == ["x", "kind"]
    assert table.source.expression == "read_table('t.csv', delimiter='|', keep_na=True).table"


def test_students_have_an_address_of_their_own(play):
    done, (playing,), _ = play("--classroom", "--no-browser")
    assert done.stdout.splitlines() == [
        playing.address,
        f"for students: {playing.address_for_students}",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv"], "nowhere.csv"),
        (["nowhere.layerwise"], "nowhere.layerwise"),
        (["--port", "70000"], "'--port': Input should be less than or equal to 65535"),
        (["--host", "256.1.1.1"], "cannot listen at 256.1.1.1"),
    ],
)
def test_what_cannot_be_is_one_line(play, arguments, words, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["layerwise", "play", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    assert ended.value.code in (1, 2)
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_column_that_is_not_there_is_said_before_a_page_is_open(play, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n3,4\n" * 9)
    done, served, _ = play(str(path), "--target", "c")
    assert done.exit_code == 1
    assert "no column 'c'" in done.stderr
    assert not served


def test_a_port_that_is_taken(play):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done, served, _ = play("--port", str(taken.getsockname()[1]))
    assert done.exit_code == 1
    assert "choose another --port" in done.stderr
    assert not served


def test_a_model_that_is_of_no_table(play, tmp_path):
    save(Network("3-2", seed=0), tmp_path / "network.layerwise")
    done, _, _ = play(str(tmp_path / "network.layerwise"))
    assert done.exit_code == 2
    assert "holds a Network" in done.stderr


def test_without_the_servers_libraries_it_says_what_to_install(play, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done, _, _ = play()
    assert done.exit_code == 1
    assert "pip install 'layerwise[play]'" in done.stderr


def test_ctrl_c_ends_it_cleanly():
    process = subprocess.Popen(
        [sys.executable, "-m", "layerwise", "play", "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = process.stdout.readline().strip()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.partition("?")[0], timeout=20)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in said


def test_lessons_are_those_of_the_page(play):
    page = Path(opening.__file__).parent / "page" / "lesson_tasks.js"
    names = re.findall(r'^ +name: "(\w+)",$', page.read_text("utf-8"), re.MULTILINE)
    assert tuple(names) == LESSONS
    done, (playing,), browsers = play("--lesson", "xor")
    assert browsers == [f"{playing.address}#lesson=xor"] == done.stdout.splitlines()
    done, served, _ = play("--lesson", "xro")
    assert "did you mean 'xor'" in done.stderr
    assert not served
