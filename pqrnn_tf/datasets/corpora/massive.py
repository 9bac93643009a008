"""Readers of MASSIVE: JSON lines as published, and lines `token:tag token:tag … <=> intent`.

FitzGerald et al. 2022, arXiv 2204.08582; Bastianelli et al. 2020, arXiv 2011.13205.
"""

from __future__ import annotations

import os
import pathlib
import re
from typing import Any

from pqrnn_tf.datasets.formats.bio import slots_from_bio, split_words
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.json_rows import json_object, sampled_objects
from pqrnn_tf.datasets.rows import Example, SlotSpan

ARROW = " <=> "
"""What stands between the words and the intent."""

_SLOT = re.compile(r"\[\s*(?P<name>[^\[\]:]+?)\s*:\s*(?P<value>[^\[\]]*?)\s*\]")


def read_massive(path: str | os.PathLike[str]) -> list[Example]:
    """Reads one file of tagged lines, such as `massive_en/train.txt`.

    The text of a row is its words joined by one space.

    Raises:
        DataError: If the file is missing, or lines have no intent, a word no tag, or a tag another form than BIO; the
            message names file and line of each.
    """
    found = Findings()
    _read_tagged(pathlib.Path(path), found)
    return found.examples()


def _read_tagged(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        if not line.strip():
            continue
        with found.row(path, number):
            tagged, arrow, intent = line.rpartition(ARROW)
            # A word may have colons of its own.
            cut = [token.rpartition(":") for token in split_words(tagged)]
            if not arrow or not intent.strip() or not cut or not all(word for word, _, _ in cut):
                raise ValueError(
                    f"expected `token:tag token:tag …{ARROW}intent`. Received: {line[:80]!r}."
                )
            words = [word for word, _, _ in cut]
            text = " ".join(words)
            slots = slots_from_bio(text, words, [tag for _, _, tag in cut])
            source = f"{path}:{number}"
            found.add(Example(text, intent.strip(), slots, locale="en", source=source))


def _read_published(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        if not line.strip():
            continue
        with found.row(path, number):
            value = json_object(line)
            if found.wants(str(value.get("locale") or "")):
                example = _published(value, f"{path}:{number}")
                found.add(example, split=found.said_split(path, number, value.get("partition")))


def _published(value: dict[str, Any], source: str) -> Example:
    text, annotated, intent = (value.get(key) for key in ("utt", "annot_utt", "intent"))
    if not (isinstance(text, str) and isinstance(annotated, str) and isinstance(intent, str)):
        raise ValueError(
            f"expected the texts `utt`, `annot_utt` and `intent`. Received the keys {sorted(value)}."
        )
    return Example(
        text,
        intent,
        slots_of_annotation(text, annotated),
        domain=str(value.get("scenario") or ""),
        locale=str(value.get("locale") or ""),
        source=source,
    )


def slots_of_annotation(text: str, annotated: str) -> tuple[SlotSpan, ...]:
    """The slots of `wake me at [time : nine am]`, where they stand in the text.

    White space makes no difference: scripts that are written without have some around slots.

    Raises:
        ValueError: If the annotation without its brackets is not the text.
    """
    characters = [(place, letter) for place, letter in enumerate(text) if not letter.isspace()]
    slots: list[SlotSpan] = []
    plain, position = "", 0
    for match in _SLOT.finditer(annotated):
        plain += "".join(annotated[position : match.start()].split())
        value = "".join(match["value"].split())
        first, last = len(plain), len(plain) + len(value) - 1
        plain += value
        position = match.end()
        if value and last < len(characters):
            slots.append(
                SlotSpan(match["name"], ((characters[first][0], characters[last][0] + 1),))
            )
    plain += "".join(annotated[position:].split())
    if plain != "".join(letter for _, letter in characters):
        raise ValueError(
            f"the annotation must be the text with slots in brackets. Received: {annotated[:80]!r} for "
            f"{text[:80]!r}."
        )
    return tuple(slots)


def _is_tagged(sample: Sample) -> bool:
    lines = [line for line in sample.lines()[:20] if line.strip()]
    tagged = [ARROW in line and bool(re.search(r":(?:O|[BI]-\S+)\s", line)) for line in lines]
    return sum(tagged) > len(lines) / 2


def _is_published(sample: Sample) -> bool:
    return any({"utt", "annot_utt", "intent"} <= set(value) for value in sampled_objects(sample))


MASSIVE_TAGGED = FileFormat(
    "MASSIVE (tagged)", f"lines `token:tag …{ARROW}intent`", _is_tagged, _read_tagged
)
MASSIVE_JSON = FileFormat(
    "MASSIVE (JSON lines)",
    'lines {"utt", "annot_utt", "intent", "partition"}',
    _is_published,
    _read_published,
)
