"""Readers of MTOP in every layout it is met in.

Li et al. 2021, *MTOP: A Comprehensive Multilingual Task-Oriented Semantic Parsing Benchmark*.

- Official (`en/train.txt`, `en/eval.txt`, `en/test.txt`): eight columns separated by tabs: id,
intent,
  slots as `start:end:SL:NAME,…`, utterance, domain, locale, decoupled tree, tokens as JSON.
- JSON lines (`train.jsonl`): `{"question": …, "logical_form": …}`.
- Parallel (`dev.json`): one JSON list of
  `{"question": {language: …}, "mr": {"slot_intent": {language: …}}}`.
- Flat (`en_train.tsv`): four columns separated by tabs, with or without a header: row, intent,
  utterance, BIO tags. Slots are made what they are in the trees, as far as the tags can say
  (`flat_slots`).

The layout is recognised from the file itself.
"""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

from pqrnn_tf.datasets.formats.bio import BioError, slots_from_bio
from pqrnn_tf.datasets.formats.split_files import SPLITS, first_file, spellings
from pqrnn_tf.datasets.formats.text_files import numbered_lines, split_columns
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.datasets.trees.alignment import align_slots
from pqrnn_tf.datasets.trees.flat_slots import joined_spans, opened_calls
from pqrnn_tf.runtime.trees import Tree, TreeError, parse_tree, root_intent, top_level_slots

LANGUAGES = ("en", "de", "es", "fr", "hi", "th")
"""The languages of MTOP."""

OnError = Literal["raise", "report"]

_OFFICIAL_COLUMNS = 8
_FLAT_COLUMNS = 4
_FLAT_HEADER = "row_in_official_file"


def example_from_tree(
    text: str,
    tree_text: str,
    *,
    source: str,
    domain: str = "",
    locale: str = "",
    on_error: OnError = "raise",
    slot_column: str = "",
) -> Example:
    """Builds an example from an utterance and its bracketed tree.

    Args:
        text: The utterance.
        tree_text: The tree, decoupled or with all words.
        source: `"file:line"`.
        domain: See `Example`.
        locale: See `Example`.
        on_error: `"raise"`, or `"report"` to keep a row whose tree cannot be read, with `problem`.
        slot_column: The official files' third column; it decides between equal words where it
            agrees with the tree.

    Raises:
        DataError: If the tree cannot be read and `on_error="raise"`.
    """
    try:
        tree = parse_tree(tree_text)
    except TreeError as error:
        if on_error == "raise":
            raise DataError(f"{source}: {error}") from error
        return Example(text, "", None, None, domain, locale, source, f"{error}")
    slots = _slots_from_column(text, slot_column, tree) if slot_column else None
    problem = None
    if slots is None:
        alignment = align_slots(text, tree)
        slots, problem = alignment.slots, alignment.problem
    return Example(text, root_intent(tree), slots, tree, domain, locale, source, problem)


def _slots_from_column(text: str, column: str, tree: Tree) -> tuple[SlotSpan, ...] | None:
    """Spans of the official slot column, if they hold exactly the words of the tree's slots.

    The column counts UTF-8 bytes; code points are tried too, since copies of the corpus differ. It
    has one span a slot, so it cannot express a slot of several spans: the tree then decides alone.
    """
    entries: list[tuple[int, int, str]] = []
    for entry in column.split(","):
        parts = entry.split(":", 3)
        if len(parts) != 4 or not parts[0].isdecimal() or not parts[1].isdecimal():
            return None
        entries.append((int(parts[0]), int(parts[1]), parts[3]))
    # Code point of each byte where one starts; cutting a character in two finds no entry.
    of_byte: dict[int, int] = {}
    size = 0
    for position, character in enumerate(text):
        of_byte[size] = position
        size += len(character.encode("utf-8", "surrogatepass"))
    of_byte[size] = len(text)
    for to_position in (of_byte.get, lambda offset: offset if offset <= len(text) else None):
        found = _matching_spans(text, entries, tree, to_position)
        if found is not None:
            return found
    return None


def _matching_spans(
    text: str,
    entries: list[tuple[int, int, str]],
    tree: Tree,
    to_position: Callable[[int], int | None],
) -> tuple[SlotSpan, ...] | None:
    left: list[tuple[str, str, tuple[int, int]]] = []
    for first, last, name in sorted(entries):
        start, end = to_position(first), to_position(last)
        if start is None or end is None or start >= end:
            return None
        left.append((name, "".join(text[start:end].split()), (start, end)))
    slots = []
    for slot in top_level_slots(tree):
        key = (slot.name, "".join(slot.words()))
        match = next((entry for entry in left if entry[:2] == key), None)
        if match is None:
            return None
        left.remove(match)
        slots.append(SlotSpan(slot.name, (match[2],)))
    return None if left else tuple(slots)


def _read_official(
    path: pathlib.Path, language: str | None, on_error: OnError
) -> Iterator[Example]:
    for number, line in numbered_lines(path):
        columns = split_columns(path, number, line, _OFFICIAL_COLUMNS)
        _, _, slot_column, text, domain, locale, tree_text, _ = columns
        if language is not None and locale.split("_")[0] != language:
            raise DataError(
                f"{path}:{number}: the locale must belong to language={language!r}. "
                f"Received: {locale!r}. Name the language of the file, or leave `language` out."
            )
        yield example_from_tree(
            text,
            tree_text,
            source=f"{path}:{number}",
            domain=domain,
            locale=locale,
            on_error=on_error,
            slot_column=slot_column,
        )


def _read_json_lines(
    path: pathlib.Path, language: str | None, on_error: OnError
) -> Iterator[Example]:
    for number, line in numbered_lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path}:{number}: the line must be a JSON object "
                f"({error.msg}, column {error.colno})."
            ) from error
        keys = ("question", "logical_form")
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in keys):
            raise DataError(
                f"{path}:{number}: expected an object with the strings `question` and "
                f"`logical_form`. Received: {line[:80]!r}."
            )
        yield example_from_tree(
            row["question"],
            row["logical_form"],
            source=f"{path}:{number}",
            locale=language or "en",
            on_error=on_error,
        )


def _json_list(path: pathlib.Path) -> Iterator[tuple[int, Any]]:
    """Yields the entries of a file with one JSON list, each with the line it starts on."""
    content = "\n".join(line for _, line in numbered_lines(path))
    decoder = json.JSONDecoder()
    position = content.find("[") + 1
    number, counted = 1, 0
    while True:
        while position < len(content) and content[position] in " \t\n,":
            position += 1
        number += content.count("\n", counted, position)
        counted = position
        if content[position : position + 1] == "]":
            return
        try:
            entry, position = decoder.raw_decode(content, position)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path}:{error.lineno}: not valid JSON ({error.msg}). Restore the original file."
            ) from error
        yield number, entry


def _read_parallel(
    path: pathlib.Path, language: str | None, on_error: OnError
) -> Iterator[Example]:
    if language is None:
        raise DataError(f"{path} holds several languages: name one, for example `language='en'`.")
    for number, entry in _json_list(path):
        try:
            text = entry["question"][language]
            tree_text = entry["mr"]["slot_intent"][language]
        except (KeyError, TypeError) as error:
            raise DataError(
                f"{path}:{number}: expected `question` and `mr.slot_intent` with the language "
                f"{language!r}. Received an entry without {error}."
            ) from error
        yield example_from_tree(
            text, tree_text, source=f"{path}:{number}", locale=language, on_error=on_error
        )


def _read_flat(path: pathlib.Path, language: str | None, on_error: OnError) -> Iterator[Example]:
    in_name = path.name.split("_")[0]
    locale = language or (in_name if in_name in LANGUAGES else "")
    for number, line in numbered_lines(path):
        columns = split_columns(path, number, line, _FLAT_COLUMNS)
        if number == 1 and columns[0] == _FLAT_HEADER:
            continue
        _, intent, text, tags = columns
        source = f"{path}:{number}"
        slots: tuple[SlotSpan, ...] | None = None
        problem = None
        try:
            found = slots_from_bio(text, text.split(" "), tags.split(" "))
            slots = opened_calls(text, joined_spans(text, found), locale)
        except BioError as error:
            if on_error == "raise":
                raise DataError(f"{source}: {error}") from error
            problem = str(error)
        yield Example(text, intent, slots, None, "", locale, source, problem)


def _reader(path: pathlib.Path) -> Callable[[pathlib.Path, str | None, OnError], Iterator[Example]]:
    _, first = next(numbered_lines(path), (0, ""))
    if first.lstrip().startswith("{"):
        return _read_json_lines
    if first.lstrip().startswith("["):
        return _read_parallel
    columns = len(first.split("\t"))
    if columns == _OFFICIAL_COLUMNS:
        return _read_official
    if columns == _FLAT_COLUMNS:
        return _read_flat
    raise DataError(
        f"{path}:1: not a layout of MTOP: expected {_OFFICIAL_COLUMNS} columns (official) or "
        f"{_FLAT_COLUMNS} (flat) separated by tabs, a JSON object a line or one JSON list. "
        f"Received: {columns} column(s), {first[:60]!r}."
    )


def read_mtop(
    path: str | os.PathLike[str], *, language: str | None = None, on_error: OnError = "raise"
) -> list[Example]:
    """Reads a file of MTOP in any of the layouts above.

    Args:
        path: The file.
        language: Which language to take from a parallel file; elsewhere, what the rows must be in
            (official) or are said to be in (JSON lines, flat).
        on_error: What to do with a row whose tree or tags cannot be read: `"raise"`, or `"report"`
            to keep it with `problem`. Rows whose slots cannot be found in the utterance are always
            kept.

    Returns:
        One example a row, in the order of the file.

    Raises:
        DataError: If the file is missing or of no known layout, or a row cannot be read; the
        message
            starts with `file:line`.
        ValueError: If `on_error` is neither.
    """
    if on_error not in ("raise", "report"):
        raise ValueError(f'`on_error` must be "raise" or "report". Received: {on_error!r}.')
    file = pathlib.Path(path)
    return list(_reader(file)(file, language, on_error))


def _candidates(root: pathlib.Path, split: str, language: str) -> list[pathlib.Path]:
    """The files that a split may be in."""
    suffix = root.name.rpartition("_")[2]
    own = suffix if suffix in LANGUAGES else root.name
    candidates = []
    for name in spellings(split):
        candidates += [
            root / language / f"{name}.txt",
            root / language / f"{name}.tsv",
            root / f"{language}_{name}.tsv",
            root / f"{name}.json",
        ]
        # Files without a language in their names belong to the folder's own one.
        if own not in LANGUAGES or own == language:
            candidates += [root / f"{name}.{ending}" for ending in ("jsonl", "txt", "tsv")]
    return candidates


def holds_mtop(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder has a file of any split in any language."""
    return any(
        has_split(folder, split, language=language) for split in SPLITS for language in LANGUAGES
    )


def has_split(folder: str | os.PathLike[str], split: str, *, language: str) -> bool:
    """Whether a folder has a file that a split of a language may be in.

    Raises:
        ValueError: If `split` is another word than `find_split` takes.
    """
    return any(path.is_file() for path in _candidates(pathlib.Path(folder), split, language))


def find_split(folder: str | os.PathLike[str], split: str, *, language: str = "en") -> pathlib.Path:
    """Finds the file of a split in a folder of any layout.

    Args:
        folder: The folder of the corpus.
        split: `"train"`, `"dev"` or `"test"`; the official name of the second is `eval`.
        language: One of `LANGUAGES`.

    Raises:
        DataError: If the folder or the split is missing.
        ValueError: If `split` is another word.
    """
    spellings(split)
    root = pathlib.Path(folder)
    if not root.is_dir():
        raise DataError(
            f"the folder of the corpus is missing: {root}. Unpack MTOP and name the folder that "
            f"holds `{language}/train.txt`."
        )
    wanted = f"{split!r} in the language {language!r}"
    return first_file(root, _candidates(root, split, language), wanted=wanted)
