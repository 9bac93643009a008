"""Training of the joint model: configuration, schedule, checkpoints and resuming."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
from absl import logging

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.optimizers import build_optimizer
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.tasks.training_data import ExampleData, TrainingData, augmentation

if TYPE_CHECKING:
    pass

CHECKPOINT_STEPS = 500
"""A checkpoint is written after each pass over the data, and at least after so many steps."""


class ResumeError(ValueError):
    """An output folder that belongs to another training."""


def build_model(config: TrainingConfig, labels: LabelSet) -> IntentSlotModel:
    """A new model, its weights drawn by the configuration's seed."""
    keras.utils.set_random_seed(config.seed)
    encoder = PQRNNEncoder(**config.encoder_arguments(), name="encoder")
    model = IntentSlotModel(
        labels=labels, spec=config.spec, encoder=encoder, dropout=config.head_dropout
    )
    model.build_from_config(model.get_build_config())
    return model


@dataclasses.dataclass(frozen=True)
class Rounds:
    """How the steps of a training are cut into rounds, after each of which a checkpoint is written.

    Attributes:
        count: Rounds.
        steps: Steps of a round.
        pass_steps: Steps of a pass over the data.
    """

    count: int
    steps: int
    pass_steps: int

    @classmethod
    def of(cls, data: TrainingData, batch_size: int, *, epochs: int, steps: int | None) -> Rounds:
        """A round is a pass where that is short enough; all rounds are equally long.

        Args:
            data: What is passed over.
            batch_size: Rows of a step.
            epochs: Passes, where `steps` is not given.
            steps: Steps in all, rounded up to whole rounds.
        """
        pass_steps = -(-data.rows // batch_size)
        total = epochs * pass_steps if steps is None else steps
        count = -(-total // min(pass_steps, CHECKPOINT_STEPS))
        return cls(count, -(-total // count), pass_steps)

    @property
    def total(self) -> int:
        """Steps in all."""
        return self.count * self.steps

    def passes_after(self, rounds: int) -> int | float:
        """Passes over the data that so many rounds make."""
        passes = rounds * self.steps / self.pass_steps
        return int(passes) if passes.is_integer() else round(passes, 2)


class RoundSeeds(keras.callbacks.Callback):
    """Seeds dropout and zoneout anew in each round, so that a restart changes nothing.

    A checkpoint holds weights and optimizer, but not the state of the random number generators.

    Args:
        seed: Seed of the training.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Draws the seeds from the round's number alone."""
        rng = random.Random(f"{self._seed}-{epoch}-dropout")
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                variable.assign([rng.getrandbits(31), 0])


@contextlib.contextmanager
def averaged_weights(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> Iterator[None]:
    """Puts the optimizer's moving averages into the model, and exactly what was there back."""
    if not optimizer.use_ema:
        yield
        return
    saved = [keras.ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, saved, strict=True):
            variable.assign(value)


class DevelopmentScores(keras.callbacks.Callback):
    """Scores the development set with the averaged weights and appends a JSON line to a log."""

    def __init__(
        self,
        student: IntentSlotModel,
        examples: Sequence[Example],
        log: pathlib.Path,
        every: int,
        rounds: Rounds,
    ):
        super().__init__()
        self._student = student
        self._examples = examples
        self._log = log
        self._every = every
        self._rounds = rounds

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Scores each `every`-th round and the last one."""
        done = epoch + 1
        record: dict[str, Any] = {
            "epoch": self._rounds.passes_after(done),
            "step": done * self._rounds.steps,
            **{name: round(float(value), 6) for name, value in (logs or {}).items()},
        }
        if self._examples and (done == self._rounds.count or done % self._every == 0):
            with averaged_weights(self.model.optimizer, self.model):
                record["dev"] = score_model(self._student, self._examples).to_dict()
            logging.info("epoch %s: %s", record["epoch"], json.dumps(record["dev"]))
        with open(self._log, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def claim_folder(output: pathlib.Path, identity: dict[str, Any]) -> None:
    """Makes an output folder for a training, or checks that it is a former run of the same one.

    Raises:
        ResumeError: if the folder holds a training with another identity.
    """
    output.mkdir(parents=True, exist_ok=True)
    path = output / "training.json"
    if not path.exists():
        write_json(path, identity)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if before != json.loads(json.dumps(identity)):
        differing = sorted(k for k in {*before, *identity} if before.get(k) != identity.get(k))
        raise ResumeError(
            f"`output` {str(output)!r} holds another training; these differ: {differing}. "
            "Choose another folder, or delete this one to start anew."
        )


def train(
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    evaluate_every: int = 5,
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a joint model; a killed training resumes from its last finished epoch to the same result.

    Args:
        config: What to train.
        examples: Training rows; rows without slots teach their intent only.
        development: Rows to score during training; never trained on. May be empty.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and the checkpoint.
        evaluate_every: Epochs between scores.
        verbose: As in `model.fit`.

    Returns:
        The model with its averaged weights, also saved as `model.keras`.

    Raises:
        ResumeError: if `output` holds a training with another configuration or other data.
        ValueError: if there are no examples.
    """
    model = build_model(config, labels_for(config, examples))
    fit_resumable(
        model,
        model,
        config,
        ExampleData(examples, augmentation(config, examples)),
        development,
        pathlib.Path(output),
        evaluate_every=evaluate_every,
        verbose=verbose,
    )
    return model


def fit_resumable(
    trained: keras.Model,
    student: IntentSlotModel,
    config: TrainingConfig,
    data: TrainingData,
    development: Sequence[Example],
    folder: pathlib.Path,
    *,
    evaluate_every: int,
    verbose: int | str,
    steps: int | None = None,
    identity: dict[str, Any] | None = None,
) -> None:
    """Compiles and fits with checkpoints, development scores and averaged weights; saves the student.

    Args:
        trained: What `fit` runs on: the student itself, or a distiller around it.
        student: What is scored and saved.
        config: Optimizer, batch size, seed, and epochs where `steps` is not given.
        data: What to learn from.
        development: Rows to score; may be empty.
        folder: Output folder.
        evaluate_every: Rounds between scores. A round is a pass over the data, or a part of at most
            `CHECKPOINT_STEPS` steps of a longer one.
        verbose: As in `fit`.
        steps: Optimizer steps in all; `None` for `config.epochs` passes over the data.
        identity: What decides the result beside configuration and data.

    Raises:
        ResumeError: if `folder` holds another training.
        ValueError: if there are no rows.
    """
    if not data.rows:
        raise ValueError("`data` must hold at least one row. Received: none.")
    claim_folder(
        folder,
        {
            "config": config.to_dict(),
            "labels": student.labels.to_dict(),
            "data": data.fingerprint,
            **({} if steps is None else {"steps": steps}),
            **(identity or {}),
        },
    )
    write_json(folder / "labels.json", student.labels.to_dict())
    rounds = Rounds.of(data, config.batch_size, epochs=config.epochs, steps=steps)
    losses = student.losses_of(config.label_smoothing)
    trained.compile(
        optimizer=build_optimizer(config, rounds.total),
        loss=losses,
        loss_weights={name: config.loss_weights[name] for name in losses},
        metrics=None,  # the development rows are parsed and scored
        jit_compile=False,  # XLA would compile anew for each length of a bucket
    )
    backup = keras.callbacks.BackupAndRestore(
        str(folder / "checkpoint"), double_checkpoint=True, delete_checkpoint=False
    )
    done = _restored_rounds(backup, trained, folder / "checkpoint")
    passes, seen = divmod(done * rounds.steps, rounds.pass_steps)
    endless = data.batches(
        student.labels,
        config.spec,
        batch_size=config.batch_size,
        seed=config.seed,
        epoch=itertools.count(passes).__next__,
    ).repeat()
    trained.fit(
        endless.skip(seen),
        epochs=rounds.count,
        steps_per_epoch=rounds.steps,
        callbacks=[
            backup,
            RoundSeeds(config.seed),
            DevelopmentScores(student, development, folder / "log.jsonl", evaluate_every, rounds),
        ],
        verbose=verbose,
        shuffle=False,
    )
    save_model(student, folder)


def save_model(model: keras.Model, folder: pathlib.Path) -> None:
    """Writes `model.keras` into a folder; it appears when it is complete."""
    temporary = folder / "model.tmp.keras"
    model.save(temporary)
    os.replace(temporary, folder / "model.keras")


def _restored_rounds(
    backup: keras.callbacks.BackupAndRestore, trained: keras.Model, folder: pathlib.Path
) -> int:
    """Restores the checkpoint ahead of `fit`, because the data must know where to go on."""
    backup.set_model(trained)
    backup.on_train_begin()
    notes = folder / "training_metadata.json"
    return json.loads(notes.read_text(encoding="utf-8"))["epoch"] if notes.exists() else 0
