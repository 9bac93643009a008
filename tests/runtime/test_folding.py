"""Folding: what means the same becomes the same, and offsets stay those of the caller."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import random
import unicodedata

import pytest

from pqrnn_tf.runtime.folding import (
    CANONICAL,
    FOLDED,
    fold,
    fold_code_points,
    load_folding_table,
)
from pqrnn_tf.runtime.spec import VERSIONS
from pqrnn_tf.runtime.unicode_table import SPACE, load_unicode_table

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
CASES = json.loads((GOLDEN / "folding_v2.json").read_text(encoding="utf-8"))
UNICODE_14 = unicodedata.unidata_version == "14.0.0"


def points(text: str) -> list[int]:
    return list(map(ord, text))


def active_characters() -> list[str]:
    """Characters that folding or canonical composition has to do with, and parts of them."""
    found = set()
    for version in VERSIONS:
        table = load_folding_table(version)
        found |= {*table.removed, *table.replaced, *table.decomposed, *table.combining}
        found |= {part for pair in table.composed for part in pair}
    found |= {*range(0x1100, 0x1200), *range(0xAC00, 0xAC60)}
    return [chr(point) for point in sorted(found) if not 0xE0100 <= point < 0xE1000]


ACTIVE = active_characters()


def random_text(generator: random.Random) -> str:
    """Mostly characters that change each other, some of any kind."""
    return "".join(
        generator.choice(ACTIVE)
        if generator.random() < 0.6
        else generator.choice("ae AK7.가ก\u0301\u0323\u0308\u200d“")
        if generator.random() < 0.9
        else chr(generator.randrange(0x110000))
        for _ in range(generator.randrange(10))
    )


def test_the_golden_file_is_what_the_script_makes():
    path = GOLDEN / "make_folding_golden.py"
    module_spec = importlib.util.spec_from_file_location("make_folding_golden", path)
    assert module_spec is not None and module_spec.loader is not None
    script = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(script)
    assert script.golden_text() == (GOLDEN / "folding_v2.json").read_text(encoding="utf-8")


def test_fold_meets_the_golden_file():
    assert len(CASES) > 300
    for case in CASES:
        folded = fold(case["text"], version=case["version"])
        own = list(range(len(case["text"])))
        starts = own if folded.starts is None else folded.starts
        ends = [i + 1 for i in own] if folded.ends is None else folded.ends
        assert (folded.text, starts, ends) == (case["folded"], case["starts"], case["ends"]), case


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("wake me at 7pm\u200e", "wake me at 7pm"),
        ("wa\u200bke\u00ad m\ufeffe", "wake me"),
        ("ｐｌａｙ　Ｔｈｒｉｌｌｅｒ！", "play Thriller!"),
        ("𝗽𝗹𝗮𝘆 𝟕", "play 7"),
        (
            "“a” ‘b’ «c» ‹d› „e‟ 5′ 6″ don’t don´t don`t",
            "\"a\" 'b' \"c\" 'd' \"e\" 5' 6\" don't don't don't",
        ),
        ("a–b—c‐d‑e−f", "a-b-c-d-e-f"),
        ("a\u00a0b\u2003c\u3000d\te", "a b c d e"),
        ("你好。再见，吗？", "你好.再见,吗?"),
        ("नमस्ते। ७", "नमस्ते. 7"),
        ("An\u0303ade", "Añade"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("e\u200d\u0301", "é"),
        ("ｶﾞ", "ガ"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0f", "❤"),
        ("… ½ m² ﬁ ©", "… ½ m² ﬁ ©"),
    ],
)
def test_forms_of_the_same_text_become_the_same(text, folded):
    assert fold(text).text == folded


def test_text_of_version_1_keeps_all_but_what_is_invisible_or_decomposed():
    text = "“ｐｌａｙ” – 7\u00a0pm می\u200cخواهم \u0958 ½"
    assert fold(text, version=CANONICAL).text == text
    assert fold("An\u0303a\u200bde\ufe0f", version=CANONICAL).text == "Añade"


def test_offsets_are_those_of_the_callers_text():
    # Removed characters are in no range; a composed one has that of all its parts.
    folded = fold("\u200eCafe\u200d\u0301\u200b!")
    assert folded.text == "Café!"
    assert (folded.starts, folded.ends) == ([1, 2, 3, 4, 8], [2, 3, 4, 7, 9])


def test_marks_that_change_places_keep_both_ends_of_the_ranges_rising():
    folded = fold("q\u0307\u0323")
    assert folded.text == "q\u0323\u0307"
    assert (folded.starts, folded.ends) == ([0, 1, 1], [1, 3, 3])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_quick_way_equals_the_definition(version):
    generator = random.Random(version)
    for _ in range(5000):
        text = random_text(generator)
        expected, starts, ends = fold_code_points(points(text), version=version)
        folded = fold(text, version=version)
        assert folded.text == "".join(map(chr, expected)), ascii(text)
        if folded.starts is None:
            assert folded.text == text
            assert (starts, ends) == (list(range(len(text))), list(range(1, len(text) + 1)))
        else:
            assert (folded.starts, folded.ends) == (starts, ends), ascii(text)
        assert starts == sorted(starts) and ends == sorted(ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_folding_twice_is_folding_once(version):
    generator = random.Random(10 + version)
    for _ in range(5000):
        text = random_text(generator)
        once = fold(text, version=version).text
        assert fold(once, version=version).text == once, ascii(text)


def test_a_version_1_text_folded_for_version_2_is_the_text_folded_for_version_2():
    generator = random.Random(5)
    for _ in range(3000):
        text = random_text(generator)
        assert fold(fold(text, version=CANONICAL).text).text == fold(text).text, ascii(text)


@pytest.mark.skipif(not UNICODE_14, reason="the table's Unicode version is not this Python's")
def test_every_assigned_character_is_composed_as_unicode_says():
    table, singletons = load_folding_table(FOLDED), load_folding_table(CANONICAL).replaced
    text = " ".join(
        chr(point)
        for point in range(0x110000)
        if unicodedata.category(chr(point)) not in ("Cn", "Cs")
        and point not in table.removed
        and table.replaced.get(point) == singletons.get(point)
    )
    assert len(text) > 500_000
    assert fold(text).text == unicodedata.normalize("NFC", text)


def test_texts_are_composed_as_unicode_says():
    # Normal forms of assigned characters are stable: any later Python agrees.
    table, other = load_folding_table(CANONICAL), load_folding_table(FOLDED)
    parts = set(other.decomposed) - set(table.decomposed)
    alphabet = [c for c in ACTIVE if ord(c) not in table.removed | parts]
    alphabet = [c for c in alphabet if unicodedata.category(c) != "Cn"]
    generator = random.Random(3)
    for _ in range(10_000):
        text = "".join(generator.choice(alphabet) for _ in range(generator.randrange(8)))
        assert fold(text, version=CANONICAL).text == unicodedata.normalize("NFC", text), ascii(text)


def test_composed_and_decomposed_text_fold_to_the_same():
    generator = random.Random(4)
    letters = [c for c in ACTIVE if unicodedata.normalize("NFD", c) != c] + list("abc ")
    for _ in range(3000):
        text = "".join(generator.choice(letters) for _ in range(6))
        for version in VERSIONS:
            forms = {
                fold(unicodedata.normalize(form, text), version=version).text
                for form in ("NFC", "NFD")
            }
            assert len(forms) == 1, ascii(text)


def test_every_space_of_the_character_table_is_one_space_or_invisible():
    table = load_unicode_table(2)
    for first, last, kind in table.classes:
        if kind == SPACE:
            for point in range(first, last + 1):
                assert fold(chr(point)).text in (" ", ""), hex(point)


def test_a_text_of_nothing_but_marks_is_folded_in_reasonable_time():
    text = "\u0301\u0323" * 50_000
    folded = fold(text)
    assert folded.text == "\u0323" * 50_000 + "\u0301" * 50_000


def test_a_lone_surrogate_stays_for_the_reader_of_code_points():
    assert fold("a\ud800\u200b").text == "a\ud800"
