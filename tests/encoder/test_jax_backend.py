from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from train_a_step import train_a_step

HERE = pathlib.Path(__file__).resolve().parent


def results_on_jax() -> dict[str, Any]:
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(HERE.parent.parent),
        "JAX_PLATFORMS": "cpu",
    }
    finished = subprocess.run(
        [sys.executable, str(HERE / "train_a_step.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_trains_on_jax_and_computes_what_tensorflow_computes() -> None:
    jax, tensorflow = results_on_jax(), train_a_step()
    assert (jax["backend"], tensorflow["backend"]) == ("jax", "tensorflow")
    # A value at the edge between two steps of the 1/128 grid may fall on either side.
    np.testing.assert_allclose(jax["outputs"], tensorflow["outputs"], atol=2 / 128)
    assert np.isfinite(jax["loss"]).all()
    assert jax["loss"][-1] < jax["loss"][0]
