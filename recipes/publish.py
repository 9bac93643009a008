"""Makes a folder under `pretrained/` from a finished training: model, labels, configuration, scores and card.

    python -m recipes.publish --recipe snips --run runs/snips --data snips --output pretrained/snips

`--data` names the development rows that are scored; repeated, or with several languages (`mtop:de,fr`), the card
has a table of them. Without `--run` the model that is in `--output` stays: it is scored anew, as after a change of
what is measured, and its card is written anew; what the other flags do not say is taken from its `scores.json`.
`python -m benchmarks.render` then puts it into docs/results.md.
"""

from __future__ import annotations

import json
import pathlib
import sys

from pqrnn_tf.commands import finished_run
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from recipes.development import add_development
from recipes.published_model import QUANTIZATION, publish, read_extra
from recipes.recipe import load_recipe, recipe_names


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    add_development(parser)
    parser.section("model")
    parser.flag("run", "Output folder of `pqrnn train` or `pqrnn distill`.", metavar="FOLDER")
    parser.flag("output", "Folder to write.", required=True, metavar="FOLDER")
    parser.flag(
        "recipe",
        "File in recipes/ that says how the model was made, for the card. Not needed for one call of `pqrnn train`.",
        choices=recipe_names(),
    )
    parser.flag(
        "quantization",
        "What has 8 bits, as in `pqrnn export`; int8 is calibrated on the training rows of --data.",
        choices=["int8_weights", "int8", "none"],
        default=QUANTIZATION,
    )
    parser.flag(
        "extra",
        "JSON file with an object whose entries go into the description of the .tflite.",
        metavar="FILE",
    )
    parser.switch(
        "without_weights",
        "Write no weights in half precision beside the .tflite, with which a training could start.",
    )
    parser.switch(
        "without_forms",
        "Do not measure what other ways of writing cost. Without --run, what was measured of the same model stays.",
    )
    parser.section("scores of a new --run")
    finished_run.add_rejection(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    finished_run.check_rejection(arguments)
    record = publish(
        arguments.data,
        pathlib.Path(arguments.output),
        run=None if arguments.run is None else pathlib.Path(arguments.run),
        quantization=arguments.quantization,
        surface=not arguments.without_forms,
        reject_at=arguments.reject_at,
        outside=finished_run.read_outside_text(arguments),
        extra={} if arguments.extra is None else read_extra(pathlib.Path(arguments.extra)),
        weights=not arguments.without_weights,
        recipe=None if arguments.recipe is None else load_recipe(arguments.recipe),
    )
    print(json.dumps(record["tflite"]))


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.publish", __doc__, configure, run, sys.argv[1:]))
