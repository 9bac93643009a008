"""Fine-tuning a BERT teacher on intents and slots."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import pathlib
import tempfile
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.teachers.bert.tfhub_bert import TFHubBertTeacher

_LOG = logging.getLogger(__name__)

Batches: TypeAlias = tf.data.Dataset | Callable[[int], tf.data.Dataset]
"""Batches of one epoch, or a function from the epoch's number to them."""

_INPUTS = ("text", "spans", "lengths")


@dataclasses.dataclass(frozen=True)
class FinetuneReport:
    """What a fine-tuning did.

    Attributes:
        history: One dictionary an epoch: `epoch`, `loss`, `intent_loss`, `slot_loss`, `seconds`, and
            `score` where there is a development measure.
        best_epoch: Epoch whose weights the teacher has now, from 0; the last where there is no
            development measure.
        best_score: Its score, `None` where there is no development measure.
    """

    history: tuple[dict[str, float], ...]
    best_epoch: int
    best_score: float | None


def finetune_teacher(
    teacher: TFHubBertTeacher,
    train: Batches,
    dev: tf.data.Dataset | None = None,
    *,
    epochs: int,
    learning_rate: float = 5e-5,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    slot_loss_weight: float = 1.0,
    steps_per_epoch: int | None = None,
    dev_metric: Callable[[TFHubBertTeacher], float] | None = None,
    patience: int | None = None,
    checkpoint_dir: str | os.PathLike[str] | None = None,
    seed: int = 0,
    verbose: int = 1,
) -> FinetuneReport:
    """Trains encoder and heads on labelled batches; the teacher is changed in place.

    Cross-entropy of the intent plus `slot_loss_weight` times the mean cross-entropy of the labelled
    tokens, AdamW with linear warm-up and linear decay to zero, gradients clipped to norm 1, no weight
    decay on biases and layer norms: Devlin et al. 2019 (arXiv 1810.04805), appendix A.3. The
    optimizer is `official.nlp.optimization`'s: a TF-Hub encoder's variables are plain `tf.Variable`s,
    which Keras 3's optimizers do not check-point.

    Afterwards the teacher has the weights of the epoch with the best score: `dev_metric` if given,
    else minus the loss on `dev` if given, else the last epoch's.

    A training that was killed resumes after its last whole epoch when called again with the same
    arguments, and comes to the same result if `train` is the same for the same epoch (pass a
    function where batches are shuffled) and the encoder's dropout ops carry seeds (those of
    `build_bert` do; a published SavedModel's draw anew). Sets TensorFlow's global seed at the start
    of every epoch, because that is what rewinds those ops.

    Args:
        teacher: Teacher to train.
        train: Batches of `({"text", "spans", "lengths", ...}, {"intent": (batch,) int32, "slots":
            (batch, time) int32})`, −1 = ignore; or a function from the epoch's number to them.
        dev: Such batches for the development loss.
        epochs: How many times to go through `train`.
        learning_rate: Its peak.
        warmup: Share of all steps in which it rises.
        weight_decay: Decoupled weight decay.
        slot_loss_weight: Weight of the slots beside the intent.
        steps_per_epoch: Batches of an epoch; by default they are counted.
        dev_metric: Score of the teacher, higher is better; called after every epoch.
        patience: Stops after so many epochs without a better score; `None` never stops.
        checkpoint_dir: Folder for checkpoints; `None` keeps none that would survive.
        seed: Seed for `tf.random`.
        verbose: 0 is silent, 1 a progress bar, 2 a line an epoch.

    Returns:
        The report.

    Raises:
        FloatingPointError: if an epoch's loss is not finite.
        ImportError: if the extra `teachers` is not installed.
        ValueError: if an argument is out of range, `train` is empty, or `checkpoint_dir` holds a
            training with other settings.
    """
    _check_range(epochs, learning_rate, warmup, weight_decay, slot_loss_weight, patience)
    first = _epoch(train, 0)
    steps = _count_steps(first) if steps_per_epoch is None else steps_per_epoch
    if steps < 1:
        raise ValueError("`train` must hold at least one batch. Received: none.")
    settings = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "warmup": warmup,
        "weight_decay": weight_decay,
        "slot_loss_weight": slot_loss_weight,
        "steps_per_epoch": steps,
        "seed": seed,
        "labels": teacher.labels.to_dict() if teacher.labels else None,
        "max_word_pieces": teacher.max_word_pieces,
    }
    optimizer = _adamw(learning_rate, steps * epochs, warmup, weight_decay)
    step = _train_step(teacher, optimizer, slot_loss_weight, first.element_spec)
    score_of = _score(teacher, dev, dev_metric, slot_loss_weight)
    with tempfile.TemporaryDirectory() as scratch:
        keeper = _Keeper(
            teacher,
            optimizer,
            checkpoint_dir or scratch,
            settings,
            resumable=checkpoint_dir is not None,
        )
        history = keeper.restore()
        for epoch in range(len(history), epochs):
            if _is_over(history, patience):
                break
            # Before the batches are made: shuffling ops without a seed of their own take this one.
            tf.random.set_seed(seed + epoch)
            row = _run_epoch(step, _epoch(train, epoch), epoch, epochs, steps, verbose)
            if score_of is not None:
                row["score"] = score_of()
            history.append(row)
            keeper.keep(history, is_best=_best(history) == epoch)
            if verbose:
                shown = {k: round(v, 5) for k, v in row.items() if k != "epoch"}
                _LOG.info("epoch %d of %d: %s", epoch + 1, epochs, shown)
        best = _best(history)
        keeper.restore_best()
    return FinetuneReport(tuple(history), best, history[best].get("score"))


def _check_range(
    epochs: int,
    learning_rate: float,
    warmup: float,
    weight_decay: float,
    slot_loss_weight: float,
    patience: int | None,
) -> None:
    checks = {
        "epochs": (epochs >= 1, "at least 1", epochs),
        "learning_rate": (learning_rate > 0, "positive", learning_rate),
        "warmup": (0 <= warmup < 1, "a share of all steps, in [0, 1)", warmup),
        "weight_decay": (weight_decay >= 0, "at least 0", weight_decay),
        "slot_loss_weight": (slot_loss_weight >= 0, "at least 0", slot_loss_weight),
        "patience": (patience is None or patience >= 1, "None or at least 1", patience),
    }
    for name, (valid, expected, received) in checks.items():
        if not valid:
            raise ValueError(f"`{name}` must be {expected}. Received: {received}.")


def _epoch(train: Batches, epoch: int) -> tf.data.Dataset:
    return train if isinstance(train, tf.data.Dataset) else train(epoch)


def _count_steps(data: tf.data.Dataset) -> int:
    known = int(data.cardinality())
    if known == tf.data.INFINITE_CARDINALITY:
        raise ValueError("`steps_per_epoch` must be given for endless `train`. Received: None.")
    return known if known >= 0 else sum(1 for _ in data)


def _adamw(learning_rate: float, steps: int, warmup: float, weight_decay: float) -> Any:
    optimization = require("official.nlp.optimization")
    optimizer = optimization.create_optimizer(
        init_lr=learning_rate,
        num_train_steps=steps,
        num_warmup_steps=round(warmup * steps),
    )
    optimizer.weight_decay_rate = weight_decay
    return optimizer


def _losses(
    outputs: dict[str, tf.Tensor], targets: dict[str, tf.Tensor], lengths: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean cross-entropy of the labelled intents and of the labelled tokens with a word piece."""
    intent, slots = tf.cast(targets["intent"], tf.int32), tf.cast(targets["slots"], tf.int32)
    real = tf.sequence_mask(lengths, tf.shape(slots)[1])

    def mean(labels: tf.Tensor, logits: tf.Tensor, keep: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.where(keep, labels, 0), logits=logits
        )
        weights = tf.cast(keep, losses.dtype)
        return tf.reduce_sum(losses * weights) / tf.maximum(tf.reduce_sum(weights), 1)

    return (
        mean(intent, outputs["intent"], intent >= 0),
        mean(slots, outputs["slots"], (slots >= 0) & real & outputs["mask"]),
    )


def _signature(spec: Any) -> Any:
    """The spec of a batch with every dimension left open, so that one graph serves all batches."""
    inputs, targets = spec[:2]
    kept = ({k: inputs[k] for k in _INPUTS}, {k: targets[k] for k in ("intent", "slots")})
    return tf.nest.map_structure(
        # Only the pairs of `spans` have a size of their own.
        lambda s: tf.TensorSpec([None, None, *s.shape[2:]][: len(s.shape)], s.dtype),
        kept,
    )


def _pick(batch: Any) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    inputs, targets = batch[:2]
    return {k: inputs[k] for k in _INPUTS}, {k: targets[k] for k in ("intent", "slots")}


def _train_step(
    teacher: TFHubBertTeacher, optimizer: Any, slot_loss_weight: float, spec: Any
) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    @tf.function(input_signature=_signature(spec))
    def step(
        inputs: dict[str, tf.Tensor], targets: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        variables = teacher.trainable_variables
        with tf.GradientTape() as tape:
            outputs = teacher(inputs, training=True)
            intent, slots = _losses(outputs, targets, inputs["lengths"])
            loss = intent + slot_loss_weight * slots
        # A SavedModel may carry variables of heads that are not used here.
        gradients = zip(tape.gradient(loss, variables), variables, strict=True)
        optimizer.apply_gradients([(g, v) for g, v in gradients if g is not None])
        return intent, slots

    return step


def _score(
    teacher: TFHubBertTeacher,
    dev: tf.data.Dataset | None,
    dev_metric: Callable[[TFHubBertTeacher], float] | None,
    slot_loss_weight: float,
) -> Callable[[], float] | None:
    if dev_metric is not None:
        return lambda: float(dev_metric(teacher))
    if dev is None:
        return None

    @tf.function(input_signature=_signature(dev.element_spec))
    def loss_of(inputs: dict[str, tf.Tensor], targets: dict[str, tf.Tensor]) -> tf.Tensor:
        intent, slots = _losses(teacher(inputs), targets, inputs["lengths"])
        return intent + slot_loss_weight * slots

    def score() -> float:
        total, rows = 0.0, 0
        for batch in dev:
            inputs, targets = _pick(batch)
            size = int(inputs["lengths"].shape[0])
            total, rows = total + size * float(loss_of(inputs, targets)), rows + size
        return -total / max(rows, 1)

    return score


def _run_epoch(
    step: Callable[..., tuple[tf.Tensor, tf.Tensor]],
    data: tf.data.Dataset,
    epoch: int,
    epochs: int,
    steps: int,
    verbose: int,
) -> dict[str, float]:
    bar = keras.utils.Progbar(
        steps, verbose=verbose, unit_name=f"step (epoch {epoch + 1}/{epochs})"
    )
    started = time.perf_counter()
    sums, done = [0.0, 0.0], 0
    for done, batch in enumerate(data.take(steps), start=1):
        losses = [float(loss) for loss in step(*_pick(batch))]
        sums = [total + loss for total, loss in zip(sums, losses, strict=True)]
        bar.update(
            done,
            values=[("intent_loss", losses[0]), ("slot_loss", losses[1])],
            finalize=done == steps,
        )
    if not done:
        raise ValueError(f"`train` must hold at least one batch. Received: none in epoch {epoch}.")
    intent, slots = (total / done for total in sums)
    if not tf.math.is_finite(intent + slots):
        raise FloatingPointError(
            f"The loss of epoch {epoch} must be finite. Received: intent {intent}, slots {slots}. "
            "Lower `learning_rate` or lengthen `warmup`."
        )
    return {
        "epoch": epoch,
        "loss": intent + slots,
        "intent_loss": intent,
        "slot_loss": slots,
        "seconds": time.perf_counter() - started,
    }


def _best(history: list[dict[str, float]]) -> int:
    """The first epoch with the highest score, or the last one where there are no scores."""
    last = len(history) - 1
    return max(range(len(history)), key=lambda e: (history[e].get("score", e), -e), default=last)


def _is_over(history: list[dict[str, float]], patience: int | None) -> bool:
    return patience is not None and bool(history) and len(history) - 1 - _best(history) >= patience


class _Keeper:
    """Checkpoints of one training: the last epoch with all its state, and the best weights."""

    def __init__(
        self,
        teacher: TFHubBertTeacher,
        optimizer: Any,
        folder: str | os.PathLike[str],
        settings: dict[str, Any],
        *,
        resumable: bool,
    ) -> None:
        self._resumable = resumable
        self._folder = pathlib.Path(folder)
        self._settings = json.dumps(settings, sort_keys=True, ensure_ascii=False)
        # Inside the checkpoint, so that weights and history can never be of different epochs.
        self._notes = tf.Variable("", dtype=tf.string, trainable=False, name="notes")
        weights = list(teacher.variables)
        self._last = tf.train.CheckpointManager(
            tf.train.Checkpoint(weights=weights, optimizer=optimizer, notes=self._notes),
            str(self._folder / "last"),
            max_to_keep=1,
        )
        self._best = tf.train.CheckpointManager(
            tf.train.Checkpoint(weights=weights), str(self._folder / "best"), max_to_keep=1
        )

    def restore(self) -> list[dict[str, float]]:
        """Takes up the last whole epoch, if there is one; returns the history up to it."""
        newest = self._last.latest_checkpoint
        if newest is None:
            return []
        raw = tf.train.load_checkpoint(newest).get_tensor("notes/.ATTRIBUTES/VARIABLE_VALUE")
        notes = json.loads(raw.decode("utf-8"))
        if notes["settings"] != self._settings:
            theirs, ours = json.loads(notes["settings"]), json.loads(self._settings)
            other = sorted(k for k in {*theirs, *ours} if theirs.get(k) != ours.get(k))
            raise ValueError(
                "`checkpoint_dir` must be new or hold a training with the same settings. Received: "
                f"{str(self._folder)!r}, which differs in {other}. Pass another folder, or delete "
                "this one to start again."
            )
        self._last.checkpoint.restore(newest).assert_existing_objects_matched()
        return notes["history"]

    def keep(self, history: list[dict[str, float]], *, is_best: bool) -> None:
        """Writes the state after an epoch; the best weights first, see `restore_best`."""
        if is_best:
            # If the process ends between the two writes, the epoch is repeated and written again.
            self._best.save(checkpoint_number=len(history))
        if not self._resumable:
            return
        notes = {"settings": self._settings, "history": history}
        self._notes.assign(json.dumps(notes, ensure_ascii=False))
        self._last.save(checkpoint_number=len(history))

    def restore_best(self) -> None:
        """Gives the teacher the weights of its best epoch."""
        path = self._best.latest_checkpoint
        self._best.checkpoint.restore(path).assert_existing_objects_matched()
