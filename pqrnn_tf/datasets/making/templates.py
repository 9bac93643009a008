"""Training rows from templates: a reader of template files and their expansion.

A file is UTF-8 text, one template a line: `INTENT<TAB>utterance`. Empty lines and lines that start with `#` say
nothing. In the utterance:

- `{SLOT}` is a slot, filled with a value that the slot has in labelled rows of the language;
- `{SLOT:one value|another value}` is a slot, filled with one of these values; an empty value stands for no slot;
- `(one phrase|another|)` is one of these phrases; it may be empty, and may hold slots.

Nothing else nests, and `{ } ( ) |` have no other use. Words are separated by spaces; several spaces count as one.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
import pathlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pqrnn_tf.datasets.formats.text_files import numbered_lines, split_columns
from pqrnn_tf.datasets.making.augmentation import SlotValues
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_SLOT = r"\{[^{}()]*\}"
_PART = re.compile(rf"(?P<slot>{_SLOT})|\((?P<phrases>(?:{_SLOT}|[^{{}}()])*)\)|[^{{}}()|]+")
_IN_PHRASES = re.compile(rf"(?P<slot>{_SLOT})|(?P<bar>\|)|[^{{}}|]+")
_DRAWS = 8

_T = TypeVar("_T")

Values = Callable[[str, str], Sequence[str]]
"""Maps the name of an intent and of a slot to values of the slot."""


@dataclasses.dataclass(frozen=True)
class TemplateSlot:
    """A slot of a template.

    Attributes:
        name: Slot name without `SL:`.
        values: What may stand there, `""` for no slot; none for any value that the slot has elsewhere.
    """

    name: str
    values: tuple[str, ...] = ()


Phrase = tuple[str | TemplateSlot, ...]
"""Words and slots from left to right."""


@dataclasses.dataclass(frozen=True)
class Template:
    """An utterance with choices.

    Attributes:
        intent: Root intent, without `IN:`.
        parts: The utterance from left to right; of each part one phrase is taken.
        source: `"file:line"`.
    """

    intent: str
    parts: tuple[tuple[Phrase, ...], ...]
    source: str

    def slots(self) -> Iterator[TemplateSlot]:
        """Every slot that may occur, in text order."""
        for phrases in self.parts:
            for piece in itertools.chain.from_iterable(phrases):
                if isinstance(piece, TemplateSlot):
                    yield piece


def read_templates(path: str | os.PathLike[str]) -> list[Template]:
    """Reads a file of templates, in the form that the module describes.

    Raises:
        DataError: If the file is missing, holds no template, or a line cannot be read; the message starts with
            `file:line`.
    """
    file = pathlib.Path(path)
    templates = []
    for number, line in numbered_lines(file):
        if not line.strip() or line.startswith("#"):
            continue
        source = f"{file}:{number}"
        intent, utterance = split_columns(file, number, line, 2)
        if not _NAME.fullmatch(intent):
            raise DataError(
                f"{source}: the intent must be a name of capitals, digits and `_`, without `IN:`. "
                f"Received: {intent!r}."
            )
        if not re.search(r"\w", utterance):
            raise DataError(f"{source}: the utterance must have words. Received: {utterance!r}.")
        templates.append(Template(intent, _parts(utterance, source), source))
    if not templates:
        raise DataError(f"{file}: expected at least one line `INTENT<TAB>utterance`. Found none.")
    return templates


def _parts(utterance: str, source: str) -> tuple[tuple[Phrase, ...], ...]:
    parts: list[tuple[Phrase, ...]] = []
    position = 0
    while position < len(utterance):
        match = _PART.match(utterance, position)
        if match is None:
            raise DataError(
                f"{source}: expected words, `{{SLOT}}`, `{{SLOT:value|value}}` or `(phrase|phrase)`, each closed. "
                f"Received: {utterance[position : position + 40]!r}."
            )
        if match["slot"] is not None:
            parts.append(((_slot(match["slot"], source),),))
        elif match["phrases"] is not None:
            parts.append(_phrases(match["phrases"], source))
        else:
            parts.append(((match[0],),))
        position = match.end()
    return tuple(parts)


def _phrases(inside: str, source: str) -> tuple[Phrase, ...]:
    phrases: list[list[str | TemplateSlot]] = [[]]
    for match in _IN_PHRASES.finditer(inside):
        if match["bar"] is not None:
            phrases.append([])
        else:
            slot = match["slot"]
            phrases[-1].append(match[0] if slot is None else _slot(slot, source))
    return tuple(tuple(phrase) for phrase in phrases)


def _slot(written: str, source: str) -> TemplateSlot:
    name, colon, listed = written[1:-1].partition(":")
    values = tuple(value.strip() for value in listed.split("|")) if colon else ()
    if not _NAME.fullmatch(name) or (colon and not any(values)):
        raise DataError(
            f"{source}: a slot must be `{{NAME}}` or `{{NAME:value|value}}`, the name of capitals, digits and `_`, "
            f"not all values empty. Received: {written!r}."
        )
    return TemplateSlot(name, values)


def values_of_rows(rows: SlotValues, language: str) -> Values:
    """The values of slots in labelled rows of one language, as `expand_templates` takes them.

    Args:
        rows: What the rows hold.
        language: Locale of the rows; values of others are not given.
    """

    @functools.cache
    def values(intent: str, slot: str) -> Sequence[str]:
        probe = Example("", intent, (), locale=language)
        return [value for value, _ in rows.candidates(probe, SlotSpan(slot, ((0, 1),)))]

    return values


def expand_templates(
    templates: Sequence[Template], rows: int, *, language: str, values: Values, seed: int = 0
) -> list[Example]:
    """Makes labelled rows from templates, decided by the seed.

    Each template makes as many rows as any other, or one more. A text that is there already is drawn anew, a few
    times; a template with few choices repeats its texts.

    Args:
        templates: At least one where `rows` is not 0.
        rows: How many rows to make.
        language: Becomes the locale of the rows.
        values: Values of the slots that a template gives none for, see `values_of_rows`.
        seed: Any integer.

    Returns:
        Rows with `slots`, without trees; their `source` is the template's.

    Raises:
        DataError: If a slot has no values; the message starts with `file:line` of the template.
        ValueError: If `rows` is negative, or there are no templates for them.
    """
    if rows < 0 or (rows and not templates):
        raise ValueError(
            "`rows` must be 0 or more, and 0 without templates. "
            f"Received: rows={rows}, {len(templates)} templates."
        )
    rng = random.Random(f"{seed} {language}")
    order = list(templates)
    rng.shuffle(order)
    seen: set[str] = set()
    examples = []
    for template in itertools.islice(itertools.cycle(order), rows):
        for _ in range(_DRAWS):
            example = _expanded(template, language, values, rng)
            if example.text not in seen:
                break
        seen.add(example.text)
        examples.append(example)
    return examples


def _expanded(template: Template, language: str, values: Values, rng: random.Random) -> Example:
    text = ""
    slots = []
    for phrases in template.parts:
        for piece in _chosen(phrases, rng):
            if isinstance(piece, str):
                words = piece
            else:
                known = piece.values or values(template.intent, piece.name)
                if not known:
                    raise DataError(
                        f"{template.source}: no row in the language {language!r} has a value of the slot "
                        f"{piece.name}. Give values: {{{piece.name}:one|another}}."
                    )
                words = _chosen(known, rng)
            words = re.sub(r"\s+", " ", words)
            if not text or text.endswith(" "):
                words = words.removeprefix(" ")
            if isinstance(piece, TemplateSlot) and words:
                slots.append(SlotSpan(piece.name, ((len(text), len(text) + len(words)),)))
            text += words
    return Example(
        text.rstrip(), template.intent, tuple(slots), locale=language, source=template.source
    )


def _chosen(choices: Sequence[_T], rng: random.Random) -> _T:
    return choices[int(rng.random() * len(choices))]
