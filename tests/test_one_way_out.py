"""What shows text goes through the one function for its medium: nothing else writes to it."""

import ast
from functools import cache
from pathlib import Path

import pytest

import layerwise

PACKAGE = Path(layerwise.__file__).parent
# What writes to a medium by itself, and the files that may use it.
WAYS_OUT = {
    "rich.console.Console": {"screen.py"},
    "rich.text": {"screen.py"},
    "html.escape": {"harmless_text.py"},
    "matplotlib.figure.Figure": {"shown_figure.py"},
    "sys.stdout.write": {"printing.py", "explain.py", "use.py"},
    "sys.stderr.write": {"bytecode.py", "command.py", "progress.py"},
    "typer.echo": {"refusals.py", "command.py", "play_command.py", "show_command.py"},
    "print": {"program_cache.py", "mlp.py"},
}


def uses(path):
    """The full names of what a file imports when it runs, or calls."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@cache
def used():
    return {path.name: {*uses(path)} for path in PACKAGE.rglob("*.py")}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_each_medium_has_one_way_out(way):
    assert {name for name, names in used().items() if way in names} == WAYS_OUT[way]
