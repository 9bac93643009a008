"""The flags and the data that the commands `train` and `distill` have in common."""

from __future__ import annotations

from absl import flags, logging

from pqrnn_tf.datasets import alignment_report, load_split
from pqrnn_tf.datasets.examples import Example

DATA = flags.DEFINE_string(
    "data", None, "Folder of a corpus; docs/corpora.md lists which.", required=True
)
LANGUAGE = flags.DEFINE_string(
    "language", "en", "Language of the rows; MTOP has en, de, es, fr, hi and th."
)
OUTPUT = flags.DEFINE_string(
    "output", None, "Folder for the model, its log and its checkpoint.", required=True
)
CONFIG = flags.DEFINE_string(
    "config", None, "A JSON file with fields of TrainingConfig; missing ones have their defaults."
)
SET = flags.DEFINE_multi_string(
    "set",
    [],
    "One field of TrainingConfig, as name=value; may be repeated. Example: --set epochs=40.",
)
EVALUATE_EVERY = flags.DEFINE_integer("evaluate_every", 5, "Epochs between development scores.")
VERBOSE = flags.DEFINE_integer("verbose", 1, "1: progress bars; 2: a line an epoch; 0: nothing.")


def load_rows() -> tuple[list[Example], list[Example]]:
    """Training and development rows of `--data`, with a line in the log about their alignment.

    Raises:
        DataError: if the folder, a split or a row cannot be read.
    """
    examples, development = (
        load_split(DATA.value, split, language=LANGUAGE.value) for split in ("train", "dev")
    )
    for split, rows in (("train", examples), ("dev", development)):
        logging.info("%s: %s", split, alignment_report(rows))
    return examples, development
