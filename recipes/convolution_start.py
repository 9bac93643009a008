"""Weights to start a student with a convolution behind its layers from, out of those of the same student without it.

    python -m recipes.convolution_start --model runs/two_layers_500kb \\
        --config recipes/students/mtop_en_500kb_depthwise.json \\
        --output runs/start_500kb

The new student says what the old one says: its convolution is multiplied by 0 until training changes that. A bottleneck
that is to be narrower keeps the channels that the first layer listens to most.
"""

from __future__ import annotations

import pathlib
import sys
from typing import TYPE_CHECKING

import numpy as np

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command

if TYPE_CHECKING:
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

CONVOLUTION = "smoothed_0"
"""The layer that is new, by its name in the weights."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Folder of a training, or a preset.", required=True, metavar="FOLDER")
    parser.flag(
        "config",
        "The new student: states `layer1`, `layer2` … as the stack has layers, and `smoothed`.",
        required=True,
        metavar="FILE",
    )
    parser.flag("output", "Folder to write.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.commands.keras_model import load_student
    from pqrnn_tf.files import atomic_folder
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.training import build_model, save_model

    former = load_student(arguments.model)
    student = build_model(read_config(arguments.config, ()), former.labels)
    with_convolution(student, former)
    with atomic_folder(pathlib.Path(arguments.output)) as folder:
        save_model(student, folder)


def with_convolution(student: IntentSlotModel, former: IntentSlotModel) -> None:
    """Gives a student the weights of another one that lacks its last state, a convolution.

    Args:
        student: The new student, with a graph.
        former: The other one, with a stack of layers and the same projection.

    Raises:
        UsageError: if the weights do not fit.
    """
    if student.spec != former.spec:
        raise UsageError("--config must have the projection of --model")
    theirs = {name: variable.numpy() for name, variable in former._named_weights().items()}
    kernels = [theirs[f"qrnn_1/{way}/kernel"] for way in ("forward", "backward")]
    channels = theirs["bottleneck/kernel"].shape[1]
    own = student._named_weights()
    scale = theirs["bottleneck/batch_normalization/gamma"]
    kept = _strongest(kernels, scale, own["bottleneck/kernel"].shape[1])
    for name, variable in own.items():
        layer, _, inside = name.partition("/")
        if layer == CONVOLUTION:
            if inside.endswith("gamma"):
                variable.assign(np.zeros(variable.shape, np.float32))
            continue
        number = layer.removeprefix("layer").removesuffix("_0")
        values = theirs.get(f"qrnn_{number}/{inside}" if number != layer else name)
        if values is None:
            raise UsageError(f"--config must have the layers of --model and `smoothed`: no {name}")
        if layer == "bottleneck":
            values = values[..., kept]
        elif number == "1" and inside.endswith("/kernel"):
            # A row per channel and step of the convolution in the layer, the steps one after the other.
            steps = values.reshape(-1, channels, values.shape[-1])[:, kept]
            values = steps.reshape(-1, values.shape[-1])
        if values.shape != tuple(variable.shape):
            raise UsageError(
                f"--config must have the sizes of --model, but for a narrower bottleneck: {name} has "
                f"{tuple(variable.shape)}, not {values.shape}"
            )
        variable.assign(values)


def _strongest(kernels: list[np.ndarray], scale: np.ndarray, count: int) -> np.ndarray:
    """The channels of the bottleneck that the first layer listens to most, in order."""
    weights = np.concatenate(
        [kernel.reshape(-1, len(scale), kernel.shape[-1]) for kernel in kernels]
    )
    heard = np.abs(scale) * np.sqrt((weights**2).sum(axis=(0, 2)))
    return np.sort(np.argsort(-heard)[:count])


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.convolution_start", __doc__, configure, run, sys.argv[1:])
    )
