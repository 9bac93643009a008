"""The encoder that a configuration describes."""

from __future__ import annotations

from typing import Any

from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.encoder.graph_encoder import GraphEncoder
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder

Encoder = PQRNNEncoder | GraphEncoder
"""What makes states of features: `width`, `bottleneck_units`, `parts`, `layers_with_kernels()` are common to both."""


def encoder_of(config: EncoderConfig, **arguments: Any) -> Encoder:
    """A new encoder of a configuration: a graph where it has one, else the stack.

    Args:
        config: Sizes, or a graph, and regularisation.
        **arguments: More arguments of the encoder, such as `name`.
    """
    kind = PQRNNEncoder if config.graph is None else GraphEncoder
    return kind(**config.encoder_arguments(), **arguments)
