"""The one engine of training: rounds, checkpoints, development scores, and resuming to the same result."""

from __future__ import annotations

import dataclasses
import itertools
import json
import logging
import math
import pathlib
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from pqrnn_tf.files import claimed_folder, json_line, write_bytes, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.optimizers import AveragedWeights, inner_optimizer
from pqrnn_tf.tasks.training_data import TrainingData

_LOG = logging.getLogger(__name__)

CHECKPOINT_STEPS = 500
"""A round is a pass over the data, or a part of one of at most so many steps."""
_ROWS_TO_A_SCORED_ONE = 10 / 3
"""Rows that are trained on to each that is scored: a forward pass takes about a third of a step's time."""
CHECKPOINT_SECONDS = 20.0
"""After a round a checkpoint is written, unless the last one is younger than this."""
MANY_ROWS_OF_A_PASS = 20_000
"""Rows from which on it is told that a pass begins: before its first step they are all written again and sorted by
length, which takes minutes for some hundred thousand."""
SCORE = "flat_exact_match"
"""The development score that tells which round is the best one."""

_STATE = "state.json"


@dataclasses.dataclass(frozen=True)
class Rounds:
    """How the steps of a training are cut into rounds, after which it is scored and can be resumed.

    Attributes:
        count: Rounds.
        steps: Steps of a round.
        pass_steps: Steps of a pass over the data.
    """

    count: int
    steps: int
    pass_steps: int

    @classmethod
    def of(
        cls,
        data: TrainingData,
        batch_size: int,
        *,
        epochs: int,
        steps: int | None,
        scored: int = 0,
    ) -> Rounds:
        """A round is a pass where that is short enough; all rounds are equally long.

        Args:
            data: What is passed over.
            batch_size: Rows of a step.
            epochs: Passes, where `steps` is not given.
            steps: Steps in all, rounded up to whole rounds.
            scored: Rows that the trained model itself scores after each round: where they are many, rounds are longer
                than `CHECKPOINT_STEPS`, so that this takes about a tenth of the time.

        Raises:
            ValueError: if there are no rows.
        """
        if not data.rows:
            raise ValueError("`data` must hold at least one row. Received: none.")
        pass_steps = -(-data.rows // batch_size)
        total = epochs * pass_steps if steps is None else steps
        longest = max(CHECKPOINT_STEPS, round(scored * _ROWS_TO_A_SCORED_ONE / batch_size))
        count = -(-total // min(pass_steps, longest))
        return cls(count, -(-total // count), pass_steps)

    @property
    def total(self) -> int:
        """Steps in all."""
        return self.count * self.steps

    def passes_after(self, rounds: int) -> int | float:
        """Passes over the data that so many rounds make."""
        passes = rounds * self.steps / self.pass_steps
        return int(passes) if passes.is_integer() else round(passes, 2)


@dataclasses.dataclass(frozen=True)
class Report:
    """What a training did.

    Attributes:
        history: One dictionary for each round, as in `log.jsonl`: `epoch` (passes so far), `step`, the means
            of the losses and metrics, `seconds`, and `dev`, scores by name, where it was scored.
        kept: Round, from 1, whose weights the model has now.
    """

    history: tuple[dict[str, Any], ...]
    kept: int


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
        """Draws the seeds from the number of the round and nothing else."""
        rng = random.Random(f"{self._seed}-{epoch}-dropout")
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                variable.assign([rng.getrandbits(31), 0])


def build_loss(model: keras.Model, labels: LabelSet) -> None:
    """Makes the variables of a compiled model's losses, which Keras makes in the first step.

    A step that makes variables is traced twice, which takes longer than a short training.

    Args:
        model: The model, compiled with losses for `"intent"`, `"slots"` and, where there are any, `"nested"`.
        labels: Sizes of the outputs.
    """
    sizes = {"intent": len(labels.intents), "slots": len(labels.tags), "nested": len(labels.nested)}
    shapes = {"intent": (1,), "slots": (1, 1), "nested": (1, 1)}
    targets = {name: keras.ops.zeros(shapes[name], "int32") for name in sizes if sizes[name]}
    outputs = {name: keras.ops.zeros((*shapes[name], sizes[name])) for name in targets}
    keras.Model.compute_loss(model, None, targets, outputs)  # not what a distiller makes of it


def run(
    trained: keras.Model,
    kept: keras.Model,
    data: TrainingData,
    rounds: Rounds,
    folder: pathlib.Path,
    *,
    identity: Mapping[str, Any],
    labels: LabelSet,
    spec: ProjectionSpec,
    batch_size: int,
    seed: int,
    score: Callable[[], Mapping[str, float]] | None = None,
    evaluate_every: int = 1,
    keep_best: bool = False,
    patience: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> Report:
    """Fits a compiled model in a folder; a killed run resumes to the same result.

    The folder is claimed for `identity`. After each round the development rows are scored, with averaged weights
    where the optimizer has them, a line is added to `log.jsonl`, and a checkpoint is written: weights, optimizer
    and history together, so that they are always of one round. A run that is killed at any moment repeats what
    came after the last checkpoint. A run that fails before the first one leaves no claim behind.

    Args:
        trained: What `fit` runs on, compiled and built: the model itself, or one around it.
        kept: The model whose weights are scored and kept; `trained` or a part of it.
        data: Training data.
        rounds: How its steps are cut.
        folder: Folder for `training.json`, `log.jsonl` and `checkpoint/`.
        identity: All that decides the result, of plain JSON types.
        labels, spec, batch_size, seed: As in `TrainingData.batches`; the seed is also that of dropout.
        score: Scores `kept` on the development rows; numbers by name, `SCORE` among them. Other callbacks find
            them in their `logs`, under `"dev_"` and the name.
        evaluate_every: Rounds between scores; the last round is scored too.
        keep_best: Whether `kept` ends with the weights of the first round with the best score instead of those
            of the last round.
        patience: Stops after so many scores without a better one; 0 never stops.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The report.

    Raises:
        FloatingPointError: if the loss of a round is not finite.
        ResumeError: if `folder` holds other work.
        ValueError: if `keep_best` or `patience` is given without `score`, or a number is out of range.
    """
    for name, value, least in (("evaluate_every", evaluate_every, 1), ("patience", patience, 0)):
        if value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {value}.")
    if score is None and (keep_best or patience):
        raise ValueError(
            "Development rows must be given where the best score decides. Received: none, with "
            f"keep_best={keep_best} and patience={patience}."
        )
    state = folder / "checkpoint" / _STATE
    with claimed_folder(folder, identity, begun=state.is_file):
        # Keras builds it in the first step, and restores nothing into one that is not built.
        trained.optimizer.build(trained.trainable_variables)
        journal = _Journal(kept, rounds, folder, score, evaluate_every, keep_best, patience)
        journal.set_model(trained)
        done = journal.resume()
        passes, seen = divmod(done * rounds.steps, rounds.pass_steps)
        numbers = itertools.count(passes)

        def begin_pass() -> int:
            number = next(numbers)
            left = rounds.total - number * rounds.pass_steps
            if data.rows >= MANY_ROWS_OF_A_PASS and left > 0:
                # Whole rounds may reach a little into one pass more.
                part = f", for its first {left} steps" if left < rounds.pass_steps else ""
                told = f"pass {number + 1} begins{part}: its {data.rows:,} rows are prepared"
                _LOG.info("%s", told)
            return number

        endless = data.batches(
            labels,
            spec,
            batch_size=batch_size,
            seed=seed,
            epoch=begin_pass,
        ).repeat()
        # Keras' own loop: what a model's `fit` adds to it, such as averaged weights, is the journal's here.
        keras.Model.fit(
            trained,
            endless.skip(seen),
            initial_epoch=done,
            epochs=done if journal.is_over else rounds.count,
            steps_per_epoch=rounds.steps,
            callbacks=[RoundSeeds(seed), journal, *callbacks],
            verbose=verbose,
            shuffle=False,
        )
        return journal.finish()


class _Journal(keras.callbacks.Callback):
    """Ends each round: score, best weights, patience, checkpoint, line of the log."""

    def __init__(
        self,
        kept: keras.Model,
        rounds: Rounds,
        folder: pathlib.Path,
        score: Callable[[], Mapping[str, float]] | None,
        evaluate_every: int,
        keep_best: bool,
        patience: int,
    ) -> None:
        super().__init__()
        self._kept = kept
        self._rounds = rounds
        self._folder = folder / "checkpoint"
        self._log = folder / "log.jsonl"
        self._score = score
        self._every = evaluate_every
        self._keep_best = keep_best
        self._patience = patience
        self._history: list[dict[str, Any]] = []
        self._written = -math.inf
        self._began = 0.0

    def resume(self) -> int:
        """Takes up the newest checkpoint, if there is one; returns how many rounds are done."""
        state = self._folder / _STATE
        if state.is_file():
            values = json.loads(state.read_text(encoding="utf-8"))
            self.model.load_weights(self._folder / values["weights"])
            self._history = values["history"]
            self._write_log()
        best = self._best()
        self._keeper = keras.callbacks.ModelCheckpoint(
            # A format, so that braces in the folder's name are doubled.
            re.sub("[{}]", r"\g<0>\g<0>", str(self._folder)) + "/best-{epoch:05d}.weights.h5",
            monitor=f"dev_{SCORE}",
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=None if best is None else self._history[best - 1]["dev"][SCORE],
        )
        self._keeper.set_model(self._kept)
        self._stopper = keras.callbacks.EarlyStopping(
            monitor=f"dev_{SCORE}", mode="max", patience=self._patience
        )
        self._stopper.set_model(self.model)
        self._stopper.on_train_begin()
        self.model.stop_training = False
        for number, record in enumerate(self._history):
            self._count_patience(number, _in_logs(record.get("dev", {})))
        self._is_stopped = bool(self.model.stop_training)
        return len(self._history)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to train, as far as the checkpoint tells."""
        return self._is_stopped or len(self._history) >= self._rounds.count

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Notes the time."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Ends a round."""
        logs = {} if logs is None else logs
        done = epoch + 1
        record: dict[str, Any] = {
            "epoch": self._rounds.passes_after(done),
            "step": done * self._rounds.steps,
            **{name: round(float(value), 6) for name, value in logs.items()},
        }
        if not math.isfinite(logs.get("loss", 0.0)):
            raise FloatingPointError(
                f"The loss must be finite. Received: {logs['loss']} after {record['step']} steps. Lower "
                "`learning_rate` or lengthen `warmup`."
            )
        last = done == self._rounds.count
        if self._score is not None and (last or done % self._every == 0):
            averages = AveragedWeights()
            averages.set_model(self.model)
            if inner_optimizer(self.model.optimizer).use_ema:
                averages.on_epoch_end(epoch)
            record["dev"] = dict(self._score())
            logs.update(_in_logs(record["dev"]))
            if self._keep_best:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._keeper.on_epoch_end(epoch, logs)
            averages.on_epoch_begin(epoch)  # a checkpoint has the weights that are trained
            self._count_patience(epoch, logs)
            _LOG.info("epoch %s: %s", record["epoch"], json.dumps(record["dev"]))
        record["seconds"] = round(time.perf_counter() - self._began, 3)
        self._history.append(record)
        last = last or bool(self.model.stop_training)
        if last or time.monotonic() - self._written >= CHECKPOINT_SECONDS:
            self._write_state(done)
        with open(self._log, "a", encoding="utf-8") as file:
            file.write(json_line(record) + "\n")

    def finish(self) -> Report:
        """Gives the model the weights that are to be kept."""
        best = self._best() if self._keep_best else None
        if best is not None:
            self._kept.load_weights(self._best_weights(best))
        return Report(tuple(self._history), best or len(self._history))

    def _count_patience(self, number: int, logs: Mapping[str, Any]) -> None:
        if self._patience and f"dev_{SCORE}" in logs:
            self._stopper.on_epoch_end(number, logs)

    def _best(self) -> int | None:
        """The first round, from 1, with the highest score."""
        scores = [record.get("dev", {}).get(SCORE, -math.inf) for record in self._history]
        best = max(scores, default=-math.inf)
        return None if best == -math.inf else scores.index(best) + 1

    def _best_weights(self, number: int) -> pathlib.Path:
        return self._folder / f"best-{number:05d}.weights.h5"

    def _write_state(self, done: int) -> None:
        """Writes weights, then the file that names them, then deletes what is older."""
        self._folder.mkdir(parents=True, exist_ok=True)
        weights = self._folder / f"round-{done:05d}.weights.h5"
        self.model.save_weights(weights, overwrite=True)
        write_json(self._folder / _STATE, {"weights": weights.name, "history": self._history})
        best = self._best()
        current = {weights} if best is None else {weights, self._best_weights(best)}
        for path in set(self._folder.glob("*.weights.h5")) - current:
            path.unlink()
        self._written = time.monotonic()

    def _write_log(self) -> None:
        lines = "".join(f"{json_line(record)}\n" for record in self._history)
        write_bytes(self._log, lines.encode("utf-8"))


def _in_logs(scores: Mapping[str, float]) -> dict[str, float]:
    return {f"dev_{name}": value for name, value in scores.items()}
