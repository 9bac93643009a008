"""Writes `unicode_v1.json`, the character table of projection version 1.

The table is frozen: it was made once from Python 3.11 (Unicode 14.0.0) and later Unicode versions do not
change it, because a trained model keeps its meaning only as long as its features do.

    python -m pqrnn_tf.projection.make_unicode_table pqrnn_tf/runtime/unicode_v1.json
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.unicode_table import (
    ALONE,
    CLASS_NAMES,
    DIGIT,
    LETTER,
    MARK,
    PUNCTUATION,
    SPACE,
)

LIMIT = 0x110000
ALONE_NAMES: tuple[str, ...] = (
    "THAI ",
    "LAO ",
    "KHMER ",
    "MYANMAR ",
    "CJK ",
    "HIRAGANA ",
    "KATAKANA ",
    "KATAKANA-",
)
ALONE_NAMES += tuple("HALFWIDTH " + name for name in ALONE_NAMES)
ALONE_EXTRA = {0x3005, 0x3006, 0x3007, 0x303B, 0x303C}  # iteration and closing marks, zero
SPACE_EXTRA = {0x200B, 0xFEFF, 0x2028, 0x2029}  # zero-width space, byte order mark, separators


def character_class(code_point: int) -> int:
    """The class of one code point, by the rules of docs/projection.md."""
    if 0x20000 <= code_point < 0x40000:
        return ALONE  # the planes of Han ideographs, assigned or not
    if 0xE0000 <= code_point < 0xE1000:
        return MARK  # tags and variation selectors
    if code_point >= 0x40000:
        return LETTER
    if 0xD800 <= code_point < 0xE000:
        return PUNCTUATION  # never looked up: a surrogate is read as U+FFFD, which is a symbol
    character = chr(code_point)
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Cc") or code_point in SPACE_EXTRA:
        return SPACE
    if category[0] == "M" or category == "Cf":
        return MARK
    if category in ("Nd", "No"):
        return DIGIT
    if category[0] in "PS":
        return PUNCTUATION
    name = unicodedata.name(character, "")
    if code_point in ALONE_EXTRA or name.startswith(ALONE_NAMES):
        return ALONE
    return LETTER


def lower_case(code_point: int) -> int:
    """Simple (one to one) lower-casing."""
    if code_point == 0x130:  # capital I with dot: the simple mapping is a plain i
        return 0x69
    lower = chr(code_point).lower() if not 0xD800 <= code_point < 0xE000 else ""
    return ord(lower) if len(lower) == 1 else code_point


def stepped_rows(mapping: Mapping[int, int]) -> list[list[int]]:
    """A mapping as rows `[first, last, step, delta]`: each `step`-th from `first` to `last` gets `delta` added."""
    rows: list[list[int]] = []
    for point, target in sorted(mapping.items()):
        delta = target - point
        for step in (1, 2):
            last = rows[-1] if rows else [0, -9, 0, 0]
            same = last[3] == delta and point - last[1] == step
            if same and (last[0] == last[1] or last[2] == step):
                last[1], last[2] = point, step
                break
        else:
            rows.append([point, point, 1, delta])
    return rows


def build_table() -> dict[str, object]:
    """The table as ranges: classes `[first, last, class]`, lower-casing `[first, last, step, delta]`."""
    classes: list[list[int]] = []
    for code_point in range(LIMIT):
        kind = character_class(code_point)
        if classes and classes[-1][2] == kind:
            classes[-1][1] = code_point
        else:
            classes.append([code_point, code_point, kind])
    lowered = {point: lower_case(point) for point in range(LIMIT)}
    return {
        "version": 1,
        "unicode": unicodedata.unidata_version,
        "class_names": CLASS_NAMES,
        "classes": classes,
        "lower": stepped_rows(
            {point: target for point, target in lowered.items() if point != target}
        ),
    }


def main(path: str) -> None:
    """Writes the table to `path`."""
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(
            f"version 1 of the table is made from Unicode 14.0.0, this Python has "
            f"{unicodedata.unidata_version}: use Python 3.11"
        )
    table = build_table()
    lines = [f'"{key}": {json.dumps(value)}' for key, value in table.items()]
    write_bytes(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1])
