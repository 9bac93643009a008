"""One door to every labelled corpus: recognises it by its files and reads a split.

To add a corpus, write its reader and one entry of `CORPORA`.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator

from pqrnn_tf.datasets.corpora.banking77 import HEADER, read_banking77
from pqrnn_tf.datasets.corpora.clinc150 import find_clinc150, read_clinc150
from pqrnn_tf.datasets.corpora.massive import ARROW, read_massive
from pqrnn_tf.datasets.corpora.mtop import (
    LANGUAGES,
    OnError,
    find_split,
    has_split,
    holds_mtop,
    read_mtop,
)
from pqrnn_tf.datasets.corpora.snips import read_snips
from pqrnn_tf.datasets.corpora.topv2 import holds_topv2, load_topv2_split
from pqrnn_tf.datasets.formats.split_files import SPLITS, contents, first_file, spellings
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.held_out import hold_out
from pqrnn_tf.datasets.rows import DataError, Example


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A corpus that `load_split` knows.

    Attributes:
        name: Its name.
        files: The files that it is recognised by, for messages.
        recognises: Whether a folder holds it.
        read: Reads a split of a folder: `(folder, split, language, on_error)`.
        licence: Terms of its texts and labels.
        citation: Who published it.
        languages: The languages it has.
    """

    name: str
    files: str
    recognises: Callable[[pathlib.Path], bool]
    read: Callable[[pathlib.Path, str, str, OnError], list[Example]]
    licence: str
    citation: str
    languages: tuple[str, ...] = ("en",)


def _spelled(root: pathlib.Path, split: str, pattern: str) -> list[pathlib.Path]:
    return [root / pattern.format(name) for name in spellings(split)]


def _first_lines(root: pathlib.Path, pattern: str) -> Iterator[str]:
    """The first line of each file that a split may be in."""
    for split in SPLITS:
        for path in _spelled(root, split, pattern):
            if path.is_file():
                yield next((line for _, line in numbered_lines(path)), "")


def _is_snips(root: pathlib.Path) -> bool:
    return any(path.is_file() for split in SPLITS for path in _spelled(root, split, "{}/seq.in"))


def _is_massive(root: pathlib.Path) -> bool:
    return any(ARROW in line for line in _first_lines(root, "{}.txt"))


def _is_banking77(root: pathlib.Path) -> bool:
    return any(line.split(",") == list(HEADER) for line in _first_lines(root, "{}.csv"))


def _read_snips(root: pathlib.Path, split: str, _: str, __: OnError) -> list[Example]:
    found = first_file(root, _spelled(root, split, "{}/seq.in"), wanted=repr(split))
    return read_snips(found.parent)


def _read_massive(root: pathlib.Path, split: str, _: str, __: OnError) -> list[Example]:
    return read_massive(first_file(root, _spelled(root, split, "{}.txt"), wanted=repr(split)))


def _read_clinc150(root: pathlib.Path, split: str, _: str, __: OnError) -> list[Example]:
    return read_clinc150(find_clinc150(root) or root, split)


def _read_banking77(root: pathlib.Path, split: str, _: str, __: OnError) -> list[Example]:
    # The corpus has no development rows of its own: a tenth of the training rows is held out.
    part = "train" if split == "dev" else split
    rows = read_banking77(first_file(root, [root / f"{part}.csv"], wanted=repr(split)))
    if part == "test":
        return rows
    training, development = hold_out(rows)
    return training if split == "train" else development


def _read_topv2(root: pathlib.Path, split: str, _: str, on_error: OnError) -> list[Example]:
    return load_topv2_split(root, split, on_error=on_error)


def _read_mtop(root: pathlib.Path, split: str, language: str, on_error: OnError) -> list[Example]:
    path = find_split(root, split, language=language)
    return read_mtop(path, language=language, on_error=on_error)


MTOP = Corpus(
    "MTOP",
    "en/train.txt, train.jsonl or en_train.tsv",
    holds_mtop,
    _read_mtop,
    licence="CC BY-SA 4.0",
    citation="Li et al. 2021, arXiv 2008.09335",
    languages=LANGUAGES,
)
CORPORA = (
    Corpus(
        "SNIPS",
        "train/seq.in, train/seq.out, train/label",
        _is_snips,
        _read_snips,
        licence="CC0 1.0",
        citation="Coucke et al. 2018, arXiv 1805.10190",
    ),
    Corpus(
        "MASSIVE",
        f"train.txt with lines `token:tag …{ARROW}intent`",
        _is_massive,
        _read_massive,
        licence="CC BY 4.0",
        citation="FitzGerald et al. 2022, arXiv 2204.08582",
    ),
    Corpus(
        "CLINC150",
        "data_full.json",
        lambda root: find_clinc150(root) is not None,
        _read_clinc150,
        licence="CC BY 3.0",
        citation="Larson et al. 2019, arXiv 1909.02027",
    ),
    Corpus(
        "Banking77",
        f"train.csv with the header {','.join(HEADER)}",
        _is_banking77,
        _read_banking77,
        licence="CC BY 4.0",
        citation="Casanueva et al. 2020, arXiv 2003.04807",
    ),
    Corpus(
        "TOPv2",
        "<domain>_train.tsv with a header",
        holds_topv2,
        _read_topv2,
        licence="CC BY-SA 4.0",
        citation="Chen et al. 2020, arXiv 2010.03546",
    ),
    MTOP,
)
"""The corpora, in the order in which a folder is tried."""


def model_licence(corpora: Iterable[Corpus]) -> str:
    """The note on terms that a model carries which was trained on some corpora.

    Raises:
        ValueError: If there are none.
    """
    named = {corpus.name: corpus for corpus in corpora}
    if not named:
        raise ValueError("`corpora` must hold at least one corpus. Received: none.")
    terms = " and on ".join(
        f"{corpus.name}, whose texts and labels are {corpus.licence}" for corpus in named.values()
    )
    return f"Model trained on {terms}; code Apache-2.0."


def corpus_of(folder: str | os.PathLike[str]) -> Corpus:
    """Recognises the corpus that a folder holds.

    Raises:
        DataError: If the folder is missing or holds none that is known.
    """
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise DataError(
            f"the folder of the corpus is missing: {root}. Unpack the corpus and name the folder "
            "that holds its files."
        )
    for corpus in CORPORA:
        if corpus.recognises(root):
            return corpus
    known = "; ".join(f"{corpus.name}: {corpus.files}" for corpus in CORPORA)
    raise DataError(
        f"{root} must hold the files of a known corpus ({known}). The folder holds: {contents(root)}."
    )


def load_split(
    folder: str | os.PathLike[str],
    split: str,
    *,
    language: str = "en",
    on_error: OnError = "raise",
) -> list[Example]:
    """Reads a split of any corpus that is known; which one it is, the files say.

    Rows of a corpus of intents alone have no slots (`slots=()`). Rows out of scope have the intent
    `pqrnn_tf.datasets.OUT_OF_SCOPE`. Banking77 has no development rows: `hold_out` takes a tenth of its training rows.

    Args:
        folder: The folder of the corpus.
        split: `"train"`, `"dev"` or `"test"`.
        language: For MTOP one of `LANGUAGES`; for the others `"en"`.
        on_error: What to do with a row of MTOP or TOPv2 whose tree cannot be read, see `read_mtop`;
            the other readers always raise.

    Raises:
        DataError: If folder, split or language are missing or a row cannot be read.
        ValueError: If `split` is another word.
    """
    spellings(split)
    corpus = corpus_of(folder)
    if language not in corpus.languages:
        raise DataError(
            f"{folder}: {corpus.name} has the languages {', '.join(corpus.languages)}. "
            f"Received: language={language!r}."
        )
    return corpus.read(pathlib.Path(folder), split, language, on_error)


ALL_LANGUAGES = "all"
"""In place of languages: those that the folder has the split in."""

_LISTED = re.compile(r"all|[a-z]{2}(,[a-z]{2})*")


def split_languages(folder: str | os.PathLike[str], split: str) -> tuple[str, ...]:
    """The languages that a folder has a split in.

    Raises:
        DataError: If the folder is missing, or holds no corpus or no such split.
        ValueError: If `split` is another word.
    """
    languages = corpus_of(folder).languages
    if len(languages) == 1:
        return languages
    found = tuple(language for language in languages if has_split(folder, split, language=language))
    if not found:
        raise DataError(f"{folder} has no split {split!r} in any of {', '.join(languages)}.")
    return found


def load_languages(
    folder: str | os.PathLike[str], split: str, *, languages: str = "en"
) -> dict[str, list[Example]]:
    """Reads a split in one or several languages, see `load_split`.

    Args:
        folder: The folder of the corpus. A text may name the languages itself, behind a colon: `mtop:de,fr`.
        split: `"train"`, `"dev"` or `"test"`.
        languages: Where `folder` names none: one, several with commas between them, or `"all"` for those that
            the folder has.

    Returns:
        The rows of each language, in the order of the names.

    Raises:
        DataError: As `load_split`.
        ValueError: If `split` is another word, or `languages` are not of the form above.
    """
    head, colon, tail = os.fspath(folder).rpartition(":")
    if colon and _LISTED.fullmatch(tail):
        folder, languages = head, tail
    if not _LISTED.fullmatch(languages):
        raise ValueError(
            "`languages` must be names of two letters with commas between them, or 'all'. "
            f"Received: {languages!r}."
        )
    names = (
        split_languages(folder, split)
        if languages == ALL_LANGUAGES
        else dict.fromkeys(languages.split(","))
    )
    return {name: load_split(folder, split, language=name) for name in names}
