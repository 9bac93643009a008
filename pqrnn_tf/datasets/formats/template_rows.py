"""Rows of templates that stand for themselves: as many of each intent as its templates carry, their lists filled."""

from __future__ import annotations

import dataclasses
import os
import random
import re
from collections.abc import Iterable

from pqrnn_tf.datasets.expressions import Node, draw_new, slot_nodes
from pqrnn_tf.datasets.formats.found import Findings, Problem
from pqrnn_tf.datasets.formats.invented_values import invented_values
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan

ROWS_PER_TEMPLATE, FEWEST_ROWS, MOST_ROWS = 4, 60, 400
"""Rows of an intent in one language: so many for each of its templates, within these bounds, all of them different."""

_DRAWS = 40
_LOCALE = re.compile(r"[a-z]{2}([-_]([A-Za-z]{2,4}|\d{3}))?")


def first_locale(names: Iterable[str]) -> str:
    """The first of some names of folders that may be a language or a locale; empty if none may."""
    return next(filter(_LOCALE.fullmatch, names), "")


@dataclasses.dataclass(frozen=True)
class _Template:
    node: Node
    source: str
    domains: tuple[str, ...]


def report_error(error: DataError, file: str | os.PathLike[str], found: Findings) -> None:
    """Makes a bad row of an error whose message starts with `file:line`, once.

    Args:
        error: The error.
        file: The file that is meant where the message names none.
        found: Where the bad row goes.
    """
    match = re.match(r"(.+?):(\d+): ", str(error))
    message = str(error)[match.end() :] if match else str(error).removeprefix(f"{file}: ")
    problem = Problem(
        match[1] if match else os.fspath(file), int(match[2]) if match else 0, message
    )
    if problem not in found.problems:
        found.problems.append(problem)


class TemplateRows:
    """Collects the templates of one language and samples them.

    Args:
        language: Locale of the rows; empty where unknown.
        found: Where rows and notes go.
    """

    def __init__(self, language: str, found: Findings) -> None:
        self.language = language
        self.found = found
        self._templates: dict[str, list[_Template]] = {}
        self._made: set[str] = set()
        self._grown: dict[str, None] = {}

    def add(self, intent: str, node: Node, source: str, *, domains: tuple[str, ...] = ()) -> None:
        """Adds a template.

        Args:
            intent: Its intent.
            node: The template, parsed. Lists that it leaves open take invented values.
            source: Its `"file:line"`.
            domains: Kinds of devices that the list `name` may hold.
        """
        self._templates.setdefault(intent, []).append(_Template(node, source, domains))

    def sample(self) -> None:
        """Makes the rows, the same ones each time, and says what was invented or left out."""
        for intent, templates in self._templates.items():
            self._sample_intent(intent, templates)
        everything = [template for of_intent in self._templates.values() for template in of_intent]
        invented = {
            slot.list_name
            for template in everything
            for slot in slot_nodes(template.node)
            if slot.values is None
        }
        where = self.language or "unknown language"
        if invented:
            names = ", ".join(f"{{{name}}}" for name in sorted(invented))
            self.found.note(f"{where}: invented values fill {names}.")
        if self._grown:
            self.found.note(
                f"{where}: in {_counted(len(self._grown))} a slot is part of a longer word, such as "
                f"{next(iter(self._grown))}; there the slot is the whole word."
            )
        silent = [template.source for template in everything if template.source not in self._made]
        if silent:
            self.found.note(
                f"{where}: {_counted(len(silent))} without a row, such as {silent[0]}: other templates of the intent "
                "have their texts, or two slots share a word."
            )

    def _sample_intent(self, intent: str, templates: list[_Template]) -> None:
        """Draws rows of an intent, as many of each template as of any other while it has new texts."""
        rng = random.Random(f"{self.language} {intent}")
        most = max(MOST_ROWS, len(templates))
        wanted = min(max(ROWS_PER_TEMPLATE * len(templates), FEWEST_ROWS), most)
        seen: set[str] = set()
        left = templates
        while left and len(seen) < wanted:
            again = []
            for template in left[: wanted - len(seen)]:
                if (example := self._drawn(intent, template, rng, seen)) is not None:
                    seen.add(example.text)
                    again.append(template)
                    self.found.add(example)
            left = again

    def _drawn(
        self, intent: str, template: _Template, rng: random.Random, seen: set[str]
    ) -> Example | None:
        def values(name: str) -> tuple[str, ...]:
            return invented_values(name, self.language, template.domains)

        drawn = draw_new(
            template.node, rng, seen, draws=_DRAWS, language=self.language, values=values
        )
        whole = drawn and drawn.whole_words()
        if whole is None or not whole.text:
            return None
        self._made.add(template.source)
        if whole != drawn:
            self._grown[template.source] = None
        slots = tuple(SlotSpan(name, ((start, end),)) for name, start, end in whole.slots)
        return Example(
            whole.text,
            intent,
            slots,
            locale=self.language,
            source=template.source,
            template=template.source,
        )


def _counted(templates: int) -> str:
    return f"{templates} template{'s' * (templates != 1)}"
