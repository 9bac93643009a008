"""Writes `folding_v2.json`: texts with what folding makes of them, for every implementation of it.

    python tests/golden/make_folding_golden.py

Deterministic. Each case has `version` (1 or 2), `text`, `folded`, and for each code point of `folded` the half-open
range of code points of `text` that it was made from, `starts` and `ends`. A file that changes is a bug.
"""

from __future__ import annotations

import json
import pathlib
import unicodedata
from collections.abc import Iterator
from typing import Any

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.folding import fold_code_points
from pqrnn_tf.runtime.spec import SplitMix64

PATH = pathlib.Path(__file__).with_name("folding_v2.json")
TEXTS = (
    "",
    "wake me at 7pm",
    "wake me at 7pm\u200e",
    "w\u200bake\ufeff me\u00ad at\u2060 7\u200dpm",
    "ｗａｋｅ　ｍｅ　ａｔ　７ｐｍ！",
    "𝘄𝗮𝗸𝗲 𝓶𝓮 𝔞𝔱 𝟩𝚙𝚖",
    "play “thriller” by ‘jackson’ – don’t – don´t – don`t",
    "«Stille Nacht» ‹leise› „laut“ 5′ 7″ 「曲」『本』",
    "one—two–three‐four‑five−six",
    "a\u00a0b\u2003c\td\r\ne\u2028f\x00g",
    "Añade cinco minutos al temporizador",
    "An\u0303ade cinco minutos al temporizador",
    "Stell den Ku\u0308chenwecker auf fu\u0308nf",
    "e\u200d\u0301 a\u0323\u0302 a\u0302\u0323 \u0302\u0323 \u0958 \u0344 \u212b \u2126 \uf900",
    "각 \u1100\u1161\u11a8 \u1100\u1161 \uac00\u11a8 \u1100\u200b\u1161\u11a8 \u11a8\u1161",
    "は\u3099 ｶﾞ ﾊﾟ ﾊﾊﾞ。、「」 10〜12 １０～１２",
    "ตั้งนาฬิกาปลุก๗โมงเช้า กำ นํา",
    "मुझे सुबह ७ बजे जगाओ। क\u093c \u0958 र्\u200dय क्\u200cष",
    "اضبط المنبه ٧:٣٠، ٣٫٥ ٪؟ می\u200cخواهم ﻻ ﺳﻼﻡ",
    "🎉 👨\u200d👩\u200d👧 ❤\ufe0f 🇩🇪 🏴\U000e0067\U000e0062\U000e007f 7\ufe0f\u20e3 👍🏽",
    "ő̈ ǖ ǘ u\u0308\u0301 u\u0301\u0308 q\u0307\u0323 q\u0323\u0307",
    "א\u05bcל\u05bcף צה״ל ג׳ בית־ספר",
    "\u200b\u200b\u200b",
    "\u0301 \u0301a \u200b\u0301",
    "=\u0338 ＝\u0338 <\u0338 ≠ ≮",
    "\u09c7\u09be \u09c7\u200d\u09be \u0bc6\u0bbe \u1025\u102e \U00011131\U00011127",
    "\U0001d15e \U0001d1bb\U0001d165 \U0002f800",
    "…!?.. ½ ² ﬁ ① ™ ß ſ Ω",
)
POOLS = (
    (0x20, 0x7F), (0xA0, 0x250), (0x2B0, 0x370), (0x370, 0x530), (0x5B0, 0x660), (0x900, 0xA00), (0xE00, 0xE80),
    (0x1100, 0x1200), (0x1E00, 0x2070), (0x20D0, 0x2150), (0x3000, 0x3100), (0xAC00, 0xAC80), (0xF900, 0xFB50),
    (0xFE00, 0xFFEF), (0x1D400, 0x1D460), (0x1F300, 0x1F650), (0x300, 0x330), (0x300, 0x330), (0x200B, 0x2010),
)  # fmt: skip


def texts() -> Iterator[str]:
    """The texts, and generated ones."""
    for text in TEXTS:
        yield text
        for form in ("NFC", "NFD"):
            if (other := unicodedata.normalize(form, text)) != text:
                yield other
    draw = SplitMix64(2).below
    for _ in range(150):
        points: list[int] = []
        for _ in range(1 + draw(4)):
            first, last = POOLS[draw(len(POOLS))]
            points += [first + draw(last - first) for _ in range(1 + draw(4))]
        yield "".join(map(chr, points))


def case(text: str, version: int) -> dict[str, Any]:
    """One case."""
    folded, starts, ends = fold_code_points(list(map(ord, text)), version=version)
    return {
        "version": version,
        "text": text,
        "folded": "".join(map(chr, folded)),
        "starts": starts,
        "ends": ends,
    }


def golden_text() -> str:
    """The whole file."""
    cases = [case(text, version) for text in texts() for version in (1, 2)]
    lines = [json.dumps(one, separators=(",", ":")) for one in cases]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main() -> None:
    """Writes the file beside this script."""
    write_bytes(PATH, golden_text().encode("utf-8"))


if __name__ == "__main__":
    main()
