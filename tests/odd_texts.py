"""Texts as no corpus has them, for parsers in other languages: whatever Unicode holds, between words of requests."""

from __future__ import annotations

from collections.abc import Iterator

from pqrnn_tf.runtime.spec import SplitMix64

# fmt: off
WORDS = [
    "wake", "me", "up", "at", "7am", "tomorrow", "remind", "play", "some", "jazz", "call", "mom's", "phone", "in",
    "the", "kitchen", "please", "12:30", "7", "set", "alarm",
]
# One half of a surrogate pair: of two, one behind the other, JSON makes a character.
ODD = [
    "İstanbul", "ıSPARTA", "Straße", "ΣΊΣΥΦΟΣ", "ΟΔΟΣ-ΟΔΟΣ", "ǅ", "ẞ", "ſ", "ﬁne", "ŉ", "ΐ", "K", "Ω", "Å",
    "ＦＵＬＬ", "７ｐｍ", "e\u0301te\u0301", "a\u0327\u0301", "a\u0301\u0327", "\u0301a", "\u0344", "\u0300" * 20,
    "क़लम", "क\u093cलम", "नमस्ते", "७", "สวัสดีชาวโลก", "ไปตลาด", "你好世界", "東京タワー", "か\u3099", "ｶﾞ",
    "가나다", "\u1100\u1161\u11a8", "ㄱㅏ", "\u115f", "\u3164", "مُحَمَّد", "١٢pm", "שּׁ", "\u0f71\u0f72", "\u0f73",
    "👨\u200d👩\u200d👧", "🇩🇪🇫🇷", "❤\ufe0f", "𝔧𝔞𝔷𝔷", "𠮷野", "\U0002f800", "\U0001d15e", "\U000e0061", "½", "\ud83d",
    "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u2060", "a\u200bb", "\u0000", "\u0001a", "\u007f", "\x85",
    "\u2028", "\u3000", "\u00a0", "\t\n", "\x1c", "[x]", "\\u{20}", "`x`", "“q”", "Rob’S", "Robſ's", "#tag", "$5",
    "a/b-c,d:e", "...", "?!", "__x__", "x" * 60, "7" * 40,
]
WHOLE = [
    "", " ", "\u200b", "\u0301", "a" * 3000, "🙂" * 500, "e\u0301" * 400, " " * 2000 + "wake me at 7", "7 " * 600,
]
# fmt: on


def odd_texts(count: int) -> Iterator[str]:
    """The same texts each time."""
    yield from WHOLE
    below = SplitMix64(17).below
    for _ in range(count - len(WHOLE)):
        parts = []
        for _ in range(1 + below(12)):
            pool = ODD if below(3) == 0 else WORDS
            parts.append(pool[below(len(pool))])
        yield ("", " ", " ", " ", "  ")[below(5)].join(parts)
