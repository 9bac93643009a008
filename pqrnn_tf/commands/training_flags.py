"""The flags and the data that the commands `train`, `finetune` and `distill` have in common."""

from __future__ import annotations

from absl import flags, logging

from pqrnn_tf.datasets import alignment_report, load_mixture
from pqrnn_tf.datasets.rows import Example

DATA = flags.DEFINE_multi_string(
    "data",
    None,
    "Folder of a corpus; docs/corpora.md lists which. May be repeated, and name its languages: "
    "FOLDER:de,fr or FOLDER:all.",
    required=True,
)
LANGUAGE = flags.DEFINE_string(
    "language",
    "en",
    "Language of the folders that name none themselves, several with commas between them, or all; MTOP has "
    "en, de, es, fr, hi and th.",
)
DEVELOPMENT = flags.DEFINE_multi_string(
    "development",
    [],
    "Folder whose development rows are scored instead of those of --data, with languages as --data has them; "
    "training rows with the text of one of these are left out. May be repeated.",
)
TEMPLATES = flags.DEFINE_multi_string(
    "templates",
    [],
    "File of templates to make training rows from, named LANGUAGE.tsv or LANGUAGE_*.tsv, or a folder of such files; "
    "may be repeated.",
)
TEMPLATE_ROWS = flags.DEFINE_integer(
    "template_rows", 3000, "Rows to make from each file of templates.", lower_bound=0
)
SIMILAR = flags.DEFINE_multi_string(
    "similar",
    [],
    "Folder of a corpus with similar labels: of its training rows those are added whose labels the rows of --data have "
    "too, and whose text no development row has. May be repeated.",
)
REPEAT = flags.DEFINE_integer(
    "repeat", 1, "How often each row of --data counts beside those of --similar.", lower_bound=1
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
    """Training and development rows that the flags name, with lines in the log about them.

    Raises:
        DataError: if a folder, a split or a row cannot be read.
    """
    mixture = load_mixture(
        DATA.value,
        languages=LANGUAGE.value,
        development=DEVELOPMENT.value,
        templates=TEMPLATES.value,
        template_rows=TEMPLATE_ROWS.value,
        similar=SIMILAR.value,
        repeat=REPEAT.value,
    )
    logging.info("%s", mixture)
    for split, rows in (("train", mixture.training), ("dev", mixture.development)):
        logging.info("%s: %s", split, alignment_report(rows))
    return mixture.training, mixture.development
