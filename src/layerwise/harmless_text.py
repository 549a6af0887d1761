r"""Text of a table, a file's name or a query, as each medium shows it and none obeys it.

Of all that is shown, control characters and those that turn the direction of what follows are
written out, as ``\x1b``; JSON and CSV hold the text itself.
"""

import json
import math
import re
from html import escape

# Controls but the end of a line; what sets or overrides a direction; ends of lines that few
# programs know; halves of surrogate pairs, and what XML forbids.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|#$~&@]|^[-+=]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d+)([.)])")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "%": r"\%", "#": r"\#",
    "&": r"\&", "$": r"\$", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    # Where Markdown is read first, these begin no element, link or address.
    "`": r"\textquoteleft{}", "<": "<{}", "]": "]{}", "@": "@{}",
}  # fmt: skip


def visible(text: str) -> str:
    r"""A text on which nothing acts: each control character as its escape, a tab as a space.

    Lines end as they did.

    Examples
    --------
    >>> print(visible("a\x1b[2Jb\tc"), visible("\u202e"))
    a\x1b[2Jb c \u202e
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def on_one_line(text: str) -> str:
    r"""The same, with one space for whatever stands between words.

    Examples
    --------
    >>> print(on_one_line("one\n two\x07"))
    one two\x07
    """
    return visible(" ".join(text.split()))


def as_markup(text: str) -> str:
    """Text as HTML, or as XML such as SVG, that shows it.

    Examples
    --------
    >>> as_markup("a < b & <script>")
    'a &lt; b &amp; &lt;script&gt;'
    """
    return escape(visible(text))


def as_markdown(text: str) -> str:
    r"""Text as one line of Markdown that shows it.

    Examples
    --------
    >>> print(as_markdown("a_1 [x](y) $5"), as_markdown("1. one"))
    a\_1 \[x\](y) \$5 1\. one
    """
    marked = _MARKDOWN.sub(r"\\\g<0>", on_one_line(text))
    return _NUMBERED.sub(r"\1\\\2", marked)


def as_latex(text: str) -> str:
    r"""Text as it stands in ``\text{}`` of a formula, also where Markdown is read before LaTeX.

    Examples
    --------
    >>> print(as_latex("50_% <b>"))
    50\_\% <{}b>
    """
    marked = "".join(_LATEX.get(c, c) for c in on_one_line(text))
    return marked.replace("://", ":{}//").replace("www.", "www{}.")


def as_json(values: object, indent: int | None = 2) -> str:
    r"""Plain data as JSON, which holds each text as it is and of what is hidden the escape.

    Examples
    --------
    >>> print(as_json({"name": "é\u202e", "score": float("nan")}, indent=None))
    {"name": "é\u202e", "score": null}
    """
    text = json.dumps(as_json_value(values), indent=indent, allow_nan=False, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json_value(value: object) -> object:
    """Return plain data in which NaN and infinite numbers, which JSON lacks, are null.

    Examples
    --------
    >>> as_json_value({"r2": float("nan"), "epochs": (3, 4)})
    {'r2': None, 'epochs': [3, 4]}
    """
    if isinstance(value, dict):
        return {str(name): as_json_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json_value(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()  # a number of NumPy's
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int, str)) or value is None else str(value)
