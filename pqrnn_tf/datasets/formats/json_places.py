"""JSON documents whose values know the line they stand in."""

from __future__ import annotations

import bisect
import json
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError

_BLANK = re.compile(r"[ \t\r\n,:]*")
_DECODER = json.JSONDecoder()

LONG_NUMBER = "a number has too many digits to be read. Shorten it, or put it in quotes."


Bad = Callable[[int, str], None]
"""Takes the line and the message of what has another form than expected."""


class JsonPlace:
    """A value in a JSON document.

    Attributes:
        value: The value.
    """

    def __init__(self, content: str, start: int, value: Any, line_ends: list[int]) -> None:
        self.value = value
        self._content = content
        self._start = start
        self._line_ends = line_ends

    @property
    def line(self) -> int:
        """The line in which the value begins, from 1."""
        return bisect.bisect_left(self._line_ends, self._start) + 1

    def items(self, bad: Bad | None = None) -> Iterator[tuple[str, JsonPlace]]:
        """The members of an object; of another value none, and `bad` is called with its line and a message."""
        if isinstance(self.value, dict):
            inside = self._inside()
            for key in inside:
                yield key.value, next(inside)
        elif bad is not None:
            bad(self.line, f"expected an object. Received: {self.value!r:.60}.")

    def elements(self, bad: Bad) -> Iterator[JsonPlace]:
        """The elements of a list; of another value none, and `bad` is called with its line and a message."""
        if isinstance(self.value, list):
            yield from self._inside()
        else:
            bad(self.line, f"expected a list. Received: {self.value!r:.60}.")

    def get(self, name: str) -> JsonPlace | None:
        """A member of an object; `None` if it has none of this name, or is no object."""
        return next((place for key, place in self.items() if key == name), None)

    def _inside(self) -> Iterator[JsonPlace]:
        # The document has been decoded once, so that it is known to be well formed.
        position = _after_blanks(self._content, self._start + 1)
        while self._content[position] not in "]}":
            value, end = _DECODER.raw_decode(self._content, position)
            yield JsonPlace(self._content, position, value, self._line_ends)
            position = _after_blanks(self._content, end)


def _after_blanks(content: str, position: int) -> int:
    match = _BLANK.match(content, position)
    return match.end() if match else position


def read_json(path: pathlib.Path) -> JsonPlace:
    """Reads a file with one JSON value.

    Raises:
        DataError: If the file is missing, not UTF-8 or not JSON; the message names file and line.
    """
    content = "\n".join(line for _, line in numbered_lines(path))
    try:
        value = json.loads(content)
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}:{error.lineno}: not valid JSON ({error.msg}). Restore the original file."
        ) from error
    except RecursionError as error:
        raise DataError(f"{path}: the JSON is nested too deep to be read.") from error
    except ValueError as error:
        longest = max(re.finditer(r"\d+", content), key=lambda match: len(match[0]))
        line = content.count("\n", 0, longest.start()) + 1
        raise DataError(f"{path}:{line}: {LONG_NUMBER}") from error
    line_ends = [match.start() for match in re.finditer("\n", content)]
    return JsonPlace(content, _after_blanks(content, 0), value, line_ends)
