"""The guide's blocks of code, run as they stand: at build time for what they show, in tests too.

A page's blocks run one after another, in one namespace and one folder of their own. A block that
ends in a call of `draw` or `draw_...` shows that picture, on a light and a dark ground.
"""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

__all__ = ["DOCS", "Block", "Page", "Picture", "Result", "blocks_of"]

DOCS = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```\{(run|command)\}[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What a command says on a slow machine, or the first time, and not again.
_PASSING = re.compile(r"layerwise: (studying: |compiling its |compiled )")
_OPTION = re.compile(r"^:[a-z-]+:.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of a page: "run" holds Python, "command" a line for the shell each."""

    kind: str
    code: str


@dataclass(frozen=True)
class Picture:
    """One file of a picture: for which ground, page and language ("any": all), of which kind."""

    theme: str
    width: str
    language: str
    suffix: str
    data: bytes


@dataclass
class Result:
    """What a block gave: its text, and the files of its picture."""

    text: str = ""
    pictures: list[Picture] = field(default_factory=list)


class Store(Protocol):
    """Where results are found again, by all blocks of a page so far."""

    def find(self, blocks: tuple[Block, ...]) -> Result | None: ...
    def put(self, blocks: tuple[Block, ...], result: Result) -> None: ...


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a Markdown page, without their options."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [Block(kind, _OPTION.sub("", code, count=8)) for kind, code in found]


class Page:
    """A page's namespace and folder.

    Parameters
    ----------
    kept : Store or None
        Where results are looked for before a block is run.
    """

    def __init__(self, kept: Store | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="guide-")
        self.names: dict[str, object] = {"__name__": "guide"}
        self._kept = kept
        self._blocks: tuple[Block, ...] = ()
        self._n_run = 0

    def run(self, block: Block) -> Result:
        """Run the page's next block, after those before it that were found and not run."""
        self._blocks += (block,)
        found = self._kept.find(self._blocks) if self._kept else None
        if found is not None:
            return found
        for waiting in self._blocks[self._n_run :]:
            result = self._run(waiting)
        self._n_run = len(self._blocks)
        if self._kept:
            self._kept.put(self._blocks, result)
        return result

    def _run(self, block: Block) -> Result:
        before, language = Path.cwd(), os.environ.get("LC_ALL")
        os.chdir(self._folder.name)
        os.environ["LC_ALL"] = "C.UTF-8"  # on any machine the package speaks English here
        try:
            return self._python(block.code) if block.kind == "run" else self._shell(block.code)
        finally:
            os.chdir(before)
            del os.environ["LC_ALL"]
            if language is not None:
                os.environ["LC_ALL"] = language

    def close(self) -> None:
        """Remove the page's folder."""
        self._folder.cleanup()

    def _python(self, code: str) -> Result:
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
            exec(compile(ast.Module(body, []), "<guide>", "exec"), self.names)
            for theme in ("light", "dark") if is_picture else ():
                call.keywords = [k for k in call.keywords if k.arg != "theme"]
                call.keywords.append(ast.keyword("theme", ast.Constant(theme)))
                expression = ast.fix_missing_locations(ast.Expression(call))
                drawn = eval(compile(expression, "<guide>", "eval"), self.names)
                result.pictures += _as_files(drawn, theme)
        result.text = printed.getvalue()
        return result

    def _shell(self, lines: str) -> Result:
        result = Result()
        beside = str(Path(sys.executable).parent)
        environment = os.environ | {
            "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}",
            "COLUMNS": "92", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip
        ran = subprocess.run(
            ["bash", "-e", "-c", lines], env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )  # fmt: skip
        said = [line.rstrip() for line in ran.stdout.splitlines() if not _PASSING.match(line)]
        result.text = "\n".join(said)
        if ran.returncode:
            raise RuntimeError(f"`{lines.strip()}` ended with {ran.returncode}:\n{result.text}")
        return result


def _as_files(drawn: object, theme: str) -> list[Picture]:
    from narrow import stacked

    if isinstance(getattr(drawn, "data", None), bytes):  # an animation
        return [Picture(theme, "any", "any", "gif", drawn.data)]
    files = _in_both_languages(drawn, theme, "any")
    if stacked(drawn):
        files = [replace(file, width="wide") for file in files]
        files += _in_both_languages(drawn, theme, "narrow")
    return files


def _in_both_languages(figure: object, theme: str, width: str) -> list[Picture]:
    from picture_words import put_into_korean

    english = _smallest(figure, theme, width)
    changed = put_into_korean(figure)
    if not changed:
        return [english]
    korean = replace(_smallest(figure, theme, width), language="ko")
    for artist, text in changed:
        artist.set_text(text)
    return [replace(english, language="en"), korean]


def _smallest(figure: object, theme: str, width: str) -> Picture:
    from layerwise.draw.saving import figure_bytes

    files = [
        Picture(theme, width, "any", kind, figure_bytes(figure, kind)) for kind in ("svg", "png")
    ]
    # A picture of many dots or lines is smaller as pixels.
    return min(files, key=lambda file: len(file.data))
