from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.teachers import SPECIAL_PIECES, build_bert, learn_vocabulary

TINY = {"hidden_size": 4, "layers": 1, "heads": 1, "intermediate_size": 4, "max_positions": 8}
PIECES = (*SPECIAL_PIECES, "a")


def test_export_is_a_tfhub_bert(bert, vocabulary):
    import tensorflow_hub as hub

    encoder = hub.load(str(bert))
    ones = tf.ones((2, 3), tf.int32)
    outputs = encoder({"input_word_ids": ones, "input_mask": ones, "input_type_ids": 0 * ones})
    assert set(outputs) == {"pooled_output", "sequence_output", "encoder_outputs", "default"}
    assert outputs["sequence_output"].shape == (2, 3, 16) and len(outputs["encoder_outputs"]) == 1
    assert not encoder.do_lower_case.numpy()
    path = encoder.vocab_file.asset_path.numpy().decode()
    with open(path, encoding="utf-8") as file:
        assert file.read() == "\n".join(vocabulary) + "\n"


def test_weights_depend_on_the_seed_alone(tmp_path):
    weights = []
    for number in range(2):
        tf.random.set_seed(number)
        build_bert(tmp_path / str(number), PIECES, **TINY, seed=3)
        reader = tf.train.load_checkpoint(str(tmp_path / str(number) / "variables" / "variables"))
        shapes = reader.get_variable_to_shape_map()
        tables = [reader.get_tensor(key) for key in sorted(shapes) if len(shapes[key]) > 1]
        weights.append(np.concatenate([table.ravel() for table in tables]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert weights[0].std() > 0.01
    assert len(list(tmp_path.iterdir())) == 2  # and nothing temporary


def test_failed_build_leaves_nothing(tmp_path, monkeypatch):
    from official.nlp.tools import export_tfhub_lib

    def fail(*_args, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(export_tfhub_lib, "export_model", fail)
    with pytest.raises(OSError, match="disk full"):
        build_bert(tmp_path / "bert", PIECES, **TINY)
    assert not list(tmp_path.iterdir())


def test_existing_folder_is_kept(tmp_path):
    (tmp_path / "bert").mkdir()
    with pytest.raises(FileExistsError, match="`folder` must not exist yet"):
        build_bert(tmp_path / "bert", PIECES, **TINY)


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        (("[PAD]", "[UNK]", "a"), "`vocabulary` must hold"),
        ((*PIECES, "a"), r"must not repeat a piece. Received twice: \['a'\]"),
        ((*PIECES, "a b"), "without white space"),
        ((*PIECES, ""), "without white space"),
    ],
)
def test_bad_vocabulary(tmp_path, vocabulary, message):
    with pytest.raises(ValueError, match=message):
        build_bert(tmp_path / "bert", vocabulary, **TINY)


def test_heads_must_divide_the_width(tmp_path):
    with pytest.raises(ValueError, match="`heads` must divide `hidden_size`"):
        build_bert(tmp_path / "bert", PIECES, **{**TINY, "heads": 3})


def test_sizes_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="`layers` must be positive. Received: 0"):
        build_bert(tmp_path / "bert", PIECES, **{**TINY, "layers": 0})


def test_learned_vocabulary_can_spell_its_texts():
    pieces = learn_vocabulary(["set an alarm"] * 50 + ["call über"] * 50, size=60)
    assert pieces[:5] == SPECIAL_PIECES
    assert {"set", "alarm", "über"} <= set(pieces)


def test_vocabulary_of_no_texts():
    with pytest.raises(ValueError, match="`texts` must hold at least one"):
        learn_vocabulary([], size=60)


def test_vocabulary_without_room():
    with pytest.raises(ValueError, match="`size` must be more than 5"):
        learn_vocabulary(["a"], size=5)
