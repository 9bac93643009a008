"""Our model, a BiLSTM and a Transformer, trained on the same rows of MTOP's six languages for the same steps.

    python -m recipes.six_languages --data mtop_en --data mtop_flat:de,es,fr,hi,th --development mtop_parallel:all \\
        --templates recipes/mtop_templates --template_rows 6000 \\
        --config recipes/students/six_languages.json --only pqrnn --only bilstm --output runs/six

All see the same batches in the same order, and share heads, losses, decoder, schedule and seed. A killed run is
resumed; `--only bilstm` does a part. The folders OUTPUT/SYSTEM can teach (`distill --fine_tuned`);
`benchmarks.six_languages` takes the same flags and scores them.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands import config_flags, data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import write_json

if TYPE_CHECKING:
    from pqrnn_tf.runtime.labels import LabelSet
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel


@dataclasses.dataclass(frozen=True)
class System:
    """What is compared.

    Attributes:
        title: Its name on the page.
        model: Makes a new model from configuration, labels, training rows and output folder.
        words: Whether it is a model over words, see `recipes.baselines`.
        learning_rate: Peak learning rate; `None` for the configuration's.
    """

    title: str
    model: Callable[[TrainingConfig, LabelSet, Sequence[Example], pathlib.Path], IntentSlotModel]
    words: bool = True
    learning_rate: float | None = None


def _pqrnn(
    config: TrainingConfig, labels: LabelSet, _: Sequence[Example], __: pathlib.Path
) -> IntentSlotModel:
    from pqrnn_tf.tasks.training import build_model

    return build_model(config, labels)


def _bilstm(*arguments: Any) -> IntentSlotModel:
    from recipes.baselines.bilstm import PIECES, BiLSTMEncoder

    return _word_model(PIECES, BiLSTMEncoder, *arguments)


def _transformer(*arguments: Any) -> IntentSlotModel:
    from recipes.baselines.transformer import PIECES, TransformerEncoder

    return _word_model(PIECES, TransformerEncoder, *arguments)


def _word_model(
    pieces: int,
    encoder: Callable[[int], Any],
    config: TrainingConfig,
    labels: LabelSet,
    examples: Sequence[Example],
    folder: pathlib.Path,
) -> IntentSlotModel:
    """A baseline of the right size, its weights drawn by the configuration's seed."""
    import keras

    from recipes.baselines.words import WordModel, learn_vocabulary

    kept = folder.with_name(f"vocabulary_{pieces}_{fingerprint(examples)}.json")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_json(kept, list(learn_vocabulary(examples, config.spec, pieces)))
    vocabulary = json.loads(kept.read_text(encoding="utf-8"))
    keras.utils.set_random_seed(config.seed)
    model = WordModel(
        vocabulary=vocabulary,
        encoder=encoder(len(vocabulary)),
        labels=labels,
        spec=config.spec,
        dropout=config.head_dropout,
    )
    model.build_from_config({})
    return model


SYSTEMS = {
    "pqrnn": System("pQRNN", _pqrnn, words=False, learning_rate=4e-3),
    "bilstm": System("BiLSTM", _bilstm),
    "transformer": System("Transformer", _transformer, learning_rate=1e-3),
}


def fingerprint(examples: Sequence[Example]) -> str:
    """Digest of some rows."""
    from pqrnn_tf.tasks.training_data import ExampleData

    return ExampleData(examples).fingerprint


@dataclasses.dataclass(frozen=True)
class Trained:
    """A system after its training.

    Attributes:
        model: The model, with the weights after the last step.
        learning_rate: Peak learning rate.
        steps: Optimizer steps.
        seconds: Seconds that the training took; `None` where it was resumed or found finished.
    """

    model: IntentSlotModel
    learning_rate: float
    steps: int
    seconds: float | None


def train_system(
    name: str,
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    folder: pathlib.Path,
    *,
    steps: int | None = None,
    check_size: bool = False,
    evaluate_every: int = 10,
    verbose: int = 2,
) -> Trained:
    """Trains one system, or resumes its training.

    Args:
        name: One of `SYSTEMS`.
        config: What all systems have in common; our model's sizes beside.
        examples: Training rows.
        development: Rows that are scored during the training, of any number of languages.
        folder: Output folder of the training.
        steps: Optimizer steps; `None` for the configuration's epochs.
        check_size: Whether a baseline must have the parameters that the comparison allows.
        evaluate_every, verbose: As in `fit_resumable`.

    Raises:
        SizeError: if a baseline has another size than `check_size` asks for.
    """
    from pqrnn_tf.tasks.engine import Rounds
    from pqrnn_tf.tasks.label_collection import labels_for
    from pqrnn_tf.tasks.training import fit_resumable
    from pqrnn_tf.tasks.training_data import ExampleData, augmentation
    from recipes.baselines.words import WordModel, word_spec

    system = SYSTEMS[name]
    if system.words:
        config = dataclasses.replace(config, spec=word_spec(config.spec))
    if system.learning_rate is not None:
        config = dataclasses.replace(config, learning_rate=system.learning_rate)
    model = system.model(config, labels_for(config, examples), examples, folder)
    if check_size and isinstance(model, WordModel):
        model.check_size()
    data = ExampleData(examples, augmentation(config, examples), with_text=system.words)
    fresh = not folder.exists()
    begin = time.perf_counter()
    fit_resumable(
        model,
        model,
        config,
        data,
        development,
        folder,
        evaluate_every=evaluate_every,
        verbose=verbose,
        steps=steps,
        identity={"system": name} if system.words else None,
    )
    seconds = time.perf_counter() - begin
    return Trained(
        model=model,
        learning_rate=config.learning_rate,
        steps=Rounds.of(data, config.batch_size, epochs=config.epochs, steps=steps).total,
        seconds=round(seconds, 1) if fresh else None,
    )


def configure(parser: CommandParser) -> None:
    """Declares the flags for rows, configuration and systems."""
    data_flags.add_training_data(parser)
    config_flags.add_config(parser)
    parser.section("systems")
    parser.flag("only", "A system; all if not given.", choices=list(SYSTEMS), repeat=True)
    parser.flag(
        "steps",
        "Optimizer steps of each.",
        type=at_least(1),
        shown="the configuration's epochs",
    )
    config_flags.add_run(parser, "Folder for the folders of the systems.")
    config_flags.add_scoring(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_training_data(arguments)
    log_to_stderr()
    config = config_flags.read_configuration(arguments)
    rows = data_flags.read_training_data(arguments)
    for name in arguments.only or SYSTEMS:
        trained = train_system(
            name,
            config,
            rows.training,
            rows.development,
            pathlib.Path(arguments.output) / name,
            steps=arguments.steps,
            evaluate_every=arguments.evaluate_every,
            verbose=arguments.verbose,
        )
        print(json.dumps({name: {"steps": trained.steps}}), flush=True)


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.six_languages", __doc__, configure, run, sys.argv[1:]))
