"""The README's pictures, made anew beside this file, on a light and a dark ground.

``make pictures`` runs it: a minute and a half, most of it the study. What is run here is what
the README says beside each picture; a test compares them.
"""

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from layerwise import DepthStudy
from layerwise.cli.demo_fit import write_penguins
from layerwise.draw.saving import save_figure
from layerwise.draw.theme import THEMES

FOLDER = Path(__file__).parent
FIT = (
    "layerwise fit demo/penguins.csv --target Sex --hidden 6,4 --effort low"
    ' --drop "Individual ID,Comments,studyName,Sample Number" -o small.layerwise'
)
DRAW = {
    "row": "layerwise draw small.layerwise demo/penguins.csv --row 6 -o row.svg",
    "boundary": "layerwise draw small.layerwise demo/penguins.csv --what boundary -o boundary.svg",
}
STUDY = """\
from sklearn.datasets import load_digits

digits = load_digits(as_frame=True).frame
study = DepthStudy(
    depth=range(9), width=[16, 64], activation=["relu", "tanh"], seeds=1, random_state=0
)
study.fit(digits, target="target").draw("depth").savefig("depth.svg")
"""


def draw_models() -> None:
    """Fit a table's model and draw it, by the commands that the README names."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("demo").mkdir()
        write_penguins(Path("demo"), seed=0)
        _run(FIT)
        for name, command in DRAW.items():
            for theme in THEMES:
                path = FOLDER / f"{name}-{theme}.svg"
                _run(f"{command} -o {shlex.quote(os.fspath(path))} --theme {theme}")


def draw_study() -> None:
    """Run the study that the README names, and draw it."""
    names: dict[str, object] = {"DepthStudy": DepthStudy}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        exec(compile(STUDY, "<README>", "exec"), names)
    study = names["study"]
    assert isinstance(study, DepthStudy)
    for theme in THEMES:
        save_figure(study.draw("depth", theme=theme), FOLDER / f"depth-{theme}.svg")


def _run(command: str) -> None:
    program = Path(sys.executable).with_name("layerwise")
    subprocess.run([program, *shlex.split(command)[1:]], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    draw_models()
    draw_study()
