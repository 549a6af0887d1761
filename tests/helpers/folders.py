"""A machine without folders: as in a container that is read-only, of a user without a name."""

import tempfile
from pathlib import Path


def no_folder(*arguments, **options):
    raise FileNotFoundError(2, "No usable temporary directory found")


def take_away_folders(monkeypatch):
    """No home, and no folder for what is temporary."""

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setattr(tempfile, "gettempdir", no_folder)
