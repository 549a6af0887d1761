"""Settings of every test; what tests share stands in tests/helpers."""

import signal
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

# So that `from tests.helpers...` works however pytest was started.
ROOT = str(Path(__file__).parents[1])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

# The same examples every time, and no deadline: the first example may compile the engine.
settings.register_profile(
    "layerwise",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("layerwise")

# A shell that starts the tests in the background has them, and all they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
