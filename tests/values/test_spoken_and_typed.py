"""Phrases as people say and type them in English, German and Hindi, that were once read wrongly, by kind."""

import datetime
import time

import pytest

from tests.values.test_everyday_phrases import check, read


def test_a_day_of_the_week_counted_in_its_month_recurs_each_month():
    check(
        {
            ("en", "every second tuesday of the month"): "FREQ=MONTHLY;BYDAY=2TU",
            (
                "en",
                "every 2nd monday of the month at 9",
            ): "FREQ=MONTHLY;BYDAY=2MO;BYHOUR=9;BYMINUTE=0",
            ("en", "every second and fourth tuesday of the month"): "FREQ=MONTHLY;BYDAY=2TU,4TU",
            ("en", "every second tuesday"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            ("en", "every other monday of the month"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
            ("en", "alternate tuesdays"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            ("en", "every friday the 13th"): "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            ("de", "jeden zweiten Montag im Monat"): "FREQ=MONTHLY;BYDAY=2MO",
            ("de", "jeden zweiten Montag"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
            ("de", "jeden ersten und dritten Montag im Monat"): "FREQ=MONTHLY;BYDAY=1MO,3MO",
            ("hi", "हर महीने के दूसरे मंगलवार को"): "FREQ=MONTHLY;BYDAY=2TU",
        }
    )


def test_all_days_of_a_recurrence_are_in_its_rule():
    check(
        {
            ("en", "the 1st and 15th of every month"): "FREQ=MONTHLY;BYMONTHDAY=1,15",
            ("en", "every month on the 1st and the 15th"): "FREQ=MONTHLY;BYMONTHDAY=1,15",
            ("en", "every june and december"): "FREQ=YEARLY;BYMONTH=6,12",
            ("en", "every march 3 and june 5"): None,
            ("de", "am 1. und 15. jeden Monats"): "FREQ=MONTHLY;BYMONTHDAY=1,15",
            ("hi", "हर महीने की 1 और 15 तारीख को"): "FREQ=MONTHLY;BYMONTHDAY=1,15",
            ("en", "every morning and evening"): (
                "FREQ=DAILY;BYHOUR=6;BYMINUTE=0\nFREQ=DAILY;BYHOUR=18;BYMINUTE=0"
            ),
        }
    )
    assert read("en", "every morning and evening").start.hour == 18


def test_days_of_a_list_have_its_month():
    check(
        {
            ("en", "5 and 6 june"): "2027-06-05,2027-06-06",
            ("en", "the 5th and 6th of june"): "2027-06-05,2027-06-06",
            ("en", "at 5 and 6 pm"): "2026-09-16T17:00,2026-09-16T18:00",
        }
    )


def test_the_first_and_last_day_of_each_month_recur():
    check(
        {
            ("en", "last day of every month"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("en", "first day of every month"): "FREQ=MONTHLY;BYMONTHDAY=1",
            ("en", "end of every year"): "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31",
            ("de", "am letzten Tag jedes Monats"): "FREQ=MONTHLY;BYMONTHDAY=-1",
            ("de", "jeden ersten Tag des Monats"): "FREQ=MONTHLY;BYMONTHDAY=1",
            ("es", "primer día de cada mes"): "FREQ=MONTHLY;BYMONTHDAY=1",
            ("hi", "हर महीने के आखिरी दिन"): "FREQ=MONTHLY;BYMONTHDAY=-1",
        }
    )


def test_recurrences_of_compound_lengths():
    check(
        {
            ("en", "every hour and a half"): "FREQ=MINUTELY;INTERVAL=90",
            ("en", "every 2 hours and 30 minutes"): "FREQ=MINUTELY;INTERVAL=150",
            ("en", "every hour and 15 minutes"): "FREQ=MINUTELY;INTERVAL=75",
            ("en", "every 1.5 minutes"): "FREQ=SECONDLY;INTERVAL=90",
            ("en", "every fortnight"): "FREQ=WEEKLY;INTERVAL=2",
            ("en", "fortnightly on monday"): "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
            ("de", "alle 2 Stunden und 30 Minuten"): "FREQ=MINUTELY;INTERVAL=150",
            ("fr", "toutes les 2 minutes et demie"): "FREQ=SECONDLY;INTERVAL=150",
            ("hi", "हर ढाई मिनट"): "FREQ=SECONDLY;INTERVAL=150",
        }
    )


def test_a_recurrence_until_a_day_ends_there():
    check(
        {
            ("en", "every day until friday"): "FREQ=DAILY;UNTIL=20260918",
            ("en", "every monday until christmas"): "FREQ=WEEKLY;UNTIL=20261225;BYDAY=MO",
            ("en", "every day at 5 until the end of the month"): (
                "FREQ=DAILY;UNTIL=20260930;BYHOUR=17;BYMINUTE=0"
            ),
            ("en", "every monday until friday"): "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            ("de", "jeden Tag bis Freitag"): "FREQ=DAILY;UNTIL=20260918",
            ("hi", "शुक्रवार तक हर दिन"): "FREQ=DAILY;UNTIL=20260918",
        }
    )


def test_the_night_belongs_to_what_recurs_nightly():
    check({("en", "nightly at 11"): "FREQ=DAILY;BYHOUR=23;BYMINUTE=0"})


@pytest.mark.parametrize("phrase", ["every february 30", "every year on february 31"])
def test_a_date_that_never_comes_recurs_never_and_is_found_out_at_once(phrase):
    read("en", "every february 29")
    start = time.perf_counter()
    assert read("en", phrase) is None
    assert time.perf_counter() - start < 0.5


def test_exceptions_leave_the_other_days():
    others = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"
    check(
        {
            ("en", "every day but friday"): "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,SA,SU",
            ("en", "every weekday except friday"): "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
            ("en", "mornings except on sundays at 7"): f"{others};BYHOUR=7;BYMINUTE=0",
            ("en", "every day except sunday until christmas"): (
                "FREQ=WEEKLY;UNTIL=20261225;BYDAY=MO,TU,WE,TH,FR,SA"
            ),
            ("en", "every day until christmas except sunday"): (
                "FREQ=WEEKLY;UNTIL=20261225;BYDAY=MO,TU,WE,TH,FR,SA"
            ),
            ("en", "every day except from monday to wednesday"): "FREQ=WEEKLY;BYDAY=TH,FR,SA,SU",
            ("en", "every other weekday except friday"): (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH"
            ),
            ("de", "täglich außer sonntags"): others,
            ("de", "jeden Tag ausser Montag"): "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR,SA,SU",
            ("de", "jeden Tag außer Sonntag bis Weihnachten"): (
                "FREQ=WEEKLY;UNTIL=20261225;BYDAY=MO,TU,WE,TH,FR,SA"
            ),
            ("hi", "रविवार के सिवा हर दिन"): others,
        }
    )


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "every day except christmas"),
        ("en", "every day except sunday and christmas"),
        ("en", "every day except next monday"),
        ("en", "every day except sunday morning"),
        ("en", "every month except june"),
        ("en", "every two days except sunday"),
        ("en", "sundays except sunday"),
        ("en", "tomorrow except friday"),
        ("en", "not today"),
        ("en", "every few hours"),
        ("de", "nicht morgen"),
        ("de", "in ein paar Tagen"),
        ("hi", "कुछ दिन बाद"),
        ("hi", "कई दिनों बाद"),
        ("es", "en algunos días"),
        ("fr", "dans quelques jours"),
    ],
)
def test_other_exceptions_and_a_few_have_no_value(language, phrase):
    assert read(language, phrase) is None


def test_a_few_is_no_number():
    check({("en", "a few"): None, ("en", "several"): None, ("de", "einige"): None}, "number")


@pytest.mark.parametrize(
    ("language", "phrase"),
    [("en", "ten past"), ("en", "five to"), ("de", "zehn vor"), ("de", "zehn nach")],
)
def test_minutes_without_their_hour_are_no_hour(language, phrase):
    assert read(language, phrase) is None


def test_minutes_beside_noon_and_midnight():
    check(
        {
            ("en", "half past midnight"): "2026-09-17T00:30",
            ("en", "quarter past noon"): "2026-09-16T12:15",
            ("en", "ten past noon"): "2026-09-16T12:10",
            ("en", "quarter to midnight"): "2026-09-16T23:45",
            ("en", "five minutes to midnight"): "2026-09-16T23:55",
            ("en", "from 5 to midnight"): "2026-09-16T17:00/2026-09-17T00:00",
            ("de", "viertel nach Mitternacht"): "2026-09-17T00:15",
            ("de", "fünf vor Mitternacht"): "2026-09-16T23:55",
        }
    )


def test_hours_as_they_are_typed():
    check(
        {
            ("en", "eight o clock"): "2026-09-16T20:00",
            ("en", "eight o clock tonight"): "2026-09-16T20:00",
            ("en", "seven hundred hours"): "2026-09-17T07:00",
            ("de", "19.30h"): "2026-09-16T19:30",
            ("de", "so um halb acht"): "2026-09-16T19:30",
            ("de", "So um halb acht"): "2026-09-20T07:30",
            ("hi", "सुबह के छः बजे"): "2026-09-17T06:00",
            ("hi", "छ: बजे"): "2026-09-16T18:00",
        }
    )


def test_years_of_two_digits_are_years():
    check(
        {
            ("en", "may 3rd '28"): "2028-05-03",
            ("en", "june '28"): "2028-06",
            ("en", "3 may 28"): "2028-05-03",
            ("de", "3. Mai 28"): "2028-05-03",
            ("en", "june 27"): "2027-06-27",
            ("en", "3 may 17:30"): "2027-05-03T17:30",
        }
    )


def test_the_one_before_the_last_is_two_back():
    check(
        {
            ("en", "the week before last"): "2026-W36",
            ("en", "the month before last"): "2026-07",
            ("en", "the year before last"): "2024",
            ("en", "monday before last"): "2026-09-07",
            ("en", "the night before last"): "2026-09-14T18:00/2026-09-15T00:00",
            ("en", "the weekend before last"): "2026-09-05/2026-09-07",
            ("de", "vorletzte Woche"): "2026-W36",
            ("de", "vorletzten Montag"): "2026-09-07",
            ("de", "am vorletzten Freitag im Juni"): "2027-06-18",
            ("hi", "पिछले से पिछले हफ्ते"): "2026-W36",
            ("hi", "अगले से अगले हफ्ते"): "2026-W40",
        }
    )
    check(
        {
            ("en", "the last but one"): "-2",
            ("en", "the one before last"): "-2",
            ("en", "third from last"): "-3",
            ("de", "vorletzter"): "-2",
        },
        "ordinal",
    )


def test_the_coming_day_of_the_week_is_not_today():
    monday = datetime.datetime(2026, 9, 21, 10)
    assert read("de", "kommenden Montag", now=monday).text == "2026-09-28"
    assert read("en", "this coming monday", now=monday).text == "2026-09-28"
    assert read("en", "this monday", now=monday).text == "2026-09-21"
    assert read("de", "kommenden Dienstag", now=monday).text == "2026-09-22"


def test_intervals_that_begin_or_end_now():
    check(
        {
            ("en", "from now until 5pm"): "2026-09-16T10:00/2026-09-16T17:00",
            ("en", "between now and friday"): "2026-09-16T10:00/2026-09-19T00:00",
            ("en", "until now"): "../2026-09-16T10:00",
            ("en", "from now on"): "2026-09-16T10:00/..",
            ("de", "von jetzt bis 17 Uhr"): "2026-09-16T10:00/2026-09-16T17:00",
            ("de", "ab sofort"): "2026-09-16T10:00/..",
            ("de", "bis jetzt"): "../2026-09-16T10:00",
            ("en", "ten minutes from now"): "2026-09-16T10:10",
        }
    )


def test_onwards_behind_a_time_leaves_its_end_open():
    check(
        {
            ("en", "from tomorrow onwards"): "2026-09-17/..",
            ("en", "from monday on"): "2026-09-21/..",
            ("en", "5 pm onward"): "2026-09-16T17:00/..",
            ("en", "tomorrow evening after 8"): "2026-09-17T20:00/..",
            ("de", "von morgen an"): "2026-09-17/..",
            ("de", "morgen Abend ab 8"): "2026-09-17T20:00/..",
        }
    )


def test_a_length_in_front_of_its_start_is_an_interval():
    check({("en", "for two hours from 3pm"): "2026-09-16T15:00/2026-09-16T17:00"})


def test_today_and_tomorrow_are_two_days():
    check(
        {
            ("de", "heute und morgen"): "2026-09-16,2026-09-17",
            ("de", "heute, morgen und übermorgen"): "2026-09-16,2026-09-17,2026-09-18",
            ("de", "von heute bis morgen"): "2026-09-16/2026-09-18",
            ("de", "Montag morgen"): "2026-09-21T06:00/2026-09-21T12:00",
            ("es", "lunes a la mañana"): "2026-09-21T06:00/2026-09-21T12:00",
        }
    )


def test_hours_behind_a_date_are_no_days():
    check(
        {
            ("de", "am 17.9. von 9 bis 11"): "2026-09-17T09:00/2026-09-17T11:00",
            ("en", "on june 3 from 9 to 11"): "2027-06-03T09:00/2027-06-03T11:00",
            ("de", "vom 3. bis 5. Juni"): "2027-06-03/2027-06-06",
        }
    )


def test_an_hour_of_a_whole_month_or_year_has_no_value():
    check({("en", "5 pm in june"): None, ("en", "q1 2027"): None, ("en", "next month at 5"): None})


def test_an_ordinal_of_something_that_is_not_known_is_no_day():
    check({("de", "erster Advent"): None, ("en", "the first song"): None})


def test_the_end_of_a_named_month_or_year_is_its_last_day():
    check(
        {
            ("en", "by the end of may"): "../2027-06-01",
            ("en", "beginning of 2028"): "2028-01-01",
            ("en", "early june"): "2027-06-01",
            ("de", "Ende Mai"): "2027-05-31",
            ("de", "Anfang März"): "2027-03-01",
        }
    )


def test_half_years_are_months_and_parts_of_months_have_no_length():
    check(
        {
            ("en", "in half a year"): "2027-03-16",
            ("en", "in a year and a half"): "2028-03-16",
            ("en", "in a month and a half"): None,
            ("en", "in a day and a half"): "2026-09-17T22:00",
            ("de", "in anderthalb Jahren"): "2028-03-16",
            ("de", "in anderthalb Monaten"): None,
            ("hi", "डेढ़ साल बाद"): "2028-03-16",
            ("hi", "डेढ़ महीने बाद"): None,
        }
    )


def test_time_zones_as_people_name_them():
    check(
        {
            ("en", "8 pm central"): "2026-09-17T03:00",
            ("en", "9am ist"): "2026-09-17T05:30",
            ("en", "5pm bst"): "2026-09-16T18:00",
            ("en", "ist tomorrow at 9am"): "2026-09-17T09:00",
            ("en", "tomorrow mountain at 9am"): "2026-09-17T09:00",
        }
    )


def test_german_without_umlauts():
    check(
        {
            ("de", "uebermorgen"): "2026-09-18",
            ("de", "naechsten Freitag"): "2026-09-25",
            ("de", "am fuenften Mai"): "2027-05-05",
            ("de", "um zwoelf Uhr"): "2026-09-16T12:00",
            ("de", "Maerz 2027"): "2027-03",
            ("de", "taeglich"): "FREQ=DAILY",
        }
    )
    check({("de", "fuenf"): "5", ("de", "zwoelf"): "12"}, "number")


def test_lengths_of_several_words():
    check(
        {
            ("en", "an hour and three quarters"): "PT1H45M",
            ("en", "1d 2h 3m"): "P1DT2H3M",
            ("de", "ein halber Tag"): "PT12H",
            ("hi", "पौना घंटा"): "PT45M",
            ("hi", "छः घंटे"): "PT6H",
        },
        "duration",
    )


def test_parts_of_one_in_words():
    check(
        {
            ("en", "three quarters"): "0.75",
            ("en", "one half"): "0.5",
            ("en", "two thirds"): "0.666666667",
            ("en", "a third"): "0.333333333",
            ("en", "five eighths"): "0.625",
            ("en", "two and three quarters"): "2.75",
            ("en", "point five"): "0.5",
            ("en", "minus point five"): "-0.5",
            ("en", "three quarters of a million"): "750000",
            ("de", "ein halb"): "0.5",
            ("de", "zwei und ein halb"): "2.5",
            ("de", "drei Viertel"): "0.75",
            ("de", "zwei Drittel"): "0.666666667",
            ("de", "ein halbes Dutzend"): "6",
            ("hi", "तीन चौथाई"): "0.75",
            ("hi", "एक तिहाई"): "0.333333333",
            ("hi", "दशमलव पाँच"): "0.5",
        },
        "number",
    )
    check(
        {
            ("en", "three quarters"): "75 percent",
            ("en", "three quarters of a percent"): "0.75 percent",
            ("de", "die Hälfte"): "50 percent",
            ("de", "ein Viertel"): "25 percent",
            ("de", "ein halbes Prozent"): "0.5 percent",
            ("en", "0.5"): "0.5 percent",
        },
        "percentage",
    )
    check({("de", "ein halbes Grad"): "0.5 degree"}, "temperature")
    check({("de", "ein halber Euro"): "0.5 EUR"}, "currency")


def test_sizes_of_numbers_add_up():
    check(
        {
            ("en", "two lakh"): "200000",
            ("en", "1.5 crore"): "15000000",
            ("en", "two crore fifty lakh"): "25000000",
            ("en", "3 lakh 50 thousand"): "350000",
            ("en", "5 million 200 thousand"): "5200000",
            ("en", "2 hundred"): "200",
            ("en", "10 or 20"): None,
            ("hi", "छः सौ"): "600",
        },
        "number",
    )


def test_hindi_numbers_as_they_are_spelled():
    check(
        {
            ("hi", "तेइस"): "23",
            ("hi", "पन्द्रह"): "15",
            ("hi", "पैंतालिस"): "45",
            ("hi", "उन्तीस"): "29",
            ("hi", "छे"): "6",
            ("hi", "निन्यानबे"): "99",
        },
        "number",
    )


def test_currencies_by_their_whole_name():
    check(
        {
            ("en", "20 canadian dollars"): "20 CAD",
            ("en", "10 new zealand dollars"): "10 NZD",
            ("en", "C$20"): "20 CAD",
            ("en", "50 mexican pesos"): "50 MXN",
            ("en", "Rs. 500"): "500 INR",
            ("en", "two lakh rupees"): "200000 INR",
            ("en", "₹1.5 lakh"): "150000 INR",
            ("de", "20 kanadische Dollar"): "20 CAD",
            ("de", "100 schwedische Kronen"): "100 SEK",
            ("de", "1'000 Franken"): "1000 CHF",
            ("hi", "Rs 500"): "500 INR",
            ("hi", "छः रुपये"): "6 INR",
        },
        "currency",
    )


def test_days_with_hours_of_their_own_recur_at_them():
    check(
        {
            ("en", "tuesdays at 7 and thursdays at 8"): (
                "FREQ=WEEKLY;BYDAY=TU;BYHOUR=7;BYMINUTE=0\nFREQ=WEEKLY;BYDAY=TH;BYHOUR=8;BYMINUTE=0"
            ),
            ("de", "montags um 5 und dienstags um 6 Uhr"): (
                "FREQ=WEEKLY;BYDAY=MO;BYHOUR=5;BYMINUTE=0\nFREQ=WEEKLY;BYDAY=TU;BYHOUR=6;BYMINUTE=0"
            ),
            ("en", "tuesdays and thursdays at 8"): "FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=8;BYMINUTE=0",
        }
    )


def test_a_day_of_the_week_beside_another_day():
    check(
        {
            ("en", "the friday before christmas"): "2026-12-18",
            ("en", "the monday after easter"): "2027-03-29",
            ("en", "the day after the 20th"): "2026-09-21",
            ("en", "three days before the end of the month"): "2026-09-27",
            ("de", "Freitag vor Weihnachten"): "2026-12-18",
        }
    )


def test_counted_days_of_the_week_are_no_hours():
    check({("hi", "दो सोमवार बाद"): None})


def test_dates_as_they_are_typed():
    check(
        {
            ("en", "21-Jun-2027"): "2027-06-21",
            ("de", "19. Sep 2026"): "2026-09-19",
            ("de", "3. Mrz."): "2027-03-03",
            ("en", "7:5"): None,
            ("de", "18:5"): None,
        }
    )


def test_twelve_at_night_is_midnight():
    check(
        {("de", "zwölf Uhr nachts"): "2026-09-17T00:00", ("en", "12 at night"): "2026-09-17T00:00"}
    )
