"""A BERT that stays as it is, with a few trained vectors in front of each text: one file of prompts for each task."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.files import atomic_folder, folder_digest
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.bert.layered import LayeredBert
from pqrnn_tf.teachers.bert.tfhub_bert import (
    HEADS_FILE,
    SETTINGS_FILE,
    local_folder,
    read_heads,
    read_settings,
)

PROMPTS = 100
"""Vectors in front of a text (Zhang et al. 2021, *CPM-2*, arXiv 2106.10715)."""

_PROMPTS = "prompts"
_BACKBONE = "backbone"


class PromptedTeacher(LayeredBert):
    """A `TFHubBertTeacher` of which only prompt vectors and heads are trained and saved.

    The vectors stand in front of a text's `[CLS]` as if they were pieces, from the first layer on. They have no
    position and no segment, so that the text's own pieces keep theirs. They begin as the embeddings of pieces that
    the seed draws (Lester et al. 2021, arXiv 2104.08691). The BERT is read without dropout and never changes; what
    is saved names it, so that the teachers of many tasks share one. Prompt tuning: Zhang et al. 2021 (*CPM-2*,
    arXiv 2106.10715); the places of the vectors in a BERT are ours.

    Args:
        handle: BERT of TensorFlow's Model Garden in TF-Hub's format, URL or folder.
        prompts: How many vectors.
        labels, max_word_pieces, hidden_layer, dropout, seed: As in `TFHubBertTeacher`.

    Call arguments, returns of a call:
        As in `TFHubBertTeacher`.

    Raises:
        ValueError: as in `TFHubBertTeacher`, or if `prompts` is not positive, or the BERT is none of the Model Garden.

    Example:
        >>> teacher = PromptedTeacher("bert", labels=labels)
        >>> finetune_teacher(teacher, data, folder, spec=spec, learning_rate=2e-2)
        >>> teacher.save("teacher")
        >>> PromptedTeacher.stored_bytes("teacher")
    """

    def __init__(
        self,
        handle: str | os.PathLike[str],
        *,
        labels: LabelSet,
        prompts: int = PROMPTS,
        **arguments: Any,
    ) -> None:
        if prompts < 1:
            raise ValueError(f"`prompts` must be at least 1. Received: {prompts}.")
        super().__init__(handle, labels=labels, **arguments)
        rng = np.random.default_rng(self.seed)
        rows = rng.integers(0, self._words.shape[0], prompts)
        self.prompts = prompts
        self._prompts = tf.Variable(tf.gather(self._words, rows), name=_PROMPTS)

    def _encode(self, pieces: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, Any]:
        words = tf.gather(self._words, pieces["input_word_ids"])
        states = self._parts.embed(words, pieces["input_type_ids"])
        own = self._parts.embed_plain(self._prompts[tf.newaxis])
        count, rows = tf.shape(own)[1], tf.shape(states)[0]
        states = tf.concat([tf.repeat(own, rows, axis=0), states], axis=1)
        mask = tf.pad(pieces["input_mask"], [[0, 0], [count, 0]], constant_values=1)
        outputs = []
        for number in range(self.layers):
            states = self._parts.layer(number, states, mask)
            outputs.append(states[:, count:])
        return {
            "encoder_outputs": outputs,
            "sequence_output": outputs[-1],
            "pooled_output": self._parts.pool(outputs[-1]),
        }

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The prompts, then the heads."""
        return (self._prompts, *self._heads.values())

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """What a checkpoint has: prompts, heads, and the counter of their dropout."""
        return (*self.trainable_variables, self._draws)

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes prompts, heads, labels and the name of the BERT; the folder appears when it is complete.

        Args:
            folder: Folder to make.
            overwrite: Whether to replace a folder already there.

        Raises:
            FileExistsError: if `folder` exists and `overwrite` is false.
        """
        handle = self.handle if "://" in self.handle else os.path.abspath(self.handle)
        told = {"handle": handle, "digest": folder_digest(local_folder(self.handle))}
        with atomic_folder(folder, overwrite=overwrite) as fresh:
            self._write_heads(fresh, {_BACKBONE: told}, {_PROMPTS: self._prompts.numpy()})

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        *,
        labels: LabelSet | None = None,
        backbone: str | os.PathLike[str] | None = None,
    ) -> PromptedTeacher:
        """Reads what `save` wrote, and the BERT that it names.

        Args:
            folder: Folder made by `save`.
            labels: Label set that the teacher must have; `None` accepts any.
            backbone: Where the BERT is now; `None` for where it was.

        Raises:
            FileNotFoundError: if the folder, one of its files or the BERT is missing.
            LabelError: if the teacher has other labels than `labels`.
            ValueError: if the BERT is another one, or the parts do not fit.
        """
        source = pathlib.Path(folder)
        settings = cls._read_settings(source, (SETTINGS_FILE, HEADS_FILE))
        told = settings[_BACKBONE]
        handle = told["handle"] if backbone is None else os.fspath(backbone)
        place = local_folder(handle)
        if not place.is_dir():
            raise FileNotFoundError(
                f"The BERT of {str(source)!r} must be in {handle!r}. Received: no such folder. Pass `backbone`."
            )
        if folder_digest(place) != told["digest"]:
            raise ValueError(
                f"The BERT of {str(source)!r} must be the one that its prompts were trained with. Received: "
                f"{handle!r}, which holds other files. Pass `backbone`."
            )
        own = LabelSet.from_dict(settings["labels"])
        check_same_labels(own, labels)
        arrays = read_heads(source)
        teacher = cls(
            handle,
            labels=own,
            prompts=len(arrays[_PROMPTS]),
            **{name: settings[name] for name in cls._OPTIONS},
        )
        teacher._assign_heads(arrays, source)
        teacher._prompts.assign(arrays[_PROMPTS])
        return teacher

    @staticmethod
    def stored_bytes(folder: str | os.PathLike[str]) -> int:
        """Bytes of what one task keeps: the files of a saved teacher, without its BERT."""
        return sum(path.stat().st_size for path in pathlib.Path(folder).iterdir())


def is_prompted(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds what `PromptedTeacher.save` wrote."""
    path = pathlib.Path(folder) / SETTINGS_FILE
    return path.is_file() and _BACKBONE in read_settings(path.parent)
