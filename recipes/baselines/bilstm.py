"""The baseline of bidirectional LSTMs over learned embeddings."""

from __future__ import annotations

from typing import Any

import keras

from recipes.baselines.words import PieceEmbedding

PIECES = 9_500
"""Size of the vocabulary with which the model has about two million parameters."""


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class BiLSTMEncoder(keras.layers.Layer):
    """A stack of bidirectional LSTMs (Hochreiter and Schmidhuber 1997; Graves and Schmidhuber 2005).

    Args:
        pieces: Word pieces of the vocabulary.
        embedding_width: Size of a word's vector.
        units: Size of the state of one direction.
        layers: Layers of the stack.
        dropout: Rate on the words and behind each layer, in training.

    Call arguments:
        inputs, shape: See `PieceEmbedding`.
        mask: Bool `(batch, time)`, True = a real token.
        training: Whether dropout is on.

    Output shape:
        `(batch, time, 2 * units)`.
    """

    def __init__(
        self,
        pieces: int,
        *,
        embedding_width: int = 128,
        units: int = 128,
        layers: int = 2,
        dropout: float = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.sizes = {
            "pieces": pieces,
            "embedding_width": embedding_width,
            "units": units,
            "layers": layers,
            "dropout": dropout,
        }
        self.width = 2 * units
        self.words = PieceEmbedding(pieces, embedding_width, dropout=dropout, name="words")
        self.lstms = [
            keras.layers.Bidirectional(
                keras.layers.LSTM(units, return_sequences=True), name=f"lstm_{number}"
            )
            for number in range(1, layers + 1)
        ]
        self.dropouts = [keras.layers.Dropout(dropout) for _ in self.lstms]

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        self.words.build((None, None, None))
        width = self.words.width
        for lstm in self.lstms:
            lstm.build((None, None, width))
            width = self.width
        self.built = True

    def call(self, inputs: Any, shape: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns the states."""
        states = self.words(inputs, shape, training=training)
        for lstm, dropout in zip(self.lstms, self.dropouts, strict=True):
            states = dropout(lstm(states, mask=mask, training=training), training=training)
        return states

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), **self.sizes}
