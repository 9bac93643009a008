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
from collections.abc import Sequence

from absl import app, flags

from recipes.published_model import QUANTIZATION, publish
from recipes.recipe import load_recipe, recipe_names

_RUN = flags.DEFINE_string("run", None, "Output folder of `pqrnn_tf.train` or `pqrnn_tf.distill`.")
_DATA = flags.DEFINE_multi_string(
    "data",
    None,
    "Folder of a corpus whose development rows are scored. May be repeated, and name its languages: "
    "FOLDER:de,fr or FOLDER:all.",
    required=True,
)
_OUTPUT = flags.DEFINE_string("output", None, "Folder to write.", required=True)
_RECIPE = flags.DEFINE_enum(
    "recipe",
    None,
    recipe_names(),
    "File in recipes/ that says how the model was made, for the card. Not needed for one call of `pqrnn_tf.train`.",
)
_QUANTIZATION = flags.DEFINE_enum(
    "quantization",
    QUANTIZATION,
    ["int8_weights", "int8", "none"],
    "What has 8 bits, as in `tflite_export.export`; int8 is calibrated on the training rows of --data.",
)
_TYPOS = flags.DEFINE_multi_float(
    "typos", [0.1, 0.2], "Share of the words that get a typing error; may be repeated."
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    try:
        record = publish(
            _DATA.value,
            pathlib.Path(_OUTPUT.value),
            run=None if _RUN.value is None else pathlib.Path(_RUN.value),
            quantization=_QUANTIZATION.value,
            typos=_TYPOS.value,
            recipe=None if _RECIPE.value is None else load_recipe(_RECIPE.value),
        )
    except (OSError, ValueError) as error:
        print(f"publish: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(record["tflite"]))


if __name__ == "__main__":
    app.run(main)
