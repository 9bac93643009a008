"""Development sentences and rows: what Home Assistant tests, or what templates say of which no training row is."""

from __future__ import annotations

import itertools
import math
import pathlib
import random
from collections.abc import Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.expressions import slot_nodes
from pqrnn_tf.datasets.formats.home_assistant import HomeAssistantTemplate, read_home_assistant
from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.rows import Example, SlotSpan
from recipes.home_assistant.cases import Case, Named, read_cases
from recipes.home_assistant.names import NAMED, Names
from recipes.home_assistant.rows import draw_rows, held_out_templates
from recipes.home_assistant.strict import Matcher, domain_groups

NOT_FOUND = "hassil does not find the slots of this sentence"
TESTS = "tests"
TEMPLATES = "held-out templates"
SHARE = 0.08
"""Share of an intent's templates that is held out in a language without tests."""
_SENTENCES = 500
_OTHERS = 12
_SEED = 11


def development_cases(folder: pathlib.Path, language: str) -> tuple[list[Case], str]:
    """What a language is measured on, and what that is: `TESTS` or `TEMPLATES`.

    Args:
        folder: The folder of sentences, lists, rules and tests.
        language: The language.
    """
    cases = read_cases(folder, language)
    return (cases, TESTS) if cases else (_cases_of_templates(folder, language), TEMPLATES)


def training_templates(
    templates: Sequence[HomeAssistantTemplate], *, tested: bool
) -> list[HomeAssistantTemplate]:
    """The templates that training rows may be of: all of them, or what is not held out.

    Args:
        templates: All templates of a language.
        tested: Whether the language has test sentences.
    """
    held = set() if tested else held_out_templates(templates, share=SHARE)
    return [template for template in templates if template.source not in held]


def _cases_of_templates(folder: pathlib.Path, language: str) -> list[Case]:
    """Sentences of held-out templates, with what hassil says of them.

    Each stands in a house that has what it names and things that others name.
    """
    read = read_home_assistant(folder, language)
    templates = read.templates
    by_source = {template.source: template for template in templates}
    held = held_out_templates(templates, share=SHARE)
    groups = domain_groups(folder)
    own = [template for template in templates if template.source in held]
    kinds = {}
    for template in own:
        combination = pathlib.Path(template.source.rpartition(":")[0]).stem
        kinds[template.source] = [
            domain
            for name in template.domains
            for domain in groups.get((template.intent, combination, name), (name,))
        ] or ["light"]
    if not own:
        return []
    rows = draw_rows(
        own,
        Names(language, seed=_SEED),
        rows=_SENTENCES,
        seed=_SEED,
        around=0.0,
        whole_words=False,
    )
    random.Random(_SEED).shuffle(rows)
    rng = random.Random(_SEED)
    things = [
        Named(slot.name, slot.text(row.text), slot.text(row.text), kind)
        for row in rows
        for slot in row.slots or ()
        if slot.name in NAMED and (kind := _kind(slot.name, kinds[row.template], rng)) is not None
    ]
    matcher = Matcher(folder, language)
    cases = []
    for row in rows:
        named = [
            Named(slot.name, slot.text(row.text), slot.text(row.text), kind)
            for slot in row.slots or ()
            if slot.name in NAMED
            and (kind := _kind(slot.name, kinds[row.template], rng)) is not None
        ]
        texts = {one.name for one in named}
        others = [pick(rng, things) for _ in range(_OTHERS)] if things else []
        house = (*named, *(one for one in dict.fromkeys(others) if one.name not in texts))
        found = matcher.recognize(row.text, house)
        if found is not None and found.intent.name == row.intent:
            values = _with_sign(matcher.values(found), by_source[row.template], read.lists)
            cases.append(Case(row.text, row.intent, values, house, row.source))
        if len(cases) == _SENTENCES:
            break
    return cases


def _with_sign(
    values: Mapping[str, Any], template: HomeAssistantTemplate, lists: Mapping[str, Any]
) -> dict[str, Any]:
    """The values with the sign that their lists say.

    Hassil knows numbers in words by their range only, so that `down by twenty` may be 20 once it has read `up by ten`.
    """
    signed = dict(values)
    for node in slot_nodes(template.node):
        known: Any = lists.get(node.list_name)
        value = signed.get(node.name)
        if hasattr(known, "multiplier") and isinstance(value, (int, float)) and known.start >= 0:
            signed[node.name] = math.copysign(value, known.multiplier or 1)
    return signed


def _kind(slot: str, domains: Sequence[str], rng: random.Random) -> str | None:
    """The domain of a thing; empty for an area or a floor."""
    return pick(rng, domains) if slot == "name" else ""


def labelled_cases(folder: pathlib.Path, language: str, cases: Sequence[Case]) -> list[Example]:
    """Rows of development sentences with the places of their slots, as hassil finds them.

    A sentence in which hassil does not find the expected slots has none, and counts as one that no model gets right.

    Args:
        folder: The folder of sentences, lists and rules.
        language: The language.
        cases: The sentences.
    """
    matcher = Matcher(folder, language)
    rows = []
    for case in cases:
        result = matcher.recognize(case.text, case.house)
        found = {} if result is None else {one.name: one for one in result.entities_list}
        spoken = set(case.slots) - ({"domain"} - set(found))
        if result is None or result.intent.name != case.intent or set(found) != spoken:
            rows.append(Example(case.text, case.intent, None, locale=language, problem=NOT_FOUND))
            continue
        slots = []
        for name, one in found.items():
            start, end = one.text_span or (0, 0)
            start += len(case.text[start:end]) - len(case.text[start:end].lstrip())
            end -= len(case.text[start:end]) - len(case.text[start:end].rstrip())
            if start < end:
                slots.append(SlotSpan(name, ((start, end),)))
        slots.sort(key=lambda slot: slot.start)
        known: dict[str, Any] = {"slots": tuple(slots)}
        if len(slots) < len(found) or any(
            one.end > other.start for one, other in itertools.pairwise(slots)
        ):
            known = {
                "slots": None,
                "problem": NOT_FOUND,
            }  # hassil's places, not its values, are wrong
        rows.append(Example(case.text, case.intent, locale=language, **known))
    return rows
