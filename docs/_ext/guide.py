"""What this guide adds to Sphinx: blocks that are run, and formulas as MathML."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from kept import Kept, code_digest, run_pages
from latex2mathml.converter import convert
from output_lines import line_that_begins
from running import Block, Page, Picture, language_of
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_MATRIX = re.compile(r"<mo>&#x00028;</mo><mtable>.*?</mtable><mo>&#x00029;</mo>")


def kept_of(app: Sphinx) -> Kept:
    """Where the results of this build's blocks are kept."""
    return Kept(Path(app.srcdir, "_build", "kept"), app.config.guide_code)


def _run_first(app: Sphinx) -> None:
    run_pages(kept_of(app), os.cpu_count() or 1)


class _Runs(SphinxDirective):
    """A block that is run; its code, what it printed and drew are shown."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "lines": directives.positive_int,  # of the output, at most
        # Of the output, from the line on that begins so in English,
        "after": directives.unchanged,
        "until": directives.unchanged,  # and what comes before the one that begins so.
        "alt": directives.unchanged,
        "quiet": directives.flag,  # without its output
        "hidden": directives.flag,  # without its code
    }
    kind, language = "run", "python"

    def run(self) -> list[nodes.Node]:
        page = self.env.temp_data.get("guide_page")
        if page is None:
            language = language_of(self.env.docname)
            page = self.env.temp_data["guide_page"] = Page(kept_of(self.env.app), language)
        code = "\n".join(self.content)
        try:
            result = page.run(Block(self.kind, code + "\n"))
        except Exception as error:
            raise self.error(f"a block of {self.env.docname} failed: {error!r}") from error
        parts: list[nodes.Node] = []
        if "hidden" not in self.options:
            parts.append(nodes.literal_block(code, code, language=self.language))
        if result.text.strip() and "quiet" not in self.options:
            text = self._shortened(result.text, page.language)
            parts.append(nodes.literal_block(text, text, language="text", classes=["output"]))
        if result.pictures:
            parts.append(self._picture(result.pictures, self.options.get("alt", "")))
        return parts

    def _shortened(self, text: str, language: str) -> str:
        lines = text.strip("\n").splitlines()
        if "after" in self.options:
            lines = ["...", *lines[self._line_of("after", lines, language) :]]
        if "until" in self.options:
            lines = [*lines[: self._line_of("until", lines, language)], "..."]
        most = self.options.get("lines", len(lines))
        return "\n".join([*lines[:most], *(["..."] if len(lines) > most else [])])

    def _line_of(self, option: str, lines: list[str], language: str) -> int:
        try:
            return line_that_begins("\n".join(lines), self.options[option], language)
        except ValueError as error:
            raise self.error(f":{option}: {error}") from None

    def _picture(self, pictures: list[Picture], alt: str) -> nodes.Node:
        folder = Path(self.env.srcdir, "_build", "figures")
        folder.mkdir(parents=True, exist_ok=True)
        box = nodes.container(classes=["picture"])
        language = language_of(self.env.docname)
        for picture in pictures:
            if picture.language not in {language, "any"}:
                continue
            name = f"{hashlib.sha256(picture.data).hexdigest()[:16]}.{picture.suffix}"
            (folder / name).write_bytes(picture.data)
            box += nodes.image(
                uri=f"/_build/figures/{name}", alt=alt,
                classes=[f"only-{picture.theme}", f"for-{picture.width}"],
            )  # fmt: skip
        return box


class _Command(_Runs):
    """Lines for the shell, run."""

    kind, language = "command", "console"

    def run(self) -> list[nodes.Node]:
        parts = super().run()
        text = "\n".join(f"$ {line}" for line in self.content)
        return [nodes.literal_block(text, text, language=self.language), *parts[1:]]


class _Interactive(_Runs):
    """A figure to play with (`interactive.js`), and a picture in its place without scripts."""

    required_arguments = 1  # its name there, and of `draw_...` in pictures.py
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        page = Page(kept_of(self.env.app), language_of(self.env.docname))
        drawn = page.run(Block("run", f"import pictures\n\npictures.draw_{name}()\n"))
        page.close()
        box = _Played(figure=name)
        self.state.nested_parse(self.content, self.content_offset, box)
        box += self._picture(drawn.pictures, " ".join(self.content).replace("$", ""))
        return [box]


class _Played(nodes.General, nodes.Element):
    """A caption, and the picture that stands there without scripts."""


def _visit_played(self: Any, node: Any) -> None:
    self.body.append(f'<div class="interactive" data-figure="{node["figure"]}">')


def _leave_played(self: Any, node: Any) -> None:
    self.body.append("</div>")


class _Answer(SphinxDirective):
    """The answer to an exercise, folded until it is asked for."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        is_korean = language_of(self.env.docname) == "ko"
        box = _Folded(summary="풀이" if is_korean else "Answer")
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class _Folded(nodes.General, nodes.Element):
    """What stands folded below one line, its `summary`."""


def _visit_folded(self: Any, node: Any) -> None:
    self.body.append(f'<details class="answer"><summary>{node["summary"]}</summary>')


def _leave_folded(self: Any, node: Any) -> None:
    self.body.append("</details>")


def _mathml(formula: str, display: str = "inline") -> str:
    """A formula; a matrix apart, for browsers stretch parentheses only with a font for formulas."""
    return _MATRIX.sub(r'<mrow class="matrix">\g<0></mrow>', convert(formula, display=display))


def _visit_math(self: Any, node: Any) -> None:
    self.body.append(_mathml(node.astext()))
    raise nodes.SkipNode


def _visit_math_block(self: Any, node: Any) -> None:
    self.body.append(f'<div class="formula">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def _left_out(app: Sphinx, what: str, name: str, *_: Any) -> bool | None:
    """Leave out what scikit-learn's base classes add about routing of metadata."""
    is_request = name.startswith("set_") and name.endswith("_request")
    return True if is_request or name == "get_metadata_routing" else None


def _plain_bars(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: Any) -> None:
    """Let |w| in a docstring be the size of w, not a substitution."""
    lines[:] = [re.sub(r"\|(\w+)\|", r"\\|\1\\|", line) for line in lines]


def _forget_page(app: Sphinx, doctree: Any) -> None:
    page = app.env.temp_data.pop("guide_page", None)
    if page is not None:
        page.close()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register it, as Sphinx asks of extensions."""
    app.add_config_value("guide_code", code_digest(), "env")  # another one: all pages are read anew
    app.connect("builder-inited", _run_first)
    app.add_directive("run", _Runs)
    app.add_directive("command", _Command)
    app.add_directive("answer", _Answer)
    app.add_directive("interactive", _Interactive)
    app.add_node(_Played, html=(_visit_played, _leave_played))
    app.add_node(_Folded, html=(_visit_folded, _leave_folded))
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_math_block, None))
    app.connect("doctree-read", _forget_page)
    app.connect("autodoc-skip-member", _left_out)
    app.connect("autodoc-process-docstring", _plain_bars)
    return {"version": "1", "parallel_read_safe": True}
