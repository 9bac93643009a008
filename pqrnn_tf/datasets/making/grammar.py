"""A grammar of our own that generates utterances with intents and nested slots in six languages.

It stands in for a corpus in the demo and in tests, so that both run from a clean clone. The rules
are in `pqrnn_tf.datasets.making.grammars`, one module a language. A rule is a text with

- `{name}`: any alternative of the rule `name`, chosen again at every place;
- `{name.1}`, `{name.2}`: the parts, divided by `|`, of one alternative of the rule `name`;
- `[SL:NAME …]` and `[IN:NAME …]`: a slot, and an intent inside a slot; the words directly in an
intent
  belong to the utterance and not to the decoupled tree;
- `[SL:NAME+ …]`: more words of the slot `NAME` before it.

White space counts, except the one space after a label, so that Thai is written without any.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import os
import pathlib
import random
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pqrnn_tf.datasets.corpora.mtop import LANGUAGES
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.trees import Tree, format_tree

DOMAINS: Mapping[str, str] = {
    "SEND_MESSAGE": "messaging",
    "GET_MESSAGE": "messaging",
    "CREATE_REMINDER": "reminder",
    "DELETE_REMINDER": "reminder",
    "CREATE_ALARM": "alarm",
    "DELETE_ALARM": "alarm",
    "PLAY_MUSIC": "music",
    "PAUSE_MUSIC": "music",
    "GET_WEATHER": "weather",
    "GET_SUNSET": "weather",
}
"""Domain of each intent of the grammar."""

_LOCALES = {language: f"{language}_XX" for language in LANGUAGES}
_CAPITAL = 0.5
_STOP = 0.3
_NO_QUESTION_MARK = 0.4
_PART = re.compile(r"\{(\w+)(?:\.(\d))?\}|\[((?:IN|SL):\w+)(\+?) |(\])|([^\[\]{}]+)")


@dataclasses.dataclass
class _Node:
    """A node of the tree under construction; a child is a node or a span of the utterance."""

    label: str
    children: list[_Node | tuple[int, int]] = dataclasses.field(default_factory=list)


@functools.cache
def _rules(language: str) -> tuple[Mapping[str, tuple[str, ...]], str]:
    if language not in LANGUAGES:
        raise ValueError(f"`language` must be one of {LANGUAGES}. Received: {language!r}.")
    module = importlib.import_module(f"pqrnn_tf.datasets.making.grammars.{language}")
    return module.RULES, module.STOP


@functools.cache
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """`(kind, value, extra)` of each part of a rule; the kinds are ref, open, close and text."""
    parts = []
    position = 0
    for match in _PART.finditer(template):
        if match.start() != position:
            break
        position = match.end()
        name, part, label, more, close, text = match.groups()
        if name:
            parts.append(("ref", name, part or ""))
        elif label:
            parts.append(("open", label, more))
        elif close:
            parts.append(("close", "", ""))
        else:
            parts.append(("text", text, ""))
    if position != len(template):
        raise ValueError(f"a rule cannot be read at position {position}. Received: {template!r}.")
    return tuple(parts)


def _pick(rng: random.Random, alternatives: Sequence[str]) -> str:
    # Only `random()` is promised to give the same numbers in every version of Python.
    return alternatives[int(rng.random() * len(alternatives))]


class _Builder:
    """Expands rules from left to right into an utterance and its tree."""

    def __init__(
        self, rules: Mapping[str, tuple[str, ...]], rng: random.Random, intent: str
    ) -> None:
        self.rules = rules
        self.rng = rng
        self.text: list[str] = []
        self.length = 0
        self.root = _Node(intent)
        self.open = [self.root]
        self.expand(_pick(rng, rules[intent]))

    def expand(self, template: str) -> None:
        bound: dict[str, list[str]] = {}
        for kind, value, extra in _parts(template):
            if kind == "text":
                self.add(value)
            elif kind == "open":
                self.enter(value, bool(extra))
            elif kind == "close":
                self.open.pop()
            elif extra:
                if value not in bound:
                    bound[value] = _pick(self.rng, self.rules[value]).split("|")
                self.expand(bound[value][int(extra) - 1])
            else:
                self.expand(_pick(self.rng, self.rules[value]))

    def add(self, text: str) -> None:
        start, self.length = self.length, self.length + len(text)
        self.text.append(text)
        children = self.open[-1].children
        last = children[-1] if children else None
        if isinstance(last, tuple) and last[1] == start:
            children[-1] = (last[0], self.length)
        else:
            children.append((start, self.length))

    def enter(self, label: str, more: bool) -> None:
        siblings = [child for child in self.open[-1].children if isinstance(child, _Node)]
        if more:
            # Another run of words of the slot of that name that was opened last.
            self.open.append(next(node for node in reversed(siblings) if node.label == label))
            return
        node = _Node(label)
        self.open[-1].children.append(node)
        self.open.append(node)


def _split_words(text: str) -> list[str]:
    """Cuts words as MTOP's trees do: `7pm` → `7 pm`, `doctor's` → `doctor 's`."""
    kinds = ""
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if character.isspace():
            kinds += " "
        elif category[0] in "LM":
            kinds += "a"
        elif category == "Nd":
            kinds += "0"
        elif (
            character in "'’-"
            and 0 < index < len(text) - 1
            and text[index - 1].isalpha()
            and text[index + 1].isalpha()
        ):
            kinds += "a"
        else:
            kinds += "."
    words = []
    for match in re.finditer(r"a+|0+|\.", kinds):
        word = text[match.start() : match.end()]
        head, mark, tail = word[:-2], word[-2:-1], word[-1:]
        if head and mark in ("'", "’") and tail == "s":
            words += [head, mark + tail]
        else:
            words.append(word)
    return words


def _decoupled(node: _Node, text: str) -> Tree:
    """The node without the words that stand directly in an intent."""
    children: list[Tree | str] = []
    for child in node.children:
        if isinstance(child, _Node):
            children.append(_decoupled(child, text))
        elif node.label.startswith("SL:"):
            children.extend(_split_words(text[child[0] : child[1]]))
    return Tree(node.label, tuple(children))


def _runs(node: _Node) -> list[tuple[int, int]]:
    """Spans of the words of a slot, without those that stand directly in an intent."""
    runs = []
    for child in node.children:
        if isinstance(child, _Node):
            runs += _runs(child)
        elif node.label.startswith("SL:"):
            runs.append(child)
    return runs


def _slot(node: _Node, text: str) -> SlotSpan:
    spans: list[tuple[int, int]] = []
    for start, end in _runs(node):
        run = text[start:end]
        start, end = start + len(run) - len(run.lstrip()), end - len(run) + len(run.rstrip())
        if start >= end:
            continue
        if spans and not text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return SlotSpan(node.label[3:], tuple(spans))


def _one(language: str, rng: random.Random, source: str) -> Example:
    rules, stop = _rules(language)
    intent = _pick(rng, tuple(DOMAINS))
    builder = _Builder(rules, rng, f"IN:{intent}")
    text = "".join(builder.text)
    first = 1 if text.startswith("¿") else 0
    if rng.random() < _CAPITAL and len(text[first].upper()) == 1:
        text = text[:first] + text[first].upper() + text[first + 1 :]
    chance = rng.random()
    if text.endswith("?"):
        if chance < _NO_QUESTION_MARK:
            text = text[:-1].rstrip()
    elif stop and not text.endswith(stop) and chance < _STOP:
        text += stop
    nodes = [child for child in builder.root.children if isinstance(child, _Node)]
    tree = Tree(builder.root.label, tuple(_decoupled(node, text) for node in nodes))
    slots = tuple(_slot(node, text) for node in nodes)
    return Example(text, intent, slots, tree, DOMAINS[intent], _LOCALES[language], source)


def generate(count: int, *, language: str = "en", seed: int = 0) -> list[Example]:
    """Generates utterances with their trees and exact slot spans.

    The same arguments give the same examples on every platform and in every version of Python.

    Args:
        count: How many examples.
        language: One of `LANGUAGES`.
        seed: Any integer.

    Returns:
        `count` examples with different texts.

    Raises:
        ValueError: If `language` is unknown, or `count` is negative or more than the grammar can
            say.
    """
    _rules(language)
    if count < 0:
        raise ValueError(f"`count` must be zero or more. Received: {count}.")
    rng = random.Random(zlib.crc32(f"{language}:{seed}".encode()))
    seen: set[str] = set()
    examples: list[Example] = []
    misses = 0
    while len(examples) < count:
        example = _one(language, rng, f"grammar/{language}:{len(examples) + 1}")
        if example.text in seen:
            misses += 1
            if misses > 20 * count + 1000:
                raise ValueError(
                    f"`count` is more than the grammar of {language!r} can say. "
                    f"Received: {count}; found {len(examples)} different utterances. Ask for fewer."
                )
            continue
        seen.add(example.text)
        examples.append(example)
    return examples


def _official_row(number: int, example: Example) -> str:
    if example.tree is None or example.slots is None:
        raise ValueError(
            "`examples` must have trees and slots to be written. "
            f"Received: source={example.source!r}, problem={example.problem!r}."
        )
    if any(mark in example.text for mark in "\t\n\r"):
        raise ValueError(
            "an utterance with a tab or a line end cannot be written as a column. "
            f"Received: {example.text!r}."
        )

    def offset(position: int) -> int:
        return len(example.text[:position].encode("utf-8"))

    slots = ",".join(
        f"{offset(slot.start)}:{offset(slot.end)}:SL:{slot.name}"
        for slot in sorted(example.slots, key=lambda slot: slot.start)
    )
    tokens: list[str] = []
    spans = []
    position = 0
    for token in _split_words(example.text):
        position = example.text.index(token, position)
        tokens.append(token)
        spans.append({"start": offset(position), "length": len(token.encode("utf-8"))})
        position += len(token)
    columns = (
        str(number),
        f"IN:{example.intent}",
        slots,
        example.text,
        example.domain,
        example.locale,
        format_tree(example.tree),
        json.dumps({"tokens": tokens, "tokenSpans": spans}, ensure_ascii=False),
    )
    return "\t".join(columns)


def write_mtop_file(path: str | os.PathLike[str], examples: Iterable[Example]) -> None:
    """Writes examples in the official eight-column layout of MTOP.

    The third column has one span a slot, in UTF-8 bytes; for a slot of several spans, their hull.

    Raises:
        ValueError: If an example has no tree or no slots, or its text has a tab or a line end.
    """
    rows = [_official_row(number, example) + "\n" for number, example in enumerate(examples)]
    pathlib.Path(path).write_text("".join(rows), encoding="utf-8", newline="\n")


def write_mtop_folder(
    folder: str | os.PathLike[str],
    *,
    languages: Sequence[str] = LANGUAGES,
    train: int = 1000,
    dev: int = 200,
    test: int = 200,
    seed: int = 0,
) -> pathlib.Path:
    """Writes a folder of generated utterances that reads like MTOP's own.

    Args:
        folder: Where to write `<language>/train.txt`, `eval.txt` and `test.txt`; made if missing.
        languages: Some of `LANGUAGES`.
        train: Rows of the training split.
        dev: Rows of the development split, which MTOP calls `eval`.
        test: Rows of the test split. No text stands in two splits of a language.
        seed: See `generate`.

    Returns:
        `folder`.
    """
    root = pathlib.Path(folder)
    for language in languages:
        examples = generate(train + dev + test, language=language, seed=seed)
        (root / language).mkdir(parents=True, exist_ok=True)
        write_mtop_file(root / language / "train.txt", examples[:train])
        write_mtop_file(root / language / "eval.txt", examples[train : train + dev])
        write_mtop_file(root / language / "test.txt", examples[train + dev :])
    return root


_SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# Basic Latin, Latin-1 letters, Latin Extended-A, Devanagari, Thai, general punctuation in use.
_CHARACTER_RANGES = ((0x21, 0x7E), (0xA1, 0x17F), (0x900, 0x97F), (0xE01, 0xE5B), (0x2013, 0x2026))
_MIN_EXTRA_COUNT = 2


def _pieces_of(text: str) -> list[str]:
    """Splits as BERT's basic tokenizer does: at white space, and around each punctuation mark."""
    spaced = "".join(
        f" {character} "
        if unicodedata.category(character)[0] == "P" or character in "$+<=>^`|~"
        else character
        for character in text
    )
    return spaced.split()


def vocabulary(
    languages: Sequence[str] = LANGUAGES,
    *,
    extra_texts: Iterable[str] = (),
    max_extra_words: int = 8000,
) -> list[str]:
    """A cased word-piece vocabulary for a small BERT teacher of the grammar.

    Every character of the scripts in use is there as `x` and as `##x`, so that no word becomes
    `[UNK]`; the words of the grammar are whole pieces, those of Thai also as continuations (`##…`),
    since its words do not stand apart.

    Args:
        languages: Some of `LANGUAGES`.
        extra_texts: Other texts, such as the utterances of a corpus: their characters are added,
            and their words from the second occurrence on.
        max_extra_words: At most so many words of `extra_texts`, the most frequent first.

    Returns:
        The pieces; the first five are `[PAD] [UNK] [CLS] [SEP] [MASK]`.
    """
    words: dict[str, None] = {}
    continued: dict[str, None] = {}
    for language in languages:
        rules, stop = _rules(language)
        for alternatives in (*rules.values(), (stop,)):
            for template in alternatives:
                for kind, value, _ in _parts(template) if template else ():
                    if kind != "text":
                        continue
                    for part in value.split("|"):
                        for word in _pieces_of(part):
                            words[word] = None
                            words[word[0].upper() + word[1:]] = None
                            if language == "th":
                                continued["##" + word] = None
    characters = {
        chr(code)
        for first, last in _CHARACTER_RANGES
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cf", "Zs")
    }
    counts: Counter[str] = Counter()
    for text in extra_texts:
        counts.update(_pieces_of(text))
    frequent = sorted(
        (word for word, count in counts.items() if count >= _MIN_EXTRA_COUNT),
        key=lambda word: (-counts[word], word),
    )
    words.update(dict.fromkeys(frequent[:max_extra_words]))
    for word in (*words, *counts):
        characters.update(word)
    alphabet = sorted(characters)
    pieces = (
        *_SPECIAL_PIECES,
        *alphabet,
        *("##" + character for character in alphabet),
        *words,
        *continued,
    )
    return list(dict.fromkeys(pieces))
