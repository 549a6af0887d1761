"""The house: a room imports from rooms below it alone, and no files import each other in a circle.

All imports count: those inside functions, and those for types alone.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import layerwise

PACKAGE = Path(layerwise.__file__).parent
DESIGN = Path(__file__).parents[1] / "docs" / "design.md"

# From the top down. The package's own names, which are imported when they are first used, stand
# above all rooms.
ROOMS = (
    "__main__",
    "cli",
    "playground",
    "report",
    "study",
    "explanation",
    "draw",
    "store",
    "estimators",
    "ensemble",
    "tables",
    "training",
    "network",
    "engine",
    "architecture",
    "files",
    "signals",
    "screen",
    "texts",
    "language",
    "korean_particles",
    "harmless_text",
    "arrays",
    "version",
)

# Where a room's file may be imported inside a function, and why.
LATE = {
    "layerwise": "the package's names are imported when they are first used",
    "layerwise.cli": "the command begins quickly",
    "layerwise.draw": "an architecture is drawn by the command without scikit-learn",
    "layerwise.engine.engines": "an engine is imported when it is chosen",
    "layerwise.explanation.explanation": "Rich is wanted on terminals alone",
    "layerwise.training.progress": "Rich is wanted on terminals alone",
    "layerwise.study.live_study": "Rich is wanted on terminals alone",
    "layerwise.playground.opening": "the server's libraries are an extra",
    "layerwise.store.onnx": "the package onnx is an extra",
    "layerwise.store.onnx_columns": "the package onnx is an extra",
}


class Arrow(NamedTuple):
    """An import: from which file, of which, and where it stands."""

    source: str
    target: str
    line: int
    is_late: bool

    def __str__(self):
        return f"{self.source}, line {self.line}, imports {self.target}"


def files_of(package):
    """Each file by the name it is imported by."""
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        files[".".join(parts).removesuffix(".__init__")] = path
    return files


def imported_names(node):
    """What a statement, or a call of `import_module`, imports."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=0):
            return [f"{module}.{alias.name}" for alias in names]
        case ast.Call(func=called, args=[ast.Constant(value=str(name)), *_]):
            return [name] if ast.unparse(called).endswith("import_module") else []
    return []


def arrows_of(package):
    """All imports of the package's files by each other."""
    files = files_of(package)

    def visit(source, node, *, is_late):
        for child in ast.iter_child_nodes(node):
            for name in imported_names(child):
                # A name that is no file is one that a package or a file holds.
                target = name if name in files else name.rpartition(".")[0]
                if target in files:
                    yield Arrow(source, target, child.lineno, is_late)
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from visit(source, child, is_late=is_late or is_function)

    return [
        arrow
        for source, path in files.items()
        for arrow in visit(source, ast.parse(path.read_text(encoding="utf-8")), is_late=False)
    ]


def circles_in(arrows):
    """The files that import each other in a circle, each circle once."""
    after = {}
    for arrow in arrows:
        after.setdefault(arrow.source, set()).add(arrow.target)

    @cache
    def reached(start):
        found, new = set(), [start]
        while new:
            new = [name for old in new for name in after.get(old, ()) if name not in found]
            found.update(new)
        return frozenset(found)

    return {
        frozenset({name} | {other for other in reached(name) if name in reached(other)})
        for name in after
        if name in reached(name)
    }


def room_of(name):
    """The room a file stands in; "" for the package itself."""
    return name.split(".")[1] if "." in name else ""


def arrows_up(arrows, rooms):
    """Imports of a room by one below it."""
    height = {room: place for place, room in enumerate(("", *rooms))}
    return [a for a in arrows if height[room_of(a.target)] < height[room_of(a.source)]]


@pytest.fixture(scope="module")
def arrows():
    return arrows_of(PACKAGE)


def test_each_room_is_in_the_table():
    assert {room_of(name) for name in files_of(PACKAGE)} == {"", *ROOMS}


def test_the_guide_has_the_same_table():
    guide = DESIGN.read_text(encoding="utf-8")
    table = guide[guide.index("| room |") : guide.index("\n\n", guide.index("| room |"))]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert [room for row in rows for room in re.findall("`(.*?)`", row)] == list(ROOMS)


def test_no_room_imports_from_above(arrows):
    assert not [str(arrow) for arrow in arrows_up(arrows, ROOMS)]


def test_no_files_import_each_other_in_a_circle(arrows):
    assert not [sorted(circle) for circle in circles_in(arrows)]


def test_imports_inside_functions_have_their_reason(arrows):
    def place(arrow):
        room = f"{PACKAGE.name}.{room_of(arrow.source)}"
        return next((name for name in (arrow.source, room) if name in LATE), None)

    late = [arrow for arrow in arrows if arrow.is_late]
    assert not [str(arrow) for arrow in late if place(arrow) is None]
    assert {place(arrow) for arrow in late} == set(LATE)  # a reason that none has any more goes


def test_names_that_begin_with_an_underscore_stay_in_their_file():
    assert not [
        f"{name} imports {imported}"
        for name, path in files_of(PACKAGE).items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for imported in imported_names(node)
        if re.match(rf"{PACKAGE.name}(\..*)?\._(?!_)", imported)
    ]


def test_a_name_is_that_of_one_file():
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert not [name for name, n in names.items() if n > 1]


@pytest.fixture
def house(tmp_path):
    """What makes a small package of files' texts, and gives its imports."""
    package = tmp_path / "house"

    def build(files):
        empty = dict.fromkeys(("__init__", "attic/__init__", "cellar/__init__"), "")
        for name, text in (empty | files).items():
            path = package / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return arrows_of(package)

    return build


UPWARD = (
    "from house.attic import roof",
    "from house.attic.roof import tile",
    "import house.attic.roof",
    "def wine():\n    from house.attic.roof import tile",
    "if TYPE_CHECKING:\n    from house.attic.roof import tile",
    "import_module('house.attic.roof')",
)


@pytest.mark.parametrize("text", UPWARD)
def test_an_import_from_above_is_seen(house, text):
    arrows = house({"attic/roof": "tile = 1", "cellar/wine": text})
    line = text.count("\n") + 1
    (seen,) = arrows_up(arrows, ("attic", "cellar"))
    assert str(seen) == f"house.cellar.wine, line {line}, imports house.attic.roof"
    assert not arrows_up(arrows, ("cellar", "attic"))


def test_a_circle_is_seen_once_and_a_chain_is_none(house):
    chain = {"attic/roof": "import house.attic.room", "attic/room": "import house.cellar.wine"}
    assert not circles_in(house({**chain, "cellar/wine": "import os"}))
    hidden = {"cellar/wine": "def drink():\n    from house.attic import roof"}
    (circle,) = circles_in(house(chain | hidden))
    assert circle == {"house.attic.roof", "house.attic.room", "house.cellar.wine"}


def test_a_file_that_imports_its_own_package_is_in_a_circle(house):
    files = {
        "attic/roof": "from house.attic import tile",
        "attic/__init__": "import house.attic.roof",
    }
    (circle,) = circles_in(house(files))
    assert circle == {"house.attic", "house.attic.roof"}
