"""The baseline of a Transformer over learned embeddings."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from recipes.baselines.words import PieceEmbedding

PIECES = 8_900
"""Size of the vocabulary with which the model has about two million parameters."""


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class TransformerEncoder(keras.layers.Layer):
    """A Transformer encoder (Vaswani et al. 2017, arXiv 1706.03762), normalised before each sublayer.

    Normalisation stands before attention and before the feed-forward layer, and once more at the end (Xiong et
    al. 2020, arXiv 2002.04745), because that trains without a long warm-up. Positions are learned.

    Args:
        pieces: Word pieces of the vocabulary.
        width: Size of a token's state.
        heads: Attention heads of a layer.
        feed_forward: Size of the hidden layer of the feed-forward sublayer.
        layers: Layers of the stack.
        max_tokens: Longest input.
        dropout: Rate on the words, the attention and behind each sublayer, in training.

    Call arguments:
        inputs, shape: See `PieceEmbedding`.
        mask: Bool `(batch, time)`, True = a real token.
        training: Whether dropout is on.

    Output shape:
        `(batch, time, width)`.
    """

    def __init__(
        self,
        pieces: int,
        *,
        width: int = 128,
        heads: int = 4,
        feed_forward: int = 512,
        layers: int = 4,
        max_tokens: int = 64,
        dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.sizes = {
            "pieces": pieces,
            "width": width,
            "heads": heads,
            "feed_forward": feed_forward,
            "layers": layers,
            "max_tokens": max_tokens,
            "dropout": dropout,
        }
        self.width = width
        self.words = PieceEmbedding(pieces, width, dropout=dropout, name="words")
        self.positions = keras.layers.Embedding(max_tokens, width, name="positions")
        self.blocks = [
            {
                "attention": keras.layers.MultiHeadAttention(
                    heads, width // heads, dropout=dropout, name=f"attention_{number}"
                ),
                "inner": keras.layers.Dense(
                    feed_forward, activation="gelu", name=f"inner_{number}"
                ),
                "outer": keras.layers.Dense(width, name=f"outer_{number}"),
                "before_attention": keras.layers.LayerNormalization(name=f"norm_{number}_1"),
                "before_inner": keras.layers.LayerNormalization(name=f"norm_{number}_2"),
                "dropout": keras.layers.Dropout(dropout, name=f"dropout_{number}"),
            }
            for number in range(1, layers + 1)
        ]
        self.final = keras.layers.LayerNormalization(name="final")

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        states = (None, None, self.width)
        self.words.build((None, None, None))
        self.positions.build()
        for block in self.blocks:
            block["attention"].build(states, states)
            block["inner"].build(states)
            block["outer"].build((None, None, self.sizes["feed_forward"]))
            block["before_attention"].build(states)
            block["before_inner"].build(states)
        self.final.build(states)
        self.built = True

    def call(self, inputs: Any, shape: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns the states."""
        states = self.words(inputs, shape, training=training)
        states = states + self.positions(ops.arange(ops.shape(inputs)[1]))[None]
        seen = None if mask is None else mask[:, None, :]
        for block in self.blocks:
            normal = block["before_attention"](states)
            attended = block["attention"](normal, normal, attention_mask=seen, training=training)
            states = states + block["dropout"](attended, training=training)
            inner = block["inner"](block["before_inner"](states))
            states = states + block["dropout"](block["outer"](inner), training=training)
        return self.final(states)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), **self.sizes}
