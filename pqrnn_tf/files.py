"""Files that are written whole or not at all, and folders that one process at a time works on."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import logging
import os
import pathlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Yields a binary file that gets its name at the end, so that a reader never sees half of it.

    Makes its folder if need be. The temporary file beside it has a name of its own, so that of several processes that
    write the same file one wins and none fails; after an error it is gone.

    Raises:
        OSError: if it cannot be written, with its name; before the file is yielded where a folder, a pipe or a device
            has the name, which a file must not take the place of.
    """
    target = pathlib.Path(path)
    if target.exists() and not target.is_file():
        number = errno.EISDIR if target.is_dir() else errno.EINVAL
        reason = (
            os.strerror(number) if target.is_dir() else "It must be a file, not a pipe or a device"
        )
        raise OSError(number, reason, str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with io.BufferedWriter(_Named(temporary, target)) as file:
            yield file
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            temporary.unlink(missing_ok=True)
        raise


class _Named(io.FileIO):
    """A file whose errors name the file that it becomes; the system's own name the temporary one, or none."""

    def __init__(self, path: pathlib.Path, target: pathlib.Path) -> None:
        try:
            super().__init__(path, "wb")
        except OSError as error:
            error.filename = str(target)
            raise
        self._target = str(target)

    def write(self, content: Any) -> int:
        try:
            return super().write(content)
        except OSError as error:
            error.filename = self._target
            raise


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file whole or not at all, see `atomic_file`."""
    with atomic_file(path) as file:
        file.write(content)


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


def check_folder(folder: str | os.PathLike[str], *, name: str = "output") -> None:
    """Checks that no file stands where a folder is, or is to be made.

    Args:
        folder: The folder, which need not exist.
        name: The argument that the message names.

    Raises:
        NotADirectoryError: if it is a file, or would lie in one.
    """
    path = pathlib.Path(folder)
    there = next((part for part in (path, *path.parents) if os.path.lexists(part)), None)
    if there is not None and not there.is_dir():
        raise NotADirectoryError(
            f"`{name}` must be a folder. Received: {str(folder)!r}, where {str(there)!r} is none. Choose another name."
        )


CLAIM = "training.json"
"""The file that says of a folder what is made in it, where no other name is given."""


class ResumeError(ValueError):
    """A folder that belongs to other work than the one that was started."""


def check_claim(
    folder: str | os.PathLike[str],
    identity: Mapping[str, Any],
    *,
    name: str = CLAIM,
    results: Collection[str] = (),
) -> bool:
    """Whether a folder is claimed by the same work; writes nothing.

    Args:
        folder: The folder, which need not exist.
        identity: All that decides the result, of plain JSON types.
        name: File of the claim.
        results: Names in the file that are no part of the identity.

    Returns:
        False where there is no claim.

    Raises:
        ResumeError: if it is claimed by other work; the message names what differs.
        NotADirectoryError: as `check_folder`.
    """
    check_folder(folder)
    path = pathlib.Path(folder) / name
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except ValueError as error:
        raise ResumeError(f"{str(path)!r} must be JSON. Received: {error}. Delete it.") from error
    if not isinstance(before, dict):
        raise ResumeError(
            f"{str(path)!r} must be a JSON object. Received: {before!r:.60}. Delete it."
        )
    before = {key: value for key, value in before.items() if key not in results}
    differing = list(_differing(before, json.loads(json.dumps(identity))))
    if not differing:
        return True
    more = f" and {len(differing) - 5} more" if len(differing) > 5 else ""
    raise ResumeError(
        f"`output` must be a new folder or one of the same work. Received: {str(folder)!r}, where other work "
        f"differs in {', '.join(differing[:5])}{more}. Choose another folder, or delete this one to start from "
        "scratch."
    )


def _differing(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Names the values that differ, fields of dictionaries one by one."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            inner = f"{path}.{key}" if path else key
            yield from _differing(before.get(key), now.get(key), inner)
    elif before != now:
        told = [f"{value!r:.40}" for value in (before, now)]
        yield f"{path} ({told[0]} there, {told[1]} here)" if told[0] != told[1] else path


def claim_folder(
    folder: str | os.PathLike[str],
    identity: Mapping[str, Any],
    *,
    name: str = CLAIM,
    results: Collection[str] = (),
    overwrite: bool = False,
    clear: Callable[[], None] | None = None,
) -> bool:
    """Makes a folder for some work, or checks that it is that of the same work.

    Args:
        folder, identity, name, results: As in `check_claim`.
        overwrite: Whether a claim of other work is replaced.
        clear: Deletes what lies there without a claim of the same work. The claim is written behind it, so that what a
            killed process left of other work is never taken for that of this one.

    Returns:
        Whether the same work was begun there before and is to be resumed.

    Raises:
        ResumeError: if the folder holds other work and `overwrite` is false.
    """
    try:
        if check_claim(folder, identity, name=name, results=results):
            return True
    except ResumeError:
        if not overwrite:
            raise
    if clear is not None:
        clear()
    write_json(pathlib.Path(folder) / name, identity)
    return False


@contextlib.contextmanager
def claimed_folder(
    folder: str | os.PathLike[str],
    identity: Mapping[str, Any],
    *,
    name: str = CLAIM,
    begun: Callable[[], bool],
) -> Iterator[None]:
    """Claims a folder while work is done there; one process at a time does it.

    Where the work fails before there is anything to resume, the claim is taken back, so that a failed start
    does not keep the folder from the next one.

    Args:
        folder, identity, name: As in `claim_folder`.
        begun: Tells whether there is something to resume.

    Raises:
        ResumeError: if the folder holds other work.
    """
    path = pathlib.Path(folder)
    existed = path.exists()
    with only_one(path):
        claim_folder(path, identity, name=name)
        try:
            yield
        except BaseException:
            if not begun():
                (path / name).unlink(missing_ok=True)
                if not existed:
                    _remove_empty(path)
            raise


def _remove_empty(folder: pathlib.Path) -> None:
    """Removes a folder and those below, as far as no file is in them."""
    inner = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
    for path in [*inner, folder]:
        with contextlib.suppress(OSError):
            path.rmdir()


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


def file_digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, which may be larger than memory."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def folder_digest(
    folder: str | os.PathLike[str], files: Iterable[pathlib.Path] | None = None
) -> str:
    """SHA-256 over the names and the contents of files in a folder: the fingerprint of a teacher.

    Args:
        folder: The folder.
        files: Which of its files count; `None` for all, also those in folders below. `fingerprint.pb` never counts:
            TensorFlow writes a new random identifier into it whenever it saves the same model.

    Raises:
        FileNotFoundError: if there is no such folder.
    """
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"`folder` must be a teacher's folder. Received: {str(root)!r}.")
    digest = hashlib.sha256()
    for path in sorted(files or (p for p in root.rglob("*") if p.is_file())):
        if path.name == "fingerprint.pb":
            continue
        digest.update(f"{file_digest(path)} {path.relative_to(root).as_posix()}\n".encode())
    return digest.hexdigest()
