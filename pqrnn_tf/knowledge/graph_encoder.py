"""A small Transformer over the neighbourhood of an entity, with the triples as attention mask (BERT-MK)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from pqrnn_tf.knowledge.graph import Neighbourhoods


class GraphBlock(keras.layers.Layer):
    """One layer: attention among members of a sequence that share a triple, then a small network of each.

    Both are added to what comes in, and begin as nothing, so that a new layer changes nothing.

    Args:
        heads: Heads of attention; they divide the width.

    Input shape: `(batch, length, width)` and a mask, bool `(batch, length, length)`.
    Output shape: `(batch, length, width)`.
    """

    def __init__(self, heads: int, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.heads = heads

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Makes the weights."""
        width = int(input_shape[-1] or 0)

        def dense(name: str, units: int, inputs: int = width, **how: Any) -> keras.layers.Dense:
            layer = keras.layers.Dense(units, name=name, **how)
            layer.build((None, inputs))
            return layer

        self.norms = [keras.layers.LayerNormalization(name=f"norm_{n}") for n in range(2)]
        for norm in self.norms:
            norm.build((None, width))
        self.query, self.key, self.value = (
            dense(name, width) for name in ("query", "key", "value")
        )
        self.outward = dense("outward", width, kernel_initializer="zeros")
        self.wide = dense("wide", 2 * width, activation="relu")
        self.narrow = dense("narrow", width, 2 * width, kernel_initializer="zeros")
        self.built = True

    def call(self, inputs: Any, mask: Any, first_only: bool = False) -> Any:
        """What comes in, with what attention and the network add.

        Args:
            inputs, mask: The members of sequences, and which of them attend to which.
            first_only: Whether only the first member of each is wanted; the output's length is 1 then.
        """
        width = inputs.shape[-1]
        normed = self.norms[0](inputs)
        if first_only:
            inputs, mask = inputs[:, :1], mask[:, :1]
        query = self._heads(self.query(normed[:, :1] if first_only else normed))
        key, value = (self._heads(layer(normed)) for layer in (self.key, self.value))
        scores = ops.einsum("bqhd,bkhd->bhqk", query, key) / float(np.sqrt(width // self.heads))
        scores = ops.where(mask[:, None], scores, -1e9)
        read = ops.einsum("bhqk,bkhd->bqhd", ops.softmax(scores), value)
        states = inputs + self.outward(ops.reshape(read, ops.shape(inputs)))
        return states + self.narrow(self.wide(self.norms[1](states)))

    def _heads(self, values: Any) -> Any:
        shape = ops.shape(values)
        return ops.reshape(values, (shape[0], shape[1], self.heads, values.shape[-1] // self.heads))


class GraphEncoder(keras.Model):
    """Gives nodes of a graph vectors of length 1, from what stands around them.

    A sequence (`Neighbourhoods`) is embedded, a relation that leads towards the first node with the opposite sign, and
    passes `GraphBlock`s in which members attend to each other where they share a triple: the adjacency that follows
    from the matrix of triple positions. The vector of the first node comes out.

    Args:
        neighbourhoods: What stands around each node.
        nodes: Initial vectors of the nodes, float `(nodes, width)`.
        relations: Initial vectors of the relations, float `(relations, width)`.
        layers: Layers.
        heads: Heads of attention; they divide the width.

    Reference: He et al. 2019, *BERT-MK* (arXiv 1912.00147): nodes and relations as one sequence, triple positions,
    adjacency as attention mask, start from TransE.
    """

    def __init__(
        self,
        neighbourhoods: Neighbourhoods,
        nodes: np.ndarray,
        relations: np.ndarray,
        *,
        layers: int,
        heads: int,
    ) -> None:
        super().__init__(name="graph_encoder")
        self._around = neighbourhoods
        width = nodes.shape[1]
        nothing = np.zeros((1, width), np.float32)
        self.node_vectors = keras.layers.Embedding(len(nodes) + 1, width, name="nodes")
        self.relation_vectors = keras.layers.Embedding(len(relations) + 1, width, name="relations")
        for layer, start in ((self.node_vectors, nodes), (self.relation_vectors, relations)):
            layer.build((None,))
            layer.embeddings.assign(np.concatenate([nothing, start]))
        self.blocks = [GraphBlock(heads, name=f"block_{n}") for n in range(layers)]
        for block in self.blocks:
            block.build((None, None, width))
        self.built = True

    def call(self, nodes: Any, hidden: Any | None = None) -> Any:
        """The vectors of nodes.

        Args:
            nodes: int32 `(batch,)`.
            hidden: int32 `(batch, any)`: triples that are left out of what is read, −1 for none.

        Returns:
            float32 `(batch, width)`, of length 1.
        """
        around = self._around
        members, relations, signs, places, triples = (
            ops.take(ops.convert_to_tensor(values), nodes, axis=0)
            for values in (
                around.nodes,
                around.relations,
                around.signs.astype(np.float32),
                around.places,
                around.triples,
            )
        )
        states = self.node_vectors(members) + self.relation_vectors(relations) * signs[..., None]
        length = around.nodes.shape[1]
        # (batch, triples, length): who is in a triple.
        within = ops.max(ops.one_hot(places, length), axis=2)
        if hidden is not None:
            known = ops.all(triples[:, :, None] != hidden[:, None, :], axis=-1)
            within = within * ops.cast(known, within.dtype)[..., None]
        adjacency = ops.matmul(ops.transpose(within, (0, 2, 1)), within) + ops.eye(length)
        for number, block in enumerate(self.blocks, 1):
            states = block(states, adjacency > 0, first_only=number == len(self.blocks))
        return ops.normalize(states[:, 0], axis=-1)

    def relation_table(self) -> Any:
        """The vectors of the relations, `(relations, width)`."""
        return self.relation_vectors.embeddings[1:]

    def get_config(self) -> dict[str, Any]:
        """Raises `NotImplementedError`: what is worth keeping are the vectors."""
        raise NotImplementedError("A graph encoder is not saved. Save the vectors that it gives.")
