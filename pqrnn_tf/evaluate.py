"""Scores a model on a split of a data folder: intent accuracy, slot F1 and flat exact match.

The model is a `.keras` file or a `.tflite` file; the latter runs on the stock runtime, as on a device. Every row
counts; rows that could not be aligned are reported and count as they stand. Where the corpus has rows out of scope,
`out_of_scope` says how well they are told from the others; the threshold is chosen on development rows (on the
split `dev` itself, on the half that is not scored). `--typos` also scores the rows with typing errors in that share
of their words, and says what they cost. With several languages (`--language de,fr` or `all`), `languages` has the
scores of each and `mean` those of all, each language counting alike.

    python -m pqrnn_tf.evaluate --model runs/en/model.tflite --data mtop --split dev
    python -m pqrnn_tf.evaluate --model runs/en/model.tflite --data snips --typos 0.1 --typos 0.2
    python -m pqrnn_tf.evaluate --model runs/six/model.tflite --data mtop --language all
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from absl import app, flags

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.tflite_op import TfliteOpError

_MODEL = flags.DEFINE_string(
    "model",
    None,
    "A .keras or .tflite file, or the name of a pretrained model.",
    required=True,
)
_DATA = flags.DEFINE_string(
    "data", None, "Folder of a corpus; docs/corpora.md lists which.", required=True
)
_SPLIT = flags.DEFINE_string("split", "dev", "train, dev or test.")
_LANGUAGE = flags.DEFINE_string(
    "language",
    "en",
    "Language of the rows, several with commas between them, or all that the folder has; MTOP has en, de, es, fr, "
    "hi and th.",
)
_TYPOS = flags.DEFINE_multi_float(
    "typos", [], "Share of the words of each row that get a typing error; may be repeated."
)
_TYPOS_SEED = flags.DEFINE_integer("typos_seed", 1, "Seed of the typing errors.")
_OUTPUT = flags.DEFINE_string("output", None, "A JSON file to write the scores to.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    try:
        record = evaluate()
    except (OSError, ValueError, TfliteOpError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        sys.exit(1)
    if _OUTPUT.value is not None:
        from pqrnn_tf.files import write_json

        write_json(pathlib.Path(_OUTPUT.value), record)
    print(json.dumps(record))


def evaluate() -> dict[str, Any]:
    """The record of the scores that the flags ask for."""
    from pqrnn_tf.datasets import load_languages, load_split
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.scoring import measure, open_model
    from tflite_export.model_card import mean_scores

    path = pathlib.Path(_MODEL.value)
    if path.suffix != ".keras":
        path = model_file(path)

    rows = load_languages(_DATA.value, _SPLIT.value, languages=_LANGUAGE.value)
    model = open_model(path)

    def scores(language: str) -> dict[str, Any]:
        def development() -> list[Example]:
            return load_split(_DATA.value, "dev", language=language)

        return measure(
            model,
            rows[language],
            development=None if _SPLIT.value == "dev" else development,
            typos=_TYPOS.value,
            seed=_TYPOS_SEED.value,
        )

    record = {"model": path.name, "bytes": path.stat().st_size, "split": _SPLIT.value}
    if len(rows) == 1:
        (language,) = rows
        return {**record, "language": language, **scores(language)}
    records = {language: scores(language) for language in rows}
    mean = mean_scores(list(records.values()))
    return {
        **record,
        "languages": records,
        "mean": {name: round(value, 2) for name, value in mean.items()},
    }


if __name__ == "__main__":
    app.run(main)
