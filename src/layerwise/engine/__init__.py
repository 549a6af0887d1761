"""One vector, the plan, the compiled program; and its NumPy twin."""

from layerwise.files.bytecode import announce_bytecode

announce_bytecode("numba")
