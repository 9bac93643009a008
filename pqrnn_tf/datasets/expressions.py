"""Sentence templates in hassil's syntax, read by hassil and sampled with the places of their slots.

    [please] turn (on|off) the {area} lights
    wake me {(at seven|tomorrow):time}
    <set> the {brightness:level} ([in] here;to {0..100:value} percent)

- `[words]` may be there or not; `(one|two)` is one of the two; `(one;two)` is both, in any order;
- `<rule>` stands for the rule of that name;
- `{list}` is a value of the list of that name and fills the slot of the same name, `{list:slot}` fills another slot;
- `{0..100:slot}` and `{0..100,5:slot}` are numbers, in digits or in words;
- `{(one|two):slot}` is a list without a name. Only this form is not hassil's own;
- `\\` before one of `( ) [ ] { } < > | ; \\` takes the character as it is.

Words are joined as they stand: `light[s]` is one word. The syntax is explained at https://github.com/OHF-Voice/hassil.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from pqrnn_tf.datasets.rows import DataError
from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.extras import require

if TYPE_CHECKING:
    import hassil

_T = TypeVar("_T")
_FRACTIONS = 0.2
"""Share of numbers with a fraction, where a list of numbers has them."""


@dataclasses.dataclass(frozen=True)
class OneOf:
    """One of some expressions, each as likely as any other."""

    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class InOrder:
    """Expressions one after the other."""

    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class AnyOrder:
    """Expressions in any order."""

    items: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class Numbers:
    """A number.

    Attributes:
        integers: The whole numbers.
        fractions: What may be added to one.
        digits: Whether it may be in digits.
        words: Whether it may be in words.
        language: Language of the words; empty for that of the text.
    """

    integers: range
    fractions: tuple[float, ...] = ()
    digits: bool = True
    words: bool = True
    language: str = ""


@dataclasses.dataclass(frozen=True)
class SlotNode:
    """A value that fills a slot.

    Attributes:
        name: Name of the slot.
        list_name: Name of the list that the value is of.
        values: The values; `None` where no list has that name, so that whoever samples must give them.
    """

    name: str
    list_name: str
    values: Node | None


Node = str | OneOf | InOrder | AnyOrder | Numbers | SlotNode
"""A parsed template, rules and lists put in. A `str` is words as they stand."""

Values = Callable[[str], Sequence[str]]
"""Maps the name of a list that a template does not define to its values."""


class NoValuesError(LookupError):
    """No list has the name of the message, and whoever samples has no values of it."""


class Grammar:
    """Rules and lists that templates refer to.

    Args:
        rules: Maps the name of a rule to its template and `"file:line"`.
        lists: Maps the name of a list to the list, as hassil has it. Whoever samples gives the values of those of free
            text (`WildcardSlotList`).
        is_open: Says of a list that is not here whether templates may refer to it, so that whoever samples gives
            its values.
    """

    def __init__(
        self,
        rules: Mapping[str, tuple[str, str]] | None = None,
        lists: Mapping[str, hassil.SlotList] | None = None,
        *,
        is_open: Callable[[str], bool] = lambda name: False,
    ):
        self._rules = dict(rules or {})
        self._lists = dict(lists or {})
        self._is_open = is_open
        self._parsed_rules: dict[str, Node] = {}
        self._parsed_lists: dict[str, Node] = {}
        self._entered: list[str] = []

    def extended(
        self, rules: Mapping[str, tuple[str, str]], lists: Mapping[str, hassil.SlotList]
    ) -> Grammar:
        """This grammar with more rules and lists, which hide those of the same names."""
        if not rules and not lists:
            return self
        return Grammar({**self._rules, **rules}, {**self._lists, **lists}, is_open=self._is_open)

    def parse(self, text: str, source: str) -> Node:
        """Parses a template.

        Args:
            text: The template.
            source: `"file:line"`, for messages.

        Raises:
            DataError: If the template cannot be read, or a rule or a list is unknown; the message starts with
                `source`.
        """
        self._entered = []
        return self._parsed(text, source)

    def _parsed(self, text: str, source: str) -> Node:
        plain, inline = _named_lists(text, source)
        return self._node(parse_expression(plain, source), inline, source)

    def _node(self, expression: hassil.Expression, inline: Mapping[str, str], source: str) -> Node:
        hassil = require("hassil")
        if isinstance(expression, hassil.TextChunk):
            return expression.original_text
        if isinstance(expression, hassil.RuleReference):
            return self._rule(expression.rule_name, source)
        if isinstance(expression, hassil.ListReference):
            return self._slot(expression, inline, source)
        if isinstance(expression, hassil.Group):
            items = tuple(self._node(item, inline, source) for item in expression.items)
            if isinstance(expression, hassil.Alternative):
                return OneOf(items)
            if isinstance(expression, hassil.Permutation):
                return AnyOrder(items)
            return items[0] if len(items) == 1 else InOrder(items)
        raise TypeError(f"hassil has no expression {type(expression).__name__}")

    def _rule(self, name: str, source: str) -> Node:
        if name not in self._rules:
            raise DataError(
                f"{source}: there is no rule <{name}>. Known rules: {_listed(self._rules)}. "
                f"Define it, or write \\<{name}\\> if the signs are meant."
            )
        if name in self._entered:
            circle = " → ".join(f"<{rule}>" for rule in [*self._entered, name])
            raise DataError(f"{source}: the rule <{name}> refers to itself: {circle}.")
        if name not in self._parsed_rules:
            self._entered.append(name)
            self._parsed_rules[name] = self._parsed(*self._rules[name])
            self._entered.pop()
        return self._parsed_rules[name]

    def _slot(
        self, reference: hassil.ListReference, inline: Mapping[str, str], source: str
    ) -> SlotNode:
        name, slot = reference.list_name, reference.slot_name
        if name in inline:
            return SlotNode(slot, inline[name], self._parsed(inline[name], source))
        for part in (name, slot):
            if not part or part != part.strip() or re.search(r"[()\[\]{}<>|;]", part):
                raise DataError(
                    f"{source}: a slot must be `{{list}}`, `{{list:slot}}` or `{{(value|value):slot}}`. "
                    f"Received: {f'{{{name}:{slot}}}' if slot != name else f'{{{name}}}'!r}."
                )
        if bounds := reference.get_inline_range() if reference.is_inline_range else None:
            first, last, step = bounds
            if first > last or step < 1:
                raise DataError(
                    f"{source}: numbers must run upwards, in steps of 1 or more, such as `{{1..9,2:slot}}`. "
                    f"Received: {f'{{{name}:{slot}}}'!r}."
                )
            return SlotNode(slot, name, Numbers(range(first, last + 1, step)))
        if isinstance(self._lists.get(name), require("hassil").WildcardSlotList):
            return SlotNode(slot, name, None)
        if name in self._lists:
            if name not in self._parsed_lists:
                self._parsed_lists[name] = self._values(name, source)
            return SlotNode(slot, name, self._parsed_lists[name])
        if not self._is_open(name):
            raise DataError(
                f"{source}: there is no list {{{name}}}. Known lists: {_listed(self._lists)}."
            )
        return SlotNode(slot, name, None)

    def _values(self, name: str, source: str) -> Node:
        hassil = require("hassil")
        found = self._lists[name]
        if isinstance(found, hassil.TextSlotList) and found.values:
            return OneOf(tuple(self._node(value.text_in, {}, source) for value in found.values))
        if isinstance(found, hassil.RangeSlotList):
            return Numbers(
                range(found.start, found.stop + 1, found.step),
                tuple(hassil.RangeFractionType.get_fractions(found.fraction_type)),
                found.digits,
                found.words,
                found.words_language or "",
            )
        raise DataError(f"{source}: the list {{{name}}} has no values. Give it some.")


def parse_expression(text: str, source: str) -> hassil.Expression:
    """Parses a template with hassil.

    Raises:
        DataError: If it cannot be read; the message starts with `source`.
    """
    hassil = require("hassil")
    errors = require("hassil.parser")
    try:
        return hassil.parse_sentence(text).expression
    except (errors.ParseError, AssertionError) as error:
        raise DataError(
            f"{source}: expected a template in hassil's syntax, each of ( [ {{ < closed, and `\\` before a sign that "
            f"is meant as it is. Received: {text!r}."
        ) from error


def _named_lists(text: str, source: str) -> tuple[str, dict[str, str]]:
    """Gives each list without a name, `{(one|two):slot}`, a name, and maps the names to the values as written."""
    parser = require("hassil.parser")
    inline: dict[str, str] = {}
    parts = []
    at = 0
    for match in re.finditer(r"\\.|\{(?=\()", text):
        if match[0] != "{" or match.start() < at:
            continue
        try:
            chunk = parser.next_chunk(text, match.start())
            values = parser.next_chunk(chunk.text[1:-1])
        except parser.ParseError as error:
            raise DataError(f"{source}: expected `{{(value|value):slot}}`, each closed.") from error
        rest = chunk.text[1 + values.end_index : -1]
        if not rest.startswith(":") or re.search(r"(?<!\\)\{", values.text):
            raise DataError(
                f"{source}: a list without a name must be `{{(value|value):slot}}`, without slots in the values. "
                f"Received: {chunk.text!r}."
            )
        name = f"\0{len(inline)}"
        inline[name] = values.text
        parts += [text[at : match.start()], f"{{{name}{rest}}}"]
        at = chunk.end_index
    return "".join([*parts, text[at:]]), inline


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"


def slot_nodes(node: Node) -> Iterator[SlotNode]:
    """Every slot that a template may fill, in the order in which they are written."""
    if isinstance(node, SlotNode):
        yield node
    elif isinstance(node, (OneOf, InOrder, AnyOrder)):
        for item in node.items:
            yield from slot_nodes(item)


@dataclasses.dataclass(frozen=True)
class Sampled:
    """A text of a template.

    Attributes:
        text: The text, words separated by single spaces.
        slots: `(name, start, end)` of each slot, half open, in code points of the text and in text order.
    """

    text: str
    slots: tuple[tuple[str, int, int], ...]

    def whole_words(self) -> Sampled | None:
        """The same text, each slot grown to the words that it cuts; `None` where two slots would then overlap."""
        slots = []
        end_before = 0
        for name, start, end in self.slots:
            while cuts_word(self.text, start):
                start -= 1
            while cuts_word(self.text, end):
                end += 1
            if start < end_before:
                return None
            end_before = end
            slots.append((name, start, end))
        return Sampled(self.text, tuple(slots))

    def cut_slot(self) -> tuple[str, int, int] | None:
        """The first slot that begins or ends inside a word, which no tag of words can say."""
        for slot in self.slots:
            if cuts_word(self.text, slot[1]) or cuts_word(self.text, slot[2]):
                return slot
        return None


def sample(node: Node, rng: random.Random, *, language: str = "", values: Values) -> Sampled:
    """Draws one text of a template: at each choice every alternative, value and order is as likely as any other.

    Args:
        node: What `Grammar.parse` returned.
        rng: What decides.
        language: Language of numbers in words.
        values: Values of the lists that the grammar left open.

    Raises:
        NoValuesError: If `values` has none of a list.
    """
    text = ""
    slots = []
    for words, slot in _drawn(node, rng, language, values):
        words = re.sub(r"\s+", " ", words)
        if not text or text.endswith(" "):
            words = words.removeprefix(" ")
        value = words.strip()
        if slot and value:
            start = len(text) + len(words) - len(words.lstrip())
            slots.append((slot, start, start + len(value)))
        text += words
    return Sampled(text.rstrip(), tuple(slots))


def draw_new(
    node: Node,
    rng: random.Random,
    seen: Collection[str],
    *,
    draws: int,
    language: str = "",
    values: Values,
) -> Sampled | None:
    """Draws a text that is not in `seen`, as `sample` does; `None` if as many draws gave no such text."""
    for _ in range(draws):
        drawn = sample(node, rng, language=language, values=values)
        if drawn.text not in seen:
            return drawn
    return None


def _drawn(
    node: Node, rng: random.Random, language: str, values: Values
) -> Iterator[tuple[str, str]]:
    """The words of a text from left to right, each with its slot or `""`."""
    if isinstance(node, str):
        yield node, ""
    elif isinstance(node, OneOf):
        yield from _drawn(chosen(node.items, rng), rng, language, values)
    elif isinstance(node, InOrder):
        for item in node.items:
            yield from _drawn(item, rng, language, values)
    elif isinstance(node, AnyOrder):
        left = list(node.items)
        drawn: list[tuple[str, str]] = []
        while left:
            item = chosen(left, rng)
            left.remove(item)
            drawn += [pair for pair in _drawn(item, rng, language, values) if pair[0]]
        yield from _stripped(drawn)
    elif isinstance(node, Numbers):
        yield _number(node, rng, language), ""
    elif node.values is None:
        known = values(node.list_name)
        if not known:
            raise NoValuesError(node.list_name)
        yield chosen(known, rng), node.name
    else:
        yield "".join(words for words, _ in _drawn(node.values, rng, language, values)), node.name


def _stripped(drawn: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Words without the white space before the first and after the last."""
    while drawn and not drawn[0][0].strip():
        drawn = drawn[1:]
    while drawn and not drawn[-1][0].strip():
        drawn = drawn[:-1]
    if drawn:
        drawn[0] = (drawn[0][0].lstrip(), drawn[0][1])
        drawn[-1] = (drawn[-1][0].rstrip(), drawn[-1][1])
    return drawn


def chosen(choices: Sequence[_T], rng: random.Random) -> _T:
    """One of some choices, the same with every version of Python."""
    return choices[int(rng.random() * len(choices))]


def _number(node: Numbers, rng: random.Random, language: str) -> str:
    number: float = chosen(node.integers, rng)
    if node.fractions and rng.random() < _FRACTIONS:
        number += chosen(node.fractions, rng)
    in_words = not node.digits or (node.words and rng.random() < 0.5)
    language = node.language or language
    if not in_words or not language:
        return f"{number:g}"
    try:
        engine = require("hassil.numbers").get_rbnf_engine(language)
    except ValueError:  # no rules for the numbers of this language
        return f"{number:g}"
    forms = sorted(set(engine.format_number(number).text_by_ruleset.values()))
    return chosen(forms, rng).replace("\u200b", "")
