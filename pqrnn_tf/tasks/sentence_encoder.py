"""The sentence encoder, which turns text into vectors."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from pqrnn_tf.encoder.attention_pooling import AttentionPooling
from pqrnn_tf.encoder.building import Encoder
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.projection.layer import Projection
from pqrnn_tf.quantization.places import Places
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import fit_text, list_of, to_bytes
from pqrnn_tf.tasks.labelled_texts import as_texts, is_text
from pqrnn_tf.tasks.pipeline import projected_texts
from pqrnn_tf.tasks.preset_folders import (
    PresetError,
    assign,
    preset_class,
    preset_folder,
    read_preset,
    weights_of_layers,
    write_preset,
)
from pqrnn_tf.tasks.sentence_pooling import check_pooling, pool_states, unit_length

WIDTH = 256
"""Width of the vectors, where the caller does not say."""


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class SentenceEncoder(keras.Model):
    """Turns a text into one vector of unit length, so that texts of similar meaning have similar vectors.

    Texts are projected to ternary features without a vocabulary, and an encoder makes states `h_t` of their tokens:

        p = [mean_t h_t, max_t h_t]     over the real tokens; `pooling` says what
        v = W p,   vector = v / |v|

    A text without any token has the vector 0. The similarity of two texts is the dot product of their vectors.

    Args:
        width: Width of the vectors.
        spec: The projection that makes the features; it travels with the model. `None` for the default.
        encoder: A `PQRNNEncoder` or a `GraphEncoder`; `None` for the former with its defaults.
        pooling: What of the states is put side by side: some of `"mean"`, `"max"` and `"attention"`, a mean with
            learned weights.
        name: Name of the model.
        **kwargs: Arguments of `keras.Model`, such as `dtype`.

    Call arguments:
        inputs: Texts, a string or `(batch,)` of them; or `{"features": int8 (batch, time, spec.features), "lengths":
            int32 (batch,)}`, where further entries are ignored.
        training: Whether dropout, zoneout and batch statistics are on.

    Returns of a call:
        `{"vector": (batch, width)}`, float32.

    Raises:
        ValueError: if an argument is not valid.

    Example:
    ```python
    encoder = pqrnn_tf.SentenceEncoder.from_preset("encoder_en_2mb")
    one, other = encoder.encode(["wake me at seven", "set an alarm for 7"])
    float(one @ other)  # similarity, from -1 to 1
    ```

    Reference: Reimers and Gurevych 2019, *Sentence-BERT* (arXiv 1908.10084), section 3, for pooled states as vectors;
    mean and maximum side by side as in Howard and Ruder 2018 (arXiv 1801.06146), section 3.3.
    """

    def __init__(
        self,
        *,
        width: int = WIDTH,
        spec: ProjectionSpec | None = None,
        encoder: Encoder | None = None,
        pooling: Sequence[str] = ("mean", "max"),
        name: str = "sentence_encoder",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            raise ValueError(f"`width` must be a positive whole number. Received: {width!r}.")
        chosen = check_pooling(pooling)
        self.width = width
        self.spec = spec or ProjectionSpec()
        self.pooling = chosen
        self.encoder = encoder or PQRNNEncoder(name="encoder", dtype=self.dtype_policy)
        self.attention = (
            AttentionPooling(name="attention", dtype=self.dtype_policy)
            if "attention" in chosen
            else None
        )
        self.vector_head = keras.layers.Dense(
            width, use_bias=False, dtype="float32", name="vector_head"
        )
        self.places = Places("pooled", "vector")
        self._forward: Any = None

    def get_build_config(self) -> dict[str, Any]:
        """Width of the features, which `spec` has too; an empty dictionary would not be looked at."""
        return {"features": self.spec.features}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Adds the weights when a saved model is loaded."""
        self.build({"features": (None, None, self.spec.features), "lengths": (None,)})

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        shape = tuple(input_shape["features"])
        if shape[-1] != self.spec.features:
            raise ValueError(
                f"`features` must have {self.spec.features} features a token, as `spec` says. Received: shape {shape}."
            )
        if not self.encoder.built:
            self.encoder.build(shape)
        states = (*shape[:-1], self.encoder.width)
        if self.attention is not None and not self.attention.built:
            self.attention.build(states)
        if not self.vector_head.built:
            self.vector_head.build((shape[0], self.encoder.width * len(self.pooling)))
        self.built = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the model; texts become features first."""
        if is_text(inputs):
            if isinstance(inputs, keras.KerasTensor):
                inputs = Projection(self.spec)(inputs)
                inputs = {name: inputs[name] for name in ("features", "lengths")}
            else:
                if not isinstance(inputs, tf.Tensor):
                    inputs = tf.constant(as_texts(inputs, "inputs"))
                inputs = projected_texts(tf.reshape(inputs, [-1]), self.spec)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """Returns the vectors."""
        return {"vector": self.vectors(self.states(inputs, training=training))}

    def states(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The encoder's states, `{"sequence", "hidden", "mask"}`."""
        features = inputs["features"]
        lengths = ops.cast(inputs["lengths"], "int32")
        mask = ops.arange(ops.shape(features)[1])[None, :] < lengths[:, None]
        return {**self.encoder(features, mask=mask, training=training), "mask": mask}

    def vectors(self, states: dict[str, Any]) -> Any:
        """The vectors of the encoder's states, `(batch, width)` float32 of unit length."""
        pooled = pool_states(states["sequence"], states["mask"], self.pooling, self.attention)
        return unit_length(self.places("vector", self.vector_head(self.places("pooled", pooled))))

    def encode(self, texts: str | Iterable[str], *, batch_size: int = 128) -> np.ndarray:
        """The vectors of texts.

        Args:
            texts: A text, or several of them.
            batch_size: Texts a forward pass; texts of similar length go together.

        Returns:
            float32 `(texts, width)`, each row of length 1, or 0 for a text without any token; of one string
            `(width,)`.

        Raises:
            TypeError: if `texts` is neither, or an entry is no string.
            ValueError: if `batch_size` is not positive.
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be positive. Received: {batch_size}.")
        if isinstance(texts, (str, bytes)):
            return self.encode([texts], batch_size=batch_size)[0]
        if not isinstance(texts, np.ndarray) or texts.ndim == 0:
            texts = list_of(texts, "texts")
        given = as_texts(texts, "texts") if len(texts) else []
        if not self.built:
            self.build_from_config({})
        if self._forward is None:
            self._forward = tf.function(
                lambda text: self(projected_texts(text, self.spec), training=False)["vector"],
                input_signature=[tf.TensorSpec((None,), tf.string)],
            )
        result = np.zeros((len(given), self.width), np.float32)
        order = sorted(range(len(given)), key=lambda i: len(given[i]))
        for begin in range(0, len(order), batch_size):
            rows = order[begin : begin + batch_size]
            fitted = (
                fit_text(given[i], self.spec.max_code_points, version=self.spec.version).text
                for i in rows
            )
            result[rows] = self._forward(tf.constant([to_bytes(text) for text in fitted])).numpy()
        return result

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        quantization: str = "int8_weights",
        calibration: Sequence[str] = (),
        frontend: str = "code_points",
        licence: str = "",
        extra: dict[str, Any] | None = None,
    ) -> bytes:
        """Writes the model as one .tflite file, text in and vector out, which `pqrnn_tf.load` opens.

        Args:
            path: The file to write.
            quantization: `"int8_weights"`, `"int8"` (also activations) or `"none"`, see `tflite_export.convert`.
            calibration: Texts to measure the ranges of activations with, for `"int8"`.
            frontend: `"code_points"` for any stock runtime, or `"string"` where the custom op is loaded.
            licence: Note on the terms of model and data, kept in the file.
            extra: Plain JSON values to keep in the file, such as scores.

        Returns:
            The bytes of the file.

        Raises:
            TypeError, ValueError: if an argument is not valid.
        """
        from tflite_export import convert

        if not str(path).endswith(".tflite"):
            raise ValueError(f"`path` must end in .tflite. Received: {str(path)!r}.")
        return convert(
            self,
            path=path,
            quantization=quantization,
            calibration=as_texts(calibration, "calibration") if len(calibration) else [],
            frontend=frontend,
            licence=licence,
            extra=extra,
        )

    def save_to_preset(self, folder: str | os.PathLike[str], *, dtype: str = "float32") -> None:
        """Writes a folder that `from_preset` reads; other files in it, such as model.tflite, stay.

        Args:
            folder: The folder.
            dtype: `"float32"`, or `"float16"` for weights of half the size.

        Raises:
            ValueError: if `dtype` is another one, or the model has no weights yet.
        """
        if not self.built:
            raise ValueError("The model must have weights: train it, or call it once on a text.")
        write_preset(
            folder, keras.saving.serialize_keras_object(self), self._named_weights(), dtype
        )

    @classmethod
    def from_preset(cls, preset: str | os.PathLike[str]) -> SentenceEncoder:
        """A trained encoder: one that comes with the package, or a folder of `save_to_preset`.

        Args:
            preset: A name in `pqrnn_tf.pretrained_models()`, or a folder.

        Raises:
            FileNotFoundError: if there is no such preset.
            PresetError: if it has no weights to train on, or is no sentence encoder.
        """
        serialised, arrays = read_preset(preset_folder(preset))
        if preset_class(serialised) != cls.__name__:
            raise PresetError(
                f"`preset` must be a sentence encoder. Received: {str(preset)!r}, an "
                f"{preset_class(serialised)}; `{preset_class(serialised)}.from_preset` reads it."
            )
        model = cls.from_config(serialised["config"])
        model.build_from_config({})
        assign(model._named_weights(), arrays)
        return model

    def _named_weights(self) -> dict[str, keras.Variable]:
        layers: dict[str, keras.layers.Layer] = {**self.encoder.layers_with_weights()}
        for layer in (self.attention, self.vector_head):
            if layer is not None:
                layers[layer.name] = layer
        return weights_of_layers(layers)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments; the specification as plain values."""
        return {
            **super().get_config(),
            "width": self.width,
            "spec": self.spec.to_dict(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "pooling": list(self.pooling),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SentenceEncoder:
        """The inverse of `get_config`.

        Raises:
            SpecError: if the model was made with a projection version that this package does not know.
        """
        config = dict(config)
        config["spec"] = ProjectionSpec.from_dict(config["spec"])
        config["encoder"] = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**config)
