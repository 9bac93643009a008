"""An encoder that computes what a graph says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.bidirectional import BidirectionalQRNN
from pqrnn_tf.encoder.bottleneck import Bottleneck
from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.encoder.depthwise import DepthwiseConvolution
from pqrnn_tf.encoder.graph import INPUT, Edge, EncoderGraph, layer_name
from pqrnn_tf.encoder.initialization import initializer_at
from pqrnn_tf.encoder.qrnn import QRNN
from pqrnn_tf.quantization.fake_quantizers import get_quantizer

_WITH_DROPOUT = ("qrnn", "dense")


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class GraphEncoder(keras.layers.Layer):
    """Turns the ternary features of tokens into contextual states, by the operations of a graph. It knows no labels.

        s_input = ReLU(N(W p + b))                            the bottleneck
        s_n = join over the edges e of n of  op_e(s_source(e))      in the order of the states

    `join` is a sum or a concatenation. Operations are `QRNN` and `BidirectionalQRNN`, a dense layer with normalisation
    and ReLU (`Bottleneck`), `DepthwiseConvolution`, layer normalisation and identity. It is a drop-in for
    `PQRNNEncoder`, whose stack is one of its graphs (`EncoderGraph.of_stack`).

    Args:
        graph: An `EncoderGraph`, or its `to_dict()`.
        zoneout: Probability `p`; a QRNN with `l − 1` others on the longest way to it keeps an element of its state
            with probability `p ** l` in training.
        dropout: Dropout rate on the input of each QRNN and each dense layer.
        feature_dropout: Dropout rate on single projection features before the bottleneck.
        normalization: `"batch"`, `"layer"` or `None`, in the bottleneck and in all layers with a kernel.
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_quantizer: `None` or a quantizer for all kernels of matrix products.
        activation_quantizer: `None` or a `FixedRangeQuantizer` for the gates of the QRNNs.
        kernel_initializer: Initializer of all kernels.
        kernel_regularizer: Regularizer of all kernels.
        seed: Seed of dropout and zoneout; every layer draws from its own stream.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        features, mask, training, extra: As in `PQRNNEncoder`.

    Input shape:
        `(batch, time, features)`; `batch` and `time` may be unknown.

    Output shape:
        `{"sequence": (batch, time, width), "hidden": [(batch, time, bottleneck_units), …]}` in the compute dtype, 0
        at masked steps. `hidden` holds the bottleneck and each state; the last one is `sequence`.

    Raises:
        ValueError: if an argument is out of its range, or the input does not have three axes.

    Example:
    ```python
    graph = EncoderGraph.of_stack(
        bottleneck_units=256, units=128, layers=3, kernel_width=3, pooling="fo", residual=True
    )
    states = GraphEncoder(graph)(features, mask=mask)["sequence"]  # (batch, time, 256)
    ```

    Reference: the search space of Guo et al. 2021, *RoSearch* (arXiv 2106.03613), in which nodes of a directed acyclic
    graph are states and edges operations; these operations are ours.
    """

    def __init__(
        self,
        graph: EncoderGraph | Mapping[str, Any],
        *,
        zoneout: float = EncoderConfig.zoneout,
        dropout: float = EncoderConfig.dropout,
        feature_dropout: float = EncoderConfig.feature_dropout,
        normalization: str | None = EncoderConfig.normalization,
        normalization_momentum: float = 0.99,
        kernel_quantizer: Any = None,
        activation_quantizer: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(graph, EncoderGraph):
            graph = EncoderGraph.from_dict(graph)
        for name, rate in (("dropout", dropout), ("feature_dropout", feature_dropout)):
            if not 0.0 <= rate < 1.0:
                raise ValueError(
                    f"Argument `{name}` must be a rate in [0, 1). Received: {name}={rate!r}."
                )
        self.graph = graph
        self.zoneout = zoneout
        self.dropout = dropout
        self.feature_dropout = feature_dropout
        self.normalization = normalization
        self.normalization_momentum = normalization_momentum
        self.activation_quantizer = get_quantizer(activation_quantizer)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed
        self.supports_masking = True
        common: dict[str, Any] = {
            "normalization": normalization,
            "normalization_momentum": normalization_momentum,
            "kernel_regularizer": kernel_regularizer,
            "dtype": self.dtype_policy,
        }
        self.feature_dropout_layer = keras.layers.Dropout(
            feature_dropout, seed=self._stream(1), dtype=self.dtype_policy, name="feature_dropout"
        )
        self.bottleneck = Bottleneck(
            graph.bottleneck_units,
            kernel_quantizer=kernel_quantizer,
            kernel_initializer=initializer_at(self.kernel_initializer, 0),
            name="bottleneck",
            **common,
        )
        self.edge_layers: list[keras.layers.Layer] = []
        self.dropout_layers: list[keras.layers.Layer] = []
        for place, (name, edge) in enumerate(self._edges(), start=1):
            self.edge_layers.append(self._layer(name, edge, place, kernel_quantizer, common))
            rate = dropout if edge.operation in _WITH_DROPOUT else 0.0
            self.dropout_layers.append(
                keras.layers.Dropout(
                    rate,
                    seed=self._stream(2 * place),
                    dtype=self.dtype_policy,
                    name=f"dropout_{name}",
                )
            )

    def _stream(self, number: int) -> int | None:
        return None if self.seed is None else self.seed + 1000 * number

    def _edges(self) -> list[tuple[str, Edge]]:
        """All edges in order, each with the name of its layer."""
        return [
            (layer_name(state.name, place), edge)
            for state in self.graph.states
            for place, edge in enumerate(state.edges)
        ]

    def _layer(
        self,
        name: str,
        edge: Edge,
        place: int,
        kernel_quantizer: Any,
        common: dict[str, Any],
    ) -> keras.layers.Layer:
        if edge.operation == "layer_norm":
            return keras.layers.LayerNormalization(dtype=self.dtype_policy, name=name)
        if edge.operation == "identity":
            return keras.layers.Identity(dtype=self.dtype_policy, name=name)
        own = {**common, "kernel_initializer": initializer_at(self.kernel_initializer, 2 * place)}
        if edge.operation == "depthwise":
            return DepthwiseConvolution(edge.kernel_width, name=name, **own)  # type: ignore[arg-type]
        own["kernel_quantizer"] = kernel_quantizer
        if edge.operation == "dense":
            return Bottleneck(edge.units, name=name, **own)  # type: ignore[arg-type]
        own |= {
            "pooling": edge.pooling,
            "zoneout": self.zoneout,
            "layer_index": self.graph.depths[edge.source] + 1,
            "activation_quantizer": self.activation_quantizer,
            "seed": self._stream(2 * place + 1),
            "name": name,
        }
        if edge.direction == "both":
            return BidirectionalQRNN(edge.units, edge.kernel_width, **own)  # type: ignore[arg-type]
        return QRNN(edge.units, edge.kernel_width, direction=edge.direction, **own)  # type: ignore[arg-type]

    @property
    def width(self) -> int:
        """Channels of the output sequence."""
        return self.graph.width

    @property
    def bottleneck_units(self) -> int:
        """Size of the bottleneck."""
        return self.graph.bottleneck_units

    @property
    def parts(self) -> list[list[keras.layers.Layer]]:
        """The layers of the bottleneck and of each state, which a training may freeze from the input on."""
        rest = iter(self.edge_layers)
        return [
            [self.bottleneck],
            *([next(rest) for _ in state.edges] for state in self.graph.states),
        ]

    def layers_with_kernels(self) -> dict[str, Any]:
        """The bottleneck and each layer with a kernel by name, for what is done to all of them."""
        return {
            name: layer
            for name, layer in self.layers_with_weights().items()
            if not isinstance(layer, keras.layers.LayerNormalization)
        }

    def layers_with_weights(self) -> dict[str, Any]:
        """All layers with weights by name; each direction of a QRNN by itself."""
        layers: dict[str, Any] = {"bottleneck": self.bottleneck}
        for layer in self.edge_layers:
            if isinstance(layer, BidirectionalQRNN):
                for half in (layer.forward, layer.backward):
                    layers[f"{layer.name}/{half.direction}"] = half
            elif not isinstance(layer, keras.layers.Identity):
                layers[layer.name] = layer
        return layers

    def build(self, features_shape: tuple[int | None, ...]) -> None:
        """Builds the bottleneck and the layers of the edges."""
        self.feature_dropout_layer.build(features_shape)
        self.bottleneck.build(features_shape)
        start = tuple(features_shape[:-1])
        for (_, edge), dropout, layer in zip(
            self._edges(), self.dropout_layers, self.edge_layers, strict=True
        ):
            shape = (*start, self.graph.widths[edge.source])
            dropout.build(shape)
            layer.build(shape)

    def call(
        self, features: Any, mask: Any = None, training: bool | None = None, extra: Any = None
    ) -> dict[str, Any]:
        """Returns `{"sequence", "hidden"}`."""
        features = ops.cast(features, self.compute_dtype)
        features = self.feature_dropout_layer(features, training=training)
        states = {INPUT: self.bottleneck(features, mask=mask, training=training, extra=extra)}
        real = None if mask is None else ops.cast(ops.expand_dims(mask, -1), self.compute_dtype)
        layers = iter(zip(self.dropout_layers, self.edge_layers, strict=True))
        for state in self.graph.states:
            results = []
            for edge in state.edges:
                dropout, layer = next(layers)
                given = states[edge.source]
                if edge.operation == "layer_norm":
                    own = layer(given)
                    results.append(own if real is None else own * real)
                elif edge.operation == "identity":
                    results.append(given)
                else:
                    given = dropout(given, training=training)
                    results.append(layer(given, mask=mask, training=training))
            if len(results) == 1:
                states[state.name] = results[0]
            elif state.join == "concatenate":
                states[state.name] = ops.concatenate(results, axis=-1)
            else:
                total = results[0]
                for result in results[1:]:
                    total = total + result
                states[state.name] = total
        hidden = list(states.values())
        return {"sequence": hidden[-1], "hidden": hidden}

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of every output, or `None`."""
        if previous_mask is None:
            return None
        count = len(self.graph.states) + 1
        return {"sequence": previous_mask, "hidden": [previous_mask] * count}

    def compute_output_shape(self, features_shape: tuple[int | None, ...]) -> dict[str, Any]:
        """Returns the shapes of `{"sequence", "hidden"}`."""
        start = tuple(features_shape[:-1])
        hidden = [(*start, width) for width in self.graph.widths.values()]
        return {"sequence": hidden[-1], "hidden": hidden}

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        first = self.bottleneck.get_config()
        return {
            **super().get_config(),
            "graph": self.graph.to_dict(),
            "zoneout": self.zoneout,
            "dropout": self.dropout,
            "feature_dropout": self.feature_dropout,
            "normalization": self.normalization,
            "normalization_momentum": self.normalization_momentum,
            "kernel_quantizer": first["kernel_quantizer"],
            "activation_quantizer": keras.saving.serialize_keras_object(self.activation_quantizer),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": first["kernel_regularizer"],
            "seed": self.seed,
        }
