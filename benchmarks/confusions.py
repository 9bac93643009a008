"""The most frequent confusions of some models on development rows, side by side: `results/confusions.json`.

    python -m benchmarks.confusions --data mtop --model mtop_en_1mb --model mtop_en_2mb \\
        --model "new one=runs/en/model.tflite"

What is compared are root intents and top-level slots. A slot is the tokens that it covers; those that are neither right
nor near anything are missed or invented. No text of the corpus is kept.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags

from benchmarks.confusion_counts import NAME, compare_models
from benchmarks.records import stamp, write_results
from recipes.development import read_parts

_MODEL = flags.DEFINE_multi_string(
    "model",
    None,
    "A .tflite or .keras file, or the name of a pretrained model; may be repeated. TITLE=FILE names it.",
    required=True,
)
_DATA = flags.DEFINE_multi_string(
    "data",
    None,
    "Folder of a corpus. May be repeated, and name its languages: FOLDER:de,fr or FOLDER:all.",
    required=True,
)
_COUNT = flags.DEFINE_integer("count", 20, "Confusions to keep.", lower_bound=1)


def _named_files(models: Sequence[str]) -> dict[str, pathlib.Path]:
    from pqrnn_tf.runtime.presets import model_file

    files = {}
    for text in models:
        title, equals, file = text.rpartition("=")
        if not equals and pathlib.Path(file).is_file():
            title = pathlib.Path(file).resolve().parent.name
        path = pathlib.Path(file) if file.endswith(".keras") else model_file(file)
        if files.setdefault(title or file, path) != path:
            raise ValueError(f"`--model` must give different titles. Received twice: {title!r}.")
    return files


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.tasks.scoring import open_model, score_answers

    made = stamp()
    try:
        parts = list(read_parts(_DATA.value))
        examples = [row for part in parts for row in part.rows]
        files = _named_files(_MODEL.value)
        texts = [row.text for row in examples]
        answers = {title: open_model(path).answers(texts) for title, path in files.items()}
    except (OSError, ValueError) as error:
        print(f"confusions: {error}", file=sys.stderr)
        sys.exit(1)
    models = {
        title: {"bytes": path.stat().st_size, **score_answers(examples, answers[title]).to_dict()}
        for title, path in files.items()
    }
    write_results(
        NAME,
        {
            "parts": [part.describe() for part in parts],
            "rows": len(examples),
            "models": models,
            **compare_models(examples, answers, count=_COUNT.value),
        },
        made,
    )


if __name__ == "__main__":
    app.run(main)
