"""Phrases that were once read wrongly, each kind of them in the languages that say it."""

import datetime
import re

import pytest

from pqrnn_tf.values import KINDS, LANGUAGES, SlotValues

NOW = datetime.datetime(2026, 9, 16, 10)
"""A Wednesday."""


def read(language, phrase, kind="datetime", now=NOW):
    values = SlotValues(language=language, reference_time=now, time_zone="Europe/Berlin")
    return values.read(phrase, kind)


def texts(phrases, kind="datetime"):
    """The texts of the values without offsets from UTC."""
    found = {}
    for language, phrase in phrases:
        value = read(language, phrase, kind)
        found[language, phrase] = value and re.sub(r"[+-]\d\d:\d\d(?=/|,|$)", "", value.text)
    return found


def check(expected, kind="datetime"):
    assert texts(expected, kind) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "phrase",
    ["1234,567,890", "1000.000.000 pm", "1.2.3", "1,2,3", "1⁄0", "\ud800", "\udfff 5", "5 utc-25"],
)
def test_digits_and_code_points_that_are_none_are_no_exception(language, phrase):
    for kind in KINDS:
        read(language, phrase, kind)
    if phrase[0].isdigit() and "⁄" not in phrase and "utc" not in phrase:
        assert read(language, phrase, "number") is None


def test_a_lone_surrogate_leaves_the_other_words_readable():
    assert read("en", "tomorrow \ud800 at 5 pm").text == "2026-09-17T17:00+02:00"


@pytest.mark.parametrize(
    ("now", "phrase", "expected"),
    [
        ("2026-10-24T22:00", "in 5 hours", "2026-10-25T02:00+01:00"),
        ("2026-10-24T22:00", "in 4 hours", "2026-10-25T02:00+02:00"),
        ("2026-10-25T02:30", "in an hour", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30", "the next hour", "2026-10-25T02:30+02:00/2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30", "every 10 minutes for one hour", "FREQ=MINUTELY;INTERVAL=10;COUNT=6"),
    ],
)
def test_hours_are_counted_over_the_autumn_change_of_the_clock(now, phrase, expected):
    assert read("en", phrase, now=datetime.datetime.fromisoformat(now)).text == expected


@pytest.mark.parametrize("phrase", ["now", "in 10 minutes", "in an hour", "every 5 minutes"])
def test_the_second_of_two_hours_of_the_same_name_stays_the_second(phrase):
    now = datetime.datetime(2026, 10, 25, 2, 30, fold=1)
    value = read("en", phrase, now=now)
    assert value.start.utcoffset() == datetime.timedelta(hours=1)
    assert value.start.timestamp() < value.end.timestamp()


def test_several_times_start_with_the_first_and_end_with_the_last():
    value = read("en", "monday and friday")
    assert value.start.day == 18 and value.end.day == 22
    assert [part.start.day for part in value.parts] == [21, 18]


def test_an_interval_of_hours_on_a_day_ends_after_its_start():
    check(
        {
            ("en", "5-7 tomorrow"): "2026-09-17T17:00/2026-09-17T19:00",
            ("en", "tomorrow from 5 to 7"): "2026-09-17T17:00/2026-09-17T19:00",
            ("en", "tomorrow from 10 pm to 6 am"): "2026-09-17T22:00/2026-09-18T06:00",
        }
    )


def test_a_length_from_now_with_an_hour_is_that_hour_of_the_day():
    check(
        {
            ("en", "two days ago at noon"): "2026-09-14T12:00",
            ("en", "in 3 days at 5pm"): "2026-09-19T17:00",
            ("en", "at 5pm in 3 days"): "2026-09-19T17:00",
            ("en", "in two weeks at 9"): "2026-09-30T09:00",
            ("de", "in 3 tagen um 17 uhr"): "2026-09-19T17:00",
            ("de", "vor zwei tagen um 17 uhr"): "2026-09-14T17:00",
            ("es", "en 2 días a las 9"): "2026-09-18T09:00",
            ("fr", "dans 3 jours à 17h"): "2026-09-19T17:00",
            ("fr", "il y a deux jours à midi"): "2026-09-14T12:00",
            ("hi", "3 दिन बाद शाम 5 बजे"): "2026-09-19T17:00",
            ("hi", "2 दिन पहले शाम 5 बजे"): "2026-09-14T17:00",
            ("hi", "दो दिन पहले दोपहर को"): "2026-09-14T12:00/2026-09-14T18:00",
            ("th", "อีก 3 วันตอน 5 โมงเย็น"): "2026-09-19T17:00",
            ("th", "2 วันก่อนตอนเที่ยง"): "2026-09-14T12:00",
        }
    )


def test_a_length_from_now_with_a_day_of_the_week_is_that_day_of_its_week():
    check(
        {
            ("en", "in 2 weeks on monday"): "2026-09-28",
            ("en", "two weeks ago on monday"): "2026-08-31",
            ("de", "in zwei wochen am montag"): "2026-09-28",
            ("th", "อีก 2 สัปดาห์วันจันทร์"): "2026-09-28",
        }
    )


def test_minutes_from_now_today_count_from_now():
    check(
        {
            ("en", "15mins later today"): "2026-09-16T10:15",
            ("hi", "आज 15 मिनट बाद"): "2026-09-16T10:15",
        }
    )


def test_a_range_of_hours_may_say_its_unit_once():
    check(
        {
            ("de", "von 9 bis 17 uhr"): "2026-09-17T09:00/2026-09-17T17:00",
            ("de", "zwischen 9 und 11 uhr"): "2026-09-17T09:00/2026-09-17T11:00",
            ("de", "um 6 und 9 uhr"): "2026-09-17T06:00,2026-09-17T09:00",
            ("fr", "de 9 à 17 heures"): "2026-09-17T09:00/2026-09-17T17:00",
            ("fr", "entre 9h et 11h"): "2026-09-17T09:00/2026-09-17T11:00",
            ("fr", "entre 9 et 11 heures"): "2026-09-17T09:00/2026-09-17T11:00",
            ("fr", "à 18h et 19h"): "2026-09-16T18:00,2026-09-16T19:00",
            ("th", "ตั้งแต่ 9.00 น. ถึง 17.00 น."): "2026-09-17T09:00/2026-09-17T17:00",
        }
    )


def test_french_hours_less_minutes_are_a_time_of_the_clock():
    check({("fr", "sept heures moins vingt"): "2026-09-17T06:40"})


def test_signs_of_fractions_are_fractions():
    check(
        {("en", "½"): "0.5", ("de", "¼"): "0.25", ("hi", "¾"): "0.75", ("en", "2⅛"): "2.125"},
        "number",
    )
    check({("en", "2½ hours"): "PT2H30M", ("th", "2½ ชั่วโมง"): "PT2H30M"}, "duration")
    check({("en", "20½ degrees"): "20.5 degree"}, "temperature")
    check({("en", "in 2½ hours"): "2026-09-16T12:30", ("de", "in 2 ½ Stunden"): "2026-09-16T12:30"})


def test_digits_in_groups_are_one_number():
    check(
        {
            ("en", "$1,234.56"): "1234.56 USD",
            ("en", "₹12,34,567"): "1234567 INR",
            ("de", "1.234,56 €"): "1234.56 EUR",
            ("de", "1.000.000 €"): "1000000 EUR",
            ("es", "1.234,56 €"): "1234.56 EUR",
            ("fr", "1 234,56 €"): "1234.56 EUR",
            ("fr", "1\u202f234,56\u00a0€"): "1234.56 EUR",
            ("fr", "1 000 €"): "1000 EUR",
            ("hi", "₹12,34,567"): "1234567 INR",
            ("th", "฿1,234.50"): "1234.5 THB",
        },
        "currency",
    )
    check(
        {
            ("en", ".5"): "0.5",
            ("en", "1,200"): "1200",
            ("en", "1.234"): "1.234",
            ("de", "1,234"): "1.234",
            ("es", "1,234"): "1234",
        },
        "number",
    )
    check({("en", "1,234.5 percent"): "1234.5 percent"}, "percentage")


def test_a_year_behind_a_comma_is_no_decimal():
    check({("en", "june 3,2027"): "2027-06-03"})


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "11/31/2026"),
        ("en", "2/30/2026"),
        ("en", "29/02/2027"),
        ("en", "25:00"),
        ("en", "12:60"),
        ("en", "25:00 tomorrow"),
        ("de", "31.11.2026"),
        ("de", "31.11."),
        ("de", "um 25.00 uhr"),
        ("es", "31/11/2026"),
        ("fr", "31/11/2026"),
        ("hi", "31/11/2026"),
        ("th", "31/11/2569"),
    ],
)
def test_a_date_or_time_in_digits_that_there_is_not_has_no_value(language, phrase):
    assert read(language, phrase) is None


def test_quarters_and_halves_of_an_hour_are_lengths():
    check(
        {
            ("en", "three quarters of an hour"): "PT45M",
            ("en", "an hour and a quarter"): "PT1H15M",
            ("en", "two and three quarters hours"): "PT2H45M",
            ("de", "viertelstunde"): "PT15M",
            ("de", "dreiviertelstunde"): "PT45M",
            ("de", "eine dreiviertel Stunde"): "PT45M",
            ("es", "tres cuartos de hora"): "PT45M",
            ("es", "dos horas y cuarto"): "PT2H15M",
            ("es", "hora y media"): "PT1H30M",
            ("fr", "trois quarts d'heure"): "PT45M",
            ("fr", "deux heures et quart"): "PT2H15M",
            ("hi", "सवा घंटा"): "PT1H15M",
        },
        "duration",
    )
    check(
        {
            ("de", "in einer Viertelstunde"): "2026-09-16T10:15",
            ("es", "en un cuarto de hora"): "2026-09-16T10:15",
            ("es", "en tres cuartos de hora"): "2026-09-16T10:45",
            ("fr", "dans trois quarts d'heure"): "2026-09-16T10:45",
        }
    )


def test_days_of_the_week_with_a_bare_hour_recur():
    rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0"
    phrases = [
        ("en", "monday to friday at 7"),
        ("en", "monday to friday at 7 am"),
        ("de", "montag bis freitag um 7"),
        ("es", "de lunes a viernes a las 7"),
        ("fr", "du lundi au vendredi à 7h"),
        ("hi", "सोमवार से शुक्रवार सुबह 7 बजे"),
        ("th", "วันจันทร์ถึงวันศุกร์ตอนเจ็ดโมงเช้า"),
    ]
    check(dict.fromkeys(phrases, rule))


def test_the_day_before_or_after_another_is_that_day():
    check(
        {
            ("en", "day before christmas"): "2026-12-24",
            ("en", "the day after christmas"): "2026-12-26",
            ("en", "the day after the 3rd of june"): "2027-06-04",
            ("en", "the 2nd day after christmas"): "2026-12-27",
            ("de", "am tag nach weihnachten"): "2026-12-26",
            ("es", "el día antes de navidad"): "2026-12-24",
            ("es", "antes de ayer"): "2026-09-14",
            ("fr", "le jour après noël"): "2026-12-26",
            ("fr", "le lendemain de noël"): "2026-12-26",
            ("hi", "क्रिसमस के एक दिन बाद"): "2026-12-26",
            ("hi", "क्रिसमस से एक दिन पहले"): "2026-12-24",
            ("th", "หนึ่งวันก่อนคริสต์มาส"): "2026-12-24",
        }
    )


def test_a_length_counts_from_the_day_that_is_named():
    check(
        {
            ("en", "a year ago today"): "2025-09-16",
            ("en", "today in a week"): "2026-09-23",
            ("en", "2 years ago on christmas"): "2024-12-25",
            ("de", "heute in einer woche"): "2026-09-23",
            ("de", "montag in einer woche"): "2026-09-28",
            ("de", "heute in acht tagen"): "2026-09-23",
            ("es", "de hoy en ocho días"): "2026-09-23",
            ("fr", "lundi en huit"): "2026-09-28",
            ("fr", "lundi en quinze"): "2026-10-05",
            ("hi", "आज से 3 दिन बाद"): "2026-09-19",
            ("hi", "शाम 5 बजे के 10 मिनट बाद"): "2026-09-16T17:10",
        }
    )


def test_a_day_of_the_week_is_the_first_or_last_of_its_month():
    check(
        {
            ("en", "the last friday in october"): "2026-10-30",
            ("en", "second tuesday in november"): "2026-11-10",
            ("en", "the second to last friday of the month"): "2026-09-18",
            ("de", "der letzte freitag im oktober"): "2026-10-30",
            ("es", "el primer lunes del mes"): "2026-10-05",
            ("es", "el primer lunes de cada mes"): "FREQ=MONTHLY;BYDAY=1MO",
            ("fr", "le premier lundi du mois"): "2026-10-05",
            ("fr", "le premier lundi de chaque mois"): "FREQ=MONTHLY;BYDAY=1MO",
            ("hi", "अक्टूबर का आखिरी शुक्रवार"): "2026-10-30",
            ("hi", "हर महीने के पहले सोमवार"): "FREQ=MONTHLY;BYDAY=1MO",
            ("th", "วันจันทร์แรกของเดือน"): "2026-10-05",
            ("th", "วันจันทร์แรกของทุกเดือน"): "FREQ=MONTHLY;BYDAY=1MO",
            ("fr", "tous les premiers lundis du mois"): "FREQ=MONTHLY;BYDAY=1MO",
            ("th", "วันศุกร์สุดท้ายของเดือน"): "2026-09-25",
            ("th", "วันศุกร์สุดท้ายของเดือนตุลาคม"): "2026-10-30",
            ("th", "วันอังคารที่สองของเดือนพฤศจิกายน"): "2026-11-10",
            ("th", "วันพุธที่ 2"): "2026-12-02",
        }
    )


def test_half_past_and_quarters_of_an_hour_are_no_whole_hour():
    check(
        {
            ("en", "half seven"): "2026-09-16T19:30",
            ("de", "viertel acht"): "2026-09-16T19:15",
            ("de", "drei viertel acht"): "2026-09-16T19:45",
            ("es", "mediodía y media"): "2026-09-16T12:30",
            ("fr", "à midi et demi"): "2026-09-16T12:30",
            ("fr", "minuit et demi"): "2026-09-17T00:30",
            ("fr", "minuit moins dix"): "2026-09-16T23:50",
            ("th", "เที่ยงครึ่ง"): "2026-09-16T12:30",
            ("th", "บ่ายโมงครึ่ง"): "2026-09-16T13:30",
        }
    )


def test_an_h_behind_in_is_a_length():
    phrases = [("en", "in 1h"), ("de", "in 1h"), ("es", "en 1h"), ("fr", "dans 1h")]
    check(dict.fromkeys(phrases, "2026-09-16T11:00"))
    check({("fr", "dans 1h30"): "2026-09-16T11:30", ("de", "um 17 h"): "2026-09-16T17:00"})


def test_a_thai_year_is_one_of_the_buddhist_era():
    check({("th", "ปี 2570"): "2027", ("th", "พ.ศ. 2570"): "2027", ("th", "ปี 2027"): "2027"})


def test_below_zero_may_stand_behind_the_unit():
    phrases = [
        ("en", "5 degrees below zero"),
        ("de", "5 grad minus"),
        ("de", "5 grad unter null"),
        ("es", "5 grados bajo cero"),
        ("fr", "5 degrés en dessous de zéro"),
        ("fr", "5 degrés sous zéro"),
    ]
    check(dict.fromkeys(phrases, "-5 degree"), "temperature")


def test_amounts_of_money_are_whole():
    check(
        {
            ("en", "-$5"): "-5 USD",
            ("en", "1.5 million dollars"): "1500000 USD",
            ("en", "$1k"): "1000 USD",
            ("en", "$5m"): "5000000 USD",
            ("en", "a dollar fifty"): "1.5 USD",
            ("en", "ten pence"): "0.1 GBP",
            ("de", "1,5 Mio. €"): "1500000 EUR",
            ("es", "1,5 millones de euros"): "1500000 EUR",
            ("fr", "1,5 million d'euros"): "1500000 EUR",
            ("hi", "1.5 लाख रुपये"): "150000 INR",
            ("hi", "दो करोड़ रुपये"): "20000000 INR",
            ("th", "2 ล้านบาท"): "2000000 THB",
        },
        "currency",
    )


def test_numbers_of_several_words_are_one_number():
    check(
        {
            ("en", "two dozen"): "24",
            ("en", "nineteen ninety nine"): "1999",
            ("en", "half a million"): "500000",
            ("de", "zwei dutzend"): "24",
            ("es", "dos docenas"): "24",
            ("fr", "deux douzaines"): "24",
            ("hi", "दो दर्जन"): "24",
            ("th", "หนึ่งล้าน"): "1000000",
            ("th", "สองล้านห้าแสน"): "2500000",
            ("th", "สิบล้าน"): "10000000",
        },
        "number",
    )


def test_the_one_before_the_last_is_not_the_last():
    check(
        {
            ("en", "second to last"): "-2",
            ("en", "third to last"): "-3",
            ("de", "vorletzte"): "-2",
            ("es", "penúltimo"): "-2",
            ("fr", "avant-dernier"): "-2",
            ("th", "สุดท้าย"): "-1",
        },
        "ordinal",
    )


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "twice a day"),
        ("en", "three times a week"),
        ("de", "zweimal am tag"),
        ("es", "dos veces al día"),
        ("fr", "deux fois par jour"),
        ("hi", "दिन में दो बार"),
        ("th", "วันละสองครั้ง"),
    ],
)
def test_several_times_a_day_is_no_length(language, phrase):
    assert read(language, phrase) is None


def test_once_a_day_and_every_second_day_recur():
    check(
        {
            ("en", "once a day"): "FREQ=DAILY",
            ("de", "einmal am tag"): "FREQ=DAILY",
            ("es", "una vez al día"): "FREQ=DAILY",
            ("fr", "une fois par jour"): "FREQ=DAILY",
            ("hi", "दिन में एक बार"): "FREQ=DAILY",
            ("fr", "un jour sur deux"): "FREQ=DAILY;INTERVAL=2",
            ("fr", "un lundi sur deux"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        }
    )


def test_hours_of_every_day_are_one_stretch():
    value = read("en", "every day from 9 to 5")
    assert value.text == "FREQ=DAILY;BYHOUR=9;BYMINUTE=0"
    assert (value.start.hour, value.end.hour) == (9, 17)
    check({("de", "jeden tag von 9 bis 17 uhr"): "FREQ=DAILY;BYHOUR=9;BYMINUTE=0"})


def test_minutes_before_or_after_a_bare_hour_are_a_time_of_the_clock():
    check(
        {
            ("en", "10 minutes after 5"): "2026-09-16T17:10",
            ("en", "half an hour before 6"): "2026-09-16T17:30",
        }
    )


def test_an_offset_behind_the_time_zone_belongs_to_it():
    check({("en", "9am gmt+2"): "2026-09-17T09:00", ("en", "9am utc-5"): "2026-09-16T16:00"})


def test_earlier_today_ends_now():
    check(
        {
            ("en", "earlier today"): "2026-09-16T00:00/2026-09-16T10:00",
            ("fr", "plus tôt aujourd'hui"): "2026-09-16T00:00/2026-09-16T10:00",
        }
    )


def test_words_behind_a_part_of_a_day_and_a_number_say_which():
    check(
        {
            ("fr", "la nuit dernière"): "2026-09-15T18:00/2026-09-16T00:00",
            ("es", "anoche"): "2026-09-15T18:00/2026-09-16T00:00",
            ("fr", "les trois prochains jours"): "2026-09-16T10:00/2026-09-19T10:00",
            ("es", "las dos últimas semanas"): "2026-09-02T10:00/2026-09-16T10:00",
        }
    )


def test_the_end_of_a_month_is_its_last_day():
    phrases = [
        ("en", "end of the month"),
        ("de", "ende des monats"),
        ("es", "fin de mes"),
        ("fr", "fin du mois"),
        ("hi", "महीने के अंत में"),
        ("th", "สิ้นเดือน"),
    ]
    check(dict.fromkeys(phrases, "2026-09-30"))
    check(
        {
            ("de", "vor ende der woche"): "../2026-09-20",
            ("de", "bis ende der woche"): "../2026-09-21",
        }
    )


@pytest.mark.parametrize("phrase", ["the next two fridays", "2 fridays ago", "last 2 mondays"])
def test_a_number_of_days_of_the_week_is_no_hour_of_theirs(phrase):
    assert read("en", phrase) is None


def test_the_week_after_next_is_not_this_week():
    check({("en", "the week after next"): "2026-W40", ("en", "the month after next"): "2026-11"})


def test_the_day_before_without_another_is_a_length():
    check({("en", "the day before"): "-P1D"})


def test_a_german_ordinal_may_stand_apart_from_its_dot():
    check(
        {
            ("de", "am 19 . Um 17 : 00 Uhr"): "2026-09-19T17:00",
            ("de", "am 3 ."): "2026-10-03",
            ("de", "um 7 ."): "2026-09-16T19:00",
        }
    )


def test_a_length_from_now_beside_an_hour_has_a_value_only_where_both_say_the_same():
    check(
        {
            ("en", "in 2 hours at 5pm"): None,
            ("en", "in 30 minutes at noon"): None,
            ("en", "in 7 hours at 5pm"): "2026-09-16T17:00",
            ("de", "in 2 Stunden um 17 Uhr"): None,
            ("es", "en 2 horas a las 5 pm"): None,
            ("fr", "dans 2 heures à 17h"): None,
            ("hi", "दो घंटे में शाम 5 बजे"): None,
            ("th", "อีก 2 ชั่วโมงตอน 5 โมงเย็น"): None,
        }
    )


def test_weeks_count_from_the_day_that_stands_with_them():
    check(
        {
            ("en", "a week on monday"): "2026-09-28",
            ("en", "two weeks on monday"): "2026-10-05",
            ("en", "a fortnight on saturday"): "2026-10-03",
            ("en", "a week today"): "2026-09-23",
            ("en", "a week on monday at 5 pm"): "2026-09-28T17:00",
            ("en", "monday week"): "2026-09-28",
            ("en", "tomorrow week"): "2026-09-24",
            ("en", "friday fortnight"): "2026-10-02",
            ("en", "for a week on monday"): "2026-09-21",
            ("en", "in 2 weeks on monday"): "2026-09-28",
        }
    )


def test_minutes_to_an_hour():
    check(
        {
            ("en", "ten minutes to eight"): "2026-09-16T19:50",
            ("en", "10 minutes till 8"): "2026-09-16T19:50",
            ("en", "for 10 minutes"): "PT10M",
            ("en", "5 to 10 minutes"): None,
            ("es", "un cuarto para las ocho"): "2026-09-16T19:45",
            ("es", "cuarto para la una"): "2026-09-16T12:45",
            ("es", "diez para las nueve"): "2026-09-16T20:50",
            ("es", "faltan cinco minutos para las tres"): "2026-09-16T14:55",
            ("es", "veinte para las siete de la mañana"): "2026-09-17T06:40",
            ("es", "para las ocho y media"): "2026-09-16T20:30",
            ("hi", "आठ बजने में दस मिनट"): "2026-09-16T19:50",
            ("hi", "पांच बजने में 5 मिनट बाकी"): "2026-09-16T16:55",
        }
    )


def test_hours_as_people_write_and_say_them():
    check(
        {
            ("en", "at 6ish"): "2026-09-16T18:00",
            ("en", "friday noonish"): "2026-09-18T12:00",
            ("en", "17:45h"): "2026-09-16T17:45",
            ("en", "eight oh five am"): "2026-09-17T08:05",
            ("en", "first thing tomorrow morning"): "2026-09-17T06:00/2026-09-17T12:00",
            ("en", "in 1h 20m"): "2026-09-16T11:20",
            ("en", "7p tomorrow"): "2026-09-17T19:00",
            ("th", "เก้าโมงครึ่ง"): "2026-09-17T09:30",
            ("th", "สามโมง"): "2026-09-16T15:00",
            ("th", "สามโมงเช้า"): "2026-09-17T09:00",
        }
    )


def test_days_and_parts_of_days_in_one_word_or_after_every():
    check(
        {
            ("de", "freitagabend"): "2026-09-18T18:00/2026-09-19T00:00",
            ("de", "samstagmorgen"): "2026-09-19T06:00/2026-09-19T12:00",
            ("de", "Montagnachmittag um drei"): "2026-09-21T15:00",
            ("de", "jeden morgen um halb sieben"): "FREQ=DAILY;BYHOUR=6;BYMINUTE=30",
            ("de", "jeden morgen"): "FREQ=DAILY;BYHOUR=6;BYMINUTE=0",
            ("de", "übers Wochenende"): "2026-09-19/2026-09-21",
            ("th", "อาทิตย์หน้า"): "2026-W39",
            ("th", "วันอาทิตย์หน้า"): "2026-09-27",
            ("th", "สามวันที่แล้ว"): "2026-09-13",
            ("th", "วันที่ 5 เดือนหน้า"): "2026-10-05",
        }
    )


def test_ranges_whose_joint_belongs_to_their_end():
    check(
        {
            ("fr", "de 9h à midi"): "2026-09-17T09:00/2026-09-17T12:00",
            ("fr", "de midi à minuit"): "2026-09-16T12:00/2026-09-17T00:00",
            ("fr", "demain à midi"): "2026-09-17T12:00",
            ("fr", "lundi à vendredi"): "2026-09-21/2026-09-26",
            ("es", "lunes a viernes"): "2026-09-21/2026-09-26",
            ("es", "de 9 a medianoche"): "2026-09-16T21:00/2026-09-17T00:00",
            ("es", "pasado mañana al mediodía"): "2026-09-18T12:00",
            ("de", "ab 18 Uhr"): "2026-09-16T18:00/..",
            ("de", "ab 9 bis 17 Uhr"): "2026-09-17T09:00/2026-09-17T17:00",
        }
    )


def test_the_first_and_last_day_of_a_month():
    check(
        {
            ("en", "the last day of the month"): "2026-09-30",
            ("en", "first day of next month"): "2026-10-01",
            ("de", "letzter Tag des Monats"): "2026-09-30",
            ("de", "erster Tag des nächsten Monats"): "2026-10-01",
            ("es", "el último día del mes"): "2026-09-30",
            ("es", "primer día del mes que viene"): "2026-10-01",
            ("fr", "le dernier jour du mois"): "2026-09-30",
            ("fr", "le premier jour du mois prochain"): "2026-10-01",
            ("hi", "महीने के आखिरी दिन"): "2026-09-30",
            ("th", "วันสุดท้ายของเดือน"): "2026-09-30",
        }
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "duration",
            {
                ("en", "two-and-a-half minutes"): "PT2M30S",
                ("en", "1:30 hours"): "PT1H30M",
                ("en", "2:30 minutes"): "PT2M30S",
                ("en", "two-hour"): "PT2H",
                ("de", "fünf Minuten dreißig"): "PT5M30S",
                ("de", "sechseinhalb Minuten"): "PT6M30S",
                ("fr", "deux minutes trente"): "PT2M30S",
            },
        ),
        (
            "temperature",
            {
                ("en", "ten below zero"): "-10 degree",
                ("de", "einundzwanzigeinhalb Grad"): "21.5 degree",
                ("es", "veintiún grados y medio"): "21.5 degree",
                ("fr", "vingt et un degrés et demi"): "21.5 degree",
                ("hi", "शून्य से पांच डिग्री नीचे"): "-5 degree",
                ("th", "ยี่สิบห้าองศาครึ่ง"): "25.5 degree",
                ("th", "ยี่สิบห้าจุดห้าองศา"): "25.5 degree",
            },
        ),
        (
            "percentage",
            {
                ("en", "half"): "50 percent",
                ("en", "half a percent"): "0.5 percent",
                ("es", "un 20%"): "20 percent",
                ("th", "สิบสองจุดห้าเปอร์เซ็นต์"): "12.5 percent",
            },
        ),
        (
            "currency",
            {
                ("en", "99p"): "0.99 GBP",
                ("en", "two and a half thousand dollars"): "2500 USD",
                ("en", "a quarter million dollars"): "250000 USD",
                ("en", "three quarters of a million dollars"): "750000 USD",
                ("de", "anderthalb tausend Euro"): "1500 EUR",
                ("es", "un millón y medio de euros"): "1500000 EUR",
                ("fr", "un million et demi d'euros"): "1500000 EUR",
                ("fr", "un demi-million d'euros"): "500000 EUR",
                ("hi", "साढ़े तीन हजार रुपये"): "3500 INR",
                ("th", "หมื่นห้าบาท"): "15000 THB",
                ("th", "สองล้านครึ่งบาท"): "2500000 THB",
            },
        ),
        (
            "number",
            {
                ("en", "zero and a half"): "0.5",
                ("hi", "सवा सौ"): "125",
                ("hi", "पौने दो सौ"): "175",
                ("hi", "दो दशमलव दो पांच"): "2.25",
                ("hi", "एक हजार पांच"): "1005",
                ("th", "หนึ่งจุดสองห้า"): "1.25",
                ("th", "พันห้า"): "1500",
                ("th", "ร้อยยี่สิบห้า"): "125",
            },
        ),
    ],
)
def test_halves_decimals_and_sizes_in_words(kind, expected):
    check(expected, kind)


def test_the_letters_of_a_half_of_the_day_apart():
    check(
        {
            ("en", "at seven p m"): "2026-09-16T19:00",
            ("en", "at 7 a m"): "2026-09-17T07:00",
            ("en", "at 7 p"): "2026-09-16T19:00",
        }
    )
