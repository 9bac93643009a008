"""Which backend of Keras runs, and how exactly TensorFlow multiplies."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_BFLOAT16 = "auto_mixed_precision_onednn_bfloat16"


def require_tensorflow_backend() -> None:
    """Says in one line, before any work is done, that training needs the backend TensorFlow.

    The encoder's layers run on every backend; the input pipeline, the trainings and the export do not.

    Raises:
        ValueError: if Keras has, or would get, another backend.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend == "tensorflow":
        import keras  # the configuration file may name another one

        backend = keras.config.backend()
    if backend != "tensorflow":
        raise ValueError(
            f"Training needs the TensorFlow backend of Keras. Received: {backend!r}. Start again with "
            "KERAS_BACKEND=tensorflow."
        )


def multiply_in_bfloat16() -> None:
    """Has TensorFlow multiply matrices in bfloat16 from now on, in this process; weights and sums stay floats."""
    _set_bfloat16(True)


@contextlib.contextmanager
def float_products() -> Iterator[None]:
    """Multiplies matrices in float32 within it, also after `multiply_in_bfloat16`."""
    import tensorflow as tf

    chosen = tf.config.optimizer.get_experimental_options().get(_BFLOAT16, False)
    _set_bfloat16(False)
    try:
        yield
    finally:
        _set_bfloat16(chosen)


def _set_bfloat16(chosen: bool) -> None:
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({_BFLOAT16: chosen})
