"""YAML files, whose texts know the line they stand in."""

from __future__ import annotations

import functools
import pathlib
from typing import Any

from pqrnn_tf.datasets.rows import DataError
from pqrnn_tf.extras import require


class LineText(str):
    """A text of a YAML file.

    Attributes:
        line: The line in which it begins, from 1; of a block (`|`, `>`) that of its first line of text.
    """

    line: int


def line_of(value: object, default: int = 1) -> int:
    """The line of a text of a YAML file; of anything else `default`."""
    return value.line if isinstance(value, LineText) else default


def read_yaml(path: pathlib.Path, *, texts_only: bool = False) -> Any:
    """Reads a file with one document; all texts in it, keys as well, are `LineText`.

    Args:
        path: The file.
        texts_only: Whether all values are texts, also such as `yes`, `1.0` and nothing (`""`).

    Raises:
        DataError: If the file cannot be read or is not YAML.
    """
    documents = read_yaml_documents(path, texts_only=texts_only)
    return documents[0] if documents else None


def read_yaml_documents(path: pathlib.Path, *, texts_only: bool = False) -> list[Any]:
    """Reads a file with any number of documents, see `read_yaml`."""
    yaml = require("yaml")
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:1: the file is not UTF-8 ({error.reason} at byte {error.start}). Convert the file to UTF-8."
        ) from error
    try:
        return list(yaml.load_all(content, Loader=_loader(texts_only)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        raise DataError(
            f"{path}:{line}: the file is not YAML ({reason}). Correct this line."
        ) from error


@functools.cache
def _loader(texts_only: bool) -> Any:
    yaml = require("yaml")
    # The loader of the C library is ten times as fast, where it is compiled in.
    name = "BaseLoader" if texts_only else "SafeLoader"
    loader: Any = type("_Loader", (getattr(yaml, f"C{name}", getattr(yaml, name)),), {})

    def text(loader: Any, node: Any) -> LineText:
        value = LineText(loader.construct_scalar(node))
        value.line = node.start_mark.line + (2 if node.style in ("|", ">") else 1)
        return value

    loader.add_constructor("tag:yaml.org,2002:str", text)
    return loader
