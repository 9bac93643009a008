"""Lengths and numbers between two, time zones by places, and decades, in six languages."""

import datetime

import pytest

from pqrnn_tf.values import SlotValues
from tests.values.test_everyday_phrases import check, read


@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        (
            "en",
            "2-3 days|2 to 3 hours|5 or 6 minutes|between 2 and 3 weeks|a day or two|an hour or two|"
            "10 minutes or 15 minutes|five to ten minutes",
        ),
        (
            "de",
            "2-3 Tage|2 bis 3 Stunden|fünf oder sechs Minuten|zwischen 5 und 10 Minuten|ein Tag oder zwei",
        ),
        (
            "es",
            "2-3 días|de 2 a 3 horas|cinco o seis minutos|entre 5 y 10 minutos|un día o dos|unas horas",
        ),
        ("fr", "2-3 jours|2 à 3 heures|cinq ou six minutes|entre 5 et 10 minutes|un jour ou deux"),
        ("hi", "2-3 दिन|दो तीन दिन|दो-तीन घंटे|2 से 3 घंटे|पांच या छह मिनट"),
        ("th", "2-3 วัน|สองสามวัน|2 ถึง 3 ชั่วโมง|ห้าหรือหกนาที|ห้าหกนาที"),
    ],
)
def test_a_length_between_two_has_no_value(language, phrases):
    for kind in ("duration", "datetime"):
        found = {phrase: read(language, phrase, kind) for phrase in phrases.split("|")}
        if kind == "datetime":  # "de 2 a 3 horas" is an interval of the clock
            found = {phrase: value for phrase, value in found.items() if " a 3 h" not in phrase}
            found = {phrase: value for phrase, value in found.items() if " à 3 h" not in phrase}
        assert found == dict.fromkeys(found)


def test_a_time_that_is_such_a_length_away_has_no_value():
    phrases = {
        "en": "in 2-3 days|in 2 to 3 hours|2 or 3 days ago|every 2-3 days|the next 2 to 3 days|"
        "2-3 days after christmas|in ten to fifteen minutes|in a day or two",
        "de": "in 2-3 Tagen|in zwei bis drei Stunden|vor 2-3 Wochen|alle 2-3 Tage",
        "es": "en 2-3 días|dentro de dos o tres horas|hace 2 o 3 días|cada 2 o 3 días|hace unos días",
        "fr": "dans 2-3 jours|dans 2 à 3 heures|il y a 2 ou 3 jours|tous les 2 ou 3 jours",
        "hi": "2-3 दिन में|दो तीन दिन बाद|5 या 6 मिनट में|हर दो तीन दिन",
        "th": "อีก 2-3 วัน|อีกสองสามวัน|ใน 5 หรือ 6 นาที|ทุก 2-3 วัน",
    }
    check({(language, one): None for language, own in phrases.items() for one in own.split("|")})


def test_hours_and_lengths_with_two_numbers_that_are_one_stay():
    check(
        {
            ("en", "2-3 pm"): "2026-09-16T14:00/2026-09-16T15:00",
            ("en", "at 5 or 6 pm"): "2026-09-16T17:00,2026-09-16T18:00",
            ("en", "from 2 to 3"): "2026-09-16T14:00/2026-09-16T15:00",
            ("en", "monday or tuesday"): "2026-09-21,2026-09-22",
            ("fr", "de 14 à 15 heures"): "2026-09-16T14:00/2026-09-16T15:00",
            ("es", "de 2 a 3 de la tarde"): "2026-09-16T14:00/2026-09-16T15:00",
            ("hi", "सुबह 9 से 11 बजे"): "2026-09-17T09:00/2026-09-17T11:00",
        }
    )
    check(
        {
            ("en", "3 days and 4 hours"): "P3DT4H",
            ("en", "2 hours and 30 minutes"): "PT2H30M",
            ("es", "unos 20 minutos"): "PT20M",
            ("hi", "तीन दिन और चार घंटे"): "P3DT4H",
            ("th", "สามวันสี่ชั่วโมง"): "P3DT4H",
        },
        "duration",
    )


@pytest.mark.parametrize(
    ("kind", "phrases"),
    [
        (
            "number",
            "en:5 or 6|en:between 5 and 10|en:10-12|de:zwei bis drei|es:5 o 6|fr:entre 5 et 10|hi:दो तीन|th:5 หรือ 6",
        ),
        (
            "temperature",
            "en:20 to 22 degrees|en:-5 to 5 degrees|de:20 bis 22 Grad|es:de 20 a 22 grados|fr:20 à 22 degrés|"
            "hi:20 से 22 डिग्री|th:20-22 องศา",
        ),
        (
            "percentage",
            "en:10-20%|en:5 or 10 percent|de:10 bis 20 Prozent|es:entre 10 y 20 por ciento|fr:10 à 20 pour cent|"
            "hi:10 से 20 प्रतिशत|th:10 ถึง 20 เปอร์เซ็นต์",
        ),
        (
            "currency",
            "en:$5-$10|en:a dollar or two|en:between 5 and 10 euros|de:5-10 €|es:de 5 a 10 euros|fr:5 ou 10 euros|"
            "hi:5 से 10 रुपये|th:สองสามบาท",
        ),
        (
            "ordinal",
            "en:1st or 2nd|en:the third and fourth|de:der erste oder zweite|th:ที่หนึ่งหรือที่สอง",
        ),
    ],
)
def test_a_quantity_between_two_has_no_value(kind, phrases):
    for phrase in phrases.split("|"):
        language, _, words = phrase.partition(":")
        assert read(language, words, kind) is None, phrase


def test_quantities_of_two_numbers_stay():
    check({("en", "two and three quarters"): "2.75", ("en", "20 or more"): "20"}, "number")
    check(
        {("en", "5 dollars and 20 cents"): "5.2 USD", ("de", "fünf Euro zwanzig"): "5.2 EUR"},
        "currency",
    )


@pytest.mark.parametrize(
    ("language", "phrase", "expected"),
    [
        ("en", "5 pm tokyo time", "2026-09-17T10:00+02:00"),
        ("en", "9 am new york time tomorrow", "2026-09-17T15:00+02:00"),
        ("en", "3 pm sydney time on friday", "2026-09-18T07:00+02:00"),
        ("en", "8 pm india time", "2026-09-16T16:30+02:00"),
        ("en", "5 pm local time", "2026-09-16T17:00+02:00"),
        ("en", "5 pm pacific time", "2026-09-17T02:00+02:00"),
        ("de", "17 Uhr Tokioter Zeit", "2026-09-17T10:00+02:00"),
        ("de", "15 Uhr New Yorker Zeit", "2026-09-16T21:00+02:00"),
        ("de", "8 Uhr japanischer Zeit", "2026-09-17T01:00+02:00"),
        ("de", "17 Uhr Ortszeit Tokio", "2026-09-17T10:00+02:00"),
        ("de", "17 Uhr Ortszeit", "2026-09-16T17:00+02:00"),
        ("de", "8 Uhr pazifischer Zeit", "2026-09-16T17:00+02:00"),
        ("es", "a las 5 de la tarde hora de Tokio", "2026-09-17T10:00+02:00"),
        ("es", "a las 9 de la noche hora de Nueva York", "2026-09-17T03:00+02:00"),
        ("es", "a las 18:00 hora local", "2026-09-16T18:00+02:00"),
        ("fr", "à 17h heure de Tokyo", "2026-09-17T10:00+02:00"),
        ("fr", "à 20h heure du Japon", "2026-09-16T13:00+02:00"),
        ("fr", "à 18h heure locale", "2026-09-16T18:00+02:00"),
        ("hi", "शाम 5 बजे टोक्यो समय", "2026-09-17T10:00+02:00"),
        ("hi", "शाम 6 बजे भारतीय समय", "2026-09-16T14:30+02:00"),
        ("th", "17:00 น. เวลาโตเกียว", "2026-09-17T10:00+02:00"),
        ("th", "18:00 น. เวลาประเทศไทย", "2026-09-16T13:00+02:00"),
    ],
)
def test_a_place_says_the_time_zone(language, phrase, expected):
    assert read(language, phrase).text == expected


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "5 pm springfield time"),
        ("en", "5 pm us time"),
        ("de", "9 Uhr Entenhausener Zeit morgen"),
        ("es", "mañana a las 9 hora de Macondo"),
        ("fr", "demain à 9h heure de Clochemerle"),
    ],
)
def test_a_place_without_one_known_time_zone_leaves_no_value(language, phrase):
    assert read(language, phrase) is None


def test_the_time_zone_of_a_place_has_its_own_change_of_the_clock():
    values = SlotValues(
        language="en",
        reference_time=datetime.datetime(2026, 10, 28, 10),  # Europe has changed, America has not
        time_zone="Europe/Berlin",
    )
    assert values.read("9 am new york time", "datetime").text == "2026-10-28T14:00+01:00"


def test_decades():
    nineties, eighties = "1990-01-01/2000-01-01", "1980-01-01/1990-01-01"
    check(
        {
            ("en", "the 90s"): nineties,
            ("en", "the nineties"): nineties,
            ("en", "in the '80s"): eighties,
            ("en", "the twenties"): "2020-01-01/2030-01-01",
            ("en", "since the 90s"): "1990-01-01/..",
            ("en", "after the 90s"): "2000-01-01/..",
            ("en", "in 90s"): "2026-09-16T10:01:30",
            ("en", "for 90s"): "PT1M30S",
            ("de", "die 90er"): nineties,
            ("de", "in den achtziger Jahren"): eighties,
            ("de", "in den 1970ern"): "1970-01-01/1980-01-01",
            ("es", "los años 90"): nineties,
            ("es", "en los noventa"): nineties,
            ("es", "en la década de 1970"): "1970-01-01/1980-01-01",
            ("es", "hace 90 años"): "1936-09-16",
            ("fr", "les années 90"): nineties,
            ("fr", "les années quatre-vingt-dix"): nineties,
            ("hi", "90 के दशक में"): nineties,
            ("hi", "अस्सी के दशक में"): eighties,
            ("th", "ยุค 90"): nineties,
            ("th", "ทศวรรษ 2530"): "1987-01-01/1997-01-01",
        }
    )
    assert read("en", "the 90s", "duration") is None
    assert read("en", "90s", "duration").text == "PT1M30S"


def test_an_ordinal_of_a_unit_is_no_date():
    check(
        {
            ("en", "third quarter"): None,
            ("en", "the third day"): None,
            ("en", "first half of june"): None,
            ("de", "in der dritten Woche"): None,
            ("de", "zum dritten Mal"): None,
            ("es", "el tercer día"): None,
            ("th", "ไตรมาสที่สาม"): None,
            ("en", "every third week"): "FREQ=WEEKLY;INTERVAL=3",
            ("en", "the first tuesday of the month"): "2026-10-06",
            ("es", "el tercer jueves de noviembre"): "2026-11-19",
            ("es", "el tercer lunes de cada mes"): "FREQ=MONTHLY;BYDAY=3MO",
            ("es", "mañana a primera hora de la tarde"): "2026-09-17T12:00/2026-09-17T18:00",
        }
    )


def test_hours_beside_noon_and_behind_an_article():
    check(
        {
            ("de", "um halb eins mittags"): "2026-09-16T12:30",
            ("de", "um 1 Uhr mittags"): "2026-09-16T13:00",
            ("de", "heute mittag um eins"): "2026-09-16T13:00",
            ("de", "12 Uhr mittags"): "2026-09-16T12:00",
            ("de", "um 11 Uhr mittags"): "2026-09-16T11:00",
            ("es", "las 22 horas"): "2026-09-16T22:00",
            ("es", "las próximas 24 horas"): "2026-09-16T10:00/2026-09-17T10:00",
        }
    )
