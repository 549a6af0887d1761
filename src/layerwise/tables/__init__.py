"""Reading files; a raw table to numbers, a target to numbers, and back."""
