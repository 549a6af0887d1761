"""The package itself: its version, its public names, and how little importing it costs."""

import importlib.metadata
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import layerwise
from tests.helpers.other_python import run_python


def test_the_version_is_the_installed_one():
    assert layerwise.__version__ == importlib.metadata.version("layerwise")


def test_the_changes_begin_with_this_version():
    text = (Path(__file__).parents[1] / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## ([\d.]+)", text, re.MULTILINE)[0] == layerwise.__version__
    citation = Path(__file__).parents[1].joinpath("CITATION.cff").read_text("utf-8")
    assert f"\nversion: {layerwise.__version__}\n" in citation


def test_the_packages_page_has_no_picture_and_no_link_that_leads_nowhere():
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    page = (root / "README.md").read_text("utf-8")
    for each in project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        page = re.sub(each["pattern"], each["replacement"], page)
    assert "*A network as nodes in columns." in page
    assert not re.search(r"<picture|<img|\]\((?!https?:)", page)


@pytest.mark.parametrize("name", layerwise.__all__)
def test_each_public_name_can_be_imported(name):
    assert getattr(layerwise, name) is not None
    assert name in dir(layerwise)


def test_no_public_name_is_also_a_module():
    # Importing the module would put it in the name's place.
    modules = {module.name for module in pkgutil.iter_modules(layerwise.__path__)}
    assert modules.isdisjoint(layerwise.__all__)


def test_python_m_runs_the_command():
    done = run_python("-m", "layerwise", "--version")
    assert done.stdout == f"layerwise {layerwise.__version__}\n"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'layerwise' has no attribute 'Perceptorn'"):
        _ = layerwise.Perceptorn


def test_importing_the_package_imports_nothing_else():
    script = (
        "import sys; before = set(sys.modules); import layerwise; "
        "print(*sorted(set(sys.modules) - before))"
    )
    assert run_python("-c", script).stdout.split() == ["layerwise"]
