"""A BERT in TF-Hub's format taken apart: its sizes, its weights one by one, and layers that they fit."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.teachers.bert.tfhub_bert import VOCABULARIES, check_handle, local_folder, whole

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "Erf": lambda x: tf.nn.gelu(x, approximate=False),
    "Erfc": lambda x: tf.nn.gelu(x, approximate=False),
    "Pow": lambda x: tf.nn.gelu(x, approximate=True),  # the cube in the approximation by tanh
    "Relu": tf.nn.relu,
    "Sigmoid": tf.nn.silu,
}
"""The activation of the feed-forward layers by an operation that only a BERT with that activation has."""

_LOWER_CASE = "do_lower_case/.ATTRIBUTES/VARIABLE_VALUE"
_LAYER = "transformer/layer_{}/"
_POOLER = "pooler_transform/"
WORDS = "word_embeddings/embeddings"
"""Name of the table of word embeddings."""


@dataclasses.dataclass(frozen=True)
class BertSizes:
    """Sizes of a BERT.

    Attributes:
        layers: Transformer layers.
        heads: Attention heads of a layer.
        width: Width of the states.
        inner: Width of the feed-forward layers.
        words: Rows of the word embeddings.
        positions: Rows of the position embeddings.
        types: Rows of the segment embeddings.
        activation: Key of the activation, an operation of its graph.
        epsilon: Added to the variance in every layer normalisation.
    """

    layers: int
    heads: int
    width: int
    inner: int
    words: int
    positions: int
    types: int
    activation: str
    epsilon: float


class SavedAsset(NamedTuple):
    """A file beside a SavedModel, as a loaded one has it."""

    asset_path: tf.Tensor


class SavedVariable(NamedTuple):
    """Name and shape of a variable on disk."""

    name: str
    shape: tf.TensorShape


class SavedFrame(NamedTuple):
    """What a tokenizer asks a SavedModel for, under the names that a loaded one has.

    Attributes:
        variables: Its variables, without values.
        do_lower_case: Boolean scalar, where the vocabulary is of word pieces.
        vocab_file, sp_model_file: The vocabulary; one of them is there.
    """

    variables: tuple[SavedVariable, ...]
    do_lower_case: tf.Tensor | None
    vocab_file: SavedAsset | None
    sp_model_file: SavedAsset | None


class SavedBert:
    """A BERT on disk, whose weights are read when they are asked for.

    Args:
        handle: BERT in TF-Hub's format, URL or folder, such as `convert_bert` or `TFHubBertTeacher.save` (there the
            folder `encoder`) wrote. It must be one of TensorFlow's Model Garden.

    Attributes:
        encoder: What the SavedModel tells without its graph, which takes more memory than layers: see `SavedFrame`.
        sizes: Its sizes.

    Raises:
        ImportError: if the extra `teachers` is not installed.
        OSError: if a URL cannot be fetched, or there is no such folder.
        ValueError: if the folder holds no SavedModel, or the weights or the graph are not those of a BERT of the Model
            Garden.
    """

    def __init__(self, handle: str | os.PathLike[str]) -> None:
        self._name = os.fspath(handle)
        check_handle(self._name)
        folder = local_folder(handle)
        with whole(self._name):
            saved_model = _read_saved_model(folder)
            self._reader = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
            self._keys = self._read_keys()
            self.encoder = self._read_frame(saved_model, folder)
        self.sizes = self._read_sizes(saved_model)

    def _read_frame(self, saved_model: Any, folder: pathlib.Path) -> SavedFrame:
        meta = saved_model.meta_graphs[0]
        nodes = meta.object_graph_def.nodes
        assets = {
            child.local_name: meta.asset_file_def[nodes[child.node_id].asset.asset_file_def_index]
            for child in nodes[0].children
            if nodes[child.node_id].WhichOneof("kind") == "asset"
        }
        paths = {name: folder / "assets" / asset.filename for name, asset in assets.items()}
        shapes = self._reader.get_variable_to_shape_map()
        flag = None
        if _LOWER_CASE in shapes:
            flag = tf.constant(self._reader.get_tensor(_LOWER_CASE))
        return SavedFrame(
            variables=tuple(
                SavedVariable(name, tf.TensorShape(shapes[key]))
                for name, key in self._keys.items()
                if key in shapes
            ),
            do_lower_case=flag,
            **{
                name: SavedAsset(tf.constant(str(paths[name]))) if name in paths else None
                for name in VOCABULARIES
            },
        )

    def _read_keys(self) -> dict[str, str]:
        """Keys of the checkpoint by the names of the variables."""
        graphs = require("tensorflow.core.protobuf.trackable_object_graph_pb2")
        graph = graphs.TrackableObjectGraph()
        graph.ParseFromString(self._reader.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))
        return {
            attribute.full_name.removeprefix("bert/"): attribute.checkpoint_key
            for node in graph.nodes
            for attribute in node.attributes
        }

    def _read_sizes(self, saved_model: Any) -> BertSizes:
        shapes = self._reader.get_variable_to_shape_map()
        query = self._shape(shapes, "transformer/layer_0/self_attention/query/kernel")
        if len(query) != 3 or "embedding_projection/kernel" in self._keys:
            raise ValueError(
                "`handle` must be a BERT whose embeddings are as wide as its states. Received: "
                f"{self._name!r}, which has others."
            )
        layers = 0
        while _LAYER.format(layers) + "output/kernel" in self._keys:
            layers += 1
        return BertSizes(
            layers=layers,
            heads=query[1],
            width=query[0],
            inner=self._shape(shapes, "transformer/layer_0/intermediate/kernel")[1],
            words=self._shape(shapes, WORDS)[0],
            positions=self._shape(shapes, "position_embedding/embeddings")[0],
            types=self._shape(shapes, "type_embeddings/embeddings")[0],
            **_read_graph(saved_model, self._name),
        )

    def _shape(self, shapes: Mapping[str, Sequence[int]], name: str) -> list[int]:
        if name not in self._keys:
            raise ValueError(
                f"`handle` must be a BERT of TensorFlow's Model Garden, with the variable {name!r}. Received: "
                f"{self._name!r}, which has none of that name."
            )
        return list(shapes[self._keys[name]])

    def read(self, name: str) -> np.ndarray:
        """The values of a variable."""
        with whole(self._name):
            return self._reader.get_tensor(self._keys[name])

    def read_words(self) -> np.ndarray:
        """The table of word embeddings, `(words, width)`."""
        return self.read(WORDS)

    def word_vectors(self, words: np.ndarray) -> np.ndarray:
        """Rows of the word embeddings, `(len(words), width)`; the whole table is in memory only meanwhile."""
        return self.read_words()[words]

    def read_layer(self, number: int) -> dict[str, np.ndarray]:
        """The weights of a layer, by their names inside of it."""
        stem = _LAYER.format(number)
        return {n.removeprefix(stem): self.read(n) for n in self._keys if n.startswith(stem)}


def _read_saved_model(folder: pathlib.Path) -> Any:
    """The message in the file of a SavedModel."""
    saved_model = require("tensorflow.core.protobuf.saved_model_pb2").SavedModel()
    saved_model.ParseFromString((folder / "saved_model.pb").read_bytes())
    return saved_model


def _read_graph(saved_model: Any, name: str) -> dict[str, Any]:
    """What a SavedModel's graph tells that its weights do not: activation and epsilon."""
    nodes = [
        node
        for function in saved_model.meta_graphs[0].graph_def.library.function
        for node in function.node_def
    ]
    operations = {node.op for node in nodes}
    activations = {
        operation: function
        for operation, function in _ACTIVATIONS.items()
        if operation in operations
    }
    epsilons = {
        float(tf.make_ndarray(node.attr["value"].tensor))
        for node in nodes
        if node.op == "Const" and node.name.endswith("layer_norm/batchnorm/add/y")
    }
    if len(activations) != 1 or len(epsilons) != 1:
        raise ValueError(
            "`handle` must be a BERT of TensorFlow's Model Garden, with one activation and one epsilon. Received: "
            f"{name!r}, whose graph has {sorted(activations)} and {sorted(epsilons)}."
        )
    return {"activation": activations.popitem()[0], "epsilon": epsilons.pop()}


class BertParts(tf.Module):
    """The layers of a BERT, called one by one; of the Model Garden, so that they compute what a SavedModel does.

    Args:
        sizes: Sizes of the BERT.
        layers: How many of its transformer layers are in memory at a time.
        dropout: Rate of its dropout in training.
    """

    def __init__(self, sizes: BertSizes, *, layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__(name="bert_parts")
        garden, keras_2 = require("official.nlp.modeling.layers"), require("tf_keras")
        self.sizes = sizes

        def norm(name: str) -> Any:
            return keras_2.layers.LayerNormalization(name=name, epsilon=sizes.epsilon)

        self._position = garden.PositionEmbedding(
            initializer="zeros", max_length=sizes.positions, name="position_embedding"
        )
        self._type = garden.OnDeviceEmbedding(
            sizes.types, sizes.width, initializer="zeros", use_one_hot=True, name="type_embeddings"
        )
        self._norm = norm("embeddings/layer_norm")
        self._drop = keras_2.layers.Dropout(dropout)
        self._mask = garden.SelfAttentionMask()
        self._blocks = [
            garden.TransformerEncoderBlock(
                sizes.heads,
                sizes.inner,
                _ACTIVATIONS[sizes.activation],
                kernel_initializer="zeros",
                norm_epsilon=sizes.epsilon,
                output_dropout=dropout,
                attention_dropout=dropout,
                name=_LAYER.format(number).rstrip("/"),
            )
            for number in range(layers)
        ]
        self._pooler = keras_2.layers.Dense(
            sizes.width, "tanh", kernel_initializer="zeros", name=_POOLER.rstrip("/")
        )
        states = self.embed(tf.zeros((1, 1, sizes.width)), tf.zeros((1, 1), tf.int32))
        for number in range(layers):
            states = self.layer(number, states, tf.ones((1, 1), tf.int32))
        self.pool(states)

    def embed(self, words: tf.Tensor, types: tf.Tensor, training: bool = False) -> tf.Tensor:
        """States before the first layer, `(batch, pieces, width)`.

        Args:
            words: `(batch, pieces, width)`, rows of the word embeddings.
            types: `(batch, pieces)` int32, segments.
            training: Whether dropout is active.
        """
        # TensorFlow's optimizer adds in this order where a SavedModel is traced together with its tokenizer.
        total = words + (self._position(words) + self._type(types))
        return self._drop(self._norm(total), training=training)

    def embed_plain(self, vectors: tf.Tensor, training: bool = False) -> tf.Tensor:
        """States of vectors that are no words and have neither position nor segment."""
        return self._drop(self._norm(vectors), training=training)

    def layer(
        self, number: int, states: tf.Tensor, mask: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        """States after a layer in memory.

        Args:
            number: Its number among those in memory.
            states: `(batch, pieces, width)`, states before it.
            mask: `(batch, pieces)` int32, 1 for a real piece.
            training: Whether dropout is active.
        """
        return self._blocks[number]([states, self._mask(states, mask)], training=training)

    def scores(self, number: int, states: tf.Tensor) -> tf.Tensor:
        """Attention scores of a layer in memory before the softmax, `(batch, heads, pieces, pieces)`.

        Args:
            number: Its number among those in memory.
            states: `(batch, pieces, width)`, states before it.
        """
        own = {path_of(variable): variable for variable in self._blocks[number].variables}

        def projected(part: str) -> tf.Tensor:
            kernel, bias = (
                own[f"{_LAYER.format(number)}self_attention/{part}/{name}"]
                for name in ("kernel", "bias")
            )
            return tf.einsum("btw,whd->bthd", states, kernel) + bias

        scores = tf.einsum("bqhd,bkhd->bhqk", projected("query"), projected("key"))
        return scores / (self.sizes.width // self.sizes.heads) ** 0.5

    def pool(self, states: tf.Tensor) -> tf.Tensor:
        """The pooled output `(batch, width)` of the last layer's states."""
        return self._pooler(states[:, 0, :])

    def load_frame(self, saved: SavedBert) -> None:
        """Takes the weights around the layers, but the word embeddings, from a BERT on disk."""
        for layer in (self._position, self._type, self._norm, self._pooler):
            for variable in layer.variables:
                variable.assign(saved.read(path_of(variable)))

    def load_layer(self, number: int, weights: Mapping[str, np.ndarray]) -> None:
        """Takes what `SavedBert.read_layer` gave for a layer in memory."""
        for variable in self._blocks[number].variables:
            variable.assign(weights[path_of(variable).removeprefix(_LAYER.format(number))])


def path_of(variable: tf.Variable) -> str:
    """The name of a variable, without its number."""
    return variable.name.partition(":")[0]
