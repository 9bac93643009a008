"""Utterances of a stream, one a line, and the parses of them."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from pqrnn_tf.files import json_line
from pqrnn_tf.runtime.labels import LabelError, LabelSet

if TYPE_CHECKING:
    from pqrnn_tf.runtime.results import Parse


def read_labels(path: str) -> LabelSet:
    """The names in a labels.json.

    Raises:
        LabelError: if it holds something else.
        OSError: if it cannot be read.
    """
    import pathlib

    try:
        return LabelSet.from_json(pathlib.Path(path).read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LabelError(
            f"--labels: {path} must be a labels.json as a training writes it. It holds something else: {error}"
        ) from error


def standard_input() -> BinaryIO:
    """The bytes of standard input.

    Raises:
        OSError: if it is closed.
    """
    if sys.stdin is None:
        raise OSError("standard input is closed; give it utterances, one a line")
    return sys.stdin.buffer


def read_lines(stream: Iterable[bytes]) -> Iterator[str]:
    """The utterances of a stream: without line ends and byte order mark; bytes that are not UTF-8 are U+FFFD."""
    for number, line in enumerate(stream):
        if number == 0:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield line.rstrip(b"\r\n").decode("utf-8", errors="replace")


def write_json_line(parse: Parse, *, alternatives: bool = False, values: bool = False) -> None:
    """Writes a parse to standard output, at once.

    Args:
        parse: The parse.
        alternatives: Whether its alternatives are written too.
        values: Whether the values of its slots are written too.

    Raises:
        OSError: if standard output is closed or full.
    """
    if sys.stdout is None:
        raise OSError("standard output is closed; the parses have nowhere to go")
    sys.stdout.flush()
    told = parse.to_dict(alternatives=alternatives, values=values)
    sys.stdout.buffer.write(json_line(told).encode() + b"\n")
    sys.stdout.buffer.flush()
