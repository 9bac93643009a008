"""fastText's training files: `__label__intent`, a space and the text, one row per line, without slots."""

from __future__ import annotations

import pathlib
import re

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.rows import Example

_LABEL = re.compile(r"__label__(?P<intent>\S+)(?:\s+(?P<text>.*))?")
_SEVERAL = re.compile(r"__label__\S")


def _read(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        if line.strip():
            with found.row(path, number):
                found.add(_row(line.strip(), f"{path}:{number}"))


def _row(line: str, source: str) -> Example:
    match = _LABEL.fullmatch(line)
    if match is None:
        raise ValueError(
            f"a line must begin with __label__ and the intent. Received: {line[:60]!r}."
        )
    text = (match["text"] or "").strip()
    if _SEVERAL.match(text):
        raise ValueError(
            f"a row has one intent, and this one has several. Keep one label. Received: {line[:60]!r}."
        )
    return Example(text, match["intent"], (), source=source)


def _recognises(sample: Sample) -> bool:
    lines = [line.strip() for line in sample.lines() if line.strip()]
    labelled = sum(_LABEL.fullmatch(line) is not None for line in lines)
    return labelled > len(lines) // 2


FASTTEXT = FileFormat("fastText", "a line `__label__intent text`", _recognises, _read)
