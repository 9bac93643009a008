"""Writes `CharacterTable.java`: the character classes that decoding asks for, as Python 3.11 knows them.

    python tflite_export/android/make_character_table.py

Java's own classes belong to the Unicode version of the runtime (Java 11: 10, Android: that of the
phone) and would split words of trees differently from Python.
"""

from __future__ import annotations

import pathlib
import sys
import unicodedata
from collections.abc import Callable

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.unicode_table import SPACE, load_unicode_table

PATH = pathlib.Path(__file__).parent / "src/main/java/org/pqrnn/CharacterTable.java"

TEMPLATE = """\
package org.pqrnn;

/**
 * Character classes of Unicode {version}, the version that models are trained with. Written by
 * make_character_table.py; not to be edited.
 */
final class CharacterTable {{
    /** Punctuation and symbols: general categories P* and S*. */
    static final CharacterTable SYMBOLS = new CharacterTable(
{symbols});

    /** Decimal digits: general category Nd. */
    static final CharacterTable DECIMALS = new CharacterTable(
{decimals});

    /** What separates the words of a tree: Python's str.isspace. */
    static final CharacterTable WHITE_SPACE = new CharacterTable(
{white_space});

    /** What separates tokens: the class "space" of the projection, version 1. */
    static final CharacterTable TOKEN_SPACE = new CharacterTable(
{token_space});

    private final int[] first;
    private final int[] last;

    private CharacterTable(String ranges) {{
        String[] parts = ranges.split(" ");
        first = new int[parts.length];
        last = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {{
            int dash = parts[i].indexOf('-');
            first[i] = Integer.parseInt(dash < 0 ? parts[i] : parts[i].substring(0, dash), 16);
            last[i] = dash < 0 ? first[i] : Integer.parseInt(parts[i].substring(dash + 1), 16);
        }}
    }}

    /** Whether a code point belongs to the class. */
    boolean contains(int codePoint) {{
        int position = java.util.Arrays.binarySearch(first, codePoint);
        if (position >= 0) {{
            return true;
        }}
        int before = -position - 2;
        return before >= 0 && codePoint <= last[before];
    }}
}}
"""


def ranges(belongs: Callable[[str], bool]) -> str:
    """The code points of a class as a Java string literal of hexadecimal ranges."""
    found: list[list[int]] = []
    for point in range(sys.maxunicode + 1):
        if belongs(chr(point)):
            if found and found[-1][1] == point - 1:
                found[-1][1] = point
            else:
                found.append([point, point])
    parts = [f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in found]
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) < 76:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return ' "\n            + "'.join(lines).join(('            "', '"'))


def source() -> str:
    """The whole file."""
    table = load_unicode_table(1)
    return TEMPLATE.format(
        version=unicodedata.unidata_version,
        symbols=ranges(lambda character: unicodedata.category(character)[0] in "PS"),
        decimals=ranges(str.isdecimal),
        white_space=ranges(str.isspace),
        token_space=ranges(lambda character: table.character_class(ord(character)) == SPACE),
    )


if __name__ == "__main__":
    write_bytes(PATH, source().encode())
