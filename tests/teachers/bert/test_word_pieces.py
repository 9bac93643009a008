from __future__ import annotations

import pytest
import tensorflow as tf

from pqrnn_tf.teachers.bert.word_pieces import WordPieceTokenizer, read_vocabulary


@pytest.fixture(scope="module")
def tokenizer(vocabulary):
    return WordPieceTokenizer(vocabulary, max_word_pieces=8)


def pieces_of(tokenizer, text, vocabulary):
    inputs, spans = tokenizer(tf.constant([text]))
    names = [vocabulary[i] for i in inputs["input_word_ids"].numpy()[0]]
    return names, [tuple(span) for span in spans.numpy()[0].tolist()]


def test_pieces_and_their_spans(tokenizer, vocabulary):
    names, spans = pieces_of(tokenizer, "set alarms", vocabulary)
    assert names == ["[CLS]", "set", "alarm", "##s", "[SEP]"]
    assert spans == [(0, 0), (0, 3), (4, 9), (9, 10), (0, 0)]


def test_spans_count_code_points_not_bytes(tokenizer, vocabulary):
    names, spans = pieces_of(tokenizer, "über สวัสดี 7pm", vocabulary)
    assert names[1:-1] == ["über", "สวัส", "##ดี", "7", "##pm"]
    assert spans[1:-1] == [(0, 4), (5, 9), (9, 11), (12, 13), (13, 15)]


def test_lower_case_spans_refer_to_the_original_text(vocabulary):
    # Stripping the accent makes the normalised text one byte shorter than the original.
    tokenizer = WordPieceTokenizer(vocabulary, lower_case=True)
    names, spans = pieces_of(tokenizer, "Ŝet ALARM", vocabulary)
    assert names[1:-1] == ["set", "alarm"]
    assert spans[1:-1] == [(0, 3), (4, 9)]


def test_cased_tokenizer_does_not_know_capitals(tokenizer, vocabulary):
    assert pieces_of(tokenizer, "SET", vocabulary)[0][1:-1] == ["[UNK]"]


def test_unknown_word_covers_itself(tokenizer, vocabulary):
    names, spans = pieces_of(tokenizer, "call zürich?", vocabulary)
    assert names[1:-1] == ["call", "[UNK]", "?"]
    assert spans[1:-1] == [(0, 4), (5, 11), (11, 12)]


def test_long_clause_without_spaces_is_cut_into_pieces(vocabulary):
    # 8 × 18 bytes is more than tensorflow-text's default of 100 bytes a word.
    tokenizer = WordPieceTokenizer((*vocabulary, "##สวัส"), max_word_pieces=128)
    names, _ = pieces_of(tokenizer, "สวัสดี" * 8, (*vocabulary, "##สวัส"))
    assert "[UNK]" not in names


def test_batch_is_padded_and_masked(tokenizer):
    inputs, spans = tokenizer(tf.constant(["set an alarm", "call"]))
    assert inputs["input_mask"].numpy().tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert inputs["input_word_ids"].numpy()[1].tolist() == [2, 12, 3, 0, 0]
    assert spans.numpy()[1, 3:].tolist() == [[0, 0], [0, 0]]


def test_text_is_cut_at_max_word_pieces(tokenizer, vocabulary):
    names, _ = pieces_of(tokenizer, "set " * 20, vocabulary)
    assert names == ["[CLS]", *["set"] * 6, "[SEP]"]


@pytest.mark.parametrize("text", [b"", b"   ", b"\x00"])
def test_text_without_words(tokenizer, vocabulary, text):
    assert pieces_of(tokenizer, text, vocabulary)[0] == ["[CLS]", "[SEP]"]


def test_invalid_utf8_counts_as_python_decodes_it(tokenizer, vocabulary):
    text = b"\xff\xe2\x82 set"
    names, spans = pieces_of(tokenizer, text, vocabulary)
    start = text.decode("utf-8", "replace").index("set")
    assert (names[-2], spans[-2]) == ("set", (start, start + 3))


def test_vocabulary_without_reserved_pieces_is_refused():
    with pytest.raises(ValueError, match=r"`vocabulary` must hold.*\[CLS\]"):
        WordPieceTokenizer(["[PAD]", "[UNK]", "a"])


def test_too_few_word_pieces_are_refused(vocabulary):
    with pytest.raises(ValueError, match="`max_word_pieces` must be at least 3"):
        WordPieceTokenizer(vocabulary, max_word_pieces=2)


def test_vocabulary_file_with_windows_line_ends(tmp_path):
    (tmp_path / "vocab.txt").write_bytes("[PAD]\r\nü\r\n".encode())
    assert read_vocabulary(tmp_path / "vocab.txt") == ("[PAD]", "ü")
