"""Writes `projection_v1.jsonl` and `projection_v2.jsonl`: what the definition of the projection says about texts.

    python tests/golden/make_projection_golden.py

Only the plain-Python definition is asked. One JSON object a line: `text_hex` (UTF-8, not always
well formed), `spec` (differences from the default specification of version 1), `tokens` (half-open spans),
`truncated`, `features_sha256` (int8 bytes, token by token) and, where there are few, `features`
(a row of `+`, `-`, `0` for each token). A file that changes without a new projection version is a bug.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import pathlib
from collections.abc import Iterator
from typing import Any

from pqrnn_tf.files import write_bytes
from pqrnn_tf.projection.definition import project
from pqrnn_tf.runtime.spec import VERSIONS, ProjectionSpec, SplitMix64

HERE = pathlib.Path(__file__).parent
PATHS = {version: HERE / f"projection_v{version}.jsonl" for version in VERSIONS}
FEW = 240  # feature values written out

TINY = {"word_features": 8, "ngram_features": 8}
SPECS: list[dict[str, Any]] = [
    {},
    TINY,
    {**TINY, "segmentation": "spaces"},
    {**TINY, "lowercase": False},
    {"word_features": 24, "ngram_features": 0, "ngram_orders": [], "shape": False},
    {**TINY, "seed": 20261120, "ngram_orders": [1, 2, 5], "ngram_hashes": 2},
    {**TINY, "max_code_points": 12, "max_tokens": 4},
    {"word_features": 8, "ngram_features": 64, "ngram_orders": [2, 3, 4, 7, 8], "shape": False},
    {"segmentation": "spaces", "lowercase": False, "seed": 2**63 - 1},
]

WORDS = {**TINY, "segmentation": "words"}

SCRIPTS: dict[str, list[str]] = {
    "Latin": [
        "Wake me up at 7pm",
        "Écoute l'Été à NANTES, s'il te plaît!",
        "Größe ẞtraße İstanbul",
    ],
    "Greek": ["Καλημέρα ΚΌΣΜΕ", "ΟΔΟΣ Σίσυφος ΐ", "Ποια είναι η ώρα;"],
    "Cyrillic": ["Напомни Маме позвонить", "ЁЛКА ёж Ґанок", "в 19:30 завтра"],
    "Armenian": ["Բարեւ Աշխարհ", "ՀԱՅԱՍՏԱՆ հայերեն։", "և Եւ"],
    "Georgian": ["გამარჯობა მსოფლიო", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ", "დღეს, 3 საათზე"],
    "Hebrew": ["שלום עולם", "בְּרֵאשִׁית", "מה השעה?"],
    "Arabic": ["مرحبا بالعالم", "السَّلَامُ عَلَيْكُم", "الساعة ٧ مساءً؟"],
    "Syriac": ["ܫܠܡܐ", "ܫܠܵܡܵܐ ܥܠܘܟ", "ܐ܀ܒ"],
    "Thaana": ["ދިވެހި", "އައްސަލާމް ޢަލައިކުމް", "ރާއްޖެ 5"],
    "Devanagari": ["नमस्ते दुनिया", "कल सुबह ७ बजे अलार्म लगाओ", "क्‍ष हिन्दी।"],
    "Bengali": ["নমস্কার বিশ্ব", "আগামীকাল ৭টায়", "বাংলা।"],
    "Gurmukhi": ["ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "ਪੰਜਾਬੀ", "ਕੱਲ੍ਹ ੯ ਵਜੇ"],
    "Gujarati": ["નમસ્તે દુનિયા", "ગુજરાતી", "કાલે ૮ વાગ્યે"],
    "Tamil": ["வணக்கம் உலகம்", "தமிழ்", "நாளை 7 மணி"],
    "Telugu": ["నమస్కారం", "తెలుగు భాష", "రేపు ౭ గంటలకు"],
    "Kannada": ["ನಮಸ್ಕಾರ", "ಕನ್ನಡ ಭಾಷೆ", "ನಾಳೆ ೭"],
    "Malayalam": ["നമസ്കാരം", "മലയാളം", "അവൻ‌ വന്നു"],
    "Sinhala": ["ආයුබෝවන්", "ශ්‍රී ලංකා", "හෙට 7ට"],
    "Thai": ["สวัสดีชาวโลก", "ตั้งปลุก 7 โมงเช้า", "กำนั๊นฯ ๕๕๕"],
    "Lao": ["ສະບາຍດີ", "ພາສາລາວ 9", "ຂ້ອຍຮັກ ເຈົ້າ"],
    "Khmer": ["សួស្តី", "ភាសាខ្មែរ ១២", "ម៉ោង ៧។"],
    "Myanmar": ["မင်္ဂလာပါ", "မြန်မာဘာသာ", "၇ နာရီ။"],
    "Tibetan": ["བཀྲ་ཤིས་བདེ་ལེགས", "བོད་སྐད། ", "༣ བོད"],
    "Ethiopic": ["ሰላም ልዑል", "አማርኛ፡ቋንቋ።", "ነገ ፯ ሰዓት"],
    "Cherokee": ["ᎣᏏᏲ", "ᏣᎳᎩ ꮳꮃꭹ", "Ꭰa"],
    "Hangul": ["안녕하세요 세계", "내일 7시에 깨워줘", "한글"],
    "Han": ["你好世界", "明天早上7点叫醒我", "𠀀𠮷 々〇"],
    "Hiragana": ["おはよう", "あしたの7じ", "がく゛"],
    "Katakana": ["コンニチハ", "ﾊﾝｶｸ ｶﾞ", "ラーメン・ー"],
    "Mongolian": ["ᠮᠣᠩᠭᠣᠯ", "ᠰᠠᠶᠢᠨ ᠪᠠᠢᠨ᠎ᠠ", "᠑᠒"],
    "Deseret": ["𐐔𐐯𐑅𐐨𐑉𐐯𐐻", "𐐀𐐁 𐐨𐐩", "𐐔!"],
    "Adlam": ["𞤀𞤣𞤤𞤢𞤥", "𞤢𞤫", "𞥐𞥑"],
    "Coptic": ["ⲘⲎⲚ ⲙⲏⲛ", "Ⲁⲃ", "ϣⲁ"],
    "Tifinagh": ["ⵜⵉⴼⵉⵏⴰⵖ", "ⵣ ⵣⵣ", "ⴰⵣⵓⵍ 1"],
}

ODD: list[str | bytes] = [
    "",
    " ",
    " \t\n\r ",
    "a",
    "\u00a0a\u2003b\u3000c\u200bd\ufeffe\u2028f",
    "7pm",
    "7 pm",
    "at 7:30pm,B4 2nite!!",
    "e-mail: a.b@c-d.org",
    "$3.50 = 3,50 €",
    "½ cup x² Ⅷ ①",
    "don't DON'T Don’t",
    "iPhone McDonald's USA uSA Usa UsA",
    "ÀÉÎ àéî ÀéÎ",
    "ǅ ǆ Ǆ",
    "STRASSE straße STRAẞE",
    "_under_score_ #hash",
    "a\u0301 e\u0301\u0323 \u0301a \u0301",  # combining marks: on a letter, after a space, alone
    "\u0301\u0302\u0303",
    "\u0301",
    "!\u0301?\u0301\u0302a",  # on punctuation
    "7\u03017 \u0e01\u0e31\u0e01 \u0e31\u0e01",  # on a digit, on a letter written alone
    "A\u0301B \u0301A",
    "\u4e2d\ufe00\u4e2d\U000e0100a",  # variation selectors
    "a\u200db\u200cc \u200d \u200d\u200da",  # joiners
    "\u202eabc\u202c \u2066x\u2069",  # direction marks
    "\U0001f600",
    "I ♥ \U0001f355\U0001f355!",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",  # family, joined by ZWJ
    "\U0001f44d\U0001f3fd\U0001f44d",  # skin tone
    "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7",  # flags
    "1\ufe0f\u20e3 #\ufe0f\u20e3 2\u20e3",  # keycaps
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # tag flag
    "☎\ufe0f ☎",
    "a\x00b",
    "\x00",
    "\x00\x00a\x00",
    "\x01a\x7fb\x85c\x9f",
    "\ufffd",
    "\ufffe\uffff\U0010ffff\U0001fffe",
    "\U000f0000\U00100000\ue000",  # private use
    "\U00040000\U000dffff\U000e1000\U000e0fff",  # planes without characters
    "\U00020000\U0003ffff\U0001ffff",
    "\u2fff\u0378\u0530",  # unassigned
    b"\xff",
    b"a\xffb",
    b"\xc3",
    b"caf\xc3 \xa9",
    b"\xc0\x80 \xc1\xbf",
    b"\xe0\x80\x80\xe0\xa4",
    b"\xed\xa0\x80",  # a lone high surrogate
    b"x\xed\xbf\xbfy \xed\xa0\xbd\xed\xb8\x80",  # a low one; a pair as two times three bytes
    b"\xf0\x90\x80",
    b"\xf0\x80\x80\x80\xf4\x90\x80\x80\xf5\x80\x80\x80",
    b"\xf4\x8f\xbf\xbf\xf4\x8f\xbf",
    b"\xf8\x88\x80\x80\x80 \xfe\xfe",
    b"\xe4\xbd\xa0\xe5\xa5",
    b"\x80\x81\x82 ok",
    b"\x00\xc3\x28\x00",
    "word " * 70,
    "x" * 255,
    "x" * 256,
    "x" * 257,
    "x" * 300,
    "a" + " " * 300,
    "a" + " " * 300 + "b",
    "a" + "\u0301" * 255,
    "a" + "\u0301" * 256,
    " " * 255 + "ab",
    " " * 255 + "a b",
    " " * 256 + "a",
    "\u0e01" * 70,
    "!" * 64,
    "!" * 65,
    "ab " * 64,
    "abab" * 60 + " abab",
]

CUTS = [
    "one two three",
    "onetwothreefour",
    "a b c d e",
    "a b c d  ",
    "12345678901 ",
    "12345678901a ",
    "12345678901 a",
    "12345678901\u0301a",
    "123456789012",
    "123456789012 ",
    "1234567890123",
    "            ",
    "            a",
    "\u4e2d" * 4,
    "\u4e2d" * 5,
    "7pm7pm7pm7pm",
    "ab cd\u0301\u0301 efghij",
]

MIXED = [
    "\u0e15\u0e31\u0e49\u0e07 \u0e1b\u0e25\u0e38\u0e01 7\u0e42\u0e21\u0e07\u0e40\u0e0a\u0e49\u0e32!",
    "Ann\u4f60\u597d7\u4e2d",
    "\u0e01\u0e01?\u0e01",
    "\u0e31\u0e01\u0e01 \u0e31",  # a mark first
    "\u0e01" * 13,
]
"""Scripts written without spaces beside others."""

FOLDED = [case["text"] for case in json.loads((HERE / "folding_v2.json").read_text("utf-8"))[1::2]]
"""Texts that folding changes, and some that it does not."""


def texts() -> Iterator[tuple[str | bytes, dict[str, Any]]]:
    """All cases, `(text, differences from the default specification)`."""
    for index, samples in enumerate(SCRIPTS.values()):
        for position, sample in enumerate(samples):
            yield sample, {}
            yield sample, SPECS[1 + (index * len(samples) + position) % (len(SPECS) - 1)]
    for index, odd in enumerate(ODD):
        yield odd, SPECS[index % len(SPECS)]
        if len(odd) < 100:
            yield odd, TINY
    for cut in CUTS:
        yield cut, SPECS[6]
        yield cut, {**SPECS[6], "segmentation": "spaces", "ngram_orders": [1, 6]}
    pools = [
        (0x20, 0x7F),
        (0x41, 0x5B),
        (0xC0, 0x250),
        (0x300, 0x370),
        (0x370, 0x530),
        (0x590, 0x700),
    ]
    pools += [(0x900, 0xE80), (0x1E00, 0x2070), (0x3040, 0x3100), (0x1F300, 0x1F650), (0, 0x110000)]
    draw = SplitMix64(1).below
    for index in range(60):
        points: list[int] = []
        for _ in range(1 + draw(5)):
            first, last = pools[draw(len(pools))]
            points += [first + draw(last - first) for _ in range(1 + draw(5))]
            points += [0x20] * draw(2)
        text = "".join(map(chr, points)).encode("utf-8", "surrogatepass")
        yield text, SPECS[index % len(SPECS)]
    for script in ("Thai", "Lao", "Khmer", "Myanmar", "Han", "Katakana", "Latin"):
        for sample in (*SCRIPTS[script], " ".join(SCRIPTS[script])):
            yield sample, WORDS
    for mixed in MIXED:
        yield mixed, WORDS
        yield mixed, {**WORDS, "max_code_points": 12, "max_tokens": 4}


def golden_line(text: str | bytes, changes: dict[str, Any]) -> str:
    """One case as a line of JSON."""
    content = text.encode("utf-8") if isinstance(text, str) else text
    spec = ProjectionSpec.from_dict({**ProjectionSpec(version=1).to_dict(), **changes})
    projected = project(content, spec)
    values = [value for row in projected.features for value in row]
    case: dict[str, Any] = {
        "text_hex": content.hex(),
        "spec": changes,
        "tokens": projected.spans,
        "truncated": projected.truncated,
        "features_sha256": hashlib.sha256(bytes(value & 0xFF for value in values)).hexdigest(),
    }
    if len(values) <= FEW:
        case["features"] = [
            "".join({0: "0", 1: "+", -1: "-"}[value] for value in row) for row in projected.features
        ]
    return json.dumps(case, separators=(",", ":"))


def folded_texts() -> Iterator[tuple[str | bytes, dict[str, Any]]]:
    """The cases of version 2: those of version 1, and texts that are folded."""
    for text, changes in itertools.chain(texts(), ((text, TINY) for text in FOLDED)):
        yield text, {**changes, "version": 2}
    for cut in (
        "a\u0301" * 7,
        "\u200b" * 20 + "one two",
        "\u1100\u1161\u11a8" * 13,
        "one\u200etwo three\u0301\u200e",
    ):
        yield cut, {**SPECS[6], "version": 2}
    yield b"\xe2\x80\x9ca\xff\xcc\x81\xe2\x80\x9d", {**TINY, "version": 2}


def golden_text(version: int) -> str:
    """The whole file of a version."""
    cases = texts() if version == 1 else folded_texts()
    return "".join(golden_line(text, changes) + "\n" for text, changes in cases)


def main() -> None:
    """Writes the files beside this script."""
    for version, path in PATHS.items():
        write_bytes(path, golden_text(version).encode("utf-8"))


if __name__ == "__main__":
    main()
