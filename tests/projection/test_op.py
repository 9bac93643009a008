"""The compiled op against the definition, its errors, and what serves where it is not built."""

from __future__ import annotations

import pathlib
import random
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.projection import op
from pqrnn_tf.projection.definition import project
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.spec import ProjectionSpec

SPECS = [
    ProjectionSpec(word_features=37, ngram_features=64, ngram_orders=(1, 3, 8), seed=9),
    ProjectionSpec(word_features=16, ngram_features=16, max_code_points=20, max_tokens=5),
    ProjectionSpec(
        segmentation="spaces",
        lowercase=False,
        word_features=64,
        ngram_features=0,
        ngram_orders=(),
        shape=False,
        seed=2**63 - 1,
    ),
    # More n-grams than eight bits count.
    ProjectionSpec(segmentation="spaces", word_features=1, ngram_features=4, ngram_hashes=16),
]

TEXTS = [
    b"",
    b" \t\n",
    b"Wake me up at 7pm, PLEASE!",
    "Écoute l'été à NANTES".encode(),
    "ΟΔΟΣ Ёлка ՀԱՅ".encode(),
    "ตั้งปลุก 7 โมง".encode(),
    "明天早上7点 あした".encode(),
    "कल सुबह ७ बजे".encode(),
    "a\u0301 \u0301b !\u0301".encode(),
    "\U0001f468\u200d\U0001f469 \U0001f44d\U0001f3fd".encode(),
    b"a\x00b\x00",
    b"caf\xc3 \xff\xed\xa0\x80 \xf0\x9f\x98",
    b"x" * 20 + b" ",
    b"x" * 21,
    b"x" * 20 + b" y",
    b"a b c d e",
    b"a b c d e f",
    b"a b c d e" + b" " * 300 + b"f",
    b"supercalifragilisticexpialidocious" * 7,
]


IGNORE_FALLBACK = "ignore:.*projection op is not built:RuntimeWarning"


def random_texts(count: int, seed: int) -> list[bytes]:
    generator = random.Random(seed)
    pool = "aB zÀß1 9٣. ,!ก่าあ漢\u0301\u200d😀İǅ\u00a0\u3000\x00  "

    def text() -> bytes:
        length = generator.randint(0, 45)
        if generator.random() < 0.3:
            return bytes(generator.randrange(256) for _ in range(length))
        return "".join(
            generator.choice(pool)
            if generator.random() < 0.8
            else chr(generator.choice([generator.randrange(0xD800), generator.randrange(0x110000)]))
            for _ in range(length)
        ).encode("utf-8", errors="surrogatepass")

    return [text() for _ in range(count)]


def check_against_definition(
    texts: list[bytes], spec: ProjectionSpec, *, pad_to_max_tokens: bool = False
) -> None:
    outputs = project_strings(tf.constant(texts), spec, pad_to_max_tokens=pad_to_max_tokens)
    features, lengths, spans, truncated = (output.numpy() for output in outputs)
    for i, text in enumerate(texts):
        expected = project(text, spec)
        n = len(expected.spans)
        assert lengths[i] == n, text
        assert truncated[i] == expected.truncated, text
        assert spans[i, :n].tolist() == [list(span) for span in expected.spans], text
        assert features[i, :n].tolist() == expected.features, text
        assert not features[i, n:].any(), text
        assert not spans[i, n:].any(), text


@pytest.fixture
def remove_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> Iterator[Callable[[], None]]:
    """A function after which this is an installation without the compiled op."""

    def forget() -> None:
        op._installed.cache_clear()
        op._warn_once.cache_clear()

    def remove() -> None:
        monkeypatch.setattr(op, "LIBRARY", tmp_path / "_projection_op.so")
        forget()

    yield remove
    forget()


def test_op_is_built():
    assert op.is_available(), op._installed()


@pytest.mark.parametrize("spec", SPECS)
def test_equals_definition_on_chosen_texts(spec):
    check_against_definition(TEXTS, spec)


@pytest.mark.parametrize("spec", SPECS)
def test_equals_definition_on_random_texts(spec):
    check_against_definition(random_texts(100, seed=spec.word_features), spec)


def test_equals_definition_at_the_borders_of_the_character_table():
    from pqrnn_tf.runtime.unicode_table import load_unicode_table

    table = load_unicode_table()
    starts = [row[0] for row in table.classes + table.lower]
    ends = [row[1] for row in table.classes + table.lower]
    points = sorted({p for e in (*starts, *ends) for p in (e - 1, e, e + 1)})
    points = [p for p in points if 0 <= p <= 0x10FFFF and not 0xD800 <= p < 0xE000]
    # Between two letters, so that the class shows in the spans; capitals show in the shape.
    text = "".join(f"a{chr(point)}a " for point in points)
    spec = ProjectionSpec(
        word_features=4, ngram_features=0, ngram_orders=(), max_code_points=4096, max_tokens=4096
    )
    check_against_definition([text[i : i + 4096].encode() for i in range(0, len(text), 4096)], spec)


def test_hand_computed_shape_features():
    spec = ProjectionSpec(word_features=1, ngram_features=0, ngram_orders=())
    features, lengths, spans, _ = project_strings(tf.constant(["Ab 7pm"]), spec)
    assert lengths.numpy().tolist() == [3]
    assert spans.numpy().tolist() == [[[0, 2], [3, 4], [4, 6]]]
    # initial, all and inner capitals, digit, punctuation, alone, glued, single
    assert features.numpy()[0, :, 1:].tolist() == [
        [1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 1, 0],
    ]


def test_time_is_the_longest_length_of_the_batch():
    features, _, spans, _ = project_strings(tf.constant(["a b c", "a"]), SPECS[0])
    assert features.shape == (2, 3, SPECS[0].features)
    assert spans.shape == (2, 3, 2)


def test_padding_to_max_tokens_equals_definition():
    check_against_definition(TEXTS, SPECS[1], pad_to_max_tokens=True)


def test_static_shapes():
    @tf.function(input_signature=[tf.TensorSpec((7,), tf.string)])
    def padded(texts):
        outputs = project_strings(texts, SPECS[1], pad_to_max_tokens=True)
        assert [output.shape.as_list() for output in outputs] == [
            [7, 5, SPECS[1].features],
            [7],
            [7, 5, 2],
            [7],
        ]
        return outputs

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def unpadded(texts):
        outputs = project_strings(texts, SPECS[1])
        assert outputs[0].shape.as_list() == [None, None, SPECS[1].features]
        return outputs

    padded.get_concrete_function()
    unpadded.get_concrete_function()


def test_empty_batch():
    features, lengths, spans, truncated = project_strings(tf.constant([], tf.string), SPECS[0])
    assert features.shape == (0, 0, SPECS[0].features)
    assert lengths.shape == truncated.shape == (0,)
    assert spans.shape == (0, 0, 2)


def test_batch_without_tokens():
    features, lengths, _, truncated = project_strings(tf.constant(["", "  "]), SPECS[0])
    assert features.shape == (2, 0, SPECS[0].features)
    assert lengths.numpy().tolist() == [0, 0]
    assert not truncated.numpy().any()


def test_line_of_one_megabyte():
    million = 1 << 20
    texts = tf.constant([b"a " * (million // 2), b"a" * million, b" " * million, b"\xff" * million])
    spec = ProjectionSpec(word_features=8, ngram_features=8)
    _, lengths, _, truncated = project_strings(texts, spec)
    assert lengths.numpy().tolist() == [64, 0, 0, 64]
    assert truncated.numpy().tolist() == [True, True, False, True]


def test_large_batch_over_several_threads():
    texts = random_texts(300, seed=3)
    whole = project_strings(tf.constant(texts), SPECS[0], pad_to_max_tokens=True)
    for i in range(0, 300, 97):
        alone = project_strings(tf.constant(texts[i : i + 1]), SPECS[0], pad_to_max_tokens=True)
        for expected, output in zip(alone, whole, strict=True):
            np.testing.assert_array_equal(output[i], expected[0])


def test_in_tf_data():
    texts = ["one two", "three", "four five six", "7pm"]
    dataset = tf.data.Dataset.from_tensor_slices(texts).batch(2)
    dataset = dataset.map(lambda batch: project_strings(batch, SPECS[0]), num_parallel_calls=2)
    lengths = [n for batch in dataset for n in batch[1].numpy()]
    assert lengths == [2, 1, 3, 2]


@pytest.mark.parametrize(
    "texts", [tf.constant("scalar"), tf.constant([["matrix"]]), tf.constant([1])]
)
def test_other_inputs_raise(texts):
    with pytest.raises(ValueError, match=r"`texts` must be a string tensor .* Received: dtype="):
        project_strings(texts, SPECS[0])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("version", 3, "`version` must be from 1 to 2.*Received: version=3"),
        (
            "segmentation",
            "letters",
            "`segmentation` must be 'unicode', 'spaces' or 'words'. Received: 'letters'",
        ),
        ("word_features", 0, "`word_features` must be from 1 to 8192. Received: 0"),
        ("ngram_features", 3, "`ngram_features` must be 0 or a power of two. Received: 3"),
        ("ngram_orders", [4, 3], "`ngram_orders` must rise"),
        ("max_tokens", 1 << 40, "`max_tokens` must be from 1 to 4096"),
    ],
)
def test_op_refuses_attributes_out_of_range(name, value, message):
    library = op.load_library(op.LIBRARY)
    attributes = {**ProjectionSpec().to_dict(), name: value}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        library.pqrnn_project(texts=["a"], **attributes)


@pytest.mark.parametrize("pad_to_max_tokens", [False, True])
@pytest.mark.filterwarnings(IGNORE_FALLBACK)
def test_fallback_equals_op(remove_library, pad_to_max_tokens):
    texts = tf.constant(TEXTS + random_texts(60, seed=1))
    expected = project_strings(texts, SPECS[1], pad_to_max_tokens=pad_to_max_tokens)
    remove_library()
    outputs = project_strings(texts, SPECS[1], pad_to_max_tokens=pad_to_max_tokens)
    for output, right in zip(outputs, expected, strict=True):
        assert output.dtype == right.dtype
        np.testing.assert_array_equal(output, right)


def test_fallback_warns_once(remove_library):
    remove_library()
    with pytest.warns(RuntimeWarning, match="projection op is not built.*build_ext --inplace"):
        project_strings(tf.constant(["a"]), SPECS[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        project_strings(tf.constant(["b"]), SPECS[1])


@pytest.mark.filterwarnings(IGNORE_FALLBACK)
def test_fallback_in_tf_data_has_static_shapes(remove_library):
    remove_library()
    dataset = tf.data.Dataset.from_tensors(tf.constant(["one two", ""]))
    dataset = dataset.map(lambda batch: project_strings(batch, SPECS[1], pad_to_max_tokens=True))
    assert dataset.element_spec[0].shape.as_list() == [2, 5, SPECS[1].features]
    features, lengths, _, _ = next(iter(dataset))
    assert features.shape == (2, 5, SPECS[1].features)
    assert lengths.numpy().tolist() == [2, 0]


@pytest.mark.filterwarnings(IGNORE_FALLBACK)
def test_fallback_empty_batch(remove_library):
    remove_library()
    features, lengths, _, _ = project_strings(tf.constant([], tf.string), SPECS[1])
    assert features.shape == (0, 0, SPECS[1].features)
    assert lengths.shape == (0,)


def test_library_of_another_tensorflow_is_refused(tmp_path):
    other = tmp_path / "op.so"
    other.write_bytes(b"\x7fELF pqrnn_tf projection op built for TensorFlow 2.99.1;\0")
    with pytest.raises(op.OpUnavailableError, match="built for TensorFlow 2.99.1, and this is"):
        op.load_library(other)


def test_broken_library_is_refused(tmp_path):
    broken = tmp_path / "op.so"
    broken.write_bytes(
        b"\x7fELF pqrnn_tf projection op built for TensorFlow " + tf.__version__.encode() + b";\0"
    )
    with pytest.raises(op.OpUnavailableError, match="cannot be loaded"):
        op.load_library(broken)


@pytest.mark.parametrize("content", [b"", b"something else"])
def test_other_file_is_refused(tmp_path, content):
    other = tmp_path / "op.so"
    other.write_bytes(content)
    with pytest.raises(op.OpUnavailableError, match="is not a library of the projection op"):
        op.load_library(other)
