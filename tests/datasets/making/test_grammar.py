from __future__ import annotations

import hashlib
import pathlib

import pytest

from pqrnn_tf.datasets import (
    DOMAINS,
    LANGUAGES,
    Example,
    SlotSpan,
    align_slots,
    alignment_report,
    generate,
    load_split,
    vocabulary,
    write_mtop_file,
    write_mtop_folder,
)
from pqrnn_tf.datasets.making import grammar
from pqrnn_tf.datasets.making.grammars import en
from pqrnn_tf.runtime import format_tree, parse_tree

# Digest of the first 200 examples with seed 7: the same on every platform and version of Python.
DIGESTS = {
    "en": "7fa04dfa6fa4be57",
    "de": "2cc90264637fe9b5",
    "es": "0b4729b69c37ac90",
    "fr": "bc7457b6bbfdc88e",
    "hi": "3a290cb459a17756",
    "th": "f609ae236c20b9bd",
}


def digest(language: str) -> str:
    rows = "\n".join(
        f"{row.text}\t{format_tree(row.tree)}\t{row.slots}"  # type: ignore[arg-type]
        for row in generate(200, language=language, seed=7)
    )
    # The digests are older than the field's name.
    return hashlib.sha256(rows.replace(" spans=", " pieces=").encode("utf-8")).hexdigest()[:16]


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_seed_gives_the_same_examples_everywhere(language: str) -> None:
    assert digest(language) == DIGESTS[language]


def test_another_seed_gives_other_examples() -> None:
    assert generate(20, seed=1) != generate(20, seed=2)


def test_a_longer_list_starts_with_the_shorter_one() -> None:
    assert generate(50, language="fr")[:10] == generate(10, language="fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_alignment_finds_exactly_the_spans_of_the_grammar(language: str) -> None:
    for example in generate(500, language=language, seed=3):
        assert example.tree is not None
        assert parse_tree(format_tree(example.tree)) == example.tree
        assert align_slots(example.text, example.tree).slots == example.slots, example.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_distinct_and_clean(language: str) -> None:
    texts = [example.text for example in generate(2000, language=language)]
    assert len(set(texts)) == 2000
    assert all(text == " ".join(text.split()) for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_intents_slots_and_nesting(language: str) -> None:
    examples = generate(1500, language=language)
    assert {example.intent for example in examples} == set(DOMAINS)
    labels = {
        node.label
        for example in examples
        for node in example.tree.nodes()  # type: ignore[union-attr]
    }
    inner = {"IN:GET_CONTACT", "IN:GET_TODO", "IN:CREATE_CALL"}
    assert {label for label in labels if label.startswith("IN:")} == (
        {f"IN:{intent}" for intent in DOMAINS} | inner
    )
    assert sorted({label[3:] for label in labels if label.startswith("SL:")}) == [
        "ALARM_NAME",
        "AMOUNT",
        "ATTENDEE",
        "CONTACT",
        "CONTACT_RELATED",
        "CONTENT_EXACT",
        "DATE_TIME",
        "LOCATION",
        "MUSIC_ARTIST_NAME",
        "MUSIC_GENRE",
        "MUSIC_PROVIDER_NAME",
        "PERSON_REMINDED",
        "RECIPIENT",
        "SENDER",
        "TODO",
        "TYPE_RELATION",
        "WEATHER_ATTRIBUTE",
    ]


def test_thai_is_written_without_spaces() -> None:
    assert not any(" " in example.text for example in generate(300, language="th"))


def test_german_has_a_slot_around_another_one() -> None:
    def around(example: Example) -> bool:
        slots = example.slots or ()
        return any(
            outer.start < inner.start and inner.end < outer.end
            for outer in slots
            for inner in slots
        )

    assert any(around(example) for example in generate(200, language="de"))


def test_holes_of_nested_slots_are_not_part_of_the_slot() -> None:
    example = next(
        row
        for row in generate(500)
        if "[IN:GET_TODO" in format_tree(row.tree) and " with " in row.text  # type: ignore[arg-type]
    )
    todo = next(slot for slot in example.slots or () if slot.name == "TODO")
    assert len(todo.spans) >= 2
    assert "with" not in todo.text(example.text).split()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 1, "language": "xx"}, "`language` must be one of"),
        ({"count": -1}, "`count` must be zero or more"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(**arguments)


def test_asking_for_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # `stop`, `Stop`, `stop.` and `Stop.` are all that is left to say.
    monkeypatch.setattr(grammar, "DOMAINS", {"PAUSE_MUSIC": "music"})
    monkeypatch.setitem(en.RULES, "IN:PAUSE_MUSIC", ("stop",))
    assert len(generate(4, language="en")) == 4
    with pytest.raises(ValueError, match="`count` is more than the grammar of 'en' can say"):
        generate(5, language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_folder_reads_back_as_the_same_examples(tmp_path: pathlib.Path, language: str) -> None:
    write_mtop_folder(tmp_path, languages=(language,), train=60, dev=20, test=10, seed=4)
    written = generate(90, language=language, seed=4)
    read = [
        row
        for split in ("train", "dev", "test")
        for row in load_split(tmp_path, split, language=language)
    ]
    assert alignment_report(read).failures == ()

    def content(row: Example) -> tuple:
        return row.text, row.intent, row.slots, row.tree, row.domain, row.locale

    assert [content(row) for row in read] == [content(row) for row in written]


def test_no_text_stands_in_two_splits(tmp_path: pathlib.Path) -> None:
    write_mtop_folder(tmp_path, languages=("en",), train=300, dev=100, test=100)
    splits = [
        {row.text for row in load_split(tmp_path, split)} for split in ("train", "dev", "test")
    ]
    assert [len(split) for split in splits] == [300, 100, 100]
    assert len(set().union(*splits)) == 500


def test_rows_have_the_official_eight_columns(tmp_path: pathlib.Path) -> None:
    tree = parse_tree("[IN:A [SL:C é ] ]")
    row = Example("é é", "A", (SlotSpan("C", ((2, 3),)),), tree, "calling", "fr_XX")
    write_mtop_file(tmp_path / "a.txt", [row])
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").split("\t") == [
        "0",
        "IN:A",
        "3:5:SL:C",
        "é é",
        "calling",
        "fr_XX",
        "[IN:A [SL:C é ] ]",
        '{"tokens": ["é", "é"], "tokenSpans": [{"start": 0, "length": 2}, '
        '{"start": 3, "length": 2}]}\n',
    ]


def test_a_text_with_a_tab_cannot_be_written(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="a tab or a line end"):
        write_mtop_file(tmp_path / "a.txt", [Example("a\tb", "A", (), parse_tree("[IN:A ]"))])


def test_an_example_without_a_tree_cannot_be_written(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="must have trees and slots"):
        write_mtop_file(tmp_path / "a.txt", [Example("a", "A", ())])


def longest_match(word: str, pieces: set[str]) -> list[str] | None:
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in pieces:
                break
        else:
            return None
        found.append(piece)
        start = end
    return found


def test_vocabulary_starts_with_the_special_pieces_and_has_no_doubles() -> None:
    pieces = vocabulary()
    assert pieces[:5] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert len(set(pieces)) == len(pieces)
    assert not any(piece.split() != [piece] for piece in pieces)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_grammar_is_unknown(language: str) -> None:
    pieces = set(vocabulary())
    for example in generate(300, language=language):
        for word in example.text.split():
            assert longest_match(word, pieces) is not None, word


def test_words_of_the_grammar_are_one_piece() -> None:
    assert longest_match("weather", set(vocabulary(("en",)))) == ["weather"]


def test_extra_texts_add_their_characters_and_frequent_words() -> None:
    pieces = vocabulary(("en",), extra_texts=["zebra Ω, zebra once"])
    assert {"Ω", "##Ω", "zebra"} <= set(pieces)
    assert "once" not in pieces


def test_extra_words_are_limited_to_the_most_frequent() -> None:
    pieces = vocabulary(("en",), extra_texts=["qa qa qb qb qb"], max_extra_words=1)
    assert "qb" in pieces
    assert "qa" not in pieces
