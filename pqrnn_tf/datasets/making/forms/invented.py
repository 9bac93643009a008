"""Words and names that nobody has heard, and random strings, in many scripts."""

from __future__ import annotations

import random
import unicodedata

from pqrnn_tf.datasets.making.chance import number, pick

_ONSETS = (
    *"bcdfghjklmnprstvwxyz", "br", "bl", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "kl", "kr", "ph", "pl", "pr",
    "qu", "sch", "sh", "sk", "sl", "sm", "sn", "sp", "st", "str", "sw", "th", "tr", "tw", "vl", "wh", "zw", "", "",
)  # fmt: skip
_NUCLEI = (
    *"aaaeeeiioou",
    "ai",
    "au",
    "ea",
    "ee",
    "ei",
    "ie",
    "io",
    "oa",
    "oo",
    "ou",
    "y",
    "ue",
    "uu",
)
_CODAS = (
    "", "", "", "", *"bdgklmnprstxz", "ck", "ct", "ff", "ft", "ld", "ll", "lp", "lt", "mp", "nd", "ng", "nk", "nt",
    "rd", "rk", "rm", "rn", "rp", "rt", "sh", "sk", "ss", "st", "th", "tt", "x", "zz",
)  # fmt: skip
_ACCENTED = {
    "de": str.maketrans("aou", "äöü"),
    "es": str.maketrans("aeioun", "áéíóúñ"),
    "fr": str.maketrans("aeiouc", "âéîôûç"),
}
_HINDI_CONSONANTS = "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह"
_HINDI_SIGNS = ("", "", "ा", "ि", "ी", "ु", "ू", "े", "ै", "ो", "ौ", "ं")
_THAI_CONSONANTS = "กขคงจชซดตทนบปพฟมยรลวสหอ"
_THAI_VOWELS = ("า", "ี", "ู", "ิ", "ะ", "ุ", "ัน", "าน", "อง", "ิน", "ูน", "าม", "ัก", "ือ", "ำ")
_THAI_BEFORE = ("", "", "", "เ", "แ", "โ", "ไ")

SCRIPTS = (
    (0x0430, 0x044F),  # Cyrillic
    (0x03B1, 0x03C9),  # Greek
    (0x05D0, 0x05EA),  # Hebrew
    (0x0627, 0x063A),  # Arabic
    (0x0561, 0x0586),  # Armenian
    (0x10D0, 0x10F0),  # Georgian
    (0x0915, 0x0939),  # Devanagari
    (0x0995, 0x09B9),  # Bengali
    (0x0B95, 0x0BB9),  # Tamil
    (0x0E01, 0x0E2E),  # Thai
    (0x1200, 0x1248),  # Ethiopic
    (0x1780, 0x17A2),  # Khmer
    (0x3041, 0x3096),  # Hiragana
    (0x30A1, 0x30FA),  # Katakana
    (0x4E00, 0x9FFF),  # Han
    (0xAC00, 0xD7A3),  # Hangul
    (0x00E0, 0x00FF),  # Latin with marks
    (0x0100, 0x017F),
)
SYMBOLS = (
    (0x0021, 0x002F),  # ASCII punctuation
    (0x003A, 0x0040),
    (0x005B, 0x0060),
    (0x007B, 0x007E),
    (0x00A1, 0x00BF),  # Latin signs
    (0x2010, 0x2027),  # punctuation
    (0x2030, 0x205E),
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2300, 0x23FF),  # technical
    (0x2500, 0x25FF),  # lines, blocks, shapes
    (0x3001, 0x3020),  # CJK punctuation
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def invented_word(rng: random.Random, language: str) -> str:
    """A word in lower case that can be spoken, in the script of the language."""
    if language == "hi":
        return "".join(
            pick(rng, _HINDI_CONSONANTS) + pick(rng, _HINDI_SIGNS) for _ in range(number(rng, 2, 4))
        )
    if language == "th":
        return "".join(
            pick(rng, _THAI_BEFORE) + pick(rng, _THAI_CONSONANTS) + pick(rng, _THAI_VOWELS)
            for _ in range(number(rng, 2, 3))
        )
    word = "".join(
        pick(rng, _ONSETS) + pick(rng, _NUCLEI) for _ in range(pick(rng, (1, 1, 2, 2, 2, 3)))
    )
    word += pick(rng, _CODAS)
    if len(word) < 3:
        word += pick(rng, ("k", "m", "x")) + pick(rng, "aeo")
    if language in _ACCENTED and rng.random() < 0.2:
        word = word.translate(_ACCENTED[language])
    return word


def invented_name(rng: random.Random, language: str, *, capital: bool) -> str:
    """A name of one word, seldom of two."""
    words = [invented_word(rng, language) for _ in range(2 if rng.random() < 0.15 else 1)]
    return " ".join(capitalised(word) if capital else word for word in words)


def capitalised(word: str) -> str:
    """The word with a capital at the start, where its script has any."""
    first = word[:1].upper()
    return first + word[1:] if len(first) == 1 else word


def random_letters(rng: random.Random) -> str:
    """Letters that nobody can speak: of a keyboard row, of the alphabet, with digits."""
    kind = rng.random()
    if kind < 0.3:
        row = pick(rng, _ROWS)
        start = int(rng.random() * (len(row) - 3))
        return row[start : start + number(rng, 3, 7)]
    if kind < 0.75:
        return "".join(pick(rng, _LETTERS) for _ in range(number(rng, 2, 9)))
    if kind < 0.85:
        return pick(rng, _LETTERS) * number(rng, 3, 8)
    return "".join(pick(rng, _LETTERS + "0123456789") for _ in range(number(rng, 4, 9))) + pick(
        rng, _LETTERS
    )


def random_script(rng: random.Random, words: int = 1) -> str:
    """Words in the letters of one script, any out of many."""
    first, last = pick(rng, SCRIPTS)
    return " ".join(
        "".join(chr(number(rng, first, last)) for _ in range(number(rng, 1, 8)))
        for _ in range(words)
    )


def random_symbols(rng: random.Random) -> str:
    """One sign a few times, or several signs of a block."""
    first, last = pick(rng, SYMBOLS)
    if rng.random() < 0.5:
        return _sign(rng, first, last) * number(rng, 1, 4)
    return "".join(_sign(rng, first, last) for _ in range(number(rng, 1, 4)))


def _sign(rng: random.Random, first: int, last: int) -> str:
    """A sign of a block; one of its letters and numbers (`½`) gives way to the first sign."""
    drawn = chr(number(rng, first, last))
    return chr(first) if unicodedata.category(drawn)[0] in "LN" else drawn
