"""Writes what the tests on the JVM compare with: tiny models and Python's parses with them.

    python tests/tflite_export/make_jvm_golden.py                   # parses by the committed models
    python tests/tflite_export/make_jvm_golden.py --train tiny_few  # trains and converts this one first

All files lie in `tflite_export/android/src/test/resources`. Offsets are in UTF-16 units, as in Java. Each parse
has its `margin`, by how much it is better than the best other parse (none where there is no other), and where the
model rejects some its `rejection_margin`, how far it is from the threshold; the file has the `rounding` under which
another runtime or processor may say something else.
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
from pqrnn_tf.runtime.confidence import Calibration, Rejection, ScoreMap
from pqrnn_tf.runtime.metadata import read_model, replace_metadata
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import Parse
from tests.parse_margins import ROUNDING, ROUNDING_OF_FLOATS, parse_margin, rejection_margin

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RESOURCES = ROOT / "tflite_export" / "android" / "src" / "test" / "resources"
ALTERNATIVES = 3
CALIBRATION = Calibration(
    parse=ScoreMap({"parse": 0.6, "weakest": 0.3}, [-6, -1, 1, 5], [0.02, 0.4, 0.7, 0.99]),
    intent=ScoreMap({"margin": 1.0}, [-1, 0.5, 4, 8], [0.1, 0.4, 0.9, 0.995]),
)
REJECTION = Rejection({"margin": 1.0}, threshold=0.3)


@dataclasses.dataclass(frozen=True)
class TinyModel:
    """A model of the tests.

    Attributes:
        projection: Version of its projection.
        nested_weight: Weight of what is nested in slots, with which it is trained.
        few_rows: Whether it has the head for few rows, a calibration and a rejection, and 8-bit weights, as what
            `pqrnn train` writes for somebody's own phrases.
    """

    projection: int
    nested_weight: float = 0.0
    few_rows: bool = False

    @property
    def rounding(self) -> float:
        """Margin under which another runtime may say something else."""
        return ROUNDING if self.few_rows else ROUNDING_OF_FLOATS


MODELS = {
    RESOURCES / "tiny.tflite": TinyModel(projection=1),
    RESOURCES / "tiny_trees.tflite": TinyModel(projection=1, nested_weight=1.0),
    RESOURCES / "tiny_few.tflite": TinyModel(projection=2, few_rows=True),
}

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
    "“wake me” at\u200e 7\u200bpm — please!",
    "\uff37\uff41\uff4b\uff45 me u\u0308p at \u0667\uff1a\uff13\uff10\u3000am",
    "asdf qwer zxcv",
]


def utf16(text: str, code_points: int) -> int:
    """UTF-16 units of the first code points of a text."""
    return len(text[:code_points].encode("utf-16-le", "surrogatepass")) // 2


def parses(
    model: pathlib.Path, texts: Iterable[str], *, alternatives: int = 0
) -> list[dict[str, Any]]:
    """Python's parses with their margins, and with offsets as Java counts them."""
    parser = Parser(model)
    return [recorded(parser, parser.parse(text, alternatives=alternatives)) for text in texts]


def recorded(parser: Parser, parsed: Parse) -> dict[str, Any]:
    """A parse of a parser, with its margins."""
    text = parsed.text
    margins = {
        "margin": parse_margin(parser, text),
        "rejection_margin": rejection_margin(parser, text),
    }
    return {
        "text": text,
        "intent": parsed.intent,
        "score": parsed.score,
        "intent_score": parsed.intent_score,
        "tree": parsed.tree,
        "truncated": parsed.truncated,
        "slots": [
            [slot.name, utf16(text, slot.start), utf16(text, slot.end), slot.text]
            for slot in parsed.slots
        ],
        **{name: round(margin, 4) for name, margin in margins.items() if math.isfinite(margin)},
        "alternatives": [[other.tree, other.score] for other in parsed.alternatives],
    }


def content(
    model: pathlib.Path, texts: Iterable[str], rounding: float, *, alternatives: int = 0
) -> str:
    """What a file of parses holds: JSON, a parse a line."""
    rows = ",\n".join(json.dumps(row) for row in parses(model, texts, alternatives=alternatives))
    return f'{{"rounding": {rounding}, "parses": [\n{rows}\n]}}\n'


def train(path: pathlib.Path, model: TinyModel) -> None:
    """Trains a tiny model of the tests and converts it."""
    from pqrnn_tf.tasks.bag_solution import solve_bag_head
    from tests.tiny_models import TINY, TRAIN, train_tiny
    from tflite_export import convert

    spec = dataclasses.replace(TINY.spec, version=model.projection)
    config = dataclasses.replace(TINY, spec=spec, nested_weight=model.nested_weight)
    with tempfile.TemporaryDirectory() as folder:
        trained = train_tiny(pathlib.Path(folder), config)
        if model.few_rows:
            trained.set_bag_head(solve_bag_head(TRAIN, trained.labels, spec), encoder_weight=0.5)
        convert(
            trained,
            path=path,
            # Floats: their results differ by less between runtimes than those of 8-bit activations.
            quantization="int8_weights" if model.few_rows else "none",
            licence="A model for tests, trained on generated text.",
            short_texts=(8,),
        )
    if model.few_rows:
        file, metadata = read_model(path)
        metadata = dataclasses.replace(metadata, calibration=CALIBRATION, rejection=REJECTION)
        write_bytes(path, replace_metadata(file, metadata))


def parses_path(model: pathlib.Path) -> pathlib.Path:
    """The file of the parses with a model."""
    return model.with_name(f"{model.stem}_parses.json")


def main() -> None:
    """Writes the files."""
    for path, model in MODELS.items():
        if sys.argv[1:] == ["--train", path.stem]:
            train(path, model)
        rows = content(path, TEXTS, model.rounding, alternatives=ALTERNATIVES)
        write_bytes(parses_path(path), rows.encode())


if __name__ == "__main__":
    main()
