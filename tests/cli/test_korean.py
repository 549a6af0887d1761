"""What the commands print in Korean: no English sentence, the same numbers."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from layerwise.language import retold, speaking
from layerwise.tables.find_task import find_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns
from tests.cli.conftest import QUICK

# Names, files, formats and options are what they are; and what is called so in Korean too.
NO_WORDS = (
    r"--[a-z-]+(?: '[^']*')?|'[^']*'|\"[^\"]*\"|[\w./-]+\.(?:csv|layerwise|report|html)\S*|utf-8|"
    r"csv|ROC AUC|RMSE|SQL|Layerwise|mish|task=|numeric=|dates=|NAME"
)


def english_in(text, names):
    """The English words of a text, but for names of columns and classes."""
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    left = re.sub(rf"{NO_WORDS}|(?<![A-Za-z])(?:{known})(?![A-Za-z])", " ", text)
    return re.findall("[A-Za-z]{3,}", left)


@pytest.fixture
def tables(tmp_path):
    """Write tables whose fits say much."""
    random = np.random.default_rng(0)
    n = 300
    x, noise = random.normal(size=(2, n))
    size = random.integers(20, 200, n)
    columns = {
        "row": np.arange(n) + 1,
        "집": [f"집 {i}" for i in range(n)],
        "size": [f"{v:,} m²" for v in 1000 * size],
        "twice": 2 * size,
        "side": np.where(x > 0, "left", "right"),
        "town": random.choice(["Rome", "Oslo", "서울"], n),
        "same": ["a"] * n,
        "seen": [str(np.datetime64("2019-01-01") + int(d)) for d in random.integers(0, 900, n)],
        "gaps": [None if random.random() < 0.7 else float(v) for v in noise],
        "price": np.round(100 * x + size + noise, 2),
        "y": np.where(x + 0.1 * noise > 1.3, "yes", "no"),
    }
    pa.csv.write_csv(pa.table(columns), tmp_path / "t.csv")
    return {*columns, "left", "right", "yes", "no", "Rome", "Oslo"}


FITS = {
    "classes": [],
    "numbers": ["--target", "price", "--intervals", "0.9", "--drop", "y"],
    "several": ["--target", "twice,price", "--drop", "size"],
    "later": ["--time-column", "seen", "--class-weight", "balanced"],
    "groups": ["--group-column", "town", "--metric", "f1"],
    "weights": ["--weight-column", "twice", "--drop", "side,price"],
}


@pytest.mark.parametrize("kind", FITS)
def test_fit_speaks_korean(fit, tables, kind):
    target = {"numbers": "price", "several": "twice,price"}.get(kind, "y")
    options = [o for o in FITS[kind] if o not in {"--target", target}]
    code, korean, _ = fit("t.csv", *options, "--language", "ko", target=target)
    assert code == 0
    assert english_in(korean, tables) == []
    for words in ("열", "까닭", "학습에", "그래디언트 부스팅 트리", "모델", "보고서"):
        assert words in korean
    code, english, _ = fit("t.csv", *options, target=target)
    assert code == 0
    assert not re.search("[가-힣]", english.replace("집", "").replace("서울", ""))

    def numbers(text):
        return sorted(re.findall(r"\d+\.\d+", re.sub(r"\d+\.\d+ ?(?:s\b|초)", "", text)))

    assert numbers(korean) == numbers(english)


def test_the_environment_chooses(fit, tables, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "그래디언트 부스팅 트리" in fit("t.csv")[1]
    code, out, error = fit("t.csv", target="nothing")
    assert (code, out.count("행 300개")) == (1, 1)
    assert "the table has no column 'nothing' (target)" in error


def test_what_is_for_programs_is_english(fit, tables):
    told = json.loads(fit("t.csv", "--language", "ko", "--json")[1])
    text = json.dumps([told["columns"], told["findings"], told["notes"], told["split"]])
    assert "not used: same; all cells are the same" in text
    assert not re.search("[가-힣]", text.replace("집", "").replace("서울", ""))


class Words(HTMLParser):
    """All that a page says: its texts, those of its pictures, and what is read out."""

    def __init__(self):
        super().__init__()
        self.words, self.within = [], []

    def handle_starttag(self, tag, attributes):
        self.within.append(tag)
        told = {"aria-label", "title", "data-label", "data-light", "data-dark"}
        self.words += [value for name, value in attributes if name in told]
        if tag in {"meta", "br", "path", "use", "rect", "circle", "line", "image"}:
            self.within.pop()

    def handle_endtag(self, tag):
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "script", "code"} & {*self.within} and data.strip():
            self.words.append(data)


# What stands in a report beside that: versions of packages.
IN_REPORTS = {
    "layerwise", "Python", "numpy", "numba", "scipy", "scikit-learn", "pyarrow", "fan_in",
    "softmax", "AUC", "ROC", "dropout", "calibration",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["classes", "numbers", "groups", "weights", "three"])
def test_the_report_is_in_korean(command, tables, kind, tmp_path):
    """With its pictures."""
    target = {"numbers": "price", "three": "town"}.get(kind, "y")
    options = [o for o in FITS.get(kind, []) if o not in {"--target", target}]
    arguments = ["--target", target, "-o", "m.layerwise", *QUICK, *options]
    assert command("fit", "t.csv", *arguments, "--language", "ko")[0] == 0
    page = (tmp_path / "m.report.html").read_text("utf-8")
    assert '<html lang="ko">' in page
    reader = Words()
    reader.feed(page)
    left = {text: english_in(text, tables | IN_REPORTS) for text in reader.words}
    assert {text: words for text, words in left.items() if words} == {}
    assert [text for text in reader.words if re.search(r"\d\s%", text)] == []
    for words in ("결과", "눈에 띈 것", "중요한 열", "가장 크게 틀린 행", "되풀이하려면"):
        assert words in page


def test_layers_of_an_architecture(command):
    code, out, _ = command("show", "3-4-4-1", "--language", "ko")
    assert code == 0
    assert "은닉 2" in out
    assert "매개변수 41개: 가중치 32개 + 편향 9개" in out
    assert english_in(out.replace("fan_in", "").replace("relu", ""), {"x"}) == []


def test_every_reason_is_translated():
    """Of columns of every kind, as a person may have written them."""
    cells = {
        "id": [f"k-{i:03}" for i in range(60)],
        "amount": ["8,500만원", "1.2억", "9,000만원"] * 20,
        "range": ["10~20", "20~30", "5~15"] * 20,
        "score": ["24-17", "3-8", "10-9"] * 20,
        "limit": ["<0.5", "0.7", "1.25"] * 20,
        "answer": ["전혀 그렇지 않다", "보통이다", "매우 그렇다"] * 20,
        "day": ["3/5/24", "4/6/24", "1/2/24"] * 20,
        "quarter": ["2024년 3분기", "2023년 1분기", "2024"] * 20,
        "time": ["3:20", "14:05", "9:30"] * 20,
        "walk": ["1h 5m", "2h 10m", "12m"] * 20,
        "mixed": [*["1", "2", "3", "4"] * 14, "n/a?", "many", "x", "5"],
        "notes": [f"some words of row {i} that nobody repeats" for i in range(60)],
        "empty": [None] * 60,
        "half": ["a", None] * 30,
        "flag": ["yes", "no"] * 30,
    }
    table = pa.table(cells | {"y": list(range(60))})
    columns = describe_columns(table, target_names=["y"], categorical=["score"])
    tasks = [find_task(table.column(name), name=name) for name in ("y", "flag", "walk", "amount")]
    own = {text for column in cells.values() for text in column if text}
    for reason in [column.reason for column in columns] + [task.reason for task in tasks]:
        with speaking("ko"):
            korean = retold(reason)
        assert korean != reason or reason == "'yes', 'no'"
        assert english_in(korean, own) == [], reason


def test_words_in_a_picture(command, tmp_path):
    for language, words, written in (
        ("ko", "수 3개", "net.svg에 저장했습니다"),
        ("en", "3 numbers", "written to net.svg"),
    ):
        code, _, error = command("draw", "3-4-4-1", "-o", "net.svg", "--language", language)
        assert (code, error) == (0, f"layerwise: {written}\n")
        assert words in (tmp_path / "net.svg").read_text("utf-8")


def test_what_was_read_is_told_in_korean(fit, tmp_path):
    """A file with a title, a footnote, broken lines and a column without a name."""
    random = np.random.default_rng(1)
    rows = [f"{i},{x:.2f},{'ab'[int(x > 0)]},1" for i, x in enumerate(random.normal(size=80))]
    lines = ["판매 보고,,,", "no,size,y,", *rows, "5,1.5", "1,2,3,4,5,6", ",160.00,,80"]
    (tmp_path / "t.csv").write_text("\n".join([*lines, "자료: 통계청,,,"]) + "\n", "utf-8")
    code, out, _ = fit("t.csv", "--language", "ko")
    assert code == 0
    assert out.count("읽지 않음: t.csv, ") >= 3
    assert english_in(out, {"size", "no", "column_4", "y", "a", "b"}) == []


def test_every_finding_is_translated():
    """Of a table in which much is wrong."""
    n = 400
    random = np.random.default_rng(3)
    x = random.normal(size=n)
    years = 1915 + np.arange(n) % 100
    table = pa.table(
        {
            "집": [f"집 {i}" for i in range(n)],
            "id": np.arange(n) + 1,
            "same": ["a"] * n,
            "empty": pa.nulls(n),
            "grams": [f"{i % 90} g" if i % 30 else "soon" for i in range(n)],
            "born": [f"{1 + i % 12}/{1 + i % 28}/{year % 100:02}" for i, year in enumerate(years)],
            "year": years,
            "day": [f"{1 + i % 9}/{1 + i % 8}/2024" for i in range(n)],
            "stamp": 20_240_101 + np.arange(n) % 28,
            "endless": np.where(np.arange(n) % 50, x, np.inf),
            "twice": 2 * x,
            "nearly": x + 0.01 * random.normal(size=n),
            "town": random.choice(["가", "나", "다"], n),
            "place": [f"곳 {i % 120}" for i in range(n)],
            "x": x,
            "y": np.where(x > 1.6, "yes", "no"),
        }
    )
    table = pa.concat_tables([table, table.slice(0, 3)])
    names = set(table.column_names) | {"soon", "yes", "no"}
    task = find_task(table["y"], name="y")
    y, _ = task.encode(table["y"])
    columns = describe_columns(table, target_names=["y"])
    findings = check_table(table, columns, task, y, at_random=True)
    assert len(findings) >= 8
    for finding in findings:
        with speaking("ko"):
            korean = retold(finding.message)
        assert re.search("[가-힣]{2}", korean)
        assert english_in(korean, names) == [], finding.message
    for column in columns:
        with speaking("ko"):
            assert english_in(retold(column.reason), names) == [], column.reason
