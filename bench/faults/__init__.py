"""Parts of bench/faults.py: what is damaged, killed or denied, and who judges what comes of it."""
