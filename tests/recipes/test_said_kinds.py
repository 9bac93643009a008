"""Words for kinds of devices, and that a request that says one does not act on another."""

import pytest

from recipes.home_assistant.cases import Named
from recipes.home_assistant.names import LOCALES
from recipes.home_assistant.recognizer import Recognizer, house_of
from recipes.home_assistant.said_kinds import APPLIANCE, kinds_said

HOUSES = {
    "en": (["Kitchen"], "turn down the heating", "turn off the kitchen lights"),
    "de": (["Küche"], "dreh die Heizung runter", "schalte das Licht in der Küche aus"),
    "es": (["Cocina"], "apaga la tele", "apaga las luces de la cocina"),
    "fr": (["Cuisine"], "éteins le chauffage", "éteins les lumières de la cuisine"),
    "it": (["Cucina"], "spegni il riscaldamento", "spegni le luci in cucina"),
    "nl": (["Keuken"], "zet de verwarming uit", "doe de lichten in de keuken uit"),
    "hi": (["रसोई"], "ओवन बंद करो", "लाइट बंद करो"),
    "th": (["ห้องครัว"], "ปิดเพลง", "ปิดไฟ"),
}
"""Names of areas, a request that the models took for one to lights or fans, and one to lights."""


_KINDS = ("light", "climate", "media_player", "fan", "cover", "vacuum", "lock", APPLIANCE)
WORDS = {
    language: dict(zip(_KINDS, words.split(), strict=True))
    for language, words in {
        "en": "lamp thermostat radio fan blind vacuum lock kettle",
        "de": "Lampe Thermostat Radio Ventilator Rollo Staubsauger Schloss Wasserkocher",
        "es": "lámpara termostato radio ventilador persiana aspiradora cerradura hervidor",
        "fr": "lampe thermostat radio ventilateur volet aspirateur serrure bouilloire",
        "it": "lampada termostato radio ventilatore tapparella aspirapolvere serratura bollitore",
        "nl": "lamp thermostaat radio ventilator rolluik stofzuiger slot waterkoker",
        "hi": "बल्ब थर्मोस्टेट रेडियो पंखा पर्दा वैक्यूम ताला केतली",
        "th": "โคมไฟ เทอร์โมสแตท วิทยุ พัดลม ม่าน เครื่องดูดฝุ่น กุญแจ กาต้มน้ำ",
    }.items()
}


@pytest.mark.parametrize("language", sorted(HOUSES))
def test_a_request_that_says_a_kind_of_device_does_not_act_on_another(language):
    areas, other, lights = HOUSES[language]
    house = house_of(Named("area", name, name) for name in areas)
    recognizer = Recognizer(f"home_assistant_{language}", house)
    assert recognizer.recognize(other) is None
    found = recognizer.recognize(lights)
    assert (found.intent, found.slots["domain"].value) == ("HassTurnOff", "light")


def test_a_device_of_that_name_is_meant():
    house = house_of([Named("name", "climate.hall", "Heating", "climate")])
    found = Recognizer("home_assistant_en", house).recognize("turn off the heating")
    assert (found.intent, found.slots["name"].entity.id) == ("HassTurnOff", "climate.hall")


def test_all_languages_have_words_for_the_same_kinds():
    assert sorted(HOUSES) == sorted(LOCALES)
    for language, words in WORDS.items():
        assert {kind: kinds_said(language, word) for kind, word in words.items()} == {
            kind: {kind} for kind in words
        }
    assert kinds_said("xx", "lamp") == set()


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        ("en", "Turn off the AIR CONDITIONING, please", {"climate"}),
        ("en", "the water heater", {APPLIANCE}),
        ("en", "heatwaves of acres", set()),
        ("de", "Fußbodenheizung", {"climate"}),
        ("de", "Wohnzimmertemperatur", set()),
        ("de", "den Rasenroboter", {"lawn_mower"}),
        ("fr", "la télé", {"media_player"}),
        ("fr", "la tele", {"media_player"}),
        ("nl", "boven", set()),
        ("nl", "vloerverwarming", {"climate"}),
        ("hi", "बत्ती बंद करो", {"light"}),
        ("th", "ปิดพัดลมและไฟ", {"fan", "light"}),
        ("it", "i condizionatori", {"climate", "fan"}),
    ],
)
def test_words_say_kinds(language, text, kinds):
    assert kinds_said(language, text) == kinds


def test_words_of_names_and_values_do_not_count():
    text = "turn off the tv room lights"
    assert kinds_said("en", text) == {"media_player", "light"}
    assert kinds_said("en", text, [(13, 20)]) == {"light"}
