"""The README's pictures, made anew beside this file, on a light and a dark ground.

``make pictures`` runs it: a minute and a half, most of it the study. What is run here is what
the README, or the how-to page on pictures, says of each; a test compares them. The playground's
page is drawn by Chromium, where it is installed.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from layerwise import DepthStudy
from layerwise.cli.demo_fit import write_penguins
from layerwise.draw.saving import save_figure
from layerwise.draw.theme import THEMES
from layerwise.playground.opening import begin

FOLDER = Path(__file__).parent
FIT = (
    "layerwise fit demo/penguins.csv --target Sex --hidden 6,4 --effort low"
    ' --drop "Individual ID,Comments,studyName,Sample Number" -o small.layerwise'
)
DRAW = "layerwise draw small.layerwise demo/penguins.csv --row 6 -o row.svg"
STUDY = """\
from sklearn.datasets import load_digits

from layerwise import DepthStudy

digits = load_digits(as_frame=True).frame
study = DepthStudy(
    depth=range(9), width=[16, 64], activation=["relu", "tanh"], seeds=1, random_state=0
)
study.fit(digits, target="target").draw("depth").savefig("depth.svg")
"""
# What stands behind the page's address.
PLAY = "#data=spirals&noise=0.05&arms=3&seed=1&layers=8:tanh,8:tanh,6:tanh&epochs=300"


def draw_row() -> None:
    """Fit a table's model and draw a row on its way, by the commands of the how-to page."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("demo").mkdir()
        write_penguins(Path("demo"), seed=0)
        _run(FIT)
        for theme in THEMES:
            path = FOLDER / f"row-{theme}.svg"
            _run(f"{DRAW} -o {shlex.quote(os.fspath(path))} --theme {theme}")


def draw_study() -> None:
    """Run the study that the README names, and draw it."""
    names: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        exec(compile(STUDY, "<README>", "exec"), names)
    study = names["study"]
    assert isinstance(study, DepthStudy)
    for theme in THEMES:
        save_figure(study.draw("depth", theme=theme), FOLDER / f"depth-{theme}.svg")


def draw_playground() -> None:
    """Let the network of the README's address learn on the page, and take the page's picture."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("Chromium, which draws the playground's page, is not installed")
    playing = begin()
    playing.serve_beside()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for theme in THEMES:
            page = browser.new_page(
                color_scheme=theme, locale="en-GB", viewport={"width": 1280, "height": 760}
            )
            page.goto(playing.address + PLAY)
            page.get_by_role("combobox", name="Speed").select_option(label="as fast as it can")
            page.get_by_role("button", name="Play").click()
            page.locator("dd", has_text=re.compile("^300")).wait_for()
            page.get_by_role("application").click(position={"x": 150, "y": 120})
            page.get_by_role("heading", name="Hidden 3").wait_for()
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)  # until the colours have turned
            shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = shot.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(FOLDER / f"playground-{theme}.png", optimize=True)
            page.close()
        browser.close()
    playing.close()


def _run(command: str) -> None:
    program = Path(sys.executable).with_name("layerwise")
    subprocess.run([program, *shlex.split(command)[1:]], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    draw_row()
    draw_study()
    draw_playground()
