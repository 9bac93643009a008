"""Forms of writing and errors keep what a request asks for: numbers, negations, letters that belong together."""

from __future__ import annotations

import random

import pytest

from pqrnn_tf.datasets import Example, Rewriting, SlotSpan, with_errors, write_as
from pqrnn_tf.datasets.making.carriers.tables import PHRASES
from pqrnn_tf.datasets.making.forms.emoji import emoji_after

SEEDS = range(40)


def row(text: str, value: str, locale: str = "en") -> Example:
    start = text.index(value)
    return Example(text, "A", (SlotSpan("X", ((start, start + len(value)),)),), locale=locale)


def forms_of(example: Example, form: str) -> set[str]:
    return {write_as([example], form, seed=seed)[0].text for seed in SEEDS}


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("book it for 5–7 pm", "en"),
        ("book it for 5 - 7 pm", "en"),
        ("add 1 / 2 cup", "en"),
        ("is it busy 7:30 – 8:45", "en"),
        ("walk 10 000 steps", "en"),
        ("call 555 1234", "en"),
        ("add 3 1/2 cups", "en"),
        ("set it to −5 degrees", "en"),
        ("set it to – 5 degrees", "en"),
        ("transfère 10 000 euros", "fr"),
        ("termin 3–5 mai", "de"),
    ],
)
@pytest.mark.parametrize("form", ["spoken", "spoken_numbers", "no_punctuation"])
def test_numbers_that_belong_together_stay(text, locale, form):
    digits = text[next(place for place, one in enumerate(text) if one.isdigit()) :]
    # "p m" is said in the place of "pm" where the number before it stays.
    assert forms_of(row(text, digits, locale), form) == {text}


def test_a_range_of_german_days_keeps_its_numbers():
    assert forms_of(row("vom 3.-5. Mai", "3.-5. Mai", "de"), "spoken") == {"vom 3-5 mai"}


@pytest.mark.parametrize("form", ["spoken", "no_punctuation"])
def test_the_dot_of_a_number_stays_where_it_would_be_a_negation(form):
    made = forms_of(row("play Mambo No. 5.", "Mambo No. 5"), form)
    assert {text.lower() for text in made} <= {"play mambo no. 5", "play mambo no. five"}
    assert forms_of(row("No. Play jazz.", "jazz"), form) <= {"no play jazz", "No Play jazz"}


@pytest.mark.parametrize("language", PHRASES)
def test_no_abbreviation_is_a_negation_without_its_dot(language):
    phrases = PHRASES[language]
    for table in (phrases.abbreviations, phrases.loose_abbreviations):
        for word, short in table.items():
            assert not phrases.negations.intersection(one.strip(".").lower() for one in short), word


@pytest.mark.parametrize(
    ("text", "value", "locale"),
    [
        ("याद दिलाना कि दूध ला दो", "दूध ला दो", "hi"),
        ("उसे बता दो कि वो आ गया", "बता दो कि वो आ गया", "hi"),
        ("rappelle-moi d'acheter un vélo neuf", "acheter un vélo neuf", "fr"),
    ],
)
def test_a_word_that_is_a_number_too_stays(text, value, locale):
    assert forms_of(row(text, value, locale), "digits") == {text}


def test_other_numbers_become_digits():
    assert forms_of(row("मिनट तीन", "तीन", "hi"), "digits") == {"मिनट 3"}
    assert forms_of(row("dans vingt neuf minutes", "dans vingt neuf minutes", "fr"), "digits") == {
        "dans 29 minutes"
    }


def test_a_sign_is_no_sum_of_numbers():
    made = forms_of(row("Wecker auf 7 und 8 Uhr", "8 Uhr", "de"), "abbreviations")
    assert len(made) > 1
    assert not any("+" in text for text in made)


def test_no_number_is_repeated():
    made = forms_of(row("set seven alarms for today", "today"), "repeated_words")
    assert len(made) > 3
    assert not any("seven seven" in text or "se " in text for text in made)


def test_no_number_in_roman_letters_is_spelled():
    assert forms_of(row("play Rocky VII", "Rocky VII"), "spelled_letters") == {"play Rocky VII"}
    assert "play n p r" in forms_of(row("play NPR", "NPR"), "spelled_letters")


def test_a_colour_of_skin_is_no_mark_on_a_slot():
    write = emoji_after(lambda rng: "\U0001f3fb")
    original = Rewriting.of(row("play thriller", "thriller"))
    made = {write(original, random.Random(seed), "en").text for seed in SEEDS}
    assert made == {"play thriller \U0001f3fb"}


@pytest.mark.parametrize(
    ("text", "locale"),
    [("विश्वविद्यालय स्त्री", "hi"), ("เตือนฉันให้โทรหาแม่เวลาเช้า", "th")],
)
def test_a_word_is_not_split_inside_of_what_is_written_as_one(text, locale):
    example = Example(text, "A", (), locale=locale)
    made = forms_of(example, "words_split")
    for seed in SEEDS:
        made |= {one.text for one in with_errors([example], "word_boundary", share=1.0, seed=seed)}
    assert len(made) > 3
    for one in made:
        assert not any(part[-1] in "\u094dเแโใไ" for part in one.split()), one
