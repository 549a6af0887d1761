"""`layerwise study --language ko`: what people read is Korean, what programs read is not."""

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

from layerwise import DepthStudy
from layerwise.cli.study import _plan_lines
from layerwise.language import speaking
from layerwise.report.study_in_notebook import shown_study
from layerwise.study.live_study import LiveStudy
from layerwise.study.plan import Plan
from layerwise.study.results import Configuration
from layerwise.training.progress import LINES
from tests.cli.test_korean import IN_REPORTS, Words, english_in
from tests.cli.test_study import QUICK, progress
from tests.study.made_up import varied
from tests.study.test_korean_answers import NAMES

KNOWN = NAMES | {"study", "SECONDS"}
OWN = "집|동네|너비|높이|줄|값|안|밖|같음"  # the table's own words
KOREAN = ("--language", "ko")


@pytest.fixture
def study(command, no_pictures, tmp_path):
    """study(...) -> a quick `layerwise study` of 집.csv, whose target is 값."""
    random = np.random.default_rng(0)
    x = random.normal(size=(183, 2)).round(3)
    inside = (x**2).sum(axis=1) < 1.2
    columns = {"너비": x[:, 0], "높이": x[:, 1], "동네": random.choice(["가", "나"], 183)}
    columns |= {"줄": np.arange(183) // 3, "값": np.where(inside, "안", "밖"), "같음": 1}
    pd.DataFrame(columns).to_csv(tmp_path / "집.csv", index=False)

    def run(*arguments, quick=QUICK):
        return command("study", "집.csv", "--target", "값", *quick, *arguments)

    return run


FAST = ("--learning-rate", "0.05")
# What is asked for, and what is said of that alone.
VIEWS = {
    "plain": (
        ("--compare", "linear", "--compare", "1 x 4 tanh", "--epochs", "60", *FAST),
        ("1 x 4 tanh, 선형 대비: ", "그래디언트 부스팅 트리(사이킷런의 기본값)", ", fit 방식 "),
    ),
    "groups": (("--group-column", "줄", "--no-fit-score"), ("행 183개를 폴드 3개로",)),
    "rows": (
        ("--rows", "--no-trees", "--no-fit-score"),
        ("행의 표본 5개로 학습합니다.", "244, 예상 ", "학습하는 행이 122개에서"),
    ),
    "varied": (
        ("--vary", "batch_size=8,64", "--vary", "optimizer=sgd,adam", "--no-fit-score"),
        ("tanh × 배치 크기 8, 64; 최적화 방법 sgd, adam", "신경망 크기 방법 매개변수 정확도"),
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_study_speaks_korean(study, tmp_path, view):
    asked, said = VIEWS[view]
    code, out, err = study(*asked, *KOREAN)
    assert (code, english_in(err, KNOWN)) == (0, [])
    assert english_in(out.replace("study.", "."), KNOWN) == []
    for words in ("집.csv: 행 183개", "추천: ", "매개변수", "짐작", "답 집.study.html", *said):
        assert words in " ".join(out.split())
    page = (tmp_path / "집.study.html").read_text("utf-8")
    assert '<html lang="ko">' in page
    reader = Words()
    reader.feed(page)
    left = {text: english_in(text, KNOWN | IN_REPORTS) for text in reader.words}
    assert {text: words for text, words in left.items() if words} == {}
    code, english, _ = study(*asked, "--resume")
    assert not re.search("[가-힣]", re.sub(OWN, "", english))


def test_a_study_is_widened(study):
    brief = ("--no-trees", "--no-fit-score", *KOREAN)
    assert study("--depth", "0-1", *brief)[0] == 0
    code, out, _ = study("--depth", "0-2", "--seeds", "2", "--resume", *brief)
    assert code == 0
    words = " ".join(out.split())
    assert "실험을 넓힙니다. 되풀이: 전에는 1, 이제 2; 깊이: 전에는 1, 이제 1, 2. " in words
    assert "학습 18번 가운데 6번은 이미 끝났습니다" in words


def test_what_is_for_programs_is_english(study):
    code, out, _ = study("--compare", "선형", "--compare", "1 x 4 tanh", "--json", *KOREAN)
    assert code == 0
    told = json.loads(out)
    assert not re.search("[가-힣]", re.sub(OWN, "", json.dumps(told, ensure_ascii=False)))
    assert "1 x 4 tanh against linear: " in told["answers"][-1]


def test_the_environment_chooses(study, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "추천: " in study()[1]
    code, out, error = study("--folds", "150", "--name", "other")
    assert (code, out.count("행 183개")) == (1, 1)
    assert not re.search("[가-힣]", re.sub(OWN, "", error))


def test_in_python(tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    table = pd.DataFrame({"너비": random.normal(size=60), "높이": random.normal(size=60)})
    done = DepthStudy(
        depth=[1], width=[4], activation=["tanh"], folds=2, seeds=1, epochs=3, workers=1,
        trees=False, fit_score=False,
    ).fit(table, table["너비"] > 0)  # fmt: skip
    korean, english = done.summary(language="ko"), done.summary()
    assert english_in(korean, KNOWN) == []
    assert english.startswith("Recommended: ")
    figures = [done.draw("depth", language=language) for language in ("ko", "en")]
    assert [f.axes[0].get_ylabel() for f in figures] == ["정확도 (%)", "accuracy (%)"]
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert done.summary() == korean
    shown = shown_study(done)["text/html"]
    assert ' lang="ko"' in shown
    assert "더 보려면: summary()" in shown
    with pytest.raises(ValueError, match="language must be one of en, ko; got 'fr'"):
        done.summary(language="fr")


def test_how_far_it_is(capsys, monkeypatch):
    monkeypatch.setattr("layerwise.training.progress._NEWS_SECONDS", 0.0)
    configurations = (Configuration(0, (), None, 9), Configuration(1, (4,), "relu", 50))
    with speaking("ko"):
        shown = LiveStudy(LINES)
        shown.begin(Plan(configurations, "rmse", 5, 1, 0, 9, 32, 0.1, None))
        now = dataclasses.replace(
            progress(4, 2_000.0, {0: [2.0], 1: [1.0, 3.5]}),
            ended=frozenset([0, 1]), pruned=frozenset([1]), like_fit=(2, 3),
        )  # fmt: skip
        shown(now)
        from rich.console import Console

        console = Console(width=100)
        with console.capture() as captured:
            console.print(shown._picture(now))
    line = capsys.readouterr().err
    assert line == (
        "layerwise: 실험 중: 학습 10번 가운데 4번, 그만둔 신경망 1개; 지금까지 가장 좋은 것: 선형, "
        "RMSE 2.0000; 추천하는 신경망을 fit처럼 학습, 폴드 2/3; 끝난 것: 선형 (RMSE 2.0000), 1 x 4 "
        "relu (RMSE 2.2500, 그만둠)\n"
    )
    assert english_in(captured.get(), KNOWN | {"RMSE"}) == []


def test_what_is_going_to_be_done():
    deep = [Configuration(i, (4,) * i, "relu", 9) for i in range(1, 6)]
    plan = Plan((Configuration(0, (), None, 9), *deep), "accuracy", 5, 200, 0, 50, 32, None, 9)
    rates = dataclasses.replace(plan, configurations=tuple(varied([0.1, 0.2])), patience=None)
    with speaking("ko"):
        lines = [*_plan_lines(plan, 90), *_plan_lines(rates, 90)]
    assert [english_in(line, KNOWN) for line in lines] == [[]] * len(lines)
    assert lines[0] == "신경망 6개: 선형 모델, 그리고 깊이 1~5 × 너비 4 × relu"
    assert lines[1] == (
        "행 90개를 폴드 5개로 200번 나누어 신경망마다 1,000번 학습합니다. 많아야 50에포크, 9에포크 "
        "동안 나아지지 않으면 멈춤 (배치 크기 32, 학습률은 최적화 방법마다 정해진 값, 시드 0)"
    )
    assert "모두 6,000번 학습합니다." in lines[2]
