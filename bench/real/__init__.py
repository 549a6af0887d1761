"""Parts of bench/real_files.py: what is decided on a file, and what a careful person says of it."""
