"""What the commands that use a model, and the demo, print in Korean; what Python shows of them."""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from layerwise import TableClassifier
from layerwise.language import Said, retold, speaking
from layerwise.report.notebook import shown
from layerwise.store import load
from layerwise.training import Epoch, History
from tests.cli.test_korean import english_in, tables  # noqa: F401  a fixture
from tests.store.make_saved import DATA

# What stands on these screens beside names of columns: terms, cells, and what prints the line.
SHOWN = {"dropout", "mish", "fan_in", "Ulm", "soon", "m.safetensors", "net.svg", "layerwise"}
HANGUL = "[가-힣]"


@pytest.fixture(scope="module")
def models():
    """The bytes of each kind's model, which its first test fits."""
    return {}


@pytest.fixture
def model(request, fit, tables, models, tmp_path):  # noqa: F811
    """m.layerwise, and new.csv with rows that differ in much from those trained on."""
    kind = request.param
    if kind not in models:
        of_numbers = ["--intervals", "0.9", "--drop", "y"] if kind == "numbers" else []
        assert fit("t.csv", *of_numbers, target="price" if of_numbers else "y")[0] == 0
        models[kind] = (tmp_path / "m.layerwise").read_bytes()
    (tmp_path / "m.layerwise").write_bytes(models[kind])
    rows = pa.csv.read_csv(tmp_path / "t.csv").slice(0, 80).to_pydict()
    n = range(80)
    rows["size"] = [
        "soon" if i == 1 else "9,000,000 m²" if i % 9 == 0 else rows["size"][i] for i in n
    ]
    rows["side"] = [None if i % 3 == 0 else rows["side"][i] for i in n]
    rows["town"] = ["Ulm" if i % 2 else rows["town"][i] for i in n]
    rows["seen"] = [f"{13 + i % 9}.3.2031" for i in n]
    rows["gaps"] = [float(9 + i) for i in n]
    rows["extra"] = [1] * 80
    pa.csv.write_csv(pa.table(rows), tmp_path / "new.csv")
    with (tmp_path / "new.csv").open("a") as file:
        file.write("1,2,3\n")
    return {*rows, "left", "right", "yes", "no", "Rome", "Oslo"}


COMMANDS = {
    "predict": ["predict", "m.layerwise", "new.csv", "-o", "out.csv"],
    "evaluate": ["evaluate", "m.layerwise", "new.csv"],
    "evaluate by weight": ["evaluate", "m.layerwise", "t.csv", "--weight-column", "twice"],
    "show": ["show", "m.layerwise"],
    "export": ["export", "m.layerwise", "-o", "m.safetensors", "--weights"],
    "explain": ["explain", "m.layerwise", "t.csv", "-o", "row.html"],
    "draw": ["draw", "m.layerwise", "-o", "net.svg"],
}


@pytest.mark.parametrize("how", ["option", "environment"])
@pytest.mark.parametrize("model", ["classes", "numbers"], indirect=True)
def test_commands_that_use_a_model_speak_korean(command, model, monkeypatch, how):
    english = {name: command(*arguments) for name, arguments in COMMANDS.items()}
    if how == "environment":
        monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    for name, arguments in COMMANDS.items():
        asked = ["--language", "ko"] if how == "option" else []
        code, out, error = command(*arguments, *asked)
        assert code == 0, error
        korean = out + error
        assert re.search(HANGUL, korean.replace("집", "").replace("서울", "")), name
        assert english_in(korean, model | SHOWN) == [], name
        code, out, error = english[name]
        assert not re.search(HANGUL, (out + error).replace("집", "").replace("서울", "")), name

        def numbers(text):
            return sorted(re.findall(r"\d+\.\d+", text.replace("−", "-")))

        assert numbers(korean) == numbers(out + error), name


@pytest.mark.parametrize("model", ["classes"], indirect=True)
def test_what_they_give_to_programs_is_english(command, model, tmp_path):
    told = []
    for language in ("en", "ko"):
        asked = ["--language", language, "--json"]
        used = [command(*COMMANDS[name], *asked)[1] for name in ("predict", "evaluate", "show")]
        told.append([*map(json.loads, used), (tmp_path / "out.csv").read_text("utf-8")])
    assert told[0] == told[1]
    assert told[1][0]["notes"][0].startswith("not read: new.csv, line 82: it has fewer cells")
    assert "columns that the model does not use: extra, y" in told[1][0]["notes"]


@pytest.mark.parametrize("model", ["numbers"], indirect=True)
def test_a_file_keeps_what_its_sentences_were_made_of(model, tmp_path):
    loaded = load(tmp_path / "m.layerwise")
    reasons = [loaded.task_.reason, *(column.reason for column in loaded.columns_), *loaded.notes_]
    assert len(reasons) > 10
    for reason in reasons:
        assert isinstance(reason, Said)
        with speaking("ko"):
            assert english_in(retold(reason), model) == []
    assert loaded.columns_ == loaded.preparation_.columns
    loaded.save(tmp_path / "again.layerwise")
    first, again = ((tmp_path / f"{name}.layerwise").read_bytes() for name in ("m", "again"))
    assert again == first


@pytest.mark.parametrize("name", ["classes", "numbers"])
def test_a_file_of_before_shows_its_sentences_as_it_has_them(command, name):
    path = DATA / "format_2" / f"{name}.layerwise"
    code, out, _ = command("show", path, "--language", "ko")
    assert code == 0
    assert "신경망 2개의 평균입니다" in out
    assert "you asked for it; 37 distinct values in 120 rows" in out
    assert not any(isinstance(column.reason, Said) for column in load(path).columns_)


def test_a_model_without_profiles_says_so_in_korean(command, tmp_path):
    rows = json.loads((DATA / "format_2" / "classes.json").read_text("utf-8"))["rows"]
    pa.csv.write_csv(pa.table(rows), tmp_path / "new.csv")
    path = DATA / "format_2" / "classes.layerwise"
    code, _, error = command("predict", path, "new.csv", "-o", "out.csv", "--language", "ko")
    assert code == 0
    assert "학습에 쓴 행이 어떠했는지 담고 있지 않습니다" in error


@pytest.mark.slow
def test_the_demo_is_in_korean(command, tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.training.progress.find_place", lambda: "lines")
    arguments = ["demo", "--epochs", "2", "--language", "ko"]
    code, out, error = command(*arguments)
    assert code == 0
    assert "layerwise predict" in out
    assert out.count(" --language ko\n") == 2
    screen = "\n".join(line for line in out.splitlines() if not line.startswith("$ "))
    screen = screen.partition("Sex,probability of")[0] + screen.partition("... ")[2]
    names = (tmp_path / "demo" / "penguins.csv").read_text("utf-8").splitlines()[0].split(",")
    known = {*names, "FEMALE", "MALE", "norm", "relu", "dropout", "fan_in", "mish", "demo"}
    known |= {"digits-loss.png", "digits-confusion.png"}
    assert english_in(screen, known) == []
    assert english_in(error, known | {"layerwise"}) == []
    assert "본 적 없는 행 450개" in out


def test_a_training_in_a_notebook_is_korean_where_the_environment_is(monkeypatch):
    history = History([Epoch(n, 1.0 / n, 0.001, 0.01 * n) for n in (1, 2, 3)], stopped="patience")
    english = shown(history)["text/html"]
    assert "3 epochs in 0.03 s, training loss" in english
    assert not re.search(HANGUL, english)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    korean = shown(history)["text/html"]
    assert "에포크 3개, 0.03초, 학습 손실 0.3333" in korean
    assert english_in(re.sub("<style>.*?</style>|<[^>]*>", " ", korean, flags=re.DOTALL), ()) == []
    assert 'aria-label="에포크에 따른 손실: ' in korean


def test_progress_is_korean_where_the_environment_is(monkeypatch, capfd):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 2))
    model = TableClassifier(hidden=[4], epochs=2, n_folds=2, n_repeats=1, random_state=0, verbose=1)
    model.fit(x, np.where(x[:, 0] > 0, "yes", "no"))
    error = capfd.readouterr().err
    assert error.startswith("layerwise: 학습: 신경망 2개, 걸린 시간 ")
    assert english_in(error, {"layerwise"}) == []
