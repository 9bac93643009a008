"""Parses utterances with a .tflite model.

Reads one utterance a line (UTF-8) on standard input and writes one JSON object a line on standard output, in order:

    {"text", "intent", "score", "slots": [{"name", "start", "end", "text"}], "tree"}

`start` and `end` are character offsets into `text`. An empty line gives the intent "". Bytes that are not UTF-8
are read as U+FFFD. A line longer than the model takes is cut at a word, has "truncated": true, and is
counted on standard error.

    echo "Wake me at 7pm" | python -m pqrnn_tf.predict --model mtop_en_2mb
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.tflite_op import TfliteOpError

_MODEL = flags.DEFINE_string(
    "model",
    None,
    "The .tflite file to parse with, or the name of a pretrained model.",
    required=True,
)
_LABELS = flags.DEFINE_string(
    "labels", None, "A labels.json to use instead of the names inside the model file."
)
_THREADS = flags.DEFINE_integer("threads", 1, "Threads of the runtime.", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}; utterances come on standard input")
    try:
        labels = None
        if _LABELS.value is not None:
            labels = LabelSet.from_json(pathlib.Path(_LABELS.value).read_text(encoding="utf-8"))
        parser = Parser(model_file(_MODEL.value), labels=labels, num_threads=_THREADS.value)
    except (OSError, ValueError, LabelError, TfliteOpError) as error:
        print(f"predict: {error}", file=sys.stderr)
        sys.exit(1)
    cut = 0
    for line in sys.stdin.buffer:
        text = line.rstrip(b"\r\n").decode("utf-8", errors="replace")
        parsed = parser.parse(text)
        cut += parsed.truncated
        sys.stdout.buffer.write(json.dumps(parsed.to_dict(), ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()
    if cut:
        print(
            f"predict: {cut} lines were longer than the model takes and were cut", file=sys.stderr
        )


if __name__ == "__main__":
    app.run(main)
