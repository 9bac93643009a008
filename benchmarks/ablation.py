"""What each choice gives: one change at a time to a small student, on labels alone, as `results/ablation.jsonl`.

The rows are in `benchmarks/ablation_rows.py`; `benchmarks.sweep_flags` has the flags of all sweeps. A run keeps
its `model.tflite` in `--work`, from where `benchmarks.confusions` can take it.

    python -m benchmarks.ablation --workers 2
    python -m benchmarks.ablation --only 'no_*' --seeds 2
"""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from absl import app, flags

from benchmarks import sweep_flags, task_runs
from benchmarks.ablation_rows import INDEPENDENT, NAME, ROWS
from benchmarks.records import CORPORA, ROOT
from benchmarks.sweep import Run

if TYPE_CHECKING:
    import numpy as np

    from pqrnn_tf.tasks.decoding import Parse
    from pqrnn_tf.tasks.labels import LabelSet
    from pqrnn_tf.tasks.metrics import Answer

_DATA = flags.DEFINE_string("data", str(CORPORA / "mtop_en"), "Folder of a corpus.")
_STUDENT = flags.DEFINE_string(
    "student_config",
    str(ROOT / "benchmarks" / "distillation_student.json"),
    "JSON file with fields of TrainingConfig: the base.",
)
_EPOCHS = flags.DEFINE_integer("epochs", 6, "Passes over the training rows.", lower_bound=1)
_SEEDS = flags.DEFINE_integer("seeds", 1, "Runs of every row.", lower_bound=1)


def runs_of(folder: str, config: str, *, epochs: int, seeds: int) -> list[Run]:
    """The runs of the ablation.

    Args:
        folder: A corpus.
        config: JSON file with fields of TrainingConfig.
        epochs: Passes over its training rows.
        seeds: Runs of every row.

    Raises:
        DataError: if the folder holds no corpus, or a split of it cannot be read.
        OSError, ValueError: if the configuration cannot be read.
    """
    settings, inputs = task_runs.corpus_settings(folder)
    runs = []
    for name, row in ROWS.items():
        student = task_runs.student_settings(config, [f"epochs={epochs}", *row.changes])
        own = {**settings, "student": student}
        if name == INDEPENDENT:
            own["decoding"] = "independent"
        runs += [
            Run(row=name, seed=seed, settings=own, inputs=inputs) for seed in range(1, seeds + 1)
        ]
    return runs


def execute(run: Run, folder: pathlib.Path) -> dict[str, Any]:
    """Trains, exports and scores one student.

    Args:
        run: One of `runs_of`.
        folder: Its work folder; keeps `model.tflite`.
    """
    from pqrnn_tf.datasets import load_split
    from tflite_export.parser import Parser
    from tflite_export.scoring import FileModel, measure

    measured = task_runs.execute(run, folder)
    if run.row == INDEPENDENT:
        parser = Parser(folder / "model.tflite")
        model = FileModel(parser.labels, lambda texts: [_answer(parser, text) for text in texts])
        development = load_split(run.inputs["data"], "dev")
        measured["scores"] = measure(model, development, typos=run.plain_settings["typos"])
        del measured["keras"]  # decoded as ever
    shutil.rmtree(folder / "training")  # checkpoints, ten times as large as what is worth keeping
    return measured


def _answer(parser: Any, text: str) -> Answer:
    from pqrnn_tf.tasks.metrics import Answer

    outputs = parser.logits(text)
    length = int(outputs["length"])
    spans = [(int(start), int(end)) for start, end in outputs["spans"][:length]]
    parse = decode_independently(outputs["intent"], outputs["slots"][:length], parser.labels)
    return Answer(spans, parse, outputs["intent"])


def decode_independently(
    intent_logits: np.ndarray, slot_logits: np.ndarray, labels: LabelSet
) -> Parse:
    """The best intent, and the best tag of each token, whatever stands around it.

    As conlleval reads such tags: I-X or G-X that does not continue X begins a slot.

    Args:
        intent_logits: Floats `(intents,)`.
        slot_logits: Floats `(tokens, tags)`.
        labels: Names in the order of the logits.
    """
    from pqrnn_tf.tasks.decoding import Parse, slots_of_tags

    tags: list[str] = []
    previous = ""
    for column in slot_logits.argmax(axis=1).tolist():
        tag = labels.tags[column]
        if tag[0] in "IG" and tag[2:] != previous:
            tag = f"B-{tag[2:]}"
        previous = tag[2:]
        tags.append(tag)
    return Parse(
        intent=labels.intents[int(intent_logits.argmax())],
        score=0.0,
        slots=slots_of_tags(tuple(tags)),
        tags=tuple(tags),
    )


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")

    def runs() -> list[Run]:
        return runs_of(_DATA.value, _STUDENT.value, epochs=_EPOCHS.value, seeds=_SEEDS.value)

    sweep_flags.sweep(NAME, "benchmarks.ablation", runs, execute)


if __name__ == "__main__":
    app.run(main)
