"""A fine-tuned BERT in a folder: made from labelled rows, or opened where it is there already."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Sequence
from typing import Any

import keras

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import check_claim
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.parsing import inference, score_model
from pqrnn_tf.tasks.training_data import ExampleData, augmentation
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.bert.conversion import tfhub_handle
from pqrnn_tf.teachers.bert.finetune import finetune_teacher, finetuning_identity
from pqrnn_tf.teachers.bert.tfhub_bert import SETTINGS_FILE, TFHubBertTeacher
from pqrnn_tf.teachers.saved import SavedTeacher, saved_labels


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
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> SavedTeacher:
    """Fine-tunes a BERT on the task, or opens it where that is done already.

    Args:
        handle: URL of a BERT encoder on TF-Hub, a folder in that format, a folder with a checkpoint
            (`config.json`, `model.safetensors`, `vocab.txt`), which is converted into `bert` beside
            `output` first, or a fine-tuned teacher with the same labels, which is trained further with its heads.
        config: Its `spec` decides the tokens; its augmentation and seed are used too.
        examples: Training rows.
        development: Rows whose flat exact match chooses the best epoch; without rows the last one.
        output: Folder for the teacher; it appears when it is complete. A folder beside it, with `.training` behind
            the name, has `training.json`, `log.jsonl` and, until the teacher is there, the checkpoints.
        epochs, learning_rate, batch_size, patience, callbacks, verbose: As in `finetune_teacher`.

    Returns:
        The fine-tuned teacher, saved in `output`.

    Raises:
        LabelError: if the teacher in `output` or in `handle` has other labels than the training rows.
        ResumeError: if the teacher in `output` came from another BERT, other rows or other settings.
        ValueError: if an argument is out of range.
    """
    require_tensorflow_backend()
    folder = pathlib.Path(output)
    training = folder.with_name(folder.name + ".training")
    labels = collect_labels(examples, nested=False)  # a BERT has heads of intent and slots
    data = ExampleData(examples, augmentation(config, examples), with_text=True)
    options: dict[str, Any] = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "patience": patience,
        "seed": config.seed,
        "spec": config.spec,
    }
    identity = {
        "handle": os.fspath(handle),
        "substitution": config.substitution,
        "distortion": config.distortion,
        # Left out where there are none, so that the records of older teachers stay true.
        **({"surface": config.surface} if config.surface else {}),
        **({"surface_weights": config.surface_weights} if config.surface_weights else {}),
        "development": ExampleData(development).fingerprint if development else None,
    }
    settings = {**finetuning_identity(labels, data, **options), **identity}
    if folder.exists():
        check_same_labels(saved_labels(folder), labels)
        check_claim(training, settings, results=("max_word_pieces",))  # no claim: put there by hand
        return SavedTeacher(folder)
    if (pathlib.Path(handle) / SETTINGS_FILE).is_file():
        teacher = TFHubBertTeacher.load(handle, labels=labels)
    else:
        bert = tfhub_handle(handle, folder.with_name("bert"))
        teacher = TFHubBertTeacher(bert, labels=labels, seed=config.seed)
    forward = inference(teacher)
    finetune_teacher(
        teacher,
        data,
        training,
        **options,
        score=(
            lambda: score_model(teacher, development, spec=config.spec, forward=forward).to_dict()
        )
        if development
        else None,
        identity=identity,
        callbacks=callbacks,
        verbose=verbose,
    )
    teacher.save(folder)
    shutil.rmtree(training / "checkpoint")
    return SavedTeacher(folder, teacher=teacher)
