"""Writes what the tests of encoders compare with: a tiny encoder and Python's vectors with it.

    python tests/tflite_export/make_encoder_golden.py            # vectors by the committed encoder
    python tests/tflite_export/make_encoder_golden.py --export   # makes and converts it anew

All files lie in `tflite_export/android/src/test/resources`, for Java, and are read by the tests in Python and
JavaScript too. The encoder has random weights: texts with common words have similar vectors.
"""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.text_encoder import Encoder
from tests.tflite_export.make_jvm_golden import RESOURCES, TEXTS

MODEL = RESOURCES / "tiny_encoder.tflite"
GOLDEN = RESOURCES / "tiny_encoder_vectors.json"


def vectors(encoder: Encoder) -> list[dict[str, Any]]:
    """Python's vectors, and whether the text was cut."""
    found, cuts = encoder.vectors_and_cuts(TEXTS)
    return [
        {
            "text": text,
            "truncated": bool(cut),
            "vector": [round(float(value), 6) for value in vector],
        }
        for text, vector, cut in zip(TEXTS, found, cuts, strict=True)
    ]


def content() -> str:
    """What the file holds: JSON, a text a line."""
    rows = ",\n".join(json.dumps(row) for row in vectors(Encoder(MODEL)))
    return f'{{"vectors": [\n{rows}\n]}}\n'


def export(path: pathlib.Path) -> None:
    """Makes the tiny encoder and converts it."""
    from tests.tiny_models import tiny_encoder
    from tflite_export import convert

    convert(
        tiny_encoder(),
        path=path,
        quantization="none",  # floats: their results differ by less between runtimes
        licence="A model for tests, with random weights.",
        short_texts=(8,),
    )


def main() -> None:
    """Writes the files."""
    if sys.argv[1:] == ["--export"]:
        export(MODEL)
    write_bytes(GOLDEN, content().encode())


if __name__ == "__main__":
    main()
