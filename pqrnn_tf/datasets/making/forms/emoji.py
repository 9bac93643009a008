"""Emoji and emoticons before, after and between the words of a request; none belongs to a slot.

Emoji are drawn from whole blocks of Unicode, not from a list, so that no model can know each of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.places import gaps, tail_start
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.runtime.unicode_table import DIGIT, LETTER, MARK, load_unicode_table

BLOCKS = (
    (0x1F600, 0x1F64F),  # faces
    (0x1F600, 0x1F64F),
    (0x1F300, 0x1F5FF),  # weather, food, celebration, animals, objects
    (0x1F300, 0x1F5FF),
    (0x1F680, 0x1F6FC),  # transport
    (0x1F900, 0x1F9FF),  # more faces, hands, animals
    (0x1FA70, 0x1FAFF),  # the newest ones
    (0x2600, 0x26FF),  # suns, stars, signs
    (0x2700, 0x27BF),  # hearts, ticks
    (0x1F7E0, 0x1F7EB),  # coloured circles and squares
    (0x2B50, 0x2B55),
)
SKIN_TONES = (0x1F3FB, 0x1F3FF)
PEOPLE = "👨👩🧑👦👧👶👴👵🧔👮👷💂🕵🧙🧚🧛🧜🧝🏃🚶🧘🏊🏄🚴🤷🤦🙋🙅🙆💁🙇"
HANDS = "👍👎👋👌👏🙌🙏💪✌🤞🤟🤘👊✊👆👇👈👉☝✋🖐🖖🤙👐🤲✍🤝🫶🫡"
PROFESSIONS = "🎤🎨🏫🏭💻💼🔧🔬🚀🚒🌾🍳🎓⚖✈⚕🦰🦱🦳🦲🦯"
SIGNS = "♂♀⚧"
KEYCAPS = "0123456789#*"
EMOTICONS = (
    ":)", ":-)", ":D", ":-D", ";)", ";-)", ":(", ":-(", ":P", ":p", ":-P", "xD", "XD", ":o", ":O", ":/", ":-/", ":|",
    "<3", "</3", ":')", ":'(", "^^", "^_^", "-_-", "o_o", "O_o", ">_<", "T_T", ":3", "=)", "=D", ":]", "(:",
    "\\o/", "¯\\_(ツ)_/¯", "(╯°□°)╯", "ಠ_ಠ", "(^_^)", "(*_*)", "uwu", ":*", ":-*", "D:", "(y)", "♥", "☺", "☮", "★",
)  # fmt: skip
JOINER, VARIATION = "\u200d", "\ufe0f"

_VARIATION_SHARE = 0.3
_TOUCHING = 0.25


def random_emoji(rng: random.Random) -> str:
    """Any emoji of the blocks, now and then with a variation selector."""
    first, last = pick(rng, BLOCKS)
    character = chr(number(rng, first, last))
    return character + VARIATION if ord(character) < 0x1F000 or rng.random() < 0.05 else character


def joined_emoji(rng: random.Random) -> str:
    """Several people, or a person and what they do, held together by joiners."""
    kind = rng.random()
    if kind < 0.4:
        return JOINER.join(pick(rng, PEOPLE[:8]) for _ in range(number(rng, 2, 4)))
    person = pick(rng, PEOPLE) + (_skin_tone(rng) if rng.random() < 0.5 else "")
    if kind < 0.7:
        return (
            person + JOINER + pick(rng, PROFESSIONS) + VARIATION * (rng.random() < _VARIATION_SHARE)
        )
    if kind < 0.9:
        return person + JOINER + pick(rng, SIGNS) + VARIATION
    return random_emoji(rng) + JOINER + random_emoji(rng)


def _skin_tone(rng: random.Random) -> str:
    return chr(number(rng, *SKIN_TONES))


def skin_tone_emoji(rng: random.Random) -> str:
    """A hand or a person with a colour of skin."""
    return pick(rng, HANDS + PEOPLE) + _skin_tone(rng)


def flag(rng: random.Random) -> str:
    """Two regional letters, or now and then the flag of a part of a country."""
    if rng.random() < 0.1:
        tags = "".join(chr(0xE0061 + int(rng.random() * 26)) for _ in range(5))
        return "\U0001f3f4" + tags + "\U000e007f"
    return "".join(chr(0x1F1E6 + int(rng.random() * 26)) for _ in range(2))


def keycap(rng: random.Random) -> str:
    """A digit in a key."""
    return pick(rng, KEYCAPS) + VARIATION + "\u20e3"


def emoticon(rng: random.Random) -> str:
    """Such as `:-)`."""
    return pick(rng, EMOTICONS)


def several_emoji(rng: random.Random) -> str:
    """Two to five emoji, the same or others, with or without space."""
    count, between = number(rng, 2, 5), " " if rng.random() < 0.15 else ""
    if rng.random() < 0.5:
        return between.join([random_emoji(rng)] * count)
    return between.join(any_emoji(rng) for _ in range(count))


def any_emoji(rng: random.Random) -> str:
    """One emoji of any kind but keycaps."""
    kind = rng.random()
    if kind < 0.7:
        return random_emoji(rng)
    return (joined_emoji, skin_tone_emoji, flag)[int(rng.random() * 3)](rng)


def _is_sign(character: str) -> bool:
    """Whether a character is apart from the word it touches, for people and a projection.

    A colour of skin is a mark on what stands before it, and what is too new is a letter for a projection.
    """
    if SKIN_TONES[0] <= ord(character) <= SKIN_TONES[1]:
        return False
    return load_unicode_table().character_class(ord(character)) not in (LETTER, MARK, DIGIT)


def _has_digit(drawn: str) -> bool:
    """Whether there is a digit in something, such as `:3`, which behind `7` would be another number."""
    return any(character.isdigit() for character in drawn)


Drawn = Callable[[random.Random], str]
Writer = Callable[[Rewriting, random.Random, str], Rewriting]


def emoji_after(draw: Drawn) -> Writer:
    """A form with an emoji behind the request, before or behind its final mark."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        end = len(rewriting.text.rstrip())
        place = tail_start(rewriting) if rng.random() < 0.2 else end
        drawn, touching = draw(rng), rng.random() < _TOUCHING
        number_grows = rewriting.text[place - 1 : place].isdigit() and _has_digit(drawn)
        space = "" if touching and _is_sign(drawn[0]) and not number_grows else " "
        return rewriting.edited([(place, place, space + drawn)])

    return write


def emoji_before(draw: Drawn) -> Writer:
    """A form with an emoji before the request."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        drawn, touching = draw(rng), rng.random() < _TOUCHING
        space = "" if touching and _is_sign(drawn[-1]) else " "
        return rewriting.edited([(0, 0, drawn + space)])

    return write


def emoji_between(draw: Drawn) -> Writer:
    """A form with an emoji between two words, never inside a slot."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        places = gaps(rewriting)
        if not places:
            return rewriting
        start, _ = pick(rng, places)
        return rewriting.edited([(start, start, " " + draw(rng))])

    return write
