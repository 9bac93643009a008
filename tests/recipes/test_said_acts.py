"""Words for what is to be done, and that a request which says them is not taken for one that does something else."""

import pytest

from recipes.home_assistant import said_acts
from recipes.home_assistant.cases import Named
from recipes.home_assistant.names import LOCALES
from recipes.home_assistant.recognizer import Recognizer, house_of
from recipes.home_assistant.said_acts import intent_said

ALL_TIMERS, ONE_TIMER, PAUSED = "HassCancelAllTimers", "HassCancelTimer", "HassPauseTimer"
PAUSING = {
    "en": "pause the timer",
    "de": "pausiere den Timer",
    "es": "pausa el temporizador",
    "fr": "mets le minuteur en pause",
    "it": "metti in pausa il timer",
    "nl": "pauzeer de kookwekker",
    "hi": "टाइमर पॉज करो",
    "th": "หยุดตัวจับเวลาชั่วคราว",
}
WARMTH = {
    "en": "set the temperature to 20",
    "de": "stell die Temperatur auf 20",
    "es": "pon la temperatura a 20",
    "fr": "mets la température à 20",
    "it": "imposta la temperatura a 20",
    "nl": "zet de temperatuur op 20",
    "hi": "तापमान 20 करो",
    "th": "ปรับอุณหภูมิเป็น20",
}


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_what_is_said_decides(language):
    for intent in (ALL_TIMERS, ONE_TIMER):
        assert intent_said(language, intent, PAUSING[language]) == PAUSED
    assert intent_said(language, "HassSetPosition", PAUSING[language]) == "HassSetPosition"
    warmth = intent_said(language, "HassSetPosition", WARMTH[language])
    assert warmth == "HassClimateSetTemperature"
    assert intent_said(language, "HassStartTimer", PAUSING[language]) == "HassStartTimer"


@pytest.mark.parametrize(
    ("language", "one", "every"),
    [
        ("en", "cancel the timer in the kitchen", "cancel all timers in the kitchen"),
        ("de", "brich den Timer ab", "brich alle Timer ab"),
        ("nl", "stop de kookwekker", "stop al mijn kookwekkers"),
        ("hi", "टाइमर रद्द करो", "सारे टाइमर रद्द करो"),
        ("th", "ยกเลิกตัวจับเวลา", "ยกเลิกตัวจับเวลาทั้งหมด"),
    ],
)
def test_one_timer_is_not_all(language, one, every):
    assert intent_said(language, ALL_TIMERS, one) == ONE_TIMER
    assert intent_said(language, ALL_TIMERS, every) == ALL_TIMERS
    assert intent_said(language, ONE_TIMER, one) == ONE_TIMER


def test_silence_is_not_taken_off():
    on, off = "HassMediaPlayerUnmute", "HassMediaPlayerMute"
    assert intent_said("nl", on, "lief huis mute op de speaker") == off
    for text in ("mute opheffen op de speaker", "zet het geluid aan", "dempen uit zetten"):
        assert intent_said("nl", on, text) == on


def test_where_little_is_known_the_model_counts():
    assert intent_said("fr", ALL_TIMERS, "arrête les minuteurs") == ALL_TIMERS
    assert intent_said("xx", ALL_TIMERS, "pause") == ALL_TIMERS


def test_words_of_names_and_values_do_not_count():
    text = "cancel the pause timer"
    assert intent_said("en", ONE_TIMER, text, [(11, 16)]) == ONE_TIMER
    assert intent_said("en", ONE_TIMER, text) == PAUSED


def test_two_letters_that_changed_places_are_read():
    assert intent_said("th", ONE_TIMER, "หยุดตัวจับเวลาชั่วคารว") == PAUSED
    assert intent_said("de", ONE_TIMER, "pasuiere den Timer") == PAUSED


def test_every_rule_is_of_acts_that_a_language_has_words_for():
    known = {act for words in said_acts._WORDS.values() for act in words}
    assert known == {act for rule in said_acts._RULES for act in (*rule.said, *rule.unsaid)}
    assert sorted(said_acts._WORDS) == sorted(LOCALES)


def test_a_timer_to_pause_is_not_deleted():
    house = house_of([Named("area", "balcony", "ระเบียง"), Named("area", "kitchen", "ห้องครัว")])
    recognizer = Recognizer("home_assistant_th", house)
    for text in ("รบกวนหยุดตัวจับเวลาที่ ระเบียงชั่วคราวให้หน่อย", "หยุดจับเวลาที่ ระเบียงชั่วรคาวด้วยครับ"):
        found = recognizer.recognize(text)
        assert (found.intent, found.slots["area"].entity.id) == (PAUSED, "balcony")
    assert recognizer.recognize("ยกเลิกตัวจับเวลาทั้งหมด").intent == ALL_TIMERS


def test_the_temperature_of_a_blind_is_none():
    house = house_of([Named("name", "cover.left", "Left Blind", "cover")])
    found = Recognizer("home_assistant_en", house).recognize("set the left blind to 50 percent")
    assert found.intent == "HassSetPosition"
    found = Recognizer("home_assistant_en", house).recognize("set left blind temperature to 50")
    assert found is None or found.intent != "HassClimateSetTemperature" or "name" not in found.slots
