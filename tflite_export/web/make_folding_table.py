"""Writes `src/folding_table.js`, the table that Python folds by, for a browser that loads modules only.

    python tflite_export/web/make_folding_table.py

A test compares it with `pqrnn_tf/runtime/folding_v2.json`.
"""

from __future__ import annotations

import json
import pathlib

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime import folding

PATH = pathlib.Path(__file__).parent / "src/folding_table.js"
TABLE = pathlib.Path(folding.__file__).with_name("folding_v2.json")

TEMPLATE = """\
/**
 * The table of `pqrnn_tf/runtime/folding.py`. Written by make_folding_table.py; not to be edited.
 *
 * @type {{version: number, unicode: string, joiners: number[]} &
 *   Record<"removed" | "mapped" | "singletons" | "compositions" | "decompositions" | "combining", number[][]>}
 */
export const FOLDING_TABLE = JSON.parse(
  '%s',
);
"""


def source() -> str:
    """The whole module; a string of JSON, which browsers read faster than source text."""
    return TEMPLATE % json.dumps(json.loads(TABLE.read_bytes()), separators=(",", ":"))


if __name__ == "__main__":
    write_bytes(PATH, source().encode())
