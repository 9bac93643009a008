"""Flags and reading of the rows that the commands `train`, `finetune` and `distill` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least

if TYPE_CHECKING:
    from pqrnn_tf.datasets.making.mixture import Mixture

DATA = (
    "Files and folders with labelled phrases, several and mixed; docs/corpora.md lists which. A folder in several "
    "languages may name them: FOLDER:de,fr or FOLDER:all."
)
LANGUAGE = (
    "Language of the folders that name none themselves, several with commas between them, or all; MTOP has en, de, "
    "es, fr, hi and th."
)


def add_data(parser: CommandParser) -> None:
    """Declares arguments that name data, which may also be given as `--data`."""
    parser.section("data")
    parser.words("data", DATA, metavar="DATA", flag=True)
    parser.flag("language", LANGUAGE, default="en", metavar="CODES")


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


def read_training_data(arguments: Arguments) -> Mixture:
    """The training and development rows that the flags name, with lines in the log about them.

    Raises:
        DataError: if data, a split or a row cannot be read.
    """
    import logging

    from pqrnn_tf.datasets import alignment_report, load_mixture

    mixture = load_mixture(
        arguments.data,
        languages=arguments.language,
        development=arguments.development,
        templates=arguments.templates,
        template_rows=arguments.template_rows,
        similar=arguments.similar,
        repeat=arguments.repeat,
    )
    log = logging.getLogger(__name__)
    log.info("%s", mixture)
    for split, rows in (("train", mixture.training), ("dev", mixture.development)):
        log.info("%s: %s", split, alignment_report(rows))
    return mixture
