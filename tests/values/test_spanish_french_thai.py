"""Phrases of Spanish, French and Thai, and what they share with other languages, that were once read wrongly."""

import datetime
import re

import pytest

from pqrnn_tf.values import SlotValues

NOW = datetime.datetime(2026, 9, 16, 10)
"""A Wednesday."""


def texts(phrases, kind, now=NOW):
    """The texts of the values without offsets from UTC."""
    found = {}
    for language, phrase in phrases:
        value = SlotValues(language=language, reference_time=now, time_zone="Europe/Berlin").read(
            phrase, kind
        )
        found[language, phrase] = value and re.sub(r"[+-]\d\d:\d\d(?=/|,|$)", "", value.text)
    return found


def check(expected, kind="datetime"):
    assert texts(expected, kind) == expected


def test_a_number_behind_a_day_of_the_week_is_its_date():
    check(
        {
            ("es", "el lunes 21"): "2026-09-21",
            ("es", "el viernes 25 a las 20:30"): "2026-09-25T20:30",
            ("es", "sábado 2 a las 8:00"): "2027-01-02T08:00",
            ("es", "domingo 20 y lunes 21"): "2026-09-20,2026-09-21",
            ("fr", "mardi 22 à 14h15"): "2026-09-22T14:15",
            ("fr", "du lundi 21 au vendredi 25"): "2026-09-21/2026-09-26",
            ("en", "friday 25"): "2026-09-25",
            ("en", "monday 21"): "2026-09-21",
        }
    )


def test_an_hour_behind_a_day_of_the_week_stays_an_hour():
    check(
        {
            ("es", "lunes 10 de la mañana"): "2026-09-21T10:00",
            ("es", "sábado 10 y media"): "2026-09-19T10:30",
            ("es", "los lunes 9 am"): "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
            ("fr", "lundi 8h"): "2026-09-21T08:00",
            ("fr", "tous les lundis 8h"): "FREQ=WEEKLY;BYDAY=MO;BYHOUR=8;BYMINUTE=0",
            ("en", "monday 8"): "2026-09-21T08:00",
            ("de", "montag 21"): "2026-09-21T21:00",
        }
    )


def test_every_so_many_days_of_the_week():
    tuesdays = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
    check(
        {
            ("es", "cada dos martes"): tuesdays,
            ("es", "un martes de cada dos"): tuesdays,
            ("es", "un día de cada tres"): "FREQ=DAILY;INTERVAL=3",
            ("fr", "tous les deux mardis"): tuesdays,
            ("fr", "un mardi sur trois"): "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU",
            ("en", "every two tuesdays"): tuesdays,
            ("th", "ทุกๆ สองอาทิตย์"): "FREQ=WEEKLY;INTERVAL=2",
            ("th", "วันเว้นวัน"): "FREQ=DAILY;INTERVAL=2",
            ("fr", "un soir sur deux"): "FREQ=DAILY;INTERVAL=2;BYHOUR=18;BYMINUTE=0",
            ("es", "dentro de dos lunes"): None,
        }
    )


def test_more_words_behind_every_day_belong_to_it():
    weekdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    check(
        {
            ("es", "todos los días laborables a las 7"): f"{weekdays};BYHOUR=7;BYMINUTE=0",
            ("fr", "tous les jours ouvrables à 7 h"): f"{weekdays};BYHOUR=7;BYMINUTE=0",
            ("th", "ทุกวันทำงาน"): weekdays,
            ("th", "ทุกวันธรรมดาตอนเจ็ดโมงเช้า"): f"{weekdays};BYHOUR=7;BYMINUTE=0",
            ("th", "ทุกวันจันทร์"): "FREQ=WEEKLY;BYDAY=MO",
            ("es", "todos los días de la semana"): "FREQ=DAILY",
            ("fr", "tous les jours de la semaine"): "FREQ=DAILY",
        }
    )


def test_every_so_long_counts_the_whole_length():
    phrases = [
        ("es", "cada hora y media"),
        ("fr", "toutes les heures et demie"),
        ("th", "ทุกชั่วโมงครึ่ง"),
        ("en", "every 1 hour and 30 minutes"),
        ("de", "alle anderthalb stunden"),
        ("hi", "हर डेढ़ घंटे"),
    ]
    check(dict.fromkeys(phrases, "FREQ=MINUTELY;INTERVAL=90"))
    check({("en", "every half day"): "FREQ=HOURLY;INTERVAL=12"})


def test_days_that_are_excepted_are_left_out():
    phrases = [
        ("en", "every day except sunday"),
        ("de", "jeden tag außer sonntag"),
        ("es", "todos los días menos el domingo"),
        ("es", "todos los días excepto los domingos"),
        ("fr", "tous les jours sauf le dimanche"),
        ("hi", "रविवार को छोड़कर हर दिन"),
        ("th", "ทุกวันยกเว้นวันอาทิตย์"),
    ]
    check(dict.fromkeys(phrases, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"))
    check(
        {
            ("fr", "tous les matins à 7h sauf le week-end"): (
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=7;BYMINUTE=0"
            ),
            ("en", "weekdays except friday at 7"): (
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYHOUR=7;BYMINUTE=0"
            ),
            ("en", "every day except christmas"): None,
            ("fr", "du lundi au samedi sauf le mercredi"): None,
            ("es", "todos los días a las ocho menos diez"): ("FREQ=DAILY;BYHOUR=7;BYMINUTE=50"),
        }
    )


def test_a_day_of_every_month():
    check(
        {
            ("es", "15 de cada mes"): "FREQ=MONTHLY;BYMONTHDAY=15",
            ("es", "todos los quince del mes"): "FREQ=MONTHLY;BYMONTHDAY=15",
            ("fr", "tous les 15 du mois"): "FREQ=MONTHLY;BYMONTHDAY=15",
            ("en", "the last day of every month"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("de", "am letzten tag jedes monats"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("es", "el último día de cada mes"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("es", "el primer día de cada mes"): "FREQ=MONTHLY;BYMONTHDAY=1",
            ("fr", "le dernier jour de chaque mois"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("th", "ทุกสิ้นเดือน"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("th", "เดือนละครั้ง"): "FREQ=MONTHLY",
        }
    )


def test_several_days_of_every_month_are_all_named():
    check({("es", "los días 1, 10 y 20 de cada mes"): "FREQ=MONTHLY;BYMONTHDAY=1,10,20"})
    phrases = [
        ("en", "the 1st and 15th of every month"),
        ("de", "jeden 1. und 15. des monats"),
        ("es", "los días 1 y 15 de cada mes"),
        ("fr", "le 1er et le 15 de chaque mois"),
        ("th", "ทุกวันที่ 1 และ 15"),
    ]
    check(dict.fromkeys(phrases, "FREQ=MONTHLY;BYMONTHDAY=1,15"))
    check({("en", "every month on the 5th, 10th and 20th"): "FREQ=MONTHLY;BYMONTHDAY=5,10,20"})


def test_the_end_of_a_month_with_a_name_is_its_last_day():
    phrases = [
        ("en", "before the end of october"),
        ("de", "vor ende oktober"),
        ("es", "antes de fin de octubre"),
        ("fr", "avant fin octobre"),
    ]
    check(dict.fromkeys(phrases, "../2026-10-31"))
    check(
        {
            ("th", "สิ้นเดือนตุลาคม"): "2026-10-31",
            ("es", "el primer día de octubre"): "2026-10-01",
        }
    )


def test_by_a_time_includes_it():
    check(
        {
            ("fr", "d'ici vendredi"): "../2026-09-19",
            ("fr", "d'ici la fin du mois"): "../2026-10-01",
            ("fr", "d'ici 18h"): "../2026-09-16T18:00",
            ("fr", "d'ici deux heures"): "2026-09-16T12:00",
            ("fr", "d'ici trois jours"): "2026-09-19",
            ("fr", "tous les jours d'ici vendredi"): "FREQ=DAILY;UNTIL=20260918",
            ("th", "ภายในวันศุกร์"): "../2026-09-19",
            ("th", "ภายในห้าโมงเย็น"): "../2026-09-16T17:00",
            ("th", "ภายใน 3 วัน"): "2026-09-16T10:00/2026-09-19T10:00",
        }
    )


def test_before_and_after_noon_and_midnight_in_thai():
    check(
        {
            ("th", "ก่อนเที่ยง"): "../2026-09-16T12:00",
            ("th", "พรุ่งนี้ก่อนเที่ยง"): "../2026-09-17T12:00",
            ("th", "พรุ่งนี้ก่อนห้าโมงเย็น"): "../2026-09-17T17:00",
            ("th", "หลังเที่ยงคืน"): "2026-09-17T00:00/..",
            ("th", "สิบนาทีก่อนเที่ยง"): "2026-09-16T11:50",
            ("th", "8:00 ก่อนเที่ยง"): "2026-09-17T08:00",
        }
    )


def test_a_day_has_no_hour_beyond_24():
    phrases = [("fr", "à 25h"), ("fr", "demain à 25 heures"), ("es", "a las 25 horas")]
    check(dict.fromkeys(phrases))
    check({("fr", "pour 48 heures"): "PT48H", ("es", "a las 0800 horas"): "2026-09-17T08:00"})


def test_hours_that_are_lengths_and_hours_of_the_day():
    check(
        {
            ("es", "de tres horas"): "PT3H",
            ("es", "de una hora a partir de ahora"): "2026-09-16T11:00",
            ("es", "de las 3 horas"): "2026-09-16T15:00",
            ("es", "de 9 a 17 horas"): "2026-09-17T09:00/2026-09-17T17:00",
            ("fr", "pour cinq heures à partir de maintenant"): "2026-09-16T15:00",
            ("fr", "14h-16h"): "2026-09-16T14:00/2026-09-16T16:00",
            ("fr", "demain 14h à 16h"): "2026-09-17T14:00/2026-09-17T16:00",
            ("fr", "9h-12h30"): "2026-09-17T09:00/2026-09-17T12:30",
            ("fr", "17 heures"): "2026-09-16T17:00",
            ("fr", "24 heures"): "PT24H",
            ("fr", "0h"): "2026-09-17T00:00",
            ("fr", "18h utc"): "2026-09-16T20:00",
            ("fr", "une heure du mat"): "2026-09-17T01:00",
            ("fr", "midi et trois quarts"): "2026-09-16T12:45",
            ("es", "a las dos y tres cuartos"): "2026-09-16T14:45",
            ("es", "a las dos del mediodía"): "2026-09-16T14:00",
            ("es", "a las 0760 horas"): None,
            ("es", "con media hora de anticipación"): "-PT30M",
            ("fr", "30 minutes à l'avance"): "-PT30M",
        }
    )


def test_months_that_a_word_joins_are_one_stretch():
    phrases = [("es", "octubre a diciembre"), ("fr", "octobre à décembre")]
    check(dict.fromkeys(phrases, "2026-10-01/2027-01-01"))


def test_halves_of_the_day_with_dots_apart():
    check(
        {
            ("es", "a las 7 p . m . hoy"): "2026-09-16T19:00",
            ("es", "6 : 30 a . m"): "2026-09-17T06:30",
            ("en", "7 p . m ."): "2026-09-16T19:00",
        }
    )


def test_words_that_are_written_together_may_stand_apart():
    check(
        {
            ("fr", "ce week - end"): "2026-09-19/2026-09-21",
            ("fr", "ce mois - ci"): "2026-09",
            ("fr", "après - demain"): "2026-09-18",
            ("fr", "à dix - neuf heures"): "2026-09-16T19:00",
            ("fr", "la veille du jour de l' an"): "2026-12-31",
            ("th", "พรุ่ง นี้"): "2026-09-17",
            ("th", "สุด สัปดาห์ นี้"): "2026-09-19/2026-09-21",
            ("th", "เที่ยง\u200bคืน วัน พฤหัสบดี"): "2026-09-18T00:00",
            ("th", "เวลา 7.00 น . วัน พรุ่ง นี้"): "2026-09-17T07:00",
            ("th", "12น"): "2026-09-16T12:00",
        }
    )


def test_thai_hours_months_and_years():
    check(
        {
            ("th", "ทุ่มหนึ่ง"): "2026-09-16T19:00",
            ("th", "ตอนบ่ายโมง"): "2026-09-16T13:00",
            ("th", "ตี 4:30"): "2026-09-17T04:30",
            ("th", "อีกชั่วโมงหนึ่ง"): "2026-09-16T11:00",
            ("th", "เที่ยงสิบห้า"): "2026-09-16T12:15",
            ("th", "ตีสองสิบนาที"): "2026-09-17T02:10",
            ("th", "ปีใหม่ไทย"): "2027-04-13",
            ("th", "5 มกรา"): "2027-01-05",
            ("th", "1/2/70"): "2027-02-01",
            ("th", "1/2/27"): "2027-02-01",
        }
    )
    check({("th", "อาทิตย์นึง"): "P1W", ("th", "ชั่วโมงนึง"): "PT1H"}, "duration")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "number",
            {
                ("es", "veintidos"): "22",
                ("es", "unos veinte"): "20",
                ("es", "tres cuartos"): "0.75",
                ("es", "dos tercios"): "0.666666667",
                ("fr", "trois quarts"): "0.75",
                ("es", "un cuarto"): "0.25",
                ("es", "el cuarto"): "4",
                ("es", "cinco tercios"): "1.666666667",
                ("es", "tres cuartos de millón"): "750000",
                ("es", "dos y tres cuartos"): "2.75",
                ("fr", "un tiers"): "0.333333333",
                ("fr", "deux et trois quarts"): "2.75",
                ("fr", "une vingtaine"): "20",
                ("fr", "zero"): "0",
                ("fr", "un millier"): "1000",
                ("es", "un par"): "2",
                ("th", "เศษสามส่วนสี่"): "0.75",
                ("th", "หนึ่งในสาม"): "0.333333333",
                ("th", "ห้าส่วนแปด"): "0.625",
            },
        ),
        (
            "ordinal",
            {
                ("es", "septimo"): "7",
                ("es", "decima"): "10",
                ("fr", "deuxieme"): "2",
                ("fr", "premiere"): "1",
                ("th", "รองสุดท้าย"): "-2",
            },
        ),
        (
            "duration",
            {
                ("es", "dos horas y tres cuartos"): "PT2H45M",
                ("es", "una hora y un cuarto"): "PT1H15M",
                ("es", "tres cuartos de hora"): "PT45M",
                ("fr", "une dizaine de minutes"): "PT10M",
                ("fr", "une quinzaine de jours"): "P15D",
                ("fr", "trois quarts d'heure"): "PT45M",
                ("fr", "deux heures et trois quarts"): "PT2H45M",
            },
        ),
        (
            "temperature",
            {
                ("es", "20ºC"): "20 celsius",
                ("fr", "dix-neuf degrés cinq"): "19.5 degree",
                ("fr", "20°5"): "20.5 degree",
            },
        ),
        (
            "percentage",
            {
                ("es", "un 15 por ciento"): "15 percent",
                ("fr", "un quinze pour cent"): "15 percent",
                ("es", "la mitad"): "50 percent",
                ("fr", "la moitié"): "50 percent",
                ("fr", "trois quarts"): "75 percent",
                ("th", "ครึ่งหนึ่ง"): "50 percent",
                ("en", "0.5"): "0.5 percent",
            },
        ),
        (
            "currency",
            {
                ("es", "20 dólares con 50 centavos"): "20.5 USD",
                ("es", "cincuenta centavos"): "0.5 EUR",
                ("es", "cinco pavos"): "5 EUR",
                ("fr", "cinq balles"): "5 EUR",
                ("es", "un billón de euros"): "1000000000000 EUR",
                ("th", "5k บาท"): "5000 THB",
            },
        ),
    ],
)
def test_numbers_and_quantities(kind, expected):
    check(expected, kind)


def test_typing_errors_and_other_words_have_no_value():
    phrases = [
        ("es", "mañnaa"),
        ("es", "el jueevs"),
        ("es", "algún día"),
        ("fr", "vendrdei"),
        ("fr", "les quatre prochains week-ends"),
        ("th", "พรุ้งนี่"),
        ("th", "สักวัน"),
    ]
    check(dict.fromkeys(phrases))
