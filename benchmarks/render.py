"""Fills the tables and numbers of the documents from all that was measured, and draws the plots.

    python -m benchmarks.render

README.md and docs/*.md are written by hand. Between marks stands what is filled in:

    <!-- table: NAME -->        a table of `benchmarks/tables`, as lines of its own, up to
    <!-- end -->
    <!-- value: PATH|FORMAT -->…<!-- end -->     one number, inside a line
    <!-- stamp: PATH -->…<!-- end -->            where and when something was measured
    <!-- help: COMMAND -->                       what `pqrnn COMMAND --help` prints, as a block of its own, up to
    <!-- end -->

PATH is that of `Measured.find`, FORMAT a format specification of Python, with a factor before it where the unit is
another one (`floor/parameters|1e-6 .2f`). A PATH without `/` is one of the values that `benchmarks/tables` computes.
"""

from __future__ import annotations

import importlib
import os
import pathlib
import re
import sys
from collections.abc import Callable, Mapping

from benchmarks import plots
from benchmarks.measured import Measured, stamp_text
from benchmarks.records import ROOT
from benchmarks.tables import (
    ablation,
    attack,
    calibration,
    distillation,
    entities,
    entity_graphs,
    entity_relations,
    errors,
    few_shot,
    growth,
    home_assistant,
    meta_kd,
    published,
    relations,
    search,
    sentence_vectors,
    six_languages,
    small_data,
    speed,
    surface,
    text_forms,
    tinybert,
    values,
    vectors,
)
from pqrnn_tf.commands.arguments import CommandParser
from pqrnn_tf.commands.main import COMMANDS
from pqrnn_tf.files import write_bytes

Fill = Callable[[Measured], str]

MODULES = (
    ablation,
    attack,
    calibration,
    distillation,
    entities,
    entity_graphs,
    entity_relations,
    errors,
    few_shot,
    growth,
    home_assistant,
    meta_kd,
    published,
    relations,
    search,
    sentence_vectors,
    six_languages,
    small_data,
    speed,
    surface,
    text_forms,
    tinybert,
    values,
    vectors,
)
TABLES: Mapping[str, Fill] = {name: fill for part in MODULES for name, fill in part.TABLES.items()}
VALUES: Mapping[str, Fill] = {
    name: fill
    for part in (ablation, distillation, six_languages, speed)
    for name, fill in part.VALUES.items()
}
END = "<!-- end -->"
_MARK = re.compile(r"<!-- (table|value|stamp|help): (.+?) -->(.*?)" + re.escape(END), re.DOTALL)


class MarkError(ValueError):
    """A mark in a document that cannot be filled."""


def pages() -> list[pathlib.Path]:
    """The documents that may have marks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def fill(text: str, measured: Measured, *, where: str = "text") -> str:
    """A document with everything between its marks written anew.

    Args:
        text: The document.
        measured: What was measured.
        where: Name of the document, for errors.

    Raises:
        MarkError: if a mark is unknown, has no end, or what it asks for was not measured.
    """

    def filled(match: re.Match[str]) -> str:
        kind, argument, _ = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        begin = f"<!-- {kind}: {argument} -->"
        try:
            content = _content(kind, argument, measured)
        except (KeyError, FileNotFoundError, MarkError) as error:
            message = error.args[0] if error.args else error
            raise MarkError(f"{where}:{line}: {begin} cannot be filled: {message}") from error
        own_lines = kind in ("table", "help")
        return f"{begin}\n{content}\n{END}" if own_lines else f"{begin}{content}{END}"

    result = _MARK.sub(filled, text)
    rest = _MARK.sub("", text)
    if stray := re.search(r"<!-- (?:(?:table|value|stamp|help): .*|end) -->", rest):
        raise MarkError(f"{where}: {stray[0]} must have its other half. Received: one half.")
    return result


def _content(kind: str, argument: str, measured: Measured) -> str:
    if kind == "table":
        if argument not in TABLES:
            raise MarkError(f"a table must be one of {sorted(TABLES)}")
        return TABLES[argument](measured)
    if kind == "help":
        return f"```text\n{command_help(argument)}```"
    path, _, form = argument.partition("|")
    if kind == "stamp":
        return stamp_text(measured.find(path))
    if "/" not in path:
        if path not in VALUES:
            raise MarkError(f"a value must be a path or one of {sorted(VALUES)}")
        return VALUES[path](measured)
    value = measured.find(path)
    factor, _, form = form.rpartition(" ")
    return format(value * float(factor) if factor else value, form)


def command_help(name: str) -> str:
    """What `pqrnn NAME --help` prints on a terminal of 100 columns.

    Raises:
        MarkError: if there is no such command.
    """
    if name not in COMMANDS:
        raise MarkError(f"a command must be one of {list(COMMANDS)}")
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"  # which argparse reads
    try:
        module = importlib.import_module(f"pqrnn_tf.commands.{name}")
        parser = CommandParser(f"pqrnn {name}", module.__doc__ or "")
        module.configure(parser)
        return parser.format_help()
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


def main() -> None:
    """Runs the command."""
    if sys.argv[1:]:
        raise SystemExit(f"render takes no arguments. Received: {sys.argv[1:]}.")
    measured = Measured()
    for page in pages():
        text = page.read_text(encoding="utf-8")
        name = page.relative_to(ROOT).as_posix()
        write_bytes(page, fill(text, measured, where=name).encode("utf-8"))
    plots.draw(measured, ROOT / "docs" / "images")


if __name__ == "__main__":
    main()
