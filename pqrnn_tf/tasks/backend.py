"""Which backend of Keras runs."""

from __future__ import annotations

import os


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
