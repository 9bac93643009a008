"""Scores a model on a split of a data folder: intent accuracy, slot F1 and flat exact match.

The model is a `.keras` file or a `.tflite` file; the latter runs on the stock runtime, as on a device. Every row
counts; rows that could not be aligned are reported and count as they stand. Where the corpus has rows out of scope,
`out_of_scope` says how well they are told from the others; the threshold is chosen on development rows (on the
split `dev` itself, on the half that is not scored). `--typos` also scores the rows with typing errors in that share
of their words, and says what they cost.

    python -m pqrnn_tf.evaluate --model runs/en/model.tflite --data mtop --split dev
    python -m pqrnn_tf.evaluate --model runs/en/model.tflite --data snips --typos 0.1 --typos 0.2
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from absl import app, flags

from pqrnn_tf.projection.tflite_op import TfliteOpError

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
    "language", "en", "Language of the rows; MTOP has en, de, es, fr, hi and th."
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
    from pqrnn_tf.datasets import OUT_OF_SCOPE, keyboard_typos, load_split
    from pqrnn_tf.tasks.out_of_scope import ScopeRows, score_scope
    from tflite_export.pretrained import model_file
    from tflite_export.scoring import open_model, score_answers

    path = pathlib.Path(_MODEL.value)
    if path.suffix != ".keras":
        path = model_file(path)
    examples = load_split(_DATA.value, _SPLIT.value, language=_LANGUAGE.value)
    noisy = {
        share: keyboard_typos(examples, share=share, seed=_TYPOS_SEED.value)
        for share in _TYPOS.value
    }
    model = open_model(path)
    answers = model.answers([example.text for example in examples])
    scores = score_answers(examples, answers)
    record = {
        "model": path.name,
        "bytes": path.stat().st_size,
        "split": _SPLIT.value,
        "language": _LANGUAGE.value,
        **scores.to_dict(),
    }
    outside = sum(example.intent == OUT_OF_SCOPE for example in examples)
    # Two of either kind are the fewest that can be cut in halves.
    if min(outside, len(examples) - outside) > 1:
        rows = ScopeRows.of(examples, [answer.intent_logits for answer in answers], model.labels)
        development = None
        if _SPLIT.value != "dev":
            held_out = load_split(_DATA.value, "dev", language=_LANGUAGE.value)
            logits = [
                answer.intent_logits for answer in model.answers([row.text for row in held_out])
            ]
            development = ScopeRows.of(held_out, logits, model.labels)
        record["out_of_scope"] = score_scope(rows, development=development).to_dict()
    if noisy:
        record["typos"] = []
    for share, changed in noisy.items():
        under = model.score(changed)
        lost = round(scores.flat_exact_match - under.flat_exact_match, 2)
        record["typos"].append(
            {"share": share, "seed": _TYPOS_SEED.value, "lost": lost, **under.to_dict()}
        )
    return record


if __name__ == "__main__":
    app.run(main)
