"""Parts of bench/accuracy.py: tables, models, one fit in a process of its own, what came of it."""
