"""What each choice gives: one change at a time to a small student of labels only, as `results/ablation.jsonl`.

`benchmarks/sweep.py` has the flags of all sweeps. A run keeps its `model.tflite` in `--work`, from where
`benchmarks.confusions` can take it.

    python -m benchmarks.ablation --workers 2
    python -m benchmarks.ablation --only 'no_*' --seeds 2
"""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks import tasks
from benchmarks.records import CORPORA, ROOT
from benchmarks.sweep import Run, add_sweep, sweep
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder, slots_of_tags

if TYPE_CHECKING:
    import numpy as np


NAME = "ablation"
BASE = "base"
"""Row that the differences are counted from."""
INDEPENDENT = "independent_decoding"
"""Row of the base's own model, whose tags are read one by one."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One change.

    Attributes:
        part: What is changed.
        title: How.
        changes: Fields of TrainingConfig, as name=value.
    """

    part: str
    title: str
    changes: tuple[str, ...] = ()


ROWS = {
    BASE: Row("", "the base"),
    "word_256": Row("projection", "256 word features instead of 512", ("spec.word_features=256",)),
    "word_1024": Row("projection", "1,024 word features", ("spec.word_features=1024",)),
    "more_features": Row(
        "projection",
        "1,024 word and 2,048 n-gram features",
        ("spec.word_features=1024", "spec.ngram_features=2048"),
    ),
    "no_ngrams": Row(
        "projection", "no character n-grams", ("spec.ngram_features=0", "spec.ngram_orders=[]")
    ),
    "ngrams_3": Row("projection", "3-grams instead of 3- and 4-grams", ("spec.ngram_orders=[3]",)),
    "ngrams_2_to_4": Row("projection", "2-grams too", ("spec.ngram_orders=[2, 3, 4]",)),
    "one_hash": Row("projection", "1 feature an n-gram instead of 4", ("spec.ngram_hashes=1",)),
    "no_shape": Row("projection", "no features of capitals and digits", ("spec.shape=false",)),
    "bottleneck_64": Row("encoder", "bottleneck of 64 instead of 128", ("bottleneck_units=64",)),
    "bottleneck_256": Row("encoder", "bottleneck of 256", ("bottleneck_units=256",)),
    "units_96": Row("encoder", "state of 96 instead of 64", ("units=96",)),
    "kernel_1": Row("encoder", "kernel of 1 word instead of 2", ("kernel_width=1",)),
    "kernel_3": Row("encoder", "kernel of 3 words", ("kernel_width=3",)),
    "layers_2": Row("encoder", "2 layers instead of 3", ("layers=2",)),
    "layers_4": Row("encoder", "4 layers", ("layers=4",)),
    "no_residual": Row("encoder", "no residual connections", ("residual=false",)),
    "pooling_f": Row("encoder", "f-pooling instead of fo-pooling", ('pooling="f"',)),
    "pooling_ifo": Row("encoder", "ifo-pooling", ('pooling="ifo"',)),
    "layer_norm": Row(
        "encoder", "layer instead of batch normalisation", ('normalization="layer"',)
    ),
    "no_zoneout": Row("regularisation", "no zoneout instead of 0.1", ("zoneout=0",)),
    "no_dropout": Row(
        "regularisation",
        "no dropout of features, layers and heads instead of 0.1",
        ("feature_dropout=0", "dropout=0", "head_dropout=0"),
    ),
    "no_smoothing": Row("loss", "no label smoothing instead of 0.05", ("label_smoothing=0",)),
    "slot_weight_1": Row("loss", "slot loss with weight 1 instead of 3", ("slot_weight=1",)),
    "plain_slots": Row("loss", "no head for nested slots", ("nested_weight=0",)),
    "no_average": Row("optimiser", "no average of the weights", ("average=0",)),
    "rate_third": Row(
        "optimiser", "peak learning rate of 0.001 instead of 0.003", ("learning_rate=0.001",)
    ),
    "no_warmup": Row("optimiser", "no warm-up instead of 5 %", ("warmup=0",)),
    "no_distortion": Row("data", "no typing errors in 3 % of the words", ("distortion=0",)),
    "distortion_10": Row("data", "typing errors in 10 % of the words", ("distortion=0.1",)),
    "no_substitution": Row("data", "no exchange of slot values in 30 %", ("substitution=0",)),
    INDEPENDENT: Row("decoder", "best tag of each token by itself, and best intent"),
}

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
    settings, inputs = tasks.corpus_settings(folder)
    runs = []
    for name, row in ROWS.items():
        student = tasks.student_settings(config, [f"epochs={epochs}", *row.changes])
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

    measured = tasks.execute(run, folder)
    if "decoding" in run.settings:
        parser = Parser(folder / "model.tflite")
        decoder = IndependentDecoder(parser.labels)

        def answers(texts: Sequence[str]) -> list[Answer]:
            found = [(text, parser.logits(text)) for text in texts]
            return [
                Answer(*decode_outputs(of, decoder, text=text), of["intent"]) for text, of in found
            ]

        model = FileModel(parser.labels, answers)
        development = load_split(run.inputs["data"], "dev")
        measured["scores"] = measure(model, development, typos=run.plain_settings["typos"])
        del measured["keras"]  # decoded as ever
    shutil.rmtree(folder / "training")  # checkpoints, ten times as large as what is worth keeping
    return measured


class IndependentDecoder(Decoder):
    """Reads the best intent, and the best tag of each token, whatever stands around it.

    As conlleval reads such tags: I-X or G-X that does not continue X begins a slot. Nested slots are not read.

    Args:
        labels: Names in the order of the logits.
    """

    def __call__(
        self,
        intent_logits: np.ndarray,
        slot_logits: np.ndarray,
        length: int,
        nested_logits: np.ndarray | None = None,
        *,
        alternatives: int = 0,
        text: str | None = None,
        spans: Sequence[tuple[int, int]] = (),
    ) -> DecodedParse:
        """Floats `(intents,)` and `(tokens, tags)`, of which the first `length` are read, to a parse."""
        del nested_logits, alternatives, text, spans
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


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("runs")
    parser.flag("data", "Folder of a corpus.", default=str(CORPORA / "mtop_en"), metavar="FOLDER")
    parser.flag(
        "student_config",
        "JSON file with fields of TrainingConfig: the base.",
        default=str(STUDENT),
        metavar="FILE",
    )
    parser.flag("epochs", "Passes over the training rows.", type=at_least(1), default=6)
    parser.flag("seeds", "Runs of every row.", type=at_least(1), default=1)
    add_sweep(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""

    def runs() -> list[Run]:
        return runs_of(
            arguments.data,
            arguments.student_config,
            epochs=arguments.epochs,
            seeds=arguments.seeds,
        )

    sweep(NAME, "benchmarks.ablation", arguments, runs, execute)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.ablation", __doc__, configure, run, sys.argv[1:]))
