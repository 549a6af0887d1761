"""One process's first training, timed from its first line to the end of a tiny fit.

    python first_fit.py numpy scipy.linalg numba layerwise.training

The modules named are imported first, and timed one by one. The last line printed is JSON.
"""

from __future__ import annotations

import sys
import time

begin = time.perf_counter()
imports = {}
for name in sys.argv[1:]:
    start = time.perf_counter()
    __import__(name)
    imports[name] = time.perf_counter() - start

start = time.perf_counter()
import numpy as np  # noqa: E402

import layerwise  # noqa: E402
from layerwise import Adam, Architecture, Network, Trainer  # noqa: E402

x = np.sin(np.arange(256 * 20, dtype=np.float32)).reshape(256, 20)
y = np.arange(256) % 3
net = Network(Architecture([20, 16, 16, 3], activation="relu", output="softmax"), seed=0)
trainer = Trainer(optimizer=Adam(learning_rate=1e-3), batch_size=32, epochs=2, seed=0)
trainer.fit(net, x, y)
end = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
from pathlib import Path  # noqa: E402

package = Path(layerwise.__file__).resolve().parent
print(
    json.dumps(
        {
            "total": end - begin,
            "imports": imports,
            "rest": end - start,
            "package": str(package),
            "package_can_be_written": os.access(package, os.W_OK),
        }
    )
)
