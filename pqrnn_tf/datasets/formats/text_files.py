"""Lines of a text file with their numbers, and errors that name file and line."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator

from pqrnn_tf.datasets.rows import DataError


def numbered_lines(
    path: pathlib.Path, bad: Callable[[int, str], None] | None = None
) -> Iterator[tuple[int, str]]:
    """Yields `(number, line)` from 1; only a line feed, or the pair of both returns, ends a line.

    A byte order mark is dropped, and a last empty line is not yielded.

    Args:
        path: The file.
        bad: Called with number and message of a line that is not UTF-8, which is then left out.

    Raises:
        DataError: If the file is missing, or a line is not UTF-8 and `bad` is not given.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}. Check the path.") from error
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            text = line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            message = (
                f"the line is not UTF-8 ({error.reason} at byte {error.start}). "
                "Convert the file to UTF-8."
            )
            if bad is None:
                raise DataError(f"{path}:{number}: {message}") from error
            bad(number, message)
        else:
            yield number, text


def split_columns(path: pathlib.Path, number: int, line: str, expected: int) -> list[str]:
    """Cuts a line at tabs.

    Raises:
        DataError: If there are not `expected` columns.
    """
    columns = line.split("\t")
    if len(columns) != expected:
        raise DataError(
            f"{path}:{number}: expected {expected} columns separated by tabs. "
            f"Received: {len(columns)} columns. Restore the line from the original corpus."
        )
    return columns
