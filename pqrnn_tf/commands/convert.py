"""Writes data of any format that is known as JSON lines, the format of this package (docs/data.md).

The last argument is the file to write. Data with training and development rows become a file for each: rows.jsonl names
rows_train.jsonl and rows_dev.jsonl; a folder gets train.jsonl and dev.jsonl.

    pqrnn convert nlu.yml rows.jsonl
    pqrnn convert mtop:de,fr snips rows/
"""

from __future__ import annotations

import pathlib

from pqrnn_tf.commands import data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import log_to_stderr

SUFFIX = ".jsonl"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser)
    parser.flag(
        "split", "Write only these rows.", choices=["train", "dev", "test"], shown="all of them"
    )
    parser.flag(
        "output",
        "The file or folder to write; the last DATA if not given.",
        metavar="PATH",
    )
    parser.switch("overwrite", "Replace files that are there; without it they are an error.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    output = arguments.output
    if output is None:
        if len(arguments.data) < 2:
            raise UsageError("name the data and, last, the file to write")
        output = arguments.data.pop()
    data_flags.check_data(arguments)
    if not output:
        raise UsageError("the file to write has an empty name")
    target = pathlib.Path(output)
    if target.suffix not in ("", SUFFIX):
        raise UsageError(f"the file to write must end in {SUFFIX}, or be a folder, not {output!r}")
    if target.suffix != SUFFIX and target.exists() and not target.is_dir():
        raise UsageError(
            f"{output} is a file, and is not overwritten: name a file that ends in {SUFFIX}, or a folder"
        )
    log_to_stderr()
    from pqrnn_tf.datasets import write_rows

    rows = data_flags.read_data(arguments, split=arguments.split)
    files = {split: _file(target, split, len(rows.splits)) for split in rows.splits}
    for file in files.values():
        if file.is_dir():
            raise IsADirectoryError(f"{file} is a folder, and no file can be written in its place")
        if file.exists() and not arguments.overwrite:
            raise FileExistsError(f"{file} is there already; --overwrite replaces it")
    for split, file in files.items():
        write_rows(file, rows.splits[split])
        print(f"{file}: {len(rows.splits[split])} rows ({split})")


def _file(target: pathlib.Path, split: str, splits: int) -> pathlib.Path:
    if target.suffix != SUFFIX:
        return target / f"{split}{SUFFIX}"
    return target if splits == 1 else target.with_name(f"{target.stem}_{split}{SUFFIX}")
