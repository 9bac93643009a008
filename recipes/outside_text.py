"""Writes texts that no model knows what to do with: made-up words, letters of other scripts, emoji.

    python -m recipes.outside_text --output outside.txt

`recipes.publish --outside_text outside.txt` chooses with them which requests a model rejects.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command


def outside_texts(count: int, *, seed: int) -> list[str]:
    """Some such texts.

    Args:
        count: How many.
        seed: Seed of what is drawn.
    """
    from pqrnn_tf.datasets.making.forms.emoji import several_emoji
    from pqrnn_tf.datasets.making.forms.unknown import any_script, any_word

    rng = random.Random(seed)
    draws: tuple[Callable[[], str], ...] = (
        lambda: any_word(rng, "en"),
        lambda: f"{any_word(rng, 'en')} {any_word(rng, 'en')}",
        lambda: any_script(rng, "en"),
        lambda: several_emoji(rng),
    )
    return [draws[place % len(draws)]() for place in range(count)]


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("rows", "Texts to write.", type=at_least(1), default=300)
    parser.flag("seed", "Seed of what is drawn.", type=int, default=0)
    parser.flag("output", "Text file to write, one text per line.", required=True, metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.files import write_bytes

    texts = outside_texts(arguments.rows, seed=arguments.seed)
    write_bytes(arguments.output, "".join(f"{text}\n" for text in texts).encode("utf-8"))


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.outside_text", __doc__, configure, run, sys.argv[1:]))
