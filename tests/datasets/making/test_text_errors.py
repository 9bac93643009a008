"""Errors of people and recognisers: each kind by itself, and what no error may do."""

from __future__ import annotations

import functools
import pathlib
import random
import re
import time
import unicodedata
from collections.abc import Sequence

import pytest

from pqrnn_tf.datasets import (
    ALL_ERRORS,
    ERRORS,
    SURFACE_FORMS,
    Example,
    KnownWords,
    SlotSpan,
    generate,
    keyboard_typos,
    load_split,
    make_errors,
    rewritten_copy,
    unlabelled,
    with_errors,
)
from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.making.error_tables import HOMOPHONES, SPELLINGS, VALUES
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import cut_words
from pqrnn_tf.runtime.trees import top_level_slots

LANGUAGES = ["en", "de", "es", "fr", "hi", "th"]


def row(text: str, locale: str = "en") -> Example:
    return Example(text, "A", (), locale=locale)


def written(
    text: str, kind: str, locale: str = "en", *, words: Sequence[str] = (), times: int = 400
) -> set[str]:
    """All that a kind makes of a text, each word with an error."""
    known = KnownWords([row(word, locale) for word in words for _ in range(2)])
    return {
        with_errors([row(text, locale)], kind, share=1.0, seed=seed, words=known)[0].text
        for seed in range(times)
    }


def test_a_key_beside_the_right_one_the_first_letter_too() -> None:
    found = written("set", "neighbouring_key")
    assert {"det", "swt", "ser", "sdet", "dset", "aset"} <= found
    assert "pet" not in found


@pytest.mark.parametrize(
    ("locale", "text", "typed", "not_typed"),
    [
        ("de", "zeit", "teit", "aeit"),  # QWERTZ: z is beside t
        ("de_DE", "für", "fpr", None),
        ("fr", "qui", "aui", "pui"),  # AZERTY: q is below a
        ("th", "ดาว", "กาว", None),  # Kedmanee
        ("hi", "नमक", "वमक", None),  # InScript
    ],
)
def test_the_keyboard_is_that_of_the_language(
    locale: str, text: str, typed: str, not_typed: str | None
) -> None:
    found = written(text, "neighbouring_key", locale)
    assert typed in found and not_typed not in found


def test_letters_are_swapped_and_a_capital_stays_at_the_start() -> None:
    assert written("wake", "swapped_letters") == {"awke", "wkae", "waek"}
    assert written("Wake", "swapped_letters") == {"Awke", "Wkae", "Waek"}


def test_any_letter_is_left_out_the_first_one_too() -> None:
    assert written("play", "dropped_letter") == {"lay", "pay", "ply", "pla"}


def test_letters_are_doubled_and_double_ones_typed_once() -> None:
    assert written("add", "doubled_letter") == {"ad", "aadd", "addd"}
    assert "Wwake" in written("Wake", "doubled_letter")


def test_vowels_are_wrong_or_left_out() -> None:
    found = written("list", "vowel")
    assert found == {"lst", "last", "lest", "lost", "lust"}
    assert "शो" not in written("शोर", "vowel", "hi") != {"शोर"}


@pytest.mark.parametrize(
    ("locale", "text", "spelled"),
    [
        ("en", "phone", "fone"),
        ("en", "night", "nite"),
        ("en", "light", "lit"),
        ("en", "week", "weak"),
        ("en", "calendar", "kalendar"),
        ("en", "calendar", "calender"),
        ("en", "knee", "nee"),
        ("en", "receive", "recieve"),
        ("en", "reservation", "reservashun"),
        ("de", "Wecker", "Weker"),
        ("de", "spiele", "spile"),
        ("de", "Straße", "Strasse"),
        ("de", "fährt", "färt"),
        ("es", "vaca", "baca"),
        ("es", "hola", "ola"),
        ("es", "lluvia", "yuvia"),
        ("es", "hacer", "haser"),
        ("fr", "appeler", "appelé"),
        ("fr", "bateau", "bato"),
        ("fr", "ajoutez", "ajouter"),
        ("fr", "photo", "foto"),
        ("hi", "दिन", "दीन"),
        ("hi", "शाम", "साम"),
        ("th", "ให้", "ไห้"),
        ("th", "เร็ว", "เล็ว"),
        ("th", "สัตว์", "สัต"),
    ],
)
def test_words_are_spelled_as_they_sound(locale: str, text: str, spelled: str) -> None:
    assert spelled in written(text, "phonetic", locale)


def test_a_long_word_gets_two_errors_and_a_short_one_none() -> None:
    found = written("reminder", "several")
    assert len(found) > 100 and "reminder" not in found
    assert any(abs(len(word) - 8) == 2 for word in found)
    assert written("alarm", "several") == {"alarm"}


@pytest.mark.parametrize(
    ("locale", "text", "typed"),
    [
        ("de", "für", "fur"),
        ("de", "für", "fuer"),
        ("es", "mañana", "manana"),
        ("fr", "réveil", "reveil"),
        ("fr", "réveil", "rèveil"),
        ("fr", "FÊTE", "FETE"),
        ("hi", "ज़रा", "जरा"),
        ("th", "ค่ะ", "คะ"),
        ("pt", "amanhã", "amanha"),  # a language without tables
    ],
)
def test_accents_are_left_out_or_wrong(locale: str, text: str, typed: str) -> None:
    assert typed in written(text, "accent", locale)


def test_a_decomposed_text_loses_its_accents_too() -> None:
    text = unicodedata.normalize("NFD", "réveil")
    assert "reveil" in written(text, "accent", "fr")


def test_words_are_run_together_and_split() -> None:
    assert written("wake me", "word_boundary", times=50) == {"wakeme"}
    assert "play list" in written("playlist", "word_boundary", words=["play"])
    assert written("playlist", "word_boundary", words=["play"]) == {"play list"}
    assert written("at 7, ok", "word_boundary", times=50) == {"at7, ok"}


@pytest.mark.parametrize(
    ("locale", "text", "other"),
    [
        ("en", "for", "four"),
        ("en", "Four", "For"),
        ("en", "to", "two"),
        ("en", "their", "there"),
        ("en", "wake", "week"),
        ("de", "das", "dass"),
        ("es", "haber", "a ver"),
        ("fr", "a", "à"),
        ("hi", "में", "मे"),
        ("th", "ค่ะ", "คะ"),
    ],
)
def test_words_that_sound_the_same_stand_for_each_other(locale: str, text: str, other: str) -> None:
    assert other in written(text, "homophone", locale)


def test_articles_are_wrong_or_missing() -> None:
    assert written("set an alarm", "article") == {"set a alarm", "set alarm"}
    assert written("play the song", "article") == {"play song"}
    assert {"spiel die Lied", "spiel Lied"} <= written("spiel das Lied", "article", "de")


def test_an_article_in_a_slot_is_no_more_than_wrong_for_it_may_be_a_number() -> None:
    example = Example("in an hour", "A", (SlotSpan("TIME", ((3, 10),)),), locale="en")
    texts = {with_errors([example], "article", share=1.0, seed=seed)[0].text for seed in range(50)}
    assert texts == {"in a hour"}


def test_words_are_corrected_to_words_of_the_rows() -> None:
    words = ["weather", "leather", "whether", "wither", "alarm", "alert"]
    assert written("wheather", "autocorrected", words=words) == {"weather", "whether"}
    assert written("alarm", "autocorrected", words=words) == {"alarm"}
    assert written("Whether", "autocorrected", words=words) >= {"Weather"}


@pytest.mark.parametrize(
    ("locale", "text", "heard"),
    [
        ("en", "reminder", "remind her"),
        ("en", "what is", "what's"),
        ("en", "what's", "whats"),
        ("en", "o'clock", "a clock"),
        ("en", "Going to", "Gonna"),
        ("en", "cats", "cat"),
        ("en", "wake", "week"),  # a word of the rows that sounds alike
        ("de", "auf dem", "aufm"),
        ("fr", "est-ce que", "esque"),
    ],
)
def test_a_recogniser_hears_something_else(locale: str, text: str, heard: str) -> None:
    assert heard in written(text, "recognised", locale, words=["week"])


@functools.cache
def grammar_rows(language: str) -> list[Example]:
    return generate(200, language=language, seed=3)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [ALL_ERRORS, *ERRORS])
def test_slots_and_trees_follow_and_no_slot_cuts_a_word(kind: str, language: str) -> None:
    rows = grammar_rows(language)[:80]
    for new in with_errors(rows, kind, share=0.5, seed=1):
        example = new.example()
        assert [slot.name for slot in example.slots or ()] == [
            slot.name for slot in new.source.slots or ()
        ]
        assert example.tree is not None and new.source.tree is not None
        for slot, node in zip(example.slots or (), top_level_slots(example.tree), strict=True):
            assert "".join(slot.text(example.text).split()) == "".join(node.words())
        assert len(cut_words(example)) <= len(cut_words(new.source)), example


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_finds_words(language: str) -> None:
    rows = grammar_rows(language)
    for kind in ERRORS:
        changed = sum(
            new.text != new.source.text for new in with_errors(rows, kind, share=0.5, seed=1)
        )
        if kind == "article" and language in ("hi", "th"):
            assert not changed
        elif kind != "accent" or language != "en":
            assert changed > (3 if language in ("hi", "th") else 10), kind


@pytest.mark.parametrize(
    ("locale", "text", "negation"),
    [
        ("en", "do not call", "not"),
        ("en", "don't call", "don't"),
        ("en", "dont call", "dont"),
        ("en", "everyone except Ann", "except"),
        ("de", "ich brauche keinen Wecker", "keinen"),
        ("de", "nicht anrufen", "nicht"),
        ("es", "no llames", "no"),
        ("fr", "n'appelle pas", "pas"),
        ("hi", "कॉल मत करो", "मत"),
        ("th", "ไม่ต้องโทรหาแม่นะครับวันนี้เลย", "ไม่"),
    ],
)
def test_what_turns_the_meaning_round_stays(locale: str, text: str, negation: str) -> None:
    for kind in (ALL_ERRORS, *ERRORS):
        if kind == "keyboard":  # the errors of published scores, which know no language
            continue
        for changed in written(text, kind, locale, words=["note", "nothing"], times=60):
            assert negation in changed.lower(), kind


def test_no_error_makes_a_number_a_day_or_a_negation_of_another_word() -> None:
    words = ["seven", "eleven", "monday", "sunday", "never", "note"]
    for text in ("sevan", "elevan", "tuesday nver", "sit pm nit", "fve tan"):
        for kind in ("autocorrected", "recognised", "vowel", "phonetic", "neighbouring_key"):
            for changed in written(text, kind, words=words, times=100):
                new = set(changed.lower().split()) - set(text.split())
                assert not new & set(VALUES["en"].split()), kind


@pytest.mark.parametrize(
    ("locale", "text", "words", "negations"),
    [
        ("en", "i want done", ["wont", "dont"], {"wont", "dont"}),
        ("en", "north korea", [], {"nor"}),
        ("de", "meinen wecker nachts", ["keinen", "nichts"], {"keinen", "nichts"}),
        ("fr", "un bon plan", ["non"], {"non"}),
        ("hi", "घटना", [], {"ना"}),
    ],
)
def test_no_error_makes_a_negation_that_only_phrases_know(
    locale: str, text: str, words: Sequence[str], negations: set[str]
) -> None:
    for kind in ("vowel", "autocorrected", "neighbouring_key", "word_boundary", "recognised"):
        for changed in written(text, kind, locale, words=words, times=200):
            assert not negations & set(changed.split()), (kind, changed)


def test_a_negation_is_not_run_together_with_the_word_before() -> None:
    for changed in written("i don't call ann", "word_boundary", times=100):
        assert " don't " in changed, changed
    for changed in written("ich nicht", "word_boundary", "de", times=100):
        assert changed == "ich nicht"


def test_a_homophone_makes_no_number_beside_a_number() -> None:
    for text in ("from 5 to 7", "for ten minutes", "seven to eight"):
        for changed in written(text, "homophone", times=100):
            assert not {"two", "four"} & set(changed.split()), changed
    assert "four ann" in written("for ann", "homophone")


def test_a_word_that_stands_for_a_value_can_be_misspelled() -> None:
    assert "sevn" in written("seven", "dropped_letter")


def test_digits_and_punctuation_stay() -> None:
    for changed in written("at 7:30pm, ok!", ALL_ERRORS):
        assert "7:30" in changed and changed.endswith("!") and "," in changed


def test_words_of_two_slots_are_not_run_together() -> None:
    example = Example(
        "play thriller jackson", "A", (SlotSpan("S", ((5, 13),)), SlotSpan("B", ((14, 21),)))
    )
    for seed in range(60):
        (new,) = with_errors([example], "word_boundary", share=1.0, seed=seed)
        assert not cut_words(new.example()), new.text
        assert re.search(r"^play ", new.text)


def test_errors_of_a_smaller_share_are_among_those_of_a_larger_one() -> None:
    rows = generate(60, seed=5)
    known = KnownWords(rows)
    for kind in (ALL_ERRORS, *ERRORS):
        few = with_errors(rows, kind, share=0.1, seed=1, words=known)
        many = with_errors(rows, kind, share=0.4, seed=1, words=known)
        for less, more in zip(few, many, strict=True):
            old, new = less.source.text, less.text
            if new != old and old.count(" ") == new.count(" "):
                wrong = next(word for word in new.split() if word not in old.split())
                assert wrong in more.text, (kind, new, more.text)


def test_errors_of_a_text_do_not_depend_on_its_neighbours() -> None:
    rows = generate(40)
    known = KnownWords(rows)
    together = with_errors(rows, share=0.3, seed=4, words=known)
    assert together == [with_errors([one], share=0.3, seed=4, words=known)[0] for one in rows]
    assert together != with_errors(rows, share=0.3, seed=5, words=known)


def test_rows_without_labels_get_errors_and_those_whose_slots_are_lost_stay() -> None:
    lost = Example("wake me up tomorrow", "A", None, problem="lost")
    free = unlabelled("wake me up tomorrow", locale="en")
    new = rewritten_copy([lost, free], seed=1, distortion=1.0)
    assert new[0].example() == lost
    assert new[1].text != free.text and new[1].example().problem == free.problem


def test_each_word_gets_an_error_with_the_probability() -> None:
    rows = [row("alpha bravo charlie delta eagle foxtrot gamma hotel india juliet")] * 500
    known = KnownWords(rows)
    rng = random.Random(1)
    weights = {name: float(name == "dropped_letter") for name in ERRORS}
    changed = 0
    for one in rows:
        new = make_errors(Rewriting.of(one), rng, probability=0.2, weights=weights, words=known)
        changed += sum(a != b for a, b in zip(one.text.split(), new.text.split(), strict=True))
    assert 900 < changed < 1100


def test_weights_decide_which_kinds_are_drawn() -> None:
    rows = generate(50, seed=2)
    none = dict.fromkeys(ERRORS, 0.0)
    assert [
        new.text for new in rewritten_copy(rows, seed=1, distortion=1.0, surface_weights=none)
    ] == [one.text for one in rows]
    only = rewritten_copy(rows, seed=1, distortion=1.0, surface_weights={**none, "article": 1})
    assert {
        word.lower()
        for one in only
        for word in set(one.source.text.split()) - set(one.text.split())
    } <= {"a", "an", "the"}
    with pytest.raises(ValueError, match="`surface_weights` has the unknown name 'articles'"):
        rewritten_copy(rows, seed=1, distortion=1.0, surface_weights={"articles": 1})


def test_the_same_seed_gives_the_same_errors() -> None:
    rows = generate(100, seed=2)
    first = rewritten_copy(rows, seed=5, distortion=0.3)
    assert first == rewritten_copy(rows, seed=5, distortion=0.3)
    assert first != rewritten_copy(rows, seed=6, distortion=0.3)


def test_probability_and_kind_are_checked() -> None:
    with pytest.raises(ValueError, match="`share` must be from 0 to 1. Received: 1.5"):
        with_errors([], share=1.5, seed=0)
    with pytest.raises(ValueError, match="`kind` must be 'all' or one of .*Received: 'typos'"):
        with_errors([], "typos", share=0.1, seed=0)
    with pytest.raises(ValueError, match="`distortion` must be from 0 to 1. Received: -1"):
        rewritten_copy([], seed=0, distortion=-1)


def test_typing_errors_of_published_scores_are_those_of_every_version() -> None:
    texts = [
        ("remind me to call Leonard tomorrow", 1),
        ("schalte den Wecker nach 10h aus", 2),
        ("ตั้งปลุกสามครั้งพรุ่งนี้ตอนเก้าโมงครึ่ง", 1),
        ("किखिगिघि का अलार्म", 3),
    ]
    new = [keyboard_typos([row(text)], share=0.5, seed=seed)[0].text for text, seed in texts]
    assert new == [
        "renmind me to cqll Leohard tomorrow",
        "schalt dne Wecker nach 10h aius",
        "ตั้งปลุกสามครั้งพรุ่งนี้ตอนเาาโมงคงง",
        "किखिखिगिघि का अलामर्",
    ]


def test_errors_in_leaves_that_the_rule_of_words_would_cut_otherwise() -> None:
    # The tree says `10 h`, the rule leaves `10h` one word: other words of the slot are followed none the less.
    example = example_from_tree(
        "schalte den Wecker nach 10h aus",
        "[IN:DELETE_ALARM [SL:DATE_TIME nach 10 h ] ]",
        source="test:1",
    )
    texts = {
        with_errors([example], "dropped_letter", share=1.0, seed=seed)[0].text for seed in range(40)
    }
    assert any(" nac 10h" in text or " ach 10h" in text for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_can_be_read(language: str) -> None:
    for pattern, _ in SPELLINGS[language]:
        re.compile(pattern)
    words = [word for group in HOMOPHONES[language].split("|") for word in group.split()]
    assert all(words) and len(words) > 10


def test_a_real_corpus_is_quick(corpora: pathlib.Path) -> None:
    rows = load_split(corpora / "mtop_en", "train")
    known = KnownWords(rows)
    begin = time.process_time()
    new = rewritten_copy(rows, seed=1, distortion=0.05, words=known)
    assert time.process_time() - begin < 10  # 1.2 s where nothing else runs
    changed = sum(one.text != one.source.text for one in new)
    assert 0.2 * len(rows) < changed < 0.5 * len(rows)


def test_forms_and_errors_have_names_of_their_own() -> None:
    assert not set(ERRORS) & set(SURFACE_FORMS)
