"""Folders of small files for tests."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping


def write_files(folder: pathlib.Path, files: Mapping[str, str]) -> pathlib.Path:
    """Writes texts by their paths in a folder, which may be new, and returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder
