"""The page as a file: well-formed, offline, escaped, complete, and not too large."""

import base64
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.explanation.html import to_fragment
from layerwise.report import (
    ColumnFacts,
    Histogram,
    Importances,
    Metric,
    NetworkFacts,
    ReportData,
    Scores,
    TrainingFacts,
    WorstRows,
    render_report,
    write_report,
)
from layerwise.report.page import style
from tests.report.reports import (
    Page,
    class_result,
    full_report,
    full_source,
    history,
    number_result,
    report_of,
    without_pictures,
)

HOSTILE = "</style></svg><script>alert('x')</script>\"onload=\"a&lt;b\x00"
OPTIONAL = {
    "table": ["The table and the task"],
    "columns": ["The columns"],
    "network": ["The network"],
    "training": ["Training"],
    "scores": ["The result"],
    "numbers": ["Predicted and true"],
    "importances": ["Which columns matter"],
    "worst": ["The worst-predicted rows"],
    "classes": ["Right and wrong", "The probabilities"],
}


@pytest.fixture(scope="module")
def source():
    """A report of all that there can be."""
    return full_source()


def test_the_page_is_well_formed_and_its_ids_are_unique(source):
    page = Page(source)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links
    assert all(link[1:] in ids and link[0] == "#" for link in links)
    assert page.tags.count("h1") == 1


def test_the_page_refers_to_nothing_outside(source):
    assert not re.search(r"https?:|file:|url\((?!#)|@import|//[a-z]", source)
    page = Page(source)
    assert not {"link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not [1 for _, name, _ in page.attributes if name in {"src", "xlink:href", "srcset"}]


def test_the_browser_runs_our_script_and_no_other(source):
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(v for _, n, v in Page(source).attributes if n == "content" and "default-src" in v)
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_hostile_names_stay_text(source):
    names = [f"{i} {HOSTILE}" for i in range(3)]
    data = full_report(
        names, (HOSTILE, HOSTILE + "2"), title=HOSTILE, command=HOSTILE, date=HOSTILE,
        versions={HOSTILE: HOSTILE}, seconds={HOSTILE: 1.0, "b": 2.0},
        numbers=[number_result(name=HOSTILE)],
    )  # fmt: skip
    hostile = Page(render_report(data))
    usual = Page(source)
    assert hostile.tags == usual.tags
    named = [(tag, name) for tag, name, _ in hostile.attributes]
    assert named == [(tag, name) for tag, name, _ in usual.attributes]
    assert "<script>alert('x')</script>" in hostile.text
    assert "\x00" not in hostile.source


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
def test_any_name_can_be_written(name):
    page = render_report(ReportData(name, name, columns=[ColumnFacts(name, "text", name, 0, 1)]))
    page.encode()
    # The parser, unlike browsers, keeps carriage returns.
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "�", name)
    shown = shown.replace("\u00a0", " ")
    assert shown in Page(page).texts


def test_korean_names_are_shown():
    names = ("나이", "도시", "고객번호")
    text = Page(render_report(full_report(names, ("아니오", "예"), title="집값.csv: 소득"))).text
    for name in (*names, "아니오", "예", "집값.csv: 소득"):
        assert name in text


def test_korean_words_are_not_broken():
    assert "word-break: keep-all" in style()
    assert "word-break: keep-all" in to_fragment([])


@pytest.mark.parametrize("part", OPTIONAL)
def test_what_is_absent_leaves_no_heading(part):
    data = report_of(**{part: getattr(full_report(), part)})
    page = Page(without_pictures(render_report, data))
    assert list(page.headings) == [*OPTIONAL[part], "To repeat it"]
    links = [value for _, name, value in page.attributes if name == "href" and value[1:2] != "f"]
    assert len(links) == len(page.headings)


def test_no_heading_stands_alone(source):
    for shown in (source, render_report(report_of())):
        page = Page(shown)
        assert page.headings
        for heading, texts in page.headings.items():
            assert "".join(texts).strip(), heading
    assert list(page.headings) == ["To repeat it"]


def test_nothing_is_printed_that_is_no_number():
    nan = float("nan")
    first = history(5, held_out=False)
    data = report_of(
        scores=Scores(["network", "trees"], [Metric("loss", [0.5, nan], False)]),
        training=TrainingFacts([first, history(1, 1)]),
        worst=WorstRows(
            ["a", "b", "c"], [[nan, None, np.float32("nan")]], [1], ["x"], ["y"], [nan]
        ),
        importances=Importances(["a", "b"], np.zeros((2, 3))),
        classes=class_result(3),
    )
    source = re.sub(r' style="[^"]*"', "", render_report(data))
    visible = re.sub(r"<(script|head)>.*?</\1>", "", source, flags=re.DOTALL)
    assert not re.search(r"\b(nan|none|inf|null)\b", visible, re.IGNORECASE)


@pytest.mark.slow
def test_three_thousand_columns_are_all_named_in_a_file_of_some_megabytes():
    names = [f"column_{i}_of_many" for i in range(3000)]
    picture = Histogram(np.linspace(0, 1, 201), np.arange(200))
    columns = [
        ColumnFacts(name, "number", "all cells are numbers", 0.0, 500, "1 number", True, picture)
        for name in names
    ]
    cells = [[1.5] * 3000 for _ in range(50)]
    worst = WorstRows(names, cells, range(50), ["a"] * 50, ["b"] * 50, [1.0] * 50)
    source = render_report(
        report_of(columns=columns, worst=worst, importances=Importances(names, np.ones((3000, 5))))
    )
    assert len(source.encode()) < 3_000_000
    shown = {cell for table in Page(source).tables for row in table for cell in row}
    assert shown.issuperset(names)


@pytest.mark.slow
def test_many_rows_and_classes_do_not_make_a_large_file():
    data = report_of(
        numbers=[number_result(100_000)],
        classes=class_result(300, 6_000),
        training=TrainingFacts([history(5000, 4000) for _ in range(5)]),
    )
    source = render_report(data)
    assert len(source.encode()) < 1_500_000
    assert "Drawn are 2,000 of 100,000 rows" in source


def test_the_same_data_give_the_same_page(source):
    assert render_report(full_report()) == source


def test_the_network_is_drawn_with_its_names_and_shortened():
    from layerwise.architecture import Architecture

    deep = Architecture([50, *[64] * 20, 1])
    page = Page(render_report(report_of(network=NetworkFacts(deep, output_names=["price"]))))
    for words in ("50 numbers", "16 more", "hidden layers", "price"):
        assert words in page.texts
    assert page.tags.count("path") < 1000
    assert "hidden 2–20" in page.text


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "집값.report.html"
    write_report(report_of(), target)
    before = target.read_text("utf-8")
    assert before == render_report(report_of())

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"cannot write the report .*집값.*No space left"):
        write_report(replace(report_of(), title="another"), target)
    assert target.read_text("utf-8") == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match=r"cannot write the report .*nowhere"):
        write_report(report_of(), tmp_path / "nowhere" / "a.html")
