"""What the names of files and folders say: the split, and the language."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator, Sequence

SPLITS = {
    "train": ("train", "training"),
    "dev": ("dev", "eval", "valid", "validation", "val", "devel", "development"),
    "test": ("test", "testing"),
}
"""The splits, each with the ways in which people spell it."""

_SPLIT_OF = {name: split for split, names in SPLITS.items() for name in names}
_LANGUAGE = re.compile(
    "a[frz]|b[gn]|c[asy]|d[ae]|e[lnsu]|f[air]|g[alu]|h[iruy]|it|j[av]|k[amno]|l[tv]|m[lnr]|n[bl]|p[alt]|r[ou]|"
    "s[klqrvw]|t[aehlr]|u[kr]|vi|zh"
)
"""Languages in names of files and folders, but for those that are more often words there (`is`, `my`, `no`, `id`)."""

_DEPARTMENTS = ("IT", "HR")
"""What stands for a department rather than a language where it is the whole name."""

_WORDS = re.compile(r"[^A-Za-z\d]+")
_DIGITS = "0123456789"
_FOLDER = re.compile(r"(?:oos_)?([a-z]+)(?:_\d+)?")
_LOCALE = re.compile(r"([a-z]{2}|[A-Z]{2})(?:[_-](?:[A-Za-z]{2,4}|\d{3}))?")
_REGION = re.compile(r"[A-Za-z]{2}|[A-Z][a-z]{3}")
_LISTED = 20


def check_split(split: str) -> None:
    """Raises `ValueError` if a word is not one of `SPLITS`."""
    if split not in SPLITS:
        raise ValueError(f"`split` must be one of {sorted(SPLITS)}. Received: {split!r}.")


def split_of(word: str) -> str:
    """The split that a word spells; empty if it spells none."""
    return _SPLIT_OF.get(word.strip().lower(), "")


def split_of_file(path: pathlib.Path) -> str:
    """The split in the name of a file: its first or last word, beside the language.

    `train.csv`, `en_dev.tsv`, `test-0001.json` and `atis_train_EN.tsv` say it, `my_test_bot.yml` does not.
    """
    return _split_and_language(path.stem)[0]


def split_of_folder(path: pathlib.Path) -> str:
    """The split in the name of a folder, which must be no more than that, and a language: `train_5`, `test_DE`."""
    match = _FOLDER.fullmatch(path.name.lower())
    if match and split_of(match[1]):
        return split_of(match[1])
    split, language, others = _split_and_language(path.name)
    return split if language and not others else ""


def language_of_name(path: pathlib.Path) -> str:
    """The language in the name of a file or folder.

    It is the whole name (`de`, `de-DE`, `DE`), one of two words (`mtop_de`), or stands beside the split
    (`train_DE.tsv`, `atis.de.train.tsv`, `train_de_AT.tsv`).
    """
    name = path.stem if path.suffix else path.name
    if locale := _LOCALE.fullmatch(name):
        return "" if name in _DEPARTMENTS else _language(locale[1])
    if language := _split_and_language(name)[1]:
        return language
    # More words than two make a sentence, in which `it` and `so` are no languages.
    words = _WORDS.split(name)
    return next((word for word in words if len(words) <= 2 and _LANGUAGE.fullmatch(word)), "")


def _language(word: str) -> str:
    """The language that a word is the code of, in any case; empty if it is none."""
    return word.lower() if _LANGUAGE.fullmatch(word.lower()) else ""


def _split_and_language(name: str) -> tuple[str, str, list[str]]:
    """The split that a name says, the language beside it, and the other words; `""` for what it does not say."""
    words = [word for word in _WORDS.split(name) if word.strip(_DIGITS)]
    for place, word in enumerate(words):
        split = split_of(word.strip(_DIGITS))
        for language, first, last in _languages_beside(words, place) if split else ():
            others = [*words[:first], *words[last:]]
            # Beside a sentence `it` and `hi` are no languages.
            if (first == 0 or last == len(words)) and (
                len(others) <= 1 or not language or language.isupper()
            ):
                return split, language.lower(), others
    return "", "", words


def _languages_beside(words: Sequence[str], place: int) -> Iterator[tuple[str, int, int]]:
    """The language behind a word, before it, and none: as it is written, and from where to where these words go."""
    behind, before = words[place + 1 :], words[:place]
    if behind and _language(behind[0]):
        yield behind[0], place, place + 2 + bool(behind[1:] and _REGION.fullmatch(behind[1]))
    if before[1:] and _language(before[-2]) and _REGION.fullmatch(before[-1]):
        yield before[-2], place - 2, place + 1
    if before and _language(before[-1]):
        yield before[-1], place - 1, place + 1
    yield "", place, place + 1


def contents(root: pathlib.Path) -> str:
    """What a folder holds, for messages."""
    try:
        listed = sorted(entry.name for entry in root.iterdir())
    except OSError as error:
        return f"what cannot be listed ({error.strerror})"
    return ", ".join(listed[:_LISTED]) or "nothing"
