"""The peers of the end-to-end benchmark: BERT encoders with random weights, as .tflite files."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclasses.dataclass(frozen=True)
class Peer:
    """The shape of a BERT encoder.

    Attributes:
        title: Name in tables.
        layers, width, heads, inner: Its shape.
        vocabulary: Word pieces.
        quantized: Whether its weights are 8-bit.
    """

    title: str
    layers: int
    width: int
    heads: int
    inner: int
    vocabulary: int = 30_522
    quantized: bool = True

    @property
    def products(self) -> int:
        """Multiply-accumulates of a word piece in the kernels; attention's own come on top."""
        return self.layers * (4 * self.width**2 + 2 * self.width * self.inner)


PEERS = {
    "tinybert_4": Peer("TinyBERT-4 (4 × 312)", 4, 312, 12, 1200),
    "minilm_6": Peer("MiniLM-6 (6 × 384)", 6, 384, 12, 1536),
}
MULTILINGUAL = {
    "mbert_int8": Peer("multilingual BERT base, 8 bit", 12, 768, 12, 3072, 119_547),
    "mbert_float": Peer("multilingual BERT base, float", 12, 768, 12, 3072, 119_547, False),
}


def convert_peer(
    peer: Peer, path: pathlib.Path, *, intents: int, tags: int, length: int | None = None
) -> None:
    """Builds a peer with random weights and writes it as a .tflite: word ids in, logits out.

    `length` fixes the number of word pieces; otherwise the input is resized to each utterance.
    """
    import tensorflow as tf
    from official.nlp.modeling import networks

    from tflite_export.converter import to_flatbuffer

    tf.random.set_seed(0)
    encoder = networks.BertEncoderV2(
        vocab_size=peer.vocabulary,
        hidden_size=peer.width,
        num_layers=peer.layers,
        num_attention_heads=peer.heads,
        inner_dim=peer.inner,
        max_sequence_length=512,
        type_vocab_size=2,
    )

    def inputs(word_ids: Any) -> dict[str, Any]:
        return {
            "input_word_ids": word_ids,
            "input_mask": tf.ones_like(word_ids),
            "input_type_ids": tf.zeros_like(word_ids),
        }

    encoder(inputs(tf.ones((1, 8), tf.int32)))
    intent = tf.Variable(tf.random.normal((peer.width, intents), stddev=0.02))
    slots = tf.Variable(tf.random.normal((peer.width, tags), stddev=0.02))

    @tf.function(input_signature=[tf.TensorSpec((1, length), tf.int32, name="word_ids")])
    def parse(word_ids: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = encoder(inputs(word_ids), training=False)
        sequence = tf.reshape(outputs["sequence_output"], [-1, peer.width])
        return {
            "intent": tf.matmul(outputs["pooled_output"], intent),
            "slots": tf.matmul(sequence, slots),
        }

    module = tf.Module()
    module.encoder, module.heads, module.parse = encoder, [intent, slots], parse
    path.write_bytes(to_flatbuffer(module, {"parse": parse}, quantized=peer.quantized))


def stand_in_vocabulary(texts: Iterable[str]) -> list[str]:
    """Word pieces made of the words of a corpus: used where no published vocabulary is given."""
    words = Counter(word for text in texts for word in re.findall(r"\w+|[^\w\s]", text.lower()))
    letters = sorted({letter for word in words for letter in word})
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    return list(dict.fromkeys([*pieces, *(word for word, _ in words.most_common())]))


class WordPieces:
    """tensorflow-text's FastBertTokenizer as a .tflite in ai-edge-litert: its fastest form here."""

    def __init__(self, vocabulary: Sequence[str]):
        import tensorflow as tf
        import tensorflow_text
        from ai_edge_litert.interpreter import InterpreterWithCustomOps
        from tensorflow_text.core.pybinds import tflite_registrar

        tokenizer = tensorflow_text.FastBertTokenizer(
            vocab=list(vocabulary),
            token_out_type=tf.int32,
            support_detokenization=False,
            lower_case_nfd_strip_accents=True,
        )
        function = tf.function(
            lambda texts: tokenizer.tokenize(texts).flat_values,
            input_signature=[tf.TensorSpec([1], tf.string)],
        )
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [function.get_concrete_function()], tokenizer
        )
        converter.allow_custom_ops = True
        self._interpreter = InterpreterWithCustomOps(
            model_content=converter.convert(),
            custom_op_registerers=tflite_registrar.SELECT_TFTEXT_OPS,
            num_threads=1,
        )
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._ends = [[vocabulary.index(name)] for name in ("[CLS]", "[SEP]")]

    def __call__(self, text: str) -> np.ndarray:
        """Word ids with the two marks, int32 `(1, pieces)`."""
        self._interpreter.set_tensor(self._input, np.array([text]))
        self._interpreter.invoke()
        ids = self._interpreter.get_tensor(self._output)
        return np.concatenate([self._ends[0], ids, self._ends[1]])[None].astype(np.int32)


FEW_LENGTHS = (8, 12, 16, 24, 48)


class PeerModel:
    """A peer's .tflite; an interpreter for each length, so that no length is planned twice.

    Each has its own packed copy of the weights. With `lengths`, inputs are padded to the next of a
    few lengths: more work, but fewer copies compete for the processor's caches.
    """

    def __init__(self, path: pathlib.Path, *, lengths: Sequence[int] = ()):
        self._path = path
        self._lengths = lengths
        self._by_length: dict[int, Any] = {}

    def __call__(self, word_ids: np.ndarray) -> list[np.ndarray]:
        """The logits."""
        length = next((n for n in self._lengths if n >= word_ids.shape[1]), word_ids.shape[1])
        if length > word_ids.shape[1]:
            word_ids = np.pad(word_ids, [(0, 0), (0, length - word_ids.shape[1])])
        if length not in self._by_length:
            from ai_edge_litert.interpreter import Interpreter

            interpreter = Interpreter(model_path=str(self._path), num_threads=1)
            index = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(index, word_ids.shape)
            interpreter.allocate_tensors()
            outputs = [detail["index"] for detail in interpreter.get_output_details()]
            self._by_length[length] = (interpreter, index, outputs)
        interpreter, index, outputs = self._by_length[length]
        interpreter.set_tensor(index, word_ids)
        interpreter.invoke()
        return [interpreter.get_tensor(output) for output in outputs]
