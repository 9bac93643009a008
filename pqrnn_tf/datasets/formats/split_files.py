"""What the names of files and folders say: the split, and the language."""

from __future__ import annotations

import pathlib
import re

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

_PARTS = re.compile(r"[^A-Za-z]+")
_FOLDER = re.compile(r"(?:oos_)?([a-z]+)(?:_\d+)?")
_LOCALE = re.compile(r"([a-z]{2})(?:[_-](?:[A-Za-z]{2,4}|\d{3}))?")
_WORDS = re.compile(r"[_.-]")
_LISTED = 20


def check_split(split: str) -> None:
    """Raises `ValueError` if a word is not one of `SPLITS`."""
    if split not in SPLITS:
        raise ValueError(f"`split` must be one of {sorted(SPLITS)}. Received: {split!r}.")


def split_of(word: str) -> str:
    """The split that a word spells; empty if it spells none."""
    return _SPLIT_OF.get(word.strip().lower(), "")


def split_of_file(path: pathlib.Path) -> str:
    """The split in the name of a file: its first or last word, as in `train.csv`, `en_dev.tsv`, `test-0001.json`."""
    words = [word for word in _PARTS.split(path.stem) if word]
    return next(filter(None, (split_of(word) for word in (*words[:1], *words[-1:]))), "")


def split_of_folder(path: pathlib.Path) -> str:
    """The split in the name of a folder, which must be no more than that: `train`, `valid`, `train_5`."""
    match = _FOLDER.fullmatch(path.name.lower())
    return split_of(match[1]) if match else ""


def language_of_name(path: pathlib.Path) -> str:
    """The language in the name of a file or folder: `de`, `de-DE`, `de_train.tsv`, `train_DE.tsv`, `mtop_de`."""
    name = path.stem if path.suffix else path.name
    locale = _LOCALE.fullmatch(name)
    words = _WORDS.split(name)
    # More words than two make a sentence, in which `it` and `so` are no languages.
    candidates = [locale[1]] if locale else words if len(words) <= 2 else []
    if any(map(split_of, candidates)):  # beside a split, capitals say the same
        candidates = [word.lower() for word in candidates]
    return next((word for word in candidates if _LANGUAGE.fullmatch(word)), "")


def contents(root: pathlib.Path) -> str:
    """What a folder holds, for messages."""
    try:
        listed = sorted(entry.name for entry in root.iterdir())
    except OSError as error:
        return f"what cannot be listed ({error.strerror})"
    return ", ".join(listed[:_LISTED]) or "nothing"
