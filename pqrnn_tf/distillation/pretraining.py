"""Pretraining of a sentence encoder on a teacher's vectors, and on raw text."""

from __future__ import annotations

import hashlib
import logging
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from pqrnn_tf.datasets.rows import unlabelled
from pqrnn_tf.distillation.distances import (
    contrastive_distance,
    hidden_distance,
    similarity_distance,
    vector_distance,
)
from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
from pqrnn_tf.encoder.building import encoder_of
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import OUTSIDE, LabelSet
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.mirrored_text import OTHER
from pqrnn_tf.tasks.optimizers import build_optimizer
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.tasks.training import save_model
from pqrnn_tf.tasks.training_data import TrainingData
from pqrnn_tf.teachers.answers.cached import PREFIX
from pqrnn_tf.teachers.answers.rewritten import rewriter
from pqrnn_tf.teachers.answers.shards import LabelledText, MixedText

_LOG = logging.getLogger(__name__)

NO_LABELS = LabelSet(("text",), (OUTSIDE,))
"""What text without labels is batched with."""
FIRST_TEXTS = 4096
"""Texts whose words typing errors put in the place of others, and that a map to the teacher's space starts from."""


class Pretrainer(keras.Model):
    r"""Trains a sentence encoder on cached answers of a teacher, on raw text, or on both.

    The loss is the sum of the distances that `config` gives a weight:

        vector_weight · vector_distance(t, M v) + similarity_weight · similarity_distance(t, v)
        + token_weight · hidden_distance(states of t, N · states) + contrastive_weight · contrastive_distance(v, v')

    where t are the teacher's vectors, less `centre`, v the encoder's and v' those of the second view of each text:
    `other_features` of the batch, or the same features without a random span of them. The maps M and N train along and
    are not part of the encoder.

    Args:
        encoder: The sentence encoder, with weights.
        config: Weights of the losses.
        vector_width: Width of the teacher's vectors; `None` without a teacher.
        token_width: Width of the teacher's states of tokens; `None` where there are none.
        centre: What is subtracted from the teacher's vectors, float32 `(vector_width,)`; `None` for nothing.

    Raises:
        ValueError: if no loss has a weight, or one has a weight and the teacher has nothing for it.
    """

    def __init__(
        self,
        encoder: SentenceEncoder,
        config: PretrainingConfig,
        *,
        vector_width: int | None = None,
        token_width: int | None = None,
        centre: np.ndarray | None = None,
    ) -> None:
        super().__init__(name="pretrainer")
        weights = _loss_weights(config)
        for name, width in (
            ("vector", vector_width),
            ("similarity", vector_width),
            ("token", token_width),
        ):
            if name in weights and width is None:
                raise ValueError(
                    f"`{name}_weight` must be 0 where the teacher has nothing to compare with. Received: "
                    f"{weights[name]}."
                )
        self.encoder = encoder
        self.config = config
        self.centre = centre
        self.loss_weights_by_name = weights
        self.vector_map = self._map("vector_map", encoder.width, vector_width, "vector" in weights)
        self.token_map = self._map(
            "token_map", encoder.encoder.width, token_width, "token" in weights
        )
        self.erasing = keras.random.SeedGenerator(config.seed)
        self._means = {name: keras.metrics.Mean(name=f"{name}_loss") for name in weights}
        self.built = True

    @staticmethod
    def _map(name: str, width: int, target: int | None, used: bool) -> keras.layers.Dense | None:
        if not used or target is None:
            return None
        layer = keras.layers.Dense(target, use_bias=False, dtype="float32", name=name)
        layer.build((None, width))
        return layer

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The vectors, and what else the losses compare."""
        states = self.encoder.states(inputs, training=training)
        outputs = {"vector": self.encoder.vectors(states)}
        if self.token_map is not None:
            outputs["tokens"] = self.token_map(states["sequence"])
        if "contrastive" in self.loss_weights_by_name:
            other = self.encoder.states(self._second_view(inputs), training=training)
            outputs["other_vector"] = self.encoder.vectors(other)
        return outputs

    def _second_view(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if OTHER + "features" in inputs:
            return {name: inputs[OTHER + name] for name in ("features", "lengths")}
        features = inputs["features"]
        width = int(features.shape[-1])
        start = keras.random.randint(
            (ops.shape(features)[0], 1, 1), 0, width, seed=self.erasing, dtype="int32"
        )
        # A span that begins near the end continues at the beginning.
        place = (ops.arange(width, dtype="int32")[None, None, :] - start) % width
        kept = ops.cast(place >= round(self.config.erased * width), features.dtype)
        return {"features": features * kept, "lengths": inputs["lengths"]}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The weighted sum of the distances; updates the metrics with the unweighted ones."""
        vectors, rows = y_pred["vector"], ops.shape(y_pred["vector"])[0]
        distances = {}
        if PREFIX + "vector" in x:
            theirs = ops.cast(x[PREFIX + "vector"], "float32")
            if self.centre is not None:
                theirs -= self.centre
            if self.vector_map is not None:
                distances["vector"] = vector_distance(theirs, self.vector_map(vectors))
            if "similarity" in self._means:
                distances["similarity"] = similarity_distance(
                    theirs, vectors, scale=self.config.similarity_scale
                )
        if self.token_map is not None:
            distances["token"] = hidden_distance(
                x[PREFIX + "hidden"], y_pred["tokens"], mask=x[PREFIX + "mask"]
            )
        if "contrastive" in self._means:
            distances["contrastive"] = contrastive_distance(
                vectors, y_pred["other_vector"], temperature=self.config.contrastive_temperature
            )
        total = ops.sum(ops.stack([ops.sum(loss) for loss in self.losses])) if self.losses else 0.0
        for name, distance in distances.items():
            self._means[name].update_state(distance, sample_weight=rows)
            total += self.loss_weights_by_name[name] * distance
        return total

    def get_config(self) -> dict[str, Any]:
        """Raises `NotImplementedError`: what is worth keeping is the encoder."""
        raise NotImplementedError("A pretrainer is not saved. Save its `encoder`.")


def _loss_weights(config: PretrainingConfig) -> dict[str, float]:
    """The weights of the losses that have one.

    Raises:
        ValueError: if none has.
    """
    weights = {
        "vector": config.vector_weight,
        "similarity": config.similarity_weight,
        "token": config.token_weight,
        "contrastive": config.contrastive_weight,
    }
    weights = {name: weight for name, weight in weights.items() if weight}
    if not weights:
        raise ValueError("`config` must give at least one loss a weight. Received: none.")
    return weights


def check_pretraining(config: PretrainingConfig, start: SentenceEncoder | None) -> None:
    """Raises what `pretrain` would of a configuration and a start, before a teacher answers anything.

    Args:
        config: The configuration.
        start: The encoder that the training would start from; `None` for new weights.

    Raises:
        ResumeError: if `start` is of another size.
        ValueError: if no loss has a weight.
    """
    _loss_weights(config)
    if start is not None:
        _take_weights(build_encoder(config), start)


def build_encoder(config: PretrainingConfig) -> SentenceEncoder:
    """A new sentence encoder, its weights drawn by the configuration's seed."""
    keras.utils.set_random_seed(config.seed)
    encoder = encoder_of(config, name="encoder")
    model = SentenceEncoder(width=config.width, spec=config.spec, encoder=encoder)
    model.build_from_config({})
    return model


def pretrain(
    config: PretrainingConfig,
    data: LabelledText | MixedText | TrainingData,
    output: str | os.PathLike[str],
    *,
    start: SentenceEncoder | None = None,
    identity: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> SentenceEncoder:
    """Trains a sentence encoder; a killed training resumes to the same result.

    Each pass writes the text again with the configuration's surface forms and errors, while the teacher's answers stay
    those to the clean text.

    Args:
        config: The encoder, its training and its losses.
        data: A teacher's answers with sentence vectors, as `label_text(…, vectors=True)` writes them; or
            `MirroredText` for raw text.
        output: Folder for `model.keras`, `model.json` and `weights.npz` (what `SentenceEncoder.from_preset` reads),
            `training.json`, `log.jsonl` and `checkpoint/`.
        start: An encoder of the same sizes whose weights the training starts from; the map to the teacher's space
            starts from the least squares of its vectors. `None` for new weights.
        identity: What else decides the result; a training resumes with the same only.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        The encoder with its averaged weights.

    Raises:
        ResumeError: if `output` holds another training.
        ValueError: if there is nothing to train on, `start` is of another size, or `centred` has no vectors to centre.
    """
    require_tensorflow_backend()
    encoder = build_encoder(config)
    vector_width = getattr(data, "vector_width", None)
    own: dict[str, Any] = dict(identity or {})
    if start is not None:
        _take_weights(encoder, start)
        own["start"] = _digest(encoder)
    if config.centred and vector_width is None:
        raise ValueError(
            "`centred` must be false where the teacher has no vectors. Received: True."
        )
    stores: Sequence[LabelledText] = ()
    centre: np.ndarray | None = None
    if isinstance(data, (LabelledText, MixedText)):
        stores = data.stores if isinstance(data, MixedText) else (data,)
        texts, theirs = _first_answers(stores[0])
        if config.centred:
            centre = theirs.mean(axis=0)
            theirs = theirs - centre
    trained = Pretrainer(
        encoder,
        config,
        vector_width=vector_width,
        token_width=getattr(data, "width", None),
        centre=centre,
    )
    if stores:
        if start is not None and trained.vector_map is not None:
            # Of all linear maps this is the nearest one, in the sense of least squares.
            best = np.linalg.lstsq(encoder.encode(texts), theirs, rcond=None)[0]
            trained.vector_map.kernel.assign(best)
        rewrite = rewriter(config, [unlabelled(text) for text in texts])
        if rewrite is not None:
            data = MixedText([store.rewritten(rewrite) for store in stores])
    rounds = engine.Rounds.of(data, config.batch_size, epochs=config.epochs, steps=None)
    trained.compile(
        optimizer=build_optimizer(config, rounds.total),
        jit_compile=False,  # XLA would compile anew for each length of a bucket
    )
    folder = pathlib.Path(output)
    engine.run(
        trained,
        encoder,
        data,
        rounds,
        folder,
        identity={
            "config": config.to_dict(),
            "data": data.fingerprint,
            **own,
        },
        labels=NO_LABELS,
        spec=config.spec,
        batch_size=config.batch_size,
        seed=config.seed,
        callbacks=callbacks,
        verbose=verbose,
    )
    save_model(encoder, folder)
    encoder.save_to_preset(folder)
    return encoder


def _take_weights(encoder: SentenceEncoder, start: SentenceEncoder) -> None:
    """Gives an encoder the weights of another one.

    Raises:
        ResumeError: if their sizes or projections differ.
    """
    shapes = [[tuple(weight.shape) for weight in model.weights] for model in (start, encoder)]
    if shapes[0] != shapes[1] or start.spec != encoder.spec:
        raise ResumeError(
            "`start` must have the sizes and the projection that the configuration names. Received: "
            f"{start.count_params():,} weights and width {start.width}, not {encoder.count_params():,} and width "
            f"{encoder.width}, or another projection. Pass its configuration."
        )
    encoder.set_weights(start.get_weights())


def _first_answers(store: LabelledText) -> tuple[list[str], np.ndarray]:
    """The first texts of a store and the teacher's vectors of them, float32 `(texts, width)`."""
    texts: list[str] = []
    vectors: list[np.ndarray] = []
    for number in range(len(store.shards)):
        shard = store.shard(number)
        texts += [bytes(text).decode("utf-8", errors="replace") for text in shard.texts]
        if shard.vectors is not None:
            vectors.append(shard.vectors.astype(np.float32))
        if len(texts) >= FIRST_TEXTS:
            break
    theirs = np.concatenate(vectors) if vectors else np.zeros((len(texts), 0), np.float32)
    return texts[:FIRST_TEXTS], theirs[:FIRST_TEXTS]


def _digest(model: keras.Model) -> str:
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:16]
