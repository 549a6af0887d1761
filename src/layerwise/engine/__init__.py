"""One vector, the plan, the compiled program; and its NumPy twin."""
