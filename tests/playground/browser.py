"""The playground's page in a real browser: Chromium, without a window, where one is installed."""

import os
import re
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
_PATIENCE = 30  # seconds, for what takes a moment


def _program():
    """Debian's, without the script that starts it and looks for other programs; or another."""
    debians = sorted(Path("/usr/lib").glob("chromium*/chromium"))
    others = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next((str(found) for found in (*debians, *others) if found), None)


@contextmanager
def chromium():
    """A browser that runs while the block does; skips where none is installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = _program()
    if program is None:
        pytest.skip("Chromium is not installed")
    # It draws with the machine's fonts also where the tests are kept from them.
    fonts = {"FONTCONFIG_FILE", "FONTCONFIG_PATH"}
    environment = {name: value for name, value in os.environ.items() if name not in fonts}
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=_FLAGS, env=environment)
        yield browser
        browser.close()


def number(text):
    """The first number in a text, as the page writes numbers; None where there is none."""
    found = re.search(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-−]?\d+)?|NaN|[-−]?∞", text)
    if found is None:
        return None
    return float(found[0].replace("−", "-").replace(",", "").replace("∞", "inf"))


def _kind(name):
    """A control's name, the same for all layers and nodes."""
    return re.sub(r"\d+", "#", name)


class Visit:
    """One visitor: a browser of his own, with the pages he opens and all they complain of.

    Controls are reached as a screen reader's user reaches them, by role and name.
    """

    def __init__(self, browser, address, *, locale="en-GB", width=1280, height=900, **options):
        self.address = address
        self.origin = f"http://{urlsplit(address).netloc}"
        self.complaints = []
        viewport = {"width": width, "height": height}
        self.context = browser.new_context(locale=locale, viewport=viewport, **options)
        self.context.set_default_timeout(1000 * _PATIENCE)
        self.context.on("request", lambda request: self._asked(request.url))
        self.context.on("requestfailed", self._failed)
        self.context.on("console", lambda said: self.complaints.append(f"console: {said.text}"))
        self.context.on("weberror", lambda error: self.complaints.append(error.error.stack))
        self.page = None
        self.used = set()

    def _asked(self, address):
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob") and f"http://{parts.netloc}" != self.origin:
            self.complaints.append(f"asked another host: {address}")

    def _failed(self, request):
        # What is still under way when a page is left, or becomes a download, has not failed.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"not answered: {request.url}: {request.failure}")

    def open(self, choices="", *, address=None):
        """Open the page in a new tab, as the address's part behind # says; gives it, drawn."""
        self.page = self.context.new_page()
        self.page.on("websocket", lambda one: self._asked(one.url.replace("ws:", "http:")))
        self.page.goto((address or self.address) + (f"#{choices}" if choices else ""))
        # A network's loss, or a model's prediction.
        numbers = self.page.locator("#transport dd, #model-body td").filter(visible=True)
        self.until(lambda: numbers.filter(has_text=re.compile(r"\d\.\d")).count(), "a first frame")
        return self.page

    def until(self, found, what):
        """Wait until something is so, and give it."""
        end = time.monotonic() + _PATIENCE
        while not (value := found()):
            assert time.monotonic() < end, f"waited in vain for {what}"
            self.page.wait_for_timeout(20)  # in which what the browser says is heard
        return value

    def control(self, role, name, within=None):
        """The one control with a role and a name, of the page or of a part of it."""
        self.used.add((role, _kind(name)))
        return (within or self.page).get_by_role(role, name=name, exact=True)

    def region(self, name):
        """A part of the page by its heading."""
        return self.page.get_by_role("region", name=name, exact=True)

    def press(self, name):
        """Press a button."""
        self.control("button", name).click()

    def choose(self, name, option):
        """Choose an option, by its words."""
        self.control("combobox", name).select_option(label=option)

    @property
    def choices(self):
        """What the address says is chosen, of what differs from the beginning."""
        return dict(parse_qsl(urlsplit(self.page.url).fragment, keep_blank_values=True))

    def chosen(self, **wanted):
        """Wait until choices stand in the address; "": until they do not."""

        def is_so():
            now = self.choices
            return all(now.get(name, "") == value for name, value in wanted.items())

        self.until(is_so, f"{wanted} in {self.page.url}")

    def state(self, name):
        """A number beside Play, or None: "Epoch", "Loss, training" or "Loss, test"."""
        terms = self.page.get_by_role("toolbar").locator("dl > div")
        return number(terms.filter(has_text=name).locator("dd").inner_text())

    def scores(self):
        """The shares of training and of test rows that are right, or R² of both."""
        chart = self.page.get_by_role("img", name=re.compile("^(Accuracy|R²): "))
        train, test = chart.get_attribute("aria-label").split(": ")[1].split(" training, ")
        return number(train), number(test)

    def learn_until(self, is_good, what):
        """Play until something is so; then pause."""
        self.press("Play")
        self.until(is_good, what)
        self.press("Pause")
        self.control("button", "Play").wait_for()

    def controls(self, within="body"):
        """(role, name) of every control that a screen reader meets."""
        tree = self.page.locator(within).first.aria_snapshot()
        roles = "button|checkbox|combobox|link|radio|slider|spinbutton|textbox|application"
        return re.findall(rf"- '?({roles})\b(?: \"(.*?)\")?", tree)

    def unused(self, within="body"):
        """Controls that were not reached by `control` so far; those with a number: one of them."""
        return {(role, _kind(name)) for role, name in self.controls(within)} - self.used
