"""Writes `folding_v2.json`, the table by which projection version 2 folds text; docs/projection.md says the rules.

The table is frozen, as the character table is: it was made once from Python 3.11 (Unicode 14.0.0).

    python -m pqrnn_tf.projection.make_folding_table pqrnn_tf/runtime/folding_v2.json
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping

from pqrnn_tf.files import write_bytes
from pqrnn_tf.projection.make_unicode_table import stepped_rows
from pqrnn_tf.runtime.unicode_table import MAX_CODE_POINT, SPACE, load_unicode_table

SPACE_MARK, APOSTROPHE, QUOTE, DASH = " ", "'", '"', "-"
REMOVED = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3)),
    *((0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""What Unicode calls default ignorable: nothing is seen of it."""

JOINERS = (0x200C, 0x200D)
"""Of these the two that also decide how letters are written; text of version 1 keeps them."""

SAME_CHARACTER = {
    *("<wide>", "<narrow>", "<small>", "<vertical>", "<noBreak>", "<font>"),
    *("<isolated>", "<initial>", "<medial>", "<final>"),
}
"""Compatibility forms that are the same character in another width, font or place of the word."""

ALIKE: dict[str, str] = {
    APOSTROPHE: "`´ʹʻʼʽ՚׳‘’‚‛′‵‹›❛❜",
    QUOTE: "ʺˮ״«»“”„‟″‶❝❞⹂「」『』〝〞〟🙶🙷🙸",
    DASH: "˗⁃−",
    ".": "։۔।။።។․。٫",
    ",": "՝،၊፣、٬",
    ";": "؛፤",
    ":": "∶",
    "?": "՞؟፧",
    "!": "՜",
    "%": "٪",
    "/": "⁄∕",
    "~": "〜",
}
"""Characters that one writes for another one, beside all dashes, spaces and digits."""

NO_DASHES = "〜〰゠"
"""Of the general category of dashes, but waves and an equals sign."""


def _points(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {point for first, last in ranges for point in range(first, last + 1)}


def _scalar_values() -> Iterable[int]:
    return (point for point in range(MAX_CODE_POINT + 1) if not 0xD800 <= point < 0xE000)


def _is_hangul(point: int) -> bool:
    return 0xAC00 <= point < 0xD7A4


def _canonical(point: int) -> list[int]:
    """The canonical decomposition of a code point in one step; itself where it has none."""
    decomposition = unicodedata.decomposition(chr(point))
    if not decomposition or decomposition.startswith("<"):
        return [point]
    return [int(part, 16) for part in decomposition.split()]


def _singletons() -> dict[int, int]:
    """Characters that are canonically another single one (U+212B is Å), with the last of the chain."""
    found = {}
    for point in _scalar_values():
        target = point
        while len(parts := _canonical(target)) == 1 and parts[0] != target:
            target = parts[0]
        if target != point:
            found[point] = target
    return found


def _written_for(point: int) -> str | None:
    """The character that this one is a form of, by the rules of docs/projection.md."""
    character = chr(point)
    category = unicodedata.category(character)
    if load_unicode_table().character_class(point) == SPACE:
        return SPACE_MARK
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" and character not in NO_DASHES:
        return DASH
    for target, forms in ALIKE.items():
        if character in forms:
            return target
    tag, *parts = unicodedata.decomposition(character).split() or [""]
    if tag in SAME_CHARACTER and len(parts) == 1:
        return chr(int(parts[0], 16))
    return None


def _mapped(singletons: Mapping[int, int], removed: set[int]) -> dict[int, int]:
    """What each folded character becomes in the end."""
    found = {}
    for point in _scalar_values():
        if point in removed:
            continue
        target = singletons.get(point, point)
        while (form := _written_for(target)) is not None and ord(form) != target:
            target = singletons.get(ord(form), ord(form))
        if target != singletons.get(point, point):
            found[point] = target
    return found


def _combining() -> list[list[int]]:
    rows: list[list[int]] = []
    for point in _scalar_values():
        kind = unicodedata.combining(chr(point))
        if kind and rows and rows[-1][1] == point - 1 and rows[-1][2] == kind:
            rows[-1][1] = point
        elif kind:
            rows.append([point, point, kind])
    return rows


def _check(
    removed: set[int],
    mapped: Mapping[int, int],
    singletons: Mapping[int, int],
    pairs: Iterable[list[int]],
) -> None:
    """Nothing that folding writes is folded again, which makes it idempotent.

    Raises:
        ValueError: if a rule breaks that.
    """
    folded = removed | set(mapped) | set(singletons)
    written = set(mapped.values()) | {point for row in pairs for point in row}
    written |= {target for point, target in singletons.items() if point not in mapped}
    if again := sorted(written & folded):
        raise ValueError(f"these are written and folded again: {[hex(point) for point in again]}")


def build_table() -> dict[str, object]:
    """The table; docs/projection.md says what its rows mean."""
    removed = _points(REMOVED)
    singletons = _singletons()
    mapped = _mapped(singletons, removed)
    compositions: list[list[int]] = []
    decompositions: list[list[int]] = []
    for point in _scalar_values():
        parts = _canonical(point)
        if len(parts) == 2 and not _is_hangul(point):
            together = unicodedata.normalize("NFC", chr(point)) == chr(point)
            (compositions if together else decompositions).append([point, *parts])
    _check(removed, mapped, singletons, compositions + decompositions)
    return {
        "version": 2,
        "unicode": unicodedata.unidata_version,
        "removed": [list(row) for row in REMOVED],
        "joiners": list(JOINERS),
        "mapped": stepped_rows(mapped),
        "singletons": stepped_rows(singletons),
        "compositions": compositions,
        "decompositions": decompositions,
        "combining": _combining(),
    }


def main(path: str) -> None:
    """Writes the table to `path`."""
    if unicodedata.unidata_version != "14.0.0":
        raise SystemExit(
            f"version 2 of folding is made from Unicode 14.0.0, this Python has "
            f"{unicodedata.unidata_version}: use Python 3.11"
        )
    lines = [
        f'"{key}": {json.dumps(value, separators=(",", ":"))}'
        for key, value in build_table().items()
    ]
    write_bytes(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8"))


if __name__ == "__main__":
    main(sys.argv[1])
