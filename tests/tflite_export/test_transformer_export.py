"""A Transformer as a .tflite: built-in operations, 8 bits, and the answers of the BERT that it was made from."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers import LayeredBert, build_bert
from tflite_export import TransformerFile, convert_transformer

VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("set", "an", "alarm", "##s", "for", "7", "##pm", "call", "mom"),
)
INPUTS = {
    "text": ["set alarms for 7pm", "call mom"],
    "spans": [[[0, 3], [4, 10], [11, 14], [15, 18]], [[0, 4], [5, 8], [0, 0], [0, 0]]],
    "lengths": [4, 2],
}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert") / "bert"
    build_bert(
        folder,
        VOCABULARY,
        hidden_size=64,
        layers=2,
        heads=4,
        intermediate_size=128,
        initializer_range=0.2,
        seed=3,
    )
    labels = LabelSet(intents=("ALARM", "CALL"), tags=("O", "B-TIME", "I-TIME"))
    return LayeredBert(folder, labels=labels)


def test_a_file_of_floats_says_what_the_bert_says(bert, tmp_path):
    convert_transformer(bert, path=tmp_path / "float.tflite", quantization="none")
    file = TransformerFile(tmp_path / "float.tflite", bert)
    expected, found = bert(INPUTS), file(INPUTS)
    np.testing.assert_allclose(found["intent"], expected["intent"], atol=1e-4)
    np.testing.assert_allclose(found["slots"], expected["slots"], atol=1e-4)
    np.testing.assert_array_equal(found["mask"], expected["mask"])
    assert file.labels == bert.labels


def test_a_file_of_8_bits_is_less_than_half_as_large_and_says_nearly_the_same(bert, tmp_path):
    path = tmp_path / "model.tflite"
    small = convert_transformer(bert, path=path)
    assert path.read_bytes() == small
    large = convert_transformer(bert, quantization="none")
    assert len(small) < len(large) / 2
    file = TransformerFile(path, bert)
    expected, found = bert(INPUTS), file(INPUTS)
    # Some dozen roundings of half a step of 127, in a signal of this spread.
    tolerance = 0.25 * float(np.std(expected["slots"]))
    np.testing.assert_allclose(found["slots"], expected["slots"], atol=tolerance)


def test_what_cannot_be_converted_is_refused(bert):
    with pytest.raises(ValueError, match="must have heads"):
        convert_transformer(LayeredBert(bert.handle, labels=None))
    with pytest.raises(ValueError, match="`quantization` must be one of"):
        convert_transformer(bert, quantization="int8")


def test_a_file_is_scored_from_raw_text(bert, tmp_path):
    convert_transformer(bert, path=tmp_path / "model.tflite")
    rows = [Example("call mom", "CALL", ()), Example("set alarms", "ALARM", ())]
    scores = TransformerFile(tmp_path / "model.tflite", bert).score(rows, spec=ProjectionSpec())
    assert scores.rows == 2
