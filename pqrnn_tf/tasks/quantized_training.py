"""Quantisation-aware training: a trained model is trained further while what an exported file rounds is rounded."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

import keras

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.labels import LabelError
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.quantized import calibrate, rounded_activations
from pqrnn_tf.tasks.starting import digest_of_weights
from pqrnn_tf.tasks.training import fit_resumable, save_model
from pqrnn_tf.tasks.training_data import ExampleData, augmentation


def train_quantized(
    model: IntentSlotModel,
    config: TrainingConfig,
    examples: Sequence[Example],
    development: Sequence[Example],
    output: str | os.PathLike[str],
    *,
    evaluate_every: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> IntentSlotModel:
    """Trains a model further with kernels of the encoder and activations rounded to 8 bits.

    The ranges of the activations are calibrated on the training rows at the start and stay. A killed
    training resumes, as in `tasks.training.train`. Some epochs at a tenth of the learning rate are enough.

    Args:
        model: A trained model; it is trained in place.
        config: How to train; what it says of the encoder is not read.
        examples: The rows that the model was trained on.
        development: Rows to score, with rounding, during training; never trained on. May be empty.
        output: Folder, as in `train`.
        evaluate_every, callbacks, verbose: As in `train`.

    Returns:
        The model, also saved as `model.keras`: one of floats like any other, to export with
        `quantization="int8"`.

    Raises:
        LabelError: if the model has other labels than the training rows.
        ResumeError: if `output` holds another training.
        ValueError: if the model has another projection than the configuration, or there are no examples.

    Reference: Jacob et al. 2018, section 3 (arXiv 1712.05877), with ranges that are not learned.
    """
    if model.spec != config.spec:
        raise ValueError(
            f"`config` must have the projection of `model`, {model.spec}. Received: {config.spec}."
        )
    labels = labels_for(config, examples)
    if model.labels.outputs != labels.outputs:
        raise LabelError(
            "`model` must have the labels of the training rows. Received: "
            f"{len(model.labels.intents)} intents and {len(model.labels.tags)} tags for "
            f"{len(labels.intents)} and {len(labels.tags)}, or in another order."
        )
    digest = digest_of_weights(model)
    folder = pathlib.Path(output)
    ranges = calibrate(model, [example.text for example in examples])
    with rounded_activations(model, ranges, kernels=True):
        fit_resumable(
            model,
            model,
            config,
            ExampleData(examples, augmentation(config, examples)),
            development,
            folder,
            evaluate_every=evaluate_every,
            callbacks=callbacks,
            verbose=verbose,
            identity={"quantized_from": digest},
        )
    save_model(model, folder)  # without the quantizers
    return model
