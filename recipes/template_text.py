"""Writes the expansions of templates as text without labels, for `distill --transfer`.

    python -m recipes.template_text --templates recipes/mtop_transfer/en.tsv --data mtop --rows 40000 \\
        --output en.txt
"""

from __future__ import annotations

import pathlib
import random
from collections.abc import Sequence

from absl import app, flags

_TEMPLATES = flags.DEFINE_string(
    "templates", None, "File of templates, LANGUAGE.tsv.", required=True
)
_DATA = flags.DEFINE_string(
    "data", None, "Folder of a corpus, whose slot values fill empty slots.", required=True
)
_ROWS = flags.DEFINE_integer("rows", 40_000, "Texts to draw; equal ones count once.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Of what is drawn.")
_OUTPUT = flags.DEFINE_string("output", None, "Text file to write, one text a line.", required=True)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import expand_templates, load_split, read_templates, values_of_rows
    from pqrnn_tf.datasets.making.augmentation import SlotValues
    from pqrnn_tf.files import write_bytes

    path = pathlib.Path(_TEMPLATES.value)
    language = path.stem
    values = SlotValues(load_split(_DATA.value, "train", language=language))
    rows = expand_templates(
        read_templates(path),
        _ROWS.value,
        language=language,
        values=values_of_rows(values, language),
        seed=_SEED.value,
    )
    texts = list(dict.fromkeys(row.text for row in rows))
    random.Random(_SEED.value).shuffle(texts)
    write_bytes(_OUTPUT.value, "".join(text + "\n" for text in texts).encode("utf-8"))
    print(f"{len(texts)} texts")


if __name__ == "__main__":
    app.run(main)
