"""Development rows as the flag `--data` names them, by corpus and language."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import CommandParser

if TYPE_CHECKING:
    from pqrnn_tf.datasets.corpora.registry import Corpus
    from pqrnn_tf.datasets.rows import Example


@dataclasses.dataclass(frozen=True)
class Part:
    """Development rows of one corpus and language.

    Attributes:
        corpus: The corpus.
        language: Code of the language.
        data: What `--data` is for only these rows, without the folders above.
        rows: The rows.
    """

    corpus: Corpus
    language: str
    data: str
    rows: Sequence[Example]

    def describe(self) -> dict[str, str]:
        """What `scores.json` says of it beside its scores."""
        return {"corpus": self.corpus.name, "language": self.language, "data": self.data}


def read_parts(data: Sequence[str]) -> Iterator[Part]:
    """The development rows that some values of `--data` name.

    Raises:
        DataError: if a folder, a language or a row cannot be read.
    """
    from pqrnn_tf.datasets import corpus_of, load_languages

    for text in data:
        folder = pathlib.Path(
            text if pathlib.Path(text).is_dir() else text.rpartition(":")[0] or text
        )
        corpus = corpus_of(folder)
        for language, rows in load_languages(text, "dev", languages="en").items():
            name = folder.name or folder.resolve().name
            yield Part(corpus, language, name if language == "en" else f"{name}:{language}", rows)


def add_development(parser: CommandParser) -> None:
    """Declares the flag `--data` that `read_parts` reads."""
    parser.section("data")
    parser.flag(
        "data",
        "Folder of a corpus whose development rows are scored. It may name its languages: FOLDER:de,fr or FOLDER:all.",
        repeat=True,
        required=True,
        metavar="FOLDER",
    )
