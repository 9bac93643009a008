"""The formats that data are recognised by, in the order in which they are tried.

To add one, write its file and one entry here.
"""

from __future__ import annotations

from pqrnn_tf.datasets.corpora.clinc150 import CLINC150_FILE, CLINC150_FOLDER
from pqrnn_tf.datasets.corpora.massive import MASSIVE_JSON, MASSIVE_TAGGED
from pqrnn_tf.datasets.corpora.mtod import MTOD
from pqrnn_tf.datasets.corpora.mtop import MTOP_FILES
from pqrnn_tf.datasets.corpora.topv2 import TOPV2
from pqrnn_tf.datasets.formats.conll import CONLL, CONLL_WITHOUT_INTENTS
from pqrnn_tf.datasets.formats.fasttext_lines import FASTTEXT
from pqrnn_tf.datasets.formats.found import FileFormat, FolderFormat, Sample
from pqrnn_tf.datasets.formats.home_assistant import HASSIL, HOME_ASSISTANT
from pqrnn_tf.datasets.formats.home_assistant_tests import HASSIL_TESTS
from pqrnn_tf.datasets.formats.json_rows import (
    JSON_LINES,
    JSON_LINES_OF_TEXT,
    JSON_LIST,
    JSON_LIST_OF_TEXT,
)
from pqrnn_tf.datasets.formats.luis import CLU, LUIS
from pqrnn_tf.datasets.formats.ovos import OVOS
from pqrnn_tf.datasets.formats.rasa import RASA_JSON, RASA_MARKDOWN, RASA_YAML
from pqrnn_tf.datasets.formats.seq_files import SEQ_FILES
from pqrnn_tf.datasets.formats.snips import SNIPS_JSON, SNIPS_YAML
from pqrnn_tf.datasets.formats.tables import TABLE, TABLE_OF_TEXT

FORMATS: tuple[FileFormat, ...] = (
    RASA_YAML,
    SNIPS_YAML,
    HASSIL,
    HASSIL_TESTS,
    RASA_JSON,
    LUIS,
    CLU,
    SNIPS_JSON,
    CLINC150_FILE,
    *MTOP_FILES,
    MASSIVE_JSON,
    JSON_LINES,
    JSON_LIST,
    TOPV2,
    MTOD,
    MASSIVE_TAGGED,
    FASTTEXT,
    RASA_MARKDOWN,
    CONLL,
    TABLE,
    JSON_LINES_OF_TEXT,
    JSON_LIST_OF_TEXT,
    CONLL_WITHOUT_INTENTS,
    TABLE_OF_TEXT,
)
"""Formats of one file."""

FOLDERS: tuple[FolderFormat, ...] = (SEQ_FILES, CLINC150_FOLDER, HOME_ASSISTANT, OVOS)
"""Formats of several files in a folder."""


def format_of(sample: Sample) -> FileFormat | None:
    """The format of a file, by its beginning; `None` if it is none that is known."""
    if sample.trouble:
        return None
    return next((known for known in FORMATS if known.recognises(sample)), None)
