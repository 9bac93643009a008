"""Writes what the tests on the JVM compare with: tiny models and Python's parses with them.

    python tests/tflite_export/make_jvm_golden.py            # parses by the committed models
    python tests/tflite_export/make_jvm_golden.py --train    # trains and converts them first

One model has plain slots, the other whole trees. All files lie in
`tflite_export/android/src/test/resources`. Offsets are in UTF-16 units, as in Java. Each parse has its
`margin`, by how much it is better than the best other parse (none where there is no other), and the file
the `rounding` under which another runtime or processor may say something else.
"""

from __future__ import annotations

import dataclasses
import json
import math
import pathlib
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.parser import Parser
from tests.parse_margins import ROUNDING_OF_FLOATS, parse_margin

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESOURCES = ROOT / "tflite_export" / "android" / "src" / "test" / "resources"
MODELS = {RESOURCES / "tiny.tflite": 0.0, RESOURCES / "tiny_trees.tflite": 1.0}
"""The files, and the weight of what is nested in slots that each is trained with."""

TEXTS = [
    "Wake me at 7pm",
    "set an alarm for tomorrow at 6:30 am",
    "🙂 wake me up at 7 am 🎉",
    "👨\u200d👩\u200d👧 remind me to call Rob's mum tomorrow",
    "🙂 remind me to call my sister tomorrow at 7am",
    "🎉 did Jack's neighbor text me yesterday",
    "delete the reminder about dinner with Luke 𠮷野",
    "remind me of the interview with Frank next Friday at 12 o'clock",
    "play 𝔧𝔞𝔷𝔷 and 𠮷野 music",
    "Remind Zoë to buy “crème brûlée” at 5pm!",
    "कल सुबह ७ बजे का अलार्म लगाओ",
    "ตั้งปลุกพรุ่งนี้ 7 โมง",
    "明天早上7点叫醒我",
    "will it rain in San Francisco, CA tomorrow?",
    "  send\u00a0a\u2003message\tto\u200banna  ",
    "lunch",
    "",
    " \u200b\t",
    "one two three four five six seven eight nine ten eleven twelve " * 3,
    "🎉" * 60 + " set an alarm",
    "set an alarm for tomorrow" + " " * 120,
    "set an alarm for tomorrow" + " " * 120 + "x",
    "a\U0001f642" * 70,
]


def utf16(text: str, code_points: int) -> int:
    """UTF-16 units of the first code points of a text."""
    return len(text[:code_points].encode("utf-16-le", "surrogatepass")) // 2


def parses(model: pathlib.Path, texts: Iterable[str]) -> list[dict[str, Any]]:
    """Python's parses with their margins, and with offsets as Java counts them."""
    parser = Parser(model)
    rows = []
    for text in texts:
        parsed = parser.parse(text)
        margin = parse_margin(parser, text)
        rows.append(
            {
                "text": text,
                "intent": parsed.intent,
                "score": parsed.score,
                "tree": parsed.tree,
                "truncated": parsed.truncated,
                "slots": [
                    [slot.name, utf16(text, slot.start), utf16(text, slot.end), slot.text]
                    for slot in parsed.slots
                ],
                **({"margin": round(margin, 4)} if math.isfinite(margin) else {}),
            }
        )
    return rows


def train(path: pathlib.Path, nested_weight: float) -> None:
    """Trains a tiny model of the tests and converts it."""
    from tests.tiny_models import TINY, train_tiny
    from tflite_export import convert

    with tempfile.TemporaryDirectory() as folder:
        config = dataclasses.replace(TINY, nested_weight=nested_weight)
        model = train_tiny(pathlib.Path(folder), config)
        # Floats: their results differ by less between runtimes than those of 8-bit activations.
        convert(
            model,
            path=path,
            quantization="none",
            licence="A model for tests, trained on generated text.",
            short_texts=(8,),
        )


def content(model: pathlib.Path, texts: Iterable[str], rounding: float) -> str:
    """What a file of parses holds: JSON, a parse a line."""
    rows = ",\n".join(json.dumps(row) for row in parses(model, texts))
    return f'{{"rounding": {rounding}, "parses": [\n{rows}\n]}}\n'


def parses_path(model: pathlib.Path) -> pathlib.Path:
    """The file of the parses with a model."""
    return model.with_name(f"{model.stem}_parses.json")


def main() -> None:
    """Writes the files."""
    for model, nested_weight in MODELS.items():
        if "--train" in sys.argv[1:]:
            train(model, nested_weight)
        write_bytes(parses_path(model), content(model, TEXTS, ROUNDING_OF_FLOATS).encode())


if __name__ == "__main__":
    main()
