"""What README and guide name without running it exists: targets, options, calls in a sentence.

Blocks are run elsewhere; here it is checked that none is of a kind that nobody runs.
"""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

import layerwise
from layerwise import MLPClassifier, MLPRegressor
from layerwise.architecture import ACTIVATIONS, get_loss
from layerwise.architecture.losses import LOSSES
from layerwise.cli.command import app
from layerwise.engine.engines import ENGINES
from layerwise.training import OPTIMIZERS, SCHEDULES, Trainer
from layerwise.training.schedules import open_ended_schedules

ROOT = Path(__file__).parents[2]
READMES = [
    ROOT / name
    for name in (
        "README.md",
        "README.ko.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "examples/README.md",
    )
]
GUIDE = sorted(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)
PAGES = [*READMES, *GUIDE]
FENCE = re.compile(r"^ *```+(\S*)[^\n]*\n(.*?)^ *```+$", re.MULTILINE | re.DOTALL)
# Of a README, tests/test_readme.py runs "python" and "sh" and compares "text" with what is printed;
# of the guide, test_guide.py runs what its directives mark. The others hold no code.
KINDS = {"README": {"python", "sh", "text"}, "guide": {"{run}", "{command}"}}
NO_CODE = {"{toctree}", "{eval-rst}", "{interactive}", "{note}"}
# What is written there with PyTorch and Keras is run by bench/compare_guide.py: make test-torch.
FOREIGN = [ROOT / "docs" / name for name in ("coming-from.md", "ko/how-to/coming-from.md")]
COMMANDS = typer.main.get_command(app).commands


def page_id(page):
    return str(page.relative_to(ROOT))


def blocks(page):
    return FENCE.findall(page.read_text("utf-8"))


def spans(page):
    """The code inside sentences."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", page.read_text("utf-8")))


def options_of(command):
    params = COMMANDS[command].params
    return {option for each in params for option in (*each.opts, *each.secondary_opts)}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_block_is_of_a_kind_that_nobody_runs(page):
    known = KINDS["README"] if page in READMES else KINDS["guide"] | NO_CODE
    for kind, code in blocks(page):
        if page in FOREIGN and kind == "python":
            ast.parse(code)
        else:
            assert kind in known, f"```{kind}"


@pytest.mark.parametrize("page", READMES, ids=page_id)
def test_lines_for_the_shell_are_make_layerwise_or_an_example(page):
    for kind, code in blocks(page):
        for line in code.splitlines() if kind == "sh" else ():
            words = shlex.split(line, comments=True)
            if words[0].endswith("python"):
                assert (ROOT / words[1]).exists(), line
            else:
                assert words[0] in {"make", "layerwise"}, line


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_targets_of_make_are_there(page):
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    lines = [line for kind, code in blocks(page) if kind == "sh" for line in code.splitlines()]
    named = re.findall(r"^make ([a-z][a-z-]*)", "\n".join([*lines, *spans(page)]), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_commands_and_options_are_there(page):
    of_any = set().union(*map(options_of, COMMANDS))
    for span in spans(page):
        words = span.split()
        options = {word.split("=")[0] for word in words if word.startswith("--")} - {"--help"}
        if words[0] == "layerwise" and len(words) > 1 and words[1] != "--help":
            assert words[1] in COMMANDS, span
            assert options <= options_of(words[1]), span
        elif words[0].startswith("--"):
            assert options <= of_any, span


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_calls_in_a_sentence_can_be_made(page):
    names = {name: getattr(layerwise, name) for name in layerwise.__all__} | {"get_loss": get_loss}
    for span in spans(page):
        called = re.match(r"(\w+)\(.*\)$", span)
        if called and called[1] in names and "..." not in span:
            eval(span, names)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_files_that_are_named_are_there(page):
    there = [f"/{path.relative_to(ROOT)}" for path in ROOT.glob("[a-z]*/**/*.py")]
    for name in filter(re.compile(r"[\w./]+\.py").fullmatch, spans(page)):
        assert any(path.endswith(f"/{name}") for path in there), name


@pytest.mark.parametrize(("readme", "folder"), [(READMES[0], "how-to"), (READMES[1], "ko/how-to")])
def test_the_tables_of_names_are_complete(readme, folder):
    text = (ROOT / "docs" / folder / "activations-losses-optimisers.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    for registry in (ACTIVATIONS, SCHEDULES):
        assert set(registry) <= set(rows)
    for activation in ACTIVATIONS.values():
        row = f"| `{activation.name}` | {activation.formula} | `{activation.initialization}` |\n"
        assert row in text
    for name in OPTIMIZERS:
        assert f'"{name}"' in text
    counts = [str(len(each)) for each in (ACTIVATIONS, LOSSES, OPTIMIZERS)]
    (linked,) = re.findall(rf"\[(.*)\]\(docs/{folder}/activations-", readme.read_text("utf-8"))
    assert re.findall(r"\d+", linked) == counts
    for kind in (Trainer, MLPClassifier, MLPRegressor):
        assert all(f'"{name}"' in kind.__doc__ for name in OPTIMIZERS)
    learning_rates = ", ".join(f'"{name}"' for name in open_ended_schedules())
    for kind in (MLPClassifier, MLPRegressor):
        assert f"learning_rate : {{{learning_rates}}}" in kind.__doc__
    assert all(f'"{name}"' in Trainer.__doc__ for name in ENGINES)
    losses = re.findall(r"^\| `(?:softmax|sigmoid|identity|exp)` \| `(\w+)` \|", text, re.MULTILINE)
    assert set(losses) == set(LOSSES)
    for loss in LOSSES.values():
        formula, parameter = loss.formula.replace("|", "\\|"), ""
        if loss.parameter_name is not None:
            parameter = f"`{loss.parameter_name}` = {loss.parameter:g}"
        assert f"| `{loss.output}` | `{loss.name}` | {formula} | {parameter} |\n" in text
    for schedule in SCHEDULES.values():
        assert f"| `{schedule.name}` | {schedule.formula} |\n" in text


def test_extras_that_are_named_can_be_installed():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for page in PAGES:
        for extra in re.findall(r"pip install [^`]*\[(\w+)\]", page.read_text("utf-8")):
            assert extra in project["optional-dependencies"]
