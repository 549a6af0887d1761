"""Settings of every test; what tests share stands in tests/helpers."""

import gc
import math
import os
import signal
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from layerwise.signals import Interrupt

# So that `from tests.helpers...` works however pytest was started.
ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

# No deadline: the first example may compile the engine.
settings.register_profile(
    "always", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples every time.
settings.register_profile("same", settings.get_profile("always"), derandomize=True)
# Other examples every time: `make test-all`. What fails is kept, to be committed, and tried first.
settings.register_profile(
    "new",
    settings.get_profile("always"),
    max_examples=150,
    print_blob=True,
    database=DirectoryBasedExampleDatabase(Path(ROOT, "tests", "failing_examples")),
)
settings.load_profile("same")

# What is said is tested in English, wherever the tests run, and in Korean where a test asks for it.
for _name in ("LC_ALL", "LC_MESSAGES", "LANG"):
    if os.environ.get(_name, "").lower().startswith("ko"):
        os.environ[_name] = "C.UTF-8"

# A shell that starts the tests in the background has them, and all they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of every search for garbage: it stays to the end."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup() -> None:
    """Take away hypothesis's measuring of collections: Ctrl-C that comes within it is lost."""
    gc.callbacks.clear()
    Interrupt.last_end = -math.inf  # of another test's Ctrl-C


def pytest_unconfigure() -> None:
    """Let go of it again: DuckDB complains of what is left when Python ends."""
    gc.unfreeze()
