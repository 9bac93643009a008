"""Writes into a published model the words of opposite intents and of units of time, read from the templates.

    python -m recipes.home_assistant.published_knowledge --model pretrained/home_assistant_de --data home_assistant

A model that `recipes.home_assistant.make` makes has them; this is for models that were made before. Only the
description inside the .tflite is written again; the model itself stays, byte for byte, and so do its parses. The size
of the file in `scores.json` and on the card is that of the new file.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.metadata import read_model
from recipes.home_assistant.knowledge import KEY, OPPOSITE, UNITS, opposites_of, units_of
from recipes.home_assistant.strict import domain_groups
from recipes.published_model import rewrite_description


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Folder of the model.", required=True, metavar="FOLDER")
    parser.flag(
        "data",
        "Folder of Home Assistant's sentences, lists and rules.",
        required=True,
        metavar="FOLDER",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    written = write_knowledge(pathlib.Path(arguments.model), pathlib.Path(arguments.data))
    print(", ".join(written))


def write_knowledge(folder: pathlib.Path, data: pathlib.Path) -> list[str]:
    """Writes the words of opposite intents, and those of units of time, into a published model.

    Args:
        folder: Its folder.
        data: Folder of Home Assistant's sentences, lists and rules.

    Returns:
        The kinds of devices of which the templates have sentences of both intents.

    Raises:
        FileNotFoundError, ModelFileError: if there is no such model.
        UsageError: if it is of something else.
        DataError: if the folder has no sentences of its language.
    """
    from pqrnn_tf.datasets.formats.home_assistant import read_home_assistant

    _, metadata = read_model(folder / "model.tflite")
    knowledge = metadata.extra.get(KEY)
    if knowledge is None:
        raise UsageError(
            f"--model must be the folder of a model that recipes.home_assistant made. Received: {str(folder)!r}, "
            f"whose description has no {KEY!r}."
        )
    language = knowledge["language"]
    read = read_home_assistant(data, language)
    found = {
        **opposites_of(language, read, domain_groups(data)),
        UNITS: units_of(language, read),
    }
    extra = {**metadata.extra, KEY: {**knowledge, **found}}
    rewrite_description(folder, dataclasses.replace(metadata, extra=extra))
    return sorted(found[OPPOSITE])


if __name__ == "__main__":
    sys.exit(
        run_command(
            "python -m recipes.home_assistant.published_knowledge",
            __doc__,
            configure,
            run,
            sys.argv[1:],
        )
    )
