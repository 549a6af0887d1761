"""Each lesson names its chapter of the guide, as the guide is called, and the chapter names it."""

import re
from pathlib import Path

import pytest

from layerwise.cli.play_command import LESSONS
from layerwise.playground import server

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("words", "folder"), [("en", "introduction"), ("ko", "ko")])
def test_lessons_and_chapters_name_each_other(words, folder):
    source = (server.FOLDER / f"lessons_{words}.js").read_text("utf-8")
    named = dict(re.findall(r'^  (\w+): \{\n.*\n    chapter: "(.*)",$', source, re.MULTILINE))
    assert tuple(named) == LESSONS
    pages = {
        page.read_text("utf-8").partition("\n")[0]: page for page in DOCS.glob(f"{folder}/*.md")
    }
    for lesson, chapter in named.items():
        text = pages[f"# {chapter}"].read_text("utf-8")
        assert f"`layerwise play --lesson {lesson}`" in text
