"""Studies of tables whose truth is known: made, fitted, replayed as if pruned, and judged."""
