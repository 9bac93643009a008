"""The projection as a Keras layer."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.spec import ProjectionSpec


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class Projection(keras.layers.Layer):
    """Projects texts to ternary features of their tokens, without a vocabulary.

    Each token becomes a vector of −1, 0 and +1: hashes of the whole token, hashes of its character
    n-grams, and facts about its shape. Equal specifications give equal bits on every platform and in
    every version of this package that knows the specification's version; docs/projection.md is the
    full description. The ternary code is that of Kaliamoorthi et al. 2021 (arXiv 2101.08890, section 3.1).

    The layer has no weights. It works eagerly, inside `tf.data`, and inside a model, where it runs on
    the CPU and cannot be compiled by XLA, because its inputs are strings.

    Args:
        spec: What to compute: a `ProjectionSpec`, a dictionary as `ProjectionSpec.to_dict` gives
            it, or `None` for the default. It is saved with the model, version included.
        pad_to_max_tokens: Whether the time axis always has `spec.max_tokens` positions. By default
            it has as many as the longest text of the batch.
        **kwargs: Arguments of `keras.layers.Layer` (`name`, `dtype`, `trainable`).

    Raises:
        SpecError: if `spec` is not valid, or of a version that this package does not compute.

    Call arguments:
        inputs: Strings, scalar or `(batch,)`. Bytes that are not UTF-8 are read as U+FFFD.

    Input shape:
        `()` or `(batch,)`.

    Output shape:
        A dictionary, without the batch axis for a scalar input:

        *   `features`: int8 `(batch, time, spec.features)`; padded positions are 0.
        *   `lengths`: int32 `(batch,)`, the number of tokens.
        *   `spans`: int32 `(batch, time, 2)`, half-open, in code points of the text.
        *   `truncated`: bool `(batch,)`, whether tokens were cut by the limits of the specification.

    Example:
    ```python
    projection = Projection(ProjectionSpec(word_features=256, ngram_features=256))
    outputs = projection(["Wake me at 7pm", "नमस्ते"])
    outputs["features"].shape  # (2, 5, 520)
    ```

    Reference:
        [Kaliamoorthi et al., 2021](https://arxiv.org/abs/2101.08890)
    """

    def __init__(
        self,
        spec: ProjectionSpec | dict[str, Any] | None = None,
        *,
        pad_to_max_tokens: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if spec is None:
            spec = ProjectionSpec()
        elif isinstance(spec, dict):
            spec = ProjectionSpec.from_dict(spec)
        elif not isinstance(spec, ProjectionSpec):
            raise TypeError(
                "`spec` must be a ProjectionSpec, a dictionary of its fields, or None. "
                f"Received: {spec!r} of type {type(spec).__name__}."
            )
        self.spec = spec
        self.pad_to_max_tokens = pad_to_max_tokens
        self.supports_jit = False

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer; Python strings, lists and arrays of them become tensors first."""
        if not isinstance(inputs, keras.KerasTensor):
            inputs = tf.convert_to_tensor(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Projects strings; see the class."""
        if inputs.dtype != tf.string or inputs.shape.rank not in (0, 1):
            raise ValueError(
                "`inputs` must be strings of shape () or (batch,). "
                f"Received: dtype={inputs.dtype.name}, shape={inputs.shape}."
            )
        with tf.device("/CPU:0"):
            outputs = project_strings(
                tf.reshape(inputs, [-1]), self.spec, pad_to_max_tokens=self.pad_to_max_tokens
            )
            named = dict(zip(("features", "lengths", "spans", "truncated"), outputs, strict=True))
            specs = self._output_specs(tuple(inputs.shape))
            if inputs.shape.rank == 0:
                named = {name: value[0] for name, value in named.items()}
            return {name: tf.ensure_shape(v, specs[name].shape) for name, v in named.items()}

    def _output_specs(self, leading: tuple[int | None, ...]) -> dict[str, keras.KerasTensor]:
        time = self.spec.max_tokens if self.pad_to_max_tokens else None
        return {
            "features": keras.KerasTensor((*leading, time, self.spec.features), "int8"),
            "lengths": keras.KerasTensor(leading, "int32"),
            "spans": keras.KerasTensor((*leading, time, 2), "int32"),
            "truncated": keras.KerasTensor(leading, "bool"),
        }

    def compute_output_spec(self, inputs: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
        """Shapes and types of the outputs."""
        return self._output_specs(tuple(inputs.shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor; `spec` as a dictionary that carries its version."""
        config = super().get_config()
        return {
            **config,
            "spec": self.spec.to_dict(),
            "pad_to_max_tokens": self.pad_to_max_tokens,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Projection:
        """The inverse of `get_config`.

        Raises:
            SpecError: if the specification is of a version that this package does not compute.
        """
        return cls(**config)
