"""Distillation of a fine-tuned teacher into a joint intent and slot model."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.examples import Example
from pqrnn_tf.distillation.latent import LatentLoss
from pqrnn_tf.distillation.stages import Stage, run_stage
from pqrnn_tf.distillation.weights import Weight
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.labels import LabelSet
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.tasks.pipeline import batches
from pqrnn_tf.tasks.training import (
    ExampleData,
    TrainingConfig,
    augmentation,
    build_model,
)
from pqrnn_tf.teachers.bert_conversion import tfhub_handle
from pqrnn_tf.teachers.finetune import finetune_teacher
from pqrnn_tf.teachers.tfhub_bert import TFHubBertTeacher


def fit_teacher(
    handle: str | os.PathLike[str],
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    epochs: int = 5,
    learning_rate: float = 5e-5,
    batch_size: int = 32,
    patience: int | None = None,
    verbose: int = 1,
) -> TFHubBertTeacher:
    """Fine-tunes a BERT on the task, or loads it where that is done already.

    Args:
        handle: URL of a BERT encoder on TF-Hub, a folder in that format, or a folder with a checkpoint
            (`config.json`, `model.safetensors`, `vocab.txt`), which is converted into `bert` beside
            `output` first.
        config: Its `spec` decides the tokens; its augmentation and seed are used too.
        examples: Training rows.
        development: Rows whose flat exact match chooses the best epoch; without rows the last one.
        output: Folder for the teacher; its checkpoints lie beside it until it is done.
        epochs, learning_rate, batch_size, patience, verbose: As in `finetune_teacher`.

    Returns:
        The fine-tuned teacher, also saved in `output`.
    """
    folder = pathlib.Path(output)
    labels = LabelSet.from_examples(examples)
    if folder.exists():
        return TFHubBertTeacher.load(folder, labels=labels)
    teacher = TFHubBertTeacher(
        tfhub_handle(handle, folder.with_name("bert")), labels=labels, seed=config.seed
    )
    augment = augmentation(config, examples)

    def epoch_batches(epoch: int) -> Any:
        return batches(
            examples,
            labels,
            config.spec,
            batch_size=batch_size,
            training=True,
            seed=config.seed,
            augment=augment,
            epoch=lambda: epoch,
            with_text=True,
        )

    def exact_match(model: TFHubBertTeacher) -> float:
        return score_model(model, development, spec=config.spec).flat_exact_match

    finetune_teacher(
        teacher,
        epoch_batches,
        epochs=epochs,
        learning_rate=learning_rate,
        dev_metric=exact_match if development else None,
        patience=patience,
        checkpoint_dir=folder.with_name(folder.name + ".checkpoint"),
        seed=config.seed,
        verbose=verbose,
    )
    teacher.save(folder)
    return teacher


def distill(
    config: TrainingConfig,
    teacher: Any,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    temperature: float = 2.0,
    student_loss_weight: Weight = 0.3,
    output_weights: Mapping[str, Weight] | None = None,
    latent: Sequence[LatentLoss] = (),
    evaluate_every: int = 5,
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a student on a live teacher's answers and on hard labels; resumes when killed.

    Every epoch shows student and teacher the same augmented text (Beyer et al. 2022,
    arXiv 2106.05237, call this a consistent teacher).

    Args:
        config: The student and its training.
        teacher: As `Distiller` takes it; it must read text.
        examples: Training rows.
        development: Rows to score during training; never trained on. May be empty.
        output: Folder for `model.keras`, `labels.json`, `training.json`, `log.jsonl` and the checkpoint.
        temperature: Of the soft labels.
        student_loss_weight: Share of the hard labels in the loss, or a schedule of it.
        output_weights: As in `Distiller`.
        latent: Losses on hidden states, as in `Distiller`; the teacher tells its `width`.
        evaluate_every: Epochs between scores.
        verbose: Of `fit`.

    Returns:
        The student with its averaged weights, also saved as `model.keras`.

    Raises:
        LabelError: if the teacher has other labels than the training rows.
        ResumeError: if `output` holds another training.
    """
    student = build_model(config, LabelSet.from_examples(examples))
    run_stage(
        student,
        Stage(
            name="distillation",
            temperature=temperature,
            student_loss_weight=student_loss_weight,
            output_weights=output_weights,
            latent=tuple(latent),
        ),
        teacher,
        ExampleData(examples, augmentation(config, examples), with_text=True),
        config=config,
        development=development,
        folder=pathlib.Path(output),
        evaluate_every=evaluate_every,
        verbose=verbose,
    )
    return student
