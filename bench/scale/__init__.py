"""Parts of bench/scale.py: the file that is made, and what is done with it in other processes."""
