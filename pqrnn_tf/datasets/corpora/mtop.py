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

import functools
import os
import pathlib
import re
from collections.abc import Callable

from pqrnn_tf.datasets.formats.bio import TAG, slots_from_bio
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample, language_of, sample_of
from pqrnn_tf.datasets.formats.json_places import read_json
from pqrnn_tf.datasets.formats.json_rows import json_object, sampled_objects
from pqrnn_tf.datasets.formats.split_files import language_of_name
from pqrnn_tf.datasets.formats.text_files import split_columns
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.datasets.trees.alignment import align_slots
from pqrnn_tf.datasets.trees.flat_slots import joined_spans, opened_calls
from pqrnn_tf.runtime.trees import Tree, parse_tree, root_intent, top_level_slots

LANGUAGES = ("en", "de", "es", "fr", "hi", "th")
"""The languages of MTOP."""

_OFFICIAL_COLUMNS = 8
_FLAT_COLUMNS = 4
_SAMPLED = 20
_FLAT_HEADER = "row_in_official_file"
_PARALLEL = re.compile(
    r'\s*\[\s*\{(?=.*"question"\s*:\s*\{)(?=.*"slot_intent"\s*:\s*\{)', re.DOTALL
)


def example_from_tree(
    text: str,
    tree_text: str,
    *,
    source: str,
    domain: str = "",
    locale: str = "",
    slot_column: str = "",
) -> Example:
    """Builds an example from an utterance and its bracketed tree.

    Args:
        text: The utterance.
        tree_text: The tree, decoupled or with all words.
        source: `"file:line"`.
        domain: See `Example`.
        locale: See `Example`.
        slot_column: The official files' third column; it decides between equal words where it agrees with the tree.

    Raises:
        TreeError: If the tree cannot be read.
    """
    tree = parse_tree(tree_text)
    slots = _slots_from_column(text, slot_column, tree) if slot_column else None
    problem = None
    if slots is None:
        alignment = align_slots(text, tree)
        slots, problem = alignment.slots, alignment.problem
    return Example(text, root_intent(tree), slots, tree, domain, locale, source, problem)


def _slots_from_column(text: str, column: str, tree: Tree) -> tuple[SlotSpan, ...] | None:
    """Spans of the official slot column, if they hold exactly the words of the tree's slots.

    The column counts UTF-8 bytes; code points are tried too, since copies of the corpus differ. It
    has one span per slot, so it cannot express a slot of several spans: then only the tree decides.
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


def _read_official(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        with found.row(path, number):
            columns = split_columns(path, number, line, _OFFICIAL_COLUMNS)
            _, _, slot_column, text, domain, locale, tree_text, _ = columns
            if found.language and language_of(locale) != found.language:
                raise ValueError(
                    f"the locale must belong to the language of the file's name, {found.language!r}. "
                    f"Received: {locale!r}. Rename the file or its folder."
                )
            found.add(
                example_from_tree(
                    text,
                    tree_text,
                    source=f"{path}:{number}",
                    domain=domain,
                    locale=locale,
                    slot_column=slot_column,
                )
            )


def _read_json_lines(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        with found.row(path, number):
            row = json_object(line)
            text, tree_text = row.get("question"), row.get("logical_form")
            if not isinstance(text, str) or not isinstance(tree_text, str):
                raise ValueError(
                    "expected an object with the strings `question` and `logical_form`. "
                    f"Received: {line[:80]!r}."
                )
            locale = found.language or "en"
            found.add(example_from_tree(text, tree_text, source=f"{path}:{number}", locale=locale))


def _read_parallel(path: pathlib.Path, found: Findings) -> None:
    for place in read_json(path).elements(functools.partial(found.bad, path)):
        with found.row(path, place.line):
            try:
                texts, trees = place.value["question"], place.value["mr"]["slot_intent"]
                rows = [(name, texts[name], trees[name]) for name in texts if found.wants(name)]
            except (KeyError, TypeError) as error:
                raise ValueError(
                    "expected `question` and `mr.slot_intent` with the same languages. "
                    f"Received an entry without {error}."
                ) from error
            if not all(isinstance(value, str) for row in rows for value in row):
                raise ValueError(
                    f"`question` and `mr.slot_intent` must hold texts. Received: {rows!r:.80}."
                )
            source = f"{path}:{place.line}"
            for name, text, tree_text in rows:
                found.add(example_from_tree(text, tree_text, source=source, locale=name))


def _read_flat(path: pathlib.Path, found: Findings) -> None:
    rows = changed = 0
    for number, line in found.lines(path):
        with found.row(path, number):
            columns = split_columns(path, number, line, _FLAT_COLUMNS)
            if number == 1 and columns[0] == _FLAT_HEADER:
                continue
            _, intent, text, tags = columns
            tagged = slots_from_bio(text, text.split(" "), tags.split(" "))
            slots = opened_calls(text, joined_spans(text, tagged), found.language)
            rows, changed = rows + 1, changed + (slots != tuple(tagged))
            source = f"{path}:{number}"
            found.add(Example(text, intent, slots, locale=found.language, source=source))
    if changed:
        found.note(
            f"{path}: {changed:,} of {rows:,} rows have slots joined or opened, as the trees of MTOP have them"
        )


def _table(sample: Sample, columns: int) -> list[list[str]]:
    """The first rows of a table with tabs; none if most of them have not so many columns."""
    lines = [line.split("\t") for line in sample.lines()[:_SAMPLED]]
    rows = [line for line in lines if len(line) == columns]
    return rows if len(rows) >= len(lines) / 2 else []


def _is_official(sample: Sample) -> bool:
    return any(row[6].startswith("[IN:") for row in _table(sample, _OFFICIAL_COLUMNS))


def _is_json_lines(sample: Sample) -> bool:
    return any({"question", "logical_form"} <= set(value) for value in sampled_objects(sample))


def _is_parallel(sample: Sample) -> bool:
    return bool(_PARALLEL.match(sample.head))


def _is_flat(sample: Sample) -> bool:
    rows = _table(sample, _FLAT_COLUMNS)
    tagged = [
        row
        for row in rows
        if row[0].isdecimal() and all(TAG.fullmatch(tag) for tag in row[3].split(" "))
    ]
    # Lines with one word and one tag each are CoNLL with numbers.
    several = any(" " in row[3] for row in tagged)
    return bool(rows) and (rows[0][0] == _FLAT_HEADER or (several and len(tagged) > len(rows) / 2))


_LAYOUTS: dict[
    str, tuple[str, Callable[[Sample], bool], Callable[[pathlib.Path, Findings], None]]
] = {
    "official": ("eight columns with tabs, a tree in the seventh", _is_official, _read_official),
    "JSON lines": ('lines {"question", "logical_form"}', _is_json_lines, _read_json_lines),
    "parallel": ('[{"question": {…}, "mr": {"slot_intent": {…}}}]', _is_parallel, _read_parallel),
    "flat": ("four columns with tabs: row, intent, utterance, BIO tags", _is_flat, _read_flat),
}
MTOP_FILES = tuple(
    FileFormat(f"MTOP ({name})", looks, recognises, read)
    for name, (looks, recognises, read) in _LAYOUTS.items()
)
"""The layouts of MTOP."""


def read_mtop(path: str | os.PathLike[str], *, language: str | None = None) -> list[Example]:
    """Reads a file of MTOP in any of the layouts above.

    Args:
        path: The file.
        language: Which language to take from a parallel file; elsewhere, what the rows must be in (official) or are
            said to be in (JSON lines, flat). `None`: as the file says or its name.

    Returns:
        One example a row, in the order of the file. Rows whose slots cannot be found in the utterance are kept, with
        `problem`.

    Raises:
        DataError: If the file is missing or of no known layout, or rows cannot be read; the message names file and
            line of each.
    """
    file = pathlib.Path(path)
    sample = sample_of(file)
    if sample.trouble:
        raise DataError(f"{file} {sample.trouble}.")
    layout = next((known for known in MTOP_FILES if known.recognises(sample)), None)
    if layout is None:
        known = "; ".join(layout.looks for layout in MTOP_FILES)
        raise DataError(
            f"{file}:1: not a layout of MTOP ({known}). Received: {sample.lines()[0][:60]!r}."
        )
    found = Findings(language=language or language_of_name(file), languages=language and {language})
    layout.read(file, found)
    return found.examples()
