"""Values of slots: phrases of six languages, references, errors."""

import datetime
import random
import re

import pytest

from pqrnn_tf.values import KINDS, LANGUAGES, SlotValues, Value, ValueSettingError
from pqrnn_tf.values.lexicon import lexicon
from tests.values.phrases import QUANTITIES, TIMES

NOW = datetime.datetime(2026, 9, 16, 10)
BERLIN = SlotValues(reference_time=NOW, time_zone="Europe/Berlin")


def in_language(language):
    return SlotValues(language=language, reference_time=NOW, time_zone="Europe/Berlin")


def local(value):
    """The text of a value without offsets from UTC."""
    return None if value is None else re.sub(r"[+-]\d\d:\d\d(?=/|,|$)", "", value.text)


def test_every_kind_has_phrases_of_every_language():
    assert set(QUANTITIES) | {"datetime"} == set(KINDS)
    for by_language in [TIMES, *QUANTITIES.values()]:
        assert set(by_language) == set(LANGUAGES)
        for phrases in by_language.values():
            assert None in phrases.values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_times(language):
    read = in_language(language)
    found = {phrase: local(read.read(phrase, "datetime")) for phrase in TIMES[language]}
    assert found == TIMES[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", QUANTITIES)
def test_quantities(kind, language):
    read = in_language(language)
    for phrase, expected in QUANTITIES[kind][language].items():
        value = read.read(phrase, kind)
        found = value and (value.text if isinstance(expected, str) else value.value)
        assert found == expected, phrase


ODD = [
    "", " ", "?", "日本語", "🙂 🙂", "0", "-", "/", "9999999999999999 years", "in 99999 years", "31 february",
    "february 29", "25:99", "a" * 5000, "the the the", "every", "from to", "between and", "\x00", "½", "²", "1/0",
    "٣ pm", "next", "half", "minus", "quarter to", "last sunday of", "in", "9" * 400, "every 0 minutes",
    "in the year 0000", "-5 minutes", "every 99999999999 weeks", "99999999 days ago",
]  # fmt: skip


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_what_has_no_value_is_none_and_never_an_exception(language):
    read = in_language(language)
    for text in ODD:
        for kind in KINDS:
            value = read.read(text, kind)
            assert value is None or isinstance(value, Value), (text, kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_any_order_are_never_an_exception(language):
    chance = random.Random(f"values {language}")
    words = [phrase for phrases in lexicon(language).phrases.values() for phrase, _ in phrases]
    words = [word for word in words if "money" not in lexicon(language).match(word, 0)[1]]
    words += [
        "1",
        "5",
        "12",
        "30",
        "2026",
        "3rd",
        "7:30",
        "0",
        "99",
        "1/2",
        "31",
        "2½",
        "25:00",
        "1h30",
    ] * 10
    read = in_language(language)
    for _ in range(400):
        phrase = " ".join(chance.choices(words, k=chance.randint(1, 6)))
        value = read.read(phrase, "datetime")
        assert value is None or value.text, phrase
        if value is not None and value.start and value.end:
            assert value.start <= value.end, phrase


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_found(language):
    wrong = [
        phrase
        for phrase, expected in TIMES[language].items()
        if local(BERLIN.read(phrase, "datetime")) != expected
    ]
    assert len(wrong) <= 0.15 * len(TIMES[language]), wrong


def test_times_have_the_time_zone_of_the_reference():
    value = in_language("en").read("tomorrow at 7:30 pm", "datetime")
    assert value.start.isoformat() == "2026-09-17T19:30:00+02:00"
    assert value.end - value.start == datetime.timedelta(minutes=1)
    assert (value.text, value.grain) == ("2026-09-17T19:30+02:00", "minute")
    other = SlotValues(language="en", reference_time=value.start)
    assert other.read("in an hour", "datetime").text == "2026-09-17T20:30+02:00"
    moved = SlotValues(language="en", reference_time=value.start, time_zone="Asia/Tokyo")
    assert moved.read("tomorrow at noon", "datetime").text == "2026-09-19T12:00+09:00"


def test_a_time_zone_that_is_named_is_the_one_that_is_meant():
    value = in_language("en").read("4 pm eastern time", "datetime")
    assert value.text == "2026-09-16T22:00+02:00"


def test_hours_count_the_seconds_of_a_night_in_which_the_clock_changes():
    before = datetime.datetime(2026, 10, 24, 23)
    read = SlotValues(language="en", reference_time=before, time_zone="Europe/Berlin")
    assert read.read("in 5 hours", "datetime").text == "2026-10-25T03:00+01:00"
    assert read.read("in 1 day", "datetime").text == "2026-10-25"


def test_a_recurrence_has_its_next_occurrence():
    value = in_language("en").read("every monday at 7 am", "datetime")
    assert value.recurrence == value.text == "FREQ=WEEKLY;BYDAY=MO;BYHOUR=7;BYMINUTE=0"
    assert value.start.isoformat() == "2026-09-21T07:00:00+02:00"
    several = in_language("en").read("every day at 6:45 and 7 am", "datetime")
    assert [part.recurrence for part in several.parts] == [
        "FREQ=DAILY;BYHOUR=7;BYMINUTE=0",
        "FREQ=DAILY;BYHOUR=6;BYMINUTE=45",
    ]
    assert several.start.isoformat() == "2026-09-17T06:45:00+02:00"
    counted = in_language("en").read("every 10 minutes for one hour", "datetime")
    assert counted.recurrence == "FREQ=MINUTELY;INTERVAL=10;COUNT=6"


def test_an_open_interval_has_one_side():
    value = in_language("en").read("after 8 pm", "datetime")
    assert value.end is None and value.start.hour == 20
    assert "end" not in value.to_dict()


def test_a_duration_has_its_number_and_unit():
    value = in_language("en").read("2 hours and 10 minutes", "duration")
    assert (value.value, value.unit, value.text) == (130, "minute", "PT2H10M")
    assert in_language("en").read("a month and 3 days", "duration").value is None


def test_a_dictionary_has_plain_values():
    assert in_language("en").read("at 3 and 4 pm", "datetime").to_dict() == {
        "kind": "datetime",
        "text": "2026-09-16T15:00+02:00,2026-09-16T16:00+02:00",
        "grain": "minute",
        "start": "2026-09-16T15:00:00+02:00",
        "end": "2026-09-16T16:01:00+02:00",
        "parts": [
            {
                "kind": "datetime",
                "text": f"2026-09-16T{hour}:00+02:00",
                "grain": "minute",
                "start": f"2026-09-16T{hour}:00:00+02:00",
                "end": f"2026-09-16T{hour}:01:00+02:00",
            }
            for hour in (15, 16)
        ],
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": {"A": "time"}}, r"kinds\['A'\].*one of \('number'.*'time'"),
        ({"kinds": ["A"]}, "`kinds` must map"),
        ({"language": "xx"}, "`language` must be one of.*'xx'"),
        ({"time_zone": "Europe/Atlantis"}, "`time_zone` must be a name.*'Europe/Atlantis'"),
        ({"time_zone": "../etc"}, "`time_zone`"),
        ({"reference_time": NOW}, "`reference_time` must have a time zone.*`time_zone`"),
        ({"reference_time": "today"}, "`reference_time` must be a datetime"),
    ],
)
def test_wrong_settings_are_errors(settings, message):
    with pytest.raises(ValueSettingError, match=message):
        SlotValues(**settings)


def test_an_unknown_kind_is_an_error():
    with pytest.raises(ValueSettingError, match="`kind` must be one of.*'colour'"):
        BERLIN.read("red", "colour")


def test_a_slot_without_a_kind_has_no_value():
    values = SlotValues({"WHEN": "datetime"}, reference_time=NOW, time_zone="UTC")
    assert values("WHAT", "tomorrow") is None
    assert values("WHEN", "tomorrow").text == "2026-09-17"


def test_without_the_extra_asking_is_an_error_that_names_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "babel", None)
    values = SlotValues({"WHEN": "datetime"})
    assert values("WHAT", "tomorrow") is None
    with pytest.raises(ImportError, match=r'pip install "pqrnn-tf\[values\]"'):
        values("WHEN", "tomorrow")
