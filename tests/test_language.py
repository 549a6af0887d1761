"""What is said in other languages: one catalogue, gathered and compiled."""

import ast
import copy
import gettext
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

import layerwise
from layerwise.language import Said, counted, said, said_again, said_count, speaking, spoken, tr

PACKAGE = Path(layerwise.__file__).parent
FOLDER = PACKAGE / "locale" / "ko" / "LC_MESSAGES"
# Which argument of each function is English; see KEYWORDS in the Makefile.
PLACES = {"tr": 0, "said": 0, "message": 0, "counted": 1, "said_count": 1, "of_many": 2}


def gathered():
    """All English texts that the sources say to those functions."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = PLACES.get(node.func.id)
                if place is not None and len(node.args) > place:
                    text = node.args[place]
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield text.value


def written():
    """The catalogue as its translators write it."""
    texts, into = {"msgid": "", "msgstr": ""}, ""
    for line in [*(FOLDER / "layerwise.po").read_text("utf-8").splitlines(), 'msgid ""']:
        key = re.match(r"(msgid|msgstr) ", line)
        if key:
            if key[1] == "msgid" and into:
                yield texts["msgid"], texts["msgstr"]
            into, texts[key[1]] = key[1], ""
        if key or line.startswith('"'):
            texts[into] += ast.literal_eval(line.removeprefix(f"{into} "))


def compiled():
    with (FOLDER / "layerwise.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def test_the_catalogue_holds_what_the_sources_say_and_no_more():
    assert {text for text, _ in written()} - {""} == set(gathered()), "run `make messages`"


def test_all_of_it_is_translated_and_compiled():
    texts = dict(written())
    assert not [text for text, korean in texts.items() if not korean]
    assert compiled() == texts, "run `make messages`"


def test_no_call_stands_where_it_is_not_gathered():
    """Within an f-string, Babel sees none."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = [ast.unparse(c) for c in ast.walk(node) if isinstance(c, ast.Call)]
                hidden = [c for c in calls if re.match(rf"({'|'.join(PLACES)})\(.*['\"]", c)]
                assert not hidden, (path, hidden)


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_each_translation_is_filled_with_the_same():
    for text, korean in written():
        if text and "{" in text:
            assert fields(text) == fields(korean), text


def test_no_template_with_words_is_translated_by_itself():
    """By which those that the catalogue does not know are told."""
    same = [text for text, korean in written() if text == korean and "{" in text]
    assert not [text for text in same if re.search(r"\w", re.sub("{.*?}", "", text))]


def in_environment(code, **names):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("L")} | names
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


SPOKEN = "from layerwise.language import spoken; print(spoken())"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "ko"}, "ko"),
        ({"LANG": "", "LC_ALL": "", "LC_MESSAGES": "ko-KR"}, "ko"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_environment_chooses(names, code, monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert spoken() == "en"
    with speaking(None):
        assert spoken() == code
    with speaking("en"), speaking(None):
        assert spoken() == "en"


def test_english_loads_no_catalogue():
    code = f"{SPOKEN}; import sys, layerwise; print('gettext' in sys.modules)"
    code += "\nfrom layerwise.language import _catalogue, tr"
    code += "\nprint(tr('one row'), _catalogue.cache_info().currsize)"
    assert in_environment(code, LANG="en_US.UTF-8").split("\n")[-1] == "one row 0"


def test_what_is_spoken_ends_where_it_began():
    with speaking("ko"):
        with speaking("en"):
            assert tr("one row") == "one row"
        with speaking(None):
            assert tr("one row") == "한 행"
    assert spoken() == "en"


def test_an_unknown_language_is_refused():
    refused = pytest.raises(ValueError, match="language must be one of en, ko; got 'fr'")
    with refused, speaking("fr"):
        pass


def test_what_is_not_in_the_catalogue_stays_as_it_is():
    with speaking("ko"):
        assert tr("a loss {of} one's own") == "a loss {of} one's own"
        assert tr("") == ""


def test_a_text_of_another_version_stays_english_whole():
    text = said("some {rows} of {n:,} were said otherwise", rows=said_count(3, "row"), n=1200)
    with speaking("ko"):
        assert tr(text) == "some 3 rows of 1,200 were said otherwise"
        assert tr(said("one row") + "; " + text) == f"한 행; {text}"


def test_a_text_is_made_again_of_what_a_file_holds():
    text = said("{name} is the baseline", name="age")
    again = said_again(str(text), text.template, text.values)
    assert (again, again.template, again.values) == (text, text.template, text.values)
    with pytest.raises(ValueError, match="name is wanted in"):
        said_again(str(text), text.template, {})


def test_a_text_said_in_english_can_be_said_again():
    rows = said_count(3, "row")
    template = (
        "{name!r} holds {cells} of {n:,} that cannot be read, such as {example}, and count as "
        "missing"
    )
    note = said(template, name="나이", cells=said_count(2, "cell"), n=1200, example="'x'")
    assert note == (
        "'나이' holds 2 cells of 1,200 that cannot be read, such as 'x', and count as missing"
    )
    assert tr(note) == note
    for copied in (note, pickle.loads(pickle.dumps(note)), copy.deepcopy(note)):
        assert isinstance(copied, Said)
        with speaking("ko"):
            assert tr(copied) == (
                "'나이'의 칸 1,200개 가운데 칸 2개는 읽을 수 없어 빈칸으로 봅니다. 예: 'x'"
            )
            assert (tr(rows), counted(1, "row")) == ("행 3개", "행 1개")


def test_particles_follow_what_is_filled_in():
    with speaking("ko"):
        for name, particle in (("나이", "는"), ("소득", "은"), ("{x}을/를 셋", "은")):
            text = tr("; “{name}” is {value}", name=name, value=1)
            assert text == f"; “{name}”{particle} 1"
