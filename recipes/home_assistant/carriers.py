"""What people say around a request to a house. None of it changes what is asked for.

The tables of `pqrnn_tf.datasets.making.carriers` hold what may stand around a request of any kind; here is what only a
request to a house can have, such as `now`, which would be a time elsewhere. `MEASURED` are the phrases that
`benchmarks.home_assistant` puts around development sentences; the second half of them is in no table.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example

BEFORE: Mapping[str, tuple[str, ...]] = {
    "de": (
        "kannst du", "kannst du bitte", "könntest du", "könntest du bitte", "würdest du", "würdest du bitte",
        "ich will dass du", "ich möchte dass du", "ich möchte bitte", "ich hätte gern dass du", "ich brauche",
        "mach mal", "kannst du mal", "bitte", "sei so nett und", "du sollst", "könnten sie", "können sie bitte",
        "es wäre schön wenn du", "tu mir den gefallen und", "hilf mir und", "vergiss nicht", "denk daran", "hallo haus",
        "mir wäre lieb wenn du", "was hältst du von", "du könntest", "ich habe eine bitte", "guten morgen",
        "wir brauchen", "wir hätten gern", "es ist zeit für", "kümmere dich darum dass du", "guten abend", "ach ja",
    ),
    "en": (
        "could you", "could you please", "can you", "can you please", "would you", "would you please", "will you",
        "i want you to", "i need you to", "i'd like you to", "i would like you to", "i want to", "i'd like to",
        "i would like to", "please", "you should", "let's", "hey", "would you kindly", "i want", "i'd like",
        "could you possibly", "can we", "i need", "go ahead and", "would you mind and",
    ),
    "es": (
        "puedes", "podrías", "puedes por favor", "podrías por favor", "quiero que", "me gustaría que", "necesito que",
        "quiero", "quisiera", "por favor", "anda y", "¿puedes", "haz el favor de", "me puedes", "podría usted",
    ),
    "fr": (
        "peux-tu", "tu peux", "pourrais-tu", "est-ce que tu peux", "est-ce que tu pourrais", "je veux que tu",
        "j'aimerais que tu", "je voudrais que tu", "je voudrais", "s'il te plaît", "pouvez-vous", "pourriez-vous",
        "il faut que tu", "merci de", "j'ai besoin que tu", "vas-y",
    ),
    "hi": (
        "क्या तुम", "क्या आप", "क्या आप कृपया", "मैं चाहता हूँ कि तुम", "मैं चाहती हूँ कि आप", "कृपया", "मुझे चाहिए कि",
        "ज़रा", "प्लीज़", "सुनो", "अभी", "मेरे लिए",
    ),
    "it": (
        "puoi", "potresti", "puoi per favore", "potresti per favore", "voglio che tu", "vorrei che tu", "mi puoi",
        "ho bisogno che tu", "vorrei", "per favore", "per cortesia", "dovresti", "mi faresti il favore di", "ti prego",
    ),
    "nl": (
        "kan je", "kun je", "kun je alsjeblieft", "zou je", "zou je alsjeblieft", "wil je", "wil je even",
        "ik wil dat je", "ik zou graag willen dat je", "ik wil graag", "ik heb graag dat je", "alsjeblieft", "kunt u",
        "je moet", "zou u", "doe eens",
    ),
    "th": (
        "ช่วย", "กรุณา", "ช่วยกรุณา", "อยากให้คุณ", "ฉันอยากให้คุณ", "ผมอยากให้", "คุณช่วย", "รบกวน", "รบกวนช่วย", "ขอ",
        "ขอให้", "โปรด",
    ),
}  # fmt: skip
"""Phrases before a request, by language."""

AFTER: Mapping[str, tuple[str, ...]] = {
    "de": (
        "jetzt", "sofort", "für mich", "bitte", "bitte jetzt", "gleich", "mal", "mal bitte", "danke", "jetzt bitte",
        "für uns", "schnell", "jetzt gleich", "wenn es geht", "bevor die gäste kommen", "ehe wir essen", "wichtig",
        "damit ich schlafen kann", "während ich koche", "und zwar sofort", "auf der stelle", "das wäre nett",
        "weil es spät ist", "wenn du kannst", "danach bin ich weg",
    ),
    "en": (
        "now", "right now", "for me", "for me please", "please", "for us", "immediately", "at once", "now please",
        "thanks", "for me now", "right away", "if you can", "quickly", "for me thanks", "straight away",
    ),
    "es": (
        "ahora", "ahora mismo", "para mí", "por favor", "ya", "por mí", "gracias", "enseguida", "ahora por favor",
        "para nosotros", "rápido", "de una vez",
    ),
    "fr": (
        "maintenant", "tout de suite", "pour moi", "s'il te plaît", "s'il vous plaît", "merci", "pour nous",
        "immédiatement", "vite", "dès maintenant", "pour moi s'il te plaît",
    ),
    "hi": (
        "अभी", "मेरे लिए", "प्लीज़", "कृपया", "तुरंत", "जल्दी से", "अभी के अभी", "हमारे लिए", "धन्यवाद", "जल्दी",
    ),
    "it": (
        "adesso", "ora", "subito", "per me", "per favore", "per noi", "grazie", "immediatamente", "ora per favore",
        "in fretta", "adesso per favore",
    ),
    "nl": (
        "nu", "meteen", "voor mij", "alsjeblieft", "voor ons", "direct", "even", "graag", "nu meteen", "bedankt",
        "nu alsjeblieft", "snel",
    ),
    "th": (
        "เดี๋ยวนี้", "ตอนนี้", "ให้ฉัน", "ให้ผม", "ให้หน่อย", "หน่อย", "ที", "ให้หน่อยนะ", "ครับ", "ค่ะ", "ด้วย", "นะ", "ทันที",
    ),
}  # fmt: skip
"""Phrases after a request, by language."""

MEASURED: Mapping[str, tuple[str, ...]] = {
    "de": (
        "könntest du {} für mich", "ich will dass du {} jetzt", "bitte {}", "{} bitte",
        "wärst du so freundlich und {}", "wie wäre es mit {} bevor ich gehe",
    ),
    "en": (
        "could you {} for me", "i want you to {} now", "please {}", "{} please",
        "would it be alright to {} before i leave", "my dear house {} as fast as possible",
    ),
    "es": (
        "podrías {} por favor", "quiero que {} ahora", "por favor {}", "{} por favor",
        "sería estupendo {} antes de salir", "querida casa {} lo antes posible",
    ),
    "fr": (
        "pourrais-tu {} pour moi", "je veux que tu {} maintenant", "s'il te plaît {}", "{} s'il te plaît",
        "ce serait bien de {} avant que je parte", "chère maison {} le plus vite possible",
    ),
    "hi": (
        "क्या तुम मेरे लिए {}", "मैं चाहता हूँ कि तुम {} अभी", "कृपया {}", "{} प्लीज़",
        "बहुत अच्छा होगा अगर {}", "मेरे प्यारे घर {} जितनी जल्दी हो सके",
    ),
    "it": (
        "potresti {} per me", "voglio che tu {} adesso", "per favore {}", "{} per favore",
        "sarebbe bello {} prima che io esca", "cara casa {} il prima possibile",
    ),
    "nl": (
        "zou je {} voor mij", "ik wil dat je {} nu", "alsjeblieft {}", "{} alsjeblieft",
        "het zou fijn zijn om {} voordat ik wegga", "lief huis {} zo snel mogelijk",
    ),
    "th": (
        "ช่วย{}ให้หน่อย", "ฉันอยากให้คุณ{}เดี๋ยวนี้", "กรุณา{}", "{}ด้วยครับ",
        "จะดีมากถ้า{}ก่อนฉันออกไป", "บ้านที่รัก{}ให้เร็วที่สุด",
    ),
}  # fmt: skip
"""Phrases around development sentences, by language."""
UNSEEN = 2
"""So many of `MEASURED`, the last ones, are made of phrases that no training row has."""


STRANGE = 0.3
"""Share of the phrases around a row that are any words of the language."""


def carried(
    example: Example, rng: random.Random, words: Callable[[], str] | None = None
) -> Example:
    """The row with a phrase before it, after it, or both.

    Args:
        example: A row; its `locale` is the language.
        rng: What decides.
        words: Makes some words of the language, which stand in the place of a phrase now and then; `None` for never.
    """
    language = example.locale
    phrases = phrases_of(language)
    space = "" if language == "th" else " "
    where = rng.random()

    def phrase(table: Sequence[str], own: Sequence[str], share: float) -> str:
        if words is not None and rng.random() < STRANGE:
            return words()
        return pick(rng, table if table and rng.random() < share else own)

    before = after = ""
    if where < 0.75:
        before = phrase(phrases.asks + phrases.before, BEFORE[language], 0.4) + space
    if where > 0.4:
        after = space + phrase(phrases.closers, AFTER[language], 0.3)
    end = len(example.text)
    return Rewriting.of(example).edited([(0, 0, before), (end, end, after)]).example()


def swapped(text: str, rng: random.Random) -> str:
    """The text with two neighbouring letters of one word swapped; it stays as it is where there are no two."""
    places = [
        place
        for place in range(len(text) - 1)
        if text[place].isalpha() and text[place + 1].isalpha() and text[place] != text[place + 1]
    ]
    if not places:
        return text
    place = pick(rng, places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
