"""Names that training never saw, as the values of slots that may hold any name."""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from pqrnn_tf.datasets.formats.found import language_of as language_of_locale
from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.invented import capitalised, invented_word, random_script
from pqrnn_tf.datasets.making.forms.places import is_word
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting
from pqrnn_tf.datasets.rows import Example

_SELDOM = 2
_SHARE, _WORDS = 0.1, 500
_SHARE_OF_FEW, _FEW_WORDS = 0.2, 50
_SHARE_OF_NAMES, _WORDS_OF_NAMES = 0.4, 100
_LONGEST_NAME = 3
_WHOLE = 0.5
_FOREIGN = 0.125
_WORD = re.compile(r"[^\s\d_.,;:!?¿¡।\"'’“”«»()\[\]{}/&+-]+")


@dataclasses.dataclass(frozen=True)
class OpenSlots:
    """Slots whose values are of an open class, so that words never seen may stand in them.

    A slot is open where many of its words are seldom: at least 10 % of them (of those that occur at most twice in it),
    with 500 words or more; or 20 %, with 50 or more. One with 40 % and 100 words holds names, which may be replaced as
    a whole. Dates, amounts, sorts and units are not open, whatever their number.

    Attributes:
        seldom: For each open slot its seldom words, in lower case.
        common: Words that stand outside of slots or often in other slots, in lower case.
        names: The open slots that hold names.
    """

    seldom: Mapping[tuple[str, str], frozenset[str]]
    names: frozenset[tuple[str, str]]
    common: frozenset[str]

    @classmethod
    def of(cls, examples: Iterable[Example]) -> OpenSlots:
        """The open slots of rows, usually the training rows; each language has its own."""
        words: dict[tuple[str, str], Counter[str]] = {}
        outside: Counter[str] = Counter()
        for example in examples:
            if not example.slots:
                continue
            rewriting = Rewriting.of(example)
            position = 0
            for name, (start, end) in sorted(
                zip(rewriting.part_names, rewriting.parts, strict=True), key=lambda part: part[1]
            ):
                key = (language_of(example), name)
                words.setdefault(key, Counter()).update(_words(example.text[start:end]))
                outside.update(_words(example.text[position:start]))
                position = end
            outside.update(_words(example.text[position:]))
        seldom, names = {}, set()
        for key, counts in words.items():
            few = frozenset(word for word, count in counts.items() if count <= _SELDOM)
            share = sum(counts[word] for word in few) / sum(counts.values()) if counts else 0.0
            if (share >= _SHARE and len(counts) >= _WORDS) or (
                share >= _SHARE_OF_FEW and len(counts) >= _FEW_WORDS
            ):
                seldom[key] = few
                if share >= _SHARE_OF_NAMES and len(counts) >= _WORDS_OF_NAMES:
                    names.add(key)
        common = frozenset(word for word, count in outside.items() if count > _SELDOM)
        return cls(seldom, frozenset(names), common)


def language_of(example: Example) -> str:
    """The language of an example, English where it says none."""
    return language_of_locale(example.locale) or "en"


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _WORD.finditer(text)]


def invented_values(
    rewriting: Rewriting, rng: random.Random, language: str, open_slots: OpenSlots
) -> Rewriting:
    """Values of open slots with made-up words in the place of names; labels stay.

    One in eight values is in letters of another script.
    """
    edits: list[Edit] = []
    for name, (start, end) in sorted(
        zip(rewriting.part_names, rewriting.parts, strict=True), key=lambda part: part[1]
    ):
        key = (language, name)
        whole = rng.random() < _WHOLE
        if key not in open_slots.seldom:
            continue
        value = rewriting.text[start:end]
        if key in open_slots.names and whole and _is_name(value, open_slots):
            edits.append((start, end, _invented_name(value, rng, language)))
            continue
        for match in _WORD.finditer(value):
            word = match.group()
            if word.lower() in open_slots.seldom[key] and _replaceable(word, open_slots):
                new = invented_word(rng, language)
                new = capitalised(new) if word[0].isupper() else new
                edits.append((start + match.start(), start + match.end(), new))
    return rewriting.edited(edits)


def _invented_name(value: str, rng: random.Random, language: str) -> str:
    """A name of one to three words, with capitals where the value has one."""
    count = pick(rng, (1, 1, 2, 2, 3))
    if rng.random() < _FOREIGN:
        return random_script(rng, count)
    words = [invented_word(rng, language) for _ in range(count)]
    return " ".join(capitalised(word) if value[:1].isupper() else word for word in words)


def _replaceable(word: str, open_slots: OpenSlots) -> bool:
    return len(word) > 2 and is_word(word) and word.lower() not in open_slots.common


def _is_name(value: str, open_slots: OpenSlots) -> bool:
    """Whether a value is a few words of letters, none of them common outside of slots."""
    words = value.split()
    return 0 < len(words) <= _LONGEST_NAME and all(_replaceable(word, open_slots) for word in words)
