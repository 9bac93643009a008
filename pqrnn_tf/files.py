"""Files that are written whole or not at all, and folders that one process at a time works on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import pathlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

_LOG = logging.getLogger(__name__)


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file so that a reader never sees half of it; makes its folder if need be.

    The temporary file beside it has a name of its own, so that of several processes that write the same file one
    wins and none fails; after an error it is gone.
    """
    target = pathlib.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes indented JSON, as `write_bytes` does."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    write_bytes(path, text.encode("utf-8") + b"\n")


_UNSAFE = re.compile("[\u0085\u2028\u2029\ud800-\udfff]")
"""What some readers take for the end of a line, and halves of surrogate pairs, which UTF-8 does not have."""


def json_line(value: Any) -> str:
    """JSON for one line of a file, without the line's end.

    It is readable, with letters of all scripts as they are, and whatever splits lines finds one: the line ends of
    Unicode and halves of surrogate pairs are escaped. `json.loads` gives the value back.
    """
    text = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@contextlib.contextmanager
def only_one(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Lets one process of this user and machine at a time work on a folder; others wait until it is done or dead.

    The lock is a file of the system's folder for temporary files, so that `folder` need not exist and stays as it is.
    """
    import fcntl  # not on every platform that only reads what this package writes

    path = os.path.realpath(folder)
    name = hashlib.sha256(f"{os.getuid()} {path}".encode()).hexdigest()[:24]
    with open(pathlib.Path(tempfile.gettempdir()) / f"pqrnn_tf-{name}.lock", "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOG.info("%s: another process is at work there; waiting for it", path)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


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


def folder_digest(
    folder: str | os.PathLike[str], files: Iterable[pathlib.Path] | None = None
) -> str:
    """SHA-256 over the names and the contents of files in a folder: the fingerprint of a teacher.

    Args:
        folder: The folder.
        files: Which of its files count; `None` for all, also those in folders below.

    Raises:
        FileNotFoundError: if there is no such folder.
    """
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"`folder` must be a teacher's folder. Received: {str(root)!r}.")
    digest = hashlib.sha256()
    for path in sorted(files or (p for p in root.rglob("*") if p.is_file())):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{content} {path.relative_to(root).as_posix()}\n".encode())
    return digest.hexdigest()
