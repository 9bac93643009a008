"""Rows written as people write them: what each form does, and that slots and trees follow."""

from __future__ import annotations

import functools
import pathlib
import time
import unicodedata

import pytest

from pqrnn_tf.datasets import (
    SURFACE_FORMS,
    Example,
    OpenSlots,
    SlotSpan,
    cut_words,
    generate,
    load_split,
    surface_copy,
    unlabelled,
    write_as,
)
from pqrnn_tf.datasets.corpora.mtop import LANGUAGES, example_from_tree
from pqrnn_tf.datasets.making.carriers.tables import phrases_of

SEEDS = range(60)
OUTSIDE_ONLY = ("quotes", "before", "after", "unknown", "inner marks", "end", "emoji")
"""Kinds of forms that touch nothing of a slot."""


def row(text: str, *slots: tuple[str, str], locale: str = "en") -> Example:
    """A row whose slots are `(name, text)`, each the first place of its text."""
    places = (
        SlotSpan(name, ((text.index(value), text.index(value) + len(value)),))
        for name, value in slots
    )
    return Example(text, "A", tuple(places), locale=locale)


ALARM = row("set an alarm for 7pm", ("WHEN", "for 7pm"))
MESSAGE = example_from_tree(
    "Tell Ann I'll be late for dinner tonight.",
    "[IN:SEND_MESSAGE [SL:RECIPIENT Ann ] [SL:CONTENT_EXACT I'll be late for dinner tonight ] ]",
    source="test:1",
)
PLAY = row("play thriller by Michael Jackson", ("TRACK", "thriller"), ("ARTIST", "Michael Jackson"))


def forms_of(example: Example, form: str) -> dict[str, list[str]]:
    """What the form makes of an example, for many seeds: each text with the texts of its slots."""
    found = {}
    for seed in SEEDS:
        (rewriting,) = write_as([example], form, seed=seed)
        new = rewriting.example()
        assert [slot.name for slot in new.slots or ()] == [
            slot.name for slot in example.slots or ()
        ]
        assert new.intent == example.intent
        found[new.text] = slot_texts(new)
    return found


def slot_texts(example: Example) -> list[str]:
    return [slot.text(example.text) for slot in example.slots or ()]


@functools.cache
def grammar_rows(language: str) -> list[Example]:
    return generate(60, seed=2, language=language)


@pytest.mark.parametrize("form", SURFACE_FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_loses_a_slot_or_cuts_a_word(form: str, language: str) -> None:
    rows = grammar_rows(language)
    kind = SURFACE_FORMS[form].kind
    for old, rewriting in zip(rows, write_as(rows, form, seed=5), strict=True):
        new = rewriting.example()
        assert [slot.name for slot in new.slots] == [slot.name for slot in old.slots], new
        assert all(text.strip() == text and text for text in slot_texts(new))
        assert len(cut_words(new)) <= len(cut_words(old)), new
        if kind in OUTSIDE_ONLY:
            assert slot_texts(new) == slot_texts(old)
            assert new.tree == old.tree


@pytest.mark.parametrize("form", SURFACE_FORMS)
def test_every_form_takes_odd_rows(form: str) -> None:
    rows = [
        *(
            Example(text, "A", ())
            for text in ("", " ", "?", "!!", "7", "a", "ß", "🎉", "a" * 300, "\n.")
        ),
        unlabelled("hello there, Ann"),
        row("Ann", ("WHO", "Ann")),
        row("¿?Ann?!", ("WHO", "Ann")),
        row("mañana a las 7", ("WHEN", "mañana a las 7"), locale="es"),
        row("xx yy", ("WHO", "yy"), locale="xx"),
        row("7:30", ("WHEN", "7:30"), locale="de"),
    ]
    for seed in range(5):
        for old, rewriting in zip(rows, write_as(rows, form, seed=seed), strict=True):
            new = rewriting.example()
            assert len(rewriting.origins) == len(new.text)
            assert len(new.slots or ()) == len(old.slots or ())


@pytest.mark.parametrize(
    "form", [name for name in SURFACE_FORMS if name not in ("decomposed", "composed")]
)
def test_every_form_changes_something_in_some_row(form: str) -> None:
    rows = [
        ALARM,
        MESSAGE,
        PLAY,
        row("What's on NPR tomorrow, Küche-Bar?", ("SOURCE", "NPR"), locale="de"),
        row("can you read the NPR news - 'today'", ("SOURCE", "NPR")),
        row("what’s on in ten minutes", ("WHEN", "in ten minutes")),
    ]
    spoken = OpenSlots(
        {("en", "ARTIST"): frozenset({"jackson", "michael"})}, frozenset(), frozenset()
    )
    for seed in SEEDS:
        written = write_as(rows, form, seed=seed, open_slots=spoken)
        if any(new.text != old.text for new, old in zip(written, rows, strict=True)):
            return
    raise AssertionError(form)


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("full_stop", {"set an alarm for 7pm."}),
        ("question_mark", {"set an alarm for 7pm?"}),
        ("exclamation_marks", {"set an alarm for 7pm!!", "set an alarm for 7pm!!!"}),
        ("mixed_marks", {"set an alarm for 7pm?!", "set an alarm for 7pm!?"}),
        ("ellipsis", {"set an alarm for 7pm...", "set an alarm for 7pm…"}),
        ("danda", {"set an alarm for 7pm।"}),
        ("foreign_stop", {"set an alarm for 7pm。"}),
        ("inverted_marks", {"¿set an alarm for 7pm?", "¡set an alarm for 7pm!"}),
        ("commas", {"set, an alarm for 7pm", "set an alarm, for 7pm"}),
        ("straight_quotes", {'set an alarm "for 7pm"', "set an alarm 'for 7pm'"}),
        ("curly_quotes", {"set an alarm “for 7pm”", "set an alarm ‘for 7pm’"}),
        ("angle_quotes", {"set an alarm «for 7pm»"}),
        ("lower_case", {"set an alarm for 7pm"}),
        ("upper_case", {"SET AN ALARM FOR 7PM"}),
        ("title_case", {"Set An Alarm For 7pm"}),
        ("sentence_case", {"Set an alarm for 7pm"}),
        ("spoken", {"set an alarm for seven p m", "set an alarm for seven pm"}),
        ("filled_pauses", {"uh set an alarm for 7pm", "set an um alarm for 7pm"}),
        ("repeated_words", {"set set an alarm for 7pm", "set an alarm an alarm for 7pm"}),
        ("please_before", {"please set an alarm for 7pm"}),
        ("ask_before", {"could you set an alarm for 7pm"}),
        ("please_after", {"set an alarm for 7pm, please", "set an alarm for 7pm please"}),
        ("closer_after", {"set an alarm for 7pm thanks"}),
        ("abbreviations", {"set an alarm 4 7pm"}),
        ("words_joined", {"setan alarm for 7pm", "set analarm for 7pm"}),
        ("words_split", {"set an al arm for 7pm", "set an ala rm for 7pm"}),
        ("full_width", {"ｓｅｔ ａｎ ａｌａｒｍ ｆｏｒ ７ｐｍ"}),
        ("tabs", {"set\tan alarm for 7pm", "set an\nalarm for 7pm"}),
    ],
)
def test_what_a_form_writes(form: str, texts: set[str]) -> None:
    found = set()
    for seed in range(1500):
        found.add(write_as([ALARM], form, seed=seed)[0].text)
        if texts <= found or form == "abbreviations":
            break
    if form == "abbreviations":
        # `for 7pm` as `4 7pm` would be another number, and it belongs to the slot.
        assert not any(" 4 " in text for text in forms_of(ALARM, form))
    else:
        assert texts <= found, sorted(found)[:40]


def test_what_is_put_behind_a_message_is_no_part_of_it() -> None:
    kinds = ("after", "emoji", "end", "unknown")
    for form in SURFACE_FORMS:
        if SURFACE_FORMS[form].kind in kinds:
            for texts in forms_of(MESSAGE, form).values():
                assert texts == ["Ann", "I'll be late for dinner tonight"], form


def test_a_closing_word_behind_a_long_slot_stands_apart() -> None:
    no_stop = example_from_tree(
        "Tell Ann I'll be late for dinner",
        "[IN:SEND_MESSAGE [SL:RECIPIENT Ann ] [SL:CONTENT_EXACT I'll be late for dinner ] ]",
        source="test:1",
    )
    for form in ("please_after", "closer_after", "name_after", "unknown_word_after"):
        for text in forms_of(no_stop, form):
            assert (
                text[len(no_stop.text)] in ",.!- /:(<["
                and text[len(no_stop.text) :].strip(" a")[0] in ",.!-/:(<["
            ), text


def test_unknown_words_touch_no_slot() -> None:
    for form in ("unknown_word_before", "unknown_word_between", "other_script_before"):
        for text in forms_of(PLAY, form):
            assert "by Michael Jackson" in text
            before = text[: text.index("thriller")]
            assert before.endswith("play "), text


def test_quotation_marks_stand_outside() -> None:
    for form in ("straight_quotes", "curly_quotes", "angle_quotes", "brackets"):
        found = forms_of(PLAY, form)
        assert len(found) > 3
        assert all(texts == ["thriller", "Michael Jackson"] for texts in found.values())


def test_a_final_mark_takes_the_place_of_another() -> None:
    question = row("what's on at 8 p.m.?", ("WHEN", "at 8 p.m."))
    assert set(forms_of(question, "exclamation_mark")) == {"what's on at 8 p.m.!"}
    assert set(forms_of(question, "full_stop")) == {"what's on at 8 p.m."}
    assert set(forms_of(question, "no_final_mark")) == {"what's on at 8 p.m."}
    spanish = row("¿Qué tiempo hace?", locale="es")
    assert set(forms_of(spanish, "no_final_mark")) == {"Qué tiempo hace"}


@pytest.mark.parametrize(
    ("text", "locale", "spoken"),
    [
        ("wake me at 7:30", "en", "wake me at seven thirty"),
        ("wake me at 7:05 am", "en", "wake me at seven oh five a m"),
        ("wake me at 7:00", "en", "wake me at seven o'clock"),
        ("set a 45 minute timer", "en", "set a forty five minute timer"),
        ("the 21st of May", "en", "the twenty first of may"),
        ("songs of 1984", "en", "songs of nineteen eighty four"),
        ("songs of 2005", "en", "songs of two thousand five"),
        ("3.5 stars, $20, 50%", "en", "three point five stars twenty dollars fifty percent"),
        ("call 5551234", "en", "call five five five one two three four"),
        ("play mp3 by u2", "en", "play mp3 by u2"),
        ("Weck mich um 7:30 Uhr!", "de", "weck mich um sieben uhr dreißig"),
        ("Weck mich um 17:00 Uhr", "de", "weck mich um siebzehn uhr"),
        ("Timer auf 21 Minuten", "de", "timer auf einundzwanzig minuten"),
        ("alarma a las 7:30", "es", "alarma a las siete y treinta"),
        ("réveille-moi à 7h30", "fr", "réveille moi à sept heures trente"),
        ("एक मिनट में 25 बार", "hi", "एक मिनट में पच्चीस बार"),
        ("ตั้งเวลา 21 นาที", "th", "ตั้งเวลา ยี่สิบเอ็ด นาที"),
    ],
)
def test_numbers_and_times_in_words(text: str, locale: str, spoken: str) -> None:
    assert spoken in forms_of(row(text, locale=locale), "spoken"), sorted(
        forms_of(row(text, locale=locale), "spoken")
    )


@pytest.mark.parametrize(
    ("text", "locale", "spoken"),
    [
        ("at 7 : 00 pm", "en", "at seven pm"),
        ("at 7pm.", "en", "at seven pm."),
        ("1 : 30 : 00", "en", "1 : 30 : 00"),
        ("7️⃣ days", "en", "7️⃣ days"),
        ("um 1 : 30 Uhr", "de", "um ein Uhr dreißig"),
        ("für den 15 .", "de", "für den fünfzehnten"),
        ("am 5. Mai", "de", "am fünften Mai"),
        ("der 31. wird schön", "de", "der einunddreißigste wird schön"),
        ("3. Wecker löschen", "de", "3. Wecker löschen"),
        ("für 1 Stunde", "de", "für eine Stunde"),
        ("auf 1 Tag", "de", "auf 1 Tag"),
        ("für 2h", "de", "für zwei Stunden"),
        ("um 8 h", "de", "um acht Uhr"),
        ("auf 50%", "de", "auf fünfzig Prozent"),
        ("a la 1", "es", "a la una"),
        ("a las 21:30", "es", "a las veintiuna y treinta"),
        ("31 minutos y 1 hora", "es", "treinta y un minutos y una hora"),
        ("21 minutos", "es", "veintiún minutos"),
        ("à 1h", "fr", "à une heure"),
        ("à 21h30", "fr", "à vingt et une heures trente"),
        ("1 minute", "fr", "une minute"),
        ("7 : 30 बजे का", "hi", "साढ़े सात बजे का"),
        ("1:30 बजे", "hi", "डेढ़ बजे"),
        ("12:45 पर", "hi", "पौने एक बजे पर"),
        ("19:20 बजे", "hi", "उन्नीस बजकर बीस मिनट"),
        ("เวลา 17 : 00 น .", "th", "เวลา สิบเจ็ดนาฬิกา"),
        ("8:30 น.", "th", "แปดนาฬิกาสามสิบนาที"),
        ("ตี 5:30", "th", "ตี ห้าสามสิบนาที"),
        ("7:30 ทุ่ม", "th", "7:30 ทุ่ม"),
    ],
)
def test_numbers_and_times_as_each_language_says_them(text: str, locale: str, spoken: str) -> None:
    assert spoken in forms_of(row(text, locale=locale), "spoken_numbers")


def test_a_number_in_which_a_slot_ends_stays() -> None:
    # `zwanzig` is as long as `20 : 00`, so that the slot became `zw`.
    assert forms_of(row("20 : 00 Uhr", ("A", "20"), locale="de"), "spoken_numbers") == {
        "20 : 00 Uhr": ["20"]
    }
    assert forms_of(row("am 15.", ("A", "am 15"), locale="de"), "spoken_numbers") == {
        "am fünfzehnten.": ["am fünfzehnten"]
    }
    assert ["at seven p m"] in forms_of(row("at 7pm.", ("A", "at 7pm")), "spoken_numbers").values()


def test_only_a_number_with_at_in_its_slot_is_an_hour() -> None:
    assert "wake me at five o'clock" in forms_of(
        row("wake me at 5", ("WHEN", "at 5")), "spoken_numbers"
    )
    for text in ("turn it up by 5", "put the volume at 5"):
        found = forms_of(row(text, ("AMOUNT", "5")), "spoken_numbers")
        assert list(found.values()) == [["five"]]


def test_the_slot_of_a_time_follows_into_words() -> None:
    assert forms_of(ALARM, "spoken")["set an alarm for seven p m"] == ["for seven p m"]
    nested = example_from_tree(
        "remind me to call Ann at 7pm",
        "[IN:R [SL:WHO me ] [SL:TODO [IN:CALL [SL:CONTACT Ann ] [SL:WHEN at 7 pm ] ] ] ]",
        source="test:1",
    )
    trees = set()
    for seed in SEEDS:
        new = write_as([nested], "spoken", seed=seed)[0].example()
        trees.add(tuple(new.tree.words()))
    assert ("me", "ann", "at", "seven", "p", "m") in trees


@pytest.mark.parametrize(
    ("text", "value", "locale", "written"),
    [
        ("set a timer for ten minutes", "for ten minutes", "en", "for 10 minutes"),
        ("add forty-five minutes", "forty-five minutes", "en", "45 minutes"),
        ("wake me at seven thirty", "at seven thirty", "en", "at seven thirty"),
        ("wake me at seven p m", "at seven p m", "en", "at 7 p m"),
        ("call number one", "number one", "en", "number one"),
        ("Timer auf zwanzig Minuten", "zwanzig Minuten", "de", "20 Minuten"),
        ("minuteur de dix-sept minutes", "dix-sept minutes", "fr", "17 minutes"),
        ("दस मिनट का टाइमर", "दस मिनट", "hi", "10 मिनट"),
        (
            "in two hundred sixty nine days",
            "two hundred sixty nine",
            "en",
            "two hundred sixty nine",
        ),
        ("on the twenty-eighth", "the twenty-eighth", "en", "the twenty-eighth"),
        ("at one thirty", "at one thirty", "en", "at one thirty"),
        ("treinta y cinco minutos", "treinta y cinco minutos", "es", "35 minutos"),
        ("vingt et un jours", "vingt et un jours", "fr", "21 jours"),
        ("le 3 sept", "le 3 sept", "fr", "le 3 sept"),
    ],
)
def test_digits_in_the_place_of_words(text: str, value: str, locale: str, written: str) -> None:
    assert list(forms_of(row(text, ("A", value), locale=locale), "digits").values()) == [[written]]


def test_spelled_letters() -> None:
    texts = forms_of(row("play NPR news", ("SOURCE", "NPR")), "spelled_letters")
    assert texts["play n p r news"] == ["n p r"] and "play N.P.R news" in texts


def test_no_letters_of_a_negation_in_capitals_are_spelled() -> None:
    assert all("NOT" in text for text in forms_of(row("do NOT play NPR"), "spelled_letters"))


@pytest.mark.parametrize(
    ("text", "locale", "written"),
    [
        ("तुम्हारी-बात", "hi", "तुम्हारी बात"),
        ("set 7 : 30 , ok", "en", "set 7 : 30 ok"),
        ("set it to -5°", "en", "set it to -5°"),
        ("7️⃣, *️⃣ ok!", "en", "7️⃣ *️⃣ ok"),
    ],
)
def test_what_no_punctuation_keeps(text: str, locale: str, written: str) -> None:
    assert set(forms_of(row(text, locale=locale), "no_punctuation")) == {written}


def test_no_hyphen_joins_words_that_end_in_a_mark_over_the_edge_of_a_slot() -> None:
    found = forms_of(row("तुम्हारी-बात", ("A", "तुम्हारी"), locale="hi"), "no_punctuation")
    assert found == {"तुम्हारी बात": ["तुम्हारी"]}


@pytest.mark.parametrize(
    ("form", "text", "locale", "written"),
    [
        ("sentence_case", "¿Qué hora es?", "es", "¿Qué hora es?"),
        ("sentence_case", "¿qué hora es?", "es", "¿Qué hora es?"),
        ("sentence_case", "7 alarms", "en", "7 alarms"),
        ("sentence_case", "iPhone an", "de", "iPhone an"),
        ("sentence_case_only", "¿Qué Hora es?", "es", "¿Qué hora es?"),
        ("title_case", "¿qué es iOS?", "es", "¿Qué Es iOS?"),
        ("title_case", "call my iPhone 'now'", "en", "Call My iPhone 'Now'"),
        ("title_case", "გამარჯობა შენ", "ka", "გამარჯობა შენ"),
        ("title_case", "izmir ışık", "tr", "İzmir Işık"),
        ("upper_case", "istanbul ışık", "tr", "İSTANBUL IŞIK"),
        ("lower_case", "İstanbul IŞIK", "tr", "istanbul ışık"),
        ("upper_case", "straße", "de", "STRAßE"),
    ],
)
def test_capitals_as_people_put_them(form: str, text: str, locale: str, written: str) -> None:
    assert set(forms_of(row(text, locale=locale), form)) == {written}


@pytest.mark.parametrize("form", [name for name, of in SURFACE_FORMS.items() if of.kind == "end"])
def test_a_row_of_nothing_but_marks_stays(form: str) -> None:
    for text in ("?", "!!", "¿", "? !"):
        assert set(forms_of(row(text), form)) == {text}


def test_commas_stand_behind_words_that_end_in_a_mark() -> None:
    assert "करो, नहीं" in forms_of(row("करो नहीं", locale="hi"), "commas")


def test_no_short_form_with_a_digit_stands_beside_a_number() -> None:
    table = row("book 5 for two people and go to 7")
    for text in forms_of(table, "abbreviations"):
        assert " 4 " not in text and " 2 " not in text, text
    assert any(" 2 " in text for text in forms_of(row("go to the park"), "abbreviations"))
    ordinal = row("delete my second alarm", ("WHICH", "second"))
    assert set(forms_of(ordinal, "abbreviations")) == {"delete my second alarm"}


def test_hindi_phrases_are_in_its_own_script() -> None:
    phrases = phrases_of("hi")
    said = [
        *phrases.greetings,
        *phrases.openers,
        *phrases.before,
        *phrases.closers,
        *phrases.pauses,
    ]
    for table in (phrases.abbreviations, phrases.loose_abbreviations):
        said += [short for shorts in table.values() for short in shorts]
    assert [text for text in said if any("a" <= letter.lower() <= "z" for letter in text)] == []


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "hi", "it", "nl", "th"])
def test_an_opener_can_stand_before_any_mark(language: str) -> None:
    joined = [
        text
        for text in phrases_of(language).openers
        if text.split()[-1] in ("and", "und", "y", "e", "en")
    ]
    assert joined == []


def test_signs_change_no_number() -> None:
    timer = row("timer for 7", ("WHEN", "for 7"))
    for seed in range(800):
        (new,) = write_as([timer], "signs_after", seed=seed)
        sign = new.text.removeprefix("timer for 7")
        assert not any(character.isnumeric() for character in sign), new.text
        assert sign[1:2] not in ("%", "°", "€", "$", "#"), new.text
    for seed in range(800):
        assert "7:3" not in write_as([timer], "emoticon_after", seed=seed)[0].text


def test_the_beginning_of_a_word_keeps_letters_whole() -> None:
    for text in forms_of(row("मौसम", locale="hi"), "repeated_words"):
        assert "म-" not in text and "म " not in text.removesuffix("मौसम").replace("मौसम ", "")
    assert not any(
        text.startswith("เ-") for text in forms_of(row("เปิด", locale="th"), "repeated_words")
    )
    assert set(forms_of(row("ที่", locale="th"), "drawn_out")) == {"ที่"}  # ends in a tone mark


def test_missing_apostrophes_but_not_at_the_edge_of_a_slot() -> None:
    assert set(forms_of(row("what's Rob's mail", ("WHO", "Rob")), "missing_apostrophes")) == {
        "whats Rob's mail"
    }
    assert set(forms_of(row("what's Rob's mail", ("WHO", "Rob's")), "missing_apostrophes")) == {
        "whats Robs mail"
    }


def test_missing_accents() -> None:
    assert "recuerdame manana" in forms_of(row("recuérdame mañana", locale="es"), "missing_accents")
    assert {"Kuche gross", "Kueche gross"} == set(
        forms_of(row("Küche groß", locale="de"), "missing_accents")
    )
    assert set(forms_of(row("क्या समय है", locale="hi"), "missing_accents")) == {"क्या समय है"}


@pytest.mark.parametrize(("form", "normal"), [("decomposed", "NFD"), ("composed", "NFC")])
def test_normalisation_forms(form: str, normal: str) -> None:
    for text in ("Añade cinco minutos", "An\u0303ade cinco minutos", "Müller"):
        value = text.split()[0]
        (new,) = write_as([row(text, ("A", value))], form, seed=1)
        assert new.text == unicodedata.normalize(normal, text)
        assert slot_texts(new.example()) == [unicodedata.normalize(normal, value)]


def test_negations_are_left_alone() -> None:
    never = row("do not play", locale="en")
    for form in ("words_joined", "words_split", "repeated_words"):
        assert all(" not " in text and "not not" not in text for text in forms_of(never, form))


def test_emoji_come_from_whole_blocks() -> None:
    seen = {
        character
        for seed in range(1500)
        for character in write_as([ALARM], "emoji_after", seed=seed)[0].text[len(ALARM.text) :]
    }
    assert len(seen) > 600
    joined = {write_as([ALARM], "joined_emoji_after", seed=seed)[0].text for seed in SEEDS}
    assert sum("\u200d" in text for text in joined) > 40
    flags = {write_as([ALARM], "flag_after", seed=seed)[0].text for seed in SEEDS}
    assert len(flags) > 40


def test_asks_stand_before_imperatives_only() -> None:
    question = row("what is the weather in Rome", ("PLACE", "Rome"))
    assert not any("you" in text for text in forms_of(question, "ask_before"))
    assert any("you" in text for text in forms_of(ALARM, "ask_before"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_of_every_language(language: str) -> None:
    rows = grammar_rows(language)
    for form in (
        "greeting_before",
        "opener_before",
        "please_before",
        "closer_after",
        "please_after",
        "filled_pauses",
    ):
        written = write_as(rows, form, seed=1)
        assert sum(new.text != old.text for new, old in zip(written, rows, strict=True)) > 50


NAMES = [
    row(f"call {name} at {hour}", ("CONTACT", name), ("WHEN", f"at {hour}"))
    for hour in range(12)
    for name in (f"Nam{chr(97 + hour)}{chr(97 + index)}" for index in range(15))
]


def test_values_of_open_slots_only_are_invented() -> None:
    slots = OpenSlots.of(NAMES)
    assert set(slots.seldom) == {("en", "CONTACT")} and slots.names == {("en", "CONTACT")}
    written = [new.example() for new in write_as(NAMES, "invented_values", seed=1)]
    assert sum(new.text != old.text for new, old in zip(written, NAMES, strict=True)) > 150
    for new, old in zip(written, NAMES, strict=True):
        assert slot_texts(new)[1] == slot_texts(old)[1]
        value = slot_texts(new)[0]
        assert new.text.startswith("call ") and (value[0].isupper() or not value.isascii())
    foreign = [new for new in written if not new.text.isascii()]
    assert 5 < len(foreign) < 60
    assert len({slot_texts(new)[0] for new in written}) > 150


def test_words_of_a_few_values_are_never_replaced() -> None:
    rows = [row(f"turn on the {value}", ("THING", value)) for value in ("light", "fan")] * 50
    assert not OpenSlots.of(rows).seldom
    assert [new.text for new in write_as(rows, "invented_values", seed=1)] == [
        old.text for old in rows
    ]


def test_a_copy_depends_on_seed_and_text_alone() -> None:
    rows = generate(200, seed=1)
    slots = OpenSlots.of(rows)
    one = surface_copy(rows, seed=3, probability=0.7, open_slots=slots)
    assert one == surface_copy(rows, seed=3, probability=0.7, open_slots=slots)
    turned = surface_copy(rows[::-1], seed=3, probability=0.7, open_slots=slots)
    assert one == turned[::-1]
    other = surface_copy(rows, seed=4, probability=0.7, open_slots=slots)
    assert [new.text for new in one] != [new.text for new in other]


def test_how_many_rows_are_written_again() -> None:
    rows = generate(600, seed=1)
    for probability, low, high in ((0.0, 0, 0), (0.3, 0.2, 0.35), (1.0, 0.8, 1.0)):
        changed = sum(
            new.text != new.source.text
            for new in surface_copy(rows, seed=1, probability=probability)
        )
        assert low * len(rows) <= changed <= high * len(rows), (probability, changed)


def test_weights_take_the_place_of_those_in_the_table() -> None:
    only = {name: 0.0 for name in SURFACE_FORMS} | {"full_stop": 1.0}
    (new,) = surface_copy([ALARM], seed=1, probability=1.0, weights=only)
    assert new.text == ALARM.text + "."
    nothing = {name: 0.0 for name in SURFACE_FORMS}
    assert surface_copy([ALARM], seed=1, probability=1.0, weights=nothing)[0].text == ALARM.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"probability": 1.5}, "`probability`"),
        ({"weights": {"nothing": 1.0}}, "`weights` must name.*nothing"),
        ({"weights": {"full_stop": -1.0}}, "`weights` must be 0 or more"),
    ],
)
def test_arguments_that_are_refused(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        surface_copy([ALARM], seed=1, **arguments)


def test_a_form_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="`form` must name.*nothing"):
        write_as([ALARM], "nothing", seed=1)


@pytest.mark.parametrize("name", ["mtop_en", "snips", "mtop_parallel"])
def test_copies_of_real_rows_keep_their_slots(corpora: pathlib.Path, name: str) -> None:
    if not (corpora / name).exists():
        pytest.skip(f"{name} is not there")
    rows = load_split(corpora / name, "dev")[::4]
    for seed in range(2):
        for new, old in zip(surface_copy(rows, seed=seed, probability=1.0), rows, strict=True):
            example = new.example()
            assert [slot.name for slot in example.slots or ()] == [
                slot.name for slot in old.slots or ()
            ]
            assert all(text.strip() == text for text in slot_texts(example))
            assert len(cut_words(example)) <= len(cut_words(old)), example


def test_a_pass_takes_seconds(corpora: pathlib.Path) -> None:
    rows = load_split(corpora / "mtop_en", "train")[:3000]
    slots = OpenSlots.of(rows)
    start = time.process_time()
    surface_copy(rows, seed=1, open_slots=slots)
    assert time.process_time() - start < 3.0  # measured: 0.4 s
