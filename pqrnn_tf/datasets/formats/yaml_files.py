"""YAML files, whose texts know the line they stand in."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Callable
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
    """The line in which a value of a YAML file begins: that of its first text; where it has none, `default`."""
    while isinstance(value, (dict, list)) and value:
        value = next(iter(value))
    return value.line if isinstance(value, LineText) else default


def read_yaml_documents(path: pathlib.Path, *, texts_only: bool = False) -> list[Any]:
    """Reads the documents of a file; all texts in them, keys as well, are `LineText`. Empty documents are left out.

    Args:
        path: The file.
        texts_only: Whether all values are texts, also such as `yes`, `1.0` and nothing (`""`). A date always is one.

    Raises:
        DataError: If the file cannot be read or is not YAML, or a key stands twice in a mapping.
    """
    yaml = require("yaml")
    try:
        encoded = path.read_bytes()
        content = encoded.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}:{line}: the file is not UTF-8 ({error.reason} at byte {error.start}). Convert the file to UTF-8."
        ) from error
    try:
        documents = list(yaml.load_all(content, Loader=_loader(texts_only)))
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        raise DataError(
            f"{path}:{_line_of_error(error, content)}: the file is not YAML ({reason}). Correct this line."
        ) from error
    except RecursionError as error:
        raise DataError(f"{path}: the YAML is nested too deep to be read.") from error
    return [document for document in documents if document not in (None, "")]


def _line_of_error(error: Any, content: str) -> int:
    if (mark := getattr(error, "problem_mark", None)) is not None:
        return int(mark.line) + 1
    # A character that YAML forbids is told by an offset, which counts what the loader counts.
    forbidden = require("yaml").reader.Reader.NON_PRINTABLE.search(content)
    return content.count("\n", 0, forbidden.start()) + 1 if forbidden else 1


@functools.cache
def _loader(texts_only: bool) -> Any:
    yaml = require("yaml")
    # The loader of the C library is ten times as fast, where it is compiled in.
    name = "BaseLoader" if texts_only else "SafeLoader"
    base: Any = getattr(yaml, f"C{name}", getattr(yaml, name))

    def mapping(loader: Any, node: Any, deep: bool = False) -> Any:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if (name := (key.tag, key.value)) in lines:
                reason = f"the key {key.value!r} stands in line {lines[name]} already"
                raise yaml.constructor.ConstructorError(None, None, reason, key.start_mark)
            lines[name] = key.start_mark.line + 1
        return base.construct_mapping(loader, node, deep=deep)

    def text(loader: Any, node: Any) -> LineText:
        value = LineText(loader.construct_scalar(node))
        value.line = node.start_mark.line + (2 if node.style in ("|", ">") else 1)
        return value

    def checked(construct: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def value(loader: Any, node: Any) -> Any:
            try:
                return construct(loader, node)
            except (KeyError, ValueError) as error:  # such as a number of too many digits
                raise yaml.constructor.ConstructorError(
                    None, None, str(error), node.start_mark
                ) from error

        return value

    loader: Any = type("_Loader", (base,), {"construct_mapping": mapping})
    for kind in ("bool", "int", "float"):
        if construct := base.yaml_constructors.get(tag := f"tag:yaml.org,2002:{kind}"):
            loader.add_constructor(tag, checked(construct))
    for kind in ("str", "timestamp"):
        loader.add_constructor(f"tag:yaml.org,2002:{kind}", text)
    return loader
