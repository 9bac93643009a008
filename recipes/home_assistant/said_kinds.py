"""Words for kinds of devices, so that a request that says one kind does not act on another.

A model that has not seen `heating` takes `turn down the heating` for the likeliest request with its other words, which
switches lights off. Where words outside of names and values say kinds of devices, the answer has to be of one of them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from pqrnn_tf.runtime.entity_words import key_of_name

APPLIANCE = "appliance"
"""The kind of what is switched by its name only."""
_WORDS = {
    "en": {
        "light": (
            "light, lights, lamp, lamps, lighting, bulb, bulbs, chandelier, lantern, led, leds"
        ),
        "climate": (
            "heating, heater, heaters, heat, radiator, radiators, thermostat, thermostats, furnace, ac, a/c, "
            "aircon, air con, air conditioning, air conditioner, air conditioners, air condition, hvac, heat "
            "pump, climate"
        ),
        "media_player": (
            "tv, tvs, television, televisions, telly, radio, radios, music, stereo, speaker, speakers"
        ),
        "fan": "fan, fans, ventilator, ventilators",
        "cover": (
            "blind, blinds, curtain, curtains, shade, shades, shutter, shutters, awning, awnings, window, "
            "windows, door, doors, gate, gates"
        ),
        "vacuum": "vacuum, vacuums, vacuum cleaner, hoover, robot",
        "lawn_mower": "mower, mowers, lawnmower, lawnmowers, lawn mower",
        "lock": "lock, locks",
        "valve": "valve, valves",
        APPLIANCE: (
            "dishwasher, oven, stove, cooker, fridge, refrigerator, freezer, washing machine, washer, dryer, "
            "tumble dryer, coffee machine, coffee maker, kettle, toaster, microwave, printer, computer, camera, "
            "cameras, alarm, boiler, water heater, pump, sprinkler, sprinklers, humidifier, dehumidifier, "
            "sauna, jacuzzi, fireplace, projector"
        ),
    },
    "de": {
        "light": (
            "*licht, *lichter, *lichtern, *lampe, *lampen, *leuchte, *leuchten, *beleuchtung, *birne, *birnen"
        ),
        "climate": (
            "*heizung, *heizungen, *heizkörper, *heizkörpern, *heizer, *heizlüfter, *thermostat, *thermostate, "
            "*klimaanlage, *klimaanlagen, klima, *wärmepumpe, *klimagerät"
        ),
        "media_player": (
            "tv, *fernseher, *fernsehen, *radio, *musik, *lautsprecher, *musikanlage, *stereoanlage"
        ),
        "fan": "*ventilator, *ventilatoren, *lüfter, *lüftern, *lüftung",
        "cover": (
            "*rollo, *rollos, *rollladen, *rolladen, *rollläden, *rolläden, *jalousie, *jalousien, *vorhang, "
            "*vorhänge, *markise, *markisen, *fenster, *fenstern, tür, türen, haustür, garagentür, tor, "
            "*garagentor, tore, *gardine, *gardinen"
        ),
        "vacuum": "*staubsauger, *sauger, *saugroboter",
        "lawn_mower": "*mäher, *mähroboter, *rasenroboter",
        "lock": "*schloss, *schlösser",
        "valve": "*ventil, *ventile",
        APPLIANCE: (
            "*spülmaschine, *geschirrspüler, *ofen, *backofen, *herd, *kühlschrank, *waschmaschine, *trockner, "
            "*kaffeemaschine, *wasserkocher, *toaster, *mikrowelle, *drucker, *computer, *kamera, *kameras, "
            "*alarmanlage, *pumpe, *sauna, *boiler, *beamer"
        ),
    },
    "es": {
        "light": "luz, luces, lámpara, lámparas, iluminación, bombilla, bombillas, foco, focos",
        "climate": (
            "calefacción, calefactor, calefactores, calentador, radiador, radiadores, termostato, termostatos, "
            "aire acondicionado, aire, climatizador, estufa, clima"
        ),
        "media_player": (
            "tele, televisión, televisor, televisores, tv, radio, música, altavoz, altavoces, equipo de música"
        ),
        "fan": "ventilador, ventiladores, abanico, abanicos",
        "cover": (
            "persiana, persianas, cortina, cortinas, estor, estores, toldo, toldos, ventana, ventanas, puerta, "
            "puertas, portón"
        ),
        "vacuum": "aspiradora, aspiradoras, aspirador, robot",
        "lawn_mower": "cortacésped, cortacéspedes, cortadora de césped",
        "lock": "cerradura, cerraduras, cerrojo",
        "valve": "válvula, válvulas",
        APPLIANCE: (
            "lavavajillas, horno, nevera, frigorífico, lavadora, secadora, cafetera, hervidor, tostadora, "
            "microondas, impresora, ordenador, cámara, cámaras, alarma, caldera, bomba, aspersor, aspersores, "
            "sauna"
        ),
    },
    "fr": {
        "light": (
            "lumière, lumières, lampe, lampes, éclairage, éclairages, ampoule, ampoules, lustre, plafonnier"
        ),
        "climate": (
            "chauffage, chauffages, radiateur, radiateurs, thermostat, thermostats, clim, climatisation, "
            "climatiseur, climatiseurs, pompe à chaleur"
        ),
        "media_player": (
            "télé, télévision, téléviseur, tv, radio, musique, enceinte, enceintes, chaîne hi-fi"
        ),
        "fan": "ventilateur, ventilateurs, ventilation, ventilo",
        "cover": (
            "volet, volets, store, stores, rideau, rideaux, fenêtre, fenêtres, porte, portes, portail, auvent"
        ),
        "vacuum": "aspirateur, aspirateurs, robot",
        "lawn_mower": "tondeuse, tondeuses",
        "lock": "serrure, serrures, verrou, verrous",
        "valve": "vanne, vannes, valve, valves",
        APPLIANCE: (
            "lave-vaisselle, four, frigo, réfrigérateur, lave-linge, machine à laver, sèche-linge, cafetière, "
            "machine à café, bouilloire, grille-pain, micro-ondes, imprimante, ordinateur, caméra, caméras, "
            "alarme, chaudière, pompe, sauna"
        ),
    },
    "it": {
        "light": "luce, luci, lampada, lampade, lampadina, lampadine, illuminazione, lampadario",
        "climate": (
            "riscaldamento, riscaldamenti, termosifone, termosifoni, radiatore, radiatori, termostato, "
            "termostati, condizionatore, condizionatori, climatizzatore, climatizzatori, aria condizionata, "
            "stufa, clima"
        ),
        "media_player": (
            "tv, televisione, televisore, televisori, radio, musica, stereo, altoparlante, altoparlanti, casse"
        ),
        "fan": "ventilatore, ventilatori, ventola, ventole, condizionatore, condizionatori",
        "cover": (
            "tapparella, tapparelle, tenda, tende, persiana, persiane, veneziana, veneziane, finestra, "
            "finestre, porta, porte, cancello, serranda, serrande"
        ),
        "vacuum": "aspirapolvere, robot",
        "lawn_mower": "tagliaerba, tosaerba, rasaerba",
        "lock": "serratura, serrature",
        "valve": "valvola, valvole",
        APPLIANCE: (
            "lavastoviglie, forno, frigo, frigorifero, lavatrice, asciugatrice, macchina del caffè, bollitore, "
            "tostapane, microonde, stampante, computer, telecamera, telecamere, allarme, caldaia, pompa, sauna"
        ),
    },
    "nl": {
        "light": "*licht, *lichten, *lamp, *lampen, *verlichting, *lampje, *lampjes",
        "climate": (
            "*verwarming, *verwarmingen, *kachel, *radiator, *radiatoren, *thermostaat, *thermostaten, cv, "
            "airco, *airco, *airconditioning, *warmtepomp"
        ),
        "media_player": (
            "tv, *televisie, *televisies, *radio, *muziek, *speaker, *speakers, *luidspreker, *luidsprekers"
        ),
        "fan": "*ventilator, *ventilatoren, *ventilatie",
        "cover": (
            "*gordijn, *gordijnen, *rolluik, *rolluiken, *jaloezie, *jaloezieën, *luik, *luiken, *zonwering, "
            "*zonnescherm, raam, ramen, dakraam, dakramen, *deur, *deuren, *poort, *poorten"
        ),
        "vacuum": "*stofzuiger, *stofzuigers, *robot",
        "lawn_mower": "*grasmaaier, *maaier",
        "lock": "slot, sloten",
        "valve": "*klep, *kleppen, *kraan, *kranen",
        APPLIANCE: (
            "*vaatwasser, *afwasmachine, oven, *fornuis, *koelkast, *vriezer, *wasmachine, *droger, "
            "*koffiemachine, *koffiezetapparaat, *waterkoker, *broodrooster, *magnetron, *printer, *computer, "
            "*camera, *alarm, *boiler, *pomp, *sauna"
        ),
    },
    "hi": {
        "light": "लाइट, लाइटें, लाइट्स, बत्ती, बत्तियां, बत्तियाँ, लैंप, लैम्प, बल्ब, रोशनी, दीपक",
        "climate": "हीटर, हीटिंग, एसी, ए.सी., एयर कंडीशनर, एयरकंडीशनर, थर्मोस्टेट, कूलर, रेडिएटर",
        "media_player": (
            "टीवी, टी.वी., टेलीविजन, टेलीविज़न, रेडियो, संगीत, म्यूजिक, म्यूज़िक, गाना, गाने, स्पीकर"
        ),
        "fan": "पंखा, पंखे, पंखों, फैन",
        "cover": (
            "पर्दा, पर्दे, परदा, परदे, खिड़की, खिड़कियां, खिड़कियाँ, दरवाजा, दरवाज़ा, दरवाजे, दरवाज़े, शटर, "
            "गेट, ब्लाइंड"
        ),
        "vacuum": "वैक्यूम, वैक्यूम क्लीनर, रोबोट",
        "lawn_mower": "घास काटने की मशीन, लॉन मोवर",
        "lock": "ताला, ताले, लॉक",
        "valve": "वाल्व",
        APPLIANCE: (
            "ओवन, फ्रिज, रेफ्रिजरेटर, वॉशिंग मशीन, वाशिंग मशीन, केतली, टोस्टर, माइक्रोवेव, प्रिंटर, कंप्यूटर, "
            "कैमरा, कैमरे, अलार्म, गीजर, गीज़र, पंप, डिशवॉशर, कॉफी मशीन, कॉफ़ी मशीन"
        ),
    },
    "th": {
        "light": "ไฟ, หลอดไฟ, โคมไฟ, ดวงไฟ, แสง",
        "climate": (
            "ฮีตเตอร์, ฮีทเตอร์, เครื่องทำความร้อน, แอร์, เครื่องปรับอากาศ, เทอร์โมสแตท, เทอร์โมสตัท, ความร้อน"
        ),
        "media_player": "ทีวี, โทรทัศน์, วิทยุ, เพลง, ลำโพง, ดนตรี",
        "fan": "พัดลม",
        "cover": "ม่าน, มู่ลี่, บานเกล็ด, หน้าต่าง, ประตู, กันสาด, บังตา",
        "vacuum": "เครื่องดูดฝุ่น, หุ่นยนต์",
        "lawn_mower": "เครื่องตัดหญ้า",
        "lock": "ล็อก, ล็อค, กุญแจ",
        "valve": "วาล์ว, ก๊อกน้ำ",
        APPLIANCE: (
            "เครื่องล้างจาน, เตาอบ, ตู้เย็น, เครื่องซักผ้า, เครื่องอบผ้า, เครื่องชงกาแฟ, กาต้มน้ำ, ไมโครเวฟ, "
            "เครื่องพิมพ์, คอมพิวเตอร์, กล้อง, สัญญาณกันขโมย, เครื่องทำน้ำอุ่น, ปั๊มน้ำ, เตา"
        ),
    },
}
"""Words for kinds of devices by language; `*` stands for the beginning of a compound, or for none."""
NO_BLANKS = ("th",)
"""Languages that write no blanks between words."""


def kinds_said(language: str, text: str, taken: Iterable[Sequence[int]] = ()) -> set[str]:
    """The kinds of devices that words of a request say.

    Args:
        language: One of eight languages; for others nothing is known.
        text: The request.
        taken: Half-open ranges whose words do not count: names, values.

    Returns:
        Domains of Home Assistant, and `APPLIANCE`.
    """
    if language not in _WORDS:
        return set()
    left = text
    for start, end in taken:
        left = f"{left[:start]}{' ' * (end - start)}{left[end:]}"
    pattern, kinds = _pattern(language)
    found = pattern.finditer(_compared(left, language))
    return {kind for match in found for kind in kinds[match.lastindex or 0]}


def _compared(text: str, language: str) -> str:
    """What texts and words are compared by."""
    return text if language in NO_BLANKS else key_of_name(text)


@functools.cache
def _pattern(language: str) -> tuple[re.Pattern[str], dict[int, set[str]]]:
    """The words of a language, the longest first, each in a group, and the kinds that each group says."""
    kinds_of: dict[str, set[str]] = {}
    for kind, words in _WORDS[language].items():
        for word in words.split(","):
            kinds_of.setdefault(word.strip(), set()).add(kind)
    written, kinds = [], {}
    for group, word in enumerate(sorted(kinds_of, key=len, reverse=True), start=1):
        name = re.escape(_compared(word.removeprefix("*"), language))
        beginning = r"[^\W\d_]*" if word.startswith("*") else ""
        written.append(f"({beginning}{name})")
        kinds[group] = kinds_of[word]
    words = "|".join(written)
    return re.compile(words if language in NO_BLANKS else rf"(?<!\S)(?:{words})(?!\S)"), kinds
