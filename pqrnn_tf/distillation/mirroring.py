"""A BERT made a sentence encoder from raw text only (Mirror-BERT)."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from pqrnn_tf.distillation.distances import contrastive_distance
from pqrnn_tf.distillation.mirroring_config import ENCODER, MirrorConfig
from pqrnn_tf.distillation.pretraining import NO_LABELS
from pqrnn_tf.files import ResumeError, check_claim, folder_digest
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.mirrored_text import OTHER, MirroredText
from pqrnn_tf.teachers.bert.finetune import GlobalSeed, TeacherModel, adamw
from pqrnn_tf.teachers.bert.layered import LayeredBert
from pqrnn_tf.teachers.bert.optimizer import is_head
from pqrnn_tf.teachers.bert.tfhub_bert import local_folder

_INPUTS = {name: tf.TensorSpec((None,), tf.string) for name in ("text", OTHER + "text")}
_USED = ("epochs", "batch_size", "learning_rate", "weight_decay", "dropout", "temperature", "seed")


def mirror_bert(
    handle: str | os.PathLike[str],
    data: MirroredText,
    output: str | os.PathLike[str],
    config: MirrorConfig | None = None,
    *,
    max_word_pieces: int = 128,
    identity: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> LayeredBert:
    """Trains a BERT so that the two views of a text have similar vectors; a killed run resumes to the same result.

    The vector of a text is the mean of the last layer's states, as `TFHubBertTeacher` without heads gives it. Both
    views go through dropout, and `contrastive_distance` compares them (Liu et al. 2021, *Fast, Effective, and
    Self-Supervised*, arXiv 2104.08027, section 2). Unlike the paper's, a span that a view loses leaves no `[MASK]`,
    which sentence pieces do not have; gradients are clipped to norm 1; and a step moves only those rows of the word
    embeddings that it reads. The pooler stays as it is.

    Args:
        handle: BERT of TensorFlow's Model Garden in TF-Hub's format, URL or folder.
        data: The texts, with `with_text`.
        output: Folder for `encoder`, which is a BERT in TF-Hub's format, `training.json`, `log.jsonl` and, until the
            encoder is there, `checkpoint/`.
        config: The training; `None` for the paper's.
        max_word_pieces: As in `TFHubBertTeacher`.
        identity: What else decides the result; a training resumes with the same only.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The trained BERT, without heads.

    Raises:
        FileNotFoundError: if `handle` is no URL and no such folder exists.
        FloatingPointError: if the loss of a round is not finite.
        ResumeError: if `output` holds another training.
        ValueError: if `data` has no texts in its batches or fewer than two of them, or `handle` is no BERT of the
            Model Garden.
    """
    require_tensorflow_backend()
    config = config or MirrorConfig()
    if not data.with_text:
        raise ValueError("`data` must be made with with_text=True. Received: batches of features.")
    folder = pathlib.Path(output)
    finished = folder / ENCODER
    bert = LayeredBert(
        handle,
        labels=None,
        layer_dropout=config.dropout,
        max_word_pieces=max_word_pieces,
        seed=config.seed,
    )
    own = {
        "bert": folder_digest(local_folder(handle)),
        "data": data.fingerprint,
        "config": {name: getattr(config, name) for name in _USED},
        "spec": config.spec.to_dict(),  # which texts share a batch
        "max_word_pieces": max_word_pieces,
        **(identity or {}),
    }
    if finished.exists():
        if not check_claim(folder, own):
            raise ResumeError(
                f"`output` must be a new folder or one of the same work. Received: {str(folder)!r}, whose "
                f"{ENCODER!r} something else made. Choose another folder."
            )
        shutil.rmtree(folder / "checkpoint", ignore_errors=True)
        return LayeredBert(finished, labels=None, max_word_pieces=max_word_pieces)

    def losses(inputs: Mapping[str, Any], targets: Mapping[str, Any]) -> list[tf.Tensor]:
        # One batch of both, in which every row has its own dropout.
        both = tf.concat([inputs["text"], inputs[OTHER + "text"]], axis=0)
        one, other = tf.split(bert.vectors(both, training=True), 2)
        return [contrastive_distance(one, other, temperature=config.temperature)]

    model = TeacherModel(
        bert,
        [variable for variable in bert.trainable_variables if not is_head(variable.name)],
        by_rows=True,
        losses=losses,
        names=("loss",),
        inputs=_INPUTS,
        targets={},
    )
    model.compile(
        optimizer=adamw(config.learning_rate, None, 0.0, config.weight_decay, by_rows=True),
        jit_compile=False,
    )
    tf.random.set_seed(config.seed)
    model.trace()
    engine.run(
        model,
        model,
        data,
        engine.Rounds.of(data, config.batch_size, epochs=config.epochs, steps=None),
        folder,
        identity=own,
        labels=NO_LABELS,
        spec=config.spec,
        batch_size=config.batch_size,
        seed=config.seed,
        callbacks=[GlobalSeed(config.seed), *callbacks],
        verbose=verbose,
    )
    bert.save_encoder(finished)
    shutil.rmtree(folder / "checkpoint")
    return bert
