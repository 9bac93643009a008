"""Training rows from templates: a reader of template files and their expansion.

A file is UTF-8 text, one template a line: `INTENT<TAB>template`, the template in hassil's syntax
(`pqrnn_tf/datasets/expressions.py`). Empty lines and lines that start with `#` say nothing. An intent is any name.

    SET_ALARM<TAB>[please] <wake> me {(at seven|tomorrow):DATE_TIME}
    CREATE_CALL<TAB>(call|ring) {CONTACT} [on {app:NAME_APP}]
    <wake><TAB>(wake|get) [me] up
    {app}<TAB>(Signal|Skype)

- `{CONTACT}` is a value that the slot has in labelled rows of the language;
- `{(at seven|tomorrow):DATE_TIME}` is one of these values; an empty value stands for no slot;
- a line `<name><TAB>template` defines a rule, `{name}<TAB>(value|value)` a list, for all lines of the file.
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

from pqrnn_tf.datasets.expressions import (
    Grammar,
    Node,
    NoValuesError,
    Sampled,
    SlotNode,
    draw_new,
    parse_expression,
    sample,
    slot_nodes,
)
from pqrnn_tf.datasets.formats.text_files import numbered_lines, split_columns
from pqrnn_tf.datasets.making.augmentation import SlotValues
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.extras import require

_DRAWS = 8
_DEFINITION = re.compile(r"<(?P<rule>[^<>]+)>|\{(?P<list>[^{}:]+)\}")

Values = Callable[[str, str], Sequence[str]]
"""Maps the name of an intent and of a slot to values of the slot."""


@dataclasses.dataclass(frozen=True)
class Template:
    """An utterance with choices.

    Attributes:
        intent: Root intent, without `IN:`.
        expression: The utterance.
        source: `"file:line"`.
    """

    intent: str
    expression: Node
    source: str

    def slots(self) -> Iterator[SlotNode]:
        """Every slot that may occur."""
        return slot_nodes(self.expression)


def read_templates(path: str | os.PathLike[str]) -> list[Template]:
    """Reads a file of templates, in the form that the module describes.

    Raises:
        DataError: If the file is missing, holds no template, or lines cannot be read; each line of the message
            starts with `file:line`.
    """
    file = pathlib.Path(path)
    rules: dict[str, tuple[str, str]] = {}
    lists: dict[str, tuple[str, str]] = {}
    utterances = []
    wrong = []
    for number, line in numbered_lines(file):
        if not line.strip() or line.startswith("#"):
            continue
        source = f"{file}:{number}"
        try:
            name, body = split_columns(file, number, line, 2)
            if not re.search(r"\w", body):
                raise DataError(f"{source}: the template must have words. Received: {body!r}.")
            if match := _DEFINITION.fullmatch(name):
                kind = rules if match["rule"] else lists
                defined = match["rule"] or match["list"]
                if defined in kind:
                    raise DataError(
                        f"{source}: {name} is defined already, in {kind[defined][1]}. Keep one of the two."
                    )
                kind[defined] = (body, source)
            elif not name or name != name.strip() or name[0] in "<{":
                raise DataError(
                    f"{source}: the first column must be an intent, `<rule>` or `{{list}}`, without white space "
                    f"around it. Received: {name!r}."
                )
            else:
                utterances.append((name, body, source))
        except DataError as error:
            wrong.append(str(error))
    templates = []
    if not wrong:
        grammar = _grammar(rules, lists, wrong)
        for intent, body, source in utterances:
            try:
                templates.append(Template(intent, grammar.parse(body, source), source))
            except DataError as error:
                wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))
    if not templates:
        raise DataError(f"{file}: expected at least one line `INTENT<TAB>template`. Found none.")
    return templates


def _grammar(
    rules: dict[str, tuple[str, str]], lists: dict[str, tuple[str, str]], wrong: list[str]
) -> Grammar:
    """The definitions of a file; what cannot be read is added to `wrong`."""
    hassil = require("hassil")
    read = {}
    for name, (body, source) in lists.items():
        try:
            value = hassil.TextSlotValue(parse_expression(body, source), value_out=None)
            read[name] = hassil.TextSlotList(name, [value])
        except DataError as error:
            wrong.append(str(error))
    grammar = Grammar(rules, read, is_open=lambda name: True)
    for body, source in rules.values():
        try:
            grammar.parse(body, source)
        except DataError as error:
            wrong.append(str(error))
    return grammar


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
        language: Becomes the locale of the rows; numbers in words are in it.
        values: Values of the slots that a template gives none for, see `values_of_rows`.
        seed: Any integer.

    Returns:
        Rows with `slots`, without trees; their `source` is the template's.

    Raises:
        DataError: If a slot has no values, or its value would be part of a longer word (`at{DATE_TIME}`); the
            message starts with `file:line` of the template.
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
        drawn = _drawn(template, language, values, rng, seen)
        seen.add(drawn.text)
        slots = tuple(SlotSpan(name, ((start, end),)) for name, start, end in drawn.slots)
        examples.append(
            Example(
                drawn.text,
                template.intent,
                slots,
                locale=language,
                source=template.source,
                template=template.source,
            )
        )
    return examples


def _drawn(
    template: Template, language: str, values: Values, rng: random.Random, seen: set[str]
) -> Sampled:
    def of_list(name: str) -> Sequence[str]:
        return values(template.intent, name)

    try:
        new = draw_new(
            template.expression, rng, seen, draws=_DRAWS, language=language, values=of_list
        )
        drawn = new or sample(template.expression, rng, language=language, values=of_list)
    except NoValuesError as error:
        name = str(error)
        raise DataError(
            f"{template.source}: no row in the language {language!r} has a value of the slot {name}. "
            f"Give values: {{(one|another):{name}}}, or define the list: {{{name}}}<TAB>(one|another)."
        ) from error
    if cut := drawn.cut_slot():
        name, start, end = cut
        raise DataError(
            f"{template.source}: the value {drawn.text[start:end]!r} of the slot {name} is part of a longer word in "
            f"{drawn.text!r}. Put a space between the slot and the words beside it."
        )
    return drawn
