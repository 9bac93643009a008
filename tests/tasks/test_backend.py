"""Which backend of Keras a training needs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pqrnn_tf.tasks.backend import require_tensorflow_backend


def test_another_backend_is_one_line_at_the_start(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ValueError, match="needs the TensorFlow backend of Keras. Received: 'jax'"):
        require_tensorflow_backend()


def test_tensorflow_is_fine(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    require_tensorflow_backend()


def test_the_backend_is_checked_without_importing_keras():
    code = (
        "import sys\nfrom pqrnn_tf.tasks.backend import require_tensorflow_backend\n"
        "try:\n    require_tensorflow_backend()\nexcept ValueError:\n    sys.exit('keras' in sys.modules)\n"
        "sys.exit(2)"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
