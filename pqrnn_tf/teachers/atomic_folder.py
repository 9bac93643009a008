"""Folders that are complete or absent, never half written."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def atomic_folder(
    folder: str | os.PathLike[str], *, overwrite: bool = False
) -> Iterator[pathlib.Path]:
    """Yields a temporary folder beside `folder` and renames it to `folder` at the end.

    After an error nothing is left and `folder` is as it was.

    Args:
        folder: Where the finished folder shall be.
        overwrite: Whether a folder already there is replaced.

    Raises:
        FileExistsError: if `folder` exists and `overwrite` is false.
    """
    target = pathlib.Path(folder)
    if target.exists() and not overwrite:
        raise FileExistsError(
            f"`folder` must not exist yet. Received: {str(target)!r}. Pass another folder or "
            "overwrite=True."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    workspace = pathlib.Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        fresh = workspace / "fresh"
        fresh.mkdir()
        yield fresh
        if target.exists():
            os.rename(target, workspace / "old")
        os.rename(fresh, target)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
