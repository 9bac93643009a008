"""A BERT in TF-Hub's format as a teacher for intents and slots."""

from __future__ import annotations

import contextlib
import json
import math
import os
import pathlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from pqrnn_tf.extras import require
from pqrnn_tf.files import atomic_folder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.alignment import mean_of_pieces, pool_pieces, shares_piece
from pqrnn_tf.teachers.bert.piece_tokenizer import PieceTokenizer
from pqrnn_tf.teachers.bert.sentence_pieces import SentencePieceTokenizer, read_model
from pqrnn_tf.teachers.bert.word_pieces import WordPieceTokenizer, read_vocabulary

DEFAULT_HANDLE = "https://tfhub.dev/tensorflow/bert_multi_cased_L-12_H-768_A-12/4"
"""Multilingual cased BERT, 104 languages."""

SETTINGS_FILE = "teacher.json"
"""File that tells a saved teacher's folder from others."""

HEADS_FILE = "heads.npz"
"""File of a saved teacher's heads."""

_INNER = "slot_head/inner"
"""The head's variable for tokens inside of a piece; teachers of earlier versions have none."""

_BEGINS_NOTHING = -8.0
"""What it begins with for each tag `B-X`: hardly any slot begins inside of a piece."""

_FORMAT = 1
_INPUTS = ("text", "spans", "lengths")
VOCABULARIES = ("vocab_file", "sp_model_file")
_OUTPUTS = ("pooled_output", "sequence_output", "encoder_outputs")
_ENCODER = "encoder"


class TFHubBertTeacher(tf.Module):
    """BERT with an intent head and a slot head, aligned to the student's tokens.

    The encoder comes from `hub.load`, so that a handle and a local folder are the same code. Text is
    tokenized inside the graph with what the SavedModel carries: word pieces and a case rule (its asset `vocab_file`),
    or a model of SentencePiece (`sp_model_file`), whose numbers are the rows of the embeddings. The
    intent head reads the pooled output beside the mean of all word pieces, the slot head the last
    layer, averaged over the word pieces of each token (Devlin et al. 2019, arXiv 1810.04805, sections
    4.1 and 5.3), and whether the token shares a piece with the one before it (`inner_tags`). The
    means are ours: a BERT that was not pre-trained, or whose pooler was not, learns hardly anything
    through `[CLS]` in the first few hundred steps.

    The encoder's variables are ordinary `tf.Variable`s and train with any TensorFlow optimizer
    (`finetune_teacher`). They are made by TF-Hub's own Keras and do not enter a Keras 3 model.

    Args:
        handle: URL of a BERT encoder on TF-Hub (version 3 or later), or a folder with one.
        labels: Label set of the two heads; `None` for a teacher without heads, with hidden states only.
        max_word_pieces: Longest input in pieces, those before and behind the text included. Tokens beyond
            have `mask` false and a zero state.
        hidden_layer: Layer that `"hidden"` is read from: `-1` is the last, `0` the first.
        dropout: Rate in front of both heads in training.
        seed: Seed of the heads and of their dropout.

    Call arguments:
        inputs: Mapping with `"text"` `(batch,)` string, `"spans"` `(batch, time, 2)` int32 in code
            points and `"lengths"` `(batch,)`. Other keys are ignored.
        training: Python bool, whether dropout is active.

    Returns of a call:
        `{"intent": (batch, intents), "slots": (batch, time, tags), "hidden": (batch, time, width),
        "mask": (batch, time) bool}`, float32. Without heads `"hidden"`, `"mask"` and `"vector": (batch, width)`: the
        mean of the last layer's states over all word pieces, `[CLS]` and `[SEP]` included, scaled to unit length, the
        sentence vector of encoders that were trained for it (Reimers and Gurevych 2019, arXiv 1908.10084, section 3).

    Raises:
        FileNotFoundError: if `handle` is no URL and no such folder exists.
        OSError: if a handle cannot be fetched.
        ValueError: if what is loaded is not a BERT encoder, its vocabulary does not fit, or an
            argument is out of range.
        ImportError: if the extra `teachers` is not installed.

    Example:
        >>> teacher = TFHubBertTeacher(labels=labels, max_word_pieces=64)
        >>> finetune_teacher(teacher, data, folder, spec=spec, epochs=5)
        >>> teacher.save("teacher")
        >>> teacher = TFHubBertTeacher.load("teacher")
    """

    supports_jit = False
    labels: LabelSet | None
    _OPTIONS = ("max_word_pieces", "hidden_layer", "dropout", "seed")

    def __init__(
        self,
        handle: str | os.PathLike[str] = DEFAULT_HANDLE,
        *,
        labels: LabelSet | None,
        max_word_pieces: int = 128,
        hidden_layer: int = -1,
        dropout: float = 0.1,
        seed: int = 0,
    ) -> None:
        super().__init__(name="tfhub_bert_teacher")
        if not 0 <= dropout < 1:
            raise ValueError(f"`dropout` must be in [0, 1). Received: {dropout}.")
        self.handle = os.fspath(handle)
        self.labels = labels
        self.max_word_pieces = max_word_pieces
        self.hidden_layer = hidden_layer
        self.dropout = dropout
        self.seed = seed
        self.encoder, self.layers, self.width = self._open()
        if not -self.layers <= hidden_layer < self.layers:
            raise ValueError(
                f"`hidden_layer` must be from {-self.layers} to {self.layers - 1}: the encoder has {self.layers} "
                f"layers. Received: {hidden_layer}."
            )
        self.tokenizer = _tokenizer(self.encoder, self.handle, max_word_pieces)
        self.lower_case = self.tokenizer.lower_case
        self._heads = self._new_heads(labels) if labels is not None else {}
        # The heads' dropout is a function of this counter, so that a resumed training repeats it.
        self._draws = tf.Variable(0, dtype=tf.int32, trainable=False, name="dropout_draws")

    def _open(self) -> tuple[Any, int, int]:
        """Loads the encoder; returns it with its number of layers and its width."""
        encoder = load_encoder(self.handle)
        return encoder, *_probe(encoder, self.handle)

    def _encode(self, pieces: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, Any]:
        """What the encoder makes of a batch of pieces."""
        return self.encoder(pieces, training=training)

    def _new_heads(self, labels: LabelSet) -> dict[str, tf.Variable]:
        intents, tags = len(labels.intents), len(labels.tags)
        inner = [_BEGINS_NOTHING if tag.startswith("B-") else 0.0 for tag in labels.tags]
        return {
            "intent_head/kernel": self._kernel("intent_head/kernel", 2 * self.width, intents, 0),
            "intent_head/bias": tf.Variable(tf.zeros(intents), name="intent_head/bias"),
            "slot_head/kernel": self._kernel("slot_head/kernel", self.width, tags, 1),
            "slot_head/bias": tf.Variable(tf.zeros(tags), name="slot_head/bias"),
            _INNER: tf.Variable(tf.constant(inner), name=_INNER),
        }

    def _kernel(self, name: str, width: int, units: int, number: int) -> tf.Variable:
        values = tf.random.stateless_truncated_normal(
            (width, units), seed=(self.seed, number), stddev=0.02
        )
        return tf.Variable(values, name=name)

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """Variables of the encoder, then of the heads."""
        return (*self.encoder.trainable_variables, *self._heads.values())

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """All variables, in an order that depends only on the encoder."""
        return (*self.encoder.variables, *self._heads.values(), self._draws)

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, tf.Tensor]:
        """Labels one batch; see the class."""
        text, spans, lengths = self._taken(inputs)
        # String ops run on the host wherever the encoder runs.
        with tf.device("CPU"):
            pieces, piece_spans = self.tokenizer(text)
        encoded = self._encode(pieces, training)
        return self._answers(pieces, encoded, piece_spans, spans, lengths, training)

    def vectors(self, text: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Sentence vectors of texts: what a call says as `"vector"` where there are no heads.

        Args:
            text: `(batch,)` string.
            training: Python bool, whether dropout is active.

        Returns:
            `(batch, width)` float32, of unit length.
        """
        with tf.device("CPU"):
            pieces, _ = self.tokenizer(text)
        return _vectors(pieces, self._encode(pieces, training))

    def _taken(self, inputs: Mapping[str, Any]) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Text, spans and lengths of a batch."""
        missing = [key for key in _INPUTS if key not in inputs]
        if missing:
            raise ValueError(
                f"`inputs` of a live teacher must hold {list(_INPUTS)}. Received the keys "
                f"{sorted(inputs)}, without {missing}. Keep the texts in the data, or pass a "
                "`CachedTeacher`."
            )
        spans = tf.cast(inputs["spans"], tf.int32)
        lengths = tf.cast(tf.convert_to_tensor(inputs["lengths"]), tf.int32)
        return tf.convert_to_tensor(inputs["text"]), spans, lengths

    def _answers(
        self,
        pieces: Mapping[str, tf.Tensor],
        encoded: Mapping[str, Any],
        piece_spans: tf.Tensor,
        spans: tf.Tensor,
        lengths: tf.Tensor,
        training: bool,
    ) -> dict[str, tf.Tensor]:
        """The answers for the student's tokens, of what the encoder made of the pieces."""
        words, mask = pool_pieces(encoded["sequence_output"], piece_spans, spans, lengths)
        hidden = words
        if self.hidden_layer not in (-1, len(encoded["encoder_outputs"]) - 1):
            chosen = encoded["encoder_outputs"][self.hidden_layer]
            hidden, _ = pool_pieces(chosen, piece_spans, spans, lengths)
        states = {"hidden": hidden, "mask": mask}
        heads = self._heads
        if not heads:
            return {**states, "vector": _vectors(pieces, encoded)}
        whole = mean_of_pieces(encoded["sequence_output"], piece_spans)
        pooled = tf.concat([encoded["pooled_output"], whole], axis=-1)
        if training and self.dropout:
            draw = self._draws.assign_add(1)
            pooled = self._drop(pooled, draw, 0)
            words = self._drop(words, draw, 1)
        return {
            **states,
            "intent": pooled @ heads["intent_head/kernel"] + heads["intent_head/bias"],
            "slots": words @ heads["slot_head/kernel"]
            + heads["slot_head/bias"]
            + self.inner_tags(piece_spans, spans, lengths),
        }

    def inner_tags(self, piece_spans: tf.Tensor, spans: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """What the slot head adds to the logits of a token that shares a piece with the token before it.

        Where a piece is a word of several Chinese characters, each of them a token, all of them have the same state;
        only this tells the first one, which may begin a slot, from the others.

        Args:
            piece_spans, spans, lengths: As in `pool_pieces`.

        Returns:
            `(batch, time, tags)` float32, 0 for all other tokens.
        """
        inner = shares_piece(piece_spans, spans, lengths)
        return tf.where(inner[..., tf.newaxis], self._heads[_INNER], 0.0)

    def _drop(self, values: tf.Tensor, draw: tf.Tensor, number: int) -> tf.Tensor:
        seed = tf.stack([2 * self.seed + number, tf.cast(draw, tf.int32)])
        return tf.nn.experimental.stateless_dropout(values, rate=self.dropout, seed=seed)

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes encoder, heads and labels; the folder appears when it is complete.

        `<folder>/encoder` is itself a BERT in TF-Hub's format.

        Args:
            folder: Folder to make.
            overwrite: Whether to replace a folder already there.

        Raises:
            FileExistsError: if `folder` exists and `overwrite` is false.
        """
        with atomic_folder(folder, overwrite=overwrite) as fresh:
            tf.saved_model.save(self._encoder_to_save(), str(fresh / _ENCODER))
            self._write_heads(fresh, {}, {})

    def _encoder_to_save(self) -> Any:
        """The encoder as a SavedModel with the weights of now."""
        return self.encoder

    def _write_heads(
        self,
        fresh: pathlib.Path,
        settings: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
    ) -> None:
        """Writes heads, settings and what else a kind of teacher has of both."""
        own = {
            "format": _FORMAT,
            "labels": json.loads(self.labels.to_json()) if self.labels else None,
            **{name: getattr(self, name) for name in self._OPTIONS},
            **settings,
        }
        with open(fresh / HEADS_FILE, "wb") as file:
            own_arrays: dict[str, Any] = {
                **arrays,
                **{name: v.numpy() for name, v in self._heads.items()},
            }
            np.savez(file, **own_arrays)
        text = json.dumps(own, ensure_ascii=False, indent=1)
        (fresh / SETTINGS_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], *, labels: LabelSet | None = None
    ) -> TFHubBertTeacher:
        """Reads what `save` wrote.

        Args:
            folder: Folder made by `save`.
            labels: Label set that the teacher must have; `None` accepts any.

        Raises:
            FileNotFoundError: if `folder` or one of its files is missing.
            LabelError: if the teacher has other labels than `labels`.
            ValueError: if the folder was written by another version or its parts do not fit.
        """
        source = pathlib.Path(folder)
        settings = cls._read_settings(source, (SETTINGS_FILE, HEADS_FILE, _ENCODER))
        own = LabelSet.from_dict(settings["labels"]) if settings["labels"] is not None else None
        check_same_labels(own, labels)
        teacher = cls(
            source / _ENCODER,
            labels=own,
            **{name: settings[name] for name in cls._OPTIONS},
        )
        teacher._assign_heads(read_heads(source), source)
        return teacher

    @staticmethod
    def _read_settings(source: pathlib.Path, files: Sequence[str]) -> dict[str, Any]:
        """The settings of a saved teacher whose folder must have some files."""
        for name in files:
            if not (source / name).exists():
                raise FileNotFoundError(
                    f"`folder` must hold a teacher made by `TFHubBertTeacher.save`. Received: "
                    f"{str(source)!r}, which has no {name!r}."
                )
        settings = read_settings(source)
        if settings.get("format") != _FORMAT:
            raise ValueError(
                f"`folder` must hold a teacher of format {_FORMAT}. Received: format "
                f"{settings.get('format')!r} in {str(source)!r}. Fine-tune the teacher again."
            )
        return settings

    def _assign_heads(self, heads: Mapping[str, np.ndarray], source: pathlib.Path) -> None:
        for name, variable in self._heads.items():
            if name == _INNER and name not in heads:
                variable.assign(tf.zeros_like(variable))
                continue
            if name not in heads or heads[name].shape != tuple(variable.shape):
                raise ValueError(
                    f"{HEADS_FILE!r} must hold {name!r} of shape {tuple(variable.shape)}. Received: "
                    f"{heads[name].shape if name in heads else 'nothing'} in {str(source)!r}."
                )
            variable.assign(heads[name])


def read_settings(folder: pathlib.Path) -> dict[str, Any]:
    """What a saved teacher's `teacher.json` says.

    Raises:
        ValueError: if it is damaged.
    """
    path = folder / SETTINGS_FILE
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(settings, dict) or "labels" not in settings:
            raise ValueError("no object with labels")
    except ValueError as error:
        raise _damaged(path, error) from error
    return settings


def read_heads(folder: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays in a saved teacher's `heads.npz`.

    Raises:
        ValueError: if it is damaged.
    """
    path = folder / HEADS_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, AttributeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: pathlib.Path | str, error: Exception) -> ValueError:
    first_line = str(error).strip().partition("\n")[0]
    return ValueError(
        f"{str(path)!r} must be whole, as it was written. It is damaged or a part of it is missing ({first_line}). "
        "Copy it again, or make it anew."
    )


@contextlib.contextmanager
def whole(handle: str) -> Iterator[None]:
    """Names the BERT whose files TensorFlow finds damaged or missing.

    Raises:
        ValueError: in the place of TensorFlow's errors.
    """
    try:
        yield
    except (tf.errors.OpError, DecodeError, IndexError, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and "://" in handle:  # of the network
            raise
        raise _damaged(handle, error) from error


def local_folder(handle: str | os.PathLike[str]) -> pathlib.Path:
    """The folder of a BERT in TF-Hub's format; one that a URL names is downloaded, unless that is done.

    Raises:
        ImportError: if the extra `teachers` is not installed.
        OSError: if a URL cannot be fetched.
    """
    name = os.fspath(handle)
    return pathlib.Path(require("tensorflow_hub").resolve(name) if "://" in name else name)


def _vectors(pieces: Mapping[str, tf.Tensor], encoded: Mapping[str, Any]) -> tf.Tensor:
    """The mean state of the pieces of each text, scaled to unit length."""
    real = tf.cast(pieces["input_mask"], tf.float32)[..., None]
    # The length makes a mean of the sum.
    total = tf.reduce_sum(encoded["sequence_output"] * real, axis=1)
    return tf.math.l2_normalize(total, axis=-1)


def check_handle(handle: str) -> None:
    """Checks that a handle names a URL, or a folder with a SavedModel.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if the folder holds something else.
    """
    is_url = "://" in handle
    if not is_url and not pathlib.Path(handle).is_dir():
        raise FileNotFoundError(
            f"`handle` must be the URL of a TF-Hub model or a folder. Received: {handle!r}, which is "
            "neither."
        )
    if not is_url and not (pathlib.Path(handle) / "saved_model.pb").is_file():
        advice = (
            " It was made by `TFHubBertTeacher.save`: use `TFHubBertTeacher.load`, or give the folder 'encoder' in it."
            if (pathlib.Path(handle) / SETTINGS_FILE).is_file()
            else ""
        )
        raise ValueError(
            f"`handle` must be a folder with a SavedModel. Received: {handle!r}, which has no "
            f"'saved_model.pb'.{advice}"
        )


def load_encoder(handle: str) -> Any:
    """Loads a SavedModel from TF-Hub or a folder; the errors are those of `TFHubBertTeacher`."""
    hub = require("tensorflow_hub")
    require("tensorflow_text")  # Registers ops that a SavedModel may use.
    check_handle(handle)
    try:
        with whole(handle):
            return hub.load(handle)
    except OSError as error:
        raise OSError(
            f"`handle` could not be loaded. Received: {handle!r} ({error}). Check the URL and the "
            "connection, or download the model and pass its folder."
        ) from error


def _probe(encoder: Any, handle: str) -> tuple[int, int]:
    """Runs the encoder once; returns its number of layers and its width."""
    expected = (
        "`handle` must be a BERT encoder in TF-Hub's format: callable with 'input_word_ids', "
        f"'input_mask' and 'input_type_ids', returning {list(_OUTPUTS)}"
    )
    ones = tf.ones((1, 2), tf.int32)
    inputs = {"input_word_ids": 0 * ones, "input_mask": ones, "input_type_ids": 0 * ones}
    if not callable(encoder):
        raise ValueError(f"{expected}. Received: {handle!r}, which cannot be called.")
    try:
        outputs = encoder(inputs, training=False)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"{expected}. Received: {handle!r}, which does not take these inputs ({first_line})."
        ) from error
    missing = [k for k in _OUTPUTS if not isinstance(outputs, Mapping) or k not in outputs]
    if missing:
        received = sorted(outputs) if isinstance(outputs, Mapping) else type(outputs).__name__
        raise ValueError(f"{expected}. Received: {handle!r}, which returns {received}.")
    return len(outputs["encoder_outputs"]), int(outputs["sequence_output"].shape[-1])


def _tokenizer(encoder: Any, handle: str, max_word_pieces: int) -> PieceTokenizer:
    """What cuts text into the pieces that the encoder's embeddings have rows for."""
    found = {name: getattr(encoder, name, None) for name in VOCABULARIES}
    paths = {
        name: pathlib.Path(asset.asset_path.numpy().decode("utf-8"))
        for name, asset in found.items()
        if asset is not None
    }
    if not paths:
        raise ValueError(
            f"`handle` must be a BERT that carries its vocabulary, as one of {list(VOCABULARIES)}. Received: "
            f"{handle!r}, which does not."
        )
    if "vocab_file" in paths:
        with whole(handle):
            vocabulary = read_vocabulary(paths["vocab_file"])
        _check_fit(encoder, len(vocabulary), max_word_pieces)
        lower_case = getattr(encoder, "do_lower_case", None)
        return WordPieceTokenizer(
            vocabulary,
            lower_case=bool(lower_case is not None and lower_case.numpy()),
            max_word_pieces=max_word_pieces,
        )
    model = paths["sp_model_file"].read_bytes()
    pieces = [piece.piece for piece in read_model(model).pieces]
    _check_fit(encoder, len(pieces), max_word_pieces)
    if "[CLS]" in pieces and not any(piece != piece.lower() for piece in pieces if piece[0] != "["):
        raise ValueError(
            "`handle` must be a BERT whose sentence pieces are those of the text as it is. Received: "
            f"{handle!r}, which wants it in small letters without accents, as ALBERT does."
        )
    return SentencePieceTokenizer(model, max_word_pieces=max_word_pieces)


def _rows(variables: Sequence[tf.Variable], table: str) -> float:
    """Rows of the embedding table called `table`; infinite where there is none of that name."""
    found = [v.shape[0] for v in variables if table in v.name and len(v.shape) == 2]
    return min(found, default=math.inf)


def _check_fit(encoder: Any, pieces: int, max_word_pieces: int) -> None:
    rows = _rows(encoder.variables, "word_embeddings")
    # A table may be padded with unused rows; the other way round pieces would have no embedding.
    if pieces > rows:
        raise ValueError(
            "The vocabulary does not fit the encoder: it must have at most as many pieces as the "
            f"word embeddings have rows, {rows}. Received: {pieces} pieces."
        )
    positions = _rows(encoder.variables, "position_embedding")
    if max_word_pieces > positions:
        raise ValueError(
            f"`max_word_pieces` must be at most {positions}, the encoder's number of positions. "
            f"Received: {max_word_pieces}."
        )
