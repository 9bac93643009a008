"""Reader of the multilingual task-oriented dialogues of Schuster et al. 2019, arXiv 1810.13327.

Five columns separated by tabs: intent, slots as `start:end:name,…`, utterance, locale, tokens as JSON.
"""

from __future__ import annotations

import pathlib

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.tables import slots_from_offsets
from pqrnn_tf.datasets.formats.text_files import split_columns
from pqrnn_tf.datasets.rows import Example

_COLUMNS = 5


def _read(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        with found.row(path, number):
            intent, written, text, locale, _ = split_columns(path, number, line, _COLUMNS)
            if found.wants(locale):
                slots = slots_from_offsets(written)
                # What stands behind the text is white space; the offsets count from its start.
                text = text.rstrip()
                source = f"{path}:{number}"
                found.add(Example(text, intent, slots, locale=locale, source=source))


def _recognises(sample: Sample) -> bool:
    columns = sample.lines()[0].split("\t")
    return len(columns) == _COLUMNS and columns[4].startswith('{"tokenizations"')


MTOD = FileFormat(
    "MTOD", "five columns with tabs: intent, slots, utterance, locale, tokens", _recognises, _read
)
