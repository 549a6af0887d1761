"""What the guide's blocks gave, kept in files until their code or the package changes.

What is of no language is kept once, for the pages of all.
"""

import ast
import hashlib
import json
import platform
import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from running import DOCS, Block, Page, Picture, Result, blocks_of, language_of

__all__ = ["Kept", "code_digest", "run_pages"]

# What else decides how a figure looks or a number comes out.
_LIBRARIES = ("matplotlib", "numpy", "numba", "scikit-learn", "pandas", "duckdb")
_DRAWN_BY = ("narrow.py", "output_lines.py", "picture_words.py", "pictures.py", "running.py")


def code_digest() -> str:
    """A hash of the package, of what runs and draws here, and of the libraries' versions."""
    import layerwise

    package = Path(layerwise.__file__).parent
    found = hashlib.sha256(f"{platform.python_version()} {platform.machine()}".encode())
    for name in _LIBRARIES:
        found.update(version(name).encode())
    here = [Path(__file__).with_name(name) for name in _DRAWN_BY]
    for path in [*sorted(package.rglob("*.py")), *sorted(package.rglob("*.mo")), *here]:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


class Kept:
    """Results of blocks, by all blocks of their page so far.

    Parameters
    ----------
    folder : Path
        Of all that is kept; what other code gave is removed from it.
    digest : str
        Of the code: `code_digest()`.
    """

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder = folder / digest
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if old != self.folder:
                shutil.rmtree(old, ignore_errors=True)

    def _path(self, blocks: Iterable[Block], language: str) -> Path:
        text = json.dumps([_meaning(block) for block in blocks])
        return self.folder / f"{hashlib.sha256(text.encode()).hexdigest()}{language}.json"

    def find(self, blocks: tuple[Block, ...], language: str) -> Result | None:
        """What the last of the blocks gives on a page of that language, or None."""
        paths = [self._path(blocks, each) for each in ("", language)]
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            return None
        held = json.loads(path.read_text("utf-8"))
        pictures = [
            Picture(**{**each, "data": b64decode(each["data"])}) for each in held["pictures"]
        ]
        return Result(held["text"], pictures, is_of_language=path == paths[1])

    def put(self, blocks: tuple[Block, ...], language: str, result: Result) -> None:
        """Keep it, whole or not at all."""
        pictures = [
            {**asdict(each), "data": b64encode(each.data).decode()} for each in result.pictures
        ]
        path = self._path(blocks, language if result.is_of_language else "")
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps({"text": result.text, "pictures": pictures}), "utf-8")
        unfinished.replace(path)


def _meaning(block: Block) -> tuple[str, str]:
    """Its kind, and its code without comments, which are of a page's language."""
    if block.kind != "run":
        return block.kind, block.code
    try:
        return block.kind, ast.dump(ast.parse(block.code))
    except SyntaxError:  # which running it will say
        return block.kind, block.code


def _run_pages(paths: list[Path], kept: Kept) -> None:
    for path in paths:
        page = Page(kept, language_of(path.relative_to(DOCS)))
        try:
            for block in blocks_of(path):
                page.run(block)
        finally:
            page.close()


def run_pages(kept: Kept, n_processes: int) -> None:
    """Run the blocks of all pages that are not kept, several pages at once.

    Pages of the same code, which are each other's translations, come one after another, for most
    results are of no language. A page that fails is left to be run again, by Sphinx, which says
    where it failed.
    """
    same_code: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for path in sorted(DOCS.rglob("*.md"), key=language_of):  # English first
        if "_build" not in path.relative_to(DOCS).parts:
            same_code.setdefault(tuple(map(_meaning, blocks_of(path))), []).append(path)
    waiting = [
        paths for paths in same_code.values() if not all(_is_kept(path, kept) for path in paths)
    ]
    waiting.sort(key=lambda paths: -len(paths[0].read_bytes()))  # the longest first
    if not waiting:
        return
    with ProcessPoolExecutor(n_processes, mp_context=get_context("spawn")) as pool:
        for running in [pool.submit(_run_pages, paths, kept) for paths in waiting]:
            running.exception()


def _is_kept(path: Path, kept: Kept) -> bool:
    blocks, language = tuple(blocks_of(path)), language_of(path.relative_to(DOCS))
    return all(kept.find(blocks[: i + 1], language) for i in range(len(blocks)))
