"""The formats that data are recognised by, in the order in which they are tried.

To add one, write its file and one entry here.
"""

from __future__ import annotations

from pqrnn_tf.datasets.formats.found import FileFormat, FolderFormat, Sample
from pqrnn_tf.datasets.formats.home_assistant import HASSIL, HOME_ASSISTANT
from pqrnn_tf.datasets.formats.ovos import OVOS

FORMATS: tuple[FileFormat, ...] = (HASSIL,)
"""Formats of one file."""

FOLDERS: tuple[FolderFormat, ...] = (HOME_ASSISTANT, OVOS)
"""Formats of several files in a folder."""


def format_of(sample: Sample) -> FileFormat | None:
    """The format of a file, by its beginning; `None` if it is none that is known."""
    if sample.trouble:
        return None
    return next((known for known in FORMATS if known.recognises(sample)), None)
