"""Days of a month, minutes, lengths with a start and signs that were once read wrongly, by kind."""

import datetime

import pytest

from pqrnn_tf.values import SlotValues
from tests.values.test_everyday_phrases import check, read


def test_days_of_the_month_behind_an_article_were_hours_of_the_clock():
    check(
        {
            ("es", "del 20 al 25"): "2026-09-20/2026-09-26",
            ("es", "hasta el 25"): "../2026-09-26",
            ("es", "antes del 25"): "../2026-09-25",
            ("es", "a partir del 1"): "2026-10-01/..",
            ("es", "del 28 al 3"): "2026-09-28/2026-10-04",
            ("es", "de 5 a 7"): "2026-09-16T17:00/2026-09-16T19:00",
            ("es", "de las 5 a las 7"): "2026-09-16T17:00/2026-09-16T19:00",
            ("fr", "du 20 au 25"): "2026-09-20/2026-09-26",
            ("fr", "jusqu'au 25"): "../2026-09-26",
            ("fr", "avant le 25"): "../2026-09-25",
            ("fr", "à partir du 1"): "2026-10-01/..",
            ("fr", "du 20 à 9h au 25 à 17h"): "2026-09-20T09:00/2026-09-25T17:00",
            ("fr", "lundi de 9h à 17h"): "2026-09-21T09:00/2026-09-21T17:00",
        }
    )


def test_a_number_on_one_side_of_a_day_of_the_month_is_a_day():
    check(
        {
            ("hi", "20 से 25 तारीख तक"): "2026-09-20/2026-09-26",
            ("th", "วันที่ 20 ถึง 25"): "2026-09-20/2026-09-26",
            ("en", "the 20th from 9 to 11"): "2026-09-20T09:00/2026-09-20T11:00",
            ("th", "วันที่ 20 เวลา 9 โมงถึง 11 โมง"): "2026-09-20T09:00/2026-09-20T11:00",
        }
    )


def test_the_day_of_an_interval_that_is_lower_is_in_the_next_month():
    check(
        {
            ("en", "from september 28 to the 3rd"): "2026-09-28/2026-10-04",
            ("en", "december 28 2026 to the 3rd"): "2026-12-28/2027-01-04",
            ("de", "vom 28. September bis zum 3."): "2026-09-28/2026-10-04",
            ("fr", "du 28 septembre au 3"): "2026-09-28/2026-10-04",
            ("fr", "du 3 au 5 juin"): "2027-06-03/2027-06-06",
        }
    )


def test_each_end_of_an_interval_keeps_its_own_hour():
    both = "2026-09-21T09:00/2026-09-22T17:00"
    check(
        {
            ("es", "desde el lunes a las 9 hasta el martes a las 17"): both,
            ("es", "de lunes a las 9 a martes a las 17"): both,
            ("fr", "de lundi à 9h à mardi à 17h"): both,
        }
    )


def test_spanish_minutes_in_words_were_a_second_hour():
    check(
        {
            ("es", "las nueve y diez de la noche"): "2026-09-16T21:10",
            ("es", "a las doce y cinco"): "2026-09-16T12:05",
            ("es", "a las tres y cinco"): "2026-09-16T15:05",
            ("es", "a las tres y a las cinco"): "2026-09-16T15:00,2026-09-16T17:00",
            ("es", "las siete y las ocho"): "2026-09-16T19:00,2026-09-16T20:00",
            ("es", "las siete u ocho"): "2026-09-16T19:00,2026-09-16T20:00",
            ("es", "a las 5 y 6 de la tarde"): "2026-09-16T17:00,2026-09-16T18:00",
        }
    )


def test_thai_minutes_behind_the_part_of_the_day_were_a_length():
    check(
        {
            ("th", "หกโมงเย็นสิบห้านาที"): "2026-09-16T18:15",
            ("th", "สามโมงเช้าสิบนาที"): "2026-09-17T09:10",
            ("th", "ห้าโมงเย็นครึ่ง"): "2026-09-16T17:30",
            ("th", "ห้าโมงเย็น 2 ชั่วโมง"): "2026-09-16T17:00/2026-09-16T19:00",
        }
    )


def test_days_that_begin_with_a_day_are_an_interval():
    days = "2026-09-17/2026-09-20"
    check(
        {
            ("en", "for 3 days starting tomorrow"): days,
            ("en", "tomorrow for 3 days"): days,
            ("de", "3 Tage ab morgen"): days,
            ("es", "durante 3 días a partir de mañana"): days,
            ("fr", "pendant 3 jours à partir de demain"): days,
            ("en", "for a week on monday"): "2026-09-21",
        }
    )


def test_seasons_have_a_year():
    check(
        {
            ("en", "spring 2027"): "2027-03-01/2027-06-01",
            ("en", "winter 2027"): "2027-12-01/2028-03-01",
            ("en", "summer of next year"): "2027-06-01/2027-09-01",
            ("de", "im Frühling 2027"): "2027-03-01/2027-06-01",
            ("es", "primavera de 2027"): "2027-03-01/2027-06-01",
            ("fr", "été 2028"): "2028-06-01/2028-09-01",
        }
    )


def test_days_that_have_a_name_of_their_own_were_the_next_friday_or_monday():
    check(
        {
            ("en", "black friday"): "2026-11-27",
            ("en", "cyber monday"): "2026-11-30",
            ("en", "black friday 2027"): "2027-11-26",
        }
    )


def test_what_recurs_within_a_day_keeps_the_hours_that_bound_it():
    nine_to_five = "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10,11,12,13,14,15,16"
    check(
        {
            ("en", "every 15 minutes from 9 to 5"): nine_to_five,
            ("de", "alle 15 Minuten von 9 bis 17 Uhr"): nine_to_five,
            ("es", "cada 15 minutos de 9 a 17 h"): nine_to_five,
            ("fr", "toutes les 15 minutes de 9h à 17h"): nine_to_five,
            ("en", "every hour from 9:30 to 5"): None,
        }
    )
    assert read("en", "every 15 minutes from 9 to 5").start.minute == 15
    assert read("en", "every 2 hours between 9 am and 8 pm").start.hour == 11


def test_the_first_day_of_the_next_month_in_hindi():
    check({("hi", "अगले महीने का पहला दिन"): "2026-10-01"})


def test_numbers_of_which_more_stands_there_are_not_cut_off():
    check(
        {
            ("en", "1 000 000"): None,
            ("en", "5 7"): None,
            ("en", "3 point 5"): "3.5",
            ("de", "3 Komma 5"): "3.5",
            ("es", "3 coma 5"): "3.5",
            ("fr", "3 virgule 5"): "3.5",
            ("de", "ein paar"): None,
            ("hi", "आधा लाख"): "50000",
            ("hi", "ज़ीरो"): "0",
            ("th", "ครึ่งล้าน"): "500000",
        },
        "number",
    )


def test_signs_behind_that_of_a_currency_and_signs_of_degrees():
    check({("en", "$-5"): "-5 USD", ("en", "€ -12.50"): "-12.5 EUR"}, "currency")
    check({("en", "20 ℃"): "20 celsius", ("de", "68℉"): "68 fahrenheit"}, "temperature")


def test_ordinals_and_shares_by_other_words():
    check(
        {
            ("en", "final"): "-1",
            ("de", "der allererste"): "1",
            ("de", "siebente"): "7",
            ("de", "vorherige"): "-1",
            ("hi", "प्रथम"): "1",
            ("hi", "सौवां"): "100",
        },
        "ordinal",
    )
    check(
        {
            ("de", "zehn Prozentpunkte"): "10 percent",
            ("es", "diez puntos porcentuales"): "10 percent",
            ("fr", "dix points de pourcentage"): "10 percent",
        },
        "percentage",
    )
    check({("de", "50 Rappen"): "0.5 CHF"}, "currency")


@pytest.mark.parametrize(
    ("language", "phrase", "expected"),
    [
        ("en", "the whole day", "P1D"),
        ("de", "den ganzen Tag", "P1D"),
        ("es", "todo el día", "P1D"),
        ("fr", "toute la journée", "P1D"),
        ("hi", "पूरे दिन", "P1D"),
        ("th", "ทั้งวัน", "P1D"),
        ("de", "das ganze Wochenende", None),
        ("en", "a century", "P100Y"),
        ("de", "ein Vierteljahr", "P3M"),
        ("es", "un trimestre", "P3M"),
        ("fr", "une décennie", "P10Y"),
        ("de", "ne Stunde", "PT1H"),
    ],
)
def test_lengths_by_other_words(language, phrase, expected):
    check({(language, phrase): expected}, "duration")


def test_years_have_four_digits():
    values = SlotValues(
        language="en", reference_time=datetime.datetime(1, 1, 1, 10), time_zone="UTC"
    )
    assert values.read("tomorrow", "datetime").text == "0001-01-02"
    assert values.read("this month", "datetime").text == "0001-01"
    assert values.read("this year", "datetime").text == "0001"


@pytest.mark.parametrize("text", [None, 5, b"5", ["5"]])
def test_what_is_no_text_is_told(text):
    with pytest.raises(TypeError, match="`text` must be a str. Received"):
        SlotValues().read(text, "number")


@pytest.mark.parametrize(
    ("phrase", "kind", "expected"),
    [
        ("45 Sek.", "duration", "PT45S"),
        ("1 Std. 30 Min.", "duration", "PT1H30M"),
        ("à 17h", "datetime", "2026-09-16T17:00+02:00"),
        ("at 5 pm", "datetime", "2026-09-16T17:00+02:00"),
        ("20 usd", "currency", "20 USD"),
        ("1 250,50 €", "currency", None),
    ],
)
def test_codes_of_currencies_and_accents_tell_languages_apart(phrase, kind, expected):
    value = read(None, phrase, kind)
    assert (value and value.text) == expected


def test_what_stands_behind_a_day_is_its_hour_or_part_and_no_end():
    check(
        {
            ("es", "del 25 a las 9"): "2026-09-25T09:00",
            ("fr", "le 25 au soir"): "2026-09-25T18:00/2026-09-26T00:00",
            ("fr", "de demain à vendredi"): "2026-09-17/2026-09-19",
            ("fr", "de lundi à vendredi"): "2026-09-21/2026-09-26",
            (
                "es",
                "de lunes a viernes a las 9",
            ): "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0",
        }
    )


def test_sorts_of_days_that_recur_have_hours_of_their_own():
    assert read("en", "weekdays at 7 and weekends at 9").text.splitlines() == [
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0",
        "FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=9;BYMINUTE=0",
    ]


def test_last_night_in_hindi_and_before_noon_behind_hours_in_thai():
    check(
        {
            ("hi", "बीती रात"): "2026-09-15T18:00/2026-09-16T00:00",
            ("th", "ครึ่งชั่วโมงก่อนเที่ยงคืน"): "2026-09-16T23:30",
            ("th", "สองชั่วโมงก่อนเที่ยง"): "2026-09-16T10:00",
            ("de", "in ner Stunde"): "2026-09-16T11:00",
        }
    )
