"""The page as a file: well-formed, offline, escaped, complete, and not too large."""

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import Network
from layerwise.architecture import Architecture
from layerwise.ensemble.ensemble import Ensemble, Member
from layerwise.ensemble.importance import Importance
from layerwise.explanation.html import to_fragment
from layerwise.harmless_text import visible
from layerwise.report.classes_section import confusion_section, probabilities_section
from layerwise.report.columns_section import columns_section
from layerwise.report.elements import element, section
from layerwise.report.fit_page import render_report
from layerwise.report.network_section import network_section
from layerwise.report.numbers_section import numbers_section
from layerwise.report.page import render_page, style, write_page
from layerwise.report.summary import importance_section
from layerwise.report.training_section import training_section
from layerwise.tables.columns import Column
from layerwise.tables.kinds import describe_columns
from layerwise.training import History
from tests.helpers.pages import Page, assert_whole_and_offline
from tests.report.reports import (
    fit,
    full_source,
    history,
    of_classes,
    of_numbers,
    trained,
    without_pictures,
)

HOSTILE = "</style></svg><script>alert('x')</script>\"onload=\"a&lt;b\x00"
FIRST = ["The result", "The table and the task", "The columns", "The network", "Training"]
OF_CLASSES = ["Right and wrong", "The probabilities"]
OF_NUMBERS = ["Predicted and true"]
LAST = ["Which columns matter", "The worst-predicted rows", "To repeat it"]


@pytest.fixture(scope="module")
def source():
    """A report of all that there can be."""
    return full_source()


def test_it_is_well_formed_and_refers_to_nothing_outside(source):
    assert_whole_and_offline(source)


def test_the_browser_runs_our_script_and_no_other(source):
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(v for _, n, v in Page(source).attributes if n == "content" and "default-src" in v)
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_hostile_names_stay_text(source):
    names = [f"{i} {HOSTILE}" for i in range(4)]
    made = fit(tuple(names), (HOSTILE, HOSTILE + "2"), HOSTILE)
    made = made.changed(seconds={HOSTILE: 1.0, "b": 2.0})
    hostile, usual = Page(made.page(HOSTILE)), Page(source)
    # In pictures, longer names are written on more lines.
    assert set(hostile.tags) == set(usual.tags)
    named = {(tag, name) for tag, name, _ in hostile.attributes}
    assert named == {(tag, name) for tag, name, _ in usual.attributes}
    words, usual_words = (Page(without_pictures(one.page, HOSTILE)) for one in (made, fit()))
    assert words.tags == usual_words.tags
    assert "<script>alert('x')</script>" in hostile.text
    assert "\x00" not in hostile.source


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
def test_any_name_can_be_written(name):
    content = section("a", name, element("p", name, title=name))
    page = render_page(name, name, {"a": (name, content)})
    page.encode()
    # The parser, unlike browsers, keeps carriage returns.
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]", page
    )
    shown = visible(name).replace("\u00a0", " ")
    assert shown in Page(page).texts


def test_korean_names_are_shown():
    names, labels = ("나이", "도시", "고객번호", "소득"), ("아니오", "예")
    text = Page(fit(names, labels, "집값.csv").page()).text
    for name in (*names, *labels, "집값.csv: 소득"):
        assert name in text


def test_korean_words_are_not_broken():
    assert "word-break: keep-all" in style()
    assert "word-break: keep-all" in to_fragment([])


@pytest.mark.parametrize(
    ("predicts", "own", "changed", "last"),
    [
        (3, OF_CLASSES, {}, LAST),
        (0, OF_NUMBERS, {}, LAST),
        (3, OF_CLASSES, {"importance": None}, LAST[1:]),
    ],
)
def test_what_is_absent_leaves_no_heading(predicts, own, changed, last):
    page = Page(without_pictures(fit(predicts=predicts).changed(**changed).page))
    assert list(page.headings) == [*FIRST, *own, *last]
    links = [value for _, name, value in page.attributes if name == "href" and value[1:2] != "f"]
    assert len(links) == len(page.headings)
    for heading, texts in page.headings.items():
        assert "".join(texts).strip(), heading


def test_nothing_is_printed_that_is_no_number():
    usual, nan = fit(), float("nan")
    baselines = usual.trial.baselines | {"others": dict.fromkeys(usual.trial.judged.scores, nan)}
    no_importance = Importance(("age", "city"), np.zeros((2, 3)), "log loss")
    made = usual.changed(baselines=baselines, importance=no_importance)
    age = usual.read.table.column("age").to_numpy(zero_copy_only=False)
    with_nan = usual.read.table.set_column(0, "age", pa.array(age))  # cells that are NaN, not null
    source = without_pictures(replace(made, read=replace(made.read, table=with_nan)).page)
    source += training_section(trained(history(5, held_out=False), history(1, 1)))
    for of_rows in (confusion_section, probabilities_section):
        source += of_rows(*of_classes(3))
    source = re.sub(r' style="[^"]*"', "", source)
    visible = re.sub(r"<(script|head)>.*?</\1>", "", source, flags=re.DOTALL)
    assert not re.search(r"\b(nan|none|inf|null)\b", visible, re.IGNORECASE)


def test_columns_of_all_kinds_that_say_nothing_of_the_target_have_a_line():
    cells = {
        "word": ["a", "b", "c"],
        "remark": ["two words", "and some more", "of a text"],
        "answer": ["yes", "no", "yes"],
        "truth": [True, False, True],
        "day": [dt.date(2024, 1, 1), dt.date(2024, 1, 2), dt.date(2024, 2, 1)],
        "written day": ["1 May 2024", "2 May 2024", "9 May 2024"],
        "price": ["$ 5", "$ 7", "$ 9"],
        "amount": [1.5, 2.5, 4.5],
    }
    table = pa.table({name: column * 20 for name, column in cells.items()})
    columns = [replace(column, kind="unrelated") for column in describe_columns(table)]
    trial = SimpleNamespace(
        model=SimpleNamespace(columns_=columns, task_=SimpleNamespace(names=("y",))),
        split=SimpleNamespace(train=np.arange(60)),
        before=None,
    )
    source = columns_section(trial, table)
    assert {cell for one in Page(source).tables for row in one for cell in row} >= set(cells)
    assert source.count("<svg") == 1  # of the amount


@pytest.mark.slow
def test_three_thousand_columns_are_all_named_in_a_file_of_some_megabytes():
    names = [f"column_{i}_of_many" for i in range(3000)]
    columns = [Column(name, "number", "all cells are numbers", "number", 0, 500) for name in names]
    preparation = SimpleNamespace(inputs_of=lambda name: ([0], []))
    trial = SimpleNamespace(
        model=SimpleNamespace(
            columns_=columns, preparation_=preparation, task_=SimpleNamespace(names=("y",))
        ),
        split=SimpleNamespace(train=np.arange(500)),
        before=None,
    )
    table = pa.table(dict.fromkeys(names, pa.array(np.linspace(0, 1, 500))))
    source = columns_section(trial, table)
    source += importance_section(Importance(tuple(names), np.ones((3000, 5)), "log loss"))
    assert len(source.encode()) < 3_000_000
    shown = {cell for table in Page(source).tables for row in table for cell in row}
    assert shown.issuperset(names)


@pytest.mark.slow
def test_many_rows_and_classes_do_not_make_a_large_file():
    classes = of_classes(300, 6_000)
    source = numbers_section(*of_numbers(100_000))
    source += confusion_section(*classes) + probabilities_section(*classes)
    source += training_section(trained(*(history(5000, 4000) for _ in range(5))))
    assert len(source.encode()) < 1_500_000
    assert "Drawn are 2,000 of 100,000 rows" in source


def test_the_same_data_give_the_same_page(source):
    assert fit().page() == source


def test_the_network_is_drawn_and_shortened():
    network = Network(Architecture([50, *[64] * 20, 1]), seed=0)
    network.networks_ = [network]
    network.ensemble_ = Ensemble([Member(network, History(), np.arange(0))])
    network.recipe_ = SimpleNamespace(n_folds=5, n_windows=0)
    page = Page(network_section(network))
    for words in ("50 numbers", "16 more", "hidden layers"):
        assert words in page.texts
    assert page.tags.count("path") < 1000
    assert "hidden 2–20" in page.text


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "집값.report.html"
    made = fit()
    rows = made.read.table.take(made.trial.split.test)
    monkeypatch.setattr("layerwise.report.elements.inline_svg", lambda draw, description: "")
    page = partial(render_report, made.trial, made.read, rows)
    write_page(partial(page, command="a"), target)
    before = target.read_text("utf-8")
    assert "To repeat it" in before

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"cannot write the report .*집값.*No space left"):
        write_page(partial(page, command="another"), target)
    assert target.read_text("utf-8") == before
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(OSError, match=r"cannot write the report .*nowhere"):
        write_page(partial(page, command="a"), tmp_path / "nowhere" / "a.html")


def test_what_scrolls_has_a_shadow_where_there_is_more_and_nothing_covers_it():
    scroll = re.search(r"\.scroll \{([^}]*)\}", style())[1]
    assert "var(--shade)" in scroll
    assert len(re.findall(r"no-repeat local", scroll)) == 2  # what hides it at the ends
    svg = network_section(fit().trial.model)
    ground = re.search(r"<svg[^>]*>(?:<defs.*?</defs>)?<path[^>]*>", svg)[0]
    assert 'style="fill:var(--background)"' in ground  # as the rule that takes it away has it
    assert '.plot > path[style*="fill:var(--background)"]' in style()


def test_names_of_any_length_are_cut_with_a_sign_or_broken():
    names = ["first " + "a" * 150, "second " + "b" * 150, "c"]
    made = confusion_section(*of_classes(3, classes=names))
    cells = re.findall(r"<t[hd][^>]*>([^<]*)", made)
    assert max(map(len, cells)) <= 40
    assert any(cell.startswith("first aaa") and cell.endswith("…") for cell in cells)
    assert "overflow-wrap: anywhere" in re.search(r"tbody th:not\(\.n\) \{([^}]*)\}", style())[1]
