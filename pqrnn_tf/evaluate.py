"""Scores a model on a split of a data folder: intent accuracy, slot F1 and flat exact match.

The model is a `.keras` file or a `.tflite` file; the latter runs on the stock runtime, as on a device. Every row
counts; rows that could not be aligned are reported and count as they stand.

    python -m pqrnn_tf.evaluate --model runs/en/model.tflite --data mtop --split dev
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags

_MODEL = flags.DEFINE_string("model", None, "A .keras or .tflite file.", required=True)
_DATA = flags.DEFINE_string("data", None, "Folder of MTOP files.", required=True)
_SPLIT = flags.DEFINE_string("split", "dev", "train, dev or test.")
_LANGUAGE = flags.DEFINE_string("language", "en", "Language of the rows: en, de, es, fr, hi or th.")
_OUTPUT = flags.DEFINE_string("output", None, "A JSON file to write the scores to.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_split
    from tflite_export.scoring import score_file

    try:
        examples = load_split(_DATA.value, _SPLIT.value, language=_LANGUAGE.value)
        scores = score_file(_MODEL.value, examples)
    except (OSError, ValueError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        sys.exit(1)
    record = {
        "model": pathlib.Path(_MODEL.value).name,
        "bytes": pathlib.Path(_MODEL.value).stat().st_size,
        "split": _SPLIT.value,
        "language": _LANGUAGE.value,
        **scores.to_dict(),
    }
    if _OUTPUT.value is not None:
        from pqrnn_tf.files import write_json

        write_json(pathlib.Path(_OUTPUT.value), record)
    print(json.dumps(record))


if __name__ == "__main__":
    app.run(main)
