"""Models that grow: the weights of a small one become those of a deeper or wider one.

A larger model that starts from a trained small one costs less than one that is trained at full size from the beginning
(Gu et al. 2021, *On the Transformer Growth for Progressive BERT Training*, arXiv 2010.12562). Width and features grow
so that the outputs stay what they were; depth does so with `"identity"`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from pqrnn_tf.encoder.building import encoder_of
from pqrnn_tf.encoder.config import COUNT, POSITIVE
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.preset_folders import assign

DEPTHS = ("stack", "identity")
"""How new layers begin: as copies of those below (the paper's), or so that they add nothing yet (ours)."""

SIZES = ("bottleneck_units", "units", "layers")
"""Fields of a configuration that may grow, beside features and lengths of `spec`."""

_FIXED = ("kernel_width", "pooling", "residual", "normalization")
_LENGTHS = ("max_tokens", "max_code_points")
_HEADS = ("intent_head", "slot_head", "context_head", "nested_head", "nested_context_head")


@dataclasses.dataclass(frozen=True)
class GrowthStage:
    """A part of a training, with the sizes that the model has in it.

    Args:
        share: Share of all steps, between 0 and 1.
        sizes: Values of some of `SIZES`; the others are those of the whole training.
        max_tokens: Longest text in tokens; `None` for that of the whole training.
        learning_rate: Its peak in this part; `None` for that of the whole training.

    Raises:
        ValueError: if a name is unknown or a value out of its range.
    """

    share: float
    sizes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    max_tokens: int | None = None
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        if not POSITIVE.holds(self.share) or not self.share < 1:
            raise ValueError(f"`share` must be between 0 and 1. Received: {self.share!r}.")
        if unknown := sorted(set(self.sizes) - set(SIZES)):
            raise ValueError(f"`sizes` must be some of {list(SIZES)}. Received: {unknown}.")
        counts = {**self.sizes, "max_tokens": self.max_tokens}
        for name, value in counts.items():
            if value is not None and not COUNT.holds(value):
                raise ValueError(f"`{name}` must be {COUNT.says}. Received: {value!r}.")
        if self.learning_rate is not None and not POSITIVE.holds(self.learning_rate):
            raise ValueError(
                f"`learning_rate` must be {POSITIVE.says}. Received: {self.learning_rate!r}."
            )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GrowthStage:
        """A stage from a mapping such as `{"share": 0.4, "units": 32, "layers": 1}`.

        Raises:
            ValueError: as the class, or if there is no share.
        """
        if not isinstance(values, Mapping) or "share" not in values:
            raise ValueError(
                f"A stage of growth must be a mapping with a `share`. Received: {values!r}."
            )
        known = ("share", "max_tokens", "learning_rate")
        return cls(
            sizes={name: value for name, value in values.items() if name not in known},
            **{name: values[name] for name in known if name in values},
        )

    def configured(self, config: TrainingConfig) -> TrainingConfig:
        """The configuration of this part of a training.

        Raises:
            ValueError: if something is larger than in the whole training.
        """
        changed: dict[str, Any] = dict(self.sizes)
        if self.max_tokens is not None:
            changed["spec"] = dataclasses.replace(config.spec, max_tokens=self.max_tokens)
        if self.learning_rate is not None:
            changed["learning_rate"] = self.learning_rate
        own = dataclasses.replace(config, **changed)
        check_growth(own, config)
        return own


def check_growth(small: Any, large: Any) -> None:
    """Checks that a model of one configuration can grow into one of another.

    Args:
        small, large: `TrainingConfig`s, or what has their fields.

    Raises:
        ValueError: if something shrinks or is of another kind; the message names it.
    """
    if large.graph is not None:
        raise ValueError(
            "`graph` must be None in a model that grows: a stack grows. Received: one with states "
            f"{[state.name for state in large.graph.states]}."
        )
    for name in _FIXED:
        if getattr(small, name) != getattr(large, name):
            raise ValueError(
                f"`{name}` must be the same in a model that grows. Received: {getattr(small, name)!r} and "
                f"{getattr(large, name)!r}."
            )
    for name in SIZES:
        if getattr(small, name) > getattr(large, name):
            raise ValueError(
                f"`{name}` must not shrink in a model that grows. Received: {getattr(small, name)} and "
                f"{getattr(large, name)}."
            )
    for name in _LENGTHS:
        if getattr(small.spec, name) > getattr(large.spec, name):
            raise ValueError(
                f"`spec.{name}` must not shrink in a model that grows. Received: {getattr(small.spec, name)} and "
                f"{getattr(large.spec, name)}."
            )
    rest = {name: getattr(large.spec, name) for name in (*_LENGTHS, "version")}
    if dataclasses.replace(_with_ngrams(small.spec, large.spec), **rest) != large.spec:
        raise ValueError(
            "`spec` may only gain tokens, code points or, where it has none, n-grams. Received: "
            f"{small.spec} and {large.spec}: the features of words would be others."
        )


def _with_ngrams(small: ProjectionSpec, large: ProjectionSpec) -> ProjectionSpec:
    """The small projection with the large one's n-grams, where it has none of its own."""
    if small.ngram_features:
        return small
    names = ("ngram_features", "ngram_orders", "ngram_hashes")
    return dataclasses.replace(small, **{name: getattr(large, name) for name in names})


def changed_outputs(small: Any, large: Any, *, depth: str = "stack") -> tuple[str, ...]:
    """Why a model that grows gives other outputs than before; empty if it gives the same.

    Args:
        small, large: As in `check_growth`.
        depth: As in `grow`.
    """
    reasons = []
    if large.layers > small.layers and depth == "stack":
        reasons.append("a copy of a layer changes what it is given")
    if large.layers > small.layers and depth == "identity" and not large.residual:
        reasons.append("a layer without a residual cannot add nothing")
    adds = [
        config.residual and config.bottleneck_units == 2 * config.units for config in (small, large)
    ]
    if adds[0] != adds[1]:
        reasons.append("the first layer gains or loses its residual")
    uneven = any(
        getattr(large, name) % getattr(small, name) for name in ("units", "bottleneck_units")
    )
    if large.normalization == "layer" and uneven:
        reasons.append("layer normalisation sees some channels more often than others")
    return tuple(reasons)


def grow(
    model: IntentSlotModel,
    config: TrainingConfig,
    *,
    depth: str = "stack",
    seed: int | None = None,
) -> IntentSlotModel:
    """A larger model that starts from the weights of a small one.

    - **Width.** A channel of the larger model is a copy of one of the small one: the columns that make it are copied,
      gate by gate, with their normalisation, and the rows that read it are divided by the number of its copies. With a
      whole factor this is the paper's tiling; other sizes follow Net2Net (Chen et al. 2016, arXiv 1511.05641).
      Each direction of a layer grows by itself, so that their states stay side by side. The outputs stay the same, and
      to the last bit but for the order of sums where the factor is a power of two.
    - **Depth.** `"stack"`: layer i begins as layer i modulo the number of small ones, as in the paper; outputs change.
      `"identity"` (ours): so too, but for the candidates of its gates, which begin at 0; then the new layer's states
      are 0 and its residual passes on what it is given.
    - **Features.** Rows of the bottleneck for new n-grams begin at 0. Longer texts need no weights.

    Copies of a channel are trained apart by dropout and zoneout only. With a `seed` they also begin with unequal
    shares in what reads them, which keeps the outputs too (ours).

    Args:
        model: The small model, with weights and labels.
        config: The large one; other fields than sizes, regularisation and `spec` are not looked at.
        depth: `"stack"` or `"identity"`.
        seed: Seed of unequal shares; `None` for equal ones.

    Returns:
        A model of the same labels, heads and dtype, that takes the same inputs. `changed_outputs` tells whether it
        answers as before.

    Raises:
        ValueError: if `depth` is unknown, the model has no weights, or something would have to shrink or change; or if
            its encoder is a graph, or it has entity features or the vectors of a sentence encoder.

    Example:
        >>> large = grow(small, TrainingConfig(units=128, bottleneck_units=256, layers=4))
    """
    if model.labels is None or not model.built:
        raise ValueError(
            "`model` must have labels and weights. Received: one without; train it first."
        )
    weights = grown_weights(model, config, depth=depth, seed=seed)
    encoder = encoder_of(config, name="encoder", dtype=model.encoder.dtype_policy)
    large = type(model).from_config(
        {
            **model.get_config(),
            "spec": config.spec.to_dict(),
            "encoder": keras.saving.serialize_keras_object(encoder),
            "dropout": config.head_dropout,
        }
    )
    large.build_from_config(large.get_build_config())
    assign(large._named_weights(), weights)
    return large


def grown_weights(
    model: IntentSlotModel, config: TrainingConfig, *, depth: str = "stack", seed: int | None = None
) -> dict[str, np.ndarray]:
    """The weights that `grow` gives a larger model, by name; the arguments are those of `grow`."""
    if depth not in DEPTHS:
        raise ValueError(f"`depth` must be one of {list(DEPTHS)}. Received: {depth!r}.")
    small = _Sizes(model)
    check_growth(small, config)
    before = {
        name: np.asarray(keras.ops.convert_to_numpy(variable))
        for name, variable in model._named_weights().items()
    }
    return _grown(before, small, config, depth, seed)


def start_grown(
    model: IntentSlotModel, small: IntentSlotModel, config: TrainingConfig, *, depth: str
) -> str:
    """Starts a new model from a smaller one, its heads too where the labels are the same.

    Args:
        model: The new model, of the sizes of `config`.
        small: The smaller one.
        config: Configuration of the new one.
        depth: As in `grow`.

    Returns:
        A digest of the weights that it starts from.

    Raises:
        ValueError: as `grow`.
    """
    arrays = grown_weights(small, config, depth=depth)
    if small.labels is None or small.labels.outputs != model.labels.outputs:
        arrays = {
            name: v
            for name, v in arrays.items()
            if name.startswith(("bottleneck", "qrnn", "pooling"))
        }
    variables = model._named_weights()
    assign({name: variable for name, variable in variables.items() if name in arrays}, arrays)
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()[:16]


class _Sizes:
    """The fields of a configuration that a model has."""

    def __init__(self, model: IntentSlotModel) -> None:
        encoder = model.encoder
        if not isinstance(encoder, PQRNNEncoder):
            raise ValueError("`model` must have a stack as its encoder to grow. Received: a graph.")
        if not encoder.bidirectional:
            raise ValueError("`model` must have a bidirectional encoder. Received: a causal one.")
        if model.entity_features is not None:
            raise ValueError(
                "`model` must be one without entity features to grow. Received: one with them; add them afterwards, by "
                "`with_entity_features`."
            )
        if model.sentence_pooling is not None:
            raise ValueError(
                "`model` must pool states by attention to grow. Received: one with the vectors of a sentence encoder, "
                'as a training on few rows starts from one; train the smaller model with `start="none"`.'
            )
        for name in (*SIZES, *_FIXED):
            setattr(self, name, getattr(encoder, name))
        self.spec = model.spec


@dataclasses.dataclass(frozen=True)
class _Channels:
    """Where the channels of a larger representation come from.

    Attributes:
        source: For each of them the one of the small representation that it copies.
        shares: For each of them its part in what the small one gave to its readers.
    """

    source: np.ndarray
    shares: np.ndarray

    @classmethod
    def copied(cls, small: int, large: int, rng: np.random.Generator | None) -> _Channels:
        source = np.arange(large) % small
        parts = np.ones(large) if rng is None else rng.uniform(0.5, 1.5, large)
        return cls(source, parts / np.bincount(source, parts)[source])

    @classmethod
    def side_by_side(cls, parts: Sequence[_Channels], width: int) -> _Channels:
        """Representations of `width` small channels each, one behind the other."""
        return cls(
            np.concatenate([part.source + width * i for i, part in enumerate(parts)]),
            np.concatenate([part.shares for part in parts]),
        )

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Rows `(small, …)` of what reads the representation, for the larger one."""
        shares = self.shares.reshape(-1, *[1] * (rows.ndim - 1))
        return (rows[self.source] * shares).astype(rows.dtype)


def _grown(
    before: Mapping[str, np.ndarray],
    small: Any,
    large: TrainingConfig,
    depth: str,
    seed: int | None,
) -> dict[str, np.ndarray]:
    rng = None if seed is None else np.random.default_rng(seed)
    after: dict[str, np.ndarray] = {}
    bottleneck = _Channels.copied(small.bottleneck_units, large.bottleneck_units, rng)
    states = _Channels.side_by_side(
        [_Channels.copied(small.units, large.units, rng) for _ in range(2)], small.units
    )
    if (
        small.residual
        and small.bottleneck_units == 2 * small.units
        and (large.bottleneck_units == 2 * large.units)
    ):
        # What is added to a layer's states stands where they do.
        bottleneck = states
    kernel = before["bottleneck/kernel"]
    after["bottleneck/kernel"] = _with_new_features(kernel, small.spec, large.spec)[
        :, bottleneck.source
    ]
    for name, values in before.items():
        if name.startswith("bottleneck/") and name != "bottleneck/kernel":
            after[name] = values[bottleneck.source]
    for number in range(1, large.layers + 1):
        of = (number - 1) % small.layers + 1
        # A copy of the first layer reads states, not the bottleneck.
        given = states if number > 1 else bottleneck
        for half in ("forward", "backward"):
            own = {
                name.removeprefix(f"qrnn_{of}/{half}/"): values
                for name, values in before.items()
                if name.startswith(f"qrnn_{of}/{half}/")
            }
            if of == 1 and number > 1 and small.bottleneck_units != 2 * small.units:
                own["kernel"] = _refitted(own["kernel"], small)
            columns = _gate_columns(
                states.source[: large.units], small.units, own["kernel"].shape[1]
            )
            grown = _grown_half(own, given, columns, small.kernel_width)
            if depth == "identity" and number > small.layers:
                _silence(grown, large.units)
            after.update({f"qrnn_{number}/{half}/{name}": v for name, v in grown.items()})
    after["pooling/kernel"] = states.read(before["pooling/kernel"])
    for head in _HEADS:
        for name, values in before.items():
            if name == f"{head}/kernel":
                after[name] = states.read(values)
            elif name.startswith(f"{head}/"):
                after[name] = values
    # Of a head of less than full rank, what reads the features.
    of_features = "bag_head/down" if "bag_head/down" in before else "bag_head/kernel"
    for name, values in before.items():
        if name.startswith("bag_head/"):
            widened = name == of_features
            after[name] = _with_new_features(values, small.spec, large.spec) if widened else values
    return after


def _with_new_features(
    kernel: np.ndarray, small: ProjectionSpec, large: ProjectionSpec
) -> np.ndarray:
    """Rows of a kernel over features; those of n-grams that the small projection lacks are 0."""
    new = large.ngram_features - small.ngram_features
    zeros = np.zeros((new, kernel.shape[1]), kernel.dtype)
    place = small.word_features + small.ngram_features
    return np.concatenate([kernel[:place], zeros, kernel[place:]])


def _refitted(kernel: np.ndarray, small: Any) -> np.ndarray:
    """The kernel of the first layer for states in the place of the bottleneck, whose width is another one.

    Channel j of the states is read as channel j modulo the width of the bottleneck was; a channel that is left over is
    not read.
    """
    windows = kernel.reshape(small.kernel_width, small.bottleneck_units, -1)
    places = np.arange(2 * small.units) % small.bottleneck_units
    counts = np.bincount(places, minlength=small.bottleneck_units)[places]
    return (windows[:, places] / counts[:, None]).astype(kernel.dtype).reshape(-1, kernel.shape[1])


def _gate_columns(source: np.ndarray, units: int, columns: int) -> np.ndarray:
    """Columns of a kernel of all gates, where each gate's units grow by themselves."""
    return np.concatenate([gate + source for gate in range(0, columns, units)])


def _grown_half(
    own: Mapping[str, np.ndarray], given: _Channels, columns: np.ndarray, kernel_width: int
) -> dict[str, np.ndarray]:
    kernel = own["kernel"].reshape(kernel_width, -1, own["kernel"].shape[1])
    rows = np.concatenate([given.read(window) for window in kernel])
    others = {name: values[columns] for name, values in own.items() if name != "kernel"}
    return {"kernel": rows[:, columns], **others}


def _silence(own: dict[str, np.ndarray], units: int) -> None:
    """Makes the candidates of a layer 0, so that its states are 0; gradients still reach them."""
    silent = [name for name in own if name.endswith(("/gamma", "/beta"))] or ["kernel", "bias"]
    for name in silent:
        own[name] = own[name].copy()
        own[name][..., :units] = 0


def multiply_accumulates(model: IntentSlotModel, tokens: int) -> int:
    """Multiply-accumulates of the matrix products of one forward pass.

    A training step costs about three times as many: the backward pass has two products for each of the forward pass.

    Args:
        model: The model.
        tokens: Tokens of the text.
    """
    whole = ("intent_head", "context_head", "nested_context_head", "bag_head")
    count = 0
    for name, variable in model._named_weights().items():
        if name.endswith("kernel"):
            times = 1 if name.startswith(whole) else tokens
            count += times * int(np.prod(variable.shape))
    return count
