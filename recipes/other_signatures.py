"""Gives a published model signatures for texts of other lengths; what it says stays.

    python -m recipes.other_signatures --model pretrained/home_assistant_th --texts commonvoice/th.txt --short_texts 32

A signature takes as long as the tokens it has room for, and each takes some bytes. Where a character is a token, as in
Thai, the usual ones are too small for most requests. The weights are taken back from the file
(`recipes.recovered_weights`) and converted again. Nothing is written unless the new file says what the old one says of
all the texts, the first 2,000 lines.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

import numpy as np

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command

TEXTS = 2000
"""Texts that are compared."""
CLOSE = 0.05
"""By how much a logit may differ: the normalisation is folded into the kernels again."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Folder of the model.", required=True, metavar="FOLDER")
    parser.flag("texts", "File with a text a line.", required=True, metavar="FILE")
    parser.flag(
        "short_texts",
        "Tokens that a further signature has room for.",
        type=at_least(1),
        repeat=True,
        required=True,
        metavar="N",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    lines = pathlib.Path(arguments.texts).read_text(encoding="utf-8").splitlines()
    before, after = rewrite_signatures(
        pathlib.Path(arguments.model),
        [line for line in lines if line.strip()][:TEXTS],
        tuple(sorted(arguments.short_texts)),
    )
    print(f"{before:,} bytes before, {after:,} now")


def rewrite_signatures(
    folder: pathlib.Path, texts: list[str], short_texts: tuple[int, ...]
) -> tuple[int, int]:
    """Converts the model of a published folder again, with other signatures.

    Args:
        folder: The folder.
        texts: Texts that the new file must say the same of.
        short_texts: As in `tflite_export.convert`.

    Returns:
        The bytes of the file before and after.

    Raises:
        FileNotFoundError, ModelFileError: if there is no such model.
        UsageError: if there is no text, or the new file says something else.
    """
    from pqrnn_tf.runtime.metadata import read_model, replace_metadata
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.config import read_config
    from recipes.published_model import rewrite_file
    from recipes.recovered_weights import recover
    from tflite_export.converter import convert

    if not texts:
        raise UsageError("--texts must hold a text")
    path = folder / "model.tflite"
    content, description = read_model(path)
    model = recover(path, read_config(folder / "config.json", ()), texts)
    changed = replace_metadata(convert(model, short_texts=short_texts), description)
    with tempfile.TemporaryDirectory() as place:
        made = pathlib.Path(place) / path.name
        made.write_bytes(changed)
        former, new = Parser(path), Parser(made)
        for text in texts:
            one, other = former.logits(text), new.logits(text)
            length = int(one["length"])
            if (
                length != other["length"]
                or not all(
                    np.allclose(one[name][:length], other[name][:length], atol=CLOSE)
                    for name in ("spans", "slots")
                )
                or not np.allclose(one["intent"], other["intent"], atol=CLOSE)
            ):
                raise UsageError(
                    f"--model cannot be converted again: it says something else of {text!r}"
                )
    rewrite_file(folder, changed)
    return len(content), len(changed)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.other_signatures", __doc__, configure, run, sys.argv[1:])
    )
