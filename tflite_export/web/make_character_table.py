"""Writes `src/character_table.js`, the classes and lower-case forms that Python reads, for a browser.

    python tflite_export/web/make_character_table.py

A test compares it with `pqrnn_tf/runtime/unicode_v1.json`.
"""

from __future__ import annotations

import json
import pathlib

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime import unicode_table

PATH = pathlib.Path(__file__).parent / "src/character_table.js"
TABLE = pathlib.Path(unicode_table.__file__).with_name("unicode_v1.json")

TEMPLATE = """\
/**
 * The table of `pqrnn_tf/runtime/unicode_table.py`. Written by make_character_table.py; not to be edited.
 *
 * @type {{classes: number[][], lower: number[][]}}
 */
export const CHARACTER_TABLE = JSON.parse(
  '%s',
);
"""


def source() -> str:
    """The whole module; a string of JSON, which browsers read faster than source text."""
    content = json.loads(TABLE.read_bytes())
    kept = {name: content[name] for name in ("classes", "lower")}
    return TEMPLATE % json.dumps(kept, separators=(",", ":"))


if __name__ == "__main__":
    write_bytes(PATH, source().encode())
