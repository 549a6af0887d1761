"""Python in a process of its own."""

import os
import subprocess
import sys


def run_python(*arguments, env=None, timeout=200, **variables):
    """Run Python with arguments, such as "-c" and a program, to its end; gives what it wrote.

    Environment: this one's, or `env`, and the variables given.
    """
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**(os.environ if env is None else env), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done
