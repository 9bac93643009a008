"""A fine-tuned BERT in a folder: made from labelled rows, or opened where it is there already."""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from pqrnn_tf.datasets.making.domains import in_domains
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import check_claim
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.parsing import inference, score_model
from pqrnn_tf.tasks.training_data import ExampleData, augmentation
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.answers.prototypes import weighted_rows
from pqrnn_tf.teachers.answers.shards import digest_of
from pqrnn_tf.teachers.bert.conversion import tfhub_handle
from pqrnn_tf.teachers.bert.defaults import (
    BATCH_SIZE,
    EPOCHS,
    HEAD_FACTOR,
    LAYER_DECAY,
)
from pqrnn_tf.teachers.bert.domain_head import DOMAIN, WEIGHT
from pqrnn_tf.teachers.bert.finetune import finetune_teacher, finetuning_identity
from pqrnn_tf.teachers.bert.prompts import PromptedTeacher
from pqrnn_tf.teachers.bert.tfhub_bert import SETTINGS_FILE, TFHubBertTeacher
from pqrnn_tf.teachers.saved import SavedTeacher, saved_labels

_FOUND = ("max_word_pieces", "number_of_domains")
"""What the claim of a fine-tuning says beside: it is known only when the BERT is loaded."""


def fit_teacher(
    handle: str | os.PathLike[str],
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    epochs: int = EPOCHS,
    learning_rate: float | None = None,
    batch_size: int = BATCH_SIZE,
    embeddings: str = "all",
    frozen_layers: int = 0,
    head_factor: float = HEAD_FACTOR,
    layer_decay: float = LAYER_DECAY,
    patience: int | None = None,
    prune: bool = False,
    other_texts: Iterable[str] = (),
    layers: int | None = None,
    prompts: int | None = None,
    domains: str | None = None,
    identity: Mapping[str, Any] | None = None,
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
        development: Rows whose flat exact match chooses the best round; without rows the last one.
        output: Folder for the teacher; it appears when it is complete. A folder beside it, with `.training` behind
            the name, has `training.json`, `log.jsonl` and, until the teacher is there, the checkpoints.
        epochs, learning_rate, batch_size, embeddings, frozen_layers, head_factor, layer_decay, patience: As in
            `finetune_teacher`.
        prune: Whether a checkpoint is converted without the pieces that no text here uses.
        other_texts: Texts beside the rows whose pieces stay then, such as those that the teacher will answer.
        layers: How many of the lowest layers of a checkpoint are converted, see `convert_bert`; `None` for all.
        prompts: Trains so many vectors in front of each text and the heads only, see `PromptedTeacher`; `None` trains
            the BERT.
        domains: One of `datasets.making.domains.DOMAINS`: trains a meta-teacher over these domains, which weighs rows
            by how typical they are of their own domain and of the others for the BERT as it begins (Pan et al. 2020,
            *Meta-KD*, arXiv 2012.01266), see `finetune_teacher`. Weights below 0 count as 0, which is ours. They are
            kept in a folder beside `output`, with `.domains` behind the name. `None` weighs all rows alike.
        identity: What else decides the result.
        callbacks, verbose: As in `finetune_teacher`.

    Returns:
        The fine-tuned teacher, saved in `output`.

    Raises:
        DataError: if a row belongs to none of the domains, or all rows to one.
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
        "embeddings": embeddings,
        "frozen_layers": frozen_layers,
        "head_factor": head_factor,
        "layer_decay": layer_decay,
        "patience": patience,
        "seed": config.seed,
        "spec": config.spec,
    }
    texts = None
    if prune:
        rows = [*examples, *development]
        texts = list(dict.fromkeys(itertools.chain((row.text for row in rows), other_texts)))
    placed = in_domains(examples, domains) if domains is not None else []
    identity = {
        **(identity or {}),
        **(
            {"domains": {"by": domains, "rows": digest_of([row.domain for row in placed])}}
            if domains is not None
            else {}
        ),
        **({"prune": len(texts)} if texts is not None else {}),
        **({"layers": layers} if layers is not None else {}),
        **({"prompts": prompts} if prompts is not None else {}),
        "handle": os.fspath(handle),
        "substitution": config.substitution,
        "distortion": config.distortion,
        # Left out where there are none, so that the records of older teachers stay true.
        **({"surface": config.surface} if config.surface else {}),
        **({"surface_weights": config.surface_weights} if config.surface_weights else {}),
        **({"code_switching": config.code_switching} if config.code_switching else {}),
        **({"unspaced": config.unspaced} if config.unspaced else {}),
        "development": ExampleData(development).fingerprint if development else None,
    }
    settings = {**finetuning_identity(labels, data, **options), **identity}
    if folder.exists():
        check_same_labels(saved_labels(folder), labels)
        check_claim(training, settings, results=_FOUND)  # no claim: put there by hand
        return SavedTeacher(folder)
    if (pathlib.Path(handle) / SETTINGS_FILE).is_file():
        if prune or layers is not None:
            given = "`prune` is true" if prune else "`layers` are left out"
            raise ValueError(
                f"`handle` must be a folder with a checkpoint where {given}. Received: {os.fspath(handle)!r}, a "
                "teacher that is fine-tuned already."
            )
        if prompts is not None:
            raise ValueError(
                "`handle` must be a BERT without heads where `prompts` are trained. Received: "
                f"{os.fspath(handle)!r}, a teacher that is fine-tuned already. Give the folder 'encoder' in it."
            )
        teacher = TFHubBertTeacher.load(handle, labels=labels)
    else:
        bert = tfhub_handle(handle, folder.with_name("bert"), texts=texts, layers=layers)
        if prompts is None:
            teacher = TFHubBertTeacher(bert, labels=labels, seed=config.seed)
        else:
            teacher = PromptedTeacher(bert, labels=labels, prompts=prompts, seed=config.seed)
    count = None
    if domains is not None:
        prototypes, weights = weighted_rows(
            teacher,
            placed,
            folder.with_name(f"{folder.name}.domains"),
            spec=config.spec,
            identity={"handle": os.fspath(handle), "prompts": prompts, "seed": config.seed},
        )
        number = {name: i for i, name in enumerate(prototypes.names)}
        count = len(number)
        columns = {
            DOMAIN: np.array([number[row.domain] for row in placed], np.int32),
            WEIGHT: np.maximum(weights, 0.0),
        }
        data = dataclasses.replace(data, columns=columns)
    forward = inference(teacher)
    finetune_teacher(
        teacher,
        data,
        training,
        **options,
        domains=count,
        score=(
            lambda: score_model(teacher, development, spec=config.spec, forward=forward).to_dict()
        )
        if development
        else None,
        scored=len(development),
        identity=identity,
        callbacks=callbacks,
        verbose=verbose,
    )
    teacher.save(folder)
    shutil.rmtree(training / "checkpoint")
    return SavedTeacher(folder, teacher=teacher)
