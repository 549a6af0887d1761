"""How deep, how wide, which activation: many networks on the same folds, compared."""
