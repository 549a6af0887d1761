"""The guide's blocks of code, run as they stand: at build time for what they show, in tests too.

A page's blocks run one after another, in one namespace and one folder of their own, in the page's
language. A block that ends in a call of `draw` or `draw_...` shows that picture, on a light and a
dark ground, in each language.
"""

import ast
import builtins
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from unittest import mock

from output_lines import said_in

__all__ = ["DOCS", "LOCALES", "Block", "Page", "Picture", "Result", "blocks_of", "language_of"]

DOCS = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```\{(run|command)\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# By language, what LANG says; not LC_ALL, which bash refuses where such a locale is not installed.
LOCALES = {"en": "C.UTF-8", "ko": "ko_KR.UTF-8"}
_BEFORE_LANG = ("LC_ALL", "LC_MESSAGES")
# What a command says on a slow machine, or the first time, and not again.
_PASSING = ("studying", "compiling its engine", "compiled (")
_OPTION = re.compile(r"^:[a-z-]+:.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of a page: "run" holds Python, "command" a line for the shell each."""

    kind: str
    code: str


@dataclass(frozen=True)
class Picture:
    """One file of a picture: for which ground, page and language ("any": all), of which kind.

    One for pages of a width, or "large": for all, but never as small as a telephone's page.
    """

    theme: str
    width: str
    language: str
    suffix: str
    data: bytes


@dataclass
class Result:
    """What a block gave: its text, the files of its picture, and whether it is of one language.

    It is if the program was asked for something in a language: by a command, by this block, or by
    one that made what this one uses.
    """

    text: str = ""
    pictures: list[Picture] = field(default_factory=list)
    is_of_language: bool = False


class Store(Protocol):
    """Where results are found again, by all blocks of a page so far."""

    def find(self, blocks: tuple[Block, ...], language: str) -> Result | None: ...
    def put(self, blocks: tuple[Block, ...], language: str, result: Result) -> None: ...


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a Markdown page, without their options."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [Block(kind, _OPTION.sub("", code, count=8)) for kind, code in found]


def language_of(page: Path | str) -> str:
    """The language of a page, by its place in the guide."""
    return "ko" if "ko" in Path(page).parts else "en"


class Page:
    """A page's namespace and folder.

    Parameters
    ----------
    kept : Store or None
        Where results are looked for before a block is run.
    language : {"en", "ko"}
    """

    def __init__(self, kept: Store | None = None, language: str = "en") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="guide-")
        self.names: dict[str, object] = {"__name__": "guide"}
        self.language = language
        self._kept = kept
        self._blocks: tuple[Block, ...] = ()
        self._n_run = 0
        self._imported = {*dir(builtins)}
        self._of_language: set[str] = set()  # other names, used by blocks of a language

    def run(self, block: Block) -> Result:
        """Run the page's next block, after those before it that were found and not run."""
        self._blocks += (block,)
        found = self._kept.find(self._blocks, self.language) if self._kept else None
        if found is not None:
            self._note(block, found.is_of_language)
            return found
        for waiting in self._blocks[self._n_run :]:
            result = self._run(waiting, draws=waiting is self._blocks[-1])
            result.is_of_language = self._note(waiting, result.is_of_language)
        self._n_run = len(self._blocks)
        if self._kept:
            self._kept.put(self._blocks, self.language, result)
        return result

    def _run(self, block: Block, draws: bool) -> Result:
        with contextlib.chdir(self._folder.name), _speaking(self.language):
            is_python = block.kind == "run"
            return self._python(block.code, draws) if is_python else self._shell(block.code)

    def _note(self, block: Block, has_asked: bool) -> bool:
        """Note which names may now hold something of a language; whether the block is of one."""
        if block.kind != "run":
            return has_asked
        nodes = [*ast.walk(ast.parse(block.code))]
        imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        self._imported |= {
            (name.asname or name.name).split(".")[0] for node in imports for name in node.names
        }
        names = {node.id for node in nodes if isinstance(node, ast.Name)} - self._imported
        is_of_language = has_asked or not names.isdisjoint(self._of_language)
        if is_of_language:
            self._of_language |= names
        return is_of_language

    def close(self) -> None:
        """Remove the page's folder."""
        self._folder.cleanup()

    def _python(self, code: str, draws: bool) -> Result:
        tree = ast.parse(code)
        last = tree.body[-1] if tree.body else None
        call = last.value if isinstance(last, ast.Expr) else None
        name = ast.unparse(call.func).split(".")[-1] if isinstance(call, ast.Call) else ""
        is_picture = name == "draw" or name.startswith("draw_")
        body = tree.body[:-1] if is_picture else tree.body
        printed, result = io.StringIO(), Result()
        if str(DOCS / "_ext") not in sys.path:
            sys.path.append(str(DOCS / "_ext"))
        with contextlib.redirect_stdout(printed):
            with _asked_for_a_language() as asked:
                exec(compile(ast.Module(body, []), "<guide>", "exec"), self.names)
            result.is_of_language = bool(asked)
            for theme in ("light", "dark") if is_picture and draws else ():
                call.keywords = [k for k in call.keywords if k.arg != "theme"]
                call.keywords.append(ast.keyword("theme", ast.Constant(theme)))
                expression = ast.fix_missing_locations(ast.Expression(call))
                code = compile(expression, "<guide>", "eval")
                result.pictures += self._in_each_language(code, theme)
        result.text = printed.getvalue()
        return result

    def _in_each_language(self, code: object, theme: str) -> list[Picture]:
        files = {}
        for language in LOCALES:
            with _speaking(language):
                files[language] = _as_files(eval(code, self.names), theme, language)
        both = zip(*files.values(), strict=True)
        return [
            each
            for english, korean in both
            for each in (
                [replace(english, language="any")] if english.data == korean.data
                else [english, korean]
            )
        ]  # fmt: skip

    def _shell(self, lines: str) -> Result:
        result = Result(is_of_language=True)
        beside = str(Path(sys.executable).parent)
        environment = os.environ | {
            "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}",
            "COLUMNS": "102", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip
        ran = subprocess.run(
            ["bash", "-e", "-c", lines], env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )  # fmt: skip
        passing = tuple(
            f"layerwise: {each.partition('{')[0]}"
            for english in _PASSING
            for each in (english, *said_in(self.language, english))
        )
        said = [line.rstrip() for line in ran.stdout.splitlines() if not line.startswith(passing)]
        result.text = "\n".join(said)
        if ran.returncode:
            raise RuntimeError(f"`{lines.strip()}` ended with {ran.returncode}:\n{result.text}")
        return result


@contextlib.contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Let the environment say which language is spoken, whatever the machine's is."""
    kept = {name: os.environ.pop(name, None) for name in ("LANG", *_BEFORE_LANG)}
    os.environ["LANG"] = LOCALES[language]
    try:
        yield
    finally:
        del os.environ["LANG"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


@contextlib.contextmanager
def _asked_for_a_language() -> Iterator[list[str]]:
    """Note each time that the package looks up which language the environment wants."""
    from layerwise import language

    asked: list[str] = []
    look_up = language._of_environment

    def noting() -> str:
        asked.append(look_up())
        return asked[-1]

    with mock.patch.object(language, "_of_environment", noting):
        yield asked


def _as_files(drawn: object, theme: str, language: str) -> list[Picture]:
    from narrow import is_large, stacked
    from picture_words import put_into_korean

    if isinstance(getattr(drawn, "data", None), bytes):  # an animation
        return [Picture(theme, "any", language, "gif", drawn.data)]
    if language == "ko":
        put_into_korean(drawn)
    whole = _smallest(drawn, theme, "large" if is_large(drawn) else "any", language)
    if stacked(drawn):
        return [replace(whole, width="wide"), _smallest(drawn, theme, "narrow", language)]
    return [whole]


def _smallest(figure: object, theme: str, width: str, language: str) -> Picture:
    from layerwise.draw.saving import figure_bytes

    files = [
        Picture(theme, width, language, kind, figure_bytes(figure, kind)) for kind in ("svg", "png")
    ]
    # A picture of many dots or lines is smaller as pixels.
    return min(files, key=lambda file: len(file.data))
