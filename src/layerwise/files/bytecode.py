"""Whether Python itself has to compile: libraries that were installed and never imported."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def announce_bytecode(library: str) -> None:
    """Say on standard error that Python will compile a library, and those that come with it.

    pip does so when it installs; uv and conda's packages leave it to the first import, which takes
    longer than all that follows, without a word.

    Parameters
    ----------
    library : str
        A large one, which stands for all.
    """
    spec = None if library in sys.modules else find_spec(library)
    if spec is None or spec.cached is None or Path(spec.cached).exists():
        return
    is_kept = os.access(Path(spec.cached).parents[1], os.W_OK) and not sys.dont_write_bytecode
    when = "the first time in this environment" if is_kept else "at each start, as nothing is kept"
    sys.stderr.write(
        f"layerwise: Python compiles the libraries that are used, {when}: this takes from 5 to 30 "
        "seconds\n"
    )
    sys.stderr.flush()
