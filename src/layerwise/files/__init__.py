"""Files of numbers and facts, written whole or not at all."""
