"""What the guide's blocks gave is found again, until their code or the package changes."""

import os
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.append(str(DOCS / "_ext"))

import kept  # noqa: E402
from running import Block, Page  # noqa: E402

FIRST = Block("run", "from pathlib import Path\n\nn = len(list(Path(FOLDER).iterdir()))\n")
SECOND = Block("run", "Path(FOLDER, str(n)).touch()\nprint('ran', n)\n")
PICTURE = Block("run", "from layerwise.draw import draw_softmax\n\ndraw_softmax([1.0, 2.0])\n")
SPEAKING = Block("run", "from layerwise import Network\n\nprint(Network('1-1', seed=0))\n")


def run(store, tmp_path, *blocks, language="en"):
    """The texts of a page's blocks, and its last block's picture."""
    traces = tmp_path / "traces"
    traces.mkdir(exist_ok=True)
    page = Page(store, language)
    page.names["FOLDER"] = str(traces)
    results = [page.run(block) for block in blocks]
    page.close()
    return [result.text for result in results], results[-1].pictures


def test_a_page_is_run_once(tmp_path):
    for _ in range(2):
        texts, _ = run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST, SECOND)
        assert texts == ["", "ran 0\n"]


def test_a_block_behind_known_ones_is_run_after_them(tmp_path):
    run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST)
    texts, _ = run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST, SECOND)
    assert texts == ["", "ran 0\n"]


def test_a_translated_comment_changes_nothing(tmp_path):
    run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST, SECOND)
    translated = Block("run", FIRST.code + "# 폴더에 있는 것을 셉니다\n")
    texts, _ = run(kept.Kept(tmp_path / "kept", "one"), tmp_path, translated, SECOND)
    assert texts == ["", "ran 0\n"]


def test_a_changed_block_runs_those_after_it_anew(tmp_path):
    run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST, SECOND)
    changed = Block("run", FIRST.code + "n += 0\n")
    texts, _ = run(kept.Kept(tmp_path / "kept", "one"), tmp_path, changed, SECOND)
    assert texts == ["", "ran 1\n"]


def test_other_code_runs_all_anew_and_removes_what_was_kept(tmp_path):
    run(kept.Kept(tmp_path / "kept", "one"), tmp_path, FIRST, SECOND)
    texts, _ = run(kept.Kept(tmp_path / "kept", "two"), tmp_path, FIRST, SECOND)
    assert texts == ["", "ran 1\n"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["two"]


def test_pictures_are_kept_to_the_byte_of_each_width_and_language(tmp_path):
    _, drawn = run(kept.Kept(tmp_path / "kept", "one"), tmp_path, PICTURE)
    looks = [(picture.theme, picture.width, picture.language) for picture in drawn]
    assert looks == [
        (theme, width, language)
        for theme in ("light", "dark")
        for width in ("wide", "narrow")
        for language in ("en", "ko")
    ]
    assert len({picture.data for picture in drawn}) == 8
    assert run(kept.Kept(tmp_path / "kept", "one"), tmp_path, PICTURE)[1] == drawn


@pytest.mark.parametrize(
    ("drawn", "width"), [("'1-1'", "any"), ("Network('3-4-4-1', seed=0), [1, 2, 3]", "large")]
)
def test_a_wide_network_is_not_shrunk_to_a_telephones_page(drawn, width, tmp_path):
    code = f"from layerwise import Network\nfrom layerwise.draw import *\n\ndraw_network({drawn})\n"
    _, pictures = run(None, tmp_path, Block("run", code))
    assert {picture.width for picture in pictures} == {width}


def test_what_fails_is_not_kept(tmp_path):
    failing = Block("run", "1 / 0\n")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run(kept.Kept(tmp_path / "kept", "one"), tmp_path, failing)


@pytest.mark.parametrize(
    ("language", "passing"),
    [("en", "studying: 3 of 9 fits"), ("ko", "실험 중: 3/9"), ("ko", "컴파일했습니다(train, 4초)")],
)
def test_what_passes_on_a_screen_is_not_part_of_a_page(language, passing, tmp_path):
    block = Block("command", f"echo 'layerwise: {passing}' >&2\necho 'layerwise: 3 rows'\n")
    assert run(None, tmp_path, block, language=language)[0] == ["layerwise: 3 rows"]


@pytest.mark.parametrize("name", ["LANG", "LC_ALL"])
@pytest.mark.parametrize(
    ("language", "said"), [("en", "2 parameters"), ("ko", "매개변수 2개")], ids=["en", "ko"]
)
def test_blocks_speak_the_pages_language_anywhere(name, language, said, tmp_path, monkeypatch):
    monkeypatch.setenv(name, {"en": "ko_KR.UTF-8", "ko": "en_GB.UTF-8"}[language])
    before = dict(os.environ)
    command = Block("command", "layerwise show 1-1\n")
    texts, _ = run(None, tmp_path, SPEAKING, command, language=language)
    assert all(said in text for text in texts)
    assert not any("setlocale" in text for text in texts)
    assert dict(os.environ) == before


def test_what_is_of_no_language_is_run_once_for_both(tmp_path):
    for language, said in (("en", "2 parameters"), ("ko", "매개변수 2개")):
        store = kept.Kept(tmp_path / "kept", "one")
        texts, _ = run(store, tmp_path, FIRST, SECOND, language=language)
        assert texts == ["", "ran 0\n"]
        for _ in range(2):
            (text,), _ = run(store, tmp_path, SPEAKING, language=language)
            assert said in text
    assert {path.stem[64:] for path in (tmp_path / "kept" / "one").iterdir()} == {"", "en", "ko"}


def test_what_uses_something_of_a_language_is_of_it(tmp_path):
    remembering = Block("run", "text = str(Network('1-1', seed=0))\n")
    told = Block("run", "words = [text]\n")
    told_on = Block("run", "print(words)\n")
    for _ in range(2):
        for language, said in (("en", "2 parameters"), ("ko", "매개변수 2개")):
            store = kept.Kept(tmp_path / "kept", "one")
            blocks = (SPEAKING, remembering, told, told_on, FIRST, SECOND)
            texts, _ = run(store, tmp_path, *blocks, language=language)
            assert said in texts[3]
            assert texts[5] == "ran 0\n"  # once, for it uses none of it
