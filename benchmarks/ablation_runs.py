"""The runs of `benchmarks.ablation`: a small student with one change."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks import task_runs
from benchmarks.ablation_rows import INDEPENDENT, ROWS
from benchmarks.records import ROOT
from benchmarks.sweep import Run

if TYPE_CHECKING:
    import numpy as np

    from pqrnn_tf.runtime.decoding import DecodedParse
    from pqrnn_tf.runtime.labels import LabelSet

STUDENT = ROOT / "recipes" / "students" / "distillation.json"
"""The base."""


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
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.runtime.results import decode_outputs
    from pqrnn_tf.tasks.metrics import Answer
    from pqrnn_tf.tasks.scoring import FileModel, measure

    measured = task_runs.execute(run, folder)
    if "decoding" in run.settings:
        parser = Parser(folder / "model.tflite")
        decoder = IndependentDecoder(parser.labels)

        def answers(texts: Sequence[str]) -> list[Answer]:
            found = [parser.logits(text) for text in texts]
            return [Answer(*decode_outputs(of, decoder), of["intent"]) for of in found]

        model = FileModel(parser.labels, answers)
        development = load_split(run.inputs["data"], "dev")
        measured["scores"] = measure(model, development, typos=run.plain_settings["typos"])
        del measured["keras"]  # decoded as ever
    shutil.rmtree(folder / "training")  # checkpoints, ten times as large as what is worth keeping
    return measured


class IndependentDecoder:
    """Reads the best intent, and the best tag of each token, whatever stands around it.

    As conlleval reads such tags: I-X or G-X that does not continue X begins a slot. Nested slots are not read.

    Args:
        labels: Names in the order of the logits.
    """

    def __init__(self, labels: LabelSet) -> None:
        self.labels = labels

    def __call__(
        self,
        intent_logits: np.ndarray,
        slot_logits: np.ndarray,
        length: int,
        nested_logits: np.ndarray | None = None,
    ) -> DecodedParse:
        """Floats `(intents,)` and `(tokens, tags)`, of which the first `length` are read, to a parse."""
        from pqrnn_tf.runtime.decoding import DecodedParse, slots_of_tags

        del nested_logits
        tags: list[str] = []
        previous = ""
        for column in slot_logits[:length].argmax(axis=1).tolist():
            tag = self.labels.tags[column]
            if tag[0] in "IG" and tag[2:] != previous:
                tag = f"B-{tag[2:]}"
            previous = tag[2:]
            tags.append(tag)
        return DecodedParse(
            intent=self.labels.intents[int(intent_logits.argmax())],
            score=0.0,
            slots=slots_of_tags(tuple(tags)),
            tags=tuple(tags),
        )
