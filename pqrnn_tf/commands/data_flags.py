"""Flags and reading of the rows that the commands `train`, `finetune` and `distill` have in common."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.files import check_folder

if TYPE_CHECKING:
    from pqrnn_tf.datasets.making.mixture import Mixture
    from pqrnn_tf.datasets.reading import Rows

_LOG = logging.getLogger(__name__)
SHOWN_PROBLEMS = 10

DATA = (
    "Files and folders with labelled phrases, of several formats, mixed; what they hold is recognised (docs/data.md). "
    "A folder in several languages may name them: FOLDER:de,fr."
)
LANGUAGE = "Languages of the data that name none themselves, such as de or de,fr."


def add_names_of_data(parser: CommandParser, *, behind: str | None = None) -> None:
    """Declares arguments that name data, which may also be given as `--data`; `behind` as in `parser.words`."""
    parser.section("data")
    parser.words("data", DATA, metavar="DATA", flag=True, behind=behind)
    parser.flag("language", LANGUAGE, metavar="CODES", shown="all that the data have")


def add_data(parser: CommandParser, *, behind: str | None = None) -> None:
    """Declares arguments that name data, and what to do with rows that cannot be read; `behind` as above."""
    add_names_of_data(parser, behind=behind)
    parser.switch(
        "skip_bad_rows",
        "Leave out rows that cannot be read, and count them; without it they are an error that lists them.",
    )


def check_data(arguments: Arguments) -> None:
    """Refuses a call without data.

    Raises:
        UsageError: if there are none.
    """
    if not arguments.data:
        raise UsageError("name the data: files or folders with labelled phrases")


def add_training_data(parser: CommandParser) -> None:
    """Declares the flags for the rows of a training."""
    add_data(parser)
    parser.flag(
        "development",
        "Data whose development rows are scored instead of those of DATA; training rows with the text of one of "
        "these are left out.",
        repeat=True,
        metavar="DATA",
    )
    parser.flag(
        "templates",
        "File of templates to make training rows from, named LANGUAGE.tsv or LANGUAGE_*.tsv, or a folder of such "
        "files.",
        repeat=True,
        metavar="PATH",
    )
    parser.flag(
        "template_rows",
        "Rows to make from each file of --templates.",
        type=at_least(0),
        default=3000,
    )
    parser.flag(
        "similar",
        "Data with similar labels: of its training rows those are added whose labels the rows of DATA have too, and "
        "whose text no development row has.",
        repeat=True,
        metavar="DATA",
    )
    parser.flag(
        "repeat",
        "How often each row of DATA counts beside those of --similar.",
        type=at_least(1),
        default=1,
    )


def check_training_data(arguments: Arguments) -> None:
    """Refuses what this call has no use for.

    Raises:
        UsageError: if there is no data, or a flag without one that it belongs to.
    """
    check_data(arguments)
    if not arguments.templates:
        arguments.refuse(["template_rows"], "it belongs to --templates")
    if not arguments.similar:
        arguments.refuse(["repeat"], "it belongs to --similar")


def check_places(arguments: Arguments) -> None:
    """Checks that the data are there, and that the output may be a folder, before TensorFlow is loaded.

    Raises:
        DataError: if a file or folder is missing.
        NotADirectoryError: if the output is a file.
    """
    from pqrnn_tf.datasets.reading import check_paths

    check_folder(arguments.output)
    for data in (arguments.data, arguments.development, arguments.similar):
        check_paths(data or ())


def read_data(arguments: Arguments, **options: Any) -> Rows:
    """The rows of DATA, with lines in the log about them.

    Args:
        arguments: Flags of `add_data`.
        **options: More of `read_rows`.

    Raises:
        DataError: if they cannot be read.
    """
    from pqrnn_tf.datasets import read_rows

    rows = read_rows(
        arguments.data,
        languages=arguments.language,
        skip_bad_rows=arguments.skip_bad_rows,
        **options,
    )
    tell(rows)
    return rows


def read_training_data(arguments: Arguments) -> Mixture:
    """The training and development rows that the flags name, with lines in the log about them.

    Raises:
        DataError: if data, a split or a row cannot be read.
    """
    from pqrnn_tf.datasets import load_mixture

    mixture = load_mixture(
        arguments.data,
        languages=arguments.language,
        development=arguments.development,
        templates=arguments.templates,
        template_rows=arguments.template_rows,
        similar=arguments.similar,
        repeat=arguments.repeat,
        skip_bad_rows=arguments.skip_bad_rows,
    )
    tell(mixture)
    _LOG.info("%s", mixture)
    return mixture


def tell(rows: Rows | Mixture) -> None:
    """Says in the log what was read, what was left out, and what there is to know."""
    for line in (*rows.sources, *rows.notes):
        _LOG.info("%s", line)
    if rows.problems:
        _LOG.warning("%d rows cannot be read and are left out:", len(rows.problems))
        for problem in rows.problems[:SHOWN_PROBLEMS]:
            _LOG.warning("  %s", problem)
        if len(rows.problems) > SHOWN_PROBLEMS:
            _LOG.warning("  and %d more", len(rows.problems) - SHOWN_PROBLEMS)
